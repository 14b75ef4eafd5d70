/* Linear separators of given clusters, one a cluster.
 *
 * Points are taken as directions z = (x, s) / |(x, s)|, s the median length of the points: scores are linear in (x, s), so
 * that a factor changes no sign, and states of relu networks whose lengths differ by powers of ten weigh alike. The dual of
 *
 *     min 1/2 sum_i |w_i|^2 + C sum_x max_i (w_i.z + [i != y] - w_y.z)
 *
 * has one variable a[x][i] for each point and cluster, a[x][i] <= C [i = y], sum_i a[x][i] = 0, and w_i = sum_x a[x][i] z.
 * A step solves it exactly for the variables of one point, with gradient g_i = w_i.z + [i != y]. Points that lie beyond the
 * margin are set aside, and looked at again in every fourth pass.
 * Invariant: w_i = sum_x a[x][i] z up to rounding; the order of steps depends on the seed alone. */
#include "cluster/separators.h"

#include <math.h>
#include <string.h>

#include "cluster/nearest.h"
#include "core/alloc.h"
#include "core/random.h"
#include "core/status.h"

#define PASSES ((size_t)8)
#define WORK 1e8         /* multiplications and comparisons of a pass */
#define BOUND 1000.0     /* C */
#define TOLERANCE 1.0 /* of gradients; the margin is 1 */
#define ASIDE 0.3        /* beyond the margin by this */
#define STREAM 0x5e9a4a70u

typedef struct training {
    size_t n, e, k;  /* e = d + 1 */
    float *z;        /* [n*e] */
    float *w;        /* [k*e] */
    float *a;        /* [n*k] */
    double *g, *own, *sorted; /* [k] */
    const uint32_t *labels;
} training;

/* Single precision over fixed lanes, the same however it is compiled. */
static inline __attribute__((always_inline)) double product(size_t e, const float *x, const float *y) {
    typedef float lanes __attribute__((vector_size(32)));
    lanes s = {0}, p, q;
    size_t i = 0;
    for (; i + 8 <= e; i += 8) {
        memcpy(&p, x + i, sizeof p);
        memcpy(&q, y + i, sizeof q);
        s += p * q;
    }
    float rest = 0;
    for (; i < e; i++) rest += x[i] * y[i];
    return (double)(((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7])) + rest);
}

