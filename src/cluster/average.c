/* Average linkage (UPGMA): the two clusters are merged whose points are nearest to each other on average.
 *
 *     D(i, j) = mean of |x - y| over x in i, y in j;    D(i u j, k) = (s_i D(i, k) + s_j D(j, k)) / (s_i + s_j)
 *
 * Sokal and Michener, Univ. Kansas Sci. Bull. 38, 1958. By a chain of nearest neighbours: from a cluster to its
 * nearest, on to that one's nearest, until two are each other's; they merge (Murtagh, Computer J. 26(4), 1983,
 * doi:10.1093/comjnl/26.4.354; Muellner, arXiv:1109.2378). D is reducible, so the rest of the chain stays one. Cost:
 * n^2 d and then n^2; memory n^2 / 2 floats, which is why there may be at most 30000 distinct points (1.8 GB).
 *
 * Invariant: the cells (i, j), i >= j, of live i and j hold D(i, j) at single precision. They lie in tiles of 4 x 4,
 * one line of the cache each, so that a row and a column are read equally fast. Of equally near clusters the chain
 * prefers the one that it comes from, so that it ends. Equal points count by their number.
 *
 * Past the deadline the largest clusters so far, as many as are wanted or allowed, take in the others.
 * A new point belongs to the cluster of its nearest fitted point. */
#include <cblas.h>
#include <math.h>
#include <string.h>

#include "cluster/hierarchy.h"
#include "cluster/prototypes.h"
#include "core/alloc.h"
#include "core/blas.h"
#include "core/status.h"

enum { MOST = 30000, ROWS = 64 };

typedef struct average {
    size_t count, live; /* slots in use and how many of them are clusters still; the others are dead */
    float *tiles;       /* tile (I, J), I >= J, is number I (I + 1) / 2 + J */
    double *sizes;      /* [count] */
    uint32_t *point;    /* [count], the lowest point of the cluster */
    uint32_t *list;     /* [live], the live slots ascending */
    uint32_t *map;      /* [count], scratch */
    uint32_t *chain;    /* slots, each the nearest of the one before */
    size_t length;
    float *dead; /* [count], infinite for dead slots, else 0 */
    float *near; /* [count], scratch */
    float *other;
} average;

static float *tile(const average *t, size_t big, size_t small) {
    return t->tiles + (big * (big + 1) / 2 + small) * 16;
}

static float *cell(const average *t, size_t i, size_t j) {
    size_t big = i > j ? i : j, small = i > j ? j : i;
    return tile(t, big / 4, small / 4) + big % 4 * 4 + small % 4;
}

/* out[j] = D(i, j), in all slots up to a multiple of 4; i itself is infinite. */
static void gather(const average *t, size_t i, float *out) {
    size_t tiles = (t->count + 3) / 4, own = i / 4;
    for (size_t j = 0; j < own; j++) memcpy(out + 4 * j, tile(t, own, j) + i % 4 * 4, 4 * sizeof *out);
    for (size_t j = 4 * own; j < 4 * own + 4; j++) out[j] = j == i ? INFINITY : *cell(t, i, j);
    for (size_t j = own + 1; j < tiles; j++) {
        const float *from = tile(t, j, own) + i % 4;
        for (size_t r = 0; r < 4; r++) out[4 * j + r] = from[4 * r];
    }
}

/* The inverse. */
static void scatter(const average *t, size_t i, const float *in) {
    size_t tiles = (t->count + 3) / 4, own = i / 4;
    for (size_t j = 0; j < own; j++) memcpy(tile(t, own, j) + i % 4 * 4, in + 4 * j, 4 * sizeof *in);
    for (size_t j = 4 * own; j < 4 * own + 4; j++) *cell(t, i, j) = in[j];
    for (size_t j = own + 1; j < tiles; j++) {
        float *to = tile(t, j, own) + i % 4;
        for (size_t r = 0; r < 4; r++) to[4 * r] = in[4 * j + r];
    }
}

static double average_distance(const void *user, size_t i, size_t j) {
    return (double)*cell(user, i, j);
}

