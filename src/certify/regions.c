/* A tree of words is run on the network; states near one another, with the same state of the monitor (and of the
 * guide), share a node. A node has a box, at first its state alone. From the start, and then from every box that has
 * grown, walks over all words in affine forms: one that comes to lie in a box with the monitor's state ends there; one
 * that is as long as allowed makes the box of the nearest node grow, by more than it needs (Cousot and Cousot, POPL
 * 1977, doi:10.1145/512950.512973). When no grown box is left, the boxes are closed under all words.
 *
 * Invariant: every walk from a box that is not pending ends in boxes, because boxes only grow; nodes that no walk came
 * to are no part of the proof. */
#include "certify/regions.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/random.h"
#include "core/status.h"

#define NODE_LIMIT 4000
#define SLACK 1e-8   /* of eps and of every inclusion, for the rounding of this file and of the checker */
#define GRID 0x1p-30 /* sides of boxes are multiples, so that certificates hold them as they are */
#define FURTHEST 0x1p19
#define LONG_WORD ((size_t)60)

typedef struct node {
    uint32_t monitor, label;
    size_t depth, joins;
    bool pending;
} node;

struct rs_regions {
    const rs_network *net;
    const rs_monitor *monitor;
    const rs_automaton *guide;
    rs_domain *domain;
    rs_zone zones[RS_WALK_LIMIT + 1];
    bool *possible; /* [(RS_WALK_LIMIT + 1) * classes] */
    float *from, *to;
    uint32_t *symbol, *class;
    size_t size, symbols, classes;

    node *nodes;  /* [count] */
    float *point; /* [count*size] */
    double *lo, *hi;
    uint32_t *pending; /* [waiting] */
    size_t count, waiting;
    double tolerance; /* that the first `base` nodes are of, and their depth */
    size_t tree_depth, base;

    /* Long words, for the nodes that no short word leads to. */
    rs_trace *trace;
    uint32_t *trace_monitor, *trace_label; /* [nodes of the trace] */

    rs_attempt attempt;
    double work;
    rs_outcome outcome;
    size_t failed_depth;
    const rs_context *ctx;

    /* of a certificate in the making */
    uint32_t *hints, *number, *order; /* number [count]: of a node in it, UINT32_MAX: not there; order [numbered] */
    size_t hint_count, hint_capacity, numbered;
    double *reach;
};

static uint32_t next_label(const rs_regions *r, uint32_t label, size_t symbol) {
    return r->guide ? rs_automaton_next(r->guide, label, symbol) : 0;
}

/* Adds u v v v..., of `length` symbols. */
static rs_status add_repeated(rs_words *words, rs_random *random, size_t symbols, size_t u, size_t v, size_t length) {
    uint32_t word[LONG_WORD];
    for (size_t i = 0; i < length; i++) word[i] = i < u + v ? (uint32_t)rs_random_below(random, symbols) : word[i - v];
    return rs_words_add(words, word, length);
}

/* Words that settle where repeated ones end up, and random ones. */
static rs_status long_words(rs_regions *r, const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_words *words = NULL;
    rs_random random = rs_random_new(rs_context_seed(ctx), 2);
    RS_TRY(rs_words_new(&words));
    for (size_t i = 0; i < 40; i++) RS_TRY(add_repeated(words, &random, r->symbols, i % 4, 1 + i / 4 % 4, LONG_WORD));
    for (size_t i = 0; i < 40; i++) RS_TRY(add_repeated(words, &random, r->symbols, LONG_WORD, 1, LONG_WORD));
    RS_TRY(rs_trace_new(&r->trace, r->net, ctx));
    RS_TRY(rs_trace_add(r->trace, words, ctx));
    size_t n = rs_trace_size(r->trace);
    RS_TRY_ALLOC(r->trace_monitor = rs_alloc(n, sizeof *r->trace_monitor));
    RS_TRY_ALLOC(r->trace_label = rs_alloc(n, sizeof *r->trace_label));
    r->trace_label[0] = r->guide ? (uint32_t)rs_automaton_start(r->guide) : 0;
    for (size_t i = 1; i < n; i++) {
        uint32_t parent = rs_trace_parents(r->trace)[i], symbol = rs_trace_symbols(r->trace)[i];
        r->trace_monitor[i] =
            rs_monitor_next(r->monitor, r->trace_monitor[parent], symbol, rs_trace_classes(r->trace)[i]);
        r->trace_label[i] = next_label(r, r->trace_label[parent], symbol);
    }
cleanup:
    rs_words_free(words);
    return status;
}

