/* A kernel, for the lanes that the including file defines: LANES, lanes (a vector of so many floats), SPLAT, FMA, LEAST(bound, x) and
 * MOST(bound, x), which give x when it is NaN, TILE_ROWS(gates), and KERNEL with its name. Included by one .c file a kernel, so no include guard.
 *
 * With x the input, h and c the old state, and for a few panels of units at a time:
 *   Z  = bias, or in layer 0 the symbol's row of the table
 *   Z += W x   above layer 0
 *   Z += U h   the n gate of gru goes into the column behind the gates, that of gru-before waits for r
 *   h, c by the cell's equation
 * New h are collected beside the states and copied at the end of the layer, because `next` may be `states`. */

#include <string.h>

#include "network/network.h"

#define INLINE static inline __attribute__((always_inline))
#if defined UNROLL /* left to the including file */
#elif defined __SANITIZE_ADDRESS__ || !defined __OPTIMIZE__ /* where every access is checked, unrolled code takes minutes to compile */
#define UNROLL
#elif defined __clang__
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

typedef uint32_t bits __attribute__((vector_size(4 * LANES)));

extern const rs_kernel KERNEL;

INLINE lanes load(const float *from) {
    lanes v;
    memcpy(&v, from, sizeof v);
    return v;
}

INLINE void store(float *to, lanes v) {
    memcpy(to, &v, sizeof v);
}

/* The first n lanes, the others zero. */
INLINE lanes load_part(const float *from, size_t n) {
    if (n >= LANES) return load(from);
    float part[LANES] = {0};
    for (size_t i = 0; i < n; i++) part[i] = from[i];
    return load(part);
}

INLINE void store_part(float *to, size_t n, lanes v) {
    if (n >= LANES) {
        store(to, v);
        return;
    }
    float part[LANES];
    store(part, v);
    for (size_t i = 0; i < n; i++) to[i] = part[i];
}

/* ---- Activations, within 3 units in the last place of the result ---- */

/* y = n log 2 + r with |r| <= log(2) / 2: returns exp(r) - 1, and n in the low bits of *n. |y| < 100. */
INLINE lanes exponential(lanes y, bits *n) {
    const lanes magic = SPLAT(0x1.8p23f);
    lanes t = FMA(y, SPLAT(0x1.715476p0f), magic), k = t - magic;
    lanes r = FMA(k, SPLAT(-0x1.62e4p-1f), y);
    r = FMA(k, SPLAT(-0x1.7f7d1cp-20f), r);
    lanes q = SPLAT(0x1.6d993ep-10f);
    q = FMA(q, r, SPLAT(0x1.122816p-7f));
    q = FMA(q, r, SPLAT(0x1.555486p-5f));
    q = FMA(q, r, SPLAT(0x1.5554b0p-3f));
    q = FMA(q, r, SPLAT(0x1p-1f));
    *n = (bits)t;
    return FMA(r * r, q, r);
}

/* 1 + exp(-x), which is finite. */
INLINE lanes denominator(lanes x) {
    bits n;
    lanes p = SPLAT(1.0f) + exponential(LEAST(SPLAT(88.0f), MOST(SPLAT(-87.0f), -x)), &n);
    return SPLAT(1.0f) + (lanes)((bits)p + (n << 23));
}

/* exp(2 x) - 1, accurate for small x too; tanh(x) = e / (e + 2). Beyond 10 tanh is 1. */
INLINE lanes numerator(lanes x) {
    bits n;
    lanes p = exponential(LEAST(SPLAT(20.0f), MOST(SPLAT(-20.0f), x + x)), &n);
    lanes scale = (lanes)((bits)SPLAT(1.0f) + (n << 23));
    return FMA(scale, p, scale - SPLAT(1.0f));
}

INLINE lanes logistic(lanes x) {
    return SPLAT(1.0f) / denominator(x);
}

INLINE lanes hyperbolic(lanes x) {
    lanes e = numerator(x);
    return e / (e + SPLAT(2.0f));
}

/* The s of the cells. */
INLINE lanes sigmoid(float slope, lanes x) {
    if (slope > 0) return MOST(SPLAT(0.0f), LEAST(SPLAT(1.0f), FMA(SPLAT(slope), x, SPLAT(0.5f))));
    return logistic(x);
}

