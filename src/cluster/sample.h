/* Some of many. */
#ifndef RS_CLUSTER_SAMPLE_H
#define RS_CLUSTER_SAMPLE_H

#include "core/random.h"

/* `wanted` <= n of the numbers 0..n-1 without repetition, ascending, all choices equally likely. Knuth, TAOCP 2, 3.4.2,
 * algorithm S. */
void rs_subset(size_t *out /* [wanted] */, size_t wanted, size_t n, rs_random *random);

#endif
