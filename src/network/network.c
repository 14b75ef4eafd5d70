/* A network from arrays: every shape and value is checked, everything is copied, and packed for step and head.
 *
 * Invariant of what passes: all sizes are at least 1, the head continues the last layer, the last head layer fits the
 * outputs, every weight is finite, and no product of sizes overflows. */
#include "network/network.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

/* No product of sizes below overflows 64 bits. */
#define SIZE_LIMIT ((size_t)1 << 24)
#define LAYERS_LIMIT ((size_t)1 << 10)
_Static_assert(sizeof(size_t) >= 8, "products of sizes are computed in 64 bits");
/* Floats of the table of an embedding: an alphabet times the gates, which no file has to hold, so it is bounded. */
#define TABLE_LIMIT ((size_t)1 << 29)

static rs_status check_size(const char *what, size_t size, size_t limit) {
    if (!size) return rs_fail(RS_EINPUT, "network: %s is 0", what);
    if (size > limit) return rs_fail(RS_EINPUT, "network: %s is %zu, more than %zu", what, size, limit);
    return RS_OK;
}

/* `optional`: NULL is fine. */
static rs_status check_values(const char *what, size_t layer, const float *values, size_t count, bool optional) {
    if (!values)
        return optional ? RS_OK : rs_fail(RS_EINPUT, "network: %s of layer %zu is missing", what, layer);
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return rs_fail(RS_EINPUT, "network: %s of layer %zu: value %zu is not finite", what, layer, i);
    return RS_OK;
}

static size_t layer_inputs(const rs_network_weights *w, size_t layer) {
    return layer ? w->hidden : w->input_size;
}

static size_t state_size(const rs_network_weights *w) {
    return w->layers * w->hidden * (rs_cell_has_memory(w->cell) ? 2 : 1);
}

static rs_status check_recurrent(const rs_network_weights *w) {
    rs_status status = RS_OK;
    RS_TRY(check_size("the number of layers", w->layers, LAYERS_LIMIT));
    RS_TRY(check_size("the hidden size", w->hidden, SIZE_LIMIT));
    RS_TRY(check_size("the input size", w->input_size, SIZE_LIMIT));
    if (!w->recurrent) return rs_fail(RS_EINPUT, "network: the recurrent layers are missing");
    size_t symbols = rs_names_count(w->alphabet), width = rs_cell_gates(w->cell) * w->hidden;
    if (!w->embedding && w->input_size != symbols)
        return rs_fail(RS_EINPUT, "network: the input size is %zu but the alphabet has %zu symbols", w->input_size, symbols);
    if (w->embedding && symbols * rs_cell_columns(w->cell) * (w->hidden + RS_LANES_LIMIT) > TABLE_LIMIT)
        return rs_fail(RS_EINPUT, "network: an embedding of %zu symbols is too large for %zu gate rows", symbols, width);
    RS_TRY(check_values("the embedding", 0, w->embedding, symbols * w->input_size, true));
    for (size_t l = 0; l < w->layers; l++) {
        const rs_recurrent *r = &w->recurrent[l];
        RS_TRY(check_values("weight_ih", l, r->weight_ih, width * layer_inputs(w, l), false));
        RS_TRY(check_values("weight_hh", l, r->weight_hh, width * w->hidden, false));
        RS_TRY(check_values("bias_ih", l, r->bias_ih, width, true));
        RS_TRY(check_values("bias_hh", l, r->bias_hh, width, true));
        bool peephole = w->cell == RS_CELL_PEEPHOLE;
        if (r->peephole && !peephole)
            return rs_fail(RS_EINPUT, "network: peepholes of layer %zu, which cell %s has none of", l, rs_cell_name(w->cell));
        if (peephole) RS_TRY(check_values("peephole", l, r->peephole, 3 * w->hidden, false));
    }
    if (!isfinite(w->gate_slope) || w->gate_slope < 0)
        return rs_fail(RS_EINPUT, "network: the slope of the hard sigmoid is %g, not a number above 0", (double)w->gate_slope);
    if (w->gate_slope > 0 && (w->cell == RS_CELL_RELU || w->cell == RS_CELL_TANH))
        return rs_fail(RS_EINPUT, "network: a hard sigmoid, but cell %s has no sigmoid", rs_cell_name(w->cell));
    RS_TRY(check_values("the initial state", 0, w->initial, state_size(w), true));
cleanup:
    return status;
}

static rs_status check_head(const rs_network_weights *w) {
    rs_status status = RS_OK;
    RS_TRY(check_size("the number of head layers", w->head_layers, LAYERS_LIMIT));
    if (!w->head) return rs_fail(RS_EINPUT, "network: the head is missing");
    size_t columns = w->hidden;
    for (size_t i = 0; i < w->head_layers; i++) {
        const rs_dense *d = &w->head[i];
        RS_TRY(check_size("the number of rows of a head layer", d->rows, SIZE_LIMIT));
        if (d->columns != columns)
            return rs_fail(RS_EINPUT, "network: head layer %zu takes %zu values but gets %zu", i, d->columns, columns);
        if ((unsigned)d->activation > RS_ACTIVATION_SIGMOID)
            return rs_fail(RS_EINPUT, "network: head layer %zu has no such activation: %u", i, (unsigned)d->activation);
        RS_TRY(check_values("the head's weight", i, d->weight, d->rows * columns, false));
        RS_TRY(check_values("the head's bias", i, d->bias, d->rows, true));
        columns = d->rows;
    }
    size_t outputs = rs_names_count(w->outputs), wanted = columns == 1 ? 2 : columns;
    if (outputs != wanted)
        return rs_fail(RS_EINPUT, "network: %zu logits need %zu outputs, but there are %zu", columns, wanted, outputs);
    if (!isfinite(w->threshold)) return rs_fail(RS_EINPUT, "network: the threshold is not finite");
cleanup:
    return status;
}

