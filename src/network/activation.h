/* Activations of whole arrays. */
#ifndef RS_NETWORK_ACTIVATION_H
#define RS_NETWORK_ACTIVATION_H

#include "rnnsafe/network.h"

/* Applies `activation` to x[n] in place. n is a multiple of 16 and x is aligned to 64 bytes, so that every element goes
 * through the same code and has the same bits wherever it stands. An infinite or large argument gives the limit, NaN stays NaN. */
void rs_activate(rs_activation activation, size_t n, float *x);

/* The s of cells: the logistic function for slope 0, else max(0, min(1, slope * x + 0.5)). As rs_activate. */
void rs_gate(float slope, size_t n, float *x);

#endif
