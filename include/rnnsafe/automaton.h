/* rnnsafe/automaton.h - Moore machines: from clusters, from files, and what can be asked of them.
 *
 * A machine is complete and deterministic: every state has an output and one successor a symbol. Its outputs are read
 * after each symbol, so the initial state's output is seen only when a word comes back to it; the empty word has no
 * output. Equivalence, minimisation and fidelity all use that reading. A DFA is a machine with outputs "reject accept".
 * Machines never change once built. */
#ifndef RNNSAFE_AUTOMATON_H
#define RNNSAFE_AUTOMATON_H

#include "rnnsafe/cluster.h"
#include "rnnsafe/trace.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rs_automaton rs_automaton;

/* A machine of n states over m symbols, everything copied; state 0 <= start < n. `support` may be NULL: how many
 * observations stand behind each transition (0: the network was asked, not observed). `state_names` may be NULL: "q0"...
 * RS_EINPUT: an index out of range, no states. */
rs_status rs_automaton_new(rs_automaton **out, const rs_names *alphabet, const rs_names *outputs, size_t n, size_t start,
                           const uint32_t *output /* [n] */, const uint32_t *next /* [n*m] */,
                           const uint64_t *support /* [n*m] or NULL */, const rs_names *state_names);
void rs_automaton_free(rs_automaton *a);

const rs_names *rs_automaton_alphabet(const rs_automaton *a);
const rs_names *rs_automaton_outputs(const rs_automaton *a);
size_t rs_automaton_states(const rs_automaton *a);
size_t rs_automaton_start(const rs_automaton *a);
uint32_t rs_automaton_output(const rs_automaton *a, size_t state);
uint32_t rs_automaton_next(const rs_automaton *a, size_t state, size_t symbol);
uint64_t rs_automaton_support(const rs_automaton *a, size_t state, size_t symbol); /* 0 without support counts */
bool rs_automaton_has_support(const rs_automaton *a);
const char *rs_automaton_state_name(const rs_automaton *a, size_t state);

/* The state after a word, from `from`. */
size_t rs_automaton_run(const rs_automaton *a, size_t from, const uint32_t *word, size_t length);
size_t rs_automaton_run_word(const rs_automaton *a, size_t from, const rs_words *words, size_t i); /* word i of a list */

/* The machine that a partition of a trace's nodes makes: state i is cluster i, kept whether or not it can be reached
 * (rs_automaton_minimise drops what cannot). labels[node] < k, every cluster has a node. The output of a cluster is the
 * majority class of its nodes (the root's own class does not count unless it is alone; the lowest on ties); a transition is
 * the majority of those observed (the lowest label on ties), with the number that agree as support; one that was never
 * observed is asked of the network: the cluster's representative is stepped and `assign` places the result.
 * `representatives` [k] are nodes, or NULL: the first node of a cluster. `assign(user, m, points, labels)` places m states,
 * points[m*S]. RS_EUSAGE: labels or representatives that are not so. */
typedef rs_status (*rs_assign_fn)(void *user, size_t m, const float *points, uint32_t *labels);
rs_status rs_automaton_from_clusters(rs_automaton **out, const rs_trace *trace, size_t k, const uint32_t *labels,
                                     const uint32_t *representatives, rs_assign_fn assign, void *user,
                                     const rs_context *ctx);

/* The smallest equivalent machine, canonical: states in breadth-first order of the alphabet from the start (state 0), named
 * q0, q1, ... Machines that are equivalent over the same alphabet and outputs in the same order, and whose starts have the
 * same output, become identical, up to support counts (summed over merged states). The start takes over another state when
 * both have the same successors (the one with the same output, else the one with the lowest); else it stays with its own
 * output. *block_of (may be NULL; caller frees) maps states of `a` to states of the result, UINT32_MAX for unreachable ones.
 * Partition refinement after Hopcroft, "An n log n algorithm for minimizing states in a finite automaton", 1971,
 * doi:10.1016/B978-0-12-417750-5.50022-1. Cost: O(m n log n). */
rs_status rs_automaton_minimise(rs_automaton **out, uint32_t **block_of, const rs_automaton *a);

/* Whether a and b give the same output after every non-empty word; else *word (may be NULL) is a shortest word whose last
 * outputs differ, the first in alphabet order. Alphabets and outputs are matched by name, in any order; RS_EINPUT: the
 * alphabets are not the same set. An output that the other machine lacks differs from all of its. Hopcroft and Karp,
 * "A linear algorithm for testing equivalence of finite automata", 1971. Cost: O(m (|a| + |b|)) nearly, O(m |a| |b|) for the word. */
rs_status rs_automaton_equivalent(bool *equal, rs_word *word, const rs_automaton *a, const rs_automaton *b);

/* The part of the product that both machines reach together from (start, start): pairs[2*i] of a and pairs[2*i+1] of b, next
 * [count*m] in a's alphabet order. Caller frees both. RS_EINPUT as above. */
rs_status rs_automaton_product(size_t *count, uint32_t **pairs, uint32_t **next, const rs_automaton *a,
                               const rs_automaton *b);

/* A shortest word that leads from the start to each state (access) and, for a minimal machine, a set of suffixes that
 * separates every pair of states (characterisation set; the empty suffix included when outputs alone separate).
 * Chow, IEEE TSE 4(3), 1978, doi:10.1109/TSE.1978.231496. The words are added to `out`. */
rs_status rs_automaton_access_words(rs_words *out, const rs_automaton *a);
rs_status rs_automaton_characterisation(rs_words *out, const rs_automaton *minimal);
/* A shortest suffix after which the outputs from p and q differ, possibly empty (outputs of p and q themselves).
 * *found is false when they are equivalent. */
rs_status rs_automaton_distinguish(bool *found, rs_word *suffix, const rs_automaton *a, size_t p, size_t q);

/* Graphviz DOT as the automata-learning tools write it: DFA (doublecircle accepts, outputs "reject accept"), Moore
 * ("state|output") and Mealy ("in/out"; read as its Moore machine); __start0 -> q marks the start. `alphabet` and `outputs`
 * fix the order of names (NULL: order of first appearance); RS_EINPUT with file, line and column: syntax, a state without
 * all successors, nondeterminism, no or several starts, names that `alphabet` or `outputs` lack. */
rs_status rs_automaton_read_dot(rs_automaton **out, const char *path, const rs_names *alphabet, const rs_names *outputs);
/* The same from memory; `name` stands for the file in messages. */
rs_status rs_automaton_parse_dot(rs_automaton **out, const char *text, size_t length, const char *name,
                                 const rs_names *alphabet, const rs_names *outputs);
/* The caller frees *text. Reading it back gives the same machine. Support counts are written as an edge attribute. */
rs_status rs_automaton_write_dot(char **text, const rs_automaton *a);

/* A nondeterministic automaton without outputs, for languages: state 0 .. n-1, edges (from, symbol, to), symbol UINT32_MAX
 * for an empty move. */
typedef struct rs_nfa_edge {
    uint32_t from, symbol, to;
} rs_nfa_edge;
/* The minimal complete DFA of the language from `start`, outputs "reject accept"; minimal as above, so whether the empty word
 * belongs to the language may be lost. Subset construction (Rabin and Scott, 1959, doi:10.1147/rd.32.0114). RS_EINPUT: more
 * than `limit` subsets. */
rs_status rs_automaton_determinise(rs_automaton **out, const rs_names *alphabet, size_t n, uint32_t start,
                                   const bool *accepting /* [n] */, size_t edges, const rs_nfa_edge *edge, size_t limit);

#ifdef __cplusplus
}
#endif
#endif
