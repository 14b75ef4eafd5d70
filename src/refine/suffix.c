/* A suffix is read along recorded steps as far as there are any, then along remembered ones; where these end too the
 * network runs on, many states side by side: each joins the batch at its depth.
 *
 * Clusters are split by all suffixes of a word, one after the other, and by many words: half of the steps beyond the
 * recorded states would come again. Those that are remembered hang in trees below recorded nodes.
 * Invariant: a remembered state is what the network's step gives, so that nothing but the cost depends on it. */
#include "refine/suffix.h"

#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

#define CHUNK ((size_t)4096)  /* states that are run after a suffix at once: bounds the scratch memory */
#define FEW ((size_t)1 << 14) /* numbers in the remembered states that come first */

/* Steps are named by 1 + their index; 0 is none. */
typedef struct step {
    uint32_t symbol, sibling, child; /* sibling: the next one from the same state; child: the first one from here */
} step;

/* A state from which the network runs on, after `depth` symbols of a suffix; `which` is to get the class. */
typedef struct runner {
    const float *from; /* a given state, unless at */
    size_t node;       /* the recorded node above it; RS_NOWHERE: nothing is remembered */
    uint32_t at;       /* the remembered step that leads to it; 0: node itself */
    size_t depth, which;
} runner;

/* What a batch of runners works in. */
typedef struct room {
    runner *runners;           /* [size] */
    float *states;             /* [size*S] */
    uint32_t *symbols, *found; /* [size] */
    size_t size;
} room;

struct rs_beyond {
    const rs_trace *trace;
    size_t S;
    uint32_t *first; /* [nodes] of the trace: the first step from there */
    size_t nodes, first_capacity;
    step *steps; /* [count] */
    size_t count, step_capacity;
    float *few, *many; /* the states that steps lead to; many: in large pages, of which unused ones cost nothing */
    size_t first_states, most; /* how many fit into few, and into both */
    room w;
};

static void room_free(room *w) {
    free(w->runners);
    free(w->states);
    free(w->symbols);
    free(w->found);
    *w = (room){0};
}

/* At least `size`, kept from call to call: the first touch of fresh memory costs as much as the steps. */
static rs_status room_grow(room *w, size_t size, size_t S) {
    rs_status status = RS_OK;
    if (size <= w->size) return RS_OK;
    room_free(w);
    RS_TRY_ALLOC(w->runners = rs_alloc(size, sizeof *w->runners));
    RS_TRY_ALLOC(w->states = rs_alloc_aligned(size * S, sizeof *w->states));
    RS_TRY_ALLOC(w->symbols = rs_alloc(size, sizeof *w->symbols));
    RS_TRY_ALLOC(w->found = rs_alloc(size, sizeof *w->found));
    w->size = size;
cleanup:
    if (status != RS_OK) room_free(w);
    return status;
}

rs_status rs_beyond_new(rs_beyond **out, const rs_trace *trace, size_t most) {
    rs_beyond *b = rs_alloc(1, sizeof *b);
    if (!b) return RS_EMEMORY;
    b->trace = trace;
    b->S = rs_network_state_size(rs_trace_network(trace));
    b->most = most / b->S;
    b->first_states = b->most < FEW / b->S ? b->most : FEW / b->S;
    *out = b;
    return RS_OK;
}

void rs_beyond_free(rs_beyond *b) {
    if (!b) return;
    room_free(&b->w);
    free(b->first);
    free(b->steps);
    free(b->few);
    free(b->many);
    free(b);
}

/* Makes room for the nodes that the trace has gained. */
static rs_status catch_up(rs_beyond *b) {
    size_t n = rs_trace_size(b->trace);
    rs_status status = rs_reserve((void **)&b->first, &b->first_capacity, n, sizeof *b->first);
    if (status != RS_OK) return status;
    memset(b->first + b->nodes, 0, (n - b->nodes) * sizeof *b->first);
    b->nodes = n;
    return RS_OK;
}

static float *state_of(const rs_beyond *b, uint32_t s) {
    size_t i = s - 1;
    return i < b->first_states ? b->few + i * b->S : b->many + (i - b->first_states) * b->S;
}

/* The first step from where a runner is. */
static uint32_t *steps_from(const rs_beyond *b, const runner *r) {
    return r->at ? &b->steps[r->at - 1].child : &b->first[r->node];
}

