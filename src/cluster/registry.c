/* The table of methods, and what is common to all clusterings: checks, defaults, getters. */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/method.h"
#include "cluster/projection.h"
#include "core/status.h"
#include "core/text.h"

static const rs_cluster_vtable *const methods[] = {
    &rs_cluster_none,
    &rs_cluster_kmeans,
    &rs_cluster_average,
    &rs_cluster_birch,
    &rs_cluster_dbscan,
    &rs_cluster_gmeans,
    &rs_cluster_gmm,
    &rs_cluster_gmm_diagonal,
    &rs_cluster_grid,
    &rs_cluster_hdbscan,
    &rs_cluster_meanshift,
    &rs_cluster_minibatch,
    &rs_cluster_optics,
    &rs_cluster_pca_grid,
    &rs_cluster_som,
    &rs_cluster_spectral,
    &rs_cluster_ward,
    &rs_cluster_xmeans,
};
enum { METHODS = sizeof methods / sizeof *methods, BLOCK = 1024 };

static const rs_cluster_vtable *find(const char *name) {
    for (size_t i = 0; i < METHODS; i++)
        if (!strcmp(methods[i]->name, name)) return methods[i];
    return NULL;
}

const char *rs_cluster_method(size_t i) {
    return i < METHODS ? methods[i]->name : NULL;
}

const char *rs_cluster_summary(const char *method) {
    const rs_cluster_vtable *found = find(method);
    return found ? found->summary : NULL;
}

static rs_status unknown(const char *method) {
    rs_text names = {0};
    char *list = NULL;
    for (size_t i = 0; i < METHODS; i++) rs_text_add(&names, "%s%s", i ? ", " : "", methods[i]->name);
    rs_status status = rs_text_take(&list, &names);
    if (status == RS_OK)
        status = rs_fail(RS_EUSAGE, "unknown clustering method \"%s\"; the methods are: %s", method, list);
    free(list);
    return status;
}

rs_status rs_cluster_check_finite(size_t n, size_t d, const float *points) {
    for (size_t begin = 0, end; begin < n * d; begin = end) {
        uint32_t all = 1; /* a block without branches */
        end = n * d - begin < BLOCK ? n * d : begin + BLOCK;
        for (size_t i = begin; i < end; i++) all &= fabsf(points[i]) <= FLT_MAX;
        for (size_t i = begin; !all && i < end; i++)
            if (!isfinite(points[i]))
                return rs_fail(RS_EINPUT, "coordinate %zu of point %zu to cluster is not a finite number", i % d,
                               i / d);
    }
    return RS_OK;
}

rs_status rs_cluster_fit(rs_clustering **out, const char *method, size_t n, size_t d, const float *points,
                         const rs_cluster_options *options, const rs_context *ctx) {
    const rs_cluster_vtable *found = find(method);
    if (!found) return unknown(method);
    if (!n || !d) return rs_fail(RS_EUSAGE, "nothing to cluster: %zu points of dimension %zu", n, d);
    if (n > INT_MAX || d > INT_MAX)
        return rs_fail(RS_EUSAGE, "too much to cluster: %zu points of dimension %zu; each may be %d", n, d, INT_MAX);
    rs_cluster_options o = options ? *options : (rs_cluster_options){0};
    if (o.clusters > n) return rs_fail(RS_EUSAGE, "%zu clusters of %zu points: ask for fewer clusters", o.clusters, n);
    if (!o.max_clusters) o.max_clusters = 64;
    if (!o.restarts) o.restarts = 3;
    if (!o.iterations) o.iterations = 100;
    rs_status status = rs_cluster_check_finite(n, d, points);
    if (status != RS_OK) return status;
    return o.preprocess ? rs_projected_fit(out, found->name, o.preprocess, found, n, d, points, &o, ctx)
                        : found->fit(out, n, d, points, &o, ctx);
}

void rs_clustering_free(rs_clustering *c) {
    if (c) c->vtable->free(c);
}

const char *rs_clustering_method(const rs_clustering *c) {
    return c->vtable->name;
}

size_t rs_clustering_count(const rs_clustering *c) {
    return c->k;
}

size_t rs_clustering_points(const rs_clustering *c) {
    return c->n;
}

size_t rs_clustering_dimension(const rs_clustering *c) {
    return c->d;
}

const uint32_t *rs_clustering_labels(const rs_clustering *c) {
    return c->labels;
}

rs_status rs_clustering_assign(const rs_clustering *c, size_t m, const float *points, uint32_t *labels,
                               const rs_context *ctx) {
    rs_status status = rs_cluster_check_finite(m, c->d, points);
    return status == RS_OK ? c->vtable->assign(c, m, points, labels, ctx) : status;
}

rs_status rs_clustering_describe(char **out, const rs_clustering *c, size_t i) {
    if (i >= c->k) return rs_fail(RS_EUSAGE, "there is no cluster %zu; there are %zu", i, c->k);
    return c->vtable->describe(out, c, i);
}
