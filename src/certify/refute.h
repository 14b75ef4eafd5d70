/* Words that make a monitor bad, looked for by running the network. */
#ifndef RS_CERTIFY_REFUTE_H
#define RS_CERTIFY_REFUTE_H

#include "rnnsafe/refine.h"

/* *found: `word` (freed by the caller) makes the monitor bad, and is no longer than where it does; `how` says what
 * found it. */
rs_status rs_refute(bool *found, rs_word *word, const char **how, const rs_network *net, const rs_monitor *monitor,
                    const rs_context *ctx);

#endif
