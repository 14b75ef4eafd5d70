/* Mixtures of normal distributions with full covariances or diagonal ones. */
#ifndef RS_CLUSTER_MIXTURE_H
#define RS_CLUSTER_MIXTURE_H

#include "cluster/method.h"

typedef struct rs_mixture {
    bool full;
    size_t k, d, area; /* numbers of a root: d*d or d */
    float *means;      /* [k*d] */
    float *roots;      /* [k*area], P: upper triangular with P P^T the inverse covariance, or 1 / standard deviation */
    double *constants; /* [k], log p(m_j, j) */
    double *weights;   /* [k], they add up to 1 */
    double *spreads;   /* [k], the root mean square of the standard deviations */
} rs_mixture;

/* Room for a model; its numbers are not set. */
rs_status rs_mixture_new(rs_mixture *out, bool full, size_t k, size_t d);
void rs_mixture_free(rs_mixture *m);

/* A model of n points, whose mean variance should be about 1, with k components, or fewer when fewer points are
 * distinct. Uses the options' iterations. *likelihood becomes the sum of log p(x). Cost: n k d^2 an iteration, or n k
 * d. */
rs_status rs_mixture_fit(rs_mixture *out, double *likelihood, bool full, size_t k, size_t n, size_t d,
                         const float *points, const rs_cluster_options *options, const rs_context *ctx);

/* labels[i] becomes the component that point i most likely comes from, the lowest on ties. Where single precision
 * leaves it open, double decides, so that a label depends on its point alone. */
rs_status rs_mixture_assign(uint32_t *labels /* [n] */, const rs_mixture *m, size_t n, const float *points,
                            const rs_context *ctx);

#endif
