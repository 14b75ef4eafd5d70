/* RNN, GRU and LSTM nodes. Gates stand in ONNX's order, i,o,f,c and z,r,h, biases of W and of R one after the other,
 * peepholes as i,o,f. ONNX's h' = (1 - z) * n + z * h is ours; its linear_before_reset says where r acts.
 *
 * input_forget couples the gates, f = 1 - i. As 1 - s(a) = s(-a), for the logistic function and for the hard sigmoid
 * around 0.5, f has the weights, biases and peephole of i with the other sign. */
#include <float.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/status.h"
#include "network/gates.h"
#include "network/onnx_model.h"

enum { X, W, R, B, LENGTHS, INITIAL_H, INITIAL_C, P };
enum { Y, Y_H, Y_C };
#define ALPHA 0.2f /* of HardSigmoid, where it is not said */
#define BETA 0.5f
#define SAYS(list, i, name) (strcasecmp(list[i], name) == 0)

/* ---- Attributes ---- */

/* The text of a bytes attribute. protobuf-c keeps no 0 byte behind it. */
static rs_status copy_bytes(char out[32], const rs_onnx *m, const rs_onnx_node *node, const char *name,
                            const ProtobufCBinaryData *bytes) {
    if (bytes->len >= 32 || (bytes->len && memchr(bytes->data, 0, bytes->len)))
        return rs_onnx_fail(m, node, "its attribute \"%s\" holds no name", name);
    if (bytes->len) memcpy(out, bytes->data, bytes->len);
    out[bytes->len] = 0;
    return RS_OK;
}

static rs_status check_direction(const rs_onnx *m, const rs_onnx_node *node) {
    const Onnx__AttributeProto *a = rs_onnx_attribute(node, "direction");
    char text[32] = "forward";
    rs_status status = a ? copy_bytes(text, m, node, "direction", &a->s) : RS_OK;
    if (status == RS_OK && strcmp(text, "forward") != 0)
        return rs_onnx_fail(m, node, "direction \"%s\": only forward networks read a word step by step", text);
    return status;
}

static rs_status check_clip(const rs_onnx *m, const rs_onnx_node *node) {
    float clip;
    rs_status status = rs_onnx_float(&clip, m, node, "clip", FLT_MAX);
    if (status == RS_OK && !(clip >= FLT_MAX))
        return rs_onnx_fail(m, node, "clip = %g is not computed here; train and export without it", (double)clip);
    return status;
}

/* Alpha or beta of HardSigmoid. They are listed for those activations alone that have some. */
static rs_status hard_parameter(float *out, const rs_onnx *m, const rs_onnx_node *node, const char *name,
                                float otherwise) {
    const Onnx__AttributeProto *a = rs_onnx_attribute(node, name);
    if (a && a->n_floats > 1)
        return rs_onnx_fail(m, node, "%s has %zu values, but one activation alone has one", name, a->n_floats);
    *out = a && a->n_floats ? a->floats[0] : otherwise;
    return RS_OK;
}

static rs_status read_hard_sigmoid(rs_onnx_layer *layer, const rs_onnx *m) {
    rs_status status = RS_OK;
    float alpha = ALPHA, beta = BETA;
    RS_TRY(hard_parameter(&alpha, m, layer->node, "activation_alpha", ALPHA));
    RS_TRY(hard_parameter(&beta, m, layer->node, "activation_beta", BETA));
    if (!(alpha > 0 && alpha <= FLT_MAX) || beta != BETA)
        return rs_onnx_fail(m, layer->node, "HardSigmoid with alpha %g and beta %g; alpha > 0 and beta 0.5 are read",
                            (double)alpha, (double)beta);
    layer->hard_sigmoid = alpha;
cleanup:
    return status;
}

