/* The parts of clustering against slow references: nearest centre, seeding, Lloyd's iterations, silhouette. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/kmeans.h"
#include "cluster/nearest.h"
#include "cluster/quality.h"
#include "cluster_ref.h"
#include "core/random.h"
#include "support/unit.h"

enum { N = 700, D = 19, K = 300 };
static float points[N * D], centres[K * D];

/* Far from the origin single precision cannot tell the centres apart; on a grid there are many exact ties. */
static void nearest_is_exact(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    static uint32_t labels[N];
    static double distances[N];
    size_t ties = 0;
    for (size_t round = 0; round < 30; round++) {
        size_t n = 1 + rs_random_below(&r, N), d = 1 + rs_random_below(&r, D), k = 1 + rs_random_below(&r, K);
        double offset = round % 3 == 1 ? 1000 : 0;
        for (size_t i = 0; i < (n + k) * d; i++) {
            float *x = i < n * d ? points + i : centres + (i - n * d);
            *x = (float)(round % 3 == 2 ? (double)rs_random_below(&r, 3) : offset + rs_random_normal(&r));
        }
        CHECK_OK(rs_nearest(labels, distances, n, d, points, k, centres, &(rs_context){.threads = 1 + round % 2}));
        for (size_t i = 0; i < n; i++) {
            double distance;
            uint32_t label = ref_nearest(d, points + i * d, k, centres, &distance);
            CU_ASSERT_FATAL(labels[i] == label);
            CU_ASSERT_DOUBLE_EQUAL(distances[i], distance, 1e-12 * (1 + distance));
            for (size_t j = label + 1; j < k; j++)
                ties += rs_squared_distance(d, points + i * d, centres + j * d) <= distances[i];
        }
    }
    CU_ASSERT(ties > 100); /* the data did make ties */
}

static void seeding_takes_distinct_points(void) {
    rs_random r = rs_random_new(unit_seed(), 1);
    for (size_t round = 0; round < 50; round++) {
        size_t n = 1 + rs_random_below(&r, 40), wanted = 1 + rs_random_below(&r, n), k = wanted, distinct = 0;
        for (size_t i = 0; i < n * 2; i++) points[i] = (float)rs_random_below(&r, 4) * 1e-20f;
        for (size_t i = 0, j; i < n; i++) {
            for (j = 0; j < i && memcmp(points + 2 * i, points + 2 * j, 8); j++) {
            }
            distinct += j == i;
        }
        CHECK_OK(rs_kmeans_seed(&k, centres, n, 2, points, &r, NULL));
        CU_ASSERT(k == (wanted < distinct ? wanted : distinct));
        for (size_t i = 0; i < k; i++)
            for (size_t j = 0; j < i; j++) CU_ASSERT(rs_squared_distance(2, centres + 2 * i, centres + 2 * j) > 0);
    }
}

/* Candidates are drawn by squared distance: of 0, 1 and 3 after 0 it is 3 in 9 cases of 10. Of the two candidates 3 is
 * the better one, so that 1 is taken in one case of 100. */
static void seeding_prefers_far_points(void) {
    size_t from_zero = 0, far = 0;
    const float line[3] = {0, 1, 3};
    for (uint64_t seed = 0; seed < 30000; seed++) {
        rs_random r = rs_random_new(seed, 0);
        size_t k = 2;
        CHECK_OK(rs_kmeans_seed(&k, centres, 3, 1, line, &r, NULL));
        if (centres[0] <= 0) {
            from_zero++;
            far += centres[1] > 2;
        }
    }
    CU_ASSERT(from_zero > 9700 && from_zero < 10300);
    CU_ASSERT_DOUBLE_EQUAL((double)far / (double)from_zero, 0.99, 0.004);
}

static double sum(size_t n, const double *x) {
    double total = 0;
    for (size_t i = 0; i < n; i++) total += x[i];
    return total;
}

static double unit(void *user) {
    return rs_random_unit(user);
}

