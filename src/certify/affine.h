/* Affine forms as the checker has them (certify/form.h says what they mean), in double, for the search. Rounding errors
 * of double are far below the slack that the search adds to eps. */
#ifndef RS_CERTIFY_AFFINE_H
#define RS_CERTIFY_AFFINE_H

#include <stddef.h>

/* c + sum over i < k of g[i] e[i] with e in [-1, 1]^k, off by at most err, and in [lo, hi]. */
typedef struct rs_affine {
    double c, err, lo, hi;
    double r;  /* err + sum of |g|, as far as an operation asked for it */
    double *g; /* [k], not owned */
} rs_affine;

/* Every operation takes the number k of generators; `out` may be an operand. */

/* Cuts [lo, hi] to c +- r, r given or computed first. */
void rs_affine_cut(rs_affine *x, double lo, double hi);
void rs_affine_within(rs_affine *x, size_t k, double lo, double hi);
/* out[i] = bias[i] + sum over j < columns of weight[i*columns + j] x[j] for i < rows; the generators of two forms lie
 * `stride` apart in x and `out_stride` in out. */
void rs_affine_product(rs_affine *out, size_t out_stride, size_t k, const double *weight, const double *bias,
                       size_t rows, size_t columns, const rs_affine *x, size_t stride);
void rs_affine_add(rs_affine *out, size_t k, const rs_affine *x, const rs_affine *y);
void rs_affine_subtract(rs_affine *out, size_t k, const rs_affine *x, const rs_affine *y);
void rs_affine_multiply(rs_affine *out, size_t k, const rs_affine *x, const rs_affine *y);
/* out = factor x */
void rs_affine_scale(rs_affine *out, size_t k, double factor, const rs_affine *x);
/* out = f(x) */
void rs_affine_tanh(rs_affine *out, size_t k, const rs_affine *x);
void rs_affine_sigmoid(rs_affine *out, size_t k, const rs_affine *x);
void rs_affine_relu(rs_affine *out, size_t k, const rs_affine *x);

#endif
