/* Graphs of nearest neighbours. Invariant: entries are found by exact comparisons and sorted, so that the graph is the
 * same for any number of threads. */
#include "cluster/graph.h"

#include <math.h>
#include <string.h>

#include "cluster/nearest.h"
#include "cluster/neighbours.h"
#include "core/alloc.h"
#include "core/status.h"

typedef struct edge {
    uint32_t from, to;
    double weight;
} edge;

typedef struct edges {
    edge *list;
    size_t count, capacity;
} edges;

/* Both directions. */
static rs_status add_edge(edges *e, uint32_t a, uint32_t b, double weight) {
    rs_status status = rs_reserve((void **)&e->list, &e->capacity, e->count + 2, sizeof *e->list);
    if (status != RS_OK) return status;
    e->list[e->count++] = (edge){a, b, weight};
    e->list[e->count++] = (edge){b, a, weight};
    return RS_OK;
}

static int by_ends(const void *a, const void *b) {
    const edge *x = a, *y = b;
    return x->from != y->from ? (x->from > y->from) - (x->from < y->from) : (x->to > y->to) - (x->to < y->to);
}

/* What a search has seen of the rows near a row: their number, and which they are as long as there is a place. */
typedef struct sight_of {
    const rs_cells *cells;
    const double *limits;
    size_t *counts;  /* [n] */
    size_t *offsets; /* [n+1], where a row's places begin */
    uint32_t *found;
} sight_of;

static void see(void *user, const rs_sight *s) {
    const sight_of *v = user;
    size_t q = s->query;
    float sure = s->v ? rs_sight_sure(s, v->limits[q]) : 0, maybe = s->v ? rs_sight_maybe(s, v->limits[q]) : 0;
    for (size_t j = 0; j < s->size; j++) {
        size_t row = s->cell * RS_CELL + j, place = v->offsets[q] + v->counts[q];
        if (row == q || !rs_sight_within(v->cells, s, j, v->limits[q], sure, maybe)) continue;
        if (place < v->offsets[q + 1]) v->found[place] = (uint32_t)row;
        v->counts[q]++;
    }
}

/* Looks with as many places a row as `offsets` say; *room becomes whether they were enough. */
static rs_status look(bool *room, sight_of *v, double *used, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t n = v->cells->n;
    free(v->found);
    RS_TRY_ALLOC(v->found = rs_alloc(v->offsets[n], sizeof *v->found));
    memset(v->counts, 0, n * sizeof *v->counts);
    memcpy(used, v->limits, n * sizeof *used);
    RS_TRY(rs_cells_search(v->cells, n, v->cells->rows, used, &(rs_visitor){.visit = see, .user = v}, ctx));
    *room = true;
    for (size_t i = 0; i < n; i++) *room = *room && v->counts[i] <= v->offsets[i + 1] - v->offsets[i];
cleanup:
    return status;
}

/* The edges of nearest neighbours, weight 1/2 a direction; *scale becomes the mean squared distance of the k-th. */
static rs_status neighbours(edges *e, double *scale, size_t k, size_t n, size_t d, const float *points,
                            const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_cells *cells = NULL;
    double *limits = rs_alloc(n, sizeof *limits), *used = NULL;
    sight_of v = {.limits = limits};
    bool room;
    RS_TRY_ALLOC(limits);
    RS_TRY_ALLOC(used = rs_alloc(n, sizeof *used));
    RS_TRY_ALLOC(v.counts = rs_alloc(n, sizeof *v.counts));
    RS_TRY_ALLOC(v.offsets = rs_alloc(n + 1, sizeof *v.offsets));
    RS_TRY(rs_cells_new(&cells, n, d, points, ctx));
    RS_TRY(rs_cells_kth(limits, k + 1, cells, n, cells->rows, ctx)); /* the first is the row itself */
    v.cells = cells;
    for (size_t i = 0; i < n; i++) v.offsets[i + 1] = v.offsets[i] + k;
    RS_TRY(look(&room, &v, used, ctx));
    for (size_t i = 0; i < n; i++) v.offsets[i + 1] = v.offsets[i] + v.counts[i];
    if (!room) RS_TRY(look(&room, &v, used, ctx)); /* several are as near as the k-th */
    *scale = 0;
    for (size_t i = 0; i < n; i++) {
        *scale += limits[i] / (double)n;
        for (size_t j = v.offsets[i]; j < v.offsets[i + 1]; j++)
            RS_TRY(add_edge(e, cells->index[i], cells->index[v.found[j]], 0.5));
    }
cleanup:
    rs_cells_free(cells);
    free(limits);
    free(used);
    free(v.counts);
    free(v.offsets);
    free(v.found);
    return status;
}

static uint32_t root(uint32_t *parent, uint32_t p) {
    while (parent[p] != p) p = parent[p] = parent[parent[p]];
    return p;
}

