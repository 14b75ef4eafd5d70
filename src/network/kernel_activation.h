/* Activations, within 3 units in the last place of the result. For what stands in kernel_body.h, which includes this
 * file.
 *
 * All of them take n vectors, a constant of at most GROUP, and one operation of each after another: a vector's
 * operations wait for each other, and those of others fill the gaps. A processor looks ahead over no more than two or
 * three vectors by itself. */

#include "network/kernel_lanes.h"

#define ALL UNROLL for (size_t j = 0; j < n; j++)

/* y = k log 2 + r with |r| <= log(2) / 2: y becomes exp(r) - 1, and k stands in the low bits of `power`. |y| < 100. */
INLINE void exponential(const size_t n, lanes *y, bits *power) {
    const lanes magic = SPLAT(0x1.8p23f);
    lanes r[GROUP], q[GROUP];
    ALL q[j] = FMA(y[j], SPLAT(0x1.715476p0f), magic);
    ALL power[j] = (bits)q[j];
    ALL q[j] = q[j] - magic;
    ALL r[j] = FMA(q[j], SPLAT(-0x1.62e4p-1f), y[j]);
    ALL r[j] = FMA(q[j], SPLAT(-0x1.7f7d1cp-20f), r[j]);
    ALL q[j] = FMA(SPLAT(0x1.6d993ep-10f), r[j], SPLAT(0x1.122816p-7f));
    ALL q[j] = FMA(q[j], r[j], SPLAT(0x1.555486p-5f));
    ALL q[j] = FMA(q[j], r[j], SPLAT(0x1.5554b0p-3f));
    ALL q[j] = FMA(q[j], r[j], SPLAT(0x1p-1f));
    ALL y[j] = r[j] * r[j];
    ALL y[j] = FMA(y[j], q[j], r[j]);
}

/* 1 + exp(-x), which is finite. */
INLINE void denominator(const size_t n, lanes *x) {
    bits power[GROUP];
    ALL x[j] = LEAST(SPLAT(88.0f), MOST(SPLAT(-87.0f), -x[j]));
    exponential(n, x, power);
    ALL x[j] = SPLAT(1.0f) + x[j];
    ALL x[j] = SPLAT(1.0f) + (lanes)((bits)x[j] + (power[j] << 23));
}

/* exp(2 x) - 1, accurate for small x too; tanh(x) = e / (e + 2). Beyond 10 tanh is 1. */
INLINE void numerator(const size_t n, lanes *x) {
    bits power[GROUP];
    lanes scale[GROUP];
    ALL x[j] = LEAST(SPLAT(20.0f), MOST(SPLAT(-20.0f), x[j] + x[j]));
    exponential(n, x, power);
    ALL scale[j] = (lanes)((bits)SPLAT(1.0f) + (power[j] << 23));
    ALL x[j] = FMA(scale[j], x[j], scale[j] - SPLAT(1.0f));
}

INLINE void logistic(const size_t n, lanes *x) {
    denominator(n, x);
    ALL x[j] = SPLAT(1.0f) / x[j];
}

INLINE void hyperbolic(const size_t n, lanes *x) {
    numerator(n, x);
    ALL x[j] = x[j] / (x[j] + SPLAT(2.0f));
}

/* The s of the cells. */
INLINE void sigmoid(float slope, const size_t n, lanes *x) {
    if (slope > 0) {
        ALL x[j] = MOST(SPLAT(0.0f), LEAST(SPLAT(1.0f), FMA(SPLAT(slope), x[j], SPLAT(0.5f))));
    } else {
        logistic(n, x);
    }
}

/* x becomes s(a) * tanh(x), by one division where s is logistic; a is spent. An infinite product of the two
 * denominators gives the 0 that it should. */
INLINE void gated(float slope, const size_t n, lanes *a, lanes *x) {
    numerator(n, x);
    if (slope > 0) {
        sigmoid(slope, n, a);
        ALL x[j] = a[j] * (x[j] / (x[j] + SPLAT(2.0f)));
    } else {
        denominator(n, a);
        ALL x[j] = x[j] / (a[j] * (x[j] + SPLAT(2.0f)));
    }
}

INLINE lanes activated(rs_activation activation, lanes x) {
    switch (activation) {
    case RS_ACTIVATION_NONE:
        break;
    case RS_ACTIVATION_RELU:
        return MOST(SPLAT(0.0f), x);
    case RS_ACTIVATION_TANH:
        hyperbolic(1, &x);
        break;
    case RS_ACTIVATION_SIGMOID:
        logistic(1, &x);
        break;
    }
    return x;
}
