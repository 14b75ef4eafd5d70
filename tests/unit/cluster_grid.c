/* Grids: cells by hand, by their definition and by scikit-learn's. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster_check.h"
#include "core/random.h"
#include "rnnsafe/cluster.h"
#include "support/unit.h"

static rs_clustering *fit(const char *method, size_t n, size_t d, const float *p, rs_cluster_options options) {
    rs_clustering *c = NULL;
    CHECK_OK(rs_cluster_fit(&c, method, n, d, p, &options, NULL));
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    cluster_check(c, p);
    return c;
}

static void cells_by_hand(void) {
    const float p[] = {0, 0, 4, 8, 1, 1, 3, 1, 2, 0}; /* cut in two: x at 2, y at 4 */
    rs_clustering *c = fit("grid", 5, 2, p, (rs_cluster_options){.cells = 2});
    CU_ASSERT(rs_clustering_count(c) == 3);
    CU_ASSERT(cluster_same_partition(5, rs_clustering_labels(c), (uint32_t[]){0, 1, 0, 2, 2}));
    uint32_t labels[4];
    /* beyond the edges; in an empty cell, near each of the others */
    const float fresh[] = {-9, -9, 99, 99, 1, 4.1f, 1.9f, 8};
    CHECK_OK(rs_clustering_assign(c, 4, fresh, labels, NULL));
    const uint32_t *own = rs_clustering_labels(c);
    CU_ASSERT(labels[0] == own[0] && labels[1] == own[1] && labels[2] == own[0] && labels[3] == own[1]);
    char *text = NULL;
    CHECK_OK(rs_clustering_describe(&text, c, own[3]));
    CU_ASSERT_STRING_EQUAL(text, "cell [2, 4] x [0, 4], 2 points");
    free(text);
    rs_clustering_free(c);
    CHECK_FAILS(rs_cluster_fit(&c, "grid", 5, 2, p, &(rs_cluster_options){.cells = 1 << 20}, NULL), RS_EUSAGE, "65536");
}

/* The partition by the definition, in long double. */
static void labels_by_definition(size_t n, size_t d, const float *p, size_t q, uint32_t *labels) {
    size_t *at = calloc(n * d, sizeof *at);
    for (size_t x = 0; x < d; x++) {
        long double low = p[x], high = p[x];
        for (size_t i = 0; i < n; i++) {
            if (p[i * d + x] < low) low = p[i * d + x];
            if (p[i * d + x] > high) high = p[i * d + x];
        }
        for (size_t i = 0; i < n && high > low; i++) {
            long double part = (p[i * d + x] - low) / (high - low) * (long double)q;
            at[i * d + x] = part >= (long double)q ? q - 1 : (size_t)part;
        }
    }
    for (size_t i = 0; i < n; i++)
        for (labels[i] = 0; memcmp(at + labels[i] * d, at + i * d, d * sizeof *at);) labels[i]++;
    free(at);
}

static void cells_by_definition(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    float p[200 * 3];
    uint32_t wanted[200];
    for (size_t round = 0; round < 40; round++) {
        size_t n = 1 + rs_random_below(&r, 200), d = 1 + rs_random_below(&r, 3), q = 1 + rs_random_below(&r, 9);
        for (size_t i = 0; i < n * d; i++) p[i] = (float)rs_random_normal(&r);
        rs_clustering *c = fit("grid", n, d, p, (rs_cluster_options){.cells = q});
        labels_by_definition(n, d, p, q, wanted);
        CU_ASSERT(cluster_same_partition(n, wanted, rs_clustering_labels(c)));
        rs_clustering_free(c);
    }
}

