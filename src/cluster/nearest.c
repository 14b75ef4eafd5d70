/* Single precision proposes, double precision decides.
 *
 * |x - c|^2 = |x|^2 + v(c) with v(c) = |c|^2 - 2 x.c, and |x|^2 is the same for all centres. BLAS computes v for a
 * block of points at single precision. By the usual bound for sums of products, |v' - v| <= g (|c|^2 + 2 |x||c|) with
 * g = (d+2) 2^-24 / (1 - (d+2) 2^-24), in any order of summation; underflow adds at most the smallest normal number a
 * term. So the nearest centre is among those with v'(c) <= min v' + t, t twice that bound for the longest centre.
 * Invariant: these few are compared by their distances in double, so that the result does not depend on how BLAS
 * rounds, and not on blocks, threads or where the origin lies. Where v' could overflow, t is infinite and all centres
 * are compared, and so it is for a few points. Many centres are gone through in groups; what is nearest so far stays. */
#include "cluster/nearest.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/blas.h"
#include "core/status.h"

enum {
    FEW = 8,     /* fewer points than this are not worth the preparations for BLAS */
    GROUP = 2048 /* centres */
};

double rs_squared_distance(size_t d, const float *a, const float *b) {
    double s[4] = {0};
    size_t i = 0;
    for (; i + 4 <= d; i += 4)
        for (size_t j = 0; j < 4; j++) {
            double x = (double)a[i + j] - (double)b[i + j];
            s[j] += x * x;
        }
    for (; i < d; i++) {
        double x = (double)a[i] - (double)b[i];
        s[0] += x * x;
    }
    return (s[0] + s[1]) + (s[2] + s[3]);
}

static double norm2(size_t d, const float *x) {
    double s[4] = {0};
    for (size_t i = 0; i < d; i++) s[i % 4] += (double)x[i] * (double)x[i];
    return (s[0] + s[1]) + (s[2] + s[3]);
}

typedef struct search {
    size_t d, k;
    const float *centres; /* [k*d] */
    const float *scaled;  /* [k*d], -2 times the centres */
    const float *norms;   /* [k], |c|^2 */
    double longest;       /* max |c| */
} search;

/* The nearest one among the best so far and those of `count` centres with v[j] <= limit; v NULL: all of them. */
static void decide(const search *s, const float *x, size_t first, size_t count, const float *v, float limit,
                   uint32_t *label, double *best) {
    for (size_t j = 0; j < count; j++) {
        if (v && v[j] > limit) continue; /* false for a NaN */
        double exact = rs_squared_distance(s->d, x, s->centres + (first + j) * s->d);
        if (exact < *best) {
            *best = exact;
            *label = (uint32_t)(first + j);
        }
    }
}

/* min v' + t. */
static float limit(const search *s, const float *x, size_t count, const float *v, float *least) {
    double bound = s->longest * (s->longest + 2 * sqrt(norm2(s->d, x)));
    double t = bound < FLT_MAX / 4 ? ((double)s->d + 8) * (0x1p-22 * bound + FLT_MIN) : INFINITY;
    for (size_t j = 0; j < count; j++)
        if (v[j] < *least) *least = v[j];
    return nextafterf((float)((double)*least + t), INFINITY); /* the conversion may have rounded down */
}

/* A block of points. v [rows*group] is scratch. */
static void nearest_block(const search *s, size_t rows, const float *points, size_t group, uint32_t *labels,
                          double *distances, float *v) {
    double best[RS_BLOCK_ROWS];
    float least[RS_BLOCK_ROWS];
    for (size_t i = 0; i < rows; i++) best[i] = least[i] = INFINITY;
    for (size_t first = 0; first < s->k; first += group) {
        size_t count = s->k - first < group ? s->k - first : group;
        for (size_t i = 0; i < rows; i++) memcpy(v + i * count, s->norms + first, count * sizeof *v);
        rs_gemm_nt(rows, count, s->d, points, s->scaled + first * s->d, 1, v);
        for (size_t i = 0; i < rows; i++) {
            const float *x = points + i * s->d, *row = v + i * count;
            decide(s, x, first, count, row, limit(s, x, count, row, least + i), labels + i, best + i);
        }
    }
    if (distances) memcpy(distances, best, rows * sizeof *best);
}

rs_status rs_nearest(uint32_t *labels, double *distances, size_t n, size_t d, const float *points, size_t k,
                     const float *centres, const rs_context *ctx) {
    rs_status status = RS_OK;
    search s = {.d = d, .k = k, .centres = centres};
    if (n < FEW) {
        for (size_t i = 0; i < n; i++) {
            double best = INFINITY;
            decide(&s, points + i * d, 0, k, NULL, 0, labels + i, &best);
            if (distances) distances[i] = best;
        }
        return RS_OK;
    }
    size_t threads = rs_context_threads(ctx);
    size_t group = k < GROUP ? k : GROUP, rows = group < 256 ? RS_BLOCK_ROWS : 65536 / group; /* v' stays in cache */
    size_t blocks = (n + rows - 1) / rows;
    if (threads > blocks) threads = blocks;
    float *scaled = rs_alloc_aligned(k * d, sizeof *scaled), *norms = rs_alloc_aligned(k, sizeof *norms);
    float *scratch = scaled && norms ? rs_alloc_aligned(threads, rows * group * sizeof *scratch) : NULL;
    RS_TRY_ALLOC(scratch);
    s.scaled = scaled;
    s.norms = norms;
    for (size_t i = 0; i < k * d; i++) scaled[i] = -2 * centres[i];
    for (size_t j = 0; j < k; j++) {
        double norm = norm2(d, centres + j * d);
        norms[j] = (float)norm;
        if (sqrt(norm) > s.longest) s.longest = sqrt(norm);
    }
    rs_blas_init();
#pragma omp parallel for num_threads((int)threads) schedule(static) if (threads > 1)
    for (size_t t = 0; t < threads; t++) {
        for (size_t b = blocks * t / threads; b < blocks * (t + 1) / threads; b++) {
            size_t first = b * rows, count = n - first < rows ? n - first : rows;
            nearest_block(&s, count, points + first * d, group, labels + first, distances ? distances + first : NULL,
                          scratch + t * rows * group);
        }
    }
cleanup:
    free(scaled);
    free(norms);
    free(scratch);
    return status;
}