/* On average seeding leaves the inertia that the reference leaves, for few and for many candidates and coordinates. */
static void seeding_is_the_reference_on_average(void) {
    enum { ROUNDS = 60, POINTS = 160 };
    rs_random r = rs_random_new(unit_seed(), 8);
    static uint32_t labels[POINTS];
    static double distances[POINTS];
    for (size_t round = 0; round < 4; round++) {
        size_t d = ((size_t[]){1, 3, 17, 40})[round], wanted = ((size_t[]){2, 7, 20, 12})[round];
        double mean = 0, squares = 0;           /* of the difference of logarithms */
        for (size_t i = 0; i < POINTS * d; i++) /* half of it in blobs far from each other */
            points[i] = (float)(rs_random_normal(&r) + (i / d % 2 ? (double)(10 * (i / d % 10)) : 0));
        for (size_t i = 0; i < ROUNDS; i++) {
            size_t k = wanted;
            CHECK_OK(rs_kmeans_seed(&k, centres, POINTS, d, points, &r, &(rs_context){.threads = 1 + i % 2}));
            CHECK_OK(rs_nearest(labels, distances, POINTS, d, points, k, centres, NULL));
            double difference = log(sum(POINTS, distances) / ref_seed(POINTS, d, points, wanted, unit, &r));
            mean += difference / ROUNDS;
            squares += difference * difference / ROUNDS;
        }
        double deviation = sqrt((squares - mean * mean) / ROUNDS);
        CU_ASSERT(deviation < 0.1 && fabs(mean) < 5 * deviation);
    }
}

static void lloyd_is_the_reference(void) {
    rs_random r = rs_random_new(unit_seed(), 2);
    static uint32_t labels[N], wanted[N];
    static double distances[N];
    static float other[K * D];
    for (size_t round = 0; round < 30; round++) {
        size_t n = 60 + rs_random_below(&r, 300), d = 1 + rs_random_below(&r, D), k = 1 + rs_random_below(&r, 40),
               kept = k;
        for (size_t i = 0; i < n * d; i++) points[i] = (float)rs_random_normal(&r);
        CHECK_OK(rs_kmeans_seed(&kept, centres, n, d, points, &r, NULL));
        memcpy(other, centres, k * d * sizeof *other);
        double inertia = ref_lloyd(n, d, points, k, other, 50, wanted);
        CHECK_OK(rs_kmeans_lloyd(&kept, centres, labels, distances, n, d, points, 50, 0, NULL));
        CU_ASSERT(kept == k && !memcmp(labels, wanted, n * sizeof *labels));
        CU_ASSERT(!memcmp(centres, other, k * d * sizeof *other));
        CU_ASSERT_DOUBLE_EQUAL(sum(n, distances), inertia, 1e-9 * (1 + inertia));
    }
}

/* With a tolerance it ends earlier, and hardly worse. */
static void tolerance_costs_little(void) {
    rs_random r = rs_random_new(unit_seed(), 9);
    static uint32_t labels[N];
    static double distances[N];
    double inertia[3];
    for (size_t i = 0; i < N * 5; i++) points[i] = (float)(100 + rs_random_normal(&r));
    for (size_t t = 0; t < 3; t++) {
        rs_random again = rs_random_new(3, 3);
        size_t k = 20;
        CHECK_OK(rs_kmeans_seed(&k, centres, N, 5, points, &again, NULL));
        CHECK_OK(
            rs_kmeans_lloyd(&k, centres, labels, distances, N, 5, points, 100, ((double[]){0, 1e-4, 1e9})[t], NULL));
        inertia[t] = sum(N, distances);
    }
    CU_ASSERT(inertia[0] <= inertia[1] * 1.000001 && inertia[1] < 1.01 * inertia[0]);
    CU_ASSERT(inertia[2] > inertia[1]); /* one step */
}

