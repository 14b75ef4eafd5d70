/* Searches among many points that look at few of them: all points near a query, the k-th nearest, the nearest.
 *
 * Points are sorted into cells of RS_CELL neighbours, each with a ball around it. A search compares queries with the
 * balls, and with the points of those cells only that a query may reach. Memory: about three times the points, and a
 * number a point and thread while searching. */
#ifndef RS_CLUSTER_NEIGHBOURS_H
#define RS_CLUSTER_NEIGHBOURS_H

#include "core/random.h"
#include "rnnsafe/core.h"

enum { RS_CELL = 64 };

typedef struct rs_cells {
    size_t n, d, count;
    float *rows;     /* [n*d], the points cell by cell: cell c has rows RS_CELL c ..., the last one may have fewer */
    uint32_t *index; /* [n], the point that a row was; ascending in a cell */
    float *norms;    /* [count*RS_CELL], |row|^2; infinite beyond the last */
    float *tiles;    /* [count*RS_CELL*d], the rows of sights.h; 0 beyond the last */
    float *centres;  /* [count*d] */
    float *centre_norms; /* [count] */
    double *radii;       /* [count], not less than the distance of any row of the cell to its centre */
    double longest;      /* not less than any |row| and |centre| */
} rs_cells;

/* n > 0 points, copied. Cost: n d log n. */
rs_status rs_cells_new(rs_cells **out, size_t n, size_t d, const float *points, const rs_context *ctx);
void rs_cells_free(rs_cells *cells);
static inline size_t rs_cell_size(const rs_cells *cells, size_t cell) {
    return cell + 1 < cells->count ? RS_CELL : cells->n - cell * RS_CELL;
}

/* A cell as a query sees it. The squared distance to the cell's j-th row differs by at most `error` from v[j] + shift;
 * `error` may be infinite and v[j] not a number. */
typedef struct rs_sight {
    size_t query, cell, size;
    const float *x; /* the query */
    const float *v; /* [size]; NULL: every row is within the query's limit */
    double shift, error;
} rs_sight;

/* What a search does with what it sees. */
typedef struct rs_visitor {
    /* Called for every cell that may hold a row within a query's limit, near cells first, by one thread at a time for a
     * query. It may lower the query's limit; a negative one ends it. */
    void (*visit)(void *user, const rs_sight *sight);
    bool (*wants)(void *user, size_t block, size_t cell); /* false skips a cell for RS_CELL queries; NULL: true */
    void *user;
    bool whole; /* cells entirely within the limit come without v */
    bool hurry; /* past the deadline the queries that are left see nothing */
} rs_visitor;

/* Visits for m queries, whose squared radii are limits[m]. Deterministic for a visitor whose result does not depend on
 * the order of queries. Errors: RS_EMEMORY, RS_EINTERRUPTED. */
rs_status rs_cells_search(const rs_cells *cells, size_t m, const float *queries /* [m*d] */, double *limits /* [m] */,
                          const rs_visitor *visitor, const rs_context *ctx);

/* The j-th row that a sight shows and its squared distance. */
double rs_sight_exact(const rs_cells *cells, const rs_sight *sight, size_t j);
/* The bounds on v of rows that are surely within `limit`, and that may be. */
float rs_sight_sure(const rs_sight *sight, double limit);
float rs_sight_maybe(const rs_sight *sight, double limit);
/* Whether row j is within limit, decided in double precision. */
static inline bool rs_sight_within(const rs_cells *cells, const rs_sight *sight, size_t j, double limit, float sure,
                                   float maybe) {
    if (!sight->v || sight->v[j] <= sure) return true;
    return !(sight->v[j] > maybe) && rs_sight_exact(cells, sight, j) <= limit;
}

/* out[i] = squared distance of query i to its k-th nearest row, 1 <= k <= n. */
rs_status rs_cells_kth(double *out /* [m] */, size_t k, const rs_cells *cells, size_t m, const float *queries,
                       const rs_context *ctx);
/* out[i] = the point nearest to query i, the lowest one on ties. */
rs_status rs_cells_nearest(uint32_t *out /* [m] */, const rs_cells *cells, size_t m, const float *queries,
                           const rs_context *ctx);

/* Puts the k-th smallest at a[k] and the smaller ones before it; equal values are ordered by index. */
typedef struct rs_keyed {
    double key;
    uint32_t index;
} rs_keyed;
void rs_select(rs_keyed *a, size_t n, size_t k);
int rs_keyed_order(const void *a, const void *b); /* for qsort */

#endif
