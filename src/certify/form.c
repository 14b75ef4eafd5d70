/* A function f is replaced by a line: with any slope s, f(x) - s x lies between bounds a and b on [lo, hi], so that
 * f(x) = s x + (a + b) / 2 +- (b - a) / 2. Two slopes are tried, and the better one kept:
 *   flat    s <= f' on [lo, hi]: f(x) - s x grows, a and b are its values at the ends. f' of tanh and of the logistic
 * function is largest at 0 and falls on both sides, so its least value on [lo, hi] is at an end. chord   s about the
 * slope of the chord: f(x) - s x differs from the line through its values at the ends by at most M (hi - lo)^2 / 8,
 * where M bounds |f''| on [lo, hi]; where f is concave it is nowhere below that line. A product is x y = mx y + my x -
 * mx my + (x - mx)(y - my), mx and my the middles of the ranges. Every product of fixed-point numbers is wrong by less
 * than a unit; those units are counted into err. */
#include "certify/form.h"

__extension__ typedef __int128 wide;

#define LIMIT ((rs_fixed)1 << 61)

static rs_fixed size_of(rs_fixed x) {
    return x < 0 ? -x : x;
}

static rs_fixed least(rs_fixed a, rs_fixed b) {
    return a < b ? a : b;
}

static rs_fixed most(rs_fixed a, rs_fixed b) {
    return a > b ? a : b;
}

/* The larger of |lo| and |hi|. */
static rs_fixed reach(const rs_form *x) {
    return most(size_of(x->lo), size_of(x->hi));
}

static bool small(wide x) {
    return x < LIMIT && x > -LIMIT;
}

bool rs_form_within(rs_form *x, size_t k, rs_fixed lo, rs_fixed hi) {
    wide r = x->err;
    for (size_t i = 0; i < k; i++) r += size_of(x->g[i]);
    if (!small(r) || !small(x->c)) return false;
    x->lo = most(lo, x->c - (rs_fixed)r);
    x->hi = least(hi, x->c + (rs_fixed)r);
    return x->lo <= x->hi;
}

bool rs_form_affine(rs_form *out, size_t k, size_t n, const rs_fixed *row, rs_fixed bias, const rs_form *x) {
    wide c = (wide)bias * RS_FIXED_ONE, lo = c, hi = c, err = 0, seen = 0;
    for (size_t i = 0; i < n; i++) {
        wide w = row[i];
        c += w * x[i].c;
        lo += w * (w < 0 ? x[i].hi : x[i].lo);
        hi += w * (w < 0 ? x[i].lo : x[i].hi);
        err += (w < 0 ? -w : w) * x[i].err;
        seen += reach(&x[i]);
    }
    /* Half a unit for every weight times the size of its x; a unit for the bias and for each truncation below. */
    wide slack = (seen >> RS_FIXED_BITS) + (wide)k + 4;
    for (size_t g = 0; g < k; g++) {
        wide sum = 0;
        for (size_t i = 0; i < n; i++) sum += (wide)row[i] * x[i].g[g];
        sum >>= RS_FIXED_BITS;
        if (!small(sum)) return false;
        out->g[g] = (rs_fixed)sum;
    }
    c >>= RS_FIXED_BITS;
    lo = (lo >> RS_FIXED_BITS) - slack;
    hi = (hi >> RS_FIXED_BITS) + slack + 1;
    err = (err >> RS_FIXED_BITS) + slack;
    if (!small(c) || !small(lo) || !small(hi) || !small(err)) return false;
    out->c = (rs_fixed)c;
    out->err = (rs_fixed)err;
    return rs_form_within(out, k, (rs_fixed)lo, (rs_fixed)hi);
}

static bool combine(rs_form *out, size_t k, const rs_form *x, const rs_form *y, int sign) {
    rs_fixed lo = x->lo + (sign > 0 ? y->lo : -y->hi), hi = x->hi + (sign > 0 ? y->hi : -y->lo);
    for (size_t i = 0; i < k; i++) out->g[i] = x->g[i] + sign * y->g[i];
    out->c = x->c + sign * y->c;
    out->err = x->err + y->err;
    return small(lo) && small(hi) && rs_form_within(out, k, lo, hi);
}

