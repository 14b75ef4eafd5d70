#include "cluster/density.h"

#include <math.h>
#include <string.h>

#include "cluster/distinct.h"
#include "cluster/neighbours.h"
#include "core/alloc.h"
#include "core/status.h"
#include "core/text.h"

enum { SHOWN = 4, MIN_POINTS = 5 };

typedef struct density {
    rs_clustering base;
    rs_cells *members;      /* the points in clusters, equal ones once, in order; NULL: none */
    uint32_t *member_label; /* [members], of the first of equal ones */
    size_t *sizes, *noise;  /* [k], points; those of them that were noise */
    double *means;          /* [k*d] */
} density;

void rs_density_free(rs_clustering *c) {
    density *m = (density *)c;
    rs_cells_free(m->members);
    free(m->member_label);
    free(m->sizes);
    free(m->noise);
    free(m->means);
    free(m->base.labels);
    free(m);
}

/* kept[label] = the cluster's number or RS_NOISE; returns how many are kept. */
static rs_status keep(size_t *count, uint32_t *kept /* [n] */, size_t n, const uint32_t *labels, size_t most) {
    rs_status status = RS_OK;
    rs_keyed *order = rs_alloc(n, sizeof *order);
    RS_TRY_ALLOC(order);
    for (size_t i = 0; i < n; i++) {
        order[i] = (rs_keyed){0, (uint32_t)i};
        kept[i] = RS_NOISE;
    }
    for (size_t i = 0; i < n; i++)
        if (labels[i] != RS_NOISE) order[labels[i]].key--; /* the largest cluster comes first */
    qsort(order, n, sizeof *order, rs_keyed_order);
    for (size_t i = 0; i < n && i < most && order[i].key < 0; i++) kept[order[i].index] = 0;
    *count = 0;
    memset(order, 0, n * sizeof *order); /* now: whether a label has its number */
    for (size_t i = 0; i < n; i++) {
        if (labels[i] == RS_NOISE || kept[labels[i]] == RS_NOISE || order[labels[i]].index) continue;
        order[labels[i]].index = 1;
        kept[labels[i]] = (uint32_t)(*count)++;
    }
cleanup:
    free(order);
    return status;
}

/* Drops clusters that lost all their points to equal points of others: no member has such a label. */
static void compact(density *m, uint32_t *number /* [k] */) {
    size_t k = 0;
    for (size_t i = 0; i < m->base.n; i++) m->sizes[m->base.labels[i]]++;
    for (size_t j = 0; j < m->base.k; j++) {
        number[j] = (uint32_t)k;
        if (m->sizes[j]) m->sizes[k++] = m->sizes[j];
    }
    for (size_t i = 0; i < m->base.n; i++) m->base.labels[i] = number[m->base.labels[i]];
    for (size_t i = 0; m->members && i < m->members->n; i++) m->member_label[i] = number[m->member_label[i]];
    m->base.k = k;
}

/* The points whose being noise is `noise`: their numbers and coordinates. */
static size_t select_points(uint32_t *which, float *rows, const density *m, const float *points, const uint32_t *labels,
                            bool noise) {
    size_t count = 0, d = m->base.d;
    for (size_t i = 0; i < m->base.n; i++) {
        if ((labels[i] == RS_NOISE) != noise) continue;
        memcpy(rows + count * d, points + i * d, d * sizeof *rows);
        which[count++] = (uint32_t)i;
    }
    return count;
}

/* The members, and labels by the rule of assign; labels[n] are numbers below k or RS_NOISE. */
static rs_status settle(density *m, const float *points, const uint32_t *labels, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t n = m->base.n, d = m->base.d, count;
    rs_distinct distinct = {0};
    uint32_t *which = NULL, *nearest = NULL;
    float *rows = NULL;
    RS_TRY_ALLOC(which = rs_alloc(n, sizeof *which));
    RS_TRY_ALLOC(nearest = rs_alloc(n, sizeof *nearest));
    RS_TRY_ALLOC(rows = rs_alloc_aligned(n * d, sizeof *rows));
    count = select_points(which, rows, m, points, labels, false);
    if (!count) goto cleanup;
    RS_TRY(rs_distinct_new(&distinct, count, d, rows));
    RS_TRY_ALLOC(m->member_label = rs_alloc(distinct.m, sizeof *m->member_label));
    for (size_t i = count; i-- > 0;) m->member_label[distinct.which[i]] = labels[which[i]];
    for (size_t i = 0; i < count; i++) m->base.labels[which[i]] = m->member_label[distinct.which[i]];
    RS_TRY(rs_cells_new(&m->members, distinct.m, d, distinct.points, ctx));
    count = select_points(which, rows, m, points, labels, true);
    RS_TRY(rs_density_assign(&m->base, count, rows, nearest, ctx));
    for (size_t i = 0; i < count; i++) m->base.labels[which[i]] = nearest[i];
cleanup:
    rs_distinct_free(&distinct);
    free(which);
    free(nearest);
    free(rows);
    return status;
}

