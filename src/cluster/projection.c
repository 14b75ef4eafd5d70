/* y = (x - mean) M, with M diagonal for standardise, and with the kept eigenvectors of the covariance as columns for
 * pca, divided by the roots of their eigenvalues for whiten.
 *
 * Invariants: the fit runs in one thread in double precision; the sign of an eigenvector makes its largest coordinate
 * positive; every y is a sum over x in order. So results depend on the points alone. */
#include "cluster/projection.h"

#include <cblas.h>
#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/blas.h"
#include "core/status.h"

enum { WIDEST = 8192 };

struct rs_projection {
    size_t d, c;
    bool diagonal;
    double *mean;      /* [d] */
    double *matrix;    /* [d*c], diagonal: [d] */
    double *variances; /* [c] */
};

void rs_projection_free(rs_projection *p) {
    if (!p) return;
    free(p->mean);
    free(p->matrix);
    free(p->variances);
    free(p);
}

size_t rs_projection_dimension(const rs_projection *p) {
    return p->c;
}

const double *rs_projection_variances(const rs_projection *p) {
    return p->variances;
}

static rs_status standardise(rs_projection *p, size_t n, const float *points) {
    p->c = p->d;
    p->diagonal = true;
    p->variances = rs_alloc(p->d, sizeof *p->variances);
    p->matrix = rs_alloc(p->d, sizeof *p->matrix);
    if (!p->variances || !p->matrix) return RS_EMEMORY;
    for (size_t i = 0; i < n; i++)
        for (size_t x = 0; x < p->d; x++) {
            double y = (double)points[i * p->d + x] - p->mean[x];
            p->variances[x] += y * y / (double)n;
        }
    for (size_t x = 0; x < p->d; x++) p->matrix[x] = p->variances[x] > 0 ? 1 / sqrt(p->variances[x]) : 1;
    return RS_OK;
}

/* The upper triangle [d*d] of the covariance, column-major. */
static rs_status covariance(double *out, const rs_projection *p, size_t n, const float *points, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t d = p->d;
    double *block = rs_alloc_aligned(RS_BLOCK_ROWS, d * sizeof *block);
    RS_TRY_ALLOC(block);
    memset(out, 0, d * d * sizeof *out);
    for (size_t first = 0; first < n; first += RS_BLOCK_ROWS) {
        RS_TRY(rs_context_check(ctx));
        size_t rows = n - first < RS_BLOCK_ROWS ? n - first : RS_BLOCK_ROWS;
        for (size_t i = 0; i < rows; i++)
            for (size_t x = 0; x < d; x++) block[i * d + x] = (double)points[(first + i) * d + x] - p->mean[x];
        cblas_dsyrk(CblasColMajor, CblasUpper, CblasNoTrans, (int)d, (int)rows, 1 / (double)n, block, (int)d, 1, out,
                    (int)d);
    }
cleanup:
    free(block);
    return status;
}

/* Eigenvalues ascending; eigenvector i replaces a[i*d .. i*d+d). */
static rs_status eigen(size_t d, double *a, double *values) {
    rs_status status = RS_OK;
    size_t work_size = 1 + 6 * d + 2 * d * d, index_size = 3 + 5 * d;
    double *work = rs_alloc_aligned(work_size, sizeof *work);
    lapack_int *index = work ? rs_alloc_aligned(index_size, sizeof *index) : NULL;
    RS_TRY_ALLOC(index);
    lapack_int info = LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, 'V', 'U', (lapack_int)d, a, (lapack_int)d, values, work,
                                          (lapack_int)work_size, index, (lapack_int)index_size);
    if (info) status = rs_fail(RS_EINTERNAL, "no eigenvectors of the covariance: LAPACK's dsyevd says %d", (int)info);
cleanup:
    free(work);
    free(index);
    return status;
}

static size_t kept(size_t d, const double *descending, size_t components, double explained) {
    double total = 0, sum = 0;
    size_t c = 0;
    if (components) return components;
    for (size_t i = 0; i < d; i++) total += fmax(0, descending[i]);
    while (c < d && sum < explained * total) sum += fmax(0, descending[c++]);
    return c ? c : 1;
}

static rs_status principal(rs_projection *p, bool whiten, size_t components, double explained, size_t n,
                           const float *points, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t d = p->d;
    double *a = rs_alloc_aligned(d * d, sizeof *a), *values = NULL;
    RS_TRY_ALLOC(a);
    RS_TRY_ALLOC(values = rs_alloc(d, sizeof *values));
    RS_TRY_ALLOC(p->variances = rs_alloc(d, sizeof *p->variances));
    rs_blas_init();
    RS_TRY(covariance(a, p, n, points, ctx));
    RS_TRY(eigen(d, a, values));
    for (size_t i = 0; i < d; i++) p->variances[i] = fmax(0, values[d - 1 - i]);
    p->c = kept(d, p->variances, components, explained);
    if (whiten) /* variance that is nothing but rounding */
        while (p->c > 1 && p->variances[p->c - 1] <= (double)d * DBL_EPSILON * p->variances[0]) p->c--;
    RS_TRY_ALLOC(p->matrix = rs_alloc_aligned(d * p->c, sizeof *p->matrix));
    for (size_t i = 0; i < p->c; i++) {
        const double *v = a + (d - 1 - i) * d;
        size_t largest = 0;
        for (size_t x = 1; x < d; x++)
            if (fabs(v[x]) > fabs(v[largest])) largest = x;
        double scale = v[largest] < 0 ? -1 : 1;
        if (whiten && p->variances[i] > 0) scale /= sqrt(p->variances[i]);
        for (size_t x = 0; x < d; x++) p->matrix[x * p->c + i] = scale * v[x];
    }
cleanup:
    free(a);
    free(values);
    return status;
}