bool rs_form_add(rs_form *out, size_t k, const rs_form *x, const rs_form *y) {
    return combine(out, k, x, y, 1);
}

bool rs_form_sub(rs_form *out, size_t k, const rs_form *x, const rs_form *y) {
    return combine(out, k, x, y, -1);
}

bool rs_form_mul(rs_form *out, size_t k, const rs_form *x, const rs_form *y) {
    rs_fixed mx = x->lo + (x->hi - x->lo) / 2, my = y->lo + (y->hi - y->lo) / 2;
    /* |x - mx| and |y - my| at most. */
    rs_fixed rx = most(x->hi - mx, mx - x->lo), ry = most(y->hi - my, my - y->lo);
    const rs_fixed ends[4][2] = {{x->lo, y->lo}, {x->lo, y->hi}, {x->hi, y->lo}, {x->hi, y->hi}};
    wide lo = LIMIT, hi = -LIMIT;
    for (size_t i = 0; i < 4; i++) {
        wide product = (wide)ends[i][0] * ends[i][1];
        if (!small(product >> RS_FIXED_BITS)) return false;
        lo = product >> RS_FIXED_BITS < lo ? product >> RS_FIXED_BITS : lo;
        hi = -(-product >> RS_FIXED_BITS) > hi ? -(-product >> RS_FIXED_BITS) : hi;
    }
    for (size_t i = 0; i < k; i++) {
        wide sum = ((wide)mx * y->g[i] + (wide)my * x->g[i]) >> RS_FIXED_BITS;
        if (!small(sum)) return false;
        out->g[i] = (rs_fixed)sum;
    }
    wide c = ((wide)mx * y->c + (wide)my * x->c - (wide)mx * my) >> RS_FIXED_BITS;
    wide err =
        (((wide)size_of(mx) * y->err + (wide)size_of(my) * x->err + (wide)rx * ry) >> RS_FIXED_BITS) + (wide)k + 2;
    if (!small(c) || !small(err)) return false;
    out->c = (rs_fixed)c;
    out->err = (rs_fixed)err;
    return rs_form_within(out, k, (rs_fixed)lo, (rs_fixed)hi);
}

/* What is known of f on [lo, hi]: enclosures of its values at the ends, f' from below, |f''| from above. */
typedef struct curve {
    rs_range at_lo, at_hi;
    rs_fixed flattest, bend;
} curve;

/* t = tanh: f' = 1 - t^2, f'' = -2 t (1 - t^2). */
static curve tanh_curve(rs_fixed lo, rs_fixed hi) {
    curve f = {rs_fixed_tanh(lo), rs_fixed_tanh(hi), 0, 0};
    rs_fixed far = most(most(size_of(f.at_lo.lo), size_of(f.at_lo.hi)), most(size_of(f.at_hi.lo), size_of(f.at_hi.hi)));
    rs_fixed near = lo > 0 ? most(f.at_lo.lo, 0) : hi < 0 ? most(-f.at_hi.hi, 0) : 0;
    far = least(far, RS_FIXED_ONE);
    f.flattest = RS_FIXED_ONE - rs_fixed_mul_up(far, far);
    f.bend = rs_fixed_mul_up(2 * far, RS_FIXED_ONE - rs_fixed_mul_down(near, near));
    return f;
}

