/* Lloyd's iterations, without the distances that cannot matter: a point keeps its centroid while an upper bound on the
 * distance to it stays below a lower bound on that to all others; when centroids move, both give way by how far.
 * Hamerly, "Making k-means even faster", SDM 2010, doi:10.1137/1.9781611972801.12. The labels are those of plain
 * iterations.
 *
 * Invariant: every choice rests on squared distances in double precision, so that points that are equal are never
 * parted. Loops over points that run in parallel write one element a point; sums over points run in order: the result
 * is the same for any number of threads. */
#include <math.h>
#include <string.h>

#include "cluster/kmeans.h"
#include "cluster/nearest.h"
#include "core/alloc.h"
#include "core/status.h"

static const uint32_t NOWHERE = UINT32_MAX;

/* Gives every empty cluster the farthest point of those that share a cluster. Points equal to it follow at the next
 * assignment. Returns whether there was one. */
static bool repair(size_t k, size_t *sizes, uint32_t *labels, double *distances, size_t n) {
    bool repaired = false;
    for (size_t j = 0; j < k; j++) {
        if (sizes[j]) continue;
        size_t farthest = n;
        for (size_t i = 0; i < n; i++)
            if (sizes[labels[i]] > 1 && distances[i] > (farthest < n ? distances[farthest] : 0)) farthest = i;
        if (farthest == n) break;
        sizes[labels[farthest]]--;
        sizes[j] = 1;
        labels[farthest] = (uint32_t)j;
        distances[farthest] = 0;
        repaired = true;
    }
    return repaired;
}

static void count(size_t k, size_t *sizes, const uint32_t *labels, size_t n) {
    memset(sizes, 0, k * sizeof *sizes);
    for (size_t i = 0; i < n; i++) sizes[labels[i]]++;
}

/* Drops the empty clusters; no point's nearest centroid changes by that. */
static size_t compact(size_t k, float *centroids, size_t *sizes, uint32_t *labels, size_t n, size_t d) {
    size_t kept = 0;
    for (size_t j = 0; j < k; j++)
        if (sizes[j]) {
            if (kept != j) memcpy(centroids + kept * d, centroids + j * d, d * sizeof *centroids);
            sizes[j] = kept++; /* the new label */
        }
    for (size_t i = 0; i < n; i++) labels[i] = (uint32_t)sizes[labels[i]];
    return kept;
}

/* The sums of clusters, kept up as points change sides, and what says which can. */
typedef struct course {
    size_t k, n, d;
    const float *points;
    float *centroids, *before; /* [k*d] */
    double *sums;              /* [k*d], of points */
    double *shifts;            /* [k], how far a centroid moved */
    size_t *sizes;             /* [k] */
    uint32_t *labels, *summed; /* [n]; summed: in whose sum a point is */
    rs_bounds bounds;
    double *norms; /* [n] */
} course;

static void course_free(course *c) {
    free(c->before);
    free(c->sums);
    free(c->shifts);
    free(c->sizes);
    free(c->summed);
    free(c->bounds.upper);
    free(c->bounds.lower);
    free(c->norms);
}

static rs_status course_new(course *c) {
    rs_status status = RS_OK;
    RS_TRY_ALLOC(c->before = rs_alloc_aligned(c->k, c->d * sizeof *c->before));
    RS_TRY_ALLOC(c->sums = rs_alloc(c->k, c->d * sizeof *c->sums));
    RS_TRY_ALLOC(c->shifts = rs_alloc(c->k, sizeof *c->shifts));
    RS_TRY_ALLOC(c->sizes = rs_alloc(c->k, sizeof *c->sizes));
    RS_TRY_ALLOC(c->summed = rs_alloc_aligned(c->n, sizeof *c->summed));
    RS_TRY_ALLOC(c->bounds.upper = rs_alloc_aligned(c->n, sizeof *c->bounds.upper));
    RS_TRY_ALLOC(c->bounds.lower = rs_alloc_aligned(c->n, sizeof *c->bounds.lower));
    RS_TRY_ALLOC(c->norms = rs_alloc_aligned(c->n, sizeof *c->norms));
    c->bounds.norms = c->norms;
    for (size_t i = 0; i < c->n; i++) {
        c->summed[i] = NOWHERE;
        c->bounds.upper[i] = INFINITY;
        c->bounds.lower[i] = 0;
        c->norms[i] = rs_squared_norm(c->d, c->points + i * c->d);
    }
cleanup:
    return status;
}

