/* Preprocessing: moments of what comes out, scikit-learn's axes, and clusterings behind it. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/projection.h"
#include "cluster_check.h"
#include "core/random.h"
#include "support/unit.h"

enum { N = 400, D = 6 };
static float points[N * D], out[N * D];

/* Coordinates of very different scales that depend on each other; the last one is constant. */
static void correlated(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    for (size_t i = 0; i < N; i++)
        for (size_t x = 0; x < D; x++)
            points[i * D + x] = x + 1 == D ? 7
                                           : (float)(pow(10, (double)x - 2) * (rs_random_normal(&r) + (double)x)) +
                                                 (x ? points[i * D + x - 1] : 0);
}

/* Covariance of coordinates a and b of the projected points, by its definition. */
static double moment(size_t c, size_t a, size_t b) {
    double mean_a = 0, mean_b = 0, sum = 0;
    for (size_t i = 0; i < N; i++) {
        mean_a += (double)out[i * c + a] / N;
        mean_b += (double)out[i * c + b] / N;
    }
    for (size_t i = 0; i < N; i++) sum += ((double)out[i * c + a] - mean_a) * ((double)out[i * c + b] - mean_b) / N;
    return sum;
}

static size_t project(const char *kind, size_t components, double explained) {
    rs_projection *p = NULL;
    CHECK_OK(rs_projection_new(&p, kind, components, explained, N, D, points, NULL));
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    size_t c = rs_projection_dimension(p);
    rs_projection_apply(p, N, points, out, NULL);
    for (size_t a = 0; a < c; a++) { /* uncorrelated, in descending order */
        double variance = rs_projection_variances(p)[a];
        if (!strcmp(kind, "pca")) CU_ASSERT_DOUBLE_EQUAL(moment(c, a, a), variance, 1e-4 * variance + 1e-9);
        if (strcmp(kind, "standardise")) {
            CU_ASSERT(!a || variance <= rs_projection_variances(p)[a - 1]);
            for (size_t b = 0; b < a; b++)
                CU_ASSERT_DOUBLE_EQUAL(moment(c, a, b), 0, 1e-4 * sqrt(moment(c, a, a) * moment(c, b, b)) + 1e-6);
        }
        if (strcmp(kind, "pca") && variance > 0) CU_ASSERT_DOUBLE_EQUAL(moment(c, a, a), 1, 1e-4);
    }
    rs_projection_free(p);
    return c;
}

static void moments(void) {
    correlated();
    CU_ASSERT(project("standardise", 0, 0) == D);
    for (size_t i = 0; i < N; i++) CU_ASSERT_DOUBLE_EQUAL((double)out[i * D + D - 1], 0, 0); /* the constant one */
    CU_ASSERT(project("pca", D, 0) == D);
    CU_ASSERT(project("pca", 2, 0) == 2);
    CU_ASSERT(project("whiten", 3, 0) == 3);
    CU_ASSERT(project("whiten", D, 0) == D - 1); /* not the one without variance */
    CU_ASSERT(project("pca", 0, 0) == 1);        /* the widest coordinate has 99 % */
    CU_ASSERT(project("pca", 0, 0.9999) > 1);
    rs_projection *p = NULL;
    CHECK_FAILS(rs_projection_new(&p, "rotate", 0, 0, N, D, points, NULL), RS_EUSAGE, "whiten");
    CHECK_FAILS(rs_projection_new(&p, "pca", D + 1, 0, N, D, points, NULL), RS_EUSAGE, "7 components");
    CHECK_FAILS(rs_projection_new(&p, "pca", 0, 1.5, N, D, points, NULL), RS_EUSAGE, "1.5");
    CHECK_FAILS(rs_projection_new(&p, "pca", 0, NAN, N, D, points, NULL), RS_EUSAGE, "share");
}

