/* A step of a self-organising map, unit by unit and point by point. */
#ifndef CLUSTER_SOM_REF_H
#define CLUSTER_SOM_REF_H

#include <stddef.h>
#include <stdint.h>

void ref_som_step(size_t rows, size_t columns, double width, float *units, size_t n, size_t d, const float *points,
                  const uint32_t *labels);

#endif
