/* Agglomeration the slow and obvious way. */
#ifndef CLUSTER_HIERARCHY_REF_H
#define CLUSTER_HIERARCHY_REF_H

#include <stddef.h>
#include <stdint.h>

/* labels [n] of k clusters, numbered as points come: the least of all pairs is merged until k are left, by the
 * definition of Ward's distance or of the average one, in long double over all points. *gap (unless NULL) becomes the
 * least difference, relative to the distance merged at, of that and the next distance in any step: 0 when a merge was a
 * matter of taste. */
void ref_agglomerate(size_t n, size_t d, const float *points, int average, size_t k, uint32_t *labels, double *gap);

#endif
