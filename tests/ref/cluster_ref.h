/* k-means the slow and obvious way. */
#ifndef CLUSTER_REF_H
#define CLUSTER_REF_H

#include <stddef.h>
#include <stdint.h>

/* The nearest centre in long double, the lowest on ties; *distance (may be NULL) is squared. */
uint32_t ref_nearest(size_t d, const float *x, size_t k, const float *centres, double *distance);

/* Lloyd's iterations from `centres` [k*d] until no label changes, at most `iterations`; labels [n]. An empty cluster
 * keeps its centre. Returns the inertia. */
double ref_lloyd(size_t n, size_t d, const float *points, size_t k, float *centres, size_t iterations,
                 uint32_t *labels);

/* The inertia that greedy k-means++ with 2 + log k candidates leaves, every distance computed anew; `unit` gives
 * uniform numbers in [0, 1). */
double ref_seed(size_t n, size_t d, const float *points, size_t k, double (*unit)(void *), void *user);

/* The least inertia of any partition of n <= 12 points into at most k clusters, by trying them all. */
double ref_optimum(size_t n, size_t d, const float *points, size_t k);

/* The mean silhouette by its definition. */
double ref_silhouette(size_t n, size_t d, const float *points, size_t k, const uint32_t *labels);

/* The adjusted Rand index by counting pairs. */
double ref_rand(size_t n, const uint32_t *a, const uint32_t *b);

#endif
