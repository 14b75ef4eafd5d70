/* First centroids from samples: blobs, what is left beside seedings of all points, edges. Bounds of Lloyd's iterations
 * against distances one by one. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/kmeans.h"
#include "cluster/nearest.h"
#include "cluster_check.h"
#include "cluster_ref.h"
#include "core/random.h"
#include "support/unit.h"

enum { N = 9000, MOST = 64 };
static uint32_t labels[N], truth[N];
static double distances[N];
static const double tolerance = 1e-4;

static double total(size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += distances[i];
    return sum;
}

/* With all coordinates and with few axes, from one sample and (of 2048 and of 16384 points) from two. */
static void blobs_are_found(void) {
    uint64_t seed = unit_seed();
    for (size_t round = 0; round < 3; round++) {
        size_t n = round < 2 ? N : 50000, d = round == 1 ? 70 : 6, k = 9;
        float *p = cluster_blobs(n, d, k, 0.01, seed + round), *c = calloc(k * d, sizeof *c);
        rs_random r = rs_random_new(seed, round);
        CHECK_OK(rs_kmeans_start(&k, c, n, d, p, tolerance, &r, NULL));
        CU_ASSERT_FATAL(k == 9);
        CHECK_OK(rs_nearest(labels, distances, N, d, p, k, c, NULL));
        for (size_t i = 0; i < N; i++) truth[i] = (uint32_t)(i % k);
        CU_ASSERT(cluster_same_partition(N, labels, truth));
        CU_ASSERT(total(N) < 1.1 * 0.01 * 0.01 * (double)(N * d)); /* that is, near the means */
        free(p);
        free(c);
    }
}

/* Lloyd's iterations end no higher from these than from a seeding of all points, up to chance. */
static void no_worse_than_seeding(void) {
    uint64_t seed = unit_seed();
    enum { ROUNDS = 10 };
    for (size_t shape = 0; shape < 2; shape++) {
        size_t n = shape ? 4500 : N, d = shape ? 50 : 4, wanted = shape ? 40 : 12;
        float *p = cluster_blobs(n, d, wanted, 0.3, seed + shape), *c = calloc(wanted * d, sizeof *c);
        double mean = 0, squares = 0;
        for (size_t i = 0; i < ROUNDS; i++) {
            double left[2];
            for (size_t way = 0; way < 2; way++) {
                rs_random r = rs_random_new(seed + i, way);
                size_t k = wanted;
                if (way) CHECK_OK(rs_kmeans_start(&k, c, n, d, p, tolerance, &r, NULL));
                else CHECK_OK(rs_kmeans_seed(&k, c, n, d, p, &r, NULL));
                CHECK_OK(rs_kmeans_lloyd(&k, c, labels, distances, n, d, p, 100, tolerance, NULL));
                CU_ASSERT(k == wanted);
                left[way] = total(n);
            }
            double difference = log(left[1] / left[0]);
            mean += difference / ROUNDS;
            squares += difference * difference / ROUNDS;
        }
        double deviation = sqrt(fmax(0, squares - mean * mean) / ROUNDS);
        CU_ASSERT(mean < 0.001 + 4 * deviation && deviation < 0.1);
        free(p);
        free(c);
    }
}

static void threads_change_nothing(void) {
    uint64_t seed = unit_seed();
    enum { D = 60, K = 20 };
    static float first[K * D], c[K * D];
    float *p = cluster_blobs(N, D, K, 0.3, seed);
    for (size_t threads = 1; threads <= 3; threads++) {
        rs_random r = rs_random_new(4, 4);
        size_t k = K;
        CHECK_OK(rs_kmeans_start(&k, c, N, D, p, tolerance, &r, &(rs_context){.threads = threads}));
        if (threads == 1) memcpy(first, c, sizeof c);
        CU_ASSERT(k == K && !memcmp(c, first, sizeof c));
    }
    free(p);
}

/* What a sample may miss is not lost: of 5000 points one, two or five are not like the rest. */
static void rare_points_count(void) {
    uint64_t seed = unit_seed();
    for (size_t d = 1; d <= 64; d += 63)
        for (size_t others = 0; others <= 5; others++) {
            float *p = calloc(5000 * d, sizeof *p), *c = calloc(8 * d, sizeof *c);
            rs_random r = rs_random_new(seed, others);
            size_t k = 8;
            for (size_t i = 0; i < others; i++) p[i * 977 * d] = (float)(1 + i);
            CHECK_OK(rs_kmeans_start(&k, c, 5000, d, p, tolerance, &r, NULL));
            CU_ASSERT(k == 1 + others);
            CHECK_OK(rs_nearest(labels, distances, 5000, d, p, k, c, NULL));
            CU_ASSERT_DOUBLE_EQUAL(total(5000), 0, 0);
            free(p);
            free(c);
        }
}

