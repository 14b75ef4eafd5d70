/* What the network says after suffixes. */
#ifndef RS_REFINE_SUFFIX_H
#define RS_REFINE_SUFFIX_H

#include "rnnsafe/trace.h"

#define RS_NOWHERE SIZE_MAX

/* Steps beyond the recorded ones: computed for one suffix, remembered for the next. The trace is borrowed and may grow.
 * The states of at most about `most` numbers in all are remembered; later ones are computed anew. */
typedef struct rs_beyond rs_beyond;
rs_status rs_beyond_new(rs_beyond **out, const rs_trace *trace, size_t most);
void rs_beyond_free(rs_beyond *b);

/* classes[m]: after a suffix from rows[i] of `states` (row-major, S wide), where row 0 is the state of node `offset` of
 * the trace, or of none: RS_NOWHERE. b is the trace's. Cost: the steps that are neither recorded nor remembered. */
rs_status rs_suffix_classes(uint32_t *classes, rs_beyond *b, size_t m, const float *states, size_t offset,
                            const uint32_t *rows, const rs_word *suffix, const rs_context *ctx);

#endif
