/* The tests of X-means and G-means by their definitions, in long double. */
#ifndef CLUSTER_SPLIT_REF_H
#define CLUSTER_SPLIT_REF_H

#include <stddef.h>
#include <stdint.h>

/* BIC of K spherical normals of one variance with these means [K*d], by summing log densities point by point. */
double ref_bic(size_t n, size_t d, const float *points, size_t K, const float *means, const uint32_t *labels);

/* Anderson and Darling's statistic, corrected, of values in any order. */
double ref_anderson_darling(size_t n, const double *values);

#endif
