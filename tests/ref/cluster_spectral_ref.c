#include "cluster_spectral_ref.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void ref_neighbour_graph(size_t n, size_t d, const float *points, size_t k, double *weights) {
    double *distances = calloc(n, sizeof *distances), *sorted = calloc(n, sizeof *sorted);
    for (size_t i = 0; i < n * n; i++) weights[i] = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            distances[j] = 0;
            for (size_t x = 0; x < d; x++) {
                double difference = (double)points[i * d + x] - (double)points[j * d + x];
                distances[j] += difference * difference;
            }
            sorted[j] = distances[j];
        }
        qsort(sorted, n, sizeof *sorted, ascending);
        for (size_t j = 0; j < n; j++)
            if (j != i && distances[j] <= sorted[k] * (1 + 1e-14)) {
                weights[i * n + j] += 0.5;
                weights[j * n + i] += 0.5;
            }
    }
    free(distances);
    free(sorted);
}

void ref_eigenvalues(size_t n, double *a, double *values) {
    for (double off = 1; off > 1e-22;) {
        off = 0;
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++) {
                double apq = a[p * n + q];
                off += apq * apq;
                if (fabs(apq) < 1e-300) continue;
                double theta = (a[q * n + q] - a[p * n + p]) / (2 * apq);
                double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1)), c = 1 / sqrt(t * t + 1);
                double s = t * c;
                for (size_t i = 0; i < n; i++) {
                    double x = a[i * n + p], y = a[i * n + q];
                    a[i * n + p] = c * x - s * y;
                    a[i * n + q] = s * x + c * y;
                }
                for (size_t i = 0; i < n; i++) {
                    double x = a[p * n + i], y = a[q * n + i];
                    a[p * n + i] = c * x - s * y;
                    a[q * n + i] = s * x + c * y;
                }
            }
    }
    for (size_t i = 0; i < n; i++) values[i] = -a[i * n + i];
    qsort(values, n, sizeof *values, ascending);
    for (size_t i = 0; i < n; i++) values[i] = -values[i];
}
