/* Operators on the way of the word that change no values but the meaning of axes: from the input to the recurrent
 * layers, between these, and behind them. */
#include <string.h>

#include "core/status.h"
#include "network/onnx_model.h"

rs_onnx_flow *rs_onnx_flow_copy(rs_onnx *m, const rs_onnx_flow *flow) {
    rs_onnx_flow *copy = rs_onnx_alloc(m, 1, sizeof *copy);
    if (copy) *copy = *flow;
    return copy;
}

/* The flow of input 0, copied. RS_EINPUT: there is none. */
static rs_status copy_first(rs_onnx_flow **out, rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in) {
    if (!in[0] || !in[0]->flow) return rs_onnx_fail(m, node, "its first input does not depend on the word");
    return (*out = rs_onnx_flow_copy(m, in[0]->flow)) ? RS_OK : RS_EMEMORY;
}

int64_t rs_onnx_known_size(const rs_onnx *m, const rs_onnx_flow *flow, int label) {
    if (label == RS_ONNX_UNIT) return 1;
    if (label == RS_ONNX_FEATURES) return (int64_t)flow->width;
    if (label == RS_ONNX_LAYERS) return (int64_t)flow->layer_count;
    return rs_onnx_is_input_axis(label) ? m->declared[label - RS_ONNX_AXIS] : 0;
}

bool rs_onnx_is_single(const rs_onnx *m, const rs_onnx_flow *flow, int label) {
    return label != m->time && label != RS_ONNX_LAYERS && rs_onnx_known_size(m, flow, label) == 1;
}

const char *rs_onnx_axis_name(const rs_onnx *m, int label) {
    if (label == RS_ONNX_FEATURES) return "the features";
    if (label == RS_ONNX_LAYERS) return "the layers";
    if (label == m->time) return "the steps";
    return label == RS_ONNX_UNIT ? "one" : "the batch or the steps";
}

static void remove_axis(rs_onnx_flow *flow, size_t axis) {
    memmove(flow->axes + axis, flow->axes + axis + 1, (flow->rank - axis - 1) * sizeof *flow->axes);
    flow->rank--;
}

/* ---- Nothing changes ---- */

static rs_status pass(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                      rs_onnx_value *const *out) {
    (void)inputs;
    if (!in[0] || !in[0]->flow) return rs_onnx_fail(m, node, "its first input does not depend on the word");
    out[0]->flow = in[0]->flow;
    return RS_OK;
}

static rs_status pass_dropout(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                              rs_onnx_value *const *out) {
    const rs_onnx_constant *training = in[2] ? in[2]->constant : NULL;
    if (in[2] && (!training || !training->integers || training->count != 1 || training->integers[0]))
        return rs_onnx_fail(m, node, "the model is in training mode; export it after model.eval()");
    return pass(m, node, in, inputs, out);
}

static rs_status pass_cast(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                           rs_onnx_value *const *out) {
    int64_t to;
    rs_status status = rs_onnx_int(&to, m, node, "to", 0);
    if (status != RS_OK) return status;
    bool half = to == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16 || to == ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16;
    bool real = half || to == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT || to == ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE;
    const rs_onnx_flow *flow = in[0] ? in[0]->flow : NULL;
    bool whole = flow && (flow->content == RS_ONNX_INPUT || (flow->content == RS_ONNX_TABLE && !flow->table));
    if (!real && !(whole && (to == ONNX__TENSOR_PROTO__DATA_TYPE__INT64 || to == ONNX__TENSOR_PROTO__DATA_TYPE__INT32)))
        return rs_onnx_fail(m, node, "a cast to type %lld is not read here", (long long)to);
    m->halves = m->halves || half;
    return pass(m, node, in, inputs, out);
}

/* ---- Axes ---- */

