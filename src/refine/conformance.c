/* Where machine and network part, and words that are likely to show it.
 *
 * Comparing needs no word list: both are run along a prefix tree, the machine by a table look-up a node. */
#include <string.h>

#include "core/alloc.h"
#include "core/random.h"
#include "core/status.h"
#include "refine/loop.h"

#define DEPTH ((size_t)3) /* of middles, at most */
#define KIND ((size_t)3)  /* symbols of a kind, on average, from which on random words see too little of the other kinds */

/* The mean of right/members over the classes that have members; 1 when none has. */
static double balanced(const size_t *members, const size_t *right, size_t k) {
    double sum = 0;
    size_t occurring = 0;
    for (size_t c = 0; c < k; c++) {
        if (!members[c]) continue;
        occurring++;
        sum += (double)right[c] / (double)members[c];
    }
    return occurring ? sum / (double)occurring : 1;
}

rs_status rs_loop_partings(uint32_t **nodes, size_t *count, double *agreement, const rs_automaton *machine,
                           const rs_trace *trace, size_t most) {
    rs_status status = RS_OK;
    size_t n = rs_trace_size(trace), found = 0, k = rs_names_count(rs_automaton_outputs(machine));
    const uint32_t *parents = rs_trace_parents(trace), *symbols = rs_trace_symbols(trace);
    const uint32_t *classes = rs_trace_classes(trace);
    uint32_t *state = NULL, *list = NULL;
    size_t *members = NULL, *right = NULL; /* [k] nodes of each class, and those that the machine has right */
    bool *below = NULL; /* a node above, or this one, parts */
    RS_TRY_ALLOC(state = rs_alloc(n, sizeof *state));
    RS_TRY_ALLOC(below = rs_alloc(n, sizeof *below));
    RS_TRY_ALLOC(members = rs_alloc(k, sizeof *members));
    RS_TRY_ALLOC(right = rs_alloc(k, sizeof *right));
    RS_TRY_ALLOC(list = rs_alloc(most, sizeof *list));
    state[0] = (uint32_t)rs_automaton_start(machine);
    for (size_t i = 1; i < n; i++) {
        state[i] = rs_automaton_next(machine, state[parents[i]], symbols[i]);
        bool parts = rs_automaton_output(machine, state[i]) != classes[i];
        members[classes[i]]++;
        right[classes[i]] += !parts;
        if (parts && !below[parents[i]] && found < most) list[found++] = (uint32_t)i;
        below[i] = parts || below[parents[i]];
    }
    *nodes = list;
    *count = found;
    if (agreement) *agreement = balanced(members, right, k);
    list = NULL;
cleanup:
    free(state);
    free(below);
    free(list);
    free(members);
    free(right);
    return status;
}

void rs_loop_agree(size_t *agree, size_t *counted, const rs_refinement *r, const rs_trace *trace, const rs_words *words) {
    for (size_t i = 0; i < rs_words_count(words); i++) {
        if (!rs_words_length(words, i)) continue;
        size_t q = rs_automaton_run_word(r->machine, rs_automaton_start(r->machine), words, i);
        *agree += rs_automaton_output(r->machine, q) == rs_trace_classes(trace)[rs_trace_find_word(trace, words, i)];
        ++*counted;
    }
}

double rs_loop_share(size_t agree, size_t counted) {
    return counted ? (double)agree / (double)counted : 1;
}

/* Symbols by kind: those that lead to the same state from every state. */
typedef struct kinds {
    size_t count;
    uint32_t *symbols; /* [m], one kind after the other */
    uint32_t *first;   /* [count+1], where each begins */
    bool few;          /* at most one to KIND symbols */
} kinds;

static void kinds_free(kinds *k) {
    free(k->symbols);
    free(k->first);
}

static bool same_kind(const rs_automaton *a, size_t s, size_t t) {
    for (size_t q = 0; q < rs_automaton_states(a); q++)
        if (rs_automaton_next(a, q, s) != rs_automaton_next(a, q, t)) return false;
    return true;
}

static rs_status kinds_new(kinds *out, const rs_automaton *a) {
    rs_status status = RS_OK;
    size_t m = rs_names_count(rs_automaton_alphabet(a)), done = 0;
    kinds k = {0};
    bool *taken = NULL;
    RS_TRY_ALLOC(k.symbols = rs_alloc(m, sizeof *k.symbols));
    RS_TRY_ALLOC(k.first = rs_alloc(m + 1, sizeof *k.first));
    RS_TRY_ALLOC(taken = rs_alloc(m, sizeof *taken));
    for (size_t s = 0; s < m; s++) {
        if (taken[s]) continue;
        for (size_t t = s; t < m; t++) {
            if (taken[t] || !same_kind(a, s, t)) continue;
            taken[t] = true;
            k.symbols[done++] = (uint32_t)t;
        }
        k.first[++k.count] = (uint32_t)done;
    }
    k.few = k.count * KIND <= m;
    *out = k;
    k = (kinds){0};
cleanup:
    free(taken);
    kinds_free(&k);
    return status;
}

