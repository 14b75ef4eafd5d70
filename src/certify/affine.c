/* The same formulas as certify/form.c, which says why they hold. The products of all rows and generators are one matrix
 * product. */
#include "certify/affine.h"

#include <cblas.h>
#include <math.h>

/* Loops over generators, for wider vectors where the machine has them; sums are in the same order. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define VECTOR __attribute__((target_clones("arch=x86-64-v4", "avx2", "default"), optimize("tree-vectorize")))
#else
#define VECTOR
#endif
#define LANES 16

VECTOR static double size_of(const double *g, size_t k) {
    double part[LANES] = {0}, sum = 0;
    size_t i = 0;
    for (; i + LANES <= k; i += LANES)
        for (size_t j = 0; j < LANES; j++) part[j] += fabs(g[i + j]);
    for (; i < k; i++) sum += fabs(g[i]);
    for (size_t j = 0; j < LANES; j++) sum += part[j];
    return sum;
}

/* out = a x + b y; the sum of |out|. */
VECTOR static double mix(double *out, size_t k, double a, const double *x, double b, const double *y) {
    double part[LANES] = {0}, sum = 0;
    size_t i = 0;
    for (; i + LANES <= k; i += LANES)
        for (size_t j = 0; j < LANES; j++) {
            double value = a * x[i + j] + b * y[i + j];
            out[i + j] = value;
            part[j] += fabs(value);
        }
    for (; i < k; i++) {
        out[i] = a * x[i] + b * y[i];
        sum += fabs(out[i]);
    }
    for (size_t j = 0; j < LANES; j++) sum += part[j];
    return sum;
}

/* The sums of |a x + b y| and of |a x - b y|. */
VECTOR static void sizes(double *plus, double *minus, size_t k, double a, const double *x, double b, const double *y) {
    double part[LANES] = {0}, other[LANES] = {0}, sum = 0, rest = 0;
    size_t i = 0;
    for (; i + LANES <= k; i += LANES)
        for (size_t j = 0; j < LANES; j++) {
            double u = a * x[i + j], v = b * y[i + j];
            part[j] += fabs(u + v);
            other[j] += fabs(u - v);
        }
    for (; i < k; i++) {
        sum += fabs(a * x[i] + b * y[i]);
        rest += fabs(a * x[i] - b * y[i]);
    }
    for (size_t j = 0; j < LANES; j++) {
        sum += part[j];
        rest += other[j];
    }
    *plus = sum;
    *minus = rest;
}

VECTOR static void scale(double *out, size_t k, double a, const double *x) {
#pragma omp simd
    for (size_t i = 0; i < k; i++) out[i] = a * x[i];
}

/* Of numbers, none of which is NaN: the library's fmin and fmax are calls. */
static double least(double a, double b) {
    return a < b ? a : b;
}

static double most(double a, double b) {
    return a > b ? a : b;
}

void rs_affine_cut(rs_affine *x, double lo, double hi) {
    x->lo = most(lo, x->c - x->r);
    x->hi = least(hi, x->c + x->r);
    if (x->lo > x->hi) x->lo = x->hi = (x->lo + x->hi) / 2;
}

void rs_affine_within(rs_affine *x, size_t k, double lo, double hi) {
    x->r = x->err + size_of(x->g, k);
    rs_affine_cut(x, lo, hi);
}

void rs_affine_product(rs_affine *out, size_t out_stride, size_t k, const double *weight, const double *bias,
                       size_t rows, size_t columns, const rs_affine *x, size_t stride) {
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)k, (int)columns, 1, weight, (int)columns,
                x[0].g, (int)stride, 0, out[0].g, (int)out_stride);
    for (size_t i = 0; i < rows; i++) {
        const double *w = weight + i * columns;
        double c = bias[i], middle = bias[i], radius = 0, err = 0;
        for (size_t j = 0; j < columns; j++) {
            c += w[j] * x[j].c;
            middle += w[j] * (x[j].hi + x[j].lo) / 2;
            radius += fabs(w[j]) * (x[j].hi - x[j].lo) / 2;
            err += fabs(w[j]) * x[j].err;
        }
        out[i].c = c;
        out[i].err = err;
        rs_affine_within(&out[i], k, middle - radius, middle + radius);
    }
}

/* out = a x + b y + constant +- err, in [lo, hi]. */
static void combine(rs_affine *out, size_t k, double a, const rs_affine *x, double b, const rs_affine *y,
                    double constant, double err, double lo, double hi) {
    double size = mix(out->g, k, a, x->g, b, y->g);
    out->c = a * x->c + b * y->c + constant;
    out->err = fabs(a) * x->err + fabs(b) * y->err + err;
    out->r = out->err + size;
    rs_affine_cut(out, lo, hi);
}

void rs_affine_add(rs_affine *out, size_t k, const rs_affine *x, const rs_affine *y) {
    combine(out, k, 1, x, 1, y, 0, 0, x->lo + y->lo, x->hi + y->hi);
}

