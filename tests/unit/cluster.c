/* The registry, k-means and ambiguity through the public header. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/centroids.h"
#include "cluster/method.h"
#include "cluster_check.h"
#include "cluster_ref.h"
#include "core/random.h"
#include "rnnsafe/cluster.h"
#include "support/unit.h"

static void registry_lists_methods(void) {
    rs_clustering *c = NULL;
    float point = 0;
    CHECK_FAILS(rs_cluster_fit(&c, "nonesuch", 1, 1, &point, NULL, NULL), RS_EUSAGE, "kmeans");
    for (size_t i = 0; rs_cluster_method(i); i++) {
        unit_contains(rs_error_message(), rs_cluster_method(i), __FILE__, __LINE__);
        CU_ASSERT_PTR_NOT_NULL(rs_cluster_summary(rs_cluster_method(i)));
    }
    CU_ASSERT_PTR_NOT_NULL(rs_cluster_method(0));
    CU_ASSERT_PTR_NULL(rs_cluster_method(1000));
    CU_ASSERT_PTR_NULL(rs_cluster_summary("nonesuch"));
    rs_clustering_free(NULL);
}

static void wrong_calls_are_refused(void) {
    float p[4] = {0, 1, 2, 3};
    rs_clustering *c = NULL;
    CHECK_FAILS(rs_cluster_fit(&c, "kmeans", 0, 2, p, NULL, NULL), RS_EUSAGE, "0 points");
    CHECK_FAILS(rs_cluster_fit(&c, "kmeans", 2, 0, p, NULL, NULL), RS_EUSAGE, "dimension 0");
    CHECK_FAILS(rs_cluster_fit(&c, "kmeans", 2, 2, p, &(rs_cluster_options){.clusters = 3}, NULL), RS_EUSAGE,
                "3 clusters of 2 points");
    p[3] = NAN;
    CHECK_FAILS(rs_cluster_fit(&c, "kmeans", 2, 2, p, NULL, NULL), RS_EINPUT, "coordinate 1 of point 1");
    p[3] = INFINITY;
    CHECK_FAILS(rs_cluster_fit(&c, "kmeans", 2, 2, p, NULL, NULL), RS_EINPUT, "coordinate 1 of point 1");
    CU_ASSERT_PTR_NULL(c);
    p[3] = 3;
    CHECK_OK(rs_cluster_fit(&c, "kmeans", 2, 2, p, NULL, NULL));
    uint32_t label;
    char *text = NULL;
    CHECK_FAILS(rs_clustering_assign(c, 1, (float[]){NAN, 0}, &label, NULL), RS_EINPUT, "coordinate 0 of point 0");
    CHECK_FAILS(rs_clustering_describe(&text, c, 2), RS_EUSAGE, "no cluster 2");
    volatile sig_atomic_t raised = 1;
    rs_context interrupted = {.seed = 1, .interrupt = &raised};
    rs_clustering *none = NULL;
    CHECK_FAILS(rs_cluster_fit(&none, "kmeans", 2, 2, p, NULL, &interrupted), RS_EINTERRUPTED, "");
    CU_ASSERT_PTR_NULL(none);
    rs_clustering_free(c);
}

static void blobs_are_recovered(void) {
    uint64_t seed = unit_seed();
    for (size_t blobs = 1; blobs <= 9; blobs += 4) {
        float *p = cluster_blobs(600, 5, blobs, 0.01, seed + blobs);
        rs_clustering *c = NULL;
        double ambiguity = 1;
        /* asked for, and found by the silhouette (which cannot tell one cluster from two) */
        for (size_t asked = blobs == 1 ? 1 : 0; asked <= blobs; asked += blobs) {
            CHECK_OK(rs_cluster_fit(&c, "kmeans", 600, 5, p, &(rs_cluster_options){.clusters = asked}, NULL));
            CU_ASSERT_FATAL(rs_clustering_count(c) == blobs);
            uint32_t truth[600];
            for (size_t i = 0; i < 600; i++) truth[i] = (uint32_t)(i % blobs);
            CHECK_OK(rs_cluster_ambiguity(&ambiguity, 600, rs_clustering_labels(c), truth));
            CU_ASSERT_DOUBLE_EQUAL(ambiguity, 0, 0);
            CU_ASSERT_STRING_EQUAL(rs_clustering_method(c), "kmeans");
            cluster_check(c, p);
            rs_clustering_free(c);
        }
        free(p);
    }
}

