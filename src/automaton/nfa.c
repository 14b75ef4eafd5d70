/* Subset construction. A subset is a sorted list of states, closed under empty moves; subsets are found through one
 * hash table and numbered in breadth-first order. */
#include <string.h>

#include "automaton/moore.h"
#include "core/alloc.h"
#include "core/status.h"
#include "core/table.h"

typedef struct subset {
    uint32_t *state; /* [count] ascending */
    size_t count;
    size_t index;
    UT_hash_handle hh;
} subset;

typedef struct construction {
    size_t n, m, limit;
    const rs_nfa_edge *edge;
    size_t *past;     /* [n+1] edges of state q are by_state[past[q] .. past[q+1]-1] */
    size_t *by_state; /* [edges] */
    bool *in;         /* [n] the subset under construction */
    uint32_t *stack;  /* [n] and its elements */
    size_t depth;
    subset **subsets;
    size_t count, capacity;
    subset *table;
} construction;

static int ascending(const void *x, const void *y) {
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return (a > b) - (a < b);
}

static void put(construction *c, uint32_t state) {
    if (c->in[state]) return;
    c->in[state] = true;
    c->stack[c->depth++] = state;
}

/* The number of the closure of what was put, which is taken off again. */
static rs_status number(construction *c, uint32_t *index) {
    rs_status status = RS_OK;
    subset *new = NULL, *found;
    for (size_t i = 0; i < c->depth; i++)
        for (size_t e = c->past[c->stack[i]]; e < c->past[c->stack[i] + 1]; e++)
            if (c->edge[c->by_state[e]].symbol == UINT32_MAX) put(c, c->edge[c->by_state[e]].to);
    qsort(c->stack, c->depth, sizeof *c->stack, ascending);
    for (size_t i = 0; i < c->depth; i++) c->in[c->stack[i]] = false;
    HASH_FIND(hh, c->table, c->stack, c->depth * sizeof *c->stack, found);
    if (!found) {
        if (c->count >= c->limit) {
            status = rs_fail(RS_EINPUT, "more than %zu states after making the automaton deterministic", c->limit);
            goto cleanup;
        }
        RS_TRY(rs_reserve((void **)&c->subsets, &c->capacity, c->count + 1, sizeof *c->subsets));
        RS_TRY_ALLOC(new = rs_alloc(1, sizeof *new));
        RS_TRY_ALLOC(new->state = rs_memdup(c->stack, c->depth, sizeof *c->stack));
        new->count = c->depth;
        new->index = c->count;
        HASH_ADD_KEYPTR(hh, c->table, new->state, new->count * sizeof *new->state, new);
        RS_TRY_ALLOC(RS_TABLE_ADDED(new) ? new : NULL);
        c->subsets[c->count++] = found = new;
        new = NULL;
    }
    *index = (uint32_t)found->index;
cleanup:
    if (new) free(new->state);
    free(new);
    c->depth = 0;
    return status;
}

static rs_status construction_init(construction *c, size_t n, size_t m, size_t edges, const rs_nfa_edge *edge,
                                   size_t limit) {
    rs_status status = RS_OK;
    *c = (construction){.n = n, .m = m, .limit = limit < RS_STATES_LIMIT ? limit : RS_STATES_LIMIT, .edge = edge};
    for (size_t i = 0; i < edges; i++)
        if (edge[i].from >= n || edge[i].to >= n || (edge[i].symbol >= m && edge[i].symbol != UINT32_MAX))
            return rs_fail(RS_EUSAGE, "edge %zu (%u, %u, %u) of an automaton with %zu states and %zu symbols", i,
                           (unsigned)edge[i].from, (unsigned)edge[i].symbol, (unsigned)edge[i].to, n, m);
    RS_TRY_ALLOC(c->past = rs_alloc(n + 2, sizeof *c->past));
    RS_TRY_ALLOC(c->by_state = rs_alloc(edges, sizeof *c->by_state));
    RS_TRY_ALLOC(c->in = rs_alloc(n, sizeof *c->in));
    RS_TRY_ALLOC(c->stack = rs_alloc(n, sizeof *c->stack));
    for (size_t i = 0; i < edges; i++) c->past[edge[i].from + 2]++;
    for (size_t q = 0; q < n; q++) c->past[q + 1] += c->past[q];
    for (size_t i = 0; i < edges; i++) c->by_state[c->past[edge[i].from + 1]++] = i;
cleanup:
    return status;
}

static void construction_free(construction *c) {
    HASH_CLEAR(hh, c->table);
    for (size_t i = 0; i < c->count; i++) {
        free(c->subsets[i]->state);
        free(c->subsets[i]);
    }
    free(c->subsets);
    free(c->past);
    free(c->by_state);
    free(c->in);
    free(c->stack);
}

rs_status rs_automaton_determinise(rs_automaton **out, const rs_names *alphabet, size_t n, uint32_t start,
                                   const bool *accepting, size_t edges, const rs_nfa_edge *edge, size_t limit) {
    rs_status status = RS_OK;
    size_t m = rs_names_count(alphabet), capacity = 0;
    construction c = {0};
    rs_names *outputs = NULL;
    rs_automaton *whole = NULL;
    uint32_t *next = NULL, *output = NULL, first;
    if (start >= n) return rs_fail(RS_EUSAGE, "start %u of an automaton with %zu states", (unsigned)start, n);
    RS_TRY(construction_init(&c, n, m, edges, edge, limit));
    put(&c, start);
    RS_TRY(number(&c, &first));
    for (size_t i = 0; i < c.count; i++) {
        RS_TRY(rs_reserve((void **)&next, &capacity, i + 1, m * sizeof *next));
        for (size_t s = 0; s < m; s++) {
            const subset *from = c.subsets[i];
            for (size_t j = 0; j < from->count; j++)
                for (size_t e = c.past[from->state[j]]; e < c.past[from->state[j] + 1]; e++)
                    if (edge[c.by_state[e]].symbol == s) put(&c, edge[c.by_state[e]].to);
            RS_TRY(number(&c, &next[i * m + s]));
        }
    }
    RS_TRY_ALLOC(output = rs_alloc(c.count, sizeof *output));
    for (size_t i = 0; i < c.count; i++)
        for (size_t j = 0; j < c.subsets[i]->count; j++)
            if (accepting[c.subsets[i]->state[j]]) output[i] = 1;
    RS_TRY(rs_names_parse(&outputs, "outputs", "reject accept"));
    RS_TRY(rs_automaton_new(&whole, alphabet, outputs, c.count, 0, output, next, NULL, NULL));
    RS_TRY(rs_automaton_minimise(out, NULL, whole));
cleanup:
    construction_free(&c);
    rs_names_free(outputs);
    rs_automaton_free(whole);
    free(next);
    free(output);
    return status;
}
