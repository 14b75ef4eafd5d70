#include "certify/fixed.h"

__extension__ typedef unsigned __int128 uwide;

#define FINE 60
#define FINE_ONE ((uint64_t)1 << FINE)
#define SLACK 128
#define LN2 UINT64_C(799144290325165978) /* floor(2^60 ln 2) */
/* From here on, exp(-x) is below one unit of 2^-60 and the enclosure is [0, SLACK]. */
#define FAR ((rs_fixed)44 << RS_FIXED_BITS)

bool rs_fixed_from_bits(rs_fixed *out, uint32_t bits) {
    int exponent = (int)(bits >> 23 & 255);
    int64_t value = (int64_t)(bits & 0x7fffff) | (exponent ? 0x800000 : 0);
    if (exponent == 255 || exponent >= 127 + 16) return false;
    int shift = (exponent ? exponent : 1) - 150 + RS_FIXED_BITS;
    if (shift >= 0) value <<= shift;
    else value = shift < -30 ? 0 : (value + ((int64_t)1 << (-shift - 1))) >> -shift;
    *out = bits >> 31 ? -value : value;
    return true;
}

/* Enclosure [*lo, *hi] of 2^60 exp(-x), x >= 0 in units of 2^-40. */
static void exp_negative(uint64_t *lo, uint64_t *hi, uint64_t x) {
    if (x > (uint64_t)FAR) x = FAR;
    uwide fine = (uwide)x << (FINE - RS_FIXED_BITS);
    uint64_t k = (uint64_t)(fine / LN2), r = (uint64_t)(fine - (uwide)k * LN2);
    uint64_t term = FINE_ONE, sum = 0;
    for (unsigned i = 0; i < 20; i++) {
        sum += i % 2 ? -term : term;
        term = (uint64_t)((uwide)term * r >> FINE) / (i + 1);
    }
    uint64_t value = sum >> k;
    *lo = value > SLACK ? value - SLACK : 0;
    *hi = value + SLACK < FINE_ONE ? value + SLACK : FINE_ONE;
}

/* From floor(a / b) to above c / d, all in units of 2^-60, a <= b and c <= d: at most 1. */
static rs_range quotients(uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
    rs_fixed hi = (rs_fixed)(((uwide)c << RS_FIXED_BITS) / d) + 1;
    return (rs_range){(rs_fixed)(((uwide)a << RS_FIXED_BITS) / b), rs_fixed_least(hi, RS_FIXED_ONE)};
}

rs_range rs_fixed_sigmoid(rs_fixed x) {
    uint64_t lo, hi;
    exp_negative(&lo, &hi, x < 0 ? -(uint64_t)x : (uint64_t)x);
    rs_range at = quotients(FINE_ONE, FINE_ONE + hi, FINE_ONE, FINE_ONE + lo);
    return x < 0 ? (rs_range){RS_FIXED_ONE - at.hi, RS_FIXED_ONE - at.lo} : at;
}

rs_range rs_fixed_tanh(rs_fixed x) {
    uint64_t lo, hi, size = x < 0 ? -(uint64_t)x : (uint64_t)x;
    exp_negative(&lo, &hi, 2 * size);
    rs_range at = quotients(FINE_ONE - hi, FINE_ONE + hi, FINE_ONE - lo, FINE_ONE + lo);
    return x < 0 ? (rs_range){-at.hi, -at.lo} : at;
}
