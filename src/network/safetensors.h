/* Reader of safetensors: 8 bytes header length (little-endian), a JSON object of tensors, then their bytes. */
#ifndef RS_NETWORK_SAFETENSORS_H
#define RS_NETWORK_SAFETENSORS_H

#include "network/tensors.h"

/* Adds the tensors to `tensors`, which must be empty. `file` begins messages. RS_EINPUT: malformed or hostile file.
 * Memory: linear in the length. */
rs_status rs_safetensors_read(rs_tensors *tensors, const char *file, const char *bytes, size_t length);

#endif
