/* The nearest centre of many points. */
#ifndef RS_CLUSTER_NEAREST_H
#define RS_CLUSTER_NEAREST_H

#include "rnnsafe/core.h"

/* |a - b|^2 in double precision, always summed in the same order. Zero iff a = b. */
double rs_squared_distance(size_t d, const float *a, const float *b);

/* labels[i] is the nearest of k > 0 centres by rs_squared_distance, the lowest on ties; distances[i] (unless NULL) is
 * that distance. A result depends on its point and the centres alone: not on threads, blocks or the BLAS. Cost: about 2
 * n k d single-precision operations in BLAS, and n d in double. Errors: RS_EMEMORY; outputs unspecified then. */
rs_status rs_nearest(uint32_t *labels /* [n] */, double *distances /* [n] or NULL */, size_t n, size_t d,
                     const float *points /* [n*d] */, size_t k, const float *centres /* [k*d] */,
                     const rs_context *ctx);

/* Bounds on the distances of point i, not squared: upper[i] to the centre labels[i], lower[i] to any other. */
typedef struct rs_bounds {
    float *upper, *lower; /* [n] */
    const double *norms;  /* [n], |x|^2 */
} rs_bounds;

/* labels[i] as rs_nearest would give it, where upper[i] < lower[i] says so without a look; where a distance to the
 * centre labels[i] makes it so, upper[i] becomes that, and elsewhere label and bounds become new. */
rs_status rs_nearest_bounded(uint32_t *labels /* [n] */, const rs_bounds *bounds, size_t n, size_t d,
                             const float *points, size_t k, const float *centres, const rs_context *ctx);
double rs_squared_norm(size_t d, const float *x);

#endif
