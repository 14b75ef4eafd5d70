/* Positive Boolean functions of up to 128 variables, as their minimal true sets. That is a normal form: two functions
 * are equal iff they have the same sets. {} is false, {{}} is true.
 *
 * Functions live in a pool and are slices of it: (first, count). Each operation appends its result; the pool is emptied
 * as a whole. Work is counted, because the number of minimal sets can grow exponentially. */
#ifndef RS_PROPERTY_ANTICHAIN_H
#define RS_PROPERTY_ANTICHAIN_H

#include "rnnsafe/core.h"

#define RS_SET_WORDS 2
#define RS_SET_BITS (64 * RS_SET_WORDS)

typedef struct rs_set {
    uint64_t bits[RS_SET_WORDS];
} rs_set;

typedef struct rs_antichain {
    size_t first, count;
} rs_antichain;

typedef struct rs_pool {
    rs_set *set;
    size_t count, capacity;
    uint64_t work, limit; /* sets compared so far; RS_EINPUT above the limit */
} rs_pool;

rs_status rs_antichain_constant(rs_antichain *out, rs_pool *pool, bool value);
rs_status rs_antichain_variable(rs_antichain *out, rs_pool *pool, size_t variable);
rs_status rs_antichain_or(rs_antichain *out, rs_pool *pool, rs_antichain x, rs_antichain y);
rs_status rs_antichain_and(rs_antichain *out, rs_pool *pool, rs_antichain x, rs_antichain y);
/* Sorts the sets of a slice, so that equal functions are equal bytes. */
void rs_antichain_sort(rs_pool *pool, rs_antichain x);
bool rs_set_has(const rs_set *s, size_t variable);

#endif