rs_status rs_regions_new(rs_regions **out, const rs_network *net, const rs_monitor *monitor, const rs_automaton *guide,
                         const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_regions *r = rs_alloc(1, sizeof *r);
    RS_TRY_ALLOC(r);
    r->net = net;
    r->monitor = monitor;
    r->guide = guide;
    r->size = rs_network_state_size(net);
    r->symbols = rs_names_count(rs_network_alphabet(net));
    r->classes = rs_names_count(rs_network_outputs(net));
    RS_TRY(rs_domain_new(&r->domain, net, RS_WALK_LIMIT));
    for (size_t i = 0; i <= RS_WALK_LIMIT; i++) RS_TRY(rs_zone_new(&r->zones[i], r->domain, i));
    RS_TRY_ALLOC(r->possible = rs_alloc((RS_WALK_LIMIT + 1) * r->classes, sizeof *r->possible));
    RS_TRY_ALLOC(r->from = rs_alloc(r->symbols * r->size, sizeof *r->from));
    RS_TRY_ALLOC(r->to = rs_alloc(r->symbols * r->size, sizeof *r->to));
    RS_TRY_ALLOC(r->symbol = rs_alloc(r->symbols, sizeof *r->symbol));
    RS_TRY_ALLOC(r->class = rs_alloc(r->symbols, sizeof *r->class));
    for (size_t s = 0; s < r->symbols; s++) r->symbol[s] = (uint32_t)s;
    RS_TRY_ALLOC(r->nodes = rs_alloc(NODE_LIMIT, sizeof *r->nodes));
    RS_TRY_ALLOC(r->point = rs_alloc(NODE_LIMIT * r->size, sizeof *r->point));
    RS_TRY_ALLOC(r->lo = rs_alloc(NODE_LIMIT * r->size, sizeof *r->lo));
    RS_TRY_ALLOC(r->hi = rs_alloc(NODE_LIMIT * r->size, sizeof *r->hi));
    RS_TRY_ALLOC(r->pending = rs_alloc(NODE_LIMIT, sizeof *r->pending));
    RS_TRY_ALLOC(r->number = rs_alloc(NODE_LIMIT, sizeof *r->number));
    RS_TRY_ALLOC(r->order = rs_alloc(NODE_LIMIT, sizeof *r->order));
    RS_TRY(long_words(r, ctx));
    *out = r;
    r = NULL;
cleanup:
    rs_regions_free(r);
    return status;
}

void rs_regions_free(rs_regions *r) {
    if (!r) return;
    for (size_t i = 0; i <= RS_WALK_LIMIT; i++) rs_zone_free(&r->zones[i]);
    rs_domain_free(r->domain);
    free(r->possible);
    free(r->from);
    free(r->to);
    free(r->symbol);
    free(r->class);
    free(r->nodes);
    free(r->point);
    free(r->lo);
    free(r->hi);
    free(r->pending);
    free(r->hints);
    free(r->number);
    free(r->order);
    rs_trace_free(r->trace);
    free(r->trace_monitor);
    free(r->trace_label);
    free(r);
}

const rs_domain *rs_regions_domain(const rs_regions *r) {
    return r->domain;
}

size_t rs_regions_count(const rs_regions *r) {
    return r->count;
}

/* ---- The tree ---- */

/* Squared distance of states, where c counts as what the outputs see of it, about. */
static double distance(const rs_regions *r, const float *a, const float *b) {
    size_t h = rs_cell_has_memory(rs_network_cell(r->net)) ? r->size / 2 : r->size;
    double sum = 0;
    for (size_t s = 0; s < r->size; s++) {
        double x = (double)a[s], y = (double)b[s], e = s < h ? x - y : tanh(x / 1.5) - tanh(y / 1.5);
        sum += e * e;
    }
    return sum;
}

