/* k-means: seeded restarts of Lloyd's iterations, the one with the least inertia wins; the number of clusters as given,
 * or chosen by the silhouette.
 *
 * The choice works on a sample of at most 1000 points, where the highest mean silhouette wins. Numbers of clusters grow
 * by the factor 1.4 from 2 to the most allowed; then the gaps to the best one's neighbours are halved until there are
 * none. The silhouette says nothing about one cluster: that is chosen only when all points are equal or no more is
 * allowed. */
#include "cluster/kmeans.h"

#include <math.h>

#include "cluster/centroids.h"
#include "cluster/quality.h"
#include "core/alloc.h"
#include "core/status.h"

enum { SAMPLE = 1000 };
static const double TOLERANCE = 1e-4;                        /* of the mean variance */
static const uint64_t stream_restarts = 0x6b6d65616e730000u; /* of ctx->seed */

/* One run of Lloyd's iterations. */
typedef struct run {
    size_t k;
    float *centroids;  /* [k*d] */
    uint32_t *labels;  /* [n] */
    double *distances; /* [n], squared */
    double inertia;
} run;

static void run_free(run *r) {
    free(r->centroids);
    free(r->labels);
    free(r->distances);
    *r = (run){0};
}

static rs_status run_once(run *out, size_t k, size_t n, size_t d, const float *points, size_t iterations,
                          rs_random *random, const rs_context *ctx) {
    rs_status status = RS_OK;
    run r = {.k = k};
    RS_TRY_ALLOC(r.centroids = rs_alloc_aligned(k * d, sizeof *r.centroids));
    RS_TRY_ALLOC(r.labels = rs_alloc(n, sizeof *r.labels));
    RS_TRY_ALLOC(r.distances = rs_alloc(n, sizeof *r.distances));
    RS_TRY(rs_kmeans_start(&r.k, r.centroids, n, d, points, TOLERANCE, random, ctx));
    RS_TRY(rs_kmeans_lloyd(&r.k, r.centroids, r.labels, r.distances, n, d, points, iterations, TOLERANCE, ctx));
    for (size_t i = 0; i < n; i++) r.inertia += r.distances[i];
    *out = r;
    return RS_OK;
cleanup:
    run_free(&r);
    return status;
}

/* The run of least inertia, the first on ties. */
static rs_status run_best(run *out, size_t k, size_t n, size_t d, const float *points, const rs_cluster_options *o,
                          const rs_context *ctx) {
    rs_status status = RS_OK;
    run best = {0};
    for (size_t i = 0; i < o->restarts && !(i && (best.inertia <= 0 || rs_context_expired(ctx))); i++) {
        rs_random random = rs_random_new(rs_context_seed(ctx), stream_restarts + i);
        run next;
        RS_TRY(run_once(&next, k, n, d, points, o->iterations, &random, ctx));
        if (!i || next.inertia < best.inertia) {
            run_free(&best);
            best = next;
        } else run_free(&next);
    }
    *out = best;
    return RS_OK;
cleanup:
    run_free(&best);
    return status;
}

/* The numbers of clusters that were tried on the sample: the best one and its neighbours. */
typedef struct choice {
    size_t d;
    rs_sample sample;
    size_t below, best, above;
    double silhouette; /* of the best */
} choice;

/* The silhouette of k clusters of the sample; *k becomes the number of distinct points when there are fewer. */
static rs_status try(double *silhouette, size_t *k, const choice *c, const rs_cluster_options *o,
                     const rs_context *ctx) {
    run r;
    rs_random random = rs_random_new(rs_context_seed(ctx), stream_restarts);
    rs_status status = run_once(&r, *k, c->sample.n, c->d, c->sample.points, o->iterations, &random, ctx);
    if (status != RS_OK) return status;
    *k = r.k;
    status = rs_silhouette(silhouette, c->sample.n, c->sample.distances, r.k, r.labels);
    run_free(&r);
    if (status == RS_OK) rs_context_log(ctx, 2, "kmeans: %zu clusters have silhouette %.4f", *k, *silhouette);
    return status;
}

rs_status rs_kmeans_choose(size_t *out, size_t n, size_t d, const float *points, const rs_cluster_options *o,
                           const rs_context *ctx) {
    rs_status status = RS_OK;
    choice c = {.d = d, .below = 1, .best = 1, .above = 1, .silhouette = -INFINITY};
    size_t most = o->max_clusters < SAMPLE ? o->max_clusters : SAMPLE;
    double silhouette;
    RS_TRY(rs_sample_new(&c.sample, SAMPLE, n, d, points, ctx));
    if (c.sample.n < most) most = c.sample.n;
    for (size_t k = 1, last = 1; k < most && !rs_context_expired(ctx); last = k) {
        size_t next = k + (k * 2 + 4) / 5, got = next < most ? next : most;
        k = got;
        RS_TRY(try(&silhouette, &got, &c, o, ctx));
        if (got < k) k = most = got; /* no more distinct points */
        if (k > last && silhouette > c.silhouette) {
            c.below = last > 1 ? last : k;
            c.best = c.above = k;
            c.silhouette = silhouette;
        } else if (c.above == c.best && k > c.best) c.above = k;
        rs_context_progress(ctx, "cluster", 0.4 * log((double)k) / log((double)most));
    }
    while ((c.best - c.below > 1 || c.above - c.best > 1) && !rs_context_expired(ctx)) {
        bool up = c.above - c.best > c.best - c.below;
        size_t k = up ? c.best + (c.above - c.best) / 2 : c.below + (c.best - c.below) / 2;
        RS_TRY(try(&silhouette, &k, &c, o, ctx));
        if (silhouette > c.silhouette) {
            *(up ? &c.below : &c.above) = c.best;
            c.best = k;
            c.silhouette = silhouette;
        } else *(up ? &c.above : &c.below) = k;
    }
    *out = c.best;
cleanup:
    rs_sample_free(&c.sample);
    return status;
}

static rs_status kmeans_fit(rs_clustering **out, size_t n, size_t d, const float *points, const rs_cluster_options *o,
                            const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t k = o->clusters;
    run best = {0};
    if (!k) RS_TRY(rs_kmeans_choose(&k, n, d, points, o, ctx));
    rs_context_progress(ctx, "cluster", 0.5);
    RS_TRY(run_best(&best, k, n, d, points, o, ctx));
    RS_TRY(rs_centroids_new(out, &rs_cluster_kmeans, n, d, best.k, &best.centroids, &best.labels, best.distances));
    rs_context_log(ctx, 1, "kmeans: %zu points in %zu clusters, inertia %.6g", n, best.k, best.inertia);
    rs_context_progress(ctx, "cluster", 1);
cleanup:
    run_free(&best);
    return status;
}

const rs_cluster_vtable rs_cluster_kmeans = {
    .name = "kmeans",
    .summary = "nearest of k centroids; k as given or by the silhouette",
    .fit = kmeans_fit,
    .assign = rs_centroids_assign,
    .describe = rs_centroids_describe,
    .free = rs_centroids_free,
};
