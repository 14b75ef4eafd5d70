/* HDBSCAN*. */
#include <stdlib.h>
#include <string.h>

#include "cluster/density.h"
#include "cluster/nearest.h"
#include "cluster_dbscan_ref.h"
#include "cluster_hdbscan_ref.h"
#include "cluster_points.h"
#include "core/random.h"
#include "support/unit.h"

/* Two dense groups near one another, a wide one, and a point far out. A radius for the wide one joins the dense two. */
static void known_answer(void) {
    float p[33];
    for (size_t i = 0; i < 10; i++) {
        p[i] = (float)i * 0.01f;
        p[10 + i] = 1 + (float)i * 0.01f;
        p[20 + i] = 50 + (float)i * 2;
    }
    p[30] = p[31] = 1.095f;
    p[32] = -300;
    rs_clustering *c = NULL;
    char *text = NULL;
    CHECK_OK(rs_cluster_fit(&c, "hdbscan", 33, 1, p, NULL, NULL));
    CU_ASSERT_FATAL(rs_clustering_count(c) == 3);
    for (size_t i = 0; i < 30; i++) CU_ASSERT(rs_clustering_labels(c)[i] == i / 10);
    CU_ASSERT(rs_clustering_labels(c)[30] == 1);
    CU_ASSERT(rs_clustering_labels(c)[32] == 0);
    CU_ASSERT(rs_density_noise(c) == 1);
    CHECK_OK(rs_clustering_describe(&text, c, 2));
    CU_ASSERT_STRING_EQUAL(text, "dense around (59), 10 points, 0 of them noise");
    free(text);
    points_check(c, p);
    rs_clustering_free(c);
    CHECK_OK(rs_cluster_fit(&c, "hdbscan", 10, 1, p, NULL, NULL)); /* the root does not end */
    CU_ASSERT(rs_clustering_count(c) == 1);
    rs_clustering_free(c);
}

/* The definitions, then noise and equal points to the nearest point in a cluster. */
static void agrees_with_definitions(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    size_t several = 0, noisy = 0, compared = 0;
    for (size_t round = 0; round < 80; round++) {
        size_t n = 2 + rs_random_below(&r, 50), d = 1 + rs_random_below(&r, 3);
        size_t min_points = 1 + rs_random_below(&r, 5), noise = 0;
        uint32_t raw[64], wanted[64];
        double margin;
        if (min_points > n) min_points = n;
        float *p = round % 2 ? points_grid(n, d, 7, 0.25, round) : points_blobs(n, d, 3, 0.1, round);
        rs_clustering *c = NULL;
        ref_hdbscan(n, d, p, min_points, raw, &margin);
        for (size_t i = 0; i < n; i++) {
            double least = -1;
            wanted[i] = 0;
            noise += raw[i] == RS_NOISE;
            for (size_t j = 0; j < n; j++) {
                double distance = rs_squared_distance(d, p + i * d, p + j * d);
                if (raw[j] == RS_NOISE || (least >= 0 && distance >= least)) continue;
                least = distance;
                wanted[i] = raw[j];
            }
        }
        CHECK_OK(rs_cluster_fit(&c, "hdbscan", n, d, p, &(rs_cluster_options){.min_points = min_points}, NULL));
        points_check(c, p);
        if (margin > 1e-9) { /* sums of stabilities are rounded */
            CU_ASSERT(ref_same_partition(n, rs_clustering_labels(c), wanted));
            CU_ASSERT(rs_density_noise(c) == noise);
            compared++;
            several += rs_clustering_count(c) > 1;
            noisy += noise > 0 && noise < n;
        }
        rs_clustering_free(c);
        free(p);
    }
    CU_ASSERT(several > 20 && noisy > 20 && compared > 50);
}

static void blobs_are_recovered(void) {
    for (size_t blobs = 2; blobs <= 20; blobs += 6) {
        float *p = points_blobs(2000, 8, blobs, 0.03, unit_seed() + blobs);
        rs_clustering *c = NULL;
        uint32_t truth[2000];
        double ambiguity = 1;
        for (size_t i = 0; i < 2000; i++) truth[i] = (uint32_t)(i % blobs);
        CHECK_OK(rs_cluster_fit(&c, "hdbscan", 2000, 8, p, &(rs_cluster_options){.min_points = 20}, NULL));
        CU_ASSERT(rs_clustering_count(c) == blobs);
        CHECK_OK(rs_cluster_ambiguity(&ambiguity, 2000, rs_clustering_labels(c), truth));
        CU_ASSERT_DOUBLE_EQUAL(ambiguity, 0, 0);
        rs_clustering_free(c);
        free(p);
    }
}

static void common(void) {
    float *p = points_blobs(700, 6, 7, 0.2, unit_seed());
    points_check_threads("hdbscan", 700, 6, p, NULL);
    points_check_allocations("hdbscan", 100, 6, p, NULL);
    points_check_scales("hdbscan");
    points_check_stops("hdbscan", 700, 6, p);
    free(p);
}

static const unit_test tests[] = {
    {"a known answer", known_answer},
    {"the clusters are those of the definitions", agrees_with_definitions},
    {"blobs are recovered", blobs_are_recovered},
    {"threads, allocations, scales, interrupts, deadlines", common},
};
UNIT_MAIN("cluster_hdbscan", tests)
