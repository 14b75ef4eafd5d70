#include "automaton_ref.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static rs_names *numbered(const char *prefix, size_t count) {
    rs_names *names = NULL;
    char text[4096] = "";
    for (size_t i = 0; i < count; i++) snprintf(text + strlen(text), sizeof text - strlen(text), "%s%zu ", prefix, i);
    rs_names_parse(&names, "names", text);
    return names;
}

rs_automaton *ref_random_machine(rs_random *r, size_t n, size_t symbols, size_t outputs) {
    rs_names *alphabet = numbered("a", symbols), *names = numbered("o", outputs);
    uint32_t *output = malloc(n * sizeof *output), *next = malloc(n * symbols * sizeof *next);
    rs_automaton *a = NULL;
    for (size_t i = 0; i < n; i++) output[i] = (uint32_t)rs_random_below(r, outputs);
    for (size_t i = 0; i < n * symbols; i++) next[i] = (uint32_t)rs_random_below(r, n);
    rs_automaton_new(&a, alphabet, names, n, rs_random_below(r, n), output, next, NULL, NULL);
    rs_names_free(alphabet);
    rs_names_free(names);
    free(output);
    free(next);
    return a;
}

rs_automaton *ref_permuted(rs_random *r, const rs_automaton *a) {
    size_t n = rs_automaton_states(a), m = rs_names_count(rs_automaton_alphabet(a));
    uint32_t *to = malloc(n * sizeof *to), *output = malloc(n * sizeof *output), *next = malloc(n * m * sizeof *next);
    rs_automaton *b = NULL;
    for (size_t i = 0; i < n; i++) to[i] = (uint32_t)i;
    for (size_t i = n; i-- > 1;) {
        size_t j = rs_random_below(r, i + 1);
        uint32_t keep = to[i];
        to[i] = to[j];
        to[j] = keep;
    }
    for (size_t q = 0; q < n; q++) {
        output[to[q]] = rs_automaton_output(a, q);
        for (size_t s = 0; s < m; s++) next[to[q] * m + s] = to[rs_automaton_next(a, q, s)];
    }
    rs_automaton_new(&b, rs_automaton_alphabet(a), rs_automaton_outputs(a), n, to[rs_automaton_start(a)], output, next,
                     NULL, NULL);
    free(to);
    free(output);
    free(next);
    return b;
}

size_t ref_minimal_size(const rs_automaton *a) {
    size_t n = rs_automaton_states(a), m = rs_names_count(rs_automaton_alphabet(a)), start = rs_automaton_start(a);
    bool *reached = calloc(n, 1), *differ = calloc(n * n, 1);
    for (size_t s = 0; s < m; s++) reached[rs_automaton_next(a, start, s)] = true;
    for (bool change = true; change;) {
        change = false;
        for (size_t q = 0; q < n; q++)
            for (size_t s = 0; reached[q] && s < m; s++) {
                bool *to = &reached[rs_automaton_next(a, q, s)];
                change = change || !*to;
                *to = true;
            }
    }
    for (size_t p = 0; p < n; p++)
        for (size_t q = 0; q < n; q++) differ[p * n + q] = rs_automaton_output(a, p) != rs_automaton_output(a, q);
    for (bool change = true; change;) {
        change = false;
        for (size_t p = 0; p < n; p++)
            for (size_t q = 0; q < n; q++)
                for (size_t s = 0; s < m && !differ[p * n + q]; s++)
                    if (differ[rs_automaton_next(a, p, s) * n + rs_automaton_next(a, q, s)])
                        differ[p * n + q] = change = true;
    }
    size_t count = 0;
    bool start_is_one = false;
    for (size_t q = 0; q < n; q++) {
        if (!reached[q]) continue;
        bool first = true, same_row = true;
        for (size_t p = 0; p < q; p++) first = first && !(reached[p] && !differ[p * n + q]);
        for (size_t s = 0; s < m; s++)
            same_row = same_row && !differ[rs_automaton_next(a, q, s) * n + rs_automaton_next(a, start, s)];
        count += first;
        start_is_one = start_is_one || same_row;
    }
    free(reached);
    free(differ);
    return count + !start_is_one;
}

size_t ref_difference(const rs_automaton *a, const rs_automaton *b, size_t limit, uint32_t *word) {
    size_t m = rs_names_count(rs_automaton_alphabet(a));
    for (size_t length = 1; length <= limit; length++) {
        memset(word, 0, length * sizeof *word);
        for (size_t at = length; at;) {
            size_t p = rs_automaton_run(a, rs_automaton_start(a), word, length);
            size_t q = rs_automaton_run(b, rs_automaton_start(b), word, length);
            if (strcmp(rs_names_get(rs_automaton_outputs(a), rs_automaton_output(a, p)),
                       rs_names_get(rs_automaton_outputs(b), rs_automaton_output(b, q))) != 0)
                return length;
            for (at = length; at && ++word[at - 1] == m; at--) word[at - 1] = 0;
        }
    }
    return 0;
}

bool ref_identical(const rs_automaton *a, const rs_automaton *b) {
    size_t n = rs_automaton_states(a), m = rs_names_count(rs_automaton_alphabet(a));
    bool same = n == rs_automaton_states(b) && rs_automaton_start(a) == rs_automaton_start(b) &&
                rs_automaton_has_support(a) == rs_automaton_has_support(b) &&
                rs_names_equal(rs_automaton_alphabet(a), rs_automaton_alphabet(b)) &&
                rs_names_equal(rs_automaton_outputs(a), rs_automaton_outputs(b));
    for (size_t q = 0; same && q < n; q++) {
        same = rs_automaton_output(a, q) == rs_automaton_output(b, q) &&
               strcmp(rs_automaton_state_name(a, q), rs_automaton_state_name(b, q)) == 0;
        for (size_t s = 0; same && s < m; s++)
            same = rs_automaton_next(a, q, s) == rs_automaton_next(b, q, s) &&
                   rs_automaton_support(a, q, s) == rs_automaton_support(b, q, s);
    }
    return same;
}
