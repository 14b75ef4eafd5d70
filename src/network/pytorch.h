/* Reader of the zip archives that torch.save writes since PyTorch 1.6, and torch.jit.save: ROOT/data.pkl, a pickled
 * state_dict, checkpoint, module or program, beside ROOT/data/KEY, the bytes of its storages. */
#ifndef RS_NETWORK_PYTORCH_H
#define RS_NETWORK_PYTORCH_H

#include "network/reading.h"

bool rs_pytorch_recognise(const char *bytes, size_t length);
/* `file` begins messages. RS_EINPUT: malformed or hostile archive, or one that holds something else. Memory: the
 * archive's entries and the tensors, both limited by the archive's length. */
rs_status rs_pytorch_read(rs_reading *out, const char *file, const char *bytes, size_t length);

#endif
