/* Numbers of the checker: integers v that stand for v * 2^-40, and enclosures of tanh and of the logistic function in
 * them.
 *
 * No floating point: whatever is rounded is rounded in a direction that is known, or by less than one unit, which the
 * caller adds. Callers keep magnitudes below RS_FIXED_LIMIT, so that no sum or product here or there overflows. */
#ifndef RS_CERTIFY_FIXED_H
#define RS_CERTIFY_FIXED_H

#include <stdbool.h>
#include <stdint.h>

typedef int64_t rs_fixed;

#define RS_FIXED_BITS 40
#define RS_FIXED_ONE ((rs_fixed)1 << RS_FIXED_BITS)

#define RS_FIXED_LIMIT ((rs_fixed)1 << 58)

typedef struct rs_range {
    rs_fixed lo, hi;
} rs_range;

/* |x|, the smaller and the larger of two; magnitudes below 2^63. */
static inline rs_fixed rs_fixed_size(rs_fixed x) {
    return x < 0 ? -x : x;
}

static inline rs_fixed rs_fixed_least(rs_fixed a, rs_fixed b) {
    return a < b ? a : b;
}

static inline rs_fixed rs_fixed_most(rs_fixed a, rs_fixed b) {
    return a > b ? a : b;
}

/* The number whose bits are a float32's, to nearest, so at most half a unit off; false: not finite, or 2^16 and more.
 */
bool rs_fixed_from_bits(rs_fixed *out, uint32_t bits);

/* a * b: the largest number not above it, and the smallest not below; for |a b| < 2^102. */
rs_fixed rs_fixed_mul_down(rs_fixed a, rs_fixed b);
rs_fixed rs_fixed_mul_up(rs_fixed a, rs_fixed b);

/* Enclosures at most 2 units wide, within [0, 1] and [-1, 1]; any x. */
rs_range rs_fixed_sigmoid(rs_fixed x);
rs_range rs_fixed_tanh(rs_fixed x);

#endif
