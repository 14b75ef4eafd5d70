/* Files of proofs from memory. What is read is written and read back the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rnnsafe/exchange.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    rs_proofs *file = NULL;
    rs_proof *proofs = NULL;
    char *text = NULL;
    if (rs_proofs_parse(&file, (const char *)data, size, "fuzz") == RS_OK) {
        size_t count = rs_proofs_count(file);
        if (!(proofs = calloc(count, sizeof *proofs))) abort();
        for (size_t i = 0; i < count; i++) proofs[i] = *rs_proofs_get(file, i);
        /* which reads it back and compares */
        if (rs_proofs_write(&text, rs_proofs_network(file), count, proofs) != RS_OK) abort();
    } else if (!*rs_error_message()) {
        abort();
    }
    rs_proofs_free(file);
    free(proofs);
    free(text);
    return 0;
}
