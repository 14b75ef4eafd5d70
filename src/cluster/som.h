/* The step of a self-organising map. */
#ifndef RS_CLUSTER_SOM_H
#define RS_CLUSTER_SOM_H

#include "rnnsafe/core.h"

/* Unit u = row * columns + column becomes the mean of all points, each weighed by exp(-g^2 / (2 width^2)), g the
 * distance on the grid from u to the unit that is nearest to the point, labels[i]. One that no point weighs on stays.
 */
rs_status rs_som_step(size_t rows, size_t columns, double width, float *units /* [rows*columns*d] */, size_t n,
                      size_t d, const float *points, const uint32_t *labels);

#endif
