/* Seeding of k-means: one pass over the points for all candidates of a centroid.
 *
 * For each point i there are D(i), the squared distance to its nearest centroid so far, and that centroid a(i). By the
 * triangle inequality a candidate c cannot be nearer to i than a(i) when |c - a(i)| >= 2 sqrt(D(i)); points for which
 * that holds of all candidates are skipped. A candidate's gain is the sum of what it takes off D; which points it takes
 * is noted, so that only these are measured again for the winner.
 *
 * Invariants: D(i) is 0 iff point i equals a centroid, so that no point is taken twice. Distances are single precision
 * sums over the coordinates in order, and double where these could overflow or vanish; sums over points
 * are of blocks, in order. So the result does not depend on threads. */
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "cluster/kmeans.h"
#include "cluster/single.h"
#include "core/alloc.h"
#include "core/status.h"

enum { BLOCK = 512, LANES = 8, TRIALS = 4 * LANES, TOGETHER = 8, CHUNK = 16 };
/* Beyond these single precision overflows or vanishes, and distances are computed in double. */
static const double TINY_SQUARE = 1e-20, HUGE_SQUARE = 1e30;

typedef struct seeding {
    size_t n, d, k, blocks, threads;
    size_t trials, groups; /* of candidates; of 8 of them */
    const float *points, *centroids;
    double *nearest; /* [n], D */
    double *sums;    /* [blocks], of D */
    uint32_t *owner; /* [n], a */
    const float *candidates[TRIALS];
    float *packed;    /* [trials rounded up to 8 * d], candidates by eights, in it coordinate by coordinate */
    double *least;    /* [k], a quarter of the squared distance of a centroid to the nearest candidate */
    double *gains;    /* [blocks*TRIALS] */
    uint16_t *open;   /* [n], of each block: the points that a candidate can be nearer to, from its first one on */
    uint16_t *counts; /* [blocks], how many */
    uint8_t *below;   /* [n*groups], bits: the candidates of a group that are nearer than a, for open points */
} seeding;

/* Squared distances of 8 points to 8 candidates, which lie side by side, coordinate by coordinate. Bit 8 p + t of the
 * result: that of point p to candidate t is below now[p]; by how much is added to gains[t]. */
typedef uint64_t measure(size_t d, const float *const x[TOGETHER], const float *packed, const float now[TOGETHER],
                         float gains[LANES]);

static uint64_t measure_plain(size_t d, const float *const x[TOGETHER], const float *packed, const float now[TOGETHER],
                              float gains[LANES]) {
    uint64_t below = 0;
    for (size_t p = 0; p < TOGETHER; p++) {
        float sums[LANES] = {0};
        for (size_t i = 0; i < d; i++)
            for (size_t t = 0; t < LANES; t++) {
                float difference = x[p][i] - packed[i * LANES + t];
                sums[t] += difference * difference;
            }
        for (size_t t = 0; t < LANES; t++) {
            below |= (uint64_t)(sums[t] < now[p]) << (LANES * p + t);
            gains[t] += sums[t] < now[p] ? now[p] - sums[t] : 0;
        }
    }
    return below;
}

#define EACH_POINT(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#define START(p) __m256 sum##p = _mm256_setzero_ps();
#define STEP(p)                                                                                                        \
    difference = _mm256_sub_ps(_mm256_broadcast_ss(x[p] + i), candidates);                                             \
    sum##p = _mm256_fmadd_ps(difference, difference, sum##p);
