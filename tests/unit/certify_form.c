/* Affine forms against numbers: points e are drawn, their numbers are followed in long double through a random program
 * of operations, and must stay inside of what the forms say. A long double has 64 bits: it is off by less than
 * TOLERANCE. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "certify/form.h"
#include "core/random.h"
#include "support/unit.h"

#define OPERATIONS 30000
#define POINTS 8
#define FORMS 6
#define MOST 7
#define TOLERANCE 0x1p-8L /* units */

typedef long double real;

typedef struct pool {
    rs_random r;
    size_t k;
    rs_form form[FORMS];
    rs_fixed memory[FORMS][MOST];
    real e[POINTS][MOST], value[FORMS][POINTS]; /* values in units */
    size_t outside, checked, refused;
} pool;

static real uniform(rs_random *r) {
    real x = (real)(2 * rs_random_unit(r) - 1);
    return rs_random_below(r, 4) ? x : x < 0 ? -1 : 1; /* ends are drawn often */
}

static rs_fixed some(rs_random *r, int bits) {
    rs_fixed x = (rs_fixed)(rs_random_next(r) >> (64 - 1 - rs_random_below(r, (uint64_t)bits)));
    return rs_random_below(r, 2) ? x : -x;
}

static real center(const pool *p, size_t f, size_t i) {
    real sum = (real)p->form[f].c;
    for (size_t g = 0; g < p->k; g++) sum += (real)p->form[f].g[g] * p->e[i][g];
    return sum;
}

/* A form anew, with numbers anywhere inside of it. */
static void draw(pool *p, size_t f) {
    rs_form *x = &p->form[f];
    int bits = 30 + (int)rs_random_below(&p->r, 13);
    x->c = some(&p->r, bits);
    x->err = llabs(some(&p->r, bits - 6));
    for (size_t g = 0; g < p->k; g++) x->g[g] = some(&p->r, bits - 2);
    rs_fixed lo = RS_FIXED_LIMIT, hi = -RS_FIXED_LIMIT;
    for (size_t i = 0; i < POINTS; i++) {
        real v = roundl(center(p, f, i) + (real)x->err * uniform(&p->r));
        if (fabsl(v - center(p, f, i)) > (real)x->err) v = center(p, f, i);
        p->value[f][i] = v;
        lo = floorl(v) < lo ? (rs_fixed)floorl(v) : lo;
        hi = ceill(v) > hi ? (rs_fixed)ceill(v) : hi;
    }
    if (rs_random_below(&p->r, 2)) lo = -RS_FIXED_LIMIT + 1, hi = RS_FIXED_LIMIT - 1;
    CU_ASSERT_FATAL(rs_form_within(x, p->k, lo, hi));
}

static real function(int which, real x) {
    real scale = (real)RS_FIXED_ONE, y = x / scale;
    return which == 0 ? scale * tanhl(y) : which == 1 ? scale / (1 + expl(-y)) : x > 0 ? x : 0;
}

/* out = bias + sum of all forms, weights and bias off by up to half a unit. */
static bool affine(pool *p, size_t out) {
    rs_fixed row[FORMS], bias = some(&p->r, 42);
    real sum[POINTS], off = uniform(&p->r) / 2;
    for (size_t i = 0; i < POINTS; i++) sum[i] = (real)bias + off;
    for (size_t f = 0; f < FORMS; f++) {
        row[f] = some(&p->r, 42);
        off = uniform(&p->r) / 2;
        for (size_t i = 0; i < POINTS; i++) sum[i] += ((real)row[f] + off) * p->value[f][i] / (real)RS_FIXED_ONE;
    }
    if (!rs_form_affine(&p->form[out], p->k, FORMS, row, bias, p->form)) return false;
    for (size_t i = 0; i < POINTS; i++) p->value[out][i] = sum[i];
    return true;
}

static bool operate(pool *p, size_t out) {
    size_t a = rs_random_below(&p->r, FORMS), b = rs_random_below(&p->r, FORMS);
    int which = (int)rs_random_below(&p->r, 7);
    const rs_form *x = &p->form[a], *y = &p->form[b];
    if (which == 6) return affine(p, out);
    bool good = which == 0   ? rs_form_tanh(&p->form[out], p->k, x)
                : which == 1 ? rs_form_sigmoid(&p->form[out], p->k, x)
                : which == 2 ? rs_form_relu(&p->form[out], p->k, x)
                : which == 3 ? rs_form_mul(&p->form[out], p->k, x, y)
                             : rs_form_add(&p->form[out], p->k, x, y, which == 4 ? 1 : -1);
    for (size_t i = 0; i < POINTS && good; i++) {
        real u = p->value[a][i], v = p->value[b][i];
        p->value[out][i] = which < 3    ? function(which, u)
                           : which == 3 ? u * v / (real)RS_FIXED_ONE
                           : which == 4 ? u + v
                                        : u - v;
    }
    return good;
}

