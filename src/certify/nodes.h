/* Nodes of a proof in the making: states of the network that words lead to, each with a box around it. */
#ifndef RS_CERTIFY_NODES_H
#define RS_CERTIFY_NODES_H

#include "rnnsafe/refine.h"

#define RS_NODE_LIMIT 6000
#define RS_NODE_GRID 0x1p-30 /* sides of boxes are multiples, so that certificates hold them as they are */

/* Where a node's point comes from: node `parent` and a symbol; or a moment of the long words; or neither. */
typedef struct rs_origin {
    uint32_t parent, symbol, moment; /* UINT32_MAX: none */
} rs_origin;

typedef struct rs_node {
    uint32_t monitor, label; /* states of the monitor, and of the guide */
    size_t depth, joins;     /* in the tree; how often its box grew */
    rs_origin origin;
    uint32_t cut; /* of its box (certify/regions.h); 0: it is whole */
    bool pending;
} rs_node;

typedef struct rs_nodes {
    const rs_network *net;
    const rs_monitor *monitor;
    const rs_automaton *guide;
    size_t size, symbols;
    size_t count;
    rs_node *at;     /* [count] */
    float *point;    /* [count*size] */
    double *feature; /* the same, as distances see it */
    double *lo, *hi; /* [count*size] */

    /* The first `planted` are of the tree with this shape, tolerance and depth. */
    const double *shape; /* not owned */
    double tolerance;
    size_t tree_depth, planted;
    float *from, *to; /* [symbols*size], of a step with every symbol */
    uint32_t *symbol, *class;
    double *query; /* [size] */

    /* Long words, for the nodes that no short word leads to. */
    rs_trace *trace;
    uint32_t *trace_monitor, *trace_label; /* [nodes of the trace] */
} rs_nodes;

typedef enum rs_planting { RS_PLANTED, RS_PLANTED_BAD, RS_PLANTED_LARGE } rs_planting;

/* `guide` (may be NULL) tells states apart that the monitor does not: an automaton over the same symbols. Borrows net,
 * monitor and guide. */
rs_status rs_nodes_new(rs_nodes **out, const rs_network *net, const rs_monitor *monitor, const rs_automaton *guide,
                       const rs_context *ctx);
void rs_nodes_free(rs_nodes *nodes);
uint32_t rs_nodes_next_label(const rs_nodes *nodes, uint32_t label, size_t symbol);
/* The nodes of the tree of words: a state that is farther than `tolerance` from all nodes with the same monitor and
 * label, and no deeper than `tree_depth`, is a new one. All boxes are their points. *how: a word makes the monitor bad,
 * that of the last node, or there are too many. Distances: with a shape [size] (certify/shape.h), the most that
 * coordinates differ by, each in its unit; it is borrowed, and told from others by its address. Without (NULL),
 * Euclid's of (h, tanh(c / 1.5)), since outputs see no more of c. */
rs_status rs_nodes_plant(rs_planting *how, rs_nodes *nodes, const double *shape, double tolerance, size_t tree_depth,
                         const rs_context *ctx);
/* The nearest node with these states, and its squared distance; SIZE_MAX: none. The start is no candidate. */
size_t rs_nodes_nearest(double *distance, rs_nodes *nodes, uint32_t monitor, uint32_t label, const float *point);
/* Its box is its point, it has no origin; count < RS_NODE_LIMIT. */
size_t rs_nodes_add(rs_nodes *nodes, uint32_t monitor, uint32_t label, size_t depth, const float *point);
/* Length of a word that leads to the node's point, of which `out` gets the last `most` symbols at most; 0: unknown, or
 * empty. */
size_t rs_nodes_word(uint32_t *out, const rs_nodes *nodes, size_t i, size_t most);

#endif
