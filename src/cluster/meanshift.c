/* Mean shift with a flat kernel. Comaniciu and Meer, "Mean shift: a robust approach toward feature space analysis",
 * IEEE PAMI 24(5), 2002, doi:10.1109/34.1000236.
 *
 * A mean moves to the mean of all points within the bandwidth h, again and again, until it moves by at most h/1000. Of
 * the ends the one with most points within h is a centre and takes those within h of it out, and so on; a point belongs
 * to the nearest centre.
 *
 * Where h is not given it is the mean distance of the points to their (0.3 n)-th nearest, themselves first, as
 * scikit-learn estimates it, divided by the divisor; of more than SAMPLE points that is the mean over a sample of them,
 * each among all points. The divisor is 4 where it is not given: undivided, one kernel holds many of the states of an
 * automaton that hidden states are like.
 *
 * Not every point is a start: those are left out that are within h/2 of one, which in many dimensions are more than
 * share a bin of a grid with one. Means that have met stay together, so that one of them goes on.
 * A mean is summed in double and rounded to single precision. Invariant: every start is a point, so that a mean has a
 * point within h at first; one that has none later stays where it is. */
#include <math.h>
#include <string.h>

#include "cluster/centroids.h"
#include "cluster/density.h"
#include "cluster/distinct.h"
#include "cluster/nearest.h"
#include "cluster/neighbours.h"
#include "core/alloc.h"
#include "core/status.h"

enum { SAMPLE = 1000 };
static const double quantile = 0.3, stop = 1e-3, divisor = 4;
static const uint64_t stream_sample = 0x6d65616e73686966u; /* of ctx->seed */

/* The estimate. Points of the sample are drawn without repetition, in order (Knuth, TAOCP 2, 3.4.2, algorithm S). */
static rs_status estimate(double *out, size_t n, size_t d, const float *points, const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_random random = rs_random_new(rs_context_seed(ctx), stream_sample);
    size_t wanted = n < SAMPLE ? n : SAMPLE, taken = 0, k = (size_t)(quantile * (double)n);
    size_t threads = rs_context_threads(ctx);
    size_t drawn[SAMPLE];
    double kth[SAMPLE], sum = 0;
    bool interrupted = false;
    if (threads > wanted) threads = wanted;
    rs_keyed *scratch = rs_alloc(threads * n, sizeof *scratch);
    RS_TRY_ALLOC(scratch);
    for (size_t i = 0; taken < wanted; i++)
        if (rs_random_below(&random, n - i) < wanted - taken) drawn[taken++] = i;
#pragma omp parallel for num_threads((int)threads) schedule(static) if (threads > 1) reduction(|| : interrupted)
    for (size_t t = 0; t < threads; t++) {
        rs_keyed *a = scratch + t * n;
        for (size_t i = t; i < wanted && !interrupted; i += threads) {
            const float *x = points + drawn[i] * d;
            for (size_t j = 0; j < n; j++) a[j] = (rs_keyed){rs_squared_distance(d, x, points + j * d), (uint32_t)j};
            rs_select(a, n, k ? k - 1 : 0);
            kth[i] = sqrt(a[k ? k - 1 : 0].key);
            interrupted = rs_context_interrupted(ctx);
        }
    }
    if (interrupted) RS_TRY(rs_context_check(ctx));
    for (size_t i = 0; i < wanted; i++) sum += kth[i];
    *out = sum / (double)wanted;
cleanup:
    free(scratch);
    return status;
}

/* The means of one iteration. */
typedef struct shift {
    const rs_cells *cells;
    double limit;      /* h^2 */
    double *cell_sums; /* [cells*d] */
    double *sums;      /* [m*d] of the points within h of a mean */
    size_t *counts;    /* [m] */
} shift;

static void gather(void *user, const rs_sight *s) {
    const shift *m = user;
    size_t d = m->cells->d;
    double *sum = m->sums + s->query * d;
    if (!s->v) {
        for (size_t x = 0; x < d; x++) sum[x] += m->cell_sums[s->cell * d + x];
        m->counts[s->query] += s->size;
        return;
    }
    float sure = rs_sight_sure(s, m->limit), maybe = rs_sight_maybe(s, m->limit);
    for (size_t j = 0; j < s->size; j++) {
        if (!rs_sight_within(m->cells, s, j, m->limit, sure, maybe)) continue;
        const float *row = m->cells->rows + (s->cell * RS_CELL + j) * d;
        for (size_t x = 0; x < d; x++) sum[x] += (double)row[x];
        m->counts[s->query]++;
    }
}