/* The nearest node with these states, and its squared distance; SIZE_MAX: none. */
static size_t nearest(double *best, const rs_regions *r, uint32_t monitor, uint32_t label, const float *point) {
    size_t found = SIZE_MAX;
    *best = INFINITY;
    for (size_t i = 1; i < r->count; i++) {
        if (r->nodes[i].monitor != monitor || r->nodes[i].label != label) continue;
        double e = distance(r, r->point + i * r->size, point);
        if (e >= *best) continue;
        *best = e;
        found = i;
    }
    return found;
}

/* The box of node i becomes its point. */
static void reset(rs_regions *r, size_t i) {
    const float *point = r->point + i * r->size;
    r->nodes[i].joins = 0;
    r->nodes[i].pending = false;
    for (size_t s = 0; s < r->size; s++) {
        r->lo[i * r->size + s] = floor((double)point[s] / GRID) * GRID;
        r->hi[i * r->size + s] = ceil((double)point[s] / GRID) * GRID;
    }
}

static size_t add_node(rs_regions *r, uint32_t monitor, uint32_t label, size_t depth, const float *point) {
    size_t i = r->count++;
    r->nodes[i] = (node){.monitor = monitor, .label = label, .depth = depth};
    memcpy(r->point + i * r->size, point, r->size * sizeof *point);
    reset(r, i);
    return i;
}

/* The successors of node i, new ones unless they share a node. */
static rs_status grow(rs_regions *r, size_t i) {
    for (size_t s = 0; s < r->symbols; s++)
        memcpy(r->from + s * r->size, r->point + i * r->size, r->size * sizeof *r->from);
    rs_status status = rs_network_step(r->net, r->symbols, r->from, r->symbol, r->to, r->ctx);
    if (status == RS_OK) status = rs_network_classify(r->net, r->symbols, r->to, r->class, r->ctx);
    if (status != RS_OK) return status;
    const node at = r->nodes[i];
    for (size_t s = 0; s < r->symbols; s++) {
        uint32_t monitor = rs_monitor_next(r->monitor, at.monitor, (uint32_t)s, r->class[s]);
        uint32_t label = next_label(r, at.label, s);
        if (rs_monitor_safe(r->monitor, monitor)) continue;
        if (rs_monitor_bad(r->monitor, monitor)) r->outcome = RS_ATTEMPT_OUTPUT;
        double e;
        size_t to = nearest(&e, r, monitor, label, r->to + s * r->size);
        if (to == SIZE_MAX || (e > r->attempt.tolerance * r->attempt.tolerance && at.depth < r->attempt.tree_depth)) {
            if (r->count == NODE_LIMIT) r->outcome = RS_ATTEMPT_LARGE;
            if (r->outcome != RS_ATTEMPT_CLOSED) return RS_OK;
            add_node(r, monitor, label, at.depth + 1, r->to + s * r->size);
        }
    }
    return RS_OK;
}

/* Nodes for what long words come to. */
static void add_settled(rs_regions *r) {
    const float *states = rs_trace_states(r->trace);
    for (size_t i = 1; i < rs_trace_size(r->trace) && r->outcome == RS_ATTEMPT_CLOSED; i++) {
        double e;
        uint32_t monitor = r->trace_monitor[i], label = r->trace_label[i];
        if (rs_monitor_safe(r->monitor, monitor)) continue;
        if (rs_monitor_bad(r->monitor, monitor)) r->outcome = RS_ATTEMPT_OUTPUT;
        nearest(&e, r, monitor, label, states + i * r->size);
        if (e <= r->attempt.tolerance * r->attempt.tolerance) continue;
        if (r->count == NODE_LIMIT) r->outcome = RS_ATTEMPT_LARGE;
        else add_node(r, monitor, label, r->attempt.tree_depth, states + i * r->size);
    }
}