static void inertia_never_grows(void) {
    rs_random r = rs_random_new(unit_seed(), 4);
    static uint32_t labels[N];
    static double distances[N];
    for (size_t i = 0; i < N * 3; i++) points[i] = (float)rs_random_normal(&r);
    double before = INFINITY;
    for (size_t iterations = 0; iterations < 20; iterations++) {
        rs_random again = rs_random_new(9, 9);
        size_t k = 12;
        CHECK_OK(rs_kmeans_seed(&k, centres, N, 3, points, &again, NULL));
        CHECK_OK(rs_kmeans_lloyd(&k, centres, labels, distances, N, 3, points, iterations, 0, NULL));
        CU_ASSERT(sum(N, distances) <= before * (1 + 1e-6));
        before = sum(N, distances);
    }
}

/* Centroids that attract nothing start again at the farthest points, or go when no iteration is left. */
static void empty_clusters_start_again(void) {
    float p[] = {0, 1, 10, 11, 20, 21, 20.5f, 20.6f}, c[] = {5, 100, 20};
    uint32_t labels[8];
    double distances[8];
    size_t k = 3;
    CHECK_OK(rs_kmeans_lloyd(&k, c, labels, distances, 8, 1, p, 50, 0, NULL));
    CU_ASSERT(k == 3);
    CU_ASSERT(labels[0] == labels[1] && labels[2] == labels[3] && labels[4] == labels[5] && labels[5] == labels[6]);
    CU_ASSERT(labels[0] != labels[2] && labels[2] != labels[4] && labels[0] != labels[4]);
    float far[] = {300, 5, 200};
    k = 3;
    CHECK_OK(rs_kmeans_lloyd(&k, far, labels, distances, 8, 1, p, 0, 0, NULL));
    CU_ASSERT(k == 1 && far[0] <= 5 && labels[0] == 0 && labels[7] == 0);
}

static void silhouette_known_and_reference(void) {
    /* 0 1 | 4: a = 1, 1; b = 4, 3; alone 0: (3/4 + 2/3 + 0) / 3 */
    const float known[] = {0, 1, 4, 1, 0, 3, 4, 3, 0};
    double s = -2;
    CHECK_OK(rs_silhouette(&s, 3, known, 2, (uint32_t[]){0, 0, 1}));
    CU_ASSERT_DOUBLE_EQUAL(s, (0.75 + 2.0 / 3) / 3, 1e-9);
    CHECK_OK(rs_silhouette(&s, 3, known, 1, (uint32_t[]){0, 0, 0}));
    CU_ASSERT_DOUBLE_EQUAL(s, 0, 0);
    rs_random r = rs_random_new(unit_seed(), 5);
    for (size_t round = 0; round < 20; round++) {
        size_t n = 2 + rs_random_below(&r, 40), k = 2 + rs_random_below(&r, 5);
        static float distances[42 * 42];
        uint32_t labels[42];
        for (size_t i = 0; i < n * 2; i++) points[i] = (float)rs_random_below(&r, 20);
        for (size_t i = 0; i < n; i++) labels[i] = (uint32_t)rs_random_below(&r, k);
        for (size_t i = 0; i < n * n; i++)
            distances[i] = (float)sqrt(rs_squared_distance(2, points + i / n * 2, points + i % n * 2));
        CHECK_OK(rs_silhouette(&s, n, distances, k, labels));
        CU_ASSERT_DOUBLE_EQUAL(s, ref_silhouette(n, 2, points, k, labels), 1e-6);
    }
}

