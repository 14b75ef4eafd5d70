/* Mini-batch k-means: blobs, inertia beside that of k-means, edges. */
#include <math.h>
#include <stdlib.h>

#include "cluster/centroids.h"
#include "cluster_check.h"
#include "cluster_ref.h"
#include "support/unit.h"

static void blobs_are_recovered(void) {
    enum { N = 6000 };
    static uint32_t truth[N];
    for (size_t blobs = 1; blobs <= 9; blobs += 4) {
        float *p = cluster_blobs(N, 5, blobs, 0.01, unit_seed() + blobs);
        rs_clustering *c = NULL;
        double same = 0;
        for (size_t i = 0; i < N; i++) truth[i] = (uint32_t)(i % blobs);
        for (size_t asked = blobs == 1 ? 1 : 0; asked <= blobs; asked += blobs) {
            CHECK_OK(rs_cluster_fit(&c, "minibatch", N, 5, p, &(rs_cluster_options){.clusters = asked}, NULL));
            CHECK_OK(rs_cluster_rand(&same, N, rs_clustering_labels(c), truth));
            CU_ASSERT_DOUBLE_EQUAL(same, 1, 0);
            cluster_check(c, p);
            rs_clustering_free(c);
        }
        free(p);
    }
}

/* Where no parting is natural the inertia is still near that of k-means. */
static void inertia_is_near(void) {
    float *p = cluster_blobs(5000, 3, 1, 1, unit_seed());
    rs_clustering *mini = NULL, *full = NULL;
    CHECK_OK(rs_cluster_fit(&mini, "minibatch", 5000, 3, p, &(rs_cluster_options){.clusters = 12}, NULL));
    CHECK_OK(rs_cluster_fit(&full, "kmeans", 5000, 3, p, &(rs_cluster_options){.clusters = 12}, NULL));
    CU_ASSERT(rs_centroids_inertia(mini) < 1.1 * rs_centroids_inertia(full));
    cluster_check_threads("minibatch", 5000, 3, p, &(rs_cluster_options){.clusters = 12});
    rs_clustering_free(mini);
    rs_clustering_free(full);
    free(p);
}

/* Batches of all points are Lloyd's iterations with a memory: on few points they find the best parting. */
static void few_points(void) {
    const float p[] = {0, 1, 2, 10, 11, 12, 50};
    rs_clustering *c = NULL;
    CHECK_OK(rs_cluster_fit(&c, "minibatch", 7, 1, p, &(rs_cluster_options){.clusters = 3}, NULL));
    CU_ASSERT_DOUBLE_EQUAL(rs_centroids_inertia(c), ref_optimum(7, 1, p, 3), 0.5);
    cluster_check(c, p);
    rs_clustering_free(c);
    const float equal[] = {4, 4, 4, 4, 4, 4, 9};
    CHECK_OK(rs_cluster_fit(&c, "minibatch", 7, 1, equal, &(rs_cluster_options){.clusters = 7}, NULL));
    CU_ASSERT(rs_clustering_count(c) == 2);
    rs_clustering_free(c);
    CHECK_OK(rs_cluster_fit(&c, "minibatch", 7, 1, p, NULL, &(rs_context){.deadline = rs_now()}));
    cluster_check(c, p);
    rs_clustering_free(c);
    volatile sig_atomic_t raised = 1;
    CHECK_FAILS(rs_cluster_fit(&c, "minibatch", 7, 1, p, NULL, &(rs_context){.interrupt = &raised}), RS_EINTERRUPTED,
                "");
}

static rs_status sweep(void *user) {
    rs_clustering *c = NULL;
    rs_status status =
        rs_cluster_fit(&c, "minibatch", 40, 2, user, &(rs_cluster_options){.clusters = 3, .restarts = 2}, NULL);
    if (status == RS_OK) rs_clustering_free(c);
    return status;
}

static void out_of_memory(void) {
    float *p = cluster_blobs(40, 2, 3, 0.05, 1);
    unit_allocation_sweep(sweep, p, 3000);
    free(p);
}

static const unit_test tests[] = {
    {"well separated blobs are recovered", blobs_are_recovered},
    {"the inertia is near that of k-means", inertia_is_near},
    {"few points, equal points, no time", few_points},
    {"every allocation fails once", out_of_memory},
};
UNIT_MAIN("cluster_minibatch", tests)
