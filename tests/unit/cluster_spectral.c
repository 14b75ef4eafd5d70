/* The method spectral, its graph and its eigenvectors. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/graph.h"
#include "cluster_points.h"
#include "cluster_spectral_ref.h"
#include "core/random.h"
#include "support/unit.h"

static bool same_partition(size_t n, const uint32_t *a, const uint32_t *b) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if ((a[i] == a[j]) != (b[i] == b[j])) return false;
    return true;
}

static double weight(const rs_graph *g, size_t i, size_t j) {
    for (size_t e = g->first[i]; e < g->first[i + 1]; e++)
        if (g->columns[e] == j) return g->weights[e];
    return 0;
}

/* 0 1 | 100 101 with one neighbour: two parts and an edge between 1 and 100. */
static void known_graph(void) {
    const float p[] = {0, 1, 100, 101};
    const double wanted[4][4] = {{0, 1}, {1, 0, 0.5 / 9802}, {0, 0.5 / 9802, 0, 1}, {0, 0, 1, 0}};
    rs_graph g;
    CHECK_OK(rs_graph_new(&g, 1, 4, 1, p, NULL));
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++) CU_ASSERT_DOUBLE_EQUAL(weight(&g, i, j), wanted[i][j], 1e-12);
    rs_graph_free(&g);
}

/* Graph and eigenvalues by the references; the vectors are orthonormal and eigenvectors. */
static void the_references_agree(void) {
    enum { N = 90, K = 7 };
    uint64_t seed = unit_seed() * 100;
    static double w[N * N], all[N], values[K], vectors[N * K];
    for (size_t round = 0; round < 10; round++) {
        size_t d = 1 + round % 4, k = 3 + round % 5, joined = 0;
        float *p =
            round % 3 == 2 ? points_blobs(N, d, 10, 0.001, seed + round) : points_blobs(N, d, 3, 0.5, seed + round);
        rs_graph g;
        CHECK_OK(rs_graph_new(&g, k, N, d, p, NULL));
        ref_neighbour_graph(N, d, p, k, w);
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < N; j++) {
                double ours = weight(&g, i, j);
                CU_ASSERT(!(ours < weight(&g, j, i)) && !(ours > weight(&g, j, i)));
                if (w[i * N + j] > 0) CU_ASSERT_DOUBLE_EQUAL(ours, w[i * N + j], 0);
                joined += w[i * N + j] <= 0 && ours > 0;
                w[i * N + j] = ours;
            }
        CU_ASSERT(round % 3 != 2 || joined >= 2 * 9); /* as many edges as join ten parts */
        double degrees[N] = {0};
        for (size_t i = 0; i < N * N; i++) degrees[i / N] += w[i];
        for (size_t i = 0; i < N * N; i++) w[i] /= sqrt(degrees[i / N] * degrees[i % N]);
        CHECK_OK(rs_graph_spectrum(values, vectors, K, &g, NULL));
        for (size_t a = 0; a < K; a++) {
            for (size_t b = 0; b <= a; b++) {
                double dot = 0;
                for (size_t i = 0; i < N; i++) dot += vectors[i * K + a] * vectors[i * K + b];
                CU_ASSERT_DOUBLE_EQUAL(dot, a == b, 1e-10);
            }
            double residual = 0;
            for (size_t i = 0; i < N; i++) {
                double sum = -values[a] * vectors[i * K + a];
                for (size_t j = 0; j < N; j++) sum += w[i * N + j] * vectors[j * K + a];
                residual += sum * sum;
            }
            CU_ASSERT(sqrt(residual) < 2e-5);
        }
        ref_eigenvalues(N, w, all);
        for (size_t a = 0; a < K; a++) CU_ASSERT_DOUBLE_EQUAL(values[a], all[a], 1e-6);
        CU_ASSERT_DOUBLE_EQUAL(values[0], 1, 1e-9); /* the joined graph hangs together */
        rs_graph_free(&g);
        free(p);
    }
}

static void scikit_learn_agrees(void) {
    size_t n, d;
    double *wanted;
    float *p = points_golden("tests/data/cluster/spectral.txt", 1, &n, &d, &wanted);
    uint32_t *labels = calloc(n, sizeof *labels);
    rs_clustering *c = NULL;
    for (size_t i = 0; i < n; i++) labels[i] = (uint32_t)wanted[i];
    CHECK_OK(rs_cluster_fit(&c, "spectral", n, d, p, &(rs_cluster_options){.clusters = 4}, NULL));
    CU_ASSERT(same_partition(n, labels, rs_clustering_labels(c)));
    points_check(c, p);
    rs_clustering_free(c);
    free(labels);
    free(wanted);
    free(p);
}

