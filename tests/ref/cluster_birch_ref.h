/* BIRCH's first phase without a tree. */
#ifndef CLUSTER_BIRCH_REF_H
#define CLUSTER_BIRCH_REF_H

#include <stddef.h>
#include <stdint.h>

/* Leader clustering: a point joins the subcluster of the nearest mean when the radius stays within the threshold, else
 * it starts one. This is what the tree does while it has one node. labels [n] of the nearest mean at the end. Returns
 * the number of subclusters. */
size_t ref_leaders(size_t n, size_t d, const float *points, double threshold, uint32_t *labels);

#endif
