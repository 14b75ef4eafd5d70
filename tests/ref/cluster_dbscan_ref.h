/* DBSCAN by its definitions. */
#ifndef CLUSTER_DBSCAN_REF_H
#define CLUSTER_DBSCAN_REF_H

#include <stddef.h>
#include <stdint.h>

/* labels[i] = the lowest core point that is density-connected with core point i, or of the nearest core point for
 * others (the lowest on ties); all 0 when there is none. Returns the number of core points. */
size_t ref_dbscan(size_t n, size_t d, const float *points, double eps, size_t min_points, uint32_t *labels);
/* |a - b|^2. */
double ref_distance2(size_t d, const float *a, const float *b);
/* Whether two labellings are the same partition. */
int ref_same_partition(size_t n, const uint32_t *a, const uint32_t *b);

#endif
