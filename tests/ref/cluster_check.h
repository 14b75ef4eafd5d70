/* What the tests of all clustering methods share. */
#ifndef CLUSTER_CHECK_H
#define CLUSTER_CHECK_H

#include "rnnsafe/cluster.h"

/* `blobs` well separated normal blobs; blob of point i is i % blobs. The caller frees. */
float *cluster_blobs(size_t n, size_t d, size_t blobs, double spread, uint64_t seed);

/* Labels are 0..k-1, none is empty, and assign gives the labels of the fit. */
void cluster_check(const rs_clustering *c, const float *points);

/* The labels are the same for one, two and three threads. */
void cluster_check_threads(const char *method, size_t n, size_t d, const float *points,
                           const rs_cluster_options *options);

bool cluster_same_partition(size_t n, const uint32_t *a, const uint32_t *b);

#endif