/* s(a) * tanh(x), by one division where s is logistic. An infinite product of the two denominators gives the 0 that it should. */
INLINE lanes gated(float slope, lanes a, lanes x) {
    if (slope > 0) return sigmoid(slope, a) * hyperbolic(x);
    lanes e = numerator(x);
    return e / (denominator(a) * (e + SPLAT(2.0f)));
}

INLINE lanes activated(rs_activation activation, lanes x) {
    switch (activation) {
    case RS_ACTIVATION_NONE: break;
    case RS_ACTIVATION_RELU: return MOST(SPLAT(0.0f), x);
    case RS_ACTIVATION_TANH: return hyperbolic(x);
    case RS_ACTIVATION_SIGMOID: return logistic(x);
    }
    return x;
}

/* ---- Sums ---- */

/* Bytes of panels that stay in the nearest cache while the rows pass by. */
#define CHUNK 16384

/* Z[R rows][B panels][columns] += A W for G gates of panels that hold `all` of them, from gate `from` on; the last gate of all goes to
 * column `last`, the others to their own less `from`. R, B and what follows up to `last` are constants. */
typedef struct product {
    size_t inputs;
    const float *a; /* [rows][stride] */
    size_t stride;
    const float *w; /* panels */
} product;

/* Inputs k..k+count-1 of a product. */
typedef struct chunk {
    size_t k, count;
} chunk;

INLINE void tile(const size_t R, const size_t B, const size_t G, const size_t all, const size_t from, const size_t columns,
                 const size_t last, const product *p, chunk part, size_t i, float *z) {
    lanes s[24];
    const size_t row = B * columns * LANES, panel = p->inputs * all * LANES, stride = p->stride;
    const float *a = p->a + i * stride + part.k, *w = p->w + (part.k * all + from) * LANES;
    z += i * row;
#define PLACE(r, b, g) (z + (r) * row + ((b) * columns + ((g) + from + 1 == all ? last : (g))) * LANES)
    UNROLL for (size_t r = 0; r < R; r++)
        UNROLL for (size_t b = 0; b < B; b++)
            UNROLL for (size_t g = 0; g < G; g++) s[(r * B + b) * G + g] = load(PLACE(r, b, g));
    for (size_t k = 0; k < part.count; k++, w += all * LANES) {
        lanes v[8];
        if (R * B * G > 16 || G * B <= R) {
            UNROLL for (size_t j = 0; j < B * G; j++) v[j] = load(w + j / G * panel + j % G * LANES);
            UNROLL for (size_t r = 0; r < R; r++) {
                lanes x = SPLAT(a[r * stride + k]);
                UNROLL for (size_t j = 0; j < B * G; j++) s[r * B * G + j] = FMA(x, v[j], s[r * B * G + j]);
            }
        } else {
            UNROLL for (size_t r = 0; r < R; r++) v[r] = SPLAT(a[r * stride + k]);
            UNROLL for (size_t j = 0; j < B * G; j++) {
                lanes x = load(w + j / G * panel + j % G * LANES);
                UNROLL for (size_t r = 0; r < R; r++) s[r * B * G + j] = FMA(v[r], x, s[r * B * G + j]);
            }
        }
    }
    UNROLL for (size_t r = 0; r < R; r++)
        UNROLL for (size_t b = 0; b < B; b++)
            UNROLL for (size_t g = 0; g < G; g++) store(PLACE(r, b, g), s[(r * B + b) * G + g]);
#undef PLACE
}

/* Panels that are computed together: few for many rows, which keep the registers full, more for less. */
#define TILE_PANELS(gates) ((gates) == 1 ? (size_t)2 : (size_t)1)
#define LINE_PANELS(gates) ((gates) == 1 ? (size_t)8 : (gates) == 4 ? (size_t)3 : (size_t)4)

INLINE size_t panels_together(const size_t gates, size_t rows, size_t left) {
    size_t most = rows >= TILE_ROWS(gates) ? TILE_PANELS(gates) : LINE_PANELS(gates);
    return left < most ? left : most;
}

