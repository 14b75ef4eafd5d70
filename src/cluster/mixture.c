/* Gaussian mixtures by expectation and maximisation, with full covariances or diagonal ones.
 *
 *     log p(x, j) = log w_j - d/2 log 2 pi + log det P_j - 1/2 |(x - m_j) P_j|^2,    S_j^-1 = P_j P_j^T
 *     r_j(x) = p(x, j) / sum_i p(x, i)      w_j = mean of r_j,   m_j, S_j = mean and covariance weighted by r_j
 *
 * Dempster, Laird and Rubin, J. R. Stat. Soc. B 39(1), 1977. It starts from k-means and ends when the mean of log p(x)
 * grows by less than TOLERANCE. FLOOR is added to all variances, so that equal points make no infinite density.
 *
 * Invariant: sums go over CHUNKS parts of the points in their order, whatever the number of threads; moments are taken
 * about the means before, so that little cancels. The likelihood never falls but for rounding and FLOOR. */
#include "cluster/mixture.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "cluster/centroids.h"
#include "core/alloc.h"
#include "core/blas.h"
#include "core/status.h"

#define FLOOR 1e-6
#define TOLERANCE 1e-3
enum { CHUNKS = 4, START = 100 /* iterations of k-means */ };

void rs_mixture_free(rs_mixture *m) {
    free(m->means);
    free(m->roots);
    free(m->constants);
    free(m->weights);
    free(m->spreads);
    *m = (rs_mixture){0};
}

rs_status rs_mixture_new(rs_mixture *m, bool full, size_t k, size_t d) {
    rs_status status = RS_OK;
    *m = (rs_mixture){.full = full, .k = k, .d = d, .area = full ? d * d : d};
    RS_TRY_ALLOC(m->means = rs_alloc_aligned(k * d, sizeof *m->means));
    RS_TRY_ALLOC(m->roots = rs_alloc_aligned(k, m->area * sizeof *m->roots));
    RS_TRY_ALLOC(m->constants = rs_alloc(k, sizeof *m->constants));
    RS_TRY_ALLOC(m->weights = rs_alloc(k, sizeof *m->weights));
    RS_TRY_ALLOC(m->spreads = rs_alloc(k, sizeof *m->spreads));
    return RS_OK;
cleanup:
    rs_mixture_free(m);
    return status;
}

/* What a thread works in. */
typedef struct scratch {
    float *differences, *products; /* [RS_BLOCK_ROWS*d] each, products [d*d] too */
    float *logs;                   /* [RS_BLOCK_ROWS*k], log p(x, j), then r */
} scratch;

static void scratch_free(scratch *s, size_t threads) {
    for (size_t t = 0; s && t < threads; t++) {
        free(s[t].differences);
        free(s[t].products);
        free(s[t].logs);
    }
    free(s);
}

static rs_status scratch_new(scratch **out, size_t threads, size_t k, size_t d) {
    rs_status status = RS_OK;
    scratch *s = rs_alloc(threads, sizeof *s);
    RS_TRY_ALLOC(s);
    for (size_t t = 0; t < threads; t++) {
        RS_TRY_ALLOC(s[t].differences = rs_alloc_aligned(RS_BLOCK_ROWS * d, sizeof *s->differences));
        RS_TRY_ALLOC(s[t].products = rs_alloc_aligned((d > RS_BLOCK_ROWS ? d : RS_BLOCK_ROWS) * d, sizeof(float)));
        RS_TRY_ALLOC(s[t].logs = rs_alloc_aligned(RS_BLOCK_ROWS * k, sizeof *s->logs));
    }
    *out = s;
    return RS_OK;
cleanup:
    scratch_free(s, threads);
    return status;
}

