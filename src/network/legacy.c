#include "network/legacy.h"

#include <string.h>

#include "core/status.h"

bool rs_legacy_recognise(const char *bytes, size_t length) {
    return rs_starts(bytes, length, "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19");
}

rs_status rs_legacy_read(rs_reading *out, const char *file, const char *bytes, size_t length) {
    (void)out;
    (void)bytes;
    (void)length;
    return rs_fail(RS_EINPUT,
                   "%s: a PyTorch file from before version 1.6; in Python write torch.save(model.state_dict(), "
                   "\"NAME.pt\") with PyTorch 1.6 or later, or a safetensors file",
                   file);
}
