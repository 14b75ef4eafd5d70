/* Clusters as the components of a Gaussian mixture (mixture.c), full or diagonal.
 *
 * Points are centred and scaled to a mean variance of 1 first. A number of clusters of 0 is chosen: the one with the
 * least BIC = -2 log p + (number of parameters) log n (Schwarz, Ann. Stat. 6(2), 1978, doi:10.1214/aos/1176344136) on a
 * sample of at most SAMPLE points. Numbers grow by the factor 1.4 until two in a row are worse than the best; then the
 * gaps beside the best one are halved.
 *
 * Invariant: a point, fitted or new, belongs to the component that most likely made it. Components that are it for no
 * fitted point are dropped. */
#include "cluster/gmm.h"

#include <math.h>
#include <string.h>

#include "cluster/sample.h"
#include "core/alloc.h"
#include "core/status.h"
#include "core/text.h"

enum { SAMPLE = 5000, SHOWN = 4, MOST = 1 << 25 /* numbers in all covariances */ };
static const uint64_t stream_sample = 0x676d6d0000000000u; /* of ctx->seed */

typedef struct gmm {
    rs_clustering base;
    rs_mixture model;
    double *centre, scale; /* [d] */
    size_t *sizes;         /* [k], fitted points */
} gmm;

static void gmm_free(rs_clustering *c) {
    gmm *g = (gmm *)c;
    rs_mixture_free(&g->model);
    free(g->base.labels);
    free(g->centre);
    free(g->sizes);
    free(g);
}

/* Centred and scaled. What is absurdly far is brought to where squares do not overflow. */
static void transform(const gmm *g, size_t n, const float *restrict points, float *restrict out) {
    for (size_t i = 0; i < n; i++)
        for (size_t x = 0; x < g->base.d; x++) {
            double z = ((double)points[i * g->base.d + x] - g->centre[x]) * g->scale;
            z = z > 1e12 ? 1e12 : z;
            z = z < -1e12 ? -1e12 : z;
            out[i * g->base.d + x] = (float)z;
        }
}

static void standardise(gmm *g, size_t n, const float *points) {
    size_t d = g->base.d;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t x = 0; x < d; x++) g->centre[x] += (double)points[i * d + x];
    for (size_t x = 0; x < d; x++) g->centre[x] /= (double)n;
    for (size_t i = 0; i < n; i++) {
        double sums[4] = {0};
        size_t x = 0;
        for (; x + 4 <= d; x += 4)
            for (size_t l = 0; l < 4; l++) {
                double difference = (double)points[i * d + x + l] - g->centre[x + l];
                sums[l] += difference * difference;
            }
        for (; x < d; x++)
            sums[0] += ((double)points[i * d + x] - g->centre[x]) * ((double)points[i * d + x] - g->centre[x]);
        sum += (sums[0] + sums[1]) + (sums[2] + sums[3]);
    }
    g->scale = sum > 0 ? sqrt((double)(n * d) / sum) : 1;
}

static rs_status assign(const rs_clustering *c, size_t n, const float *points, uint32_t *labels,
                        const rs_context *ctx) {
    const gmm *g = (const gmm *)c;
    float *z = rs_alloc_aligned(n * c->d, sizeof *z);
    if (!z) return RS_EMEMORY;
    transform(g, n, points, z);
    rs_status status = rs_mixture_assign(labels, &g->model, n, z, ctx);
    free(z);
    return status;
}

/* The numbers of clusters that were tried: the best one and its neighbours. */
typedef struct choice {
    bool full;
    size_t n, d;
    float *points; /* [n*d] */
    size_t below, best, above;
    double bic; /* of the best */
} choice;

/* The BIC of k components; *k becomes their number when it is less. */
static rs_status try(double *bic, size_t *k, const choice *c, const rs_cluster_options *o, const rs_context *ctx) {
    rs_mixture m;
    double likelihood, d = (double)c->d;
    rs_status status = rs_mixture_fit(&m, &likelihood, c->full, *k, c->n, c->d, c->points, o, ctx);
    if (status != RS_OK) return status;
    *k = m.k;
    double parameters = (double)m.k * (1 + d + (c->full ? d * (d + 1) / 2 : d)) - 1;
    *bic = -2 * likelihood + parameters * log((double)c->n);
    rs_mixture_free(&m);
    rs_context_log(ctx, 2, "gmm: %zu components have BIC %.6g", *k, *bic);
    return RS_OK;
}

