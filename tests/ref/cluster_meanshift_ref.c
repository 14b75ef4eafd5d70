#include "cluster_meanshift_ref.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cluster_optics_ref.h"

double ref_bandwidth(size_t n, size_t d, const float *points) {
    double *kth = calloc(n, sizeof *kth), sum = 0;
    size_t k = 3 * n / 10;
    ref_core(n, d, points, k ? k : 1, kth);
    for (size_t i = 0; i < n; i++) sum += sqrt(kth[i]);
    free(kth);
    return sum / (double)n;
}

static double distance(size_t d, const double *a, const double *b) {
    double sum = 0;
    for (size_t i = 0; i < d; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sqrt(sum);
}

size_t ref_meanshift(size_t n, size_t d, const float *points, double h, double *centres) {
    double *p = calloc(n * d, sizeof *p), *ends = calloc(n * d, sizeof *ends), *mean = calloc(d, sizeof *mean);
    size_t *counts = calloc(n, sizeof *counts), k = 0;
    bool *gone = calloc(n, sizeof *gone);
    for (size_t i = 0; i < n * d; i++) ends[i] = p[i] = (double)points[i];
    for (size_t i = 0; i < n; i++) {
        double moved = h;
        for (size_t step = 0; step < 1000 && moved >= 1e-3 * h; step++) {
            memset(mean, 0, d * sizeof *mean);
            counts[i] = 0;
            for (size_t j = 0; j < n; j++) {
                if (distance(d, ends + i * d, p + j * d) > h) continue;
                counts[i]++;
                for (size_t x = 0; x < d; x++) mean[x] += p[j * d + x];
            }
            for (size_t x = 0; x < d; x++) mean[x] /= (double)counts[i];
            moved = distance(d, mean, ends + i * d);
            memcpy(ends + i * d, mean, d * sizeof *mean);
        }
    }
    for (;;) {
        size_t best = n;
        for (size_t i = 0; i < n; i++)
            if (!gone[i] && (best == n || counts[i] > counts[best])) best = i;
        if (best == n) break;
        memcpy(centres + k * d, ends + best * d, d * sizeof *centres);
        for (size_t i = 0; i < n; i++)
            if (distance(d, ends + i * d, centres + k * d) <= h) gone[i] = true;
        k++;
    }
    free(p);
    free(ends);
    free(mean);
    free(counts);
    free(gone);
    return k;
}
