/* Dendrograms: what agglomerative methods make of distinct points, and how they are cut. */
#ifndef RS_CLUSTER_HIERARCHY_H
#define RS_CLUSTER_HIERARCHY_H

#include "cluster/distinct.h"
#include "cluster/method.h"

/* The clusters of points a and b became one at this height. m - 1 merges of m points are a tree. */
typedef struct rs_merge {
    uint32_t a, b;
    double height;
} rs_merge;

/* Completes a dendrogram after a deadline. Of the clusters that are left (numbers, sizes and points of theirs by that
 * number) the `most` largest take in the others by least distance; then they become one. */
typedef double rs_hierarchy_distance(const void *user, size_t i, size_t j);
void rs_hierarchy_hurry(rs_merge *merges /* [count-1] */, size_t count, uint32_t *left /* [count], sorted */,
                        const double *sizes, const uint32_t *point, size_t most, rs_hierarchy_distance *distance,
                        const void *user);

/* cluster[p] of m points after the m - k lowest of the merges; of equal heights those of lower points. Sorts the
 * merges. Clusters are numbered as their points come. */
rs_status rs_hierarchy_cut(uint32_t *cluster /* [m] */, size_t k, size_t m, rs_merge *merges /* [m-1] */);

/* The number of clusters from 2 to `most` whose cut has the highest mean silhouette (the lowest on ties), on a sample
 * of at most 1000 of the n points; 1 when there are not two. Sorts the merges. */
rs_status rs_hierarchy_choose(size_t *k, const rs_distinct *distinct, rs_merge *merges, size_t most, size_t n, size_t d,
                              const float *points, const char *method, const rs_context *ctx);

/* The clustering of n points by the dendrogram of its distinct points, cut as the options say. */
rs_status rs_hierarchy_cluster(rs_clustering **out, const rs_cluster_vtable *vtable, const rs_distinct *distinct,
                               rs_merge *merges, size_t n, size_t d, const float *points,
                               const rs_cluster_options *options, const rs_context *ctx);

/* The dendrogram of Ward's method of m distinct points with sizes (how many points each stands for). */
rs_status rs_ward(rs_merge *merges /* [m-1] */, size_t m, size_t d, const float *points /* [m*d] */,
                  const double *sizes /* [m] */, const rs_cluster_options *options, const rs_context *ctx);

#endif