/* The gates' activation, and those behind it, which must be Tanh. */
static rs_status read_activations(rs_onnx_layer *layer, const rs_onnx *m) {
    rs_status status = RS_OK;
    const rs_onnx_node *node = layer->node;
    const Onnx__AttributeProto *a = rs_onnx_attribute(node, "activations");
    size_t count = layer->gates == 1 ? 1 : layer->gates - 1;
    char names[3][32] = {"Sigmoid", "Tanh", "Tanh"};
    if (count == 1) memcpy(names[0], "Tanh", sizeof "Tanh");
    if (a && a->n_strings != count)
        return rs_onnx_fail(m, node, "%zu activations, not the %zu of one direction", a->n_strings, count);
    for (size_t i = 0; a && i < count; i++) RS_TRY(copy_bytes(names[i], m, node, "activations", &a->strings[i]));
    bool gate = SAYS(names, 0, "Sigmoid") || SAYS(names, 0, "HardSigmoid");
    for (size_t i = 0; i < count; i++) {
        bool relu = count == 1 && SAYS(names, i, "Relu"), fits = i == 0 && (gate || relu);
        if (fits || ((i > 0 || count == 1) && SAYS(names, i, "Tanh"))) continue;
        status = rs_onnx_fail(m, node, "activation %s at place %zu; read are %s", names[i], i + 1,
                              count == 1 ? "Tanh, Relu, Sigmoid and HardSigmoid" : "Sigmoid or HardSigmoid, then Tanh");
        goto cleanup;
    }
    if (count == 1) layer->cell = gate ? "sigmoid" : SAYS(names, 0, "Relu") ? "relu" : "tanh";
    if (SAYS(names, 0, "HardSigmoid")) RS_TRY(read_hard_sigmoid(layer, m));
cleanup:
    return status;
}

static rs_status read_attributes(rs_onnx_layer *layer, rs_onnx *m) {
    rs_status status = RS_OK;
    const rs_onnx_node *node = layer->node;
    int64_t hidden, before, coupled;
    RS_TRY(check_clip(m, node));
    RS_TRY(read_activations(layer, m));
    RS_TRY(rs_onnx_int(&hidden, m, node, "hidden_size", (int64_t)layer->hidden));
    RS_TRY(rs_onnx_int(&before, m, node, "linear_before_reset", 0));
    RS_TRY(rs_onnx_int(&coupled, m, node, "input_forget", 0));
    if (hidden != (int64_t)layer->hidden)
        return rs_onnx_fail(m, node, "hidden_size is %lld, but the weights have %zu hidden units", (long long)hidden,
                            layer->hidden);
    layer->coupled = coupled != 0;
    if (layer->gates != 3) goto cleanup;
    layer->cell = before ? "gru" : "gru-before";
    const char *producer = m->proto->producer_name;
    if (!before && producer && strncmp(producer, "pytorch", 7) == 0)
        RS_TRY(rs_reading_note(
            m->reading,
            "node \"%.100s\" has linear_before_reset = 0 and is read so; PyTorch's GRU is linear_before_reset = 1, which "
            "some versions of torch.onnx.export(dynamo=True) forget: compare outputs with PyTorch, or export with "
            "dynamo=False",
            rs_onnx_node_name(node)));
cleanup:
    return status;
}

/* ---- Inputs ---- */

/* A constant of this shape; 0 stands for any size but 0. */
static rs_status take(const rs_onnx_constant **out, const rs_onnx *m, const rs_onnx_node *node,
                      const rs_onnx_value *value, const char *what, size_t rank, const size_t *shape) {
    const rs_onnx_constant *c = value ? value->constant : NULL;
    if (!c)
        return rs_onnx_fail(m, node, "its %s \"%.100s\" must be constant: export the model with constants there", what,
                            value ? value->name : "");
    bool fits = c->reals && c->rank == rank;
    for (size_t i = 0; fits && i < rank; i++) fits = shape[i] ? c->shape[i] == (int64_t)shape[i] : c->shape[i] > 0;
    if (!fits)
        return rs_onnx_fail(m, node,
                            "its %s \"%.100s\" has not the shape of one direction that its other inputs demand", what,
                            value->name);
    *out = c;
    return RS_OK;
}

/* An initial state, [1, batch, hidden] or [batch, 1, hidden], the same for every word of a batch. NULL: zero. */
static rs_status take_state(const float **out, const rs_onnx *m, const rs_onnx_layer *layer, const rs_onnx_value *value,
                            bool batch_first) {
    const rs_onnx_node *node = layer->node;
    if (!value) return RS_OK;
    const rs_onnx_constant *c = value->constant;
    if (!c)
        return rs_onnx_fail(m, node, "its initial state \"%.100s\" depends on the word; it must be constant",
                            value->name);
    size_t hidden = layer->hidden, batch = batch_first ? 0 : 1;
    if (!c->reals || c->rank != 3 || c->shape[1 - batch] != 1 || c->shape[2] != (int64_t)hidden || !c->count)
        return rs_onnx_fail(m, node,
                            "its initial state \"%.100s\" has not the shape of one direction and %zu hidden units",
                            value->name, hidden);
    bool zero = true;
    for (size_t i = 0; i < c->count; i++) {
        if (c->reals[i] != c->reals[i % hidden])
            return rs_onnx_fail(m, node, "its initial state \"%.100s\" differs between the words of a batch",
                                value->name);
        zero = zero && c->reals[i] == 0;
    }
    *out = zero ? NULL : c->reals;
    return RS_OK;
}

