/* Gaussian mixtures by expectation and maximisation, with full covariances or diagonal ones.
 *
 *     log p(x, j) = log w_j - d/2 log 2 pi + log det P_j - 1/2 |(x - m_j) P_j|^2,    S_j^-1 = P_j P_j^T
 *     r_j(x) = p(x, j) / sum_i p(x, i)      w_j = mean of r_j,   m_j, S_j = mean and covariance weighted by r_j
 *
 * Dempster, Laird and Rubin, J. R. Stat. Soc. B 39(1), 1977. It starts from k-means (of a sample, when there are many
 * points) and ends when the mean of log p(x) grows by less than TOLERANCE. FLOOR is added to all variances, so that
 * equal points make no infinite density.
 *
 * Invariant: sums go over CHUNKS parts of the points in their order, whatever the number of threads; moments are taken
 * about the means before, so that little cancels. The likelihood never falls but for rounding and FLOOR. */
#include "cluster/mixture.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "cluster/centroids.h"
#include "cluster/gaussian.h"
#include "cluster/sample.h"
#include "core/alloc.h"
#include "core/blas.h"
#include "core/status.h"

#define FLOOR 1e-6
#define TOLERANCE 1e-3
enum { CHUNKS = 4, TILES = 16, BLOCK = TILES * RS_TILE };
enum { SAMPLE = 10000, FEW = 500, START = 100 /* of k-means: points, points a cluster, iterations */ };
static const uint64_t stream_sample = 0x6d69787475726500u; /* of ctx->seed */

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
    float *tile, *differences; /* [d*RS_TILE] each */
    float *r;                  /* [TILES*k*RS_TILE], log p(x, j), then r: tile by tile */
    float *rows, *roots;       /* [BLOCK*stride], [BLOCK] */
} scratch;

static void scratch_free(scratch *s, size_t threads) {
    for (size_t t = 0; s && t < threads; t++) {
        free(s[t].tile);
    }
    free(s);
}

static rs_status scratch_new(scratch **out, size_t threads, size_t k, size_t d) {
    rs_status status = RS_OK;
    scratch *s = rs_alloc(threads, sizeof *s);
    RS_TRY_ALLOC(s);
    for (size_t t = 0; t < threads; t++) {
        RS_TRY_ALLOC(s[t].tile =
                         rs_alloc_aligned(2 * d + TILES * (k + rs_tile_stride(d) + 1), RS_TILE * sizeof(float)));
        s[t].differences = s[t].tile + d * RS_TILE;
        s[t].r = s[t].differences + d * RS_TILE;
        s[t].rows = s[t].r + BLOCK * k;
        s[t].roots = s[t].rows + BLOCK * rs_tile_stride(d);
    }
    *out = s;
    return RS_OK;
cleanup:
    scratch_free(s, threads);
    return status;
}

/* All panels of a model, NULL if it is diagonal. */
static rs_status panels_new(float **out, const rs_mixture *m) {
    *out = NULL;
    if (!m->full) return RS_OK;
    *out = rs_alloc_aligned(m->k, rs_tile_stride(rs_panels_of(m->d)) * sizeof **out);
    return *out ? RS_OK : RS_EMEMORY;
}

static float *panel(const rs_mixture *m, float *panels, size_t j) {
    return panels + j * rs_tile_stride(rs_panels_of(m->d));
}

static void fill_panels(const rs_mixture *m, float *panels) {
    for (size_t j = 0; panels && j < m->k; j++) rs_panels_fill(panel(m, panels, j), m->d, m->roots + j * m->area);
}

/* log p(x, j) of a tile, or what it is less than where that is too little to matter. Components are gone through from
 * *likely on, which becomes the one most likely for the first point. */
static void log_densities(float *logs, const float *tile, size_t *likely, const rs_mixture *m, float *panels,
                          const scratch *s) {
    if (!m->full) {
        rs_tile_diagonal(logs, m->k, m->d, tile, m->means, m->roots, m->constants);
        return;
    }
    float squares[RS_TILE] __attribute__((aligned(64))), enough[RS_TILE] __attribute__((aligned(64))), most[RS_TILE];
    size_t start = *likely < m->k ? *likely : 0, d = m->d;
    for (size_t i = 0; i < RS_TILE; i++) most[i] = -INFINITY;
    for (size_t q = 0; q < m->k; q++) {
        size_t j = !q ? start : q - (q <= start);
        float constant = (float)m->constants[j], first = most[0];
        for (size_t i = 0; i < RS_TILE; i++)
            enough[i] = 2 * (constant - most[i] + RS_TILE_CUT + 1 + 1e-5f * fabsf(most[i]));
        rs_tile_full(squares, d, tile, m->means + j * d, panel(m, panels, j), enough, s->differences);
        for (size_t i = 0; i < RS_TILE; i++) {
            float log_p = constant - 0.5f * squares[i];
            logs[j * RS_TILE + i] = log_p;
            if (log_p > most[i]) most[i] = log_p;
        }
        if (most[0] > first) *likely = j;
    }
}

