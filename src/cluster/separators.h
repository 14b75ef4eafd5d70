/* Descriptions of given clusters: pieces, each of one cluster, where a point belongs to the cluster of its best piece. */
#ifndef RS_CLUSTER_SEPARATORS_H
#define RS_CLUSTER_SEPARATORS_H

#include "rnnsafe/cluster.h"

/* One linear function a cluster, score w_i.x + b_i: the largest wins. Trains for a large margin with a bounded number of
 * passes, so that it may leave points misplaced that could be placed right. *trained is false, and nothing else is
 * written, where even one pass would take too long (k n d over 1e8). Crammer and Singer, "On the algorithmic
 * implementation of multiclass kernel-based vector machines", JMLR 2, 2001; by the sequential dual method of Keerthi et
 * al., KDD 2008, doi:10.1145/1401890.1401942. Cost: at most 8 k n d. Errors: RS_EMEMORY, RS_EINTERRUPTED. */
rs_status rs_separators_train(bool *trained, float *w /* [k*d] */, double *b /* [k] */, size_t n, size_t d,
                              const float *points, size_t k, const uint32_t *labels, const rs_context *ctx);

/* Several centroids a cluster, as many as it takes: *count centroids, cluster[i] that of centroid i; the caller frees
 * both. Cluster i has its mean alone where that suffices. No cluster goes without one. Stops at 16 rounds, 512 new
 * centroids or the deadline, with the centroids that misplace fewest. Cost: at most 16 count n d.
 * Errors: RS_EMEMORY, RS_EINTERRUPTED. */
rs_status rs_separators_grow(size_t *count, float **centroids /* [count*d] */, uint32_t **cluster /* [count] */,
                             size_t n, size_t d, const float *points, size_t k, const uint32_t *labels,
                             const rs_context *ctx);

#endif
