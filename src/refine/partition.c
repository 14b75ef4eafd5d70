/* A partition of hidden states that is refined by what the network does.
 *
 * Each base cluster is the root of a tree. An inner node holds a suffix; a state goes to the child of its class after that suffix. Leaves
 * are the clusters. Suffixes are numbered in the order in which they split, so their numbers grow along every path, and
 * placing many states is one pass over the suffixes, a batch each. Suffix 0 is the empty one and splits every base cluster.
 *
 * Invariant: label[node] is the leaf that placing the node's state leads to; the root's state, whose class nobody sees, is
 * label 0 and in no tree. */
#include "refine/partition.h"

#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

#define NONE UINT32_MAX
#define CHUNK ((size_t)4096) /* states that are run after a suffix at once: bounds the scratch memory */

typedef struct tree_node {
    uint32_t suffix; /* NONE: a leaf */
    uint32_t label;  /* leaf only */
    uint32_t child;  /* inner only: children[child + class] is a node or NONE */
} tree_node;

struct rs_partition {
    const rs_trace *trace;
    const rs_network *net;
    rs_clustering *base;
    size_t classes, state_size;
    rs_word *suffixes; /* [suffix_count] */
    size_t suffix_count, suffix_capacity;
    tree_node *nodes; /* nodes 0..base count-1 are the roots */
    size_t node_count, node_capacity;
    uint32_t *children;
    size_t child_count, child_capacity;
    size_t labels; /* k */
    uint32_t *first;
    size_t first_capacity;
    uint32_t *label, *leaf; /* [labelled]; leaf: tree node */
    size_t labelled, label_capacity, leaf_capacity;
};

size_t rs_partition_count(const rs_partition *p) {
    return p->labels;
}

size_t rs_partition_base_count(const rs_partition *p) {
    return rs_clustering_count(p->base);
}

const uint32_t *rs_partition_labels(const rs_partition *p) {
    return p->label;
}

const uint32_t *rs_partition_first(const rs_partition *p) {
    return p->first;
}

void rs_partition_free(rs_partition *p) {
    if (!p) return;
    for (size_t i = 0; i < p->suffix_count; i++) rs_word_free(&p->suffixes[i]);
    rs_clustering_free(p->base);
    free(p->suffixes);
    free(p->nodes);
    free(p->children);
    free(p->first);
    free(p->label);
    free(p->leaf);
    free(p);
}

static rs_status add_suffix(rs_partition *p, const uint32_t *symbols, size_t length) {
    rs_status status =
        rs_reserve((void **)&p->suffixes, &p->suffix_capacity, p->suffix_count + 1, sizeof *p->suffixes);
    if (status == RS_OK) status = rs_word_copy(&p->suffixes[p->suffix_count], symbols, length);
    if (status == RS_OK) p->suffix_count++;
    return status;
}

/* A new leaf with its own label, whose first member is `member`. */
static rs_status add_leaf(uint32_t *node, rs_partition *p, size_t member) {
    rs_status status = rs_reserve((void **)&p->nodes, &p->node_capacity, p->node_count + 1, sizeof *p->nodes);
    if (status == RS_OK) status = rs_reserve((void **)&p->first, &p->first_capacity, p->labels + 1, sizeof *p->first);
    if (status != RS_OK) return status;
    *node = (uint32_t)p->node_count++;
    p->nodes[*node] = (tree_node){.suffix = NONE, .label = (uint32_t)p->labels};
    p->first[p->labels++] = (uint32_t)member;
    return RS_OK;
}

/* Makes room for the children of `node`, none of which exists yet. */
static rs_status add_children(rs_partition *p, uint32_t node, uint32_t suffix) {
    rs_status status =
        rs_reserve((void **)&p->children, &p->child_capacity, p->child_count + p->classes, sizeof *p->children);
    if (status != RS_OK) return status;
    p->nodes[node].suffix = suffix;
    p->nodes[node].child = (uint32_t)p->child_count;
    for (size_t i = 0; i < p->classes; i++) p->children[p->child_count++] = NONE;
    return RS_OK;
}

