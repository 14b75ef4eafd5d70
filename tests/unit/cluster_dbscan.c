/* DBSCAN, and the search for neighbours below it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/density.h"
#include "cluster/nearest.h"
#include "cluster/neighbours.h"
#include "cluster_dbscan_ref.h"
#include "cluster_points.h"
#include "support/unit.h"

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

typedef struct census {
    const rs_cells *cells;
    const double *limits;
    size_t *counts;
} census;

static void count(void *user, const rs_sight *s) {
    const census *c = user;
    double limit = c->limits[s->query];
    float sure = s->v ? rs_sight_sure(s, limit) : 0, maybe = s->v ? rs_sight_maybe(s, limit) : 0;
    for (size_t j = 0; j < s->size; j++) c->counts[s->query] += rs_sight_within(c->cells, s, j, limit, sure, maybe);
}

/* Far from the origin single precision cannot tell the distances apart; on a grid there are many exact ties. */
static void searches_are_exact(void) {
    enum { M = 70 };
    rs_random r = rs_random_new(unit_seed(), 0);
    for (size_t round = 0; round < 30; round++) {
        size_t n = 1 + rs_random_below(&r, 400), d = 1 + rs_random_below(&r, 12), k = 1 + rs_random_below(&r, n);
        size_t counts[M] = {0};
        float *p = round % 2 ? points_grid(n + M, d, 3, 0.1, round) : points_blobs(n + M, d, 4, 0.05, round);
        if (round % 3 == 2)
            for (size_t i = 0; i < (n + M) * d; i++) p[i] += 1000;
        rs_context ctx = {.threads = 1 + round % 3};
        rs_cells *cells = NULL;
        double kth[M], limits[M], before[M], *all = calloc(n, sizeof *all);
        uint32_t nearest[M];
        CHECK_OK(rs_cells_new(&cells, n, d, p, &ctx));
        CHECK_OK(rs_cells_kth(kth, k, cells, M, p + n * d, &ctx));
        CHECK_OK(rs_cells_nearest(nearest, cells, M, p + n * d, &ctx));
        for (size_t i = 0; i < M; i++) limits[i] = before[i] = i % 3 ? kth[i] : nextafter(kth[i], 0);
        CHECK_OK(rs_cells_search(cells, M, p + n * d, limits,
                                 &(rs_visitor){count, NULL, &(census){cells, before, counts}, round % 4 < 2, false},
                                 &ctx));
        for (size_t i = 0; i < M; i++) {
            size_t near = 0, first = n;
            for (size_t j = 0; j < n; j++) {
                all[j] = rs_squared_distance(d, p + (n + i) * d, p + j * d);
                CU_ASSERT_DOUBLE_EQUAL(all[j], ref_distance2(d, p + (n + i) * d, p + j * d), 1e-12 * (1 + all[j]));
                near += all[j] <= before[i];
                if (first == n || all[j] < all[first]) first = j;
            }
            CU_ASSERT(counts[i] == near);
            CU_ASSERT(nearest[i] == first);
            qsort(all, n, sizeof *all, by_value);
            CU_ASSERT(!(kth[i] < all[k - 1]) && !(kth[i] > all[k - 1]));
        }
        rs_cells_free(cells);
        free(all);
        free(p);
    }
}

static void cells_hold_every_point_once(void) {
    float *p = points_blobs(1000, 3, 5, 0.1, 1);
    rs_cells *cells = NULL;
    bool seen[1000] = {false};
    CHECK_OK(rs_cells_new(&cells, 1000, 3, p, NULL));
    CU_ASSERT(cells->count == 16);
    for (size_t i = 0; i < 1000; i++) {
        CU_ASSERT_FATAL(cells->index[i] < 1000 && !seen[cells->index[i]]);
        seen[cells->index[i]] = true;
        CU_ASSERT(!memcmp(cells->rows + 3 * i, p + 3 * cells->index[i], 3 * sizeof *p));
        double r = cells->radii[i / RS_CELL];
        CU_ASSERT(rs_squared_distance(3, cells->rows + 3 * i, cells->centres + i / RS_CELL * 3) <= r * r);
    }
    rs_cells_free(cells);
    free(p);
}

