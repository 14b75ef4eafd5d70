/* A kernel, for the lanes that the including file defines: LANES, lanes (a vector of so many floats), SPLAT, FMA, LEAST(bound, x) and
 * MOST(bound, x), which give x when it is NaN, TILE_ROWS(gates), and KERNEL with its name. Included by one .c file a kernel, so no include guard.
 *
 * With x the input, h and c the old state, and for a few panels of units at a time:
 *   Z  = bias, or in layer 0 the symbol's row of the table
 *   Z += W x   above layer 0
 *   Z += U h   the n gate of gru goes into the column behind the gates, that of gru-before waits for r
 *   h, c by the cell's equation
 * New h go to `next`, but where that is `states` they are collected beside and copied at the end of the layer. */

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

/* All of them take n vectors, a constant, and one operation of each after another: a vector's operations wait for each other, and those
 * of others fill the gaps. A processor looks ahead over no more than two or three vectors by itself. */
#define GROUP 4
#define ALL UNROLL for (size_t j = 0; j < n; j++)

/* y = k log 2 + r with |r| <= log(2) / 2: y becomes exp(r) - 1, and k stands in the low bits of `power`. |y| < 100. */
INLINE void exponential(const size_t n, lanes *y, bits *power) {
    const lanes magic = SPLAT(0x1.8p23f);
    lanes r[GROUP], q[GROUP];
    ALL q[j] = FMA(y[j], SPLAT(0x1.715476p0f), magic);
    ALL power[j] = (bits)q[j];
    ALL q[j] = q[j] - magic;
    ALL r[j] = FMA(q[j], SPLAT(-0x1.62e4p-1f), y[j]);
    ALL r[j] = FMA(q[j], SPLAT(-0x1.7f7d1cp-20f), r[j]);
    ALL q[j] = FMA(SPLAT(0x1.6d993ep-10f), r[j], SPLAT(0x1.122816p-7f));
    ALL q[j] = FMA(q[j], r[j], SPLAT(0x1.555486p-5f));
    ALL q[j] = FMA(q[j], r[j], SPLAT(0x1.5554b0p-3f));
    ALL q[j] = FMA(q[j], r[j], SPLAT(0x1p-1f));
    ALL y[j] = r[j] * r[j];
    ALL y[j] = FMA(y[j], q[j], r[j]);
}

/* 1 + exp(-x), which is finite. */
INLINE void denominator(const size_t n, lanes *x) {
    bits power[GROUP];
    ALL x[j] = LEAST(SPLAT(88.0f), MOST(SPLAT(-87.0f), -x[j]));
    exponential(n, x, power);
    ALL x[j] = SPLAT(1.0f) + x[j];
    ALL x[j] = SPLAT(1.0f) + (lanes)((bits)x[j] + (power[j] << 23));
}

/* exp(2 x) - 1, accurate for small x too; tanh(x) = e / (e + 2). Beyond 10 tanh is 1. */
INLINE void numerator(const size_t n, lanes *x) {
    bits power[GROUP];
    lanes scale[GROUP];
    ALL x[j] = LEAST(SPLAT(20.0f), MOST(SPLAT(-20.0f), x[j] + x[j]));
    exponential(n, x, power);
    ALL scale[j] = (lanes)((bits)SPLAT(1.0f) + (power[j] << 23));
    ALL x[j] = FMA(scale[j], x[j], scale[j] - SPLAT(1.0f));
}

INLINE void logistic(const size_t n, lanes *x) {
    denominator(n, x);
    ALL x[j] = SPLAT(1.0f) / x[j];
}

INLINE void hyperbolic(const size_t n, lanes *x) {
    numerator(n, x);
    ALL x[j] = x[j] / (x[j] + SPLAT(2.0f));
}

/* The s of the cells. */
INLINE void sigmoid(float slope, const size_t n, lanes *x) {
    if (slope > 0) {
        ALL x[j] = MOST(SPLAT(0.0f), LEAST(SPLAT(1.0f), FMA(SPLAT(slope), x[j], SPLAT(0.5f))));
    } else {
        logistic(n, x);
    }
}

