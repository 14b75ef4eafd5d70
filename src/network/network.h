/* The network inside: the weights as they were given, and the same weights as step and head use them. */
#ifndef RS_NETWORK_NETWORK_H
#define RS_NETWORK_NETWORK_H

#include "network/kernel.h"
#include "rnnsafe/network.h"

/* A recurrent layer packed for the kernel. P = rs_padded(kernel, hidden), C = rs_cell_columns(cell); sums stand as [P / lanes][C][lanes].
 * The n gate of RS_CELL_GRU starts from b_in, because b_hn stands inside the product with r: the column behind it starts from that. */
typedef struct rs_layer {
    float *rows;      /* layer 0: [alphabet][C*P], W x + bias of every symbol; NULL above */
    float *input;     /* above layer 0: W_ih in panels; NULL in layer 0 */
    float *bias;      /* above layer 0: [C*P], b_ih + b_hh; NULL in layer 0 */
    float *recurrent; /* W_hh in panels */
    float *peephole;  /* RS_CELL_PEEPHOLE: p_i, p_f, p_o, [3*P]; else NULL */
} rs_layer;

/* A layer of the head packed: panels of the weight, bias [rs_padded(rows)]. */
typedef struct rs_head {
    float *weight, *bias;
} rs_head;

struct rs_network {
    /* As given, in PyTorch's shapes, copied; a bias or an initial state that was NULL is there and zero. */
    rs_network_weights weights;
    float *values;           /* what the pointers of `weights` point into */
    rs_recurrent *recurrent; /* weights.recurrent */
    rs_dense *head;          /* weights.head */
    rs_names *alphabet, *outputs;

    const rs_kernel *kernel;
    rs_layer *packed;        /* [layers] */
    rs_head *packed_head;    /* [head_layers] */

    size_t parameters, state_size, logits_size;
    size_t head_width;       /* the widest padded row of the head */

    char *file;              /* NULL: from arrays */
    char sha256[65];
    const char *format;
    char **notes;
    size_t note_count;
};

/* rs_network_new with the kernel that is to run it, which must be available. */
rs_status rs_network_new_on(rs_network **out, const rs_network_weights *weights, const rs_kernel *kernel);
/* Packs the weights for net->kernel; packed and packed_head are allocated and zero. */
rs_status rs_network_pack(rs_network *net);

/* Says where a network came from. Takes `file` and `notes` (the array and its strings), freed with free; `format` lives for ever. */
void rs_network_set_origin(rs_network *net, char *file, const char sha256[65], const char *format, char **notes,
                           size_t note_count);

/* Rows that are computed together: a multiple of most kernels' tiles. */
#define RS_STEP_ROWS ((size_t)96)

/* Splits rows 0..n-1 into equal shares for the threads, these into blocks of at most RS_STEP_ROWS, and runs `block` on each. `scratch` is the thread's own, of
 * scratch(net, min(n, RS_STEP_ROWS)) floats, aligned to 64 bytes. RS_EMEMORY, RS_EINTERRUPTED. */
typedef void (*rs_block)(const rs_network *net, size_t first, size_t rows, float *scratch, void *user);
rs_status rs_network_blocks(const rs_network *net, size_t n, size_t (*scratch)(const rs_network *net, size_t rows),
                            rs_block block, void *user, const rs_context *ctx);

/* Floats of scratch memory that a kernel's step of at most RS_STEP_ROWS rows needs. */
size_t rs_step_scratch(const rs_network *net, size_t rows);
/* Logits of at most RS_STEP_ROWS rows. */
size_t rs_head_scratch(const rs_network *net, size_t rows);
void rs_head_rows(const rs_network *net, size_t rows, const float *states, float *logits, float *scratch);
/* The class of one row of logits. */
uint32_t rs_head_class(const rs_network *net, const float *logits);

#endif
