/* Mean shift. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/centroids.h"
#include "cluster_meanshift_ref.h"
#include "cluster_points.h"
#include "core/random.h"
#include "support/unit.h"

static void listen(void *user, int level, const char *line) {
    (void)level;
    sscanf(line, "meanshift: bandwidth %lf", (double *)user);
}

static double bandwidth(size_t n, size_t d, const float *p, double divisor) {
    double h = -1;
    rs_clustering *c = NULL;
    rs_context ctx = {.seed = 1, .log = listen, .user = &h};
    CHECK_OK(rs_cluster_fit(&c, "meanshift", n, d, p, &(rs_cluster_options){.bandwidth_divisor = divisor}, &ctx));
    rs_clustering_free(c);
    return h;
}

/* Means of the points within 1 of where they end: 0, 0.5, 1; then 10, 10.25, 10.5; and a point alone. */
static void known_answer(void) {
    const float p[] = {0, 0.5f, 1, 10, 10.5f, 11.75f, 10.25f}, wanted[] = {10.25f, 0.5f, 11.75f};
    const uint32_t labels[] = {1, 1, 1, 0, 0, 2, 0};
    rs_clustering *c = NULL;
    CHECK_OK(rs_cluster_fit(&c, "meanshift", 7, 1, p, &(rs_cluster_options){.bandwidth = 1}, NULL));
    CU_ASSERT_FATAL(rs_clustering_count(c) == 3);
    CU_ASSERT(!memcmp(rs_clustering_labels(c), labels, sizeof labels));
    CU_ASSERT(!memcmp(rs_centroids_get(c), wanted, sizeof wanted));
    points_check(c, p);
    rs_clustering_free(c);
    CHECK_OK(rs_cluster_fit(&c, "meanshift", 7, 1, p, &(rs_cluster_options){.bandwidth = 1, .max_clusters = 2}, NULL));
    CU_ASSERT(rs_clustering_count(c) == 2);
    rs_clustering_free(c);
    c = NULL;
    CHECK_FAILS(rs_cluster_fit(&c, "meanshift", 7, 1, p, &(rs_cluster_options){.bandwidth = -1}, NULL), RS_EUSAGE,
                "bandwidth is -1");
    CHECK_FAILS(rs_cluster_fit(&c, "meanshift", 7, 1, p, &(rs_cluster_options){.bandwidth_divisor = -2}, NULL),
                RS_EUSAGE, "bandwidth_divisor is -2");
    CU_ASSERT_PTR_NULL(c);
}

static void bandwidth_is_estimated(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    for (size_t round = 0; round < 20; round++) {
        size_t n = 1 + rs_random_below(&r, 150), d = 1 + rs_random_below(&r, 6);
        float *p = round % 2 ? points_grid(n, d, 5, 0.3, round) : points_blobs(n, d, 3, 0.3, round);
        double wanted = ref_bandwidth(n, d, p);
        CU_ASSERT_DOUBLE_EQUAL(bandwidth(n, d, p, 1), wanted, 1e-5 * wanted);
        CU_ASSERT_DOUBLE_EQUAL(bandwidth(n, d, p, 8), wanted / 8, 1e-5 * wanted);
        CU_ASSERT_DOUBLE_EQUAL(bandwidth(n, d, p, 0), wanted / 4, 1e-5 * wanted);
        free(p);
    }
    float *p = points_blobs(3000, 2, 3, 0.3, 1); /* a sample */
    double wanted = ref_bandwidth(3000, 2, p);
    CU_ASSERT_DOUBLE_EQUAL(bandwidth(3000, 2, p, 1), wanted, 0.03 * wanted);
    free(p);
}

/* Blobs farther apart than h and narrower: every start leads to the mean of its blob. */
static void agrees_with_definitions(void) {
    rs_random r = rs_random_new(unit_seed(), 1);
    for (size_t round = 0; round < 20; round++) {
        size_t n = 20 + rs_random_below(&r, 120), d = 1 + rs_random_below(&r, 5), blobs = 1 + rs_random_below(&r, 6);
        float *p = points_blobs(n, d, blobs, 0.03, round);
        double *centres = calloc(n * d, sizeof *centres), h = 0.3 + 0.2 * rs_random_unit(&r);
        size_t k = ref_meanshift(n, d, p, h, centres);
        rs_clustering *c = NULL;
        CHECK_OK(rs_cluster_fit(&c, "meanshift", n, d, p, &(rs_cluster_options){.bandwidth = h}, NULL));
        CU_ASSERT_FATAL(rs_clustering_count(c) == k && k == blobs);
        for (size_t i = 0; i < k; i++) {
            double nearest = INFINITY;
            for (size_t j = 0; j < k; j++) {
                double sum = 0;
                for (size_t x = 0; x < d; x++) sum += fabs((double)rs_centroids_get(c)[i * d + x] - centres[j * d + x]);
                nearest = fmin(nearest, sum);
            }
            CU_ASSERT(nearest < 1e-5);
        }
        for (size_t i = 0; i < n; i++)
            CU_ASSERT(rs_clustering_labels(c)[i] == rs_clustering_labels(c)[i % blobs]);
        points_check(c, p);
        rs_clustering_free(c);
        free(centres);
        free(p);
    }
}

