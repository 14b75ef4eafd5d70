/* From the start, and then from every box that has grown, walks over all words in affine forms. One that comes to lie
 * in a box with the monitor's state ends there. One that does not makes the box of the nearest node grow, by more than
 * it needs (Cousot and Cousot, POPL 1977, doi:10.1145/512950.512973), if that keeps the box near its node; or else it
 * goes on, since what it holds gets smaller on most networks. One that is too long at last makes the box grow whatever
 * comes; or the box that it came from is cut in two, along the coordinate that most of what it holds comes from, and
 * each half is walked from. When no grown box is left, the boxes are closed under all words.
 *
 * Invariant: every walk from a box that is not pending ends in boxes, because boxes only grow; nodes that no walk came
 * to are no part of the proof. */
#include "certify/regions.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "core/status.h"

#define FURTHEST 0x1p19
#define CLOCK 16  /* walks from one look at the clock to the next */
#define THIN 1e-5 /* a side that no cut makes better */

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
    RS_TRY_ALLOC(r->shape = rs_alloc(3 * r->nodes->size, sizeof *r->shape));
    r->lo = r->shape + r->nodes->size;
    r->hi = r->lo + r->nodes->size;
    RS_TRY_ALLOC(r->pending = rs_alloc(RS_NODE_LIMIT, sizeof *r->pending));
    RS_TRY_ALLOC(r->cut = rs_alloc(RS_CUT_LIMIT, sizeof *r->cut));
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
    free(r->shape);
    free(r->pending);
    free(r->cut);
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

/* How far a side of a box may be from its node. */
static double reach(const rs_regions *r, size_t s) {
    return r->attempt.reach * r->attempt.tolerance * (r->attempt.shaped ? r->shape[s] : 1);
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
    const float *point = r->nodes->point + i * r->nodes->size;
    for (size_t s = 0; s < r->nodes->size; s++)
        if (zone->lo[s] < (double)point[s] - reach(r, s) || zone->hi[s] > (double)point[s] + reach(r, s)) return false;
    return true;
}

/* Whether a new node may be made for it, after `depth` steps. */
static bool narrow(const rs_regions *r, const rs_zone *zone, size_t depth) {
    double share = depth < r->attempt.longest ? r->attempt.narrow : 1;
    if (r->attempt.narrow <= 0 || r->nodes->count == RS_NODE_LIMIT) return false;
    for (size_t s = 0; s < r->nodes->size; s++)
        if (zone->hi[s] - zone->lo[s] > 2 * share * reach(r, s)) return false;
    return true;
}

/* Puts node i behind those that are to be walked from. */
static void wait_for(rs_regions *r, size_t i) {
    if (r->nodes->at[i].pending) return;
    r->nodes->at[i].pending = true;
    r->pending[(r->first + r->waiting++) % RS_NODE_LIMIT] = (uint32_t)i;
}

static void join(rs_regions *r, size_t i, const rs_zone *zone) {
    rs_nodes *t = r->nodes;
    rs_node *at = &t->at[i];
    rs_cell cell = rs_network_cell(t->net);
    double part = r->attempt.widen * (r->attempt.shaped ? 1 : 1 + (double)at->joins / 8) / 2;
    at->joins++;
    for (size_t s = 0; s < t->size; s++) {
        double *low = &t->lo[i * t->size + s], *high = &t->hi[i * t->size + s];
        double lo = fmin(*low, zone->lo[s] - 2 * RS_SLACK), hi = fmax(*high, zone->hi[s] + 2 * RS_SLACK),
               more = part * (hi - lo);
        /* What h does not need to reach beyond, except of a rectifier. */
        double edge = s < rs_network_units(t->net) && cell != RS_CELL_RELU ? 1 + 2 * r->attempt.eps : FURTHEST;
        if (lo < *low) *low = floor(fmin(lo, fmax(lo - more, -edge)) / RS_NODE_GRID) * RS_NODE_GRID;
        if (hi > *high) *high = ceil(fmax(hi, fmin(hi + more, edge)) / RS_NODE_GRID) * RS_NODE_GRID;
    }
    wait_for(r, i);
}

