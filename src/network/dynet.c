#include "network/dynet.h"

#include <string.h>

#include "core/status.h"

bool rs_dynet_recognise(const char *bytes, size_t length) {
    return rs_starts(bytes, length, "#Parameter# ");
}

rs_status rs_dynet_read(rs_reading *out, const char *file, const char *bytes, size_t length) {
    (void)out;
    (void)bytes;
    (void)length;
    return rs_fail(RS_EINPUT,
                   "%s: a file of DyNet; in Python write torch.save(model.state_dict(), \"NAME.pt\") with PyTorch 1.6 "
                   "or later, or a safetensors file",
                   file);
}
