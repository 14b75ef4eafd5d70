/* Cards, up to a network that is assembled from fixed tensors: a GRU with an embedding, a head and an initial state. */
#include <stdlib.h>
#include <string.h>

#include "network/assemble.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add(rs_tensors *tensors, const char *name, size_t rank, size_t rows, size_t columns) {
    rs_tensor *tensor;
    const size_t shape[2] = {rows, columns};
    if (rs_tensors_add(&tensor, tensors, "fuzz.pt", name, strlen(name), rs_dtype_safetensors("F32"), rank, shape) !=
        RS_OK)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const rs_network_options options = {0};
    static const char sha256[65] = "";
    rs_reading reading = {0};
    rs_card card = {0};
    rs_network *net = NULL;
    add(&reading.tensors, "rnn.weight_ih_l0", 2, 6, 2);
    add(&reading.tensors, "rnn.weight_hh_l0", 2, 6, 2);
    add(&reading.tensors, "emb.weight", 2, 3, 2);
    add(&reading.tensors, "fc.weight", 2, 2, 2);
    add(&reading.tensors, "fc.bias", 1, 2, 1);
    add(&reading.tensors, "h0", 2, 1, 2);
    rs_status status = rs_card_read(&card, "fuzz.json", (const char *)data, size);
    if (status == RS_OK)
        status = rs_network_assemble(&net, "fuzz.pt", sha256, "pytorch", "fuzz.json", &reading, &card, &options);
    if (status != RS_OK && !*rs_error_message()) abort();
    rs_network_free(net);
    rs_card_free(&card);
    rs_reading_free(&reading);
    return 0;
}
