/* Passive refinement: nothing but recorded words.
 *
 * What a state would do after a suffix is guessed from what recorded states near it did. guess[x][s] is the node that x's step by s was
 * recorded to lead to, or else that of the nearest node of the same class which took s. Guesses chain, so that the
 * tree of splits and the search for conflicts of the active loop work unchanged on them. Guesses err where states of two kinds
 * lie close, so a split keeps needing several states behind either part.
 *
 * Distances are Euclidean over the whole hidden state; for LSTM c is put through tanh(c), since the cells of an accumulator would outweigh all others. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/blas.h"
#include "core/status.h"
#include "refine/loop.h"

/* Rows of states whose distances to all candidates are computed at once. */
#define ROWS ((size_t)64)

/* The states as the distances see them, and their squared norms. */
static rs_status features(float **out, float **norms, const rs_trace *trace) {
    rs_status status = RS_OK;
    const rs_network *net = rs_trace_network(trace);
    size_t n = rs_trace_size(trace), S = rs_network_state_size(net);
    size_t units = rs_network_units(net);
    float *x = NULL, *norm = NULL;
    RS_TRY_ALLOC(x = rs_memdup(rs_trace_states(trace), n * S, sizeof *x));
    RS_TRY_ALLOC(norm = rs_alloc(n, sizeof *norm));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < S; j++) {
            float *v = &x[i * S + j];
            if (j >= units) *v = tanhf(*v);
            norm[i] += *v * *v;
        }
    *out = x;
    *norms = norm;
    x = norm = NULL;
cleanup:
    free(x);
    free(norm);
    return status;
}

/* The nearest of `count` candidates (gathered rows y) for each node without a child by this symbol. Class decides first. */
static rs_status nearest(uint32_t *guess, size_t stride, const rs_trace *trace, const float *x, const float *norm, size_t count,
                         const uint32_t *candidate, const uint32_t *child, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t n = rs_trace_size(trace), S = rs_network_state_size(rs_trace_network(trace)), m = 0;
    const uint32_t *classes = rs_trace_classes(trace);
    uint32_t *rows = NULL;
    float *y = NULL, *block = NULL, *product = NULL;
    RS_TRY_ALLOC(rows = rs_alloc(n, sizeof *rows));
    RS_TRY_ALLOC(y = rs_alloc_aligned(count * S, sizeof *y));
    RS_TRY_ALLOC(block = rs_alloc_aligned(ROWS * S, sizeof *block));
    RS_TRY_ALLOC(product = rs_alloc_aligned(ROWS * count, sizeof *product));
    for (size_t i = 0; i < n; i++)
        if (guess[i * stride] == UINT32_MAX) rows[m++] = (uint32_t)i;
    for (size_t c = 0; c < count; c++) memcpy(y + c * S, x + candidate[c] * S, S * sizeof *y);
    for (size_t start = 0; start < m; start += ROWS) {
        size_t here = m - start < ROWS ? m - start : ROWS;
        RS_TRY(rs_context_check(ctx));
        for (size_t r = 0; r < here; r++) memcpy(block + r * S, x + rows[start + r] * S, S * sizeof *block);
        rs_gemm_nt(here, count, S, block, y, 0, product);
        for (size_t r = 0; r < here; r++) {
            uint32_t node = rows[start + r];
            size_t best = 0;
            float least = FLT_MAX;
            for (size_t c = 0; c < count; c++) {
                float distance = norm[candidate[c]] - 2 * product[r * count + c];
                if (classes[candidate[c]] != classes[node]) distance += 1e6f; /* another class only where there is none of its own */
                if (distance < least) {
                    least = distance;
                    best = c;
                }
            }
            guess[node * stride] = child[best];
        }
    }
cleanup:
    free(rows);
    free(y);
    free(block);
    free(product);
    return status;
}

rs_status rs_loop_guess(uint32_t **out, const rs_trace *trace, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t n = rs_trace_size(trace), m = rs_names_count(rs_network_alphabet(rs_trace_network(trace)));
    const uint32_t *parents = rs_trace_parents(trace), *symbols = rs_trace_symbols(trace);
    uint32_t *guess = NULL, *candidate = NULL, *child = NULL;
    float *x = NULL, *norm = NULL;
    RS_TRY_ALLOC(guess = rs_alloc(n * m, sizeof *guess));
    RS_TRY_ALLOC(candidate = rs_alloc(n, sizeof *candidate));
    RS_TRY_ALLOC(child = rs_alloc(n, sizeof *child));
    RS_TRY(features(&x, &norm, trace));
    memset(guess, 0xff, n * m * sizeof *guess);
    rs_blas_init();
    for (size_t i = 1; i < n; i++) guess[parents[i] * m + symbols[i]] = (uint32_t)i;
    for (size_t s = 0; s < m; s++) {
        size_t count = 0;
        for (size_t i = 1; i < n; i++) {
            if (symbols[i] != s) continue;
            candidate[count] = parents[i];
            child[count++] = (uint32_t)i;
        }
        if (!count) { /* a symbol that no word has: everything stays where it is */
            for (size_t i = 0; i < n; i++) guess[i * m + s] = (uint32_t)i;
            continue;
        }
        RS_TRY(nearest(guess + s, m, trace, x, norm, count, candidate, child, ctx));
    }
    *out = guess;
    guess = NULL;
cleanup:
    free(guess);
    free(candidate);
    free(child);
    free(x);
    free(norm);
    return status;
}

rs_status rs_loop_guessed_machine(rs_automaton **out, const rs_refinement *r) {
    rs_status status = RS_OK;
    size_t n = rs_trace_size(r->trace), m = rs_names_count(rs_network_alphabet(r->net)), k = rs_partition_count(r->partition);
    const uint32_t *labels = rs_partition_labels(r->partition), *parents = rs_trace_parents(r->trace);
    const uint32_t *symbols = rs_trace_symbols(r->trace), *first = rs_partition_first(r->partition);
    uint32_t *output = NULL, *next = NULL;
    uint64_t *count = NULL, *support = NULL;
    RS_TRY_ALLOC(count = rs_alloc(k * m * k, sizeof *count));
    RS_TRY_ALLOC(support = rs_alloc(k * m, sizeof *support));
    RS_TRY_ALLOC(output = rs_alloc(k, sizeof *output));
    RS_TRY_ALLOC(next = rs_alloc(k * m, sizeof *next));
    for (size_t i = 1; i < n; i++) count[(labels[parents[i]] * m + symbols[i]) * k + labels[i]]++;
    for (size_t c = 0; c < k; c++) output[c] = rs_trace_classes(r->trace)[first[c]];
    for (size_t e = 0; e < k * m; e++) {
        const uint64_t *row = count + e * k;
        size_t best = 0;
        for (size_t c = 0; c < k; c++) {
            if (row[c] > row[best]) best = c;
            support[e] += row[c];
        }
        next[e] = (uint32_t)best;
    }
    for (size_t e = 0; e < k * m; e++) /* never recorded: what is guessed of the first member */
        if (!support[e]) next[e] = labels[r->guess[first[e / m] * m + e % m]];
    RS_TRY(rs_automaton_new(out, rs_network_alphabet(r->net), rs_network_outputs(r->net), k, 0, output, next, support, NULL));
cleanup:
    free(count);
    free(support);
    free(output);
    free(next);
    return status;
}