static uint32_t find(const rs_beyond *b, const runner *r, uint32_t symbol) {
    uint32_t s = *steps_from(b, r);
    while (s && b->steps[s - 1].symbol != symbol) s = b->steps[s - 1].sibling;
    return s;
}

/* The runner has made a step. Where there is no room for it, no later one of this runner is remembered. */
static rs_status remember(rs_beyond *b, runner *r, uint32_t symbol, const float *state) {
    rs_status status = RS_OK;
    uint32_t s = find(b, r, symbol);
    if (!s && b->count == b->most) {
        r->node = RS_NOWHERE;
        return RS_OK;
    }
    if (!s) {
        bool few = b->count < b->first_states;
        float **block = few ? &b->few : &b->many;
        RS_TRY(rs_reserve((void **)&b->steps, &b->step_capacity, b->count + 1, sizeof *b->steps));
        if (!*block)
            RS_TRY_ALLOC(*block = rs_alloc_aligned((few ? b->first_states : b->most - b->first_states) * b->S,
                                                   sizeof **block));
        uint32_t *first = steps_from(b, r);
        b->steps[b->count] = (step){.symbol = symbol, .sibling = *first};
        *first = s = (uint32_t)++b->count;
        memcpy(state_of(b, s), state, b->S * sizeof *state);
    }
    r->at = s;
cleanup:
    return status;
}

/* Follows the known steps of a node through a suffix. Returns whether recorded ones lead to its end, where *class is
 * known; else *r is where they end. */
static bool follow(runner *r, uint32_t *class, const rs_beyond *b, const rs_word *suffix) {
    const rs_trace *trace = b->trace;
    for (size_t next; r->depth < suffix->length; r->depth++, r->node = next)
        if ((next = rs_trace_child(trace, r->node, suffix->symbols[r->depth])) == SIZE_MAX) {
            r->from = rs_trace_states(trace) + r->node * b->S;
            for (uint32_t s; r->depth < suffix->length && (s = find(b, r, suffix->symbols[r->depth])); r->depth++)
                r->at = s;
            return false;
        }
    *class = rs_trace_classes(trace)[r->node];
    return true;
}

/* Runs `count` of them to the end of a suffix. Each joins the batch at its depth. */
static rs_status run_on(uint32_t *classes, rs_beyond *b, size_t count, const rs_word *suffix, const rs_context *ctx) {
    rs_status status = RS_OK;
    const rs_network *net = rs_trace_network(b->trace);
    const room *w = &b->w;
    size_t S = b->S, active = 0;
    for (size_t t = 0; t <= suffix->length && count; t++) {
        for (size_t i = active; i < count; i++) {
            if (w->runners[i].depth != t) continue;
            runner joins = w->runners[i];
            w->runners[i] = w->runners[active];
            w->runners[active] = joins;
            memcpy(w->states + active++ * S, joins.at ? state_of(b, joins.at) : joins.from, S * sizeof *w->states);
        }
        if (t == suffix->length) break;
        for (size_t i = 0; i < active; i++) w->symbols[i] = suffix->symbols[t];
        if (active) RS_TRY(rs_network_step(net, active, w->states, w->symbols, w->states, ctx));
        for (size_t i = 0; i < active; i++)
            if (w->runners[i].node != RS_NOWHERE)
                RS_TRY(remember(b, &w->runners[i], suffix->symbols[t], w->states + i * S));
    }
    if (count) RS_TRY(rs_network_classify(net, count, w->states, w->found, ctx));
    for (size_t i = 0; i < count; i++) classes[w->runners[i].which] = w->found[i];
cleanup:
    return status;
}

rs_status rs_suffix_classes(uint32_t *classes, rs_beyond *b, size_t m, const float *states, size_t offset,
                            const uint32_t *rows, const rs_word *suffix, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t chunk = m < CHUNK ? m : CHUNK;
    RS_TRY(catch_up(b));
    RS_TRY(room_grow(&b->w, chunk, b->S));
    for (size_t i = 0; i < m;) {
        size_t count = 0;
        for (; i < m && count < chunk; i++) {
            runner *r = &b->w.runners[count];
            bool known = offset != RS_NOWHERE;
            *r = (runner){
                .from = states + (size_t)rows[i] * b->S, .node = known ? offset + rows[i] : RS_NOWHERE, .which = i};
            count += !known || !follow(r, classes + i, b, suffix);
        }
        RS_TRY(run_on(classes, b, count, suffix, ctx));
    }
cleanup:
    return status;
}
