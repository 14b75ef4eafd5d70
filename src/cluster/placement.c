/* Given clusters get the simplest description that places their points: one centroid a cluster, one linear function a
 * cluster, several centroids a cluster.
 *
 * All three have pieces p with scores s_p(x), and x belongs to the cluster of the piece with the largest: w_p.x + b_p, or
 * -|x - c_p|^2, which is linear too but for a term that all share: w = 2c, b = -|c|^2. So the hyperplane where a piece q
 * draws level with the best one p is (s_p - s_q) / |w_p - w_q| away from x. A point that moves by less than the least of these
 * over all pieces of other clusters keeps its cluster. */
#include <limits.h>
#include <math.h>
#include <string.h>

#include "cluster/method.h"
#include "cluster/nearest.h"
#include "cluster/scores.h"
#include "cluster/separators.h"
#include "cluster/single.h"
#include "core/alloc.h"
#include "core/status.h"
#include "core/text.h"

enum { SHOWN = 4 };

typedef struct model {
    rs_clustering base;
    size_t m;          /* pieces */
    float *w;          /* [m*d], or centroids */
    double *b;         /* [m]; NULL: centroids */
    uint32_t *cluster; /* [m] */
    size_t *sizes;     /* [k], given points */
    uint32_t *which;   /* [n], pieces; while it is made */
    rs_placement how;
} model;

static void model_free(rs_clustering *c) {
    model *p = (model *)c;
    if (!p) return;
    free(p->base.labels);
    free(p->w);
    free(p->b);
    free(p->cluster);
    free(p->sizes);
    free(p->which);
    free(p);
}

static rs_scores scores(const model *p) {
    return (rs_scores){p->base.d, p->m, p->w, p->b};
}

/* The best piece of each point; the lowest on ties. */
static rs_status place(const model *p, size_t n, const float *points, uint32_t *which, const rs_context *ctx) {
    rs_scores s = scores(p);
    if (!p->b) return rs_nearest(which, NULL, n, p->base.d, points, p->m, p->w, ctx);
    rs_scores_best(which, &s, n, points, ctx);
    return RS_OK;
}

static rs_status assign(const rs_clustering *c, size_t m, const float *points, uint32_t *labels, const rs_context *ctx) {
    const model *p = (const model *)c;
    rs_status status = place(p, m, points, labels, ctx);
    for (size_t i = 0; status == RS_OK && i < m; i++) labels[i] = p->cluster[labels[i]];
    return status;
}

static rs_status describe(char **out, const rs_clustering *c, size_t i) {
    const model *p = (const model *)c;
    rs_text text = {0};
    size_t pieces = 0, first = p->m;
    for (size_t q = p->m; q-- > 0;)
        if (p->cluster[q] == i) {
            pieces++;
            first = q;
        }
    rs_text_add(&text, "%zu point%s, ", p->sizes[i], p->sizes[i] == 1 ? "" : "s");
    if (pieces > 1) rs_text_add(&text, "%zu centroids, the first ", pieces);
    else rs_text_add(&text, p->b ? "largest score w.x + b, w " : "centroid ");
    for (size_t x = 0; x < c->d && x < SHOWN; x++)
        rs_text_add(&text, "%s%.3g", x ? ", " : "(", (double)p->w[first * c->d + x]);
    rs_text_add(&text, c->d > SHOWN ? ", ...)" : ")");
    if (p->b) rs_text_add(&text, ", b %.3g", p->b[first]);
    return rs_text_take(out, &text);
}

/* No fit: not in the registry. */
static const rs_cluster_vtable table = {"placement", "given clusters", NULL, assign, describe, model_free};

/* How far x, which centroid p is nearest to, is from where q draws level. */
static double distance(const model *m, const float *x, size_t p, size_t q) {
    size_t d = m->base.d;
    double apart = sqrt(rs_squared_distance(d, m->w + p * d, m->w + q * d));
    double ahead = 0.5 * (rs_squared_distance(d, x, m->w + q * d) - rs_squared_distance(d, x, m->w + p * d));
    return apart > 0 ? ahead / apart : ahead > 0 ? INFINITY : 0;
}

