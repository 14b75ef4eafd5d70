/* The head: what stands between h of the last recurrent layer and the output. Products with constant weights start a
 * layer, constants are added to its bias, an activation ends it. What can be left out without changing the class is
 * left out at the end: Softmax and its kin, ArgMax, and Sigmoid of one logit, whose 0.5 is the logit's 0. */
#include <stdio.h>
#include <string.h>

#include "core/status.h"
#include "network/onnx_model.h"

static rs_status check_open(const rs_onnx *m, const rs_onnx_node *node, const rs_onnx_flow *flow) {
    if (flow->content == RS_ONNX_CELL)
        return rs_onnx_fail(m, node, "it reads the cell state of \"%.100s\"; a head reads h",
                            flow->layer ? rs_onnx_node_name(flow->layer->node) : "");
    if (flow->final) return rs_onnx_fail(m, node, "nothing but the shape may change behind %s", flow->final);
    if (flow->content == RS_ONNX_INPUT || flow->content == RS_ONNX_TABLE)
        return rs_onnx_fail(m, node, "it stands before the recurrent layers, where only embeddings are read");
    if (flow->content == RS_ONNX_HIDDEN && !flow->layer)
        return rs_onnx_fail(m, node, "it reads the states of %zu layers", flow->layer_count);
    return RS_OK;
}

static bool features_last(const rs_onnx_flow *flow) {
    return flow->rank && flow->axes[flow->rank - 1] == RS_ONNX_FEATURES;
}

/* A flow behind a new layer that reads `flow`. */
static rs_status append(rs_onnx_flow **out, rs_onnx_dense **dense, rs_onnx *m, const rs_onnx_node *node,
                        const rs_onnx_flow *flow, size_t rows) {
    rs_status status = RS_OK;
    const rs_onnx_dense *before = flow->content == RS_ONNX_HEAD ? flow->dense : NULL;
    rs_onnx_dense *next;
    rs_onnx_flow *copy;
    RS_TRY_ALLOC(next = rs_onnx_alloc(m, 1, sizeof *next));
    RS_TRY_ALLOC(copy = rs_onnx_flow_copy(m, flow));
    next->before = before;
    next->layer = before ? before->layer : flow->layer;
    next->depth = before ? before->depth + 1 : 1;
    next->rows = rows;
    next->columns = flow->width;
    if (next->depth > RS_CARD_HEAD) return rs_onnx_fail(m, node, "a head of more than %d layers", RS_CARD_HEAD);
    copy->content = RS_ONNX_HEAD;
    copy->dense = next;
    copy->width = rows;
    *out = copy;
    *dense = next;
cleanup:
    return status;
}

/* A flow behind the layer that `flow` comes from, to be changed; behind a new one that gives what it gets when that
 * layer has its activation already, or is recurrent. */
static rs_status reopen(rs_onnx_flow **out, rs_onnx_dense **dense, rs_onnx *m, const rs_onnx_node *node,
                        const rs_onnx_flow *flow) {
    rs_status status = RS_OK;
    float *unit;
    size_t count;
    if (flow->content == RS_ONNX_HEAD && flow->dense->activation == RS_ACTIVATION_NONE) {
        RS_TRY_ALLOC(*out = rs_onnx_flow_copy(m, flow));
        RS_TRY_ALLOC(*dense = rs_onnx_alloc(m, 1, sizeof **dense));
        **dense = *flow->dense;
        (*out)->dense = *dense;
        goto cleanup;
    }
    RS_TRY(append(out, dense, m, node, flow, flow->width));
    if (__builtin_mul_overflow(flow->width, flow->width, &count)) count = SIZE_MAX;
    RS_TRY(rs_onnx_spend(m, count));
    RS_TRY_ALLOC((*dense)->weight = unit = rs_onnx_alloc(m, count, sizeof *unit));
    for (size_t i = 0; i < flow->width; i++) unit[i * flow->width + i] = 1;
cleanup:
    return status;
}

/* ---- Products ---- */

/* scale * the matrix, transposed where columns of it are outputs, as the weight [rows, columns] of a layer. */
static rs_status set_weight(rs_onnx_dense *dense, rs_onnx *m, const float *matrix, bool transposed, float scale) {
    rs_status status = RS_OK;
    float *weight;
    size_t rows = dense->rows, columns = dense->columns;
    RS_TRY(rs_onnx_spend(m, rows * columns));
    RS_TRY_ALLOC(dense->weight = weight = rs_onnx_alloc(m, rows * columns, sizeof *weight));
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            weight[i * columns + j] = scale * matrix[transposed ? j * rows + i : i * columns + j];
cleanup:
    return status;
}

