/* The shape of boxes that fits a network: how far errors get in each coordinate, one beside the other.
 *
 * A box of this shape is stretched least by a few steps. Coordinates that forget, or that others depend on strongly,
 * get short sides; accumulators that nothing depends on get long ones. For one matrix this is Perron's vector; for the
 * largest of several, see Lemmens and Nussbaum, Nonlinear Perron-Frobenius Theory, 2012, doi:10.1017/CBO9781139026079.
 */
#ifndef RS_CERTIFY_SHAPE_H
#define RS_CERTIFY_SHAPE_H

#include "certify/domain.h"

#define RS_SHAPE_STEPS 4
#define RS_SHAPE_EACH 60

/* shape [S], of geometric mean 1: approximately the vector v > 0 for which the largest |J| v over all J is v times as
 * small a factor as can be; the J are derivatives of RS_SHAPE_STEPS steps with random symbols, a quarter of them all
 * the same, from random ones of the `count` states [count*S], at most RS_SHAPE_EACH of each group[i], of which there
 * are `groups`; |J| is taken by element. By power iteration. `zones` [RS_SHAPE_STEPS + 1] is room. The same for the
 * same seed. Cost: a walk for each, and 100 products of S * S numbers. RS_EMEMORY. */
rs_status rs_shape_find(double *shape, rs_domain *d, rs_zone *zones, const float *states, const uint32_t *group,
                        size_t groups, size_t count, uint64_t seed);

#endif
