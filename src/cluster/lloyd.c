/* Seeding and Lloyd's iterations.
 *
 * Invariant: every choice rests on squared distances in double precision, which are 0 exactly for equal points. So
 * seeding never takes a point twice, and points that are equal are never parted. Loops over points that run in parallel
 * write one element a point; sums over points run in order: the result is the same for any number of threads. */
#include <math.h>
#include <string.h>

#include "cluster/kmeans.h"
#include "cluster/nearest.h"
#include "core/alloc.h"
#include "core/status.h"

/* A point that is no centroid yet, drawn with a probability proportional to its `distance`, which sum to total > 0. */
static size_t draw(size_t n, const double *distance, double total, rs_random *random) {
    double rest = rs_random_unit(random) * total;
    size_t drawn = 0;
    for (size_t i = 0; i < n && rest >= 0; i++)
        if (distance[i] > 0) {
            drawn = i;
            rest -= distance[i];
        }
    return drawn;
}

/* The smaller one of |a - b|^2 and `most`. A sum of squares only grows, so it need not be finished. */
static double at_most(double most, size_t d, const float *a, const float *b) {
    double sum = 0;
    for (size_t i = 0; i < d && sum < most; i += 16) sum += rs_squared_distance(d - i < 16 ? d - i : 16, a + i, b + i);
    return sum < most ? sum : most;
}

/* after[i] = the squared distance to the nearest centroid if point `centroid` became one, given those before. Returns
 * the sum. */
static double potential(double *after, const double *before, size_t centroid, size_t n, size_t d, const float *points,
                        size_t threads) {
#pragma omp parallel for num_threads((int)threads) schedule(static) if (threads > 1)
    for (size_t i = 0; i < n; i++) after[i] = at_most(before[i], d, points + i * d, points + centroid * d);
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += after[i];
    return sum;
}

static void swap(double **a, double **b) {
    double *c = *a;
    *a = *b;
    *b = c;
}

rs_status rs_kmeans_seed(size_t *k, float *centroids, size_t n, size_t d, const float *points, rs_random *random,
                         const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t threads = rs_context_threads(ctx), useful = n * d / 16384 + 1;
    size_t trials = 2 + (size_t)log((double)*k), chosen = (size_t)rs_random_below(random, n), count = 0;
    double *now = rs_alloc(n, sizeof *now), *best = NULL, *tried = NULL, total;
    RS_TRY_ALLOC(now);
    RS_TRY_ALLOC(best = rs_alloc(n, sizeof *best));
    RS_TRY_ALLOC(tried = rs_alloc(n, sizeof *tried));
    if (threads > useful) threads = useful;
    for (size_t i = 0; i < n; i++) best[i] = INFINITY;
    total = potential(now, best, chosen, n, d, points, threads);
    for (;;) {
        RS_TRY(rs_context_check(ctx));
        memcpy(centroids + count * d, points + chosen * d, d * sizeof *centroids);
        if (++count == *k || !(total > 0)) break; /* enough, or every point is a centroid */
        double least = INFINITY;
        for (size_t t = 0; t < trials; t++) {
            size_t candidate = draw(n, now, total, random);
            double sum = potential(tried, now, candidate, n, d, points, threads);
            if (sum < least) {
                least = sum;
                chosen = candidate;
                swap(&best, &tried);
            }
        }
        swap(&now, &best);
        total = least;
    }
    *k = count;
cleanup:
    free(now);
    free(best);
    free(tried);
    return status;
}

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

/* Centroids of clusters that are not empty; `sums` [k*d] is scratch. */
static void means(size_t k, float *centroids, const size_t *sizes, double *sums, const uint32_t *labels, size_t n,
                  size_t d, const float *points) {
    memset(sums, 0, k * d * sizeof *sums);
    for (size_t i = 0; i < n; i++) {
        double *sum = sums + labels[i] * d;
        for (size_t x = 0; x < d; x++) sum[x] += (double)points[i * d + x];
    }
    for (size_t j = 0; j < k; j++)
        if (sizes[j])
            for (size_t x = 0; x < d; x++) centroids[j * d + x] = (float)(sums[j * d + x] / (double)sizes[j]);
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

rs_status rs_kmeans_lloyd(size_t *k, float *centroids, uint32_t *labels, double *distances, size_t n, size_t d,
                          const float *points, size_t iterations, const rs_context *ctx) {
    rs_status status = RS_OK;
    double *sums = NULL;
    uint32_t *before = NULL;
    size_t *sizes = rs_alloc(*k, sizeof *sizes);
    RS_TRY_ALLOC(sizes);
    RS_TRY_ALLOC(sums = rs_alloc(*k * d, sizeof *sums));
    RS_TRY_ALLOC(before = rs_alloc(n, sizeof *before));
    RS_TRY(rs_nearest(labels, distances, n, d, points, *k, centroids, ctx));
    for (size_t i = 0; i < iterations && !rs_context_expired(ctx); i++) {
        RS_TRY(rs_context_check(ctx));
        memcpy(before, labels, n * sizeof *before);
        count(*k, sizes, labels, n);
        bool repaired = repair(*k, sizes, labels, distances, n);
        means(*k, centroids, sizes, sums, labels, n, d, points);
        RS_TRY(rs_nearest(labels, distances, n, d, points, *k, centroids, ctx));
        if (!repaired && !memcmp(before, labels, n * sizeof *before)) break;
    }
    count(*k, sizes, labels, n);
    *k = compact(*k, centroids, sizes, labels, n, d);
cleanup:
    free(sizes);
    free(sums);
    free(before);
    return status;
}