/* s: f' = s (1 - s), f'' = s (1 - s) (1 - 2 s), |1 - 2 s| <= 1. With u = |s - 1/2|: f' = 1/4 - u^2. */
static curve sigmoid_curve(rs_fixed lo, rs_fixed hi) {
    curve f = {rs_fixed_sigmoid(lo), rs_fixed_sigmoid(hi), 0, 0};
    rs_fixed half = RS_FIXED_ONE / 2;
    rs_fixed far = least(most(size_of(f.at_lo.lo - half), size_of(f.at_hi.hi - half)) + 2, half);
    rs_fixed near = lo > 0 ? most(f.at_lo.lo - half, 0) : hi < 0 ? most(half - f.at_hi.hi, 0) : 0;
    f.flattest = RS_FIXED_ONE / 4 - rs_fixed_mul_up(far, far);
    f.bend = rs_fixed_mul_up(2 * far, RS_FIXED_ONE / 4 - rs_fixed_mul_down(near, near));
    return f;
}

/* out = slope * x + [a, b] within [lo, hi]. */
static bool line(rs_form *out, size_t k, const rs_form *x, rs_fixed slope, rs_fixed a, rs_fixed b, rs_fixed lo,
                 rs_fixed hi) {
    for (size_t i = 0; i < k; i++) out->g[i] = rs_fixed_mul_down(slope, x->g[i]);
    rs_fixed middle = a + (b - a) / 2;
    rs_fixed err = rs_fixed_mul_up(size_of(slope), x->err) + most(b - middle, middle - a) + (rs_fixed)k + 1;
    out->c = rs_fixed_mul_down(slope, x->c) + middle;
    out->err = err;
    return rs_form_within(out, k, lo, hi);
}

static bool curved(rs_form *out, size_t k, const rs_form *x, curve (*bounds)(rs_fixed lo, rs_fixed hi)) {
    rs_fixed lo = x->lo, hi = x->hi, width = hi - lo;
    curve f = bounds(lo, hi);
    /* flat */
    rs_fixed slope = most(f.flattest, 0);
    rs_fixed a = f.at_lo.lo - rs_fixed_mul_up(slope, lo), b = f.at_hi.hi - rs_fixed_mul_down(slope, hi);
    if (width < 4 * RS_FIXED_ONE && width > 0) { /* chord */
        rs_fixed chord = (rs_fixed)(((wide)(f.at_hi.lo - f.at_lo.lo) * RS_FIXED_ONE) / width);
        rs_fixed p = f.at_lo.lo - rs_fixed_mul_up(chord, lo), q = f.at_hi.lo - rs_fixed_mul_up(chord, hi);
        rs_fixed r = f.at_lo.hi - rs_fixed_mul_down(chord, lo), s = f.at_hi.hi - rs_fixed_mul_down(chord, hi);
        rs_fixed bow = rs_fixed_mul_up(f.bend, rs_fixed_mul_up(width, width)) / 8 + 1;
        rs_fixed low = least(p, q) - (lo >= 0 ? 0 : bow), high = most(r, s) + (hi <= 0 ? 0 : bow);
        if (high - low < b - a) {
            slope = chord;
            a = low;
            b = high;
        }
    }
    return line(out, k, x, slope, a, b, f.at_lo.lo, f.at_hi.hi);
}

bool rs_form_tanh(rs_form *out, size_t k, const rs_form *x) {
    return curved(out, k, x, tanh_curve);
}

bool rs_form_sigmoid(rs_form *out, size_t k, const rs_form *x) {
    return curved(out, k, x, sigmoid_curve);
}

/* max(0, x): itself, 0, or with slope s = hi / (hi - lo) between 0 and -s lo above s x. */
bool rs_form_relu(rs_form *out, size_t k, const rs_form *x) {
    rs_fixed lo = x->lo, hi = x->hi;
    if (hi <= 0) return line(out, k, x, 0, 0, 0, 0, 0);
    if (lo >= 0) return line(out, k, x, RS_FIXED_ONE, 0, 0, lo, hi);
    rs_fixed slope = (rs_fixed)(((wide)hi * RS_FIXED_ONE) / (hi - lo));
    /* max(0, x) - s x is convex: largest at an end, smallest at 0. */
    rs_fixed above = most(rs_fixed_mul_up(slope, -lo), hi - rs_fixed_mul_down(slope, hi));
    return line(out, k, x, slope, 0, above, 0, hi);
}
