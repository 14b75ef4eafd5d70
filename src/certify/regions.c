/* From the start, and then from every box that has grown, walks over all words in affine forms. One that comes to lie
 * in a box with the monitor's state ends there. One that does not makes the box of the nearest node grow, by more than
 * it needs (Cousot and Cousot, POPL 1977, doi:10.1145/512950.512973), if that keeps the box near its node; or else it
 * goes on, since what it holds gets smaller on most networks, and makes the box grow at last when it is too long. When
 * no grown box is left, the boxes are closed under all words. Boxes that grew least are walked from first: those of
 * others may have to grow again.
 *
 * Invariant: every walk from a box that is not pending ends in boxes, because boxes only grow; nodes that no walk came
 * to are no part of the proof. */
#include "certify/regions.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

#define FURTHEST 0x1p19

rs_status rs_regions_new(rs_regions **out, const rs_network *net, const rs_monitor *monitor, const rs_automaton *guide,
                         const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_regions *r = rs_alloc(1, sizeof *r);
    RS_TRY_ALLOC(r);
    r->classes = rs_names_count(rs_network_outputs(net));
    RS_TRY(rs_nodes_new(&r->nodes, net, monitor, guide, ctx));
    RS_TRY(rs_domain_new(&r->domain, net, RS_WALK_LIMIT));
    for (size_t i = 0; i <= RS_WALK_LIMIT; i++) RS_TRY(rs_zone_new(&r->zones[i], r->domain, i));
    RS_TRY_ALLOC(r->possible = rs_alloc((RS_WALK_LIMIT + 1) * r->classes, sizeof *r->possible));
    RS_TRY_ALLOC(r->middle = rs_alloc(r->nodes->size, sizeof *r->middle));
    RS_TRY_ALLOC(r->pending = rs_alloc(RS_NODE_LIMIT, sizeof *r->pending));
    *out = r;
    r = NULL;
cleanup:
    rs_regions_free(r);
    return status;
}

void rs_regions_free(rs_regions *r) {
    if (!r) return;
    for (size_t i = 0; i <= RS_WALK_LIMIT; i++) rs_zone_free(&r->zones[i]);
    rs_nodes_free(r->nodes);
    rs_domain_free(r->domain);
    free(r->possible);
    free(r->middle);
    free(r->pending);
    free(r);
}

/* ---- Boxes ---- */

static bool inside(const rs_nodes *t, const rs_zone *zone, size_t i) {
    const double *lo = t->lo + i * t->size, *hi = t->hi + i * t->size;
    for (size_t s = 0; s < t->size; s++)
        if (zone->lo[s] < lo[s] + RS_SLACK || zone->hi[s] > hi[s] - RS_SLACK) return false;
    return true;
}

size_t rs_regions_covering(const rs_regions *r, const rs_zone *zone, uint32_t monitor) {
    for (size_t i = 0; i < r->nodes->count; i++)
        if (r->nodes->at[i].joins && r->nodes->at[i].monitor == monitor && inside(r->nodes, zone, i)) return i;
    return SIZE_MAX;
}

/* The node nearest to the middle of a zone, made when there is none with these states; SIZE_MAX: too many. */
static size_t place(rs_regions *r, const rs_zone *zone, uint32_t monitor, uint32_t label) {
    rs_nodes *t = r->nodes;
    for (size_t s = 0; s < t->size; s++) r->middle[s] = (float)((zone->lo[s] + zone->hi[s]) / 2);
    double e;
    size_t to = rs_nodes_nearest(&e, t, monitor, label, r->middle);
    return to == SIZE_MAX && t->count < RS_NODE_LIMIT ? rs_nodes_add(t, monitor, label, 0, r->middle) : to;
}

/* Whether the box of node i may grow around the zone without getting too large. */
static bool near(const rs_regions *r, size_t i, const rs_zone *zone) {
    double reach = r->attempt.reach * r->attempt.tolerance;
    const float *point = r->nodes->point + i * r->nodes->size;
    for (size_t s = 0; s < r->nodes->size; s++)
        if (zone->lo[s] < (double)point[s] - reach || zone->hi[s] > (double)point[s] + reach) return false;
    return true;
}

static void join(rs_regions *r, size_t i, const rs_zone *zone) {
    rs_nodes *t = r->nodes;
    rs_node *at = &t->at[i];
    rs_cell cell = rs_network_cell(t->net);
    double part = r->attempt.widen * (1 + (double)at->joins / 8) / 2;
    size_t bounded = rs_cell_has_memory(cell) ? t->size / 2 : t->size;
    at->joins++;
    for (size_t s = 0; s < t->size; s++) {
        double *low = &t->lo[i * t->size + s], *high = &t->hi[i * t->size + s];
        double lo = fmin(*low, zone->lo[s] - 2 * RS_SLACK), hi = fmax(*high, zone->hi[s] + 2 * RS_SLACK),
               more = part * (hi - lo);
        /* What h does not need to reach beyond, except of a rectifier. */
        double edge = s < bounded && cell != RS_CELL_RELU ? 1 + 2 * r->attempt.eps : FURTHEST;
        if (lo < *low) *low = floor(fmin(lo, fmax(lo - more, -edge)) / RS_NODE_GRID) * RS_NODE_GRID;
        if (hi > *high) *high = ceil(fmax(hi, fmin(hi + more, edge)) / RS_NODE_GRID) * RS_NODE_GRID;
    }
    if (at->pending) return;
    at->pending = true;
    r->pending[r->waiting++] = (uint32_t)i;
}

