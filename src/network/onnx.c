#include "network/onnx.h"

#include <string.h>

#include "core/status.h"

bool rs_onnx_recognise(const char *bytes, size_t length) {
    return length > 2 && bytes[0] == 8 && bytes[1] < 32 && (bytes[2] == 0x12 || bytes[2] == 0x3a);
}

rs_status rs_onnx_read(rs_reading *out, const char *file, const char *bytes, size_t length) {
    (void)out;
    (void)bytes;
    (void)length;
    return rs_fail(RS_EINPUT,
                   "%s: an ONNX model; in Python write torch.save(model.state_dict(), \"NAME.pt\") with PyTorch 1.6 or "
                   "later, or a safetensors file",
                   file);
}