/* Lengths may be left out or be that of the input. */
static rs_status check_lengths(const rs_onnx *m, const rs_onnx_node *node, const rs_onnx_value *value) {
    if (!value) return RS_OK;
    const rs_onnx_constant *c = value->constant;
    int64_t declared = m->declared[m->time - RS_ONNX_AXIS];
    bool full = c && c->integers;
    for (size_t i = 0; full && i < c->count; i++)
        full = c->integers[i] == RS_ONNX_SIZE(m->time - RS_ONNX_AXIS) || (declared && c->integers[i] == declared);
    return full ? RS_OK
                : rs_onnx_fail(m, node,
                               "its sequence_lens \"%.100s\" may be shorter than the words; export without lengths",
                               value->name);
}

/* The word as it comes in: axes, width, the layer or the table below. */
static rs_status take_input(rs_onnx_layer *layer, rs_onnx *m, const rs_onnx_value *value, bool batch_first) {
    const rs_onnx_node *node = layer->node;
    const rs_onnx_flow *x = value ? value->flow : NULL;
    if (!x) return rs_onnx_fail(m, node, "its input does not depend on the word");
    if (x->content == RS_ONNX_HEAD) return rs_onnx_fail(m, node, "linear layers between recurrent layers are not read");
    if (x->content == RS_ONNX_CELL) return rs_onnx_fail(m, node, "its input is the cell state of a layer");
    if (x->last) return rs_onnx_fail(m, node, "its input is the last step of a layer alone");
    if (x->rank != 3) return rs_onnx_fail(m, node, "its input has %zu dimensions, not 3", x->rank);
    int time = x->axes[batch_first], batch = x->axes[!batch_first], features = x->axes[2];
    bool fits = rs_onnx_is_input_axis(time) && (!m->time || time == m->time) &&
                (batch == RS_ONNX_UNIT || rs_onnx_is_input_axis(batch));
    fits = fits && (x->content == RS_ONNX_INPUT ? rs_onnx_is_input_axis(features) : features == RS_ONNX_FEATURES);
    if (!fits) return rs_onnx_fail(m, node, "the axes of its input are not steps, batch and features");
    int64_t width = x->content == RS_ONNX_INPUT ? m->declared[features - RS_ONNX_AXIS] : (int64_t)x->width;
    if (width && width != (int64_t)layer->width)
        return rs_onnx_fail(m, node, "its input has %lld features, but its weights %zu", (long long)width,
                            layer->width);
    m->time = time;
    layer->below = x->content == RS_ONNX_HIDDEN ? x->layer : NULL;
    layer->table = x->content == RS_ONNX_TABLE ? x->table : NULL;
    return RS_OK;
}

static rs_status take_constants(rs_onnx_layer *layer, const rs_onnx *m, rs_onnx_value *const *in, size_t inputs,
                                bool batch_first) {
    rs_status status = RS_OK;
    const rs_onnx_node *node = layer->node;
    size_t gates = layer->gates;
    const size_t any[3] = {1, 0, 0};
    RS_TRY(take(&layer->r, m, node, in[R], "R", 3, any));
    layer->hidden = (size_t)layer->r->shape[2];
    size_t rows = gates * layer->hidden;
    RS_TRY(take(&layer->r, m, node, in[R], "R", 3, (const size_t[]){1, rows, layer->hidden}));
    RS_TRY(take(&layer->w, m, node, in[W], "W", 3, (const size_t[]){1, rows, 0}));
    layer->width = (size_t)layer->w->shape[2];
    if (in[B]) RS_TRY(take(&layer->b, m, node, in[B], "B", 2, (const size_t[]){1, 2 * rows}));
    RS_TRY(take_state(&layer->h, m, layer, in[INITIAL_H], batch_first));
    if (gates == 4) {
        RS_TRY(take_state(&layer->c, m, layer, in[INITIAL_C], batch_first));
        if (in[P]) RS_TRY(take(&layer->p, m, node, in[P], "P", 2, (const size_t[]){1, 3 * layer->hidden}));
    }
    if (inputs > (gates == 4 ? P + 1 : INITIAL_C)) status = rs_onnx_fail(m, node, "it has %zu inputs", inputs);
cleanup:
    return status;
}

/* ---- Outputs ---- */