/* Adds scale * a constant to the bias; it must be one number, or one for each output. */
static rs_status add_bias(rs_onnx_dense *dense, rs_onnx *m, const rs_onnx_node *node, const rs_onnx_constant *c,
                          float scale) {
    rs_status status = RS_OK;
    float *bias;
    bool fits = c->reals && (c->count == 1 || (c->count == dense->rows && c->shape[c->rank - 1] == (int64_t)c->count));
    for (size_t i = 0; i < c->rank; i++) fits = fits && !rs_onnx_symbolic(c->shape[i]);
    if (!fits) return rs_onnx_fail(m, node, "it does not add one number for each of the %zu outputs", dense->rows);
    RS_TRY(rs_onnx_spend(m, dense->rows));
    RS_TRY_ALLOC(bias = rs_onnx_alloc(m, dense->rows, sizeof *bias));
    for (size_t i = 0; i < dense->rows; i++)
        bias[i] = (dense->bias ? dense->bias[i] : 0) + scale * c->reals[c->count == 1 ? 0 : i];
    dense->bias = bias;
cleanup:
    return status;
}

static rs_status product(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, bool transposed, float scale,
                         rs_onnx_flow **out, rs_onnx_dense **dense) {
    rs_status status = RS_OK;
    const rs_onnx_flow *flow = in[0] ? in[0]->flow : NULL;
    const rs_onnx_constant *c = in[1] ? in[1]->constant : NULL;
    if (!flow || !c)
        return rs_onnx_fail(m, node, "it is no product of the states with constant weights, in this order");
    RS_TRY(check_open(m, node, flow));
    bool fits = c->reals && c->rank == 2 && features_last(flow) && c->shape[!transposed] == (int64_t)flow->width &&
                c->shape[transposed] > 0;
    if (!fits)
        return rs_onnx_fail(m, node, "its weights \"%.100s\" are no matrix for %zu features on the last axis",
                            in[1]->name, flow->width);
    RS_TRY(append(out, dense, m, node, flow, (size_t)c->shape[transposed]));
    RS_TRY(set_weight(*dense, m, c->reals, transposed, scale));
cleanup:
    return status;
}

static rs_status head_matmul(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                             rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    rs_onnx_flow *flow;
    rs_onnx_dense *dense;
    (void)inputs;
    RS_TRY(product(m, node, in, true, 1, &flow, &dense));
    out[0]->flow = flow;
cleanup:
    return status;
}

static rs_status head_gemm(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                           rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    rs_onnx_flow *flow;
    rs_onnx_dense *dense;
    int64_t swap_states, swap_weights;
    float alpha, beta;
    (void)inputs;
    RS_TRY(rs_onnx_int(&swap_states, m, node, "transA", 0));
    RS_TRY(rs_onnx_int(&swap_weights, m, node, "transB", 0));
    RS_TRY(rs_onnx_float(&alpha, m, node, "alpha", 1));
    RS_TRY(rs_onnx_float(&beta, m, node, "beta", 1));
    if (swap_states) return rs_onnx_fail(m, node, "transA: the states must not be transposed");
    if (in[0] && in[0]->flow && in[0]->flow->rank != 2)
        return rs_onnx_fail(m, node, "its input has %zu dimensions, not 2", in[0]->flow->rank);
    if (in[2] && !in[2]->constant) return rs_onnx_fail(m, node, "its bias \"%.100s\" is not constant", in[2]->name);
    RS_TRY(product(m, node, in, !swap_weights, alpha, &flow, &dense));
    if (in[2]) RS_TRY(add_bias(dense, m, node, in[2]->constant, beta));
    out[0]->flow = flow;
cleanup:
    return status;
}

static rs_status head_add(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                          rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    rs_onnx_flow *flow;
    rs_onnx_dense *dense;
    (void)inputs;
    if (!in[0] || !in[1] || (in[0]->flow && in[1]->flow))
        return rs_onnx_fail(m, node, "it does not add a constant; sums of two flows are not read");
    const rs_onnx_flow *from = in[0]->flow ? in[0]->flow : in[1]->flow;
    const rs_onnx_constant *c = in[0]->flow ? in[1]->constant : in[0]->constant;
    RS_TRY(check_open(m, node, from));
    if (c->rank > from->rank || (c->count != 1 && !features_last(from)))
        return rs_onnx_fail(m, node, "its constant does not stand along the features");
    RS_TRY(reopen(&flow, &dense, m, node, from));
    RS_TRY(add_bias(dense, m, node, c, 1));
    out[0]->flow = flow;
cleanup:
    return status;
}

/* ---- Activations ---- */

static rs_status head_activation(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                                 rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    rs_onnx_flow *flow;
    rs_onnx_dense *dense;
    (void)inputs;
    if (!in[0] || !in[0]->flow) return rs_onnx_fail(m, node, "its first input does not depend on the word");
    RS_TRY(check_open(m, node, in[0]->flow));
    RS_TRY(reopen(&flow, &dense, m, node, in[0]->flow));
    dense->activation = node->op_type[0] == 'R'   ? RS_ACTIVATION_RELU
                        : node->op_type[0] == 'T' ? RS_ACTIVATION_TANH
                                                  : RS_ACTIVATION_SIGMOID;
    out[0]->flow = flow;
cleanup:
    return status;
}

