/* Reader of ONNX models. */
#ifndef RS_NETWORK_ONNX_H
#define RS_NETWORK_ONNX_H

#include "network/reading.h"

bool rs_onnx_recognise(const char *bytes, size_t length);
/* RS_EINPUT: not read yet. */
rs_status rs_onnx_read(rs_reading *out, const char *file, const char *bytes, size_t length);

#endif