/* Scores of such coordinates overflow or vanish. */
static void extreme_scales(void) {
    uint64_t seed = unit_seed();
    const float scales[] = {FLT_MAX, 1e25f, 1e-25f, 1e-44f};
    enum { D = 64 };
    float *p = calloc(5000 * D, sizeof *p), c[4 * D];
    for (size_t s = 0; s < 4; s++) {
        rs_random r = rs_random_new(seed, s);
        size_t k = 4;
        for (size_t i = 0; i < 5000 * D; i++) p[i] = scales[s] * ((i / D >> i % D % 2) % 2 ? 1.0f : -1.0f);
        CHECK_OK(rs_kmeans_start(&k, c, 5000, D, p, tolerance, &r, NULL));
        CU_ASSERT(k == 4);
        CHECK_OK(rs_nearest(labels, distances, 5000, D, p, k, c, NULL));
        CU_ASSERT_DOUBLE_EQUAL(total(5000), 0, 0);
    }
    free(p);
}

static void no_time(void) {
    uint64_t seed = unit_seed();
    float *p = cluster_blobs(N, 3, 5, 0.1, seed), c[15];
    rs_random r = rs_random_new(1, 1);
    size_t k = 5;
    CHECK_OK(rs_kmeans_start(&k, c, N, 3, p, tolerance, &r, &(rs_context){.deadline = rs_now()}));
    CU_ASSERT(k == 5);
    volatile sig_atomic_t raised = 1;
    CHECK_FAILS(rs_kmeans_start(&k, c, N, 3, p, tolerance, &r, &(rs_context){.interrupt = &raised}), RS_EINTERRUPTED,
                "");
    free(p);
}

/* Centres wander, bounds give way by the farthest step: labels stay those of the slow search, and bounds hold. */
static void bounds_skip_no_nearer_centre(void) {
    uint64_t seed = unit_seed();
    enum { POINTS = 500, D = 21 };
    static float p[POINTS * D], centres[MOST * D], upper[POINTS], lower[POINTS];
    static double norms[POINTS];
    rs_random r = rs_random_new(seed, 7);
    size_t kept = 0;
    for (size_t round = 0; round < 12; round++) {
        size_t d = 1 + rs_random_below(&r, D), k = 1 + rs_random_below(&r, round % 2 ? MOST : 16);
        for (size_t i = 0; i < POINTS * d; i++) p[i] = (float)rs_random_normal(&r);
        for (size_t i = 0; i < k * d; i++) centres[i] = (float)rs_random_normal(&r);
        for (size_t i = 0; i < POINTS; i++) {
            norms[i] = rs_squared_norm(d, p + i * d);
            upper[i] = INFINITY;
            lower[i] = 0;
        }
        for (size_t step = 0; step < 6; step++) {
            CHECK_OK(rs_nearest_bounded(labels, &(rs_bounds){upper, lower, norms}, POINTS, d, p, k, centres,
                                        &(rs_context){.threads = 1 + step % 2}));
            for (size_t i = 0; i < POINTS; i++) {
                double nearest, other;
                CU_ASSERT_FATAL(labels[i] == ref_nearest(d, p + i * d, k, centres, &nearest));
                CU_ASSERT(sqrt(nearest) <= (double)upper[i]);
                for (size_t j = 0; j < k; j++) {
                    if (j == labels[i]) continue;
                    ref_nearest(d, p + i * d, 1, centres + j * d, &other);
                    CU_ASSERT((double)lower[i] <= sqrt(other));
                }
            }
            double most = 0;
            for (size_t j = 0; j < k; j++) {
                double square = 0;
                for (size_t x = j * d; x < (j + 1) * d; x++) {
                    float before = centres[x];
                    centres[x] += (float)(0.02 * rs_random_normal(&r));
                    square += ((double)centres[x] - (double)before) * ((double)centres[x] - (double)before);
                }
                most = fmax(most, sqrt(square));
            }
            for (size_t i = 0; i < POINTS; i++) {
                upper[i] = (float)(((double)upper[i] + most) * (1 + 1e-6));
                lower[i] = (float)fmax(0, ((double)lower[i] - most) * (1 - 1e-6));
                kept += upper[i] < lower[i];
            }
        }
    }
    CU_ASSERT(kept > 1000); /* there was something to skip */
}

static rs_status sweep(void *user) {
    static float c[3 * 50];
    rs_random r = rs_random_new(1, 1);
    size_t k = 3;
    return rs_kmeans_start(&k, c, 4200, 50, user, 1e-2, &r, NULL);
}

static void out_of_memory(void) {
    float *p = cluster_blobs(4200, 50, 3, 0.05, 1);
    unit_allocation_sweep(sweep, p, 3000);
    free(p);
}

static const unit_test tests[] = {
    {"well separated blobs are found", blobs_are_found},
    {"Lloyd's iterations end no higher than from a seeding", no_worse_than_seeding},
    {"threads change nothing", threads_change_nothing},
    {"points that samples may miss", rare_points_count},
    {"coordinates whose scores overflow or vanish", extreme_scales},
    {"no time, interrupted", no_time},
    {"bounds skip no nearer centre", bounds_skip_no_nearer_centre},
    {"every allocation fails once", out_of_memory},
};
UNIT_MAIN("cluster_start", tests)
