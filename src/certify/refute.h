/* Words that make a monitor bad, looked for by running the network. */
#ifndef RS_CERTIFY_REFUTE_H
#define RS_CERTIFY_REFUTE_H

#include "rnnsafe/refine.h"

/* *found: `word` (freed by the caller) makes the monitor bad, and is no longer than where it does; `how` says what
 * found it. */
rs_status rs_refute(bool *found, rs_word *word, const char **how, const rs_network *net, const rs_monitor *monitor,
                    const rs_context *ctx);

/* A word on which a proof failed: what leads to a region, and from `start` on the walk that could not be decided. */
#define RS_SUSPECT_LENGTH 120
typedef struct rs_suspect {
    uint32_t word[RS_SUSPECT_LENGTH];
    size_t start, length;
} rs_suspect;

/* The same with words that begin like suspects, of which a piece is repeated. `stream` tells one call's random numbers
 * from another's. */
rs_status rs_refute_suspects(bool *found, rs_word *word, const rs_network *net, const rs_monitor *monitor,
                             const rs_suspect *suspects, size_t count, uint64_t stream, const rs_context *ctx);

#endif
