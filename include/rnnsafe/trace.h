/* rnnsafe/trace.h - words in, hidden states out.
 *
 * A trace is a prefix tree with the network's hidden state at every node: node 0 is the empty word, and every other node
 * adds one symbol to its parent. Each prefix is computed once, each level of new nodes as one batch (levels where words only go on as
 * one, rs_network_steps), whatever words are asked for: random, all up to a length, from a file, or counterexamples added later. */
#ifndef RNNSAFE_TRACE_H
#define RNNSAFE_TRACE_H

#include "rnnsafe/network.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A list of words. Memory: 4 bytes a word, and 1, 2 or 4 a symbol, as the largest of all needs. */
typedef struct rs_words rs_words;

typedef enum rs_lengths_kind { RS_LENGTHS_UNIFORM, RS_LENGTHS_GEOMETRIC } rs_lengths_kind;

/* A distribution of word lengths; symbols are uniform and independent.
 * uniform: every length in [min, max] alike. geometric: min + k with probability (1-stop)^k stop, cut at max. */
typedef struct rs_lengths {
    rs_lengths_kind kind;
    size_t min, max;
    double stop; /* geometric only, in (0,1] */
} rs_lengths;

/* "uniform:1..16", "1..16" (uniform) or "geometric:1..100:0.1". RS_EUSAGE: anything else, and 0..0. */
rs_status rs_lengths_parse(rs_lengths *out, const char *text);
/* The inverse, into a buffer that the caller frees with free. */
rs_status rs_lengths_format(char **out, const rs_lengths *lengths);

/* `count` random words over `symbols` symbols; the same for the same seed. */
rs_status rs_words_sample(rs_words **out, size_t symbols, size_t count, const rs_lengths *lengths, uint64_t seed);
/* All words of length 1 to max_length in length-lexicographic order. RS_EUSAGE: more than `limit` words. */
rs_status rs_words_all(rs_words **out, size_t symbols, size_t max_length, size_t limit);
/* One word a line in the syntax of rs_word_parse; lines that start with # are comments, an empty line is the empty
 * word. RS_EINPUT with file, line and column. */
rs_status rs_words_read(rs_words **out, const rs_names *alphabet, const char *path);
/* No words yet. */
rs_status rs_words_new(rs_words **out);
/* Errors: RS_EUSAGE (a longer word, or more words or symbols, than a list holds), RS_EMEMORY; the list is then as it was. */
rs_status rs_words_add(rs_words *words, const uint32_t *symbols, size_t length);
rs_status rs_words_add_word(rs_words *words, const rs_words *from, size_t i); /* word i of another list */
void rs_words_free(rs_words *words);
size_t rs_words_count(const rs_words *words);
/* Word i: its length, symbol k of it, all of them. */
size_t rs_words_length(const rs_words *words, size_t i);
uint32_t rs_words_symbol(const rs_words *words, size_t i, size_t k);
void rs_words_copy(uint32_t *to /* [length] */, const rs_words *words, size_t i);

typedef struct rs_trace rs_trace;

/* The tree of the empty word alone. `net` is borrowed for the trace's life. */
rs_status rs_trace_new(rs_trace **out, const rs_network *net, const rs_context *ctx);
/* Adds every prefix of the words. New nodes come after the old ones, level by level, in order of first appearance.
 * RS_EINPUT: a state that is not finite, after which classes mean nothing. RS_EMEMORY: also before states are computed that the
 * machine has no memory for. Unchanged on failure. Cost: one network step a new node; memory beside the trace: 8 bytes a word, free
 * again before states are computed. */
rs_status rs_trace_add(rs_trace *trace, const rs_words *words, const rs_context *ctx);
/* The same for all words of length 1 to max_length in length-lexicographic order, which are never listed. */
rs_status rs_trace_add_all(rs_trace *trace, size_t max_length, const rs_context *ctx);
void rs_trace_free(rs_trace *trace);

/* From now on the trace takes at most `bytes` (0: no bound), or what it has when that is more: of words that are added, those from
 * the first on whose nodes would not fit are left out. What is recorded is what would be without them. */
void rs_trace_limit(rs_trace *trace, size_t bytes);
/* Whether words were left out since rs_trace_limit. */
bool rs_trace_cut(const rs_trace *trace);
/* What the trace takes now, and what a node takes at most. */
size_t rs_trace_bytes(const rs_trace *trace);
size_t rs_trace_node_bytes(const rs_network *net);

const rs_network *rs_trace_network(const rs_trace *trace);
size_t rs_trace_size(const rs_trace *trace); /* n, number of nodes, at least 1 */
/* Borrowed until the next rs_trace_add: */
const float *rs_trace_states(const rs_trace *trace);      /* [n*S] */
const uint32_t *rs_trace_parents(const rs_trace *trace);  /* [n]; the root is its own parent */
const uint32_t *rs_trace_symbols(const rs_trace *trace);  /* [n]; symbol from the parent; 0 at the root */
const uint32_t *rs_trace_classes(const rs_trace *trace);  /* [n]; class of the node's prefix */
const uint32_t *rs_trace_depths(const rs_trace *trace);   /* [n] */
/* The node that `word` leads to, SIZE_MAX when some prefix is not in the tree. */
size_t rs_trace_find(const rs_trace *trace, const uint32_t *word, size_t length);
size_t rs_trace_find_word(const rs_trace *trace, const rs_words *words, size_t i); /* the same for word i of a list */
/* The node that a node's step by a symbol leads to, or SIZE_MAX. */
size_t rs_trace_child(const rs_trace *trace, size_t node, uint32_t symbol);
/* The word of a node. */
rs_status rs_trace_word(rs_word *out, const rs_trace *trace, size_t node);

#ifdef __cplusplus
}
#endif
#endif
