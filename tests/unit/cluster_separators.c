/* Descriptions of given clusters: known examples, the definition point by point, every number of threads. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/nearest.h"
#include "cluster/separators.h"
#include "core/random.h"
#include "support/unit.h"

/* The definition: what is right is right by the nearest centroid or the largest score, and the margin is the least of all. */
static void two_blobs_by_centroids(void) {
    const float p[] = {0, 0, 2, 0, 10, 0, 12, 0};
    const uint32_t labels[] = {0, 0, 1, 1};
    rs_clustering *c = NULL;
    rs_placement how;
    uint32_t got[3];
    char *text = NULL;
    CHECK_OK(rs_cluster_from_labels(&c, &how, 4, 2, p, 2, labels, NULL));
    CU_ASSERT_STRING_EQUAL(how.kind, "centroids");
    CU_ASSERT(how.pieces == 2 && how.misplaced == 0);
    CU_ASSERT_DOUBLE_EQUAL(how.margin, 4, 1e-6); /* the border is at x = 6 */
    const float fresh[] = {5.9f, 100, 6.1f, -3, -7, 0};
    CHECK_OK(rs_clustering_assign(c, 3, fresh, got, NULL));
    CU_ASSERT(got[0] == 0 && got[1] == 1 && got[2] == 0);
    CHECK_OK(rs_clustering_describe(&text, c, 1));
    CU_ASSERT_STRING_EQUAL(text, "2 points, centroid (11, 0)");
    free(text);
    rs_clustering_free(c);
}

/* A cluster that is long and a small one beside its end: the centroids' border is in the wrong place, a line is not. */
static void a_line_where_centroids_fail(void) {
    float p[2 * 42];
    uint32_t labels[42];
    rs_clustering *c = NULL;
    rs_placement how;
    char *text = NULL;
    for (size_t i = 0; i < 40; i++) {
        p[2 * i] = (float)i;
        p[2 * i + 1] = 0;
        labels[i] = 0;
    }
    for (size_t i = 40; i < 42; i++) {
        p[2 * i] = (float)i - 2;
        p[2 * i + 1] = 16;
        labels[i] = 1;
    }
    CHECK_OK(rs_cluster_from_labels(&c, &how, 42, 2, p, 2, labels, NULL));
    CU_ASSERT_STRING_EQUAL(how.kind, "linear separators");
    CU_ASSERT(how.pieces == 2 && how.misplaced == 0 && how.margin > 0 && how.margin <= 8);
    CU_ASSERT(!memcmp(rs_clustering_labels(c), labels, sizeof labels));
    CHECK_OK(rs_clustering_describe(&text, c, 0));
    CU_ASSERT(strstr(text, "40 points, largest score w.x + b, w (") == text && strstr(text, "), b "));
    free(text);
    rs_clustering_free(c);
}

/* Exclusive or: no line parts it, a centroid a corner does. */
static void several_centroids_where_lines_fail(void) {
    float p[2 * 40];
    uint32_t labels[40];
    rs_clustering *c = NULL;
    rs_placement how;
    char *text = NULL;
    rs_random r = rs_random_new(unit_seed(), 1);
    for (size_t i = 0; i < 40; i++) {
        p[2 * i] = (float)((double)(i % 2) + 0.1 * rs_random_unit(&r));
        p[2 * i + 1] = (float)((double)(i / 2 % 2) + 0.1 * rs_random_unit(&r));
        labels[i] = (uint32_t)(i % 2 ^ i / 2 % 2);
    }
    CHECK_OK(rs_cluster_from_labels(&c, &how, 40, 2, p, 2, labels, NULL));
    CU_ASSERT_STRING_EQUAL(how.kind, "several centroids");
    CU_ASSERT(how.pieces >= 4 && how.pieces <= 8 && how.misplaced == 0 && how.margin > 0.2);
    CHECK_OK(rs_clustering_describe(&text, c, 0));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "centroids, the first ("));
    free(text);
    rs_clustering_free(c);
}

