#include "cluster_som_ref.h"

#include <math.h>

void ref_som_step(size_t rows, size_t columns, double width, float *units, size_t n, size_t d, const float *points,
                  const uint32_t *labels) {
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            for (size_t x = 0; x < d; x++) {
                long double sum = 0, total = 0;
                for (size_t i = 0; i < n; i++) {
                    long double down = (long double)r - labels[i] / columns,
                                right = (long double)c - labels[i] % columns;
                    long double weight = expl(-(down * down + right * right) / (2 * (long double)width * width));
                    sum += weight * points[i * d + x];
                    total += weight;
                }
                if (total > 0) units[(r * columns + c) * d + x] = (float)(sum / total);
            }
}
