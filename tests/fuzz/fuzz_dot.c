/* DOT from memory. What is read is a machine that is written and read back the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rnnsafe/automaton.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    rs_automaton *a = NULL, *again = NULL;
    char *text = NULL, *second = NULL;
    if (rs_automaton_parse_dot(&a, (const char *)data, size, "fuzz", NULL, NULL) == RS_OK) {
        if (rs_automaton_write_dot(&text, a) != RS_OK) abort();
        if (rs_automaton_parse_dot(&again, text, strlen(text), "again", NULL, NULL) != RS_OK) abort();
        if (rs_automaton_write_dot(&second, again) != RS_OK || strcmp(text, second) != 0) abort();
    } else if (!*rs_error_message()) {
        abort();
    }
    rs_automaton_free(a);
    rs_automaton_free(again);
    free(text);
    free(second);
    return 0;
}
