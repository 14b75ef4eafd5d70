/* BIRCH: points run down a tree into subclusters of small radius; Ward's method clusters the subclusters.
 *
 * A subcluster is summed up by its clustering feature: N, the mean c and S = sum |x - c|^2, which are added by
 *
 *     S = S_a + S_b + N_a N_b / (N_a + N_b) |c_a - c_b|^2;    radius^2 = S / N
 *
 * (Lang and Schubert's numerically stable form of the feature; Inf. Syst. 108, 2022, doi:10.1016/j.is.2021.101918). A
 * point goes to the nearest mean at every level, and into the subcluster it ends at when the radius stays within the
 * threshold, else it starts a new one; a node with more than BRANCHES entries is split along its two farthest ones.
 * Zhang, Ramakrishnan and Livny, "BIRCH: an efficient data clustering method for very large databases", SIGMOD 1996,
 * doi:10.1145/233269.233324. A threshold of 0 is chosen: while there are more than MOST subclusters, it grows to the
 * least at which about half of the subclusters could merge with a neighbour in their node, and the subclusters run into
 * a new tree.
 *
 * Invariant: a feature of an inner node is the sum of the features below it. A point belongs to the nearest
 * subcluster's cluster, a fitted one too (a new point likewise), whichever subcluster it ran into. */
#include <math.h>
#include <string.h>

#include "cluster/hierarchy.h"
#include "cluster/nearest.h"
#include "cluster/prototypes.h"
#include "core/alloc.h"
#include "core/status.h"

enum { BRANCHES = 50, MOST = 4096, NONE = -1 };

/* Nodes and their entries lie in pools; an entry is a feature, and in an inner node the child that it sums up. */
typedef struct node {
    bool leaf;
    size_t count;
    int32_t children[BRANCHES + 1];
    double sizes[BRANCHES + 1], spreads[BRANCHES + 1]; /* N, S */
} node;

typedef struct tree {
    size_t d, count, leaves; /* nodes, subclusters */
    double threshold;        /* squared */
    int32_t root;
    node *nodes;
    float *means; /* of node i's j-th entry: [d] at (i * (BRANCHES + 1) + j) * d */
    size_t node_capacity, mean_capacity;
} tree;

typedef struct feature {
    double size, spread;
    const float *mean;
    int32_t child;
} feature;

static float *mean(const tree *t, int32_t at, size_t j) {
    return t->means + ((size_t)at * (BRANCHES + 1) + j) * t->d;
}

static feature get(const tree *t, int32_t at, size_t j) {
    const node *n = t->nodes + at;
    return (feature){n->sizes[j], n->spreads[j], mean(t, at, j), n->children[j]};
}

static void put(tree *t, int32_t at, size_t j, feature f) {
    node *n = t->nodes + at;
    n->sizes[j] = f.size;
    n->spreads[j] = f.spread;
    n->children[j] = f.child;
    memcpy(mean(t, at, j), f.mean, t->d * sizeof *f.mean);
}

/* Single precision will do: where two means are as near, either is right. */
static float distance(size_t d, const float *a, const float *b) {
    float s[8] = {0};
    size_t i = 0;
    for (; i + 8 <= d; i += 8)
        for (size_t j = 0; j < 8; j++) s[j] += (a[i + j] - b[i + j]) * (a[i + j] - b[i + j]);
    for (; i < d; i++) s[0] += (a[i] - b[i]) * (a[i] - b[i]);
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
}

static double added_spread(const tree *t, feature a, feature b) {
    return a.spread + b.spread + a.size * b.size / (a.size + b.size) * (double)distance(t->d, a.mean, b.mean);
}

/* Adds f to entry j. */
static void add(tree *t, int32_t at, size_t j, feature f) {
    node *n = t->nodes + at;
    feature old = get(t, at, j);
    float *c = mean(t, at, j), share = (float)(f.size / (old.size + f.size));
    n->spreads[j] = added_spread(t, old, f);
    n->sizes[j] += f.size;
    for (size_t x = 0; x < t->d; x++) c[x] += (f.mean[x] - c[x]) * share;
}

/* Room for one more insertion: at most a node a level and a new root. */
static rs_status reserve(tree *t) {
    size_t needed = t->count + 32;
    rs_status status = rs_reserve((void **)&t->nodes, &t->node_capacity, needed, sizeof *t->nodes);
    if (status != RS_OK) return status;
    return rs_reserve((void **)&t->means, &t->mean_capacity, needed * (BRANCHES + 1) * t->d, sizeof *t->means);
}

