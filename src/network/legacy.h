/* Reader of PyTorch files from before version 1.6, which newer versions write with
 * _use_new_zipfile_serialization=False. */
#ifndef RS_NETWORK_LEGACY_H
#define RS_NETWORK_LEGACY_H

#include "network/reading.h"

bool rs_legacy_recognise(const char *bytes, size_t length);
/* RS_EINPUT: malformed, truncated, hostile, or no tensors of one network. */
rs_status rs_legacy_read(rs_reading *out, const char *file, const char *bytes, size_t length);

#endif
