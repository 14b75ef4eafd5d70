/* Measures of quality. */
#include "cluster/quality.h"

#include <math.h>
#include <string.h>

#include "cluster/nearest.h"
#include "core/alloc.h"
#include "core/random.h"
#include "core/status.h"
#include "rnnsafe/cluster.h"

static int ascending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Sorted pairs (label, truth) put the points of a cluster together, and in it those of a true state. With cluster sizes
 * s and parts p of a true state in a cluster, n times the weighted entropy is the sum of p log2(s / p). */
rs_status rs_cluster_ambiguity(double *out, size_t n, const uint32_t *labels, const uint32_t *truth) {
    if (!n) return rs_fail(RS_EUSAGE, "the ambiguity of no points is not defined");
    uint64_t *pairs = rs_alloc(n, sizeof *pairs);
    if (!pairs) return RS_EMEMORY;
    for (size_t i = 0; i < n; i++) pairs[i] = truth[i];
    qsort(pairs, n, sizeof *pairs, ascending);
    size_t states = 1;
    for (size_t i = 1; i < n; i++) states += pairs[i] != pairs[i - 1];
    for (size_t i = 0; i < n; i++) pairs[i] = (uint64_t)labels[i] << 32 | truth[i];
    qsort(pairs, n, sizeof *pairs, ascending);
    double bits = 0;
    for (size_t first = 0, last; first < n; first = last) {
        for (last = first; last < n && pairs[last] >> 32 == pairs[first] >> 32;) last++;
        for (size_t i = first, j; i < last; i = j) {
            for (j = i; j < last && pairs[j] == pairs[i];) j++;
            bits += (double)(j - i) * log2((double)(last - first) / (double)(j - i));
        }
    }
    free(pairs);
    *out = states > 1 ? bits / (double)n / log2((double)states) : 0;
    return RS_OK;
}

/* Pairs of points in a run of `size` equal ones. */
static double pairs_of(size_t size) {
    return (double)size * ((double)size - 1) / 2;
}

/* Pairs with equal keys; sorts the keys. */
static double pairs_alike(size_t n, uint64_t *keys) {
    double sum = 0;
    qsort(keys, n, sizeof *keys, ascending);
    for (size_t first = 0, last; first < n; first = last) {
        for (last = first; last < n && keys[last] == keys[first];) last++;
        sum += pairs_of(last - first);
    }
    return sum;
}

/* With s pairs together in both labellings, a in the first, b in the second and t in all: (s - ab/t) / ((a+b)/2 -
 * ab/t). */
rs_status rs_cluster_rand(double *out, size_t n, const uint32_t *labels, const uint32_t *truth) {
    if (!n) return rs_fail(RS_EUSAGE, "the Rand index of no points is not defined");
    uint64_t *keys = rs_alloc(n, sizeof *keys);
    if (!keys) return RS_EMEMORY;
    for (size_t i = 0; i < n; i++) keys[i] = labels[i];
    double a = pairs_alike(n, keys);
    for (size_t i = 0; i < n; i++) keys[i] = truth[i];
    double b = pairs_alike(n, keys);
    for (size_t i = 0; i < n; i++) keys[i] = (uint64_t)labels[i] << 32 | truth[i];
    double both = pairs_alike(n, keys), total = pairs_of(n), chance = total > 0 ? a / total * b : 0;
    free(keys);
    /* The same partition has a = b = s; that covers one cluster, or as many as points, where the quotient is 0 / 0. */
    *out = both >= a && both >= b ? 1 : (both - chance) / ((a + b) / 2 - chance);
    return RS_OK;
}

