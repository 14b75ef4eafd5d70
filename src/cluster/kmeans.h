/* The parts of k-means. Centroids are single precision, so that a fitted model is k*d numbers like the points
 * themselves; sums are double. */
#ifndef RS_CLUSTER_KMEANS_H
#define RS_CLUSTER_KMEANS_H

#include "core/random.h"
#include "rnnsafe/cluster.h"

/* Up to *k points as first centroids: a candidate is drawn with a probability proportional to its squared distance to
 * the nearest centroid before, and of 2 + log k candidates the one that leaves the least inertia is taken. *k becomes
 * the number of distinct points when there are fewer. Arthur and Vassilvitskii, "k-means++: the advantages of careful
 * seeding", SODA 2007, with the greedy choice that they propose at its end. Cost: n k d log k. */
rs_status rs_kmeans_seed(size_t *k, float *centroids /* [k*d] */, size_t n, size_t d, const float *points,
                         rs_random *random, const rs_context *ctx);

/* Up to *k first centroids, near where Lloyd's iterations over all points would end: the best of 2 to 8 seedings of a
 * sample in few coordinates, moved by Lloyd's iterations to the same tolerance on ever larger samples; as
 * rs_kmeans_seed where there are at most 4096 points, or where samples have fewer than *k distinct ones. Memory: at
 * most the points' a third again, or 128 *k d floats if that is more. Cost: small beside Lloyd's iterations over all
 * points when n is large against k, else that of a seeding. */
rs_status rs_kmeans_start(size_t *k, float *centroids /* [k*d] */, size_t n, size_t d, const float *points,
                          double tolerance, rs_random *random, const rs_context *ctx);

/* Lloyd's iterations (IEEE Trans. Inf. Theory 28(2), 1982, doi:10.1109/TIT.1982.1056489) from the given centroids until
 * no label changes, `iterations` are done, the squares of how far centroids move sum to at most `tolerance`
 * times the mean variance of a coordinate, or the deadline passes. labels[i] is the centroid nearest to point i,
 * distances[i] its squared distance. A cluster that runs empty starts again at the farthest point of those that share a
 * cluster; one that is empty at the end is dropped, and *k is less then. */
rs_status rs_kmeans_lloyd(size_t *k, float *centroids /* [k*d] */, uint32_t *labels /* [n] */,
                          double *distances /* [n] */, size_t n, size_t d, const float *points, size_t iterations,
                          double tolerance, const rs_context *ctx);

/* The number of clusters by the silhouette of a sample: up to o->max_clusters. */
rs_status rs_kmeans_choose(size_t *out, size_t n, size_t d, const float *points, const rs_cluster_options *o,
                           const rs_context *ctx);

#endif
