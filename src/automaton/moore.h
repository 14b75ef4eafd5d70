/* Moore machines from the inside: the arrays, numbering by breadth-first search, the table of edges that readers fill.
 */
#ifndef RS_AUTOMATON_MOORE_H
#define RS_AUTOMATON_MOORE_H

#include "rnnsafe/automaton.h"

#define RS_STATES_LIMIT ((size_t)1 << 24)
#define RS_NO_STATE UINT32_MAX

struct rs_automaton {
    rs_names *alphabet, *outputs, *states;
    size_t n, m, start;
    uint32_t *output;  /* [n] */
    uint32_t *next;    /* [n*m] */
    uint64_t *support; /* [n*m] or NULL */
};

/* States that `start` reaches, in breadth-first order of the symbols: order[i] is the i-th, index[order[i]] = i, index
 * is RS_NO_STATE for the rest. Both have room for n. Returns how many. Cost: O(n m). */
size_t rs_breadth_first(size_t n, size_t m, size_t start, const uint32_t *next, uint32_t *order, uint32_t *index);

/* The machine of the reachable states alone, in breadth-first order and named q0, q1, ... *index_of (NULL: not wanted;
 * caller frees) maps [n] old states to new ones or RS_NO_STATE. */
rs_status rs_automaton_reachable(rs_automaton **out, uint32_t **index_of, const rs_names *alphabet,
                                 const rs_names *outputs, size_t n, size_t start, const uint32_t *output,
                                 const uint32_t *next, const uint64_t *support);

/* Where something stands in a file, as rs_fail_at takes it. */
typedef struct rs_place {
    size_t line, column;
} rs_place;

/* An edge as a file says it. */
typedef struct rs_edge {
    uint32_t from, symbol, to;
    uint32_t output;  /* of a Mealy machine */
    uint64_t support; /* 0 unless said */
    rs_place place;
} rs_edge;

/* edge_of[state*m + symbol] is the index of the one edge there. RS_EINPUT with file and position: two edges for one
 * symbol, or none. Nothing of size n*m is allocated before all edges are known to be there. */
rs_status rs_edges_table(uint32_t **edge_of, const char *file, const rs_names *alphabet, const rs_names *states,
                         const rs_place *state_places, size_t count, const rs_edge *edges);

/* Fails at `place` unless the `length` bytes are a name as core/names wants it; `what` says of what. */
rs_status rs_check_name(const char *file, rs_place place, const char *what, const char *name, size_t length);

/* For the symbols of a: *symbols [m] their indices in b; RS_EINPUT when the alphabets are not the same set. And for the
 * outputs of a: *outputs their indices in b or UINT32_MAX. The caller frees both. */
rs_status rs_match_names(uint32_t **symbols, uint32_t **outputs, const rs_automaton *a, const rs_automaton *b);

/* A shortest non-empty word after which the outputs from p of a and from q of b differ, the first in the order of a's
 * alphabet; *found is false when there is none. `symbol` and `output` are rs_match_names'. */
rs_status rs_difference(bool *found, rs_word *word, const rs_automaton *a, size_t p, const rs_automaton *b, size_t q,
                        const uint32_t *symbol, const uint32_t *output);

#endif
