/* Reshape and Flatten of a flow. They name numbers alone: they are read in the one way that keeps every value of a step
 * and of a batch where it belongs, and refused when there is none. */
#include <string.h>

#include "core/status.h"
#include "network/onnx_model.h"

/* A way of reading the sizes `wanted` as axes of the flow: [pieces] are its axes but units, merged ones taken apart. */
typedef struct reshape {
    const rs_onnx *m;
    const rs_onnx_flow *flow;
    const int64_t *wanted; /* 0 has become what it copies: a label, as COPY - label */
    size_t rank, pieces;
    int piece[2 * RS_ONNX_RANK], axes[RS_ONNX_RANK];
} reshape;
#define COPY (-16)

/* Whether a size may be that of this axis. */
static bool may_be(const reshape *r, int64_t wanted, int label) {
    int64_t known = rs_onnx_known_size(r->m, r->flow, label);
    if (wanted == -1) return true;
    if (rs_onnx_symbolic(wanted)) return rs_onnx_is_input_axis(label) && wanted == RS_ONNX_SIZE(label - RS_ONNX_AXIS);
    if (wanted < 0) return wanted == COPY - label;
    return wanted > 0 && known == wanted;
}

/* Whether a size may be that of two axes merged. */
static bool may_merge(const reshape *r, int64_t wanted, int a, int b) {
    int label = RS_ONNX_MERGED + (a - RS_ONNX_AXIS) * RS_ONNX_RANK + (b - RS_ONNX_AXIS);
    if (!rs_onnx_is_input_axis(a) || !rs_onnx_is_input_axis(b)) return false;
    int64_t first = rs_onnx_known_size(r->m, r->flow, a), second = rs_onnx_known_size(r->m, r->flow, b), product;
    return wanted == -1 || wanted == COPY - label ||
           (first && second && !__builtin_mul_overflow(first, second, &product) && wanted == product);
}

/* Reads sizes from i on as pieces from j on; there are at most five pieces, as no axis stands in a flow twice. */
static bool match(reshape *r, size_t i, size_t j) {
    if (i == r->rank && j == r->pieces) return true;
    if (i < r->rank && j < r->pieces && may_be(r, r->wanted[i], r->piece[j])) {
        r->axes[i] = r->piece[j];
        if (match(r, i + 1, j + 1)) return true;
    }
    if (i < r->rank && j + 1 < r->pieces && may_merge(r, r->wanted[i], r->piece[j], r->piece[j + 1])) {
        r->axes[i] = RS_ONNX_MERGED + (r->piece[j] - RS_ONNX_AXIS) * RS_ONNX_RANK + (r->piece[j + 1] - RS_ONNX_AXIS);
        if (match(r, i + 1, j + 2)) return true;
    }
    if (i < r->rank && may_be(r, r->wanted[i], RS_ONNX_UNIT)) {
        r->axes[i] = RS_ONNX_UNIT;
        if (match(r, i + 1, j)) return true;
    }
    return j < r->pieces && rs_onnx_is_single(r->m, r->flow, r->piece[j]) && match(r, i, j + 1);
}

static rs_status reshape_to(rs_onnx *m, const rs_onnx_node *node, const rs_onnx_flow *from, const int64_t *wanted,
                            size_t rank, rs_onnx_value *to) {
    rs_status status = RS_OK;
    reshape r = {.m = m, .flow = from, .wanted = wanted, .rank = rank};
    rs_onnx_flow *flow = NULL;
    for (size_t i = 0; i < from->rank; i++) {
        int label = from->axes[i];
        if (label == RS_ONNX_UNIT) continue;
        if (label < RS_ONNX_MERGED) r.piece[r.pieces++] = label;
        else {
            r.piece[r.pieces++] = RS_ONNX_AXIS + (label - RS_ONNX_MERGED) / RS_ONNX_RANK;
            r.piece[r.pieces++] = RS_ONNX_AXIS + (label - RS_ONNX_MERGED) % RS_ONNX_RANK;
        }
    }
    if (!match(&r, 0, 0)) return rs_onnx_fail(m, node, "the new shape may mix the steps, the batch and the features");
    RS_TRY_ALLOC(flow = rs_onnx_flow_copy(m, from));
    flow->rank = rank;
    memcpy(flow->axes, r.axes, sizeof flow->axes);
    to->flow = flow;
cleanup:
    return status;
}

rs_status rs_onnx_reshape(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                          rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    const rs_onnx_flow *from = in[0] ? in[0]->flow : NULL;
    const rs_onnx_constant *shape = in[1] ? in[1]->constant : NULL;
    int64_t wanted[RS_ONNX_RANK], zero;
    size_t open = 0;
    (void)inputs;
    RS_TRY(rs_onnx_int(&zero, m, node, "allowzero", 0));
    if (!from || !shape || shape->reals || shape->rank != 1 || shape->count > RS_ONNX_RANK)
        return rs_onnx_fail(m, node, "its shape is not at most %d constant integers", RS_ONNX_RANK);
    for (size_t i = 0; i < shape->count; i++) {
        wanted[i] = shape->integers[i];
        if (wanted[i] == 0 && !zero && i < from->rank) wanted[i] = COPY - from->axes[i];
        else if (wanted[i] < -1 && !rs_onnx_symbolic(wanted[i])) wanted[i] = 0; /* of no axis */
        open += wanted[i] == -1;
    }
    if (open > 1) return rs_onnx_fail(m, node, "its shape has several open sizes");
    RS_TRY(reshape_to(m, node, from, wanted, shape->count, out[0]));
cleanup:
    return status;
}

rs_status rs_onnx_flatten(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                          rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    const rs_onnx_flow *from = in[0] ? in[0]->flow : NULL;
    int64_t wanted;
    size_t axis, features = 0;
    (void)inputs;
    if (!from) return rs_onnx_fail(m, node, "its first input does not depend on the word");
    RS_TRY(rs_onnx_int(&wanted, m, node, "axis", 1));
    RS_TRY(rs_onnx_axis(&axis, m, node, wanted, from->rank));
    for (size_t i = axis; i < from->rank; i++) {
        if (!rs_onnx_is_single(m, from, from->axes[i]) && from->axes[i] != RS_ONNX_FEATURES) {
            status = rs_onnx_fail(m, node, "it merges the features with %s", rs_onnx_axis_name(m, from->axes[i]));
            goto cleanup;
        }
        features += from->axes[i] == RS_ONNX_FEATURES;
    }
    const int64_t sizes[2] = {-1, COPY - (features ? RS_ONNX_FEATURES : RS_ONNX_UNIT)};
    RS_TRY(reshape_to(m, node, from, sizes, 2, out[0]));
cleanup:
    return status;
}
