/* SOUND: the machine that runs the network adds and multiplies in float32 as IEEE 754 says, to nearest, and computes
 * tanh and the logistic function within 2^-20. */
#include "certify/exact.h"

#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

#define ACTIVATION_ERROR ((rs_wide)1 << (RS_FIXED_BITS - 20))
#define UNIT_ROUNDOFF ((rs_wide)1 << (RS_FIXED_BITS - 24))
#define GAMMA(N) ((rs_wide)(N) * (UNIT_ROUNDOFF + (UNIT_ROUNDOFF >> 10)))
/* A magnitude beyond this is of no use, and nothing below it overflows. */
#define ERROR_LIMIT ((rs_wide)1 << (RS_FIXED_BITS + 16))

struct rs_exact {
    const rs_network_weights *w; /* the network's own */
    size_t gates, size, widest;  /* size of the state; the widest of hidden layers and the head's */
    rs_fixed *row, *more;        /* room for a row of any matrix; [size]: of rs_exact_allow */
};

static size_t columns(const rs_exact *net, size_t l) {
    return l ? net->w->hidden : net->w->input_size;
}

rs_status rs_exact_new(rs_exact **out, const rs_network *source) {
    const rs_network_weights *w = rs_network_arrays(source);
    if (w->gate_slope != 0) return rs_fail(RS_EINPUT, "the checker of proofs does not take hard sigmoids");
    size_t widest = w->hidden;
    for (size_t i = 0; i < w->head_layers; i++) widest = w->head[i].rows > widest ? w->head[i].rows : widest;
    size_t size = rs_network_state_size(source), row = widest + w->input_size;
    rs_exact *net = rs_alloc(1, sizeof *net + (row + size) * sizeof *net->row);
    if (!net) return RS_EMEMORY;
    *net = (rs_exact){w, rs_cell_gates(w->cell), size, widest, (rs_fixed *)(net + 1), (rs_fixed *)(net + 1) + row};
    *out = net;
    return RS_OK;
}

void rs_exact_free(rs_exact *net) {
    free(net);
}

void rs_exact_allow(rs_exact *net, const rs_fixed *more) {
    memcpy(net->more, more, net->size * sizeof *more);
}

/* False: 2^16 and more. */
static bool number(rs_fixed *out, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return rs_fixed_from_bits(out, bits);
}

/* net->row = the input of a symbol. */
static bool read_input(const rs_exact *net, uint32_t symbol) {
    const float *embedding = net->w->embedding;
    for (size_t i = 0; i < net->w->input_size; i++) {
        net->row[i] = i == symbol ? RS_FIXED_ONE : 0;
        if (embedding && !number(&net->row[i], embedding[symbol * net->w->input_size + i])) return false;
    }
    return true;
}

/* out = bias + row * x; `bias` may be NULL. */
static bool affine(rs_form *out, const rs_exact *net, size_t k, size_t n, const float *row, const float *bias,
                   const rs_form *x) {
    rs_fixed b = 0;
    for (size_t i = 0; i < n; i++)
        if (!number(&net->row[i], row[i])) return false;
    return (!bias || number(&b, *bias)) && rs_form_affine(out, k, n, net->row, b, x);
}

/* Forms that a step needs: the gates and the input, or what the cell makes of them; or two layers of the head. */
static size_t work_forms(const rs_exact *net) {
    size_t n = net->w->hidden, input = net->gates * n + net->w->input_size, cell = (net->gates + 1) * n + 2;
    size_t step = input > cell ? input : cell, head = 2 * net->widest + 1;
    return step > head ? step : head;
}

rs_status rs_exact_state_new(rs_exact_state *out, const rs_exact *net, size_t steps) {
    size_t kept = net->size + net->w->layers * net->gates * net->w->hidden, count = kept + work_forms(net);
    rs_exact_state state = {.capacity = net->size * (steps + 1)};
    state.x = rs_alloc(count, sizeof *state.x + state.capacity * sizeof *state.x->g);
    if (!state.x) return RS_EMEMORY;
    for (size_t i = 0; i < count; i++) state.x[i].g = (rs_fixed *)(state.x + count) + i * state.capacity;
    state.u = state.x + net->size;
    state.work = state.x + kept;
    *out = state;
    return RS_OK;
}

void rs_exact_state_free(rs_exact_state *state) {
    free(state->x);
    *state = (rs_exact_state){0};
}

/* x = all that is in [lo, hi], as an error. */
static void place(rs_form *x, size_t k, rs_fixed lo, rs_fixed hi) {
    for (size_t i = 0; i < k; i++) x->g[i] = 0;
    x->c = lo + (hi - lo) / 2;
    x->err = hi - x->c;
    x->lo = lo;
    x->hi = hi;
}

