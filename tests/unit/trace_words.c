/* Word lists, length distributions, word files. */
#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/random.h"
#include "support/unit.h"
#include "trace/words.h"

static void lists(void) {
    rs_words *words = NULL;
    const uint32_t symbols[] = {5, 6, 7};
    uint32_t copy[3];
    CHECK_OK(rs_words_new(&words));
    CU_ASSERT(rs_words_count(words) == 0);
    CHECK_OK(rs_words_add(words, symbols, 3));
    CHECK_OK(rs_words_add(words, NULL, 0));
    CHECK_OK(rs_words_add(words, symbols + 1, 1));
    CU_ASSERT(rs_words_count(words) == 3);
    CU_ASSERT(rs_words_length(words, 0) == 3 && rs_words_length(words, 1) == 0 && rs_words_length(words, 2) == 1);
    rs_words_copy(copy, words, 0);
    CU_ASSERT(memcmp(copy, symbols, sizeof symbols) == 0);
    CU_ASSERT(rs_words_symbol(words, 0, 1) == 6 && rs_words_symbol(words, 2, 0) == 6);
    CHECK_OK(rs_words_add_word(words, words, 0));
    CU_ASSERT(rs_words_length(words, 3) == 3 && rs_words_symbol(words, 3, 2) == 7);
    CU_ASSERT(rs_words_total(words) == 7 && rs_words_largest(words) == 7);
    CHECK_FAILS(rs_words_add(words, symbols, RS_WORD_LIMIT + 1), RS_EUSAGE, "longer than");
    CHECK_FAILS(rs_words_reserve(words, 0, RS_WORDS_LIMIT), RS_EUSAGE, "fewer or shorter");
    CHECK_FAILS(rs_words_reserve(words, RS_WORDS_LIMIT, 0), RS_EUSAGE, "fewer or shorter");
    CU_ASSERT(rs_words_count(words) == 4);
    rs_words_free(words);
}

/* Symbols of a random magnitude, around the largest that a width holds. */
static uint32_t random_symbol(rs_random *r) {
    static const uint32_t most[] = {3, UINT8_MAX, UINT8_MAX + 1, UINT16_MAX, UINT16_MAX + 1, UINT32_MAX};
    uint32_t top = most[rs_random_below(r, 6)];
    return top - (uint32_t)rs_random_below(r, 4);
}

/* The list against arrays, after every word: words of small symbols first, so that the list widens in between. */
static void widths(void) {
    enum { WORDS = 40, LONGEST = 12 };
    uint64_t seed = unit_seed();
    for (uint64_t round = 0; round < 50; round++) {
        rs_random r = rs_random_new(seed, round);
        uint32_t wanted[WORDS][LONGEST], copy[LONGEST], largest = 0;
        size_t length[WORDS], total = 0, wrong = 0;
        rs_words *words = NULL, *other = NULL;
        CHECK_OK(rs_words_new(&words));
        CHECK_OK(rs_words_new(&other));
        for (size_t n = 0; n < WORDS; n++) {
            length[n] = (size_t)rs_random_below(&r, LONGEST + 1);
            for (size_t k = 0; k < length[n]; k++) {
                wanted[n][k] = n < WORDS / 2 ? (uint32_t)rs_random_below(&r, 256) : random_symbol(&r);
                largest = wanted[n][k] > largest ? wanted[n][k] : largest;
            }
            total += length[n];
            CHECK_OK(rs_words_add(words, wanted[n], length[n]));
            CHECK_OK(rs_words_add_word(other, words, n));
            CU_ASSERT_FATAL(rs_words_count(words) == n + 1 && rs_words_count(other) == n + 1);
            CU_ASSERT(rs_words_total(words) == total && rs_words_largest(words) == largest);
            for (size_t i = 0; i <= n; i++) {
                CU_ASSERT_FATAL(rs_words_length(words, i) == length[i] && rs_words_length(other, i) == length[i]);
                rs_words_copy(copy, other, i);
                wrong += memcmp(copy, wanted[i], length[i] * sizeof *copy) != 0;
                for (size_t k = 0; k < length[i]; k++) wrong += rs_words_symbol(words, i, k) != wanted[i][k];
            }
        }
        CU_ASSERT_EQUAL(wrong, 0);
        rs_words_free(words);
        rs_words_free(other);
    }
}

