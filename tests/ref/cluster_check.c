#include "cluster_check.h"

#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "support/unit.h"

float *cluster_blobs(size_t n, size_t d, size_t blobs, double spread, uint64_t seed) {
    rs_random r = rs_random_new(seed, 0);
    float *centres = calloc(blobs * d, sizeof *centres), *p = calloc(n * d, sizeof *p);
    for (size_t i = 0; i < blobs * d; i++) centres[i] = (float)(rs_random_unit(&r) * 2 - 1);
    for (size_t b = 0; b < blobs; b++) centres[b * d] = (float)b;
    for (size_t i = 0; i < n * d; i++)
        p[i] = centres[i / d % blobs * d + i % d] + (float)(spread * rs_random_normal(&r));
    free(centres);
    return p;
}

void cluster_check(const rs_clustering *c, const float *points) {
    size_t n = rs_clustering_points(c), d = rs_clustering_dimension(c), k = rs_clustering_count(c);
    const uint32_t *labels = rs_clustering_labels(c);
    size_t *sizes = calloc(k, sizeof *sizes);
    uint32_t *again = calloc(n, sizeof *again);
    for (size_t i = 0; i < n; i++) {
        CU_ASSERT_FATAL(labels[i] < k);
        sizes[labels[i]]++;
    }
    for (size_t j = 0; j < k; j++) CU_ASSERT(sizes[j] > 0);
    CHECK_OK(rs_clustering_assign(c, n, points, again, NULL));
    CU_ASSERT(!memcmp(labels, again, n * sizeof *again));
    for (size_t i = 0; i < n; i += n / 10 + 1) { /* one alone gets what it gets among others */
        CHECK_OK(rs_clustering_assign(c, 1, points + i * d, again, NULL));
        CU_ASSERT(again[0] == labels[i]);
    }
    free(sizes);
    free(again);
}

void cluster_check_threads(const char *method, size_t n, size_t d, const float *points,
                           const rs_cluster_options *options) {
    rs_clustering *first = NULL, *c = NULL;
    CHECK_OK(rs_cluster_fit(&first, method, n, d, points, options, &(rs_context){.seed = 5, .threads = 1}));
    for (size_t threads = 2; threads <= 3; threads++) {
        CHECK_OK(rs_cluster_fit(&c, method, n, d, points, options, &(rs_context){.seed = 5, .threads = threads}));
        CU_ASSERT_FATAL(rs_clustering_count(c) == rs_clustering_count(first));
        CU_ASSERT(!memcmp(rs_clustering_labels(c), rs_clustering_labels(first), n * sizeof(uint32_t)));
        rs_clustering_free(c);
    }
    rs_clustering_free(first);
}

bool cluster_same_partition(size_t n, const uint32_t *a, const uint32_t *b) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if ((a[i] == a[j]) != (b[i] == b[j])) return false;
    return true;
}