static float sum_of_squares(size_t d, const float *y) {
    float s[8] = {0};
    size_t x = 0;
    for (; x + 8 <= d; x += 8)
        for (size_t j = 0; j < 8; j++) s[j] += y[x + j] * y[x + j];
    for (; x < d; x++) s[0] += y[x] * y[x];
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

/* log p(x, j) of a block of rows. */
static void log_densities(const rs_mixture *m, size_t rows, const float *points, scratch *s) {
    size_t d = m->d;
    for (size_t j = 0; j < m->k; j++) {
        const float *mean = m->means + j * d, *root = m->roots + j * m->area, *y = s->differences;
        for (size_t i = 0; i < rows; i++)
            for (size_t x = 0; x < d; x++)
                s->differences[i * d + x] = (points[i * d + x] - mean[x]) * (m->full ? 1 : root[x]);
        if (m->full) {
            rs_gemm_nn(rows, d, d, s->differences, root, 0, s->products);
            y = s->products;
        }
        for (size_t i = 0; i < rows; i++)
            s->logs[i * m->k + j] = (float)(m->constants[j] - 0.5 * (double)sum_of_squares(d, y + i * d));
    }
}

/* log p(x) of a row of log p(x, j), which become r_j. */
static double normalise(size_t k, float *logs) {
    float most = logs[0];
    double sum = 0;
    for (size_t j = 1; j < k; j++)
        if (logs[j] > most) most = logs[j];
    for (size_t j = 0; j < k; j++) {
        logs[j] = logs[j] - most > -40 ? expf(logs[j] - most) : 0; /* what is left out is below the rounding */
        sum += (double)logs[j];
    }
    for (size_t j = 0; j < k; j++) logs[j] = (float)((double)logs[j] / sum);
    return (double)most + log(sum);
}

/* Sums over points: log p, then for each component r, r (x - m) and the upper triangle of r (x - m)(x - m)^T or its
 * diagonal. */
static size_t sums_size(const rs_mixture *m) {
    return 1 + m->k * (1 + m->d + m->area);
}

static void add_moments(const rs_mixture *m, size_t rows, const float *points, scratch *s, double *sums) {
    size_t d = m->d;
    for (size_t j = 0; j < m->k; j++) {
        const float *mean = m->means + j * d;
        double *zeroth = sums + 1 + j * (1 + d + m->area), *first = zeroth + 1, *second = first + d;
        size_t used = 0;
        for (size_t i = 0; i < rows; i++) {
            float r = s->logs[i * m->k + j], root = sqrtf(r), *row = s->differences + used * d;
            if (r < 0x1p-40f) continue;
            used++;
            *zeroth += (double)r;
            for (size_t x = 0; x < d; x++) {
                float difference = points[i * d + x] - mean[x];
                row[x] = root * difference;
                first[x] += (double)(r * difference);
            }
            if (!m->full)
                for (size_t x = 0; x < d; x++) second[x] += (double)(row[x] * row[x]);
        }
        if (!m->full || !used) continue;
        cblas_ssyrk(CblasRowMajor, CblasUpper, CblasTrans, (int)d, (int)used, 1, s->differences, (int)d, 0, s->products,
                    (int)d);
        for (size_t a = 0; a < d; a++)
            for (size_t b = a; b < d; b++) second[a * d + b] += (double)s->products[a * d + b];
    }
}

/* One pass over the points: sums with r of the model, or of the labels if there are any. all [CHUNKS*sums_size]; the
 * result is in the first chunk. */
static rs_status pass(const rs_mixture *m, size_t n, const float *points, const uint32_t *labels, double *all,
                      scratch *s, const rs_context *ctx) {
    size_t blocks = (n + RS_BLOCK_ROWS - 1) / RS_BLOCK_ROWS, threads = rs_context_threads(ctx), size = sums_size(m);
    rs_status status = rs_context_check(ctx);
    if (status != RS_OK) return status;
    memset(all, 0, CHUNKS * size * sizeof *all);
    if (threads > CHUNKS) threads = CHUNKS;
#pragma omp parallel for num_threads((int)threads) schedule(static) if (threads > 1)
    for (size_t t = 0; t < threads; t++)
        for (size_t c = t; c < CHUNKS; c += threads)
            for (size_t b = blocks * c / CHUNKS; b < blocks * (c + 1) / CHUNKS; b++) {
                size_t first = b * RS_BLOCK_ROWS, rows = n - first < RS_BLOCK_ROWS ? n - first : RS_BLOCK_ROWS;
                const float *x = points + first * m->d;
                if (labels)
                    for (size_t i = 0; i < rows * m->k; i++) s[t].logs[i] = labels[first + i / m->k] == i % m->k;
                else {
                    log_densities(m, rows, x, s + t);
                    for (size_t i = 0; i < rows; i++) all[c * size] += normalise(m->k, s[t].logs + i * m->k);
                }
                add_moments(m, rows, x, s + t, all + c * size);
            }
    for (size_t c = 1; c < CHUNKS; c++)
        for (size_t i = 0; i < size; i++) all[i] += all[c * size + i];
    return RS_OK;
}

/* P and log det P of a covariance [d*d], which is overwritten. Row-major lower is LAPACK's upper. */
static rs_status precision_root(float *root, double *log_det, size_t d, double *covariance) {
    lapack_int order = (lapack_int)d;
    if (LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'U', order, covariance, order) ||
        LAPACKE_dtrtri(LAPACK_COL_MAJOR, 'U', 'N', order, covariance, order))
        return rs_fail(RS_EINTERNAL, "a covariance of a Gaussian mixture is not positive definite");
    *log_det = 0;
    for (size_t a = 0; a < d; a++) {
        *log_det += log(covariance[a * d + a]);
        for (size_t b = 0; b < d; b++) root[a * d + b] = b >= a ? (float)covariance[b * d + a] : 0;
    }
    return RS_OK;
}

