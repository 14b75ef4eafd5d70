/* Ambiguity and silhouette. */
#include "cluster/quality.h"

#include <math.h>

#include "core/alloc.h"
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
