/* Assumptions: what all words are that a property is about. */
#ifndef RS_PROPERTY_ASSUME_H
#define RS_PROPERTY_ASSUME_H

#include "property/monitor.h"
#include "property/parser.h"

/* All `assume` lines of a file up to one of them. */
struct rs_assumption {
    char *name;         /* of the last line */
    char *names, *text; /* of all lines */
    rs_monitor *watch;  /* bad from the first moment on at which one of them does not hold */
};

/* The line that was parsed, with those before it (NULL: none). RS_EINPUT without a position: as rs_monitor_new; no word
 * satisfies it. */
rs_status rs_assumption_new(rs_assumption **out, const rs_assumption *before, const rs_parsed *line,
                            const rs_names *alphabet, const rs_names *outputs);
void rs_assumption_free(rs_assumption *a);

#endif
