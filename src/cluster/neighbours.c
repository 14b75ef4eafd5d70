/* Single precision skips, double precision decides.
 *
 * |x - y|^2 = v + |x|^2 with v = |y|^2 - 2 x.y, which BLAS computes for blocks of queries and cells' centres, and
 * sights.h for the rows of cells. As in nearest.c, |v' - v| <= (d+2) 2^-24 (|y|^2 + 2 |x||y|) up to higher orders, in
 * any order of summation, and underflow adds at most the smallest normal number a term; `error` is more than that. A
 * cell with centre c and radius r is skipped when |x - c| - r is surely more than the radius of the search, and lies
 * within when |x - c| + r is surely not. Invariant: whether a row is within a radius, and which of two rows is nearer,
 * is decided by rs_squared_distance, so that results do not depend on how BLAS rounds, on blocks or on threads. */
#include "cluster/neighbours.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "cluster/nearest.h"
#include "cluster/sights.h"
#include "core/alloc.h"
#include "core/blas.h"
#include "core/status.h"

/* Of one thread. */
typedef struct scratch {
    float *centres;  /* [count*m], v of centres and block */
    float *v;        /* [RS_SIGHTS*RS_CELL], v of some queries and the rows of a cell */
    float *scaled;   /* [RS_CELL*d], -2 times the queries */
    rs_keyed *order; /* [count] */
} scratch;

typedef struct job {
    const rs_cells *cells;
    size_t m;
    const float *queries;
    double *limits;
    const rs_visitor *visitor;
    rs_sights_measurer *measure;
} job;

double rs_sight_exact(const rs_cells *cells, const rs_sight *s, size_t j) {
    return rs_squared_distance(cells->d, s->x, cells->rows + (s->cell * RS_CELL + j) * cells->d);
}

float rs_sight_sure(const rs_sight *s, double limit) {
    return nextafterf((float)(limit - s->shift - s->error), -INFINITY);
}

float rs_sight_maybe(const rs_sight *s, double limit) {
    return nextafterf((float)(limit - s->shift + s->error), INFINITY);
}

/* Whether the ball of a cell, seen at squared distance v + shift +- error, may reach into the radius of a search, and
 * whether it lies within. A NaN is on the safe side of every comparison. */
static inline bool reaches(const rs_sight *s, double v, double ball, double radius) {
    double far = (ball + radius) * (1 + 1e-12);
    return radius >= 0 && !(v + (s->shift - s->error) > far * far);
}

static bool inside(const rs_sight *s, double v, double ball, double radius) {
    double near = radius * (1 - 1e-12) - ball;
    return near > 0 && v + s->shift + s->error <= near * near;
}

static double root(double limit) {
    return limit >= 0 ? sqrt(limit) : -1;
}

typedef float lanes __attribute__((vector_size(16)));
typedef uint32_t bits __attribute__((vector_size(16)));
enum { LANES = sizeof(lanes) / sizeof(float) };

/* The least of v[q] + shifts[q], leaving NaN out. */
static float least_sum(size_t m, const float *v, const float *shifts) {
    lanes least = {0}, x, y;
    float result = INFINITY;
    size_t q = 0;
    least += INFINITY;
    for (; q + LANES <= m; q += LANES) {
        memcpy(&x, v + q, sizeof x);
        memcpy(&y, shifts + q, sizeof y);
        x += y;
        bits less = (bits)(x < least);
        least = (lanes)(((bits)x & less) | ((bits)least & ~less));
    }
    for (size_t l = 0; l < LANES; l++) result = least[l] < result ? least[l] : result;
    for (; q < m; q++) result = v[q] + shifts[q] < result ? v[q] + shifts[q] : result;
    return result;
}

/* A cell for `count` queries of a block, numbered by `which`. */
static void look(const job *j, size_t cell, size_t count, const size_t *which, rs_sight *sights, double *radii,
                 const scratch *w) {
    const rs_cells *c = j->cells;
    const float *x[RS_SIGHTS];
    float limits[RS_SIGHTS] = {0};
    bool open[RS_SIGHTS];
    for (size_t i = 0; i < RS_SIGHTS; i++) {
        rs_sight *s = sights + which[i < count ? i : 0];
        x[i] = w->scaled + which[i < count ? i : 0] * c->d;
        limits[i] = rs_sight_maybe(s, j->limits[s->query]);
    }
    j->measure(w->v, open, c->d, x, limits, c->tiles + cell * RS_CELL * c->d, c->norms + cell * RS_CELL);
    for (size_t i = 0; i < count; i++) {
        rs_sight *s = sights + which[i];
        if (!open[i]) continue;
        s->v = w->v + i * RS_CELL;
        j->visitor->visit(j->visitor->user, s);
        radii[which[i]] = root(j->limits[s->query]);
    }
}