void rs_affine_subtract(rs_affine *out, size_t k, const rs_affine *x, const rs_affine *y) {
    combine(out, k, 1, x, -1, y, 0, 0, x->lo - y->hi, x->hi - y->lo);
}

void rs_affine_multiply(rs_affine *out, size_t k, const rs_affine *x, const rs_affine *y) {
    double mx = (x->lo + x->hi) / 2, my = (y->lo + y->hi) / 2, rx = (x->hi - x->lo) / 2, ry = (y->hi - y->lo) / 2;
    double a = x->lo * y->lo, b = x->lo * y->hi, c = x->hi * y->lo, e = x->hi * y->hi;
    double high = rx * ry, low = high;
    if (high > 1e-12) {
        double cx = ry * (x->c - mx), cy = rx * (y->c - my), err = ry * x->err + rx * y->err, plus, minus;
        sizes(&plus, &minus, k, ry, x->g, rx, y->g);
        plus += fabs(cx + cy) + err;
        minus += fabs(cx - cy) + err;
        high = least(high, plus * plus / (4 * rx * ry));
        low = least(low, minus * minus / (4 * rx * ry));
    }
    combine(out, k, my, x, mx, y, -mx * my + (high - low) / 2, (high + low) / 2, least(least(a, b), least(c, e)),
            most(most(a, b), most(c, e)));
}

/* out = slope x + [a, b], which lies in [lo, hi]; c +- r would say no more, because [a, b] is made for the range of x.
 */
static void line(rs_affine *out, size_t k, const rs_affine *x, double slope, double a, double b, double lo, double hi) {
    scale(out->g, k, slope, x->g);
    out->c = slope * x->c + (a + b) / 2;
    out->err = fabs(slope) * x->err + (b - a) / 2;
    out->lo = lo;
    out->hi = hi;
}

void rs_affine_scale(rs_affine *out, size_t k, double factor, const rs_affine *x) {
    line(out, k, x, factor, 0, 0, least(factor * x->lo, factor * x->hi), most(factor * x->lo, factor * x->hi));
}

static double logistic(double x) {
    return 1 / (1 + exp(-x)) - .5;
}

/* tanh x, off by 2^-53 about, as the rest here; with the library's a search took 4 to 14 % longer. */
static double hyperbolic(double x) {
    return 2 * logistic(2 * x);
}

/* u is tanh, or the logistic function less 1/2: odd, between +-half. */
typedef struct curve {
    double (*u)(double x);
    double centre, half;
} curve;

/* No less than u(x) - slope x for lo <= x <= hi, where 0 <= lo. */
static double most_above(const curve *u, double slope, double lo, double hi) {
    double top = u->half * u->half, t = lo + least((hi - lo) / 2, 1), best = INFINITY;
    for (int i = 0; i < 3; i++) {
        double y = u->u(t), more = top - y * y - slope, bend = 2 * y * (more + slope);
        best = least(best, y - slope * t + most(more * (hi - t), more * (lo - t)));
        if (!(bend > 0)) break;
        t = least(most(t + more / bend, lo), hi);
    }
    return best;
}

static void curved(rs_affine *out, size_t k, const rs_affine *x, curve u) {
    double lo = x->lo, hi = x->hi, width = hi - lo, at_lo = u.u(lo), at_hi = u.u(hi);
    double far = least(most(-at_lo, at_hi), u.half), slope = u.half * u.half - far * far;
    double a = at_lo - slope * lo, b = at_hi - slope * hi;
    if (width > 1e-9) {
        double chord = (at_hi - at_lo) / width;
        double low = least(at_lo - chord * lo, at_hi - chord * hi), high = most(at_lo - chord * lo, at_hi - chord * hi);
        if (hi > 0) high = most(high, most_above(&u, chord, most(lo, 0), hi));
        if (lo < 0) low = least(low, -most_above(&u, chord, most(-hi, 0), -lo));
        if (high - low < b - a) {
            slope = chord;
            a = low;
            b = high;
        }
    }
    line(out, k, x, slope, a + u.centre, b + u.centre, at_lo + u.centre, at_hi + u.centre);
}

void rs_affine_tanh(rs_affine *out, size_t k, const rs_affine *x) {
    curved(out, k, x, (curve){hyperbolic, 0, 1});
}

void rs_affine_sigmoid(rs_affine *out, size_t k, const rs_affine *x) {
    curved(out, k, x, (curve){logistic, .5, .5});
}

void rs_affine_relu(rs_affine *out, size_t k, const rs_affine *x) {
    double lo = x->lo, hi = x->hi, slope = hi <= 0 ? 0 : lo >= 0 ? 1 : hi / (hi - lo);
    line(out, k, x, slope, 0, hi > 0 && lo < 0 ? -slope * lo : 0, most(lo, 0), most(hi, 0));
}
