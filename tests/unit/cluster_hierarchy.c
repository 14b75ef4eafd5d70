/* The methods ward and average, and dendrograms. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/hierarchy.h"
#include "cluster_hierarchy_ref.h"
#include "cluster_points.h"
#include "core/random.h"
#include "support/unit.h"

static const char *const methods[] = {"ward", "average"};

/* Whether two labellings part the points in the same way. */
static bool same_partition(size_t n, const uint32_t *a, const uint32_t *b) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if ((a[i] == a[j]) != (b[i] == b[j])) return false;
    return true;
}

/* On a line: 0 1 | 5 6 7.5 | 20. */
static void known_line(void) {
    const float p[] = {0, 1, 5, 6, 7.5f, 20};
    const uint32_t three[] = {0, 0, 1, 1, 1, 2}, two[] = {0, 0, 0, 0, 0, 1}, four[] = {0, 0, 1, 1, 2, 3};
    const uint32_t *const wanted[] = {two, three, four};
    for (size_t m = 0; m < 2; m++)
        for (size_t k = 2; k <= 4; k++) {
            rs_clustering *c = NULL;
            CHECK_OK(rs_cluster_fit(&c, methods[m], 6, 1, p, &(rs_cluster_options){.clusters = k}, NULL));
            CU_ASSERT(rs_clustering_count(c) == k);
            CU_ASSERT(!memcmp(rs_clustering_labels(c), wanted[k - 2], sizeof two));
            points_check(c, p);
            if (k == 3) {
                char *text = NULL;
                uint32_t label;
                CHECK_OK(rs_clustering_describe(&text, c, 1));
                CU_ASSERT_STRING_EQUAL(text, "3 points around (6.17), radius 1.33, 3 prototypes");
                free(text);
                CHECK_OK(rs_clustering_assign(c, 1, (float[]){13.7f}, &label, NULL)); /* nearer to 7.5 than to 20 */
                CU_ASSERT(label == 1);
            }
            rs_clustering_free(c);
        }
}

/* Ward weighs by size, the average does not: 4 points at 0 and one at 3.1, or the single ones at 3.1 and 6.4. */
static void sizes_count(void) {
    const float p[] = {0, 0, 0, 0, 3.1f, 6.4f};
    const uint32_t heavy[] = {0, 0, 0, 0, 1, 1}, near[] = {0, 0, 0, 0, 0, 1};
    for (size_t m = 0; m < 2; m++) {
        rs_clustering *c = NULL;
        CHECK_OK(rs_cluster_fit(&c, methods[m], 6, 1, p, &(rs_cluster_options){.clusters = 2}, NULL));
        CU_ASSERT(!memcmp(rs_clustering_labels(c), m ? near : heavy, sizeof near));
        rs_clustering_free(c);
    }
}

/* Random points, some twice, where no merge is nearly a tie. */
static void the_reference_agrees(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    size_t compared = 0;
    for (size_t round = 0; round < 60; round++) {
        size_t n = 2 + rs_random_below(&r, 24), d = 1 + rs_random_below(&r, 5), k = 1 + rs_random_below(&r, n);
        float p[26 * 5];
        uint32_t labels[26];
        for (size_t i = 0; i < n * d; i++)
            p[i] = i >= d && i / d % 5 == 0 ? p[i - d] : (float)(rs_random_normal(&r) + (round % 3 == 2 ? 50 : 0));
        for (size_t m = 0; m < 2; m++) {
            double gap;
            ref_agglomerate(n, d, p, m == 1, k, labels, &gap);
            if (gap < 1e-5) continue;
            rs_clustering *c = NULL;
            CHECK_OK(rs_cluster_fit(&c, methods[m], n, d, p, &(rs_cluster_options){.clusters = k}, NULL));
            size_t distinct = n - (n - 1) / 5; /* more clusters than those there cannot be */
            CU_ASSERT(rs_clustering_count(c) == (k < distinct ? k : distinct));
            if (k <= distinct) CU_ASSERT(!memcmp(rs_clustering_labels(c), labels, n * sizeof *labels));
            rs_clustering_free(c);
            compared++;
        }
    }
    CU_ASSERT(compared > 80);
}

