/* What the network says after a suffix. */
#ifndef RS_REFINE_SUFFIX_H
#define RS_REFINE_SUFFIX_H

#include "rnnsafe/trace.h"

#define RS_NOWHERE SIZE_MAX

/* classes[m]: after a suffix from rows[i] of `states` (row-major, S wide), where row 0 is the state of node `offset` of
 * the trace, or of none: RS_NOWHERE. Cost: the steps that the trace did not record. */
rs_status rs_suffix_classes(uint32_t *classes, const rs_trace *trace, size_t m, const float *states, size_t offset,
                            const uint32_t *rows, const rs_word *suffix, const rs_context *ctx);

#endif
