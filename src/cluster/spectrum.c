/* The largest eigenvalues of a graph's normalised adjacency S.
 *
 * A block of b > k vectors is multiplied by a polynomial of S that is small on [-1, c], where the unwanted eigenvalues
 * lie, and grows steeply above: T_m((S - (c - 1)/2) / ((c + 1)/2)), T_m Chebyshev's. The block is made orthonormal, and
 * the eigenvectors of S in its span are the next block (Rayleigh and Ritz); c is its least eigenvalue. A block finds
 * eigenvalues of any multiplicity up to its width. Invariant: the block is orthonormal after each round. */
#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "cluster/graph.h"
#include "core/alloc.h"
#include "core/blas.h"
#include "core/random.h"
#include "core/status.h"

enum { GUARD = 8, DEGREE = 20, ROUNDS = 60, WORK = 64 };
static const uint64_t stream_start = 0x737065637472756du; /* of ctx->seed */

typedef double lanes __attribute__((vector_size(32)));
enum { LANES = sizeof(lanes) / sizeof(double), WIDTH = 4 * LANES };

typedef struct block {
    const rs_graph *g;
    size_t b, threads;
    double *scale;      /* [n], D^-1/2 */
    double *x, *y, *z;  /* [n*b] */
    double *h, *values; /* [b*b], [b] */
    double *tau, *work; /* [b], [WORK*b] */
} block;

static void block_free(block *s) {
    free(s->scale);
    free(s->x);
    free(s->y);
    free(s->z);
    free(s->h);
    free(s->values);
    free(s->tau);
    free(s->work);
}

/* Row i of the product below. Neighbours come one after the other and in each 16 numbers of a row at a time, which stay
 * in registers. */
static inline __attribute__((always_inline)) void multiply_row(const block *s, size_t i, double *out, double a,
                                                               const double *in, double shift, double c,
                                                               const double *before) {
    const rs_graph *g = s->g;
    size_t b = s->b, x = 0;
    double scale = a * s->scale[i], *to = out + i * b;
    const double *own = in + i * b, *last = before + i * b;
    for (; x + WIDTH <= b; x += WIDTH) {
        lanes sums[WIDTH / LANES], y, z;
        for (size_t l = 0; l < WIDTH / LANES; l++) {
            memcpy(&y, own + x + l * LANES, sizeof y);
            memcpy(&z, last + x + l * LANES, sizeof z);
            sums[l] = shift * y + c * z;
        }
        for (size_t e = g->first[i]; e < g->first[i + 1]; e++) {
            size_t j = g->columns[e];
            double weight = scale * g->weights[e] * s->scale[j];
            for (size_t l = 0; l < WIDTH / LANES; l++) {
                memcpy(&y, in + j * b + x + l * LANES, sizeof y);
                sums[l] += weight * y;
            }
        }
        memcpy(to + x, sums, sizeof sums);
    }
    if (x == b) return;
    for (size_t y = x; y < b; y++) to[y] = shift * own[y] + c * last[y];
    for (size_t e = g->first[i]; e < g->first[i + 1]; e++) {
        double weight = scale * g->weights[e] * s->scale[g->columns[e]];
        for (size_t y = x; y < b; y++) to[y] += weight * in[g->columns[e] * b + y];
    }
}

typedef void row_multiplier(const block *s, size_t i, double *out, double a, const double *in, double shift, double c,
                            const double *before);

static void multiply_row_any(const block *s, size_t i, double *out, double a, const double *in, double shift, double c,
                             const double *before) {
    multiply_row(s, i, out, a, in, shift, c, before);
}

#if defined __x86_64__ && defined __GNUC__
static __attribute__((target("avx2"))) void multiply_row_wide(const block *s, size_t i, double *out, double a,
                                                              const double *in, double shift, double c,
                                                              const double *before) {
    multiply_row(s, i, out, a, in, shift, c, before);
}
#endif

/* out = a S in + shift in + c before; out may be before. */
static void multiply(const block *s, double *out, double a, const double *in, double shift, double c,
                     const double *before) {
    size_t threads = s->threads;
    row_multiplier *row = multiply_row_any;
#if defined __x86_64__ && defined __GNUC__
    if (__builtin_cpu_supports("avx2")) row = multiply_row_wide;
#endif
#pragma omp parallel for num_threads((int)threads) schedule(static) if (threads > 1)
    for (size_t i = 0; i < s->g->n; i++) row(s, i, out, a, in, shift, c, before);
}

/* x becomes the polynomial of it. */
static void filter(block *s, double c) {
    double middle = (c - 1) / 2, half = (c + 1) / 2;
    multiply(s, s->y, 1 / half, s->x, -middle / half, 0, s->x);
    for (size_t m = 2; m <= DEGREE; m++) {
        multiply(s, s->x, 2 / half, s->y, -2 * middle / half, -1, s->x);
        double *swap = s->x;
        s->x = s->y;
        s->y = swap;
    }
    double *swap = s->x;
    s->x = s->y;
    s->y = swap;
}

