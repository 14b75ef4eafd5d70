/* Seeding of k-means: one pass over the points for all candidates of a centroid.
 *
 * For each point i there are D(i), the squared distance to its nearest centroid so far, and that centroid a(i). By the
 * triangle inequality a candidate c cannot be nearer to i than a(i) when |c - a(i)| >= 2 sqrt(D(i)); only the others are
 * measured, and those that are nearer are noted, so that the winner needs no second pass. A candidate's gain is the sum
 * of what it takes off D.
 *
 * Invariants: D(i) is 0 iff point i equals a centroid, so that no point is taken twice. Distances are single precision
 * sums over fixed lanes, the same with and without AVX2, and double where these could overflow or vanish; sums over points
 * are of blocks, in order. So the result does not depend on threads. */
#include <math.h>
#include <string.h>

#include "cluster/kmeans.h"
#include "cluster/single.h"
#include "core/alloc.h"
#include "core/status.h"

#define WIDE __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline))

enum { BLOCK = 512, TRIALS = 32 };

typedef struct seeding {
    size_t n, d, k, blocks, trials;
    const float *points, *centroids;
    double *nearest;       /* [n], D */
    double *sums;          /* [blocks], of D */
    uint32_t *owner;       /* [n], a */
    const float *candidates[TRIALS];
    double *reach;         /* [k*trials], a quarter of the squared distance of candidates to centroids */
    double *least;         /* [k], least of these for a centroid */
    double *gains;         /* [blocks*trials] */
    uint32_t *hits;        /* [blocks*trials], how many of a block's points a candidate is nearer to: */
    uint32_t *hit_points;  /* [blocks*trials*BLOCK] */
    double *hit_distances; /* the same */
} seeding;

INLINE void scan_block(const seeding *s, size_t b) {
    size_t end = (b + 1) * BLOCK < s->n ? (b + 1) * BLOCK : s->n;
    double gains[TRIALS] = {0};
    uint32_t hits[TRIALS] = {0};
    for (size_t i = b * BLOCK; i < end; i++) {
        double now = s->nearest[i];
        size_t a = s->owner[i];
        if (now <= s->least[a]) continue;
        for (size_t t = 0; t < s->trials; t++) {
            if (now <= s->reach[a * s->trials + t]) continue;
            double distance = rs_single_distance(s->d, s->points + i * s->d, s->candidates[t]);
            if (!(distance < now)) continue;
            size_t at = (b * s->trials + t) * BLOCK + hits[t]++;
            gains[t] += now - distance;
            s->hit_points[at] = (uint32_t)i;
            s->hit_distances[at] = distance;
        }
    }
    memcpy(s->gains + b * s->trials, gains, s->trials * sizeof *gains);
    memcpy(s->hits + b * s->trials, hits, s->trials * sizeof *hits);
}

INLINE void first_block(const seeding *s, size_t b) {
    size_t end = (b + 1) * BLOCK < s->n ? (b + 1) * BLOCK : s->n;
    s->sums[b] = 0;
    for (size_t i = b * BLOCK; i < end; i++)
        s->sums[b] += s->nearest[i] = rs_single_distance(s->d, s->points + i * s->d, s->centroids);
}

WIDE static void scan_wide(const seeding *s, size_t b) {
    if (s->k) scan_block(s, b);
    else first_block(s, b);
}

static void scan_plain(const seeding *s, size_t b) {
    if (s->k) scan_block(s, b);
    else first_block(s, b);
}