/* Some symbol of a kind. */
static uint32_t any_of(const kinds *k, size_t kind, rs_random *random) {
    return k->symbols[k->first[kind] + rs_random_below(random, k->first[kind + 1] - k->first[kind])];
}

rs_status rs_loop_even_words(rs_words *out, const rs_automaton *machine, const rs_words *lengths, uint64_t seed) {
    rs_status status = RS_OK;
    size_t capacity = 0;
    rs_words *access = NULL;
    uint32_t *word = NULL;
    kinds k = {0};
    rs_random random = rs_random_new(seed, 0);
    RS_TRY(rs_words_new(&access));
    RS_TRY(rs_automaton_access_words(access, machine));
    RS_TRY(kinds_new(&k, machine));
    for (size_t i = 0; k.few && i < rs_words_count(lengths); i++) {
        size_t start = (size_t)rs_random_below(&random, rs_words_count(access));
        size_t head = rs_words_length(access, start), length = rs_words_length(lengths, i);
        RS_TRY(rs_reserve((void **)&word, &capacity, head + length, sizeof *word));
        rs_words_copy(word, access, start);
        for (size_t t = 0; t < length; t++) word[head + t] = any_of(&k, (size_t)rs_random_below(&random, k.count), &random);
        if (head + length) RS_TRY(rs_words_add(out, word, head + length));
    }
cleanup:
    rs_words_free(access);
    kinds_free(&k);
    free(word);
    return status;
}

/* Number of middles of length 0 to depth, capped. */
static size_t middles(size_t m, size_t depth, size_t cap) {
    size_t total = 1, level = 1;
    for (size_t d = 0; d < depth && total < cap; d++) {
        level *= m;
        total += level;
    }
    return total < cap ? total : cap;
}

/* Number of middles of length above `depth`, to `deepest`, capped. */
static size_t more_middles(size_t m, size_t depth, size_t deepest, size_t cap) {
    return middles(m, deepest, cap) - middles(m, depth, cap);
}

/* The i-th middle in length-lexicographic order, into word. Returns its length. */
static size_t middle(size_t i, size_t m, uint32_t *word) {
    size_t length = 0, level = 1;
    while (i >= level) {
        i -= level;
        level *= m;
        length++;
    }
    for (size_t t = length; t-- > 0; i /= m) word[t] = (uint32_t)(i % m);
    return length;
}

rs_status rs_loop_conformance_words(rs_words *out, bool *all, const rs_automaton *machine, size_t most, uint64_t seed) {
    rs_status status = RS_OK;
    size_t m = rs_names_count(rs_automaton_alphabet(machine)), capacity = 0, depth = 1;
    rs_words *access = NULL, *suffixes = NULL;
    uint32_t *word = NULL;
    kinds k = {0};
    RS_TRY(rs_words_new(&access));
    RS_TRY(rs_words_new(&suffixes));
    RS_TRY(rs_automaton_access_words(access, machine));
    RS_TRY(rs_automaton_characterisation(suffixes, machine));
    if (!rs_words_count(suffixes)) RS_TRY(rs_words_add(suffixes, NULL, 0)); /* one state: nothing to tell apart */
    size_t pairs = rs_words_count(access) * rs_words_count(suffixes);
    while (depth < DEPTH && pairs * middles(m, depth + 1, most + 1) <= most) depth++;
    /* Where symbols are of few kinds, longer middles of every kind, with some symbol for each. */
    RS_TRY(kinds_new(&k, machine));
    if (k.few && pairs * middles(m, depth, most + 1) > most) depth = 0;
    size_t count = middles(m, depth, SIZE_MAX / 2), deepest = depth, more = 0;
    while (k.few && deepest < DEPTH && pairs * (count + more_middles(k.count, depth, deepest + 1, most + 1)) <= most)
        more = more_middles(k.count, depth, ++deepest, most + 1);
    size_t total = pairs * (count + more);
    /* Every word when they fit, else an even random choice of about `most`. */
    rs_random random = rs_random_new(seed, 0);
    double keep = total <= most ? 1 : (double)most / (double)total;
    for (size_t a = 0; a < rs_words_count(access); a++)
        for (size_t i = 0; i < count + more; i++)
            for (size_t e = 0; e < rs_words_count(suffixes); e++) {
                if (keep < 1 && rs_random_unit(&random) >= keep) continue;
                size_t head = rs_words_length(access, a), tail = rs_words_length(suffixes, e);
                RS_TRY(rs_reserve((void **)&word, &capacity, head + deepest + tail, sizeof *word));
                rs_words_copy(word, access, a);
                size_t length = head;
                if (i < count) length += middle(i, m, word + head);
                else {
                    length += middle(i - count + middles(k.count, depth, SIZE_MAX / 2), k.count, word + head);
                    for (size_t t = head; t < length; t++) word[t] = any_of(&k, word[t], &random);
                }
                rs_words_copy(word + length, suffixes, e);
                length += tail;
                if (length) RS_TRY(rs_words_add(out, word, length));
            }
    *all = keep >= 1;
cleanup:
    rs_words_free(access);
    rs_words_free(suffixes);
    kinds_free(&k);
    free(word);
    return status;
}
