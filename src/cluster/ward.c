/* Ward's method: the two clusters are merged whose union adds least to the sum of squared distances to the centroids.
 *
 *     D(i, j) = s_i s_j / (s_i + s_j) |c_i - c_j|^2        (s size, c centroid)
 *
 * Ward, J. Am. Stat. Assoc. 58(301), 1963, doi:10.1080/01621459.1963.10500845. D is reducible: a union is no nearer to
 * a third cluster than the nearer one of its parts. So two clusters that are each other's nearest will be merged sooner
 * or later, and merging all such pairs at once, round by round, gives the same dendrogram as one after the other
 * (Murtagh, Computer J. 26(4), 1983, doi:10.1093/comjnl/26.4.354; the chain of nearest neighbours in Muellner,
 * arXiv:1109.2378, rests on the same). A round asks for many nearest neighbours, which BLAS answers by blocks; memory
 * is linear in the points.
 *
 * Invariant: a cluster that is not stale knows its nearest live cluster and its D. Single precision gives lower bounds
 * of D, and only what they cannot rule out is compared in double, so that BLAS and threads change nothing. With e at
 * least the error of |q|^2 + |c|^2 - 2 q.c at single precision (nearest.c; here e = (d+20) 2^-24 (|q| + max |c|)^2,
 * which covers the rounding of centroids too), the bound is (|q|^2 + |c|^2 - 2 q.c - e) s_q s_c / (s_q + s_c).
 *
 * Past the deadline the largest clusters so far, as many as are wanted or allowed, take in the others.
 * A new point belongs to the cluster of its nearest fitted point. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "cluster/hierarchy.h"
#include "cluster/nearest.h"
#include "cluster/prototypes.h"
#include "core/alloc.h"
#include "core/blas.h"
#include "core/status.h"

enum { ROWS = 64, WIDTH = 512 }; /* of a block of queries and of clusters: what they need stays in the cache */

typedef struct ward {
    size_t d, count, live; /* slots in use and how many of them are clusters still; the others are dead */
    double *means;         /* [count*d], of the points centred and scaled to about 1 */
    float *centres;        /* [count*d], the same */
    float *norms;          /* [count], |c|^2, infinite when dead */
    float *weights;        /* [count], the sizes */
    double *sizes;         /* [count] */
    uint32_t *point;       /* [count], the lowest point of the cluster */
    uint32_t *nearest;     /* [count], another slot */
    double *height;        /* [count], D of the two */
    unsigned char *stale;  /* [count], nearest and height are out of date: 1 merged or dead, 2 for another's sake */
    uint32_t *list;        /* [count], scratch */
    double longest;        /* at least the norm of every centroid; means of points are no longer than the longest one */
} ward;

static void ward_free(ward *w) {
    free(w->means);
    free(w->centres);
    free(w->norms);
    free(w->weights);
    free(w->sizes);
    free(w->point);
    free(w->nearest);
    free(w->height);
    free(w->stale);
    free(w->list);
}

static void set_centre(ward *w, size_t i) {
    double norm = 0;
    for (size_t x = 0; x < w->d; x++) {
        double c = w->means[i * w->d + x];
        w->centres[i * w->d + x] = (float)c;
        norm += c * c;
    }
    w->norms[i] = (float)norm;
    w->weights[i] = (float)w->sizes[i];
    w->longest = fmax(w->longest, sqrt(norm));
}

static rs_status ward_new(ward *w, size_t m, size_t d, const float *points, const double *sizes) {
    rs_status status = RS_OK;
    double total = 0, largest = 0, *mean = rs_alloc(d, sizeof *mean);
    int exponent;
    *w = (ward){.d = d, .count = m, .live = m};
    RS_TRY_ALLOC(mean);
    RS_TRY_ALLOC(w->means = rs_alloc_aligned(m * d, sizeof *w->means));
    RS_TRY_ALLOC(w->centres = rs_alloc_aligned(m * d, sizeof *w->centres));
    RS_TRY_ALLOC(w->norms = rs_alloc_aligned(m, sizeof *w->norms));
    RS_TRY_ALLOC(w->weights = rs_alloc_aligned(m, sizeof *w->weights));
    RS_TRY_ALLOC(w->sizes = rs_memdup(sizes, m, sizeof *sizes));
    RS_TRY_ALLOC(w->point = rs_alloc(m, sizeof *w->point));
    RS_TRY_ALLOC(w->nearest = rs_alloc(m, sizeof *w->nearest));
    RS_TRY_ALLOC(w->height = rs_alloc(m, sizeof *w->height));
    RS_TRY_ALLOC(w->stale = rs_alloc(m, sizeof *w->stale));
    RS_TRY_ALLOC(w->list = rs_alloc(m, sizeof *w->list));
    for (size_t i = 0; i < m; i++) {
        total += sizes[i];
        for (size_t x = 0; x < d; x++) mean[x] += sizes[i] * (double)points[i * d + x];
    }
    for (size_t i = 0; i < m * d; i++) {
        w->means[i] = (double)points[i] - mean[i % d] / total;
        largest = fmax(largest, fabs(w->means[i]));
    }
    frexp(largest, &exponent);
    for (size_t i = 0; i < m * d; i++) w->means[i] = ldexp(w->means[i], -exponent);
    for (size_t i = 0; i < m; i++) {
        set_centre(w, i);
        w->point[i] = (uint32_t)i;
        w->stale[i] = 1;
    }
cleanup:
    free(mean);
    return status;
}

