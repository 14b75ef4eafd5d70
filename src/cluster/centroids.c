/* Nearest centroids. Invariant: a label depends on its point and the centroids alone (rs_nearest), so that assign gives
 * the labels of the fit. */
#include "cluster/centroids.h"

#include <math.h>
#include <string.h>

#include "cluster/kmeans.h"
#include "cluster/nearest.h"
#include "core/alloc.h"
#include "core/status.h"
#include "core/text.h"

enum { SHOWN = 4 };

typedef struct model {
    rs_clustering base;
    float *centroids; /* [k*d] */
    size_t *sizes;    /* [k] */
    double *radii;    /* [k], distance of the farthest point */
    double inertia;
} model;

void rs_centroids_free(rs_clustering *c) {
    model *m = (model *)c;
    free(m->base.labels);
    free(m->centroids);
    free(m->sizes);
    free(m->radii);
    free(m);
}

rs_status rs_centroids_new(rs_clustering **out, const rs_cluster_vtable *vtable, size_t n, size_t d, size_t k,
                           float **centroids, uint32_t **labels, const double *distances) {
    rs_status status = RS_OK;
    model *m = rs_alloc(1, sizeof *m);
    RS_TRY_ALLOC(m);
    RS_TRY_ALLOC(m->sizes = rs_alloc(k, sizeof *m->sizes));
    RS_TRY_ALLOC(m->radii = rs_alloc(k, sizeof *m->radii));
    for (size_t i = 0; i < n; i++) {
        size_t j = (*labels)[i];
        m->sizes[j]++;
        m->radii[j] = fmax(m->radii[j], distances[i]);
        m->inertia += distances[i];
    }
    for (size_t j = 0; j < k; j++) m->radii[j] = sqrt(m->radii[j]);
    m->base = (rs_clustering){.vtable = vtable, .n = n, .d = d, .k = k, .labels = *labels};
    m->centroids = *centroids;
    *labels = NULL;
    *centroids = NULL;
    *out = &m->base;
    m = NULL;
cleanup:
    if (m) rs_centroids_free(&m->base);
    return status;
}

rs_status rs_centroids_fit(rs_clustering **out, const rs_cluster_vtable *vtable, size_t n, size_t d,
                           const float *points, size_t k, const float *centroids, const rs_context *ctx) {
    rs_status status = RS_OK;
    float *copy = NULL;
    double *distances = NULL;
    uint32_t *labels = rs_alloc(n, sizeof *labels);
    RS_TRY_ALLOC(labels);
    RS_TRY_ALLOC(distances = rs_alloc(n, sizeof *distances));
    RS_TRY_ALLOC(copy = rs_memdup(centroids, k * d, sizeof *copy));
    RS_TRY(rs_kmeans_lloyd(&k, copy, labels, distances, n, d, points, 0, 0, ctx));
    RS_TRY(rs_centroids_new(out, vtable, n, d, k, &copy, &labels, distances));
cleanup:
    free(copy);
    free(labels);
    free(distances);
    return status;
}

rs_status rs_centroids_assign(const rs_clustering *c, size_t m, const float *points, uint32_t *labels,
                              const rs_context *ctx) {
    return rs_nearest(labels, NULL, m, c->d, points, c->k, rs_centroids_get(c), ctx);
}

rs_status rs_centroids_describe(char **out, const rs_clustering *c, size_t i) {
    const model *m = (const model *)c;
    rs_text text = {0};
    for (size_t x = 0; x < c->d && x < SHOWN; x++)
        rs_text_add(&text, "%s%.3g", x ? ", " : "centroid (", (double)m->centroids[i * c->d + x]);
    rs_text_add(&text, "%s), %zu point%s, radius %.3g", c->d > SHOWN ? ", ..." : "", m->sizes[i],
                m->sizes[i] == 1 ? "" : "s", m->radii[i]);
    return rs_text_take(out, &text);
}

const float *rs_centroids_get(const rs_clustering *c) {
    return ((const model *)c)->centroids;
}

double rs_centroids_inertia(const rs_clustering *c) {
    return ((const model *)c)->inertia;
}