static void selection_orders(void) {
    rs_random r = rs_random_new(unit_seed(), 4);
    for (size_t round = 0; round < 200; round++) {
        rs_keyed a[50], b[50];
        size_t n = 1 + rs_random_below(&r, 50), k = rs_random_below(&r, n);
        for (size_t i = 0; i < n; i++) a[i] = b[i] = (rs_keyed){(double)rs_random_below(&r, 9), (uint32_t)i};
        rs_select(a, n, k);
        qsort(b, n, sizeof *b, rs_keyed_order);
        CU_ASSERT(a[k].index == b[k].index);
        for (size_t i = 0; i < n; i++) CU_ASSERT(i == k || rs_keyed_order(a + i, a + k) == (i < k ? -1 : 1));
    }
}

/* Two runs of points 1 apart, a bridge that is no core point, and one far away:
 * 0 1 2 . 4.5 . 7 8 9 ... 50 with eps 2.5 and 4 points in it. */
static void known_answer(void) {
    const float p[] = {0, 1, 2, 4.4f, 7, 8, 9, 50, 0.5f, 8.5f};
    const uint32_t wanted[] = {0, 0, 0, 0, 1, 1, 1, 1, 0, 1};
    rs_clustering *c = NULL;
    char *text = NULL;
    CHECK_OK(rs_cluster_fit(&c, "dbscan", 10, 1, p, &(rs_cluster_options){.eps = 2.5, .min_points = 4}, NULL));
    CU_ASSERT_FATAL(rs_clustering_count(c) == 2);
    CU_ASSERT(!memcmp(rs_clustering_labels(c), wanted, sizeof wanted));
    CU_ASSERT(rs_density_noise(c) == 2);
    CHECK_OK(rs_clustering_describe(&text, c, 1));
    CU_ASSERT_STRING_EQUAL(text, "dense around (16.5), 5 points, 1 of them noise");
    free(text);
    points_check(c, p);
    rs_clustering_free(c);
    CHECK_OK(rs_cluster_fit(&c, "dbscan", 10, 1, p, &(rs_cluster_options){.eps = 2.5, .max_clusters = 1}, NULL));
    CU_ASSERT(rs_clustering_count(c) == 1);
    rs_clustering_free(c);
    CHECK_OK(rs_cluster_fit(&c, "dbscan", 10, 1, p, &(rs_cluster_options){.eps = 0.1}, NULL)); /* no core point */
    CU_ASSERT(rs_clustering_count(c) == 1);
    CU_ASSERT(rs_density_noise(c) == 10);
    points_check(c, p);
    rs_clustering_free(c);
    c = NULL;
    CHECK_FAILS(rs_cluster_fit(&c, "dbscan", 10, 1, p, &(rs_cluster_options){.eps = -1}, NULL), RS_EUSAGE, "eps is -1");
    CHECK_FAILS(rs_cluster_fit(&c, "dbscan", 10, 1, p, &(rs_cluster_options){.eps = NAN}, NULL), RS_EUSAGE, "eps is");
    CU_ASSERT_PTR_NULL(c);
}

