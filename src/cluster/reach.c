/* Every row that was not met yet has its least reachability from those met, and every cell the least and the largest of
 * its rows'. Meeting p can improve a row of a cell with centre c and radius r only if |p - c| - r is below the largest.
 *
 * Distances come 64 at a time, from tiles that hold one coordinate of 64 rows side by side. Their squares are sums of
 * d terms that are not negative, so that the relative error is at most (d+3) 2^-24 to first order, and underflow adds
 * at most the smallest normal number a term.
 * Invariant: what single precision does not rule out is decided by rs_squared_distance. */
#include "cluster/reach.h"

#include <float.h>
#include <math.h>

#include "cluster/nearest.h"
#include "core/alloc.h"
#include "core/status.h"

typedef float lanes __attribute__((vector_size(32)));
enum { LANES = sizeof(lanes) / sizeof(float), VECTORS = RS_CELL / LANES };
#if defined __x86_64__ && defined __GNUC__
#define WIDE __attribute__((target("avx2")))
#endif

/* Squared distances of x to the 64 columns of a tile. */
static inline __attribute__((always_inline)) void measure(float *out, size_t d, const float *x, const float *tile) {
    lanes sums[VECTORS] = {{0}};
    const lanes *t = (const lanes *)tile;
    for (size_t i = 0; i < d; i++, t += VECTORS)
        for (size_t j = 0; j < VECTORS; j++) {
            lanes difference = t[j] - x[i];
            sums[j] += difference * difference;
        }
    for (size_t j = 0; j < VECTORS; j++) ((lanes *)out)[j] = sums[j];
}

#ifdef WIDE
static WIDE void measure_wide(float *out, size_t d, const float *x, const float *tile) {
    measure(out, d, x, tile);
}
#endif

static void measure_any(float *out, size_t d, const float *x, const float *tile) {
    measure(out, d, x, tile);
}

typedef void measurer(float *out, size_t d, const float *x, const float *tile);

static measurer *choose_measurer(void) {
#ifdef WIDE
    if (__builtin_cpu_supports("avx2")) return measure_wide;
#endif
    return measure_any;
}

/* What is open, cell by cell. */
typedef struct front {
    size_t open;   /* rows that were not met */
    double least;  /* of their reachabilities, squared */
    double most;
    double far;    /* beyond this squared distance of a point to the centre no row gets easier to reach */
    uint32_t next; /* the row with the least, of the lowest point on ties */
} front;

typedef struct walk {
    const rs_cells *cells;
    const double *core;
    bool mutual;
    measurer *measure;
    float *tiles, *centre_tiles;
    double *reach;  /* [n], squared */
    uint32_t *from; /* [n], rows */
    bool *met;      /* [n] */
    front *fronts;  /* [count] */
    double below;   /* no true square is less than a computed one by this factor ... */
    double least;   /* ... less this much */
} walk;

/* tiles[t][x][j] = coordinate x of row 64 t + j; 0 beyond the last. */
static void transpose(float *tiles, size_t n, size_t d, const float *rows) {
    for (size_t i = 0; i < n; i++)
        for (size_t x = 0; x < d; x++) tiles[i / RS_CELL * d * RS_CELL + x * RS_CELL + i % RS_CELL] = rows[i * d + x];
}

static void update_front(walk *w, size_t cell) {
    front f = {.least = INFINITY, .most = 0, .next = UINT32_MAX};
    const uint32_t *index = w->cells->index;
    for (size_t i = cell * RS_CELL, end = i + rs_cell_size(w->cells, cell); i < end; i++) {
        if (w->met[i]) continue;
        f.open++;
        if (w->reach[i] > f.most) f.most = w->reach[i];
        if (f.next == UINT32_MAX || w->reach[i] < f.least || (w->reach[i] <= f.least && index[i] < index[f.next])) {
            f.least = w->reach[i];
            f.next = (uint32_t)i;
        }
    }
    double far = w->cells->radii[cell] + sqrt(f.most);
    f.far = far * far * (1 + 1e-12);
    w->fronts[cell] = f;
}

/* Whether a square computed in single precision is surely at least `limit`. */
static bool surely(const walk *w, float square, double limit) {
    return square <= FLT_MAX && (double)square * w->below - w->least >= limit;
}