rs_status rs_density_new(rs_clustering **out, const rs_cluster_vtable *vtable, size_t n, size_t d, const float *points,
                         const uint32_t *labels, size_t max_clusters, const rs_context *ctx) {
    rs_status status = RS_OK;
    uint32_t *kept = NULL, *label = NULL;
    size_t k, noise = 0;
    density *m = rs_alloc(1, sizeof *m);
    RS_TRY_ALLOC(m);
    RS_TRY_ALLOC(kept = rs_alloc(n, sizeof *kept));
    RS_TRY_ALLOC(label = rs_alloc(n, sizeof *label));
    RS_TRY(keep(&k, kept, n, labels, max_clusters));
    for (size_t i = 0; i < n; i++) label[i] = labels[i] == RS_NOISE ? RS_NOISE : kept[labels[i]];
    m->base = (rs_clustering){.vtable = vtable, .n = n, .d = d, .k = k ? k : 1};
    RS_TRY_ALLOC(m->base.labels = rs_alloc(n, sizeof *m->base.labels));
    RS_TRY_ALLOC(m->sizes = rs_alloc(m->base.k, sizeof *m->sizes));
    RS_TRY_ALLOC(m->noise = rs_alloc(m->base.k, sizeof *m->noise));
    RS_TRY_ALLOC(m->means = rs_alloc(m->base.k * d, sizeof *m->means));
    RS_TRY(settle(m, points, label, ctx));
    compact(m, kept);
    for (size_t i = 0; i < n; i++) {
        m->noise[m->base.labels[i]] += label[i] == RS_NOISE;
        noise += label[i] == RS_NOISE;
        for (size_t x = 0; x < d; x++) m->means[m->base.labels[i] * d + x] += (double)points[i * d + x];
    }
    for (size_t j = 0; j < m->base.k; j++)
        for (size_t x = 0; x < d; x++) m->means[j * d + x] /= (double)m->sizes[j];
    rs_context_log(ctx, 1, "%s: %zu points in %zu clusters, %zu of them noise", vtable->name, n, m->base.k, noise);
    rs_context_progress(ctx, "cluster", 1);
    *out = &m->base;
    m = NULL;
cleanup:
    free(kept);
    free(label);
    if (m) rs_density_free(&m->base);
    return status;
}

rs_status rs_density_assign(const rs_clustering *c, size_t m, const float *points, uint32_t *labels,
                            const rs_context *ctx) {
    const density *model = (const density *)c;
    memset(labels, 0, m * sizeof *labels);
    if (!model->members) return RS_OK;
    rs_status status = rs_cells_nearest(labels, model->members, m, points, ctx);
    if (status == RS_OK)
        for (size_t i = 0; i < m; i++) labels[i] = model->member_label[labels[i]];
    return status;
}

rs_status rs_density_describe(char **out, const rs_clustering *c, size_t i) {
    const density *m = (const density *)c;
    rs_text text = {0};
    for (size_t x = 0; x < c->d && x < SHOWN; x++)
        rs_text_add(&text, "%s%.3g", x ? ", " : "dense around (", m->means[i * c->d + x]);
    rs_text_add(&text, "%s), %zu point%s, %zu of them noise", c->d > SHOWN ? ", ..." : "", m->sizes[i],
                m->sizes[i] == 1 ? "" : "s", m->noise[i]);
    return rs_text_take(out, &text);
}

size_t rs_density_noise(const rs_clustering *c) {
    const density *m = (const density *)c;
    size_t noise = 0;
    for (size_t i = 0; i < c->k; i++) noise += m->noise[i];
    return noise;
}

size_t rs_density_min_points(const rs_cluster_options *options, size_t n) {
    size_t min_points = options->min_points ? options->min_points : MIN_POINTS;
    return min_points < n ? min_points : n;
}

rs_status rs_density_check(const char *name, double length) {
    if (length >= 0 && isfinite(length)) return RS_OK;
    return rs_fail(RS_EUSAGE, "%s is %g; it must be positive, or 0 to be chosen", name, length);
}