rs_status rs_projection_new(rs_projection **out, const char *kind, size_t components, double explained, size_t n,
                            size_t d, const float *points, const rs_context *ctx) {
    rs_status status = RS_OK;
    bool whiten = !strcmp(kind, "whiten"), axes = whiten || !strcmp(kind, "pca");
    rs_projection *p = NULL;
    if (!axes && strcmp(kind, "standardise"))
        return rs_fail(RS_EUSAGE, "unknown preprocessing \"%s\"; there are: standardise, pca, whiten", kind);
    if (components > d) return rs_fail(RS_EUSAGE, "%zu components of points of dimension %zu", components, d);
    if (!(explained >= 0 && explained <= 1))
        return rs_fail(RS_EUSAGE, "a share of %g of the variance: it is between 0 and 1", explained);
    if (axes && d > WIDEST) return rs_fail(RS_EUSAGE, "principal axes of dimension %zu: %d at most", d, WIDEST);
    RS_TRY_ALLOC(p = rs_alloc(1, sizeof *p));
    p->d = d;
    RS_TRY_ALLOC(p->mean = rs_alloc(d, sizeof *p->mean));
    for (size_t i = 0; i < n; i++)
        for (size_t x = 0; x < d; x++) p->mean[x] += (double)points[i * d + x];
    for (size_t x = 0; x < d; x++) p->mean[x] /= (double)n;
    if (explained <= 0) explained = 0.95;
    RS_TRY(axes ? principal(p, whiten, components, explained, n, points, ctx) : standardise(p, n, points));
    *out = p;
    p = NULL;
cleanup:
    rs_projection_free(p);
    return status;
}

static float single(double y) {
    return (float)fmax(-FLT_MAX, fmin(FLT_MAX, y));
}

void rs_projection_apply(const rs_projection *p, size_t m, const float *points, float *out, const rs_context *ctx) {
    enum { LANES = 16 };
    size_t d = p->d, c = p->c, threads = rs_context_threads(ctx), useful = m * d / 16384 + 1;
    if (threads > useful) threads = useful;
#pragma omp parallel for num_threads((int)threads) schedule(static) if (threads > 1)
    for (size_t i = 0; i < m; i++) {
        const float *from = points + i * d;
        if (p->diagonal)
            for (size_t x = 0; x < d; x++) out[i * c + x] = single(((double)from[x] - p->mean[x]) * p->matrix[x]);
        else
            for (size_t first = 0; first < c; first += LANES) {
                size_t lanes = c - first < LANES ? c - first : LANES;
                double y[LANES] = {0};
                for (size_t x = 0; x < d; x++) {
                    double z = (double)from[x] - p->mean[x];
                    for (size_t j = 0; j < lanes; j++) y[j] += z * p->matrix[x * c + first + j];
                }
                for (size_t j = 0; j < lanes; j++) out[i * c + first + j] = single(y[j]);
            }
    }
}

void rs_projection_point(const rs_projection *p, const double *along, float *out) {
    for (size_t x = 0; x < p->d; x++) {
        double sum = p->mean[x];
        for (size_t i = 0; i < p->c; i++) sum += along[i] * p->matrix[x * p->c + i];
        out[x] = single(sum);
    }
}

/* A clustering of the projected points with the face of one of the points. */
typedef struct projected {
    rs_clustering base;
    rs_cluster_vtable vtable; /* base.vtable is this one: it has the name */
    rs_projection *projection;
    rs_clustering *inner;
} projected;

static void projected_free(rs_clustering *c) {
    projected *p = (projected *)c;
    rs_projection_free(p->projection);
    rs_clustering_free(p->inner); /* with the labels */
    free(p);
}

static rs_status projected_assign(const rs_clustering *c, size_t m, const float *points, uint32_t *labels,
                                  const rs_context *ctx) {
    const projected *p = (const projected *)c;
    float *y = rs_alloc_aligned(m, rs_projection_dimension(p->projection) * sizeof *y);
    if (!y) return RS_EMEMORY;
    rs_projection_apply(p->projection, m, points, y, ctx);
    rs_status status = p->inner->vtable->assign(p->inner, m, y, labels, ctx);
    free(y);
    return status;
}

static rs_status projected_describe(char **out, const rs_clustering *c, size_t i) {
    const projected *p = (const projected *)c;
    return p->inner->vtable->describe(out, p->inner, i);
}

rs_status rs_projected_fit(rs_clustering **out, const char *name, const char *kind, const rs_cluster_vtable *method,
                           size_t n, size_t d, const float *points, const rs_cluster_options *options,
                           const rs_context *ctx) {
    rs_status status = RS_OK;
    float *y = NULL;
    projected *p = rs_alloc(1, sizeof *p);
    RS_TRY_ALLOC(p);
    RS_TRY(rs_projection_new(&p->projection, kind, options->components, options->explained, n, d, points, ctx));
    size_t c = rs_projection_dimension(p->projection);
    RS_TRY_ALLOC(y = rs_alloc_aligned(n, c * sizeof *y));
    rs_projection_apply(p->projection, n, points, y, ctx);
    RS_TRY(method->fit(&p->inner, n, c, y, options, ctx));
    rs_context_log(ctx, 2, "%s: clusters %zu of %zu coordinates", kind, c, d);
    p->vtable = (rs_cluster_vtable){.name = name,
                                    .summary = method->summary,
                                    .assign = projected_assign,
                                    .describe = projected_describe,
                                    .free = projected_free};
    p->base = (rs_clustering){.vtable = &p->vtable, .n = n, .d = d, .k = p->inner->k, .labels = p->inner->labels};
    *out = &p->base;
    p = NULL;
cleanup:
    free(y);
    if (p) projected_free(&p->base);
    return status;
}
