/* Equal points once. */
#ifndef RS_CLUSTER_DISTINCT_H
#define RS_CLUSTER_DISTINCT_H

#include "rnnsafe/core.h"

/* The distinct ones of n points, in the order in which they first occur (0 and -0 are equal). Cost: n d expected. */
typedef struct rs_distinct {
    size_t m;
    float *points;   /* [m*d] */
    double *sizes;   /* [m], how many points are equal to it */
    uint32_t *which; /* [n], the distinct point that point i is */
} rs_distinct;

/* Errors: RS_EMEMORY. The caller frees what *out holds. */
rs_status rs_distinct_new(rs_distinct *out, size_t n, size_t d, const float *points);
void rs_distinct_free(rs_distinct *distinct);

#endif
