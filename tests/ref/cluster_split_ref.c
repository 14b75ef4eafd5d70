#include "cluster_split_ref.h"

#include <math.h>

double ref_bic(size_t n, size_t d, const float *points, size_t K, const float *means, const uint32_t *labels) {
    long double pi = 3.14159265358979323846L, inertia = 0, likelihood = 0;
    for (size_t pass = 0; pass < 2; pass++) { /* the inertia, then the densities */
        long double variance = inertia / (long double)(d * (n - K));
        for (size_t i = 0; i < n; i++) {
            long double size = 0, square = 0;
            for (size_t j = 0; j < n; j++) size += labels[j] == labels[i];
            for (size_t x = 0; x < d; x++) {
                long double y = (long double)points[i * d + x] - means[labels[i] * d + x];
                square += y * y;
            }
            if (!pass) inertia += square;
            else
                likelihood += logl(size / (long double)n) - (long double)d / 2 * logl(2 * pi * variance) -
                              square / (2 * variance);
        }
    }
    long double parameters = (long double)(K - 1 + K * d + 1);
    return (double)(likelihood - parameters / 2 * logl((long double)n));
}

/* The i-th smallest by counting. */
static double ranked(size_t n, const double *values, size_t rank) {
    for (size_t i = 0; i < n; i++) {
        size_t below = 0;
        for (size_t j = 0; j < n; j++) below += values[j] < values[i] || (values[j] <= values[i] && j < i);
        if (below == rank) return values[i];
    }
    return NAN;
}

double ref_anderson_darling(size_t n, const double *values) {
    long double mean = 0, variance = 0, sum = 0, m = (long double)n;
    for (size_t i = 0; i < n; i++) mean += values[i] / m;
    for (size_t i = 0; i < n; i++) variance += (values[i] - mean) * (values[i] - mean) / (m - 1);
    for (size_t i = 1; i <= n; i++) {
        long double low = (ranked(n, values, i - 1) - mean) / sqrtl(variance);
        long double high = (ranked(n, values, n - i) - mean) / sqrtl(variance);
        sum += (long double)(2 * i - 1) * (logl(erfcl(-low / sqrtl(2)) / 2) + logl(erfcl(high / sqrtl(2)) / 2));
    }
    return (double)((-m - sum / m) * (1 + 4 / m - 25 / (m * m)));
}
