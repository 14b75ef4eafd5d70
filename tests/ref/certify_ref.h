/* References of the checker of proofs: a step in long double in which every coordinate may be pushed, and a slow, plain
 * confirmation of certificates of Elman networks by bisection and intervals in double. */
#ifndef CERTIFY_REF_H
#define CERTIFY_REF_H

#include "core/random.h"
#include "rnnsafe/certify.h"

/* next[S] = step(state[S]). As soon as coordinate s is computed: off[s] = forced[s] minus what it would be and
 * forced[s] is what it is, or, when `forced` is NULL, off[s] is added. What is computed later in the step sees it. */
void certify_ref_step(const rs_network_weights *w, const long double *state, uint32_t symbol, const long double *forced,
                      long double *off, long double *next);
void certify_ref_logits(const rs_network_weights *w, const long double *state, long double *logits);

/* A random network with everything that it points into. */
typedef struct certify_sample {
    rs_network_weights weights;
    rs_recurrent recurrent[2];
    rs_dense head[2];
    rs_names *alphabet, *outputs;
    float *values[24];
    size_t count;
    rs_network *net;
} certify_sample;
void certify_sample_new(certify_sample *s, rs_random *r, rs_cell cell, size_t layers, size_t hidden, bool embedding,
                        size_t logits, double scale);
void certify_sample_free(certify_sample *s);

/* Whether it is confirmed, for a tanh or sigmoid Elman network of one layer whose head is one row, that the start is in
 * its region, that no state of the regions makes the monitor bad, and that all that leave their region are in one
 * again, with its monitor state, after at most `depth` steps, each coordinate off by eps and the logit by eps_logit:
 * boxes are bisected up to `bisections` times. False: not confirmed. The hints are not looked at. */
bool certify_ref_confirms(const rs_certificate *z, const rs_network_weights *w, const rs_monitor *m, size_t bisections);

#endif
