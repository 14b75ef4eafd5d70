/* OPTICS. Ankerst, Breunig, Kriegel and Sander, "OPTICS: ordering points to identify the clustering structure", SIGMOD
 * 1999, doi:10.1145/304182.304187; no limit on distances (the paper's eps is infinite).
 *
 * The reachability plot r[0..n-1] is the reachability of every point in the order of the walk; a valley is a cluster.
 * Position i is steep down when r[i+1] <= r[i] (1 - xi) and steep up when r[i] <= r[i+1] (1 - xi). A steep area is a
 * longest stretch from one steep point to another that never goes the other way and has at most min_points others in a
 * row. A cluster begins in a steep-down area and ends in a steep-up one after it, if no reachability between is within
 * xi of its ends (the paper's definition 11 and figure 19), and its end is cut back to a point that was reached from
 * inside (Schubert and Gertz, "Improving the cluster structure extracted from OPTICS plots", LWDA 2018, algorithm 2).
 * xi is 0.05. Of nested clusters the innermost have the points, and what is in none is noise. */
#include <math.h>
#include <string.h>

#include "cluster/density.h"
#include "cluster/reach.h"
#include "core/alloc.h"
#include "core/status.h"

static const double keep = 1 - 0.05; /* 1 - xi */

typedef struct plot {
    size_t n, min_points;
    double *r;      /* [n+1], a last infinity ends every valley */
    uint32_t *from; /* [n], the position that a position was reached from */
} plot;

/* A steep-down area; `between` is the largest reachability after it so far. */
typedef struct descent {
    size_t start, end;
    double between;
} descent;

/* r[i] / r[i+1]; not a number for two zeros or infinities, which is neither up nor down. */
static double ratio(const plot *p, size_t i) {
    return p->r[i] / p->r[i + 1];
}

static bool steep(const plot *p, size_t i, bool down) {
    return down ? ratio(p, i) >= 1 / keep : ratio(p, i) <= keep;
}

/* The last steep point of the area that starts at `start`. */
static size_t area_end(const plot *p, size_t start, bool down) {
    size_t end = start, flat = 0;
    for (size_t i = start; i < p->n; i++) {
        if (steep(p, i, down)) {
            flat = 0;
            end = i;
        } else if (down ? ratio(p, i) < 1 : ratio(p, i) > 1) break;
        else if (++flat > p->min_points) break;
    }
    return end;
}

/* The cluster from a descent to a steep-up area, or false. */
static bool valley(size_t *first, size_t *last, const plot *p, const descent *d, size_t up_start, size_t up_end) {
    const double *r = p->r;
    size_t s = d->start, e = up_end;
    double top = r[d->start], rim = r[up_end + 1];
    if (rim * keep < d->between) return false;
    if (top * keep >= rim) {
        while (s < d->end && r[s + 1] > rim) s++;
    } else if (rim * keep >= top) {
        while (e > up_start && r[e - 1] > top) e--;
    }
    while (s < e && !(r[s] > r[e]) && !(p->from[e] >= s && p->from[e] < e)) e--;
    *first = s;
    *last = e;
    return s < e && e - s + 1 >= p->min_points && s <= d->end && e >= up_start;
}

/* labels[i] of position i. Ends of areas only grow, and of one area's clusters the later ones start earlier: a cluster
 * holds a smaller one that has its label iff that ends at its start or after. */
static rs_status extract(uint32_t *labels, const plot *p) {
    rs_status status = RS_OK;
    descent *open = NULL;
    size_t count = 0, capacity = 0, index = 0, taken = 0; /* positions before `taken` cannot start a cluster */
    uint32_t label = 0;
    double between = 0;
    memset(labels, 0xff, p->n * sizeof *labels); /* noise */
    for (size_t i = 0; i < p->n; i++) {
        if (p->r[i] > between) between = p->r[i];
        bool down = steep(p, i, true);
        if (!down && !steep(p, i, false)) continue;
        size_t kept = 0;
        for (size_t j = 0; j < count && between < (double)INFINITY; j++)
            if (between <= p->r[open[j].start] * keep) {
                open[kept] = open[j];
                if (between > open[kept].between) open[kept].between = between;
                kept++;
            }
        count = kept;
        index = area_end(p, i, down);
        if (down) {
            RS_TRY(rs_reserve((void **)&open, &capacity, count + 1, sizeof *open));
            open[count++] = (descent){i, index, 0};
        }
        for (size_t j = count; !down && j-- > 0;) {
            size_t s, e;
            if (!valley(&s, &e, p, open + j, i, index) || s < taken) continue;
            for (size_t x = s; x <= e; x++) labels[x] = label;
            label++;
            taken = e + 1;
        }
        between = p->r[index + 1];
        i = index;
    }
cleanup:
    free(open);
    return status;
}

static rs_status fit(rs_clustering **out, size_t n, size_t d, const float *points, const rs_cluster_options *o,
                     const rs_context *ctx) {
    rs_status status = RS_OK;
    plot p = {.n = n, .min_points = rs_density_min_points(o, n)};
    rs_cells *cells = NULL;
    double *core = NULL;
    rs_step *steps = NULL;
    uint32_t *position = NULL, *labels = NULL;
    RS_TRY(rs_cells_new(&cells, n, d, points, ctx));
    RS_TRY_ALLOC(core = rs_alloc(n, sizeof *core));
    RS_TRY(rs_cells_kth(core, p.min_points, cells, n, cells->rows, ctx));
    RS_TRY_ALLOC(steps = rs_alloc(n, sizeof *steps));
    RS_TRY(rs_reach_walk(steps, cells, core, false, ctx));
    RS_TRY_ALLOC(p.r = rs_alloc(n + 1, sizeof *p.r));
    RS_TRY_ALLOC(p.from = rs_alloc(n, sizeof *p.from));
    RS_TRY_ALLOC(position = rs_alloc(n, sizeof *position));
    RS_TRY_ALLOC(labels = rs_alloc(n, sizeof *labels));
    for (size_t i = 0; i < n; i++) position[steps[i].point] = (uint32_t)i;
    for (size_t i = 0; i < n; i++) {
        p.r[i] = sqrt(steps[i].squared);
        p.from[i] = position[steps[i].from];
    }
    p.r[n] = INFINITY;
    uint32_t *at = position; /* labels by position, then by point */
    RS_TRY(extract(at, &p));
    for (size_t i = 0; i < n; i++) labels[steps[i].point] = at[i];
    RS_TRY(rs_density_new(out, &rs_cluster_optics, n, d, points, labels, o->max_clusters, ctx));
cleanup:
    rs_cells_free(cells);
    free(core);
    free(steps);
    free(p.r);
    free(p.from);
    free(position);
    free(labels);
    return status;
}

const rs_cluster_vtable rs_cluster_optics = {
    .name = "optics",
    .summary = "valleys of the reachability plot that have steep sides",
    .fit = fit,
    .assign = rs_density_assign,
    .describe = rs_density_describe,
    .free = rs_density_free,
};
