/* HDBSCAN*. Campello, Moulavi and Sander, "Density-based clustering based on hierarchical density estimates", PAKDD
 * 2013, doi:10.1007/978-3-642-37456-2_14.
 *
 * The mutual reachability of two points is the largest of their distance and their core distances, which are those to
 * the min_points-th nearest. Removing the edges of its minimum spanning tree from the longest on, all equal ones at
 * once, parts the points. A part of fewer than min_points points is noise; when two or more larger ones come apart
 * their cluster ends and each begins one of its own, else the cluster goes on as the larger one. With lambda = 1 /
 * length, the stability of a cluster is the sum over its points of lambda at which the point leaves it less lambda at
 * which it began. Of a cluster and the best choice below it the one of larger total stability is taken, the cluster on
 * ties; the root is never taken, and where it does not end all points are one cluster. Lengths below the resolution of
 * the points, 2^-23 of the longest vector, count as that: lambda is finite where points are equal.
 *
 * Invariant: a node of the merge tree has a higher number than its parts, so that one pass from the last node to the
 * first goes down the tree, and likewise from the last cluster to the first goes up the tree of clusters. */
#include <math.h>
#include <string.h>

#include "cluster/density.h"
#include "cluster/reach.h"
#include "core/alloc.h"
#include "core/status.h"

/* A merge of two parts, which are points (below n) or merges (n + number). */
typedef struct merge {
    uint32_t part[2];
    uint32_t size;
    double squared; /* the length */
} merge;

typedef struct cluster {
    uint32_t parent;
    bool ended;      /* by clusters below it */
    double birth;    /* lambda */
    double stability;
    double below;    /* the best total below */
    uint32_t label;  /* the taken cluster that it is or is part of, or RS_NOISE */
} cluster;

/* What a node is part of. `out`: its points have left that cluster. */
typedef struct place {
    uint32_t cluster;
    enum { INSIDE, OUT, PASSED } state;
} place;

typedef struct tree {
    size_t n, least; /* the smallest cluster */
    merge *merges;   /* [n-1] */
    place *places;   /* [2n-1] */
    cluster *clusters;
    size_t count, capacity;
    uint32_t *stack, *parts; /* [n] */
    double shortest;         /* length that counts */
} tree;

static uint32_t find(uint32_t *parent, uint32_t x) {
    while (parent[x] != x) x = parent[x] = parent[parent[x]];
    return x;
}

/* The merges that the edges of a walk make, shortest first. */
static rs_status merge_edges(tree *t, const rs_step *steps) {
    rs_status status = RS_OK;
    size_t n = t->n;
    uint32_t *parent = NULL, *node = NULL; /* of classes of points; the node that a class is */
    rs_keyed *order = rs_alloc(n, sizeof *order);
    RS_TRY_ALLOC(order);
    RS_TRY_ALLOC(parent = rs_alloc(n, sizeof *parent));
    RS_TRY_ALLOC(node = rs_alloc(n, sizeof *node));
    for (size_t i = 0; i < n; i++) {
        parent[i] = node[i] = (uint32_t)i;
        order[i] = (rs_keyed){i ? steps[i].squared : -1, (uint32_t)i};
    }
    qsort(order, n, sizeof *order, rs_keyed_order);
    for (size_t i = 1; i < n; i++) {
        const rs_step *s = steps + order[i].index;
        uint32_t a = find(parent, s->point), b = find(parent, s->from), size = 0;
        merge *m = t->merges + i - 1;
        *m = (merge){.part = {node[a], node[b]}, .squared = s->squared};
        for (size_t side = 0; side < 2; side++) size += m->part[side] < n ? 1 : t->merges[m->part[side] - n].size;
        m->size = size;
        parent[a] = b;
        node[b] = (uint32_t)(n + i - 1);
    }
cleanup:
    free(order);
    free(parent);
    free(node);
    return status;
}

static size_t size_of(const tree *t, uint32_t node) {
    return node < t->n ? 1 : t->merges[node - t->n].size;
}

/* The parts into which a node falls when all edges of its length go. */
static size_t fall_apart(tree *t, uint32_t top) {
    size_t depth = 0, count = 0;
    double squared = t->merges[top - t->n].squared;
    t->stack[depth++] = top;
    while (depth) {
        const merge *m = t->merges + t->stack[--depth] - t->n;
        for (size_t side = 0; side < 2; side++) {
            uint32_t part = m->part[side];
            if (part >= t->n && t->merges[part - t->n].squared >= squared) {
                t->places[part].state = PASSED;
                t->stack[depth++] = part;
            } else t->parts[count++] = part;
        }
    }
    return count;
}

