/* ONNX models, up to the assembled network. */
#include <stdlib.h>

#include "network/assemble.h"
#include "network/onnx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const rs_network_options options = {.alphabet = "a b c", .outputs = "x y"};
    static const char sha256[65] = "";
    rs_reading reading = {0};
    rs_card card = {0};
    rs_network *net = NULL;
    rs_onnx_recognise((const char *)data, size);
    rs_status status = rs_onnx_read(&reading, "/nonexistent/fuzz.onnx", (const char *)data, size);
    if (status == RS_OK)
        status = rs_network_assemble(&net, "fuzz.onnx", sha256, "onnx", "fuzz.json", &reading, &card, &options);
    if (status != RS_OK && !*rs_error_message()) abort();
    rs_network_free(net);
    rs_card_free(&card);
    rs_reading_free(&reading);
    return 0;
}