/* The node that has waited longest. */
static size_t take(rs_regions *r) {
    size_t i = r->pending[r->first];
    r->first = (r->first + 1) % RS_NODE_LIMIT;
    r->waiting--;
    r->nodes->at[i].pending = false;
    return i;
}

void rs_regions_take_box(rs_regions *r, size_t node) {
    size_t S = r->nodes->size;
    memcpy(r->lo, r->nodes->lo + node * S, S * sizeof *r->lo);
    memcpy(r->hi, r->nodes->hi + node * S, S * sizeof *r->hi);
}

double rs_regions_halve(rs_regions *r, size_t coordinate, bool upper) {
    double *end = upper ? &r->lo[coordinate] : &r->hi[coordinate], moved = *end;
    *end = (r->lo[coordinate] + r->hi[coordinate]) / 2;
    return moved;
}

void rs_regions_put_back(rs_regions *r, size_t coordinate, bool upper, double end) {
    *(upper ? &r->lo[coordinate] : &r->hi[coordinate]) = end;
}

/* ---- Walks ---- */

double rs_processor_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

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

/* Whether the root of the walk can be cut: along the coordinate whose generator moves most of what is not near node
 * `at` (SIZE_MAX: of all), in units of the reach; or where no generator is left, along its longest side. */
static bool want_cut(rs_regions *r, size_t depth, size_t at) {
    const rs_zone *zone = &r->zones[depth];
    size_t S = r->nodes->size;
    double best = 0, longest = 0;
    if (r->level >= r->attempt.cuts || r->cuts == RS_CUT_LIMIT) return false;
    for (size_t i = 0; i < S; i++) {
        double sum = 0, side = (r->hi[i] - r->lo[i]) / reach(r, i);
        if (r->hi[i] - r->lo[i] < THIN) continue;
        for (size_t s = 0; s < S; s++) {
            double far = reach(r, s), middle = at == SIZE_MAX ? INFINITY : (double)r->nodes->point[at * S + s];
            if (zone->lo[s] < middle - far || zone->hi[s] > middle + far)
                sum += fabs(zone->g[s * zone->capacity + i]) / far;
        }
        if (sum < best || (best <= 0 && side <= longest)) continue;
        best = sum;
        longest = side;
        r->wanted = i;
    }
    return longest > 0;
}

static bool walk(rs_regions *r, uint32_t monitor, uint32_t label, size_t depth);

/* From zones[depth], which no box covers. */
static bool go_on(rs_regions *r, uint32_t monitor, uint32_t label, size_t depth) {
    const rs_zone *zone = &r->zones[depth];
    if (depth < r->attempt.walk) return walk(r, monitor, label, depth);
    size_t at = place(r, zone, monitor, label);
    if (at == SIZE_MAX) return give_up(r, RS_ATTEMPT_LARGE, depth);
    if (!near(r, at, zone)) {
        if (narrow(r, zone, depth)) at = rs_nodes_add(r->nodes, monitor, label, 0, r->middle);
        else if (depth < r->attempt.longest) return walk(r, monitor, label, depth);
        else if (want_cut(r, depth, at)) return false;
    }
    join(r, at, zone);
    return true;
}

/* All words from zones[depth], where monitor and guide are in these states. */
static bool walk(rs_regions *r, uint32_t monitor, uint32_t label, size_t depth) {
    bool *possible;
    if (r->work > r->attempt.work) return give_up(r, RS_ATTEMPT_WORK, depth);
    if (r->walked++ % CLOCK == 0 &&
        (rs_context_expired(r->ctx) || rs_context_interrupted(r->ctx) || rs_processor_seconds() > r->attempt.end))
        return give_up(r, RS_ATTEMPT_TIME, depth);
    for (uint32_t symbol = 0; symbol < r->nodes->symbols; symbol++) {
        r->word[depth] = symbol;
        if (!rs_regions_step(r, depth, symbol, &possible)) return give_up(r, RS_ATTEMPT_UNBOUNDED, depth + 1);
        uint32_t to_label = rs_nodes_next_label(r->nodes, label, symbol);
        for (uint32_t class = 0; class < r->classes; class ++) {
            if (!rs_regions_leads_on(r, possible, monitor, symbol, class)) continue;
            uint32_t to = rs_monitor_next(r->nodes->monitor, monitor, symbol, class);
            if (rs_monitor_bad(r->nodes->monitor, to))
                return !want_cut(r, depth + 1, SIZE_MAX) && give_up(r, RS_ATTEMPT_OUTPUT, depth + 1);
            if (rs_regions_covering(r, &r->zones[depth + 1], to) != SIZE_MAX) continue;
            if (!go_on(r, to, to_label, depth + 1)) return false;
        }
    }
    return true;
}

