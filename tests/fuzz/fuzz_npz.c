/* NumPy archives, up to the assembled network. The bytes are also read as a bare array, which no CRC protects. */
#include <stdlib.h>

#include "network/assemble.h"
#include "network/npy.h"
#include "network/npz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const rs_network_options options = {.alphabet = "0 1", .outputs = "no yes"};
    static const char sha256[65] = "";
    rs_reading reading = {0};
    rs_card card = {0};
    rs_network *net = NULL;
    rs_tensors tensors = {0};
    rs_status status = rs_npz_read(&reading, "fuzz.npz", (const char *)data, size);
    if (status == RS_OK)
        status = rs_network_assemble(&net, "fuzz.npz", sha256, "npz", "fuzz.json", &reading, &card, &options);
    if (status != RS_OK && !*rs_error_message()) abort();
    if (rs_npy_add(&tensors, "fuzz.npz", "w", 1, (const char *)data, size) == RS_OK && tensors.count != 1) abort();
    rs_network_free(net);
    rs_tensors_free(&tensors);
    rs_card_free(&card);
    rs_reading_free(&reading);
    return 0;
}
