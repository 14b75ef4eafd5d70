/* safetensors. */
#include "network/safetensors.h"
#include "reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_reader(rs_safetensors_read, "fuzz.safetensors", "safetensors", data, size);
    return 0;
}