static rs_status choose(size_t *out, bool full, size_t n, size_t d, const float *points, const rs_cluster_options *o,
                        const rs_context *ctx) {
    rs_status status = RS_OK;
    choice c = {.full = full, .n = n < SAMPLE ? n : SAMPLE, .d = d, .best = 1, .below = 1, .above = 1, .bic = INFINITY};
    size_t most = o->max_clusters < c.n ? o->max_clusters : c.n, worse = 0, *chosen = rs_alloc(c.n, sizeof *chosen);
    rs_random random = rs_random_new(rs_context_seed(ctx), stream_sample);
    double bic;
    RS_TRY_ALLOC(chosen);
    RS_TRY_ALLOC(c.points = rs_alloc_aligned(c.n * d, sizeof *c.points));
    rs_subset(chosen, c.n, n, &random);
    for (size_t i = 0; i < c.n; i++) memcpy(c.points + i * d, points + chosen[i] * d, d * sizeof *points);
    for (size_t k = 0, last = 1; k < most && worse < 2 && !(k && rs_context_expired(ctx)); last = k) {
        size_t next = k + (k * 2 + 4) / 5 + !k, got = next < most ? next : most;
        k = got;
        RS_TRY(try(&bic, &got, &c, o, ctx));
        if (got < k) most = k; /* fewer distinct points: there are no more */
        if (bic < c.bic) {
            c.below = last;
            c.best = c.above = k;
            c.bic = bic;
            worse = 0;
        } else if (++worse == 1) c.above = k;
    }
    while ((c.best - c.below > 1 || c.above - c.best > 1) && !rs_context_expired(ctx)) {
        bool up = c.above - c.best > c.best - c.below;
        size_t k = up ? c.best + (c.above - c.best) / 2 : c.below + (c.best - c.below) / 2, got = k;
        RS_TRY(try(&bic, &got, &c, o, ctx));
        if (bic < c.bic) {
            *(up ? &c.below : &c.above) = c.best;
            c.best = k;
            c.bic = bic;
        } else *(up ? &c.above : &c.below) = k;
    }
    *out = c.best;
cleanup:
    free(chosen);
    free(c.points);
    return status;
}

/* The most likely of the seeded runs, the first on ties. */
static rs_status run_best(rs_mixture *out, bool full, size_t k, size_t n, size_t d, const float *points,
                          const rs_cluster_options *o, const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_mixture best = {0}, next;
    double most = -INFINITY, likelihood;
    rs_context own = ctx ? *ctx : *rs_context_default();
    for (size_t i = 0; i < o->restarts && !(i && rs_context_expired(ctx)); i++, own.seed++) {
        RS_TRY(rs_mixture_fit(&next, &likelihood, full, k, n, d, points, o, &own));
        bool better = !i || likelihood > most;
        rs_mixture_free(better ? &best : &next);
        if (better) {
            best = next;
            most = likelihood;
        }
    }
    *out = best;
    return RS_OK;
cleanup:
    rs_mixture_free(&best);
    return status;
}

/* Drops the components that are largest for no point, and numbers the others as points come. */
static rs_status renumber(gmm *g) {
    rs_status status = RS_OK;
    rs_mixture *old = &g->model, m = {0};
    uint32_t *label = rs_alloc(old->k, sizeof *label), count = 0; /* 1 + the new number */
    RS_TRY_ALLOC(label);
    for (size_t i = 0; i < g->base.n; i++) {
        uint32_t *new = label + g->base.labels[i];
        if (!*new) *new = ++count;
        g->base.labels[i] = *new - 1;
    }
    RS_TRY(rs_mixture_new(&m, old->full, count, old->d));
    RS_TRY_ALLOC(g->sizes = rs_alloc(count, sizeof *g->sizes));
    for (size_t i = 0; i < g->base.n; i++) g->sizes[g->base.labels[i]]++;
    for (size_t j = 0; j < old->k; j++) {
        if (!label[j]) continue;
        size_t to = label[j] - 1;
        memcpy(m.means + to * m.d, old->means + j * m.d, m.d * sizeof *m.means);
        memcpy(m.roots + to * m.area, old->roots + j * m.area, m.area * sizeof *m.roots);
        m.constants[to] = old->constants[j];
        m.weights[to] = old->weights[j];
        m.spreads[to] = old->spreads[j];
    }
    g->base.k = count;
    rs_mixture_free(old);
    *old = m;
cleanup:
    if (status != RS_OK) rs_mixture_free(&m);
    free(label);
    return status;
}

