/* Several centroids a cluster: what one centroid or one linear function a cluster cannot describe.
 *
 * It starts with the mean of each cluster. The points that a centroid of another cluster takes are grouped by their own
 * cluster and that centroid; each group makes a centroid of its own, and then the points of each cluster are shared out
 * among its centroids, which move to their means (one of Lloyd's iterations). Rounds end when every point is placed right.
 * Points are gone through cluster by cluster, so that the centroids of a cluster and its points are contiguous.
 * Invariant: centroids of a cluster are contiguous, in the order of clusters, and each cluster has one. */
#include <math.h>
#include <string.h>

#include "cluster/nearest.h"
#include "cluster/separators.h"
#include "core/alloc.h"
#include "core/status.h"

#define ROUNDS ((size_t)16)
#define PIECES ((size_t)512)

typedef struct growth {
    size_t n, d, k, m, most;
    float *points;     /* [n*d], cluster by cluster */
    size_t *first;     /* [k+1], of a cluster's points */
    float *centroids;  /* [most*d] */
    uint32_t *cluster; /* [most] */
    uint32_t *which;   /* [n], a centroid */
    uint32_t *group;   /* [n], of points: what the next centroids are the means of */
} growth;

static void growth_free(growth *g) {
    free(g->points);
    free(g->first);
    free(g->centroids);
    free(g->cluster);
    free(g->which);
    free(g->group);
}

static rs_status growth_init(growth *g, const float *points, const uint32_t *labels) {
    rs_status status = RS_OK;
    size_t n = g->n, d = g->d, k = g->k;
    size_t *cursor = NULL;
    g->most = n < k + PIECES ? n : k + PIECES;
    RS_TRY_ALLOC(g->points = rs_alloc_aligned(n * d, sizeof *g->points));
    RS_TRY_ALLOC(g->first = rs_alloc(k + 1, sizeof *g->first));
    RS_TRY_ALLOC(g->centroids = rs_alloc_aligned(g->most * d, sizeof *g->centroids));
    RS_TRY_ALLOC(g->cluster = rs_alloc(g->most, sizeof *g->cluster));
    RS_TRY_ALLOC(g->which = rs_alloc(n, sizeof *g->which));
    RS_TRY_ALLOC(g->group = rs_alloc(n, sizeof *g->group));
    for (size_t i = 0; i < n; i++) g->first[labels[i] + 1]++;
    for (size_t c = 0; c < k; c++) g->first[c + 1] += g->first[c];
    RS_TRY_ALLOC(cursor = rs_memdup(g->first, k, sizeof *cursor));
    for (size_t i = 0; i < n; i++) memcpy(g->points + cursor[labels[i]]++ * d, points + i * d, d * sizeof *points);
    for (size_t c = 0; c < k; c++)
        for (size_t i = g->first[c]; i < g->first[c + 1]; i++) g->group[i] = (uint32_t)c;
cleanup:
    free(cursor);
    return status;
}

/* Centroids become the means of `groups` groups; empty groups are dropped. A group has points of one cluster, and the
 * groups of a cluster are contiguous. */
static rs_status means(growth *g, size_t groups) {
    rs_status status = RS_OK;
    double *sums = NULL;
    size_t *counts = NULL, m = 0, d = g->d;
    RS_TRY_ALLOC(sums = rs_alloc(groups * d, sizeof *sums));
    RS_TRY_ALLOC(counts = rs_alloc(groups, sizeof *counts));
    for (size_t i = 0; i < g->n; i++) {
        counts[g->group[i]]++;
        for (size_t x = 0; x < d; x++) sums[g->group[i] * d + x] += (double)g->points[i * d + x];
    }
    uint32_t *cluster = g->which; /* of a group; groups <= n */
    for (size_t c = 0; c < g->k; c++)
        for (size_t i = g->first[c]; i < g->first[c + 1]; i++) cluster[g->group[i]] = (uint32_t)c;
    for (size_t j = 0; j < groups; j++) {
        if (!counts[j]) continue;
        for (size_t x = 0; x < d; x++) g->centroids[m * d + x] = (float)(sums[j * d + x] / (double)counts[j]);
        g->cluster[m++] = cluster[j];
    }
    g->m = m;
cleanup:
    free(sums);
    free(counts);
    return status;
}

