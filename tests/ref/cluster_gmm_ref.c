#include "cluster_gmm_ref.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

long double ref_invert(size_t d, long double a[REF_D][REF_D], long double out[REF_D][REF_D]) {
    long double w[REF_D][2 * REF_D] = {{0}}, det = 1;
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < 2 * d; j++) w[i][j] = j < d ? a[i][j] : j == d + i;
    for (size_t c = 0; c < d; c++) {
        size_t p = c;
        for (size_t i = c; i < d; i++)
            if (fabsl(w[i][c]) > fabsl(w[p][c])) p = i;
        for (size_t j = 0; p != c && j < 2 * d; j++) {
            long double swap = w[p][j];
            w[p][j] = w[c][j];
            w[c][j] = -swap; /* keeps the determinant */
        }
        long double pivot = w[c][c];
        det *= pivot;
        for (size_t j = 0; j < 2 * d; j++) w[c][j] /= pivot;
        for (size_t i = 0; i < d; i++) {
            long double factor = w[i][c];
            for (size_t j = 0; i != c && j < 2 * d; j++) w[i][j] -= factor * w[c][j];
        }
    }
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) out[i][j] = w[i][d + j];
    return det;
}

long double ref_log_density(const ref_mixture *m, const float *x, long double *logs) {
    long double sum = 0;
    for (size_t j = 0; j < m->k; j++) {
        long double a[REF_D][REF_D], inverse[REF_D][REF_D], q = 0;
        memcpy(a, m->covariances[j], sizeof a);
        long double det = ref_invert(m->d, a, inverse);
        for (size_t r = 0; r < m->d; r++)
            for (size_t c = 0; c < m->d; c++) q += (x[r] - m->means[j][r]) * inverse[r][c] * (x[c] - m->means[j][c]);
        logs[j] = logl(m->weights[j]) - 0.5L * (m->d * logl(2 * acosl(-1)) + logl(det) + q);
        sum += expl(logs[j]);
    }
    return logl(sum);
}

long double ref_em_step(ref_mixture *m, size_t n, const float *points, int diagonal, long double floor) {
    long double *r = calloc(n * REF_K, sizeof *r), likelihood = 0;
    for (size_t i = 0; i < n; i++) {
        long double all = ref_log_density(m, points + i * m->d, r + i * REF_K);
        likelihood += all;
        for (size_t j = 0; j < m->k; j++) r[i * REF_K + j] = expl(r[i * REF_K + j] - all);
    }
    for (size_t j = 0; j < m->k; j++) {
        long double size = 0;
        for (size_t i = 0; i < n; i++) size += r[i * REF_K + j];
        m->weights[j] = size / n;
        for (size_t a = 0; a < m->d; a++) {
            m->means[j][a] = 0;
            for (size_t i = 0; i < n; i++) m->means[j][a] += r[i * REF_K + j] * points[i * m->d + a] / size;
        }
        for (size_t a = 0; a < m->d; a++)
            for (size_t b = 0; b < m->d; b++) {
                long double sum = 0;
                for (size_t i = 0; i < n && (a == b || !diagonal); i++)
                    sum += r[i * REF_K + j] * (points[i * m->d + a] - m->means[j][a]) *
                           (points[i * m->d + b] - m->means[j][b]);
                m->covariances[j][a][b] = sum / size + (a == b ? floor : 0);
            }
    }
    free(r);
    return likelihood;
}
