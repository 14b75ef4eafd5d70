#include "network/npz.h"

#include <string.h>

#include "core/status.h"

bool rs_npz_recognise(const char *bytes, size_t length) {
    (void)bytes;
    (void)length;
    return false;
}

rs_status rs_npz_read(rs_reading *out, const char *file, const char *bytes, size_t length) {
    (void)out;
    (void)bytes;
    (void)length;
    return rs_fail(RS_EINPUT,
                   "%s: a NumPy archive; in Python write torch.save(model.state_dict(), \"NAME.pt\") with PyTorch 1.6 "
                   "or later, or a safetensors file",
                   file);
}
