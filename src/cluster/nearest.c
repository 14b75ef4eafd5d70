/* Single precision proposes, double precision decides.
 *
 * |x - c|^2 = |x|^2 + v(c) with v(c) = |c|^2 - 2 x.c, and |x|^2 is the same for all centres. BLAS computes v for a
 * block of points at single precision. By the usual bound for sums of products, |v' - v| <= g (|c|^2 + 2 |x||c|) with
 * g = (d+2) 2^-24 / (1 - (d+2) 2^-24), in any order of summation; underflow adds at most the smallest normal number a
 * term. So the nearest centre is among those with v'(c) <= min v' + t, t twice that bound for the longest centre.
 * Invariant: these few are compared by their distances in double, so that the result does not depend on how BLAS
 * rounds, and not on blocks, threads or where the origin lies. Where v' could overflow, t is infinite and all centres
 * are compared, and so it is for a few points. Many centres are gone through in groups; what is nearest so far stays.
 * Where the processor allows, panels.h finds the two least v' first; most points are decided by these when they are
 * further apart than t, and only the others go on to BLAS. */
#include "cluster/nearest.h"
#include "cluster/panels.h"
#include "cluster/single.h"

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

double rs_squared_norm(size_t d, const float *x) {
    double s[4] = {0};
    size_t i = 0;
    for (; i + 4 <= d; i += 4)
        for (size_t j = 0; j < 4; j++) s[j] += (double)x[i + j] * (double)x[i + j];
    for (; i < d; i++) s[i % 4] += (double)x[i] * (double)x[i];
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

/* t for a point of this length. */
static double margin(const search *s, double length) {
    double bound = s->longest * (s->longest + 2 * length);
    return bound < FLT_MAX / 4 ? ((double)s->d + 8) * (0x1p-22 * bound + FLT_MIN) : INFINITY;
}

/* min v' + t. */
static float limit(const search *s, const float *x, size_t count, const float *v, float *least) {
    double t = margin(s, sqrt(rs_squared_norm(s->d, x)));
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

/* The length of x, or somewhat more. */
static double length(size_t d, const float *x) {
    float s[8] = {0};
    size_t i = 0;
    for (; i + 8 <= d; i += 8)
        for (size_t j = 0; j < 8; j++) s[j] += x[i + j] * x[i + j];
    for (; i < d; i++) s[0] += x[i] * x[i];
    float sum = ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]));
    return sqrt(((double)sum + (double)d * FLT_MIN) * (1 + ((double)d + 8) * 0x1p-23));
}

/* What one thread works on. */
typedef struct scratch {
    float *v;        /* [rows*group] */
    float *gathered; /* [rows*d], points that v' does not decide */
} scratch;

/* What a thread needs of a call. */
typedef struct plan {
    search s;
    bool wide;
    rs_panels panels;
    size_t group, rows, threads;
    float *memory; /* of all that is allocated */
    float *rest;   /* of it: threads' scratch */
} plan;

/* Both bounds from the two least v'; `norm` is |x|^2, t the margin. */
static void bound(float *upper, float *lower, double norm, double t, double least, double second) {
    double slack = t / 2 + norm * 1e-12;
    *upper = (float)(sqrt(fmax(0, norm + least + slack)) * (1 + 1e-6));
    *lower = (float)(sqrt(fmax(0, norm + second - slack)) * (1 - 1e-6));
}

/* What of a block can be decided by its two least v' is; the rest goes through nearest_block. NULL: distances, upper,
 * lower and norms that nobody asks for. */
