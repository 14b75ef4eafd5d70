/* Inside the reader of ONNX: a model whose nodes are followed one by one, from the graph's input to its output.
 *
 * Every value of the graph is either a constant, which is folded, or a flow: what depends on the word that is read. Of
 * a flow only its content (which part of the network it holds) and the meaning of its axes are known; a node that
 * changes them in a way that is not understood is refused. Sizes of the input's axes are symbols, also where the file
 * declares a number, so that constants that are built from them (initial states) hold for every batch and length. */
#ifndef RS_NETWORK_ONNX_MODEL_H
#define RS_NETWORK_ONNX_MODEL_H

#include <onnx.pb-c.h>

#include "core/table.h"
#include "network/reading.h"

#define RS_ONNX_RANK 8

typedef Onnx__NodeProto rs_onnx_node;

/* ---- Constants ---- */

/* The size of the input's axis 0..RANK-1, and what is computed from sizes otherwise. */
#define RS_ONNX_UNKNOWN INT64_MIN
#define RS_ONNX_SIZE(axis) (INT64_MIN + 1 + (int64_t)(axis))
static inline bool rs_onnx_symbolic(int64_t value) {
    return value < RS_ONNX_SIZE(RS_ONNX_RANK);
}

/* Never changes once built. Along an axis of symbolic size all values are equal, and one is stored. */
typedef struct rs_onnx_constant {
    size_t rank;
    int64_t shape[RS_ONNX_RANK];
    size_t count;       /* of stored values */
    const float *reals; /* [count]; NULL: integers */
    const int64_t *integers;
} rs_onnx_constant;

/* Values stored along an axis. */
static inline size_t rs_onnx_stored(int64_t size) {
    return rs_onnx_symbolic(size) ? 1 : (size_t)size;
}

/* ---- Flows ---- */

/* What an axis means: a unit axis, an axis of the graph's input, the features, several layers, two merged input axes.
 */
enum { RS_ONNX_UNIT, RS_ONNX_FEATURES, RS_ONNX_LAYERS, RS_ONNX_AXIS, RS_ONNX_MERGED = RS_ONNX_AXIS + RS_ONNX_RANK };
/* Axis `a` of the input; a before b, merged. */
#define RS_ONNX_INPUT_AXIS(a) (RS_ONNX_AXIS + (int)(a))
static inline bool rs_onnx_is_input_axis(int label) {
    return label >= RS_ONNX_AXIS && label < RS_ONNX_MERGED;
}

typedef enum rs_onnx_content {
    RS_ONNX_INPUT,  /* the graph's input */
    RS_ONNX_TABLE,  /* the row of a table that a symbol selects */
    RS_ONNX_HIDDEN, /* h of a recurrent layer */
    RS_ONNX_CELL,   /* c of a recurrent layer */
    RS_ONNX_HEAD,   /* what a layer of the head gives */
} rs_onnx_content;

/* A recurrent node with its constants. */
typedef struct rs_onnx_layer {
    const rs_onnx_node *node;
    const struct rs_onnx_layer *below; /* NULL: the first */
    const rs_onnx_constant *table;     /* of the first; NULL: one-hot */
    const char *cell;                  /* name of rs_cell */
    size_t gates, width, hidden;
    bool coupled;                          /* f = 1 - i */
    float hard_sigmoid;                    /* slope; 0: the logistic function */
    const rs_onnx_constant *w, *r, *b, *p; /* b, p: may be NULL */
    const float *h, *c;                    /* [hidden]; NULL: zero */
} rs_onnx_layer;

typedef struct rs_onnx_dense {
    const struct rs_onnx_dense *before; /* NULL: the first */
    const rs_onnx_layer *layer;
    size_t depth; /* 1 for the first */
    size_t rows, columns;
    const float *weight, *bias; /* bias NULL: zero */
    rs_activation activation;
} rs_onnx_dense;

typedef struct rs_onnx_flow {
    rs_onnx_content content;
    size_t rank;
    int axes[RS_ONNX_RANK];
    size_t width;                       /* of the features */
    const rs_onnx_constant *table;      /* TABLE: [symbols, width]; NULL: one-hot */
    const rs_onnx_layer *layer;         /* HIDDEN and CELL, unless there is an axis of layers */
    const rs_onnx_layer *const *layers; /* [layer_count] of the axis of layers */
    size_t layer_count;
    const rs_onnx_dense *dense; /* HEAD */
    bool last;                  /* of the last step alone */
    const char *final;          /* operator after which only the shape may change; NULL: none */
} rs_onnx_flow;

/* ---- The model ---- */

typedef struct rs_onnx_value {
    const char *name;
    const Onnx__TensorProto *initializer;
    const Onnx__ValueInfoProto *input;
    unsigned stage; /* 0: no recurrent node before it, 1: one, 2: and a product with weights */
    bool needed;
    const rs_onnx_constant *constant;
    const rs_onnx_flow *flow; /* both NULL: not computed yet */
    UT_hash_handle hh;
} rs_onnx_value;

typedef struct rs_onnx_block rs_onnx_block;       /* memory that lives as long as the model */
typedef struct rs_onnx_external rs_onnx_external; /* an external file that was read */