/* Where means ended, with the number of points within h. */
typedef struct ends {
    size_t d, count, capacity, counts_capacity;
    float *means;
    size_t *counts;
} ends;

static rs_status ends_add(ends *e, const float *mean, size_t count) {
    rs_status status = rs_reserve((void **)&e->means, &e->capacity, (e->count + 1) * e->d, sizeof *e->means);
    if (status == RS_OK) status = rs_reserve((void **)&e->counts, &e->counts_capacity, e->count + 1, sizeof *e->counts);
    if (status != RS_OK) return status;
    memcpy(e->means + e->count * e->d, mean, e->d * sizeof *mean);
    e->counts[e->count++] = count;
    return RS_OK;
}

/* Points near a start. */
typedef struct cover {
    const rs_cells *cells;
    double limit;
    bool *covered; /* [n] */
} cover;

static void mark(void *user, const rs_sight *s) {
    const cover *c = user;
    float sure = s->v ? rs_sight_sure(s, c->limit) : 0, maybe = s->v ? rs_sight_maybe(s, c->limit) : 0;
    for (size_t j = 0; j < s->size; j++)
        if (rs_sight_within(c->cells, s, j, c->limit, sure, maybe))
            c->covered[c->cells->index[s->cell * RS_CELL + j]] = true;
}

/* Points such that every point is within h/2 of one: each is the first that is not near those before. starts[m*d]. */
static rs_status choose_starts(float **starts, size_t *m, const rs_cells *cells, const float *points, double h,
                               const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t n = cells->n, d = cells->d, count = 0;
    cover c = {.cells = cells, .limit = h * h / 4};
    float *chosen = NULL;
    RS_TRY_ALLOC(c.covered = rs_alloc(n, sizeof *c.covered));
    RS_TRY_ALLOC(chosen = rs_alloc_aligned(n * d, sizeof *chosen));
    for (size_t i = 0; i < n; i++) {
        double limit = c.limit;
        if (c.covered[i]) continue;
        RS_TRY(rs_cells_search(cells, 1, points + i * d, &limit,
                               &(rs_visitor){.visit = mark, .user = &c, .whole = true}, ctx));
        memcpy(chosen + count++ * d, points + i * d, d * sizeof *chosen);
    }
    *starts = chosen;
    *m = count;
    chosen = NULL;
cleanup:
    free(c.covered);
    free(chosen);
    return status;
}

/* Moves the means once; those that have stopped, or may not move again, go to the ends, the others stay in means[*m*d],
 * each once. */
static rs_status move(ends *e, size_t *m, float *means, shift *s, double *limits, bool last, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t d = e->d, left = 0;
    rs_distinct distinct = {0};
    memset(s->sums, 0, *m * d * sizeof *s->sums);
    memset(s->counts, 0, *m * sizeof *s->counts);
    for (size_t i = 0; i < *m; i++) limits[i] = s->limit;
    RS_TRY(rs_cells_search(s->cells, *m, means, limits, &(rs_visitor){.visit = gather, .user = s, .whole = true}, ctx));
    for (size_t i = 0; i < *m; i++) {
        float *from = means + i * d, *to = means + left * d; /* to <= from */
        double moved = 0;
        for (size_t x = 0; x < d; x++) {
            float next = s->counts[i] ? (float)(s->sums[i * d + x] / (double)s->counts[i]) : from[x];
            moved += ((double)next - (double)from[x]) * ((double)next - (double)from[x]);
            to[x] = next;
        }
        if (last || moved <= stop * stop * s->limit) RS_TRY(ends_add(e, to, s->counts[i]));
        else left++;
    }
    if (left) {
        RS_TRY(rs_distinct_new(&distinct, left, d, means));
        memcpy(means, distinct.points, distinct.m * d * sizeof *means);
        left = distinct.m;
    }
    *m = left;
cleanup:
    rs_distinct_free(&distinct);
    return status;
}