static void nothing_is_outside(void) {
    static pool p;
    p.r = rs_random_new(unit_seed(), 0);
    for (size_t f = 0; f < FORMS; f++) p.form[f].g = p.memory[f];
    for (size_t n = 0; n < OPERATIONS; n++) {
        if (n % 50 == 0) {
            p.k = rs_random_below(&p.r, MOST + 1);
            for (size_t i = 0; i < POINTS; i++)
                for (size_t g = 0; g < p.k; g++) p.e[i][g] = uniform(&p.r);
            for (size_t f = 0; f < FORMS; f++) draw(&p, f);
        }
        size_t out = rs_random_below(&p.r, FORMS);
        if (!operate(&p, out)) {
            p.refused++;
            draw(&p, out);
            continue;
        }
        const rs_form *x = &p.form[out];
        for (size_t i = 0; i < POINTS; i++) {
            real v = p.value[out][i], slack = TOLERANCE + fabsl(v) * 0x1p-58L;
            p.checked++;
            if (v >= (real)x->lo - slack && v <= (real)x->hi + slack &&
                fabsl(v - center(&p, out, i)) <= (real)x->err + slack)
                continue;
            if (p.outside++ < 5)
                printf("operation %zu: %Lg is outside of [%lld, %lld], %Lg +- %lld\n", n, v, (long long)x->lo,
                       (long long)x->hi, center(&p, out, i), (long long)x->err);
        }
        if (x->hi - x->lo > RS_FIXED_ONE * 1000) draw(&p, out);
    }
    printf("  %zu numbers, %zu outside; %zu operations refused\n", p.checked, p.outside, p.refused);
    CU_ASSERT_EQUAL(p.outside, 0);
    CU_ASSERT(p.checked > 100000);
}

/* What is too large is refused, never wrapped. */
static void limits(void) {
    rs_fixed g[1] = {0}, h[1], weight = RS_FIXED_ONE << 15;
    rs_form x = {RS_FIXED_LIMIT - 1, 0, RS_FIXED_LIMIT - 1, RS_FIXED_LIMIT - 1, g}, out = {.g = h};
    CU_ASSERT(!rs_form_add(&out, 1, &x, &x, 1));
    CU_ASSERT(!rs_form_mul(&out, 1, &x, &x));
    CU_ASSERT(!rs_form_affine(&out, 1, 1, &weight, 0, &x));
    CU_ASSERT(!rs_form_affine(&out, 1, 4097, &weight, 0, &x));
    CU_ASSERT(rs_form_add(&out, 1, &x, &x, -1) && out.lo == 0 && out.hi == 0);
    CU_ASSERT(rs_form_relu(&out, 1, &x) && out.lo == RS_FIXED_LIMIT - 1);
    CU_ASSERT(rs_form_tanh(&out, 1, &x) && out.hi == RS_FIXED_ONE && out.lo >= RS_FIXED_ONE - 2);
    CU_ASSERT(!rs_form_within(&x, 1, 0, 1)); /* no number is left */
}

/* Of all x with -from <= x <= to, every point of a grid stays within err of its line: *most is the largest share of err
 * that one needs. */
static real share_of_err(bool is_tanh, rs_fixed from, rs_fixed to, rs_form *out) {
    rs_fixed middle = from + (to - from) / 2, g[1] = {to - middle}, h[1];
    const rs_form x = {middle, 0, from, to, g};
    out->g = h;
    CU_ASSERT_FATAL(is_tanh ? rs_form_tanh(out, 1, &x) : rs_form_sigmoid(out, 1, &x));
    real most = 0;
    for (int i = -1000; i <= 1000; i++) {
        real e = (real)i / 1000,
             off = fabsl(function(!is_tanh, (real)middle + e * (real)g[0]) - (real)out->c - e * (real)h[0]);
        most = off > most ? off : most;
    }
    return out->err > RS_FIXED_ONE >> 20 ? most / (real)out->err : 1; /* or else rounding is most of it */
}

/* Lines are sound, and hardly wider than they need to be, for widths of 2^-12 to 2^5. */
static void lines_are_narrow(void) {
    rs_random r = rs_random_new(unit_seed(), 1);
    rs_form out = {0};
    real least = 1, most = 0;
    for (int n = 0; n < 2000; n++) {
        real width = ldexpl(1 + (real)rs_random_unit(&r), (int)rs_random_below(&r, 17) - 12);
        real from = (real)(2 * rs_random_unit(&r) - 1) * (width < 4 ? 4 : width) - width / 2;
        rs_fixed lo = (rs_fixed)(from * (real)RS_FIXED_ONE);
        real share = share_of_err(n & 1, lo, lo + (rs_fixed)(width * (real)RS_FIXED_ONE), &out);
        least = share < least ? share : least;
        most = share > most ? share : most;
    }
    printf("  a point needs %.4Lf to %.4Lf of err\n", least, most);
    CU_ASSERT(least > .75L && most <= 1 + 0x1p-20L);
    /* tanh on [-1, 1]: the chord's slope is tanh 1 = .761594, which tanh has at +-atanh(sqrt(1 - .761594)) = +-.533784
     * and is off by .0817415 there. */
    share_of_err(true, -RS_FIXED_ONE, RS_FIXED_ONE, &out);
    CU_ASSERT_DOUBLE_EQUAL((double)out.err / (double)RS_FIXED_ONE, .0817415, 1e-6);
}

static const unit_test tests[] = {
    {"numbers stay inside", nothing_is_outside}, {"limits", limits}, {"lines are narrow", lines_are_narrow}};
UNIT_MAIN("certify_form", tests)
