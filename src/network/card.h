/* The card: a JSON object that says what weights do not. docs/networks.md describes it for people. */
#ifndef RS_NETWORK_CARD_H
#define RS_NETWORK_CARD_H

#include "rnnsafe/network.h"

#define RS_CARD_HEAD 64 /* layers of a head, at most */

typedef struct rs_card_layer {
    char *weight, *bias; /* tensor names; bias NULL: none */
    rs_activation activation;
} rs_card_layer;

/* What a card says; NULL, 0 or false where it is silent, so that {0} is the empty card. */
typedef struct rs_card {
    char *cell, *input; /* valid names */
    rs_names *alphabet, *outputs;
    float gate_slope; /* of a hard sigmoid; 0: the logistic function */
    bool has_threshold;
    float threshold;
    rs_card_layer *head; /* [head_count] */
    size_t head_count;
    char *initial_h, *initial_c; /* tensor names */
    char *embedding;             /* tensor name */
    char **ignore;               /* [ignore_count] tensor names */
    size_t ignore_count;
} rs_card;

/* Reads a card from memory. `file` begins messages. RS_EINPUT with line and column: no JSON, an unknown or repeated
 * member, a value of a wrong type. */
rs_status rs_card_read(rs_card *out, const char *file, const char *bytes, size_t length);
/* Frees what it holds, not `card` itself. */
void rs_card_free(rs_card *card);

/* By name; false: there is no such cell. */
#define RS_CELL_NAMES "relu, tanh, sigmoid, gru, gru-before, lstm and lstm-peephole"
bool rs_cell_parse(rs_cell *out, const char *name);
bool rs_input_parse(rs_input *out, const char *name);

#endif
