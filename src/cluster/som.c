/* Self-organising map: the units of a small grid go through the points together with their neighbours. Kohonen,
 * "Self-organized formation of topologically correct feature maps", Biol. Cybern. 43, 1982, doi:10.1007/BF00337288; the
 * batch form of Kohonen, "Self-Organizing Maps", 1995, section 3.6, which has no learning rate and does not depend on
 * the order of points.
 *
 * With U units asked for, the grid has r rows, the largest divisor of U up to sqrt(U), and U/r columns. Without, U is 5
 * sqrt(n) (Vesanto's rule), max_clusters at most, made smaller until the grid is no longer than twice its width. Units
 * start on the plane of the two principal axes, from -2 to 2 standard deviations, so that nothing is random. The
 * neighbourhood's width shrinks from half the longer side to 0.5 in equal ratios over `iterations` steps. Clusters are
 * the units that are nearest to some point in the end; new points get the nearest.
 *
 * Invariant: sums run over the points in order. Cost: iterations n U d. */
#include "cluster/som.h"

#include <math.h>
#include <string.h>

#include "cluster/centroids.h"
#include "cluster/nearest.h"
#include "cluster/projection.h"
#include "core/alloc.h"
#include "core/status.h"

rs_status rs_som_step(size_t rows, size_t columns, double width, float *units, size_t n, size_t d, const float *points,
                      const uint32_t *labels) {
    rs_status status = RS_OK;
    size_t U = rows * columns;
    double *sums = rs_alloc(U, d * sizeof *sums), *sizes = NULL, *mean = NULL;
    RS_TRY_ALLOC(sums);
    RS_TRY_ALLOC(sizes = rs_alloc(U, sizeof *sizes));
    RS_TRY_ALLOC(mean = rs_alloc(d, sizeof *mean));
    for (size_t i = 0; i < n; i++) {
        double *sum = sums + labels[i] * d;
        sizes[labels[i]]++;
        for (size_t x = 0; x < d; x++) sum[x] += (double)points[i * d + x];
    }
    for (size_t u = 0; u < U; u++) {
        double total = 0;
        memset(mean, 0, d * sizeof *mean);
        for (size_t v = 0; v < U; v++) {
            double down = (double)(u / columns) - (double)(v / columns),
                   right = (double)(u % columns) - (double)(v % columns);
            double weight = exp(-(down * down + right * right) / (2 * width * width));
            if (!(weight * sizes[v] > 0)) continue;
            total += weight * sizes[v];
            for (size_t x = 0; x < d; x++) mean[x] += weight * sums[v * d + x];
        }
        if (total > 0)
            for (size_t x = 0; x < d; x++) units[u * d + x] = (float)(mean[x] / total);
    }
cleanup:
    free(sums);
    free(sizes);
    free(mean);
    return status;
}

static size_t rows_of(size_t U) {
    size_t rows = 1;
    for (size_t r = 2; r * r <= U; r++)
        if (U % r == 0) rows = r;
    return rows;
}

static size_t units_for(size_t n, size_t most) {
    size_t U = (size_t)ceil(5 * sqrt((double)n));
    if (U > most) U = most;
    if (U > n) U = n;
    while (U > 1 && U / rows_of(U) > 2 * rows_of(U)) U--;
    return U;
}

static double place(size_t i, size_t count) {
    return count > 1 ? 4 * (double)i / ((double)count - 1) - 2 : 0;
}

/* Units on the plane of the two principal axes; the longer side of the grid lies along the first. */
static rs_status lay(float *units, size_t rows, size_t columns, size_t n, size_t d, const float *points,
                     const rs_context *ctx) {
    rs_projection *p = NULL;
    rs_status status = rs_projection_new(&p, "pca", d < 2 ? d : 2, 0, n, d, points, ctx);
    if (status != RS_OK) return status;
    size_t axes = rs_projection_dimension(p);
    const double *variances = rs_projection_variances(p);
    for (size_t u = 0; u < rows * columns; u++) {
        double along[2] = {place(u % columns, columns) * sqrt(variances[0]),
                           axes > 1 ? place(u / columns, rows) * sqrt(variances[1]) : 0};
        rs_projection_point(p, along, units + u * d);
    }
    rs_projection_free(p);
    return RS_OK;
}

static rs_status fit(rs_clustering **out, size_t n, size_t d, const float *points, const rs_cluster_options *o,
                     const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t U = o->clusters ? o->clusters : units_for(n, o->max_clusters), rows = rows_of(U), columns = U / rows;
    double width = fmax(0.5, (double)columns / 2), ratio = 1;
    float *units = NULL;
    uint32_t *labels = rs_alloc(n, sizeof *labels);
    RS_TRY_ALLOC(labels);
    RS_TRY_ALLOC(units = rs_alloc_aligned(U, d * sizeof *units));
    RS_TRY(lay(units, rows, columns, n, d, points, ctx));
    if (o->iterations > 1) ratio = pow(0.5 / width, 1 / ((double)o->iterations - 1));
    for (size_t i = 0; i < o->iterations && !rs_context_expired(ctx); i++, width *= ratio) {
        RS_TRY(rs_context_check(ctx));
        RS_TRY(rs_nearest(labels, NULL, n, d, points, U, units, ctx));
        RS_TRY(rs_som_step(rows, columns, width, units, n, d, points, labels));
        rs_context_progress(ctx, "cluster", (double)i / (double)o->iterations);
    }
    RS_TRY(rs_centroids_fit(out, &rs_cluster_som, n, d, points, U, units, ctx));
    rs_context_log(ctx, 1, "som: %zu of %zu x %zu units are nearest to some point", (*out)->k, rows, columns);
    rs_context_progress(ctx, "cluster", 1);
cleanup:
    free(labels);
    free(units);
    return status;
}

const rs_cluster_vtable rs_cluster_som = {
    .name = "som",
    .summary = "self-organising map: the units of a grid that neighbours pull along",
    .fit = fit,
    .assign = rs_centroids_assign,
    .describe = rs_centroids_describe,
    .free = rs_centroids_free,
};
