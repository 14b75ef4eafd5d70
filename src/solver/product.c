/* The product on plain arrays. Successors are computed when they are asked for, so that the product of a large machine
 * and a large monitor costs no more memory than the two. */
#include "solver/product.h"

#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

void rs_product_free(rs_product *p) {
    if (!p) return;
    const void *arrays[] = {p->next, p->output, p->watch, p->bad, p->slot, p->watcher};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free((void *)(uintptr_t)arrays[i]);
    free(p);
}

/* Counts and numbers the live states of the monitor, and the pairs. */
static rs_status number(rs_product *p) {
    rs_status status = RS_OK;
    uint32_t *slot = NULL, *watcher = NULL;
    if (p->bad[0])
        return rs_fail(RS_EINPUT, "the monitor is bad before the first moment; the empty word violates nothing");
    RS_TRY_ALLOC(slot = rs_alloc(p->watchers, sizeof *slot));
    RS_TRY_ALLOC(watcher = rs_alloc(p->watchers, sizeof *watcher));
    p->live = 0;
    for (size_t m = 0; m < p->watchers; m++)
        if (!p->bad[m]) {
            slot[m] = (uint32_t)p->live;
            watcher[p->live++] = (uint32_t)m;
        }
    if (p->states > SIZE_MAX / 2 / p->live) {
        status = rs_fail(RS_EMEMORY, "%zu machine states times %zu monitor states are too many", p->states, p->live);
        goto cleanup;
    }
    p->locations = p->states * p->live;
    p->initial = p->start * p->live;
    p->slot = slot;
    p->watcher = watcher;
    slot = watcher = NULL;
cleanup:
    free(slot);
    free(watcher);
    return status;
}

rs_status rs_product_copy(rs_product **out, const rs_product *shape) {
    rs_status status = RS_OK;
    rs_product *p = NULL;
    RS_TRY_ALLOC(p = rs_alloc(1, sizeof *p));
    p->symbols = shape->symbols;
    p->outputs = shape->outputs;
    p->states = shape->states;
    p->start = shape->start;
    p->watchers = shape->watchers;
    RS_TRY_ALLOC(p->next = rs_memdup(shape->next, p->states * p->symbols, sizeof *p->next));
    RS_TRY_ALLOC(p->output = rs_memdup(shape->output, p->states, sizeof *p->output));
    RS_TRY_ALLOC(p->watch = rs_memdup(shape->watch, p->watchers * p->symbols * p->outputs, sizeof *p->watch));
    RS_TRY_ALLOC(p->bad = rs_memdup(shape->bad, p->watchers, sizeof *p->bad));
    RS_TRY(number(p));
    *out = p;
    p = NULL;
cleanup:
    rs_product_free(p);
    return status;
}

rs_status rs_product_new(rs_product **out, const rs_automaton *a, const rs_monitor *m) {
    rs_status status = RS_OK;
    uint32_t *next = NULL, *output = NULL, *watch = NULL;
    bool *bad = NULL;
    rs_product *p = NULL;
    if (!rs_names_equal(rs_automaton_alphabet(a), rs_monitor_alphabet(m)))
        return rs_fail(RS_EINPUT, "machine and monitor have different alphabets, or in a different order");
    if (!rs_names_equal(rs_automaton_outputs(a), rs_monitor_outputs(m)))
        return rs_fail(RS_EINPUT, "machine and monitor have different outputs, or in a different order");
    size_t k = rs_names_count(rs_automaton_alphabet(a)), o = rs_names_count(rs_automaton_outputs(a));
    size_t n = rs_automaton_states(a), w = rs_monitor_states(m);
    if (k > SIZE_MAX / o || n > SIZE_MAX / k || w > SIZE_MAX / (k * o))
        return rs_fail(RS_EMEMORY, "the product of machine and monitor is too large");
    RS_TRY_ALLOC(p = rs_alloc(1, sizeof *p));
    RS_TRY_ALLOC(p->next = next = rs_alloc(n * k, sizeof *next));
    RS_TRY_ALLOC(p->output = output = rs_alloc(n, sizeof *output));
    RS_TRY_ALLOC(p->watch = watch = rs_alloc(w * k * o, sizeof *watch));
    RS_TRY_ALLOC(p->bad = bad = rs_alloc(w, sizeof *bad));
    for (size_t q = 0; q < n; q++) {
        output[q] = rs_automaton_output(a, q);
        for (size_t s = 0; s < k; s++) next[q * k + s] = rs_automaton_next(a, q, s);
    }
    for (size_t i = 0; i < w; i++) {
        bad[i] = rs_monitor_bad(m, i);
        for (size_t s = 0; s < k; s++)
            for (size_t y = 0; y < o; y++) watch[(i * k + s) * o + y] = rs_monitor_next(m, i, (uint32_t)s, (uint32_t)y);
    }
    p->symbols = k;
    p->outputs = o;
    p->states = n;
    p->start = rs_automaton_start(a);
    p->watchers = w;
    RS_TRY(number(p));
    *out = p;
    p = NULL;
cleanup:
    rs_product_free(p);
    return status;
}

size_t rs_product_next(const rs_product *p, size_t location, size_t symbol) {
    size_t q = p->next[location / p->live * p->symbols + symbol];
    size_t m = p->watch[(p->watcher[location % p->live] * p->symbols + symbol) * p->outputs + p->output[q]];
    return p->bad[m] ? p->locations : q * p->live + p->slot[m];
}

size_t rs_product_replay(const rs_product *p, const uint32_t *word, size_t length) {
    size_t q = p->start, m = 0;
    for (size_t i = 0; i < length; i++) {
        q = p->next[q * p->symbols + word[i]];
        m = p->watch[(m * p->symbols + word[i]) * p->outputs + p->output[q]];
        if (p->bad[m]) return i + 1;
    }
    return 0;
}
