/* OPTICS and its walk. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/density.h"
#include "cluster/reach.h"
#include "cluster_dbscan_ref.h"
#include "cluster_optics_ref.h"
#include "cluster_points.h"
#include "support/unit.h"

/* The caller frees. */
static rs_step *walk(size_t n, size_t d, const float *p, size_t min_points, bool mutual, double *core) {
    rs_cells *cells = NULL;
    rs_step *steps = calloc(n, sizeof *steps);
    double *rows = calloc(n, sizeof *rows);
    CHECK_OK(rs_cells_new(&cells, n, d, p, NULL));
    CHECK_OK(rs_cells_kth(rows, min_points, cells, n, cells->rows, NULL));
    CHECK_OK(rs_reach_walk(steps, cells, rows, mutual, NULL));
    for (size_t i = 0; i < n; i++) core[cells->index[i]] = rows[i];
    free(rows);
    rs_cells_free(cells);
    return steps;
}

static void walks_agree_with_definitions(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    for (size_t round = 0; round < 24; round++) {
        size_t n = 2 + rs_random_below(&r, 200), d = 1 + rs_random_below(&r, 6);
        size_t min_points = 1 + rs_random_below(&r, 7);
        size_t order[202], from[202];
        double squared[202], core[202], wanted[202];
        if (min_points > n) min_points = n;
        float *p = round % 2 ? points_grid(n, d, 6, 0.1, round) : points_blobs(n, d, 4, 0.1, round);
        if (round % 3 == 2)
            for (size_t i = 0; i < n * d; i++) p[i] *= 1e25f;
        rs_step *steps = walk(n, d, p, min_points, round % 4 < 2, core);
        ref_core(n, d, p, min_points, wanted);
        ref_walk(n, d, p, wanted, round % 4 < 2, order, from, squared);
        for (size_t i = 0; i < n; i++) {
            CU_ASSERT(!(core[i] < wanted[i]) && !(core[i] > wanted[i]));
            CU_ASSERT(!(steps[i].squared < squared[i]) && !(steps[i].squared > squared[i]));
            CU_ASSERT(steps[i].point == order[i] && steps[i].from == from[i]);
        }
        free(steps);
        free(p);
    }
}

/* Two groups on a line, each with the point far out that ends its valley. */
static void known_answer(void) {
    float p[26];
    for (size_t i = 0; i < 12; i++) {
        p[i] = (float)i * 0.1f;
        p[12 + i] = 100 + (float)i * 0.1f;
    }
    p[24] = -70;
    p[25] = 1000;
    rs_clustering *c = NULL;
    CHECK_OK(rs_cluster_fit(&c, "optics", 26, 1, p, NULL, NULL));
    CU_ASSERT_FATAL(rs_clustering_count(c) == 2);
    for (size_t i = 0; i < 12; i++)
        CU_ASSERT(rs_clustering_labels(c)[i] == 0 && rs_clustering_labels(c)[12 + i] == 1);
    CU_ASSERT(rs_clustering_labels(c)[24] == 0 && rs_clustering_labels(c)[25] == 1);
    CU_ASSERT(rs_density_noise(c) == 0);
    points_check(c, p);
    rs_clustering_free(c);
    CHECK_OK(rs_cluster_fit(&c, "optics", 26, 1, p, &(rs_cluster_options){.max_clusters = 1}, NULL));
    CU_ASSERT(rs_clustering_count(c) == 1);
    rs_clustering_free(c);
}

/* Columns: labels (-1: noise), order, from (in the order of points, -1: none), reachability, core distance. */
static void agrees_with_scikit_learn(void) {
    const char *const names[] = {"tests/data/cluster/optics_blobs.txt", "tests/data/cluster/optics_equal.txt"};
    for (size_t f = 0; f < 2; f++) {
        size_t n, d, noise = 0;
        double *golden, core[1000];
        float *p = points_golden(names[f], 5, &n, &d, &golden);
        rs_clustering *c = NULL;
        CU_ASSERT_FATAL(n <= 1000);
        rs_step *steps = walk(n, d, p, 5, false, core);
        for (size_t i = 0; i < n; i++) {
            double reach = golden[3 * n + steps[i].point];
            /* scikit-learn rounds |x|^2 - 2 x.y + |y|^2 */
            CU_ASSERT_DOUBLE_EQUAL(sqrt(core[i]), golden[4 * n + i], 1e-6);
            if (i) CU_ASSERT_DOUBLE_EQUAL(sqrt(steps[i].squared), reach, 1e-6);
            if (f) continue; /* the order of equal points is their rounding */
            CU_ASSERT(steps[i].point == (uint32_t)golden[n + i]);
            CU_ASSERT(!i || steps[i].from == (uint32_t)golden[2 * n + steps[i].point]);
        }
        free(steps);
        CHECK_OK(rs_cluster_fit(&c, "optics", n, d, p, NULL, NULL));
        const uint32_t *labels = rs_clustering_labels(c);
        for (size_t i = 0; i < n; i++) {
            noise += golden[i] < 0;
            for (size_t j = 0; j < i && golden[i] >= 0; j++)
                if (golden[j] >= 0)
                    CU_ASSERT((labels[i] == labels[j]) == !(golden[i] < golden[j] || golden[i] > golden[j]));
        }
        CU_ASSERT(rs_density_noise(c) == noise);
        points_check(c, p);
        rs_clustering_free(c);
        free(golden);
        free(p);
    }
}

static void invariants(void) {
    rs_random r = rs_random_new(unit_seed(), 2);
    size_t several = 0;
    for (size_t round = 0; round < 30; round++) {
        size_t n = 2 + rs_random_below(&r, 300), d = 1 + rs_random_below(&r, 4);
        float *p = round % 2 ? points_grid(n, d, 5, 0.1, round) : points_blobs(n, d, 5, 0.05, round);
        rs_clustering *c = NULL;
        CHECK_OK(rs_cluster_fit(&c, "optics", n, d, p, &(rs_cluster_options){.min_points = 1 + round % 6}, NULL));
        CU_ASSERT(rs_clustering_count(c) <= 64);
        several += rs_clustering_count(c) > 1;
        points_check(c, p);
        rs_clustering_free(c);
        free(p);
    }
    CU_ASSERT(several > 5);
}

static void common(void) {
    float *p = points_blobs(700, 6, 7, 0.2, unit_seed());
    points_check_threads("optics", 700, 6, p, NULL);
    points_check_allocations("optics", 100, 6, p, NULL);
    points_check_scales("optics");
    points_check_stops("optics", 700, 6, p);
    free(p);
}

static const unit_test tests[] = {
    {"walks are those of the definitions", walks_agree_with_definitions},
    {"a known answer", known_answer},
    {"the clusters are scikit-learn's", agrees_with_scikit_learn},
    {"invariants on random points", invariants},
    {"threads, allocations, scales, interrupts, deadlines", common},
};
UNIT_MAIN("cluster_optics", tests)
