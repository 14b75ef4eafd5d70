/* Measures of a clustering that methods use themselves. */
#ifndef RS_CLUSTER_QUALITY_H
#define RS_CLUSTER_QUALITY_H

#include "rnnsafe/core.h"

/* The mean silhouette of labels 0..k-1: for a point, a is its mean distance to its own cluster's others, b the least
 * mean distance to another cluster, s = (b - a) / max(a, b); 0 when it is alone, and for k < 2. In [-1, 1], higher is
 * better. Rousseeuw, J. Comput. Appl. Math. 20, 1987, doi:10.1016/0377-0427(87)90125-7. Cost: n^2. */
rs_status rs_silhouette(double *out, size_t n, const float *distances /* [n*n], symmetric */, size_t k,
                        const uint32_t *labels /* [n] */);

/* Points drawn without repetition, in order, and the distances between them. */
typedef struct rs_sample {
    size_t n;
    size_t *indices;  /* [n], ascending */
    float *points;    /* [n*d] */
    float *distances; /* [n*n] */
} rs_sample;
rs_status rs_sample_new(rs_sample *out, size_t wanted, size_t n, size_t d, const float *points, const rs_context *ctx);
void rs_sample_free(rs_sample *sample);

#endif
