/* The inner face of a clustering: a common part and a table of functions. A method of the registry is one such table;
 * other modules wrap a clustering in a table of their own (no fit) and put their data behind the common part. */
#ifndef RS_CLUSTER_METHOD_H
#define RS_CLUSTER_METHOD_H

#include "rnnsafe/cluster.h"

typedef struct rs_cluster_vtable {
    const char *name;
    const char *summary; /* one line for people */
    /* n, d > 0, finite points, clusters <= n and options with every default but `clusters` filled in: rs_cluster_fit
     * has checked and done that. NULL in a table that is not in the registry. */
    rs_status (*fit)(rs_clustering **out, size_t n, size_t d, const float *points, const rs_cluster_options *options,
                     const rs_context *ctx);
    /* Finite points: rs_clustering_assign has checked. A label depends on its own point alone. On fitted points it
     * gives the labels of the fit. */
    rs_status (*assign)(const rs_clustering *c, size_t m, const float *points, uint32_t *labels, const rs_context *ctx);
    rs_status (*describe)(char **out, const rs_clustering *c, size_t i); /* i < k */
    void (*free)(rs_clustering *c);                                      /* all of it, the common part too */
} rs_cluster_vtable;

/* The common part, first member of what a method returns. */
struct rs_clustering {
    const rs_cluster_vtable *vtable;
    size_t n, d, k;
    uint32_t *labels; /* [n] */
};

/* RS_EINPUT: a coordinate that is not finite. */
rs_status rs_cluster_check_finite(size_t n, size_t d, const float *points);

/* The methods, one a file. */
extern const rs_cluster_vtable rs_cluster_none;
extern const rs_cluster_vtable rs_cluster_kmeans;
extern const rs_cluster_vtable rs_cluster_average;
extern const rs_cluster_vtable rs_cluster_birch;
extern const rs_cluster_vtable rs_cluster_dbscan;
extern const rs_cluster_vtable rs_cluster_gmeans;
extern const rs_cluster_vtable rs_cluster_gmm;
extern const rs_cluster_vtable rs_cluster_gmm_diagonal;
extern const rs_cluster_vtable rs_cluster_grid;
extern const rs_cluster_vtable rs_cluster_hdbscan;
extern const rs_cluster_vtable rs_cluster_meanshift;
extern const rs_cluster_vtable rs_cluster_minibatch;
extern const rs_cluster_vtable rs_cluster_optics;
extern const rs_cluster_vtable rs_cluster_pca_grid;
extern const rs_cluster_vtable rs_cluster_som;
extern const rs_cluster_vtable rs_cluster_spectral;
extern const rs_cluster_vtable rs_cluster_ward;
extern const rs_cluster_vtable rs_cluster_xmeans;

#endif
