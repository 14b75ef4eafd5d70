/* rnnsafe/cluster.h - hidden states to clusters: one registry, many methods.
 *
 * Every method answers three questions with the same face: fit (which clusters do these points make), assign (which
 * cluster does a new point belong to) and describe (what is a cluster, in words). Centroid methods, density-based ones
 * (whose noise points get the nearest cluster: assign is total), hierarchies and trees all fit behind it. */
#ifndef RNNSAFE_CLUSTER_H
#define RNNSAFE_CLUSTER_H

#include "rnnsafe/core.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What every method may be told; 0 lets the method choose. */
typedef struct rs_cluster_options {
    size_t clusters;     /* number of clusters wanted, where the method takes one */
    size_t max_clusters; /* the most that a method may choose; 0: 64 */
    size_t restarts;     /* of seeded methods; 0: 3 */
    size_t iterations;   /* the most, of iterative methods; 0: 100 */
    size_t cells;        /* grid, pca-grid: the parts that each coordinate is cut into; 0: by the number of clusters */
    const char *preprocess; /* before any method: "standardise", "pca" or "whiten"; NULL: nothing */
    size_t components;      /* that pca and whiten keep; 0: as many as explain the share below; pca-grid: 0 is 3 */
    double explained;       /* share of the variance that pca and whiten keep, in (0, 1]; 0: 0.95 */
    size_t neighbours;   /* of a point in the graph of "spectral"; 0: 10 */
    double threshold;    /* radius that "birch" gives a subcluster; 0: grown until at most 4096 subclusters are left */
    size_t min_points;   /* density: a point is dense with so many within its radius, itself too; 0: 5 */
    double eps;          /* dbscan: that radius, > 0; 0: at the knee of the points' distances to their min_points-th */
    double bandwidth;    /* meanshift: radius of the kernel, > 0; 0: estimated */
    double bandwidth_divisor; /* meanshift: what the estimate is divided by, > 0; 0: 4 */
} rs_cluster_options;

typedef struct rs_clustering rs_clustering;

/* The registry: the i-th method's name and one-line summary, NULL past the last. */
const char *rs_cluster_method(size_t i);
const char *rs_cluster_summary(const char *method);

/* Clusters n points of dimension d with the named method. Uses ctx->seed; the result is the same for any number of
 * threads. Points that are equal share a cluster, so fewer distinct points than clusters asked for make fewer clusters.
 * RS_EUSAGE: unknown method (the message lists them), n = 0, more clusters than points asked for. RS_EINPUT: a coordinate
 * that is not finite. */
rs_status rs_cluster_fit(rs_clustering **out, const char *method, size_t n, size_t d, const float *points /* [n*d] */,
                         const rs_cluster_options *options, const rs_context *ctx);
void rs_clustering_free(rs_clustering *clustering);

const char *rs_clustering_method(const rs_clustering *c);
size_t rs_clustering_count(const rs_clustering *c);          /* k: labels are 0..k-1 and none is empty after fit */
size_t rs_clustering_points(const rs_clustering *c);         /* n of the fit */
size_t rs_clustering_dimension(const rs_clustering *c);
const uint32_t *rs_clustering_labels(const rs_clustering *c); /* [n] of the fitted points */
/* Labels of m new points, [m]; each depends on its own point alone. RS_EINPUT: a coordinate that is not finite. On failure
 * the labels are unspecified. */
rs_status rs_clustering_assign(const rs_clustering *c, size_t m, const float *points /* [m*d] */, uint32_t *labels,
                               const rs_context *ctx);
/* What cluster i is, as text for people ("centroid (0.1, ...), 120 points, radius 0.4"); the caller frees it. */
rs_status rs_clustering_describe(char **out, const rs_clustering *c, size_t i);

/* How a clustering of given labels places points. */
typedef struct rs_placement {
    /* "centroids": one a cluster, the nearest wins. "linear separators": w_i, b_i for each cluster, the largest w_i.x + b_i
     * wins. "several centroids": more of them than clusters, the nearest wins. */
    const char *kind;
    size_t pieces;    /* centroids or linear functions */
    size_t misplaced; /* given points that it places in another cluster than given */
    /* Every given point that is placed right stays in its cluster when it moves by less than this Euclidean distance: the
     * least distance to a hyperplane where a piece of another cluster draws level with the point's own. INFINITY for
     * one cluster, 0 when no point is placed right. */
    double margin;
} rs_placement;

/* A description of k given clusters that places new points: the first of the kinds above that places all given points
 * right, else the one that misplaces fewest. No method of the registry; its labels are where it places the given points,
 * which differ from `labels` for the misplaced ones. The same for any number of threads; linear separators depend on
 * ctx->seed. A deadline ends the search early. Clusters whose points interleave, or that share a point, stay mixed.
 * RS_EUSAGE: n = 0, a label that is not below k, a cluster without points. RS_EINPUT: a coordinate that is not finite.
 * Cost: about 8 k n d for linear separators, 16 pieces n d at most for several centroids, in time; n (2 d + k) numbers. */
rs_status rs_cluster_from_labels(rs_clustering **out, rs_placement *placement, size_t n, size_t d,
                                 const float *points /* [n*d] */, size_t k, const uint32_t *labels /* [n] */,
                                 const rs_context *ctx);

/* Measures of quality. `truth` are labels in any numbering.
 * ambiguity: size-weighted entropy of true labels in a cluster, normalised by log2(number of true labels); 0 when no
 * cluster mixes two (Muskardin et al., arXiv 2306.16854). */
rs_status rs_cluster_ambiguity(double *out, size_t n, const uint32_t *labels, const uint32_t *truth);
/* Adjusted Rand index: the share of pairs of points that both labellings treat alike, 0 where chance alone would be and
 * 1 iff the partitions are equal; symmetric. Hubert and Arabie, J. Classification 2, 1985, doi:10.1007/BF01908075.
 * Cost: n log n. RS_EUSAGE: no points. */
rs_status rs_cluster_rand(double *out, size_t n, const uint32_t *labels, const uint32_t *truth);
/* Mean silhouette of at most `sample` points (0: 1000) drawn without repetition by ctx->seed, with labels in any
 * numbering; in [-1, 1], 0 for one cluster. Rousseeuw, J. Comput. Appl. Math. 20, 1987,
 * doi:10.1016/0377-0427(87)90125-7. Cost: sample^2 d, memory sample^2. RS_EUSAGE: no points, sample over 16384. */
rs_status rs_cluster_silhouette(double *out, size_t n, size_t d, const float *points /* [n*d] */,
                                const uint32_t *labels, size_t sample, const rs_context *ctx);

#ifdef __cplusplus
}
#endif
#endif
