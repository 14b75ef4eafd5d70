/* Regions of a proof in the making: boxes of hidden states around the nodes of a tree of words, which grow until every
 * walk from them ends in them. */
#ifndef RS_CERTIFY_REGIONS_H
#define RS_CERTIFY_REGIONS_H

#include "certify/domain.h"
#include "certify/nodes.h"
#include "rnnsafe/certify.h"

#define RS_WALK_LIMIT RS_CERTIFY_DEPTH
#define RS_SLACK 1e-8 /* of eps and of every inclusion, for the rounding of the search and of the checker */

/* How one attempt goes. */
typedef struct rs_attempt {
    double tolerance;  /* states of the tree closer than this share a node */
    size_t tree_depth; /* beyond it they share the nearest */
    size_t walk;       /* a walk of at least so many steps may end by making a box grow */
    double reach;      /* if the box stays within so many tolerances of its node; or else the walk goes on */
    size_t longest;    /* up to so many steps, and then makes the box grow whatever comes */
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
typedef struct rs_regions {
    rs_nodes *nodes;
    rs_domain *domain;
    rs_zone zones[RS_WALK_LIMIT + 1];
    bool *possible;    /* [(RS_WALK_LIMIT + 1) * classes] */
    float *middle;     /* [S] */
    uint32_t *pending; /* [waiting]: nodes */
    size_t waiting, classes;

    rs_attempt attempt;
    double work;
    rs_outcome outcome;
    /* Where an attempt failed: after a word of `depth` symbols from the box of a node. */
    size_t node, depth;
    uint32_t word[RS_WALK_LIMIT];
    const rs_context *ctx;
} rs_regions;

/* `guide` as for rs_nodes_new. Borrows net, monitor and guide. */
rs_status rs_regions_new(rs_regions **out, const rs_network *net, const rs_monitor *monitor, const rs_automaton *guide,
                         const rs_context *ctx);
void rs_regions_free(rs_regions *r);
/* One attempt from scratch. */
rs_status rs_regions_close(rs_outcome *outcome, rs_regions *r, const rs_attempt *attempt, const rs_context *ctx);

/* The share of boxes that grew in the last attempt and were still to be walked from. */
double rs_regions_open(const rs_regions *r);

/* For walks of others over the regions: one step with `symbol` from zones[depth] into zones[depth + 1], and the classes
 * after it; whether `class` is the first possible one that takes the monitor from `at` to where it does, and that is
 * not safe; a grown box with the monitor's state that a zone lies in, or SIZE_MAX. */
bool rs_regions_step(rs_regions *r, size_t depth, uint32_t symbol, bool **possible);
bool rs_regions_leads_on(const rs_regions *r, const bool *possible, uint32_t at, uint32_t symbol, uint32_t class);
size_t rs_regions_covering(const rs_regions *r, const rs_zone *zone, uint32_t monitor);

/* The regions that the last attempt closed, as a certificate that its members own (free with rs_certificate_clear),
 * with another eps: *closed is false when they are not closed with it. reach [S]: the largest |x| of all states met. */
rs_status rs_regions_certificate(bool *closed, rs_certificate *out, double *reach, rs_regions *r, double eps,
                                 double eps_logit);
void rs_certificate_clear(rs_certificate *certificate);

#endif
