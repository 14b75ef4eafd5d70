/* DBSCAN. Ester, Kriegel, Sander and Xu, "A density-based algorithm for discovering clusters in large spatial databases
 * with noise", KDD 1996, pages 226-231.
 *
 * A point is a core point when at least min_points points, itself too, are within eps of it. Core points within eps of
 * one another share a cluster, and clusters are the classes of that. All other points, whether within eps of a core
 * point (the paper's border points) or not (its noise), go with the nearest core point. A border point so gets one of
 * the clusters that the paper allows, and which one does not depend on the order of points.
 *
 * eps, where not given, is where the curve of all points' distances to their min_points-th nearest, sorted, bends most:
 * the point farthest below the chord (the paper's section 4.2 has people look for that "valley"; Satopaa et al.,
 * "Finding a kneedle in a haystack", ICDCSW 2011, doi:10.1109/ICDCSW.2011.20, for the chord).
 *
 * Invariant: core points are told from others by double precision distances, and classes do not depend on the order in
 * which pairs are united. Past the deadline no more core points are found and no more pairs united: there are more
 * clusters then, and more noise. A search for core points ends for a query at its min_points-th neighbour; a search for
 * pairs skips cells that are of one class already. */
#include <math.h>
#include <string.h>

#include "cluster/density.h"
#include "cluster/neighbours.h"
#include "core/alloc.h"
#include "core/status.h"

/* Points within eps of each query, counted up to min_points. */
typedef struct census {
    const rs_cells *cells;
    double limit, *limits;      /* eps^2; [m] */
    size_t min_points, *counts; /* [m] */
} census;

static void count(void *user, const rs_sight *s) {
    const census *c = user;
    size_t *found = c->counts + s->query;
    float sure = s->v ? rs_sight_sure(s, c->limit) : 0, maybe = s->v ? rs_sight_maybe(s, c->limit) : 0;
    for (size_t j = 0; j < s->size && *found < c->min_points; j++)
        *found += rs_sight_within(c->cells, s, j, c->limit, sure, maybe);
    if (*found >= c->min_points) c->limits[s->query] = -1;
}

/* Classes of rows. */
typedef struct classes {
    const rs_cells *cells;
    double limit;
    bool *core;       /* [n] */
    uint32_t *parent; /* [n] */
    uint32_t *first;  /* [count], the first core point of a cell, or NONE */
    bool *uniform;    /* [count], the core points of a cell are of one class */
} classes;
static const uint32_t NONE = UINT32_MAX;

static uint32_t find(uint32_t *parent, uint32_t x) {
    while (parent[x] != x) x = parent[x] = parent[parent[x]];
    return x;
}

static void unite(classes *c, size_t a, size_t b) {
    uint32_t x = find(c->parent, (uint32_t)a), y = find(c->parent, (uint32_t)b);
    c->parent[x > y ? x : y] = x > y ? y : x;
}

static bool wanted(void *user, size_t block, size_t cell) {
    classes *c = user;
    if (cell < block || c->first[cell] == NONE) return false; /* pairs are symmetric */
    for (size_t side = 0; side < 2; side++) {
        size_t at = side ? cell : block, end = at * RS_CELL + rs_cell_size(c->cells, at), i = c->first[at];
        if (c->uniform[at]) continue;
        while (i < end && (!c->core[i] || find(c->parent, (uint32_t)i) == find(c->parent, c->first[at]))) i++;
        if (!(c->uniform[at] = i == end)) return true;
    }
    return find(c->parent, c->first[block]) != find(c->parent, c->first[cell]);
}

static void pair(void *user, const rs_sight *s) {
    classes *c = user;
    size_t first = s->cell * RS_CELL;
    float sure = s->v ? rs_sight_sure(s, c->limit) : 0, maybe = s->v ? rs_sight_maybe(s, c->limit) : 0;
    for (size_t j = 0; j < s->size; j++)
        if (!(s->v && s->v[j] > maybe) && c->core[first + j] && rs_sight_within(c->cells, s, j, c->limit, sure, maybe))
            unite(c, s->query, first + j);
}