static rs_status path_transpose(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                                rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    rs_onnx_flow *flow = NULL;
    const int64_t *perm;
    size_t count;
    bool used[RS_ONNX_RANK] = {false};
    (void)inputs;
    RS_TRY(copy_first(&flow, m, node, in));
    RS_TRY(rs_onnx_ints(&perm, &count, m, node, "perm"));
    if (perm && count != flow->rank) return rs_onnx_fail(m, node, "its order is not of %zu axes", flow->rank);
    for (size_t i = 0; i < flow->rank; i++) {
        size_t axis = flow->rank - 1 - i;
        if (perm) RS_TRY(rs_onnx_axis(&axis, m, node, perm[i], flow->rank));
        if (used[axis]) return rs_onnx_fail(m, node, "axis %zu stands twice", axis);
        used[axis] = true;
        flow->axes[i] = in[0]->flow->axes[axis];
    }
    out[0]->flow = flow;
cleanup:
    return status;
}

static rs_status path_squeeze(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                              rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    rs_onnx_flow *flow = NULL;
    const int64_t *axes;
    size_t count;
    bool drop[RS_ONNX_RANK] = {false};
    (void)inputs;
    RS_TRY(copy_first(&flow, m, node, in));
    RS_TRY(rs_onnx_ints_of(&axes, &count, m, node, "axes", in, 1));
    for (size_t i = 0; i < count; i++) {
        size_t axis;
        RS_TRY(rs_onnx_axis(&axis, m, node, axes[i], flow->rank));
        drop[axis] = true;
    }
    for (size_t i = flow->rank; i--;) {
        if (count ? !drop[i] : rs_onnx_known_size(m, flow, flow->axes[i]) != 1) continue;
        if (!rs_onnx_is_single(m, flow, flow->axes[i])) {
            status = rs_onnx_fail(m, node, "axis %zu, which it leaves out, is that of %s", i,
                                  rs_onnx_axis_name(m, flow->axes[i]));
            goto cleanup;
        }
        remove_axis(flow, i);
    }
    out[0]->flow = flow;
cleanup:
    return status;
}

static rs_status path_unsqueeze(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                                rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    rs_onnx_flow *flow = NULL;
    const int64_t *axes;
    size_t count, from = 0;
    bool unit[RS_ONNX_RANK] = {false};
    (void)inputs;
    RS_TRY(copy_first(&flow, m, node, in));
    RS_TRY(rs_onnx_ints_of(&axes, &count, m, node, "axes", in, 1));
    if (flow->rank + count > RS_ONNX_RANK) return rs_onnx_fail(m, node, "more than %d dimensions", RS_ONNX_RANK);
    for (size_t i = 0; i < count; i++) {
        size_t axis;
        RS_TRY(rs_onnx_axis(&axis, m, node, axes[i], flow->rank + count));
        if (unit[axis]) return rs_onnx_fail(m, node, "axis %zu stands twice", axis);
        unit[axis] = true;
    }
    flow->rank += count;
    for (size_t i = 0; i < flow->rank; i++) flow->axes[i] = unit[i] ? RS_ONNX_UNIT : in[0]->flow->axes[from++];
    out[0]->flow = flow;
cleanup:
    return status;
}

/* ---- Parts ---- */

/* Keeps `count` layers from `first` on. */
static rs_status keep_layers(rs_onnx_flow *flow, const rs_onnx *m, const rs_onnx_node *node, int64_t first,
                             int64_t count) {
    if (first < 0 || count < 1 || first > (int64_t)flow->layer_count - count)
        return rs_onnx_fail(m, node, "it takes layers that are not there, of %zu", flow->layer_count);
    flow->layers += first;
    flow->layer_count = (size_t)count;
    if (count == 1) flow->layer = flow->layers[0];
    return RS_OK;
}

