/* Affine forms of the checker: what is known of a number that depends on the hidden state.
 *
 * A form says: for every point e of [-1, 1]^k that the hidden state may stand for, the number is
 *   c + sum over i of g[i] e[i] + an error of at most |err|,   and it lies in [lo, hi].
 * All are fixed-point (certify/fixed.h). Operations are sound: the form that comes out holds whatever the numbers were.
 * Affine arithmetic: de Figueiredo and Stolfi, Numerical Algorithms 37, 2004, doi:10.1023/B:NUMA.0000049462.70970.b6.
 */
#ifndef RS_CERTIFY_FORM_H
#define RS_CERTIFY_FORM_H

#include <stddef.h>

#include "certify/fixed.h"

typedef struct rs_form {
    rs_fixed c, err, lo, hi;
    rs_fixed *g; /* [k], not owned */
} rs_form;

/* Every operation takes the number k of generators; `out` may be an operand. False: a magnitude grew past what
 * fixed-point numbers hold, and nothing is proved. */

/* out = bias + sum over i < n of row[i] * x[i]; `bias` and row[i] may be half a unit off. */
bool rs_form_affine(rs_form *out, size_t k, size_t n, const rs_fixed *row, rs_fixed bias, const rs_form *x);
/* out = x + y, x - y, x * y */
bool rs_form_add(rs_form *out, size_t k, const rs_form *x, const rs_form *y);
bool rs_form_sub(rs_form *out, size_t k, const rs_form *x, const rs_form *y);
bool rs_form_mul(rs_form *out, size_t k, const rs_form *x, const rs_form *y);
/* out = f(x) */
bool rs_form_tanh(rs_form *out, size_t k, const rs_form *x);
bool rs_form_sigmoid(rs_form *out, size_t k, const rs_form *x);
bool rs_form_relu(rs_form *out, size_t k, const rs_form *x);
/* [lo, hi] cut to a range that is known to hold otherwise, and to what c, g and err say. */
bool rs_form_within(rs_form *x, size_t k, rs_fixed lo, rs_fixed hi);

#endif
