/* HDBSCAN* by its definitions. */
#ifndef CLUSTER_HDBSCAN_REF_H
#define CLUSTER_HDBSCAN_REF_H

#include <stddef.h>
#include <stdint.h>

/* labels[i] = a number of point i's cluster, or UINT32_MAX for noise, and all of them that when there is no cluster but
 * the root. *margin = the least relative difference between two stabilities that were compared. n <= 64. */
void ref_hdbscan(size_t n, size_t d, const float *points, size_t min_points, uint32_t *labels, double *margin);

#endif
