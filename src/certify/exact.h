/* A network in fixed-point numbers, and one step of it on affine forms: what the checker runs. Shares no code with the
 * floating-point run of the network, nor with the search for proofs. */
#ifndef RS_CERTIFY_EXACT_H
#define RS_CERTIFY_EXACT_H

#include "certify/form.h"
#include "rnnsafe/network.h"

typedef struct rs_exact rs_exact;

/* A hidden state: forms of its S coordinates, which share `k` generators; room for `capacity`. */
typedef struct rs_exact_state {
    rs_form *x; /* [S] */
    size_t k, capacity;
    bool summed;       /* whether u is known: it is made by the first step from here, for all symbols */
    rs_form *u, *work; /* U h + b_hh of all gates [layers*gates*hidden]; what a step into this state computes with */
} rs_exact_state;

/* RS_EINPUT: a part of the network that the checker does not understand, by name. The network is borrowed. */
rs_status rs_exact_new(rs_exact **out, const rs_network *net);
void rs_exact_free(rs_exact *net);
/* Lets coordinates be off by `more` [S] (none at first) beyond the eps of every step, and of rs_exact_rounding. */
void rs_exact_allow(rs_exact *net, const rs_fixed *more);
/* A state with room for the generators of so many steps. */
rs_status rs_exact_state_new(rs_exact_state *out, const rs_exact *net, size_t steps);
void rs_exact_state_free(rs_exact_state *state);

/* Every point of a box with sides below RS_FIXED_LIMIT / 2 in magnitude. */
void rs_exact_box(rs_exact_state *out, const rs_exact *net, const rs_fixed *lo, const rs_fixed *hi);
/* Whether the initial state lies in a box. */
bool rs_exact_starts_in(const rs_exact *net, const rs_fixed *lo, const rs_fixed *hi);
/* Every state that a step with `symbol` can give, where each coordinate may be off by `eps`. False: nothing can be
 * said. Writes the generators that `from` has room for. Not for several threads at once, as rs_exact_classes.
 *
 * A coordinate s of the new state gets a generator of its own, number k + s, which carries all errors of that
 * coordinate: those of the forms and eps. It gets it as soon as the coordinate is computed: c' of an LSTM before
 * h' = o tanh(c'), h' of a layer before the layer above reads it. So what is computed from a coordinate in the same
 * step is computed from what the coordinate became, as a machine does, and its own error is that of its own
 * arithmetic alone. */
bool rs_exact_step(rs_exact_state *out, const rs_exact *net, rs_exact_state *from, uint32_t symbol, rs_fixed eps);
/* possible[class] for every class that a state may have, where each logit may be off by `eps`. False: nothing can be
 * said. */
bool rs_exact_classes(bool *possible, const rs_exact *net, const rs_exact_state *state, rs_fixed eps);

/* Bounds of the one-step error of float32: of a coordinate of the state beyond its `more`, and of a logit, for |x| <=
 * reach [S], of the states before and after the step. False: too large to be of use.
 *
 * With u = 2^-24, a sum of N products in float32, in any order, fused or not, is off by at most
 *   gamma_N * (the sum of the products' magnitudes),   gamma_N = N u / (1 - N u) <= N u (1 + 2^-10) for N <= 16000
 * (Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1, doi:10.1137/1.9780898718027). Underflow
 * adds less than 2^-130, which the units that every product is rounded up by cover. */
bool rs_exact_rounding(rs_fixed *eps, rs_fixed *eps_logit, const rs_exact *net, const rs_fixed *reach);

#endif
