/* First centroids from samples, coarse to fine: what is far from settled is settled where a step is cheap.
 *
 * 1. A sample; with many coordinates, its scores on the `low` axes of most variance, found by subspace iteration:
 *    Z = X^T (X Q), Q = orthonormal(Z). Several k-means++ seedings of these, each followed by a few of Lloyd's
 *    iterations; the one of least inertia goes on with them.
 * 2. Its clusters' means in all coordinates start Lloyd's iterations on the sample, these on one 8 times as large, and
 *    so on up to a third of the points.
 * The distance of what iterations on a sample find to what they find on all points falls with its size, so that few
 * iterations over all points are left. Bradley and Fayyad, "Refining initial points for k-means clustering", ICML 1998.
 *
 * Invariants: one generator draws everything in order, so that the result does not depend on threads. Scores only
 * choose: centroids are means of points in all coordinates. Where samples cannot tell k points apart, all points are
 * seeded. */
#include <math.h>
#include <string.h>

#include "cluster/kmeans.h"
#include "core/alloc.h"
#include "core/blas.h"
#include "core/status.h"

enum {
    FEW = 4096,         /* no more points than this are seeded as they are */
    SAMPLE = 2048,      /* the least of a first sample, ... */
    PER_CENTROID = 128, /* and of its points for each centroid */
    GROWTH = 8,         /* from sample to sample */
    COORDINATES = 48,   /* from so many on axes are looked for, ... */
    ROWS = 2048,        /* with so many points, ... */
    POWER = 2,          /* and in so many rounds */
    TRIES = 8,          /* of a seeding, at most; ... */
    GLANCE = 8,         /* iterations show what one is worth */
    ITERATIONS = 100
};

typedef struct start {
    size_t n, d, k;
    const float *points;
    size_t size, first;  /* of the sample; of the first one */
    float *sample;       /* [most*d] */
    size_t low;          /* coordinates of the seeding */
    float *scores;       /* [first*low] */
    float *tried, *best; /* [k*d], the first k*low of it in use */
    uint32_t *labels;    /* [most] */
    double *distances;   /* [most] */
    double *sums;        /* [k*d] */
    size_t *sizes;       /* [k] */
} start;

static void start_free(start *s) {
    free(s->sample);
    free(s->scores);
    free(s->tried);
    free(s->labels);
    free(s->best);
    free(s->distances);
    free(s->sums);
    free(s->sizes);
}

static rs_status start_new(start *s) {
    rs_status status = RS_OK;
    size_t most = s->first;
    while (most <= s->n / 3 / GROWTH) most *= GROWTH;
    RS_TRY_ALLOC(s->sample = rs_alloc_aligned(most, s->d * sizeof *s->sample));
    RS_TRY_ALLOC(s->scores = rs_alloc_aligned(s->first, s->low * sizeof *s->scores));
    RS_TRY_ALLOC(s->tried = rs_alloc_aligned(s->k, s->d * sizeof *s->tried));
    RS_TRY_ALLOC(s->labels = rs_alloc(most, sizeof *s->labels));
    RS_TRY_ALLOC(s->best = rs_alloc_aligned(s->k, s->d * sizeof *s->best));
    RS_TRY_ALLOC(s->distances = rs_alloc(most, sizeof *s->distances));
    RS_TRY_ALLOC(s->sums = rs_alloc(s->k, s->d * sizeof *s->sums));
    RS_TRY_ALLOC(s->sizes = rs_alloc(s->k, sizeof *s->sizes));
cleanup:
    return status;
}

/* One point of each of `size` parts of the points, as equal as can be. */
static void take(start *s, size_t size, rs_random *random) {
    size_t part = s->n / size, longer = s->n % size, from = 0;
    for (size_t i = 0; i < size; i++) {
        size_t length = part + (i < longer);
        memcpy(s->sample + i * s->d, s->points + (from + rs_random_below(random, length)) * s->d,
               s->d * sizeof *s->sample);
        from += length;
    }
    s->size = size;
}

static double dot(size_t d, const float *a, const float *b) {
    double sum = 0;
    for (size_t x = 0; x < d; x++) sum += (double)a[x] * (double)b[x];
    return sum;
}

/* Gram-Schmidt, twice over. What is left of an axis that depends on those before is none: it becomes 0. */
static void orthonormalise(float *axes, size_t low, size_t d) {
    for (size_t a = 0; a < low; a++) {
        float *v = axes + a * d;
        double before = dot(d, v, v), after;
        for (size_t b = 0; b < 2 * a; b++) {
            const float *u = axes + b % a * d;
            float along = (float)dot(d, u, v);
            for (size_t x = 0; x < d; x++) v[x] -= along * u[x];
        }
        after = dot(d, v, v);
        double scale = after > 1e-9 * before ? 1 / sqrt(after) : 0; /* 0 for a NaN */
        for (size_t x = 0; x < d; x++) v[x] = (float)((double)v[x] * scale);
    }
}

/* Some of the sample about their mean. */
static void centre(float *rows, size_t count, double *mean, const start *s) {
    size_t d = s->d;
    memset(mean, 0, d * sizeof *mean);
    for (size_t i = 0; i < count; i++)
        for (size_t x = 0; x < d; x++) mean[x] += (double)s->sample[i * s->size / count * d + x] / (double)count;
    for (size_t i = 0; i < count; i++)
        for (size_t x = 0; x < d; x++)
            rows[i * d + x] = (float)((double)s->sample[i * s->size / count * d + x] - mean[x]);
}

