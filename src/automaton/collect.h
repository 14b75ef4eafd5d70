/* Names that a reader meets, numbered in the order of first appearance. */
#ifndef RS_AUTOMATON_COLLECT_H
#define RS_AUTOMATON_COLLECT_H

#include "rnnsafe/core.h"

typedef struct rs_collector {
    struct rs_collected *table; /* in the order of addition */
    size_t count;
} rs_collector;

/* Starts as {0}. The index of a name of `length` bytes, which is count - 1 when it was added just now. O(1) expected.
 */
rs_status rs_collect(rs_collector *c, const char *name, size_t length, uint32_t *index);
/* The same without adding; SIZE_MAX when absent. */
size_t rs_collect_find(const rs_collector *c, const char *name, size_t length);
/* All of them. */
rs_status rs_collect_names(rs_names **out, const rs_collector *c, const char *what);
void rs_collector_free(rs_collector *c);

#endif