/* labels[i] = class of point i if limits[its row] < 0: it is a core point; else noise. */
static rs_status unite_cores(uint32_t *labels, const rs_cells *cells, double limit, double *limits,
                             const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_context alone = ctx ? *ctx : *rs_context_default();
    classes c = {.cells = cells, .limit = limit};
    size_t n = cells->n;
    alone.threads = 1; /* classes are shared */
    RS_TRY_ALLOC(c.core = rs_alloc(n, sizeof *c.core));
    RS_TRY_ALLOC(c.parent = rs_alloc(n, sizeof *c.parent));
    RS_TRY_ALLOC(c.first = rs_alloc(cells->count, sizeof *c.first));
    RS_TRY_ALLOC(c.uniform = rs_alloc(cells->count, sizeof *c.uniform));
    for (size_t i = 0; i < cells->count; i++) c.first[i] = NONE;
    for (size_t i = n; i-- > 0;) {
        c.parent[i] = (uint32_t)i;
        c.core[i] = limits[i] < 0;
        if (c.core[i]) c.first[i / RS_CELL] = (uint32_t)i;
        limits[i] = c.core[i] ? limit : -1;
    }
    RS_TRY(rs_cells_search(cells, n, cells->rows, limits, &(rs_visitor){pair, wanted, &c, true, true}, &alone));
    for (size_t i = 0; i < n; i++)
        labels[cells->index[i]] = c.core[i] ? cells->index[find(c.parent, (uint32_t)i)] : RS_NOISE;
cleanup:
    free(c.core);
    free(c.parent);
    free(c.first);
    free(c.uniform);
    return status;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The squared eps at the knee. */
static rs_status choose(double *out, size_t min_points, const rs_cells *cells, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t n = cells->n, knee = n - 1;
    double *kth = rs_alloc(n, sizeof *kth), deepest = 0;
    RS_TRY_ALLOC(kth);
    RS_TRY(rs_cells_kth(kth, min_points, cells, n, cells->rows, ctx));
    qsort(kth, n, sizeof *kth, ascending);
    double low = sqrt(kth[0]), high = sqrt(kth[n - 1]);
    for (size_t i = 0; i < n; i++) {
        double depth = (low + (high - low) * (double)i / (double)(n - 1)) - sqrt(kth[i]);
        if (depth > deepest) {
            deepest = depth;
            knee = i;
        }
    }
    *out = kth[knee];
    rs_context_log(ctx, 1, "dbscan: eps is %.6g, where the distances to the %zu-th point bend", sqrt(*out), min_points);
cleanup:
    free(kth);
    return status;
}

static rs_status fit(rs_clustering **out, size_t n, size_t d, const float *points, const rs_cluster_options *o,
                     const rs_context *ctx) {
    rs_status status = RS_OK;
    census c = {.min_points = rs_density_min_points(o, n), .limit = o->eps * o->eps};
    rs_cells *cells = NULL;
    uint32_t *labels = NULL;
    RS_TRY(rs_density_check("eps", o->eps));
    RS_TRY(rs_cells_new(&cells, n, d, points, ctx));
    c.cells = cells;
    if (!(o->eps > 0)) RS_TRY(choose(&c.limit, c.min_points, cells, ctx));
    RS_TRY_ALLOC(c.limits = rs_alloc(n, sizeof *c.limits));
    RS_TRY_ALLOC(c.counts = rs_alloc(n, sizeof *c.counts));
    for (size_t i = 0; i < n; i++) c.limits[i] = c.limit;
    RS_TRY(rs_cells_search(cells, n, cells->rows, c.limits, &(rs_visitor){count, NULL, &c, true, true}, ctx));
    rs_context_progress(ctx, "cluster", 0.5);
    RS_TRY_ALLOC(labels = rs_alloc(n, sizeof *labels));
    RS_TRY(unite_cores(labels, cells, c.limit, c.limits, ctx));
    RS_TRY(rs_density_new(out, &rs_cluster_dbscan, n, d, points, labels, o->max_clusters, ctx));
cleanup:
    rs_cells_free(cells);
    free(c.limits);
    free(c.counts);
    free(labels);
    return status;
}

const rs_cluster_vtable rs_cluster_dbscan = {
    .name = "dbscan",
    .summary = "regions of points with enough neighbours within eps; eps as given or by the knee",
    .fit = fit,
    .assign = rs_density_assign,
    .describe = rs_density_describe,
    .free = rs_density_free,
};
