/* Reader of PyTorch files from before version 1.6. */
#ifndef RS_NETWORK_LEGACY_H
#define RS_NETWORK_LEGACY_H

#include "network/reading.h"

bool rs_legacy_recognise(const char *bytes, size_t length);
/* RS_EINPUT: not read yet. */
rs_status rs_legacy_read(rs_reading *out, const char *file, const char *bytes, size_t length);

#endif
