#include "certify/form.h"

static bool small(rs_wide x) {
    return x < RS_FIXED_LIMIT && x > -RS_FIXED_LIMIT;
}

bool rs_form_within(rs_form *x, size_t k, rs_fixed lo, rs_fixed hi) {
    rs_wide r = x->err;
    rs_fixed part;
    size_t i = 0;
    for (; i + 8 <= k; r += part) { /* their sum is below 2^63 */
        part = 0;
        for (size_t end = i + 8; i < end; i++) part += rs_fixed_size(x->g[i]);
    }
    for (; i < k; i++) r += rs_fixed_size(x->g[i]);
    if (!small(r) || !small(x->c) || !small(lo) || !small(hi)) return false;
    x->lo = rs_fixed_most(lo, x->c - (rs_fixed)r);
    x->hi = rs_fixed_least(hi, x->c + (rs_fixed)r);
    return x->lo <= x->hi;
}

bool rs_form_affine(rs_form *out, size_t k, size_t n, const rs_fixed *row, rs_fixed bias, const rs_form *x) {
    if (n > 4096) return false;
    rs_wide c = (rs_wide)bias * RS_FIXED_ONE, lo = c, hi = c, err = 0, seen = 0;
    for (size_t i = 0; i < n; i++) {
        rs_wide w = row[i];
        c += w * x[i].c;
        lo += w * (w < 0 ? x[i].hi : x[i].lo);
        hi += w * (w < 0 ? x[i].lo : x[i].hi);
        err += (w < 0 ? -w : w) * x[i].err;
        seen += rs_fixed_most(-x[i].lo, x[i].hi);
    }
    /* Half a unit for the bias and for every weight times the size of its x; a unit for each truncation below. */
    rs_wide slack = (seen >> RS_FIXED_BITS) + (rs_wide)k + 4;
    for (size_t g = 0; g < k; g++) {
        rs_wide sum = 0;
        for (size_t i = 0; i < n; i++) sum += (rs_wide)row[i] * x[i].g[g];
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

bool rs_form_add(rs_form *out, size_t k, const rs_form *x, const rs_form *y, int sign) {
    rs_fixed lo = x->lo + (sign > 0 ? y->lo : -y->hi), hi = x->hi + (sign > 0 ? y->hi : -y->lo);
    for (size_t i = 0; i < k; i++) out->g[i] = x->g[i] + sign * y->g[i];
    out->c = x->c + sign * y->c;
    out->err = x->err + y->err;
    return rs_form_within(out, k, lo, hi);
}

/* No less than (b X + a Y)^2 / (4 |a| b), X = x - mx within +-|a|, Y = y - my within +-b; |a| b at most. */
static rs_wide square(const rs_form *x, const rs_form *y, size_t k, rs_fixed mx, rs_fixed my, rs_fixed a, rs_fixed b) {
    rs_wide most = ((rs_wide)rs_fixed_size(a) * b >> RS_FIXED_BITS) + 1;
    rs_wide size = (rs_wide)b * (x->c - mx) + (rs_wide)a * (y->c - my);
    size = (size < 0 ? -size : size) + (rs_wide)b * x->err + (rs_wide)rs_fixed_size(a) * y->err;
    for (size_t i = 0; i < k; i++) {
        rs_wide g = (rs_wide)b * x->g[i] + (rs_wide)a * y->g[i];
        size += g < 0 ? -g : g;
    }
    size = (size >> RS_FIXED_BITS) + 1;
    if (most == 1 || !small(size)) return most;
    rs_wide bound = size * size / (4 * (most - 1)) + 1;
    return bound < most ? bound : most;
}

bool rs_form_mul(rs_form *out, size_t k, const rs_form *x, const rs_form *y) {
    rs_fixed mx = x->lo + (x->hi - x->lo) / 2, my = y->lo + (y->hi - y->lo) / 2;
    rs_fixed rx = rs_fixed_most(x->hi - mx, mx - x->lo), ry = rs_fixed_most(y->hi - my, my - y->lo);
    if (!small((rs_wide)rs_fixed_most(-x->lo, x->hi) * rs_fixed_most(-y->lo, y->hi) >> RS_FIXED_BITS)) return false;
    rs_wide high = square(x, y, k, mx, my, rx, ry), low = square(x, y, k, mx, my, -rx, ry);
    rs_fixed lo = RS_FIXED_LIMIT, hi = -lo;
    for (int i = 0; i < 4; i++) {
        rs_fixed a = i & 1 ? x->lo : x->hi, b = i & 2 ? y->lo : y->hi;
        lo = rs_fixed_least(lo, rs_fixed_mul_down(a, b));
        hi = rs_fixed_most(hi, rs_fixed_mul_up(a, b));
    }
    for (size_t i = 0; i < k; i++) {
        rs_wide sum = ((rs_wide)mx * y->g[i] + (rs_wide)my * x->g[i]) >> RS_FIXED_BITS;
        if (!small(sum)) return false;
        out->g[i] = (rs_fixed)sum;
    }
    rs_wide c = (((rs_wide)mx * y->c + (rs_wide)my * x->c - (rs_wide)mx * my) >> RS_FIXED_BITS) + (high - low) / 2;
    rs_wide err = (((rs_wide)rs_fixed_size(mx) * y->err + (rs_wide)rs_fixed_size(my) * x->err) >> RS_FIXED_BITS) +
                  (high + low) / 2 + (rs_wide)k + 3;
    if (!small(c) || !small(err)) return false;
    out->c = (rs_fixed)c;
    out->err = (rs_fixed)err;
    return rs_form_within(out, k, lo, hi);
}

/* out = slope * x + [a, b] within [lo, hi]. */
static bool line(rs_form *out, size_t k, const rs_form *x, rs_fixed slope, rs_fixed a, rs_fixed b, rs_fixed lo,
                 rs_fixed hi) {
    for (size_t i = 0; i < k; i++) out->g[i] = rs_fixed_mul_down(slope, x->g[i]);
    rs_fixed middle = a + (b - a) / 2;
    out->c = rs_fixed_mul_down(slope, x->c) + middle;
    out->err = rs_fixed_mul_up(rs_fixed_size(slope), x->err) + rs_fixed_most(b - middle, middle - a) + (rs_fixed)k + 1;
    return rs_form_within(out, k, lo, hi);
}

/* f is tanh or the logistic function, and u = f - centre, an odd function of slope half^2 - u^2. */
typedef struct curve {
    rs_range (*f)(rs_fixed x);
    rs_fixed centre, half;
} curve;

static rs_range at(const curve *u, rs_fixed x) {
    rs_range y = u->f(x);
    return (rs_range){y.lo - u->centre, y.hi - u->centre};
}

/* No less than u(x) - slope x for lo <= x <= hi, where 0 <= lo. */
static rs_fixed most_above(const curve *u, rs_fixed slope, rs_fixed lo, rs_fixed hi) {
    rs_fixed top = rs_fixed_mul_down(u->half, u->half), t = lo + rs_fixed_least((hi - lo) / 2, RS_FIXED_ONE);
    rs_fixed best = RS_FIXED_LIMIT;
    for (int i = 0; i < 3; i++) {
        rs_range y = at(u, t);
        rs_fixed flat = top - rs_fixed_mul_up(y.hi, y.hi) - slope, steep = top - rs_fixed_mul_down(y.lo, y.lo) - slope;
        rs_fixed rise = rs_fixed_most(rs_fixed_mul_up(steep, hi - t), rs_fixed_mul_up(flat, lo - t));
        best = rs_fixed_least(best, y.hi - rs_fixed_mul_down(slope, t) + rise);
        rs_fixed bend = 2 * rs_fixed_mul_down(y.lo, steep + slope); /* -u''(t) */
        if (bend <= 0) break;
        rs_wide next = t + (rs_wide)flat * RS_FIXED_ONE / bend; /* Newton's step */
        t = next < lo ? lo : next > hi ? hi : (rs_fixed)next;
    }
    return best;
}

static bool curved(rs_form *out, size_t k, const rs_form *x, curve u) {
    rs_fixed lo = x->lo, hi = x->hi, width = hi - lo, top = rs_fixed_mul_down(u.half, u.half);
    rs_range at_lo = at(&u, lo), at_hi = at(&u, hi);
    rs_fixed far = rs_fixed_least(rs_fixed_most(-at_lo.lo, at_hi.hi), u.half); /* the largest |u| */
    rs_fixed slope = top - rs_fixed_mul_up(far, far);
    rs_fixed a = at_lo.lo - rs_fixed_mul_up(slope, lo), b = at_hi.hi - rs_fixed_mul_down(slope, hi);
    if (width > 0) {
        rs_fixed chord = (rs_fixed)((rs_wide)(at_hi.lo - at_lo.lo) * RS_FIXED_ONE / width);
        rs_fixed low = rs_fixed_least(at_lo.lo - rs_fixed_mul_up(chord, lo), at_hi.lo - rs_fixed_mul_up(chord, hi));
        rs_fixed high = rs_fixed_most(at_lo.hi - rs_fixed_mul_down(chord, lo), at_hi.hi - rs_fixed_mul_down(chord, hi));
        if (hi > 0) high = rs_fixed_most(high, most_above(&u, chord, rs_fixed_most(lo, 0), hi));
        if (lo < 0) low = rs_fixed_least(low, -most_above(&u, chord, rs_fixed_most(-hi, 0), -lo));
        if (high - low < b - a)
            return line(out, k, x, chord, low + u.centre, high + u.centre, at_lo.lo + u.centre, at_hi.hi + u.centre);
    }
    return line(out, k, x, slope, a + u.centre, b + u.centre, at_lo.lo + u.centre, at_hi.hi + u.centre);
}

bool rs_form_tanh(rs_form *out, size_t k, const rs_form *x) {
    return curved(out, k, x, (curve){rs_fixed_tanh, 0, RS_FIXED_ONE});
}

bool rs_form_sigmoid(rs_form *out, size_t k, const rs_form *x) {
    return curved(out, k, x, (curve){rs_fixed_sigmoid, RS_FIXED_ONE / 2, RS_FIXED_ONE / 2});
}

/* max(0, x): with slope s = hi / (hi - lo), cut to [0, 1], max(0, x) - s x is convex, largest at an end and 0 at 0. */
bool rs_form_relu(rs_form *out, size_t k, const rs_form *x) {
    rs_fixed lo = rs_fixed_least(x->lo, 0), hi = rs_fixed_most(x->hi, 0);
    rs_fixed slope = hi > 0 ? (rs_fixed)(((rs_wide)hi * RS_FIXED_ONE) / (hi - lo)) : 0;
    rs_fixed above = rs_fixed_most(rs_fixed_mul_up(slope, -lo), hi - rs_fixed_mul_down(slope, hi));
    return line(out, k, x, slope, 0, above, rs_fixed_most(x->lo, 0), hi);
}
