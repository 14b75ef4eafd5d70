/* What a network says about itself. */
#include <string.h>

#include "network/network.h"

const char *rs_cell_name(rs_cell cell) {
    static const char *const names[RS_CELLS] = {"relu", "tanh", "sigmoid", "gru", "gru-before", "lstm", "lstm-peephole"};
    return names[cell];
}

const char *rs_input_name(rs_input input) {
    return input == RS_INPUT_ONEHOT ? "onehot" : "embedding";
}

const char *rs_activation_name(rs_activation activation) {
    static const char *const names[] = {"none", "relu", "tanh", "sigmoid"};
    return names[activation];
}

size_t rs_cell_gates(rs_cell cell) {
    static const size_t gates[RS_CELLS] = {1, 1, 1, 3, 3, 4, 4};
    return gates[cell];
}

bool rs_cell_has_memory(rs_cell cell) {
    return cell == RS_CELL_LSTM || cell == RS_CELL_PEEPHOLE;
}

void rs_network_set_origin(rs_network *net, char *file, const char sha256[65], const char *format, char **notes,
                           size_t note_count) {
    net->file = file;
    memcpy(net->sha256, sha256, sizeof net->sha256);
    net->format = format;
    net->notes = notes;
    net->note_count = note_count;
}

const char *rs_network_file(const rs_network *net) {
    return net->file ? net->file : "";
}

const char *rs_network_sha256(const rs_network *net) {
    return net->sha256;
}

const char *rs_network_format(const rs_network *net) {
    return net->format;
}

rs_cell rs_network_cell(const rs_network *net) {
    return net->weights.cell;
}

rs_input rs_network_input(const rs_network *net) {
    return net->weights.embedding ? RS_INPUT_EMBEDDING : RS_INPUT_ONEHOT;
}

size_t rs_network_layers(const rs_network *net) {
    return net->weights.layers;
}

size_t rs_network_hidden(const rs_network *net) {
    return net->weights.hidden;
}

size_t rs_network_input_size(const rs_network *net) {
    return net->weights.input_size;
}

size_t rs_network_head_layers(const rs_network *net) {
    return net->weights.head_layers;
}

size_t rs_network_parameters(const rs_network *net) {
    return net->parameters;
}

size_t rs_network_units(const rs_network *net) {
    return net->weights.layers * net->weights.hidden;
}

size_t rs_network_state_size(const rs_network *net) {
    return net->state_size;
}

size_t rs_network_logits_size(const rs_network *net) {
    return net->logits_size;
}

const rs_names *rs_network_alphabet(const rs_network *net) {
    return net->alphabet;
}

const rs_names *rs_network_outputs(const rs_network *net) {
    return net->outputs;
}

const float *rs_network_initial(const rs_network *net) {
    return net->weights.initial;
}

const rs_network_weights *rs_network_arrays(const rs_network *net) {
    return &net->weights;
}

const char *rs_network_note(const rs_network *net, size_t i) {
    return i < net->note_count ? net->notes[i] : NULL;
}
