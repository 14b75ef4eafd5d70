/* Property files over a fixed alphabet. Languages are looked up in a folder that does not exist, and absolute paths are
 * left out, so that no file is opened. */
#include <stdint.h>
#include <string.h>

#include "rnnsafe/property.h"

static bool contains(const uint8_t *data, size_t size, const char *word) {
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= size; i++)
        if (memcmp(data + i, word, length) == 0) return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    rs_names *alphabet = NULL, *outputs = NULL;
    rs_properties *list = NULL;
    if (contains(data, size, "language") && contains(data, size, "/")) return 0;
    if (rs_names_parse(&alphabet, "alphabet", "a b c X ( both tt") == RS_OK &&
        rs_names_parse(&outputs, "outputs", "accept reject both last") == RS_OK &&
        rs_properties_parse(&list, (const char *)data, size, "no/such/folder/file", alphabet, outputs) == RS_OK) {
        for (size_t i = 0; i < rs_properties_count(list); i++) {
            const rs_monitor *m = rs_property_monitor(rs_properties_get(list, i));
            if (rs_monitor_bad(m, 0) || rs_monitor_safe(m, 0)) __builtin_trap();
        }
    }
    rs_properties_free(list);
    rs_names_free(alphabet);
    rs_names_free(outputs);
    return 0;
}
