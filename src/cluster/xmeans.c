/* X-means: a cluster is split when the Bayesian information criterion says that two explain its points better than one.
 * Pelleg and Moore, "X-means: extending k-means with efficient estimation of the number of clusters", ICML 2000.
 *
 * BIC = l - p/2 log n, with K spherical normals of one variance around the centroids, s^2 = inertia / (d (n - K)),
 * l = sum of n_j log(n_j / n) - n d/2 log(2 pi s^2) - d (n - K)/2, and p = K - 1 + K d + 1 parameters. (The paper's
 * formula leaves d out of s^2 and so is not the likelihood that it derives; this one is.) Splits start along the
 * principal axis instead of a random one. */
#include <math.h>

#include "cluster/centroids.h"
#include "cluster/split.h"

static double criterion(double K, double n, double d, double inertia, double log_shares) {
    const double pi = 3.14159265358979323846;
    double variance = inertia / (d * (n - K));
    return log_shares - n * d / 2 * log(2 * pi * variance) - d * (n - K) / 2 - (K - 1 + K * d + 1) / 2 * log(n);
}

double rs_xmeans_score(const rs_split *s) {
    double n = (double)s->n, d = (double)s->d, a = (double)s->sizes[0], b = (double)s->sizes[1];
    if (s->n < 3) return -INFINITY; /* two centroids on two points have no variance to estimate */
    if (!(s->parted > 0)) return INFINITY;
    return criterion(2, n, d, s->parted, a * log(a / n) + b * log(b / n)) - criterion(1, n, d, s->parent, 0);
}

static rs_status fit(rs_clustering **out, size_t n, size_t d, const float *points, const rs_cluster_options *o,
                     const rs_context *ctx) {
    return rs_split_fit(out, &rs_cluster_xmeans, rs_xmeans_score, n, d, points, o, ctx);
}

const rs_cluster_vtable rs_cluster_xmeans = {
    .name = "xmeans",
    .summary = "k-means that splits clusters while the Bayesian information criterion grows",
    .fit = fit,
    .assign = rs_centroids_assign,
    .describe = rs_centroids_describe,
    .free = rs_centroids_free,
};