static rs_status give(rs_onnx *m, rs_onnx_value *to, const rs_onnx_layer *layer, const rs_onnx_flow *x,
                      bool batch_first, size_t which) {
    rs_onnx_flow *flow;
    if (!to) return RS_OK;
    if (!(flow = rs_onnx_alloc(m, 1, sizeof *flow))) return RS_EMEMORY;
    int time = x->axes[batch_first], batch = x->axes[!batch_first];
    flow->content = which == Y_C ? RS_ONNX_CELL : RS_ONNX_HIDDEN;
    flow->layer = layer;
    flow->width = layer->hidden;
    flow->last = which != Y;
    if (which == Y) flow->axes[flow->rank++] = batch_first ? batch : time;
    if (which == Y && batch_first) flow->axes[flow->rank++] = time;
    flow->axes[flow->rank++] = batch_first && which != Y ? batch : RS_ONNX_UNIT;
    if (!batch_first) flow->axes[flow->rank++] = batch;
    if (batch_first && which != Y) flow->axes[flow->rank++] = RS_ONNX_UNIT;
    flow->axes[flow->rank++] = RS_ONNX_FEATURES;
    to->flow = flow;
    return RS_OK;
}

static rs_status run_recurrent(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                               rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    rs_onnx_layer *layer;
    int64_t layout;
    RS_TRY_ALLOC(layer = rs_onnx_alloc(m, 1, sizeof *layer));
    layer->node = node;
    layer->gates = node->op_type[0] == 'R' ? 1 : node->op_type[0] == 'G' ? 3 : 4;
    layer->cell = "lstm";
    RS_TRY(rs_onnx_int(&layout, m, node, "layout", 0));
    RS_TRY(check_direction(m, node));
    RS_TRY(take_constants(layer, m, in, inputs, layout != 0));
    RS_TRY(read_attributes(layer, m));
    RS_TRY(take_input(layer, m, in[X], layout != 0));
    RS_TRY(check_lengths(m, node, in[LENGTHS]));
    for (size_t i = Y; i <= Y_C; i++)
        if (out[i]) RS_TRY(give(m, out[i], layer, in[X]->flow, layout != 0, i));
cleanup:
    return status;
}

const rs_onnx_entry *rs_onnx_recurrent_find(const char *name) {
#define COMMON " activation_alpha activation_beta activations clip direction hidden_size layout "
    static const rs_onnx_entry table[] = {
        {"RNN", COMMON, run_recurrent},
        {"GRU", COMMON "linear_before_reset ", run_recurrent},
        {"LSTM", COMMON "input_forget ", run_recurrent},
    };
    return rs_onnx_entry_find(table, sizeof table / sizeof *table, name);
}

/* ---- Tensors ---- */

/* Adds PREFIXlN or PREFIX of a shape; *values is its memory. */
static rs_status add(float **values, rs_onnx *m, const char *prefix, size_t number, size_t rows, size_t columns) {
    char name[64];
    rs_tensor *tensor;
    const size_t shape[2] = {rows, columns};
    snprintf(name, sizeof name, "%s%zu", prefix, number);
    rs_status status = rs_tensors_add(&tensor, &m->reading->tensors, m->file, name, strlen(name),
                                      rs_dtype_safetensors("F32"), columns ? 2 : 1, shape);
    if (status == RS_OK) *values = tensor->values;
    return status;
}

static void negate(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] = -values[i];
}

static rs_status write_layer(rs_onnx *m, const rs_onnx_layer *layer, size_t number, bool peepholes) {
    static const size_t orders[5][4] = {[1] = {0}, [3] = {1, 0, 2}, [4] = {0, 2, 3, 1}};
    static const size_t coupled_order[4] = {0, 0, 3, 1}, peephole_order[3] = {0, 2, 1},
                        coupled_peepholes[3] = {0, 0, 1};
    rs_status status = RS_OK;
    float *values;
    size_t gates = layer->gates, hidden = layer->hidden, rows = gates * hidden;
    const size_t *order = layer->coupled ? coupled_order : orders[gates];
    RS_TRY(add(&values, m, "rnn.weight_ih_l", number, rows, layer->width));
    rs_gates_copy(values, layer->w->reals, gates, hidden, layer->width, order, false);
    if (layer->coupled) negate(values + hidden * layer->width, hidden * layer->width);
    RS_TRY(add(&values, m, "rnn.weight_hh_l", number, rows, hidden));
    rs_gates_copy(values, layer->r->reals, gates, hidden, hidden, order, false);
    if (layer->coupled) negate(values + hidden * hidden, hidden * hidden);
    for (size_t i = 0; layer->b && i < 2; i++) {
        RS_TRY(add(&values, m, i ? "rnn.bias_hh_l" : "rnn.bias_ih_l", number, rows, 0));
        rs_gates_copy(values, layer->b->reals + i * rows, gates, hidden, 1, order, false);
        if (layer->coupled) negate(values + hidden, hidden);
    }
    if (!peepholes) goto cleanup;
    RS_TRY(add(&values, m, "rnn.weight_peephole_l", number, 3 * hidden, 0));
    if (layer->p)
        rs_gates_copy(values, layer->p->reals, 3, hidden, 1, layer->coupled ? coupled_peepholes : peephole_order,
                      false);
    if (layer->coupled) negate(values + hidden, hidden);
cleanup:
    return status;
}

