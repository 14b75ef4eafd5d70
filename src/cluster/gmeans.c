/* G-means: a cluster is split when its points, projected on the line through its two halves' centroids, do not look
 * normal. Hamerly and Elkan, "Learning the k in k-means", NIPS 2003.
 *
 * With the projections sorted and standardised, z_1 <= ... <= z_n, and F the normal distribution function:
 * A^2 = -n - 1/n sum (2i-1) (log F(z_i) + log(1 - F(z_(n+1-i)))) after Anderson and Darling, Ann. Math. Stat. 23, 1952,
 * doi:10.1214/aoms/1177729437, corrected as A^2 (1 + 4/n - 25/n^2) because mean and variance are estimated. The
 * critical value 1.8692 belongs to the significance 0.0001. Fewer than 8 points say nothing. */
#include <math.h>

#include "cluster/centroids.h"
#include "cluster/split.h"
#include "core/alloc.h"

enum { LEAST = 8 };
static const double critical = 1.8692;

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double rs_gmeans_score(const rs_split *s) {
    double n = (double)s->n, mean = 0, variance = 0, sum = 0, *z = s->scratch;
    if (s->n < LEAST) return -INFINITY;
    for (size_t i = 0; i < s->n; i++) {
        z[i] = 0;
        for (size_t x = 0; x < s->d; x++)
            z[i] += (double)s->points[i * s->d + x] * ((double)s->children[x] - (double)s->children[s->d + x]);
        mean += z[i] / n;
    }
    for (size_t i = 0; i < s->n; i++) variance += (z[i] - mean) * (z[i] - mean) / (n - 1);
    if (!(variance > 0)) return -INFINITY;
    for (size_t i = 0; i < s->n; i++) z[i] = (z[i] - mean) / sqrt(variance);
    qsort(z, s->n, sizeof *z, ascending);
    for (size_t i = 0; i < s->n; i++) {
        double below = erfc(-z[i] * sqrt(0.5)) / 2, above = erfc(z[s->n - 1 - i] * sqrt(0.5)) / 2;
        sum += (2 * (double)i + 1) * (log(fmax(below, 1e-300)) + log(fmax(above, 1e-300)));
    }
    return (-n - sum / n) * (1 + 4 / n - 25 / (n * n)) - critical;
}

static rs_status fit(rs_clustering **out, size_t n, size_t d, const float *points, const rs_cluster_options *o,
                     const rs_context *ctx) {
    return rs_split_fit(out, &rs_cluster_gmeans, rs_gmeans_score, n, d, points, o, ctx);
}

const rs_cluster_vtable rs_cluster_gmeans = {
    .name = "gmeans",
    .summary = "k-means that splits clusters until each looks normal",
    .fit = fit,
    .assign = rs_centroids_assign,
    .describe = rs_centroids_describe,
    .free = rs_centroids_free,
};
