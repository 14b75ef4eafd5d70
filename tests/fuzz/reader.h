/* A reader's target: bytes, up to the assembled network. */
#ifndef FUZZ_READER_H
#define FUZZ_READER_H

#include <stdlib.h>

#include "network/assemble.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_reader(rs_status (*read)(rs_reading *out, const char *file, const char *bytes, size_t length),
                               const char *file, const char *format, const uint8_t *data, size_t size) {
    static const rs_network_options options = {.alphabet = "0 1", .outputs = "no yes"};
    static const char sha256[65] = "";
    rs_reading reading = {0};
    rs_card card = {0};
    rs_network *net = NULL;
    rs_status status = read(&reading, file, (const char *)data, size);
    if (status == RS_OK)
        status = rs_network_assemble(&net, file, sha256, format, "fuzz.json", &reading, &card, &options);
    if (status != RS_OK && !*rs_error_message()) abort();
    rs_network_free(net);
    rs_card_free(&card);
    rs_reading_free(&reading);
}

#endif
