/* Networks by hand: one layer that reads two symbols, and one logit. */
#ifndef UNIT_LAYER_H
#define UNIT_LAYER_H

#include "rnnsafe/network.h"
#include "support/unit.h"

/* `out` [hidden] are the weights of the logit, whose bias is 0; `initial` [S] and all of `layer` are copied. */
static rs_network *network_of_layer(rs_cell cell, size_t hidden, const rs_recurrent *layer, const float *out,
                                    const float *initial, rs_names *symbols, rs_names *classes) {
    static const float zero[1] = {0};
    const rs_dense head = {.weight = out, .bias = zero, .rows = 1, .columns = hidden};
    const rs_network_weights w = {.cell = cell,
                                  .layers = 1,
                                  .hidden = hidden,
                                  .input_size = 2,
                                  .recurrent = layer,
                                  .head = &head,
                                  .head_layers = 1,
                                  .initial = initial,
                                  .alphabet = symbols,
                                  .outputs = classes};
    rs_network *net = NULL;
    CHECK_OK(rs_network_new(&net, &w));
    return net;
}

#endif