/* Takes element `index` along an axis, which becomes a unit axis. */
static rs_status take(rs_onnx_flow *flow, const rs_onnx *m, const rs_onnx_node *node, size_t axis, int64_t index) {
    int label = flow->axes[axis];
    int64_t size = rs_onnx_known_size(m, flow, label);
    flow->axes[axis] = RS_ONNX_UNIT;
    if (label == RS_ONNX_LAYERS) return keep_layers(flow, m, node, index < 0 ? index + size : index, 1);
    if (rs_onnx_is_single(m, flow, label) && (index == 0 || index == -1)) return RS_OK;
    if (label != m->time || !m->time)
        return rs_onnx_fail(m, node, "it takes element %lld along the axis of %s", (long long)index,
                            rs_onnx_axis_name(m, label));
    if (index != -1 && (!size || index != size - 1))
        return rs_onnx_fail(m, node, "it takes step %lld: only every step or the last one (-1) can be checked",
                            (long long)index);
    flow->last = true;
    return RS_OK;
}

/* Gather with constant rows and the word as indices: an embedding. */
static rs_status path_embedding(rs_onnx *m, const rs_onnx_node *node, const rs_onnx_constant *table,
                                const rs_onnx_flow *word, size_t axis, rs_onnx_value *to) {
    rs_status status = RS_OK;
    rs_onnx_flow *flow = NULL;
    if (!word || word->content != RS_ONNX_INPUT || axis != 0 || table->rank != 2 || !table->reals || !table->count ||
        rs_onnx_symbolic(table->shape[0]) || rs_onnx_symbolic(table->shape[1]) || word->rank == RS_ONNX_RANK)
        return rs_onnx_fail(m, node, "an embedding must be rows of a constant matrix, selected by the input");
    RS_TRY_ALLOC(flow = rs_onnx_flow_copy(m, word));
    flow->content = RS_ONNX_TABLE;
    flow->table = table;
    flow->width = (size_t)table->shape[1];
    flow->axes[flow->rank++] = RS_ONNX_FEATURES;
    to->flow = flow;
cleanup:
    return status;
}

static rs_status path_gather(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                             rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    int64_t wanted;
    size_t axis, rank;
    rs_onnx_flow *flow = NULL;
    (void)inputs;
    if (!in[0] || !in[1]) return rs_onnx_fail(m, node, "it has no two inputs");
    rank = in[0]->flow ? in[0]->flow->rank : in[0]->constant->rank;
    RS_TRY(rs_onnx_int(&wanted, m, node, "axis", 0));
    RS_TRY(rs_onnx_axis(&axis, m, node, wanted, rank));
    if (in[0]->constant) return path_embedding(m, node, in[0]->constant, in[1]->flow, axis, out[0]);
    const rs_onnx_constant *index = in[1]->constant;
    if (!index || index->reals || index->count != 1 || index->rank > 1)
        return rs_onnx_fail(m, node, "its index is not one constant integer");
    RS_TRY(copy_first(&flow, m, node, in));
    RS_TRY(take(flow, m, node, axis, index->integers[0]));
    if (index->rank == 0) remove_axis(flow, axis);
    out[0]->flow = flow;
cleanup:
    return status;
}

/* One axis of a slice. */
static rs_status slice_axis(rs_onnx_flow *flow, const rs_onnx *m, const rs_onnx_node *node, size_t axis, int64_t begin,
                            int64_t end, int64_t step) {
    int label = flow->axes[axis];
    int64_t size = rs_onnx_known_size(m, flow, label);
    bool to_end = end == INT64_MAX || end == INT32_MAX || (size && end >= size) ||
                  (rs_onnx_is_input_axis(label) && end == RS_ONNX_SIZE(label - RS_ONNX_AXIS));
    if (begin == 0 && to_end && step == 1) return RS_OK;
    if (begin == -1 && to_end && step == 1) return take(flow, m, node, axis, -1);
    if (label == RS_ONNX_LAYERS && step == 1 && !rs_onnx_symbolic(begin) && !rs_onnx_symbolic(end)) {
        if (begin < 0) begin += size;
        end = to_end ? size : end < 0 ? end + size : end;
        if (begin >= 0 && end == begin + 1) return take(flow, m, node, axis, begin);
        if (begin >= 0 && end > begin) return keep_layers(flow, m, node, begin, end - begin);
    } else if (step == 1 && size && begin >= 0 && begin == size - 1 && to_end) return take(flow, m, node, axis, begin);
    return rs_onnx_fail(m, node, "it takes a part along the axis of %s; the last element alone can be taken",
                        rs_onnx_axis_name(m, label));
}

