/* A squared distance at single precision, for what need not be exact. */
#ifndef RS_CLUSTER_SINGLE_H
#define RS_CLUSTER_SINGLE_H

#include <string.h>

#include "cluster/nearest.h"

/* |a - b|^2 by single precision sums over fixed lanes, within the factor 1 +- (d + 4) 2^-24; in double precision where
 * these could overflow or vanish. 0 iff a = b. The same however it is compiled. */
static inline __attribute__((always_inline)) double rs_single_distance(size_t d, const float *a, const float *b) {
    typedef float lanes __attribute__((vector_size(32)));
    lanes s = {0}, t = {0}, x, y;
    size_t i = 0;
    for (; i + 16 <= d; i += 16) {
        memcpy(&x, a + i, sizeof x);
        memcpy(&y, b + i, sizeof y);
        x -= y;
        s += x * x;
        memcpy(&x, a + i + 8, sizeof x);
        memcpy(&y, b + i + 8, sizeof y);
        x -= y;
        t += x * x;
    }
    s += t;
    float rest = 0;
    for (; i < d; i++) rest += (a[i] - b[i]) * (a[i] - b[i]);
    float sum = ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7])) + rest;
    return sum > 1e-20f && sum < 1e30f ? (double)sum : rs_squared_distance(d, a, b);
}

#endif
