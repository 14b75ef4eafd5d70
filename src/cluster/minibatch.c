/* Mini-batch k-means: centroids follow small random batches. Sculley, "Web-scale k-means clustering", WWW 2010,
 * doi:10.1145/1772690.1772862.
 *
 * A batch is drawn with repetition and labelled by the centroids before it; then each of its points x moves its
 * centroid, c += (x - c) / v, with v the number of points that c has had. That keeps c the mean of these v points, so
 * that a batch is added at once: c = (v c + sum of x) / (v + m). It ends when the smoothed inertia of batches has not
 * fallen 10 times in a row, or after `iterations` times as many batches as cover the points. k is given, or chosen as
 * k-means does. The first centroids are those of `restarts` k-means++ seedings of samples, moved by a few of Lloyd's
 * iterations there, that suit another sample best; v starts as what each has of its sample. New points get the nearest
 * centroid.
 *
 * Invariant: one generator draws everything, and labels are those of rs_nearest: the result does not depend on threads.
 * Cost: (batches * 1024 + n) k d. */
#include <math.h>
#include <string.h>

#include "cluster/centroids.h"
#include "cluster/kmeans.h"
#include "cluster/nearest.h"
#include "core/alloc.h"
#include "core/status.h"

enum { BATCH = 1024, PATIENCE = 10, SETTLE = 10, AHEAD = 12, LINE = 16 };
static const double TOLERANCE = 1e-4;               /* of the mean variance, on a sample */
static const uint64_t stream = 0x6d696e6962617463u; /* of ctx->seed */

/* `size` points drawn with repetition, or all of them in order when there are no more. Points lie anywhere in memory:
 * they are drawn somewhat before they are copied, so that they are there in time. */
static void draw(float *batch, size_t size, size_t n, size_t d, const float *points, rs_random *random) {
    const float *from[AHEAD];
    for (size_t i = 0; i < size + AHEAD; i++) {
        if (i >= AHEAD) memcpy(batch + (i - AHEAD) * d, from[i % AHEAD], d * sizeof *batch);
        if (i >= size) continue;
        from[i % AHEAD] = points + (size < n ? (size_t)rs_random_below(random, n) : i) * d;
        for (size_t x = 0; x < d; x += LINE) __builtin_prefetch(from[i % AHEAD] + x);
    }
}

/* The best of the seedings, and the points that each centroid had; `sample` [size*d] is scratch. */
static rs_status seed(size_t *k, float *centroids, size_t *seen, float *sample, size_t size, size_t n, size_t d,
                      const float *points, size_t restarts, rs_random *random, const rs_context *ctx) {
    rs_status status = RS_OK;
    double best = INFINITY, *distances = rs_alloc(size, sizeof *distances);
    uint32_t *labels = NULL;
    float *tried = NULL;
    size_t wanted = *k, *had = NULL;
    RS_TRY_ALLOC(distances);
    RS_TRY_ALLOC(had = rs_alloc(wanted, sizeof *had));
    RS_TRY_ALLOC(labels = rs_alloc(size, sizeof *labels));
    RS_TRY_ALLOC(tried = rs_alloc_aligned(wanted * d, sizeof *tried));
    for (size_t i = 0; i < restarts && !(i && rs_context_expired(ctx)); i++) {
        size_t got = wanted;
        double inertia = 0;
        draw(sample, size, n, d, points, random);
        RS_TRY(rs_kmeans_seed(&got, tried, size, d, sample, random, ctx));
        RS_TRY(rs_kmeans_lloyd(&got, tried, labels, distances, size, d, sample, SETTLE, TOLERANCE, ctx));
        memset(had, 0, wanted * sizeof *had);
        for (size_t j = 0; j < size; j++) had[labels[j]]++;
        draw(sample, size, n, d, points, random);
        RS_TRY(rs_nearest(labels, distances, size, d, sample, got, tried, ctx));
        for (size_t j = 0; j < size; j++) inertia += distances[j];
        if (i && inertia >= best) continue;
        best = inertia;
        *k = got;
        memcpy(centroids, tried, got * d * sizeof *tried);
        memcpy(seen, had, got * sizeof *had);
    }
cleanup:
    free(distances);
    free(had);
    free(labels);
    free(tried);
    return status;
}

