/* k-means: seeded restarts of Lloyd's iterations, the one with the least inertia wins; the number of clusters as given,
 * or chosen by the silhouette.
 *
 * The choice works on a sample of at most 1000 points, where the highest mean silhouette wins. Numbers of clusters grow
 * by the factor 1.4 from 2 to the most allowed; then the gaps to the best one's neighbours are halved until there are
 * none. The silhouette says nothing about one cluster: that is chosen only when all points are equal or no more is
 * allowed. */
#include "cluster/kmeans.h"

#include <math.h>

#include "cluster/method.h"
#include "cluster/nearest.h"
#include "cluster/quality.h"
#include "core/alloc.h"
#include "core/status.h"
#include "core/text.h"

enum { SAMPLE = 1000, SHOWN = 4 };
static const uint64_t stream_restarts = 0x6b6d65616e730000u, stream_sample = 0x73616d706c650000u; /* of ctx->seed */

typedef struct kmeans {
    rs_clustering base;
    float *centroids; /* [k*d] */
    size_t *sizes;    /* [k] */
    double *radii;    /* [k], distance of the farthest point */
    double inertia;
} kmeans;

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
    RS_TRY(rs_kmeans_seed(&r.k, r.centroids, n, d, points, random, ctx));
    RS_TRY(rs_kmeans_lloyd(&r.k, r.centroids, r.labels, r.distances, n, d, points, iterations, ctx));
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

/* At most SAMPLE points without repetition, in order (Knuth, TAOCP 2, 3.4.2, algorithm S). */
static void sample(float *out, size_t wanted, size_t n, size_t d, const float *points, const rs_context *ctx) {
    rs_random random = rs_random_new(rs_context_seed(ctx), stream_sample);
    for (size_t i = 0, taken = 0; taken < wanted; i++)
        if (rs_random_below(&random, n - i) < wanted - taken) {
            for (size_t x = 0; x < d; x++) out[taken * d + x] = points[i * d + x];
            taken++;
        }
}

/* The numbers of clusters that were tried on the sample: the best one and its neighbours. */
typedef struct choice {
    size_t n, d;
    float *points, *distances; /* [n*d], [n*n] */
    size_t below, best, above;
    double silhouette; /* of the best */
} choice;

/* The silhouette of k clusters of the sample; *k becomes the number of distinct points when there are fewer. */
static rs_status try(double *silhouette, size_t *k, const choice *c, const rs_cluster_options *o,
                     const rs_context *ctx) {
    run r;
    rs_random random = rs_random_new(rs_context_seed(ctx), stream_restarts);
    rs_status status = run_once(&r, *k, c->n, c->d, c->points, o->iterations, &random, ctx);
    if (status != RS_OK) return status;
    *k = r.k;
    status = rs_silhouette(silhouette, c->n, c->distances, r.k, r.labels);
    run_free(&r);
    if (status == RS_OK) rs_context_log(ctx, 2, "kmeans: %zu clusters have silhouette %.4f", *k, *silhouette);
    return status;
}

static rs_status choose(size_t *out, size_t n, size_t d, const float *points, const rs_cluster_options *o,
                        const rs_context *ctx) {
    rs_status status = RS_OK;
    choice c = {.n = n < SAMPLE ? n : SAMPLE, .d = d, .below = 1, .best = 1, .above = 1, .silhouette = -INFINITY};
    size_t most = o->max_clusters < c.n ? o->max_clusters : c.n;
    double silhouette;
    RS_TRY_ALLOC(c.points = rs_alloc_aligned(c.n * d, sizeof *c.points));
    RS_TRY_ALLOC(c.distances = rs_alloc_aligned(c.n * c.n, sizeof *c.distances));
    sample(c.points, c.n, n, d, points, ctx);
    for (size_t i = 0; i < c.n; i++)
        for (size_t j = 0; j <= i; j++)
            c.distances[i * c.n + j] = c.distances[j * c.n + i] =
                (float)sqrt(rs_squared_distance(d, c.points + i * d, c.points + j * d));
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
    free(c.points);
    free(c.distances);
    return status;
}

static void kmeans_free(rs_clustering *c) {
    kmeans *m = (kmeans *)c;
    free(m->base.labels);
    free(m->centroids);
    free(m->sizes);
    free(m->radii);
    free(m);
}

static rs_status kmeans_fit(rs_clustering **out, size_t n, size_t d, const float *points, const rs_cluster_options *o,
                            const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t k = o->clusters;
    run best = {0};
    kmeans *m = rs_alloc(1, sizeof *m);
    if (!m) return RS_EMEMORY;
    if (!k) RS_TRY(choose(&k, n, d, points, o, ctx));
    rs_context_progress(ctx, "cluster", 0.5);
    RS_TRY(run_best(&best, k, n, d, points, o, ctx));
    RS_TRY_ALLOC(m->sizes = rs_alloc(best.k, sizeof *m->sizes));
    RS_TRY_ALLOC(m->radii = rs_alloc(best.k, sizeof *m->radii));
    for (size_t i = 0; i < n; i++) {
        size_t j = best.labels[i];
        m->sizes[j]++;
        m->radii[j] = fmax(m->radii[j], sqrt(best.distances[i]));
    }
    m->base = (rs_clustering){.vtable = &rs_cluster_kmeans, .n = n, .d = d, .k = best.k, .labels = best.labels};
    m->centroids = best.centroids;
    m->inertia = best.inertia;
    best.labels = NULL;
    best.centroids = NULL;
    rs_context_log(ctx, 1, "kmeans: %zu points in %zu clusters, inertia %.6g", n, m->base.k, m->inertia);
    rs_context_progress(ctx, "cluster", 1);
    *out = &m->base;
    m = NULL;
cleanup:
    run_free(&best);
    if (m) kmeans_free(&m->base);
    return status;
}

static rs_status kmeans_assign(const rs_clustering *c, size_t m, const float *points, uint32_t *labels,
                               const rs_context *ctx) {
    return rs_nearest(labels, NULL, m, c->d, points, c->k, rs_kmeans_centroids(c), ctx);
}

static rs_status kmeans_describe(char **out, const rs_clustering *c, size_t i) {
    const kmeans *m = (const kmeans *)c;
    rs_text text = {0};
    for (size_t x = 0; x < c->d && x < SHOWN; x++)
        rs_text_add(&text, "%s%.3g", x ? ", " : "centroid (", (double)m->centroids[i * c->d + x]);
    rs_text_add(&text, "%s), %zu point%s, radius %.3g", c->d > SHOWN ? ", ..." : "", m->sizes[i],
                m->sizes[i] == 1 ? "" : "s", m->radii[i]);
    return rs_text_take(out, &text);
}

const float *rs_kmeans_centroids(const rs_clustering *c) {
    return ((const kmeans *)c)->centroids;
}

double rs_kmeans_inertia(const rs_clustering *c) {
    return ((const kmeans *)c)->inertia;
}

const rs_cluster_vtable rs_cluster_kmeans = {
    .name = "kmeans",
    .summary = "nearest of k centroids; k as given or by the silhouette",
    .fit = kmeans_fit,
    .assign = kmeans_assign,
    .describe = kmeans_describe,
    .free = kmeans_free,
};
