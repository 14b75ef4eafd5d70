/* The graph: its values by name, the one output that is the network's, and the nodes that this output needs, in the
 * file's order, which ONNX demands to be an order of computing. A cycle would use a value before it is computed. */
#include <string.h>

#include "core/status.h"
#include "network/onnx_model.h"

#define OPERANDS 64 /* inputs or outputs of a node, at most */

/* ---- Values by name ---- */

static rs_onnx_value *find(const rs_onnx *m, const char *name) {
    rs_onnx_value *value;
    HASH_FIND_STR(m->values, name, value);
    return value;
}

static rs_status add_value(rs_onnx_value **out, rs_onnx *m, const char *name) {
    rs_status status = RS_OK;
    rs_onnx_value *value;
    RS_TRY_ALLOC(value = rs_onnx_alloc(m, 1, sizeof *value));
    value->name = name;
    HASH_ADD_KEYPTR(hh, m->values, value->name, strlen(value->name), value);
    RS_TRY_ALLOC(RS_TABLE_ADDED(value) ? value : NULL);
    *out = value;
cleanup:
    return status;
}

static bool is_recurrent(const rs_onnx_node *node) {
    return rs_onnx_recurrent_find(node->op_type) != NULL;
}

/* The stage behind a node whose inputs have one of at most `stage`. Shapes carry no values on. */
static unsigned stage_behind(const rs_onnx_node *node, unsigned stage) {
    if (is_recurrent(node)) return 1;
    if (strcmp(node->op_type, "Shape") == 0) return 0;
    bool product = strcmp(node->op_type, "Gemm") == 0 || strcmp(node->op_type, "MatMul") == 0;
    return stage && product ? 2 : stage;
}

static rs_status add_node(rs_onnx *m, rs_onnx_node *node) {
    if (!node->op_type)
        return rs_fail(RS_EINPUT, "%s: a node \"%.100s\" without operator", m->file, rs_onnx_node_name(node));
    if (node->n_input > OPERANDS || node->n_output > OPERANDS)
        return rs_onnx_fail(m, node, "more than %d inputs or outputs", OPERANDS);
    unsigned stage = 0;
    for (size_t i = 0; i < node->n_input; i++) {
        if (!*node->input[i]) continue;
        const rs_onnx_value *value = find(m, node->input[i]);
        if (!value) return rs_onnx_fail(m, node, "its input \"%.100s\" is not computed before it", node->input[i]);
        if (value->stage > stage) stage = value->stage;
    }
    stage = stage_behind(node, stage);
    for (size_t i = 0; i < node->n_output; i++) {
        rs_onnx_value *value;
        if (!*node->output[i]) continue;
        if (find(m, node->output[i])) return rs_onnx_fail(m, node, "\"%.100s\" is computed twice", node->output[i]);
        rs_status status = add_value(&value, m, node->output[i]);
        if (status != RS_OK) return status;
        value->stage = stage;
    }
    return RS_OK;
}

static rs_status add_values(rs_onnx *m) {
    rs_status status = RS_OK;
    const Onnx__GraphProto *g = m->proto->graph;
    rs_onnx_value *value;
    for (size_t i = 0; i < g->n_initializer; i++) {
        const char *name = g->initializer[i]->name;
        if (!name || !*name || find(m, name)) {
            status = rs_fail(RS_EINPUT, "%s: an initializer without a name, or twice the name \"%.100s\"", m->file,
                             name ? name : "");
            goto cleanup;
        }
        RS_TRY(add_value(&value, m, name));
        value->initializer = g->initializer[i];
    }
    for (size_t i = 0; i < g->n_input; i++) {
        const char *name = g->input[i]->name;
        if (!name || !*name || ((value = find(m, name)) && value->input)) {
            status = rs_fail(RS_EINPUT, "%s: an input without a name, or twice the name \"%.100s\"", m->file,
                             name ? name : "");
            goto cleanup;
        }
        if (!value) RS_TRY(add_value(&value, m, name)); /* else a default value, which is what counts */
        value->input = g->input[i];
    }
    for (size_t i = 0; i < g->n_node; i++) RS_TRY(add_node(m, g->node[i]));
cleanup:
    return status;
}

/* ---- The output ---- */

/* Where the graph has no recurrent node, the first operator that is not read may say why. */
static rs_status fail_without_network(const rs_onnx *m, const char *output) {
    const Onnx__GraphProto *g = m->proto->graph;
    if (output)
        return rs_fail(RS_EINPUT,
                       "%s: no linear layer (Gemm or MatMul) from the recurrent layers to the output \"%.100s\"",
                       m->file, output);
    for (size_t i = 0; i < g->n_node; i++)
        if (is_recurrent(g->node[i])) return rs_onnx_fail(m, g->node[i], "no output of the graph depends on it");
    for (size_t i = 0; i < g->n_node; i++)
        if (!rs_onnx_fold_find(g->node[i]->op_type) && !rs_onnx_flow_find(g->node[i]->op_type))
            return rs_onnx_fail(m, g->node[i],
                                "an operator that is not read, and there is no RNN, GRU or LSTM node; export "
                                "the recurrent layers as these operators");
    return rs_fail(RS_EINPUT, "%s: no RNN, GRU or LSTM node in the graph", m->file);
}

