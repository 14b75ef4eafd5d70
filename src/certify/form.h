/* Affine forms of the checker: what is known of a number that depends on the hidden state.
 *
 * A form says: there is a point e of [-1, 1]^k, the same for all forms of a state, such that the number is
 *   c + sum over i of g[i] e[i] + an error of at most err,   and it lies in [lo, hi].
 * All are fixed-point (certify/fixed.h), and |c|, sum |g| + err, |lo|, |hi| < RS_FIXED_LIMIT. Operations are sound:
 * when their operands say the truth with a point e, what comes out does with the same e. Affine arithmetic: de
 * Figueiredo and Stolfi, Numerical Algorithms 37, 2004, doi:10.1023/B:NUMA.0000049462.70970.b6.
 *
 * A function f is replaced by a line: with any slope s, f(x) - s x lies between bounds a and b on [lo, hi], so that
 *   f(x) = s x + (a + b) / 2 +- (b - a) / 2
 * Two slopes are tried, and the better one kept:
 * - flat: s <= f' on [lo, hi]. f(x) - s x grows, so a and b are its values at the ends. f' of tanh and of the logistic
 *   function is largest at 0 and falls on both sides, so its least value on [lo, hi] is at an end.
 * - chord: s about the slope of the chord. On x >= 0 f is concave: f(x) - s x is least at an end, and below every
 *   tangent of it, that at t, say, which is largest at an end. f' should be about s at t. On x <= 0 the same holds of
 *   -f(-x), f less its value at 0.
 *
 * A product, with mx and my the middles of the ranges, X = x - mx within +-a and Y = y - my within +-b:
 *   x y = mx y + my x - mx my + X Y,   X Y = ((b X + a Y)^2 - (b X - a Y)^2) / (4 a b)
 * Either square lies between 0 and that of the most that generators say of what is squared; what x and y share cancels
 * in one of them. X Y is within +-a b, too.
 *
 * Products of fixed-point numbers are truncated by less than a unit each, which err counts. Weights are below 2^56 and
 * forms below RS_FIXED_LIMIT = 2^58 as integers, so sums of up to 4096 products stay below 2^127; slopes are below 4,
 * so s x and what is added to it stay below 2^62. */
#ifndef RS_CERTIFY_FORM_H
#define RS_CERTIFY_FORM_H

#include <stddef.h>

#include "certify/fixed.h"

typedef struct rs_form {
    rs_fixed c, err, lo, hi;
    rs_fixed *g; /* [k], not owned */
} rs_form;

/* Every operation takes the number k of generators; `out` may be an operand. False: a magnitude grew past the limit, or
 * no number is left, and nothing is proved. */

/* out = bias + sum over i < n of row[i] * x[i]; `bias` and row[i] may be half a unit off and are below 2^16, n <= 4096.
 */
bool rs_form_affine(rs_form *out, size_t k, size_t n, const rs_fixed *row, rs_fixed bias, const rs_form *x);
/* out = x + sign * y, sign 1 or -1; x * y. */
bool rs_form_add(rs_form *out, size_t k, const rs_form *x, const rs_form *y, int sign);
bool rs_form_mul(rs_form *out, size_t k, const rs_form *x, const rs_form *y);
/* out = f(x) */
bool rs_form_tanh(rs_form *out, size_t k, const rs_form *x);
bool rs_form_sigmoid(rs_form *out, size_t k, const rs_form *x);
bool rs_form_relu(rs_form *out, size_t k, const rs_form *x);
/* Puts [lo, hi], a range that is known to hold, cut to what c, g and err say. */
bool rs_form_within(rs_form *x, size_t k, rs_fixed lo, rs_fixed hi);

#endif