static int by_value(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

/* z, and s. */
static rs_status directions(training *t, double *s, size_t d, const float *points) {
    rs_status status = RS_OK;
    double *norms = NULL, *lengths = NULL;
    RS_TRY_ALLOC(norms = rs_alloc(t->n, sizeof *norms));
    RS_TRY_ALLOC(lengths = rs_alloc(t->n, sizeof *lengths));
    for (size_t i = 0; i < t->n; i++) lengths[i] = sqrt(norms[i] = rs_squared_norm(d, points + i * d));
    qsort(lengths, t->n, sizeof *lengths, by_value);
    *s = lengths[t->n / 2] > 0 ? lengths[t->n / 2] : 1;
    for (size_t i = 0; i < t->n; i++) {
        float *z = t->z + i * t->e;
        double length = sqrt(norms[i] + *s * *s);
        for (size_t x = 0; x < d; x++) z[x] = (float)((double)points[i * d + x] / length);
        z[d] = (float)(*s / length);
    }
cleanup:
    free(norms);
    free(lengths);
    return status;
}

/* Solves for the variables of one point: a_i = min(C [i = y], beta - own_i), where own_i = g_i - a_i with |z| = 1, and beta
 * makes their sum 0. */
static inline __attribute__((always_inline)) void solve(training *t, size_t point, uint32_t y) {
    float *a = t->a + point * t->k;
    const float *z = t->z + point * t->e;
    size_t k = t->k, r = 1;
    for (size_t i = 0; i < k; i++) {
        double value = t->own[i] = t->g[i] - (double)a[i];
        if (i == y) value += BOUND;
        size_t at = i;
        for (; at && t->sorted[at - 1] < value; at--) t->sorted[at] = t->sorted[at - 1];
        t->sorted[at] = value; /* descending */
    }
    double sum = t->sorted[0] - BOUND;
    for (; r < k && sum < t->sorted[r] * (double)r; r++) sum += t->sorted[r];
    for (size_t i = 0; i < k; i++) {
        float value = (float)fmin(i == y ? BOUND : 0, sum / (double)r - t->own[i]), change = value - a[i];
        if (!(change < 0 || change > 0)) continue;
        a[i] = value;
        for (size_t x = 0; x < t->e; x++) t->w[i * t->e + x] += change * z[x];
    }
}

/* Visits a point. *aside: it lies well beyond the margin. Returns by how much its variables were not the best. */
static inline __attribute__((always_inline)) double visit(training *t, size_t point, bool *aside) {
    const float *a = t->a + point * t->k;
    uint32_t y = t->labels[point];
    double most = -INFINITY, least = INFINITY, other = -INFINITY;
    for (size_t i = 0; i < t->k; i++) {
        t->g[i] = product(t->e, t->z + point * t->e, t->w + i * t->e) + (i != y);
        if (t->g[i] > most) most = t->g[i];
        if (i != y && t->g[i] > other) other = t->g[i];
        if ((double)a[i] < (i == y ? BOUND : 0) && t->g[i] < least) least = t->g[i];
    }
    *aside = !(a[y] > 0) && other < t->g[y] - ASIDE;
    if (most - least > 1e-3) solve(t, point, y);
    return most - least;
}

static inline __attribute__((always_inline)) rs_status descend(training *t, size_t passes, const rs_context *ctx) {
    size_t active = t->n;
    uint32_t *order = rs_alloc(t->n, sizeof *order);
    rs_random random = rs_random_new(rs_context_seed(ctx), STREAM);
    rs_status status = RS_OK;
    if (!order) return RS_EMEMORY;
    for (size_t i = 0; i < t->n; i++) order[i] = (uint32_t)i;
    for (size_t pass = 0; pass < passes && !(pass && rs_context_expired(ctx)); pass++) {
        size_t kept = 0;
        double worst = 0;
        bool all = active == t->n, aside;
        RS_TRY(rs_context_check(ctx));
        for (size_t i = active; i > 1; i--) {
            size_t j = rs_random_below(&random, i);
            uint32_t swap = order[i - 1];
            order[i - 1] = order[j];
            order[j] = swap;
        }
        for (size_t i = 0; i < active; i++) {
            uint32_t point = order[i];
            worst = fmax(worst, visit(t, point, &aside));
            if (aside) continue;
            order[i] = order[kept];
            order[kept++] = point;
        }
        if (worst <= TOLERANCE && all) break;
        active = worst <= TOLERANCE || pass % 4 == 3 ? t->n : kept;
    }
cleanup:
    free(order);
    return status;
}

/* The same with the processor's wide registers: lanes are fixed, so results are the same. */
#if defined(__x86_64__)
__attribute__((target("avx2"))) static rs_status descend_wide(training *t, size_t passes, const rs_context *ctx) {
    return descend(t, passes, ctx);
}
static bool wide(void) {
    return __builtin_cpu_supports("avx2");
}
#else
#define descend_wide descend
static bool wide(void) {
    return false;
}
#endif

rs_status rs_separators_train(bool *trained, float *w, double *b, size_t n, size_t d, const float *points, size_t k,
                              const uint32_t *labels, const rs_context *ctx) {
    rs_status status = RS_OK;
    double s, work = (double)n * (double)k * (double)(d + k);
    training t = {.n = n, .e = d + 1, .k = k, .labels = labels};
    *trained = false;
    if (work > WORK) return RS_OK;
    RS_TRY_ALLOC(t.z = rs_alloc_aligned(n * t.e, sizeof *t.z));
    RS_TRY_ALLOC(t.w = rs_alloc(k * t.e, sizeof *t.w));
    RS_TRY_ALLOC(t.a = rs_alloc(n * k, sizeof *t.a));
    RS_TRY_ALLOC(t.g = rs_alloc(3 * k, sizeof *t.g));
    t.own = t.g + k;
    t.sorted = t.own + k;
    RS_TRY(directions(&t, &s, d, points));
    size_t passes = work * (double)PASSES > WORK ? (size_t)(WORK / work) : PASSES;
    RS_TRY(wide() ? descend_wide(&t, passes, ctx) : descend(&t, passes, ctx));
    for (size_t i = 0; i < k; i++) {
        memcpy(w + i * d, t.w + i * t.e, d * sizeof *w);
        b[i] = s * (double)t.w[i * t.e + d];
    }
    *trained = true;
cleanup:
    free(t.z);
    free(t.w);
    free(t.a);
    free(t.g);
    return status;
}