/* Where the centroids are on their way. */
typedef struct course {
    size_t k, d;
    float *centroids;      /* [k*d] */
    double *means;         /* [k*d], the same before rounding */
    double *sums;          /* [k*d], of a batch */
    size_t *seen, *counts; /* [k], points of all batches, of this one */
} course;

static void follow(course *c, size_t size, const float *batch, const uint32_t *labels) {
    memset(c->sums, 0, c->k * c->d * sizeof *c->sums);
    memset(c->counts, 0, c->k * sizeof *c->counts);
    for (size_t i = 0; i < size; i++) {
        double *sum = c->sums + labels[i] * c->d;
        c->counts[labels[i]]++;
        for (size_t x = 0; x < c->d; x++) sum[x] += (double)batch[i * c->d + x];
    }
    for (size_t j = 0; j < c->k; j++) {
        if (!c->counts[j]) continue;
        double before = (double)c->seen[j], all = before + (double)c->counts[j];
        c->seen[j] += c->counts[j];
        for (size_t x = j * c->d; x < (j + 1) * c->d; x++)
            c->centroids[x] = (float)(c->means[x] = (c->means[x] * before + c->sums[x]) / all);
    }
}

static rs_status fit(rs_clustering **out, size_t n, size_t d, const float *points, const rs_cluster_options *o,
                     const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_random random = rs_random_new(rs_context_seed(ctx), stream);
    course c = {.k = o->clusters, .d = d};
    uint32_t *labels = NULL;
    double *distances = NULL;
    float *batch = NULL;
    if (!c.k) RS_TRY(rs_kmeans_choose(&c.k, n, d, points, o, ctx));
    size_t size = n < BATCH ? n : BATCH, first = c.k > size ? 3 * c.k : 3 * size, quiet = 0;
    if (first > n) first = n;
    RS_TRY_ALLOC(batch = rs_alloc_aligned(first, d * sizeof *batch));
    RS_TRY_ALLOC(labels = rs_alloc(size, sizeof *labels));
    RS_TRY_ALLOC(distances = rs_alloc(size, sizeof *distances));
    RS_TRY_ALLOC(c.centroids = rs_alloc_aligned(c.k, d * sizeof *c.centroids));
    RS_TRY_ALLOC(c.means = rs_alloc(c.k, d * sizeof *c.means));
    RS_TRY_ALLOC(c.sums = rs_alloc(c.k, d * sizeof *c.sums));
    RS_TRY_ALLOC(c.seen = rs_alloc(c.k, sizeof *c.seen));
    RS_TRY_ALLOC(c.counts = rs_alloc(c.k, sizeof *c.counts));
    RS_TRY(seed(&c.k, c.centroids, c.seen, batch, first, n, d, points, o->restarts, &random, ctx));
    for (size_t i = 0; i < c.k * d; i++) c.means[i] = (double)c.centroids[i];
    double smooth = 0, least = INFINITY, weight = fmin(1, 2.0 * (double)size / ((double)n + 1));
    double most = (double)o->iterations * ceil((double)n / (double)size);
    for (size_t i = 0; (double)i < most && quiet < PATIENCE && !rs_context_expired(ctx); i++) {
        RS_TRY(rs_context_check(ctx));
        double inertia = 0;
        draw(batch, size, n, d, points, &random);
        RS_TRY(rs_nearest(labels, distances, size, d, batch, c.k, c.centroids, ctx));
        for (size_t j = 0; j < size; j++) inertia += distances[j];
        follow(&c, size, batch, labels);
        smooth = i ? smooth + weight * (inertia - smooth) : inertia;
        quiet = smooth < least ? 0 : quiet + 1;
        least = fmin(least, smooth);
    }
    RS_TRY(rs_centroids_fit(out, &rs_cluster_minibatch, n, d, points, c.k, c.centroids, ctx));
    rs_context_progress(ctx, "cluster", 1);
cleanup:
    free(batch);
    free(labels);
    free(distances);
    free(c.centroids);
    free(c.means);
    free(c.sums);
    free(c.seen);
    free(c.counts);
    return status;
}

const rs_cluster_vtable rs_cluster_minibatch = {
    .name = "minibatch",
    .summary = "k-means that follows small random batches; for many points",
    .fit = fit,
    .assign = rs_centroids_assign,
    .describe = rs_centroids_describe,
    .free = rs_centroids_free,
};