/* The same for all rows and B panels. */
INLINE void band(const size_t B, const size_t G, const size_t all, const size_t from, const size_t columns, const size_t last,
                 const product *p, size_t rows, float *z) {
    const size_t R = TILE_ROWS(G), most = rows < R ? p->inputs : CHUNK / (4 * LANES * B * all);
    for (chunk part = {0, 0}; part.k < p->inputs; part.k += part.count) {
        size_t i = 0;
        part.count = p->inputs - part.k < most ? p->inputs - part.k : most;
        if (B <= TILE_PANELS(G))
            for (; i + R <= rows; i += R) tile(R, B, G, all, from, columns, last, p, part, i, z);
        for (; i < rows; i++) tile(1, B, G, all, from, columns, last, p, part, i, z);
    }
}

INLINE void sums(const size_t G, const size_t all, const size_t from, const size_t columns, const size_t last, const product *p,
                 size_t rows, size_t panels, float *z) {
#define BAND(B)                                                                                                              \
    case B:                                                                                                                  \
        if (B <= LINE_PANELS(G)) band(B, G, all, from, columns, last, p, rows, z);                                           \
        break
    switch (panels) {
        BAND(1);
        BAND(2);
        BAND(3);
        BAND(4);
        BAND(5);
        BAND(6);
        BAND(7);
        BAND(8);
    default: break;
    }
#undef BAND
}

static void sums_of_one(const product *p, size_t rows, size_t panels, float *z) {
    sums(1, 1, 0, 1, 0, p, rows, panels, z);
}

static void sums_of_gru_input(const product *p, size_t rows, size_t panels, float *z) {
    sums(3, 3, 0, 4, 2, p, rows, panels, z);
}

static void sums_of_gru(const product *p, size_t rows, size_t panels, float *z) {
    sums(3, 3, 0, 4, 3, p, rows, panels, z);
}

static void sums_of_three(const product *p, size_t rows, size_t panels, float *z) {
    sums(3, 3, 0, 3, 2, p, rows, panels, z);
}

static void sums_of_first_two(const product *p, size_t rows, size_t panels, float *z) {
    sums(2, 3, 0, 3, 2, p, rows, panels, z);
}

static void sums_of_third(const product *p, size_t rows, size_t panels, float *z) {
    sums(1, 3, 2, 1, 0, p, rows, panels, z);
}

static void sums_of_four(const product *p, size_t rows, size_t panels, float *z) {
    sums(4, 4, 0, 4, 3, p, rows, panels, z);
}

/* ---- Cells ---- */

/* A layer on its way. `out` and `below` are [rows][padded]. */
typedef struct work {
    const rs_network *net;
    const rs_layer *layer;
    size_t l, rows, hidden, padded, columns;
    const float *states;
    const uint32_t *symbols;
    const float *below;
    float *next, *out, *z;
} work;

/* Panels first..first+count-1 of the units. */
typedef struct span {
    size_t first, count;
} span;

static void start(const work *w, span p) {
    size_t width = p.count * w->columns * LANES, row = w->padded * w->columns;
    const float *first = (w->l ? w->layer->bias : w->layer->rows) + p.first * w->columns * LANES;
    float *z = w->z;
    for (size_t i = 0; i < w->rows; i++, z += width) {
        const float *from = w->l ? first : first + w->symbols[i] * row;
        for (size_t j = 0; j < width; j += LANES) store(z + j, load(from + j));
    }
}

INLINE product input_product(const work *w, span p, size_t gates) {
    return (product){w->hidden, w->below, w->padded, w->layer->input + p.first * w->hidden * gates * LANES};
}

INLINE product recurrent_product(const work *w, span p, size_t gates) {
    return (product){w->hidden, w->states + w->l * w->hidden, w->net->state_size,
                     w->layer->recurrent + p.first * w->hidden * gates * LANES};
}

/* Runs over rows i and panels b of a span, with `unit` the first unit of the panel. A cell's equation takes two such runs where
 * one activation follows another, because a processor overlaps the rows only as far as its reorder buffer reaches. */
#define EACH(w, p)                                                                                                           \
    for (size_t i = 0; i < (w)->rows; i++)                                                                                   \
        for (size_t b = 0, unit = (p).first * LANES; b < (p).count; b++, unit += LANES)