/* At 256 and at 65536 symbols: all words and random ones widen the list that was reserved for them. */
static void wide_alphabets(void) {
    const size_t alphabets[] = {255, 256, 257, 65535, 65536, 65537};
    const rs_lengths lengths = {RS_LENGTHS_UNIFORM, 1, 2, 0};
    for (size_t a = 0; a < 6; a++) {
        rs_words *words = NULL;
        CHECK_OK(rs_words_all(&words, alphabets[a], 1, alphabets[a]));
        CU_ASSERT_FATAL(rs_words_count(words) == alphabets[a]);
        size_t wrong = 0;
        for (size_t i = 0; i < alphabets[a]; i++) wrong += rs_words_symbol(words, i, 0) != i;
        CU_ASSERT_EQUAL(wrong, 0);
        CU_ASSERT(rs_words_largest(words) + 1 == alphabets[a]);
        rs_words_free(words);
        CHECK_OK(rs_words_sample(&words, alphabets[a], 1000, &lengths, unit_seed()));
        size_t upper = 0;
        for (size_t i = 0; i < 1000; i++) {
            CU_ASSERT_FATAL(rs_words_symbol(words, i, 0) < alphabets[a]);
            upper += rs_words_symbol(words, i, 0) >= alphabets[a] / 2;
        }
        CU_ASSERT(upper > 400 && upper < 600); /* six standard deviations */
        rs_words_free(words);
    }
}

static void all_words(void) {
    rs_words *words = NULL;
    CHECK_OK(rs_words_all(&words, 3, 4, 3 + 9 + 27 + 81));
    CU_ASSERT(rs_words_count(words) == 120);
    /* Word i is the i-th in length-lexicographic order: its digits in base 3 after the shorter words. */
    size_t shorter = 0, power = 3, wanted = 1;
    for (size_t i = 0; i < 120; i++) {
        if (i == shorter + power) shorter += power, power *= 3, wanted++;
        size_t value = 0;
        for (size_t k = 0; k < rs_words_length(words, i); k++) value = value * 3 + rs_words_symbol(words, i, k);
        CU_ASSERT(rs_words_length(words, i) == wanted && value == i - shorter);
    }
    rs_words_free(words);
    CHECK_FAILS(rs_words_all(&words, 3, 4, 119), RS_EUSAGE, "too many (at most 119)");
    CHECK_FAILS(rs_words_all(&words, 1000000, SIZE_MAX, SIZE_MAX), RS_EUSAGE, "too many");
    CHECK_FAILS(rs_words_all(&words, 1, SIZE_MAX, SIZE_MAX), RS_EUSAGE, "too many");
    CHECK_FAILS(rs_words_all(&words, 0, 1, 1), RS_EUSAGE, "0 symbols");
    CHECK_OK(rs_words_all(&words, 1, 5, 5));
    CU_ASSERT(rs_words_count(words) == 5);
    rs_words_free(words);
    CHECK_OK(rs_words_all(&words, 2, 0, 0));
    CU_ASSERT(rs_words_count(words) == 0);
    rs_words_free(words);
}

static void samples(void) {
    rs_words *words = NULL, *again = NULL;
    rs_lengths uniform = {RS_LENGTHS_UNIFORM, 1, 4, 0}, geometric = {RS_LENGTHS_GEOMETRIC, 2, 5, 0.5};
    uint32_t word[5], same[5];
    size_t bins[6] = {0}, symbols[3] = {0}, total = 0;
    uint64_t seed = unit_seed();
    CHECK_OK(rs_words_sample(&words, 3, 8000, &uniform, seed));
    CHECK_OK(rs_words_sample(&again, 3, 8000, &uniform, seed));
    for (size_t i = 0; i < 8000; i++) {
        size_t length = rs_words_length(words, i);
        CU_ASSERT_FATAL(length == rs_words_length(again, i) && length >= 1 && length <= 4);
        rs_words_copy(word, words, i);
        rs_words_copy(same, again, i);
        CU_ASSERT(memcmp(word, same, length * sizeof *word) == 0);
        bins[length]++;
        total += length;
        for (size_t k = 0; k < length; k++) symbols[word[k]]++;
    }
    /* Six standard deviations. */
    for (size_t i = 1; i <= 4; i++) CU_ASSERT(fabs((double)bins[i] - 2000) < 6 * sqrt(8000 * 0.25 * 0.75));
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT(fabs((double)symbols[i] - (double)total / 3) < 6 * sqrt((double)total * 2 / 9));
    rs_words_free(words);
    rs_words_free(again);
    memset(bins, 0, sizeof bins);
    CHECK_OK(rs_words_sample(&words, 2, 8000, &geometric, seed));
    for (size_t i = 0; i < 8000; i++) {
        size_t length = rs_words_length(words, i);
        CU_ASSERT_FATAL(length >= 2 && length <= 5);
        bins[length]++;
    }
    const double shares[] = {0.5, 0.25, 0.125, 0.125};
    for (size_t i = 0; i < 4; i++)
        CU_ASSERT(fabs((double)bins[i + 2] - 8000 * shares[i]) < 6 * sqrt(8000 * shares[i] * (1 - shares[i])));
    rs_words_free(words);
    rs_lengths bad = {RS_LENGTHS_UNIFORM, 3, 2, 0};
    CHECK_FAILS(rs_words_sample(&words, 2, 1, &bad, 1), RS_EUSAGE, "least is above the most");
    CHECK_FAILS(rs_words_sample(&words, 0, 1, &uniform, 1), RS_EUSAGE, "0 symbols");
    CHECK_FAILS(rs_words_sample(&words, 2, SIZE_MAX, &uniform, 1), RS_EUSAGE, "more than");
}