static void numbers_of_cells(void) {
    float *p = cluster_blobs(900, 3, 9, 0.01, unit_seed()), equal[20] = {0};
    rs_clustering *c = fit("grid", 900, 3, p, (rs_cluster_options){0});
    CU_ASSERT(rs_clustering_count(c) >= 9 && rs_clustering_count(c) <= 64);
    rs_clustering_free(c);
    for (size_t wanted = 1; wanted < 200; wanted *= 3) {
        c = fit("grid", 900, 3, p, (rs_cluster_options){.clusters = wanted});
        CU_ASSERT(rs_clustering_count(c) == wanted);
        rs_clustering_free(c);
    }
    c = fit("grid", 900, 3, p, (rs_cluster_options){.max_clusters = 3}); /* the fullest of a cut in two */
    CU_ASSERT(rs_clustering_count(c) <= 3 && rs_clustering_count(c) > 1);
    rs_clustering_free(c);
    c = fit("grid", 20, 1, equal, (rs_cluster_options){.clusters = 7});
    CU_ASSERT(rs_clustering_count(c) == 1);
    rs_clustering_free(c);
    free(p);
}

static void golden(void) {
    FILE *file = fopen(unit_source("tests/data/cluster/grid.txt"), "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    float p[60 * 4];
    double y[60 * 3];
    uint32_t labels[60];
    for (size_t i = 0; i < 60; i++) {
        CU_ASSERT_FATAL(fscanf(file, "%f %f %f %f %u %lf %lf %lf", p + 4 * i, p + 4 * i + 1, p + 4 * i + 2,
                               p + 4 * i + 3, labels + i, y + 3 * i, y + 3 * i + 1, y + 3 * i + 2) == 8);
    }
    fclose(file);
    rs_clustering *c = fit("grid", 60, 4, p, (rs_cluster_options){.cells = 5});
    CU_ASSERT(cluster_same_partition(60, labels, rs_clustering_labels(c)));
    rs_clustering_free(c);
    float axes[60 * 3];
    for (size_t i = 0; i < 60 * 3; i++) axes[i] = (float)y[i];
    c = fit("pca-grid", 60, 4, p, (rs_cluster_options){.cells = 4});
    labels_by_definition(60, 3, axes, 4, labels);
    CU_ASSERT(cluster_same_partition(60, labels, rs_clustering_labels(c)));
    CU_ASSERT_STRING_EQUAL(rs_clustering_method(c), "pca-grid");
    CU_ASSERT(rs_clustering_dimension(c) == 4);
    rs_clustering_free(c);
}

static void threads_change_nothing(void) {
    float *p = cluster_blobs(3000, 5, 6, 0.3, unit_seed());
    cluster_check_threads("grid", 3000, 5, p, &(rs_cluster_options){.max_clusters = 4});
    cluster_check_threads("pca-grid", 3000, 5, p, NULL);
    free(p);
}

static rs_status sweep(void *user) {
    rs_clustering *c = NULL;
    char *text = NULL;
    uint32_t labels[40];
    rs_status status = rs_cluster_fit(&c, "pca-grid", 40, 4, user, &(rs_cluster_options){.max_clusters = 3}, NULL);
    if (status == RS_OK) status = rs_clustering_assign(c, 40, user, labels, NULL);
    if (status == RS_OK) status = rs_clustering_describe(&text, c, 0);
    free(text);
    rs_clustering_free(c);
    if (status != RS_OK) return status;
    status = rs_cluster_fit(&c, "grid", 40, 4, user, &(rs_cluster_options){.cells = 9}, NULL);
    if (status == RS_OK) rs_clustering_free(c);
    return status;
}

static void out_of_memory(void) {
    float *p = cluster_blobs(40, 4, 8, 0.1, 1);
    unit_allocation_sweep(sweep, p, 1000);
    free(p);
}

static const unit_test tests[] = {
    {"cells by hand", cells_by_hand},
    {"cells by their definition", cells_by_definition},
    {"how many cells", numbers_of_cells},
    {"scikit-learn's cells", golden},
    {"threads change nothing", threads_change_nothing},
    {"every allocation fails once", out_of_memory},
};
UNIT_MAIN("cluster_grid", tests)
