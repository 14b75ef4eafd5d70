/* Whether a set of locations proves a product safe, by a plain solver in a context of its own. */
#ifndef RS_SOLVER_INVARIANT_H
#define RS_SOLVER_INVARIANT_H

#include "solver/product.h"

/* *inductive: the set inside [locations + 1] holds the initial location, is closed under every edge and does not hold
 * the violated one. False with a reason in `why` otherwise, also when time is up `timeout` seconds from now. */
rs_status rs_invariant_check(bool *inductive, char why[96], const rs_product *p, const bool *inside, double timeout,
                             const rs_context *ctx);

#endif
