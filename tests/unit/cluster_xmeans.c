/* X-means: its criterion by its definition, blobs counted, no split of one blob. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/centroids.h"
#include "cluster/split.h"
#include "cluster_check.h"
#include "cluster_split_ref.h"
#include "core/random.h"
#include "support/unit.h"

/* Means and inertia of two halves in any parting. */
static void score_by_definition(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    for (size_t round = 0; round < 40; round++) {
        size_t n = 5 + rs_random_below(&r, 40), d = 1 + rs_random_below(&r, 4);
        float points[45 * 4], means[3 * 4];
        uint32_t sides[45], one[45] = {0};
        rs_split s = {.n = n, .d = d, .points = points, .children = means};
        for (size_t i = 0; i < n; i++) {
            sides[i] = i < 2 ? (uint32_t)i : (uint32_t)rs_random_below(&r, 2);
            s.sizes[sides[i]]++;
            for (size_t x = 0; x < d; x++)
                points[i * d + x] = (float)(rs_random_normal(&r) + (double)(sides[i] * (round % 4)));
        }
        for (size_t j = 0; j < 3; j++)
            for (size_t x = 0; x < d; x++) {
                double sum = 0, size = 0, square = 0;
                for (size_t i = 0; i < n; i++)
                    if (j == 2 || sides[i] == j) sum += (double)points[i * d + x], size++;
                means[j * d + x] = (float)(sum / size);
                for (size_t i = 0; i < n; i++)
                    if (j == 2 || sides[i] == j) square += pow((double)points[i * d + x] - (double)means[j * d + x], 2);
                *(j == 2 ? &s.parent : &s.parted) += square;
            }
        double wanted = ref_bic(n, d, points, 2, means, sides) - ref_bic(n, d, points, 1, means + 2 * d, one);
        CU_ASSERT_DOUBLE_EQUAL(rs_xmeans_score(&s), wanted, 1e-7 * (1 + fabs(wanted)));
    }
    CU_ASSERT(rs_xmeans_score(&(rs_split){.n = 2, .d = 1, .sizes = {1, 1}, .parent = 1}) < 0);
}

static void blobs_are_counted(void) {
    for (size_t blobs = 1; blobs <= 13; blobs += 4) {
        float *p = cluster_blobs(900, 4, blobs, 0.02, unit_seed() + blobs);
        rs_clustering *c = NULL;
        CHECK_OK(rs_cluster_fit(&c, "xmeans", 900, 4, p, NULL, NULL));
        CU_ASSERT(rs_clustering_count(c) == blobs);
        cluster_check(c, p);
        rs_clustering_free(c);
        CHECK_OK(rs_cluster_fit(&c, "xmeans", 900, 4, p, &(rs_cluster_options){.clusters = 7}, NULL));
        CU_ASSERT(rs_clustering_count(c) == 7);
        rs_clustering_free(c);
        CHECK_OK(rs_cluster_fit(&c, "xmeans", 900, 4, p, &(rs_cluster_options){.max_clusters = 3}, NULL));
        CU_ASSERT(rs_clustering_count(c) == (blobs < 3 ? blobs : 3));
        rs_clustering_free(c);
        free(p);
    }
}

static void edges(void) {
    float p[40] = {0};
    rs_clustering *c = NULL;
    CHECK_OK(rs_cluster_fit(&c, "xmeans", 20, 2, p, NULL, NULL)); /* equal points */
    CU_ASSERT(rs_clustering_count(c) == 1);
    rs_clustering_free(c);
    for (size_t i = 0; i < 40; i++) p[i] = (float)(i / 2 % 3) * 1e30f; /* 3 distinct points */
    CHECK_OK(rs_cluster_fit(&c, "xmeans", 20, 2, p, &(rs_cluster_options){.clusters = 9}, NULL));
    CU_ASSERT(rs_clustering_count(c) == 3);
    cluster_check(c, p);
    rs_clustering_free(c);
    CHECK_OK(rs_cluster_fit(&c, "xmeans", 1, 2, p, NULL, NULL));
    CU_ASSERT(rs_clustering_count(c) == 1);
    rs_clustering_free(c);
    volatile sig_atomic_t raised = 1;
    CHECK_FAILS(rs_cluster_fit(&c, "xmeans", 20, 2, p, NULL, &(rs_context){.interrupt = &raised}), RS_EINTERRUPTED, "");
    CHECK_OK(rs_cluster_fit(&c, "xmeans", 20, 2, p, NULL, &(rs_context){.deadline = rs_now()}));
    cluster_check(c, p);
    rs_clustering_free(c);
}

static void threads_change_nothing(void) {
    float *p = cluster_blobs(2000, 5, 6, 0.3, unit_seed());
    cluster_check_threads("xmeans", 2000, 5, p, NULL);
    free(p);
}

static rs_status sweep(void *user) {
    rs_clustering *c = NULL;
    rs_status status = rs_cluster_fit(&c, "xmeans", 40, 2, user, &(rs_cluster_options){.iterations = 3}, NULL);
    if (status == RS_OK) rs_clustering_free(c);
    return status;
}

static void out_of_memory(void) {
    float *p = cluster_blobs(40, 2, 3, 0.05, 1);
    unit_allocation_sweep(sweep, p, 3000);
    free(p);
}

static const unit_test tests[] = {
    {"the criterion by its definition", score_by_definition},
    {"blobs are counted", blobs_are_counted},
    {"equal points, few points, no time", edges},
    {"threads change nothing", threads_change_nothing},
    {"every allocation fails once", out_of_memory},
};
UNIT_MAIN("cluster_xmeans", tests)
