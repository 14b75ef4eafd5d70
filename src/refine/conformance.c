/* Where machine and network part, and words that are likely to show it.
 *
 * Comparing needs no word list: both are run along a prefix tree, the machine by a table look-up a node. */
#include <string.h>

#include "core/alloc.h"
#include "core/random.h"
#include "core/status.h"
#include "refine/loop.h"

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
        size_t length;
        const uint32_t *word = rs_words_get(words, i, &length);
        if (!length) continue;
        size_t q = rs_automaton_run(r->machine, rs_automaton_start(r->machine), word, length);
        *agree += rs_automaton_output(r->machine, q) == rs_trace_classes(trace)[rs_trace_find(trace, word, length)];
        ++*counted;
    }
}

double rs_loop_share(size_t agree, size_t counted) {
    return counted ? (double)agree / (double)counted : 1;
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
    RS_TRY(rs_words_new(&access));
    RS_TRY(rs_words_new(&suffixes));
    RS_TRY(rs_automaton_access_words(access, machine));
    RS_TRY(rs_automaton_characterisation(suffixes, machine));
    if (!rs_words_count(suffixes)) RS_TRY(rs_words_add(suffixes, NULL, 0)); /* one state: nothing to tell apart */
    size_t pairs = rs_words_count(access) * rs_words_count(suffixes);
    while (depth < 3 && pairs * middles(m, depth + 1, most + 1) <= most) depth++;
    size_t count = middles(m, depth, SIZE_MAX / 2), total = pairs * count;
    /* Every word when they fit, else an even random choice of about `most`. */
    rs_random random = rs_random_new(seed, 0);
    double keep = total <= most ? 1 : (double)most / (double)total;
    for (size_t a = 0; a < rs_words_count(access); a++)
        for (size_t i = 0; i < count; i++)
            for (size_t e = 0; e < rs_words_count(suffixes); e++) {
                if (keep < 1 && rs_random_unit(&random) >= keep) continue;
                size_t head, tail;
                const uint32_t *u = rs_words_get(access, a, &head), *w = rs_words_get(suffixes, e, &tail);
                RS_TRY(rs_reserve((void **)&word, &capacity, head + depth + tail, sizeof *word));
                if (head) memcpy(word, u, head * sizeof *word);
                size_t length = head + middle(i, m, word + head);
                if (tail) memcpy(word + length, w, tail * sizeof *word);
                length += tail;
                if (length) RS_TRY(rs_words_add(out, word, length));
            }
    *all = keep >= 1;
cleanup:
    rs_words_free(access);
    rs_words_free(suffixes);
    free(word);
    return status;
}