/* All nodes of an attempt, unless the last one had the same. */
static rs_status plant(rs_regions *r) {
    if (r->base && r->tolerance == r->attempt.tolerance && r->tree_depth == r->attempt.tree_depth) {
        r->count = r->base;
        return RS_OK;
    }
    r->count = r->base = 0;
    add_node(r, 0, r->trace_label[0], 0, rs_network_initial(r->net));
    bool settled = false;
    for (size_t i = 0; i < r->count && r->outcome == RS_ATTEMPT_CLOSED; i++) {
        rs_status status = grow(r, i);
        if (status != RS_OK) return status;
        if (i + 1 == r->count && !settled) {
            add_settled(r);
            settled = true;
        }
    }
    r->base = r->outcome == RS_ATTEMPT_CLOSED ? r->count : 0;
    r->tolerance = r->attempt.tolerance;
    r->tree_depth = r->attempt.tree_depth;
    return RS_OK;
}

/* ---- Walks ---- */

static bool inside(const rs_regions *r, const rs_zone *zone, size_t i) {
    const double *lo = r->lo + i * r->size, *hi = r->hi + i * r->size;
    for (size_t s = 0; s < r->size; s++)
        if (zone->lo[s] < lo[s] + SLACK || zone->hi[s] > hi[s] - SLACK) return false;
    return true;
}

/* A grown box with the monitor's state that the zone lies in; SIZE_MAX: none. */
static size_t covering(const rs_regions *r, const rs_zone *zone, uint32_t monitor) {
    for (size_t i = 0; i < r->count; i++)
        if (r->nodes[i].joins && r->nodes[i].monitor == monitor && inside(r, zone, i)) return i;
    return SIZE_MAX;
}

/* The node nearest to the middle of a zone, made when there is none with these states; SIZE_MAX: too many. */
static size_t place(rs_regions *r, const rs_zone *zone, uint32_t monitor, uint32_t label) {
    for (size_t s = 0; s < r->size; s++) r->from[s] = (float)((zone->lo[s] + zone->hi[s]) / 2);
    double e;
    size_t to = nearest(&e, r, monitor, label, r->from);
    return to == SIZE_MAX && r->count < NODE_LIMIT ? add_node(r, monitor, label, 0, r->from) : to;
}

static void join(rs_regions *r, size_t i, const rs_zone *zone) {
    node *at = &r->nodes[i];
    double part = r->attempt.widen * (1 + (double)at->joins / 8) / 2;
    size_t bounded = rs_cell_has_memory(rs_network_cell(r->net)) ? r->size / 2 : r->size;
    at->joins++;
    for (size_t s = 0; s < r->size; s++) {
        double *low = &r->lo[i * r->size + s], *high = &r->hi[i * r->size + s];
        double lo = fmin(*low, zone->lo[s] - 2 * SLACK), hi = fmax(*high, zone->hi[s] + 2 * SLACK),
               more = part * (hi - lo);
        /* What h does not need to reach beyond, except of a rectifier. */
        double edge = s < bounded && rs_network_cell(r->net) != RS_CELL_RELU ? 1 + 2 * r->attempt.eps : FURTHEST;
        if (lo < *low) *low = floor(fmin(lo, fmax(lo - more, -edge)) / GRID) * GRID;
        if (hi > *high) *high = ceil(fmax(hi, fmin(hi + more, edge)) / GRID) * GRID;
    }
    if (at->pending) return;
    at->pending = true;
    r->pending[r->waiting++] = (uint32_t)i;
}

static bool give_up(rs_regions *r, rs_outcome outcome, size_t depth) {
    r->outcome = outcome;
    r->failed_depth = depth;
    return false;
}

/* One step with `symbol` into zones[depth + 1], and the classes after it. */
static bool step(rs_regions *r, size_t depth, uint32_t symbol, bool **possible) {
    rs_zone *to = &r->zones[depth + 1];
    r->work += rs_domain_work(r->domain, r->zones[depth].k);
    *possible = r->possible + depth * r->classes;
    if (!rs_domain_step(to, r->domain, &r->zones[depth], symbol, r->attempt.eps * (1 + 1.0 / 64) + SLACK)) return false;
    rs_domain_classes(*possible, r->domain, to, r->attempt.eps_logit * (1 + 1.0 / 64) + SLACK);
    return true;
}