static rs_status climb(ends *e, const rs_cells *cells, size_t m, float *means, double h, size_t iterations,
                       const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t d = cells->d;
    shift s = {.cells = cells, .limit = h * h};
    double *limits = NULL;
    RS_TRY_ALLOC(s.cell_sums = rs_alloc(cells->count * d, sizeof *s.cell_sums));
    RS_TRY_ALLOC(s.sums = rs_alloc(m * d, sizeof *s.sums));
    RS_TRY_ALLOC(s.counts = rs_alloc(m, sizeof *s.counts));
    RS_TRY_ALLOC(limits = rs_alloc(m, sizeof *limits));
    for (size_t i = 0; i < cells->n * d; i++) s.cell_sums[i / d / RS_CELL * d + i % d] += (double)cells->rows[i];
    for (size_t i = 0; m; i++) {
        RS_TRY(rs_context_check(ctx));
        RS_TRY(move(e, &m, means, &s, limits, i + 1 >= iterations || rs_context_expired(ctx), ctx));
        rs_context_progress(ctx, "cluster", 0.9 - 0.8 / (double)(i + 2));
    }
cleanup:
    free(s.cell_sums);
    free(s.sums);
    free(s.counts);
    free(limits);
    return status;
}

/* An end to be sorted: most points first, on ties the larger first coordinate that differs, as scikit-learn has it. */
typedef struct rank {
    size_t count, d;
    const float *mean;
} rank;

static int by_rank(const void *a, const void *b) {
    const rank *x = a, *y = b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    for (size_t i = 0; i < x->d; i++)
        if (x->mean[i] < y->mean[i] || x->mean[i] > y->mean[i]) return x->mean[i] > y->mean[i] ? -1 : 1;
    return 0;
}

/* The centres among the ends: by rank, each farther than h from those before, at most `most`. */
static rs_status centres(float **out, size_t *count, const ends *e, double h, size_t most) {
    rs_status status = RS_OK;
    size_t d = e->d;
    float *found = NULL;
    rank *order = rs_alloc(e->count, sizeof *order);
    RS_TRY_ALLOC(order);
    if (most > e->count) most = e->count;
    RS_TRY_ALLOC(found = rs_alloc_aligned(most * d, sizeof *found));
    for (size_t i = 0; i < e->count; i++) order[i] = (rank){e->counts[i], d, e->means + i * d};
    qsort(order, e->count, sizeof *order, by_rank);
    *count = 0;
    for (size_t i = 0; i < e->count && *count < most; i++) {
        const float *mean = order[i].mean;
        size_t j = 0;
        while (j < *count && rs_squared_distance(d, mean, found + j * d) > h * h) j++;
        if (j == *count) memcpy(found + (*count)++ * d, mean, d * sizeof *found);
    }
    *out = found;
    found = NULL;
cleanup:
    free(order);
    free(found);
    return status;
}

static rs_status fit(rs_clustering **out, size_t n, size_t d, const float *points, const rs_cluster_options *o,
                     const rs_context *ctx) {
    rs_status status = RS_OK;
    double h = o->bandwidth;
    ends e = {.d = d};
    rs_cells *cells = NULL;
    float *starts = NULL, *found = NULL;
    size_t m, k;
    RS_TRY(rs_density_check("bandwidth", o->bandwidth));
    RS_TRY(rs_density_check("bandwidth_divisor", o->bandwidth_divisor));
    if (!(h > 0)) {
        RS_TRY(estimate(&h, n, d, points, ctx));
        h /= o->bandwidth_divisor > 0 ? o->bandwidth_divisor : divisor;
    }
    RS_TRY(rs_cells_new(&cells, n, d, points, ctx));
    RS_TRY(choose_starts(&starts, &m, cells, points, h, ctx));
    rs_context_log(ctx, 1, "meanshift: bandwidth %.6g, %zu starts", h, m);
    RS_TRY(climb(&e, cells, m, starts, h, o->iterations, ctx));
    RS_TRY(centres(&found, &k, &e, h, o->max_clusters));
    RS_TRY(rs_centroids_fit(out, &rs_cluster_meanshift, n, d, points, k, found, ctx));
cleanup:
    rs_cells_free(cells);
    free(e.means);
    free(e.counts);
    free(starts);
    free(found);
    return status;
}

const rs_cluster_vtable rs_cluster_meanshift = {
    .name = "meanshift",
    .summary = "nearest of the densest places; the width of a place as given or estimated",
    .fit = fit,
    .assign = rs_centroids_assign,
    .describe = rs_centroids_describe,
    .free = rs_centroids_free,
};
