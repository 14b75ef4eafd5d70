#include "cluster_ref.h"

#include <math.h>

static long double squared(size_t d, const float *a, const float *b) {
    long double sum = 0;
    for (size_t x = 0; x < d; x++) sum += ((long double)a[x] - b[x]) * ((long double)a[x] - b[x]);
    return sum;
}

uint32_t ref_nearest(size_t d, const float *x, size_t k, const float *centres, double *distance) {
    size_t best = 0;
    for (size_t j = 1; j < k; j++)
        if (squared(d, x, centres + j * d) < squared(d, x, centres + best * d)) best = j;
    if (distance) *distance = (double)squared(d, x, centres + best * d);
    return (uint32_t)best;
}

double ref_lloyd(size_t n, size_t d, const float *points, size_t k, float *centres, size_t iterations,
                 uint32_t *labels) {
    for (size_t i = 0; i < n; i++) labels[i] = ref_nearest(d, points + i * d, k, centres, NULL);
    for (size_t changed = 1; changed && iterations; iterations--) {
        for (size_t j = 0; j < k; j++)
            for (size_t x = 0; x < d; x++) {
                double sum = 0;
                size_t size = 0;
                for (size_t i = 0; i < n; i++)
                    if (labels[i] == j) {
                        sum += (double)points[i * d + x];
                        size++;
                    }
                if (size) centres[j * d + x] = (float)(sum / (double)size);
            }
        changed = 0;
        for (size_t i = 0; i < n; i++) {
            uint32_t label = ref_nearest(d, points + i * d, k, centres, NULL);
            changed += label != labels[i];
            labels[i] = label;
        }
    }
    double inertia = 0;
    for (size_t i = 0; i < n; i++) inertia += (double)squared(d, points + i * d, centres + labels[i] * d);
    return inertia;
}

/* What is left with these centroids, and from each point when `left` is not NULL. */
static double left_over(size_t n, size_t d, const float *points, size_t k, const size_t *chosen, double *left) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double least = INFINITY;
        for (size_t j = 0; j < k; j++) least = fmin(least, (double)squared(d, points + i * d, points + chosen[j] * d));
        if (left) left[i] = least;
        sum += least;
    }
    return sum;
}

double ref_seed(size_t n, size_t d, const float *points, size_t k, double (*unit)(void *), void *user) {
    size_t chosen[64] = {(size_t)(unit(user) * (double)n)};
    double left[1000];
    for (size_t j = 1; j < k; j++) {
        double total = left_over(n, d, points, j, chosen, left), best = INFINITY;
        size_t winner = 0;
        for (size_t t = 0; t < 2 + (size_t)log((double)k); t++) {
            double rest = unit(user) * total;
            size_t i = 0;
            while (i + 1 < n && (rest -= left[i]) >= 0) i++;
            chosen[j] = i;
            double after = left_over(n, d, points, j + 1, chosen, NULL);
            if (after < best) {
                best = after;
                winner = i;
            }
        }
        chosen[j] = winner;
    }
    return left_over(n, d, points, k, chosen, NULL);
}

static double inertia_of(size_t n, size_t d, const float *points, size_t k, const uint32_t *labels) {
    double inertia = 0;
    for (size_t j = 0; j < k; j++)
        for (size_t x = 0; x < d; x++) {
            double size = 0, mean = 0;
            for (size_t i = 0; i < n; i++)
                if (labels[i] == j) {
                    mean += (double)points[i * d + x];
                    size++;
                }
            if (size > 0) mean /= size;
            for (size_t i = 0; i < n; i++)
                if (labels[i] == j) inertia += ((double)points[i * d + x] - mean) * ((double)points[i * d + x] - mean);
        }
    return inertia;
}

double ref_optimum(size_t n, size_t d, const float *points, size_t k) {
    uint32_t labels[12] = {0};
    double best = INFINITY;
    for (;;) { /* count in base k */
        best = fmin(best, inertia_of(n, d, points, k, labels));
        size_t i = 0;
        while (i < n && ++labels[i] == k) labels[i++] = 0;
        if (i == n) return best;
    }
}

double ref_silhouette(size_t n, size_t d, const float *points, size_t k, const uint32_t *labels) {
    double total = 0;
    for (size_t i = 0; i < n; i++) {
        double a = 0, b = INFINITY;
        size_t own = 0;
        for (size_t j = 0; j < n; j++) own += labels[j] == labels[i];
        for (size_t c = 0; c < k; c++) {
            double sum = 0, size = 0;
            for (size_t j = 0; j < n; j++)
                if (j != i && labels[j] == c) {
                    sum += sqrt((double)squared(d, points + i * d, points + j * d));
                    size++;
                }
            if (c == labels[i]) a = sum / size;
            else if (size > 0 && sum / size < b) b = sum / size;
        }
        if (own > 1 && isfinite(b) && fmax(a, b) > 0) total += (b - a) / fmax(a, b);
    }
    return total / (double)n;
}

double ref_rand(size_t n, const uint32_t *a, const uint32_t *b) {
    double both = 0, first = 0, second = 0, pairs = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) {
            pairs++;
            both += a[i] == a[j] && b[i] == b[j];
            first += a[i] == a[j];
            second += b[i] == b[j];
        }
    double chance = first * second / pairs, most = (first + second) / 2;
    return most > chance ? (both - chance) / (most - chance) : 1;
}
