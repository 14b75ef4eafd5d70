/* Operators on constants alone: exporters leave initial states, gate orders and shapes to be computed from them. Every
 * one here is a strided copy. */
#include <string.h>

#include "core/status.h"
#include "network/onnx_constant.h"

/* ---- Sources ---- */

static rs_status fold_constant(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                               rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    const Onnx__AttributeProto *a = node->n_attribute == 1 ? node->attribute[0] : NULL;
    rs_onnx_constant *c;
    int64_t count;
    (void)in;
    (void)inputs;
    if (!a) return rs_onnx_fail(m, node, "a constant must have exactly one value");
    if (strcmp(a->name, "value") == 0) {
        if (!a->t) return rs_onnx_fail(m, node, "a constant without a value");
        return rs_onnx_tensor(&out[0]->constant, m, a->t, rs_onnx_node_name(node));
    }
    bool reals = strstr(a->name, "float"), list = a->name[strlen(a->name) - 1] == 's';
    count = (int64_t)(list ? reals ? a->n_floats : a->n_ints : 1);
    RS_TRY(rs_onnx_make(&c, m, node, reals, list, &count));
    for (size_t i = 0; i < c->count; i++) {
        if (reals) rs_onnx_reals(c)[i] = list ? a->floats[i] : a->f;
        else rs_onnx_integers(c)[i] = list ? a->ints[i] : a->i;
        if (!reals && rs_onnx_symbolic(c->integers[i])) rs_onnx_integers(c)[i] = RS_ONNX_SIZE(RS_ONNX_RANK);
    }
    out[0]->constant = c;
cleanup:
    return status;
}

static rs_status fold_constant_of_shape(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                                        rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    const Onnx__AttributeProto *a = rs_onnx_attribute(node, "value");
    const rs_onnx_constant *value = NULL;
    rs_onnx_constant *c;
    size_t rank;
    const int64_t *shape;
    (void)inputs;
    RS_TRY(rs_onnx_shape_of(&rank, &shape, m, node, in[0]));
    if (a && a->t) RS_TRY(rs_onnx_tensor(&value, m, a->t, rs_onnx_node_name(node)));
    if (value && value->count != 1) {
        status = rs_onnx_fail(m, node, "its value must be one number");
        goto cleanup;
    }
    RS_TRY(rs_onnx_make(&c, m, node, !value || value->reals, rank, shape));
    if (value) rs_onnx_copy(c, 0, value, (rs_onnx_walk){0}, c->count);
    out[0]->constant = c;
cleanup:
    return status;
}

static rs_status fold_shape(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                            rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    rs_onnx_constant *c;
    int64_t count;
    (void)inputs;
    if (!in[0]) return rs_onnx_fail(m, node, "it has no input");
    if (rs_onnx_attribute(node, "start") || rs_onnx_attribute(node, "end"))
        return rs_onnx_fail(m, node, "a part of a constant's shape is not read");
    count = (int64_t)in[0]->constant->rank;
    RS_TRY(rs_onnx_make(&c, m, node, false, 1, &count));
    if (count) memcpy(rs_onnx_integers(c), in[0]->constant->shape, (size_t)count * sizeof *c->integers);
    out[0]->constant = c;
cleanup:
    return status;
}

/* ---- Shapes ---- */

static rs_status fold_identity(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                               rs_onnx_value *const *out) {
    (void)inputs;
    if (!in[0]) return rs_onnx_fail(m, node, "it has no input");
    out[0]->constant = in[0]->constant;
    return RS_OK;
}

