/* Moore machines as three arrays: output[q], next[q*m + s] and, where there are observations, support[q*m + s]. */
#include "automaton/moore.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

/* q0, q1, ... */
static rs_status numbered_names(rs_names **out, size_t n) {
    enum { WIDTH = 24 };
    rs_status status = RS_OK;
    char *text = NULL;
    const char **names = NULL;
    RS_TRY_ALLOC(text = rs_alloc(n, WIDTH));
    RS_TRY_ALLOC(names = rs_alloc(n, sizeof *names));
    for (size_t i = 0; i < n; i++) {
        names[i] = text + i * WIDTH;
        snprintf(text + i * WIDTH, WIDTH, "q%zu", i);
    }
    RS_TRY(rs_names_new(out, "states", n, names));
cleanup:
    free(text);
    free(names);
    return status;
}

static rs_status check(size_t n, size_t m, size_t outputs, size_t start, const uint32_t *output, const uint32_t *next,
                       const rs_names *state_names) {
    if (!n || n > RS_STATES_LIMIT)
        return rs_fail(RS_EINPUT, "automaton: %zu states; it needs 1 to %zu", n, RS_STATES_LIMIT);
    if (start >= n) return rs_fail(RS_EINPUT, "automaton: start %zu of %zu states", start, n);
    if (state_names && rs_names_count(state_names) != n)
        return rs_fail(RS_EINPUT, "automaton: %zu names for %zu states", rs_names_count(state_names), n);
    for (size_t q = 0; q < n; q++) {
        if (output[q] >= outputs)
            return rs_fail(RS_EINPUT, "automaton: state %zu has output %u of %zu", q, (unsigned)output[q], outputs);
        for (size_t s = 0; s < m; s++)
            if (next[q * m + s] >= n)
                return rs_fail(RS_EINPUT, "automaton: state %zu goes to %u of %zu states", q, (unsigned)next[q * m + s],
                               n);
    }
    return RS_OK;
}

rs_status rs_automaton_new(rs_automaton **out, const rs_names *alphabet, const rs_names *outputs, size_t n,
                           size_t start, const uint32_t *output, const uint32_t *next, const uint64_t *support,
                           const rs_names *state_names) {
    rs_status status = RS_OK;
    size_t m = rs_names_count(alphabet);
    rs_automaton *a = NULL;
    RS_TRY(check(n, m, rs_names_count(outputs), start, output, next, state_names));
    RS_TRY_ALLOC(a = rs_alloc(1, sizeof *a));
    a->n = n;
    a->m = m;
    a->start = start;
    RS_TRY(rs_names_copy(&a->alphabet, alphabet));
    RS_TRY(rs_names_copy(&a->outputs, outputs));
    if (state_names) RS_TRY(rs_names_copy(&a->states, state_names));
    else RS_TRY(numbered_names(&a->states, n));
    RS_TRY_ALLOC(a->output = rs_memdup(output, n, sizeof *output));
    RS_TRY_ALLOC(a->next = rs_memdup(next, n * m, sizeof *next)); /* no overflow: `next` exists */
    if (support) RS_TRY_ALLOC(a->support = rs_memdup(support, n * m, sizeof *support));
    *out = a;
    a = NULL;
cleanup:
    rs_automaton_free(a);
    return status;
}

void rs_automaton_free(rs_automaton *a) {
    if (!a) return;
    rs_names_free(a->alphabet);
    rs_names_free(a->outputs);
    rs_names_free(a->states);
    free(a->output);
    free(a->next);
    free(a->support);
    free(a);
}

const rs_names *rs_automaton_alphabet(const rs_automaton *a) {
    return a->alphabet;
}

const rs_names *rs_automaton_outputs(const rs_automaton *a) {
    return a->outputs;
}

size_t rs_automaton_states(const rs_automaton *a) {
    return a->n;
}

size_t rs_automaton_start(const rs_automaton *a) {
    return a->start;
}

uint32_t rs_automaton_output(const rs_automaton *a, size_t state) {
    return a->output[state];
}

uint32_t rs_automaton_next(const rs_automaton *a, size_t state, size_t symbol) {
    return a->next[state * a->m + symbol];
}

uint64_t rs_automaton_support(const rs_automaton *a, size_t state, size_t symbol) {
    return a->support ? a->support[state * a->m + symbol] : 0;
}

bool rs_automaton_has_support(const rs_automaton *a) {
    return a->support != NULL;
}

const char *rs_automaton_state_name(const rs_automaton *a, size_t state) {
    return rs_names_get(a->states, state);
}

size_t rs_automaton_run(const rs_automaton *a, size_t from, const uint32_t *word, size_t length) {
    for (size_t i = 0; i < length; i++) from = a->next[from * a->m + word[i]];
    return from;
}

size_t rs_automaton_run_word(const rs_automaton *a, size_t from, const rs_words *words, size_t i) {
    for (size_t k = 0; k < rs_words_length(words, i); k++) from = a->next[from * a->m + rs_words_symbol(words, i, k)];
    return from;
}

size_t rs_breadth_first(size_t n, size_t m, size_t start, const uint32_t *next, uint32_t *order, uint32_t *index) {
    size_t count = 1;
    memset(index, 0xff, n * sizeof *index);
    order[0] = (uint32_t)start;
    index[start] = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t s = 0; s < m; s++) {
            uint32_t q = next[order[i] * m + s];
            if (index[q] != RS_NO_STATE) continue;
            index[q] = (uint32_t)count;
            order[count++] = q;
        }
    return count;
}

rs_status rs_automaton_reachable(rs_automaton **out, uint32_t **index_of, const rs_names *alphabet,
                                 const rs_names *outputs, size_t n, size_t start, const uint32_t *output,
                                 const uint32_t *next, const uint64_t *support) {
    rs_status status = RS_OK;
    size_t m = rs_names_count(alphabet);
    uint32_t *order = NULL, *index = NULL, *new_output = NULL, *new_next = NULL;
    uint64_t *new_support = NULL;
    RS_TRY_ALLOC(order = rs_alloc(n, sizeof *order));
    RS_TRY_ALLOC(index = rs_alloc(n, sizeof *index));
    size_t count = rs_breadth_first(n, m, start, next, order, index);
    RS_TRY_ALLOC(new_output = rs_alloc(count, sizeof *new_output));
    RS_TRY_ALLOC(new_next = rs_alloc(count * m, sizeof *new_next));
    if (support) RS_TRY_ALLOC(new_support = rs_alloc(count * m, sizeof *new_support));
    for (size_t i = 0; i < count; i++) {
        new_output[i] = output[order[i]];
        for (size_t s = 0; s < m; s++) new_next[i * m + s] = index[next[order[i] * m + s]];
        if (support) memcpy(new_support + i * m, support + order[i] * m, m * sizeof *support);
    }
    RS_TRY(rs_automaton_new(out, alphabet, outputs, count, 0, new_output, new_next, new_support, NULL));
    if (index_of) {
        *index_of = index;
        index = NULL;
    }
cleanup:
    free(order);
    free(index);
    free(new_output);
    free(new_next);
    free(new_support);
    return status;
}