/* Sums over points: log p, then for each component r, r (x - m) and the upper triangle of r (x - m)(x - m)^T or its
 * diagonal. */
static size_t sums_size(const rs_mixture *m) {
    return 1 + m->k * (1 + m->d + m->area);
}

/* What a fit goes over: points in the order of their first clusters, so that a tile's points have the same components.
 */
typedef struct course {
    size_t n, stride;
    float *tiles;     /* [n rounded up to RS_TILE * d] */
    float *points;    /* [n*stride], for full covariances */
    uint32_t *labels; /* [n], the first clusters */
    float *means;     /* [k*stride], the model's */
    float *panels;
    double *sums; /* [CHUNKS*sums_size] */
    scratch *s;
} course;

static bool all_zero(const float *r) {
    uint32_t bits[RS_TILE], any = 0;
    memcpy(bits, r, sizeof bits);
    for (size_t i = 0; i < RS_TILE; i++) any |= bits[i];
    return !any;
}

static double *moments_of(const rs_mixture *m, double *sums, size_t j) {
    return sums + 1 + j * (1 + m->d + m->area);
}

/* The moments of a block of rows, for full covariances. */
static void add_rows(const rs_mixture *m, const course *c, size_t first, size_t rows, const scratch *s, double *sums) {
    for (size_t j = 0; j < m->k; j++) {
        double *moments = moments_of(m, sums, j);
        size_t used = 0;
        for (size_t i = 0; i < rows; i++) {
            const float *tile = s->r + (i / RS_TILE * m->k + j) * RS_TILE, r = tile[i % RS_TILE];
            if (i % RS_TILE == 0 && all_zero(tile)) i += RS_TILE - 1;
            if (!(r > 0)) continue;
            moments[0] += (double)r;
            s->roots[used] = sqrtf(r);
            rs_row_weigh(s->rows + used * c->stride, c->stride, s->roots[used], c->points + (first + i) * c->stride,
                         c->means + j * c->stride);
            used++;
        }
        if (used) rs_rows_add(moments + 1, moments + 1 + m->d, used, m->d, s->rows, s->roots);
    }
}

/* Those of a block's tiles, for diagonal ones. */
static void add_tiles(const rs_mixture *m, const float *tiles, size_t count, const scratch *s, double *sums) {
    for (size_t j = 0; j < m->k; j++) {
        double *moments = moments_of(m, sums, j);
        const float *used[TILES], *weights[TILES];
        size_t uses = 0;
        for (size_t t = 0; t < count; t++) {
            const float *r = s->r + (t * m->k + j) * RS_TILE;
            if (all_zero(r)) continue;
            for (size_t i = 0; i < RS_TILE; i++) moments[0] += (double)r[i];
            used[uses] = tiles + t * m->d * RS_TILE;
            weights[uses++] = r;
        }
        rs_tiles_moments(moments + 1, moments + 1 + m->d, uses, m->d, used, weights, m->means + j * m->d);
    }
}

/* A block of rows: its r, of the model or of the labels, and its part of the sums. */
static void add_block(const rs_mixture *m, const course *c, bool by_labels, size_t first, size_t rows, const scratch *s,
                      double *sums) {
    float most[RS_TILE] __attribute__((aligned(64))), parts[RS_TILE] __attribute__((aligned(64)));
    size_t likely = 0;
    for (size_t i = 0; i < rows; i += RS_TILE) {
        size_t count = rows - i < RS_TILE ? rows - i : RS_TILE;
        float *r = s->r + i * m->k;
        const float *tile = c->tiles + (first + i) * m->d;
        if (by_labels) {
            memset(r, 0, m->k * RS_TILE * sizeof *r);
            for (size_t x = 0; x < count; x++) r[c->labels[first + i + x] * RS_TILE + x] = 1;
        } else {
            log_densities(r, tile, &likely, m, c->panels, s);
            rs_tile_normalise(most, parts, m->k, r);
            for (size_t x = 0; x < count; x++) sums[0] += (double)most[x] + log((double)parts[x]);
            for (size_t j = 0; j < m->k; j++)
                for (size_t x = count; x < RS_TILE; x++) r[j * RS_TILE + x] = 0;
        }
    }
    if (m->full) add_rows(m, c, first, rows, s, sums);
    else add_tiles(m, c->tiles + first * m->d, (rows + RS_TILE - 1) / RS_TILE, s, sums);
}

