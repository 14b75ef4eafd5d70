/* Gaussian mixtures by their formulas, in long double, with covariances as such. */
#ifndef CLUSTER_GMM_REF_H
#define CLUSTER_GMM_REF_H

#include <stddef.h>

enum { REF_K = 6, REF_D = 5 };

typedef struct ref_mixture {
    size_t k, d;
    long double weights[REF_K], means[REF_K][REF_D], covariances[REF_K][REF_D][REF_D];
} ref_mixture;

/* out = a^-1, both d x d; returns det a (Gauss and Jordan, with pivots). */
long double ref_invert(size_t d, long double a[REF_D][REF_D], long double out[REF_D][REF_D]);
/* log p(x, j) for all j; returns log p(x). */
long double ref_log_density(const ref_mixture *m, const float *x, long double *logs);
/* One step of expectation and maximisation, with `floor` added to the variances; diagonal: covariances stay so. Returns
 * the sum of log p(x) before the step. */
long double ref_em_step(ref_mixture *m, size_t n, const float *points, int diagonal, long double floor);

#endif