#define UNITS(w, unit) ((w)->hidden - (unit))
#define COLUMN(w, p, i, b, column) ((w)->z + (((i) * (p).count + (b)) * (w)->columns + (column)) * LANES)
#define STATE(w, base, i, block, unit) ((base) + (i) * (w)->net->state_size + (block) * (w)->hidden + (unit))

static void elman(const work *w, span p) {
    product input = input_product(w, p, 1), recurrent = recurrent_product(w, p, 1);
    rs_cell cell = w->net->weights.cell;
    float slope = w->net->weights.gate_slope;
    start(w, p);
    if (w->l) sums_of_one(&input, w->rows, p.count, w->z);
    sums_of_one(&recurrent, w->rows, p.count, w->z);
    EACH(w, p) {
        lanes x = load(COLUMN(w, p, i, b, 0));
        x = cell == RS_CELL_TANH ? hyperbolic(x) : cell == RS_CELL_RELU ? MOST(SPLAT(0.0f), x) : sigmoid(slope, x);
        store(w->out + i * w->padded + unit, x);
    }
}

static void gru(const work *w, span p) {
    product input = input_product(w, p, 3), recurrent = recurrent_product(w, p, 3);
    float slope = w->net->weights.gate_slope;
    start(w, p);
    if (w->l) sums_of_gru_input(&input, w->rows, p.count, w->z);
    sums_of_gru(&recurrent, w->rows, p.count, w->z);
    EACH(w, p) {
        float *z = COLUMN(w, p, i, b, 0);
        store(z + 2 * LANES, FMA(sigmoid(slope, load(z)), load(z + 3 * LANES), load(z + 2 * LANES)));
        store(z + LANES, sigmoid(slope, load(z + LANES)));
    }
    EACH(w, p) {
        const float *z = COLUMN(w, p, i, b, 0);
        lanes h = load_part(STATE(w, w->states, i, w->l, unit), UNITS(w, unit)), n = hyperbolic(load(z + 2 * LANES));
        store(w->out + i * w->padded + unit, FMA(load(z + LANES), h - n, n));
    }
}

/* The gates r and z of all units come before n of any: r * h, z and the rest of n wait in three matrices behind z. */
#define WAITING(w, which) ((w)->z + RS_STEP_COLUMNS * LANES * (w)->rows + (which) * (w)->rows * (w)->padded)

static void gru_before_gates(const work *w, span p) {
    product input = input_product(w, p, 3), recurrent = recurrent_product(w, p, 3);
    float slope = w->net->weights.gate_slope, *rh = WAITING(w, 0), *update = WAITING(w, 1), *n = WAITING(w, 2);
    start(w, p);
    if (w->l) sums_of_three(&input, w->rows, p.count, w->z);
    sums_of_first_two(&recurrent, w->rows, p.count, w->z);
    EACH(w, p) {
        const float *z = COLUMN(w, p, i, b, 0);
        lanes h = load_part(STATE(w, w->states, i, w->l, unit), UNITS(w, unit));
        store(rh + i * w->padded + unit, sigmoid(slope, load(z)) * h);
        store(update + i * w->padded + unit, sigmoid(slope, load(z + LANES)));
        store(n + i * w->padded + unit, load(z + 2 * LANES));
    }
}

static void gru_before(const work *w, span p) {
    const float *rh = WAITING(w, 0), *update = WAITING(w, 1), *rest = WAITING(w, 2);
    product reset = {w->hidden, rh, w->padded, w->layer->recurrent + p.first * w->hidden * 3 * LANES};
    EACH(w, p) store(w->z + (i * p.count + b) * LANES, load(rest + i * w->padded + unit));
    sums_of_third(&reset, w->rows, p.count, w->z);
    EACH(w, p) {
        lanes h = load_part(STATE(w, w->states, i, w->l, unit), UNITS(w, unit));
        lanes n = hyperbolic(load(w->z + (i * p.count + b) * LANES));
        store(w->out + i * w->padded + unit, FMA(load(update + i * w->padded + unit), h - n, n));
    }
}

