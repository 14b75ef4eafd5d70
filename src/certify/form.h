/* Affine forms of the checker: what is known of a number that depends on the hidden state.
 *
 * A form says: there is a point e of [-1, 1]^k, the same for all forms of a state, such that the number is
 *   c + sum over i of g[i] e[i] + an error of at most err,   and it lies in [lo, hi].
 * All are fixed-point (certify/fixed.h), and |c|, sum |g| + err, |lo|, |hi| < RS_FIXED_LIMIT. Operations are sound:
 * when their operands say the truth with a point e, what comes out does with the same e. Affine arithmetic: de
 * Figueiredo and Stolfi, Numerical Algorithms 37, 2004, doi:10.1023/B:NUMA.0000049462.70970.b6. */
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