void rs_exact_box(rs_exact_state *out, const rs_exact *net, const rs_fixed *lo, const rs_fixed *hi) {
    out->k = net->size;
    out->summed = false;
    for (size_t s = 0; s < net->size; s++) {
        place(&out->x[s], out->k, lo[s], hi[s]);
        out->x[s].g[s] = out->x[s].err;
        out->x[s].err = 0;
    }
}

bool rs_exact_starts_in(const rs_exact *net, const rs_fixed *lo, const rs_fixed *hi) {
    rs_fixed x; /* half a unit off from float32, maybe */
    for (size_t s = 0; s < net->size; s++)
        if (!number(&x, net->w->initial[s]) || x - 1 < lo[s] || x + 1 > hi[s]) return false;
    return true;
}

/* A coordinate off by eps, its errors its own generator; a far smaller box takes the place of its generators. */
static bool settle(rs_form *x, size_t k, size_t own, rs_fixed eps) {
    rs_wide spread = x->err += eps;
    if (!rs_form_within(x, k, x->lo - eps, x->hi + eps)) return false;
    for (size_t i = 0; i < k; i++) spread += rs_fixed_size(x->g[i]);
    if (x->hi - x->lo < spread) place(x, k, x->lo, x->hi); /* half of 2 * spread */
    x->g[own] = x->err;
    x->err = 0;
    return true;
}

/* from->u = U h + b_hh of every gate of every layer. Neither these nor the state know of generators from k on. */
static bool sum_up(rs_exact_state *from, const rs_exact *net) {
    size_t n = net->w->hidden, rows = net->gates * n, count = net->size + net->w->layers * rows;
    for (size_t i = 0; i < net->w->layers * rows; i++) {
        const rs_recurrent *at = &net->w->recurrent[i / rows];
        const float *row = at->weight_hh + i % rows * n;
        if (!affine(&from->u[i], net, from->k, n, row, &at->bias_hh[i % rows], from->x + i / rows * n)) return false;
    }
    for (size_t i = 0; i < count; i++) memset(from->x[i].g + from->k, 0, net->size * sizeof *from->x[i].g);
    return from->summed = true;
}

/* z[g*hidden + j] = W x + b_ih + u of every gate; of a GRU's n gate without u. x: no generators. */
static bool sums(rs_form *z, const rs_exact *net, size_t l, size_t k, uint32_t symbol, const rs_form *below,
                 const rs_form *u) {
    const rs_recurrent *at = &net->w->recurrent[l];
    size_t n = net->w->hidden, rows = net->gates * n, in = columns(net, l);
    rs_form *x = z + rows;
    if (!read_input(net, symbol)) return false;
    for (size_t i = 0; !l && i < in; i++) place(&x[i], 0, net->row[i] - 1, net->row[i] + 1);
    for (size_t i = 0; i < rows; i++) {
        if (!affine(&z[i], net, l ? k : 0, in, at->weight_ih + i * in, &at->bias_ih[i], l ? below : x)) return false;
        for (size_t g = 0; !l && g < k; g++) z[i].g[g] = 0;
        if ((net->gates != 3 || i < 2 * n) && !rs_form_add(&z[i], k, &z[i], &u[i], 1)) return false;
    }
    return true;
}

/* out = n + u (h - n), which lies between n and h; u is in [0, 1]. */
static bool blend(rs_form *out, size_t k, const rs_form *n, const rs_form *u, const rs_form *h, rs_form *t) {
    rs_fixed lo = RS_FIXED_ONE * 4, hi = -lo;
    for (int i = 0; i < 2; i++) {
        rs_fixed a = i ? u->hi : u->lo, b = RS_FIXED_ONE - a;
        lo = rs_fixed_least(lo, rs_fixed_mul_down(b, n->lo) + rs_fixed_mul_down(a, h->lo));
        hi = rs_fixed_most(hi, rs_fixed_mul_up(b, n->hi) + rs_fixed_mul_up(a, h->hi));
    }
    if (!rs_form_add(t, k, h, n, -1) || !rs_form_mul(t, k, u, t) || !rs_form_add(out, k, n, t, 1)) return false;
    return rs_form_within(out, k, rs_fixed_most(lo, out->lo), rs_fixed_least(hi, out->hi));
}