/* Makes x orthonormal: row-major n x b is LAPACK's b x n, whose rows an LQ factorisation makes orthonormal. */
static rs_status orthonormalise(block *s) {
    lapack_int b = (lapack_int)s->b, n = (lapack_int)s->g->n;
    if (LAPACKE_dgelqf_work(LAPACK_COL_MAJOR, b, n, s->x, b, s->tau, s->work, WORK * b) ||
        LAPACKE_dorglq_work(LAPACK_COL_MAJOR, b, n, b, s->x, b, s->tau, s->work, WORK * b))
        return rs_fail(RS_EINTERNAL, "LAPACK could not orthonormalise a block of vectors");
    return RS_OK;
}

/* x becomes the eigenvectors in its span, values descending; returns the largest residual of the first k. */
static rs_status rayleigh_ritz(double *residual, block *s, size_t k) {
    int b = (int)s->b, n = (int)s->g->n;
    multiply(s, s->y, 1, s->x, 0, 0, s->x);
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, b, b, n, -1, s->x, b, s->y, b, 0, s->h, b);
    if (LAPACKE_dsyev_work(LAPACK_COL_MAJOR, 'V', 'U', b, s->h, b, s->values, s->work, WORK * b))
        return rs_fail(RS_EINTERNAL, "LAPACK found no eigenvalues of a symmetric matrix");
    /* H was negated, so that its values ascend as they should descend; row j of h is the j-th vector. */
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, b, b, 1, s->x, b, s->h, b, 0, s->z, b);
    double *swap = s->x;
    s->x = s->z;
    s->z = swap;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, b, b, 1, s->y, b, s->h, b, 0, s->z, b); /* S x */
    for (size_t j = 0; j < s->b; j++) s->values[j] = -s->values[j];
    *residual = 0;
    for (size_t j = 0; j < k; j++) {
        double sum = 0;
        for (size_t i = 0; i < s->g->n; i++) {
            double r = s->z[i * s->b + j] - s->values[j] * s->x[i * s->b + j];
            sum += r * r;
        }
        *residual = fmax(*residual, sqrt(sum));
    }
    return RS_OK;
}

rs_status rs_graph_spectrum(double *values, double *vectors, size_t k, const rs_graph *g, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t n = g->n, b = (k + GUARD + LANES - 1) / LANES * LANES < n ? (k + GUARD + LANES - 1) / LANES * LANES : n;
    block s = {.g = g, .b = b, .threads = rs_context_threads(ctx)};
    double residual = INFINITY;
    rs_random random = rs_random_new(rs_context_seed(ctx), stream_start);
    RS_TRY_ALLOC(s.scale = rs_alloc(n, sizeof *s.scale));
    RS_TRY_ALLOC(s.x = rs_alloc_aligned(n * b, sizeof *s.x));
    RS_TRY_ALLOC(s.y = rs_alloc_aligned(n * b, sizeof *s.y));
    RS_TRY_ALLOC(s.z = rs_alloc_aligned(n * b, sizeof *s.z));
    RS_TRY_ALLOC(s.h = rs_alloc(b * b, sizeof *s.h));
    RS_TRY_ALLOC(s.values = rs_alloc(b, sizeof *s.values));
    RS_TRY_ALLOC(s.tau = rs_alloc(b, sizeof *s.tau));
    RS_TRY_ALLOC(s.work = rs_alloc(WORK * b, sizeof *s.work));
    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t e = g->first[i]; e < g->first[i + 1]; e++) sum += g->weights[e];
        s.scale[i] = sum > 0 ? 1 / sqrt(sum) : 0;
    }
    if (s.threads > n / 256 + 1) s.threads = n / 256 + 1;
    for (size_t i = 0; i < n * b; i++) s.x[i] = rs_random_unit(&random) - 0.5;
    rs_blas_init();
    size_t round = 0;
    for (; round < ROUNDS && residual > 1e-5 && !(round && rs_context_expired(ctx)); round++) {
        RS_TRY(rs_context_check(ctx));
        filter(&s, round ? fmin(fmax(s.values[b - 1], -0.5), 0.9999999) : 0.5);
        RS_TRY(orthonormalise(&s));
        RS_TRY(rayleigh_ritz(&residual, &s, k));
    }
    rs_context_log(ctx, 2, "spectral: %zu eigenvectors, residual %.3g after %zu rounds", k, residual, round);
    memcpy(values, s.values, k * sizeof *values);
    for (size_t i = 0; i < n; i++) memcpy(vectors + i * k, s.x + i * b, k * sizeof *vectors);
cleanup:
    block_free(&s);
    return status;
}
