/* rnnsafe/certify.h - proofs that hold for words of every length, and the checker that believes nothing.
 *
 * A certificate lists regions: boxes of hidden states, each with a state of a monitor. It proves that the monitor never gets bad, for words of every
 * length, when: the initial state lies in a region with the monitor's start; and every state that leaves a region with any
 * symbol leads, with the monitor not bad on the way, into a region with the monitor's state after one or several steps, or to a
 * monitor state from which nothing bad can follow. The steps are those of the network in real arithmetic, where each coordinate may be off by
 * eps and each logit by eps_logit, at every step anew: float32 is, by the checker's own bound, no further off. docs/proofs.md has the
 * theorem. */
#ifndef RNNSAFE_CERTIFY_H
#define RNNSAFE_CERTIFY_H

#include "rnnsafe/refine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Numbers of a certificate are integers that count units of 2^-40. */
typedef struct rs_certificate {
    char sha256[65];           /* of the weights file */
    int64_t eps, eps_logit;    /* what each coordinate of the state, and each logit, may be off by at every step */
    const int64_t *more;       /* [S], or NULL for none: what each coordinate may be off by beyond eps */
    size_t state_size;         /* S */
    size_t regions, start;     /* number of regions; the one that the empty word is in */
    const uint32_t *monitor;   /* [regions]: states of the monitor */
    const int64_t *lo, *hi;    /* [regions*S] */
    /* How to find the way: for every region in turn, symbol by symbol, and there for each state that the monitor can get to: RS_CERTIFY_EXPAND
     * to go on from there in the same manner at once, or the region that it lies in. Before all of a region, RS_CERTIFY_CUT + s cuts its box in
     * the middle of coordinate s: then come the hints of the lower part and those of the upper one, each of which may be cut again. */
    const uint32_t *hints;     /* [hint_count] */
    size_t hint_count, depth;  /* the most steps from a region */
} rs_certificate;

#define RS_CERTIFY_EXPAND UINT32_MAX
#define RS_CERTIFY_CUT UINT32_C(0x80000000)
#define RS_CERTIFY_DEPTH 24 /* the largest depth that the checker takes */
#define RS_CERTIFY_CUTS 8   /* the most cuts, one of a part of the other, that it takes */

/* Is told what the checker meets, in its order: that from where it is after `depth` steps from a region, or a part of one, `symbol` can
 * give `class`, one of those that are possible [classes]. What it returns other than RS_OK ends the check. */
typedef struct rs_proof_watch {
    rs_status (*edge)(const struct rs_proof_watch *watch, size_t region, size_t depth, uint32_t symbol, uint32_t class,
                      const bool *possible);
} rs_proof_watch;

/* Whether the certificate proves for this network that the monitor never gets bad. `reason` says why not. Sound: it
 * computes with integers alone and shares no code with the search. `watch` may be NULL. RS_EINPUT: the checker does not understand the
 * network. */
rs_status rs_certificate_check(bool *proved, char reason[160], const rs_certificate *certificate, const rs_network *net,
                               const rs_monitor *monitor, const rs_proof_watch *watch, const rs_context *ctx);

/* The same, and when it is proved, the finite part: for rs_solver_proof_smt. Cleared by rs_proof_graph_clear. */
rs_status rs_certificate_graph(bool *proved, char reason[160], rs_proof_graph *out, const rs_certificate *certificate,
                               const rs_network *net, const rs_monitor *monitor, const rs_context *ctx);

/* ---- The search ---- */

typedef struct rs_certify_options {
    double seconds;            /* of the processor, for the whole search, about; 0: 15 */
    double eps;                /* one-step error of the state that the proof has to allow; 0, or less than float32 needs: what that needs */
    const rs_automaton *guide; /* what the network is thought to compute, over the same alphabet: tells states apart that the monitor does
                                  not. Nothing rests on it. NULL: none */
    bool headroom;             /* look for the largest eps besides */
} rs_certify_options;

typedef enum rs_certify_verdict { RS_CERTIFY_PROVED, RS_CERTIFY_VIOLATED, RS_CERTIFY_UNKNOWN } rs_certify_verdict;

typedef struct rs_certify_result {
    rs_certify_verdict verdict;
    rs_certificate certificate; /* PROVED: accepted by rs_certificate_check */
    rs_word word;               /* VIOLATED: after it the monitor is bad, by a run of the network */
    double eps, headroom;       /* PROVED: what float32 needs, or was asked for; the largest with which a proof was found, when
                                   looked for: then the certificate's */
    size_t attempts;            /* to find regions */
    char method[160];           /* PROVED: the attempt that worked; VIOLATED: what found the word */
    char reason[320];           /* UNKNOWN: what failed where */
} rs_certify_result;

/* Looks for a word that makes the monitor bad, then for a proof that none does. The same result for the same ctx->seed, unless time ends
 * the search; ctx->deadline ends it, too. RS_EUSAGE: names that differ between network, monitor and guide. RS_EINPUT: a network that the checker does not
 * understand. */
rs_status rs_certify(rs_certify_result *out, const rs_network *net, const rs_monitor *monitor,
                     const rs_certify_options *options, const rs_context *ctx);
void rs_certify_result_clear(rs_certify_result *result);

#ifdef __cplusplus
}
#endif
#endif