/* Groups the points by their nearest centroid, and those that are misplaced by their cluster and that centroid. *misplaced is
 * how many these are, *groups how many groups; with more than `most`, groups mean nothing. */
static rs_status place(growth *g, size_t *misplaced, size_t *groups, const rs_context *ctx) {
    uint32_t *number = rs_alloc(g->m, sizeof *number); /* 1 + the group of a cluster's points near a foreign centroid */
    size_t count = 0, wrong = 0;
    if (!number) return RS_EMEMORY;
    rs_status status = rs_nearest(g->which, NULL, g->n, g->d, g->points, g->m, g->centroids, ctx);
    for (size_t c = 0, own = 0; status == RS_OK && c < g->k; c++) { /* own: the first centroid of c */
        size_t past = own, base = count;
        while (past < g->m && g->cluster[past] == c) past++;
        memset(number, 0, g->m * sizeof *number);
        count += past - own;
        for (size_t i = g->first[c]; i < g->first[c + 1]; i++) {
            uint32_t p = g->which[i];
            if (g->cluster[p] == c) {
                g->group[i] = (uint32_t)(base + p - own);
                continue;
            }
            if (!number[p]) number[p] = (uint32_t)++count;
            g->group[i] = number[p] - 1;
            wrong++;
        }
        own = past;
    }
    free(number);
    *misplaced = wrong;
    *groups = count;
    return status;
}

/* Each point joins the nearest centroid of its own cluster. */
static rs_status share_out(growth *g, const rs_context *ctx) {
    rs_status status = RS_OK;
    for (size_t c = 0, own = 0; status == RS_OK && c < g->k; c++) {
        size_t past = own, i = g->first[c];
        while (past < g->m && g->cluster[past] == c) past++;
        status = rs_nearest(g->group + i, NULL, g->first[c + 1] - i, g->d, g->points + i * g->d, past - own,
                            g->centroids + own * g->d, ctx);
        for (; status == RS_OK && i < g->first[c + 1]; i++) g->group[i] += (uint32_t)own;
        own = past;
    }
    return status;
}

rs_status rs_separators_grow(size_t *count, float **centroids, uint32_t **cluster, size_t n, size_t d,
                             const float *points, size_t k, const uint32_t *labels, const rs_context *ctx) {
    rs_status status = RS_OK;
    growth g = {.n = n, .d = d, .k = k};
    float *best = NULL;
    uint32_t *best_cluster = NULL;
    size_t best_m = 0, least = SIZE_MAX;
    RS_TRY(growth_init(&g, points, labels));
    RS_TRY_ALLOC(best = rs_alloc(g.most * d, sizeof *best));
    RS_TRY_ALLOC(best_cluster = rs_alloc(g.most, sizeof *best_cluster));
    RS_TRY(means(&g, k));
    for (size_t round = 0; round < ROUNDS; round++) {
        size_t misplaced, groups;
        RS_TRY(rs_context_check(ctx));
        RS_TRY(place(&g, &misplaced, &groups, ctx));
        if (misplaced < least) {
            least = misplaced;
            best_m = g.m;
            memcpy(best, g.centroids, g.m * d * sizeof *best);
            memcpy(best_cluster, g.cluster, g.m * sizeof *best_cluster);
        }
        if (!misplaced || groups > g.most || rs_context_expired(ctx)) break;
        RS_TRY(means(&g, groups));
        RS_TRY(share_out(&g, ctx));
        RS_TRY(means(&g, g.m));
    }
    *count = best_m;
    *centroids = best;
    *cluster = best_cluster;
    best = NULL;
    best_cluster = NULL;
cleanup:
    free(best);
    free(best_cluster);
    growth_free(&g);
    return status;
}
