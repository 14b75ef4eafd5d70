/* Keras files, up to the assembled network: whole files, which a child process reads; what comes out of its pipe; and
 * bare configurations. */
#include <stdlib.h>

#include "network/assemble.h"
#include "network/keras.h"
#include "network/keras_layers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static rs_status read_any(rs_reading *out, const char *bytes, size_t length) {
    if (rs_keras_recognise(bytes, length)) return rs_keras_read(out, "fuzz.h5", bytes, length);
    rs_hdf5 h5 = {0};
    rs_status status = rs_hdf5_decode(&h5, "fuzz.h5", bytes, length);
    if (status == RS_OK) status = rs_keras_interpret(out, "fuzz.h5", &h5, NULL, 0, false);
    rs_hdf5_free(&h5);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const rs_network_options options = {.alphabet = "0 1", .outputs = "no yes"};
    static const char sha256[65] = "";
    rs_reading reading = {0};
    rs_card card = {0};
    rs_network *net = NULL;
    rs_keras_model model = {0};
    rs_status status = read_any(&reading, (const char *)data, size);
    if (status == RS_OK)
        status = rs_network_assemble(&net, "fuzz.h5", sha256, "keras", "fuzz.json", &reading, &card, &options);
    if (status != RS_OK && !*rs_error_message()) abort();
    if (rs_keras_config_read(&model, "fuzz.json", (const char *)data, size, size % 2) == RS_OK && !model.count) abort();
    rs_keras_free(&model);
    rs_network_free(net);
    rs_card_free(&card);
    rs_reading_free(&reading);
    return 0;
}
