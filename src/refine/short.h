/* All words up to a length on the network, watched by a monitor. */
#ifndef RS_REFINE_SHORT_H
#define RS_REFINE_SHORT_H

#include "rnnsafe/refine.h"

/* What may be spent; 0: no limit. */
typedef struct rs_short_limits {
    size_t length;
    uint64_t steps; /* of the network: a length is begun only when its steps are sure to fit */
    size_t bytes;
} rs_short_limits;

typedef struct rs_short {
    size_t length;   /* no word up to this length makes the monitor bad */
    uint64_t steps;
    const char *end; /* "length", "work", "memory", "time", "word" */
    rs_word word;    /* "word": a shortest one that does, the first in the order of symbols; rs_word_free */
} rs_short;

/* Shared prefixes are run once, and nothing is run behind words after which nothing bad can follow. */
rs_status rs_short_words(rs_short *out, const rs_network *net, const rs_monitor *monitor, const rs_short_limits *limits,
                         const rs_context *ctx);

#endif
