/* The enclosures of tanh and of the logistic function against Arb's (Johansson, IEEE Transactions on Computers 66(8),
 * 2017, doi:10.1109/TC.2017.2690633). Without Arb the program says so and is skipped. */
#include <stdio.h>
#include <string.h>

#include "certify/fixed.h"
#include "core/random.h"
#include "support/unit.h"

#ifdef RNNSAFE_ARB
#include <arb.h>

#define POINTS 100000
#define PRECISION 160

/* y = f(x 2^-40) 2^40. */
static void oracle(arb_t y, rs_fixed x, bool hyperbolic) {
    arb_set_si(y, x);
    arb_mul_2exp_si(y, y, -RS_FIXED_BITS);
    if (hyperbolic) {
        arb_tanh(y, y, PRECISION);
    } else {
        arb_neg(y, y);
        arb_exp(y, y, PRECISION);
        arb_add_ui(y, y, 1, PRECISION);
        arb_inv(y, y, PRECISION);
    }
    arb_mul_2exp_si(y, y, RS_FIXED_BITS);
}

static bool encloses(rs_range range, rs_fixed x, bool hyperbolic) {
    arb_t y, d;
    arb_init(y);
    arb_init(d);
    oracle(y, x, hyperbolic);
    arb_sub_si(d, y, range.lo, PRECISION);
    bool good =
        !arb_is_negative(d); /* where f is 0 or 1 but for what no precision shows, Arb's ball holds both signs */
    arb_sub_si(d, y, range.hi, PRECISION);
    good = good && !arb_is_positive(d);
    arb_clear(y);
    arb_clear(d);
    if (!good) printf("%s outside at %lld\n", hyperbolic ? "tanh" : "s", (long long)x);
    return good && range.hi - range.lo <= 2 && range.lo <= range.hi && range.hi <= RS_FIXED_ONE &&
           range.lo >= (hyperbolic ? -RS_FIXED_ONE : 0);
}

static size_t wrong_at(rs_fixed x) {
    return (size_t)!encloses(rs_fixed_tanh(x), x, true) + (size_t)!encloses(rs_fixed_sigmoid(x), x, false);
}

static size_t wrong(rs_fixed x) {
    return wrong_at(x) + wrong_at(-x);
}

static void arb_agrees(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    size_t outside = 0;
    for (rs_fixed x = 0; x < 100; x++) outside += wrong(x);
    for (int bit = 0; bit < 60; bit++)
        for (rs_fixed d = -2; d <= 2; d++) outside += wrong(((rs_fixed)1 << bit) + d);
    /* Multiples of ln 2, where the reduction changes; the ends of the series. */
    for (int k = 1; k < 130; k++)
        for (rs_fixed d = -3; d <= 3; d++)
            outside += wrong((rs_fixed)(k * 0.34657359027997265471 * (double)RS_FIXED_ONE) + d);
    for (rs_fixed d = -3; d <= 3; d++) outside += wrong(22 * RS_FIXED_ONE + d) + wrong(44 * RS_FIXED_ONE + d);
    outside += wrong(RS_FIXED_LIMIT) + wrong(INT64_MAX);
    for (size_t i = 0; i < POINTS; i++)
        outside += wrong((rs_fixed)(rs_random_next(&r) >> (17 + rs_random_below(&r, 40))));
    CU_ASSERT_EQUAL(outside, 0);
}
#endif

static float from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void bits_to_nearest(void) {
    rs_random r = rs_random_new(unit_seed(), 1);
    rs_fixed x;
    const uint32_t edges[] = {0, 0x80000000, 1, 0x007fffff, 0x00800000, 0x3f800000, 0xbf800000, 0x477fffff, 0xc77fffff};
    for (size_t i = 0; i < 100000; i++) {
        uint32_t bits = i < sizeof edges / sizeof *edges ? edges[i] : (uint32_t)rs_random_next(&r);
        double value = (double)from_bits(bits);
        bool fits = value < 65536 && value > -65536;
        CU_ASSERT_FATAL(rs_fixed_from_bits(&x, bits) == fits);
        if (!fits) continue;
        double off = (double)x - value * (double)RS_FIXED_ONE; /* exact: a float has 24 bits */
        CU_ASSERT_FATAL(off <= 0.5 && off >= -0.5);
    }
    const uint32_t refused[] = {0x47800000, 0xc7800000, 0x7f800000, 0xff800000, 0x7fc00000};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) CU_ASSERT(!rs_fixed_from_bits(&x, refused[i]));
}

__extension__ typedef __int128 wide;

static void products_are_directed(void) {
    rs_random r = rs_random_new(unit_seed(), 2);
    for (size_t i = 0; i < 100000; i++) {
        rs_fixed a = (rs_fixed)(rs_random_next(&r) >> (14 + rs_random_below(&r, 40)));
        rs_fixed b = (rs_fixed)(rs_random_next(&r) >> (14 + rs_random_below(&r, 40)));
        if (rs_random_below(&r, 2)) a = -a;
        if (rs_random_below(&r, 2)) b = -b;
        wide exact = (wide)a * b, down = (wide)rs_fixed_mul_down(a, b) * RS_FIXED_ONE,
             up = (wide)rs_fixed_mul_up(a, b) * RS_FIXED_ONE;
        CU_ASSERT_FATAL(down <= exact && exact - down < RS_FIXED_ONE && up >= exact && up - exact < RS_FIXED_ONE);
    }
}

static const unit_test tests[] = {
    {"bits are read to nearest", bits_to_nearest},
    {"products are rounded as they say", products_are_directed},
#ifdef RNNSAFE_ARB
    {"Arb lies inside", arb_agrees},
#endif
};

int main(void) {
    int failed = unit_main("certify_fixed", tests, sizeof tests / sizeof *tests);
#ifndef RNNSAFE_ARB
    if (!failed) {
        fprintf(stderr,
                "SKIPPED: tanh and s were not compared with Arb: install libflint-arb-dev and configure again\n");
        return 77;
    }
#endif
    return failed;
}
