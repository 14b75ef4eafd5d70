/* Grid quantisation: each coordinate's range is cut into q equal parts, and the cells that hold points are the
 * clusters. Omlin and Giles, "Extraction of rules from discrete-time recurrent neural networks", Neural Networks 9(1),
 * 1996, doi:10.1016/0893-6080(95)00086-0; they cut [0, 1], here a range is that of the fitted points.
 *
 * The cell of x has the coordinates min(q-1, max(0, floor(q (x - low) / (high - low)))), 0 where high = low. A new
 * point belongs to its cell when that is a cluster, else to the one whose centre is nearest, the lowest on ties.
 *
 * q is given by options->cells; then all cells that hold points count. Else, with `clusters` given, q is the smallest
 * that doubling and bisection find with so many cells, of which the fullest are kept; else it is the largest that they
 * find with at most max_clusters (at least 2, when the fullest max_clusters are kept). "pca-grid" does the same along
 * the first principal axes: Du et al., "DeepStellar: model-based quantitative analysis of stateful deep learning
 * systems", ESEC/FSE 2019, doi:10.1145/3338906.3338954. Invariant: the table holds a cell once; labels are the order in
 * which cells are met, or of their size when some are left out. Memory: that of the cells, at most the points'. */
#include <math.h>
#include <string.h>

#include "cluster/method.h"
#include "cluster/nearest.h"
#include "cluster/projection.h"
#include "core/alloc.h"
#include "core/status.h"
#include "core/text.h"

enum { SHOWN = 4, FINEST = 1 << 16, BLOCK = 256, AXES = 3 };
static const uint32_t absent = UINT32_MAX;

/* A table of cells: open addressing, at most half full. */
typedef struct cells {
    size_t d, q, k;
    const double *low, *width; /* [d] */
    uint32_t *at;              /* [capacity*d], cell j has at[j*d ..] */
    size_t *sizes;             /* [capacity] */
    size_t capacity;
    uint32_t *slots; /* [slot_count] of cells, or absent; slot_count is a power of 2 */
    size_t slot_count;
} cells;

typedef struct grid {
    rs_clustering base;
    double *low, *width; /* [d], width of a cell; 0 for a constant coordinate */
    float *centres;      /* [k*d] */
    cells cells;
} grid;

static void cells_free(cells *t) {
    free(t->at);
    free(t->sizes);
    free(t->slots);
    *t = (cells){0};
}

static void locate(uint32_t *at, const cells *t, const float *x) {
    for (size_t i = 0; i < t->d; i++) {
        double part = t->width[i] > 0 ? ((double)x[i] - t->low[i]) / t->width[i] : 0;
        at[i] = part >= (double)t->q ? (uint32_t)(t->q - 1) : part > 0 ? (uint32_t)part : 0;
    }
}

/* Where the cell is or would be. */
static size_t probe(const cells *t, const uint32_t *at) {
    uint64_t hash = 0;
    for (size_t i = 0; i < t->d; i++) hash = (hash ^ at[i]) * 0x9e3779b97f4a7c15u, hash ^= hash >> 29;
    size_t slot = (size_t)hash & (t->slot_count - 1);
    while (t->slots[slot] != absent && memcmp(t->at + t->slots[slot] * t->d, at, t->d * sizeof *at))
        slot = (slot + 1) & (t->slot_count - 1);
    return slot;
}

static rs_status grow(cells *t) {
    size_t capacity = t->capacity ? 2 * t->capacity : 64;
    uint32_t *slots = NULL, *at = rs_realloc(t->at, capacity, t->d * sizeof *at);
    if (!at) return RS_EMEMORY;
    t->at = at;
    size_t *sizes = rs_realloc(t->sizes, capacity, sizeof *sizes);
    if (!sizes) return RS_EMEMORY;
    t->sizes = sizes;
    slots = rs_alloc(2 * capacity, sizeof *slots);
    if (!slots) return RS_EMEMORY;
    free(t->slots);
    t->slots = slots;
    t->slot_count = 2 * capacity;
    t->capacity = capacity;
    memset(slots, 0xff, t->slot_count * sizeof *slots);
    for (size_t j = 0; j < t->k; j++) slots[probe(t, at + j * t->d)] = (uint32_t)j;
    return RS_OK;
}

