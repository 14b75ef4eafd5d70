/* One step of many rows.
 *
 * Rows are computed in blocks of RS_STEP_ROWS, blocks in parallel. Inside a block, values stand gate by gate: gate g is a matrix
 * Z_g[rows][P], P = rs_padded(hidden), so that an activation runs over whole gates. With x the input and h, c the old state:
 *
 *   Z     = W x + b          a row of the table in layer 0, a product above
 *   Z    += U h              the n gate of gru goes into Z_3 = b_hn + U_n h instead, that of gru-before waits for r
 *   h, c  = the cell's equation, element by element; for gru-before Z_3 = r h and Z_2 += U_n Z_3 stand between
 *
 * Invariant: every element of a row is computed by the same operations in the same order, whatever its block holds. */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "network/activation.h"
#include "network/network.h"
#include "network/product.h"

/* Matrices [rows][P] of a block: the gates, one more for the GRUs; h, c, and h of the layer below. */
static size_t gate_matrices(rs_cell cell) {
    return rs_cell_gates(cell) + (cell == RS_CELL_GRU || cell == RS_CELL_GRU_BEFORE);
}

size_t rs_step_scratch(const rs_network *net, size_t rows) {
    return (gate_matrices(net->weights.cell) + 3) * rows * rs_padded(net->weights.hidden);
}

/* Rows of `hidden` floats with stride `from_stride` to rows of P, the rest zero. */
static void load(size_t rows, size_t hidden, size_t padded, const float *from, size_t stride, float *to) {
    for (size_t i = 0; i < rows; i++, from += stride, to += padded) {
        memcpy(to, from, hidden * sizeof *to);
        memset(to + hidden, 0, (padded - hidden) * sizeof *to);
    }
}

static void store(size_t rows, size_t hidden, size_t padded, const float *from, float *to, size_t stride) {
    for (size_t i = 0; i < rows; i++, from += padded, to += stride) memcpy(to, from, hidden * sizeof *to);
}

/* Z_g = row(i), for one gate. */
static void spread(size_t rows, size_t padded, const float *row, float *z) {
    for (size_t i = 0; i < rows; i++, z += padded) memcpy(z, row, padded * sizeof *z);
}

/* Z = W x + b. */
static void input_sums(const rs_network *net, size_t l, size_t rows, const uint32_t *symbols, const float *below, float *z) {
    const rs_layer *layer = &net->packed[l];
    size_t gates = rs_cell_gates(net->weights.cell), hidden = net->weights.hidden, padded = rs_padded(hidden);
    for (size_t g = 0; g < gates; g++, z += rows * padded) {
        if (!l) {
            for (size_t i = 0; i < rows; i++)
                memcpy(z + i * padded, layer->rows + (symbols[i] * gates + g) * padded, padded * sizeof *z);
        } else {
            spread(rows, padded, layer->bias + g * padded, z);
            rs_product_add(rows, hidden, below, padded, padded / RS_PANEL, layer->input + g * padded * hidden, z, padded);
        }
    }
}

/* z += U_g h for one gate. */
static void recurrent_sum(const rs_network *net, size_t l, size_t g, size_t rows, const float *h, float *z) {
    size_t hidden = net->weights.hidden, padded = rs_padded(hidden);
    rs_product_add(rows, hidden, h, padded, padded / RS_PANEL, net->packed[l].recurrent + g * padded * hidden, z, padded);
}

/* Z += U h, and Z_3 for gru. */
static void recurrent_sums(const rs_network *net, size_t l, size_t rows, const float *h, float *z) {
    rs_cell kind = net->weights.cell;
    size_t gates = rs_cell_gates(kind), n = rows * rs_padded(net->weights.hidden);
    if (kind == RS_CELL_GRU) spread(rows, rs_padded(net->weights.hidden), net->packed[l].bias_n, z + 3 * n);
    for (size_t g = 0; g < gates; g++)
        if (g != 2 || kind != RS_CELL_GRU_BEFORE)
            recurrent_sum(net, l, g, rows, h, z + (g == 2 && kind == RS_CELL_GRU ? 3 : g) * n);
}

/* The cells' equations over n = rows * P elements; gate g is z + g n. */
static void gru(const rs_network *net, size_t l, size_t rows, float *z, float *h) {
    size_t n = rows * rs_padded(net->weights.hidden);
    float *r = z, *u = z + n, *x = z + 2 * n, *y = z + 3 * n;
    rs_gate(net->weights.gate_slope, 2 * n, r);
    if (net->weights.cell == RS_CELL_GRU) {
        for (size_t i = 0; i < n; i++) x[i] += r[i] * y[i];
    } else {
        for (size_t i = 0; i < n; i++) y[i] = r[i] * h[i];
        recurrent_sum(net, l, 2, rows, y, x);
    }
    rs_activate(RS_ACTIVATION_TANH, n, x);
    for (size_t i = 0; i < n; i++) h[i] = x[i] + u[i] * (h[i] - x[i]);
}

/* z += p c, for a peephole. */
static void peep(size_t rows, size_t padded, const float *p, const float *c, float *z) {
    for (size_t i = 0; i < rows; i++, c += padded, z += padded)
        for (size_t j = 0; j < padded; j++) z[j] += p[j] * c[j];
}

