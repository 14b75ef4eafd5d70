/* The walk of OPTICS and of Prim's algorithm by their definitions. */
#ifndef CLUSTER_OPTICS_REF_H
#define CLUSTER_OPTICS_REF_H

#include <stdbool.h>
#include <stddef.h>

/* core[i] = squared distance of point i to its min_points-th nearest, itself first. */
void ref_core(size_t n, size_t d, const float *points, size_t min_points, double *core);
/* order[i] = the i-th point met, from[i] the point it was reached from, squared[i] its reachability. */
void ref_walk(size_t n, size_t d, const float *points, const double *core, bool mutual, size_t *order, size_t *from,
              double *squared);

#endif
