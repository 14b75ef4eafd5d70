/* Constants: a strided copy of the values of another one, or none of its own. */
#include "network/onnx_constant.h"

#include <string.h>

#include "core/status.h"

/* The values that a shape stores. Also without its empty dimensions they must not be too many, so that strides fit. */
static rs_status stored_count(size_t *out, const rs_onnx *m, const rs_onnx_node *node, size_t rank,
                              const int64_t *shape) {
    size_t count = 1, bound = 1;
    for (size_t i = 0; i < rank; i++) {
        size_t size = rs_onnx_stored(shape[i]);
        if ((shape[i] < 0 && !rs_onnx_symbolic(shape[i])) || size > RS_TENSORS_VALUES ||
            (bound *= size ? size : 1) > RS_TENSORS_VALUES)
            return rs_onnx_fail(m, node, "a tensor whose size %lld in dimension %zu is negative or too large",
                                (long long)shape[i], i);
        count *= size;
    }
    *out = count;
    return RS_OK;
}

rs_status rs_onnx_make(rs_onnx_constant **out, rs_onnx *m, const rs_onnx_node *node, bool reals, size_t rank,
                       const int64_t *shape) {
    rs_status status = RS_OK;
    rs_onnx_constant *c;
    size_t count = 0;
    if (rank > RS_ONNX_RANK)
        return rs_onnx_fail(m, node, "a tensor of %zu dimensions, more than %d", rank, RS_ONNX_RANK);
    RS_TRY(stored_count(&count, m, node, rank, shape));
    RS_TRY(rs_onnx_spend(m, count));
    RS_TRY_ALLOC(c = rs_onnx_alloc(m, 1, sizeof *c));
    c->rank = rank;
    if (rank) memcpy(c->shape, shape, rank * sizeof *shape);
    c->count = count;
    if (reals) RS_TRY_ALLOC(c->reals = rs_onnx_alloc(m, count, sizeof *c->reals));
    else RS_TRY_ALLOC(c->integers = rs_onnx_alloc(m, count, sizeof *c->integers));
    *out = c;
cleanup:
    return status;
}

rs_status rs_onnx_reshaped(const rs_onnx_constant **out, rs_onnx *m, const rs_onnx_node *node,
                           const rs_onnx_constant *c, size_t rank, const int64_t *shape) {
    rs_status status = RS_OK;
    rs_onnx_constant *copy;
    size_t count = 0;
    RS_TRY(stored_count(&count, m, node, rank, shape));
    if (count != c->count) return rs_onnx_fail(m, node, "its %zu values do not fit the new shape", c->count);
    RS_TRY_ALLOC(copy = rs_onnx_alloc(m, 1, sizeof *copy));
    *copy = *c;
    copy->rank = rank;
    if (rank) memcpy(copy->shape, shape, rank * sizeof *shape);
    *out = copy;
cleanup:
    return status;
}

void rs_onnx_walk_on(rs_onnx_walk *w) {
    for (size_t i = w->rank; i--;) {
        w->at += w->steps[i];
        if (++w->index[i] < w->sizes[i]) return;
        w->at -= w->steps[i] * (int64_t)w->sizes[i];
        w->index[i] = 0;
    }
}

void rs_onnx_strides(int64_t strides[RS_ONNX_RANK], const rs_onnx_constant *c) {
    int64_t step = 1;
    for (size_t i = c->rank; i--;) {
        strides[i] = step;
        step *= (int64_t)rs_onnx_stored(c->shape[i]);
    }
}

void rs_onnx_copy(rs_onnx_constant *out, size_t start, const rs_onnx_constant *in, rs_onnx_walk w, size_t count) {
    for (size_t i = 0; i < count; i++, rs_onnx_walk_on(&w)) {
        if (in->reals) rs_onnx_reals(out)[start + i] = in->reals[w.at];
        else rs_onnx_integers(out)[start + i] = in->integers[w.at];
    }
}

rs_onnx_walk rs_onnx_walk_over(size_t rank, const int64_t *shape, const int64_t *steps, int64_t at) {
    rs_onnx_walk w = {.rank = rank, .at = at};
    for (size_t i = 0; i < rank; i++) {
        w.sizes[i] = rs_onnx_stored(shape[i]);
        w.steps[i] = steps[i];
    }
    return w;
}

rs_status rs_onnx_shape_of(size_t *rank, const int64_t **shape, const rs_onnx *m, const rs_onnx_node *node,
                           const rs_onnx_value *value) {
    const rs_onnx_constant *c = value ? value->constant : NULL;
    if (!c || c->reals || c->rank > 1 || c->count > RS_ONNX_RANK || (c->rank && rs_onnx_symbolic(c->shape[0])))
        return rs_onnx_fail(m, node, "its shape is not at most %d integers", RS_ONNX_RANK);
    *rank = c->count;
    *shape = c->integers;
    return RS_OK;
}