static void edges(void) {
    float p[60], one[2] = {3, -4};
    rs_clustering *c = NULL;
    for (size_t i = 0; i < 60; i++) p[i] = i % 2 ? 0.1f : 0.7f; /* 30 equal points */
    for (size_t asked = 0; asked <= 30; asked += 10) {
        CHECK_OK(rs_cluster_fit(&c, "kmeans", 30, 2, p, &(rs_cluster_options){.clusters = asked}, NULL));
        CU_ASSERT(rs_clustering_count(c) == 1);
        CU_ASSERT_DOUBLE_EQUAL(rs_centroids_inertia(c), 0, 0);
        rs_clustering_free(c);
    }
    for (size_t i = 0; i < 60; i++) p[i] = (float)(i / 2 % 3); /* 3 distinct points */
    CHECK_OK(rs_cluster_fit(&c, "kmeans", 30, 2, p, &(rs_cluster_options){.clusters = 7}, NULL));
    CU_ASSERT(rs_clustering_count(c) == 3);
    cluster_check(c, p);
    rs_clustering_free(c);
    for (size_t i = 0; i < 60; i++) p[i] = (float)(i * i); /* k = n */
    CHECK_OK(rs_cluster_fit(&c, "kmeans", 30, 2, p, &(rs_cluster_options){.clusters = 30}, NULL));
    CU_ASSERT(rs_clustering_count(c) == 30);
    CU_ASSERT_DOUBLE_EQUAL(rs_centroids_inertia(c), 0, 0);
    cluster_check(c, p);
    rs_clustering_free(c);
    CHECK_OK(rs_cluster_fit(&c, "kmeans", 1, 2, one, NULL, NULL));
    char *text = NULL;
    CHECK_OK(rs_clustering_describe(&text, c, 0));
    CU_ASSERT_STRING_EQUAL(text, "centroid (3, -4), 1 point, radius 0");
    free(text);
    rs_clustering_free(c);
    float line[10] = {0, 0, 0, 0, 1, 2, 0, 0, 0, 1};
    CHECK_OK(rs_cluster_fit(&c, "kmeans", 2, 5, line, &(rs_cluster_options){.clusters = 1}, NULL));
    CHECK_OK(rs_clustering_describe(&text, c, 0));
    CU_ASSERT_STRING_EQUAL(text, "centroid (1, 0, 0, 0, ...), 2 points, radius 1");
    free(text);
    rs_clustering_free(c);
    CHECK_OK(rs_cluster_fit(&c, "kmeans", 30, 2, p, &(rs_cluster_options){.max_clusters = 1}, NULL));
    CU_ASSERT(rs_clustering_count(c) == 1);
    rs_clustering_free(c);
}

/* Squares of such coordinates overflow or vanish in single precision. */
static void extreme_scales(void) {
    const float scales[] = {FLT_MAX, 1e20f, 1e-25f, 1e-44f};
    for (size_t s = 0; s < 4; s++) {
        float p[40];
        for (size_t i = 0; i < 20; i++) {
            p[2 * i] = scales[s] * (i % 2 ? 1.0f : -1.0f);
            p[2 * i + 1] = -scales[s] * (i % 4 > 1 ? 1.0f : 0.0f);
        }
        rs_clustering *c = NULL;
        CHECK_OK(rs_cluster_fit(&c, "kmeans", 20, 2, p, &(rs_cluster_options){.clusters = 4}, NULL));
        CU_ASSERT(rs_clustering_count(c) == 4);
        CU_ASSERT_DOUBLE_EQUAL(rs_centroids_inertia(c), 0, 0);
        cluster_check(c, p);
        rs_clustering_free(c);
        CHECK_OK(rs_cluster_fit(&c, "kmeans", 20, 2, p, NULL, NULL));
        cluster_check(c, p);
        rs_clustering_free(c);
    }
}

static void threads_change_nothing(void) {
    float *p = cluster_blobs(1500, 7, 12, 0.2, unit_seed());
    rs_clustering *first = NULL, *c = NULL;
    CHECK_OK(rs_cluster_fit(&first, "kmeans", 1500, 7, p, NULL, &(rs_context){.seed = 5, .threads = 1}));
    size_t k = rs_clustering_count(first);
    for (size_t threads = 2; threads <= 3; threads++) {
        CHECK_OK(rs_cluster_fit(&c, "kmeans", 1500, 7, p, NULL, &(rs_context){.seed = 5, .threads = threads}));
        CU_ASSERT_FATAL(rs_clustering_count(c) == k);
        CU_ASSERT(!memcmp(rs_clustering_labels(c), rs_clustering_labels(first), 1500 * sizeof(uint32_t)));
        CU_ASSERT(!memcmp(rs_centroids_get(c), rs_centroids_get(first), k * 7 * sizeof(float)));
        rs_clustering_free(c);
    }
    rs_clustering_free(first);
    free(p);
}

static void many_restarts_reach_the_optimum(void) {
    rs_random r = rs_random_new(unit_seed(), 3);
    for (size_t round = 0; round < 20; round++) {
        float p[18];
        size_t n = 5 + round % 5, k = 1 + round % 3;
        for (size_t i = 0; i < 2 * n; i++) p[i] = (float)rs_random_below(&r, 10);
        rs_clustering *c = NULL;
        rs_context ctx = {.seed = round};
        CHECK_OK(rs_cluster_fit(&c, "kmeans", n, 2, p, &(rs_cluster_options){.clusters = k, .restarts = 50}, &ctx));
        CU_ASSERT_DOUBLE_EQUAL(rs_centroids_inertia(c), ref_optimum(n, 2, p, k), 1e-4);
        rs_clustering_free(c);
    }
}

