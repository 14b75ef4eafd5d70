/* Our XML from memory. What is read is a machine that is written and read back the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rnnsafe/exchange.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    rs_automaton *a = NULL;
    char *text = NULL;
    if (rs_automaton_parse_xml(&a, (const char *)data, size, "fuzz", NULL, NULL) == RS_OK) {
        rs_status status = rs_exchange_write(&text, "xml", a, NULL); /* which reads it back and compares */
        if (status != RS_OK) abort();
    } else if (!*rs_error_message()) {
        abort();
    }
    rs_automaton_free(a);
    free(text);
    return 0;
}
