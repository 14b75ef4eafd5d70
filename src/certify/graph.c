/* The finite part of a certificate. The walk is that of the checker, but here nothing is judged: what is possible and
 * where the hints lead is written down for another program to judge. What only numbers can say (that sets lie inside of
 * regions) is not in it. */
#include <string.h>

#include "certify/exact.h"
#include "core/alloc.h"
#include "core/status.h"
#include "rnnsafe/certify.h"

typedef struct walk {
    rs_proof_graph *graph;
    const rs_certificate *certificate;
    const rs_monitor *monitor;
    const rs_context *ctx;
    rs_exact *net;
    rs_exact_state states[RS_CERTIFY_DEPTH + 1];
    size_t made, symbols, classes, next_hint, edge_capacity, node_capacity;
    int64_t *lo;       /* [2*S]: the part of a region's box that is walked from */
    bool *possible;    /* [depth * classes] */
    uint32_t *targets; /* the same, of possible ones */
} walk;

static rs_status no_proof(void) {
    return rs_fail(RS_EUSAGE, "the certificate is none that the checker accepts");
}

static rs_status add_node(walk *w, uint32_t monitor) {
    rs_proof_graph *g = w->graph;
    if (g->nodes >= UINT32_MAX / 2) return rs_fail(RS_EUSAGE, "a certificate of more than 2^31 nodes");
    rs_status status = rs_reserve((void **)&g->monitor, &w->node_capacity, g->nodes + 1, sizeof *g->monitor);
    if (status == RS_OK) g->monitor[g->nodes++] = monitor;
    return status;
}

static rs_status add_edge(walk *w, rs_proof_edge edge) {
    rs_proof_graph *g = w->graph;
    rs_status status = rs_reserve((void **)&g->edge, &w->edge_capacity, g->edges + 1, sizeof *g->edge);
    if (status == RS_OK) g->edge[g->edges++] = edge;
    return status;
}

static rs_status expand(walk *w, uint32_t node, size_t depth);

/* Where class `class` of a possible outcome leads from a node; the hint of classes that move the monitor alike is the
 * first one's. */
static rs_status follow(uint32_t *target, walk *w, uint32_t node, size_t depth, uint32_t symbol, uint32_t class) {
    const rs_certificate *z = w->certificate;
    const bool *possible = w->possible + depth * w->classes;
    uint32_t *targets = w->targets + depth * w->classes, at = w->graph->monitor[node];
    uint32_t to = rs_monitor_next(w->monitor, at, symbol, class);
    *target = RS_PROOF_LEFT;
    for (uint32_t lower = 0; lower < class; lower++)
        if (possible[lower] && rs_monitor_next(w->monitor, at, symbol, lower) == to) {
            *target = targets[lower];
            return RS_OK;
        }
    if (rs_monitor_safe(w->monitor, to)) return RS_OK;
    if (w->next_hint == z->hint_count) return no_proof();
    *target = z->hints[w->next_hint++];
    if (*target != RS_CERTIFY_EXPAND) return *target < z->regions ? RS_OK : no_proof();
    *target = (uint32_t)w->graph->nodes;
    rs_status status = add_node(w, to);
    return status == RS_OK ? expand(w, *target, depth + 1) : status;
}

/* All symbols from states[depth], which is that of a node. */
static rs_status expand(walk *w, uint32_t node, size_t depth) {
    rs_status status = RS_OK;
    const rs_certificate *z = w->certificate;
    if (depth == z->depth) return no_proof();
    bool *possible = w->possible + depth * w->classes;
    uint32_t *targets = w->targets + depth * w->classes;
    RS_TRY(rs_context_check(w->ctx));
    for (uint32_t symbol = 0; symbol < w->symbols; symbol++) {
        if (!rs_exact_step(&w->states[depth + 1], w->net, &w->states[depth], symbol, z->eps) ||
            !rs_exact_classes(possible, w->net, &w->states[depth + 1], z->eps_logit))
            return no_proof();
        for (uint32_t class = 0; class < w->classes; class ++) {
            if (!possible[class]) continue;
            RS_TRY(follow(&targets[class], w, node, depth, symbol, class));
            RS_TRY(add_edge(w, (rs_proof_edge){node, symbol, class, targets[class]}));
        }
    }
cleanup:
    return status;
}

