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
#include "core/table.h"
#include "refine/suffix.h"

#define NONE UINT32_MAX

typedef struct tree_node {
    uint32_t suffix; /* NONE: a leaf */
    uint32_t label;  /* leaf only */
    uint32_t child;  /* inner only: children[child + class] is a node or NONE */
    uint32_t rest;   /* inner only: the node of classes that have none of their own; NONE: they get one */
} tree_node;

/* What is known of a suffix: tree leaf l was asked with members[l] members, `least` as then, and did not split. Asking again would
 * run them all for nothing. */
typedef struct asked {
    uint32_t *symbols; /* the key */
    uint32_t *members; /* [leaves] */
    size_t leaves, capacity, least;
    UT_hash_handle hh;
} asked;

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
    asked *asked; /* by suffix */
    rs_beyond *beyond;
    const uint32_t *guess; /* passive: [n*symbols], see rs_partition_new; NULL: the network is asked */
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

static void asked_free(asked *entry) {
    if (!entry) return;
    free(entry->symbols);
    free(entry->members);
    free(entry);
}

void rs_partition_free(rs_partition *p) {
    asked *entry, *next;
    if (!p) return;
    HASH_ITER(hh, p->asked, entry, next) {
        HASH_DEL(p->asked, entry);
        asked_free(entry);
    }
    for (size_t i = 0; i < p->suffix_count; i++) rs_word_free(&p->suffixes[i]);
    rs_clustering_free(p->base);
    rs_beyond_free(p->beyond);
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
    p->nodes[node].rest = NONE;
    for (size_t i = 0; i < p->classes; i++) p->children[p->child_count++] = NONE;
    return RS_OK;
}

/* As rs_suffix_classes; with guessed steps, none is computed. */
static rs_status classes_after(const rs_partition *p, size_t m, const float *states, size_t offset, const uint32_t *rows,
                               const rs_word *suffix, uint32_t *classes, const rs_context *ctx) {
    if (p->guess) {
        size_t symbols = rs_names_count(rs_network_alphabet(p->net));
        for (size_t i = 0; i < m; i++) {
            size_t node = offset + rows[i];
            for (size_t t = 0; t < suffix->length; t++) node = p->guess[node * symbols + suffix->symbols[t]];
            classes[i] = rs_trace_classes(p->trace)[node];
        }
        return RS_OK;
    }
    return rs_suffix_classes(classes, p->beyond, m, states, offset, rows, suffix, ctx);
}

/* The child of a node that holds the most: where a class goes that has no child. */
static uint32_t any_child(const rs_partition *p, const tree_node *node) {
    size_t c = node->child;
    if (node->rest != NONE) return node->rest;
    while (p->children[c] == NONE) c++; /* every inner node has members, hence a child */
    return p->children[c];
}