static void golden(void) {
    FILE *file = fopen(unit_source("tests/data/cluster/grid.txt"), "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    double y[60 * 3];
    for (size_t i = 0; i < 60; i++) {
        float *x = points + 4 * i;
        CU_ASSERT_FATAL(fscanf(file, "%f %f %f %f %*u %lf %lf %lf", x, x + 1, x + 2, x + 3, y + 3 * i, y + 3 * i + 1,
                               y + 3 * i + 2) == 7);
    }
    fclose(file);
    rs_projection *p = NULL;
    CHECK_OK(rs_projection_new(&p, "pca", 3, 0, 60, 4, points, NULL));
    rs_projection_apply(p, 60, points, out, &(rs_context){.threads = 2});
    for (size_t i = 0; i < 60 * 3; i++) CU_ASSERT_DOUBLE_EQUAL((double)out[i], y[i], 1e-5);
    rs_projection_free(p);
}

/* Noise that is 1000 times wider than what tells the blobs apart hides them from k-means, but not after scaling. */
static void clusterings_behind_it(void) {
    float *p = cluster_blobs(600, 2, 4, 0.01, unit_seed()), far[2] = {FLT_MAX, -FLT_MAX};
    rs_random r = rs_random_new(unit_seed(), 2);
    uint32_t truth[600], label;
    double before, after;
    for (size_t i = 0; i < 600; i++) {
        p[2 * i + 1] = (float)(1000 * rs_random_unit(&r));
        truth[i] = (uint32_t)(i % 4);
    }
    for (size_t i = 0; i < 3; i++) {
        const char *kind = ((const char *[]){"standardise", "pca", "whiten"})[i];
        rs_clustering *plain = NULL, *c = NULL;
        rs_cluster_options o = {.clusters = 16, .explained = 1};
        CHECK_OK(rs_cluster_fit(&plain, "kmeans", 600, 2, p, &o, NULL));
        o.preprocess = kind;
        CHECK_OK(rs_cluster_fit(&c, "kmeans", 600, 2, p, &o, NULL));
        cluster_check(c, p);
        CHECK_OK(rs_cluster_ambiguity(&before, 600, rs_clustering_labels(plain), truth));
        CHECK_OK(rs_cluster_ambiguity(&after, 600, rs_clustering_labels(c), truth));
        CU_ASSERT(before > 0.5 && (i == 1 ? after > 0.5 : after < 0.01));
        CU_ASSERT_STRING_EQUAL(rs_clustering_method(c), "kmeans");
        CU_ASSERT(rs_clustering_dimension(c) == 2);
        CHECK_OK(rs_clustering_assign(c, 1, far, &label, NULL)); /* what overflows is cut */
        cluster_check_threads("kmeans", 600, 2, p, &o);
        rs_clustering_free(plain);
        rs_clustering_free(c);
    }
    rs_clustering *c = NULL;
    CHECK_FAILS(rs_cluster_fit(&c, "kmeans", 600, 2, p, &(rs_cluster_options){.preprocess = "x"}, NULL), RS_EUSAGE,
                "pca");
    float equal[8] = {1, 2, 1, 2, 1, 2, 1, 2};
    CHECK_OK(rs_cluster_fit(&c, "kmeans", 4, 2, equal, &(rs_cluster_options){.preprocess = "whiten"}, NULL));
    CU_ASSERT(rs_clustering_count(c) == 1);
    rs_clustering_free(c);
    free(p);
}

static rs_status sweep(void *user) {
    rs_clustering *c = NULL;
    char *text = NULL;
    rs_cluster_options o = {.clusters = 2, .iterations = 2, .restarts = 1};
    for (size_t i = 0; i < 3; i++) {
        uint32_t labels[40];
        o.preprocess = ((const char *[]){"standardise", "pca", "whiten"})[i];
        rs_status status = rs_cluster_fit(&c, "kmeans", 40, 3, user, &o, NULL);
        if (status != RS_OK) return status;
        status = rs_clustering_assign(c, 40, user, labels, NULL);
        if (status == RS_OK) status = rs_clustering_describe(&text, c, 1);
        free(text);
        text = NULL;
        rs_clustering_free(c);
        if (status != RS_OK) return status;
    }
    return RS_OK;
}

static void out_of_memory(void) {
    float *p = cluster_blobs(40, 3, 4, 0.1, 1);
    unit_allocation_sweep(sweep, p, 1000);
    free(p);
}

static const unit_test tests[] = {
    {"moments of projected points", moments},
    {"scikit-learn's principal coordinates", golden},
    {"clusterings of projected points", clusterings_behind_it},
    {"every allocation fails once", out_of_memory},
};
UNIT_MAIN("cluster_projection", tests)