/* The cell for those queries that it may reach. */
static void visit_cell(const job *j, size_t cell, size_t m, rs_sight *sights, double *radii, const scratch *w) {
    const rs_cells *c = j->cells;
    size_t size = rs_cell_size(c, cell), count = 0, near[RS_SIGHTS];
    for (size_t q = 0; q < m; q++) {
        double v = (double)w->centres[cell * m + q];
        if (!reaches(sights + q, v, c->radii[cell], radii[q])) continue;
        sights[q].cell = cell;
        sights[q].size = size;
        sights[q].v = NULL;
        if (j->visitor->whole && inside(sights + q, v, c->radii[cell], radii[q])) {
            j->visitor->visit(j->visitor->user, sights + q);
            radii[q] = root(j->limits[sights[q].query]);
            continue;
        }
        near[count++] = q;
        if (count < RS_SIGHTS) continue;
        look(j, cell, count, near, sights, radii, w);
        count = 0;
    }
    if (count) look(j, cell, count, near, sights, radii, w);
}

static double widest_of(size_t m, const double *radii) {
    double widest = -1;
    for (size_t q = 0; q < m; q++)
        if (radii[q] > widest) widest = radii[q];
    return widest;
}

/* One block of up to RS_CELL queries. */
static void search_block(const job *j, size_t block, const scratch *w) {
    const rs_cells *c = j->cells;
    size_t d = c->d, first = block * RS_CELL, m = j->m - first < RS_CELL ? j->m - first : RS_CELL, found = 0;
    const float *x = j->queries + first * d;
    rs_sight sights[RS_CELL];
    double radii[RS_CELL], error = 0; /* not less than that of any sight or of the sums of shifts */
    float shifts[RS_CELL];
    for (size_t i = 0; i < m * d; i++) w->scaled[i] = -2 * x[i];
    for (size_t q = 0; q < m; q++) {
        double norm = 0;
        for (size_t i = 0; i < d; i++) norm += (double)x[q * d + i] * (double)x[q * d + i];
        double bound = c->longest * (c->longest + 2 * sqrt(norm));
        double slack = ((double)d + 8) * (0x1p-22 * bound + 0x1p-40 * norm + (double)FLT_MIN);
        sights[q] = (rs_sight){.query = first + q,
                               .x = x + q * d,
                               .shift = norm,
                               .error = bound < (double)FLT_MAX / 4 ? slack : (double)INFINITY};
        error = fmax(error, sights[q].error + 0x1p-22 * (norm + bound));
        radii[q] = root(j->limits[first + q]);
        shifts[q] = radii[q] < 0 ? INFINITY : norm < (double)FLT_MAX / 4 ? (float)norm : FLT_MAX / 4;
    }
    for (size_t i = 0; i < c->count; i++)
        for (size_t q = 0; q < m; q++) w->centres[i * m + q] = c->centre_norms[i];
    rs_gemm_nt(c->count, m, d, c->centres, w->scaled, 1, w->centres);
    double widest = widest_of(m, radii);
    if (widest < 0) return;
    for (size_t i = 0; i < c->count; i++) {
        double nearest = (double)least_sum(m, w->centres + i * m, shifts), far = (c->radii[i] + widest) * (1 + 1e-12);
        if (nearest - error > far * far) continue; /* out of reach of all */
        if (j->visitor->wants && !j->visitor->wants(j->visitor->user, block, i)) continue;
        w->order[found++] = (rs_keyed){nearest, (uint32_t)i};
    }
    qsort(w->order, found, sizeof *w->order, rs_keyed_order);
    for (size_t i = 0; i < found && widest >= 0; i++) {
        size_t cell = w->order[i].index;
        double far = (c->radii[cell] + widest) * (1 + 1e-12);
        if (w->order[i].key - error > far * far) continue;
        if (j->visitor->wants && !j->visitor->wants(j->visitor->user, block, cell)) continue;
        visit_cell(j, cell, m, sights, radii, w);
        widest = widest_of(m, radii);
    }
}