static void agrees_with_definitions(void) {
    rs_random r = rs_random_new(unit_seed(), 2);
    size_t several = 0;
    for (size_t round = 0; round < 60; round++) {
        size_t n = 2 + rs_random_below(&r, 250), d = 1 + rs_random_below(&r, 5);
        size_t min_points = 1 + rs_random_below(&r, 8);
        if (min_points > n) min_points = n;
        double eps = round % 2 ? 0.1 * (double)(1 + rs_random_below(&r, 3)) + 1e-6 : 0.02 + 0.4 * rs_random_unit(&r);
        float *p = round % 2 ? points_grid(n, d, 6, 0.1, round) : points_blobs(n, d, 5, 0.15, round);
        uint32_t *wanted = calloc(n, sizeof *wanted);
        rs_clustering *c = NULL;
        rs_cluster_options o = {.eps = eps, .min_points = min_points, .max_clusters = n};
        size_t cores = ref_dbscan(n, d, p, eps, min_points, wanted);
        CHECK_OK(rs_cluster_fit(&c, "dbscan", n, d, p, &o, NULL));
        CU_ASSERT(ref_same_partition(n, rs_clustering_labels(c), wanted));
        CU_ASSERT(rs_density_noise(c) == n - cores);
        several += rs_clustering_count(c) > 1;
        points_check(c, p);
        rs_clustering_free(c);
        free(wanted);
        free(p);
    }
    CU_ASSERT(several > 15); /* the data did make clusters */
}

static void blobs_are_recovered(void) {
    for (size_t blobs = 2; blobs <= 20; blobs += 6) {
        float *p = points_blobs(2000, 8, blobs, 0.05, unit_seed() + blobs);
        rs_clustering *c = NULL;
        uint32_t truth[2000];
        double ambiguity = 1;
        for (size_t i = 0; i < 2000; i++) truth[i] = (uint32_t)(i % blobs);
        CHECK_OK(rs_cluster_fit(&c, "dbscan", 2000, 8, p, NULL, NULL));
        CU_ASSERT(rs_clustering_count(c) == blobs);
        CHECK_OK(rs_cluster_ambiguity(&ambiguity, 2000, rs_clustering_labels(c), truth));
        CU_ASSERT_DOUBLE_EQUAL(ambiguity, 0, 0);
        rs_clustering_free(c);
        free(p);
    }
}

/* Columns: scikit-learn's labels, -1 for noise; whether a core point. */
static void agrees_with_scikit_learn(void) {
    size_t n, d, cores = 0;
    double *golden;
    float *p = points_golden("tests/data/cluster/dbscan.txt", 2, &n, &d, &golden);
    rs_clustering *c = NULL;
    CHECK_OK(rs_cluster_fit(&c, "dbscan", n, d, p, &(rs_cluster_options){.eps = 0.5, .min_points = 5}, NULL));
    const uint32_t *labels = rs_clustering_labels(c);
    for (size_t i = 0; i < n; i++) {
        cores += golden[n + i] > 0;
        for (size_t j = 0; j < i; j++)
            if (golden[n + i] > 0 && golden[n + j] > 0)
                CU_ASSERT((labels[i] == labels[j]) == !(golden[i] < golden[j] || golden[i] > golden[j]));
    }
    CU_ASSERT(rs_density_noise(c) == n - cores);
    rs_clustering_free(c);
    free(golden);
    free(p);
}

static void common(void) {
    float *p = points_blobs(700, 6, 7, 0.2, unit_seed());
    points_check_threads("dbscan", 700, 6, p, NULL);
    points_check_threads("dbscan", 700, 6, p, &(rs_cluster_options){.eps = 0.3});
    points_check_allocations("dbscan", 100, 6, p, NULL);
    points_check_scales("dbscan");
    points_check_stops("dbscan", 700, 6, p);
    free(p);
}

static const unit_test tests[] = {
    {"searches are exact", searches_are_exact},
    {"cells hold every point once", cells_hold_every_point_once},
    {"selection orders", selection_orders},
    {"a known answer", known_answer},
    {"the clusters are those of the definitions", agrees_with_definitions},
    {"blobs are recovered", blobs_are_recovered},
    {"the clusters are scikit-learn's", agrees_with_scikit_learn},
    {"threads, allocations, scales, interrupts, deadlines", common},
};
UNIT_MAIN("cluster_dbscan", tests)