/* The sampled silhouette of as many points as there are is the reference's; labels need not be dense. */
static void silhouette_in_public(void) {
    rs_random r = rs_random_new(unit_seed(), 6);
    uint32_t labels[90], sparse[90];
    for (size_t i = 0; i < 90 * 3; i++) points[i] = (float)rs_random_normal(&r);
    for (size_t i = 0; i < 90; i++) {
        labels[i] = (uint32_t)rs_random_below(&r, 4);
        sparse[i] = UINT32_MAX - 1000 * labels[i];
    }
    double s = -2, part = -2, again = -3;
    CHECK_OK(rs_cluster_silhouette(&s, 90, 3, points, sparse, 0, NULL));
    CU_ASSERT_DOUBLE_EQUAL(s, ref_silhouette(90, 3, points, 4, labels), 1e-6);
    CHECK_OK(rs_cluster_silhouette(&part, 90, 3, points, sparse, 60, NULL));
    CHECK_OK(rs_cluster_silhouette(&again, 90, 3, points, labels, 60, NULL));
    CU_ASSERT_DOUBLE_EQUAL(part, again, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(part, s, 0.1);
    CHECK_FAILS(rs_cluster_silhouette(&s, 0, 3, points, labels, 0, NULL), RS_EUSAGE, "0 points");
    CHECK_FAILS(rs_cluster_silhouette(&s, 90, 3, points, labels, 20000, NULL), RS_EUSAGE, "16384");
}

static void rand_known_and_reference(void) {
    double v = -2, w = -2;
    CHECK_OK(rs_cluster_rand(&v, 4, (uint32_t[]){0, 0, 1, 1}, (uint32_t[]){9, 9, 5, 7}));
    CU_ASSERT_DOUBLE_EQUAL(v, 4 / 7.0, 1e-12);
    CHECK_OK(rs_cluster_rand(&v, 4, (uint32_t[]){0, 0, 1, 2}, (uint32_t[]){7, 7, 5, 0}));
    CU_ASSERT_DOUBLE_EQUAL(v, 1, 0);
    CHECK_OK(rs_cluster_rand(&v, 3, (uint32_t[]){0, 0, 0}, (uint32_t[]){4, 4, 4}));
    CU_ASSERT_DOUBLE_EQUAL(v, 1, 0);
    CHECK_OK(rs_cluster_rand(&v, 3, (uint32_t[]){0, 1, 2}, (uint32_t[]){4, 4, 4}));
    CU_ASSERT_DOUBLE_EQUAL(v, 0, 0);
    CHECK_FAILS(rs_cluster_rand(&v, 0, NULL, NULL), RS_EUSAGE, "no points");
    rs_random r = rs_random_new(unit_seed(), 7);
    for (size_t round = 0; round < 50; round++) {
        uint32_t a[30], b[30];
        size_t n = 2 + rs_random_below(&r, 29);
        for (size_t i = 0; i < n; i++) {
            a[i] = (uint32_t)rs_random_below(&r, 4);
            b[i] = (uint32_t)rs_random_below(&r, 3);
        }
        CHECK_OK(rs_cluster_rand(&v, n, a, b));
        CU_ASSERT_DOUBLE_EQUAL(v, ref_rand(n, a, b), 1e-12);
        CHECK_OK(rs_cluster_rand(&w, n, b, a));
        CU_ASSERT_DOUBLE_EQUAL(v, w, 1e-12);
    }
}

static rs_status sweep(void *user) {
    double v;
    uint32_t labels[20] = {0, 1, 2};
    (void)user;
    rs_status status = rs_cluster_rand(&v, 20, labels, labels);
    return status == RS_OK ? rs_cluster_silhouette(&v, 20, 2, points, labels, 10, NULL) : status;
}

static void out_of_memory(void) {
    unit_allocation_sweep(sweep, NULL, 100);
}

static const unit_test tests[] = {
    {"the nearest centre is exact", nearest_is_exact},
    {"seeding takes distinct points", seeding_takes_distinct_points},
    {"seeding prefers far points", seeding_prefers_far_points},
    {"seeding leaves what the reference leaves", seeding_is_the_reference_on_average},
    {"a tolerance costs little", tolerance_costs_little},
    {"Lloyd's iterations are the reference's", lloyd_is_the_reference},
    {"the inertia never grows", inertia_never_grows},
    {"empty clusters start again", empty_clusters_start_again},
    {"silhouette known and by its definition", silhouette_known_and_reference},
    {"silhouette of a sample", silhouette_in_public},
    {"adjusted Rand index known and by counting pairs", rand_known_and_reference},
    {"every allocation of the measures fails once", out_of_memory},
};
UNIT_MAIN("cluster_parts", tests)