static rs_status path_slice(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                            rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    rs_onnx_flow *flow = NULL;
    const int64_t *starts, *ends, *axes, *steps;
    size_t count, other, axis_count, step_count;
    (void)inputs;
    RS_TRY(copy_first(&flow, m, node, in));
    RS_TRY(rs_onnx_ints_of(&starts, &count, m, node, "starts", in, 1));
    RS_TRY(rs_onnx_ints_of(&ends, &other, m, node, "ends", in, 2));
    RS_TRY(rs_onnx_ints_of(&axes, &axis_count, m, node, "axes", in, 3));
    RS_TRY(rs_onnx_ints_of(&steps, &step_count, m, node, "steps", in, 4));
    if (other != count || (axes ? axis_count != count : count > flow->rank) || (steps && step_count != count))
        return rs_onnx_fail(m, node, "its starts, ends, axes and steps are not of one length");
    for (size_t i = 0; i < count; i++) {
        size_t axis = i;
        if (axes) RS_TRY(rs_onnx_axis(&axis, m, node, axes[i], flow->rank));
        RS_TRY(slice_axis(flow, m, node, axis, starts[i], ends[i], steps ? steps[i] : 1));
    }
    out[0]->flow = flow;
cleanup:
    return status;
}

/* States of several layers, stacked. */
static rs_status path_concat(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                             rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    rs_onnx_flow *flow = NULL;
    const rs_onnx_layer **layers;
    int64_t wanted;
    size_t axis;
    if (inputs == 1) return pass(m, node, in, inputs, out);
    RS_TRY(copy_first(&flow, m, node, in));
    RS_TRY(rs_onnx_int(&wanted, m, node, "axis", 0));
    RS_TRY(rs_onnx_axis(&axis, m, node, wanted, flow->rank));
    RS_TRY_ALLOC(layers = rs_onnx_alloc(m, inputs, sizeof *layers));
    for (size_t i = 0; i < inputs; i++) {
        const rs_onnx_flow *part = in[i] ? in[i]->flow : NULL;
        bool state = part && (part->content == RS_ONNX_HIDDEN || part->content == RS_ONNX_CELL);
        if (!state || part->content != flow->content || part->rank != flow->rank || part->axes[axis] != RS_ONNX_UNIT ||
            memcmp(part->axes, flow->axes, flow->rank * sizeof *flow->axes) != 0 || part->last != flow->last ||
            part->width != flow->width) {
            status = rs_onnx_fail(m, node, "only final states of recurrent layers can be stacked");
            goto cleanup;
        }
        layers[i] = part->layer;
    }
    for (size_t i = 0; i < flow->rank; i++)
        if (flow->axes[i] == RS_ONNX_LAYERS) return rs_onnx_fail(m, node, "stacks of layers cannot be stacked");
    flow->axes[axis] = RS_ONNX_LAYERS;
    flow->layer = NULL;
    flow->layers = layers;
    flow->layer_count = inputs;
    out[0]->flow = flow;
cleanup:
    return status;
}

/* ---- Sizes, one-hot ---- */