static bool gru(rs_form *out, const rs_exact *net, size_t l, size_t k, rs_form *z, const rs_form *s, const rs_form *h) {
    const rs_recurrent *at = &net->w->recurrent[l];
    size_t n = net->w->hidden;
    rs_form *r = z, *u = z + n, *x = z + 2 * n, *rh = z + 3 * n, *y = z + 4 * n, *t = y + 1;
    for (size_t j = 0; j < 2 * n; j++)
        if (!rs_form_sigmoid(&z[j], k, &z[j])) return false;
    bool before = net->w->cell == RS_CELL_GRU_BEFORE;
    for (size_t j = 0; j < n && before; j++)
        if (!rs_form_mul(&rh[j], k, &r[j], &h[j])) return false;
    for (size_t j = 0; j < n; j++) {
        size_t row = 2 * n + j;
        if (!(before ? affine(y, net, k, n, at->weight_hh + row * n, &at->bias_hh[row], rh)
                     : rs_form_mul(y, k, &r[j], &s[row])))
            return false;
        if (!rs_form_add(y, k, &x[j], y, 1) || !rs_form_tanh(y, k, y)) return false;
        if (!blend(&out[j], k, y, &u[j], &h[j], t)) return false;
    }
    return true;
}

/* pre += p[i] * c, for a peephole. */
static bool peep(rs_form *pre, const rs_exact *net, size_t k, const float *p, size_t i, const rs_form *c, rs_form *t) {
    return !p || (affine(t, net, k, 1, p + i, NULL, c) && rs_form_add(pre, k, pre, t, 1));
}

/* own + j: the generator of c'[j]. */
static bool lstm(rs_form *h, rs_form *c, const rs_exact *net, size_t l, size_t k, size_t own, rs_form *z,
                 const rs_form *old_c, rs_fixed eps) {
    const float *p = net->w->recurrent[l].peephole;
    size_t n = net->w->hidden;
    rs_form *in = z, *forget = z + n, *g = z + 2 * n, *o = z + 3 * n, *t = z + 4 * n;
    for (size_t j = 0; j < n; j++) {
        if (!peep(&in[j], net, k, p, j, &old_c[j], t) || !peep(&forget[j], net, k, p, n + j, &old_c[j], t))
            return false;
        if (!rs_form_sigmoid(&in[j], k, &in[j]) || !rs_form_sigmoid(&forget[j], k, &forget[j])) return false;
        if (!rs_form_tanh(&g[j], k, &g[j]) || !rs_form_mul(t, k, &forget[j], &old_c[j])) return false;
        if (!rs_form_mul(&g[j], k, &in[j], &g[j]) || !rs_form_add(&c[j], k, t, &g[j], 1)) return false;
        if (!settle(&c[j], k, own + j, eps + net->more[(net->w->layers + l) * n + j])) return false;
        if (!peep(&o[j], net, k, p, 2 * n + j, &c[j], t)) return false;
        if (!rs_form_sigmoid(&o[j], k, &o[j]) || !rs_form_tanh(t, k, &c[j]) || !rs_form_mul(&h[j], k, &o[j], t))
            return false;
    }
    return true;
}

/* out = f(x); for none, `out` is x. */
static bool activate(rs_form *out, size_t k, rs_activation f, const rs_form *x) {
    return f == RS_ACTIVATION_RELU      ? rs_form_relu(out, k, x)
           : f == RS_ACTIVATION_TANH    ? rs_form_tanh(out, k, x)
           : f == RS_ACTIVATION_SIGMOID ? rs_form_sigmoid(out, k, x)
                                        : f == RS_ACTIVATION_NONE && out == x;
}

static bool elman(rs_form *out, const rs_exact *net, size_t k, const rs_form *z) {
    static const rs_activation f[] = {RS_ACTIVATION_RELU, RS_ACTIVATION_TANH, RS_ACTIVATION_SIGMOID}; /* as rs_cell */
    for (size_t j = 0; j < net->w->hidden; j++)
        if (!activate(&out[j], k, f[net->w->cell], &z[j])) return false;
    return true;
}