/* Leads m states, rows of `states`, from tree nodes at[i] to leaves. With `grow`, a class that is new below a node without a rest makes a
 * leaf whose first member is row `offset + i`. Row 0 is the state of node `offset`, or of none: RS_NOWHERE. */
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
        RS_TRY(classes_after(p, count, states, offset, rows, &p->suffixes[s], classes, ctx));
        for (size_t j = 0; j < count; j++) {
            const tree_node *node = &p->nodes[at[rows[j]]];
            size_t slot = node->child + classes[j];
            uint32_t next = p->children[slot];
            if (next == NONE && grow && node->rest == NONE) {
                RS_TRY(add_leaf(&next, p, offset + rows[j]));
                p->children[slot] = next;
            }
            at[rows[j]] = next != NONE ? next : any_child(p, node);
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
                           const rs_cluster_options *options, const uint32_t *guess, size_t remember,
                           const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_partition *p = NULL;
    size_t n = rs_trace_size(trace), S = rs_network_state_size(rs_trace_network(trace));
    if (n < 2) return rs_fail(RS_EUSAGE, "no words to cluster the hidden states of");
    RS_TRY_ALLOC(p = rs_alloc(1, sizeof *p));
    p->trace = trace;
    p->guess = guess;
    p->net = rs_trace_network(trace);
    RS_TRY(rs_beyond_new(&p->beyond, trace, remember));
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

/* How the members of one cluster part. */
typedef struct tally {
    uint32_t members, largest; /* largest: the class that most have, the lowest on ties */
    bool mixed;                /* at least two classes have enough members */
} tally;

/* What is known of a suffix, with room for every leaf there is. */
static rs_status recall(asked **out, rs_partition *p, const uint32_t *suffix, size_t length, size_t least) {
    rs_status status = RS_OK;
    asked *entry = NULL, *fresh = NULL;
    HASH_FIND(hh, p->asked, suffix, length * sizeof *suffix, entry);
    if (!entry) {
        RS_TRY_ALLOC(fresh = rs_alloc(1, sizeof *fresh));
        RS_TRY_ALLOC(fresh->symbols = rs_memdup(suffix, length, sizeof *suffix));
        HASH_ADD_KEYPTR(hh, p->asked, fresh->symbols, length * sizeof *suffix, fresh);
        RS_TRY_ALLOC(RS_TABLE_ADDED(fresh) ? fresh : NULL);
        entry = fresh;
        fresh = NULL;
    }
    RS_TRY(rs_reserve((void **)&entry->members, &entry->capacity, p->node_count, sizeof *entry->members));
    if (entry->least != least) entry->leaves = 0; /* what was known was known of another significance */
    memset(entry->members + entry->leaves, 0, (p->node_count - entry->leaves) * sizeof *entry->members);
    entry->leaves = p->node_count;
    entry->least = least;
    *out = entry;
cleanup:
    asked_free(fresh);
    return status;
}

/* Counts classes by cluster into count[k*classes], and judges. */
static void judge(tally *tallies, uint32_t *count, size_t k, size_t classes, size_t least) {
    for (size_t c = 0; c < k; c++) {
        size_t enough = 0;
        uint32_t *row = count + c * classes;
        for (size_t o = 0; o < classes; o++) {
            if (row[o] > row[tallies[c].largest]) tallies[c].largest = (uint32_t)o;
            enough += row[o] >= least;
        }
        tallies[c].mixed = enough > 1;
    }
}

/* Turns the leaf of cluster c into an inner node. The first member's branch keeps the label. */
static rs_status open_leaf(rs_partition *p, uint32_t leaf, uint32_t label, uint32_t first_class) {
    rs_status status = rs_reserve((void **)&p->nodes, &p->node_capacity, p->node_count + 1, sizeof *p->nodes);
    if (status == RS_OK) status = add_children(p, leaf, (uint32_t)p->suffix_count - 1);
    if (status != RS_OK) return status;
    p->children[p->nodes[leaf].child + first_class] = (uint32_t)p->node_count;
    p->nodes[p->node_count++] = (tree_node){.suffix = NONE, .label = label};
    return RS_OK;
}

rs_status rs_partition_split(size_t *splits, rs_partition *p, const uint32_t *suffix, size_t length, size_t least,
                             const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t m = 0, before = p->labels;
    uint32_t *rows = NULL, *classes = NULL, *count = NULL;
    tally *tallies = NULL;
    asked *known = NULL;
    *splits = 0;
    RS_TRY(recall(&known, p, suffix, length, least));
    RS_TRY_ALLOC(tallies = rs_alloc(before, sizeof *tallies));
    RS_TRY_ALLOC(count = rs_alloc(before * p->classes, sizeof *count));
    RS_TRY_ALLOC(rows = rs_alloc(p->labelled, sizeof *rows));
    RS_TRY_ALLOC(classes = rs_alloc(p->labelled, sizeof *classes));
    for (size_t i = 0; i < p->labelled; i++) tallies[p->label[i]].members++;
    for (size_t i = 0; i < p->labelled; i++) {
        uint32_t members = tallies[p->label[i]].members;
        if (members >= 2 * least && known->members[p->leaf[i]] != members) rows[m++] = (uint32_t)i;
    }
    if (!m) goto cleanup;
    RS_TRY(add_suffix(p, suffix, length));
    RS_TRY(classes_after(p, m, rs_trace_states(p->trace), 0, rows, &p->suffixes[p->suffix_count - 1], classes, ctx));
    for (size_t j = 0; j < m; j++) count[p->label[rows[j]] * p->classes + classes[j]]++;
    judge(tallies, count, before, p->classes, least);
    for (size_t j = 0; j < m; j++) {
        uint32_t i = rows[j], c = p->label[i], class = classes[j], leaf = p->leaf[i];
        if (!tallies[c].mixed) {
            known->members[leaf] = tallies[c].members;
            continue;
        }
        if (count[c * p->classes + class] < least) class = tallies[c].largest;
        if (p->nodes[leaf].suffix == NONE) RS_TRY(open_leaf(p, leaf, c, class));
        uint32_t *slot = &p->children[p->nodes[leaf].child + class];
        if (*slot == NONE) RS_TRY(add_leaf(slot, p, i));
        if (least > 1 && class == tallies[c].largest) p->nodes[leaf].rest = *slot;
        p->leaf[i] = *slot;
        p->label[i] = p->nodes[*slot].label;
    }
    *splits = p->labels - before;
    if (!*splits) rs_word_free(&p->suffixes[--p->suffix_count]); /* it splits nothing, so no state need be asked */
cleanup:
    free(tallies);
    free(count);
    free(rows);
    free(classes);
    return status;
}

rs_status rs_partition_assign(void *place, size_t m, const float *points, uint32_t *labels) {
    const rs_partition_place *where = place;
    rs_partition *p = where->partition; /* unchanged: nothing grows */
    rs_status status = rs_clustering_assign(p->base, m, points, labels, where->ctx);
    if (status == RS_OK) status = descend(p, m, points, labels, false, RS_NOWHERE, where->ctx);
    for (size_t i = 0; status == RS_OK && i < m; i++) labels[i] = p->nodes[labels[i]].label;
    return status;
}