/* Sums follow the labels. Returns how many points changed sides. */
static size_t follow(course *c) {
    size_t changed = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (c->labels[i] == c->summed[i]) continue;
        const float *x = c->points + i * c->d;
        double *to = c->sums + c->labels[i] * c->d;
        for (size_t y = 0; y < c->d; y++) to[y] += (double)x[y];
        if (c->summed[i] != NOWHERE) {
            double *from = c->sums + c->summed[i] * c->d;
            for (size_t y = 0; y < c->d; y++) from[y] -= (double)x[y];
        }
        c->summed[i] = c->labels[i];
        changed++;
    }
    return changed;
}

/* Empty clusters start again; the bounds of their points hold no longer. */
static bool restart_empty(course *c, double *distances) {
    bool empty = false;
    for (size_t j = 0; j < c->k; j++) empty = empty || !c->sizes[j];
    if (!empty) return false;
    for (size_t i = 0; i < c->n; i++)
        distances[i] = rs_squared_distance(c->d, c->points + i * c->d, c->centroids + c->labels[i] * c->d);
    if (!repair(c->k, c->sizes, c->labels, distances, c->n)) return false;
    for (size_t i = 0; i < c->n; i++) c->bounds.lower[i] = 0;
    return true;
}

/* Centroids go to the means of clusters that are not empty; bounds give way. Returns the sum of squared shifts. */
static double move(course *c) {
    double total = 0, most = 0, next = 0; /* of the shifts, the greatest and the second */
    size_t farthest = 0;
    memcpy(c->before, c->centroids, c->k * c->d * sizeof *c->before);
    for (size_t j = 0; j < c->k; j++) {
        if (c->sizes[j])
            for (size_t x = j * c->d; x < (j + 1) * c->d; x++)
                c->centroids[x] = (float)(c->sums[x] / (double)c->sizes[j]);
        double square = rs_squared_distance(c->d, c->before + j * c->d, c->centroids + j * c->d);
        total += square;
        c->shifts[j] = sqrt(square) * (1 + 1e-6);
        if (c->shifts[j] > most) {
            next = most;
            most = c->shifts[j];
            farthest = j;
        } else next = fmax(next, c->shifts[j]);
    }
    for (size_t i = 0; i < c->n; i++) { /* the factors cover rounding to single precision */
        size_t j = c->labels[i];
        double lower = (double)c->bounds.lower[i] - (j == farthest ? next : most);
        c->bounds.upper[i] = (float)(((double)c->bounds.upper[i] + c->shifts[j]) * (1 + 1e-6));
        c->bounds.lower[i] = lower > 0 ? (float)(lower * (1 - 1e-6)) : 0;
    }
    return total;
}

/* The variance of a coordinate, on average, once all points are in sums. */
static double mean_variance(const course *c) {
    double squares = 0, n = (double)c->n;
    for (size_t i = 0; i < c->n; i++) squares += c->norms[i];
    for (size_t x = 0; x < c->d; x++) {
        double sum = 0;
        for (size_t j = 0; j < c->k; j++) sum += c->sums[j * c->d + x];
        squares -= sum / n * sum;
    }
    return fmax(0, squares) / n / (double)c->d;
}

rs_status rs_kmeans_lloyd(size_t *k, float *centroids, uint32_t *labels, double *distances, size_t n, size_t d,
                          const float *points, size_t iterations, double tolerance, const rs_context *ctx) {
    rs_status status = RS_OK;
    course c = {.k = *k, .n = n, .d = d, .points = points, .centroids = centroids, .labels = labels};
    RS_TRY(course_new(&c));
    RS_TRY(rs_nearest_bounded(labels, &c.bounds, n, d, points, *k, centroids, ctx));
    for (size_t i = 0; i < iterations && !rs_context_expired(ctx); i++) {
        RS_TRY(rs_context_check(ctx));
        count(*k, c.sizes, labels, n);
        bool repaired = restart_empty(&c, distances);
        if (!follow(&c) && !repaired) break;
        double shift = move(&c), rest = tolerance > 0 ? tolerance * mean_variance(&c) : 0;
        RS_TRY(rs_nearest_bounded(labels, &c.bounds, n, d, points, *k, centroids, ctx));
        if (!repaired && shift <= rest) break;
    }
    for (size_t i = 0; i < n; i++) distances[i] = rs_squared_distance(d, points + i * d, centroids + labels[i] * d);
    count(*k, c.sizes, labels, n);
    *k = compact(*k, centroids, c.sizes, labels, n, d);
cleanup:
    course_free(&c);
    return status;
}
