/* A suffix is read along recorded steps as far as there are any; where they end the network runs on, many states side
 * by side: each joins the batch at its depth. */
#include "refine/suffix.h"

#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

#define CHUNK ((size_t)4096) /* states that are run after a suffix at once: bounds the scratch memory */

/* A state from which the network runs on through a suffix, after `depth` of its symbols; `which` is to get the class.
 */
typedef struct runner {
    const float *from;
    size_t depth, which;
} runner;

/* Follows the recorded steps of a node through a suffix. Returns whether they lead to its end, where *class is known;
 * else sets *r to where they end. */
static bool follow(runner *r, uint32_t *class, const rs_trace *trace, size_t node, const rs_word *suffix) {
    for (size_t next; r->depth < suffix->length; r->depth++, node = next)
        if ((next = rs_trace_child(trace, node, suffix->symbols[r->depth])) == SIZE_MAX) {
            r->from = rs_trace_states(trace) + node * rs_network_state_size(rs_trace_network(trace));
            return false;
        }
    *class = rs_trace_classes(trace)[node];
    return true;
}

/* What a batch of runners works in. */
typedef struct room {
    runner *runners;           /* [CHUNK] */
    float *states;             /* [CHUNK*S] */
    uint32_t *symbols, *found; /* [CHUNK] */
} room;

static void room_free(room *w) {
    free(w->runners);
    free(w->states);
    free(w->symbols);
    free(w->found);
}

static rs_status room_new(room *w, size_t chunk, size_t S) {
    rs_status status = RS_OK;
    RS_TRY_ALLOC(w->runners = rs_alloc(chunk, sizeof *w->runners));
    RS_TRY_ALLOC(w->states = rs_alloc_aligned(chunk * S, sizeof *w->states));
    RS_TRY_ALLOC(w->symbols = rs_alloc(chunk, sizeof *w->symbols));
    RS_TRY_ALLOC(w->found = rs_alloc(chunk, sizeof *w->found));
cleanup:
    return status;
}

/* Runs `count` of them to the end of a suffix. Each joins the batch at its depth. */
static rs_status run_on(uint32_t *classes, const rs_network *net, room *w, size_t count, const rs_word *suffix,
                        const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t S = rs_network_state_size(net), active = 0;
    for (size_t t = 0; t <= suffix->length && count; t++) {
        for (size_t i = active; i < count; i++) {
            if (w->runners[i].depth != t) continue;
            runner joins = w->runners[i];
            w->runners[i] = w->runners[active];
            w->runners[active] = joins;
            memcpy(w->states + active++ * S, joins.from, S * sizeof *w->states);
        }
        if (t == suffix->length) break;
        for (size_t i = 0; i < active; i++) w->symbols[i] = suffix->symbols[t];
        if (active) RS_TRY(rs_network_step(net, active, w->states, w->symbols, w->states, ctx));
    }
    if (count) RS_TRY(rs_network_classify(net, count, w->states, w->found, ctx));
    for (size_t i = 0; i < count; i++) classes[w->runners[i].which] = w->found[i];
cleanup:
    return status;
}

rs_status rs_suffix_classes(uint32_t *classes, const rs_trace *trace, size_t m, const float *states, size_t offset,
                            const uint32_t *rows, const rs_word *suffix, const rs_context *ctx) {
    rs_status status = RS_OK;
    const rs_network *net = rs_trace_network(trace);
    room w = {0};
    size_t S = rs_network_state_size(net), chunk = m < CHUNK ? m : CHUNK;
    RS_TRY(room_new(&w, chunk, S));
    for (size_t i = 0; i < m;) {
        size_t count = 0;
        for (; i < m && count < chunk; i++) {
            w.runners[count] = (runner){.from = states + (size_t)rows[i] * S, .which = i};
            count += offset == RS_NOWHERE || !follow(w.runners + count, classes + i, trace, offset + rows[i], suffix);
        }
        RS_TRY(run_on(classes, net, &w, count, suffix, ctx));
    }
cleanup:
    room_free(&w);
    return status;
}