static void scikit_learn_agrees(void) {
    size_t n, d;
    double *wanted;
    float *p = points_golden("tests/data/cluster/hierarchy.txt", 4, &n, &d, &wanted);
    uint32_t *labels = calloc(n, sizeof *labels);
    for (size_t m = 0; m < 4; m++) {
        rs_clustering *c = NULL;
        CHECK_OK(rs_cluster_fit(&c, methods[m / 2], n, d, p, &(rs_cluster_options){.clusters = m % 2 ? 25 : 6}, NULL));
        for (size_t i = 0; i < n; i++) labels[i] = (uint32_t)wanted[m * n + i];
        CU_ASSERT(same_partition(n, labels, rs_clustering_labels(c)));
        points_check(c, p);
        rs_clustering_free(c);
    }
    free(labels);
    free(wanted);
    free(p);
}

/* Merges in the order of their heights never get cheaper, Ward's add up to the whole sum of squares (scaled by a power
 * of 4), and every cut is a coarser one than the cut before. */
static void dendrograms_are_monotone(void) {
    enum { N = 700, D = 3 };
    float *p = points_blobs(N, D, 5, 0.3, unit_seed());
    double sizes[N], sum = 0, total = 0, mean[D] = {0};
    rs_merge merges[N];
    uint32_t fine[N], coarse[N], parent[N];
    for (size_t i = 0; i < N; i++) sizes[i] = 1;
    CHECK_OK(rs_ward(merges, N, D, p, sizes, &(rs_cluster_options){.clusters = 1}, NULL));
    for (size_t i = 0; i < N - 1; i++) sum += merges[i].height;
    for (size_t i = 0; i < N * D; i++) mean[i % D] += (double)p[i] / N;
    for (size_t i = 0; i < N * D; i++) total += ((double)p[i] - mean[i % D]) * ((double)p[i] - mean[i % D]);
    double power = log2(total / sum) / 2;
    CU_ASSERT_DOUBLE_EQUAL(power, round(power), 1e-9);
    for (size_t k = 1; k <= N; k += k < 20 ? 1 : 97) {
        CHECK_OK(rs_hierarchy_cut(coarse, k, N, merges));
        uint32_t count = 0;
        for (size_t i = 0; i < N; i++) {
            CU_ASSERT(coarse[i] <= count);
            count += coarse[i] == count;
        }
        CU_ASSERT(count == k);
        CHECK_OK(rs_hierarchy_cut(fine, k < N ? k + 1 : N, N, merges));
        memset(parent, 255, sizeof parent);
        for (size_t i = 0; i < N; i++) {
            if (parent[fine[i]] == UINT32_MAX) parent[fine[i]] = coarse[i];
            CU_ASSERT(parent[fine[i]] == coarse[i]);
        }
    }
    for (size_t i = 1; i < N - 1; i++) CU_ASSERT(merges[i].height >= merges[i - 1].height);
    free(p);
}

static void blobs_are_found(void) {
    for (size_t m = 0; m < 2; m++)
        for (size_t asked = 0; asked <= 7; asked += 7) {
            float *p = points_blobs(1300, 6, 7, 0.02, unit_seed());
            uint32_t truth[1300];
            double ambiguity = 1;
            rs_clustering *c = NULL;
            for (size_t i = 0; i < 1300; i++) truth[i] = (uint32_t)(i % 7);
            CHECK_OK(rs_cluster_fit(&c, methods[m], 1300, 6, p, &(rs_cluster_options){.clusters = asked}, NULL));
            CU_ASSERT(rs_clustering_count(c) == 7);
            CHECK_OK(rs_cluster_ambiguity(&ambiguity, 1300, rs_clustering_labels(c), truth));
            CU_ASSERT_DOUBLE_EQUAL(ambiguity, 0, 0);
            CU_ASSERT_STRING_EQUAL(rs_clustering_method(c), methods[m]);
            points_check(c, p);
            rs_clustering_free(c);
            free(p);
        }
}