/* The pending node whose box grew least often; the one that has waited longest of those. */
static size_t take(rs_regions *r) {
    size_t best = 0;
    for (size_t j = 1; j < r->waiting; j++)
        if (r->nodes->at[r->pending[j]].joins < r->nodes->at[r->pending[best]].joins) best = j;
    size_t i = r->pending[best];
    r->waiting--;
    memmove(r->pending + best, r->pending + best + 1, (r->waiting - best) * sizeof *r->pending);
    r->nodes->at[i].pending = false;
    return i;
}

/* ---- Walks ---- */

static bool give_up(rs_regions *r, rs_outcome outcome, size_t depth) {
    r->outcome = outcome;
    r->depth = depth;
    return false;
}

bool rs_regions_step(rs_regions *r, size_t depth, uint32_t symbol, bool **possible) {
    rs_zone *to = &r->zones[depth + 1];
    const double more = 1 + 1.0 / 64;
    r->work += rs_domain_work(r->domain, r->zones[depth].k);
    *possible = r->possible + depth * r->classes;
    if (!rs_domain_step(to, r->domain, &r->zones[depth], symbol, r->attempt.eps * more + RS_SLACK)) return false;
    rs_domain_classes(*possible, r->domain, to, r->attempt.eps_logit * more + RS_SLACK);
    return true;
}

bool rs_regions_leads_on(const rs_regions *r, const bool *possible, uint32_t at, uint32_t symbol, uint32_t class) {
    const rs_monitor *monitor = r->nodes->monitor;
    if (!possible[class]) return false;
    uint32_t to = rs_monitor_next(monitor, at, symbol, class);
    for (uint32_t lower = 0; lower < class; lower++)
        if (possible[lower] && rs_monitor_next(monitor, at, symbol, lower) == to) return false;
    return !rs_monitor_safe(monitor, to);
}

static bool walk(rs_regions *r, uint32_t monitor, uint32_t label, size_t depth);

/* From zones[depth], which no box covers. */
static bool go_on(rs_regions *r, uint32_t monitor, uint32_t label, size_t depth) {
    const rs_zone *zone = &r->zones[depth];
    if (depth < r->attempt.walk) return walk(r, monitor, label, depth);
    size_t at = place(r, zone, monitor, label);
    if (at == SIZE_MAX) return give_up(r, RS_ATTEMPT_LARGE, depth);
    if (depth < r->attempt.longest && !near(r, at, zone)) return walk(r, monitor, label, depth);
    join(r, at, zone);
    return true;
}

/* All words from zones[depth], where monitor and guide are in these states. */
static bool walk(rs_regions *r, uint32_t monitor, uint32_t label, size_t depth) {
    bool *possible;
    if (r->work > r->attempt.work) return give_up(r, RS_ATTEMPT_WORK, depth);
    if (rs_context_expired(r->ctx) || rs_context_interrupted(r->ctx)) return give_up(r, RS_ATTEMPT_TIME, depth);
    for (uint32_t symbol = 0; symbol < r->nodes->symbols; symbol++) {
        r->word[depth] = symbol;
        if (!rs_regions_step(r, depth, symbol, &possible)) return give_up(r, RS_ATTEMPT_UNBOUNDED, depth + 1);
        uint32_t to_label = rs_nodes_next_label(r->nodes, label, symbol);
        for (uint32_t class = 0; class < r->classes; class ++) {
            if (!rs_regions_leads_on(r, possible, monitor, symbol, class)) continue;
            uint32_t to = rs_monitor_next(r->nodes->monitor, monitor, symbol, class);
            if (rs_monitor_bad(r->nodes->monitor, to)) return give_up(r, RS_ATTEMPT_OUTPUT, depth + 1);
            if (rs_regions_covering(r, &r->zones[depth + 1], to) != SIZE_MAX) continue;
            if (!go_on(r, to, to_label, depth + 1)) return false;
        }
    }
    return true;
}

rs_status rs_regions_close(rs_outcome *outcome, rs_regions *r, const rs_attempt *attempt, const rs_context *ctx) {
    static const rs_outcome planted[] = {RS_ATTEMPT_CLOSED, RS_ATTEMPT_OUTPUT, RS_ATTEMPT_LARGE};
    rs_nodes *t = r->nodes;
    rs_planting how;
    r->attempt = *attempt;
    r->ctx = ctx;
    r->work = 0;
    r->waiting = r->node = r->depth = 0;
    rs_status status = rs_nodes_plant(&how, t, attempt->tolerance, attempt->tree_depth, ctx);
    if (status != RS_OK) return status;
    r->outcome = planted[how];
    r->pending[r->waiting++] = 0;
    while (r->waiting && r->outcome == RS_ATTEMPT_CLOSED) {
        size_t i = r->node = take(r);
        rs_zone_box(&r->zones[0], r->domain, t->lo + i * t->size, t->hi + i * t->size);
        walk(r, t->at[i].monitor, t->at[i].label, 0);
    }
    *outcome = r->outcome;
    return rs_context_check(ctx);
}

double rs_regions_open(const rs_regions *r) {
    size_t grown = 0;
    for (size_t i = 0; i < r->nodes->count; i++) grown += r->nodes->at[i].joins > 0;
    return grown ? (double)r->waiting / (double)grown : 1;
}