/* Distances of all pairs, by |x|^2 + |y|^2 - 2 x.y in double precision of points centred and scaled to about 1. */
static rs_status fill(average *t, size_t d, const float *points, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t m = t->count, blocks = (m + ROWS - 1) / ROWS, threads = rs_context_threads(ctx);
    if (threads > blocks) threads = blocks;
    int exponent;
    double largest = 0, *x = NULL, *norms = NULL, *products = NULL, *mean = rs_alloc(d, sizeof *mean);
    RS_TRY_ALLOC(mean);
    RS_TRY_ALLOC(x = rs_alloc_aligned(m * d, sizeof *x));
    RS_TRY_ALLOC(norms = rs_alloc(m, sizeof *norms));
    RS_TRY_ALLOC(products = rs_alloc_aligned(threads, ROWS * m * sizeof *products));
    for (size_t i = 0; i < m * d; i++) mean[i % d] += (double)points[i];
    for (size_t i = 0; i < m * d; i++) {
        x[i] = (double)points[i] - mean[i % d] / (double)m;
        largest = fmax(largest, fabs(x[i]));
    }
    frexp(largest, &exponent);
    for (size_t i = 0; i < m * d; i++) {
        x[i] = ldexp(x[i], -exponent);
        norms[i / d] += x[i] * x[i];
    }
    rs_blas_init();
    for (size_t first = 0; first < blocks; first += threads) {
        size_t end = first + threads < blocks ? first + threads : blocks;
        RS_TRY(rs_context_check(ctx));
#pragma omp parallel for num_threads((int)threads) schedule(static) if (threads > 1)
        for (size_t b = first; b < end; b++) {
            size_t base = b * ROWS, rows = m - base < ROWS ? m - base : ROWS, width = base + rows;
            double *p = products + (b - first) * ROWS * m;
            cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)width, (int)d, -2, x + base * d,
                        (int)d, x, (int)d, 0, p, (int)width);
            for (size_t i = 0; i < rows; i++) {
                float *to = tile(t, (base + i) / 4, 0) + (base + i) % 4 * 4;
                double norm = norms[base + i];
                for (size_t j = 0; j < base + i; j++) {
                    double square = norm + norms[j] + p[i * width + j];
                    to[j / 4 * 16 + j % 4] = (float)sqrt(square > 0 ? square : 0);
                }
            }
        }
    }
cleanup:
    free(mean);
    free(x);
    free(norms);
    free(products);
    return status;
}

static void average_free(average *t) {
    free(t->tiles);
    free(t->sizes);
    free(t->point);
    free(t->list);
    free(t->map);
    free(t->chain);
    free(t->dead);
    free(t->near);
    free(t->other);
}

static rs_status average_new(average *t, size_t m, size_t d, const float *points, const double *sizes,
                             const rs_context *ctx) {
    rs_status status = RS_OK;
    *t = (average){.count = m, .live = m};
    size_t side = (m + 3) / 4;
    RS_TRY_ALLOC(t->tiles = rs_alloc_aligned(side * (side + 1) / 2, 16 * sizeof *t->tiles));
    RS_TRY_ALLOC(t->dead = rs_alloc(4 * side, sizeof *t->dead));
    RS_TRY_ALLOC(t->near = rs_alloc(4 * side, sizeof *t->near));
    RS_TRY_ALLOC(t->other = rs_alloc(4 * side, sizeof *t->other));
    RS_TRY_ALLOC(t->sizes = rs_memdup(sizes, m, sizeof *sizes));
    RS_TRY_ALLOC(t->point = rs_alloc(m, sizeof *t->point));
    RS_TRY_ALLOC(t->list = rs_alloc(m, sizeof *t->list));
    RS_TRY_ALLOC(t->map = rs_alloc(m, sizeof *t->map));
    RS_TRY_ALLOC(t->chain = rs_alloc(m, sizeof *t->chain));
    for (size_t i = 0; i < m; i++) t->point[i] = (uint32_t)i;
    RS_TRY(fill(t, d, points, ctx));
cleanup:
    return status;
}

/* The live slot nearest to i: `from` when none is nearer, else the lowest. from == i: none yet. */
static size_t nearest(const average *t, size_t i, size_t from) {
    enum { LANES = 4 };
    float *near = t->near, least[LANES] = {INFINITY, INFINITY, INFINITY, INFINITY};
    size_t result = 0;
    gather(t, i, near);
    for (size_t j = t->count; j % LANES; j++) near[j] = INFINITY;
    for (size_t j = 0; j < t->count; j += LANES)
        for (size_t l = 0; l < LANES; l++) {
            near[j + l] += t->dead[j + l];
            least[l] = near[j + l] < least[l] ? near[j + l] : least[l];
        }
    for (size_t l = 1; l < LANES; l++) least[0] = least[l] < least[0] ? least[l] : least[0];
    if (from != i && near[from] <= least[0]) return from;
    while (near[result] > least[0]) result++;
    return result;
}

