/* exp(-x) for x >= 0, in units of 2^-60: x = k ln 2 + r with 0 <= r < ln 2, and
 *   exp(-r) = sum over i < 20 of (-r)^i / i!
 * Errors in those units: a term is truncated twice, by less than 2, and carries r / i < 0.7 of the error of the one
 * before, so 20 terms are wrong by less than 60 together; the rest of the series is below r^20 / 20! < 2^-71; k <= 63
 * times the error of ln 2, which is below 1, makes r wrong by at most 63. The sum is below SLACK = 128. s(x) = 1 / (1 +
 * exp(-x)),  tanh(x) = (1 - exp(-2x)) / (1 + exp(-2x))  for x >= 0, and s(-x) = 1 - s(x), tanh(-x) = -tanh(x). Both are
 * monotone in exp, so an enclosure of exp gives theirs. */
#include "certify/fixed.h"

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 uwide;

#define FINE 60
#define FINE_ONE ((uint64_t)1 << FINE)
#define SLACK 128
#define LN2 UINT64_C(799144290325165978) /* floor(2^60 ln 2) */
/* Beyond this, exp(-x) is below one unit of 2^-60 and the enclosure is [0, SLACK]. */
#define FAR ((rs_fixed)44 << RS_FIXED_BITS)

bool rs_fixed_from_bits(rs_fixed *out, uint32_t bits) {
    int exponent = (int)(bits >> 23 & 255);
    int64_t value = (int64_t)(bits & 0x7fffff) | (exponent ? 0x800000 : 0);
    if (exponent == 255 || exponent >= 127 + 20) return false;
    int shift = (exponent ? exponent : 1) - 150 + RS_FIXED_BITS;
    if (shift >= 0) value <<= shift;
    else value = shift < -30 ? 0 : (value + ((int64_t)1 << (-shift - 1))) >> -shift;
    *out = bits >> 31 ? -value : value;
    return true;
}

rs_fixed rs_fixed_mul_down(rs_fixed a, rs_fixed b) {
    return (rs_fixed)((wide)a * b >> RS_FIXED_BITS);
}

rs_fixed rs_fixed_mul_up(rs_fixed a, rs_fixed b) {
    return (rs_fixed) - (-((wide)a * b) >> RS_FIXED_BITS);
}

/* Enclosure [*lo, *hi] of 2^60 exp(-x), x >= 0 in units of 2^-40. */
static void exp_negative(uint64_t *lo, uint64_t *hi, uint64_t x) {
    if (x >= (uint64_t)FAR) {
        *lo = 0;
        *hi = SLACK;
        return;
    }
    uwide fine = (uwide)x << (FINE - RS_FIXED_BITS);
    uint64_t k = (uint64_t)(fine / LN2), r = (uint64_t)(fine - (uwide)k * LN2);
    wide term = FINE_ONE, sum = 0;
    for (int i = 0; i < 20; i++) {
        sum += i % 2 ? -term : term;
        term = (term * r >> FINE) / (i + 1);
    }
    uint64_t value = (uint64_t)sum >> k;
    *lo = value > SLACK ? value - SLACK : 0;
    *hi = value + SLACK < FINE_ONE ? value + SLACK : FINE_ONE;
}

/* floor(2^40 numerator / denominator), both in units of 2^-60. */
static rs_fixed divide(uint64_t numerator, uint64_t denominator) {
    return (rs_fixed)(((uwide)numerator << RS_FIXED_BITS) / denominator);
}

rs_range rs_fixed_sigmoid(rs_fixed x) {
    uint64_t lo, hi;
    exp_negative(&lo, &hi, x < 0 ? -(uint64_t)x : (uint64_t)x);
    rs_range at = {divide(FINE_ONE, FINE_ONE + hi), divide(FINE_ONE, FINE_ONE + lo) + 1};
    return x < 0 ? (rs_range){RS_FIXED_ONE - at.hi, RS_FIXED_ONE - at.lo} : at;
}

rs_range rs_fixed_tanh(rs_fixed x) {
    uint64_t lo, hi, size = x < 0 ? -(uint64_t)x : (uint64_t)x;
    exp_negative(&lo, &hi, 2 * size);
    rs_range at = {divide(FINE_ONE - hi, FINE_ONE + hi), divide(FINE_ONE - lo, FINE_ONE + lo) + 1};
    return x < 0 ? (rs_range){-at.hi, -at.lo} : at;
}
