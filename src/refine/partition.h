/* The clusters that the loop works on: a base clustering of hidden states, and over each of its clusters a tree of splits. */
#ifndef RS_REFINE_PARTITION_H
#define RS_REFINE_PARTITION_H

#include "rnnsafe/automaton.h"

typedef struct rs_partition rs_partition;

/* Clusters the states of all nodes of `trace` but the root with the named method. The root is cluster 0, alone; others hold nodes
 * of one class each. `trace` is borrowed, and so is `guess`: NULL when the network may be asked what comes after a suffix; else
 * guess[node * symbols + s] is a node that stands for what the step by s leads to, and nothing may be added to the trace. `remember`
 * bounds the steps beyond the trace that are kept, see rs_beyond_new. */
rs_status rs_partition_new(rs_partition **out, const rs_trace *trace, const char *method,
                           const rs_cluster_options *options, const uint32_t *guess, size_t remember,
                           const rs_context *ctx);
void rs_partition_free(rs_partition *p);

size_t rs_partition_count(const rs_partition *p);           /* k, clusters after splitting */
size_t rs_partition_base_count(const rs_partition *p);      /* before */
const uint32_t *rs_partition_labels(const rs_partition *p); /* [n], every node seen by the last update */
const uint32_t *rs_partition_first(const rs_partition *p);  /* [k], the first node of each cluster */

/* Labels the nodes that the trace has gained. */
rs_status rs_partition_update(rs_partition *p, const rs_context *ctx);

/* Splits every cluster whose members do not all have the same class after `suffix`. A class that fewer than `least` members have
 * stays with the largest, and so do later states that have it; 1 splits everything. *splits is the number of clusters that were
 * added. Cost: a batch of at most n * length network steps. */
rs_status rs_partition_split(size_t *splits, rs_partition *p, const uint32_t *suffix, size_t length, size_t least,
                             const rs_context *ctx);

/* Places m states; an rs_assign_fn over a struct rs_partition_place. A class after some suffix that has no cluster goes where
 * most members went. */
typedef struct rs_partition_place {
    rs_partition *partition;
    const rs_context *ctx;
} rs_partition_place;
rs_status rs_partition_assign(void *place, size_t m, const float *points, uint32_t *labels);

#endif