static int32_t new_node(tree *t, bool leaf) {
    t->nodes[t->count] = (node){.leaf = leaf};
    return (int32_t)t->count++;
}

/* Moves the entries that are nearer to one of the two farthest ones to a new node. */
static int32_t split(tree *t, int32_t at) {
    int32_t other = new_node(t, t->nodes[at].leaf);
    node *n = t->nodes + at;
    size_t count = n->count, a = 0, b = 1, kept = 0;
    float most = -1;
    bool moves[BRANCHES + 1];
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++) {
            float x = distance(t->d, mean(t, at, i), mean(t, at, j));
            if (x > most) {
                most = x;
                a = j;
                b = i;
            }
        }
    for (size_t i = 0; i < count; i++) {
        float *c = mean(t, at, i);
        moves[i] = i == b || (i != a && distance(t->d, c, mean(t, at, b)) < distance(t->d, c, mean(t, at, a)));
    }
    for (size_t i = 0; i < count; i++) {
        if (moves[i]) put(t, other, t->nodes[other].count++, get(t, at, i));
        else if (kept++ < i) put(t, at, kept - 1, get(t, at, i));
    }
    n->count = kept;
    return other;
}

/* Entry j of a node becomes the sum of a child. */
static void sum_up(tree *t, int32_t at, size_t j, int32_t child) {
    feature f = get(t, child, 0);
    f.child = child;
    put(t, at, j, f);
    for (size_t i = 1; i < t->nodes[child].count; i++) add(t, at, j, get(t, child, i));
}

/* Inserts below a node; returns the node's new sibling or NONE. Recursion is as deep as the tree. */
static int32_t insert(tree *t, int32_t at, feature f) {
    node *n = t->nodes + at;
    size_t nearest = 0;
    float least = INFINITY;
    for (size_t j = 0; j < n->count; j++) {
        float x = distance(t->d, f.mean, mean(t, at, j));
        if (x < least) {
            least = x;
            nearest = j;
        }
    }
    if (!n->leaf) {
        int32_t child = n->children[nearest], sibling = insert(t, child, f);
        if (sibling == NONE) {
            add(t, at, nearest, f);
            return NONE;
        }
        sum_up(t, at, nearest, child);
        sum_up(t, at, n->count++, sibling);
    } else {
        if (n->count) {
            feature old = get(t, at, nearest);
            if (added_spread(t, old, f) <= t->threshold * (old.size + f.size)) {
                add(t, at, nearest, f);
                return NONE;
            }
        }
        put(t, at, n->count++, f);
        t->leaves++;
    }
    return n->count > BRANCHES ? split(t, at) : NONE;
}

static rs_status insert_at_root(tree *t, feature f) {
    rs_status status = reserve(t);
    if (status != RS_OK) return status;
    if (!t->count) t->root = new_node(t, true);
    int32_t sibling = insert(t, t->root, f);
    if (sibling != NONE) {
        int32_t old = t->root;
        t->root = new_node(t, false);
        t->nodes[t->root].count = 2;
        sum_up(t, t->root, 0, old);
        sum_up(t, t->root, 1, sibling);
    }
    return RS_OK;
}