/* Puts points into cells until there are more than `most`; labels [n] may be NULL. */
static rs_status fill(cells *t, size_t most, size_t n, const float *points, uint32_t *labels, const rs_context *ctx) {
    rs_status status = RS_OK;
    uint32_t *at = rs_alloc(t->d, sizeof *at);
    RS_TRY_ALLOC(at);
    for (size_t i = 0; i < n && t->k <= most; i++) {
        if (i % 4096 == 0) RS_TRY(rs_context_check(ctx));
        if (t->k == t->capacity) RS_TRY(grow(t));
        locate(at, t, points + i * t->d);
        size_t slot = probe(t, at);
        if (t->slots[slot] == absent) {
            memcpy(t->at + t->k * t->d, at, t->d * sizeof *at);
            t->sizes[t->k] = 0;
            t->slots[slot] = (uint32_t)t->k++;
        }
        t->sizes[t->slots[slot]]++;
        if (labels) labels[i] = t->slots[slot];
    }
cleanup:
    free(at);
    return status;
}

/* A table for q parts, empty. */
static void cut(grid *g, const double *low, const double *high, size_t q) {
    cells_free(&g->cells);
    for (size_t x = 0; x < g->base.d; x++) g->width[x] = (high[x] - low[x]) / (double)q;
    g->cells = (cells){.d = g->base.d, .q = q, .low = low, .width = g->width};
}

/* The largest q with at most `most` cells among those tried, and the smallest with more: FINEST + 1 when there is none.
 */
static rs_status bisect(size_t *fewer, size_t *more, grid *g, const double *high, size_t most, size_t n,
                        const float *points, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t low = 1, over = FINEST + 1;
    while (over - low > 1 && low < FINEST) {
        size_t q = over > FINEST ? 2 * low : low + (over - low) / 2;
        cut(g, g->low, high, q);
        RS_TRY(fill(&g->cells, most, n, points, NULL, ctx));
        if (g->cells.k <= most) low = q;
        else over = q;
    }
    *fewer = low;
    *more = over;
cleanup:
    return status;
}

typedef struct size_index {
    size_t size;
    uint32_t index;
} size_index;

