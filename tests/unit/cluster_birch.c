/* The method birch. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster_birch_ref.h"
#include "cluster_points.h"
#include "core/random.h"
#include "support/unit.h"

static bool same_partition(size_t n, const uint32_t *a, const uint32_t *b) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if ((a[i] == a[j]) != (b[i] == b[j])) return false;
    return true;
}

static size_t distinct(size_t n, const uint32_t *labels) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        size_t j = 0;
        while (labels[j] != labels[i]) j++;
        count += j == i;
    }
    return count;
}

/* On a line: radii of 0 1 | 5 6 7 are 0.5 and 0.82; 0 and 1 are not one subcluster below the threshold 0.5. */
static void known_line(void) {
    const float p[] = {0, 1, 5, 6, 7, 20};
    const uint32_t wide[] = {0, 0, 1, 1, 1, 2}, narrow[] = {0, 0, 1, 1, 2, 3};
    rs_clustering *c = NULL;
    char *text = NULL;
    CHECK_OK(rs_cluster_fit(&c, "birch", 6, 1, p, &(rs_cluster_options){.clusters = 6, .threshold = 0.82}, NULL));
    CU_ASSERT(rs_clustering_count(c) == 3); /* fewer subclusters than clusters asked for */
    CU_ASSERT(!memcmp(rs_clustering_labels(c), wide, sizeof wide));
    CHECK_OK(rs_clustering_describe(&text, c, 1));
    CU_ASSERT_STRING_EQUAL(text, "3 points around (6), radius 1, 1 prototype");
    free(text);
    points_check(c, p);
    rs_clustering_free(c);
    CHECK_OK(rs_cluster_fit(&c, "birch", 6, 1, p, &(rs_cluster_options){.clusters = 6, .threshold = 0.51}, NULL));
    CU_ASSERT(rs_clustering_count(c) == 4);
    CU_ASSERT(!memcmp(rs_clustering_labels(c), narrow, sizeof narrow));
    rs_clustering_free(c);
    c = NULL;
    const double wrong[] = {-1, NAN, INFINITY};
    for (size_t i = 0; i < 3; i++)
        CHECK_FAILS(rs_cluster_fit(&c, "birch", 6, 1, p, &(rs_cluster_options){.threshold = wrong[i]}, NULL), RS_EUSAGE,
                    "threshold");
    CU_ASSERT_PTR_NULL(c);
}

/* While there is one node, subclusters are those of the leaders. */
static void the_reference_agrees(void) {
    uint64_t seed = unit_seed() * 1000;
    for (uint64_t round = 0; round < 40; round++) {
        size_t n = 20 + round * 2, d = 1 + round % 5;
        float *p = points_blobs(n, d, 3 + round % 4, 0.2, seed + round);
        uint32_t labels[100];
        size_t count = ref_leaders(n, d, p, 0.3, labels);
        CU_ASSERT_FATAL(count <= 50);
        rs_clustering *c = NULL;
        rs_cluster_options options = {.clusters = n, .threshold = 0.3};
        CHECK_OK(rs_cluster_fit(&c, "birch", n, d, p, &options, NULL));
        CU_ASSERT(rs_clustering_count(c) == distinct(n, labels));
        CU_ASSERT(same_partition(n, labels, rs_clustering_labels(c)));
        rs_clustering_free(c);
        free(p);
    }
}

static void scikit_learn_agrees(void) {
    size_t n, d;
    double *wanted;
    float *p = points_golden("tests/data/cluster/birch.txt", 2, &n, &d, &wanted);
    uint32_t *labels = calloc(n, sizeof *labels);
    const rs_cluster_options options[] = {{.clusters = 7, .threshold = 0.4}, {.clusters = n, .threshold = 1}};
    for (size_t m = 0; m < 2; m++) {
        rs_clustering *c = NULL;
        CHECK_OK(rs_cluster_fit(&c, "birch", n, d, p, options + m, NULL));
        for (size_t i = 0; i < n; i++) labels[i] = (uint32_t)wanted[m * n + i];
        CU_ASSERT(same_partition(n, labels, rs_clustering_labels(c)));
        points_check(c, p);
        rs_clustering_free(c);
    }
    free(labels);
    free(wanted);
    free(p);
}

/* More distinct points than subclusters are allowed: the threshold grows, trees are built anew, nodes split. */
static void many_points(void) {
    enum { N = 12000, D = 3 };
    for (size_t asked = 0; asked <= 9; asked += 9) {
        float *p = points_blobs(N, D, 9, 0.05, unit_seed());
        uint32_t *truth = calloc(N, sizeof *truth);
        double ambiguity = 1;
        rs_clustering *c = NULL;
        for (size_t i = 0; i < N; i++) truth[i] = (uint32_t)(i % 9);
        CHECK_OK(rs_cluster_fit(&c, "birch", N, D, p, &(rs_cluster_options){.clusters = asked}, NULL));
        CU_ASSERT(rs_clustering_count(c) == 9);
        CHECK_OK(rs_cluster_ambiguity(&ambiguity, N, rs_clustering_labels(c), truth));
        CU_ASSERT_DOUBLE_EQUAL(ambiguity, 0, 0);
        points_check(c, p);
        rs_clustering_free(c);
        free(truth);
        free(p);
    }
}

static void ties_and_scales(void) {
    float *p = points_grid(700, 3, 7, 0.1, unit_seed());
    rs_clustering *c = NULL;
    for (size_t k = 0; k <= 700; k += 100) {
        CHECK_OK(rs_cluster_fit(&c, "birch", 700, 3, p, &(rs_cluster_options){.clusters = k}, NULL));
        points_check(c, p);
        CU_ASSERT(!k || rs_clustering_count(c) == (k < 300 ? k : rs_clustering_count(c)));
        rs_clustering_free(c);
    }
    points_check_threads("birch", 700, 3, p, &(rs_cluster_options){.clusters = 20});
    points_check_scales("birch");
    points_check_allocations("birch", 150, 3, p, &(rs_cluster_options){.max_clusters = 5});
    free(p);
}

/* Past the deadline the tree is that of the first points. */
static void deadline_gives_less(void) {
    float *p = points_blobs(3000, 3, 4, 0.3, 1);
    rs_clustering *c = NULL;
    rs_context ctx = {.seed = 1, .deadline = rs_now()};
    CHECK_OK(rs_cluster_fit(&c, "birch", 3000, 3, p, &(rs_cluster_options){.clusters = 4}, &ctx));
    CU_ASSERT(rs_clustering_count(c) == 4);
    points_check(c, p);
    rs_clustering_free(c);
    volatile sig_atomic_t raised = 1;
    rs_context interrupted = {.seed = 1, .interrupt = &raised};
    c = NULL;
    CHECK_FAILS(rs_cluster_fit(&c, "birch", 3000, 3, p, NULL, &interrupted), RS_EINTERRUPTED, "");
    CU_ASSERT_PTR_NULL(c);
    free(p);
}

static const unit_test tests[] = {
    {"points on a line, thresholds", known_line},
    {"the slow reference agrees", the_reference_agrees},
    {"scikit-learn agrees", scikit_learn_agrees},
    {"more points than subclusters", many_points},
    {"ties, scales, threads, allocations", ties_and_scales},
    {"a deadline gives less", deadline_gives_less},
};
UNIT_MAIN("cluster_birch", tests)