/* Past the deadline there is still a whole clustering. */
static void deadline_gives_less(void) {
    float *p = cluster_blobs(300, 3, 4, 0.3, 1);
    rs_clustering *c = NULL;
    rs_context ctx = {.seed = 1, .deadline = rs_now()};
    CHECK_OK(rs_cluster_fit(&c, "kmeans", 300, 3, p, &(rs_cluster_options){.clusters = 4}, &ctx));
    CU_ASSERT(rs_clustering_count(c) == 4);
    cluster_check(c, p);
    rs_clustering_free(c);
    free(p);
}

static rs_status none_sweep(void *user) {
    rs_clustering *c = NULL;
    char *text = NULL;
    rs_status status = rs_cluster_fit(&c, "none", 3, 1, user, NULL, NULL);
    if (status == RS_OK) status = rs_clustering_describe(&text, c, 0);
    free(text);
    rs_clustering_free(c);
    return status;
}

static void none_makes_one_cluster(void) {
    float p[] = {1, -5, 1e6f};
    rs_clustering *c = NULL;
    CHECK_FAILS(rs_cluster_fit(&c, "none", 3, 1, p, &(rs_cluster_options){.clusters = 2}, NULL), RS_EUSAGE, "not 2");
    CHECK_OK(rs_cluster_fit(&c, "none", 3, 1, p, NULL, NULL));
    CU_ASSERT(rs_clustering_count(c) == 1);
    cluster_check(c, p);
    rs_clustering_free(c);
    unit_allocation_sweep(none_sweep, p, 100);
}

static void ambiguity_by_hand(void) {
    /* cluster 0: a a b b (1 bit), cluster 7: c c (0 bits), cluster 9: a b c d (2 bits); 4 states are 2 bits */
    const uint32_t labels[] = {0, 7, 9, 0, 9, 0, 7, 9, 9, 0}, truth[] = {5, 90, 5, 5, 8, 8, 90, 90, UINT32_MAX, 8};
    double a = -1;
    CHECK_OK(rs_cluster_ambiguity(&a, 10, labels, truth));
    CU_ASSERT_DOUBLE_EQUAL(a, (4 * 1 + 2 * 0 + 4 * 2) / 10.0 / 2, 1e-12);
    CHECK_OK(rs_cluster_ambiguity(&a, 10, truth, truth));
    CU_ASSERT_DOUBLE_EQUAL(a, 0, 0);
    const uint32_t same[10] = {0};
    CHECK_OK(rs_cluster_ambiguity(&a, 10, labels, same)); /* one true state cannot be mixed */
    CU_ASSERT_DOUBLE_EQUAL(a, 0, 0);
    const uint32_t all[] = {0, 1, 2, 3};
    CHECK_OK(rs_cluster_ambiguity(&a, 4, same, all));
    CU_ASSERT_DOUBLE_EQUAL(a, 1, 1e-12);
    CHECK_FAILS(rs_cluster_ambiguity(&a, 0, labels, truth), RS_EUSAGE, "no points");
}

static rs_status sweep(void *user) {
    const float *p = user;
    rs_clustering *c = NULL;
    char *text = NULL;
    uint32_t labels[40];
    double a;
    rs_cluster_options options = {.max_clusters = 4, .iterations = 3, .restarts = 2};
    rs_status status = rs_cluster_fit(&c, "kmeans", 40, 2, p, &options, NULL);
    if (status == RS_OK) status = rs_clustering_assign(c, 40, p, labels, NULL);
    if (status == RS_OK) status = rs_clustering_describe(&text, c, 0);
    if (status == RS_OK) status = rs_cluster_ambiguity(&a, 40, labels, labels);
    if (status == RS_OK) {
        rs_clustering *none = NULL;
        rs_status refused = rs_cluster_fit(&none, "nonesuch", 40, 2, p, NULL, NULL);
        if (refused != RS_EUSAGE) status = refused;
    }
    free(text);
    rs_clustering_free(c);
    return status;
}

static void out_of_memory(void) {
    float *p = cluster_blobs(40, 2, 4, 0.1, 1);
    unit_allocation_sweep(sweep, p, 1000);
    free(p);
}

static const unit_test tests[] = {
    {"the registry lists its methods", registry_lists_methods},
    {"wrong calls are refused", wrong_calls_are_refused},
    {"well separated blobs are recovered", blobs_are_recovered},
    {"equal points, one point, as many clusters as points", edges},
    {"coordinates whose squares overflow or vanish", extreme_scales},
    {"threads change nothing", threads_change_nothing},
    {"many restarts reach the optimum", many_restarts_reach_the_optimum},
    {"a deadline gives less", deadline_gives_less},
    {"the method none makes one cluster", none_makes_one_cluster},
    {"ambiguity by hand", ambiguity_by_hand},
    {"every allocation fails once", out_of_memory},
};
UNIT_MAIN("cluster", tests)
