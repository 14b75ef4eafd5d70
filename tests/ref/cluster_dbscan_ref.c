#include "cluster_dbscan_ref.h"

#include <stdbool.h>
#include <stdlib.h>

double ref_distance2(size_t d, const float *a, const float *b) {
    long double sum = 0;
    for (size_t i = 0; i < d; i++) {
        long double difference = (long double)a[i] - (long double)b[i];
        sum += difference * difference;
    }
    return (double)sum;
}

size_t ref_dbscan(size_t n, size_t d, const float *points, double eps, size_t min_points, uint32_t *labels) {
    bool *core = calloc(n, sizeof *core), changed = true;
    size_t cores = 0;
    for (size_t i = 0; i < n; i++) {
        size_t near = 0;
        for (size_t j = 0; j < n; j++) near += ref_distance2(d, points + i * d, points + j * d) <= eps * eps;
        cores += core[i] = near >= min_points;
        labels[i] = core[i] ? (uint32_t)i : 0;
    }
    while (changed) { /* the lowest label spreads */
        changed = false;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                if (core[i] && core[j] && labels[j] < labels[i] &&
                    ref_distance2(d, points + i * d, points + j * d) <= eps * eps) {
                    labels[i] = labels[j];
                    changed = true;
                }
    }
    for (size_t i = 0; i < n; i++) {
        double best = -1;
        for (size_t j = 0; j < n && !core[i]; j++) {
            double distance = ref_distance2(d, points + i * d, points + j * d);
            if (core[j] && (best < 0 || distance < best)) {
                best = distance;
                labels[i] = labels[j];
            }
        }
    }
    free(core);
    return cores;
}

int ref_same_partition(size_t n, const uint32_t *a, const uint32_t *b) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if ((a[i] == a[j]) != (b[i] == b[j])) return 0;
    return 1;
}
