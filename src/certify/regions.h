/* Regions of a proof in the making: boxes of hidden states around the nodes of a tree of words, which grow until every
 * walk from them, or from the parts that they are cut into, ends in them. */
#ifndef RS_CERTIFY_REGIONS_H
#define RS_CERTIFY_REGIONS_H

#include "certify/domain.h"
#include "certify/nodes.h"
#include "certify/shape.h"
#include "rnnsafe/certify.h"

#define RS_WALK_LIMIT RS_CERTIFY_DEPTH
#define RS_CUT_LIMIT ((size_t)1 << 17)
#define RS_SLACK 1e-8 /* of eps and of every inclusion, for the rounding of the search and of the checker */

/* How one attempt goes. A walk that no box covers makes the box of the nearest node grow if each side of that stays
 * within `reach` tolerances of the node. If not: it ends in a new node if it is narrow enough, or it goes on. After
 * `longest` steps it ends in a new node if it fits into a box; or its root is cut; or the box grows whatever comes. */
typedef struct rs_attempt {
    bool shaped;       /* lengths are in units of the network's shape (certify/shape.h); or see certify/nodes.h */
    double tolerance;  /* states of the tree closer than this share a node */
    size_t tree_depth; /* beyond it they share the nearest */
    size_t walk;       /* steps before a walk may end other than in a box that covers it */
    double reach;
    double narrow;  /* share of what a box may be; 0: no new nodes */
    size_t longest; /* at most RS_WALK_LIMIT */
    size_t cuts;    /* of a box, one of a part of the other: at most RS_CERTIFY_CUTS */
    double widen;   /* of a box that has to grow, relative to its width; without a shape more with every time */
    double eps, eps_logit;
    double work; /* multiplications at most */
    double end;  /* of rs_processor_seconds */
} rs_attempt;

/* A box or part of one that is cut in the middle of a coordinate. */
typedef struct rs_cut {
    uint32_t coordinate, part[2]; /* cuts of the lower and of the upper half; 0: it is whole */
} rs_cut;

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
    bool *possible; /* [(RS_WALK_LIMIT + 1) * classes] */
    float *middle;  /* [S] */
    double *shape;  /* [S] */
    bool shape_known;
    double *lo, *hi;   /* [S]: the part of a box that is walked from */
    uint32_t *pending; /* [RS_NODE_LIMIT]: a ring of nodes, `waiting` from `first` on */
    size_t first, waiting, classes;
    rs_cut *cut;        /* [cuts]; the first is none */
    size_t cuts, level; /* `level` cuts led to the part that is walked from */
    size_t wanted;      /* coordinate that it should be cut along, or SIZE_MAX */

    rs_attempt attempt;
    double work;
    size_t walked; /* walks of all attempts */
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
/* Of the processor, that this thread has used. */
double rs_processor_seconds(void);
/* One attempt: from scratch; the last one with more work; or from all boxes that the last one closed, with a larger
 * eps. */
typedef enum rs_beginning { RS_FROM_SCRATCH, RS_FROM_WAITING, RS_FROM_BOXES } rs_beginning;
rs_status rs_regions_close(rs_outcome *outcome, rs_regions *r, const rs_attempt *attempt, rs_beginning beginning,
                           const rs_context *ctx);

/* The share of boxes that grew in the last attempt and were still to be walked from. */
double rs_regions_open(const rs_regions *r);

/* For walks of others: puts the box of a node into lo and hi; halves that in the middle of a coordinate, and gives the
 * end that it moved, for putting it back. */
void rs_regions_take_box(rs_regions *r, size_t node);
double rs_regions_halve(rs_regions *r, size_t coordinate, bool upper);
void rs_regions_put_back(rs_regions *r, size_t coordinate, bool upper, double end);
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
