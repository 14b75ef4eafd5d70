/* What the pickle of a PyTorch file stands for: a state_dict, a checkpoint that holds one, a whole module, or a
 * TorchScript program. */
#ifndef RS_NETWORK_TORCH_MODULE_H
#define RS_NETWORK_TORCH_MODULE_H

#include "network/reading.h"
#include "network/torch_tensor.h"

/* Fills out->tensors, with the names that state_dict() would give, out->said and out->notes; what it has put there
 * stays when it fails. RS_EINPUT: no tensors of one network. */
rs_status rs_torch_module(rs_reading *out, const rs_torch_source *source);

#endif
