/* A clustering whose clusters are sets of prototypes: a point belongs to the cluster of its nearest prototype. */
#ifndef RS_CLUSTER_PROTOTYPES_H
#define RS_CLUSTER_PROTOTYPES_H

#include "cluster/method.h"

/* Point i has the nearest prototype which[i], and prototype p is in cluster[p]. Prototypes that are nearest to no point
 * are dropped, so that no cluster is empty, and clusters are numbered as their points come. Errors: RS_EMEMORY. */
rs_status rs_prototypes_new(rs_clustering **out, const rs_cluster_vtable *vtable, size_t n, size_t d,
                            const float *points /* [n*d] */, const uint32_t *which /* [n] */, size_t m,
                            const float *prototypes /* [m*d] */, const uint32_t *cluster /* [m] */);

/* For the method's table. */
rs_status rs_prototypes_assign(const rs_clustering *c, size_t m, const float *points, uint32_t *labels,
                               const rs_context *ctx);
rs_status rs_prototypes_describe(char **out, const rs_clustering *c, size_t i);
void rs_prototypes_free(rs_clustering *c);

#endif