static void nearest_rows(const plan *p, size_t rows, const float *const *points, uint32_t *labels, double *distances,
                         float *upper, float *lower, const double *norms, const scratch *w) {
    float least[RS_BLOCK_ROWS], second[RS_BLOCK_ROWS];
    uint32_t rest_labels[RS_BLOCK_ROWS];
    double rest_distances[RS_BLOCK_ROWS];
    size_t rest[RS_BLOCK_ROWS], count = 0, d = p->s.d;
    if (p->wide) rs_panels_nearest_at(&p->panels, rows, points, labels, least, second);
    for (size_t i = 0; i < rows; i++) {
        const float *x = points[i];
        double t = p->wide ? margin(&p->s, norms ? sqrt(norms[i]) : length(d, x)) : INFINITY;
        if (t < INFINITY && (double)second[i] - (double)least[i] > t) { /* false for a NaN */
            if (distances) distances[i] = rs_squared_distance(d, x, p->s.centres + labels[i] * d);
            if (upper) bound(upper + i, lower + i, norms[i], t, (double)least[i], (double)second[i]);
        } else {
            memcpy(w->gathered + count * d, x, d * sizeof *x);
            rest[count++] = i;
        }
    }
    nearest_block(&p->s, count, w->gathered, p->group, rest_labels, rest_distances, w->v);
    for (size_t i = 0; i < count; i++) {
        labels[rest[i]] = rest_labels[i];
        if (distances) distances[rest[i]] = rest_distances[i];
        if (upper) {
            upper[rest[i]] = INFINITY;
            lower[rest[i]] = 0;
        }
    }
}

static rs_status prepare(plan *p, size_t n, size_t d, size_t k, const float *centres, const rs_context *ctx) {
    *p = (plan){
        .s = {.d = d, .k = k, .centres = centres}, .wide = rs_panels_usable(), .threads = rs_context_threads(ctx)};
    p->group = k < GROUP ? k : GROUP;
    p->rows = p->group < 256 ? RS_BLOCK_ROWS : 65536 / p->group; /* v' stays in cache */
    if (p->threads > (n + p->rows - 1) / p->rows) p->threads = (n + p->rows - 1) / p->rows;
    size_t packed = p->wide ? rs_panels_size(k, d) : 0, one = p->rows * (p->group + d);
    if (k > SIZE_MAX / 8 / (d + 1) || one > SIZE_MAX / 8 / p->threads) return rs_fail(RS_EMEMORY, "too many centres");
    p->memory = rs_alloc_aligned(packed + k * (d + 1) + p->threads * one, sizeof *p->memory);
    if (!p->memory) return RS_EMEMORY;
    float *scaled = p->memory + packed, *norms = scaled + k * d;
    p->rest = norms + k;
    for (size_t i = 0; i < k * d; i++) scaled[i] = -2 * centres[i];
    for (size_t j = 0; j < k; j++) {
        double norm = rs_squared_norm(d, centres + j * d);
        norms[j] = (float)norm;
        if (sqrt(norm) > p->s.longest) p->s.longest = sqrt(norm);
    }
    p->s.scaled = scaled;
    p->s.norms = norms;
    if (p->wide) rs_panels_pack(&p->panels, k, d, centres, norms, p->memory);
    rs_blas_init();
    return RS_OK;
}

static scratch scratch_of(const plan *p, size_t thread) {
    float *v = p->rest + thread * p->rows * (p->group + p->s.d);
    return (scratch){v, v + p->rows * p->group};
}

rs_status rs_nearest(uint32_t *labels, double *distances, size_t n, size_t d, const float *points, size_t k,
                     const float *centres, const rs_context *ctx) {
    plan p;
    if (n < FEW) {
        search s = {.d = d, .k = k, .centres = centres};
        for (size_t i = 0; i < n; i++) {
            double best = INFINITY;
            decide(&s, points + i * d, 0, k, NULL, 0, labels + i, &best);
            if (distances) distances[i] = best;
        }
        return RS_OK;
    }
    rs_status status = prepare(&p, n, d, k, centres, ctx);
    if (status != RS_OK) return status;
    size_t blocks = (n + p.rows - 1) / p.rows;
#pragma omp parallel for num_threads((int)p.threads) schedule(static) if (p.threads > 1)
    for (size_t t = 0; t < p.threads; t++) {
        scratch w = scratch_of(&p, t);
        for (size_t b = blocks * t / p.threads; b < blocks * (t + 1) / p.threads; b++) {
            const float *rows[RS_BLOCK_ROWS] = {NULL};
            size_t first = b * p.rows, count = n - first < p.rows ? n - first : p.rows;
            for (size_t i = 0; i < count; i++) rows[i] = points + (first + i) * d;
            nearest_rows(&p, count, rows, labels + first, distances ? distances + first : NULL, NULL, NULL, NULL, &w);
        }
    }
    free(p.memory);
    return RS_OK;
}