/* The point of a part nearest to x. */
static uint32_t nearest_in(const uint32_t *part, uint32_t wanted, const float *x, size_t n, size_t d,
                           const float *points) {
    double least = INFINITY;
    size_t best = 0;
    for (size_t i = 0; i < n; i++) {
        double distance = part[i] == wanted ? rs_squared_distance(d, x, points + i * d) : INFINITY;
        if (distance < least) {
            least = distance;
            best = i;
        }
    }
    return (uint32_t)best;
}

/* Joins the parts that edges leave, by Prim's algorithm on their centroids. */
static rs_status join(edges *e, double scale, size_t n, size_t d, const float *points, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t parts = 0, before = e->count;
    uint32_t *part = rs_alloc(n, sizeof *part), *parent = NULL, *from = NULL;
    float *centroids = NULL;
    double *distance = NULL, *sizes = NULL;
    RS_TRY_ALLOC(part);
    RS_TRY_ALLOC(parent = rs_alloc(n, sizeof *parent));
    for (size_t i = 0; i < n; i++) parent[i] = (uint32_t)i;
    for (size_t i = 0; i < before; i++) {
        uint32_t a = root(parent, e->list[i].from), b = root(parent, e->list[i].to);
        parent[a > b ? a : b] = a > b ? b : a;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t r = root(parent, (uint32_t)i);
        part[i] = r == i ? (uint32_t)parts++ : part[r];
    }
    RS_TRY_ALLOC(centroids = rs_alloc(parts * d, sizeof *centroids));
    RS_TRY_ALLOC(sizes = rs_alloc(parts, sizeof *sizes));
    RS_TRY_ALLOC(distance = rs_alloc(parts, sizeof *distance));
    RS_TRY_ALLOC(from = rs_alloc(parts, sizeof *from));
    for (size_t i = 0; i < n; i++) { /* running means */
        double size = ++sizes[part[i]];
        for (size_t x = 0; x < d; x++) {
            float *c = centroids + part[i] * d + x;
            *c = (float)((double)*c + ((double)points[i * d + x] - (double)*c) / size);
        }
    }
    for (size_t p = 1; p < parts; p++) distance[p] = rs_squared_distance(d, centroids, centroids + p * d);
    for (size_t done = 1; done < parts; done++) {
        RS_TRY(rs_context_check(ctx));
        size_t next = 0;
        for (size_t p = 1; p < parts; p++)
            if (distance[p] >= 0 && (!next || distance[p] < distance[next])) next = p;
        uint32_t a = nearest_in(part, from[next], centroids + next * d, n, d, points);
        uint32_t b = nearest_in(part, (uint32_t)next, points + a * d, n, d, points);
        double length = rs_squared_distance(d, points + a * d, points + b * d);
        RS_TRY(add_edge(e, a, b, 0.5 / (1 + length / scale)));
        distance[next] = -1; /* joined */
        for (size_t p = 1; p < parts; p++) {
            double other = rs_squared_distance(d, centroids + next * d, centroids + p * d);
            if (other < distance[p]) {
                distance[p] = other;
                from[p] = (uint32_t)next;
            }
        }
    }
    rs_context_log(ctx, 1, "spectral: the graph of neighbours has %zu parts", parts);
cleanup:
    free(part);
    free(parent);
    free(from);
    free(centroids);
    free(distance);
    free(sizes);
    return status;
}

rs_status rs_graph_new(rs_graph *out, size_t k, size_t n, size_t d, const float *points, const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_graph g = {.n = n};
    edges e = {0};
    double scale = 0;
    size_t count = 0;
    RS_TRY(neighbours(&e, &scale, k, n, d, points, ctx));
    RS_TRY(join(&e, scale, n, d, points, ctx));
    qsort(e.list, e.count, sizeof *e.list, by_ends);
    RS_TRY_ALLOC(g.first = rs_alloc(n + 1, sizeof *g.first));
    RS_TRY_ALLOC(g.columns = rs_alloc(e.count, sizeof *g.columns));
    RS_TRY_ALLOC(g.weights = rs_alloc(e.count, sizeof *g.weights));
    for (size_t i = 0; i < e.count; i++) {
        if (i && !by_ends(e.list + i - 1, e.list + i)) {
            g.weights[count - 1] += e.list[i].weight;
            continue;
        }
        g.columns[count] = e.list[i].to;
        g.weights[count++] = e.list[i].weight;
        g.first[e.list[i].from + 1] = count;
    }
    *out = g;
    g = (rs_graph){0};
cleanup:
    free(e.list);
    rs_graph_free(&g);
    return status;
}

void rs_graph_free(rs_graph *g) {
    free(g->first);
    free(g->columns);
    free(g->weights);
    *g = (rs_graph){0};
}
