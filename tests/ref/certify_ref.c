#include "certify_ref.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef long double real;

static real activation(rs_activation a, real x) {
    switch (a) {
    case RS_ACTIVATION_RELU:
        return x > 0 ? x : 0;
    case RS_ACTIVATION_TANH:
        return tanhl(x);
    case RS_ACTIVATION_SIGMOID:
        return 1 / (1 + expl(-x));
    default:
        return x;
    }
}

static real s(real x) {
    return activation(RS_ACTIVATION_SIGMOID, x);
}

static real affine(const float *matrix, const float *bias, size_t row, size_t columns, const real *x) {
    real sum = bias ? (real)bias[row] : 0;
    for (size_t k = 0; k < columns; k++) sum += (real)matrix[row * columns + k] * x[k];
    return sum;
}

static real settle(real value, size_t at, const real *forced, real *off) {
    if (!forced) return value + off[at];
    off[at] = forced[at] - value;
    return forced[at];
}

void certify_ref_step(const rs_network_weights *w, const real *state, uint32_t symbol, const real *forced, real *off,
                      real *next) {
    size_t H = w->hidden, L = w->layers, in = w->input_size;
    real x[64] = {0}, rh[64];
    for (size_t k = 0; k < in; k++) x[k] = w->embedding ? (real)w->embedding[symbol * in + k] : (k == symbol ? 1 : 0);
    for (size_t l = 0; l < L; l++) {
        const rs_recurrent *r = &w->recurrent[l];
        const real *h = state + l * H, *c = state + (L + l) * H;
        for (size_t j = 0; j < H; j++) {
#define WX(gate) affine(r->weight_ih, r->bias_ih, (gate)*H + j, in, x)
#define UH(gate) affine(r->weight_hh, r->bias_hh, (gate)*H + j, H, h)
            real value = 0;
            switch (w->cell) {
            case RS_CELL_RELU:
                value = activation(RS_ACTIVATION_RELU, WX(0) + UH(0));
                break;
            case RS_CELL_TANH:
                value = tanhl(WX(0) + UH(0));
                break;
            case RS_CELL_SIGMOID:
                value = s(WX(0) + UH(0));
                break;
            case RS_CELL_GRU:
            case RS_CELL_GRU_BEFORE: {
                for (size_t k = 0; k < H; k++)
                    rh[k] = h[k] *
                            s(affine(r->weight_ih, r->bias_ih, k, in, x) + affine(r->weight_hh, r->bias_hh, k, H, h));
                real after = s(WX(0) + UH(0)) * UH(2), before = affine(r->weight_hh, r->bias_hh, 2 * H + j, H, rh);
                real n = tanhl(WX(2) + (w->cell == RS_CELL_GRU ? after : before)), z = s(WX(1) + UH(1));
                value = (1 - z) * n + z * h[j];
                break;
            }
            case RS_CELL_LSTM:
            case RS_CELL_PEEPHOLE: {
                const float *p = r->peephole;
                real in_gate = WX(0) + UH(0) + (p ? (real)p[j] * c[j] : 0);
                real forget = WX(1) + UH(1) + (p ? (real)p[H + j] * c[j] : 0);
                size_t at = (L + l) * H + j;
                real new_c = next[at] = settle(s(forget) * c[j] + s(in_gate) * tanhl(WX(2) + UH(2)), at, forced, off);
                value = s(WX(3) + UH(3) + (p ? (real)p[2 * H + j] * new_c : 0)) * tanhl(new_c);
                break;
            }
            }
            next[l * H + j] = settle(value, l * H + j, forced, off);
        }
        in = H;
        for (size_t k = 0; k < H; k++) x[k] = next[l * H + k];
    }
}

void certify_ref_logits(const rs_network_weights *w, const real *state, real *logits) {
    real x[64], y[64];
    for (size_t k = 0; k < w->hidden; k++) x[k] = state[(w->layers - 1) * w->hidden + k];
    for (size_t i = 0; i < w->head_layers; i++) {
        const rs_dense *d = &w->head[i];
        for (size_t row = 0; row < d->rows; row++)
            y[row] = activation(d->activation, affine(d->weight, d->bias, row, d->columns, x));
        memcpy(x, y, sizeof x);
    }
    for (size_t row = 0; row < w->head[w->head_layers - 1].rows; row++) logits[row] = x[row];
}