static rs_status choose_output(rs_onnx_value **out, rs_onnx *m) {
    const Onnx__GraphProto *g = m->proto->graph;
    rs_onnx_value *chosen = NULL;
    const char *headless = NULL;
    for (size_t i = 0; i < g->n_output; i++) {
        rs_onnx_value *value = g->output[i]->name ? find(m, g->output[i]->name) : NULL;
        if (!value)
            return rs_fail(RS_EINPUT, "%s: the output \"%.100s\" is not computed", m->file,
                           g->output[i]->name ? g->output[i]->name : "");
        if (value->stage == 1) headless = value->name;
        if (value->stage < 2 || value == chosen) continue;
        if (chosen)
            return rs_fail(
                RS_EINPUT,
                "%s: the outputs \"%.100s\" and \"%.100s\" both come from a linear layer behind the recurrent "
                "ones: export the model with the one alone whose class is checked",
                m->file, chosen->name, value->name);
        chosen = value;
    }
    if (!chosen) return fail_without_network(m, headless);
    *out = chosen;
    return RS_OK;
}

/* Marks what the output needs; nodes stand behind what they use. `needed` [nodes]. */
static void mark_needed(rs_onnx *m, rs_onnx_value *output, bool *needed) {
    const Onnx__GraphProto *g = m->proto->graph;
    output->needed = true;
    for (size_t i = g->n_node; i--;) {
        for (size_t j = 0; j < g->node[i]->n_output; j++) {
            const rs_onnx_value *value = find(m, g->node[i]->output[j]);
            needed[i] = needed[i] || (value && value->needed);
        }
        for (size_t j = 0; needed[i] && j < g->node[i]->n_input; j++) {
            rs_onnx_value *value = find(m, g->node[i]->input[j]);
            if (value) value->needed = true;
        }
    }
}

/* ---- Following ---- */

static void declare_axes(rs_onnx *m, const Onnx__TensorShapeProto *shape) {
    m->declared_rank = shape->n_dim;
    for (size_t i = 0; i < shape->n_dim; i++)
        if (shape->dim[i]->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE &&
            shape->dim[i]->dim_value > 0)
            m->declared[i] = shape->dim[i]->dim_value;
}

static rs_status start_flow(rs_onnx *m, rs_onnx_value *value) {
    rs_status status = RS_OK;
    const Onnx__TypeProto *type = value->input->type;
    const Onnx__TypeProto__Tensor *tensor =
        type && type->value_case == ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE ? type->tensor_type : NULL;
    rs_onnx_flow *flow;
    if (!tensor || !tensor->shape || !tensor->shape->n_dim || tensor->shape->n_dim > 3)
        return rs_fail(RS_EINPUT, "%s: the input \"%.100s\" must be a tensor of one to three dimensions", m->file,
                       value->name);
    RS_TRY_ALLOC(flow = rs_onnx_alloc(m, 1, sizeof *flow));
    declare_axes(m, tensor->shape);
    flow->content = RS_ONNX_INPUT;
    flow->rank = tensor->shape->n_dim;
    for (size_t i = 0; i < flow->rank; i++) flow->axes[i] = RS_ONNX_INPUT_AXIS(i);
    value->flow = flow;
cleanup:
    return status;
}

static rs_status start(rs_onnx *m) {
    rs_status status = RS_OK;
    const Onnx__GraphProto *g = m->proto->graph;
    const rs_onnx_value *word = NULL;
    for (size_t i = 0; i < g->n_input; i++) {
        rs_onnx_value *value = find(m, g->input[i]->name);
        if (!value->needed || value->initializer) continue;
        if (word)
            return rs_fail(
                RS_EINPUT,
                "%s: the output depends on the inputs \"%.100s\" and \"%.100s\", but only the word may be an input: "
                "export the model with constant initial states and without lengths",
                m->file, word->name, value->name);
        RS_TRY(start_flow(m, value));
        word = value;
    }
    if (!word) return rs_fail(RS_EINPUT, "%s: the output depends on no input", m->file);
    for (size_t i = 0; i < g->n_initializer; i++) {
        rs_onnx_value *value = find(m, g->initializer[i]->name);
        if (value->needed) RS_TRY(rs_onnx_tensor(&value->constant, m, value->initializer, value->name));
    }
cleanup:
    return status;
}

static rs_status compute(rs_onnx *m, const rs_onnx_node *node) {
    rs_onnx_value *in[OPERANDS + 8] = {NULL},
                                 *out[OPERANDS + 8] = {NULL}; /* operators look at inputs that may be left out */
    rs_onnx_operator run = NULL;
    bool flows = false;
    for (size_t i = 0; i < node->n_input; i++) {
        if (!*node->input[i]) continue;
        in[i] = find(m, node->input[i]);
        if (!in[i]->constant && !in[i]->flow)
            return rs_onnx_fail(m, node, "its input \"%.100s\" is an output that is not read", node->input[i]);
        flows = flows || in[i]->flow;
    }
    for (size_t i = 0; i < node->n_output; i++)
        if (*node->output[i]) out[i] = find(m, node->output[i]);
    if (!out[0] && !is_recurrent(node)) return rs_onnx_fail(m, node, "it has no output");
    rs_status status = rs_onnx_find(&run, m, node, flows);
    return status == RS_OK ? run(m, node, in, node->n_input, out) : status;
}

rs_status rs_onnx_follow(const rs_onnx_flow **out, rs_onnx *m) {
    rs_status status = RS_OK;
    const Onnx__GraphProto *g = m->proto->graph;
    rs_onnx_value *output = NULL;
    bool *needed;
    RS_TRY(add_values(m));
    RS_TRY(choose_output(&output, m));
    RS_TRY_ALLOC(needed = rs_onnx_alloc(m, g->n_node, sizeof *needed));
    mark_needed(m, output, needed);
    RS_TRY(start(m));
    for (size_t i = 0; i < g->n_node; i++)
        if (needed[i]) RS_TRY(compute(m, g->node[i]));
    if (!output->flow || output->flow->content != RS_ONNX_HEAD) {
        status =
            rs_fail(RS_EINPUT, "%s: the output \"%.100s\" is not what a linear layer gives", m->file, output->name);
        goto cleanup;
    }
    *out = output->flow;
cleanup:
    return status;
}