static rs_status path_shape(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                            rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    rs_onnx_constant *c;
    int64_t *sizes, begin, end, rank;
    const rs_onnx_flow *flow = in[0] ? in[0]->flow : NULL;
    (void)inputs;
    if (!flow) return rs_onnx_fail(m, node, "its first input does not depend on the word");
    rank = (int64_t)flow->rank;
    RS_TRY(rs_onnx_int(&begin, m, node, "start", 0));
    RS_TRY(rs_onnx_int(&end, m, node, "end", rank));
    begin = begin < -rank ? 0 : begin < 0 ? begin + rank : begin > rank ? rank : begin;
    end = end < -rank ? 0 : end < 0 ? end + rank : end > rank ? rank : end;
    RS_TRY_ALLOC(c = rs_onnx_alloc(m, 1, sizeof *c));
    RS_TRY_ALLOC(c->integers = sizes = rs_onnx_alloc(m, RS_ONNX_RANK, sizeof *sizes));
    c->rank = 1;
    for (int64_t i = begin; i < end; i++) {
        int label = flow->axes[i];
        bool symbol = rs_onnx_is_input_axis(label);
        /* The features of a one-hot input are an axis of it too, the last one, and of a size that is declared. */
        if (symbol && label == RS_ONNX_INPUT_AXIS(2) && rs_onnx_known_size(m, flow, label)) symbol = false;
        sizes[c->count++] = symbol                    ? RS_ONNX_SIZE(label - RS_ONNX_AXIS)
                            : label >= RS_ONNX_MERGED ? RS_ONNX_UNKNOWN
                                                      : rs_onnx_known_size(m, flow, label);
    }
    for (size_t i = 0; i < c->count; i++)
        if (sizes[i] == 0) sizes[i] = RS_ONNX_UNKNOWN;
    c->shape[0] = (int64_t)c->count;
    out[0]->constant = c;
cleanup:
    return status;
}

static rs_status path_one_hot(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                              rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    rs_onnx_flow *flow = NULL;
    int64_t wanted;
    size_t axis;
    const rs_onnx_constant *depth = in[1] ? in[1]->constant : NULL, *values = in[2] ? in[2]->constant : NULL;
    (void)inputs;
    RS_TRY(copy_first(&flow, m, node, in));
    RS_TRY(rs_onnx_int(&wanted, m, node, "axis", -1));
    if (flow->rank == RS_ONNX_RANK) return rs_onnx_fail(m, node, "more than %d dimensions", RS_ONNX_RANK);
    RS_TRY(rs_onnx_axis(&axis, m, node, wanted, flow->rank + 1));
    double symbols = !depth || depth->count != 1 ? 0
                     : depth->reals              ? (double)depth->reals[0]
                                                 : (double)depth->integers[0];
    bool unit = values && values->count == 2 &&
                (values->reals ? values->reals[0] == 0 && values->reals[1] == 1
                               : values->integers[0] == 0 && values->integers[1] == 1);
    if (flow->content != RS_ONNX_INPUT || !(symbols >= 1 && symbols <= (double)RS_TENSORS_VALUES) || !unit)
        return rs_onnx_fail(m, node,
                            "one-hot must be of the input, with a constant number of symbols and values 0 and 1");
    flow->content = RS_ONNX_TABLE;
    flow->width = (size_t)symbols;
    memmove(flow->axes + axis + 1, flow->axes + axis, (flow->rank - axis) * sizeof *flow->axes);
    flow->axes[axis] = RS_ONNX_FEATURES;
    flow->rank++;
    out[0]->flow = flow;
cleanup:
    return status;
}

const rs_onnx_entry *rs_onnx_path_find(const char *name) {
    static const rs_onnx_entry table[] = {
        {"Identity", " ", pass},
        {"Dropout", " ratio seed ", pass_dropout},
        {"Cast", " to saturate ", pass_cast},
        {"Transpose", " perm ", path_transpose},
        {"Squeeze", " axes ", path_squeeze},
        {"Unsqueeze", " axes ", path_unsqueeze},
        {"Reshape", " allowzero ", rs_onnx_reshape},
        {"Flatten", " axis ", rs_onnx_flatten},
        {"Gather", " axis ", path_gather},
        {"Slice", " starts ends axes ", path_slice},
        {"Concat", " axis ", path_concat},
        {"Shape", " start end ", path_shape},
        {"OneHot", " axis ", path_one_hot},
    };
    return rs_onnx_entry_find(table, sizeof table / sizeof *table, name);
}
