/* The methods gmm and gmm-diagonal. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/gmm.h"
#include "cluster_gmm_ref.h"
#include "cluster_points.h"
#include "core/random.h"
#include "support/unit.h"

static const char *const methods[] = {"gmm", "gmm-diagonal"};

/* The model in the reference's form, and the points as the model sees them. */
static void translate(ref_mixture *out, float *z, const rs_clustering *c, const float *points) {
    const double *centre;
    double scale;
    const rs_mixture *m = rs_gmm_model(c, &centre, &scale);
    size_t d = m->d;
    *out = (ref_mixture){.k = m->k, .d = d};
    for (size_t i = 0; i < rs_clustering_points(c) * d; i++)
        z[i] = (float)(((double)points[i] - centre[i % d]) * scale);
    for (size_t j = 0; j < m->k; j++) {
        long double precision[REF_D][REF_D] = {{0}};
        const float *root = m->roots + j * m->area;
        out->weights[j] = m->weights[j];
        for (size_t a = 0; a < d; a++) {
            out->means[j][a] = m->means[j * d + a];
            for (size_t b = 0; b < d; b++)
                for (size_t x = 0; x < d; x++)
                    precision[a][b] += m->full ? (long double)root[a * d + x] * root[b * d + x]
                                               : (a == b && a == x ? (long double)root[a] * root[a] : 0);
        }
        ref_invert(d, precision, out->covariances[j]);
    }
}

/* Overlapping blobs, so that it takes some steps. */
static float *clouds(size_t n, size_t d, uint64_t seed) {
    return points_blobs(n, d, 3, 0.35, seed);
}

/* The largest difference of a component to the nearest one of the other model. */
static double difference(const ref_mixture *a, const ref_mixture *b) {
    long double worst = 0;
    for (size_t j = 0; j < a->k; j++) {
        long double least = INFINITY;
        for (size_t o = 0; o < b->k; o++) {
            long double off = fabsl(a->weights[j] - b->weights[o]);
            for (size_t x = 0; x < a->d; x++) {
                off = fmaxl(off, fabsl(a->means[j][x] - b->means[o][x]));
                for (size_t y = 0; y < a->d; y++)
                    off = fmaxl(off, fabsl(a->covariances[j][x][y] - b->covariances[o][x][y]));
            }
            least = fminl(least, off);
        }
        worst = fmaxl(worst, least);
    }
    return (double)worst;
}

/* A model after i + 1 steps is the reference's step from the model after i, unless it had stopped; the likelihood
 * grows; a label is the largest r. */
static void steps_are_the_reference(void) {
    enum { N = 240 };
    uint64_t seed = unit_seed();
    size_t steps = 0;
    for (size_t round = 0; round < 12; round++) {
        size_t d = 1 + round % 5;
        float *p = clouds(N, d, seed * 100 + round), z[N * REF_D];
        long double before = -INFINITY;
        ref_mixture last = {0}, now, next;
        for (size_t i = 1; i <= 5; i++) {
            rs_clustering *c = NULL;
            rs_cluster_options options = {.clusters = 2 + round % 3, .iterations = i, .restarts = 1};
            CHECK_OK(rs_cluster_fit(&c, methods[round % 2], N, d, p, &options, NULL));
            translate(&now, z, c, p);
            for (size_t x = 0; x < N; x++) {
                long double logs[REF_K];
                ref_log_density(&now, z + x * d, logs);
                for (size_t j = 0; j < now.k; j++) CU_ASSERT(logs[j] <= logs[rs_clustering_labels(c)[x]] + 1e-5L);
            }
            if (i > 1) {
                next = last;
                long double likelihood = ref_em_step(&next, N, z, round % 2, 1e-6L);
                CU_ASSERT(likelihood >= before - 1e-3L);
                before = likelihood;
                if (last.k == now.k && difference(&last, &now) > 0) {
                    CU_ASSERT_DOUBLE_EQUAL(difference(&next, &now), 0, 2e-4);
                    steps++;
                }
            }
            last = now;
            rs_clustering_free(c);
        }
        free(p);
    }
    CU_ASSERT(steps > 20);
}

static void scikit_learn_agrees(void) {
    size_t n, d;
    double *wanted;
    float *p = points_golden("tests/data/cluster/gmm.txt", 4, &n, &d, &wanted), *z = calloc(n * d, sizeof *z);
    for (size_t m = 0; m < 2; m++) {
        rs_clustering *c = NULL;
        const double *labels = wanted + 2 * m * n, *densities = labels + n, *centre;
        double scale;
        ref_mixture model;
        CHECK_OK(rs_cluster_fit(&c, methods[m], n, d, p, &(rs_cluster_options){.clusters = 4, .restarts = 20}, NULL));
        size_t differ = 0, map[4] = {9, 9, 9, 9};
        for (size_t i = 0; i < n; i++) {
            size_t theirs = (size_t)labels[i], ours = rs_clustering_labels(c)[i];
            if (map[theirs] == 9) map[theirs] = ours;
            differ += map[theirs] != ours;
        }
        CU_ASSERT(differ <= (m ? 1 : 0)); /* both stop some way from the optimum */
        translate(&model, z, c, p);
        rs_gmm_model(c, &centre, &scale);
        for (size_t i = 0; i < n; i++) {
            long double logs[REF_K], log_p = ref_log_density(&model, z + i * d, logs) + (double)d * log(scale);
            CU_ASSERT_DOUBLE_EQUAL((double)log_p, densities[i], m ? 0.3 : 0.1);
        }
        points_check(c, p);
        rs_clustering_free(c);
    }
    free(z);
    free(wanted);
    free(p);
}

