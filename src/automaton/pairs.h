/* A set of pairs of numbers, numbered in the order of addition: the states of products and of splittings. */
#ifndef RS_AUTOMATON_PAIRS_H
#define RS_AUTOMATON_PAIRS_H

#include "rnnsafe/core.h"

typedef struct rs_pairs {
    uint32_t *pair; /* [2*count] */
    size_t count, capacity;
    uint32_t *slot; /* [slots], 1 + index or 0: open addressing, at most half full */
    size_t slots;   /* a power of two, or 0 */
} rs_pairs;

/* Starts as {0}. The index of (a, b), which is count - 1 when it was added just now; at most 2^31 pairs. O(1) expected.
 */
rs_status rs_pairs_add(rs_pairs *pairs, uint32_t a, uint32_t b, uint32_t *index);
void rs_pairs_free(rs_pairs *pairs);

#endif