rs_status rs_sample_new(rs_sample *out, size_t wanted, size_t n, size_t d, const float *points, const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_sample s = {.n = wanted < n ? wanted : n};
    rs_random random = rs_random_new(rs_context_seed(ctx), 0x73616d706c650000u);
    RS_TRY_ALLOC(s.indices = rs_alloc(s.n, sizeof *s.indices));
    RS_TRY_ALLOC(s.points = rs_alloc_aligned(s.n * d, sizeof *s.points));
    RS_TRY_ALLOC(s.distances = rs_alloc_aligned(s.n * s.n, sizeof *s.distances));
    /* Knuth, TAOCP 2, 3.4.2, algorithm S */
    for (size_t i = 0, taken = 0; taken < s.n; i++)
        if (rs_random_below(&random, n - i) < s.n - taken) {
            s.indices[taken] = i;
            memcpy(s.points + taken * d, points + i * d, d * sizeof *points);
            taken++;
        }
    for (size_t i = 0; i < s.n; i++) {
        if (i % 64 == 0) RS_TRY(rs_context_check(ctx));
        for (size_t j = 0; j <= i; j++)
            s.distances[i * s.n + j] = s.distances[j * s.n + i] =
                (float)sqrt(rs_squared_distance(d, s.points + i * d, s.points + j * d));
    }
    *out = s;
    return RS_OK;
cleanup:
    rs_sample_free(&s);
    return status;
}

void rs_sample_free(rs_sample *s) {
    free(s->indices);
    free(s->points);
    free(s->distances);
    *s = (rs_sample){0};
}

rs_status rs_cluster_silhouette(double *out, size_t n, size_t d, const float *points, const uint32_t *labels,
                                size_t sample, const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_sample s = {0};
    uint64_t *sorted = NULL;
    uint32_t *dense = NULL;
    size_t k = 0;
    if (!n || !d) return rs_fail(RS_EUSAGE, "the silhouette of %zu points of dimension %zu is not defined", n, d);
    if (sample > 16384) return rs_fail(RS_EUSAGE, "a silhouette of %zu points: sample 16384 at most", sample);
    RS_TRY(rs_sample_new(&s, sample ? sample : 1000, n, d, points, ctx));
    RS_TRY_ALLOC(sorted = rs_alloc(s.n, sizeof *sorted));
    RS_TRY_ALLOC(dense = rs_alloc(s.n, sizeof *dense));
    for (size_t i = 0; i < s.n; i++) sorted[i] = (uint64_t)labels[s.indices[i]] << 32 | i;
    qsort(sorted, s.n, sizeof *sorted, ascending);
    for (size_t i = 0; i < s.n; i++) {
        k += !i || sorted[i] >> 32 != sorted[i - 1] >> 32;
        dense[(uint32_t)sorted[i]] = (uint32_t)(k - 1);
    }
    RS_TRY(rs_silhouette(out, s.n, s.distances, k, dense));
cleanup:
    rs_sample_free(&s);
    free(sorted);
    free(dense);
    return status;
}

rs_status rs_silhouette(double *out, size_t n, const float *distances, size_t k, const uint32_t *labels) {
    double total = 0;
    size_t *sizes = rs_alloc(k, sizeof *sizes);
    double *sums = sizes ? rs_alloc(k, sizeof *sums) : NULL;
    if (!sums) {
        free(sizes);
        return RS_EMEMORY;
    }
    for (size_t i = 0; i < n; i++) sizes[labels[i]]++;
    for (size_t i = 0; i < n; i++) {
        size_t own = labels[i];
        if (sizes[own] < 2) continue;
        for (size_t c = 0; c < k; c++) sums[c] = 0;
        for (size_t j = 0; j < n; j++) sums[labels[j]] += (double)distances[i * n + j];
        double a = sums[own] / (double)(sizes[own] - 1), b = INFINITY;
        for (size_t c = 0; c < k; c++)
            if (c != own && sizes[c]) b = fmin(b, sums[c] / (double)sizes[c]);
        double larger = fmax(a, b);
        if (larger > 0 && isfinite(larger)) total += (b - a) / larger;
    }
    *out = n ? total / (double)n : 0;
    free(sizes);
    free(sums);
    return RS_OK;
}
