/* Linear functions of points: which one is the largest, and by how much. */
#ifndef RS_CLUSTER_SCORES_H
#define RS_CLUSTER_SCORES_H

#include "rnnsafe/core.h"

/* Scores w_q.x + b_q, in double precision, always summed in the same order. */
typedef struct rs_scores {
    size_t d, m;
    const float *w;  /* [m*d] */
    const double *b; /* [m] */
} rs_scores;

/* The largest score of each point; the lowest q on ties. Cost: n m d. */
void rs_scores_best(uint32_t *which /* [n] */, const rs_scores *s, size_t n, const float *points,
                    const rs_context *ctx);

/* The least distance of a point to where a score draws level with its best one, over the points whose best is
 * labels[i]; INFINITY for one score, 0 when there is no such point. Cost: n m d and m^2 d. Errors: RS_EMEMORY. */
rs_status rs_scores_margin(double *margin, const rs_scores *s, size_t n, const float *points, const uint32_t *which,
                           const uint32_t *labels);

#endif
