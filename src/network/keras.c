#include "network/keras.h"

#include <string.h>

#include "core/status.h"

bool rs_keras_recognise(const char *bytes, size_t length) {
    return rs_starts(bytes, length, "\x89HDF\r\n\x1a\n");
}

rs_status rs_keras_read(rs_reading *out, const char *file, const char *bytes, size_t length) {
    (void)out;
    (void)bytes;
    (void)length;
    return rs_fail(RS_EINPUT,
                   "%s: an HDF5 file, as Keras writes; in Python write torch.save(model.state_dict(), \"NAME.pt\") "
                   "with PyTorch 1.6 or later, or a safetensors file",
                   file);
}