static rs_status write_state(rs_onnx *m, char **said, const rs_onnx_layer *const *layers, size_t count, bool cell) {
    rs_status status = RS_OK;
    float *values;
    bool any = false;
    size_t hidden = layers[0]->hidden;
    for (size_t i = 0; i < count; i++) any = any || (cell ? layers[i]->c : layers[i]->h);
    if (!any) return RS_OK;
    RS_TRY(add(&values, m, cell ? "c" : "h", 0, count, hidden));
    for (size_t i = 0; i < count; i++) {
        const float *state = cell ? layers[i]->c : layers[i]->h;
        if (state) memcpy(values + i * hidden, state, hidden * sizeof *values);
    }
    RS_TRY_ALLOC(*said = rs_strdup(cell ? "c0" : "h0"));
cleanup:
    return status;
}

static rs_status write_table(rs_onnx *m, const rs_onnx_constant *table) {
    rs_status status = RS_OK;
    rs_tensor *tensor;
    rs_card *said = &m->reading->said;
    static const char name[] = "embedding.weight";
    if (table) {
        const size_t shape[2] = {(size_t)table->shape[0], (size_t)table->shape[1]};
        RS_TRY(rs_tensors_add(&tensor, &m->reading->tensors, m->file, name, strlen(name), rs_dtype_safetensors("F32"),
                              2, shape));
        memcpy(tensor->values, table->reals, table->count * sizeof *table->reals);
        RS_TRY_ALLOC(said->embedding = rs_strdup(name));
    }
    RS_TRY_ALLOC(said->input = rs_strdup(table ? "embedding" : "onehot"));
cleanup:
    return status;
}

/* Layers of one network have one cell and one width. */
static rs_status check_alike(const rs_onnx *m, const rs_onnx_layer *a, const rs_onnx_layer *first) {
    if (strcmp(a->cell, first->cell) != 0 || a->hard_sigmoid != first->hard_sigmoid)
        return rs_onnx_fail(m, a->node, "it is another cell (%s) than \"%.100s\" (%s); layers must be alike", a->cell,
                            rs_onnx_node_name(first->node), first->cell);
    if (a->hidden != first->hidden)
        return rs_onnx_fail(m, a->node, "it has %zu hidden units, \"%.100s\" %zu; layers must be alike", a->hidden,
                            rs_onnx_node_name(first->node), first->hidden);
    return RS_OK;
}

rs_status rs_onnx_write_layers(rs_onnx *m, const rs_onnx_layer *top) {
    rs_status status = RS_OK;
    const rs_onnx_layer **layers;
    rs_card *said = &m->reading->said;
    bool peepholes = false;
    size_t count = 0;
    for (const rs_onnx_layer *layer = top; layer; layer = layer->below) count++;
    RS_TRY_ALLOC(layers = rs_onnx_alloc(m, count, sizeof *layers));
    for (size_t i = count; i--; top = top->below) layers[i] = top;
    for (size_t i = 0; i < count; i++) {
        RS_TRY(check_alike(m, layers[i], layers[0]));
        for (size_t j = 0; layers[i]->p && j < layers[i]->p->count; j++)
            peepholes = peepholes || layers[i]->p->reals[j] != 0;
    }
    RS_TRY(write_table(m, layers[0]->table));
    for (size_t i = 0; i < count; i++) RS_TRY(write_layer(m, layers[i], i, peepholes));
    RS_TRY(write_state(m, &said->initial_h, layers, count, false));
    RS_TRY(write_state(m, &said->initial_c, layers, count, true));
    RS_TRY_ALLOC(said->cell = rs_strdup(peepholes ? "lstm-peephole" : layers[0]->cell));
    said->gate_slope = layers[0]->hard_sigmoid;
cleanup:
    return status;
}