static void lengths_as_text(void) {
    static const char *const same[] = {"uniform:1..16", "uniform:0..3", "geometric:1..100:0.1", "geometric:0..1000000:1",
                                       "geometric:3..4:0.015625"};
    rs_lengths l;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        char *text = NULL;
        CHECK_OK(rs_lengths_parse(&l, same[i]));
        CHECK_OK(rs_lengths_format(&text, &l));
        CU_ASSERT_STRING_EQUAL(text, same[i]);
        free(text);
    }
    CHECK_OK(rs_lengths_parse(&l, "2..7"));
    CU_ASSERT(l.kind == RS_LENGTHS_UNIFORM && l.min == 2 && l.max == 7);
    static const char *const bad[] = {"", "1", "1..", "..5", "1..5:", "1..5x", "-1..5", "uniform:1..5:0.1", "geometric:1..5",
                                      "geometric:1..5:", "geometric:1..5:0.1.2", "geometric:1..5:nan", "normal:1..5",
                                      "1..99999999999999999999", "geometric:1..5:0.12345678901234567890"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_FAILS(rs_lengths_parse(&l, bad[i]), RS_EUSAGE, "write uniform:1..16");
    CHECK_FAILS(rs_lengths_parse(&l, "5..4"), RS_EUSAGE, "least is above");
    CHECK_FAILS(rs_lengths_parse(&l, "0..0"), RS_EUSAGE, "the empty word has no output");
    CHECK_FAILS(rs_lengths_parse(&l, "1..1000001"), RS_EUSAGE, "at most 1000000");
    CHECK_FAILS(rs_lengths_parse(&l, "geometric:1..5:0"), RS_EUSAGE, "not in (0, 1]");
    CHECK_FAILS(rs_lengths_parse(&l, "geometric:1..5:1.5"), RS_EUSAGE, "not in (0, 1]");
    CU_ASSERT(l.min == 2 && l.max == 7);
}

static rs_status read_corpus(rs_words **out, const char *alphabet_text, const char *name) {
    rs_names *alphabet = NULL;
    char path[256];
    snprintf(path, sizeof path, "tests/fuzz/corpus/words/%s", name);
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", alphabet_text));
    rs_status status = rs_words_read(out, alphabet, unit_source(path));
    rs_names_free(alphabet);
    return status;
}

/* Words as text, joined by '|'. */
static void check_words(const rs_words *words, const char *wanted) {
    char text[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < rs_words_count(words); i++) {
        for (size_t k = 0; k < rs_words_length(words, i) && used < 250; k++)
            text[used++] = (char)('0' + rs_words_symbol(words, i, k));
        text[used++] = '|';
    }
    text[used] = 0;
    CU_ASSERT_STRING_EQUAL(text, wanted);
}