static int fullest(const void *a, const void *b) {
    const size_index *x = a, *y = b;
    if (x->size != y->size) return x->size < y->size ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Leaves the fullest `most` cells. */
static rs_status keep(cells *t, size_t most) {
    rs_status status = RS_OK;
    cells left = {.d = t->d, .q = t->q, .low = t->low, .width = t->width};
    size_index *order = rs_alloc(t->k, sizeof *order);
    RS_TRY_ALLOC(order);
    for (size_t j = 0; j < t->k; j++) order[j] = (size_index){t->sizes[j], (uint32_t)j};
    qsort(order, t->k, sizeof *order, fullest);
    while (left.k < most) {
        if (left.k == left.capacity) RS_TRY(grow(&left));
        const uint32_t *at = t->at + order[left.k].index * t->d;
        memcpy(left.at + left.k * t->d, at, t->d * sizeof *at);
        left.slots[probe(&left, at)] = (uint32_t)left.k;
        left.k++;
    }
    cells_free(t);
    *t = left;
    left = (cells){0};
cleanup:
    cells_free(&left);
    free(order);
    return status;
}

static rs_status grid_assign(const rs_clustering *c, size_t m, const float *points, uint32_t *labels,
                             const rs_context *ctx) {
    const grid *g = (const grid *)c;
    rs_status status = RS_OK;
    float *outside = NULL;
    uint32_t nearest[BLOCK];
    size_t where[BLOCK], count = 0;
    uint32_t *at = rs_alloc(c->d, sizeof *at);
    RS_TRY_ALLOC(at);
    RS_TRY_ALLOC(outside = rs_alloc_aligned(BLOCK, c->d * sizeof *outside));
    for (size_t i = 0; i < m; i++) {
        if (i % 4096 == 0) RS_TRY(rs_context_check(ctx));
        locate(at, &g->cells, points + i * c->d);
        labels[i] = g->cells.slots[probe(&g->cells, at)];
        if (labels[i] == absent) {
            memcpy(outside + count * c->d, points + i * c->d, c->d * sizeof *points);
            where[count++] = i;
        }
        if (count == BLOCK || (count && i + 1 == m)) {
            RS_TRY(rs_nearest(nearest, NULL, count, c->d, outside, c->k, g->centres, ctx));
            while (count) count--, labels[where[count]] = nearest[count];
        }
    }
cleanup:
    free(at);
    free(outside);
    return status;
}

static void grid_free(rs_clustering *c) {
    grid *g = (grid *)c;
    cells_free(&g->cells);
    free(g->base.labels);
    free(g->low);
    free(g->width);
    free(g->centres);
    free(g);
}

static rs_status grid_fit(rs_clustering **out, size_t n, size_t d, const float *points, const rs_cluster_options *o,
                          const rs_context *ctx) {
    rs_status status = RS_OK;
    double *high = NULL;
    size_t q = o->cells, most = n;
    grid *g = NULL;
    if (q > FINEST) return rs_fail(RS_EUSAGE, "%zu cells a coordinate: %d at most", q, FINEST);
    RS_TRY_ALLOC(g = rs_alloc(1, sizeof *g));
    g->base = (rs_clustering){.vtable = &rs_cluster_grid, .n = n, .d = d};
    RS_TRY_ALLOC(g->base.labels = rs_alloc(n, sizeof *g->base.labels));
    RS_TRY_ALLOC(g->low = rs_alloc(d, sizeof *g->low));
    RS_TRY_ALLOC(g->width = rs_alloc(d, sizeof *g->width));
    RS_TRY_ALLOC(high = rs_alloc(d, sizeof *high));
    for (size_t x = 0; x < d; x++) g->low[x] = high[x] = (double)points[x];
    for (size_t i = 0; i < n; i++)
        for (size_t x = 0; x < d; x++) {
            g->low[x] = fmin(g->low[x], (double)points[i * d + x]);
            high[x] = fmax(high[x], (double)points[i * d + x]);
        }
    if (!q) {
        size_t fewer, more;
        most = o->clusters ? o->clusters : o->max_clusters;
        RS_TRY(bisect(&fewer, &more, g, high, o->clusters ? most - 1 : most, n, points, ctx));
        q = o->clusters == 1 ? 1 : o->clusters ? (more > FINEST ? FINEST : more) : fewer > 1 ? fewer : 2;
    }
    cut(g, g->low, high, q);
    RS_TRY(fill(&g->cells, n, n, points, g->base.labels, ctx));
    bool all = g->cells.k <= most;
    if (!all) RS_TRY(keep(&g->cells, most));
    size_t k = g->base.k = g->cells.k;
    RS_TRY_ALLOC(g->centres = rs_alloc_aligned(k, d * sizeof *g->centres));
    for (size_t j = 0; j < k * d; j++)
        g->centres[j] = (float)(g->low[j % d] + ((double)g->cells.at[j] + 0.5) * g->width[j % d]);
    if (!all) RS_TRY(grid_assign(&g->base, n, points, g->base.labels, ctx));
    memset(g->cells.sizes, 0, k * sizeof *g->cells.sizes);
    for (size_t i = 0; i < n; i++) g->cells.sizes[g->base.labels[i]]++;
    rs_context_log(ctx, 1, "grid: %zu cells of %zu parts a coordinate", k, q);
    rs_context_progress(ctx, "cluster", 1);
    *out = &g->base;
    g = NULL;
cleanup:
    free(high);
    if (g) grid_free(&g->base);
    return status;
}

static rs_status grid_describe(char **out, const rs_clustering *c, size_t i) {
    const grid *g = (const grid *)c;
    rs_text text = {0};
    for (size_t x = 0; x < c->d && x < SHOWN; x++) {
        double from = g->low[x] + g->cells.at[i * c->d + x] * g->width[x];
        rs_text_add(&text, "%s[%.3g, %.3g]", x ? " x " : "cell ", from, from + g->width[x]);
    }
    rs_text_add(&text, "%s, %zu point%s", c->d > SHOWN ? " x ..." : "", g->cells.sizes[i],
                g->cells.sizes[i] == 1 ? "" : "s");
    return rs_text_take(out, &text);
}

const rs_cluster_vtable rs_cluster_grid = {
    .name = "grid",
    .summary = "each coordinate is cut into equal parts; the cells that hold points",
    .fit = grid_fit,
    .assign = grid_assign,
    .describe = grid_describe,
    .free = grid_free,
};

static rs_status pca_grid_fit(rs_clustering **out, size_t n, size_t d, const float *points, const rs_cluster_options *o,
                              const rs_context *ctx) {
    rs_cluster_options inner = *o;
    if (!inner.components) inner.components = d < AXES ? d : AXES;
    return rs_projected_fit(out, rs_cluster_pca_grid.name, "pca", &rs_cluster_grid, n, d, points, &inner, ctx);
}

/* What it fits has the functions of projected clusterings. */
const rs_cluster_vtable rs_cluster_pca_grid = {
    .name = "pca-grid",
    .summary = "a grid along the first principal axes (3 unless components are given)",
    .fit = pca_grid_fit,
};
