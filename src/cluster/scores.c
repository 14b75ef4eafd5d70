/* A score is four sums, of every fourth product each. The additions of one must wait for each other, so that four
 * scores of a point take hardly longer than one: they are computed side by side. Invariant: a score depends on its
 * point, w and b alone, with wide registers and without. */
#include "cluster/scores.h"

#include <math.h>
#include <string.h>

#include "cluster/nearest.h"
#include "core/alloc.h"
#include "core/status.h"

enum { SIDE = 4 };

/* Scores first..first+count-1 of a point, count <= SIDE. */
static inline __attribute__((always_inline)) void some(double *out, const rs_scores *s, const float *x, size_t first,
                                                       size_t count) {
    typedef float single __attribute__((vector_size(16)));
    typedef double lanes __attribute__((vector_size(32)));
    const float *w = s->w + first * s->d;
    lanes sum[SIDE] = {{0}};
    size_t i = 0;
    for (; i + 4 <= s->d; i += 4) {
        single v, u;
        memcpy(&v, x + i, sizeof v);
        lanes point = __builtin_convertvector(v, lanes);
        for (size_t j = 0; j < count; j++) {
            memcpy(&u, w + j * s->d + i, sizeof u);
            sum[j] += __builtin_convertvector(u, lanes) * point;
        }
    }
    for (size_t j = 0; j < count; j++) {
        double start = sum[j][0];
        for (size_t t = i; t < s->d; t++) start += (double)w[j * s->d + t] * (double)x[t];
        out[j] = ((start + sum[j][1]) + (sum[j][2] + sum[j][3])) + s->b[first + j];
    }
}

/* At most SIDE scores from `first` on, SIDE or one, so that the compiler knows how many. Returns how many. */
static inline __attribute__((always_inline)) size_t next(double *out, const rs_scores *s, const float *x,
                                                         size_t first) {
    if (first + SIDE <= s->m) {
        some(out, s, x, first, SIDE);
        return SIDE;
    }
    some(out, s, x, first, 1);
    return 1;
}

static inline __attribute__((always_inline)) uint32_t best(const rs_scores *s, const float *x) {
    uint32_t which = 0;
    double most = -INFINITY, v[SIDE];
    for (size_t q = 0, count; q < s->m; q += count) {
        count = next(v, s, x, q);
        for (size_t j = 0; j < count; j++)
            if (v[j] > most) {
                most = v[j];
                which = (uint32_t)(q + j);
            }
    }
    return which;
}

/* How far a point, which p is best for, is from where another score draws level; apart[q] is |w_p - w_q|. */
static inline __attribute__((always_inline)) double ahead(const rs_scores *s, const float *x, size_t p,
                                                          const double *apart) {
    double least = INFINITY, own, v[SIDE];
    some(&own, s, x, p, 1);
    for (size_t q = 0, count; q < s->m; q += count) {
        count = next(v, s, x, q);
        for (size_t j = 0; j < count; j++) {
            if (q + j == p) continue;
            double by = own - v[j], distance = apart[q + j] > 0 ? by / apart[q + j] : by > 0 ? INFINITY : 0;
            least = distance < least ? distance : least;
        }
    }
    return least;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static uint32_t best_wide(const rs_scores *s, const float *x) {
    return best(s, x);
}
__attribute__((target("avx2"))) static double ahead_wide(const rs_scores *s, const float *x, size_t p,
                                                         const double *apart) {
    return ahead(s, x, p, apart);
}
static bool wide(void) {
    return __builtin_cpu_supports("avx2");
}
#else
#define best_wide best
#define ahead_wide ahead
static bool wide(void) {
    return false;
}
#endif

void rs_scores_best(uint32_t *which, const rs_scores *s, size_t n, const float *points, const rs_context *ctx) {
    bool use_wide = wide();
#pragma omp parallel for num_threads((int)rs_context_threads(ctx)) schedule(static) if (rs_context_threads(ctx) > 1)
    for (size_t i = 0; i < n; i++) which[i] = use_wide ? best_wide(s, points + i * s->d) : best(s, points + i * s->d);
}

rs_status rs_scores_margin(double *margin, const rs_scores *s, size_t n, const float *points, const uint32_t *which,
                           const uint32_t *labels) {
    double least = INFINITY, *apart = rs_alloc(s->m * s->m, sizeof *apart);
    bool any = false, use_wide = wide();
    if (!apart) return RS_EMEMORY;
    for (size_t p = 0; p < s->m; p++)
        for (size_t q = 0; q < s->m; q++)
            apart[p * s->m + q] = sqrt(rs_squared_distance(s->d, s->w + p * s->d, s->w + q * s->d));
    for (size_t i = 0; i < n; i++) {
        const float *x = points + i * s->d;
        uint32_t p = which[i];
        if (p != labels[i]) continue;
        any = true;
        least = fmin(least, (use_wide ? ahead_wide : ahead)(s, x, p, apart + p * s->m));
    }
    free(apart);
    *margin = any ? least : 0;
    return RS_OK;
}