/* The model of the sums; components without points are dropped. covariance [d*d] is scratch. */
static rs_status maximise(rs_mixture *m, size_t n, const double *sums, double *covariance) {
    size_t d = m->d, kept = 0;
    for (size_t j = 0; j < m->k; j++) {
        const double *zeroth = sums + 1 + j * (1 + d + m->area), *first = zeroth + 1, *second = first + d;
        double log_det = 0, trace = 0;
        if (!(*zeroth > 1e-6)) continue;
        for (size_t a = 0; a < d; a++)
            for (size_t b = m->full ? 0 : a; b <= a; b++) {
                double v = second[m->full ? b * d + a : a] / *zeroth - first[a] / *zeroth * (first[b] / *zeroth);
                if (a == b) trace += v = (v > 0 ? v : 0) + FLOOR;
                covariance[m->full ? a * d + b : a] = v;
            }
        float *root = m->roots + kept * m->area;
        if (m->full) {
            rs_status status = precision_root(root, &log_det, d, covariance);
            if (status != RS_OK) return status;
        } else
            for (size_t a = 0; a < d; a++) {
                root[a] = (float)(1 / sqrt(covariance[a]));
                log_det -= 0.5 * log(covariance[a]);
            }
        for (size_t x = 0; x < d; x++)
            m->means[kept * d + x] = (float)((double)m->means[j * d + x] + first[x] / *zeroth);
        m->weights[kept] = *zeroth / (double)n;
        m->spreads[kept] = sqrt(trace / (double)d);
        m->constants[kept++] = log(*zeroth / (double)n) - 0.9189385332046727 * (double)d + log_det;
    }
    m->k = kept;
    return RS_OK;
}

