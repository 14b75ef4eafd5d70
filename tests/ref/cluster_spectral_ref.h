/* Graphs and eigenvalues the slow and obvious way. */
#ifndef CLUSTER_SPECTRAL_REF_H
#define CLUSTER_SPECTRAL_REF_H

#include <stddef.h>

/* weights [n*n]: half the number of those of i and j that have the other among their k nearest points, by sorting. */
void ref_neighbour_graph(size_t n, size_t d, const float *points, size_t k, double *weights);

/* All eigenvalues of a symmetric matrix a [n*n], which is destroyed, descending: Jacobi's rotations. */
void ref_eigenvalues(size_t n, double *a, double *values);

#endif