static double ward_distance(const void *user, size_t i, size_t j) {
    const ward *w = user;
    const double *a = w->means + i * w->d, *b = w->means + j * w->d;
    double sum = 0;
    for (size_t x = 0; x < w->d; x++) sum += (a[x] - b[x]) * (a[x] - b[x]);
    return w->sizes[i] * w->sizes[j] / (w->sizes[i] + w->sizes[j]) * sum;
}

/* v[j] becomes the lower bound of D for v[j] = |c|^2 - 2 q.c, base = |q|^2 - e; returns the least. */
static float bounds(float *restrict v, size_t width, float base, float weight, const float *restrict weights) {
    enum { LANES = 8 };
    float least[LANES];
    size_t j = 0;
    for (size_t l = 0; l < LANES; l++) least[l] = INFINITY;
#pragma omp simd
    for (size_t i = 0; i < width; i++) v[i] = (base + v[i]) * weights[i] / (weight + weights[i]);
    for (; j + LANES <= width; j += LANES)
        for (size_t l = 0; l < LANES; l++) least[l] = v[j + l] < least[l] ? v[j + l] : least[l];
    for (; j < width; j++) least[0] = v[j] < least[0] ? v[j] : least[0];
    for (size_t l = 1; l < LANES; l++) least[0] = least[l] < least[0] ? least[l] : least[0];
    return weight * least[0];
}

/* Compares cluster q with those of a block that its bounds do not rule out; of equal ones the lowest slot wins. */
static void compare(ward *w, size_t q, const float *v, size_t first, size_t width) {
    double best = w->height[q];
    float weight = w->weights[q];
    for (size_t j = 0; j < width; j++) {
        if ((double)(weight * v[j]) > best || first + j == q || !(w->norms[first + j] < INFINITY)) continue;
        double exact = ward_distance(w, q, first + j);
        if (exact < best) {
            best = exact;
            w->nearest[q] = (uint32_t)(first + j);
        }
    }
    w->height[q] = best;
}

/* The nearest clusters of a block of at most ROWS. queries [ROWS*d] and v [ROWS*WIDTH] are scratch. */
static void search(ward *w, const uint32_t *list, size_t rows, float *queries, float *v) {
    size_t d = w->d;
    for (size_t i = 0; i < rows; i++) {
        for (size_t x = 0; x < d; x++) queries[i * d + x] = -2 * w->centres[list[i] * d + x];
        w->height[list[i]] = INFINITY;
    }
    for (size_t first = 0; first < w->count; first += WIDTH) {
        size_t width = w->count - first < WIDTH ? w->count - first : WIDTH;
        for (size_t i = 0; i < rows; i++) memcpy(v + i * width, w->norms + first, width * sizeof *v);
        rs_gemm_nt(rows, width, d, queries, w->centres + first * d, 1, v);
        for (size_t i = 0; i < rows; i++) {
            size_t q = list[i];
            double reach = sqrt((double)w->norms[q]) + w->longest;
            double base = (double)w->norms[q] - ((double)d + 20) * (0x1p-24 * reach * reach + FLT_MIN);
            float *row = v + i * width;
            if (q >= first && q < first + width) row[q - first] = INFINITY;
            float least = bounds(row, width, (float)base, w->weights[q], w->weights + first);
            if ((double)least <= w->height[q]) compare(w, q, row, first, width);
        }
    }
}

/* Finds the nearest clusters of the stale ones. */
static rs_status refresh(ward *w, float *scratch, size_t threads, const rs_context *ctx) {
    size_t queries = 0, per_thread = ROWS * (w->d + WIDTH);
    for (size_t i = 0; i < w->count; i++)
        if (w->stale[i] && w->norms[i] < INFINITY) {
            w->list[queries++] = (uint32_t)i;
            w->stale[i] = 0;
        }
    size_t blocks = (queries + ROWS - 1) / ROWS;
    if (threads > blocks) threads = blocks;
    for (size_t first = 0; first < blocks; first += 16 * threads) {
        size_t end = first + 16 * threads < blocks ? first + 16 * threads : blocks;
        rs_status status = rs_context_check(ctx);
        if (status != RS_OK) return status;
#pragma omp parallel for num_threads((int)threads) schedule(static) if (threads > 1)
        for (size_t t = 0; t < threads; t++) {
            float *mine = scratch + t * per_thread;
            for (size_t b = first + t; b < end; b += threads) {
                size_t rows = queries - b * ROWS < ROWS ? queries - b * ROWS : ROWS;
                search(w, w->list + b * ROWS, rows, mine, mine + ROWS * w->d);
            }
        }
    }
    return RS_OK;
}

