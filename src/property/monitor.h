/* Monitors: from formulas, and from explored states of which some are bad. */
#ifndef RS_PROPERTY_MONITOR_H
#define RS_PROPERTY_MONITOR_H

#include "property/explore.h"
#include "rnnsafe/property.h"

struct rs_monitor {
    const rs_names *alphabet, *outputs;
    rs_letters letters;
    size_t states, classes;
    uint32_t *next; /* [states*classes] */
    bool *bad, *safe;
};

/* The minimal monitor of a formula. Names are borrowed for the monitor's life. RS_EINPUT without a position: more than
 * 100,000 states or 4,000,000 transitions, too much work, no bad prefix. */
rs_status rs_monitor_new(rs_monitor **out, const rs_formula *f, const rs_names *alphabet, const rs_names *outputs);
/* The same, but it may have no bad prefix. */
rs_status rs_monitor_watch(rs_monitor **out, const rs_formula *f, const rs_names *alphabet, const rs_names *outputs);
/* The minimal monitor of explored states, over the classes of `letters`, of which those are bad that `bad` says, in
 * place of `e->accepting`; bad ones are absorbing. Takes `letters` over, also when it fails. */
rs_status rs_monitor_minimal(rs_monitor **out, rs_letters *letters, const rs_explored *e, const bool *bad,
                             const rs_names *alphabet, const rs_names *outputs);
/* From now on the monitor borrows these names, which are equal to the ones it has. */
void rs_monitor_borrow(rs_monitor *m, const rs_names *alphabet, const rs_names *outputs);

#endif