/* All walks from [lo, hi], a part of the box of r->node: whole if that works out, or else cut. */
static bool part(rs_regions *r, uint32_t *cut, size_t level) {
    const rs_node *at = &r->nodes->at[r->node];
    r->level = level;
    r->wanted = SIZE_MAX;
    if (!*cut) {
        rs_zone_box(&r->zones[0], r->domain, r->lo, r->hi);
        if (walk(r, at->monitor, at->label, 0)) return true;
        if (r->wanted == SIZE_MAX) return false;
        *cut = (uint32_t)r->cuts;
        r->cut[r->cuts++] = (rs_cut){.coordinate = (uint32_t)r->wanted};
    }
    rs_cut *halves = &r->cut[*cut];
    bool good = true;
    for (int upper = 0; upper < 2 && good; upper++) {
        double end = rs_regions_halve(r, halves->coordinate, upper);
        good = part(r, &halves->part[upper], level + 1);
        rs_regions_put_back(r, halves->coordinate, upper, end);
    }
    return good;
}

/* Nodes with boxes that are their points, and the start to walk from. */
static rs_status begin(rs_regions *r, const rs_context *ctx) {
    static const rs_outcome planted[] = {RS_ATTEMPT_CLOSED, RS_ATTEMPT_OUTPUT, RS_ATTEMPT_LARGE};
    rs_status status = RS_OK;
    rs_nodes *t = r->nodes;
    const rs_attempt *a = &r->attempt;
    rs_planting how;
    if (a->shaped && !r->shape_known)
        RS_TRY(rs_shape_find(r->shape, r->domain, r->zones, rs_trace_states(t->trace), t->trace_monitor,
                             rs_monitor_states(t->monitor), rs_trace_size(t->trace), rs_context_seed(ctx)));
    r->shape_known = r->shape_known || a->shaped;
    RS_TRY(rs_nodes_plant(&how, t, a->shaped ? r->shape : NULL, a->tolerance, a->tree_depth, ctx));
    r->outcome = planted[how];
    r->cuts = 1;
    r->first = r->waiting = r->node = 0;
    wait_for(r, 0);
    if (how == RS_PLANTED_BAD) r->node = t->count - 1;
cleanup:
    return status;
}

rs_status rs_regions_close(rs_outcome *outcome, rs_regions *r, const rs_attempt *attempt, rs_beginning beginning,
                           const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_nodes *t = r->nodes;
    r->attempt = *attempt;
    r->ctx = ctx;
    r->depth = 0;
    r->outcome = RS_ATTEMPT_CLOSED;
    if (beginning != RS_FROM_WAITING) r->work = 0;
    if (beginning == RS_FROM_SCRATCH) RS_TRY(begin(r, ctx));
    for (size_t i = 0; i < t->count && beginning == RS_FROM_BOXES; i++)
        if (!i || t->at[i].joins) wait_for(r, i);
    while (r->waiting && r->outcome == RS_ATTEMPT_CLOSED) {
        size_t i = r->node = take(r);
        rs_regions_take_box(r, i);
        if (!part(r, &t->at[i].cut, 0)) wait_for(r, i);
    }
    RS_TRY(rs_context_check(ctx));
    *outcome = r->outcome;
cleanup:
    return status;
}

double rs_regions_open(const rs_regions *r) {
    size_t grown = 0;
    for (size_t i = 0; i < r->nodes->count; i++) grown += r->nodes->at[i].joins > 0;
    return grown ? (double)r->waiting / (double)grown : 1;
}