/* Classes of m states, rows[i] of `states`, after a suffix. */
static rs_status classes_after(const rs_partition *p, size_t m, const float *states, const uint32_t *rows,
                               const rs_word *suffix, uint32_t *classes, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t S = p->state_size, chunk = m < CHUNK ? m : CHUNK;
    uint32_t *symbols = NULL;
    float *scratch = NULL;
    if (!m) return RS_OK;
    RS_TRY_ALLOC(scratch = rs_alloc_aligned(chunk * S, sizeof *scratch));
    RS_TRY_ALLOC(symbols = rs_alloc(chunk, sizeof *symbols));
    for (size_t start = 0; start < m; start += chunk) {
        size_t rows_here = m - start < chunk ? m - start : chunk;
        for (size_t i = 0; i < rows_here; i++)
            memcpy(scratch + i * S, states + (size_t)rows[start + i] * S, S * sizeof *scratch);
        for (size_t t = 0; t < suffix->length; t++) {
            for (size_t i = 0; i < rows_here; i++) symbols[i] = suffix->symbols[t];
            RS_TRY(rs_network_step(p->net, rows_here, scratch, symbols, scratch, ctx));
        }
        RS_TRY(rs_network_classify(p->net, rows_here, scratch, classes + start, ctx));
    }
cleanup:
    free(scratch);
    free(symbols);
    return status;
}

/* Leads m states, rows of `states`, from tree nodes at[i] to leaves. With `grow`, a class that is new below a node makes a leaf whose
 * first member is row `offset + i`; without, it takes the first branch. */
static rs_status descend(rs_partition *p, size_t m, const float *states, uint32_t *at, bool grow, size_t offset,
                         const rs_context *ctx) {
    rs_status status = RS_OK;
    uint32_t *rows = NULL, *classes = NULL;
    RS_TRY_ALLOC(rows = rs_alloc(m, sizeof *rows));
    RS_TRY_ALLOC(classes = rs_alloc(m, sizeof *classes));
    for (size_t s = 0; s < p->suffix_count; s++) {
        size_t count = 0;
        for (size_t i = 0; i < m; i++)
            if (p->nodes[at[i]].suffix == s) rows[count++] = (uint32_t)i;
        RS_TRY(classes_after(p, count, states, rows, &p->suffixes[s], classes, ctx));
        for (size_t j = 0; j < count; j++) {
            size_t slot = p->nodes[at[rows[j]]].child + classes[j];
            uint32_t next = p->children[slot];
            if (next == NONE && grow) {
                RS_TRY(add_leaf(&next, p, offset + rows[j]));
                p->children[slot] = next;
            }
            for (size_t c = p->nodes[at[rows[j]]].child; next == NONE; c++) next = p->children[c];
            at[rows[j]] = next;
        }
    }
cleanup:
    free(rows);
    free(classes);
    return status;
}

/* Labels nodes labelled..n-1, whose base clusters are given or, when NULL, asked of the base clustering. */
static rs_status label_nodes(rs_partition *p, size_t n, const uint32_t *base, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t old = p->labelled;
    RS_TRY(rs_reserve((void **)&p->label, &p->label_capacity, n, sizeof *p->label));
    RS_TRY(rs_reserve((void **)&p->leaf, &p->leaf_capacity, n, sizeof *p->leaf));
    const float *states = rs_trace_states(p->trace) + old * p->state_size;
    if (base) memcpy(p->leaf + old, base, (n - old) * sizeof *base);
    else RS_TRY(rs_clustering_assign(p->base, n - old, states, p->leaf + old, ctx));
    RS_TRY(descend(p, n - old, states, p->leaf + old, true, old, ctx));
    for (size_t i = old; i < n; i++) p->label[i] = p->nodes[p->leaf[i]].label;
    p->labelled = n;
cleanup:
    return status;
}

rs_status rs_partition_update(rs_partition *p, const rs_context *ctx) {
    size_t n = rs_trace_size(p->trace);
    return n == p->labelled ? RS_OK : label_nodes(p, n, NULL, ctx);
}

