/* PyTorch archives, up to the assembled network. The bytes are also read as a bare pickle, which no CRC protects. */
#include <stdlib.h>

#include "network/assemble.h"
#include "network/pickle.h"
#include "network/pytorch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const rs_network_options options = {.alphabet = "0 1", .outputs = "no yes"};
    static const char sha256[65] = "";
    rs_reading reading = {0};
    rs_card card = {0};
    rs_pickle pickle = {0};
    rs_network *net = NULL;
    rs_status status = rs_pytorch_read(&reading, "fuzz.pt", (const char *)data, size);
    if (status == RS_OK)
        status = rs_network_assemble(&net, "fuzz.pt", sha256, "pytorch", "fuzz.json", &reading, &card, &options);
    if (status != RS_OK && !*rs_error_message()) abort();
    if (rs_pickle_read(&pickle, "fuzz.pt", "data.pkl", (const char *)data, size) == RS_OK && pickle.top >= pickle.count)
        abort();
    rs_network_free(net);
    rs_pickle_free(&pickle);
    rs_card_free(&card);
    rs_reading_free(&reading);
    return 0;
}