/* Softmax, LogSoftmax, ArgMax over the features. Before version 13 softmax went over all axes from `axis` on. */
static rs_status head_final(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                            rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    rs_onnx_flow *flow;
    int64_t wanted, keep, last_index;
    size_t axis;
    bool argmax = node->op_type[0] == 'A';
    (void)inputs;
    if (!in[0] || !in[0]->flow) return rs_onnx_fail(m, node, "its first input does not depend on the word");
    RS_TRY(check_open(m, node, in[0]->flow));
    RS_TRY(rs_onnx_int(&wanted, m, node, "axis", argmax ? 0 : m->opset < 13 ? 1 : -1));
    RS_TRY(rs_onnx_int(&keep, m, node, "keepdims", 1));
    RS_TRY(rs_onnx_int(&last_index, m, node, "select_last_index", 0));
    RS_TRY_ALLOC(flow = rs_onnx_flow_copy(m, in[0]->flow));
    RS_TRY(rs_onnx_axis(&axis, m, node, wanted, flow->rank));
    bool classes = flow->axes[axis] == RS_ONNX_FEATURES && (argmax || m->opset >= 13 || axis + 1 == flow->rank);
    if (flow->content != RS_ONNX_HEAD || !classes || flow->width < 2 || last_index)
        return rs_onnx_fail(m, node, "it does not choose between the outputs of a linear layer");
    flow->final = argmax ? "ArgMax" : node->op_type[0] == 'L' ? "LogSoftmax" : "Softmax";
    if (argmax && keep) flow->axes[axis] = RS_ONNX_UNIT;
    if (argmax && !keep) {
        memmove(flow->axes + axis, flow->axes + axis + 1, (flow->rank - axis - 1) * sizeof *flow->axes);
        flow->rank--;
    }
    out[0]->flow = flow;
cleanup:
    return status;
}

const rs_onnx_entry *rs_onnx_head_find(const char *name) {
    static const rs_onnx_entry table[] = {
        {"MatMul", " ", head_matmul},
        {"Gemm", " alpha beta transA transB ", head_gemm},
        {"Add", " ", head_add},
        {"Relu", " ", head_activation},
        {"Tanh", " ", head_activation},
        {"Sigmoid", " ", head_activation},
        {"Softmax", " axis ", head_final},
        {"LogSoftmax", " axis ", head_final},
        {"ArgMax", " axis keepdims select_last_index ", head_final},
    };
    return rs_onnx_entry_find(table, sizeof table / sizeof *table, name);
}

/* ---- Tensors ---- */

static rs_status write_dense(rs_onnx *m, const rs_onnx_dense *dense, rs_card_layer *said) {
    rs_status status = RS_OK;
    char name[64];
    rs_tensor *tensor;
    const rs_dtype *type = rs_dtype_safetensors("F32");
    const size_t shape[2] = {dense->rows, dense->columns};
    snprintf(name, sizeof name, "head.%zu.weight", dense->depth - 1);
    RS_TRY(rs_tensors_add(&tensor, &m->reading->tensors, m->file, name, strlen(name), type, 2, shape));
    memcpy(tensor->values, dense->weight, tensor->count * sizeof *dense->weight);
    RS_TRY_ALLOC(said->weight = rs_strdup(name));
    said->activation = dense->activation;
    if (!dense->bias) goto cleanup;
    snprintf(name, sizeof name, "head.%zu.bias", dense->depth - 1);
    RS_TRY(rs_tensors_add(&tensor, &m->reading->tensors, m->file, name, strlen(name), type, 1, shape));
    memcpy(tensor->values, dense->bias, tensor->count * sizeof *dense->bias);
    RS_TRY_ALLOC(said->bias = rs_strdup(name));
cleanup:
    return status;
}

rs_status rs_onnx_write_head(rs_onnx *m, const rs_onnx_flow *output) {
    rs_status status = RS_OK;
    rs_card *said = &m->reading->said;
    const rs_onnx_dense *top = output->dense;
    RS_TRY_ALLOC(said->head = rs_alloc(top->depth, sizeof *said->head));
    said->head_count = top->depth;
    for (const rs_onnx_dense *dense = top; dense; dense = dense->before)
        RS_TRY(write_dense(m, dense, &said->head[dense->depth - 1]));
    rs_card_layer *last = &said->head[top->depth - 1];
    if (top->rows == 1 && last->activation == RS_ACTIVATION_SIGMOID) {
        last->activation = RS_ACTIVATION_NONE;
        said->has_threshold = true;
        RS_TRY(
            rs_reading_note(m->reading, "the last Sigmoid is left out: the threshold 0 of the logit is 0.5 behind it"));
    }
    if (output->final)
        RS_TRY(rs_reading_note(m->reading, "the last %s is left out: it does not change the class", output->final));
cleanup:
    return status;
}
