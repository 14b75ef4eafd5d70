#include "cluster_points.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "support/unit.h"

float *points_blobs(size_t n, size_t d, size_t blobs, double spread, uint64_t seed) {
    rs_random r = rs_random_new(seed, 0);
    float *centres = calloc(blobs * d, sizeof *centres), *p = calloc(n * d, sizeof *p);
    for (size_t i = 0; i < blobs * d; i++)
        centres[i] = i % d ? (float)(rs_random_unit(&r) * 2 - 1) : (float)(i / d);
    for (size_t i = 0; i < n * d; i++)
        p[i] = centres[i / d % blobs * d + i % d] + (float)(spread * rs_random_normal(&r));
    free(centres);
    return p;
}

float *points_grid(size_t n, size_t d, size_t side, double step, uint64_t seed) {
    rs_random r = rs_random_new(seed, 1);
    float *p = calloc(n * d, sizeof *p);
    for (size_t i = 0; i < n * d; i++) p[i] = (float)((double)rs_random_below(&r, side) * step);
    return p;
}

void points_check(const rs_clustering *c, const float *points) {
    size_t n = rs_clustering_points(c), d = rs_clustering_dimension(c), k = rs_clustering_count(c);
    const uint32_t *labels = rs_clustering_labels(c);
    size_t *sizes = calloc(k, sizeof *sizes);
    uint32_t *again = calloc(n, sizeof *again);
    float *anywhere = calloc(d, sizeof *anywhere);
    for (size_t i = 0; i < n; i++) {
        CU_ASSERT_FATAL(labels[i] < k);
        sizes[labels[i]]++;
        for (size_t j = i + 1; j < n && j < i + 50; j++)
            CU_ASSERT(labels[i] == labels[j] || memcmp(points + i * d, points + j * d, d * sizeof *points));
    }
    for (size_t j = 0; j < k; j++) {
        char *text = NULL;
        CU_ASSERT(sizes[j] > 0);
        CHECK_OK(rs_clustering_describe(&text, c, j));
        CU_ASSERT(text && strlen(text) > 5);
        free(text);
    }
    CHECK_OK(rs_clustering_assign(c, n, points, again, NULL));
    CU_ASSERT(!memcmp(labels, again, n * sizeof *again));
    for (size_t i = 0; i < n; i += n / 10 + 1) { /* one alone gets what it gets among others */
        CHECK_OK(rs_clustering_assign(c, 1, points + i * d, again, NULL));
        CU_ASSERT(again[0] == labels[i]);
    }
    for (size_t i = 0; i < 4; i++) {
        for (size_t x = 0; x < d; x++) anywhere[x] = (i % 2 ? -1.0f : 1.0f) * (i / 2 ? FLT_MAX : 5);
        again[0] = UINT32_MAX;
        CHECK_OK(rs_clustering_assign(c, 1, anywhere, again, NULL));
        CU_ASSERT(again[0] < k);
    }
    free(sizes);
    free(again);
    free(anywhere);
}

void points_check_threads(const char *method, size_t n, size_t d, const float *points, const rs_cluster_options *o) {
    rs_clustering *first = NULL, *c = NULL;
    CHECK_OK(rs_cluster_fit(&first, method, n, d, points, o, &(rs_context){.seed = 5, .threads = 1}));
    for (size_t threads = 2; threads <= 3; threads++) {
        CHECK_OK(rs_cluster_fit(&c, method, n, d, points, o, &(rs_context){.seed = 5, .threads = threads}));
        CU_ASSERT_FATAL(rs_clustering_count(c) == rs_clustering_count(first));
        CU_ASSERT(!memcmp(rs_clustering_labels(c), rs_clustering_labels(first), n * sizeof(uint32_t)));
        rs_clustering_free(c);
    }
    rs_clustering_free(first);
}

typedef struct sweep_case {
    const char *method;
    size_t n, d;
    const float *points;
    const rs_cluster_options *options;
} sweep_case;

static rs_status sweep(void *user) {
    const sweep_case *s = user;
    rs_clustering *c = NULL;
    char *text = NULL;
    uint32_t label;
    rs_status status = rs_cluster_fit(&c, s->method, s->n, s->d, s->points, s->options, NULL);
    if (status == RS_OK) status = rs_clustering_assign(c, 1, s->points, &label, NULL);
    if (status == RS_OK) status = rs_clustering_describe(&text, c, 0);
    free(text);
    rs_clustering_free(c);
    return status;
}

void points_check_allocations(const char *method, size_t n, size_t d, const float *points,
                              const rs_cluster_options *o) {
    unit_allocation_sweep(sweep, &(sweep_case){method, n, d, points, o}, 1000);
}

void points_check_stops(const char *method, size_t n, size_t d, const float *points) {
    volatile sig_atomic_t raised = 1;
    rs_clustering *c = NULL;
    CHECK_FAILS(rs_cluster_fit(&c, method, n, d, points, NULL, &(rs_context){.interrupt = &raised}), RS_EINTERRUPTED, "");
    CU_ASSERT_PTR_NULL(c);
    CHECK_OK(rs_cluster_fit(&c, method, n, d, points, NULL, &(rs_context){.deadline = rs_now()}));
    points_check(c, points);
    rs_clustering_free(c);
}

void points_check_scales(const char *method) {
    const float scales[] = {FLT_MAX, 1e20f, 1e-25f, 1e-44f, 0};
    for (size_t s = 0; s < 5; s++) {
        float p[160];
        for (size_t i = 0; i < 80; i++) {
            p[2 * i] = scales[s] * (i % 2 ? 1.0f : -1.0f);
            p[2 * i + 1] = -scales[s] * (i % 4 > 1 ? 1.0f : 0.0f);
        }
        for (size_t n = 1; n <= 80; n *= n < 5 ? 5 : 16) {
            rs_clustering *c = NULL;
            rs_status status = rs_cluster_fit(&c, method, n, 2, p, NULL, NULL);
            if (!unit_status(status, RS_OK, method, __FILE__, __LINE__)) continue;
            points_check(c, p);
            rs_clustering_free(c);
        }
    }
}

float *points_golden(const char *name, size_t columns, size_t *n, size_t *d, double **values) {
    FILE *file = fopen(unit_source(name), "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_FATAL(fscanf(file, "%zu %zu", n, d) == 2);
    float *points = calloc(*n * *d, sizeof *points);
    *values = calloc(columns * *n, sizeof **values);
    for (size_t i = 0; i < *n * *d; i++) CU_ASSERT_FATAL(fscanf(file, "%f", points + i) == 1);
    for (size_t i = 0; i < *n * columns; i++) CU_ASSERT_FATAL(fscanf(file, "%lf", *values + i) == 1);
    fclose(file);
    return points;
}