bool rs_exact_step(rs_exact_state *out, const rs_exact *net, rs_exact_state *from, uint32_t symbol, rs_fixed eps) {
    size_t n = net->w->hidden, layers = net->w->layers, old = from->k, k = old + net->size;
    if (k > out->capacity || k > from->capacity || (!from->summed && !sum_up(from, net))) return false;
    out->summed = false;
    for (size_t l = 0; l < layers; l++) {
        const rs_form *h = from->x + l * n, *old_c = from->x + (layers + l) * n, *u = from->u + l * net->gates * n;
        rs_form *new_h = out->x + l * n, *new_c = out->x + (layers + l) * n;
        if (!sums(out->work, net, l, k, symbol, l ? new_h - n : NULL, u)) return false;
        bool done = net->gates == 4   ? lstm(new_h, new_c, net, l, k, old + (layers + l) * n, out->work, old_c, eps)
                    : net->gates == 3 ? gru(new_h, net, l, k, out->work, u, h)
                                      : elman(new_h, net, k, out->work);
        for (size_t j = l * n; j < (l + 1) * n && done; j++) done = settle(&out->x[j], k, old + j, eps + net->more[j]);
        if (!done) return false;
    }
    out->k = k;
    return true;
}

bool rs_exact_classes(bool *possible, const rs_exact *net, const rs_exact_state *state, rs_fixed eps) {
    const rs_network_weights *w = net->w;
    size_t k = state->k, logits = w->head[w->head_layers - 1].rows;
    const rs_form *x = state->x + (w->layers - 1) * w->hidden;
    rs_form *t = state->work + 2 * net->widest; /* work forms are free between steps */
    for (size_t i = 0; i < w->head_layers; i++) {
        const rs_dense *d = &w->head[i];
        rs_form *y = state->work + i % 2 * net->widest;
        for (size_t r = 0; r < d->rows; r++)
            if (!affine(&y[r], net, k, d->columns, d->weight + r * d->columns, &d->bias[r], x) ||
                !activate(&y[r], k, d->activation, &y[r]))
                return false;
        x = y;
    }
    if (logits == 1) { /* class 1 iff logit > threshold, which may be half a unit off */
        rs_fixed threshold;
        if (!number(&threshold, w->threshold)) return false;
        possible[0] = x[0].lo - eps <= threshold + 1;
        possible[1] = x[0].hi + eps >= threshold - 1;
        return possible[0] || possible[1];
    }
    bool some = false;
    for (size_t a = 0; a < logits; a++) {
        possible[a] = true;
        for (size_t b = 0; b < logits && possible[a]; b++) {
            if (a == b) continue;
            if (!rs_form_add(t, k, &x[b], &x[a], -1)) return false;
            possible[a] = t->lo <= 2 * eps;
        }
        some = some || possible[a];
    }
    return some;
}

static rs_wide times(rs_wide a, rs_wide b) {
    return (a * b >> RS_FIXED_BITS) + 1;
}

/* The sum of |row[i] x[i * step]|, and |bias|, all up to a unit off; `bias` may be NULL. */
static rs_wide weigh(const float *row, size_t n, const rs_fixed *x, size_t step, const float *bias) {
    rs_fixed w, b = 0;
    rs_wide sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (!number(&w, row[i])) return ERROR_LIMIT + 1;
        sum += ((rs_wide)rs_fixed_size(w) + 1) * (rs_fixed_size(x[i * step]) + 1);
    }
    if (bias && !number(&b, *bias)) return ERROR_LIMIT + 1;
    return (sum >> RS_FIXED_BITS) + rs_fixed_size(b) + 2;
}

/* |W||x| + |b_ih| of a row, for the symbol that has the most. */
static rs_wide input_size(const rs_exact *net, size_t l, size_t row, const rs_fixed *reach) {
    size_t in = columns(net, l);
    const float *w = net->w->recurrent[l].weight_ih + row * in, *bias = &net->w->recurrent[l].bias_ih[row];
    if (l) return weigh(w, in, reach + (l - 1) * in, 1, bias);
    rs_wide most = 0;
    for (uint32_t s = 0; s < rs_names_count(net->w->alphabet); s++) {
        rs_wide size = read_input(net, s) ? weigh(w, in, net->row, 1, bias) : ERROR_LIMIT + 1;
        most = size > most ? size : most;
    }
    return most;
}

/* |U||h| + |b_hh|. */
static rs_wide recurrent_size(const rs_exact *net, size_t l, size_t row, const rs_fixed *reach) {
    const rs_recurrent *at = &net->w->recurrent[l];
    size_t n = net->w->hidden;
    return weigh(at->weight_hh + row * n, n, reach + l * n, 1, &at->bias_hh[row]);
}

/* Of the whole sum before a gate's function, a peephole's product too: p_i, p_f, p_o are of the gates 0, 1, 3. */
static rs_wide row_size(const rs_exact *net, size_t l, size_t row, const rs_fixed *reach) {
    const float *p = net->w->recurrent[l].peephole;
    size_t n = net->w->hidden, g = row / n, j = row % n;
    rs_wide size = input_size(net, l, row, reach) + recurrent_size(net, l, row, reach);
    if (!p || g == 2) return size;
    return size + weigh(&p[(g == 3 ? 2 : g) * n + j], 1, &reach[(net->w->layers + l) * n + j], 0, NULL);
}

