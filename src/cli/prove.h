/* Claims about a network, each with a proof or a word that refutes it: certify, and check where proof is required. */
#ifndef CLI_PROVE_H
#define CLI_PROVE_H

#include "claims.h"
#include "rnnsafe/report.h"

/* What was found out about claims; they, and the properties that they name, live longer. */
typedef struct proving {
    size_t count;               /* claims so far */
    rs_certify_result *results; /* [count] */
    uint32_t **outputs;         /* [count]: of the words */
    rs_report_proof *reports;   /* [count] */
    rs_proof *proofs;           /* [proved] */
    size_t proved;
} proving;

/* Room for so many claims; what is there already never moves. */
rs_status proving_new(proving *out, size_t capacity);
void proving_free(proving *p);

/* Looks into one more claim. It gets its share of the time until ctx->deadline, `left` claims being left with this one;
 * eps and guide as in rs_certify_options. */
rs_status proving_add(proving *p, const claim *c, const rs_network *net, const rs_automaton *guide, double eps,
                      size_t left, const rs_context *ctx);
/* The proofs in a file, unless there is none. */
rs_status proving_write(const proving *p, const char *path, const rs_network *net);

#endif