/* Whether `class` is the first possible one that takes the monitor from `at` to where it does, and that is not safe. */
static bool leads_on(const rs_regions *r, const bool *possible, uint32_t at, uint32_t symbol, uint32_t class) {
    if (!possible[class]) return false;
    uint32_t to = rs_monitor_next(r->monitor, at, symbol, class);
    for (uint32_t lower = 0; lower < class; lower++)
        if (possible[lower] && rs_monitor_next(r->monitor, at, symbol, lower) == to) return false;
    return !rs_monitor_safe(r->monitor, to);
}

/* All words from zones[depth], where monitor and guide are in these states. */
static bool walk(rs_regions *r, uint32_t monitor, uint32_t label, size_t depth) {
    bool *possible;
    if (r->work > r->attempt.work) return give_up(r, RS_ATTEMPT_WORK, depth);
    if (rs_context_expired(r->ctx) || rs_context_interrupted(r->ctx)) return give_up(r, RS_ATTEMPT_TIME, depth);
    for (uint32_t symbol = 0; symbol < r->symbols; symbol++) {
        rs_zone *zone = &r->zones[depth + 1];
        if (!step(r, depth, symbol, &possible)) return give_up(r, RS_ATTEMPT_UNBOUNDED, depth + 1);
        for (uint32_t class = 0; class < r->classes; class ++) {
            if (!leads_on(r, possible, monitor, symbol, class)) continue;
            uint32_t to = rs_monitor_next(r->monitor, monitor, symbol, class), to_label = next_label(r, label, symbol);
            if (rs_monitor_bad(r->monitor, to)) return give_up(r, RS_ATTEMPT_OUTPUT, depth + 1);
            if (covering(r, zone, to) != SIZE_MAX) continue;
            if (depth + 1 < r->attempt.walk) {
                if (!walk(r, to, to_label, depth + 1)) return false;
                continue;
            }
            size_t at = place(r, zone, to, to_label);
            if (at == SIZE_MAX) return give_up(r, RS_ATTEMPT_LARGE, depth + 1);
            join(r, at, zone);
        }
    }
    return true;
}

rs_status rs_regions_close(rs_outcome *outcome, size_t *depth, rs_regions *r, const rs_attempt *attempt,
                           const rs_context *ctx) {
    r->attempt = *attempt;
    r->ctx = ctx;
    r->outcome = RS_ATTEMPT_CLOSED;
    r->work = 0;
    r->waiting = r->failed_depth = 0;
    rs_status status = plant(r);
    if (status != RS_OK) return status;
    for (size_t i = 0; i < r->count; i++) reset(r, i);
    r->pending[r->waiting++] = 0;
    while (r->waiting && r->outcome == RS_ATTEMPT_CLOSED) {
        size_t i = r->pending[--r->waiting];
        r->nodes[i].pending = false;
        rs_zone_box(&r->zones[0], r->domain, r->lo + i * r->size, r->hi + i * r->size);
        walk(r, r->nodes[i].monitor, r->nodes[i].label, 0);
    }
    *outcome = r->outcome;
    *depth = r->failed_depth;
    return rs_context_check(ctx);
}

/* ---- The certificate ---- */