/* One pass over the points: sums with r of the model, or of the labels. The result is in the first chunk. */
static rs_status pass(const rs_mixture *m, const course *c, bool by_labels, const rs_context *ctx) {
    size_t blocks = (c->n + BLOCK - 1) / BLOCK, threads = rs_context_threads(ctx), size = sums_size(m);
    rs_status status = rs_context_check(ctx);
    if (status != RS_OK) return status;
    memset(c->sums, 0, CHUNKS * size * sizeof *c->sums);
    memset(c->means, 0, m->k * c->stride * sizeof *c->means);
    for (size_t j = 0; j < m->k; j++) memcpy(c->means + j * c->stride, m->means + j * m->d, m->d * sizeof *c->means);
    if (!by_labels) fill_panels(m, c->panels);
    if (threads > CHUNKS) threads = CHUNKS;
#pragma omp parallel for num_threads((int)threads) schedule(static) if (threads > 1)
    for (size_t t = 0; t < threads; t++)
        for (size_t part = t; part < CHUNKS; part += threads)
            for (size_t b = blocks * part / CHUNKS; b < blocks * (part + 1) / CHUNKS; b++) {
                size_t first = b * BLOCK, rows = c->n - first < BLOCK ? c->n - first : BLOCK;
                add_block(m, c, by_labels, first, rows, c->s + t, c->sums + part * size);
            }
    for (size_t part = 1; part < CHUNKS; part++)
        for (size_t i = 0; i < size; i++) c->sums[i] += c->sums[part * size + i];
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

static void course_free(course *c, size_t threads) {
    free(c->tiles);
    free(c->points);
    free(c->labels);
    free(c->means);
    free(c->panels);
    free(c->sums);
    scratch_free(c->s, threads);
}

static rs_status course_new(course *c, const rs_mixture *m, size_t threads, const rs_clustering *start, size_t n,
                            const float *points, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t d = start->d, *place = NULL;
    *c = (course){.n = n, .stride = rs_tile_stride(d)};
    uint32_t *label = NULL;
    RS_TRY_ALLOC(place = rs_alloc(start->k + 1, sizeof *place));
    RS_TRY_ALLOC(label = rs_alloc(n, sizeof *label));
    RS_TRY(rs_centroids_assign(start, n, points, label, ctx));
    RS_TRY_ALLOC(c->tiles = rs_alloc_aligned(rs_tile_stride(n), d * sizeof *c->tiles));
    if (m->full) RS_TRY_ALLOC(c->points = rs_alloc_aligned(n, c->stride * sizeof *c->points));
    RS_TRY_ALLOC(c->labels = rs_alloc(n, sizeof *c->labels));
    RS_TRY_ALLOC(c->means = rs_alloc_aligned(m->k, c->stride * sizeof *c->means));
    RS_TRY_ALLOC(c->sums = rs_alloc(CHUNKS * sums_size(m), sizeof *c->sums));
    RS_TRY(panels_new(&c->panels, m));
    RS_TRY(scratch_new(&c->s, threads, m->k, d));
    for (size_t i = 0; i < n; i++) place[label[i] + 1]++;
    for (size_t j = 0; j < start->k; j++) place[j + 1] += place[j];
    for (size_t i = 0; i < n; i++) {
        size_t to = place[label[i]]++;
        rs_tile_put(c->tiles + to / RS_TILE * d * RS_TILE, to % RS_TILE, d, points + i * d);
        c->labels[to] = label[i];
        if (!m->full) continue;
        memcpy(c->points + to * c->stride, points + i * d, d * sizeof *points);
        memset(c->points + to * c->stride + d, 0, (c->stride - d) * sizeof *points);
    }
    for (size_t to = n; to < rs_tile_stride(n); to++)
        for (size_t x = 0; x < d; x++) c->tiles[to / RS_TILE * d * RS_TILE + x * RS_TILE + to % RS_TILE] = 0;
cleanup:
    free(label);
    free(place);
    return status;
}

/* k-means of a sample of SAMPLE points, or FEW a cluster if that is more; of all points if there are no more of them,
 * or where the sample makes fewer clusters than asked for. */
static rs_status start_from(rs_clustering **out, size_t k, size_t n, size_t d, const float *points,
                            const rs_cluster_options *o, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t count = k < SAMPLE / FEW ? SAMPLE : k * FEW, *chosen = NULL;
    float *sample = NULL;
    rs_random random = rs_random_new(rs_context_seed(ctx), stream_sample);
    rs_cluster_options options = *o;
    options.clusters = k;
    options.restarts = 1;
    options.iterations = START;
    if (count < n) {
        RS_TRY_ALLOC(chosen = rs_alloc(count, sizeof *chosen));
        RS_TRY_ALLOC(sample = rs_alloc_aligned(count, d * sizeof *sample));
        rs_subset(chosen, count, n, &random);
        for (size_t i = 0; i < count; i++) memcpy(sample + i * d, points + chosen[i] * d, d * sizeof *sample);
        RS_TRY(rs_cluster_kmeans.fit(out, count, d, sample, &options, ctx));
        if ((*out)->k == k) goto cleanup;
        rs_clustering_free(*out);
        *out = NULL;
    }
    RS_TRY(rs_cluster_kmeans.fit(out, n, d, points, &options, ctx));
cleanup:
    free(chosen);
    free(sample);
    return status;
}

rs_status rs_mixture_fit(rs_mixture *out, double *likelihood, bool full, size_t k, size_t n, size_t d,
                         const float *points, const rs_cluster_options *o, const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_mixture m = {0};
    rs_clustering *start = NULL;
    double *covariance = NULL, before = -INFINITY;
    size_t threads = rs_context_threads(ctx) < CHUNKS ? rs_context_threads(ctx) : CHUNKS;
    course c = {0};
    RS_TRY(start_from(&start, k < n ? k : n, n, d, points, o, ctx));
    RS_TRY(rs_mixture_new(&m, full, start->k, d));
    memcpy(m.means, rs_centroids_get(start), start->k * d * sizeof *m.means);
    RS_TRY(course_new(&c, &m, threads, start, n, points, ctx));
    RS_TRY_ALLOC(covariance = rs_alloc(m.area, sizeof *covariance));
    rs_blas_init();
    RS_TRY(pass(&m, &c, true, ctx));
    for (size_t i = 0; i < o->iterations; i++) {
        RS_TRY(maximise(&m, n, c.sums, covariance));
        RS_TRY(pass(&m, &c, false, ctx));
        if (c.sums[0] - before < TOLERANCE * (double)n || rs_context_expired(ctx)) break;
        before = c.sums[0];
    }
    *likelihood = c.sums[0];
    *out = m;
    m = (rs_mixture){0};
cleanup:
    rs_clustering_free(start);
    rs_mixture_free(&m);
    course_free(&c, threads);
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
        if (logs[j * RS_TILE] > logs[best * RS_TILE]) best = j;
    double highest = (double)logs[best * RS_TILE], most = -INFINITY;
    double limit = highest - 1 - 0.01 * fabs(m->constants[best] - highest);
    for (size_t j = 0; j < m->k; j++) near += !((double)logs[j * RS_TILE] < limit);
    if (near == 1) return (uint32_t)best;
    best = 0;
    for (size_t j = 0; j < m->k; j++) {
        if ((double)logs[j * RS_TILE] < limit) continue;
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
    rs_status status = RS_OK;
    size_t blocks = (n + BLOCK - 1) / BLOCK, threads = rs_context_threads(ctx), d = m->d;
    if (threads > blocks) threads = blocks;
    scratch *s = NULL;
    float *panels = NULL;
    RS_TRY(scratch_new(&s, threads, m->k, d));
    RS_TRY(panels_new(&panels, m));
    fill_panels(m, panels);
#pragma omp parallel for num_threads((int)threads) schedule(static) if (threads > 1)
    for (size_t t = 0; t < threads; t++)
        for (size_t b = t; b < blocks; b += threads) {
            size_t end = n - b * BLOCK < BLOCK ? n : (b + 1) * BLOCK, likely = 0;
            for (size_t i = b * BLOCK; i < end; i += RS_TILE) {
                size_t count = end - i < RS_TILE ? end - i : RS_TILE;
                rs_tile_fill(s[t].tile, count, d, d, points + i * d);
                log_densities(s[t].r, s[t].tile, &likely, m, panels, s + t);
                for (size_t x = 0; x < count; x++) labels[i + x] = decide(m, points + (i + x) * d, s[t].r + x);
            }
        }
cleanup:
    scratch_free(s, threads);
    free(panels);
    return status;
}
