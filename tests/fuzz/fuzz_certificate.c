/* Files of proofs from memory, in either form. What is read is written in both and read back the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rnnsafe/exchange.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    rs_proofs *file = NULL;
    rs_proof *proofs = NULL;
    if (rs_proofs_parse(&file, (const char *)data, size, "fuzz") == RS_OK) {
        size_t count = rs_proofs_count(file);
        if (!(proofs = calloc(count, sizeof *proofs))) abort();
        for (size_t i = 0; i < count; i++) proofs[i] = *rs_proofs_get(file, i);
        for (int form = RS_PROOFS_XML; form <= RS_PROOFS_COMPACT; form++) {
            char *bytes = NULL;
            size_t length = 0;
            /* which reads it back and compares */
            if (rs_proofs_write(&bytes, &length, (rs_proofs_form)form, rs_proofs_network(file), count, proofs) != RS_OK)
                abort();
            /* proofs have one compact form */
            bool same = length == size && memcmp(bytes, data, size) == 0;
            if (form == RS_PROOFS_COMPACT && *bytes == (char)*data && !same) abort();
            free(bytes);
        }
    } else if (!*rs_error_message()) {
        abort();
    }
    rs_proofs_free(file);
    free(proofs);
    return 0;
}