/* Slot a takes in b. */
static rs_merge merge(average *t, size_t a, size_t b) {
    double x = t->sizes[a], y = t->sizes[b], sum = x + y;
    rs_merge result = {t->point[a], t->point[b], (double)*cell(t, a, b)};
    gather(t, a, t->near);
    gather(t, b, t->other);
    for (size_t j = 0; j < t->count; j++)
        t->near[j] = (float)((x * (double)t->near[j] + y * (double)t->other[j]) / sum);
    scatter(t, a, t->near);
    t->sizes[a] = sum;
    if (t->point[b] < t->point[a]) t->point[a] = t->point[b];
    t->dead[b] = INFINITY;
    t->live--;
    return result;
}

/* Lists the live slots and drops the others. A cell moves to where it was or before, and cells do so in their order, so
 * that none is overwritten before it has moved. */
static void compact(average *t) {
    size_t live = 0;
    for (size_t i = 0; i < t->count; i++) {
        if (t->dead[i] > 0) continue;
        t->list[live] = (uint32_t)i;
        for (size_t q = 0; q < live; q++) *cell(t, live, q) = *cell(t, i, t->list[q]);
        t->sizes[live] = t->sizes[i];
        t->point[live] = t->point[i];
        t->map[i] = (uint32_t)live++;
    }
    for (size_t i = 0; i < t->length; i++) t->chain[i] = t->map[t->chain[i]];
    for (size_t i = 0; i < live; i++) t->dead[i] = 0;
    t->count = live;
}

static rs_status link_all(rs_merge *merges, average *t, const rs_cluster_options *options, const rs_context *ctx) {
    size_t all = t->live, done = 0;
    while (t->live > 1 && !rs_context_expired(ctx)) {
        rs_status status = rs_context_check(ctx);
        if (status != RS_OK) return status;
        if (!t->length) {
            uint32_t first = 0;
            while (t->dead[first] > 0) first++;
            t->chain[t->length++] = first;
        }
        for (;;) {
            size_t tip = t->chain[t->length - 1], from = t->length > 1 ? t->chain[t->length - 2] : tip;
            size_t next = nearest(t, tip, from);
            if (next == from) break;
            t->chain[t->length++] = (uint32_t)next;
        }
        size_t a = t->chain[t->length - 1], b = t->chain[t->length - 2];
        t->length -= 2;
        merges[done++] = a < b ? merge(t, a, b) : merge(t, b, a);
        if (t->live < t->count - t->count / 4) compact(t);
        rs_context_progress(ctx, "cluster", (double)done / (double)all);
    }
    if (t->live > 1) {
        compact(t);
        for (size_t i = 0; i < t->count; i++) t->list[i] = (uint32_t)i;
        rs_hierarchy_hurry(merges + done, t->live, t->list, t->sizes, t->point,
                           options->clusters ? options->clusters : options->max_clusters, average_distance, t);
    }
    return RS_OK;
}

static rs_status fit(rs_clustering **out, size_t n, size_t d, const float *points, const rs_cluster_options *options,
                     const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_merge *merges = NULL;
    rs_distinct distinct = {0};
    average t = {0};
    RS_TRY(rs_distinct_new(&distinct, n, d, points));
    if (distinct.m > MOST) {
        status = rs_fail(RS_EUSAGE, "average linkage takes at most %d distinct points, not %zu: use ward or birch",
                         MOST, distinct.m);
        goto cleanup;
    }
    RS_TRY_ALLOC(merges = rs_alloc(distinct.m, sizeof *merges));
    RS_TRY(average_new(&t, distinct.m, d, distinct.points, distinct.sizes, ctx));
    RS_TRY(link_all(merges, &t, options, ctx));
    RS_TRY(rs_hierarchy_cluster(out, &rs_cluster_average, &distinct, merges, n, d, points, options, ctx));
cleanup:
    average_free(&t);
    rs_distinct_free(&distinct);
    free(merges);
    return status;
}

const rs_cluster_vtable rs_cluster_average = {
    .name = "average",
    .summary = "hierarchy of mean distances; k as given or by the silhouette",
    .fit = fit,
    .assign = rs_prototypes_assign,
    .describe = rs_prototypes_describe,
    .free = rs_prototypes_free,
};