/* x becomes s(a) * tanh(x), by one division where s is logistic; a is spent. An infinite product of the two denominators gives the 0 that it should. */
INLINE void gated(float slope, const size_t n, lanes *a, lanes *x) {
    numerator(n, x);
    if (slope > 0) {
        sigmoid(slope, n, a);
        ALL x[j] = a[j] * (x[j] / (x[j] + SPLAT(2.0f)));
    } else {
        denominator(n, a);
        ALL x[j] = x[j] / (a[j] * (x[j] + SPLAT(2.0f)));
    }
}

INLINE lanes activated(rs_activation activation, lanes x) {
    switch (activation) {
    case RS_ACTIVATION_NONE: break;
    case RS_ACTIVATION_RELU: return MOST(SPLAT(0.0f), x);
    case RS_ACTIVATION_TANH: hyperbolic(1, &x); break;
    case RS_ACTIVATION_SIGMOID: logistic(1, &x); break;
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
    /* Where Z starts: NULL, from what is there; else every row from `start`, and symbols[row] times `width` further where there are symbols. */
    const float *start;
    const uint32_t *symbols;
    size_t width;
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
/* The column that none of the gates goes to. */
#define SPARE (last == 2 && columns == 4 ? 3 : 2)
#define PLACE(b, g) (((b) * columns + ((g) + from + 1 == all ? last : (g))) * LANES)
    UNROLL for (size_t r = 0; r < R; r++) {
        const float *at = z + r * row;
        if (p->start && !part.k) {
            at = p->start + (p->symbols ? p->symbols[i + r] * p->width : 0);
            if (G < columns)
                UNROLL for (size_t b = 0; b < B; b++)
                    store(z + r * row + (b * columns + SPARE) * LANES, load(at + (b * columns + SPARE) * LANES));
        }
        UNROLL for (size_t b = 0; b < B; b++)
            UNROLL for (size_t g = 0; g < G; g++) s[(r * B + b) * G + g] = load(at + PLACE(b, g));
    }
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
            UNROLL for (size_t g = 0; g < G; g++) store(z + r * row + PLACE(b, g), s[(r * B + b) * G + g]);
#undef PLACE
#undef SPARE
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

/* A layer on its way. h goes to `out`, what comes from the layer below is in `below`. */
typedef struct work {
    const rs_network *net;
    const rs_layer *layer;
    size_t l, rows, hidden, padded, columns;
    const float *states;
    const uint32_t *symbols;
    const float *below;
    float *next, *out, *z;
    size_t stride;  /* of rows of `below` and `out` */
    size_t written; /* units of out: hidden or padded */
} work;

/* Panels first..first+count-1 of the units. */
typedef struct span {
    size_t first, count;
} span;

/* The first product of a layer starts Z. */
INLINE product starting(const work *w, span p, product first) {
    first.start = (w->l ? w->layer->bias : w->layer->rows) + p.first * w->columns * LANES;
    first.symbols = w->l ? NULL : w->symbols;
    first.width = w->padded * w->columns;
    return first;
}

INLINE product input_product(const work *w, span p, size_t gates) {
    return starting(w, p, (product){w->hidden, w->below, w->stride, w->layer->input + p.first * w->hidden * gates * LANES, NULL, NULL, 0});
}

INLINE product recurrent_product(const work *w, span p, size_t gates) {
    product h = {w->hidden, w->states + w->l * w->hidden, w->net->state_size,
                 w->layer->recurrent + p.first * w->hidden * gates * LANES, NULL, NULL, 0};
    return w->l ? h : starting(w, p, h);
}

/* Vectors of units: the j-th is of row i + j * down, at unit + j * across; its sums are j * sums further. */
typedef struct place {
    size_t i, unit, down, across, sums;
} place;

/* Calls some(w, n, at, z) on all vectors of a span, n rows at a time, or n panels of a row that is left, with z their sums. A cell's equation takes two such
 * runs where one activation follows another, because a processor overlaps the groups only as far as its reorder buffer reaches. */
INLINE void each(const work *w, span p, void (*some)(const work *w, const size_t n, const place at, float *z)) {
    size_t columns = w->columns * LANES, row = p.count * columns, i = 0, first = p.first * LANES;
    for (; i + GROUP <= w->rows; i += GROUP)
        for (size_t b = 0; b < p.count; b++)
            some(w, GROUP, (place){i, first + b * LANES, 1, 0, row}, w->z + i * row + b * columns);
    for (; i < w->rows; i++) {
        size_t b = 0;
        for (; b + GROUP <= p.count; b += GROUP)
            some(w, GROUP, (place){i, first + b * LANES, 0, LANES, columns}, w->z + i * row + b * columns);
        for (; b < p.count; b++) some(w, 1, (place){i, first + b * LANES, 0, 0, 0}, w->z + i * row + b * columns);
    }
}

#define ROW (at.i + j * at.down)
#define UNIT (at.unit + j * at.across)
#define COLUMN(column) (z + j * at.sums + (column) * LANES)
#define UNITS (w->hidden - UNIT)
#define STATE(base, block) ((base) + ROW * w->net->state_size + (block) * w->hidden + UNIT)
#define OUT(v) store_part(w->out + ROW * w->stride + UNIT, w->written - UNIT, v)

INLINE void elman_units(const work *w, const size_t n, const place at, float *z) {
    rs_cell cell = w->net->weights.cell;
    lanes x[GROUP];
    ALL x[j] = load(COLUMN(0));
    if (cell == RS_CELL_TANH) {
        hyperbolic(n, x);
    } else if (cell == RS_CELL_RELU) {
        ALL x[j] = MOST(SPLAT(0.0f), x[j]);
    } else {
        sigmoid(w->net->weights.gate_slope, n, x);
    }
    ALL OUT(x[j]);
}

static void elman(const work *w, span p) {
    product input = input_product(w, p, 1), recurrent = recurrent_product(w, p, 1);
    if (w->l) sums_of_one(&input, w->rows, p.count, w->z);
    sums_of_one(&recurrent, w->rows, p.count, w->z);
    each(w, p, elman_units);
}

INLINE void gru_reset(const work *w, const size_t n, const place at, float *z) {
    float slope = w->net->weights.gate_slope;
    lanes x[GROUP];
    ALL x[j] = load(COLUMN(0));
    sigmoid(slope, n, x);
    ALL store(COLUMN(2), FMA(x[j], load(COLUMN(3)), load(COLUMN(2))));
    ALL x[j] = load(COLUMN(1));
    sigmoid(slope, n, x);
    ALL store(COLUMN(1), x[j]);
}

INLINE void gru_units(const work *w, const size_t n, const place at, float *z) {
    lanes x[GROUP];
    ALL x[j] = load(COLUMN(2));
    hyperbolic(n, x);
    ALL OUT(FMA(load(COLUMN(1)), load_part(STATE(w->states, w->l), UNITS) - x[j], x[j]));
}

static void gru(const work *w, span p) {
    product input = input_product(w, p, 3), recurrent = recurrent_product(w, p, 3);
    if (w->l) sums_of_gru_input(&input, w->rows, p.count, w->z);
    sums_of_gru(&recurrent, w->rows, p.count, w->z);
    each(w, p, gru_reset);
    each(w, p, gru_units);
}

/* The gates r and z of all units come before n of any: r * h, z and the rest of n wait in three matrices behind z. */
#define WAITING(which) (w->z + RS_STEP_COLUMNS * LANES * w->rows + (which) * w->rows * w->padded)
#define WAIT(which) (WAITING(which) + ROW * w->padded + UNIT)

INLINE void gru_before_gate_units(const work *w, const size_t n, const place at, float *z) {
    float slope = w->net->weights.gate_slope;
    lanes x[GROUP];
    ALL x[j] = load(COLUMN(0));
    sigmoid(slope, n, x);
    ALL store(WAIT(0), x[j] * load_part(STATE(w->states, w->l), UNITS));
    ALL x[j] = load(COLUMN(1));
    sigmoid(slope, n, x);
    ALL store(WAIT(1), x[j]);
    ALL store(WAIT(2), load(COLUMN(2)));
}

static void gru_before_gates(const work *w, span p) {
    product input = input_product(w, p, 3), recurrent = recurrent_product(w, p, 3);
    if (w->l) sums_of_three(&input, w->rows, p.count, w->z);
    sums_of_first_two(&recurrent, w->rows, p.count, w->z);
    each(w, p, gru_before_gate_units);
}

INLINE void gru_before_units(const work *w, const size_t n, const place at, float *z) {
    lanes x[GROUP];
    ALL x[j] = load(COLUMN(0));
    hyperbolic(n, x);
    ALL OUT(FMA(load(WAIT(1)), load_part(STATE(w->states, w->l), UNITS) - x[j], x[j]));
}

static void gru_before(const work *w, span p) {
    const float *rh = WAITING(0), *rest = WAITING(2);
    product reset = {w->hidden, rh, w->padded, w->layer->recurrent + p.first * w->hidden * 3 * LANES, NULL, NULL, 0};
    for (size_t i = 0; i < w->rows; i++)
        for (size_t j = 0; j < p.count * LANES; j += LANES)
            store(w->z + i * p.count * LANES + j, load(rest + i * w->padded + p.first * LANES + j));
    sums_of_third(&reset, w->rows, p.count, w->z);
    work one = *w;
    one.columns = 1;
    each(&one, p, gru_before_units);
}

INLINE void lstm_memory(const work *w, const size_t n, const place at, float *z) {
    const float *peephole = w->layer->peephole;
    size_t memory = w->net->weights.layers + w->l;
    float slope = w->net->weights.gate_slope;
    lanes in[GROUP], forget[GROUP], c[GROUP], x[GROUP];
    ALL in[j] = load(COLUMN(0)), x[j] = load(COLUMN(2));
    if (peephole)
        ALL in[j] = FMA(load(peephole + UNIT), load_part(STATE(w->states, memory), UNITS), in[j]);
    gated(slope, n, in, x);
    ALL forget[j] = load(COLUMN(1)), c[j] = load_part(STATE(w->states, memory), UNITS);
    if (peephole) ALL forget[j] = FMA(load(peephole + w->padded + UNIT), c[j], forget[j]);
    sigmoid(slope, n, forget);
    ALL c[j] = FMA(forget[j], c[j], x[j]);
    ALL store(COLUMN(0), c[j]);
    ALL store_part(STATE(w->next, memory), UNITS, c[j]);
}

INLINE void lstm_units(const work *w, const size_t n, const place at, float *z) {
    const float *peephole = w->layer->peephole;
    lanes c[GROUP], out[GROUP];
    ALL c[j] = load(COLUMN(0)), out[j] = load(COLUMN(3));
    if (peephole) ALL out[j] = FMA(load(peephole + 2 * w->padded + UNIT), c[j], out[j]);
    gated(w->net->weights.gate_slope, n, out, c);
    ALL OUT(c[j]);
}

static void lstm(const work *w, span p) {
    product input = input_product(w, p, 4), recurrent = recurrent_product(w, p, 4);
    if (w->l) sums_of_four(&input, w->rows, p.count, w->z);
    sums_of_four(&recurrent, w->rows, p.count, w->z);
    each(w, p, lstm_memory);
    each(w, p, lstm_units);
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
    bool direct = next != states;
    work w = {.net = net, .rows = rows, .hidden = hidden, .padded = padded, .columns = rs_cell_columns(net->weights.cell),
              .states = states, .symbols = symbols, .next = next, .z = scratch + 2 * rows * padded,
              .stride = direct ? net->state_size : padded, .written = direct ? hidden : padded};
    for (size_t l = 0; l < layers; l++) {
        w.l = l;
        w.layer = &net->packed[l];
        w.out = direct ? next + l * hidden : scratch + l % 2 * rows * padded;
        w.below = !l ? NULL : direct ? w.out - hidden : scratch + (l + 1) % 2 * rows * padded;
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
        for (size_t i = 0; i < rows && !direct; i++) {
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
            product p = {inputs, a + done * lda, lda, w + first * inputs * LANES, NULL, NULL, 0};
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
    for (size_t i = 0; i < n; i += LANES) {
        lanes v = load(x + i);
        sigmoid(slope, 1, &v);
        store(x + i, v);
    }
}

static bool available(void) {
    return KERNEL_AVAILABLE;
}

const rs_kernel KERNEL = {KERNEL_NAME, LANES, available, step, dense, gate};
