/* Invariants: every cluster that is split has points on both sides, so that centroids stay distinct; the random start
 * of the power iteration depends on the seed alone and sums run in order. */
#include "cluster/split.h"

#include <math.h>
#include <string.h>

#include "cluster/centroids.h"
#include "cluster/kmeans.h"
#include "cluster/nearest.h"
#include "core/alloc.h"
#include "core/random.h"
#include "core/status.h"

enum { POWER = 8, INNER = 20 };
static const double TOLERANCE = 1e-4; /* of the mean variance */
static const double pi = 3.14159265358979323846;
static const uint64_t stream = 0x73706c6974000000u; /* of ctx->seed */

typedef struct work {
    size_t n, d, k;
    const float *points;
    float *centroids;  /* [most*d] */
    uint32_t *labels;  /* [n] */
    double *distances; /* [n] */
    size_t *starts;    /* [most+1], of clusters in the order */
    size_t *order;     /* [n], points by cluster */
    float *members;    /* [n*d], of one cluster */
    float *children;   /* [most*2*d], by cluster */
    double *scores;    /* [most], -INFINITY: cannot be split */
    uint32_t *sides;   /* [n], of one cluster's members */
    double *scratch;   /* [n] */
    double *axis;      /* [2*d] */
} work;

static void work_free(work *w) {
    free(w->centroids);
    free(w->labels);
    free(w->distances);
    free(w->starts);
    free(w->order);
    free(w->members);
    free(w->children);
    free(w->scores);
    free(w->sides);
    free(w->scratch);
    free(w->axis);
}

static rs_status work_new(work *w, size_t most) {
    rs_status status = RS_OK;
    RS_TRY_ALLOC(w->centroids = rs_alloc_aligned(most, w->d * sizeof *w->centroids));
    RS_TRY_ALLOC(w->labels = rs_alloc(w->n, sizeof *w->labels));
    RS_TRY_ALLOC(w->distances = rs_alloc(w->n, sizeof *w->distances));
    RS_TRY_ALLOC(w->starts = rs_alloc(most + 1, sizeof *w->starts));
    RS_TRY_ALLOC(w->order = rs_alloc(w->n, sizeof *w->order));
    RS_TRY_ALLOC(w->members = rs_alloc_aligned(w->n, w->d * sizeof *w->members));
    RS_TRY_ALLOC(w->children = rs_alloc_aligned(most, 2 * w->d * sizeof *w->children));
    RS_TRY_ALLOC(w->scores = rs_alloc(most, sizeof *w->scores));
    RS_TRY_ALLOC(w->sides = rs_alloc(w->n, sizeof *w->sides));
    RS_TRY_ALLOC(w->scratch = rs_alloc(w->n, sizeof *w->scratch));
    RS_TRY_ALLOC(w->axis = rs_alloc(2 * w->d, sizeof *w->axis));
cleanup:
    return status;
}

static void group(work *w) {
    memset(w->starts, 0, (w->k + 1) * sizeof *w->starts);
    for (size_t i = 0; i < w->n; i++) w->starts[w->labels[i] + 1]++;
    for (size_t j = 0; j < w->k; j++) w->starts[j + 1] += w->starts[j];
    for (size_t i = 0; i < w->n; i++) w->order[w->starts[w->labels[i]]++] = i;
    for (size_t j = w->k; j; j--) w->starts[j] = w->starts[j - 1];
    w->starts[0] = 0;
}

/* Two centroids beside `mean`, along the axis that power iteration finds. */
static void beside(float *children, work *w, size_t m, const float *mean, rs_random *random) {
    size_t d = w->d;
    double *v = w->axis, *next = w->axis + d, variance = 0;
    for (size_t x = 0; x < d; x++) v[x] = rs_random_normal(random);
    for (size_t t = 0; t < POWER; t++) {
        double norm = 0;
        memset(next, 0, d * sizeof *next);
        for (size_t i = 0; i < m; i++) {
            const float *p = w->members + i * d;
            double dot = 0;
            for (size_t x = 0; x < d; x++) dot += ((double)p[x] - (double)mean[x]) * v[x];
            for (size_t x = 0; x < d; x++) next[x] += dot * ((double)p[x] - (double)mean[x]);
        }
        for (size_t x = 0; x < d; x++) norm = hypot(norm, next[x]);
        if (!(norm > 0) || !isfinite(norm)) break;
        variance = t ? norm / (double)m : 0; /* v has length 1 from the second time on */
        for (size_t x = 0; x < d; x++) v[x] = next[x] / norm;
    }
    for (size_t x = 0; x < d; x++) {
        double step = v[x] * sqrt(2 * variance / pi);
        children[x] = (float)((double)mean[x] + step);
        children[d + x] = (float)((double)mean[x] - step);
    }
}