static void files(void) {
    static const struct {
        const char *name, *alphabet, *wanted;
    } good[] = {{"good", "a b", "001|1||010|"}, {"no-line-feed", "a b", "01|"}, {"carriage-return", "a b", "01|10|"},
                {"empty", "a b", ""}, {"empty-word-alone", "a b", "|"}, {"no-line-feed", "open close ab", "2|"}};
    static const struct {
        const char *name, *alphabet, *message;
    } bad[] = {{"symbol-unknown", "a b", "symbol-unknown:2:3: \"c\" is not in the alphabet"},
               {"symbol-unknown", "ab d1", "symbol-unknown:2:1: \"abc\" is not"},
               {"utf8-invalid", "a b", "utf8-invalid:2:2: "}, {"utf8-cut", "a b", "utf8-cut:2:1: "},
               {"nul-byte", "a b", "nul-byte:1:2: "}, {"comment-after-blank", "a b", "comment-after-blank:1:2: \"#\""},
               {"byte-order-mark", "a b", "byte-order-mark:1:1: "}, {"missing", "a b", "cannot open"},
               {"empty-word-first", "a b", "empty-word-first:2:4: "}, {"", "a b", "not a regular file"}};
    rs_words *words = NULL;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        CHECK_OK(read_corpus(&words, good[i].alphabet, good[i].name));
        check_words(words, good[i].wanted);
        rs_words_free(words);
    }
    words = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_FAILS(read_corpus(&words, bad[i].alphabet, bad[i].name), RS_EINPUT, bad[i].message);
        CU_ASSERT_PTR_NULL(words);
    }
    CHECK_OK(read_corpus(&words, "a b", "word-long"));
    CU_ASSERT(rs_words_count(words) == 1 && rs_words_length(words, 0) == 40000);
    rs_words_free(words);
}

/* A word at the limit is read in the time of its length, a longer one is refused with its place. */
static void longest_word(void) {
    char path[] = "/tmp/rnnsafe-words-XXXXXX";
    int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0);
    FILE *file = fdopen(fd, "w");
    for (size_t i = 0; i < RS_WORD_LIMIT; i++) fputc('a' + (int)(i % 2), file);
    fputc('\n', file);
    for (size_t i = 0; i <= RS_WORD_LIMIT; i++) fputc('b', file);
    fclose(file);
    rs_names *alphabet = NULL;
    rs_words *words = NULL;
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "a b"));
    CHECK_FAILS(rs_words_read(&words, alphabet, path), RS_EINPUT, ":2:1000001: a word has at most 1000000 symbols");
    CU_ASSERT(truncate(path, (off_t)RS_WORD_LIMIT) == 0);
    CHECK_OK(rs_words_read(&words, alphabet, path));
    CU_ASSERT(rs_words_length(words, 0) == RS_WORD_LIMIT);
    rs_words_free(words);
    rs_names_free(alphabet);
    unlink(path);
}

static rs_status sweep(void *user) {
    (void)user;
    rs_names *alphabet = NULL;
    rs_words *read = NULL, *sampled = NULL, *all = NULL;
    char *text = NULL;
    rs_lengths lengths = {RS_LENGTHS_GEOMETRIC, 0, 30, 0.1};
    const uint32_t symbols[40] = {0}, wide[] = {0, 256}, wider[] = {65536};
    rs_status status = rs_names_parse(&alphabet, "alphabet", "a b");
    if (status == RS_OK) status = rs_words_read(&read, alphabet, unit_source("tests/fuzz/corpus/words/good"));
    if (status == RS_OK) status = rs_words_sample(&sampled, 2, 40, &lengths, 1);
    if (status == RS_OK) status = rs_words_all(&all, 2, 5, 100);
    if (status == RS_OK) {
        size_t count = rs_words_count(all);
        status = rs_words_add(all, symbols, 40);
        CU_ASSERT(rs_words_count(all) == count + (status == RS_OK));
        if (status == RS_OK) status = rs_words_add(all, wide, 2);
        if (status == RS_OK) status = rs_words_add_word(all, all, count + 1);
        if (status == RS_OK) status = rs_words_add(all, wider, 1);
        /* Words that were there before one that could not be added are as they were. */
        CU_ASSERT(rs_words_symbol(all, 1, 0) == 1 && rs_words_total(all) >= 5 * 32);
        if (rs_words_count(all) > count + 1) CU_ASSERT(rs_words_symbol(all, count + 1, 1) == 256);
    }
    if (status == RS_OK) status = rs_lengths_format(&text, &lengths);
    free(text);
    rs_words_free(read);
    rs_words_free(sampled);
    rs_words_free(all);
    rs_names_free(alphabet);
    return status;
}

static void out_of_memory(void) {
    unit_allocation_sweep(sweep, NULL, 1000);
}

static const unit_test tests[] = {
    {"lists", lists}, {"widths, against arrays", widths},
    {"alphabets beyond a byte", wide_alphabets}, {"all words in order", all_words}, {"random words", samples},
    {"length distributions as text", lengths_as_text}, {"word files, good and malformed", files},
    {"the longest word", longest_word}, {"out of memory", out_of_memory},
};

UNIT_MAIN("trace_words", tests)
