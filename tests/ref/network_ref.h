/* The cells straight from their equations: double precision, one row, one element at a time. */
#ifndef NETWORK_REF_H
#define NETWORK_REF_H

#include "rnnsafe/network.h"

/* next[S] = step(state[S], symbol); the two must not overlap. */
void network_ref_step(const rs_network_weights *w, const double *state, uint32_t symbol, double *next);
/* Logits of a state. */
void network_ref_logits(const rs_network_weights *w, const double *state, double *logits);

#endif