/* The rows of a cell from p. */
static void relax(walk *w, size_t cell, size_t p) {
    const rs_cells *c = w->cells;
    size_t d = c->d, first = cell * RS_CELL, size = rs_cell_size(c, cell);
    float squares[RS_CELL] __attribute__((aligned(64)));
    bool improved = false;
    w->measure(squares, d, c->rows + p * d, w->tiles + first * d);
    for (size_t j = 0; j < size; j++) {
        size_t q = first + j;
        double base = w->mutual && w->core[q] > w->core[p] ? w->core[q] : w->core[p];
        if (w->met[q] || !(base < w->reach[q]) || surely(w, squares[j], w->reach[q])) continue;
        double exact = rs_squared_distance(d, c->rows + p * d, c->rows + q * d);
        if (!(exact < w->reach[q])) continue;
        w->reach[q] = exact > base ? exact : base;
        w->from[q] = (uint32_t)p;
        improved = true;
    }
    if (improved) update_front(w, cell);
}

static void relax_all(walk *w, size_t p) {
    const rs_cells *c = w->cells;
    float squares[RS_CELL] __attribute__((aligned(64)));
    for (size_t first = 0; first < c->count; first += RS_CELL) {
        w->measure(squares, c->d, c->rows + p * c->d, w->centre_tiles + first * c->d);
        for (size_t j = 0; j < RS_CELL && first + j < c->count; j++) {
            const front *f = w->fronts + first + j;
            if (f->open && w->core[p] < f->most && !surely(w, squares[j], f->far)) relax(w, first + j, p);
        }
    }
}

/* The open row that is easiest to reach. */
static uint32_t easiest(const walk *w) {
    const front *best = NULL;
    for (size_t i = 0; i < w->cells->count; i++) {
        const front *f = w->fronts + i;
        if (f->open && (!best || f->least < best->least ||
                        (f->least <= best->least && w->cells->index[f->next] < w->cells->index[best->next])))
            best = f;
    }
    return best->next;
}

rs_status rs_reach_walk(rs_step *steps, const rs_cells *cells, const double *core, bool mutual, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t n = cells->n, d = cells->d, tiles = (cells->count + RS_CELL - 1) / RS_CELL, met = 0;
    walk w = {.cells = cells, .core = core, .mutual = mutual, .measure = choose_measurer(),
              .below = 1 - ((double)d + 8) * 0x1p-23, .least = (double)d * (double)FLT_MIN};
    RS_TRY_ALLOC(w.tiles = rs_alloc_aligned(cells->count * d, RS_CELL * sizeof *w.tiles));
    RS_TRY_ALLOC(w.centre_tiles = rs_alloc_aligned(tiles * d, RS_CELL * sizeof *w.centre_tiles));
    RS_TRY_ALLOC(w.reach = rs_alloc(n, sizeof *w.reach));
    RS_TRY_ALLOC(w.from = rs_alloc(n, sizeof *w.from));
    RS_TRY_ALLOC(w.met = rs_alloc(n, sizeof *w.met));
    RS_TRY_ALLOC(w.fronts = rs_alloc(cells->count, sizeof *w.fronts));
    for (size_t i = n / RS_CELL * RS_CELL * d; i < cells->count * d * RS_CELL; i++) w.tiles[i] = 0;
    for (size_t i = cells->count / RS_CELL * RS_CELL * d; i < tiles * d * RS_CELL; i++) w.centre_tiles[i] = 0;
    transpose(w.tiles, n, d, cells->rows);
    transpose(w.centre_tiles, cells->count, d, cells->centres);
    for (size_t i = 0; i < n; i++) {
        w.reach[i] = INFINITY;
        w.from[i] = (uint32_t)i;
    }
    for (size_t i = 0; i < cells->count; i++) update_front(&w, i);
    bool expired = false;
    for (size_t i = 0; i < n && !expired; i++) {
        if (i % 64 == 0) {
            RS_TRY(rs_context_check(ctx));
            expired = rs_context_expired(ctx);
            rs_context_progress(ctx, "cluster", 0.2 + 0.6 * (double)i / (double)n);
        }
        uint32_t row = easiest(&w);
        steps[i] = (rs_step){cells->index[row], cells->index[w.from[row]], w.reach[row]};
        w.met[row] = true;
        met++;
        update_front(&w, row / RS_CELL);
        relax_all(&w, row);
    }
    for (size_t i = 0; met < n; i++)
        if (!w.met[i]) steps[met++] = (rs_step){cells->index[i], steps[0].point, INFINITY};
cleanup:
    free(w.tiles);
    free(w.centre_tiles);
    free(w.reach);
    free(w.from);
    free(w.met);
    free(w.fronts);
    return status;
}