/* The same walks once more, over the boxes as they are: writes down where they end. */
static bool describe(rs_regions *r, uint32_t monitor, size_t depth, rs_status *status) {
    bool *possible;
    for (size_t s = 0; s < r->size; s++)
        r->reach[s] = fmax(r->reach[s], fmax(-r->zones[depth].lo[s], r->zones[depth].hi[s]));
    for (uint32_t symbol = 0; symbol < r->symbols; symbol++) {
        if (!step(r, depth, symbol, &possible)) return false;
        for (uint32_t class = 0; class < r->classes; class ++) {
            if (!leads_on(r, possible, monitor, symbol, class)) continue;
            uint32_t to = rs_monitor_next(r->monitor, monitor, symbol, class);
            if (rs_monitor_bad(r->monitor, to)) return false;
            *status = rs_reserve((void **)&r->hints, &r->hint_capacity, r->hint_count + 1, sizeof *r->hints);
            if (*status != RS_OK) return false;
            size_t end = covering(r, &r->zones[depth + 1], to);
            if (end == SIZE_MAX) {
                r->hints[r->hint_count++] = RS_CERTIFY_EXPAND;
                if (depth + 1 == r->attempt.walk || !describe(r, to, depth + 1, status)) return false;
                continue;
            }
            if (r->number[end] == UINT32_MAX) {
                r->number[end] = (uint32_t)r->numbered;
                r->order[r->numbered++] = (uint32_t)end;
            }
            r->hints[r->hint_count++] = r->number[end];
        }
    }
    return true;
}

static rs_status fill(rs_certificate *out, const rs_regions *r) {
    rs_status status = RS_OK;
    uint32_t *monitor = NULL;
    int64_t *lo = NULL, *hi = NULL;
    size_t S = r->size;
    RS_TRY_ALLOC(monitor = rs_alloc(r->numbered, sizeof *monitor));
    RS_TRY_ALLOC(lo = rs_alloc(r->numbered * S, sizeof *lo));
    RS_TRY_ALLOC(hi = rs_alloc(r->numbered * S, sizeof *hi));
    for (size_t i = 0; i < r->numbered; i++) {
        monitor[i] = r->nodes[r->order[i]].monitor;
        for (size_t s = 0; s < S; s++) {
            /* The start's box is a point, which the checker knows to half a unit. */
            lo[i * S + s] = (int64_t)(r->lo[r->order[i] * S + s] * 0x1p40) - 2;
            hi[i * S + s] = (int64_t)(r->hi[r->order[i] * S + s] * 0x1p40) + 2;
        }
    }
    uint32_t *hints;
    RS_TRY_ALLOC(hints = rs_memdup(r->hints, r->hint_count, sizeof *hints));
    *out = (rs_certificate){.eps = (int64_t)ceil(r->attempt.eps * 0x1p40),
                            .eps_logit = (int64_t)ceil(r->attempt.eps_logit * 0x1p40),
                            .state_size = S,
                            .regions = r->numbered,
                            .monitor = monitor,
                            .lo = lo,
                            .hi = hi,
                            .hints = hints,
                            .hint_count = r->hint_count,
                            .depth = r->attempt.walk};
    memcpy(out->sha256, rs_network_sha256(r->net), sizeof out->sha256);
    monitor = NULL;
    lo = hi = NULL;
cleanup:
    free(monitor);
    free(lo);
    free(hi);
    return status;
}

rs_status rs_regions_certificate(bool *closed, rs_certificate *out, double *reach, rs_regions *r, double eps,
                                 double eps_logit) {
    rs_status status = RS_OK;
    bool good = true;
    r->attempt.eps = eps;
    r->attempt.eps_logit = eps_logit;
    r->reach = reach;
    for (size_t s = 0; s < r->size; s++) reach[s] = 0;
    for (size_t i = 0; i < r->count; i++) r->number[i] = UINT32_MAX;
    r->hint_count = 0;
    r->numbered = 1;
    r->order[0] = 0;
    r->number[0] = 0;
    for (size_t i = 0; i < r->numbered && good; i++) {
        size_t at = r->order[i];
        rs_zone_box(&r->zones[0], r->domain, r->lo + at * r->size, r->hi + at * r->size);
        good = describe(r, r->nodes[at].monitor, 0, &status);
        if (status != RS_OK) return status;
    }
    if (good) status = fill(out, r);
    if (status == RS_OK) *closed = good;
    return status;
}

/* Certificates of this module own what they point to. */
void rs_certificate_clear(rs_certificate *z) {
    free((void *)(uintptr_t)z->monitor);
    free((void *)(uintptr_t)z->lo);
    free((void *)(uintptr_t)z->hi);
    free((void *)(uintptr_t)z->hints);
    *z = (rs_certificate){0};
}