/* Two crossed ellipses: full covariances tell them apart, and BIC finds their number. */
static void a_cross_is_two(void) {
    enum { N = 1200 };
    rs_random r = rs_random_new(unit_seed(), 0);
    float p[2 * N];
    for (size_t i = 0; i < N; i++)
        for (size_t x = 0; x < 2; x++) p[2 * i + x] = (float)(rs_random_normal(&r) * (i % 2 == x ? 1 : 0.03) + 5);
    for (size_t m = 0; m < 2; m++) {
        rs_clustering *c = NULL;
        CHECK_OK(rs_cluster_fit(&c, methods[m], N, 2, p, NULL, NULL));
        CU_ASSERT(rs_clustering_count(c) >= 2 && rs_clustering_count(c) <= 4);
        CU_ASSERT_STRING_EQUAL(rs_clustering_method(c), methods[m]);
        points_check(c, p);
        rs_clustering_free(c);
    }
    rs_clustering *c = NULL;
    CHECK_OK(rs_cluster_fit(&c, "gmm", N, 2, p, &(rs_cluster_options){.clusters = 2, .restarts = 5}, NULL));
    size_t wrong = 0;
    for (size_t i = 0; i < N; i++) wrong += rs_clustering_labels(c)[i] != rs_clustering_labels(c)[i % 2];
    CU_ASSERT(wrong < N / 20);
    rs_clustering_free(c);
}

static void blobs_are_found(void) {
    for (size_t m = 0; m < 2; m++)
        for (size_t asked = 0; asked <= 7; asked += 7) {
            float *p = points_blobs(1400, 4, 7, 0.02, unit_seed());
            uint32_t truth[1400];
            double ambiguity = 1;
            rs_clustering *c = NULL;
            for (size_t i = 0; i < 1400; i++) truth[i] = (uint32_t)(i % 7);
            CHECK_OK(rs_cluster_fit(&c, methods[m], 1400, 4, p, &(rs_cluster_options){.clusters = asked}, NULL));
            CU_ASSERT(rs_clustering_count(c) == 7);
            CHECK_OK(rs_cluster_ambiguity(&ambiguity, 1400, rs_clustering_labels(c), truth));
            CU_ASSERT_DOUBLE_EQUAL(ambiguity, 0, 0);
            points_check(c, p);
            rs_clustering_free(c);
            free(p);
        }
}

static void descriptions(void) {
    const float p[] = {1, 1, 3, 3, 101, 101, 103, 103};
    rs_clustering *c = NULL;
    char *text = NULL;
    CHECK_OK(rs_cluster_fit(&c, "gmm", 8, 1, p, &(rs_cluster_options){.clusters = 2}, NULL));
    CHECK_OK(rs_clustering_describe(&text, c, 1));
    CU_ASSERT_STRING_EQUAL(text, "normal around (102), standard deviation 1, weight 0.5, 4 points");
    free(text);
    rs_clustering_free(c);
    c = NULL;
    float *wide = calloc(2 * 6000, sizeof *wide);
    CHECK_FAILS(rs_cluster_fit(&c, "gmm", 2, 6000, wide, NULL, NULL), RS_EUSAGE, "use gmm-diagonal");
    CHECK_OK(rs_cluster_fit(&c, "gmm-diagonal", 2, 6000, wide, NULL, NULL));
    CU_ASSERT(rs_clustering_count(c) == 1);
    rs_clustering_free(c);
    free(wide);
}

static void ties_and_scales(void) {
    for (size_t m = 0; m < 2; m++) {
        float *p = points_grid(500, 3, 4, 0.1, unit_seed());
        rs_clustering *c = NULL;
        for (size_t k = 0; k <= 200; k += 40) {
            CHECK_OK(rs_cluster_fit(&c, methods[m], 500, 3, p, &(rs_cluster_options){.clusters = k, .iterations = 20},
                                    NULL));
            points_check(c, p);
            rs_clustering_free(c);
        }
        points_check_scales(methods[m]);
        points_check_allocations(methods[m], 60, 3, p,
                                 &(rs_cluster_options){.max_clusters = 3, .iterations = 2, .restarts = 2});
        free(p);
        p = points_blobs(2500, 5, 6, 0.4, unit_seed());
        points_check_threads(methods[m], 2500, 5, p, &(rs_cluster_options){.clusters = 6, .restarts = 1});
        free(p);
    }
}

static void deadline_gives_less(void) {
    float *p = points_blobs(3000, 3, 4, 0.3, 1);
    for (size_t m = 0; m < 2; m++) {
        rs_clustering *c = NULL;
        rs_context ctx = {.seed = 1, .deadline = rs_now()};
        CHECK_OK(rs_cluster_fit(&c, methods[m], 3000, 3, p, &(rs_cluster_options){.clusters = 4}, &ctx));
        CU_ASSERT(rs_clustering_count(c) == 4);
        points_check(c, p);
        rs_clustering_free(c);
        volatile sig_atomic_t raised = 1;
        rs_context interrupted = {.seed = 1, .interrupt = &raised};
        c = NULL;
        CHECK_FAILS(rs_cluster_fit(&c, methods[m], 3000, 3, p, NULL, &interrupted), RS_EINTERRUPTED, "");
        CU_ASSERT_PTR_NULL(c);
    }
    free(p);
}

static const unit_test tests[] = {
    {"steps are the slow reference's", steps_are_the_reference},
    {"scikit-learn agrees", scikit_learn_agrees},
    {"a cross is two ellipses", a_cross_is_two},
    {"blobs are found, their number too", blobs_are_found},
    {"descriptions, and too many covariances", descriptions},
    {"ties, scales, threads, allocations", ties_and_scales},
    {"a deadline gives less", deadline_gives_less},
};
UNIT_MAIN("cluster_gmm", tests)