static void lstm(const rs_network *net, size_t l, size_t rows, float *z, float *h, float *c) {
    size_t padded = rs_padded(net->weights.hidden), n = rows * padded;
    float *in = z, *forget = z + n, *g = z + 2 * n, *o = z + 3 * n;
    float slope = net->weights.gate_slope;
    const float *peephole = net->packed[l].peephole;
    if (peephole) peep(rows, padded, peephole, c, in), peep(rows, padded, peephole + padded, c, forget);
    rs_gate(slope, 2 * n, z);
    rs_activate(RS_ACTIVATION_TANH, n, g);
    for (size_t i = 0; i < n; i++) h[i] = c[i] = forget[i] * c[i] + in[i] * g[i];
    if (peephole) peep(rows, padded, peephole + 2 * padded, c, o);
    rs_gate(slope, n, o);
    rs_activate(RS_ACTIVATION_TANH, n, h);
    for (size_t i = 0; i < n; i++) h[i] *= o[i];
}

static void cell(const rs_network *net, size_t l, size_t rows, float *z, float *h, float *c) {
    size_t n = rows * rs_padded(net->weights.hidden);
    switch (net->weights.cell) {
    case RS_CELL_RELU: rs_activate(RS_ACTIVATION_RELU, n, z); break;
    case RS_CELL_TANH: rs_activate(RS_ACTIVATION_TANH, n, z); break;
    case RS_CELL_SIGMOID: rs_gate(net->weights.gate_slope, n, z); break;
    case RS_CELL_GRU:
    case RS_CELL_GRU_BEFORE: gru(net, l, rows, z, h); return;
    case RS_CELL_LSTM:
    case RS_CELL_PEEPHOLE: lstm(net, l, rows, z, h, c); return;
    }
    memcpy(h, z, n * sizeof *h);
}

void rs_step_rows(const rs_network *net, size_t rows, const float *states, const uint32_t *symbols, float *next,
                  float *scratch) {
    bool memory = rs_cell_has_memory(net->weights.cell);
    size_t hidden = net->weights.hidden, layers = net->weights.layers, stride = net->state_size;
    size_t padded = rs_padded(hidden), n = rows * padded;
    float *z = scratch, *c = z + gate_matrices(net->weights.cell) * n, *pair[2] = {c + n, c + 2 * n};
    for (size_t l = 0; l < layers; l++) {
        float *h = pair[l % 2], *below = pair[(l + 1) % 2];
        /* `next` may be `states`: h and c of this layer are read before they are written, those above are untouched. */
        load(rows, hidden, padded, states + l * hidden, stride, h);
        if (memory) load(rows, hidden, padded, states + (layers + l) * hidden, stride, c);
        input_sums(net, l, rows, symbols, below, z);
        recurrent_sums(net, l, rows, h, z);
        cell(net, l, rows, z, h, c);
        store(rows, hidden, padded, h, next + l * hidden, stride);
        if (memory) store(rows, hidden, padded, c, next + (layers + l) * hidden, stride);
    }
}

typedef struct step_job {
    const float *states;
    const uint32_t *symbols;
    float *next;
    const rs_context *ctx;
} step_job;

static void step_block(const rs_network *net, size_t first, size_t rows, float *scratch, void *user) {
    const step_job *job = user;
    size_t at = first * net->state_size;
    rs_step_rows(net, rows, job->states + at, job->symbols + first, job->next + at, scratch);
    rs_context_count_steps(job->ctx, rows);
}

rs_status rs_network_step(const rs_network *net, size_t n, const float *states, const uint32_t *symbols, float *next,
                          const rs_context *ctx) {
    step_job job = {states, symbols, next, ctx};
    return rs_network_blocks(net, n, rs_step_scratch, step_block, &job, ctx);
}

static bool finite(size_t n, const float *values) {
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i])) return false;
    return true;
}

/* States that are classified together while a word runs. */
#define RUN_ROWS RS_STEP_ROWS

rs_status rs_network_run(const rs_network *net, const uint32_t *word, size_t length, uint32_t *classes, float *states,
                         const rs_context *ctx) {
    rs_status status = RS_OK;
    float *scratch = NULL, *recent = NULL;
    size_t S = net->state_size;
    const float *state = net->weights.initial;
    RS_TRY_ALLOC(scratch = rs_alloc_aligned(rs_step_scratch(net, 1), sizeof *scratch));
    if (!states) RS_TRY_ALLOC(recent = rs_alloc_aligned(RUN_ROWS * S, sizeof *recent));
    for (size_t done = 0; done < length;) {
        size_t rows = length - done < RUN_ROWS ? length - done : RUN_ROWS;
        float *to = states ? states + done * S : recent;
        RS_TRY(rs_context_check(ctx));
        for (size_t i = 0; i < rows; i++, state = to + (i - 1) * S) {
            rs_step_rows(net, 1, state, word + done + i, to + i * S, scratch);
            if (finite(S, to + i * S)) continue;
            status = rs_fail(RS_EINPUT, "the hidden state after symbol %zu of the word overflows float32", done + i + 1);
            goto cleanup;
        }
        rs_context_count_steps(ctx, rows);
        RS_TRY(rs_network_classify(net, rows, to, classes + done, ctx));
        done += rows;
    }
cleanup:
    free(scratch);
    free(recent);
    return status;
}
