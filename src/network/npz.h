/* Reader of NumPy archives (.npz, numpy.savez and numpy.savez_compressed): zip archives of one .npy entry an array. */
#ifndef RS_NETWORK_NPZ_H
#define RS_NETWORK_NPZ_H

#include "network/reading.h"

/* Whether the first entry is an array. */
bool rs_npz_recognise(const char *bytes, size_t length);
/* Delivers every array under its name, without ".npy". RS_EINPUT: malformed, or an array that numpy would unpickle. */
rs_status rs_npz_read(rs_reading *out, const char *file, const char *bytes, size_t length);

#endif
