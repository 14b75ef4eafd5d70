/* Top-down k-means: clusters are split in two while a test says that two are better. X-means and G-means differ in the
 * test alone. */
#ifndef RS_CLUSTER_SPLIT_H
#define RS_CLUSTER_SPLIT_H

#include "cluster/method.h"

/* The n points of one cluster, and the two that k-means would make of them. */
typedef struct rs_split {
    size_t n, d;
    const float *points;   /* [n*d] */
    const float *children; /* [2*d], centroids */
    size_t sizes[2];       /* none is 0 */
    double parent;         /* inertia around the one centroid, > 0 */
    double parted;         /* inertia around the two */
    double *scratch;       /* [n] */
} rs_split;

/* Above 0: split; the highest first. */
typedef double rs_split_score(const rs_split *split);

/* Starts with one cluster. In each round Lloyd's iterations move all centroids; then every cluster of at least two
 * distinct points is tried: 2-means from its mean plus and minus sqrt(2 variance / pi) along its principal axis. Those
 * with a score above 0 are split, until none is or there are o->max_clusters. With o->clusters given, that is the
 * number it goes for: the best are split whatever their sign. Cost: a round is n d (k + 50). */
rs_status rs_split_fit(rs_clustering **out, const rs_cluster_vtable *vtable, rs_split_score *score, size_t n, size_t d,
                       const float *points, const rs_cluster_options *o, const rs_context *ctx);

/* The tests. */
rs_split_score rs_xmeans_score, rs_gmeans_score;

#endif
