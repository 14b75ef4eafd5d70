/* The cells' steps. For what stands in kernel_body.h, which includes this file.
 *
 * A tile of a layer, with x the input, h and c the old state: its sums start from the bias, in layer 0 from the
 * symbol's row of the table, W x is added above layer 0, and then U h; h and c follow by the cell's equation. U h of
 * the n gate stays apart from W x in gru, and comes after r in gru-before. */

#include "network/kernel_activation.h"
#include "network/kernel_tile.h"

/* A layer on its way. */
typedef struct work {
    const rs_network *net;
    const rs_layer *layer;
    size_t l, layers, rows, hidden, padded, width, size; /* width: of a row of the table; size: of a state */
    rs_cell cell;
    float slope;
    const float *states;
    const uint32_t *symbols;
    float *next;
    float *waiting; /* gru-before: r * h, z and the rest of n, each [rows][padded] */
} work;

/* Vectors of a tile that go through the activations together: n, from vector v on. */
#define TOGETHER(V) ((V) <= GROUP ? (V) : (V) % GROUP ? (V) / 2 : GROUP)
#define ROW (row + (v + j) / B)
#define UNIT ((panel + (v + j) % B) * LANES)
#define UNITS (w->hidden - UNIT)
#define Z(column) s[(v + j) * C + (column)]
#define OLD(block) load_part(w->states + ROW * w->size + (block)*w->hidden + UNIT, UNITS)
#define NEW(block, value) store_part(w->next + ROW * w->size + (block)*w->hidden + UNIT, UNITS, value)
#define GROUPS                                                                                                         \
    const size_t V = R * B, n = TOGETHER(V);                                                                           \
    UNROLL for (size_t v = 0; v < V; v += n)

INLINE const float *start_of(const work *w, const size_t columns, size_t row, size_t panel) {
    const float *from = w->l ? w->layer->bias : w->layer->rows + w->symbols[row] * w->width;
    return from + panel * columns * LANES;
}

/* Sums 0..C-1 from columns 0..C-1 of `columns`. */
INLINE void start(const work *w, const size_t R, const size_t B, size_t row, size_t panel, const size_t columns,
                  const size_t C, lanes *s) {
    UNROLL for (size_t r = 0; r < R; r++) {
        const float *from = start_of(w, columns, row + r, panel);
        UNROLL for (size_t b = 0; b < B; b++) UNROLL for (size_t c = 0; c < C; c++) s[(r * B + b) * C + c] =
            load(from + (b * columns + c) * LANES);
    }
}

INLINE product input_product(const work *w, const size_t gates, size_t row, size_t panel) {
    return (product){w->hidden, w->next + row * w->size + (w->l - 1) * w->hidden, w->size,
                     w->layer->input + panel * w->hidden * gates * LANES};
}

INLINE product recurrent_product(const work *w, const size_t gates, size_t row, size_t panel) {
    return (product){w->hidden, w->states + row * w->size + w->l * w->hidden, w->size,
                     w->layer->recurrent + panel * w->hidden * gates * LANES};
}

INLINE void elman(void *user, const size_t R, const size_t B, size_t row, size_t panel) {
    const work *w = user;
    enum { C = 1 };
    lanes s[SUMS];
    start(w, R, B, row, panel, 1, C, s);
    if (w->l) accumulate(R, B, 1, 0, 1, C, input_product(w, 1, row, panel), s);
    accumulate(R, B, 1, 0, 1, C, recurrent_product(w, 1, row, panel), s);
    GROUPS {
        lanes x[GROUP];
        ALL x[j] = Z(0);
        if (w->cell == RS_CELL_TANH) {
            hyperbolic(n, x);
        } else if (w->cell == RS_CELL_RELU) {
            ALL x[j] = MOST(SPLAT(0.0f), x[j]);
        } else {
            sigmoid(w->slope, n, x);
        }
        ALL NEW(w->l, x[j]);
    }
}

INLINE void gru(void *user, const size_t R, const size_t B, size_t row, size_t panel) {
    const work *w = user;
    enum { C = 3 };
    lanes s[SUMS], rest[SUMS / C];
    float slope = w->slope;
    start(w, R, B, row, panel, 4, C, s);
    if (w->l) accumulate(R, B, 3, 0, 3, C, input_product(w, 3, row, panel), s);
    UNROLL for (size_t v = 0; v < R * B; v++) {
        rest[v] = s[v * C + 2];
        s[v * C + 2] = load(start_of(w, 4, row + v / B, panel + v % B) + 3 * LANES);
    }
    accumulate(R, B, 3, 0, 3, C, recurrent_product(w, 3, row, panel), s);
    GROUPS {
        lanes x[GROUP], z[GROUP];
        ALL x[j] = Z(0);
        sigmoid(slope, n, x);
        ALL x[j] = FMA(x[j], Z(2), rest[v + j]);
        ALL z[j] = Z(1);
        sigmoid(slope, n, z);
        hyperbolic(n, x);
        ALL NEW(w->l, FMA(z[j], OLD(w->l) - x[j], x[j]));
    }
}