static rs_status fold_cast(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                           rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    int64_t to;
    rs_onnx_constant *c;
    RS_TRY(rs_onnx_int(&to, m, node, "to", 0));
    bool half = to == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16 || to == ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16;
    bool reals = half || to == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT || to == ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE;
    bool integers = to == ONNX__TENSOR_PROTO__DATA_TYPE__INT64 || to == ONNX__TENSOR_PROTO__DATA_TYPE__INT32;
    const rs_onnx_constant *from = in[0] ? in[0]->constant : NULL;
    if (!from || (!reals && !integers)) return rs_onnx_fail(m, node, "a cast to type %lld is not read", (long long)to);
    m->halves = m->halves || (half && from->reals);
    if (reals == (from->reals != NULL)) return fold_identity(m, node, in, inputs, out);
    RS_TRY(rs_onnx_make(&c, m, node, reals, from->rank, from->shape));
    for (size_t i = 0; i < c->count; i++) {
        if (reals ? rs_onnx_symbolic(from->integers[i]) : !(from->reals[i] > -0x1p62f && from->reals[i] < 0x1p62f)) {
            status = rs_onnx_fail(m, node, "value %zu cannot be cast", i);
            goto cleanup;
        }
        if (reals) rs_onnx_reals(c)[i] = (float)from->integers[i];
        else rs_onnx_integers(c)[i] = (int64_t)from->reals[i];
    }
    out[0]->constant = c;
cleanup:
    return status;
}

static rs_status fold_reshape(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                              rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    const rs_onnx_constant *c = in[0] ? in[0]->constant : NULL;
    size_t rank, product = 1, open = SIZE_MAX;
    const int64_t *wanted;
    int64_t shape[RS_ONNX_RANK], symbol = 0, zero;
    (void)inputs;
    RS_TRY(rs_onnx_int(&zero, m, node, "allowzero", 0));
    RS_TRY(rs_onnx_shape_of(&rank, &wanted, m, node, in[1]));
    if (!c) return rs_onnx_fail(m, node, "it has no input");
    for (size_t i = 0; i < c->rank; i++)
        if (rs_onnx_symbolic(c->shape[i])) symbol = c->shape[i];
    for (size_t i = 0; i < rank; i++) {
        shape[i] = wanted[i] || zero ? wanted[i] : i < c->rank ? c->shape[i] : -1;
        if (rs_onnx_symbolic(shape[i])) symbol = 0;
        if (shape[i] == -1 && open == SIZE_MAX) open = i;
        else if (__builtin_mul_overflow(product, rs_onnx_stored(shape[i]), &product)) product = 0;
    }
    /* -1 is what is left: a symbolic size that stands nowhere else, or a number. */
    if (open != SIZE_MAX && product && c->count % product == 0)
        shape[open] = symbol && c->count == product ? symbol : (int64_t)(c->count / product);
    RS_TRY(rs_onnx_reshaped(&out[0]->constant, m, node, c, rank, shape));
cleanup:
    return status;
}

/* Marks the axes of a list, counted in a tensor of `rank`. */
static rs_status mark_axes(bool marked[RS_ONNX_RANK], rs_onnx *m, const rs_onnx_node *node, const int64_t *axes,
                           size_t count, size_t rank) {
    if (rank > RS_ONNX_RANK) return rs_onnx_fail(m, node, "more than %d dimensions", RS_ONNX_RANK);
    for (size_t i = 0; i < count; i++) {
        size_t axis;
        rs_status status = rs_onnx_axis(&axis, m, node, axes[i], rank);
        if (status != RS_OK) return status;
        if (marked[axis]) return rs_onnx_fail(m, node, "axis %zu stands twice", axis);
        marked[axis] = true;
    }
    return RS_OK;
}