static void tree_free(tree *t) {
    free(t->nodes);
    free(t->means);
    *t = (tree){0};
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The threshold at which about half of the subclusters could merge with one in their node; at least twice the old one.
 */
static rs_status grown(double *threshold, const tree *t) {
    double *radii = rs_alloc(t->leaves, sizeof *radii);
    size_t count = 0;
    if (!radii) return RS_EMEMORY;
    for (size_t at = 0; at < t->count; at++)
        for (size_t i = 0; t->nodes[at].leaf && i < t->nodes[at].count; i++) {
            double least = INFINITY;
            for (size_t j = 0; j < t->nodes[at].count; j++) {
                feature a = get(t, (int32_t)at, i), b = get(t, (int32_t)at, j);
                if (j != i) least = fmin(least, added_spread(t, a, b) / (a.size + b.size));
            }
            if (least < INFINITY) radii[count++] = least;
        }
    qsort(radii, count, sizeof *radii, ascending);
    *threshold = fmax(fmax(count ? radii[count / 2] : 0, 2 * t->threshold), 0x1p-100);
    free(radii);
    return RS_OK;
}

/* Runs the subclusters into a new tree of a larger threshold. */
static rs_status rebuild(tree *t) {
    rs_status status = RS_OK;
    tree next = {.d = t->d};
    RS_TRY(grown(&next.threshold, t));
    for (size_t at = 0; at < t->count; at++)
        for (size_t i = 0; t->nodes[at].leaf && i < t->nodes[at].count; i++)
            RS_TRY(insert_at_root(&next, get(t, (int32_t)at, i)));
    tree_free(t);
    *t = next;
    next = (tree){0};
cleanup:
    tree_free(&next);
    return status;
}

/* The tree of points scaled by 2^-exponent. Past the deadline it is that of the first ones. */
static rs_status grow(tree *t, size_t n, size_t d, const float *points, int exponent, size_t most,
                      const rs_context *ctx) {
    rs_status status = RS_OK;
    float *x = rs_alloc(d, sizeof *x);
    RS_TRY_ALLOC(x);
    for (size_t i = 0; i < n; i++) {
        if (i % 1024 == 0) {
            RS_TRY(rs_context_check(ctx));
            if (i && rs_context_expired(ctx)) break;
            rs_context_progress(ctx, "cluster", 0.5 * (double)i / (double)n);
        }
        for (size_t j = 0; j < d; j++) x[j] = ldexpf(points[i * d + j], -exponent);
        RS_TRY(insert_at_root(t, (feature){1, 0, x, NONE}));
        while (t->leaves > most) RS_TRY(rebuild(t));
    }
cleanup:
    free(x);
    return status;
}

/* The subclusters' means and sizes. */
static rs_status harvest(rs_distinct *s, const tree *t) {
    rs_status status = RS_OK;
    RS_TRY_ALLOC(s->points = rs_alloc_aligned(t->leaves * t->d, sizeof *s->points));
    RS_TRY_ALLOC(s->sizes = rs_alloc(t->leaves, sizeof *s->sizes));
    for (size_t at = 0; at < t->count; at++)
        for (size_t i = 0; t->nodes[at].leaf && i < t->nodes[at].count; i++) {
            s->sizes[s->m] = t->nodes[at].sizes[i];
            memcpy(s->points + s->m++ * t->d, mean(t, (int32_t)at, i), t->d * sizeof *s->points);
        }
cleanup:
    return status;
}

static rs_status fit(rs_clustering **out, size_t n, size_t d, const float *points, const rs_cluster_options *options,
                     const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t most = options->threshold > 0 ? n : MOST;
    int exponent;
    float largest = 0;
    tree t = {.d = d};
    rs_distinct subclusters = {0};
    rs_merge *merges = NULL;
    if (!(options->threshold >= 0 && options->threshold < INFINITY))
        return rs_fail(RS_EUSAGE, "the threshold of birch is a radius, not %g", options->threshold);
    if (most < 4 * options->clusters) most = 4 * options->clusters;
    for (size_t i = 0; i < n * d; i++) largest = fmaxf(largest, fabsf(points[i]));
    frexpf(largest, &exponent);
    t.threshold = ldexp(options->threshold, -exponent) * ldexp(options->threshold, -exponent);
    RS_TRY(grow(&t, n, d, points, exponent, most, ctx));
    rs_context_log(ctx, 1, "birch: %zu subclusters, threshold %.3g", t.leaves, ldexp(sqrt(t.threshold), exponent));
    RS_TRY(harvest(&subclusters, &t));
    tree_free(&t);
    RS_TRY_ALLOC(merges = rs_alloc(subclusters.m, sizeof *merges));
    RS_TRY(rs_ward(merges, subclusters.m, d, subclusters.points, subclusters.sizes, options, ctx));
    for (size_t i = 0; i < subclusters.m * d; i++) subclusters.points[i] = ldexpf(subclusters.points[i], exponent);
    RS_TRY_ALLOC(subclusters.which = rs_alloc(n, sizeof *subclusters.which));
    RS_TRY(rs_nearest(subclusters.which, NULL, n, d, points, subclusters.m, subclusters.points, ctx));
    RS_TRY(rs_hierarchy_cluster(out, &rs_cluster_birch, &subclusters, merges, n, d, points, options, ctx));
cleanup:
    tree_free(&t);
    rs_distinct_free(&subclusters);
    free(merges);
    return status;
}

const rs_cluster_vtable rs_cluster_birch = {
    .name = "birch",
    .summary = "a tree of subclusters, then ward; for very many points; k as given or by the silhouette",
    .fit = fit,
    .assign = rs_prototypes_assign,
    .describe = rs_prototypes_describe,
    .free = rs_prototypes_free,
};
