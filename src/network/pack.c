/* The weights as kernels read them: panels of LANES outputs, transposed, zeros where a last panel has no output. */
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "network/network.h"

/* w[gates*rows * inputs] to [rs_padded(rows) / lanes][inputs][gates][lanes]. */
static rs_status pack(float **out, const rs_kernel *kernel, const float *w, size_t gates, size_t rows, size_t inputs) {
    size_t lanes = kernel->lanes, padded = rs_padded(kernel, rows);
    float *to = rs_alloc_aligned(padded * gates * inputs, sizeof *to);
    if (!to) return RS_EMEMORY;
    *out = to;
    for (size_t first = 0; first < padded; first += lanes)
        for (size_t k = 0; k < inputs; k++)
            for (size_t g = 0; g < gates; g++)
                for (size_t j = first; j < first + lanes; j++) *to++ = j < rows ? w[(g * rows + j) * inputs + k] : 0;
    return RS_OK;
}

/* Where the sum of unit j stands in a row of sums. */
static size_t place(const rs_network *net, size_t column, size_t j) {
    size_t lanes = net->kernel->lanes, columns = rs_cell_columns(net->weights.cell);
    return (j / lanes * columns + column) * lanes + j % lanes;
}

static rs_status pack_bias(float **out, const rs_network *net, const rs_recurrent *r) {
    size_t hidden = net->weights.hidden, columns = rs_cell_columns(net->weights.cell), gates = rs_cell_gates(net->weights.cell);
    size_t width = columns * rs_padded(net->kernel, hidden);
    float *to = rs_alloc_aligned(width, sizeof *to);
    if (!to) return RS_EMEMORY;
    *out = to;
    memset(to, 0, width * sizeof *to);
    for (size_t g = 0; g < gates; g++)
        for (size_t j = 0; j < hidden; j++) {
            bool apart = net->weights.cell == RS_CELL_GRU && g == 2;
            to[place(net, g, j)] = r->bias_ih[g * hidden + j] + (apart ? 0 : r->bias_hh[g * hidden + j]);
            if (apart) to[place(net, 3, j)] = r->bias_hh[g * hidden + j];
        }
    return RS_OK;
}

/* The rows of layer 0: the bias and W x of every symbol, a column of W for one-hot input. */
static rs_status pack_rows(float **out, const rs_network *net, const float *bias) {
    rs_status status = RS_OK;
    const rs_network_weights *w = &net->weights;
    const rs_kernel *kernel = net->kernel;
    size_t hidden = w->hidden, padded = rs_padded(kernel, hidden), symbols = rs_names_count(w->alphabet), inputs = w->input_size;
    size_t width = rs_cell_columns(w->cell) * padded;
    float *panels = NULL, *start = NULL, *sums = NULL;
    RS_TRY_ALLOC(*out = rs_alloc_aligned(symbols * width, sizeof **out));
    RS_TRY_ALLOC(start = rs_alloc_aligned(padded, sizeof *start));
    if (w->embedding) RS_TRY_ALLOC(sums = rs_alloc_aligned(symbols * padded, sizeof *sums));
    for (size_t s = 0; s < symbols; s++) memcpy(*out + s * width, bias, width * sizeof **out);
    memset(start, 0, padded * sizeof *start);
    for (size_t g = 0; g < rs_cell_gates(w->cell); g++) {
        const float *matrix = w->recurrent[0].weight_ih + g * hidden * inputs;
        for (size_t j = 0; j < hidden; j++) start[j] = bias[place(net, g, j)];
        if (w->embedding) {
            RS_TRY(pack(&panels, kernel, matrix, 1, hidden, inputs));
            kernel->dense(symbols, inputs, w->embedding, inputs, padded / kernel->lanes, panels, start, RS_ACTIVATION_NONE, sums);
            free(panels);
            panels = NULL;
        }
        for (size_t s = 0; s < symbols; s++)
            for (size_t j = 0; j < hidden; j++)
                (*out)[s * width + place(net, g, j)] = sums ? sums[s * padded + j] : start[j] + matrix[j * inputs + s];
    }
cleanup:
    free(panels);
    free(start);
    free(sums);
    return status;
}

static rs_status pack_layer(rs_network *net, size_t l) {
    rs_status status = RS_OK;
    const rs_recurrent *r = &net->weights.recurrent[l];
    rs_layer *layer = &net->packed[l];
    float *bias = NULL;
    size_t gates = rs_cell_gates(net->weights.cell), hidden = net->weights.hidden, padded = rs_padded(net->kernel, hidden);
    RS_TRY(pack_bias(&bias, net, r));
    RS_TRY(pack(&layer->recurrent, net->kernel, r->weight_hh, gates, hidden, hidden));
    if (r->peephole) {
        RS_TRY_ALLOC(layer->peephole = rs_alloc_aligned(3 * padded, sizeof *layer->peephole));
        memset(layer->peephole, 0, 3 * padded * sizeof *layer->peephole);
        for (size_t g = 0; g < 3; g++)
            memcpy(layer->peephole + g * padded, r->peephole + g * hidden, hidden * sizeof *layer->peephole);
    }
    if (!l) {
        RS_TRY(pack_rows(&layer->rows, net, bias));
    } else {
        RS_TRY(pack(&layer->input, net->kernel, r->weight_ih, gates, hidden, hidden));
        layer->bias = bias;
        bias = NULL;
    }
cleanup:
    free(bias);
    return status;
}

rs_status rs_network_pack(rs_network *net) {
    rs_status status = RS_OK;
    for (size_t l = 0; l < net->weights.layers; l++) RS_TRY(pack_layer(net, l));
    for (size_t i = 0; i < net->weights.head_layers; i++) {
        const rs_dense *d = &net->head[i];
        rs_head *head = &net->packed_head[i];
        size_t padded = rs_padded(net->kernel, d->rows);
        RS_TRY(pack(&head->weight, net->kernel, d->weight, 1, d->rows, d->columns));
        RS_TRY_ALLOC(head->bias = rs_alloc_aligned(padded, sizeof *head->bias));
        memset(head->bias, 0, padded * sizeof *head->bias);
        memcpy(head->bias, d->bias, d->rows * sizeof *head->bias);
        if (padded > net->head_width) net->head_width = padded;
    }
cleanup:
    return status;
}
