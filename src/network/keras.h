/* Reader of Keras files: HDF5 (.h5, .weights.h5) and archives (.keras). */
#ifndef RS_NETWORK_KERAS_H
#define RS_NETWORK_KERAS_H

#include "network/reading.h"

bool rs_keras_recognise(const char *bytes, size_t length);
/* RS_EINPUT: not read yet. */
rs_status rs_keras_read(rs_reading *out, const char *file, const char *bytes, size_t length);

#endif
