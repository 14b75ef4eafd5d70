/* The self-organising map: its step by definition, order along a line, numbers of units. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/centroids.h"
#include "cluster/som.h"
#include "cluster_check.h"
#include "cluster_som_ref.h"
#include "core/random.h"
#include "support/unit.h"

static void step_by_definition(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    for (size_t round = 0; round < 30; round++) {
        size_t rows = 1 + rs_random_below(&r, 4), columns = 1 + rs_random_below(&r, 5), n = 1 + rs_random_below(&r, 60);
        float points[60 * 3], units[20 * 3] = {0}, wanted[20 * 3] = {0};
        uint32_t labels[60];
        for (size_t i = 0; i < n * 3; i++) points[i] = (float)rs_random_normal(&r);
        for (size_t i = 0; i < n; i++) labels[i] = (uint32_t)rs_random_below(&r, rows * columns);
        double width = 0.2 + 2 * rs_random_unit(&r);
        CHECK_OK(rs_som_step(rows, columns, width, units, n, 3, points, labels));
        ref_som_step(rows, columns, width, wanted, n, 3, points, labels);
        for (size_t i = 0; i < rows * columns * 3; i++)
            CU_ASSERT_DOUBLE_EQUAL((double)units[i], (double)wanted[i], 1e-5);
    }
}

/* The units of a chain lie along the points in their order. */
static void order_along_a_line(void) {
    float p[300];
    rs_random r = rs_random_new(unit_seed(), 1);
    for (size_t i = 0; i < 300; i++) p[i] = (float)rs_random_unit(&r);
    rs_clustering *c = NULL;
    CHECK_OK(rs_cluster_fit(&c, "som", 300, 1, p, &(rs_cluster_options){.clusters = 7}, NULL));
    CU_ASSERT_FATAL(rs_clustering_count(c) == 7);
    cluster_check(c, p);
    const float *units = rs_centroids_get(c);
    for (size_t u = 1; u < 7; u++) {
        CU_ASSERT(units[u] > units[u - 1]);
        CU_ASSERT_DOUBLE_EQUAL((double)(units[u] - units[u - 1]), 1 / 7.0, 0.07);
    }
    rs_clustering_free(c);
}

static void blobs_are_pure(void) {
    float *p = cluster_blobs(900, 4, 6, 0.02, unit_seed()), equal[10] = {3, 3, 3, 3, 3, 3, 3, 3, 3, 3};
    uint32_t truth[900];
    double ambiguity = 1;
    for (size_t i = 0; i < 900; i++) truth[i] = (uint32_t)(i % 6);
    rs_clustering *c = NULL;
    CHECK_OK(rs_cluster_fit(&c, "som", 900, 4, p, NULL, NULL));
    CU_ASSERT(rs_clustering_count(c) >= 6 && rs_clustering_count(c) <= 64);
    CHECK_OK(rs_cluster_ambiguity(&ambiguity, 900, rs_clustering_labels(c), truth));
    CU_ASSERT(ambiguity < 0.02);
    cluster_check(c, p);
    rs_clustering_free(c);
    for (size_t d = 1; d <= 2; d++) {
        CHECK_OK(rs_cluster_fit(&c, "som", 5, d, equal, NULL, NULL));
        CU_ASSERT(rs_clustering_count(c) == 1);
        rs_clustering_free(c);
    }
    CHECK_OK(rs_cluster_fit(&c, "som", 900, 4, p, NULL, &(rs_context){.deadline = rs_now()}));
    cluster_check(c, p);
    rs_clustering_free(c);
    cluster_check_threads("som", 900, 4, p, NULL);
    free(p);
}

static rs_status sweep(void *user) {
    rs_clustering *c = NULL;
    rs_status status = rs_cluster_fit(&c, "som", 40, 3, user, &(rs_cluster_options){.iterations = 3}, NULL);
    if (status == RS_OK) rs_clustering_free(c);
    return status;
}

static void out_of_memory(void) {
    float *p = cluster_blobs(40, 3, 3, 0.05, 1);
    unit_allocation_sweep(sweep, p, 3000);
    free(p);
}

static const unit_test tests[] = {
    {"the step by its definition", step_by_definition},
    {"a chain orders a line", order_along_a_line},
    {"blobs, equal points, no time, threads", blobs_are_pure},
    {"every allocation fails once", out_of_memory},
};
UNIT_MAIN("cluster_som", tests)