/* Splits cluster j on trial: its children and its score. */
static rs_status try(work *w, size_t j, rs_split_score *score, rs_random *random, const rs_context *ctx) {
    size_t m = w->starts[j + 1] - w->starts[j], d = w->d, two = 2;
    float *children = w->children + 2 * j * d;
    rs_split s = {.n = m, .d = d, .points = w->members, .children = children, .scratch = w->scratch};
    w->scores[j] = -INFINITY;
    for (size_t i = 0; i < m; i++) {
        size_t from = w->order[w->starts[j] + i];
        memcpy(w->members + i * d, w->points + from * d, d * sizeof *w->members);
        s.parent += w->distances[from];
    }
    if (m < 2 || !(s.parent > 0)) return RS_OK;
    beside(children, w, m, w->centroids + j * d, random);
    rs_status status = rs_kmeans_lloyd(&two, children, w->sides, w->scratch, m, d, w->members, INNER, TOLERANCE, ctx);
    if (status != RS_OK || two < 2) return status;
    for (size_t i = 0; i < m; i++) {
        s.sizes[w->sides[i]]++;
        s.parted += w->scratch[i];
    }
    w->scores[j] = score(&s);
    return RS_OK;
}

/* Splits the clusters that are best to split; returns how many. */
static size_t split(work *w, double above, size_t most) {
    size_t before = w->k;
    while (w->k < most) {
        size_t best = 0;
        for (size_t j = 1; j < before; j++)
            if (w->scores[j] > w->scores[best]) best = j;
        if (!(w->scores[best] > above)) break;
        memcpy(w->centroids + best * w->d, w->children + 2 * best * w->d, w->d * sizeof *w->centroids);
        memcpy(w->centroids + w->k * w->d, w->children + (2 * best + 1) * w->d, w->d * sizeof *w->centroids);
        w->scores[best] = -INFINITY;
        w->k++;
    }
    return w->k - before;
}

rs_status rs_split_fit(rs_clustering **out, const rs_cluster_vtable *vtable, rs_split_score *score, size_t n, size_t d,
                       const float *points, const rs_cluster_options *o, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t most = o->clusters ? o->clusters : o->max_clusters < n ? o->max_clusters : n;
    double above = o->clusters ? -INFINITY : 0;
    rs_random random = rs_random_new(rs_context_seed(ctx), stream);
    work w = {.n = n, .d = d, .k = 1, .points = points};
    RS_TRY(work_new(&w, most));
    memcpy(w.centroids, points, d * sizeof *points);
    RS_TRY(rs_kmeans_lloyd(&w.k, w.centroids, w.labels, w.distances, n, d, points, 1, 0, ctx)); /* the mean */
    while (w.k < most && !rs_context_expired(ctx)) {
        group(&w);
        for (size_t j = 0; j < w.k; j++) {
            RS_TRY(rs_context_check(ctx));
            RS_TRY(try(&w, j, score, &random, ctx));
        }
        if (!split(&w, above, most)) break;
        RS_TRY(rs_kmeans_lloyd(&w.k, w.centroids, w.labels, w.distances, n, d, points, o->iterations, TOLERANCE, ctx));
        rs_context_log(ctx, 2, "%s: %zu clusters", vtable->name, w.k);
        rs_context_progress(ctx, "cluster", (double)w.k / (double)most);
    }
    RS_TRY(rs_centroids_new(out, vtable, n, d, w.k, &w.centroids, &w.labels, w.distances));
    rs_context_progress(ctx, "cluster", 1);
cleanup:
    work_free(&w);
    return status;
}
