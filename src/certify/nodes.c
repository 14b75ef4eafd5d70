/* A tree of words is run on the network; states near one another, with the same state of the monitor and of the guide,
 * share a node. What long words come to has nodes, too. */
#include "certify/nodes.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/random.h"
#include "core/status.h"

#define LONG_WORD ((size_t)60)

static const rs_origin nowhere = {UINT32_MAX, UINT32_MAX, UINT32_MAX};

uint32_t rs_nodes_next_label(const rs_nodes *nodes, uint32_t label, size_t symbol) {
    return nodes->guide ? rs_automaton_next(nodes->guide, label, symbol) : 0;
}

/* Adds u v v v..., of `length` symbols. */
static rs_status add_repeated(rs_words *words, rs_random *random, size_t symbols, size_t u, size_t v, size_t length) {
    uint32_t word[LONG_WORD];
    for (size_t i = 0; i < length; i++) word[i] = i < u + v ? (uint32_t)rs_random_below(random, symbols) : word[i - v];
    return rs_words_add(words, word, length);
}

/* Words that settle where repeated ones end up, and random ones. */
static rs_status long_words(rs_nodes *t, const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_words *words = NULL;
    rs_random random = rs_random_new(rs_context_seed(ctx), 2);
    RS_TRY(rs_words_new(&words));
    for (size_t i = 0; i < 40; i++) RS_TRY(add_repeated(words, &random, t->symbols, i % 4, 1 + i / 4 % 4, LONG_WORD));
    for (size_t i = 0; i < 40; i++) RS_TRY(add_repeated(words, &random, t->symbols, LONG_WORD, 1, LONG_WORD));
    RS_TRY(rs_trace_new(&t->trace, t->net, ctx));
    RS_TRY(rs_trace_add(t->trace, words, ctx));
    size_t n = rs_trace_size(t->trace);
    RS_TRY_ALLOC(t->trace_monitor = rs_alloc(n, sizeof *t->trace_monitor));
    RS_TRY_ALLOC(t->trace_label = rs_alloc(n, sizeof *t->trace_label));
    t->trace_label[0] = t->guide ? (uint32_t)rs_automaton_start(t->guide) : 0;
    for (size_t i = 1; i < n; i++) {
        uint32_t parent = rs_trace_parents(t->trace)[i], symbol = rs_trace_symbols(t->trace)[i];
        t->trace_monitor[i] =
            rs_monitor_next(t->monitor, t->trace_monitor[parent], symbol, rs_trace_classes(t->trace)[i]);
        t->trace_label[i] = rs_nodes_next_label(t, t->trace_label[parent], symbol);
    }
cleanup:
    rs_words_free(words);
    return status;
}

rs_status rs_nodes_new(rs_nodes **out, const rs_network *net, const rs_monitor *monitor, const rs_automaton *guide,
                       const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_nodes *t = rs_alloc(1, sizeof *t);
    RS_TRY_ALLOC(t);
    t->net = net;
    t->monitor = monitor;
    t->guide = guide;
    t->size = rs_network_state_size(net);
    t->symbols = rs_names_count(rs_network_alphabet(net));
    RS_TRY_ALLOC(t->from = rs_alloc(t->symbols * t->size, sizeof *t->from));
    RS_TRY_ALLOC(t->to = rs_alloc(t->symbols * t->size, sizeof *t->to));
    RS_TRY_ALLOC(t->symbol = rs_alloc(t->symbols, sizeof *t->symbol));
    RS_TRY_ALLOC(t->class = rs_alloc(t->symbols, sizeof *t->class));
    for (size_t s = 0; s < t->symbols; s++) t->symbol[s] = (uint32_t)s;
    RS_TRY_ALLOC(t->query = rs_alloc(t->size, sizeof *t->query));
    RS_TRY_ALLOC(t->at = rs_alloc(RS_NODE_LIMIT, sizeof *t->at));
    RS_TRY_ALLOC(t->point = rs_alloc(RS_NODE_LIMIT * t->size, sizeof *t->point));
    RS_TRY_ALLOC(t->feature = rs_alloc(RS_NODE_LIMIT * t->size, sizeof *t->feature));
    RS_TRY_ALLOC(t->lo = rs_alloc(RS_NODE_LIMIT * t->size, sizeof *t->lo));
    RS_TRY_ALLOC(t->hi = rs_alloc(RS_NODE_LIMIT * t->size, sizeof *t->hi));
    RS_TRY(long_words(t, ctx));
    *out = t;
    t = NULL;
cleanup:
    rs_nodes_free(t);
    return status;
}

void rs_nodes_free(rs_nodes *t) {
    if (!t) return;
    free(t->from);
    free(t->to);
    free(t->symbol);
    free(t->class);
    free(t->query);
    free(t->at);
    free(t->point);
    free(t->feature);
    free(t->lo);
    free(t->hi);
    rs_trace_free(t->trace);
    free(t->trace_monitor);
    free(t->trace_label);
    free(t);
}

static void features(double *out, const rs_nodes *t, const float *point) {
    size_t units = rs_network_units(t->net);
    for (size_t s = 0; s < t->size; s++) {
        double x = (double)point[s];
        out[s] = t->shape ? x / t->shape[s] : s < units ? x : tanh(x / 1.5);
    }
}

/* The squared distance of a feature vector from the query, when it is below `best`; else what is not. */
static double distance_below(const rs_nodes *t, const double *x, double best) {
    double far = 0;
    for (size_t s = 0; s < t->size && far < best; s++) {
        double square = (x[s] - t->query[s]) * (x[s] - t->query[s]);
        far = !t->shape ? far + square : square > far ? square : far;
    }
    return far;
}

