/* Reader of NumPy archives (.npz). */
#ifndef RS_NETWORK_NPZ_H
#define RS_NETWORK_NPZ_H

#include "network/reading.h"

bool rs_npz_recognise(const char *bytes, size_t length);
/* RS_EINPUT: not read yet. */
rs_status rs_npz_read(rs_reading *out, const char *file, const char *bytes, size_t length);

#endif