static rs_merge merge(ward *w, size_t i, size_t j) {
    double a = w->sizes[i], b = w->sizes[j], *x = w->means + i * w->d, *y = w->means + j * w->d;
    rs_merge result = {w->point[i], w->point[j], w->height[i]};
    for (size_t c = 0; c < w->d; c++) x[c] = (a * x[c] + b * y[c]) / (a + b);
    w->sizes[i] = a + b;
    set_centre(w, i);
    if (w->point[j] < w->point[i]) w->point[i] = w->point[j];
    w->norms[j] = INFINITY;
    w->stale[i] = w->stale[j] = 1;
    w->live--;
    return result;
}

/* Merges all pairs of clusters that are each other's nearest. Of equal pairs rounding may leave none: then the least.
 */
static size_t merge_pairs(ward *w, rs_merge *merges) {
    size_t done = 0, least = w->count;
    for (size_t i = 0; i < w->count; i++) {
        if (w->stale[i] || !(w->norms[i] < INFINITY)) continue;
        if (least == w->count || w->height[i] < w->height[least]) least = i;
        size_t j = w->nearest[i];
        if (j > i && !w->stale[j] && w->nearest[j] == i) merges[done++] = merge(w, i, j);
    }
    if (!done) merges[done++] = merge(w, least, w->nearest[least]);
    for (size_t i = 0; i < w->count; i++) /* merged clusters have become stale, and so have those nearest to one */
        if (!w->stale[i] && w->stale[w->nearest[i]] == 1) w->stale[i] = 2;
    return done;
}

/* Drops the dead slots; the order stays. */
static void compact(ward *w) {
    size_t kept = 0, d = w->d;
    for (size_t i = 0; i < w->count; i++) {
        w->list[i] = (uint32_t)kept;
        if (!(w->norms[i] < INFINITY)) continue;
        memmove(w->means + kept * d, w->means + i * d, d * sizeof *w->means);
        memmove(w->centres + kept * d, w->centres + i * d, d * sizeof *w->centres);
        w->norms[kept] = w->norms[i];
        w->weights[kept] = w->weights[i];
        w->sizes[kept] = w->sizes[i];
        w->point[kept] = w->point[i];
        w->nearest[kept] = w->nearest[i];
        w->height[kept] = w->height[i];
        w->stale[kept++] = w->stale[i];
    }
    w->count = kept;
    for (size_t i = 0; i < kept; i++) w->nearest[i] = w->list[w->nearest[i]]; /* of a stale one it does not matter */
}

rs_status rs_ward(rs_merge *merges, size_t m, size_t d, const float *points, const double *sizes,
                  const rs_cluster_options *options, const rs_context *ctx) {
    rs_status status = RS_OK;
    ward w;
    float *scratch = NULL;
    size_t threads = rs_context_threads(ctx), blocks = (m + ROWS - 1) / ROWS, done = 0;
    if (threads > blocks) threads = blocks;
    RS_TRY(ward_new(&w, m, d, points, sizes));
    RS_TRY_ALLOC(scratch = rs_alloc_aligned(threads, ROWS * (d + WIDTH) * sizeof *scratch));
    rs_blas_init();
    while (w.live > 1 && !rs_context_expired(ctx)) {
        RS_TRY(refresh(&w, scratch, threads, ctx));
        done += merge_pairs(&w, merges + done);
        if (w.live < w.count - w.count / 16) compact(&w);
        rs_context_progress(ctx, "cluster", (double)done / (double)m);
    }
    if (w.live > 1) {
        compact(&w);
        for (size_t i = 0; i < w.count; i++) w.list[i] = (uint32_t)i;
        rs_hierarchy_hurry(merges + done, w.count, w.list, w.sizes, w.point,
                           options->clusters ? options->clusters : options->max_clusters, ward_distance, &w);
    }
cleanup:
    ward_free(&w);
    free(scratch);
    return status;
}

static rs_status fit(rs_clustering **out, size_t n, size_t d, const float *points, const rs_cluster_options *options,
                     const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_merge *merges = NULL;
    rs_distinct distinct = {0};
    RS_TRY(rs_distinct_new(&distinct, n, d, points));
    RS_TRY_ALLOC(merges = rs_alloc(distinct.m, sizeof *merges));
    RS_TRY(rs_ward(merges, distinct.m, d, distinct.points, distinct.sizes, options, ctx));
    RS_TRY(rs_hierarchy_cluster(out, &rs_cluster_ward, &distinct, merges, n, d, points, options, ctx));
cleanup:
    rs_distinct_free(&distinct);
    free(merges);
    return status;
}

const rs_cluster_vtable rs_cluster_ward = {
    .name = "ward",
    .summary = "hierarchy of least squares; k as given or by the silhouette",
    .fit = fit,
    .assign = rs_prototypes_assign,
    .describe = rs_prototypes_describe,
    .free = rs_prototypes_free,
};