static void blobs_are_found(void) {
    for (size_t asked = 0; asked <= 7; asked += 7) {
        float *p = points_blobs(1400, 4, 7, 0.02, unit_seed());
        uint32_t truth[1400];
        double ambiguity = 1;
        rs_clustering *c = NULL;
        for (size_t i = 0; i < 1400; i++) truth[i] = (uint32_t)(i % 7);
        CHECK_OK(rs_cluster_fit(&c, "spectral", 1400, 4, p,
                                &(rs_cluster_options){.clusters = asked, .max_clusters = 20}, NULL));
        CU_ASSERT(rs_clustering_count(c) == 7);
        CHECK_OK(rs_cluster_ambiguity(&ambiguity, 1400, rs_clustering_labels(c), truth));
        CU_ASSERT_DOUBLE_EQUAL(ambiguity, 0, 0);
        points_check(c, p);
        rs_clustering_free(c);
        free(p);
    }
}

/* More distinct points than the graph may have: a sample stands for them. */
static void many_points(void) {
    enum { N = 20400 };
    float *p = points_blobs(N, 2, 3, 0.05, unit_seed());
    rs_clustering *c = NULL;
    CHECK_OK(rs_cluster_fit(&c, "spectral", N, 2, p, &(rs_cluster_options){.clusters = 3, .neighbours = 5}, NULL));
    rs_clustering *none = NULL;
    CHECK_FAILS(rs_cluster_fit(&none, "spectral", N, 2, p, &(rs_cluster_options){.neighbours = 501}, NULL), RS_EUSAGE,
                "501 neighbours of 20000 distinct points are too many: at most 500");
    CU_ASSERT(rs_clustering_count(c) == 3);
    for (size_t i = 3; i < N; i++) CU_ASSERT(rs_clustering_labels(c)[i] == rs_clustering_labels(c)[i % 3]);
    rs_clustering_free(c);
    free(p);
}

static void ties_and_scales(void) {
    float *p = points_grid(500, 3, 6, 0.1, unit_seed());
    rs_clustering *c = NULL;
    for (size_t k = 0; k <= 500; k += 100) {
        CHECK_OK(rs_cluster_fit(&c, "spectral", 500, 3, p,
                                &(rs_cluster_options){.clusters = k, .neighbours = k ? k : 3}, NULL));
        points_check(c, p);
        rs_clustering_free(c);
    }
    points_check_threads("spectral", 500, 3, p, &(rs_cluster_options){.clusters = 20});
    points_check_scales("spectral");
    points_check_allocations("spectral", 60, 3, p, &(rs_cluster_options){.max_clusters = 5});
    free(p);
    p = points_blobs(900, 5, 12, 0.4, unit_seed());
    points_check_threads("spectral", 900, 5, p, &(rs_cluster_options){.max_clusters = 20});
    free(p);
}

static void deadline_gives_less(void) {
    float *p = points_blobs(600, 3, 4, 0.3, 1);
    rs_clustering *c = NULL;
    rs_context ctx = {.seed = 1, .deadline = rs_now()};
    CHECK_OK(rs_cluster_fit(&c, "spectral", 600, 3, p, &(rs_cluster_options){.clusters = 4}, &ctx));
    CU_ASSERT(rs_clustering_count(c) == 4);
    points_check(c, p);
    rs_clustering_free(c);
    volatile sig_atomic_t raised = 1;
    rs_context interrupted = {.seed = 1, .interrupt = &raised};
    c = NULL;
    CHECK_FAILS(rs_cluster_fit(&c, "spectral", 600, 3, p, NULL, &interrupted), RS_EINTERRUPTED, "");
    CU_ASSERT_PTR_NULL(c);
    free(p);
}

static const unit_test tests[] = {
    {"a graph of four points", known_graph},
    {"the slow references agree", the_references_agree},
    {"scikit-learn agrees", scikit_learn_agrees},
    {"blobs are found, their number too", blobs_are_found},
    {"more points than the graph may have", many_points},
    {"ties, scales, threads, allocations", ties_and_scales},
    {"a deadline gives less", deadline_gives_less},
};
UNIT_MAIN("cluster_spectral", tests)
