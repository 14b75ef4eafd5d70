/* One step in affine forms. A coordinate s of the new state gets a generator of its own, number k + s, which carries
 * all errors of that coordinate: those of the forms and eps. For an LSTM c' gets it before h' = o tanh(c') is computed,
 * so that h' knows of it.
 *
 * rs_exact_rounding. With u = 2^-24 and |fl(sum of n products)| summed in any order, fused or not,
 *   |fl(W x + U h + b) - (W x + U h + b)| <= gamma (|W||x| + |U||h| + |b|),   gamma = (n + 3) u / (1 - (n + 3) u) <= (n
 * + 3) 2^-23 (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1, doi:10.1137/1.9780898718027).
 * SOUND: the machine that runs the network computes tanh and the logistic function in float32 within 2^-20, that is 8
 * ulp below 1, and adds and multiplies as IEEE 754 says. */
#include "certify/exact.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

__extension__ typedef __int128 wide;

#define ACTIVATION_ERROR ((rs_fixed)1 << (RS_FIXED_BITS - 20))
#define UNIT_ROUNDOFF ((rs_fixed)1 << (RS_FIXED_BITS - 24))

typedef struct layer {
    rs_fixed *ih;       /* [gates*hidden*columns] */
    rs_fixed *hh;       /* [gates*hidden*hidden] */
    rs_fixed *bias;     /* [gates*hidden], b_ih + b_hh; of a GRU's n gate b_ih alone */
    rs_fixed *bias_n;   /* GRU: b_hh of the n gate, [hidden] */
    rs_fixed *peephole; /* lstm-peephole: [3*hidden] */
} layer;

typedef struct dense {
    rs_fixed *weight, *bias;
    size_t rows, columns;
    rs_activation activation;
} dense;

struct rs_exact {
    rs_cell cell;
    size_t layers, hidden, gates, symbols, width, logits, size; /* width of the input, size of the state */
    layer *layer;                                               /* [layers] */
    rs_form *input;       /* [symbols*gates*hidden]: W x + b of layer 0, without generators */
    rs_fixed *input_size; /* the same: |W||x| + |b|, rounded up */
    dense *head;          /* [head_layers] */
    size_t head_layers, widest;
    rs_fixed *initial, threshold;
};

/* A magnitude beyond this is of no use, and nothing below it overflows. */
#define ERROR_LIMIT ((wide)1 << (RS_FIXED_BITS + 12))

static wide magnitude(rs_fixed x) {
    return x < 0 ? -(wide)x : x;
}

/* ---- Weights ---- */

static rs_status convert(rs_fixed **out, const float *values, size_t count) {
    rs_fixed *fixed = rs_alloc(count, sizeof *fixed);
    if (!fixed) return RS_EMEMORY;
    *out = fixed;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        if (!rs_fixed_from_bits(&fixed[i], bits))
            return rs_fail(RS_EINPUT, "the checker of proofs takes weights below 2^20 in magnitude");
    }
    return RS_OK;
}

static bool gated_n(rs_cell cell) {
    return cell == RS_CELL_GRU || cell == RS_CELL_GRU_BEFORE;
}

static rs_status convert_layer(layer *out, const rs_exact *net, const rs_recurrent *r, size_t columns) {
    rs_status status = RS_OK;
    size_t rows = net->gates * net->hidden;
    rs_fixed *other = NULL;
    RS_TRY(convert(&out->ih, r->weight_ih, rows * columns));
    RS_TRY(convert(&out->hh, r->weight_hh, rows * net->hidden));
    RS_TRY(convert(&out->bias, r->bias_ih, rows));
    RS_TRY(convert(&other, r->bias_hh, rows));
    if (gated_n(net->cell)) RS_TRY(convert(&out->bias_n, r->bias_hh + 2 * net->hidden, net->hidden));
    for (size_t i = 0; i < rows; i++)
        if (!out->bias_n || i < 2 * net->hidden) out->bias[i] += other[i];
    if (net->cell == RS_CELL_PEEPHOLE) RS_TRY(convert(&out->peephole, r->peephole, 3 * net->hidden));
cleanup:
    free(other);
    return status;
}

/* A number that is known up to a unit. */
static rs_form constant(rs_fixed value) {
    return (rs_form){.c = value, .err = 1, .lo = value - 1, .hi = value + 1};
}