/* A point with two labels: one of them is misplaced, whatever the description. One cluster has no border. */
static void what_cannot_be_parted(void) {
    const float p[] = {1, 1, 5};
    rs_clustering *c = NULL;
    rs_placement how;
    CHECK_OK(rs_cluster_from_labels(&c, &how, 3, 1, p, 2, (uint32_t[]){0, 1, 1}, NULL));
    CU_ASSERT(how.misplaced == 1);
    rs_clustering_free(c);
    CHECK_OK(rs_cluster_from_labels(&c, &how, 3, 1, p, 1, (uint32_t[]){0, 0, 0}, NULL));
    CU_ASSERT(how.misplaced == 0 && isinf(how.margin) && how.pieces == 1);
    rs_clustering_free(c);
    CHECK_FAILS(rs_cluster_from_labels(&c, &how, 3, 1, p, 2, (uint32_t[]){0, 0, 0}, NULL), RS_EUSAGE, "cluster 1");
    CHECK_FAILS(rs_cluster_from_labels(&c, &how, 3, 1, p, 2, (uint32_t[]){0, 2, 1}, NULL), RS_EUSAGE, "point 1");
    CHECK_FAILS(rs_cluster_from_labels(&c, &how, 0, 1, p, 0, NULL, NULL), RS_EUSAGE, "nothing");
    CHECK_FAILS(rs_cluster_from_labels(&c, &how, 2, 1, (float[]){0, NAN}, 1, (uint32_t[]){0, 0}, NULL), RS_EINPUT,
                "not a finite");
}

/* Random points with labels of random linear functions, or with blobs of random labels: `misplaced` counts the labels that
 * assign changes, for points at once and alone; moved by a little less than the margin, none that is right changes. */
static void margins_hold(void) {
    enum { N = 120, D = 5 };
    rs_random r = rs_random_new(unit_seed(), 2);
    size_t kinds[3] = {0};
    for (size_t round = 0; round < 60; round++) {
        float p[N * D], moved[N * D];
        uint32_t labels[N], got[N], again[N];
        size_t n = 30 + rs_random_below(&r, N - 30), d = 1 + rs_random_below(&r, D), k = 2 + rs_random_below(&r, 3);
        double scale = ((double[]){1e-6, 1, 1e6})[round / 3 % 3];
        rs_clustering *c = NULL;
        rs_placement how, other;
        for (size_t i = 0; i < n; i++) {
            size_t blob = rs_random_below(&r, 12);
            for (size_t x = 0; x < d; x++)
                p[i * d + x] = (float)(scale * (rs_random_normal(&r) * 0.1 + (double)(blob * (x + 3) % 7)));
            labels[i] = (uint32_t)(i < k                ? i
                                   : round % 3 == 0     ? (size_t)(p[i * d] > 3.2 * scale)
                                   : round % 3 == 1     ? blob % k
                                                        : rs_random_below(&r, k));
        }
        CHECK_OK(rs_cluster_from_labels(&c, &how, n, d, p, k, labels, &(rs_context){.seed = 3, .threads = 1}));
        size_t misplaced = 0;
        CHECK_OK(rs_clustering_assign(c, n, p, got, NULL));
        CU_ASSERT(!memcmp(got, rs_clustering_labels(c), n * sizeof *got));
        for (size_t i = 0; i < n; i++) {
            double length = 0;
            misplaced += got[i] != labels[i];
            CHECK_OK(rs_clustering_assign(c, 1, p + i * d, again, NULL));
            CU_ASSERT(again[0] == got[i]);
            for (size_t x = 0; x < d; x++) {
                moved[i * d + x] = (float)rs_random_normal(&r);
                length += pow((double)moved[i * d + x], 2);
            }
            for (size_t x = 0; x < d; x++)
                moved[i * d + x] = (float)((double)p[i * d + x] + 0.99 * how.margin * (double)moved[i * d + x] / sqrt(length));
        }
        CU_ASSERT(misplaced == how.misplaced);
        if (how.margin > 1e-5 * scale) {
            CHECK_OK(rs_clustering_assign(c, n, moved, again, NULL));
            for (size_t i = 0; i < n; i++) CU_ASSERT(got[i] != labels[i] || again[i] == got[i]);
        }
        kinds[how.kind[0] == 'c' ? 0 : how.kind[0] == 'l' ? 1 : 2]++;
        rs_clustering_free(c);
        for (size_t threads = 2; threads < 4; threads++) {
            CHECK_OK(rs_cluster_from_labels(&c, &other, n, d, p, k, labels, &(rs_context){.seed = 3, .threads = threads}));
            CU_ASSERT(!memcmp(got, rs_clustering_labels(c), n * sizeof *got));
            CU_ASSERT_DOUBLE_EQUAL(how.margin, other.margin, 0);
            CU_ASSERT(other.pieces == how.pieces && other.kind == how.kind);
            rs_clustering_free(c);
        }
    }
    CU_ASSERT(kinds[1] && kinds[2]);
}

