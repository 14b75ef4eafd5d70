/* Reader of ONNX models. */
#ifndef RS_NETWORK_ONNX_H
#define RS_NETWORK_ONNX_H

#include "network/reading.h"

bool rs_onnx_recognise(const char *bytes, size_t length);
/* RNN, GRU and LSTM nodes with what stands before and after them, as docs/networks.md describes. RS_EINPUT: damaged,
 * hostile, or something that is not understood, by the name of its node. Reads the external files of weights beside
 * `file`. */
rs_status rs_onnx_read(rs_reading *out, const char *file, const char *bytes, size_t length);

#endif