/* A region, part by part: all of them are its node. */
static rs_status expand_part(walk *w, uint32_t region, size_t cuts) {
    rs_status status = RS_OK;
    const rs_certificate *z = w->certificate;
    uint32_t hint = w->next_hint < z->hint_count ? z->hints[w->next_hint] : 0;
    if (hint < RS_CERTIFY_CUT || hint == RS_CERTIFY_EXPAND) {
        rs_exact_box(&w->states[0], w->net, w->lo, w->lo + z->state_size);
        return expand(w, region, 0);
    }
    if (hint - RS_CERTIFY_CUT >= z->state_size || cuts == RS_CERTIFY_CUTS) return no_proof();
    int64_t *lo = w->lo + (hint - RS_CERTIFY_CUT), *hi = lo + z->state_size, low = *lo, high = *hi;
    w->next_hint++;
    *hi = low + (high - low) / 2;
    RS_TRY(expand_part(w, region, cuts + 1));
    *lo = *hi;
    *hi = high;
    RS_TRY(expand_part(w, region, cuts + 1));
    *lo = low;
cleanup:
    return status;
}

rs_status rs_certificate_graph(rs_proof_graph *out, const rs_certificate *z, const rs_network *net,
                               const rs_monitor *monitor, const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_proof_graph g = {.regions = z->regions, .start = z->start};
    walk w = {.graph = &g, .certificate = z, .monitor = monitor, .ctx = ctx};
    w.symbols = rs_names_count(rs_network_alphabet(net));
    w.classes = rs_names_count(rs_network_outputs(net));
    if (z->depth < 1 || z->depth > RS_CERTIFY_DEPTH || z->state_size != rs_network_state_size(net) ||
        z->start >= z->regions)
        return no_proof();
    RS_TRY(rs_exact_new(&w.net, net));
    if (z->more) rs_exact_allow(w.net, z->more);
    for (; w.made <= z->depth; w.made++) RS_TRY(rs_exact_state_new(&w.states[w.made], w.net, w.made + 1));
    RS_TRY_ALLOC(w.possible = rs_alloc(z->depth * w.classes, sizeof *w.possible));
    RS_TRY_ALLOC(w.targets = rs_alloc(z->depth * w.classes, sizeof *w.targets));
    RS_TRY_ALLOC(w.lo = rs_alloc(2 * z->state_size, sizeof *w.lo));
    for (size_t r = 0; r < z->regions; r++) RS_TRY(add_node(&w, z->monitor[r]));
    for (size_t r = 0; r < z->regions; r++) {
        if (z->monitor[r] >= rs_monitor_states(monitor)) {
            status = no_proof();
            goto cleanup;
        }
        if (rs_monitor_safe(monitor, z->monitor[r])) continue;
        rs_context_progress(ctx, "finite part", (double)r / (double)z->regions);
        memcpy(w.lo, z->lo + r * z->state_size, z->state_size * sizeof *w.lo);
        memcpy(w.lo + z->state_size, z->hi + r * z->state_size, z->state_size * sizeof *w.lo);
        RS_TRY(expand_part(&w, (uint32_t)r, 0));
    }
    *out = g;
    g = (rs_proof_graph){0};
cleanup:
    for (size_t i = 0; i < w.made; i++) rs_exact_state_free(&w.states[i]);
    free(w.lo);
    free(w.possible);
    free(w.targets);
    rs_exact_free(w.net);
    rs_proof_graph_clear(&g);
    return status;
}