#define WAITING(which) (w->waiting + (which)*w->rows * w->padded)
#define WAIT(which) (WAITING(which) + ROW * w->padded + UNIT)

/* The gates r and z of all units come before n of any. */
INLINE void gru_before_gates(void *user, const size_t R, const size_t B, size_t row, size_t panel) {
    const work *w = user;
    enum { C = 3 };
    lanes s[SUMS];
    float slope = w->slope;
    start(w, R, B, row, panel, C, C, s);
    if (w->l) accumulate(R, B, 3, 0, 3, C, input_product(w, 3, row, panel), s);
    accumulate(R, B, 2, 0, 3, C, recurrent_product(w, 3, row, panel), s);
    GROUPS {
        lanes x[GROUP];
        ALL x[j] = Z(0);
        sigmoid(slope, n, x);
        ALL store(WAIT(0), x[j] * OLD(w->l));
        ALL x[j] = Z(1);
        sigmoid(slope, n, x);
        ALL store(WAIT(1), x[j]);
        ALL store(WAIT(2), Z(2));
    }
}

INLINE void gru_before(void *user, const size_t R, const size_t B, size_t row, size_t panel) {
    const work *w = user;
    enum { C = 1 };
    lanes s[SUMS];
    product reset = recurrent_product(w, 3, row, panel);
    reset.stride = w->padded;
    reset.a = WAITING(0) + row * reset.stride;
    UNROLL for (size_t v = 0, j = 0; v < R * B; v++) s[v] = load(WAIT(2));
    accumulate(R, B, 1, 2, 3, C, reset, s);
    GROUPS {
        lanes x[GROUP];
        ALL x[j] = Z(0);
        hyperbolic(n, x);
        ALL NEW(w->l, FMA(load(WAIT(1)), OLD(w->l) - x[j], x[j]));
    }
}

INLINE void lstm(void *user, const size_t R, const size_t B, size_t row, size_t panel) {
    const work *w = user;
    enum { C = 4 };
    lanes s[SUMS];
    size_t memory = w->layers + w->l;
    const float *peephole = w->layer->peephole, slope = w->slope;
    start(w, R, B, row, panel, C, C, s);
    if (w->l) accumulate(R, B, 4, 0, 4, C, input_product(w, 4, row, panel), s);
    accumulate(R, B, 4, 0, 4, C, recurrent_product(w, 4, row, panel), s);
    GROUPS {
        lanes in[GROUP], forget[GROUP], c[GROUP], x[GROUP];
        ALL c[j] = OLD(memory), in[j] = Z(0), forget[j] = Z(1), x[j] = Z(2);
        if (peephole) {
            ALL in[j] = FMA(load(peephole + UNIT), c[j], in[j]);
            ALL forget[j] = FMA(load(peephole + w->padded + UNIT), c[j], forget[j]);
        }
        gated(slope, n, in, x);
        sigmoid(slope, n, forget);
        ALL c[j] = FMA(forget[j], c[j], x[j]);
        ALL NEW(memory, c[j]);
        ALL x[j] = Z(3);
        if (peephole) ALL x[j] = FMA(load(peephole + 2 * w->padded + UNIT), c[j], x[j]);
        gated(slope, n, x, c);
        ALL NEW(w->l, c[j]);
    }
}

static void step(const rs_network *net, size_t rows, const float *states, const uint32_t *symbols, float *next,
                 float *scratch) {
    size_t hidden = net->weights.hidden, padded = rs_padded(&KERNEL, hidden), panels = padded / LANES;
    work w = {.net = net,
              .rows = rows,
              .hidden = hidden,
              .padded = padded,
              .width = padded * rs_cell_columns(net->weights.cell),
              .size = net->state_size,
              .layers = net->weights.layers,
              .cell = net->weights.cell,
              .slope = net->weights.gate_slope,
              .states = states,
              .symbols = symbols,
              .next = next,
              .waiting = scratch};
    for (w.l = 0; w.l < net->weights.layers; w.l++) {
        w.layer = &net->packed[w.l];
        switch (net->weights.cell) {
        case RS_CELL_RELU:
        case RS_CELL_TANH:
        case RS_CELL_SIGMOID:
            tiles(1, rows, panels, &w, elman);
            break;
        case RS_CELL_GRU:
            tiles(3, rows, panels, &w, gru);
            break;
        case RS_CELL_GRU_BEFORE:
            tiles(3, rows, panels, &w, gru_before_gates);
            tiles(1, rows, panels, &w, gru_before);
            break;
        case RS_CELL_LSTM:
        case RS_CELL_PEEPHOLE:
            tiles(4, rows, panels, &w, lstm);
            break;
        }
    }
}

#undef ROW
#undef UNIT
#undef UNITS
#undef Z
#undef OLD
#undef NEW