/* Lower bound of it, cheaply: ahead / apart >= (|x - q| - |x - p|) / 2. */
static bool farther(const model *m, const float *x, double own, size_t q, double than) {
    double other = sqrt(rs_single_distance(m->base.d, x, m->w + q * m->base.d));
    return 0.5 * (other - own) - 1e-6 * ((double)m->base.d + 4) * (other + own) >= than;
}

/* The least over the points that are placed right; INFINITY when there is one cluster, 0 when no point is. */
static rs_status margin(double *out, const model *p, const float *points, const uint32_t *labels) {
    double least = INFINITY;
    bool any = false;
    rs_scores s = scores(p);
    if (p->b) return rs_scores_margin(out, &s, p->base.n, points, p->which, labels);
    for (size_t i = 0; i < p->base.n; i++) {
        const float *x = points + i * p->base.d;
        uint32_t best = p->which[i];
        if (p->cluster[best] != labels[i]) continue;
        any = true;
        double own = sqrt(rs_single_distance(p->base.d, x, p->w + best * p->base.d));
        for (size_t q = 0; q < p->m; q++) {
            if (p->cluster[q] == labels[i] || farther(p, x, own, q, least)) continue;
            least = fmin(least, distance(p, x, best, q));
        }
    }
    *out = any ? least : 0;
    return RS_OK;
}

/* Takes w, b and cluster over, and places the points. */
static rs_status model_new(model **out, const char *kind, size_t m, float **w, double **b, uint32_t **cluster, size_t n,
                           size_t d, const float *points, size_t k, const uint32_t *labels, const rs_context *ctx) {
    rs_status status = RS_OK;
    model *p = rs_alloc(1, sizeof *p);
    RS_TRY_ALLOC(p);
    p->base = (rs_clustering){.vtable = &table, .n = n, .d = d, .k = k};
    p->m = m;
    p->w = *w;
    p->b = b ? *b : NULL;
    p->cluster = *cluster;
    *w = NULL;
    *cluster = NULL;
    if (b) *b = NULL;
    RS_TRY_ALLOC(p->base.labels = rs_alloc(n, sizeof *p->base.labels));
    RS_TRY_ALLOC(p->which = rs_alloc(n, sizeof *p->which));
    RS_TRY_ALLOC(p->sizes = rs_alloc(k, sizeof *p->sizes));
    RS_TRY(place(p, n, points, p->which, ctx));
    p->how = (rs_placement){.kind = kind, .pieces = m};
    for (size_t i = 0; i < n; i++) {
        p->base.labels[i] = p->cluster[p->which[i]];
        p->how.misplaced += p->base.labels[i] != labels[i];
        p->sizes[labels[i]]++;
    }
    *out = p;
    p = NULL;
cleanup:
    if (p) model_free(&p->base);
    return status;
}

/* Keeps the better one: fewer misplaced, on ties the one that was there. */
static void keep(model **best, model *p) {
    if (!*best || p->how.misplaced < (*best)->how.misplaced) {
        model *other = *best;
        *best = p;
        p = other;
    }
    if (p) model_free(&p->base);
}

