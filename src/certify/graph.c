/* The finite part of a certificate, as the checker meets it: what is possible and where the hints lead, for another
 * program to judge. What only numbers can say (that sets lie inside of regions) is not in it. */
#include "core/alloc.h"
#include "core/status.h"
#include "rnnsafe/certify.h"

typedef struct recorder {
    rs_proof_watch watch; /* first */
    const rs_certificate *certificate;
    const rs_monitor *monitor;
    rs_proof_graph graph;
    size_t classes, next_hint, edge_capacity, node_capacity;
    uint32_t at[RS_CERTIFY_DEPTH + 1]; /* nodes on the way from a region */
    uint32_t *targets;                 /* [RS_CERTIFY_DEPTH * classes]: where possible classes lead from each of them */
} recorder;

static rs_status add_node(recorder *r, uint32_t monitor) {
    rs_proof_graph *g = &r->graph;
    if (g->nodes >= UINT32_MAX / 2) return rs_fail(RS_EUSAGE, "a certificate of more than 2^31 nodes");
    rs_status status = rs_reserve((void **)&g->monitor, &r->node_capacity, g->nodes + 1, sizeof *g->monitor);
    if (status == RS_OK) g->monitor[g->nodes++] = monitor;
    return status;
}

/* The hint of a way that has one; behind the last one the checker says what is wrong. */
static uint32_t take_hint(recorder *r) {
    const rs_certificate *z = r->certificate;
    while (r->next_hint < z->hint_count && z->hints[r->next_hint] >= RS_CERTIFY_CUT &&
           z->hints[r->next_hint] != RS_CERTIFY_EXPAND)
        r->next_hint++; /* of a part: all parts of a region are its node */
    return r->next_hint < z->hint_count ? z->hints[r->next_hint++] : 0;
}

/* Where a class leads from the node in `at` after `depth` steps; of classes that move the monitor alike the first one
 * has the hint. */
static rs_status follow(recorder *r, size_t depth, uint32_t symbol, uint32_t class, const bool *possible) {
    uint32_t *targets = r->targets + depth * r->classes, monitor = r->graph.monitor[r->at[depth]];
    uint32_t to = rs_monitor_next(r->monitor, monitor, symbol, class);
    targets[class] = RS_PROOF_LEFT;
    for (uint32_t lower = 0; lower < class; lower++)
        if (possible[lower] && rs_monitor_next(r->monitor, monitor, symbol, lower) == to) {
            targets[class] = targets[lower];
            return RS_OK;
        }
    if (rs_monitor_safe(r->monitor, to)) return RS_OK;
    targets[class] = take_hint(r);
    if (targets[class] != RS_CERTIFY_EXPAND) return RS_OK;
    targets[class] = r->at[depth + 1] = (uint32_t)r->graph.nodes;
    return add_node(r, to);
}

static rs_status record(const rs_proof_watch *watch, size_t region, size_t depth, uint32_t symbol, uint32_t class,
                        const bool *possible) {
    rs_status status = RS_OK;
    recorder *r = (recorder *)(uintptr_t)watch;
    rs_proof_graph *g = &r->graph;
    if (!depth) r->at[0] = (uint32_t)region;
    RS_TRY(follow(r, depth, symbol, class, possible));
    RS_TRY(rs_reserve((void **)&g->edge, &r->edge_capacity, g->edges + 1, sizeof *g->edge));
    g->edge[g->edges++] = (rs_proof_edge){r->at[depth], symbol, class, r->targets[depth * r->classes + class]};
cleanup:
    return status;
}

rs_status rs_certificate_graph(bool *proved, char reason[160], rs_proof_graph *out, const rs_certificate *z,
                               const rs_network *net, const rs_monitor *monitor, const rs_context *ctx) {
    rs_status status = RS_OK;
    recorder r = {.watch = {record}, .certificate = z, .monitor = monitor};
    r.graph.regions = z->regions;
    r.graph.start = z->start;
    r.classes = rs_names_count(rs_network_outputs(net));
    RS_TRY_ALLOC(r.targets = rs_alloc(RS_CERTIFY_DEPTH * r.classes, sizeof *r.targets));
    for (size_t i = 0; i < z->regions; i++) RS_TRY(add_node(&r, z->monitor[i]));
    RS_TRY(rs_certificate_check(proved, reason, z, net, monitor, &r.watch, ctx));
    if (*proved) {
        *out = r.graph;
        r.graph = (rs_proof_graph){0};
    }
cleanup:
    free(r.targets);
    rs_proof_graph_clear(&r.graph);
    return status;
}
