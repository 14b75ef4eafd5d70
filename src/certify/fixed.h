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
__extension__ typedef __int128 rs_wide; /* of sums and products */

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
static inline rs_fixed rs_fixed_mul_down(rs_fixed a, rs_fixed b) {
    return (rs_fixed)((rs_wide)a * b >> RS_FIXED_BITS);
}

static inline rs_fixed rs_fixed_mul_up(rs_fixed a, rs_fixed b) {
    return (rs_fixed) - (-((rs_wide)a * b) >> RS_FIXED_BITS);
}

/* Enclosures at most 2 units wide, within [0, 1] and [-1, 1]; any x.
 *
 * exp(-x) for x >= 0 in units of 2^-60: x = k ln 2 + r with 0 <= r < ln 2, and
 *   exp(-x) = 2^-k exp(-r),   exp(-r) = sum over i < 20 of (-r)^i / i!
 * Errors in those units, before the division by 2^k: a term is truncated twice, by less than 2 together, and carries
 * r / i < 0.7 of the error of the one before, so that no term is off by 3 and all 20 by less than 60; the rest of the
 * series is below r^20 / 20! < 2^-71; ln 2 is too small by less than 1 unit and k <= 63, so r is too large by less than
 * 63, which exp(-r), of slope below 1, passes on. The division truncates by less than 1. All is below 128.
 *
 * s(x) = 1 / (1 + exp(-x)) and tanh(x) = (1 - exp(-2x)) / (1 + exp(-2x)) for x >= 0, s(-x) = 1 - s(x), tanh(-x) =
 * -tanh(x): both are monotone in exp, so an enclosure of exp gives theirs. */
rs_range rs_fixed_sigmoid(rs_fixed x);
rs_range rs_fixed_tanh(rs_fixed x);

#endif