static rs_status fold_squeeze(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                              rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    const rs_onnx_constant *c = in[0] ? in[0]->constant : NULL;
    const int64_t *axes;
    size_t count, rank = 0;
    int64_t shape[RS_ONNX_RANK];
    bool marked[RS_ONNX_RANK] = {false};
    (void)inputs;
    if (!c) return rs_onnx_fail(m, node, "it has no input");
    RS_TRY(rs_onnx_ints_of(&axes, &count, m, node, "axes", in, 1));
    RS_TRY(mark_axes(marked, m, node, axes, count, c->rank));
    for (size_t i = 0; i < c->rank; i++) {
        bool drop = count ? marked[i] : c->shape[i] == 1;
        if (drop && c->shape[i] != 1) {
            status = rs_onnx_fail(m, node, "dimension %zu is not 1", i);
            goto cleanup;
        }
        if (!drop) shape[rank++] = c->shape[i];
    }
    RS_TRY(rs_onnx_reshaped(&out[0]->constant, m, node, c, rank, shape));
cleanup:
    return status;
}

static rs_status fold_unsqueeze(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                                rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    const rs_onnx_constant *c = in[0] ? in[0]->constant : NULL;
    const int64_t *axes;
    size_t count, from = 0;
    int64_t shape[RS_ONNX_RANK];
    bool marked[RS_ONNX_RANK] = {false};
    (void)inputs;
    if (!c) return rs_onnx_fail(m, node, "it has no input");
    RS_TRY(rs_onnx_ints_of(&axes, &count, m, node, "axes", in, 1));
    RS_TRY(mark_axes(marked, m, node, axes, count, c->rank + count));
    for (size_t i = 0; i < c->rank + count; i++) shape[i] = marked[i] ? 1 : c->shape[from++];
    RS_TRY(rs_onnx_reshaped(&out[0]->constant, m, node, c, c->rank + count, shape));
cleanup:
    return status;
}

static rs_status fold_transpose(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                                rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    const rs_onnx_constant *c = in[0] ? in[0]->constant : NULL;
    rs_onnx_constant *to;
    const int64_t *perm;
    size_t count;
    int64_t shape[RS_ONNX_RANK], strides[RS_ONNX_RANK], steps[RS_ONNX_RANK];
    bool marked[RS_ONNX_RANK] = {false};
    (void)inputs;
    if (!c) return rs_onnx_fail(m, node, "it has no input");
    RS_TRY(rs_onnx_ints(&perm, &count, m, node, "perm"));
    if (perm && count != c->rank) return rs_onnx_fail(m, node, "its order is not of %zu axes", c->rank);
    if (perm) RS_TRY(mark_axes(marked, m, node, perm, count, c->rank));
    rs_onnx_strides(strides, c);
    for (size_t i = 0; i < c->rank; i++) {
        size_t axis = c->rank - 1 - i;
        if (perm) RS_TRY(rs_onnx_axis(&axis, m, node, perm[i], c->rank));
        shape[i] = c->shape[axis];
        steps[i] = strides[axis];
    }
    RS_TRY(rs_onnx_make(&to, m, node, c->reals, c->rank, shape));
    rs_onnx_copy(to, 0, c, rs_onnx_walk_over(c->rank, shape, steps, 0), to->count);
    out[0]->constant = to;
cleanup:
    return status;
}

/* ---- Parts ---- */

