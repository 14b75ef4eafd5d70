/* Reader of safetensors: 8 bytes header length (little-endian), a JSON object of tensors, then their bytes. */
#ifndef RS_NETWORK_SAFETENSORS_H
#define RS_NETWORK_SAFETENSORS_H

#include "network/reading.h"

bool rs_safetensors_recognise(const char *bytes, size_t length);
/* Reads the tensors into `out`, which must be empty. `file` begins messages. RS_EINPUT: malformed or hostile file.
 * Memory: linear in the length. */
rs_status rs_safetensors_read(rs_reading *out, const char *file, const char *bytes, size_t length);

#endif
