/* Clusters as sets of prototypes, for shapes that one centroid does not describe. A fitted point that is a prototype is
 * at distance 0 from itself and from no other, so that methods that label the points themselves keep those labels. */
#include "cluster/prototypes.h"

#include <math.h>
#include <string.h>

#include "cluster/nearest.h"
#include "core/alloc.h"
#include "core/status.h"
#include "core/text.h"

enum { SHOWN = 4 };

typedef struct prototypes {
    rs_clustering base;
    size_t m;
    float *points;     /* [m*d] */
    uint32_t *cluster; /* [m] */
    size_t *sizes;     /* [k], fitted points */
    size_t *counts;    /* [k], prototypes */
    float *centroids;  /* [k*d], the mean of the fitted points */
    double *radii;     /* [k], distance of the farthest one from it */
} prototypes;

/* Numbers clusters and prototypes as points come, and drops the others. */
static rs_status number(prototypes *p, const uint32_t *which, size_t m, const float *points, const uint32_t *cluster) {
    rs_status status = RS_OK;
    size_t d = p->base.d;
    uint32_t *label = NULL, *kept = rs_alloc(m, sizeof *kept); /* 1 + the new number; 0: none yet */
    RS_TRY_ALLOC(kept);
    RS_TRY_ALLOC(label = rs_alloc(m, sizeof *label));
    for (size_t i = 0; i < p->base.n; i++) {
        uint32_t old = which[i];
        if (!label[cluster[old]]) label[cluster[old]] = (uint32_t)++p->base.k;
        if (!kept[old]) kept[old] = (uint32_t)++p->m;
        p->base.labels[i] = label[cluster[old]] - 1;
    }
    RS_TRY_ALLOC(p->points = rs_alloc_aligned(p->m * d, sizeof *p->points));
    RS_TRY_ALLOC(p->cluster = rs_alloc(p->m, sizeof *p->cluster));
    for (size_t old = 0; old < m; old++)
        if (kept[old]) {
            memcpy(p->points + (kept[old] - 1) * d, points + old * d, d * sizeof *points);
            p->cluster[kept[old] - 1] = label[cluster[old]] - 1;
        }
cleanup:
    free(kept);
    free(label);
    return status;
}

/* Sizes, centroids and radii. */
static rs_status measure(prototypes *p, const float *points) {
    rs_status status = RS_OK;
    size_t n = p->base.n, d = p->base.d, k = p->base.k;
    double *sums = rs_alloc(k * d, sizeof *sums);
    RS_TRY_ALLOC(sums);
    RS_TRY_ALLOC(p->sizes = rs_alloc(k, sizeof *p->sizes));
    RS_TRY_ALLOC(p->counts = rs_alloc(k, sizeof *p->counts));
    RS_TRY_ALLOC(p->centroids = rs_alloc(k * d, sizeof *p->centroids));
    RS_TRY_ALLOC(p->radii = rs_alloc(k, sizeof *p->radii));
    for (size_t i = 0; i < n; i++) {
        p->sizes[p->base.labels[i]]++;
        for (size_t x = 0; x < d; x++) sums[p->base.labels[i] * d + x] += (double)points[i * d + x];
    }
    for (size_t i = 0; i < p->m; i++) p->counts[p->cluster[i]]++;
    for (size_t i = 0; i < k * d; i++) p->centroids[i] = (float)(sums[i] / (double)p->sizes[i / d]);
    for (size_t i = 0; i < n; i++) {
        size_t j = p->base.labels[i];
        p->radii[j] = fmax(p->radii[j], sqrt(rs_squared_distance(d, points + i * d, p->centroids + j * d)));
    }
cleanup:
    free(sums);
    return status;
}

rs_status rs_prototypes_new(rs_clustering **out, const rs_cluster_vtable *vtable, size_t n, size_t d,
                            const float *points, const uint32_t *which, size_t m, const float *prototype_points,
                            const uint32_t *cluster) {
    rs_status status = RS_OK;
    prototypes *p = rs_alloc(1, sizeof *p);
    RS_TRY_ALLOC(p);
    p->base = (rs_clustering){.vtable = vtable, .n = n, .d = d};
    RS_TRY_ALLOC(p->base.labels = rs_alloc(n, sizeof *p->base.labels));
    RS_TRY(number(p, which, m, prototype_points, cluster));
    RS_TRY(measure(p, points));
    *out = &p->base;
    p = NULL;
cleanup:
    if (p) rs_prototypes_free(&p->base);
    return status;
}

rs_status rs_prototypes_assign(const rs_clustering *c, size_t m, const float *points, uint32_t *labels,
                               const rs_context *ctx) {
    const prototypes *p = (const prototypes *)c;
    rs_status status = rs_nearest(labels, NULL, m, c->d, points, p->m, p->points, ctx);
    if (status != RS_OK) return status;
    for (size_t i = 0; i < m; i++) labels[i] = p->cluster[labels[i]];
    return RS_OK;
}

rs_status rs_prototypes_describe(char **out, const rs_clustering *c, size_t i) {
    const prototypes *p = (const prototypes *)c;
    rs_text text = {0};
    rs_text_add(&text, "%zu point%s around (", p->sizes[i], p->sizes[i] == 1 ? "" : "s");
    for (size_t x = 0; x < c->d && x < SHOWN; x++)
        rs_text_add(&text, "%s%.3g", x ? ", " : "", (double)p->centroids[i * c->d + x]);
    rs_text_add(&text, "%s), radius %.3g, %zu prototype%s", c->d > SHOWN ? ", ..." : "", p->radii[i], p->counts[i],
                p->counts[i] == 1 ? "" : "s");
    return rs_text_take(out, &text);
}

void rs_prototypes_free(rs_clustering *c) {
    prototypes *p = (prototypes *)c;
    free(p->base.labels);
    free(p->points);
    free(p->cluster);
    free(p->sizes);
    free(p->counts);
    free(p->centroids);
    free(p->radii);
    free(p);
}
