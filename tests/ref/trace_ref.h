/* Prefixes of words the slow way. */
#ifndef TRACE_REF_H
#define TRACE_REF_H

#include "rnnsafe/trace.h"

/* Number of distinct prefixes, the empty one included, by comparing all pairs. */
size_t trace_ref_prefixes(const rs_words *words);

/* The state and class after a word, run alone from the initial state: states [S]. */
rs_status trace_ref_run(float *state, uint32_t *class, const rs_network *net, const uint32_t *word, size_t length);

#endif
