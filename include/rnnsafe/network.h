/* rnnsafe/network.h - a trained recurrent network: read from a weights file, run step by step.
 *
 * A network reads a word symbol by symbol. Its hidden state is a row of rs_network_state_size floats:
 * h of every layer, first layer first, and for cells with a memory then c of every layer. The head maps h of the last layer to logits,
 * and these to a class. The class of a word is read after its last symbol. The empty word has the class of the initial
 * state, which networks are seldom trained on: no verdict and no comparison of rnnsafe reads it.
 *
 * Arithmetic is float32. Equations of the cells, with x the input, h and c the previous state, a_g = W_g x + b_ig + U_g h + b_hg,
 * s the logistic function or a hard one (rs_network_weights.gate_slope), * by elements:
 *   relu, tanh, sigmoid  h' = max(0, a), tanh(a), s(a)
 *   gru            r, z = s(a_r), s(a_z);  n = tanh(W_n x + b_in + r * (U_n h + b_hn));  h' = n + z * (h - n)
 *   gru-before     r, z as in gru;  n = tanh(W_n x + b_in + U_n (r * h) + b_hn);  h' = n + z * (h - n)
 *   lstm           i, f, o = s(a_i), s(a_f), s(a_o);  g = tanh(a_g);  c' = f * c + i * g;  h' = o * tanh(c')
 *   lstm-peephole  as lstm, but i, f = s(a_i + p_i * c), s(a_f + p_f * c);  o = s(a_o + p_o * c')
 * relu, tanh, sigmoid: Elman, Cognitive Science 14(2), 1990, doi:10.1207/s15516709cog1402_1; gru-before: Cho et al., arXiv 1406.1078
 * (the reset gate acts before the product: ONNX linear_before_reset=0, Keras reset_after=False); gru: the same with the reset
 * gate after the product (PyTorch, ONNX linear_before_reset=1, Keras reset_after=True); lstm: Hochreiter and Schmidhuber, Neural
 * Computation 9(8), 1997, doi:10.1162/neco.1997.9.8.1735, with the forget gate of Gers, Schmidhuber and Cummins, Neural Computation
 * 12(10), 2000, doi:10.1162/089976600300015015; lstm-peephole: Gers, Schraudolph and Schmidhuber, JMLR 3, 2002 (peepholes are diagonal).
 * Gate orders in memory are PyTorch's: r,z,n and i,f,g,o. */
#ifndef RNNSAFE_NETWORK_H
#define RNNSAFE_NETWORK_H

#include "rnnsafe/core.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rs_cell {
    RS_CELL_RELU,
    RS_CELL_TANH,
    RS_CELL_SIGMOID,
    RS_CELL_GRU,
    RS_CELL_GRU_BEFORE,
    RS_CELL_LSTM,
    RS_CELL_PEEPHOLE
} rs_cell;
#define RS_CELLS 7 /* of them */
typedef enum rs_input { RS_INPUT_ONEHOT, RS_INPUT_EMBEDDING } rs_input;
typedef enum rs_activation { RS_ACTIVATION_NONE, RS_ACTIVATION_RELU, RS_ACTIVATION_TANH, RS_ACTIVATION_SIGMOID } rs_activation;

const char *rs_cell_name(rs_cell cell);             /* "relu", "tanh", "sigmoid", "gru", "gru-before", "lstm", "lstm-peephole" */
const char *rs_input_name(rs_input input);          /* "onehot", "embedding" */
const char *rs_activation_name(rs_activation a);    /* "none", "relu", "tanh", "sigmoid" */
/* Gates of the cell: rows of W and U are gates * hidden. 1, 1, 1, 3, 3, 4, 4. */
size_t rs_cell_gates(rs_cell cell);
/* Whether the state holds c besides h: the two LSTMs. */
bool rs_cell_has_memory(rs_cell cell);

typedef struct rs_network rs_network;

/* What the weights do not say. NULL members are taken from the card or inferred; members that are given win. */
typedef struct rs_network_options {
    const char *card;     /* path of the card; NULL: NAME.json beside the weights, when it is there */
    const char *alphabet; /* "a b c" */
    const char *outputs;  /* "reject accept" */
    const char *cell;     /* a name of rs_cell_name */
    const char *input;    /* "onehot" or "embedding" */
} rs_network_options;

/* Reads a weights file (in one of the formats of docs/networks.md, told apart by content) and its card. What was
 * inferred rather than said is in rs_network_note. RS_EINPUT: malformed, truncated, hostile or contradictory file or card,
 * non-finite weights, an unsupported network (bidirectional, projections: by name), or something that neither file nor
 * options say (asked for by name). Cost: the file, once. A file of 64 MiB or more is mapped: it must not become shorter
 * meanwhile. */
rs_status rs_network_load(rs_network **out, const char *path, const rs_network_options *options);

/* Writes the weights to `path`, NAME.safetensors, as float32 under PyTorch's names, and the card to NAME.json, so that
 * rs_network_load gives a network that computes the same bits. The bytes depend on the network alone; on failure
 * both files are untouched, and a process that ends between the two leaves weights without a card. RS_EUSAGE: another ending. RS_EINPUT: a file that cannot be written, or must not be: the one that the
 * network was loaded from, its card, the card of other weights. */
rs_status rs_network_save(const rs_network *net, const char *path);

/* A dense layer: y = act(W x + b). */
typedef struct rs_dense {
    const float *weight; /* [rows*columns], row-major */
    const float *bias;   /* [rows]; NULL: zero */
    size_t rows, columns;
    rs_activation activation;
} rs_dense;

