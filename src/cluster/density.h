/* What the methods that follow density share: dense points have labels, noise has none, and assign is total.
 *
 * A new point gets the label of the nearest point that is in a cluster (the lowest index on ties). The same rule labels
 * the points of the fit: noise goes to the nearest cluster, and points that are equal share one. Where a method finds
 * no cluster at all, all is one. */
#ifndef RS_CLUSTER_DENSITY_H
#define RS_CLUSTER_DENSITY_H

#include "cluster/method.h"

#define RS_NOISE UINT32_MAX

/* labels[i] is any number below n, or RS_NOISE. Of more clusters than max_clusters the largest stay (the first on ties)
 * and the others become noise. Clusters are numbered by their first points. Cost: as rs_cells_nearest. */
rs_status rs_density_new(rs_clustering **out, const rs_cluster_vtable *vtable, size_t n, size_t d, const float *points,
                         const uint32_t *labels /* [n] */, size_t max_clusters, const rs_context *ctx);

/* The functions of a vtable. */
rs_status rs_density_assign(const rs_clustering *c, size_t m, const float *points, uint32_t *labels,
                            const rs_context *ctx);
rs_status rs_density_describe(char **out, const rs_clustering *c, size_t i);
void rs_density_free(rs_clustering *c);

/* The points of the fit that were noise. */
size_t rs_density_noise(const rs_clustering *c);

/* options->min_points with its default filled in, and at most n. */
size_t rs_density_min_points(const rs_cluster_options *options, size_t n);
/* RS_EUSAGE unless an option that is a length is 0 or finite and positive. */
rs_status rs_density_check(const char *name, double length);

#endif
