/* From named tensors to a network: finds the recurrent layers, the embedding, the head and the initial state by name
 * and shape, and joins them with what the card and the options say. */
#ifndef RS_NETWORK_ASSEMBLE_H
#define RS_NETWORK_ASSEMBLE_H

#include "network/reading.h"
#include "rnnsafe/network.h"

/* Takes the notes of `reading` over, and fills what `card` leaves open with what the file said. RS_EINPUT: what the tensors say is contradictory, unsupported or not finite, or something is not said: by name.
 * RS_EUSAGE: an option that means nothing. `format` lives for ever. `card_path` names the card, or where one would be
 * looked for. */
rs_status rs_network_assemble(rs_network **out, const char *file, const char sha256[65], const char *format,
                              const char *card_path, rs_reading *reading, rs_card *card,
                              const rs_network_options *options);

/* While a network is put together. Every tensor is used once or ignored: what is left over contradicts the reading. */
typedef struct rs_assembly {
    const char *file, *card_path;
    const rs_tensors *tensors;
    const rs_card *card;
    const rs_network_options *options;
    bool *used;               /* [tensors->count], ignored ones too */
    const char *cell, *input; /* wanted by option or card; NULL: infer */

    rs_network_weights weights;
    rs_recurrent *recurrent; /* [weights.layers] */
    rs_dense *head;          /* [weights.head_layers] */
    float *initial;
    rs_names *alphabet, *outputs;
    bool cell_unknown; /* relu or tanh */

    rs_reading *reading; /* of the tensors; for notes */
} rs_assembly;

/* The tensor of this name, marked as used; RS_EINPUT: absent, used before, integers, or not finite. */
rs_status rs_assembly_take(const rs_tensor **out, rs_assembly *a, const char *name);
/* RS_EINPUT unless the shape is [rows, columns], or [rows] for 0 columns; RS_ANY_ROWS stands for any number but 0. */
#define RS_ANY_ROWS SIZE_MAX
rs_status rs_assembly_shape(const rs_assembly *a, const rs_tensor *tensor, size_t rows, size_t columns);

/* Fills cell, layers, hidden, input_size and recurrent. */
rs_status rs_assembly_recurrent(rs_assembly *a);
/* Fills head; hidden is known, and every other tensor has been used. */
rs_status rs_assembly_head(rs_assembly *a);

#endif
