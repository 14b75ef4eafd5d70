/* G-means: its statistic by its definition and as scipy computes it, blobs counted. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cluster/split.h"
#include "cluster_check.h"
#include "cluster_split_ref.h"
#include "core/random.h"
#include "support/unit.h"

enum { N = 40 };
static const double critical = 1.8692;

static double statistic(const float *values) {
    static const float children[] = {1, 0};
    double scratch[N];
    return critical +
           rs_gmeans_score(&(rs_split){.n = N, .d = 1, .points = values, .children = children, .scratch = scratch});
}

static void statistic_by_definition(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    for (size_t round = 0; round < 40; round++) {
        float values[N];
        double same[N];
        for (size_t i = 0; i < N; i++) {
            values[i] = (float)(rs_random_normal(&r) + (double)(round % 5 * (i % 2)));
            same[i] = (double)values[i];
        }
        CU_ASSERT_DOUBLE_EQUAL(statistic(values), ref_anderson_darling(N, same), 1e-9);
    }
}

static void golden(void) {
    FILE *file = fopen(unit_source("tests/data/cluster/gmeans.txt"), "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    for (size_t row = 0; row < 4; row++) {
        double wanted, n = N;
        float values[N];
        CU_ASSERT_FATAL(fscanf(file, "%lf", &wanted) == 1);
        for (size_t i = 0; i < N; i++) CU_ASSERT_FATAL(fscanf(file, "%f", values + i) == 1);
        CU_ASSERT_DOUBLE_EQUAL(statistic(values), wanted * (1 + 4 / n - 25 / (n * n)), 1e-6);
        CU_ASSERT((statistic(values) > critical) ==
                  (row == 2)); /* the exponential ones; 40 others are too few to tell */
    }
    fclose(file);
}

static void blobs_are_counted(void) {
    for (size_t blobs = 1; blobs <= 13; blobs += 4) {
        float *p = cluster_blobs(900, 4, blobs, 0.02, unit_seed() + blobs);
        rs_clustering *c = NULL;
        CHECK_OK(rs_cluster_fit(&c, "gmeans", 900, 4, p, NULL, NULL));
        CU_ASSERT(rs_clustering_count(c) == blobs);
        cluster_check(c, p);
        rs_clustering_free(c);
        CHECK_OK(rs_cluster_fit(&c, "gmeans", 900, 4, p, &(rs_cluster_options){.clusters = 14}, NULL));
        CU_ASSERT(rs_clustering_count(c) == 14);
        rs_clustering_free(c);
        free(p);
    }
    float few[7] = {0, 0, 0, 0, 9, 9, 9}; /* too few to say */
    rs_clustering *c = NULL;
    CHECK_OK(rs_cluster_fit(&c, "gmeans", 7, 1, few, NULL, NULL));
    CU_ASSERT(rs_clustering_count(c) == 1);
    rs_clustering_free(c);
}

static void threads_change_nothing(void) {
    float *p = cluster_blobs(2000, 5, 6, 0.3, unit_seed());
    cluster_check_threads("gmeans", 2000, 5, p, NULL);
    free(p);
}

static rs_status sweep(void *user) {
    rs_clustering *c = NULL;
    rs_status status = rs_cluster_fit(&c, "gmeans", 40, 2, user, &(rs_cluster_options){.iterations = 3}, NULL);
    if (status == RS_OK) rs_clustering_free(c);
    return status;
}

static void out_of_memory(void) {
    float *p = cluster_blobs(40, 2, 3, 0.05, 1);
    unit_allocation_sweep(sweep, p, 3000);
    free(p);
}

static const unit_test tests[] = {
    {"the statistic by its definition", statistic_by_definition},
    {"scipy's statistic", golden},
    {"blobs are counted", blobs_are_counted},
    {"threads change nothing", threads_change_nothing},
    {"every allocation fails once", out_of_memory},
};
UNIT_MAIN("cluster_gmeans", tests)
