/* Spectral clustering: k-means on the leading eigenvectors of a graph of nearest neighbours.
 *
 *     S = D^-1/2 W D^-1/2;    point i becomes row i of the eigenvectors of its k largest eigenvalues, scaled to length
 * 1
 *
 * Ng, Jordan and Weiss, "On spectral clustering: analysis and an algorithm", NIPS 14, 2001; the graph and the choice of
 * k by the largest gap between eigenvalues (k >= 2) after von Luxburg, Stat. Comput. 17, 2007,
 * doi:10.1007/s11222-007-9033-z. The graph is of distinct points; of more than MOST, a seeded sample of as many is
 * taken. For clusters of any shape that hang together.
 *
 * A point, fitted or new, belongs to the cluster of the nearest point of the graph. */
#include <math.h>
#include <string.h>

#include "cluster/distinct.h"
#include "cluster/graph.h"
#include "cluster/nearest.h"
#include "cluster/neighbours.h"
#include "cluster/prototypes.h"
#include "cluster/sample.h"
#include "core/alloc.h"
#include "core/status.h"

enum { MOST = 20000, NEIGHBOURS = 10, EDGES = 10000000 };
static const uint64_t stream_sample = 0x7370656374726100u; /* of ctx->seed */

/* Keeps MOST of more distinct points and finds which of them is nearest to each point. */
static rs_status thin_out(rs_distinct *r, size_t n, size_t d, const float *points, const rs_context *ctx) {
    size_t *chosen = rs_alloc(MOST, sizeof *chosen);
    rs_random random = rs_random_new(rs_context_seed(ctx), stream_sample);
    if (!chosen) return RS_EMEMORY;
    rs_subset(chosen, MOST, r->m, &random);
    for (size_t i = 0; i < MOST; i++) memmove(r->points + i * d, r->points + chosen[i] * d, d * sizeof *points);
    r->m = MOST;
    free(chosen);
    return rs_nearest(r->which, NULL, n, d, points, r->m, r->points, ctx);
}

/* Numbers the distinct points so that near ones have near numbers, which products with the graph are faster for. */
static rs_status bring_together(rs_distinct *r, size_t n, size_t d, const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_cells *cells = NULL;
    uint32_t *row = rs_alloc(r->m, sizeof *row);
    RS_TRY_ALLOC(row);
    RS_TRY(rs_cells_new(&cells, r->m, d, r->points, ctx));
    memcpy(r->points, cells->rows, r->m * d * sizeof *r->points);
    for (size_t i = 0; i < r->m; i++) row[cells->index[i]] = (uint32_t)i;
    for (size_t i = 0; i < n; i++) r->which[i] = row[r->which[i]];
cleanup:
    rs_cells_free(cells);
    free(row);
    return status;
}

/* The k >= 2 after which the gap to the next of `count` eigenvalues is largest. */
static size_t largest_gap(size_t count, const double *values) {
    size_t best = 2;
    for (size_t k = 2; k < count; k++)
        if (values[k - 1] - values[k] > values[best - 1] - values[best]) best = k;
    return best;
}

/* cluster [m] of the graph's points, k clusters or as many as the gap says when it is 0. */
static rs_status embed(uint32_t *cluster, size_t k, const rs_graph *g, const rs_cluster_options *o,
                       const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t m = g->n, width = k ? k : o->max_clusters < m ? o->max_clusters + 1 : m;
    double *values = rs_alloc(width, sizeof *values), *vectors = NULL;
    float *rows = NULL;
    rs_clustering *parts = NULL;
    rs_cluster_options options = *o;
    RS_TRY_ALLOC(values);
    RS_TRY_ALLOC(vectors = rs_alloc(m * width, sizeof *vectors));
    RS_TRY(rs_graph_spectrum(values, vectors, width, g, ctx));
    if (!k) k = largest_gap(width, values);
    RS_TRY_ALLOC(rows = rs_alloc_aligned(m * k, sizeof *rows));
    for (size_t i = 0; i < m; i++) {
        double norm = 0;
        for (size_t x = 0; x < k; x++) norm += vectors[i * width + x] * vectors[i * width + x];
        for (size_t x = 0; x < k; x++) rows[i * k + x] = norm > 0 ? (float)(vectors[i * width + x] / sqrt(norm)) : 0;
    }
    options.clusters = k;
    RS_TRY(rs_cluster_kmeans.fit(&parts, m, k, rows, &options, ctx));
    memcpy(cluster, parts->labels, m * sizeof *cluster);
cleanup:
    rs_clustering_free(parts);
    free(values);
    free(vectors);
    free(rows);
    return status;
}

static rs_status fit(rs_clustering **out, size_t n, size_t d, const float *points, const rs_cluster_options *o,
                     const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_distinct distinct = {0};
    rs_graph g = {0};
    uint32_t *cluster = NULL;
    RS_TRY(rs_distinct_new(&distinct, n, d, points));
    if (distinct.m > MOST) RS_TRY(thin_out(&distinct, n, d, points, ctx));
    RS_TRY(bring_together(&distinct, n, d, ctx));
    size_t m = distinct.m, k = o->clusters ? o->clusters : o->max_clusters < 2 || m < 3 ? 1 : 0;
    size_t neighbours = o->neighbours ? o->neighbours : NEIGHBOURS;
    if (neighbours >= m) neighbours = m - 1;
    if (neighbours > EDGES / m) {
        status = rs_fail(RS_EUSAGE, "%zu neighbours of %zu distinct points are too many: at most %zu", neighbours, m,
                         EDGES / m);
        goto cleanup;
    }
    RS_TRY_ALLOC(cluster = rs_alloc(m, sizeof *cluster));
    if (k >= m)
        for (size_t i = 0; i < m; i++) cluster[i] = (uint32_t)i;
    else if (k != 1) {
        RS_TRY(rs_graph_new(&g, neighbours, m, d, distinct.points, ctx));
        rs_context_progress(ctx, "cluster", 0.3);
        RS_TRY(embed(cluster, k, &g, o, ctx));
    }
    RS_TRY(rs_prototypes_new(out, &rs_cluster_spectral, n, d, points, distinct.which, m, distinct.points, cluster));
    rs_context_log(ctx, 1, "spectral: %zu points, %zu in the graph, in %zu clusters", n, m, (*out)->k);
    rs_context_progress(ctx, "cluster", 1);
cleanup:
    rs_distinct_free(&distinct);
    rs_graph_free(&g);
    free(cluster);
    return status;
}

const rs_cluster_vtable rs_cluster_spectral = {
    .name = "spectral",
    .summary = "eigenvectors of the graph of nearest neighbours; k as given or by the gap of eigenvalues",
    .fit = fit,
    .assign = rs_prototypes_assign,
    .describe = rs_prototypes_describe,
    .free = rs_prototypes_free,
};