static void lstm(const work *w, span p) {
    product input = input_product(w, p, 4), recurrent = recurrent_product(w, p, 4);
    size_t memory = w->net->weights.layers + w->l;
    float slope = w->net->weights.gate_slope;
    start(w, p);
    if (w->l) sums_of_four(&input, w->rows, p.count, w->z);
    sums_of_four(&recurrent, w->rows, p.count, w->z);
    const float *peephole = w->layer->peephole;
    EACH(w, p) {
        float *z = COLUMN(w, p, i, b, 0);
        lanes in = load(z), forget = load(z + LANES), c = load_part(STATE(w, w->states, i, memory, unit), UNITS(w, unit));
        if (peephole) in = FMA(load(peephole + unit), c, in), forget = FMA(load(peephole + w->padded + unit), c, forget);
        c = FMA(sigmoid(slope, forget), c, gated(slope, in, load(z + 2 * LANES)));
        store(z, c);
        store_part(STATE(w, w->next, i, memory, unit), UNITS(w, unit), c);
    }
    EACH(w, p) {
        const float *z = COLUMN(w, p, i, b, 0);
        lanes c = load(z), out = load(z + 3 * LANES);
        if (peephole) out = FMA(load(peephole + 2 * w->padded + unit), c, out);
        store(w->out + i * w->padded + unit, gated(slope, out, c));
    }
}

INLINE void all_units(const work *w, const size_t gates, void (*cell)(const work *w, span p)) {
    size_t panels = w->padded / LANES;
    for (span p = {0, 0}; p.first < panels; p.first += p.count) {
        p.count = panels_together(gates, w->rows, panels - p.first);
        cell(w, p);
    }
}

static void step(const rs_network *net, size_t rows, const float *states, const uint32_t *symbols, float *next, float *scratch) {
    size_t layers = net->weights.layers, hidden = net->weights.hidden, padded = rs_padded(&KERNEL, hidden);
    work w = {.net = net, .rows = rows, .hidden = hidden, .padded = padded, .columns = rs_cell_columns(net->weights.cell),
              .states = states, .symbols = symbols, .next = next, .z = scratch + 2 * rows * padded};
    for (size_t l = 0; l < layers; l++) {
        w.l = l;
        w.layer = &net->packed[l];
        w.out = scratch + l % 2 * rows * padded;
        w.below = scratch + (l + 1) % 2 * rows * padded;
        switch (net->weights.cell) {
        case RS_CELL_RELU:
        case RS_CELL_TANH:
        case RS_CELL_SIGMOID: all_units(&w, 1, elman); break;
        case RS_CELL_GRU: all_units(&w, 3, gru); break;
        case RS_CELL_GRU_BEFORE:
            all_units(&w, 3, gru_before_gates);
            all_units(&w, 1, gru_before);
            break;
        case RS_CELL_LSTM:
        case RS_CELL_PEEPHOLE: all_units(&w, 4, lstm); break;
        }
        for (size_t i = 0; i < rows; i++) {
            const float *from = w.out + i * padded;
            float *to = next + i * net->state_size + l * hidden;
            for (size_t unit = 0; unit < hidden; unit += LANES) store_part(to + unit, hidden - unit, load(from + unit));
        }
    }
}

/* ---- Dense layers ---- */

static void dense(size_t rows, size_t inputs, const float *a, size_t lda, size_t panels, const float *w, const float *bias,
                  rs_activation activation, float *out) {
    float z[2 * RS_STEP_ROWS * LANES];
    for (size_t done = 0; done < rows;) {
        size_t some = rows - done < RS_STEP_ROWS ? rows - done : RS_STEP_ROWS;
        for (size_t first = 0, count; first < panels; first += count) {
            count = panels_together(1, some, panels - first);
            product p = {inputs, a + done * lda, lda, w + first * inputs * LANES};
            for (size_t i = 0; i < some; i++) memcpy(z + i * count * LANES, bias + first * LANES, count * LANES * sizeof *z);
            sums_of_one(&p, some, count, z);
            for (size_t i = 0; i < some; i++)
                for (size_t b = 0; b < count; b++)
                    store(out + ((done + i) * panels + first + b) * LANES, activated(activation, load(z + (i * count + b) * LANES)));
        }
        done += some;
    }
}

static void gate(float slope, size_t n, float *x) {
    for (size_t i = 0; i < n; i += LANES) store(x + i, sigmoid(slope, load(x + i)));
}

static bool available(void) {
    return KERNEL_AVAILABLE;
}

const rs_kernel KERNEL = {KERNEL_NAME, LANES, available, step, dense, gate};
