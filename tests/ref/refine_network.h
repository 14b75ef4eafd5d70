/* Networks whose behaviour on words of every length is known. */
#ifndef REF_REFINE_NETWORK_H
#define REF_REFINE_NETWORK_H

#include "rnnsafe/automaton.h"

/* A relu network that computes a Moore machine exactly. One hidden unit for each pair (state q, symbol s), which is 1 when the
 * last step took s from q, else 0, and one for the start: h'_(q,s) = relu(x_s - 1 + sum of h_u over units u that lead to q).
 * All numbers are 0, 1 or -1, so float32 makes no error. */
rs_status ref_network_of_machine(rs_network **out, const rs_automaton *a);

#endif