/* Many distances are equal on a grid; the clusters are some, and the same for any number of threads. */
static void ties_and_scales(void) {
    for (size_t m = 0; m < 2; m++) {
        float *p = points_grid(500, 3, 6, 0.1, unit_seed());
        rs_clustering *c = NULL;
        for (size_t k = 0; k <= 500; k += 50) {
            CHECK_OK(rs_cluster_fit(&c, methods[m], 500, 3, p, &(rs_cluster_options){.clusters = k}, NULL));
            points_check(c, p);
            rs_clustering_free(c);
        }
        points_check_threads(methods[m], 500, 3, p, &(rs_cluster_options){.clusters = 20});
        points_check_scales(methods[m]);
        points_check_allocations(methods[m], 60, 3, p, &(rs_cluster_options){.max_clusters = 5});
        free(p);
        p = points_blobs(900, 5, 12, 0.4, unit_seed());
        points_check_threads(methods[m], 900, 5, p, NULL);
        free(p);
    }
}

/* Past the deadline as many clusters as asked for, and every point in one. */
static void deadline_gives_less(void) {
    float *p = points_blobs(300, 3, 4, 0.3, 1);
    for (size_t m = 0; m < 2; m++)
        for (size_t asked = 0; asked <= 9; asked += 9) {
            rs_clustering *c = NULL;
            rs_context ctx = {.seed = 1, .deadline = rs_now()};
            rs_cluster_options options = {.clusters = asked, .max_clusters = 7};
            CHECK_OK(rs_cluster_fit(&c, methods[m], 300, 3, p, &options, &ctx));
            CU_ASSERT(rs_clustering_count(c) <= 9);
            CU_ASSERT(!asked || rs_clustering_count(c) == asked);
            points_check(c, p);
            rs_clustering_free(c);
            volatile sig_atomic_t raised = 1;
            rs_context interrupted = {.seed = 1, .interrupt = &raised};
            c = NULL;
            CHECK_FAILS(rs_cluster_fit(&c, methods[m], 300, 3, p, NULL, &interrupted), RS_EINTERRUPTED, "");
            CU_ASSERT_PTR_NULL(c);
        }
    free(p);
}

static void too_many_for_a_matrix(void) {
    enum { N = 30001 };
    float *p = calloc(N, sizeof *p);
    rs_clustering *c = NULL;
    for (size_t i = 0; i < N; i++) p[i] = (float)i;
    CHECK_FAILS(rs_cluster_fit(&c, "average", N, 1, p, NULL, NULL), RS_EUSAGE, "30000 distinct points, not 30001");
    for (size_t i = 0; i < N; i++) p[i] = (float)(i % 40); /* it is the distinct ones that count */
    CHECK_OK(rs_cluster_fit(&c, "average", N, 1, p, &(rs_cluster_options){.clusters = 10}, NULL));
    CU_ASSERT(rs_clustering_count(c) == 10);
    rs_clustering_free(c);
    free(p);
}

static const unit_test tests[] = {
    {"points on a line", known_line},
    {"sizes count for Ward's method", sizes_count},
    {"the slow reference agrees", the_reference_agrees},
    {"scikit-learn agrees", scikit_learn_agrees},
    {"dendrograms are monotone", dendrograms_are_monotone},
    {"blobs are found, their number too", blobs_are_found},
    {"ties, scales, threads, allocations", ties_and_scales},
    {"a deadline gives less", deadline_gives_less},
    {"too many points for a matrix", too_many_for_a_matrix},
};
UNIT_MAIN("cluster_hierarchy", tests)