static rs_status fit(rs_clustering **out, const rs_cluster_vtable *vtable, bool full, size_t n, size_t d,
                     const float *points, const rs_cluster_options *o, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t k = o->clusters;
    float *z = NULL;
    gmm *g = rs_alloc(1, sizeof *g);
    RS_TRY_ALLOC(g);
    g->base = (rs_clustering){.vtable = vtable, .n = n, .d = d};
    if (full && d > MOST / d / (k ? k : o->max_clusters)) {
        status =
            rs_fail(RS_EUSAGE, "%zu full covariances of dimension %zu are too many: use gmm-diagonal or fewer clusters",
                    k ? k : o->max_clusters, d);
        goto cleanup;
    }
    RS_TRY_ALLOC(g->centre = rs_alloc(d, sizeof *g->centre));
    RS_TRY_ALLOC(g->base.labels = rs_alloc(n, sizeof *g->base.labels));
    RS_TRY_ALLOC(z = rs_alloc_aligned(n * d, sizeof *z));
    standardise(g, n, points);
    transform(g, n, points, z);
    if (!k) RS_TRY(choose(&k, full, n, d, z, o, ctx));
    RS_TRY(run_best(&g->model, full, k, n, d, z, o, ctx));
    RS_TRY(rs_mixture_assign(g->base.labels, &g->model, n, z, ctx));
    RS_TRY(renumber(g));
    rs_context_log(ctx, 1, "%s: %zu points in %zu clusters", vtable->name, n, g->base.k);
    rs_context_progress(ctx, "cluster", 1);
    *out = &g->base;
    g = NULL;
cleanup:
    free(z);
    if (g) gmm_free(&g->base);
    return status;
}

static rs_status fit_full(rs_clustering **out, size_t n, size_t d, const float *points, const rs_cluster_options *o,
                          const rs_context *ctx) {
    return fit(out, &rs_cluster_gmm, true, n, d, points, o, ctx);
}

static rs_status fit_diagonal(rs_clustering **out, size_t n, size_t d, const float *points, const rs_cluster_options *o,
                              const rs_context *ctx) {
    return fit(out, &rs_cluster_gmm_diagonal, false, n, d, points, o, ctx);
}

static rs_status describe(char **out, const rs_clustering *c, size_t i) {
    const gmm *g = (const gmm *)c;
    rs_text text = {0};
    rs_text_add(&text, "normal around (");
    for (size_t x = 0; x < c->d && x < SHOWN; x++)
        rs_text_add(&text, "%s%.3g", x ? ", " : "", (double)g->model.means[i * c->d + x] / g->scale + g->centre[x]);
    rs_text_add(&text, "%s), standard deviation %.3g, weight %.3g, %zu point%s", c->d > SHOWN ? ", ..." : "",
                g->model.spreads[i] / g->scale, g->model.weights[i], g->sizes[i], g->sizes[i] == 1 ? "" : "s");
    return rs_text_take(out, &text);
}

const rs_mixture *rs_gmm_model(const rs_clustering *c, const double **centre, double *scale) {
    const gmm *g = (const gmm *)c;
    *centre = g->centre;
    *scale = g->scale;
    return &g->model;
}

const rs_cluster_vtable rs_cluster_gmm = {
    .name = "gmm",
    .summary = "mixture of normal distributions with full covariances; k as given or by BIC",
    .fit = fit_full,
    .assign = assign,
    .describe = describe,
    .free = gmm_free,
};

const rs_cluster_vtable rs_cluster_gmm_diagonal = {
    .name = "gmm-diagonal",
    .summary = "mixture of normal distributions with diagonal covariances; k as given or by BIC",
    .fit = fit_diagonal,
    .assign = assign,
    .describe = describe,
    .free = gmm_free,
};