/* The margin is the least over all points and centroids, with none left out. */
static void margin_by_brute_force(void) {
    enum { N = 60, D = 3, K = 4 };
    rs_random r = rs_random_new(unit_seed(), 3);
    for (size_t round = 0; round < 20; round++) {
        float p[N * D];
        double mean[K * D] = {0}, least = INFINITY;
        uint32_t labels[N];
        rs_clustering *c = NULL;
        rs_placement how;
        for (size_t i = 0; i < N; i++) {
            labels[i] = (uint32_t)(i % K);
            for (size_t x = 0; x < D; x++) {
                p[i * D + x] = (float)(rs_random_normal(&r) * 0.3 + (double)(labels[i] * (2 + x) % 5) * 3);
                mean[labels[i] * D + x] += (double)p[i * D + x] * K / N;
            }
        }
        CHECK_OK(rs_cluster_from_labels(&c, &how, N, D, p, K, labels, NULL));
        CU_ASSERT_STRING_EQUAL(how.kind, "centroids");
        for (size_t i = 0; i < N; i++)
            for (size_t q = 0; q < K; q++) {
                double ahead = 0, apart = 0;
                const double *own = mean + labels[i] * D, *other = mean + q * D;
                if (q == labels[i]) continue;
                for (size_t x = 0; x < D; x++) {
                    double at = (double)p[i * D + x];
                    ahead += (at - other[x]) * (at - other[x]) - (at - own[x]) * (at - own[x]);
                    apart += (own[x] - other[x]) * (own[x] - other[x]);
                }
                least = fmin(least, ahead / 2 / sqrt(apart));
            }
        CU_ASSERT_DOUBLE_EQUAL(how.margin, least, 1e-5);
        rs_clustering_free(c);
    }
}

/* Points that lines part with room are nearly always parted by the training, whose passes are few. */
static void training_finds_lines(void) {
    enum { N = 200, D = 6, K = 3 };
    rs_random r = rs_random_new(unit_seed(), 4);
    size_t found = 0, rounds = 20;
    for (size_t round = 0; round < rounds; round++) {
        float p[N * D], w[K * D];
        double b[K], truth[K * D];
        uint32_t labels[N];
        bool trained = false;
        size_t wrong = 0;
        for (size_t i = 0; i < K * D; i++) truth[i] = rs_random_normal(&r);
        for (size_t i = 0; i < N;) {
            double s[K] = {0}, size = pow(10, rs_random_unit(&r));
            for (size_t x = 0; x < D; x++) {
                double at = rs_random_normal(&r);
                p[i * D + x] = (float)(size * at);
                for (size_t q = 0; q < K; q++) s[q] += truth[q * D + x] * at;
            }
            size_t y = s[0] > s[1] ? s[0] > s[2] ? 0 : 2 : s[1] > s[2] ? 1 : 2;
            labels[i] = (uint32_t)y;
            i += s[y] > s[(y + 1) % K] + 2 && s[y] > s[(y + 2) % K] + 2; /* only those with room */
        }
        CHECK_OK(rs_separators_train(&trained, w, b, N, D, p, K, labels, NULL));
        CU_ASSERT(trained);
        for (size_t i = 0; i < N; i++) {
            double s[K];
            for (size_t q = 0; q < K; q++) {
                s[q] = b[q];
                for (size_t x = 0; x < D; x++) s[q] += (double)w[q * D + x] * (double)p[i * D + x];
            }
            for (size_t q = 0; q < K; q++) wrong += q != labels[i] && s[q] >= s[labels[i]];
        }
        found += !wrong;
    }
    CU_ASSERT(found >= rounds * 3 / 4);
}

static rs_status sweep(void *user) {
    rs_clustering *c = NULL;
    rs_placement how;
    uint32_t labels[24], got[24];
    char *text = NULL;
    for (size_t i = 0; i < 24; i++) labels[i] = (uint32_t)(i % 2 ^ i / 2 % 2);
    rs_status status = rs_cluster_from_labels(&c, &how, 24, 2, user, 2, labels, NULL);
    if (status == RS_OK) status = rs_clustering_assign(c, 24, user, got, NULL);
    if (status == RS_OK) status = rs_clustering_describe(&text, c, 1);
    free(text);
    rs_clustering_free(c);
    return status;
}

static void out_of_memory(void) {
    float p[48];
    for (size_t i = 0; i < 24; i++) {
        p[2 * i] = (float)(i % 2) + 0.01f * (float)i;
        p[2 * i + 1] = (float)(i / 2 % 2);
    }
    unit_allocation_sweep(sweep, p, 1000);
}

static const unit_test tests[] = {
    {"two blobs have centroids", two_blobs_by_centroids},
    {"a line where centroids fail", a_line_where_centroids_fail},
    {"several centroids where lines fail", several_centroids_where_lines_fail},
    {"what cannot be parted", what_cannot_be_parted},
    {"margins hold", margins_hold},
    {"the margin by brute force", margin_by_brute_force},
    {"training finds lines", training_finds_lines},
    {"every allocation fails once", out_of_memory},
};
UNIT_MAIN("cluster_separators", tests)
