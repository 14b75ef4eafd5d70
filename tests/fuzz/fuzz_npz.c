/* NumPy archives. The bytes are also read as a bare array, which no CRC protects. */
#include "network/npy.h"
#include "network/npz.h"
#include "reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_reader(rs_npz_read, "fuzz.npz", "npz", data, size);
    rs_tensors tensors = {0};
    if (rs_npy_add(&tensors, "fuzz.npz", "w", 1, (const char *)data, size) == RS_OK && tensors.count != 1) abort();
    rs_tensors_free(&tensors);
    return 0;
}