static rs_status fold_concat(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                             rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    const rs_onnx_constant *first = in[0] ? in[0]->constant : NULL;
    rs_onnx_constant *to;
    int64_t wanted, shape[RS_ONNX_RANK];
    size_t axis, outer = 1, done = 0, inner = 1;
    if (!first || !inputs) return rs_onnx_fail(m, node, "it has no input");
    RS_TRY(rs_onnx_int(&wanted, m, node, "axis", 0));
    RS_TRY(rs_onnx_axis(&axis, m, node, wanted, first->rank));
    memcpy(shape, first->shape, first->rank * sizeof *shape);
    shape[axis] = 0;
    for (size_t i = 0; i < inputs; i++) {
        const rs_onnx_constant *c = in[i] ? in[i]->constant : NULL;
        bool fits = c && c->rank == first->rank && !c->reals == !first->reals && !rs_onnx_symbolic(c->shape[axis]) &&
                    !__builtin_add_overflow(shape[axis], c->shape[axis], &shape[axis]);
        for (size_t j = 0; fits && j < first->rank; j++) fits = j == axis || c->shape[j] == first->shape[j];
        if (!fits) {
            status = rs_onnx_fail(m, node, "its input %zu does not fit the first one", i);
            goto cleanup;
        }
    }
    RS_TRY(rs_onnx_make(&to, m, node, first->reals, first->rank, shape));
    for (size_t i = 0; i < axis; i++) outer *= rs_onnx_stored(shape[i]);
    for (size_t i = axis + 1; i < first->rank; i++) inner *= rs_onnx_stored(shape[i]);
    size_t row = rs_onnx_stored(shape[axis]) * inner;
    for (size_t i = 0; i < inputs; i++) {
        const rs_onnx_constant *c = in[i]->constant;
        size_t part = (size_t)c->shape[axis] * inner;
        for (size_t j = 0; part && j < outer; j++)
            rs_onnx_copy(to, j * row + done, c, (rs_onnx_walk){1, {part}, {0}, {1}, (int64_t)(j * part)}, part);
        done += part;
    }
    out[0]->constant = to;
cleanup:
    return status;
}

static rs_status fold_gather(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                             rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    const rs_onnx_constant *c = in[0] ? in[0]->constant : NULL, *index = in[1] ? in[1]->constant : NULL;
    rs_onnx_constant *to;
    int64_t wanted, shape[2 * RS_ONNX_RANK];
    size_t axis, outer = 1, inner = 1;
    (void)inputs;
    if (!c || !index || index->reals) return rs_onnx_fail(m, node, "its indices are not integers");
    RS_TRY(rs_onnx_int(&wanted, m, node, "axis", 0));
    RS_TRY(rs_onnx_axis(&axis, m, node, wanted, c->rank));
    memcpy(shape, c->shape, axis * sizeof *shape);
    memcpy(shape + axis, index->shape, index->rank * sizeof *shape);
    memcpy(shape + axis + index->rank, c->shape + axis + 1, (c->rank - axis - 1) * sizeof *shape);
    RS_TRY(rs_onnx_make(&to, m, node, c->reals, c->rank - 1 + index->rank, shape));
    for (size_t i = 0; i < axis; i++) outer *= rs_onnx_stored(c->shape[i]);
    for (size_t i = axis + 1; i < c->rank; i++) inner *= rs_onnx_stored(c->shape[i]);
    size_t stored = rs_onnx_stored(c->shape[axis]);
    bool symbolic = rs_onnx_symbolic(c->shape[axis]);
    for (size_t i = 0; i < index->count; i++) {
        int64_t at = index->integers[i];
        if (at < 0 && !rs_onnx_symbolic(at)) at += (int64_t)stored;
        if (symbolic) at = 0; /* all are equal */
        if (at < 0 || (size_t)at >= stored) {
            status = rs_onnx_fail(m, node, "index %lld is outside of %zu", (long long)index->integers[i], stored);
            goto cleanup;
        }
        for (size_t j = 0; inner && j < outer; j++)
            rs_onnx_copy(to, (j * index->count + i) * inner, c,
                         (rs_onnx_walk){1, {inner}, {0}, {1}, (int64_t)((j * stored + (size_t)at) * inner)}, inner);
    }
    out[0]->constant = to;
cleanup:
    return status;
}

/* Cuts begin and end of a slice of `size` values to the range that ONNX says; the number of values comes out. */
static int64_t cut(int64_t *begin, int64_t end, int64_t step, int64_t size) {
    int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
    if (*begin < 0) *begin += size;
    if (end < 0) end += size;
    *begin = *begin < 0 ? 0 : *begin > high ? high : *begin;
    end = end < low ? low : end > size ? size : end;
    int64_t span = step > 0 ? end - *begin : *begin - end, width = step > 0 ? step : -step;
    return span > 0 ? (span - 1) / width + 1 : 0;
}

