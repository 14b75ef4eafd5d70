/* The reachable states of a formula that is watched letter by letter, as a table. */
#ifndef RS_PROPERTY_EXPLORE_H
#define RS_PROPERTY_EXPLORE_H

#include "property/letters.h"

/* A complete DFA over classes of letters; state 0 is the start. */
typedef struct rs_explored {
    size_t states, classes;
    uint32_t *next;  /* [states*classes] */
    bool *accepting; /* [states] a trace that ends here satisfies the formula */
} rs_explored;

/* Freed by rs_explored_free. RS_EINPUT without a position: more than 100,000 states or 4,000,000 transitions, too much
 * work. */
rs_status rs_explore(rs_explored *out, const rs_formula *f, const rs_letters *letters);
void rs_explored_free(rs_explored *e);

#endif