size_t rs_nodes_nearest(double *distance, rs_nodes *t, uint32_t monitor, uint32_t label, const float *point) {
    size_t found = SIZE_MAX;
    double best = INFINITY;
    features(t->query, t, point);
    for (size_t i = 1; i < t->count; i++) {
        if (t->at[i].monitor != monitor || t->at[i].label != label) continue;
        double far = distance_below(t, t->feature + i * t->size, best);
        if (far >= best) continue;
        best = far;
        found = i;
    }
    *distance = best;
    return found;
}

/* The box of node i becomes its point. */
static void reset(rs_nodes *t, size_t i) {
    const float *point = t->point + i * t->size;
    t->at[i].joins = 0;
    t->at[i].cut = 0;
    t->at[i].pending = false;
    for (size_t s = 0; s < t->size; s++) {
        t->lo[i * t->size + s] = floor((double)point[s] / RS_NODE_GRID) * RS_NODE_GRID;
        t->hi[i * t->size + s] = ceil((double)point[s] / RS_NODE_GRID) * RS_NODE_GRID;
    }
}

size_t rs_nodes_add(rs_nodes *t, uint32_t monitor, uint32_t label, size_t depth, const float *point) {
    size_t i = t->count++;
    t->at[i] = (rs_node){.monitor = monitor, .label = label, .depth = depth, .origin = nowhere};
    memcpy(t->point + i * t->size, point, t->size * sizeof *point);
    features(t->feature + i * t->size, t, point);
    reset(t, i);
    return i;
}

/* A node for this state, unless one is near, or the tree is deep enough and there is one at all. */
static void settle(rs_planting *how, rs_nodes *t, uint32_t monitor, uint32_t label, size_t depth, const float *point,
                   rs_origin origin) {
    double e;
    if (rs_monitor_safe(t->monitor, monitor)) return;
    bool bad = rs_monitor_bad(t->monitor, monitor), deep = origin.parent != UINT32_MAX && depth > t->tree_depth;
    size_t to = rs_nodes_nearest(&e, t, monitor, label, point);
    if (!bad && to != SIZE_MAX && (deep || e <= t->tolerance * t->tolerance)) return;
    *how = t->count == RS_NODE_LIMIT ? RS_PLANTED_LARGE : bad ? RS_PLANTED_BAD : RS_PLANTED;
    if (*how != RS_PLANTED_LARGE) t->at[rs_nodes_add(t, monitor, label, depth, point)].origin = origin;
}

/* The successors of node i. */
static rs_status grow(rs_planting *how, rs_nodes *t, size_t i, const rs_context *ctx) {
    for (size_t s = 0; s < t->symbols; s++)
        memcpy(t->from + s * t->size, t->point + i * t->size, t->size * sizeof *t->from);
    rs_status status = rs_network_step(t->net, t->symbols, t->from, t->symbol, t->to, ctx);
    if (status == RS_OK) status = rs_network_classify(t->net, t->symbols, t->to, t->class, ctx);
    if (status != RS_OK) return status;
    const rs_node at = t->at[i];
    for (size_t s = 0; s < t->symbols && *how == RS_PLANTED; s++)
        settle(how, t, rs_monitor_next(t->monitor, at.monitor, (uint32_t)s, t->class[s]),
               rs_nodes_next_label(t, at.label, s), at.depth + 1, t->to + s * t->size,
               (rs_origin){(uint32_t)i, (uint32_t)s, UINT32_MAX});
    return RS_OK;
}

rs_status rs_nodes_plant(rs_planting *how, rs_nodes *t, const double *shape, double tolerance, size_t tree_depth,
                         const rs_context *ctx) {
    *how = RS_PLANTED;
    if (t->planted && t->shape == shape && t->tolerance == tolerance && t->tree_depth == tree_depth) {
        t->count = t->planted;
        for (size_t i = 0; i < t->count; i++) reset(t, i);
        return RS_OK;
    }
    t->shape = shape;
    t->tolerance = tolerance;
    t->tree_depth = tree_depth;
    t->count = t->planted = 0;
    rs_nodes_add(t, 0, t->trace_label[0], 0, rs_network_initial(t->net));
    bool settled = false;
    for (size_t i = 0; i < t->count && *how == RS_PLANTED; i++) {
        rs_status status = grow(how, t, i, ctx);
        if (status != RS_OK) return status;
        if (i + 1 < t->count || settled) continue;
        for (size_t j = 1; j < rs_trace_size(t->trace) && *how == RS_PLANTED; j++)
            settle(how, t, t->trace_monitor[j], t->trace_label[j], tree_depth, rs_trace_states(t->trace) + j * t->size,
                   (rs_origin){UINT32_MAX, UINT32_MAX, (uint32_t)j});
        settled = true;
    }
    if (*how == RS_PLANTED) t->planted = t->count;
    return RS_OK;
}

size_t rs_nodes_word(uint32_t *out, const rs_nodes *t, size_t i, size_t most) {
    size_t length = 0;
    const rs_origin *at = &t->at[i].origin;
    for (; at->parent != UINT32_MAX && length < most; at = &t->at[at->parent].origin) out[length++] = at->symbol;
    for (uint32_t m = at->moment; m != UINT32_MAX && m && length < most; m = rs_trace_parents(t->trace)[m])
        out[length++] = rs_trace_symbols(t->trace)[m];
    for (size_t j = 0; j < length / 2; j++) { /* it was found backwards */
        uint32_t last = out[length - 1 - j];
        out[length - 1 - j] = out[j];
        out[j] = last;
    }
    return length;
}