/* Points whose bounds do not decide. */
typedef struct pending {
    size_t count, points[RS_BLOCK_ROWS];
} pending;

static void flush(const plan *p, pending *q, uint32_t *labels, const rs_bounds *bounds, const float *points,
                  const scratch *w) {
    const float *rows[RS_BLOCK_ROWS] = {NULL};
    uint32_t label[RS_BLOCK_ROWS];
    float upper[RS_BLOCK_ROWS], lower[RS_BLOCK_ROWS];
    double norms[RS_BLOCK_ROWS];
    for (size_t i = 0; i < q->count; i++) {
        rows[i] = points + q->points[i] * p->s.d;
        norms[i] = bounds->norms[q->points[i]];
    }
    nearest_rows(p, q->count, rows, label, NULL, upper, lower, norms, w);
    for (size_t i = 0; i < q->count; i++) {
        labels[q->points[i]] = label[i];
        bounds->upper[q->points[i]] = upper[i];
        bounds->lower[q->points[i]] = lower[i];
    }
    q->count = 0;
}

/* The points from `first` to before `end`. With few centres all distances cost hardly more than the one that may
 * decide, and give new bounds. */
static inline __attribute__((always_inline)) void review(const plan *p, size_t first, size_t end, uint32_t *labels,
                                                         const rs_bounds *bounds, const float *points,
                                                         const scratch *w) {
    size_t d = p->s.d;
    double more = 1 + ((double)d + 8) * 0x1p-23;
    bool few = p->wide && p->s.k <= 16;
    pending q = {0};
    for (size_t i = first; i < end; i++) {
        if (bounds->upper[i] < bounds->lower[i]) continue;
        if (!few && bounds->lower[i] > 0) {
            double distance = rs_single_distance(d, points + i * d, p->s.centres + labels[i] * d);
            bounds->upper[i] = (float)(sqrt(distance) * more);
            if (bounds->upper[i] < bounds->lower[i]) continue;
        }
        q.points[q.count++] = i;
        if (q.count == p->rows) flush(p, &q, labels, bounds, points, w);
    }
    flush(p, &q, labels, bounds, points, w);
}

static __attribute__((target("avx2"))) void review_wide(const plan *p, size_t first, size_t end, uint32_t *labels,
                                                        const rs_bounds *bounds, const float *points,
                                                        const scratch *w) {
    review(p, first, end, labels, bounds, points, w);
}

static void review_plain(const plan *p, size_t first, size_t end, uint32_t *labels, const rs_bounds *bounds,
                         const float *points, const scratch *w) {
    review(p, first, end, labels, bounds, points, w);
}

rs_status rs_nearest_bounded(uint32_t *labels, const rs_bounds *bounds, size_t n, size_t d, const float *points,
                             size_t k, const float *centres, const rs_context *ctx) {
    plan p;
    rs_status status = prepare(&p, n, d, k, centres, ctx);
    if (status != RS_OK) return status;
#pragma omp parallel for num_threads((int)p.threads) schedule(static) if (p.threads > 1)
    for (size_t t = 0; t < p.threads; t++) {
        scratch w = scratch_of(&p, t);
        (p.wide ? review_wide : review_plain)(&p, n * t / p.threads, n * (t + 1) / p.threads, labels, bounds, points,
                                              &w);
    }
    free(p.memory);
    return RS_OK;
}