static rs_status condense(tree *t) {
    rs_status status = RS_OK;
    RS_TRY(rs_reserve((void **)&t->clusters, &t->capacity, 1, sizeof *t->clusters));
    t->clusters[t->count++] = (cluster){0};
    for (size_t node = 2 * t->n - 2; node >= t->n; node--) {
        place at = t->places[node];
        const merge *m = t->merges + node - t->n;
        if (at.state == PASSED) continue;
        if (at.state == OUT) {
            t->places[m->part[0]] = t->places[m->part[1]] = at;
            continue;
        }
        size_t parts = fall_apart(t, (uint32_t)node), large = 0, lost = 0;
        double lambda = 1 / fmax(sqrt(m->squared), t->shortest);
        for (size_t i = 0; i < parts; i++) {
            bool is_large = size_of(t, t->parts[i]) >= t->least;
            large += is_large;
            lost += is_large ? 0 : size_of(t, t->parts[i]);
        }
        if (large > 1) {
            lost = m->size;
            t->clusters[at.cluster].ended = true;
        }
        t->clusters[at.cluster].stability += (double)lost * (lambda - t->clusters[at.cluster].birth);
        for (size_t i = 0; i < parts; i++) {
            place *to = t->places + t->parts[i];
            *to = (place){at.cluster, OUT};
            if (size_of(t, t->parts[i]) < t->least) continue;
            to->state = INSIDE;
            if (large == 1) continue;
            RS_TRY(rs_reserve((void **)&t->clusters, &t->capacity, t->count + 1, sizeof *t->clusters));
            to->cluster = (uint32_t)t->count;
            t->clusters[t->count++] = (cluster){.parent = at.cluster, .birth = lambda};
        }
    }
cleanup:
    return status;
}

/* Excess of mass: takes clusters and gives the points their labels. */
static void take(tree *t, uint32_t *labels) {
    for (size_t i = t->count; i-- > 1;) {
        cluster *c = t->clusters + i;
        bool taken = !c->ended || c->stability >= c->below;
        t->clusters[c->parent].below += taken ? c->stability : c->below;
        c->label = taken ? (uint32_t)i : RS_NOISE;
    }
    t->clusters[0].label = RS_NOISE;
    for (size_t i = 1; i < t->count; i++) {
        uint32_t above = t->clusters[t->clusters[i].parent].label;
        if (above != RS_NOISE) t->clusters[i].label = above;
    }
    for (size_t i = 0; i < t->n; i++) labels[i] = t->clusters[t->places[i].cluster].label;
}

static rs_status label(uint32_t *labels, const rs_step *steps, size_t n, size_t least, double shortest) {
    rs_status status = RS_OK;
    tree t = {.n = n, .least = least > 2 ? least : 2, .shortest = shortest};
    RS_TRY_ALLOC(t.merges = rs_alloc(n, sizeof *t.merges));
    RS_TRY_ALLOC(t.places = rs_alloc(2 * n, sizeof *t.places));
    RS_TRY_ALLOC(t.stack = rs_alloc(n, sizeof *t.stack));
    RS_TRY_ALLOC(t.parts = rs_alloc(n, sizeof *t.parts));
    RS_TRY(merge_edges(&t, steps));
    RS_TRY(condense(&t));
    take(&t, labels);
cleanup:
    free(t.merges);
    free(t.places);
    free(t.stack);
    free(t.parts);
    free(t.clusters);
    return status;
}

static rs_status fit(rs_clustering **out, size_t n, size_t d, const float *points, const rs_cluster_options *o,
                     const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t min_points = rs_density_min_points(o, n);
    rs_cells *cells = NULL;
    double *core = NULL, longest = 0;
    rs_step *steps = NULL;
    uint32_t *labels = NULL;
    RS_TRY(rs_cells_new(&cells, n, d, points, ctx));
    RS_TRY_ALLOC(core = rs_alloc(n, sizeof *core));
    RS_TRY(rs_cells_kth(core, min_points, cells, n, cells->rows, ctx));
    RS_TRY_ALLOC(steps = rs_alloc(n, sizeof *steps));
    RS_TRY(rs_reach_walk(steps, cells, core, true, ctx));
    RS_TRY_ALLOC(labels = rs_alloc(n, sizeof *labels));
    for (size_t i = 0; i < n; i++) {
        double norm = 0;
        for (size_t x = 0; x < d; x++) norm += (double)points[i * d + x] * (double)points[i * d + x];
        if (norm > longest) longest = norm;
    }
    RS_TRY(label(labels, steps, n, min_points, fmax(0x1p-23 * sqrt(longest), 0x1p-200)));
    RS_TRY(rs_density_new(out, &rs_cluster_hdbscan, n, d, points, labels, o->max_clusters, ctx));
cleanup:
    rs_cells_free(cells);
    free(core);
    free(steps);
    free(labels);
    return status;
}

const rs_cluster_vtable rs_cluster_hdbscan = {
    .name = "hdbscan",
    .summary = "the most stable regions of a hierarchy by density",
    .fit = fit,
    .assign = rs_density_assign,
    .describe = rs_density_describe,
    .free = rs_density_free,
};
