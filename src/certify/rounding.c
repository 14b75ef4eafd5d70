/* How far float32 is off: the bounds of certify/exact.c, in double. */
#include <math.h>

#include "certify/domain.h"

#define ACTIVATION_ERROR 0x1p-20
#define UNIT_ROUNDOFF 0x1p-24

/* Of a sum of n products. */
static double gamma_of(size_t n) {
    return (double)n * UNIT_ROUNDOFF * (1 + 0x1p-10);
}

/* |row| |x| */
static double weigh(const double *row, const double *x, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += fabs(row[i]) * x[i];
    return sum;
}

static double head_rounding(const rs_domain *d, const double *h) {
    double size = 0, error = 0;
    for (size_t j = 0; j < d->hidden; j++) size = fmax(size, h[j]);
    for (size_t i = 0; i < d->head_layers; i++) {
        const rs_dense_double *m = &d->head[i];
        double next_size = 1, next_error = 0;
        for (size_t r = 0; r < m->rows; r++) {
            double weights = 0;
            for (size_t c = 0; c < m->columns; c++) weights += fabs(m->weight[r * m->columns + c]);
            double sum = weights * size + fabs(m->bias[r]);
            double e = weights * error + sum * gamma_of(m->columns + 1) + ACTIVATION_ERROR;
            next_error = fmax(next_error, e);
            next_size = fmax(next_size, sum + e);
        }
        size = next_size;
        error = next_error;
    }
    return error;
}

/* Sizes of what is summed in a row of gates: the input's part, and the old state's. */
static void row_sizes(double *x, double *y, const rs_domain *d, size_t l, size_t row, const double *reach) {
    const rs_layer_double *at = &d->layer[l];
    size_t n = d->hidden;
    *x = l ? weigh(at->ih.weight + row * n, reach + (l - 1) * n, n) + at->bias_size[row] : 0;
    for (size_t s = 0; s < d->symbols && !l; s++) *x = fmax(*x, d->input_size[s * at->ih.rows + row]);
    *y = weigh(at->hh.weight + row * n, reach + l * n, n) + at->bias_size[at->ih.rows + row];
}

static double gate_size(const rs_domain *d, size_t l, size_t row, const double *reach) {
    const double *p = d->layer[l].peephole;
    size_t n = d->hidden, g = row / n, j = row % n;
    double x, y;
    row_sizes(&x, &y, d, l, row, reach);
    return x + y + (p && g != 2 ? fabs(p[(g == 3 ? 2 : g) * n + j]) * reach[(d->layers + l) * n + j] : 0);
}

static void layer_errors(double *out, const rs_domain *d, size_t l, const double *reach) {
    size_t n = d->hidden;
    double u = UNIT_ROUNDOFF, a = d->cell == RS_CELL_RELU ? 0 : ACTIVATION_ERROR, reset = 0;
    double gamma = gamma_of(n + (l ? n : d->layer[l].ih.columns) + 3);
    /* The logistic function's slope is at most 1/4. */
    double quarter = d->cell == RS_CELL_TANH || d->cell == RS_CELL_RELU ? 1 : .25;
    for (size_t j = 0; j < n && d->gates == 3; j++)
        reset = fmax(reset, quarter * gate_size(d, l, j, reach) * gamma + a);
    for (size_t j = 0; j < n; j++) {
        double e[4] = {0}, h = reach[l * n + j], error;
        for (size_t g = 0; g < d->gates; g++)
            e[g] = (g == 2 ? 1 : quarter) * gate_size(d, l, g * n + j, reach) * gamma + a;
        error = e[0];
        if (d->gates == 3) {
            double x, y;
            row_sizes(&x, &y, d, l, 2 * n + j, reach);
            y += y * gamma;
            error = (x + y) * gamma + reset * y + 8 * u * (x + y) + a + e[1] * (1 + h) + 16 * u + 8 * u * h;
        } else if (d->gates == 4) {
            size_t s = (d->layers + l) * n + j;
            out[s] = e[0] + e[1] * reach[s] + e[2] + 8 * u * (reach[s] + 1);
            error = e[3] + a + 8 * u;
        }
        out[l * n + j] = error;
    }
}

void rs_domain_rounding(double *eps, double *eps_logit, const rs_domain *d, const double *reach) {
    *eps = 0;
    for (size_t l = 0; l < d->layers; l++) layer_errors(d->errors, d, l, reach);
    for (size_t s = 0; s < d->size; s++) *eps = fmax(*eps, d->errors[s] - d->more[s]);
    *eps_logit = head_rounding(d, reach + (d->layers - 1) * d->hidden);
}
