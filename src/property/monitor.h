/* Monitors: from formulas. */
#ifndef RS_PROPERTY_MONITOR_H
#define RS_PROPERTY_MONITOR_H

#include "property/formula.h"
#include "rnnsafe/property.h"

/* The minimal monitor of a formula. Names are borrowed for the monitor's life. RS_EINPUT without a position: more than
 * 100,000 states or 4,000,000 transitions, too much work, no bad prefix. */
rs_status rs_monitor_new(rs_monitor **out, const rs_formula *f, const rs_names *alphabet, const rs_names *outputs);
/* From now on the monitor borrows these names, which are equal to the ones it has. */
void rs_monitor_borrow(rs_monitor *m, const rs_names *alphabet, const rs_names *outputs);

#endif
