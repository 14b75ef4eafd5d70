/* PyTorch files from before 1.6. */
#include "network/legacy.h"
#include "reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_reader(rs_legacy_read, "fuzz.pt", "pytorch-legacy", data, size);
    return 0;
}