typedef struct rs_onnx {
    const char *file;
    const Onnx__ModelProto *proto;
    int64_t opset;
    rs_reading *reading;
    rs_onnx_value *values; /* table by name */
    rs_onnx_block *blocks;
    rs_onnx_external *external;
    size_t external_bytes;
    size_t budget;                  /* values that folding may still make */
    int64_t declared[RS_ONNX_RANK]; /* sizes of the input's axes as the file declares them; 0: open */
    size_t declared_rank;
    int time;    /* axis label of the steps; 0: no recurrent node seen */
    bool halves; /* something is float16 or bfloat16 */
} rs_onnx;

/* RS_EINPUT with the node's name and operator before the text. */
rs_status rs_onnx_fail(const rs_onnx *m, const rs_onnx_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const char *rs_onnx_node_name(const rs_onnx_node *node);

/* Zeroed memory that lives as long as the model. NULL: RS_EMEMORY. */
void *rs_onnx_alloc(rs_onnx *m, size_t count, size_t size);
/* Adds `values` to what folding has made. RS_EINPUT: more than a model of this size can need. */
rs_status rs_onnx_spend(rs_onnx *m, size_t values);

/* Attributes of the type that is wanted; absent ones give `otherwise`, or 0 of them. RS_EINPUT: another type. */
const Onnx__AttributeProto *rs_onnx_attribute(const rs_onnx_node *node, const char *name);
rs_status rs_onnx_int(int64_t *out, const rs_onnx *m, const rs_onnx_node *node, const char *name, int64_t otherwise);
rs_status rs_onnx_float(float *out, const rs_onnx *m, const rs_onnx_node *node, const char *name, float otherwise);
rs_status rs_onnx_ints(const int64_t **out, size_t *count, const rs_onnx *m, const rs_onnx_node *node,
                       const char *name);
/* Integers that are an attribute in older operator sets and input number `input` in newer ones. *out is NULL: neither.
 */
rs_status rs_onnx_ints_of(const int64_t **out, size_t *count, const rs_onnx *m, const rs_onnx_node *node,
                          const char *name, rs_onnx_value *const *in, size_t input);
/* An axis counted from the end when negative. RS_EINPUT: outside. */
rs_status rs_onnx_axis(size_t *out, const rs_onnx *m, const rs_onnx_node *node, int64_t axis, size_t rank);

/* onnx_tensor.c: the values of a tensor. `what` names it in messages. */
rs_status rs_onnx_tensor(const rs_onnx_constant **out, rs_onnx *m, const Onnx__TensorProto *tensor, const char *what);
void rs_onnx_external_free(rs_onnx *m);

/* An operator on its inputs; NULL: left out, and behind the last one. Fills constant or flow of the outputs that it
 * gives; out[i] is NULL where the node names none. */
typedef rs_status (*rs_onnx_operator)(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                                      rs_onnx_value *const *out);
typedef struct rs_onnx_entry {
    const char *name, *attributes; /* all that it may have, with a blank before and after each */
    rs_onnx_operator run;
} rs_onnx_entry;
/* By name, NULL: not there. Operators on constants alone, and on flows: from the input to the hidden states and around
 * them, the recurrent ones, those of the head. */
const rs_onnx_entry *rs_onnx_fold_find(const char *name);      /* onnx_fold.c */
const rs_onnx_entry *rs_onnx_path_find(const char *name);      /* onnx_path.c */
const rs_onnx_entry *rs_onnx_recurrent_find(const char *name); /* onnx_rnn.c */
const rs_onnx_entry *rs_onnx_head_find(const char *name);      /* onnx_head.c */
const rs_onnx_entry *rs_onnx_flow_find(const char *name);      /* in the last three */
/* What runs a node. RS_EINPUT: an operator or an attribute that is not read. */
rs_status rs_onnx_find(rs_onnx_operator *out, const rs_onnx *m, const rs_onnx_node *node, bool flows);
const rs_onnx_entry *rs_onnx_entry_find(const rs_onnx_entry *table, size_t count, const char *name);

/* onnx_path.c: a copy that may be changed; the size that the file declares for an axis (0: open); whether it may be
 * left out: it has one value, and is no axis of steps; its name for people. */
rs_onnx_flow *rs_onnx_flow_copy(rs_onnx *m, const rs_onnx_flow *flow);
int64_t rs_onnx_known_size(const rs_onnx *m, const rs_onnx_flow *flow, int label);
bool rs_onnx_is_single(const rs_onnx *m, const rs_onnx_flow *flow, int label);
const char *rs_onnx_axis_name(const rs_onnx *m, int label);
/* onnx_reshape.c: operators on flows. */
rs_status rs_onnx_reshape(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                          rs_onnx_value *const *out);
rs_status rs_onnx_flatten(rs_onnx *m, const rs_onnx_node *node, rs_onnx_value *const *in, size_t inputs,
                          rs_onnx_value *const *out);

/* onnx_graph.c: follows the graph; the flow that its output is. */
rs_status rs_onnx_follow(const rs_onnx_flow **out, rs_onnx *m);
/* onnx_rnn.c, onnx_head.c: the tensors and what is said about them. */
rs_status rs_onnx_write_layers(rs_onnx *m, const rs_onnx_layer *top);
rs_status rs_onnx_write_head(rs_onnx *m, const rs_onnx_flow *output);

#endif
