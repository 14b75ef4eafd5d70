/* Mean shift the slow and obvious way. */
#ifndef CLUSTER_MEANSHIFT_REF_H
#define CLUSTER_MEANSHIFT_REF_H

#include <stddef.h>

/* Mean distance to the (0.3 n)-th nearest point, itself first. */
double ref_bandwidth(size_t n, size_t d, const float *points);
/* centres[k*d], most points first, from every point as a start; returns k. A last difference below 1e-3 h stops. */
size_t ref_meanshift(size_t n, size_t d, const float *points, double h, double *centres /* [n*d] */);

#endif
