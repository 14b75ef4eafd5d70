/* Points to cluster, and what holds of every clustering. */
#ifndef CLUSTER_POINTS_H
#define CLUSTER_POINTS_H

#include <stddef.h>
#include <stdint.h>

#include "rnnsafe/cluster.h"

/* n points in `blobs` normal blobs whose centres are at least 1 apart in the first coordinate; blob of point i is
 * i % blobs. The caller frees. */
float *points_blobs(size_t n, size_t d, size_t blobs, double spread, uint64_t seed);
/* n points on the grid {0, step, ..., (side-1) step}^d: many are equal, many distances too. The caller frees. */
float *points_grid(size_t n, size_t d, size_t side, double step, uint64_t seed);

/* Asserts: labels are below k, no cluster is empty, equal points share one, assign gives the labels of the fit for all
 * points at once and for single ones, and any point at all gets a label; every cluster is described. */
void points_check(const rs_clustering *c, const float *points);
/* Asserts that a fit gives the same labels with 1, 2 and 3 threads. */
void points_check_threads(const char *method, size_t n, size_t d, const float *points, const rs_cluster_options *o);
/* Runs fit, assign and describe with every allocation failing in turn. */
void points_check_allocations(const char *method, size_t n, size_t d, const float *points, const rs_cluster_options *o);
/* Asserts that an interrupt fails, and that a deadline that has passed still makes a clustering. */
void points_check_stops(const char *method, size_t n, size_t d, const float *points);
/* Asserts that the method copes with coordinates whose squares overflow or vanish in single precision. */
void points_check_scales(const char *method);

/* A table of numbers as tests/data/cluster/make*.py writes it: "n d", then n*d coordinates, then columns of n numbers
 * each ("nan" is allowed). The caller frees both. */
float *points_golden(const char *name, size_t columns, size_t *n, size_t *d, double **values /* [columns*n] */);

#endif
