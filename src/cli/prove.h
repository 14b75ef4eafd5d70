/* Claims about a network, each with a proof or a word that refutes it: certify, and check where proof is required. */
#ifndef CLI_PROVE_H
#define CLI_PROVE_H

#include "claims.h"
#include "rnnsafe/report.h"

/* One claim under one assumption after the other. */
typedef struct attempt {
    rs_certify_result *results;    /* [count], of the first levels */
    struct rs_report_wider *wider; /* [count - 1]: those before the last */
    size_t count;
    rs_bounded bounded;
    uint32_t *outputs; /* of the word that refutes it */
    char *formula;     /* of the proof, with what is assumed */
} attempt;

/* What was found out about claims; they, and the properties that they name, live longer. */
typedef struct proving {
    size_t count;             /* claims so far */
    attempt *attempts;        /* [count] */
    rs_report_proof *reports; /* [count] */
    rs_proof *proofs;         /* [proved] */
    size_t proved;
} proving;

/* How. */
typedef struct proving_options {
    double eps;                        /* as in rs_certify_options */
    const rs_automaton *guide;         /* the same */
    const rs_bounded_options *bounded; /* what to say without a proof; NULL: nothing */
    const char *lengths;               /* its distribution of random words */
} proving_options;

/* Room for so many claims; what is there already never moves. */
rs_status proving_new(proving *out, size_t capacity);
void proving_free(proving *p);

/* Looks into one more claim, under the widest of its assumptions that goes through. It gets its share of the time until
 * ctx->deadline, `left` claims being left with this one. */
rs_status proving_add(proving *p, const claim *c, const rs_network *net, const proving_options *options, size_t left,
                      const rs_context *ctx);
/* The proofs in a file, unless there is none: XML, or the compact form where its name ends in .compact. */
rs_status proving_write(const proving *p, const char *path, const rs_network *net);

#endif