/* The sample's scores. Sets `low` to d where there are none that are finite. */
static rs_status score(start *s, rs_random *random) {
    rs_status status = RS_OK;
    size_t d = s->d, low = s->low, count = s->size < ROWS ? s->size : ROWS;
    float *axes = rs_alloc_aligned(low, d * sizeof *axes), *rows = NULL, *turned = NULL;
    RS_TRY_ALLOC(axes);
    RS_TRY_ALLOC(rows = rs_alloc_aligned(count, d * sizeof *rows));
    RS_TRY_ALLOC(turned = rs_alloc_aligned(count, low * sizeof *turned));
    rs_blas_init();
    centre(rows, count, s->sums, s);
    for (size_t i = 0; i < low * d; i++) axes[i] = (float)rs_random_normal(random);
    orthonormalise(axes, low, d);
    for (size_t t = 0; t < POWER; t++) {
        rs_gemm_nt(count, low, d, rows, axes, 0, s->scores);
        for (size_t i = 0; i < count; i++)
            for (size_t a = 0; a < low; a++) turned[a * count + i] = s->scores[i * low + a];
        rs_gemm_nn(low, d, count, turned, rows, 0, axes);
        orthonormalise(axes, low, d);
    }
    rs_gemm_nt(s->size, low, d, s->sample, axes, 0, s->scores);
    for (size_t a = 0; a < low; a++) {
        double middle = 0;
        for (size_t x = 0; x < d; x++) middle += (double)axes[a * d + x] * s->sums[x];
        for (size_t i = 0; i < s->size; i++) {
            float *at = s->scores + i * low + a;
            *at -= (float)middle;
            if (!isfinite(*at)) s->low = d;
        }
    }
cleanup:
    free(axes);
    free(rows);
    free(turned);
    return status;
}

/* The means of the sample's clusters. */
static void lift(start *s, float *centroids) {
    size_t d = s->d;
    memset(s->sums, 0, s->k * d * sizeof *s->sums);
    memset(s->sizes, 0, s->k * sizeof *s->sizes);
    for (size_t i = 0; i < s->size; i++) {
        s->sizes[s->labels[i]]++;
        for (size_t x = 0; x < d; x++) s->sums[s->labels[i] * d + x] += (double)s->sample[i * d + x];
    }
    for (size_t j = 0; j < s->k * d; j++) centroids[j] = (float)(s->sums[j] / (double)s->sizes[j / d]);
}

/* The best of some seedings of the first sample after a few iterations, and what more of these make of it. *found: it
 * has k clusters. */
static rs_status seed(bool *found, start *s, double tolerance, rs_random *random, const rs_context *ctx) {
    rs_status status = RS_OK;
    double least = INFINITY;
    const float *x = s->low < s->d ? s->scores : s->sample;
    size_t got = s->k, tries = 1 + s->n / s->size; /* cheap where the sample is a small one */
    if (tries > TRIES) tries = TRIES;
    tolerance *= (double)s->low / (double)s->d; /* of the variance of a coordinate */
    for (size_t t = 0; t < tries && !(t && rs_context_expired(ctx)); t++) {
        double inertia = 0;
        RS_TRY(rs_kmeans_seed(&got, s->tried, s->size, s->low, x, random, ctx));
        if (got < s->k) return RS_OK;
        RS_TRY(rs_kmeans_lloyd(&got, s->tried, s->labels, s->distances, s->size, s->low, x, GLANCE, tolerance, ctx));
        for (size_t i = 0; i < s->size; i++) inertia += s->distances[i];
        if (got == s->k && inertia < least) {
            float *swap = s->best;
            s->best = s->tried;
            s->tried = swap;
            least = inertia;
        }
        got = s->k;
    }
    if (!(least < INFINITY)) return RS_OK;
    RS_TRY(rs_kmeans_lloyd(&got, s->best, s->labels, s->distances, s->size, s->low, x, ITERATIONS, tolerance, ctx));
    *found = got == s->k;
cleanup:
    return status;
}

/* From samples; *found: they have k distinct points. */
static rs_status refine(bool *found, float *centroids, start *s, double tolerance, rs_random *random,
                        const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t k = s->k;
    take(s, s->first, random);
    if (s->low < s->d) RS_TRY(score(s, random));
    RS_TRY(seed(found, s, tolerance, random, ctx));
    if (!*found) return RS_OK;
    lift(s, centroids);
    if (s->low < s->d && s->first < s->n)
        RS_TRY(rs_kmeans_lloyd(&k, centroids, s->labels, s->distances, s->size, s->d, s->sample, ITERATIONS, tolerance,
                               ctx));
    while (s->size <= s->n / 3 / GROWTH && k == s->k && !rs_context_expired(ctx)) {
        take(s, s->size * GROWTH, random);
        RS_TRY(rs_kmeans_lloyd(&k, centroids, s->labels, s->distances, s->size, s->d, s->sample, ITERATIONS, tolerance,
                               ctx));
    }
    *found = k == s->k;
cleanup:
    return status;
}

rs_status rs_kmeans_start(size_t *k, float *centroids, size_t n, size_t d, const float *points, double tolerance,
                          rs_random *random, const rs_context *ctx) {
    rs_status status = RS_OK;
    bool found = false;
    start s = {.n = n, .d = d, .k = *k, .points = points, .low = d < COORDINATES ? d : d < 128 ? 16 : 32};
    s.first = *k > SAMPLE / PER_CENTROID ? PER_CENTROID * *k : SAMPLE;
    if (s.first > n / 2) s.first = n;
    if (n > FEW) {
        RS_TRY(start_new(&s));
        RS_TRY(refine(&found, centroids, &s, tolerance, random, ctx));
    }
    if (!found) RS_TRY(rs_kmeans_seed(k, centroids, n, d, points, random, ctx));
cleanup:
    start_free(&s);
    return status;
}