rs_status rs_partition_new(rs_partition **out, const rs_trace *trace, const char *method,
                           const rs_cluster_options *options, const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_partition *p = NULL;
    size_t n = rs_trace_size(trace), S = rs_network_state_size(rs_trace_network(trace));
    if (n < 2) return rs_fail(RS_EUSAGE, "no words to cluster the hidden states of");
    RS_TRY_ALLOC(p = rs_alloc(1, sizeof *p));
    p->trace = trace;
    p->net = rs_trace_network(trace);
    p->state_size = S;
    p->classes = rs_names_count(rs_network_outputs(p->net));
    RS_TRY(rs_cluster_fit(&p->base, method, n - 1, S, rs_trace_states(trace) + S, options, ctx));
    RS_TRY(add_suffix(p, NULL, 0));
    RS_TRY(rs_reserve((void **)&p->first, &p->first_capacity, 1, sizeof *p->first));
    RS_TRY(rs_reserve((void **)&p->label, &p->label_capacity, 1, sizeof *p->label));
    RS_TRY(rs_reserve((void **)&p->leaf, &p->leaf_capacity, 1, sizeof *p->leaf));
    p->first[0] = 0;
    p->label[0] = 0;
    p->leaf[0] = NONE;
    p->labels = p->labelled = 1;
    size_t k = rs_clustering_count(p->base);
    RS_TRY(rs_reserve((void **)&p->nodes, &p->node_capacity, k, sizeof *p->nodes));
    p->node_count = k;
    for (size_t i = 0; i < k; i++) RS_TRY(add_children(p, (uint32_t)i, 0));
    RS_TRY(label_nodes(p, n, rs_clustering_labels(p->base), ctx));
    *out = p;
    p = NULL;
cleanup:
    rs_partition_free(p);
    return status;
}

rs_status rs_partition_split(size_t *splits, rs_partition *p, const uint32_t *suffix, size_t length,
                             const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t m = 0, before = p->labels;
    uint32_t *size = NULL, *rows = NULL, *classes = NULL, *seen = NULL;
    bool *mixed = NULL;
    RS_TRY_ALLOC(size = rs_alloc(before, sizeof *size));
    RS_TRY_ALLOC(seen = rs_alloc(before, sizeof *seen));
    RS_TRY_ALLOC(mixed = rs_alloc(before, sizeof *mixed));
    RS_TRY_ALLOC(rows = rs_alloc(p->labelled, sizeof *rows));
    RS_TRY_ALLOC(classes = rs_alloc(p->labelled, sizeof *classes));
    for (size_t i = 0; i < p->labelled; i++) size[p->label[i]]++;
    for (size_t i = 0; i < p->labelled; i++)
        if (size[p->label[i]] > 1) rows[m++] = (uint32_t)i;
    RS_TRY(add_suffix(p, suffix, length));
    RS_TRY(classes_after(p, m, rs_trace_states(p->trace), rows, &p->suffixes[p->suffix_count - 1], classes, ctx));
    memset(seen, 0xff, before * sizeof *seen);
    for (size_t j = 0; j < m; j++) {
        uint32_t c = p->label[rows[j]];
        if (seen[c] == NONE) seen[c] = classes[j];
        else if (seen[c] != classes[j]) mixed[c] = true;
    }
    for (size_t j = 0; j < m; j++) {
        uint32_t i = rows[j], c = p->label[i];
        if (!mixed[c]) continue;
        tree_node *node = &p->nodes[p->leaf[i]];
        if (node->suffix == NONE) { /* the first member's branch keeps the label */
            uint32_t inner = p->leaf[i], next;
            RS_TRY(rs_reserve((void **)&p->nodes, &p->node_capacity, p->node_count + 1, sizeof *p->nodes));
            RS_TRY(add_children(p, inner, (uint32_t)p->suffix_count - 1));
            next = (uint32_t)p->node_count++;
            p->nodes[next] = (tree_node){.suffix = NONE, .label = c};
            p->children[p->nodes[inner].child + classes[j]] = next;
            node = &p->nodes[inner];
        }
        uint32_t *slot = &p->children[node->child + classes[j]];
        if (*slot == NONE) RS_TRY(add_leaf(slot, p, i));
        p->leaf[i] = *slot;
        p->label[i] = p->nodes[*slot].label;
    }
    *splits = p->labels - before;
    if (!*splits) rs_word_free(&p->suffixes[--p->suffix_count]); /* it splits nothing, so no state need be asked */
cleanup:
    free(size);
    free(seen);
    free(mixed);
    free(rows);
    free(classes);
    return status;
}

rs_status rs_partition_assign(void *place, size_t m, const float *points, uint32_t *labels) {
    const rs_partition_place *where = place;
    rs_partition *p = where->partition; /* unchanged: nothing grows */
    rs_status status = rs_clustering_assign(p->base, m, points, labels, where->ctx);
    if (status == RS_OK) status = descend(p, m, points, labels, false, 0, where->ctx);
    for (size_t i = 0; status == RS_OK && i < m; i++) labels[i] = p->nodes[labels[i]].label;
    return status;
}