static rs_status convert_input(rs_exact *net, const rs_network_weights *w) {
    rs_status status = RS_OK;
    size_t rows = net->gates * net->hidden;
    rs_fixed *embedding = NULL;
    rs_form *x = NULL;
    RS_TRY_ALLOC(x = rs_alloc(net->width, sizeof *x));
    RS_TRY_ALLOC(net->input = rs_alloc(net->symbols * rows, sizeof *net->input));
    RS_TRY_ALLOC(net->input_size = rs_alloc(net->symbols * rows, sizeof *net->input_size));
    if (w->embedding) RS_TRY(convert(&embedding, w->embedding, net->symbols * net->width));
    for (size_t s = 0; s < net->symbols; s++) {
        for (size_t i = 0; i < net->width; i++)
            x[i] = constant(embedding ? embedding[s * net->width + i] : i == s ? RS_FIXED_ONE : 0);
        for (size_t i = 0; i < rows; i++) {
            const rs_fixed *row = net->layer[0].ih + i * net->width;
            wide size = magnitude(net->layer[0].bias[i]);
            for (size_t c = 0; c < net->width; c++)
                size += (magnitude(row[c]) * (magnitude(x[c].c) + 1) >> RS_FIXED_BITS) + 2;
            if (size > ERROR_LIMIT ||
                !rs_form_affine(&net->input[s * rows + i], 0, net->width, row, net->layer[0].bias[i], x)) {
                status = rs_fail(RS_EINPUT, "the checker of proofs takes smaller weights");
                goto cleanup;
            }
            net->input_size[s * rows + i] = (rs_fixed)size;
        }
    }
cleanup:
    free(x);
    free(embedding);
    return status;
}

static rs_status convert_head(rs_exact *net, const rs_network_weights *w) {
    rs_status status = RS_OK;
    uint32_t bits;
    RS_TRY_ALLOC(net->head = rs_alloc(w->head_layers, sizeof *net->head));
    net->head_layers = w->head_layers;
    net->widest = net->hidden;
    for (size_t i = 0; i < w->head_layers; i++) {
        const rs_dense *from = &w->head[i];
        dense *to = &net->head[i];
        to->rows = from->rows;
        to->columns = from->columns;
        to->activation = from->activation;
        RS_TRY(convert(&to->weight, from->weight, from->rows * from->columns));
        RS_TRY(convert(&to->bias, from->bias, from->rows));
        if (to->rows > net->widest) net->widest = to->rows;
    }
    net->logits = w->head[w->head_layers - 1].rows;
    memcpy(&bits, &w->threshold, sizeof bits);
    if (!rs_fixed_from_bits(&net->threshold, bits)) status = rs_fail(RS_EINPUT, "the threshold is too large");
cleanup:
    return status;
}

rs_status rs_exact_new(rs_exact **out, const rs_network *source) {
    rs_status status = RS_OK;
    const rs_network_weights *w = rs_network_arrays(source);
    rs_exact *net = NULL;
    if (w->gate_slope != 0)
        return rs_fail(RS_EINPUT, "%s: the checker of proofs does not take hard sigmoids", rs_network_file(source));
    RS_TRY_ALLOC(net = rs_alloc(1, sizeof *net));
    net->cell = w->cell;
    net->layers = w->layers;
    net->hidden = w->hidden;
    net->gates = rs_cell_gates(w->cell);
    net->symbols = rs_names_count(w->alphabet);
    net->width = w->input_size;
    net->size = rs_network_state_size(source);
    RS_TRY_ALLOC(net->layer = rs_alloc(w->layers, sizeof *net->layer));
    for (size_t l = 0; l < w->layers; l++)
        RS_TRY(convert_layer(&net->layer[l], net, &w->recurrent[l], l ? net->hidden : net->width));
    RS_TRY(convert_input(net, w));
    RS_TRY(convert_head(net, w));
    RS_TRY(convert(&net->initial, w->initial, net->size));
    *out = net;
    net = NULL;
cleanup:
    rs_exact_free(net);
    return status;
}

void rs_exact_free(rs_exact *net) {
    if (!net) return;
    for (size_t l = 0; net->layer && l < net->layers; l++) {
        free(net->layer[l].ih);
        free(net->layer[l].hh);
        free(net->layer[l].bias);
        free(net->layer[l].bias_n);
        free(net->layer[l].peephole);
    }
    for (size_t i = 0; i < net->head_layers; i++) {
        free(net->head[i].weight);
        free(net->head[i].bias);
    }
    free(net->layer);
    free(net->head);
    free(net->input);
    free(net->input_size);
    free(net->initial);
    free(net);
}

