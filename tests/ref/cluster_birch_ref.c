#include "cluster_birch_ref.h"

#include <math.h>
#include <stdlib.h>

static double mean(size_t n, size_t d, const float *points, const uint32_t *labels, uint32_t c, size_t x) {
    double sum = 0, size = 0;
    for (size_t i = 0; i < n; i++)
        if (labels[i] == c) {
            sum += (double)points[i * d + x];
            size++;
        }
    return sum / size;
}

static double distance(size_t n, size_t d, const float *points, const uint32_t *labels, uint32_t c, size_t i) {
    double sum = 0;
    for (size_t x = 0; x < d; x++) {
        double difference = (double)points[i * d + x] - mean(n, d, points, labels, c, x);
        sum += difference * difference;
    }
    return sum;
}

static uint32_t nearest(size_t n, size_t d, const float *points, const uint32_t *labels, size_t count, size_t i) {
    uint32_t best = 0;
    for (uint32_t c = 1; c < count; c++)
        if (distance(n, d, points, labels, c, i) < distance(n, d, points, labels, best, i)) best = c;
    return best;
}

size_t ref_leaders(size_t n, size_t d, const float *points, double threshold, uint32_t *labels) {
    uint32_t *members = calloc(n, sizeof *members);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t c = count ? nearest(i, d, points, members, count, i) : 0;
        members[i] = c;
        double sum = 0, size = 0;
        for (size_t j = 0; j <= i; j++)
            if (members[j] == c) {
                sum += distance(i + 1, d, points, members, c, j);
                size++;
            }
        if (!count || sum / size > threshold * threshold) members[i] = (uint32_t)count++;
    }
    for (size_t i = 0; i < n; i++) labels[i] = nearest(n, d, points, members, count, i);
    free(members);
    return count;
}