/* Of a gate, row by row; beyond ERROR_LIMIT: too large. The slope of s is at most 1/4. */
static rs_fixed gate_error(const rs_exact *net, size_t l, size_t row, const rs_fixed *reach) {
    size_t n = net->w->hidden;
    rs_wide size = row_size(net, l, row, reach);
    int steep = row / n == 2 || net->w->cell == RS_CELL_RELU || net->w->cell == RS_CELL_TANH ? 1 : 4;
    if (size > ERROR_LIMIT) return ERROR_LIMIT + 1;
    return (rs_fixed)(times(size, GAMMA(n + columns(net, l) + 3)) / steep + 1 + ACTIVATION_ERROR);
}

/* `worst` grows to the largest error of a coordinate of layer l. 8 u and more are for what comes after the gates. */
static bool layer_error(rs_fixed *worst, const rs_exact *net, size_t l, const rs_fixed *reach) {
    size_t n = net->w->hidden;
    rs_wide u = UNIT_ROUNDOFF, a = ACTIVATION_ERROR, one = RS_FIXED_ONE, most = one + a; /* of tanh and s as computed */
    rs_wide gamma = GAMMA(n + columns(net, l) + 3);
    rs_fixed reset = 0; /* of any r: the units of gru-before read all */
    for (size_t i = 0; i < n; i++) reset = rs_fixed_most(reset, gate_error(net, l, i, reach));
    for (size_t j = 0; j < n; j++) {
        rs_wide e[4] = {0}, error = 0, error_c = 0, h = reach[l * n + j];
        for (size_t g = 0; g < net->gates; g++)
            if ((e[g] = gate_error(net, l, g * n + j, reach)) > ERROR_LIMIT) return false;
        if (net->gates == 1) error = net->w->cell == RS_CELL_RELU ? e[0] - a : e[0];
        if (net->gates == 3) {
            rs_wide x = input_size(net, l, 2 * n + j, reach), y = recurrent_size(net, l, 2 * n + j, reach);
            y += times(y, gamma); /* as computed */
            rs_wide before = times(x + y, gamma) + times(reset, y) + times(8 * u, x + y) + a;
            error = times(before, most) + times(e[1], one + h) + 16 * u + times(8 * u, h);
        }
        if (net->gates == 4) {
            size_t s = (net->w->layers + l) * n + j;
            error_c = times(e[0], most) + times(e[1], reach[s]) + e[2] + times(8 * u, reach[s] + one) - net->more[s];
            error = times(e[3], most) + a + 8 * u;
        }
        error -= net->more[l * n + j];
        error = error_c > error ? error_c : error;
        if (error > ERROR_LIMIT) return false;
        if (error > *worst) *worst = (rs_fixed)error;
    }
    return true;
}

/* Of the logits. `size` bounds what a layer reads, as it should be and as it is, `error` the difference. */
static bool head_error(rs_fixed *out, const rs_exact *net, const rs_fixed *reach) {
    const rs_network_weights *w = net->w;
    rs_fixed size = 0, error = 0;
    for (size_t j = (w->layers - 1) * w->hidden; j < w->layers * w->hidden; j++)
        if (reach[j] > size) size = reach[j];
    for (size_t i = 0; i < w->head_layers; i++) {
        const rs_dense *d = &w->head[i];
        rs_fixed next_size = RS_FIXED_ONE, next_error = 0;
        for (size_t r = 0; r < d->rows; r++) {
            const float *row = d->weight + r * d->columns;
            rs_wide sum = weigh(row, d->columns, &size, 0, &d->bias[r]), e = weigh(row, d->columns, &error, 0, NULL);
            e += times(sum, GAMMA(d->columns + 1)) + ACTIVATION_ERROR;
            if (sum > ERROR_LIMIT || e > ERROR_LIMIT) return false;
            if (sum + e > next_size) next_size = (rs_fixed)(sum + e);
            if (e > next_error) next_error = (rs_fixed)e;
        }
        size = next_size;
        error = next_error;
    }
    *out = error;
    return true;
}

bool rs_exact_rounding(rs_fixed *eps, rs_fixed *eps_logit, const rs_exact *net, const rs_fixed *reach) {
    *eps = 0;
    for (size_t l = 0; l < net->w->layers; l++)
        if (!layer_error(eps, net, l, reach)) return false;
    return head_error(eps_logit, net, reach);
}