/* ---- Random networks ---- */

static float *values(certify_sample *sample, rs_random *r, size_t count, double scale) {
    float *v = malloc((count ? count : 1) * sizeof *v);
    for (size_t i = 0; i < count; i++) v[i] = (float)(scale * (2 * rs_random_unit(r) - 1));
    return sample->values[sample->count++] = v;
}

static rs_names *names(char first, size_t count) {
    char text[64] = "";
    rs_names *out = NULL;
    for (size_t i = 0; i < count; i++) text[2 * i] = (char)(first + (char)i), text[2 * i + 1] = ' ';
    if (rs_names_parse(&out, "names", text) != RS_OK) abort();
    return out;
}

void certify_sample_new(certify_sample *out, rs_random *r, rs_cell cell, size_t layers, size_t hidden, bool embedding,
                        size_t logits, double scale) {
    memset(out, 0, sizeof *out);
    size_t symbols = 2 + rs_random_below(r, 3), rows = rs_cell_gates(cell) * hidden;
    rs_network_weights *w = &out->weights;
    w->cell = cell;
    w->layers = layers;
    w->hidden = hidden;
    w->input_size = embedding ? 1 + rs_random_below(r, 4) : symbols;
    if (embedding) w->embedding = values(out, r, symbols * w->input_size, 1);
    for (size_t l = 0; l < layers; l++) {
        out->recurrent[l] = (rs_recurrent){values(out, r, rows * (l ? hidden : w->input_size), scale),
                                           values(out, r, rows * hidden, scale), values(out, r, rows, scale),
                                           values(out, r, rows, scale), NULL};
        if (cell == RS_CELL_PEEPHOLE) out->recurrent[l].peephole = values(out, r, 3 * hidden, scale);
    }
    size_t middle = 3;
    rs_activation a = (rs_activation)rs_random_below(r, 4);
    out->head[0] = (rs_dense){values(out, r, middle * hidden, 1), values(out, r, middle, 1), middle, hidden, a};
    out->head[1] =
        (rs_dense){values(out, r, logits * middle, 1), values(out, r, logits, 1), logits, middle, RS_ACTIVATION_NONE};
    w->initial = values(out, r, layers * hidden * (rs_cell_has_memory(cell) ? 2 : 1), 1);
    w->recurrent = out->recurrent;
    w->head = out->head;
    w->head_layers = 2;
    w->threshold = logits == 1 ? 0.1f : 0;
    w->alphabet = out->alphabet = names('a', symbols);
    w->outputs = out->outputs = names('A', logits == 1 ? 2 : logits);
    if (rs_network_new(&out->net, w) != RS_OK) abort();
}

void certify_sample_free(certify_sample *out) {
    rs_network_free(out->net);
    while (out->count) free(out->values[--out->count]);
    rs_names_free(out->alphabet);
    rs_names_free(out->outputs);
}

/* ---- Intervals ---- */

#define WIDEST 8
#define MARGIN 1e-11 /* far more than double and its tanh and exp are off by here */

typedef struct box {
    double lo[WIDEST], hi[WIDEST];
} box;

static double unit(int64_t x) {
    return ldexp((double)x, -40);
}

static void interval_sum(double *lo, double *hi, const float *row, const box *x, size_t n) {
    for (size_t k = 0; k < n; k++) {
        double a = (double)row[k] * x->lo[k], b = (double)row[k] * x->hi[k];
        *lo += fmin(a, b);
        *hi += fmax(a, b);
    }
}

