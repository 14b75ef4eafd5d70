/* Regions of a proof in the making: boxes of hidden states around the states of a tree of words, which grow until every
 * walk from them ends in them. */
#ifndef RS_CERTIFY_REGIONS_H
#define RS_CERTIFY_REGIONS_H

#include "certify/domain.h"
#include "rnnsafe/certify.h"

#define RS_WALK_LIMIT 24 /* the longest walk */

/* How one attempt goes. */
typedef struct rs_attempt {
    double tolerance;  /* states of the tree closer than this share a node */
    size_t tree_depth; /* beyond it they share the nearest */
    size_t walk;       /* the longest walk from a region */
    double widen;      /* of a box that has to grow, relative to its width */
    double eps, eps_logit;
    double work; /* multiplications at most */
} rs_attempt;

typedef enum rs_outcome {
    RS_ATTEMPT_CLOSED,
    RS_ATTEMPT_OUTPUT, /* a state of the monitor that is bad could not be excluded */
    RS_ATTEMPT_UNBOUNDED,
    RS_ATTEMPT_LARGE, /* too many nodes */
    RS_ATTEMPT_WORK,  /* all of the work was done */
    RS_ATTEMPT_TIME
} rs_outcome;

/* All regions of a network and a monitor. */
typedef struct rs_regions rs_regions;

/* `guide` (may be NULL) tells states apart that the monitor does not: an automaton over the same symbols. */
rs_status rs_regions_new(rs_regions **out, const rs_network *net, const rs_monitor *monitor, const rs_automaton *guide,
                         const rs_context *ctx);
void rs_regions_free(rs_regions *r);
const rs_domain *rs_regions_domain(const rs_regions *r);
/* One attempt from scratch. *depth: the length of the walk at which it failed. */
rs_status rs_regions_close(rs_outcome *outcome, size_t *depth, rs_regions *r, const rs_attempt *attempt,
                           const rs_context *ctx);
size_t rs_regions_count(const rs_regions *r);
/* The regions that the last attempt closed, as a certificate that its members own (free with rs_certificate_clear),
 * with another eps: *closed is false when they are not closed with it. reach [S]: the largest |x| of all states met. */
rs_status rs_regions_certificate(bool *closed, rs_certificate *out, double *reach, rs_regions *r, double eps,
                                 double eps_logit);
void rs_certificate_clear(rs_certificate *certificate);

#endif
