/* Operators on constants that go element by element and broadcast. Integers may be sizes that are symbols: what is
 * computed from these is known as far as the shapes that exporters build need it. */
#include <string.h>

#include "core/status.h"
#include "network/onnx_constant.h"

/* The size of two that are broadcast; RS_ONNX_UNKNOWN: they do not fit. */
static int64_t broadcast_size(int64_t a, int64_t b) {
    return a == b || b == 1 ? a : a == 1 ? b : RS_ONNX_UNKNOWN;
}

/* Broadcasts shapes, *rank of them being in `shape`. */
static rs_status broadcast(size_t *rank, int64_t shape[RS_ONNX_RANK], const rs_onnx *m, const rs_onnx_node *node,
                           size_t other_rank, const int64_t *other) {
    size_t top = *rank > other_rank ? *rank : other_rank;
    int64_t result[RS_ONNX_RANK];
    for (size_t i = 0; i < top; i++) {
        int64_t a = i + *rank >= top ? shape[i + *rank - top] : 1;
        int64_t b = i + other_rank >= top ? other[i + other_rank - top] : 1;
        result[i] = broadcast_size(a, b);
        if (result[i] == RS_ONNX_UNKNOWN) return rs_onnx_fail(m, node, "its inputs' shapes do not fit each other");
    }
    memcpy(shape, result, top * sizeof *shape);
    *rank = top;
    return RS_OK;
}

/* The walk over a constant that is broadcast to a shape. */
static rs_onnx_walk walk_broadcast(const rs_onnx_constant *c, size_t rank, const int64_t *shape) {
    int64_t strides[RS_ONNX_RANK], steps[RS_ONNX_RANK] = {0};
    rs_onnx_strides(strides, c);
    for (size_t i = 0; i < c->rank; i++)
        if (rs_onnx_stored(c->shape[i]) > 1) steps[rank - c->rank + i] = strides[i];
    return rs_onnx_walk_over(rank, shape, steps, 0);
}

rs_status rs_onnx_expand(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                         rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    const rs_onnx_constant *c = in[0] ? in[0]->constant : NULL;
    rs_onnx_constant *to;
    size_t rank = 0, other;
    const int64_t *wanted;
    int64_t shape[RS_ONNX_RANK];
    (void)inputs;
    RS_TRY(rs_onnx_shape_of(&other, &wanted, m, node, in[1]));
    if (!c) return rs_onnx_fail(m, node, "it has no input");
    RS_TRY(broadcast(&rank, shape, m, node, c->rank, c->shape));
    RS_TRY(broadcast(&rank, shape, m, node, other, wanted));
    RS_TRY(rs_onnx_make(&to, m, node, c->reals, rank, shape));
    rs_onnx_copy(to, 0, c, walk_broadcast(c, rank, shape), to->count);
    out[0]->constant = to;
cleanup:
    return status;
}

/* Sizes are symbols: what is not known of them is RS_ONNX_UNKNOWN. */
static int64_t calculate(char operation, int64_t a, int64_t b) {
    int64_t result;
    bool symbols = rs_onnx_symbolic(a) || rs_onnx_symbolic(b);
    if (operation == '=' && !symbols) return a == b;
    if (operation == '=' && a == b && a != RS_ONNX_UNKNOWN) return 1;
    if (operation == '=') return a > 0 || b > 0 || (rs_onnx_symbolic(a) && rs_onnx_symbolic(b)) ? RS_ONNX_UNKNOWN : 0;
    if (operation == '*' && (a == 1 || b == 1)) return a == 1 ? b : a;
    if (operation == '*' && (a == 0 || b == 0)) return 0;
    if (operation == '+' && (a == 0 || b == 0)) return a == 0 ? b : a;
    if ((operation == '-' && b == 0) || (operation == '/' && b == 1)) return a;
    if (symbols || (operation == '/' && (b == 0 || b == -1))) return RS_ONNX_UNKNOWN;
    bool overflow = operation == '*'   ? __builtin_mul_overflow(a, b, &result)
                    : operation == '+' ? __builtin_add_overflow(a, b, &result)
                    : operation == '-' ? __builtin_sub_overflow(a, b, &result)
                                       : (result = a / b, false);
    return overflow || rs_onnx_symbolic(result) ? RS_ONNX_UNKNOWN : result;
}