static rs_status by_centroids(model **best, size_t n, size_t d, const float *points, size_t k, const uint32_t *labels,
                              const rs_context *ctx) {
    rs_status status = RS_OK;
    double *sums = NULL;
    size_t *counts = NULL;
    float *w = NULL;
    uint32_t *cluster = NULL;
    RS_TRY_ALLOC(sums = rs_alloc(k * d, sizeof *sums));
    RS_TRY_ALLOC(counts = rs_alloc(k, sizeof *counts));
    RS_TRY_ALLOC(w = rs_alloc(k * d, sizeof *w));
    RS_TRY_ALLOC(cluster = rs_alloc(k, sizeof *cluster));
    for (size_t i = 0; i < n; i++) {
        counts[labels[i]]++;
        for (size_t x = 0; x < d; x++) sums[labels[i] * d + x] += (double)points[i * d + x];
    }
    for (size_t c = 0; c < k; c++) {
        cluster[c] = (uint32_t)c;
        if (!counts[c]) {
            status = rs_fail(RS_EUSAGE, "cluster %zu of %zu has no point to describe it by", c, k);
            goto cleanup;
        }
        for (size_t x = 0; x < d; x++) w[c * d + x] = (float)(sums[c * d + x] / (double)counts[c]);
    }
    RS_TRY(model_new(best, "centroids", k, &w, NULL, &cluster, n, d, points, k, labels, ctx));
cleanup:
    free(sums);
    free(counts);
    free(w);
    free(cluster);
    return status;
}

static rs_status by_separators(model **best, size_t n, size_t d, const float *points, size_t k, const uint32_t *labels,
                               const rs_context *ctx) {
    rs_status status = RS_OK;
    model *p = NULL;
    double *b = NULL;
    float *w = NULL;
    uint32_t *cluster = NULL;
    bool trained = false;
    RS_TRY_ALLOC(w = rs_alloc(k * d, sizeof *w));
    RS_TRY_ALLOC(b = rs_alloc(k, sizeof *b));
    RS_TRY_ALLOC(cluster = rs_alloc(k, sizeof *cluster));
    for (size_t c = 0; c < k; c++) cluster[c] = (uint32_t)c;
    RS_TRY(rs_separators_train(&trained, w, b, n, d, points, k, labels, ctx));
    if (!trained) goto cleanup;
    RS_TRY(model_new(&p, "linear separators", k, &w, &b, &cluster, n, d, points, k, labels, ctx));
    keep(best, p);
cleanup:
    free(w);
    free(b);
    free(cluster);
    return status;
}

static rs_status by_pieces(model **best, size_t n, size_t d, const float *points, size_t k, const uint32_t *labels,
                           const rs_context *ctx) {
    rs_status status = RS_OK;
    model *p = NULL;
    float *w = NULL;
    uint32_t *cluster = NULL;
    size_t m = 0;
    RS_TRY(rs_separators_grow(&m, &w, &cluster, n, d, points, k, labels, ctx));
    RS_TRY(model_new(&p, "several centroids", m, &w, NULL, &cluster, n, d, points, k, labels, ctx));
    keep(best, p);
cleanup:
    free(w);
    free(cluster);
    return status;
}

rs_status rs_cluster_from_labels(rs_clustering **out, rs_placement *placement, size_t n, size_t d, const float *points,
                                 size_t k, const uint32_t *labels, const rs_context *ctx) {
    rs_status status = RS_OK;
    model *best = NULL;
    if (!n || !d || !k || k > n) return rs_fail(RS_EUSAGE, "nothing to describe: %zu clusters of %zu points", k, n);
    if (n > INT_MAX || d > INT_MAX)
        return rs_fail(RS_EUSAGE, "too much to describe: %zu points of dimension %zu; each may be %d", n, d, INT_MAX);
    for (size_t i = 0; i < n; i++)
        if (labels[i] >= k) return rs_fail(RS_EUSAGE, "point %zu has cluster %u of %zu", i, (unsigned)labels[i], k);
    RS_TRY(rs_cluster_check_finite(n, d, points));
    RS_TRY(by_centroids(&best, n, d, points, k, labels, ctx));
    if (best->how.misplaced) RS_TRY(by_separators(&best, n, d, points, k, labels, ctx));
    if (best->how.misplaced) RS_TRY(by_pieces(&best, n, d, points, k, labels, ctx));
    RS_TRY(margin(&best->how.margin, best, points, labels));
    free(best->which);
    best->which = NULL;
    *placement = best->how;
    *out = &best->base;
    best = NULL;
cleanup:
    if (best) model_free(&best->base);
    return status;
}
