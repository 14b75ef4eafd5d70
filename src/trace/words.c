/* A list of words: all symbols in one array, word i from starts[i] to starts[i + 1].
 *
 * A symbol takes `width` bytes, 1, 2 or 4: the fewest that the largest one so far needs. The first symbol that needs more widens
 * them all, which happens twice at most. */
#include "trace/words.h"

#include <string.h>

#include "core/alloc.h"
#include "core/random.h"
#include "core/status.h"

struct rs_words {
    void *symbols;    /* uint8_t, uint16_t or uint32_t */
    uint32_t *starts; /* [count + 1] */
    size_t count, symbols_capacity, starts_capacity, width;
    uint32_t largest; /* symbol */
};

static uint32_t get(const void *symbols, size_t width, size_t at) {
    if (width == 1) return ((const uint8_t *)symbols)[at];
    return width == 2 ? ((const uint16_t *)symbols)[at] : ((const uint32_t *)symbols)[at];
}

static void put(void *symbols, size_t width, size_t at, uint32_t symbol) {
    if (width == 1) ((uint8_t *)symbols)[at] = (uint8_t)symbol;
    else if (width == 2) ((uint16_t *)symbols)[at] = (uint16_t)symbol;
    else ((uint32_t *)symbols)[at] = symbol;
}

static size_t width_of(uint32_t symbol) {
    return symbol <= UINT8_MAX ? 1 : symbol <= UINT16_MAX ? 2 : 4;
}

rs_status rs_words_new(rs_words **out) {
    rs_status status = RS_OK;
    rs_words *words = NULL;
    RS_TRY_ALLOC(words = rs_alloc(1, sizeof *words));
    words->width = 1;
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
    RS_TRY(rs_reserve(&words->symbols, &words->symbols_capacity, used + symbols, words->width));
cleanup:
    return status;
}

/* Makes all symbols `width` bytes wide. */
static rs_status widen(rs_words *words, size_t width) {
    void *wide = rs_alloc(words->symbols_capacity, width);
    if (!wide) return RS_EMEMORY;
    for (size_t at = 0; at < words->starts[words->count]; at++) put(wide, width, at, get(words->symbols, words->width, at));
    free(words->symbols);
    words->symbols = wide;
    words->width = width;
    return RS_OK;
}

rs_status rs_words_add(rs_words *words, const uint32_t *symbols, size_t length) {
    rs_status status = RS_OK;
    uint32_t largest = words->largest;
    if (length > RS_WORD_LIMIT)
        return rs_fail(RS_EUSAGE, "a word of %zu symbols is longer than the %zu that are kept", length, RS_WORD_LIMIT);
    for (size_t k = 0; k < length; k++) largest = symbols[k] > largest ? symbols[k] : largest;
    RS_TRY(rs_words_reserve(words, 1, length));
    if (width_of(largest) > words->width) RS_TRY(widen(words, width_of(largest)));
    size_t start = words->starts[words->count];
    for (size_t k = 0; k < length; k++) put(words->symbols, words->width, start + k, symbols[k]);
    words->starts[++words->count] = (uint32_t)(start + length);
    words->largest = largest;
cleanup:
    return status;
}

rs_status rs_words_add_word(rs_words *words, const rs_words *from, size_t i) {
    rs_status status = RS_OK;
    size_t length = rs_words_length(from, i);
    uint32_t *word = NULL;
    RS_TRY_ALLOC(word = rs_alloc(length, sizeof *word));
    rs_words_copy(word, from, i);
    RS_TRY(rs_words_add(words, word, length));
cleanup:
    free(word);
    return status;
}

size_t rs_words_count(const rs_words *words) {
    return words->count;
}

size_t rs_words_length(const rs_words *words, size_t i) {
    return words->starts[i + 1] - words->starts[i];
}

uint32_t rs_words_symbol(const rs_words *words, size_t i, size_t k) {
    return get(words->symbols, words->width, words->starts[i] + k);
}

void rs_words_copy(uint32_t *to, const rs_words *words, size_t i) {
    for (size_t k = 0, at = words->starts[i]; at < words->starts[i + 1]; at++) to[k++] = get(words->symbols, words->width, at);
}

size_t rs_words_total(const rs_words *words) {
    return words->starts[words->count];
}

uint32_t rs_words_largest(const rs_words *words) {
    return words->largest;
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
    uint32_t *word = NULL;
    size_t capacity = 0;
    RS_TRY(check_sample(symbols, count, lengths));
    RS_TRY(rs_words_new(&words));
    rs_random random = rs_random_new(seed, 0);
    for (size_t i = 0; i < count; i++) {
        size_t length = draw_length(&random, lengths);
        RS_TRY(rs_reserve((void **)&word, &capacity, length, sizeof *word));
        for (size_t k = 0; k < length; k++) word[k] = (uint32_t)rs_random_below(&random, symbols);
        RS_TRY(rs_words_add(words, word, length));
    }
    *out = words;
    words = NULL;
cleanup:
    rs_words_free(words);
    free(word);
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

/* The next word of the same length in alphabet order: the last symbol that can grow does, those after it start again. */
static bool successor(uint32_t *word, size_t length, size_t symbols) {
    while (length && word[length - 1] + 1 == symbols) word[--length] = 0;
    if (length) word[length - 1]++;
    return length;
}

rs_status rs_words_all(rs_words **out, size_t symbols, size_t max_length, size_t limit) {
    rs_status status = RS_OK;
    rs_words *words = NULL;
    uint32_t *word = NULL;
    size_t count = 0, total = 0;
    if (!symbols || symbols > UINT32_MAX) return rs_fail(RS_EUSAGE, "an alphabet of %zu symbols", symbols);
    RS_TRY(count_all(&count, &total, symbols, max_length, limit < RS_WORDS_LIMIT ? limit : RS_WORDS_LIMIT));
    RS_TRY_ALLOC(word = rs_alloc(max_length, sizeof *word));
    RS_TRY(rs_words_new(&words));
    RS_TRY(rs_words_reserve(words, count, total));
    for (size_t length = 1; length <= max_length; length++) {
        do {
            RS_TRY(rs_words_add(words, word, length));
        } while (successor(word, length, symbols));
    }
    *out = words;
    words = NULL;
cleanup:
    rs_words_free(words);
    free(word);
    return status;
}
