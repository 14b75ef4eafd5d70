#include "network_ref.h"

#include <math.h>
#include <stdlib.h>

static double activation(rs_activation a, double x) {
    switch (a) {
    case RS_ACTIVATION_RELU: return x > 0 ? x : 0;
    case RS_ACTIVATION_TANH: return tanh(x);
    case RS_ACTIVATION_SIGMOID: return 1 / (1 + exp(-x));
    default: return x;
    }
}

/* The s of the cells. */
static double s(const rs_network_weights *w, double x) {
    if (w->gate_slope > 0) return fmax(0, fmin(1, (double)w->gate_slope * x + 0.5));
    return activation(RS_ACTIVATION_SIGMOID, x);
}

/* Row `row` of matrix [rows*columns] times x, plus its bias. */
static double affine(const float *matrix, const float *bias, size_t row, size_t columns, const double *x) {
    double sum = bias ? (double)bias[row] : 0;
    for (size_t k = 0; k < columns; k++) sum += (double)matrix[row * columns + k] * x[k];
    return sum;
}

void network_ref_step(const rs_network_weights *w, const double *state, uint32_t symbol, double *next) {
    size_t H = w->hidden, L = w->layers, in = w->input_size;
    double *x = calloc(in > H ? in : H, sizeof *x), *rh = calloc(H, sizeof *rh);
    for (size_t k = 0; k < in; k++)
        x[k] = w->embedding ? (double)w->embedding[symbol * in + k] : (k == symbol ? 1 : 0);
    for (size_t l = 0; l < L; l++) {
        const rs_recurrent *r = &w->recurrent[l];
        const double *h = state + l * H, *c = state + (L + l) * H;
        double *new_h = next + l * H, *new_c = next + (L + l) * H;
        for (size_t j = 0; j < H; j++) {
#define WX(gate) affine(r->weight_ih, r->bias_ih, (gate) * H + j, in, x)
#define UH(gate) affine(r->weight_hh, r->bias_hh, (gate) * H + j, H, h)
            switch (w->cell) {
            case RS_CELL_RELU: new_h[j] = fmax(0, WX(0) + UH(0)); break;
            case RS_CELL_TANH: new_h[j] = tanh(WX(0) + UH(0)); break;
            case RS_CELL_SIGMOID: new_h[j] = s(w, WX(0) + UH(0)); break;
            case RS_CELL_GRU: {
                double n = tanh(WX(2) + s(w, WX(0) + UH(0)) * UH(2));
                double z = s(w, WX(1) + UH(1));
                new_h[j] = (1 - z) * n + z * h[j];
                break;
            }
            case RS_CELL_GRU_BEFORE: {
                for (size_t k = 0; k < H; k++) {
                    double reset = affine(r->weight_ih, r->bias_ih, k, in, x) + affine(r->weight_hh, r->bias_hh, k, H, h);
                    rh[k] = s(w, reset) * h[k];
                }
                double n = tanh(WX(2) + affine(r->weight_hh, r->bias_hh, 2 * H + j, H, rh));
                double z = s(w, WX(1) + UH(1));
                new_h[j] = (1 - z) * n + z * h[j];
                break;
            }
            case RS_CELL_LSTM:
            case RS_CELL_PEEPHOLE: {
                const float *p = r->peephole;
                double in_gate = WX(0) + UH(0) + (p ? (double)p[j] * c[j] : 0);
                double forget = WX(1) + UH(1) + (p ? (double)p[H + j] * c[j] : 0);
                new_c[j] = s(w, forget) * c[j] + s(w, in_gate) * tanh(WX(2) + UH(2));
                double out = WX(3) + UH(3) + (p ? (double)p[2 * H + j] * new_c[j] : 0);
                new_h[j] = s(w, out) * tanh(new_c[j]);
                break;
            }
            }
        }
        in = H;
        for (size_t k = 0; k < H; k++) x[k] = new_h[k];
    }
    free(x);
    free(rh);
}

void network_ref_logits(const rs_network_weights *w, const double *state, double *logits) {
    size_t widest = w->hidden;
    for (size_t i = 0; i < w->head_layers; i++)
        if (w->head[i].rows > widest) widest = w->head[i].rows;
    double *x = calloc(widest, sizeof *x), *y = calloc(widest, sizeof *y);
    for (size_t k = 0; k < w->hidden; k++) x[k] = state[(w->layers - 1) * w->hidden + k];
    for (size_t i = 0; i < w->head_layers; i++) {
        const rs_dense *d = &w->head[i];
        for (size_t row = 0; row < d->rows; row++)
            y[row] = activation(d->activation, affine(d->weight, d->bias, row, d->columns, x));
        for (size_t row = 0; row < d->rows; row++) x[row] = y[row];
    }
    for (size_t row = 0; row < w->head[w->head_layers - 1].rows; row++) logits[row] = x[row];
    free(x);
    free(y);
}
