/* Cutting dendrograms. The merges are the edges of a tree on the points; the m - k lowest ones join them into k
 * clusters, whatever the order of the others (Kruskal). */
#include "cluster/hierarchy.h"

#include <float.h>
#include <math.h>

#include "cluster/prototypes.h"
#include "cluster/quality.h"
#include "core/alloc.h"
#include "core/status.h"

enum { SAMPLE = 1000 };

void rs_hierarchy_hurry(rs_merge *merges, size_t count, uint32_t *left, const double *sizes, const uint32_t *point,
                        size_t most, rs_hierarchy_distance *distance, const void *user) {
    if (most > count) most = count;
    for (size_t i = 0; i < most; i++) { /* the largest come first */
        size_t best = i;
        for (size_t j = i + 1; j < count; j++)
            if (sizes[left[j]] > sizes[left[best]]) best = j;
        uint32_t swap = left[i];
        left[i] = left[best];
        left[best] = swap;
    }
    for (size_t i = 1; i < count; i++) {
        size_t nearest = left[0];
        double least = INFINITY;
        for (size_t j = 0; j < most && i >= most; j++) {
            double x = distance(user, left[i], left[j]);
            if (x < least) {
                least = x;
                nearest = left[j];
            }
        }
        *merges++ = (rs_merge){point[left[i]], point[nearest], i < most ? INFINITY : DBL_MAX};
    }
}

static int ascending(const void *a, const void *b) {
    const rs_merge *x = a, *y = b;
    if (x->height < y->height || x->height > y->height) return x->height < y->height ? -1 : 1;
    return x->a != y->a ? (x->a > y->a) - (x->a < y->a) : (x->b > y->b) - (x->b < y->b);
}

/* The root of p; paths are halved on the way. */
static uint32_t root(uint32_t *parent, uint32_t p) {
    while (parent[p] != p) p = parent[p] = parent[parent[p]];
    return p;
}

/* The same with sorted merges; `parent` [m] is scratch. */
static void cut(uint32_t *cluster, uint32_t *parent, size_t k, size_t m, const rs_merge *merges) {
    for (size_t p = 0; p < m; p++) parent[p] = (uint32_t)p;
    for (size_t i = 0; i < m - k; i++) {
        uint32_t a = root(parent, merges[i].a), b = root(parent, merges[i].b);
        parent[a > b ? a : b] = a > b ? b : a;
    }
    uint32_t clusters = 0;
    for (size_t p = 0; p < m; p++) { /* a root is the lowest point of its cluster */
        uint32_t r = root(parent, (uint32_t)p);
        cluster[p] = r == p ? clusters++ : cluster[r];
    }
}

rs_status rs_hierarchy_cut(uint32_t *cluster, size_t k, size_t m, rs_merge *merges) {
    uint32_t *parent = rs_alloc(m, sizeof *parent);
    if (!parent) return RS_EMEMORY;
    qsort(merges, m - 1, sizeof *merges, ascending);
    cut(cluster, parent, k, m, merges);
    free(parent);
    return RS_OK;
}

rs_status rs_hierarchy_choose(size_t *k, const rs_distinct *distinct, rs_merge *merges, size_t most, size_t n, size_t d,
                              const float *points, const char *method, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t m = distinct->m, result = 1;
    double best = -INFINITY, silhouette;
    rs_sample sample = {0};
    uint32_t *parent = NULL, *cluster = NULL, labels[SAMPLE];
    RS_TRY(rs_sample_new(&sample, SAMPLE, n, d, points, ctx));
    RS_TRY_ALLOC(parent = rs_alloc(m, sizeof *parent));
    RS_TRY_ALLOC(cluster = rs_alloc(m, sizeof *cluster));
    qsort(merges, m - 1, sizeof *merges, ascending);
    for (size_t c = 2; c <= most && c <= m && !(c > 2 && rs_context_expired(ctx)); c++) {
        RS_TRY(rs_context_check(ctx));
        cut(cluster, parent, c, m, merges);
        for (size_t i = 0; i < sample.n; i++) labels[i] = cluster[distinct->which[sample.indices[i]]];
        RS_TRY(rs_silhouette(&silhouette, sample.n, sample.distances, c, labels));
        rs_context_log(ctx, 2, "%s: %zu clusters have silhouette %.4f", method, c, silhouette);
        if (silhouette > best) {
            best = silhouette;
            result = c;
        }
    }
    *k = result;
cleanup:
    rs_sample_free(&sample);
    free(parent);
    free(cluster);
    return status;
}

rs_status rs_hierarchy_cluster(rs_clustering **out, const rs_cluster_vtable *vtable, const rs_distinct *distinct,
                               rs_merge *merges, size_t n, size_t d, const float *points,
                               const rs_cluster_options *options, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t k = options->clusters, m = distinct->m;
    uint32_t *cluster = rs_alloc(m, sizeof *cluster);
    RS_TRY_ALLOC(cluster);
    if (!k) RS_TRY(rs_hierarchy_choose(&k, distinct, merges, options->max_clusters, n, d, points, vtable->name, ctx));
    if (k > m) k = m;
    RS_TRY(rs_hierarchy_cut(cluster, k, m, merges));
    RS_TRY(rs_prototypes_new(out, vtable, n, d, points, distinct->which, m, distinct->points, cluster));
    rs_context_log(ctx, 1, "%s: %zu points, %zu of them distinct, in %zu clusters", vtable->name, n, m, k);
    rs_context_progress(ctx, "cluster", 1);
cleanup:
    free(cluster);
    return status;
}