size_t rs_exact_state_size(const rs_exact *net) {
    return net->size;
}

/* ---- States ---- */

/* Forms with room for k generators each, all zero. */
static rs_form *new_forms(rs_fixed **memory, size_t count, size_t k) {
    rs_form *forms = rs_alloc(count, sizeof *forms);
    size_t each = k ? k : 1, total;
    *memory = forms && !__builtin_mul_overflow(count, each, &total) ? rs_alloc(total, sizeof **memory) : NULL;
    if (!*memory) {
        free(forms);
        return NULL;
    }
    for (size_t i = 0; i < count; i++) forms[i].g = *memory + i * each;
    return forms;
}

/* Forms that a step needs: the gates, what the cell puts together from them, and r * h of a whole layer; the head's
 * layers. */
static size_t work_forms(const rs_exact *net) {
    size_t step = (net->gates + 1) * net->hidden + 4, head = 2 * net->widest + 1;
    return step > head ? step : head;
}

rs_status rs_exact_state_new(rs_exact_state *out, const rs_exact *net, size_t steps) {
    rs_exact_state state = {.capacity = net->size * (steps + 1)};
    state.x = new_forms(&state.memory, net->size, state.capacity);
    state.work = new_forms(&state.work_memory, work_forms(net), state.capacity);
    if (!state.x || !state.work) {
        rs_exact_state_free(&state);
        return RS_EMEMORY;
    }
    *out = state;
    return RS_OK;
}

void rs_exact_state_free(rs_exact_state *state) {
    free(state->x);
    free(state->memory);
    free(state->work);
    free(state->work_memory);
    *state = (rs_exact_state){0};
}

void rs_exact_box(rs_exact_state *out, const rs_exact *net, const rs_fixed *lo, const rs_fixed *hi) {
    out->k = net->size;
    for (size_t s = 0; s < net->size; s++) {
        rs_form *x = &out->x[s];
        memset(x->g, 0, out->k * sizeof *x->g);
        x->c = lo[s] + (hi[s] - lo[s]) / 2;
        x->g[s] = hi[s] - x->c;
        x->err = 0;
        x->lo = lo[s];
        x->hi = hi[s];
    }
}

bool rs_exact_starts_in(const rs_exact *net, const rs_fixed *lo, const rs_fixed *hi) {
    /* The initial state is float32 and may be half a unit off here. */
    for (size_t s = 0; s < net->size; s++)
        if (net->initial[s] - 1 < lo[s] || net->initial[s] + 1 > hi[s]) return false;
    return true;
}

/* ---- One step ---- */

/* The coordinate's errors become its own generator, number `own`; a box that is far smaller than what the generators
 * say takes their place. */
static bool settle(rs_form *x, size_t k, size_t own, rs_fixed eps) {
    rs_fixed lo = x->lo - eps, hi = x->hi + eps;
    x->err += eps;
    if (!rs_form_within(x, k, lo, hi)) return false;
    wide spread = x->err;
    for (size_t i = 0; i < k; i++) spread += x->g[i] < 0 ? -x->g[i] : x->g[i];
    if (x->hi - x->lo < spread) { /* half of 2 * spread */
        memset(x->g, 0, k * sizeof *x->g);
        x->c = x->lo + (x->hi - x->lo) / 2;
        x->err = x->hi - x->c;
    }
    x->g[own] = x->err;
    x->err = 0;
    return true;
}

/* z[g*hidden + j] = W x + U h + b of every gate; of a GRU's n gate without U h. */
static bool sums(rs_form *z, const rs_exact *net, size_t l, size_t k, uint32_t symbol, const rs_form *below,
                 const rs_form *h) {
    const layer *at = &net->layer[l];
    size_t n = net->hidden, rows = net->gates * n;
    rs_form *with_h = &z[rows]; /* one more */
    for (size_t i = 0; i < rows; i++) {
        bool alone = gated_n(net->cell) && i >= 2 * n;
        if (l) {
            if (!rs_form_affine(&z[i], k, n, at->ih + i * n, at->bias[i], below)) return false;
        } else {
            const rs_form *input = &net->input[symbol * rows + i];
            z[i].c = input->c;
            z[i].err = input->err;
            z[i].lo = input->lo;
            z[i].hi = input->hi;
            memset(z[i].g, 0, k * sizeof *z[i].g);
        }
        if (alone) continue;
        if (!rs_form_affine(with_h, k, n, at->hh + i * n, 0, h) || !rs_form_add(&z[i], k, &z[i], with_h)) return false;
    }
    return true;
}

