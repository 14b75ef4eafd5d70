/* A list of words: all symbols in one array, word i from starts[i] to starts[i + 1]. */
#include "trace/words.h"

#include <string.h>

#include "core/alloc.h"
#include "core/random.h"
#include "core/status.h"

struct rs_words {
    uint32_t *symbols;
    size_t *starts; /* [count + 1] */
    size_t count, symbols_capacity, starts_capacity;
};

rs_status rs_words_new(rs_words **out) {
    rs_status status = RS_OK;
    rs_words *words = NULL;
    RS_TRY_ALLOC(words = rs_alloc(1, sizeof *words));
    RS_TRY(rs_words_reserve(words, 0, 0));
    words->starts[0] = 0;
    *out = words;
    words = NULL;
cleanup:
    rs_words_free(words);
    return status;
}

void rs_words_free(rs_words *words) {
    if (!words) return;
    free(words->symbols);
    free(words->starts);
    free(words);
}

rs_status rs_words_reserve(rs_words *words, size_t count, size_t symbols) {
    rs_status status = RS_OK;
    size_t used = words->starts ? words->starts[words->count] : 0;
    if (symbols > RS_WORDS_LIMIT - used || count > RS_WORDS_LIMIT - words->count)
        return rs_fail(RS_EUSAGE, "a list of words holds at most %zu words and %zu symbols: ask for fewer or shorter words",
                       RS_WORDS_LIMIT, RS_WORDS_LIMIT);
    RS_TRY(rs_reserve((void **)&words->starts, &words->starts_capacity, words->count + count + 1, sizeof *words->starts));
    RS_TRY(rs_reserve((void **)&words->symbols, &words->symbols_capacity, used + symbols, sizeof *words->symbols));
cleanup:
    return status;
}

/* Adds a word of `length` symbols, for which there is room, and returns where they go; NULL where that is nowhere, since no
 * word has had a symbol yet. */
static uint32_t *append(rs_words *words, size_t length) {
    size_t start = words->starts[words->count];
    words->starts[++words->count] = start + length;
    return words->symbols ? words->symbols + start : NULL;
}

rs_status rs_words_add(rs_words *words, const uint32_t *symbols, size_t length) {
    if (length > RS_WORD_LIMIT)
        return rs_fail(RS_EUSAGE, "a word of %zu symbols is longer than the %zu that are kept", length, RS_WORD_LIMIT);
    rs_status status = rs_words_reserve(words, 1, length);
    if (status != RS_OK) return status;
    uint32_t *to = append(words, length);
    if (length) memcpy(to, symbols, length * sizeof *to);
    return RS_OK;
}

size_t rs_words_count(const rs_words *words) {
    return words->count;
}

const uint32_t *rs_words_get(const rs_words *words, size_t i, size_t *length) {
    *length = words->starts[i + 1] - words->starts[i];
    return words->symbols ? words->symbols + words->starts[i] : NULL; /* NULL: no word has a symbol */
}

static size_t draw_length(rs_random *random, const rs_lengths *lengths) {
    if (lengths->kind == RS_LENGTHS_UNIFORM)
        return lengths->min + (size_t)rs_random_below(random, lengths->max - lengths->min + 1);
    size_t length = lengths->min;
    while (length < lengths->max && rs_random_unit(random) >= lengths->stop) length++;
    return length;
}

static rs_status check_sample(size_t symbols, size_t count, const rs_lengths *lengths) {
    if (!symbols || symbols > UINT32_MAX) return rs_fail(RS_EUSAGE, "an alphabet of %zu symbols", symbols);
    if (count > RS_WORDS_LIMIT) return rs_fail(RS_EUSAGE, "%zu words, more than %zu", count, RS_WORDS_LIMIT);
    return rs_lengths_check(lengths);
}

rs_status rs_words_sample(rs_words **out, size_t symbols, size_t count, const rs_lengths *lengths, uint64_t seed) {
    rs_status status = RS_OK;
    rs_words *words = NULL;
    RS_TRY(check_sample(symbols, count, lengths));
    RS_TRY(rs_words_new(&words));
    rs_random random = rs_random_new(seed, 0);
    for (size_t i = 0; i < count; i++) {
        size_t length = draw_length(&random, lengths);
        RS_TRY(rs_words_reserve(words, 1, length));
        uint32_t *to = append(words, length);
        for (size_t k = 0; k < length; k++) to[k] = (uint32_t)rs_random_below(&random, symbols);
    }
    *out = words;
    words = NULL;
cleanup:
    rs_words_free(words);
    return status;
}

/* Number of words of length 1 to max_length and of their symbols. RS_EUSAGE: more than the limits. */
static rs_status count_all(size_t *count, size_t *total, size_t symbols, size_t max_length, size_t limit) {
    size_t words = 0, sum = 0, power = 1;
    for (size_t length = 1; length <= max_length; length++) {
        if (power > (limit - words) / symbols || length > (RS_WORDS_LIMIT - sum) / (power * symbols))
            return rs_fail(RS_EUSAGE, "all words up to length %zu over %zu symbols are too many (at most %zu): take a shorter length",
                           max_length, symbols, limit);
        power *= symbols;
        words += power;
        sum += power * length;
    }
    *count = words;
    *total = sum;
    return RS_OK;
}

rs_status rs_words_all(rs_words **out, size_t symbols, size_t max_length, size_t limit) {
    rs_status status = RS_OK;
    rs_words *words = NULL;
    size_t count = 0, total = 0;
    if (!symbols || symbols > UINT32_MAX) return rs_fail(RS_EUSAGE, "an alphabet of %zu symbols", symbols);
    RS_TRY(count_all(&count, &total, symbols, max_length, limit < RS_WORDS_LIMIT ? limit : RS_WORDS_LIMIT));
    RS_TRY(rs_words_new(&words));
    RS_TRY(rs_words_reserve(words, count, total));
    for (size_t length = 1; words->count < count; length++) {
        uint32_t *word = append(words, length);
        memset(word, 0, length * sizeof *word);
        for (;;) {
            /* The successor: the last symbol that can grow does, those after it start again. */
            size_t k = length;
            while (k && word[k - 1] + 1 == symbols) k--;
            if (!k) break;
            uint32_t *next = append(words, length);
            memcpy(next, word, k * sizeof *next);
            memset(next + k, 0, (length - k) * sizeof *next);
            next[k - 1]++;
            word = next;
        }
    }
    *out = words;
    words = NULL;
cleanup:
    rs_words_free(words);
    return status;
}
