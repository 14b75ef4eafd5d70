/* Graphs on points and the spectrum of their normalised adjacency. */
#ifndef RS_CLUSTER_GRAPH_H
#define RS_CLUSTER_GRAPH_H

#include "rnnsafe/core.h"

/* Symmetric weights without a diagonal; row i has the entries first[i]..first[i+1]-1, columns ascending. */
typedef struct rs_graph {
    size_t n;
    size_t *first;     /* [n+1] */
    uint32_t *columns; /* [first[n]] */
    double *weights;   /* [first[n]] */
} rs_graph;

/* The weight of i and j is the number of those of the two, halved, that have the other among their k nearest points
 * (all that are as near as the k-th count). Parts that hang together among themselves only are joined along a minimum
 * spanning tree of their centroids by single edges of weight s / (s + D) / 2, with D the squared length and s the mean
 * squared distance of the k-th nearest point. n > k points, all distinct. */
rs_status rs_graph_new(rs_graph *out, size_t k, size_t n, size_t d, const float *points, const rs_context *ctx);
void rs_graph_free(rs_graph *g);

/* The k <= n largest eigenvalues of D^-1/2 W D^-1/2 (D the sums of rows of W; the eigenvalues lie in [-1, 1]),
 * descending, and orthonormal vectors to a residual of 1e-5, or what 60 rounds or the deadline leave. Subspace
 * iteration with Chebyshev polynomials: Zhou, Saad, Tiago and Chelikowsky, J. Comput. Phys. 219(1), 2006,
 * doi:10.1016/j.jcp.2006.03.017. */
rs_status rs_graph_spectrum(double *values /* [k] */, double *vectors /* [n*k], row-major */, size_t k,
                            const rs_graph *g, const rs_context *ctx);

#endif