static rs_status check(const rs_network_weights *w) {
    rs_status status = RS_OK;
    if ((unsigned)w->cell >= RS_CELLS) return rs_fail(RS_EINPUT, "network: no such cell: %u", (unsigned)w->cell);
    if (!w->alphabet) return rs_fail(RS_EINPUT, "network: the alphabet is missing");
    if (!w->outputs) return rs_fail(RS_EINPUT, "network: the outputs are missing");
    RS_TRY(check_recurrent(w));
    RS_TRY(check_head(w));
cleanup:
    return status;
}

/* Copies `count` values to *to and moves it on; NULL is zeros and counts no parameter. */
static const float *keep(rs_network *net, float **to, const float *values, size_t count) {
    float *at = *to;
    if (values) {
        memcpy(at, values, count * sizeof *at);
        net->parameters += count;
    } else {
        memset(at, 0, count * sizeof *at);
    }
    *to += count;
    return at;
}

static rs_status copy(rs_network *net, const rs_network_weights *w) {
    rs_status status = RS_OK;
    size_t width = rs_cell_gates(w->cell) * w->hidden, symbols = rs_names_count(w->alphabet);
    size_t total = (w->embedding ? symbols * w->input_size : 0) + state_size(w);
    for (size_t l = 0; l < w->layers; l++) total += width * (layer_inputs(w, l) + w->hidden + 2) + 3 * w->hidden;
    for (size_t i = 0; i < w->head_layers; i++) total += w->head[i].rows * (w->head[i].columns + 1);

    RS_TRY_ALLOC(net->values = rs_alloc_aligned(total, sizeof *net->values));
    RS_TRY_ALLOC(net->recurrent = rs_alloc(w->layers, sizeof *net->recurrent));
    RS_TRY_ALLOC(net->head = rs_alloc(w->head_layers, sizeof *net->head));
    RS_TRY(rs_names_copy(&net->alphabet, w->alphabet));
    RS_TRY(rs_names_copy(&net->outputs, w->outputs));

    float *to = net->values;
    net->weights = *w;
    if (w->embedding) net->weights.embedding = keep(net, &to, w->embedding, symbols * w->input_size);
    for (size_t l = 0; l < w->layers; l++) {
        const rs_recurrent *r = &w->recurrent[l];
        net->recurrent[l] = (rs_recurrent){.weight_ih = keep(net, &to, r->weight_ih, width * layer_inputs(w, l)),
                                           .weight_hh = keep(net, &to, r->weight_hh, width * w->hidden),
                                           .bias_ih = keep(net, &to, r->bias_ih, width),
                                           .bias_hh = keep(net, &to, r->bias_hh, width),
                                           .peephole = r->peephole ? keep(net, &to, r->peephole, 3 * w->hidden) : NULL};
    }
    for (size_t i = 0; i < w->head_layers; i++) {
        net->head[i] = w->head[i];
        net->head[i].weight = keep(net, &to, w->head[i].weight, w->head[i].rows * w->head[i].columns);
        net->head[i].bias = keep(net, &to, w->head[i].bias, w->head[i].rows);
    }
    net->weights.initial = keep(net, &to, w->initial, state_size(w));
    net->weights.recurrent = net->recurrent;
    net->weights.head = net->head;
    net->weights.alphabet = net->alphabet;
    net->weights.outputs = net->outputs;
    net->state_size = state_size(w);
    net->logits_size = w->head[w->head_layers - 1].rows;
cleanup:
    return status;
}

rs_status rs_network_new(rs_network **out, const rs_network_weights *w) {
    return rs_network_new_on(out, w, rs_kernel_get(0));
}

rs_status rs_network_new_on(rs_network **out, const rs_network_weights *w, const rs_kernel *kernel) {
    rs_status status = RS_OK;
    rs_network *net = NULL;
    RS_TRY(check(w));
    RS_TRY_ALLOC(net = rs_alloc(1, sizeof *net));
    net->format = "arrays";
    net->kernel = kernel;
    RS_TRY(copy(net, w));
    RS_TRY_ALLOC(net->packed = rs_alloc(w->layers, sizeof *net->packed));
    RS_TRY_ALLOC(net->packed_head = rs_alloc(w->head_layers, sizeof *net->packed_head));
    RS_TRY(rs_network_pack(net));
    *out = net;
    net = NULL;
cleanup:
    rs_network_free(net);
    return status;
}

void rs_network_free(rs_network *net) {
    if (!net) return;
    for (size_t l = 0; net->packed && l < net->weights.layers; l++) {
        free(net->packed[l].rows);
        free(net->packed[l].input);
        free(net->packed[l].bias);
        free(net->packed[l].recurrent);
        free(net->packed[l].peephole);
    }
    for (size_t i = 0; net->packed_head && i < net->weights.head_layers; i++) {
        free(net->packed_head[i].weight);
        free(net->packed_head[i].bias);
    }
    for (size_t i = 0; i < net->note_count; i++) free(net->notes[i]);
    free(net->notes);
    free(net->file);
    free(net->packed);
    free(net->packed_head);
    rs_names_free(net->alphabet);
    rs_names_free(net->outputs);
    free(net->recurrent);
    free(net->head);
    free(net->values);
    free(net);
}