rs_status rs_cells_search(const rs_cells *cells, size_t m, const float *queries, double *limits,
                          const rs_visitor *visitor, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t d = cells->d, count = cells->count, blocks = (m + RS_CELL - 1) / RS_CELL, threads = rs_context_threads(ctx);
    size_t rows = m < RS_CELL ? m : RS_CELL, stride = RS_SIGHTS * RS_CELL + (rows * (count + d) + 15) / 16 * 16;
    job j = {.cells = cells,
             .m = m,
             .queries = queries,
             .limits = limits,
             .visitor = visitor,
             .measure = rs_sights_measurer_of(0)};
    float *numbers = NULL;
    rs_keyed *order = NULL;
    if (threads > blocks) threads = blocks;
    if (!m) return RS_OK;
    RS_TRY_ALLOC(numbers = rs_alloc_aligned(threads, stride * sizeof *numbers));
    RS_TRY_ALLOC(order = rs_alloc(threads * count, sizeof *order));
    rs_blas_init();
    bool stop = false;
#pragma omp parallel for num_threads((int)threads) schedule(static) if (threads > 1) reduction(|| : stop)
    for (size_t t = 0; t < threads; t++) {
        float *p = numbers + t * stride;
        scratch w = {.v = p, .scaled = p + RS_SIGHTS * RS_CELL, .order = order + t * count};
        w.centres = w.scaled + rows * d;
        for (size_t b = t; b < blocks && !stop; b += threads) {
            search_block(&j, b, &w);
            stop = rs_context_interrupted(ctx) || (visitor->hurry && rs_context_expired(ctx));
        }
    }
    if (stop) status = rs_context_check(ctx);
cleanup:
    free(numbers);
    free(order);
    return status;
}

/* The k smallest exact distances of each query as a heap, the largest on top; it is the query's limit. */
typedef struct kth {
    const rs_cells *cells;
    size_t k;
    double *heaps;  /* [m*k] */
    double *limits; /* [m] */
} kth;

static void kth_visit(void *user, const rs_sight *s) {
    const kth *search = user;
    double *heap = search->heaps + s->query * search->k, *limit = search->limits + s->query;
    float maybe = rs_sight_maybe(s, *limit);
    for (size_t j = 0; j < s->size; j++) {
        if (s->v[j] > maybe) continue;
        double exact = rs_sight_exact(search->cells, s, j);
        if (!(exact < *limit)) continue;
        size_t i = 0;
        for (size_t child; (child = 2 * i + 1) < search->k; i = child) {
            if (child + 1 < search->k && heap[child + 1] > heap[child]) child++;
            if (!(heap[child] > exact)) break;
            heap[i] = heap[child];
        }
        heap[i] = exact;
        *limit = heap[0];
        maybe = rs_sight_maybe(s, *limit);
    }
}

rs_status rs_cells_kth(double *out, size_t k, const rs_cells *cells, size_t m, const float *queries,
                       const rs_context *ctx) {
    rs_status status = RS_OK;
    kth search = {.cells = cells, .k = k, .limits = out};
    RS_TRY_ALLOC(search.heaps = rs_alloc(m, k * sizeof *search.heaps));
    for (size_t i = 0; i < m * k; i++) search.heaps[i] = INFINITY;
    for (size_t i = 0; i < m; i++) out[i] = INFINITY;
    RS_TRY(rs_cells_search(cells, m, queries, out, &(rs_visitor){.visit = kth_visit, .user = &search}, ctx));
cleanup:
    free(search.heaps);
    return status;
}

/* The nearest point so far of each query and its distance, which is the query's limit. */
typedef struct nearest {
    const rs_cells *cells;
    uint32_t *out;  /* [m] */
    double *limits; /* [m] */
} nearest;

static void nearest_visit(void *user, const rs_sight *s) {
    const nearest *search = user;
    uint32_t *out = search->out + s->query;
    double *limit = search->limits + s->query;
    float maybe = rs_sight_maybe(s, *limit);
    for (size_t j = 0; j < s->size; j++) {
        if (s->v[j] > maybe) continue;
        double exact = rs_sight_exact(search->cells, s, j);
        uint32_t point = search->cells->index[s->cell * RS_CELL + j];
        if (exact < *limit || (exact <= *limit && point < *out)) {
            *limit = exact;
            *out = point;
            maybe = rs_sight_maybe(s, *limit);
        }
    }
}

rs_status rs_cells_nearest(uint32_t *out, const rs_cells *cells, size_t m, const float *queries,
                           const rs_context *ctx) {
    rs_status status = RS_OK;
    nearest search = {.cells = cells, .out = out, .limits = rs_alloc(m, sizeof *search.limits)};
    RS_TRY_ALLOC(search.limits);
    for (size_t i = 0; i < m; i++) {
        search.limits[i] = INFINITY;
        out[i] = UINT32_MAX;
    }
    RS_TRY(
        rs_cells_search(cells, m, queries, search.limits, &(rs_visitor){.visit = nearest_visit, .user = &search}, ctx));
cleanup:
    free(search.limits);
    return status;
}
