/* Text files of DyNet. */
#include "network/dynet.h"
#include "reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_reader(rs_dynet_read, "fuzz.txt", "dynet", data, size);
    return 0;
}