/* With no centroid so far: D after the first. Else the candidates' gains and hits. */
static void scan(const seeding *s, size_t threads) {
    bool wide = __builtin_cpu_supports("avx2");
#pragma omp parallel for num_threads((int)threads) schedule(static) if (threads > 1)
    for (size_t b = 0; b < s->blocks; b++) {
        if (wide) scan_wide(s, b);
        else scan_plain(s, b);
    }
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

/* Draws candidates, and returns the one of the greatest gain after D and its block sums have become what they are with it. */
static size_t add(seeding *s, double total, size_t threads, rs_random *random) {
    size_t drawn[TRIALS], best = 0, d = s->d;
    double most = -1;
    for (size_t t = 0; t < s->trials; t++) {
        drawn[t] = draw(s, total, random);
        s->candidates[t] = s->points + drawn[t] * d;
    }
    for (size_t j = 0; j < s->k; j++) {
        s->least[j] = INFINITY;
        for (size_t t = 0; t < s->trials; t++) {
            double reach = rs_single_distance(d, s->candidates[t], s->centroids + j * d) / 4 * (1 - 1e-5);
            s->reach[j * s->trials + t] = reach;
            s->least[j] = fmin(s->least[j], reach);
        }
    }
    scan(s, threads);
    for (size_t t = 0; t < s->trials; t++) {
        double gain = 0;
        for (size_t b = 0; b < s->blocks; b++) gain += s->gains[b * s->trials + t];
        if (gain > most) {
            most = gain;
            best = t;
        }
    }
    for (size_t b = 0; b < s->blocks; b++) {
        size_t count = s->hits[b * s->trials + best], first = (b * s->trials + best) * BLOCK;
        if (!count) continue;
        for (size_t h = first; h < first + count; h++) {
            s->nearest[s->hit_points[h]] = s->hit_distances[h];
            s->owner[s->hit_points[h]] = (uint32_t)s->k;
        }
        s->sums[b] = 0;
        for (size_t i = b * BLOCK; i < s->n && i < (b + 1) * BLOCK; i++) s->sums[b] += s->nearest[i];
    }
    return drawn[best];
}

rs_status rs_kmeans_seed(size_t *k, float *centroids, size_t n, size_t d, const float *points, rs_random *random,
                         const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t threads = rs_context_threads(ctx), useful = n * d / 16384 + 1;
    seeding s = {.n = n, .d = d, .points = points, .centroids = centroids, .blocks = (n + BLOCK - 1) / BLOCK};
    s.trials = 2 + (size_t)log((double)*k);
    RS_TRY_ALLOC(s.nearest = rs_alloc(n, sizeof *s.nearest));
    RS_TRY_ALLOC(s.owner = rs_alloc(n, sizeof *s.owner));
    RS_TRY_ALLOC(s.sums = rs_alloc(s.blocks, sizeof *s.sums));
    RS_TRY_ALLOC(s.reach = rs_alloc(*k, s.trials * sizeof *s.reach));
    RS_TRY_ALLOC(s.least = rs_alloc(*k, sizeof *s.least));
    RS_TRY_ALLOC(s.gains = rs_alloc(s.blocks, s.trials * sizeof *s.gains));
    RS_TRY_ALLOC(s.hits = rs_alloc(s.blocks, s.trials * sizeof *s.hits));
    RS_TRY_ALLOC(s.hit_points = rs_alloc_aligned(s.blocks, s.trials * BLOCK * sizeof *s.hit_points));
    RS_TRY_ALLOC(s.hit_distances = rs_alloc_aligned(s.blocks, s.trials * BLOCK * sizeof *s.hit_distances));
    if (threads > useful) threads = useful;
    memcpy(centroids, points + rs_random_below(random, n) * d, d * sizeof *centroids);
    scan(&s, threads);
    for (s.k = 1; s.k < *k; s.k++) {
        double total = total_of(&s);
        RS_TRY(rs_context_check(ctx));
        if (!(total > 0)) break; /* every point is a centroid */
        memcpy(centroids + s.k * d, points + add(&s, total, threads, random) * d, d * sizeof *centroids);
    }
    RS_TRY(rs_context_check(ctx));
    *k = s.k;
cleanup:
    free(s.nearest);
    free(s.owner);
    free(s.sums);
    free(s.reach);
    free(s.least);
    free(s.gains);
    free(s.hits);
    free(s.hit_points);
    free(s.hit_distances);
    return status;
}
