/* PyTorch archives. The bytes are also read as a bare pickle, which no CRC protects. */
#include "network/pickle.h"
#include "network/pytorch.h"
#include "reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    rs_pickle pickle = {0};
    fuzz_reader(rs_pytorch_read, "fuzz.pt", "pytorch", data, size);
    if (rs_pickle_read(&pickle, "fuzz.pt", "data.pkl", (const char *)data, size) == RS_OK && pickle.top >= pickle.count)
        abort();
    rs_pickle_free(&pickle);
    return 0;
}