static rs_status fold_slice(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                            rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    const rs_onnx_constant *c = in[0] ? in[0]->constant : NULL;
    rs_onnx_constant *to;
    const int64_t *starts, *ends, *axes, *steps;
    size_t count, other, axis_count, step_count;
    int64_t shape[RS_ONNX_RANK], strides[RS_ONNX_RANK], at = 0;
    bool marked[RS_ONNX_RANK] = {false};
    (void)inputs;
    if (!c) return rs_onnx_fail(m, node, "it has no input");
    RS_TRY(rs_onnx_ints_of(&starts, &count, m, node, "starts", in, 1));
    RS_TRY(rs_onnx_ints_of(&ends, &other, m, node, "ends", in, 2));
    RS_TRY(rs_onnx_ints_of(&axes, &axis_count, m, node, "axes", in, 3));
    RS_TRY(rs_onnx_ints_of(&steps, &step_count, m, node, "steps", in, 4));
    if (other != count || (axes ? axis_count != count : count > c->rank) || (steps && step_count != count))
        return rs_onnx_fail(m, node, "its starts, ends, axes and steps are not of one length");
    if (axes) RS_TRY(mark_axes(marked, m, node, axes, count, c->rank));
    memcpy(shape, c->shape, c->rank * sizeof *shape);
    rs_onnx_strides(strides, c);
    for (size_t i = 0; i < count; i++) {
        size_t axis = i;
        int64_t begin = starts[i], step = steps ? steps[i] : 1;
        if (axes) RS_TRY(rs_onnx_axis(&axis, m, node, axes[i], c->rank));
        bool symbolic = rs_onnx_symbolic(shape[axis]);
        if (symbolic && begin == 0 && step == 1 &&
            (ends[i] == INT64_MAX || ends[i] == INT32_MAX || ends[i] == shape[axis]))
            continue;
        if (symbolic || rs_onnx_symbolic(begin) || rs_onnx_symbolic(ends[i]) || !step || step < -INT32_MAX ||
            step > INT32_MAX) {
            status = rs_onnx_fail(m, node, "its begin, end or step along axis %zu is not read", axis);
            goto cleanup;
        }
        shape[axis] = cut(&begin, ends[i], step, shape[axis]);
        if (shape[axis]) at += begin * strides[axis];
        strides[axis] *= step;
    }
    RS_TRY(rs_onnx_make(&to, m, node, c->reals, c->rank, shape));
    rs_onnx_copy(to, 0, c, rs_onnx_walk_over(c->rank, shape, strides, at), to->count);
    out[0]->constant = to;
cleanup:
    return status;
}

const rs_onnx_entry *rs_onnx_fold_find(const char *name) {
    static const rs_onnx_entry table[] = {
        {"Constant", " value value_float value_floats value_int value_ints ", fold_constant},
        {"ConstantOfShape", " value ", fold_constant_of_shape},
        {"Shape", " start end ", fold_shape},
        {"Identity", " ", fold_identity},
        {"Cast", " to saturate ", fold_cast},
        {"Reshape", " allowzero ", fold_reshape},
        {"Squeeze", " axes ", fold_squeeze},
        {"Unsqueeze", " axes ", fold_unsqueeze},
        {"Transpose", " perm ", fold_transpose},
        {"Concat", " axis ", fold_concat},
        {"Gather", " axis ", fold_gather},
        {"Slice", " starts ends axes ", fold_slice},
        {"Expand", " ", rs_onnx_expand},
        {"Add", " ", rs_onnx_arithmetic},
        {"Sub", " ", rs_onnx_arithmetic},
        {"Mul", " ", rs_onnx_arithmetic},
        {"Div", " ", rs_onnx_arithmetic},
        {"Equal", " ", rs_onnx_arithmetic},
        {"Where", " ", rs_onnx_where},
    };
    return rs_onnx_entry_find(table, sizeof table / sizeof *table, name);
}