static float calculate_real(char operation, float a, float b) {
    return operation == '*' ? a * b : operation == '+' ? a + b : operation == '-' ? a - b : a / b;
}

rs_status rs_onnx_arithmetic(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                             rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    const rs_onnx_constant *a = in[0] ? in[0]->constant : NULL, *b = in[1] ? in[1]->constant : NULL;
    rs_onnx_constant *to;
    size_t rank = 0;
    int64_t shape[RS_ONNX_RANK];
    char operation = node->op_type[0] == 'A'   ? '+'
                     : node->op_type[0] == 'S' ? '-'
                     : node->op_type[0] == 'M' ? '*'
                     : node->op_type[0] == 'D' ? '/'
                                               : '=';
    (void)inputs;
    if (!a || !b || !a->reals != !b->reals || (operation == '=' && a->reals))
        return rs_onnx_fail(m, node, "its inputs are not two of one type");
    RS_TRY(broadcast(&rank, shape, m, node, a->rank, a->shape));
    RS_TRY(broadcast(&rank, shape, m, node, b->rank, b->shape));
    RS_TRY(rs_onnx_make(&to, m, node, a->reals, rank, shape));
    rs_onnx_walk at_a = walk_broadcast(a, rank, shape), at_b = walk_broadcast(b, rank, shape);
    for (size_t i = 0; i < to->count; i++, rs_onnx_walk_on(&at_a), rs_onnx_walk_on(&at_b)) {
        if (a->reals) rs_onnx_reals(to)[i] = calculate_real(operation, a->reals[at_a.at], b->reals[at_b.at]);
        else rs_onnx_integers(to)[i] = calculate(operation, a->integers[at_a.at], b->integers[at_b.at]);
    }
    out[0]->constant = to;
cleanup:
    return status;
}

rs_status rs_onnx_where(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                        rs_onnx_value *const *out) {
    rs_status status = RS_OK;
    rs_onnx_constant *to;
    size_t rank = 0;
    int64_t shape[RS_ONNX_RANK];
    rs_onnx_walk at[3];
    (void)inputs;
    for (size_t i = 0; i < 3; i++) {
        if (!in[i] || (i == 0 ? !in[i]->constant->integers : !in[i]->constant->reals != !in[1]->constant->reals))
            return rs_onnx_fail(m, node, "its inputs are not a condition and two of one type");
        RS_TRY(broadcast(&rank, shape, m, node, in[i]->constant->rank, in[i]->constant->shape));
    }
    const rs_onnx_constant *a = in[1]->constant, *b = in[2]->constant;
    RS_TRY(rs_onnx_make(&to, m, node, a->reals, rank, shape));
    for (size_t i = 0; i < 3; i++) at[i] = walk_broadcast(in[i]->constant, rank, shape);
    for (size_t i = 0; i < to->count; i++) {
        int64_t condition = in[0]->constant->integers[at[0].at];
        if (rs_onnx_symbolic(condition)) {
            status = rs_onnx_fail(m, node, "a condition that depends on the word's length or the batch");
            goto cleanup;
        }
        if (a->reals) rs_onnx_reals(to)[i] = condition ? a->reals[at[1].at] : b->reals[at[2].at];
        else rs_onnx_integers(to)[i] = condition ? a->integers[at[1].at] : b->integers[at[2].at];
        for (size_t j = 0; j < 3; j++) rs_onnx_walk_on(&at[j]);
    }
    out[0]->constant = to;
cleanup:
    return status;
}
