/* Average linkage (UPGMA): the two clusters are merged whose points are nearest to each other on average.
 *
 *     D(i, j) = mean of |x - y| over x in i, y in j;    D(i u j, k) = (s_i D(i, k) + s_j D(j, k)) / (s_i + s_j)
 *
 * Sokal and Michener, Univ. Kansas Sci. Bull. 38, 1958. By a chain of nearest neighbours: from a cluster to its
 * nearest, on to that one's nearest, until two are each other's; they merge (Murtagh, Computer J. 26(4), 1983,
 * doi:10.1093/comjnl/26.4.354; Muellner, arXiv:1109.2378). D is reducible, so the rest of the chain stays one. Cost:
 * n^2 d and then n^2; memory n^2 / 2 floats, which is why there may be at most 30000 distinct points (1.8 GB).
 *
 * Invariant: row i of the triangle holds D(i, j) for j < i, single precision, infinite for a dead j. Of equally near
 * clusters the chain prefers the one that it comes from, so that it ends. Equal points count by their number.
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
    float *triangle;
    double *sizes;        /* [count] */
    uint32_t *point;      /* [count], the lowest point of the cluster */
    uint32_t *list, *map; /* [live], the live slots ascending; [count], scratch */
    uint32_t *chain;      /* slots, each the nearest of the one before */
    size_t length;
} average;

static float *row(const average *t, size_t i) {
    return t->triangle + i * (i - 1) / 2; /* of slot 0 it is empty */
}

static float *cell(const average *t, size_t i, size_t j) {
    return i > j ? row(t, i) + j : row(t, j) + i;
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
                float *to = row(t, base + i);
                double norm = norms[base + i];
                for (size_t j = 0; j < base + i; j++) {
                    double square = norm + norms[j] + p[i * width + j];
                    to[j] = (float)sqrt(square > 0 ? square : 0);
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
    free(t->triangle);
    free(t->sizes);
    free(t->point);
    free(t->list);
    free(t->map);
    free(t->chain);
}

static rs_status average_new(average *t, size_t m, size_t d, const float *points, const double *sizes,
                             const rs_context *ctx) {
    rs_status status = RS_OK;
    *t = (average){.count = m, .live = m};
    RS_TRY_ALLOC(t->triangle = rs_alloc_aligned(m * (m - 1) / 2, sizeof *t->triangle));
    RS_TRY_ALLOC(t->sizes = rs_memdup(sizes, m, sizeof *sizes));
    RS_TRY_ALLOC(t->point = rs_alloc(m, sizeof *t->point));
    RS_TRY_ALLOC(t->list = rs_alloc(m, sizeof *t->list));
    RS_TRY_ALLOC(t->map = rs_alloc(m, sizeof *t->map));
    RS_TRY_ALLOC(t->chain = rs_alloc(m, sizeof *t->chain));
    for (size_t i = 0; i < m; i++) t->point[i] = t->list[i] = (uint32_t)i;
    RS_TRY(fill(t, d, points, ctx));
cleanup:
    return status;
}

/* The place of slot i in the list. */
static size_t place(const average *t, size_t i) {
    size_t low = 0, high = t->live;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (t->list[middle] <= i) low = middle;
        else high = middle;
    }
    return low;
}

/* The live slot nearest to i: `from` when none is nearer, else the lowest. from == i: none yet. */
static size_t nearest(const average *t, size_t i, size_t from) {
    const float *mine = row(t, i);
    float best = from == i ? INFINITY : *cell(t, i, from), least = INFINITY;
    size_t result = from;
#pragma omp simd reduction(min : least)
    for (size_t j = 0; j < i; j++) least = mine[j] < least ? mine[j] : least;
    if (least < best) {
        best = least;
        for (result = 0; mine[result] > least;) result++;
    }
    for (size_t p = place(t, i) + 1; p < t->live; p++) {
        float x = row(t, t->list[p])[i];
        if (x < best) {
            best = x;
            result = t->list[p];
        }
    }
    return result;
}

/* Slot b > a takes in a. */
static rs_merge merge(average *t, size_t a, size_t b) {
    double x = t->sizes[a], y = t->sizes[b], sum = x + y;
    rs_merge result = {t->point[a], t->point[b], (double)*cell(t, a, b)};
    for (size_t p = 0; p < t->live; p++) {
        size_t k = t->list[p];
        if (k == a || k == b) continue;
        float *to = cell(t, b, k), *from = cell(t, a, k);
        *to = (float)((y * (double)*to + x * (double)*from) / sum);
        if (k > a) *from = INFINITY;
    }
    *cell(t, a, b) = INFINITY;
    t->sizes[b] = sum;
    if (t->point[a] < t->point[b]) t->point[b] = t->point[a];
    size_t gone = place(t, a);
    memmove(t->list + gone, t->list + gone + 1, (t->live - gone - 1) * sizeof *t->list);
    t->live--;
    return result;
}

/* Drops the dead slots. A cell moves to the left or stays, so that none is overwritten before it has moved. */
static void compact(average *t) {
    for (size_t p = 0; p < t->live; p++) {
        size_t i = t->list[p];
        const float *from = row(t, i);
        float *to = row(t, p);
        for (size_t q = 0; q < p; q++) to[q] = from[t->list[q]];
        t->sizes[p] = t->sizes[i];
        t->point[p] = t->point[i];
        t->map[i] = (uint32_t)p;
    }
    for (size_t i = 0; i < t->length; i++) t->chain[i] = t->map[t->chain[i]];
    for (size_t p = 0; p < t->live; p++) t->list[p] = (uint32_t)p;
    t->count = t->live;
}

static rs_status link_all(rs_merge *merges, average *t, const rs_cluster_options *options, const rs_context *ctx) {
    size_t all = t->live, done = 0;
    while (t->live > 1 && !rs_context_expired(ctx)) {
        rs_status status = rs_context_check(ctx);
        if (status != RS_OK) return status;
        if (!t->length) t->chain[t->length++] = t->list[0];
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
    if (t->live > 1)
        rs_hierarchy_hurry(merges + done, t->live, t->list, t->sizes, t->point,
                           options->clusters ? options->clusters : options->max_clusters, average_distance, t);
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
