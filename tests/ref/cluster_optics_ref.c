#include "cluster_optics_ref.h"

#include <math.h>
#include <stdlib.h>

#include "cluster/nearest.h" /* the one definition of which of two distances is less */

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void ref_core(size_t n, size_t d, const float *points, size_t min_points, double *core) {
    double *all = calloc(n, sizeof *all);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) all[j] = rs_squared_distance(d, points + i * d, points + j * d);
        qsort(all, n, sizeof *all, by_value);
        core[i] = all[min_points - 1];
    }
    free(all);
}

void ref_walk(size_t n, size_t d, const float *points, const double *core, bool mutual, size_t *order, size_t *from,
              double *squared) {
    for (size_t i = 0; i < n; i++) {
        size_t best = n, best_from = 0;
        double least = INFINITY;
        for (size_t q = 0; q < n; q++) {
            bool met = false;
            double reach = INFINITY;
            size_t p = q;
            for (size_t j = 0; j < i; j++) {
                size_t other = order[j];
                double r = fmax(rs_squared_distance(d, points + other * d, points + q * d), core[other]);
                if (mutual) r = fmax(r, core[q]);
                met = met || other == q;
                if (r < reach) {
                    reach = r;
                    p = other;
                }
            }
            if (!met && (best == n || reach < least)) {
                best = q;
                best_from = p;
                least = reach;
            }
        }
        order[i] = best;
        from[i] = best_from;
        squared[i] = least;
    }
}
