/* The inner loop of searches among cells (neighbours.c). */
#ifndef RS_CLUSTER_SIGHTS_H
#define RS_CLUSTER_SIGHTS_H

#include <stdbool.h>
#include <stddef.h>

#include "cluster/gaussian.h"

/* How many queries a call takes. */
enum { RS_SIGHTS = 6 };

/* v[q*64 + j] = norms[j] + queries[q] . y_j for the 64 rows y of a cell, which `tiles` holds as four times RS_TILE side
 * by side, summed over the coordinates in order, with one rounding a step or two; open[q]: not all of them are above
 * limits[q]; a NaN is not. Arrays of floats but queries are aligned to 64 bytes. */
typedef void rs_sights_measurer(float *v /* [RS_SIGHTS*64] */, bool *open /* [RS_SIGHTS] */, size_t d,
                                const float *const *queries /* [RS_SIGHTS] of [d] */,
                                const float *limits /* [RS_SIGHTS] */, const float *tiles /* [4*d*RS_TILE] */,
                                const float *norms /* [64] */);

/* Those that this processor can run, the fastest first; NULL after the last. */
rs_sights_measurer *rs_sights_measurer_of(size_t i);

#endif
