/* A clustering by nearest centroids: what k-means and its kin fit. Methods that end in centroids share all but the fit.
 */
#ifndef RS_CLUSTER_CENTROIDS_H
#define RS_CLUSTER_CENTROIDS_H

#include "cluster/method.h"

/* Takes centroids [k*d] and labels [n] over: the pointers become NULL, unless it fails. No cluster is empty; labels are
 * those of the nearest centroid, distances [n] squared. */
rs_status rs_centroids_new(rs_clustering **out, const rs_cluster_vtable *vtable, size_t n, size_t d, size_t k,
                           float **centroids, uint32_t **labels, const double *distances);
/* The same from k centroids alone, which are copied; those that attract no point are dropped. */
rs_status rs_centroids_fit(rs_clustering **out, const rs_cluster_vtable *vtable, size_t n, size_t d,
                           const float *points, size_t k, const float *centroids, const rs_context *ctx);

rs_status rs_centroids_assign(const rs_clustering *c, size_t m, const float *points, uint32_t *labels,
                              const rs_context *ctx);
rs_status rs_centroids_describe(char **out, const rs_clustering *c, size_t i);
void rs_centroids_free(rs_clustering *c);

/* Of such a clustering: [k*d]; the sum of squared distances of the points to their centroids. */
const float *rs_centroids_get(const rs_clustering *c);
double rs_centroids_inertia(const rs_clustering *c);

#endif