/* out = n + u (h - n), which lies between n and h; u is in [0, 1]. */
static bool blend(rs_form *out, size_t k, const rs_form *n, const rs_form *u, const rs_form *h, rs_form *t) {
    rs_fixed lo = RS_FIXED_ONE * 4, hi = -lo;
    for (int i = 0; i < 2; i++) {
        rs_fixed a = i ? u->hi : u->lo, b = RS_FIXED_ONE - a;
        rs_fixed low = rs_fixed_mul_down(b, n->lo) + rs_fixed_mul_down(a, h->lo);
        rs_fixed high = rs_fixed_mul_up(b, n->hi) + rs_fixed_mul_up(a, h->hi);
        lo = low < lo ? low : lo;
        hi = high > hi ? high : hi;
    }
    if (!rs_form_sub(t, k, h, n) || !rs_form_mul(t, k, u, t) || !rs_form_add(out, k, n, t)) return false;
    return rs_form_within(out, k, lo > out->lo ? lo : out->lo, hi < out->hi ? hi : out->hi);
}

static bool elman(rs_form *out, const rs_exact *net, size_t k, rs_form *z) {
    for (size_t j = 0; j < net->hidden; j++) {
        bool done = net->cell == RS_CELL_RELU   ? rs_form_relu(&out[j], k, &z[j])
                    : net->cell == RS_CELL_TANH ? rs_form_tanh(&out[j], k, &z[j])
                                                : rs_form_sigmoid(&out[j], k, &z[j]);
        if (!done) return false;
    }
    return true;
}

static bool gru(rs_form *out, const rs_exact *net, size_t l, size_t k, rs_form *z, const rs_form *h) {
    const layer *at = &net->layer[l];
    size_t n = net->hidden;
    rs_form *r = z, *u = z + n, *x = z + 2 * n, *rh = z + 3 * n, *y = z + 4 * n, *t = y + 1;
    for (size_t j = 0; j < 2 * n; j++)
        if (!rs_form_sigmoid(&z[j], k, &z[j])) return false;
    bool before = net->cell == RS_CELL_GRU_BEFORE;
    for (size_t j = 0; j < n && before; j++)
        if (!rs_form_mul(&rh[j], k, &r[j], &h[j])) return false;
    for (size_t j = 0; j < n; j++) {
        if (!rs_form_affine(y, k, n, at->hh + (2 * n + j) * n, at->bias_n[j], before ? rh : h)) return false;
        if (!before && !rs_form_mul(y, k, &r[j], y)) return false;
        if (!rs_form_add(y, k, &x[j], y) || !rs_form_tanh(y, k, y)) return false;
        if (!blend(&out[j], k, y, &u[j], &h[j], t)) return false;
    }
    return true;
}

/* pre += p * c, for a peephole. */
static bool peep(rs_form *pre, size_t k, const rs_fixed *p, size_t i, const rs_form *c, rs_form *t) {
    return !p || (rs_form_affine(t, k, 1, p + i, 0, c) && rs_form_add(pre, k, pre, t));
}

/* own + j: the generator of c'[j]; K: the number of generators once all c' have theirs. */
static bool lstm(rs_form *h, rs_form *c, const rs_exact *net, size_t l, size_t K, size_t own, rs_form *z,
                 const rs_form *old_c, rs_fixed eps) {
    const rs_fixed *p = net->layer[l].peephole;
    size_t n = net->hidden;
    rs_form *in = z, *forget = z + n, *g = z + 2 * n, *o = z + 3 * n, *t = z + 4 * n;
    for (size_t j = 0; j < n; j++) {
        if (!peep(&in[j], K, p, j, &old_c[j], t) || !peep(&forget[j], K, p, n + j, &old_c[j], t)) return false;
        if (!rs_form_sigmoid(&in[j], K, &in[j]) || !rs_form_sigmoid(&forget[j], K, &forget[j])) return false;
        if (!rs_form_tanh(&g[j], K, &g[j]) || !rs_form_mul(t, K, &forget[j], &old_c[j])) return false;
        if (!rs_form_mul(&g[j], K, &in[j], &g[j]) || !rs_form_add(&c[j], K, t, &g[j])) return false;
        if (!settle(&c[j], K, own + j, eps) || !peep(&o[j], K, p, 2 * n + j, &c[j], t)) return false;
        if (!rs_form_sigmoid(&o[j], K, &o[j]) || !rs_form_tanh(t, K, &c[j]) || !rs_form_mul(&h[j], K, &o[j], t))
            return false;
    }
    return true;
}