#define BELOW(p)                                                                                                       \
    below |= (uint64_t)_mm256_movemask_ps(_mm256_cmp_ps(sum##p, _mm256_broadcast_ss(now + p), _CMP_LT_OQ))             \
             << (LANES * p);
#define GAIN(p)                                                                                                        \
    gain = _mm256_add_ps(gain, _mm256_max_ps(_mm256_setzero_ps(), _mm256_sub_ps(_mm256_broadcast_ss(now + p), sum##p)));

/* Gives up when all sums are too large already. */
static __attribute__((target("avx2,fma"))) uint64_t measure_wide(size_t d, const float *const x[TOGETHER],
                                                                 const float *packed, const float now[TOGETHER],
                                                                 float gains[LANES]) {
    uint64_t below = 1;
    EACH_POINT(START)
    for (size_t first = 0; first < d && below; first += CHUNK) {
        size_t end = first + CHUNK < d ? first + CHUNK : d;
        for (size_t i = first; i < end; i++) {
            __m256 difference, candidates = _mm256_loadu_ps(packed + i * LANES);
            EACH_POINT(STEP)
        }
        below = 0;
        EACH_POINT(BELOW)
    }
    if (!below) return 0;
    __m256 gain = _mm256_loadu_ps(gains);
    EACH_POINT(GAIN)
    _mm256_storeu_ps(gains, gain);
    return below;
}

/* The same for a point whose D is beyond single precision. */
static uint8_t measure_exactly(const seeding *s, size_t point, size_t first, double *gains) {
    uint32_t below = 0;
    for (size_t t = first; t < s->trials && t < first + LANES; t++) {
        double distance = rs_squared_distance(s->d, s->points + point * s->d, s->candidates[t]);
        if (!(distance < s->nearest[point])) continue;
        below |= 1u << (t - first);
        gains[t] += s->nearest[point] - distance;
    }
    return (uint8_t)below;
}

/* Up to 8 of the open points of a block, from the position `at` among these. A sum of single precision is added to over
 * a block at most. */
static void try_together(const seeding *s, measure *measured, const size_t *points, size_t at, size_t count,
                         float *gains) {
    const float *x[TOGETHER];
    float now[TOGETHER] = {0}; /* nothing is below 0 */
    for (size_t p = 0; p < TOGETHER; p++) x[p] = s->points + points[p < count ? p : 0] * s->d;
    for (size_t p = 0; p < count; p++) now[p] = (float)s->nearest[points[p]];
    for (size_t g = 0; g < s->groups; g++) {
        uint64_t below = measured(s->d, x, s->packed + g * LANES * s->d, now, gains + g * LANES);
        for (size_t p = 0; p < count; p++) s->below[(at + p) * s->groups + g] = (uint8_t)(below >> (LANES * p));
    }
}

static void scan_block(const seeding *s, measure *measured, size_t b) {
    size_t begin = b * BLOCK, end = begin + BLOCK < s->n ? begin + BLOCK : s->n, open[BLOCK], count = 0, exact = 0;
    double *gains = s->gains + b * TRIALS;
    float sums[TRIALS] = {0};
    memset(gains, 0, TRIALS * sizeof *gains);
    for (size_t i = begin; i < end; i++) { /* without a branch that nobody can foresee */
        open[count] = i;
        count += !(s->nearest[i] <= s->least[s->owner[i]]);
    }
    for (size_t i = 0; i < count; i++) { /* those beyond single precision first */
        size_t point = open[i];
        if (s->nearest[point] > TINY_SQUARE && s->nearest[point] < HUGE_SQUARE) continue;
        open[i] = open[exact];
        open[exact] = point;
        for (size_t g = 0; g < s->groups; g++)
            s->below[(begin + exact) * s->groups + g] = measure_exactly(s, point, g * LANES, gains);
        exact++;
    }
    for (size_t i = exact; i < count; i += TOGETHER)
        try_together(s, measured, open + i, begin + i, count - i < TOGETHER ? count - i : TOGETHER, sums);
    for (size_t i = 0; i < count; i++) s->open[begin + i] = (uint16_t)(open[i] - begin);
    s->counts[b] = (uint16_t)count;
    for (size_t t = 0; t < s->trials; t++) gains[t] += (double)sums[t];
}

/* The sum of a block's D, over lanes. */
static void sum_block(const seeding *s, size_t b) {
    size_t i = b * BLOCK, end = i + BLOCK < s->n ? i + BLOCK : s->n;
    double sums[LANES] = {0};
    for (; i + LANES <= end; i += LANES)
        for (size_t t = 0; t < LANES; t++) sums[t] += s->nearest[i + t];
    for (; i < end; i++) sums[0] += s->nearest[i];
    s->sums[b] = ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

/* D after candidate t has become centroid k. */
static void take_block(const seeding *s, size_t t, size_t b) {
    bool changed = false;
    for (size_t at = b * BLOCK; at < b * BLOCK + s->counts[b]; at++) {
        if (!(s->below[at * s->groups + t / LANES] >> t % LANES & 1)) continue;
        size_t i = b * BLOCK + s->open[at];
        double distance = rs_single_distance(s->d, s->points + i * s->d, s->candidates[t]);
        if (!(distance < s->nearest[i])) continue;
        s->nearest[i] = distance;
        s->owner[i] = (uint32_t)s->k;
        changed = true;
    }
    if (changed) sum_block(s, b);
}

static void first_block(const seeding *s, size_t b) {
    size_t end = (b + 1) * BLOCK < s->n ? (b + 1) * BLOCK : s->n;
    for (size_t i = b * BLOCK; i < end; i++)
        s->nearest[i] = rs_single_distance(s->d, s->points + i * s->d, s->centroids);
    sum_block(s, b);
}

/* With no centroid so far: D after the first. Else the candidates' gains. */
static void scan(const seeding *s) {
    measure *measured = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? measure_wide : measure_plain;
#pragma omp parallel for num_threads((int)s->threads) schedule(static) if (s->threads > 1)
    for (size_t b = 0; b < s->blocks; b++) {
        if (s->k) scan_block(s, measured, b);
        else first_block(s, b);
    }
}

static void take(const seeding *s, size_t t) {
#pragma omp parallel for num_threads((int)s->threads) schedule(static) if (s->threads > 1)
    for (size_t b = 0; b < s->blocks; b++) take_block(s, t, b);
}

/* A point that is no centroid yet, drawn with a probability proportional to its D; these sum to total > 0. */
static size_t draw(const seeding *s, double total, rs_random *random) {
    double rest = rs_random_unit(random) * total;
    size_t block = 0, drawn = 0;
    for (size_t b = 0; b < s->blocks && rest >= 0; b++)
        if (s->sums[b] > 0) {
            block = b;
            rest -= s->sums[b];
        }
    rest += s->sums[block]; /* what is left inside */
    for (size_t i = block * BLOCK; i < s->n && i < (block + 1) * BLOCK && rest >= 0; i++)
        if (s->nearest[i] > 0) {
            drawn = i;
            rest -= s->nearest[i];
        }
    return drawn;
}

static double total_of(const seeding *s) {
    double total = 0;
    for (size_t b = 0; b < s->blocks; b++) total += s->sums[b];
    return total;
}

/* Draws candidates, and returns the one of the greatest gain after D and its block sums have become what they are with
 * it. */
static size_t add(seeding *s, double total, rs_random *random) {
    size_t drawn[TRIALS], best = 0, d = s->d;
    double most = -1;
    for (size_t t = 0; t < s->trials; t++) {
        drawn[t] = draw(s, total, random);
        s->candidates[t] = s->points + drawn[t] * d;
    }
    for (size_t t = 0; t < s->trials; t++)
        for (size_t x = 0; x < d; x++) s->packed[(t / LANES * d + x) * LANES + t % LANES] = s->candidates[t][x];
    for (size_t j = 0; j < s->k; j++) {
        s->least[j] = INFINITY;
        for (size_t t = 0; t < s->trials; t++)
            s->least[j] = fmin(s->least[j], rs_single_distance(d, s->candidates[t], s->centroids + j * d));
        s->least[j] *= 0.25 * (1 - 1e-5);
    }
    scan(s);
    for (size_t t = 0; t < s->trials; t++) {
        double gain = 0;
        for (size_t b = 0; b < s->blocks; b++) gain += s->gains[b * TRIALS + t];
        if (gain > most) {
            most = gain;
            best = t;
        }
    }
    take(s, best);
    return drawn[best];
}

rs_status rs_kmeans_seed(size_t *k, float *centroids, size_t n, size_t d, const float *points, rs_random *random,
                         const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t useful = n * d / 16384 + 1;
    seeding s = {.n = n, .d = d, .points = points, .centroids = centroids, .blocks = (n + BLOCK - 1) / BLOCK};
    s.trials = 2 + (size_t)log((double)*k);
    s.groups = (s.trials + LANES - 1) / LANES;
    RS_TRY_ALLOC(s.nearest = rs_alloc(n, sizeof *s.nearest));
    RS_TRY_ALLOC(s.owner = rs_alloc(n, sizeof *s.owner));
    RS_TRY_ALLOC(s.sums = rs_alloc(s.blocks, sizeof *s.sums));
    RS_TRY_ALLOC(s.packed = rs_alloc(TRIALS, d * sizeof *s.packed));
    RS_TRY_ALLOC(s.least = rs_alloc(*k, sizeof *s.least));
    RS_TRY_ALLOC(s.gains = rs_alloc(s.blocks, TRIALS * sizeof *s.gains));
    RS_TRY_ALLOC(s.open = rs_alloc(n, sizeof *s.open));
    RS_TRY_ALLOC(s.counts = rs_alloc(s.blocks, sizeof *s.counts));
    RS_TRY_ALLOC(s.below = rs_alloc(n, s.groups));
    s.threads = rs_context_threads(ctx) < useful ? rs_context_threads(ctx) : useful;
    memcpy(centroids, points + rs_random_below(random, n) * d, d * sizeof *centroids);
    scan(&s);
    for (s.k = 1; s.k < *k; s.k++) {
        double total = total_of(&s);
        RS_TRY(rs_context_check(ctx));
        if (!(total > 0)) break; /* every point is a centroid */
        memcpy(centroids + s.k * d, points + add(&s, total, random) * d, d * sizeof *centroids);
    }
    RS_TRY(rs_context_check(ctx));
    *k = s.k;
cleanup:
    free(s.nearest);
    free(s.owner);
    free(s.sums);
    free(s.packed);
    free(s.least);
    free(s.gains);
    free(s.open);
    free(s.counts);
    free(s.below);
    return status;
}
