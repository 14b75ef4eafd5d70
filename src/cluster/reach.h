/* The walk that always goes to the point which is easiest to reach from those met: the order of OPTICS, and with mutual
 * reachability a minimum spanning tree by Prim's algorithm. */
#ifndef RS_CLUSTER_REACH_H
#define RS_CLUSTER_REACH_H

#include "cluster/neighbours.h"

typedef struct rs_step {
    uint32_t point;
    uint32_t from;  /* the point it was reached from, the first on ties; its own number for the first step */
    double squared; /* its reachability from there, squared; INFINITY for the first step */
} rs_step;

/* A walk over all n points from point 0. The reachability of q from p is the largest of |p - q|, the core distance of p
 * and, if mutual, that of q; of points equally easy to reach the lowest is met first. core[i] is the squared core
 * distance of row i of the cells. What the deadline leaves follows from point 0, infinitely hard to reach. Distances
 * that decide are double. Memory is linear. Cost: n^2 d at worst in single precision; cells that no step can improve
 * are skipped. */
rs_status rs_reach_walk(rs_step *steps /* [n] */, const rs_cells *cells, const double *core /* [n] */, bool mutual,
                        const rs_context *ctx);

#endif