rs_status rs_mixture_fit(rs_mixture *out, double *likelihood, bool full, size_t k, size_t n, size_t d,
                         const float *points, const rs_cluster_options *o, const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_mixture m = {0};
    rs_clustering *start = NULL;
    double *sums = NULL, *covariance = NULL, before = -INFINITY;
    size_t threads = rs_context_threads(ctx) < CHUNKS ? rs_context_threads(ctx) : CHUNKS;
    scratch *s = NULL;
    rs_cluster_options options = *o;
    options.clusters = k < n ? k : n;
    options.restarts = 1;
    options.iterations = START;
    RS_TRY(rs_cluster_kmeans.fit(&start, n, d, points, &options, ctx));
    RS_TRY(rs_mixture_new(&m, full, start->k, d));
    memcpy(m.means, rs_centroids_get(start), start->k * d * sizeof *m.means);
    RS_TRY_ALLOC(sums = rs_alloc(CHUNKS * sums_size(&m), sizeof *sums));
    RS_TRY_ALLOC(covariance = rs_alloc(m.area, sizeof *covariance));
    RS_TRY(scratch_new(&s, threads, m.k, d));
    rs_blas_init();
    RS_TRY(pass(&m, n, points, start->labels, sums, s, ctx));
    for (size_t i = 0; i < o->iterations; i++) {
        RS_TRY(maximise(&m, n, sums, covariance));
        RS_TRY(pass(&m, n, points, NULL, sums, s, ctx));
        if (sums[0] - before < TOLERANCE * (double)n || rs_context_expired(ctx)) break;
        before = sums[0];
    }
    *likelihood = sums[0];
    *out = m;
    m = (rs_mixture){0};
cleanup:
    rs_clustering_free(start);
    rs_mixture_free(&m);
    scratch_free(s, threads);
    free(sums);
    free(covariance);
    return status;
}

/* log p(x, j) in double precision, always summed in the same order. */
static double exact(const rs_mixture *m, const float *point, size_t j) {
    size_t d = m->d;
    const float *mean = m->means + j * d, *root = m->roots + j * m->area;
    double sum = 0;
    for (size_t b = 0; b < d; b++) {
        double y = 0;
        for (size_t a = m->full ? 0 : b; a <= b; a++)
            y += ((double)point[a] - (double)mean[a]) * (double)root[m->full ? a * d + b : b];
        sum += y * y;
    }
    return m->constants[j] - 0.5 * sum;
}

/* The most likely component, the lowest on ties, of a point and its log p(x, j) at single precision, whose errors are
 * far below one and a hundredth of the exponent. */
static uint32_t decide(const rs_mixture *m, const float *point, const float *logs) {
    size_t best = 0, near = 0;
    for (size_t j = 1; j < m->k; j++)
        if (logs[j] > logs[best]) best = j;
    double limit = (double)logs[best] - 1 - 0.01 * fabs(m->constants[best] - (double)logs[best]), most = -INFINITY;
    for (size_t j = 0; j < m->k; j++) near += !((double)logs[j] < limit);
    if (near == 1) return (uint32_t)best;
    best = 0;
    for (size_t j = 0; j < m->k; j++) {
        if ((double)logs[j] < limit) continue;
        double log_p = exact(m, point, j);
        if (log_p > most) {
            most = log_p;
            best = j;
        }
    }
    return (uint32_t)best;
}

rs_status rs_mixture_assign(uint32_t *labels, const rs_mixture *m, size_t n, const float *points,
                            const rs_context *ctx) {
    size_t blocks = (n + RS_BLOCK_ROWS - 1) / RS_BLOCK_ROWS, threads = rs_context_threads(ctx), d = m->d;
    if (threads > blocks) threads = blocks;
    scratch *s = NULL;
    rs_status status = scratch_new(&s, threads, m->k, d);
    if (status != RS_OK) return status;
    rs_blas_init();
#pragma omp parallel for num_threads((int)threads) schedule(static) if (threads > 1)
    for (size_t t = 0; t < threads; t++)
        for (size_t b = t; b < blocks; b += threads) {
            size_t first = b * RS_BLOCK_ROWS, rows = n - first < RS_BLOCK_ROWS ? n - first : RS_BLOCK_ROWS;
            log_densities(m, rows, points + first * d, s + t);
            for (size_t i = 0; i < rows; i++)
                labels[first + i] = decide(m, points + (first + i) * d, s[t].logs + i * m->k);
        }
    scratch_free(s, threads);
    return RS_OK;
}