/* A recurrent layer in PyTorch's shapes. in = inputs of this layer: input size below, `hidden` above. */
typedef struct rs_recurrent {
    const float *weight_ih; /* [gates*hidden * in] */
    const float *weight_hh; /* [gates*hidden * hidden] */
    const float *bias_ih;   /* [gates*hidden]; NULL: zero */
    const float *bias_hh;   /* [gates*hidden]; NULL: zero */
    const float *peephole;  /* [3*hidden]: p_i, p_f, p_o; of lstm-peephole alone, NULL else */
} rs_recurrent;

/* A network from arrays, for those who have no file: tests, hand-made networks, other programs. */
typedef struct rs_network_weights {
    rs_cell cell;
    size_t layers, hidden;
    size_t input_size;         /* of layer 0: the alphabet's size for one-hot, the embedding's width else */
    const float *embedding;    /* [alphabet*input_size]; NULL: one-hot */
    const rs_recurrent *recurrent; /* [layers] */
    const rs_dense *head;      /* [head_layers]; the last one's rows are the logits */
    size_t head_layers;
    const float *initial;      /* [state size]; NULL: zero */
    float threshold;           /* for one logit: class 1 iff logit > threshold */
    float gate_slope;          /* 0: s is the logistic function; else s(x) = max(0, min(1, gate_slope * x + 0.5)), the hard sigmoid
                                  of Keras and ONNX (0.2). Of cells that have s. The head's sigmoid is always logistic */
    const rs_names *alphabet;
    const rs_names *outputs;   /* as many as logits; two for one logit */
} rs_network_weights;

/* Copies everything. RS_EINPUT: shapes that contradict each other, non-finite values. */
rs_status rs_network_new(rs_network **out, const rs_network_weights *weights);
void rs_network_free(rs_network *net);

const char *rs_network_file(const rs_network *net);   /* as given to rs_network_load; "" from arrays */
const char *rs_network_sha256(const rs_network *net); /* of the weights file, 64 hex digits; "" from arrays */
const char *rs_network_format(const rs_network *net); /* "pytorch", "pytorch-legacy", "safetensors", "onnx", "keras", "npz", "dynet" or "arrays" */
rs_cell rs_network_cell(const rs_network *net);
rs_input rs_network_input(const rs_network *net);
size_t rs_network_layers(const rs_network *net);
size_t rs_network_hidden(const rs_network *net);
size_t rs_network_input_size(const rs_network *net);
size_t rs_network_head_layers(const rs_network *net);
size_t rs_network_parameters(const rs_network *net);  /* number of weights */
size_t rs_network_units(const rs_network *net);       /* layers * hidden: h; what follows in a state is the memory */
size_t rs_network_state_size(const rs_network *net);  /* S: layers * hidden, twice that for cells with a memory */
size_t rs_network_logits_size(const rs_network *net); /* L: 1, or the number of outputs */
const rs_names *rs_network_alphabet(const rs_network *net);
const rs_names *rs_network_outputs(const rs_network *net);
const float *rs_network_initial(const rs_network *net); /* [S] */
/* All of the network as it was given, in PyTorch's shapes; biases, initial state that were NULL are zeros. Borrowed. */
const rs_network_weights *rs_network_arrays(const rs_network *net);
/* The i-th thing that was inferred or assumed, as a sentence for people; NULL when there is none. */
const char *rs_network_note(const rs_network *net, size_t i);

/* One step from n states: next[i] = step(states[i], symbols[i]). `next` may be `states`; any other overlap may not be.
 * A row's result has the same bits whatever the other rows are, on any number of threads, and on every processor: an output is its bias
 * plus one fused multiply-add an input in ascending order, and the activations (within 3 units in the last place) use correctly
 * rounded operations alone. rs_network_run is the same steps. Counts n network steps.
 * Errors: RS_EMEMORY, RS_EINTERRUPTED (next is then unspecified). Cost: n * (weights) flops, blocks of rows in parallel. */
rs_status rs_network_step(const rs_network *net, size_t n, const float *states /* [n*S] */,
                          const uint32_t *symbols /* [n] */, float *next /* [n*S] */, const rs_context *ctx);

/* The same for `length` symbols of each of n words: next[0] from `states`, next[t] from next[t - 1], by symbols[t]. The bits are those of
 * `length` calls of rs_network_step, but threads do not wait for each other after every symbol. Only for length 1 may `next` be `states`. */
rs_status rs_network_steps(const rs_network *net, size_t n, size_t length, const float *states /* [n*S] */,
                           const uint32_t *symbols /* [length*n] */, float *next /* [length*n*S] */, const rs_context *ctx);

/* Logits of n states, [n*L]. */
rs_status rs_network_logits(const rs_network *net, size_t n, const float *states, float *logits, const rs_context *ctx);

/* Classes of n states: argmax, the lowest index on ties, NaN above all numbers; for one logit 1 iff logit > threshold. */
rs_status rs_network_classify(const rs_network *net, size_t n, const float *states, uint32_t *classes,
                              const rs_context *ctx);

/* Runs one word from the initial state: classes[i] after symbol i, and the states too unless NULL. This is what every
 * counterexample is replayed with. RS_EINPUT: a state that is not finite. */
rs_status rs_network_run(const rs_network *net, const uint32_t *word, size_t length, uint32_t *classes /* [length] */,
                         float *states /* [length*S] or NULL */, const rs_context *ctx);

#ifdef __cplusplus
}
#endif
#endif