bool rs_exact_step(rs_exact_state *out, const rs_exact *net, const rs_exact_state *from, uint32_t symbol,
                   rs_fixed eps) {
    size_t n = net->hidden, k = from->k, K = k + net->size;
    bool memory = rs_cell_has_memory(net->cell);
    if (K > out->capacity || K > from->capacity) return false;
    /* The old state knows nothing of the new generators. */
    for (size_t s = 0; s < net->size; s++) memset(from->x[s].g + k, 0, net->size * sizeof *from->x[s].g);
    for (size_t l = 0; l < net->layers; l++) {
        const rs_form *h = from->x + l * n, *old_c = from->x + (net->layers + l) * n;
        rs_form *new_h = out->x + l * n, *new_c = out->x + (net->layers + l) * n;
        if (!sums(out->work, net, l, K, symbol, l ? new_h - n : NULL, h)) return false;
        bool done = memory            ? lstm(new_h, new_c, net, l, K, k + (net->layers + l) * n, out->work, old_c, eps)
                    : net->gates == 3 ? gru(new_h, net, l, K, out->work, h)
                                      : elman(new_h, net, K, out->work);
        for (size_t j = 0; j < n && done; j++) done = settle(&new_h[j], K, k + l * n + j, eps);
        if (!done) return false;
    }
    out->k = K;
    return true;
}

/* ---- Classes ---- */

bool rs_exact_classes(bool *possible, const rs_exact *net, const rs_exact_state *state, rs_fixed eps) {
    const rs_form *x = state->x + (net->layers - 1) * net->hidden;
    /* The state's own work forms are free between steps. */
    rs_form *y = state->work, *t = state->work + 2 * net->widest;
    for (size_t i = 0; i < net->head_layers; i++, x = y, y = y == state->work ? y + net->widest : state->work) {
        const dense *d = &net->head[i];
        for (size_t r = 0; r < d->rows; r++) {
            if (!rs_form_affine(&y[r], state->k, d->columns, d->weight + r * d->columns, d->bias[r], x)) return false;
            bool done = true;
            switch (d->activation) {
            case RS_ACTIVATION_NONE:
                break;
            case RS_ACTIVATION_RELU:
                done = rs_form_relu(&y[r], state->k, &y[r]);
                break;
            case RS_ACTIVATION_TANH:
                done = rs_form_tanh(&y[r], state->k, &y[r]);
                break;
            case RS_ACTIVATION_SIGMOID:
                done = rs_form_sigmoid(&y[r], state->k, &y[r]);
                break;
            }
            if (!done) return false;
        }
    }
    if (net->logits == 1) { /* class 1 iff logit > threshold */
        possible[1] = x[0].hi + eps >= net->threshold - 1;
        possible[0] = x[0].lo - eps <= net->threshold + 1;
        return true;
    }
    for (size_t a = 0; a < net->logits; a++) {
        possible[a] = true;
        for (size_t b = 0; b < net->logits && possible[a]; b++) {
            if (a == b) continue;
            if (!rs_form_sub(t, state->k, &x[b], &x[a])) return false;
            possible[a] = t->lo <= 2 * eps;
        }
    }
    return true;
}

/* ---- Rounding of float32 ---- */

static wide times(wide a, wide b) {
    return (a * b >> RS_FIXED_BITS) + 1;
}

/* (|W||x| + |b|) and gamma times it plus |W| e: magnitude and error of a sum over n inputs of size <= reach[i] and
 * error <= e. */
static void rounded_sum(wide *size, wide *error, const rs_fixed *row, size_t n, const rs_fixed *reach, wide e) {
    wide sum = 0, weights = 0;
    for (size_t i = 0; i < n; i++) {
        wide w = row[i] < 0 ? -(wide)row[i] : row[i];
        sum += w * reach[i] >> RS_FIXED_BITS;
        weights += w;
    }
    *size += sum + (wide)n + 1;
    *error += times(weights, e);
}

