/* What is done to points before they are clustered: an affine map, fitted once and applied to whatever comes later. */
#ifndef RS_CLUSTER_PROJECTION_H
#define RS_CLUSTER_PROJECTION_H

#include "cluster/method.h"

typedef struct rs_projection rs_projection;

/* kind: "standardise" (mean 0 and variance 1 in each coordinate; a constant one becomes 0), "pca" (coordinates along
 * the principal axes, most variance first: Hotelling, J. Educ. Psychol. 24, 1933, doi:10.1037/h0071325) or "whiten"
 * (pca, then variance 1; axes without variance are dropped). pca and whiten keep `components` axes, at most d; 0: the
 * fewest that explain the share `explained` (0: 0.95) of the variance. Cost: n d^2 + d^3. RS_EUSAGE: unknown kind, more
 * components than d, a share outside [0, 1], d over 8192 for axes. */
rs_status rs_projection_new(rs_projection **out, const char *kind, size_t components, double explained, size_t n,
                            size_t d, const float *points, const rs_context *ctx);
void rs_projection_free(rs_projection *p);
size_t rs_projection_dimension(const rs_projection *p); /* c, of the result; at least 1 */
/* The variances along the kept axes [c], before whitening; standardise: of the coordinates. */
const double *rs_projection_variances(const rs_projection *p);
/* A row of the result depends on its row of points alone. Finite: what leaves the range of float is cut to it. */
void rs_projection_apply(const rs_projection *p, size_t m, const float *points /* [m*d] */, float *out /* [m*c] */,
                         const rs_context *ctx);

/* The point [d] at the given place along the axes [c] of "pca". */
void rs_projection_point(const rs_projection *p, const double *along, float *out);

/* Clusters the projected points with `method` and returns a clustering of the points themselves, called `name`. */
rs_status rs_projected_fit(rs_clustering **out, const char *name, const char *kind, const rs_cluster_vtable *method,
                           size_t n, size_t d, const float *points, const rs_cluster_options *options,
                           const rs_context *ctx);

#endif
