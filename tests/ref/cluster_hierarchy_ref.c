#include "cluster_hierarchy_ref.h"

#include <math.h>
#include <stdlib.h>

typedef struct task {
    size_t n, d;
    const float *points;
    const uint32_t *labels;
} task;

static long double ward(const task *t, uint32_t a, uint32_t b) {
    long double sizes[2] = {0}, sum = 0;
    for (size_t i = 0; i < t->n; i++) {
        sizes[0] += t->labels[i] == a;
        sizes[1] += t->labels[i] == b;
    }
    for (size_t x = 0; x < t->d; x++) {
        long double means[2] = {0};
        for (size_t i = 0; i < t->n; i++) {
            if (t->labels[i] == a) means[0] += t->points[i * t->d + x] / sizes[0];
            if (t->labels[i] == b) means[1] += t->points[i * t->d + x] / sizes[1];
        }
        sum += (means[0] - means[1]) * (means[0] - means[1]);
    }
    return sum * sizes[0] * sizes[1] / (sizes[0] + sizes[1]);
}

static long double mean_distance(const task *t, uint32_t a, uint32_t b) {
    long double sum = 0, pairs = 0;
    for (size_t i = 0; i < t->n; i++)
        for (size_t j = 0; j < t->n; j++) {
            if (t->labels[i] != a || t->labels[j] != b) continue;
            long double square = 0;
            for (size_t x = 0; x < t->d; x++) {
                long double difference = (long double)t->points[i * t->d + x] - t->points[j * t->d + x];
                square += difference * difference;
            }
            sum += sqrtl(square);
            pairs++;
        }
    return sum / pairs;
}

void ref_agglomerate(size_t n, size_t d, const float *points, int average, size_t k, uint32_t *labels, double *gap) {
    task t = {n, d, points, labels};
    if (gap) *gap = INFINITY;
    for (size_t i = 0; i < n; i++) labels[i] = (uint32_t)i;
    for (size_t clusters = n; clusters > k; clusters--) {
        long double least = INFINITY, second = INFINITY;
        uint32_t from = 0, to = 0;
        for (uint32_t a = 0; a < n; a++)
            for (uint32_t b = a + 1; b < n; b++) {
                size_t ends = 0; /* a cluster has the number of its first point */
                for (size_t i = 0; i < n; i++) ends += (labels[i] == a && i == a) + (labels[i] == b && i == b);
                if (ends < 2) continue;
                long double distance = average ? mean_distance(&t, a, b) : ward(&t, a, b);
                if (distance < least) {
                    second = least;
                    least = distance;
                    to = a;
                    from = b;
                } else if (distance < second) second = distance;
            }
        if (gap && least > 0) *gap = fmin(*gap, (double)((second - least) / least));
        for (size_t i = 0; i < n; i++)
            if (labels[i] == from) labels[i] = to;
    }
    uint32_t next = 0;
    for (size_t i = 0; i < n; i++) labels[i] = labels[i] == i ? next++ : labels[labels[i]];
}
