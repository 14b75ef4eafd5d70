/* How constants of an ONNX model are made from others. */
#ifndef RS_NETWORK_ONNX_CONSTANT_H
#define RS_NETWORK_ONNX_CONSTANT_H

#include "network/onnx_model.h"

/* A constant of zeros; of an axis of symbolic size one value is stored. */
rs_status rs_onnx_make(rs_onnx_constant **out, rs_onnx *m, const rs_onnx_node *node, bool reals, size_t rank,
                       const int64_t *shape);
/* Its values, while it is built. */
static inline float *rs_onnx_reals(rs_onnx_constant *c) {
    return (float *)(uintptr_t)c->reals;
}
static inline int64_t *rs_onnx_integers(rs_onnx_constant *c) {
    return (int64_t *)(uintptr_t)c->integers;
}
/* The same values under another shape, which must be of as many. */
rs_status rs_onnx_reshaped(const rs_onnx_constant **out, rs_onnx *m, const rs_onnx_node *node,
                           const rs_onnx_constant *c, size_t rank, const int64_t *shape);

/* The shape that an input says: at most RS_ONNX_RANK constant integers. */
rs_status rs_onnx_shape_of(size_t *rank, const int64_t **shape, const rs_onnx *m, const rs_onnx_node *node,
                           const rs_onnx_value *value);

/* An odometer over axes of `sizes` that says at which value of a constant it stands. */
typedef struct rs_onnx_walk {
    size_t rank, sizes[RS_ONNX_RANK], index[RS_ONNX_RANK];
    int64_t steps[RS_ONNX_RANK], at;
} rs_onnx_walk;

/* Over a shape, in steps of a constant's values, from value `at` on. */
rs_onnx_walk rs_onnx_walk_over(size_t rank, const int64_t *shape, const int64_t *steps, int64_t at);
void rs_onnx_walk_on(rs_onnx_walk *w);
/* How many values lie between two neighbours along each axis. */
void rs_onnx_strides(int64_t strides[RS_ONNX_RANK], const rs_onnx_constant *c);
/* Values start to start + count of `out` are those of `in` on the walk. */
void rs_onnx_copy(rs_onnx_constant *out, size_t start, const rs_onnx_constant *in, rs_onnx_walk w, size_t count);

/* onnx_elements.c: operators that broadcast, with the contract of rs_onnx_operator. */
rs_status rs_onnx_expand(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                         rs_onnx_value *const *out);
rs_status rs_onnx_arithmetic(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                             rs_onnx_value *const *out);
rs_status rs_onnx_where(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                        rs_onnx_value *const *out);

#endif
