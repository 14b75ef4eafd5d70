/* Cells of near points.
 *
 * All rows are split at the coordinate of largest variance into two parts, and so on until a part fits a cell; the left
 * part is the larger half in whole cells. Bentley, "Multidimensional binary search trees used for associative
 * searching", CACM 18(9), 1975, doi:10.1145/361002.361007; here only the leaves are kept, since in 16 to 64 dimensions
 * comparing with all of their balls at once costs less than a walk down a tree. */
#include <math.h>
#include <string.h>

#include "cluster/gaussian.h"
#include "cluster/nearest.h"
#include "cluster/neighbours.h"
#include "core/alloc.h"
#include "core/blas.h"
#include "core/status.h"

enum { ENOUGH = 128 };

static bool before(const rs_keyed *a, const rs_keyed *b) {
    return a->key < b->key || (a->key <= b->key && a->index < b->index);
}

int rs_keyed_order(const void *a, const void *b) {
    return before(b, a) - before(a, b);
}

static void swap(rs_keyed *a, rs_keyed *b) {
    rs_keyed c = *a;
    *a = *b;
    *b = c;
}

/* Hoare's FIND with a random pivot (CACM 4(7), 1961, doi:10.1145/366622.366647). */
void rs_select(rs_keyed *a, size_t n, size_t k) {
    rs_random random = rs_random_new(n, k);
    for (size_t low = 0, high = n; high - low > 1;) {
        swap(a + low, a + low + rs_random_below(&random, high - low));
        size_t i = low + 1, j = high;
        rs_keyed pivot = a[low];
        for (;;) {
            while (i < j && before(a + i, &pivot)) i++;
            while (i < j && before(&pivot, a + j - 1)) j--;
            if (i >= j) break;
            swap(a + i++, a + --j);
        }
        swap(a + low, a + i - 1);
        if (i - 1 == k) return;
        if (k < i - 1) high = i - 1;
        else low = i;
    }
}

/* The coordinate of largest variance of some of n points, in steps. */
static size_t widest(const rs_keyed *a, size_t n, size_t d, const float *points, double *sums /* [2*d] */) {
    size_t widest = 0, step = (n + ENOUGH - 1) / ENOUGH;
    double most = -1;
    memset(sums, 0, 2 * d * sizeof *sums);
    for (size_t i = 0; i < n; i += step) {
        const float *x = points + a[i].index * d;
        for (size_t j = 0; j < d; j++) sums[j] += (double)x[j];
    }
    for (size_t j = 0; j < d; j++) sums[j] /= (double)((n + step - 1) / step);
    for (size_t i = 0; i < n; i += step) {
        const float *x = points + a[i].index * d;
        for (size_t j = 0; j < d; j++) sums[d + j] += ((double)x[j] - sums[j]) * ((double)x[j] - sums[j]);
    }
    for (size_t j = 0; j < d; j++)
        if (sums[d + j] > most) {
            most = sums[d + j];
            widest = j;
        }
    return widest;
}

static void split(rs_keyed *a, size_t n, size_t d, const float *points, double *sums) {
    while (n > RS_CELL) {
        size_t x = widest(a, n, d, points, sums), left = ((n + RS_CELL - 1) / RS_CELL + 1) / 2 * RS_CELL;
        for (size_t i = 0; i < n; i++) a[i].key = (double)points[a[i].index * d + x];
        rs_select(a, n, left);
        split(a, left, d, points, sums);
        a += left;
        n -= left;
    }
    for (size_t i = 0; i < n; i++) a[i].key = 0;
    qsort(a, n, sizeof *a, rs_keyed_order);
}

static double norm2(size_t d, const float *x) {
    double sum = 0;
    for (size_t i = 0; i < d; i++) sum += (double)x[i] * (double)x[i];
    return sum;
}

/* Centre and radius of a cell. */
static void enclose(rs_cells *c, size_t cell, double *sums /* [d] */) {
    size_t d = c->d, size = rs_cell_size(c, cell);
    const float *rows = c->rows + cell * RS_CELL * d;
    float *centre = c->centres + cell * d;
    double radius2 = 0, norm;
    memset(sums, 0, d * sizeof *sums);
    for (size_t i = 0; i < size; i++)
        for (size_t j = 0; j < d; j++) sums[j] += (double)rows[i * d + j];
    for (size_t j = 0; j < d; j++) centre[j] = (float)(sums[j] / (double)size);
    for (size_t i = 0; i < size; i++) radius2 = fmax(radius2, rs_squared_distance(d, rows + i * d, centre));
    c->radii[cell] = sqrt(radius2) * (1 + 1e-12);
    c->centre_norms[cell] = (float)(norm = norm2(d, centre));
    c->longest = fmax(c->longest, sqrt(norm));
}

rs_status rs_cells_new(rs_cells **out, size_t n, size_t d, const float *points, const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_keyed *order = NULL;
    double *sums = NULL;
    rs_cells *c = rs_alloc(1, sizeof *c);
    RS_TRY_ALLOC(c);
    c->n = n;
    c->d = d;
    c->count = (n + RS_CELL - 1) / RS_CELL;
    RS_TRY_ALLOC(c->rows = rs_alloc_aligned(n * d, sizeof *c->rows));
    RS_TRY_ALLOC(c->index = rs_alloc(n, sizeof *c->index));
    RS_TRY_ALLOC(c->norms = rs_alloc_aligned(c->count, RS_CELL * sizeof *c->norms));
    RS_TRY_ALLOC(c->tiles = rs_alloc_aligned(c->count * d, RS_CELL * sizeof *c->tiles));
    RS_TRY_ALLOC(c->centres = rs_alloc_aligned(c->count * d, sizeof *c->centres));
    RS_TRY_ALLOC(c->centre_norms = rs_alloc_aligned(c->count, sizeof *c->centre_norms));
    RS_TRY_ALLOC(c->radii = rs_alloc(c->count, sizeof *c->radii));
    RS_TRY_ALLOC(order = rs_alloc(n, sizeof *order));
    RS_TRY_ALLOC(sums = rs_alloc(d, 2 * sizeof *sums));
    RS_TRY(rs_context_check(ctx));
    for (size_t i = 0; i < n; i++) order[i].index = (uint32_t)i;
    split(order, n, d, points, sums);
    for (size_t i = 0; i < n; i++) {
        memcpy(c->rows + i * d, points + order[i].index * d, d * sizeof *c->rows);
        c->index[i] = order[i].index;
        double norm = norm2(d, c->rows + i * d);
        c->norms[i] = (float)norm;
        rs_tile_put(c->tiles + i / RS_TILE * RS_TILE * d, i % RS_TILE, d, c->rows + i * d);
        c->longest = fmax(c->longest, sqrt(norm));
    }
    for (size_t i = n; i < c->count * RS_CELL; i++) {
        c->norms[i] = INFINITY;
        for (size_t x = 0; x < d; x++) c->tiles[i / RS_TILE * RS_TILE * d + x * RS_TILE + i % RS_TILE] = 0;
    }
    for (size_t i = 0; i < c->count; i++) enclose(c, i, sums);
    *out = c;
    c = NULL;
cleanup:
    rs_cells_free(c);
    free(order);
    free(sums);
    return status;
}

void rs_cells_free(rs_cells *c) {
    if (!c) return;
    free(c->rows);
    free(c->index);
    free(c->norms);
    free(c->tiles);
    free(c->centres);
    free(c->centre_norms);
    free(c->radii);
    free(c);
}