static void interval_step(box *out, const rs_network_weights *w, const box *x, uint32_t symbol, double eps) {
    const rs_recurrent *r = w->recurrent;
    for (size_t j = 0; j < w->hidden; j++) {
        double lo = (double)r->weight_ih[j * w->input_size + symbol] + (r->bias_ih ? (double)r->bias_ih[j] : 0) +
                    (r->bias_hh ? (double)r->bias_hh[j] : 0),
               hi = lo;
        interval_sum(&lo, &hi, r->weight_hh + j * w->hidden, x, w->hidden);
        out->lo[j] = (w->cell == RS_CELL_TANH ? tanh(lo) : 1 / (1 + exp(-lo))) - eps - MARGIN;
        out->hi[j] = (w->cell == RS_CELL_TANH ? tanh(hi) : 1 / (1 + exp(-hi))) + eps + MARGIN;
    }
}

typedef struct confirmation {
    const rs_certificate *z;
    const rs_network_weights *w;
    const rs_monitor *m;
} confirmation;

static bool in_a_region(const confirmation *c, const box *x, uint32_t at) {
    for (size_t r = 0; r < c->z->regions; r++) {
        bool in = c->z->monitor[r] == at;
        for (size_t j = 0; j < c->z->state_size && in; j++)
            in = x->lo[j] >= unit(c->z->lo[r * c->z->state_size + j]) &&
                 x->hi[j] <= unit(c->z->hi[r * c->z->state_size + j]);
        if (in) return true;
    }
    return false;
}

/* All that leave x are in a region again after at most `depth` steps. */
static bool closes(const confirmation *c, const box *x, uint32_t at, size_t depth) {
    for (uint32_t symbol = 0; symbol < rs_names_count(c->w->alphabet); symbol++) {
        box next;
        interval_step(&next, c->w, x, symbol, unit(c->z->eps));
        double lo = c->w->head->bias ? (double)c->w->head->bias[0] : 0, hi = lo, off = unit(c->z->eps_logit) + MARGIN;
        interval_sum(&lo, &hi, c->w->head->weight, &next, c->w->hidden);
        for (uint32_t class = 0; class < 2; class ++) {
            if (class ? hi + off <= (double)c->w->threshold : lo - off > (double)c->w->threshold) continue;
            uint32_t to = rs_monitor_next(c->m, at, symbol, class);
            if (rs_monitor_bad(c->m, to)) return false;
            if (rs_monitor_safe(c->m, to) || in_a_region(c, &next, to)) continue;
            if (depth == 1 || !closes(c, &next, to, depth - 1)) return false;
        }
    }
    return true;
}

static bool bisect(const confirmation *c, const box *x, uint32_t at, size_t bisections) {
    if (closes(c, x, at, c->z->depth)) return true;
    if (!bisections) return false;
    size_t widest = 0;
    for (size_t j = 1; j < c->w->hidden; j++)
        if (x->hi[j] - x->lo[j] > x->hi[widest] - x->lo[widest]) widest = j;
    box low = *x, high = *x;
    low.hi[widest] = high.lo[widest] = (x->lo[widest] + x->hi[widest]) / 2;
    return bisect(c, &low, at, bisections - 1) && bisect(c, &high, at, bisections - 1);
}

bool certify_ref_confirms(const rs_certificate *z, const rs_network_weights *w, const rs_monitor *m,
                          size_t bisections) {
    confirmation c = {z, w, m};
    box start;
    for (size_t j = 0; j < w->hidden; j++) start.lo[j] = start.hi[j] = w->initial ? (double)w->initial[j] : 0;
    if (z->start >= z->regions || z->monitor[z->start] != 0) return false;
    rs_certificate first = *z;
    first.regions = 1;
    first.monitor += z->start;
    first.lo += z->start * z->state_size;
    first.hi += z->start * z->state_size;
    if (!in_a_region(&(confirmation){&first, w, m}, &start, 0)) return false;
    for (size_t r = 0; r < z->regions; r++) {
        box x;
        for (size_t j = 0; j < z->state_size; j++) {
            x.lo[j] = unit(z->lo[r * z->state_size + j]);
            x.hi[j] = unit(z->hi[r * z->state_size + j]);
        }
        if (!rs_monitor_safe(m, z->monitor[r]) && !bisect(&c, &x, z->monitor[r], bisections)) return false;
    }
    return true;
}
