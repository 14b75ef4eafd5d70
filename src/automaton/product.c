/* Two machines side by side: names are matched, then pairs of states are explored breadth-first; the plain yes or no of
 * equivalence merges states instead, with a union-find. */
#include <string.h>

#include "automaton/moore.h"
#include "automaton/pairs.h"
#include "core/alloc.h"
#include "core/status.h"

rs_status rs_match_names(uint32_t **symbols, uint32_t **outputs, const rs_automaton *a, const rs_automaton *b) {
    rs_status status = RS_OK;
    size_t k = rs_names_count(a->outputs);
    uint32_t *symbol = NULL, *output = NULL;
    RS_TRY_ALLOC(symbol = rs_alloc(a->m, sizeof *symbol));
    RS_TRY_ALLOC(output = rs_alloc(k, sizeof *output));
    for (size_t s = 0; s < a->m; s++) {
        const char *name = rs_names_get(a->alphabet, s);
        size_t found = rs_names_find(b->alphabet, name, strlen(name));
        if (found == SIZE_MAX) {
            status = rs_fail(RS_EINPUT, "the alphabets differ: only one has \"%s\"", name);
            goto cleanup;
        }
        symbol[s] = (uint32_t)found;
    }
    if (a->m != b->m) {
        status = rs_fail(RS_EINPUT, "the alphabets differ: %zu and %zu symbols", a->m, b->m);
        goto cleanup;
    }
    for (size_t o = 0; o < k; o++) {
        const char *name = rs_names_get(a->outputs, o);
        size_t found = rs_names_find(b->outputs, name, strlen(name));
        output[o] = found == SIZE_MAX ? UINT32_MAX : (uint32_t)found;
    }
    *symbols = symbol;
    *outputs = output;
    symbol = output = NULL;
cleanup:
    free(symbol);
    free(output);
    return status;
}

static uint32_t root(uint32_t *parent, uint32_t x) {
    while (parent[x] != x) x = parent[x] = parent[parent[x]];
    return x;
}

/* Hopcroft and Karp: merge what must be equal if the machines are, and look whether outputs contradict. The states of b
 * follow those of a; every merged pair is reached by one and the same non-empty word. */
static rs_status merges(bool *equal, const rs_automaton *a, const rs_automaton *b, const uint32_t *symbol,
                        const uint32_t *output) {
    rs_status status = RS_OK;
    size_t n = a->n, m = a->m, count = 1;
    bool agree = true;
    uint32_t *parent = NULL, *stack = NULL;
    RS_TRY_ALLOC(parent = rs_alloc(n + b->n, sizeof *parent));
    RS_TRY_ALLOC(stack = rs_alloc(n + b->n, 2 * sizeof *stack)); /* the first pair and one a merge */
    for (size_t i = 0; i < n + b->n; i++) parent[i] = (uint32_t)i;
    stack[0] = (uint32_t)a->start;
    stack[1] = (uint32_t)b->start;
    while (agree && count) {
        uint32_t p = stack[2 * --count], q = stack[2 * count + 1];
        for (size_t s = 0; agree && s < m; s++) {
            uint32_t to_a = a->next[p * m + s], to_b = b->next[q * m + symbol[s]];
            uint32_t x = root(parent, to_a), y = root(parent, (uint32_t)n + to_b);
            if (x == y) continue;
            parent[x] = y;
            agree = output[a->output[to_a]] == b->output[to_b];
            stack[2 * count] = to_a;
            stack[2 * count++ + 1] = to_b;
        }
    }
    *equal = agree;
cleanup:
    free(parent);
    free(stack);
    return status;
}

/* Breadth-first search finds pairs in the order of their words, and outputs are compared on every edge, so the first
 * difference is the first in the order of length and alphabet. */
rs_status rs_difference(bool *found, rs_word *word, const rs_automaton *a, size_t p, const rs_automaton *b, size_t q,
                        const uint32_t *symbol, const uint32_t *output) {
    rs_status status = RS_OK;
    size_t m = a->m, capacity = 0, known = 1;
    rs_pairs pairs = {0};
    uint32_t *back = NULL, index; /* [2*count] the pair and the symbol that a pair was found from */
    RS_TRY(rs_pairs_add(&pairs, (uint32_t)p, (uint32_t)q, &index));
    for (size_t i = 0; i < pairs.count; i++)
        for (size_t s = 0; s < m; s++) {
            uint32_t x = a->next[pairs.pair[2 * i] * m + s], y = b->next[pairs.pair[2 * i + 1] * m + symbol[s]];
            if (output[a->output[x]] != b->output[y]) {
                rs_word w = {.length = 1};
                for (size_t j = i; j; j = back[2 * j]) w.length++;
                RS_TRY_ALLOC(w.symbols = rs_alloc(w.length, sizeof *w.symbols));
                w.symbols[w.length - 1] = (uint32_t)s;
                for (size_t j = i, at = w.length - 1; j; j = back[2 * j]) w.symbols[--at] = back[2 * j + 1];
                *word = w;
                *found = true;
                goto cleanup;
            }
            if (a == b && x == y) continue;
            RS_TRY(rs_pairs_add(&pairs, x, y, &index));
            if (pairs.count == known) continue;
            RS_TRY(rs_reserve((void **)&back, &capacity, pairs.count, 2 * sizeof *back));
            back[2 * known] = (uint32_t)i;
            back[2 * known++ + 1] = (uint32_t)s;
        }
    *found = false;
cleanup:
    rs_pairs_free(&pairs);
    free(back);
    return status;
}

rs_status rs_automaton_equivalent(bool *equal, rs_word *word, const rs_automaton *a, const rs_automaton *b) {
    rs_status status = RS_OK;
    uint32_t *symbol = NULL, *output = NULL;
    bool same, found;
    RS_TRY(rs_match_names(&symbol, &output, a, b));
    RS_TRY(merges(&same, a, b, symbol, output));
    if (!same && word) {
        RS_TRY(rs_difference(&found, word, a, a->start, b, b->start, symbol, output));
        if (!found) {
            status = rs_fail(RS_EINTERNAL, "machines that differ have no distinguishing word");
            goto cleanup;
        }
    }
    *equal = same;
cleanup:
    free(symbol);
    free(output);
    return status;
}

rs_status rs_automaton_product(size_t *count, uint32_t **pairs, uint32_t **next, const rs_automaton *a,
                               const rs_automaton *b) {
    rs_status status = RS_OK;
    size_t m = a->m, capacity = 0;
    uint32_t *symbol = NULL, *output = NULL, *row = NULL, index;
    rs_pairs set = {0};
    RS_TRY(rs_match_names(&symbol, &output, a, b));
    RS_TRY(rs_pairs_add(&set, (uint32_t)a->start, (uint32_t)b->start, &index));
    for (size_t i = 0; i < set.count; i++) {
        RS_TRY(rs_reserve((void **)&row, &capacity, i + 1, m * sizeof *row));
        for (size_t s = 0; s < m; s++) {
            uint32_t p = a->next[set.pair[2 * i] * m + s], q = b->next[set.pair[2 * i + 1] * m + symbol[s]];
            RS_TRY(rs_pairs_add(&set, p, q, &row[i * m + s]));
        }
    }
    *count = set.count;
    *pairs = set.pair;
    *next = row;
    set.pair = row = NULL;
cleanup:
    rs_pairs_free(&set);
    free(symbol);
    free(output);
    free(row);
    return status;
}