/* Whatever the data, centres are farther than h from one another. */
static void invariants(void) {
    rs_random r = rs_random_new(unit_seed(), 2);
    size_t several = 0;
    for (size_t round = 0; round < 30; round++) {
        size_t n = 2 + rs_random_below(&r, 300), d = 1 + rs_random_below(&r, 6);
        float *p = round % 2 ? points_grid(n, d, 5, 0.1, round) : points_blobs(n, d, 5, 0.2, round);
        rs_clustering *c = NULL;
        double h = bandwidth(n, d, p, 4);
        rs_cluster_options o = {.bandwidth = h, .iterations = 1000};
        CHECK_OK(rs_cluster_fit(&c, "meanshift", n, d, p, &o, NULL));
        size_t k = rs_clustering_count(c);
        CU_ASSERT(k <= 64);
        several += k > 1;
        for (size_t i = 0; i < k; i++) {
            const float *a = rs_centroids_get(c) + i * d;
            for (size_t j = 0; j < i; j++) {
                double sum = 0;
                for (size_t x = 0; x < d; x++) {
                    double difference = (double)a[x] - (double)rs_centroids_get(c)[j * d + x];
                    sum += difference * difference;
                }
                CU_ASSERT(sqrt(sum) > h * (1 - 1e-6));
            }
        }
        points_check(c, p);
        rs_clustering_free(c);
        free(p);
    }
    CU_ASSERT(several > 20);
}

/* Columns: labels with the estimate over 1 and over 4, every point a start; the bandwidth, n times. */
static void agrees_with_scikit_learn(void) {
    const char *const names[] = {"tests/data/cluster/meanshift_3.txt", "tests/data/cluster/meanshift_5.txt"};
    for (size_t f = 0; f < 2; f++) {
        size_t n, d;
        double *golden, divisor = f ? 4 : 1;
        float *p = points_golden(names[f], 2, &n, &d, &golden);
        rs_clustering *c = NULL;
        CU_ASSERT_DOUBLE_EQUAL(bandwidth(n, d, p, divisor), golden[n], 1e-5);
        CHECK_OK(rs_cluster_fit(&c, "meanshift", n, d, p, &(rs_cluster_options){.bandwidth_divisor = divisor}, NULL));
        const uint32_t *labels = rs_clustering_labels(c);
        CU_ASSERT(rs_clustering_count(c) == (f ? 5 : 3));
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < i; j++)
                CU_ASSERT((labels[i] == labels[j]) == !(golden[i] < golden[j] || golden[i] > golden[j]));
        rs_clustering_free(c);
        free(golden);
        free(p);
    }
}

static void common(void) {
    float *p = points_blobs(700, 6, 7, 0.2, unit_seed());
    points_check_threads("meanshift", 700, 6, p, &(rs_cluster_options){.bandwidth_divisor = 4});
    points_check_allocations("meanshift", 100, 6, p, NULL);
    points_check_scales("meanshift");
    volatile sig_atomic_t raised = 1;
    rs_clustering *c = NULL;
    CHECK_FAILS(rs_cluster_fit(&c, "meanshift", 700, 6, p, NULL, &(rs_context){.interrupt = &raised}),
                RS_EINTERRUPTED, "");
    CU_ASSERT_PTR_NULL(c);
    CHECK_OK(rs_cluster_fit(&c, "meanshift", 700, 6, p, NULL, &(rs_context){.deadline = rs_now()}));
    points_check(c, p);
    rs_clustering_free(c);
    free(p);
}

static const unit_test tests[] = {
    {"a known answer", known_answer},
    {"the bandwidth is that of the definition", bandwidth_is_estimated},
    {"the centres are those of the definition", agrees_with_definitions},
    {"invariants on random points", invariants},
    {"the clusters are scikit-learn's", agrees_with_scikit_learn},
    {"threads, allocations, scales, interrupts, deadlines", common},
};
UNIT_MAIN("cluster_meanshift", tests)