/* Of one coordinate's gates: size[g] and error[g] of their sums; the error of the new h and c from these. */
static wide cell_error(wide *error_c, rs_cell cell, const wide *size, const wide *error, wide c, wide h) {
    wide u = UNIT_ROUNDOFF, a = ACTIVATION_ERROR, one = RS_FIXED_ONE;
    switch (cell) {
    case RS_CELL_RELU:
        return error[0];
    case RS_CELL_TANH:
    case RS_CELL_SIGMOID:
        return error[0] + a;
    case RS_CELL_GRU:
    case RS_CELL_GRU_BEFORE: {
        /* size[3], error[3]: of U_n h + b_hn, which r multiplies before or after. */
        wide r = error[0] + a, z = error[1] + a;
        wide n = error[2] + error[3] + times(r, size[3]) + times(8 * u, size[2] + size[3]) + a;
        return 2 * n + times(z, one + h) + 16 * u + times(8 * u, h);
    }
    default: {
        wide i = error[0] + a, f = error[1] + a, g = error[2] + a, o = error[3] + a;
        *error_c = times(f, c) + i + g + times(8 * u, c + one);
        return *error_c + o + a + 8 * u;
    }
    }
}

/* Of the logits, given the sizes of the last layer's h, which is what the float run has: no error comes in. */
static bool head_error(wide *out, const rs_exact *net, const rs_fixed *reach) {
    wide size = 0, error = 0;
    for (size_t j = 0; j < net->hidden; j++)
        size = reach[(net->layers - 1) * net->hidden + j] > size ? reach[(net->layers - 1) * net->hidden + j] : size;
    for (size_t i = 0; i < net->head_layers; i++) {
        const dense *d = &net->head[i];
        wide next_size = 0, next_error = 0;
        for (size_t r = 0; r < d->rows; r++) {
            wide weights = 0, sum;
            for (size_t c = 0; c < d->columns; c++) weights += magnitude(d->weight[r * d->columns + c]);
            sum = times(weights, size) + magnitude(d->bias[r]);
            wide e = times(weights, error) + times(sum, (wide)(d->columns + 3) * 2 * UNIT_ROUNDOFF) + ACTIVATION_ERROR;
            if (sum > ERROR_LIMIT || e > ERROR_LIMIT) return false;
            next_size = sum > next_size ? sum : next_size;
            next_error = e > next_error ? e : next_error;
        }
        size = next_size;
        error = next_error;
    }
    *out = error;
    return true;
}

bool rs_exact_rounding(rs_fixed *eps, rs_fixed *eps_logit, const rs_exact *net, const rs_fixed *reach) {
    wide worst = 0, below = 0, logit = 0;
    size_t n = net->hidden, rows = net->gates * n;
    /* A layer's input may be as large as its own output may become. */
    for (size_t l = 0; l < net->layers; l++) {
        const layer *at = &net->layer[l];
        wide layer_worst = 0;
        for (size_t j = 0; j < n; j++) {
            wide size[4] = {0}, error[4] = {0}, error_c = 0, c = 0;
            for (size_t g = 0; g < net->gates; g++) {
                size_t i = g * n + j, terms = n + (l ? n : net->width) + 3;
                bool apart = gated_n(net->cell) && g == 2;
                size_t to = apart ? 3 : g;
                size[g] += magnitude(at->bias[i]);
                if (apart) size[3] += magnitude(at->bias_n[j]);
                if (l) rounded_sum(&size[g], &error[g], at->ih + i * n, n, reach + (l - 1) * n, below);
                else
                    for (size_t s = 0; s < net->symbols; s++)
                        if (net->input_size[s * rows + i] > size[g]) size[g] = net->input_size[s * rows + i];
                rounded_sum(&size[to], &error[to], at->hh + i * n, n, reach + l * n, 0);
                if (size[g] > ERROR_LIMIT || size[to] > ERROR_LIMIT) return false;
                error[g] += times(size[g], (wide)terms * 2 * UNIT_ROUNDOFF);
                if (apart) error[3] += times(size[3], (wide)terms * 2 * UNIT_ROUNDOFF);
            }
            if (rs_cell_has_memory(net->cell)) c = reach[(net->layers + l) * n + j];
            if (at->peephole)
                for (size_t g = 0; g < 3; g++)
                    error[g == 2 ? 3 : g] += times(magnitude(at->peephole[g * n + j]), times(c, 8 * UNIT_ROUNDOFF));
            wide h = cell_error(&error_c, net->cell, size, error, c, reach[l * n + j]);
            if (h > ERROR_LIMIT || error_c > ERROR_LIMIT) return false;
            layer_worst = h > layer_worst ? h : layer_worst;
            worst = error_c > worst ? error_c : worst;
        }
        below = layer_worst;
        worst = layer_worst > worst ? layer_worst : worst;
    }
    if (!head_error(&logit, net, reach)) return false;
    *eps = (rs_fixed)worst;
    *eps_logit = (rs_fixed)logit;
    return true;
}
