/* rnnsafe/solver.h - does an automaton satisfy a property: three engines that must agree.
 *
 * A location is a machine state with a monitor state that is not bad; all violations are one more. explicit:
 * breadth-first search of the locations. chc: Horn clauses over all pairs, reachable or not, one predicate a location,
 * by Z3's fixedpoint engine; its invariant is re-checked by a plain solver, its trace by running it. bmc: bounded
 * model checking of all pairs by clauses, one Boolean a location and step, to the depth at which the explicit search
 * ended, which covers the product. A statement about the automaton is not yet one about the network. Engines that
 * disagree are RS_EINTERNAL, never a verdict. */
#ifndef RNNSAFE_SOLVER_H
#define RNNSAFE_SOLVER_H

#include "rnnsafe/property.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rs_answer { RS_ANSWER_SAFE, RS_ANSWER_UNSAFE, RS_ANSWER_UNKNOWN, RS_ANSWER_SKIPPED } rs_answer;
const char *rs_answer_name(rs_answer a); /* "safe", "unsafe", "unknown", "skipped" */

typedef enum rs_engine { RS_ENGINE_EXPLICIT, RS_ENGINE_CHC, RS_ENGINE_BMC, RS_ENGINES } rs_engine;
const char *rs_engine_name(rs_engine e); /* "explicit", "chc", "bmc" */

typedef struct rs_solver_options {
    double timeout;   /* seconds for each of chc and bmc; 0: 10 */
    unsigned engines; /* bits 1 << rs_engine; 0: all. The explicit search always runs */
    size_t bmc_limit; /* pairs * depth above which bmc is skipped, and says so; 0: 200,000. chc: above 20,000 pairs */
} rs_solver_options;

typedef struct rs_solver_result {
    rs_answer answer; /* explicit's, which the others confirmed or could not decide */
    rs_answer engine[RS_ENGINES];
    double seconds[RS_ENGINES];
    char reason[RS_ENGINES][96]; /* why unknown or skipped, else "" */
    rs_word word;                /* when unsafe: a shortest violating word, the first in alphabet order; rs_word_free */
    size_t locations;            /* reachable locations; all violations together count as one */
    size_t depth;                /* unsafe: length of the word; safe: of the longest shortest path */
} rs_solver_result;

/* ctx's deadline shortens the timeouts; past it the explicit search is unknown too. RS_EINPUT: machine and monitor do
 * not have the same alphabet and outputs in the same order. RS_EUSAGE: a timeout that is no number of seconds.
 * RS_EINTERNAL: engines disagree; the message says which, but not about which property: the caller knows. Cost:
 * O(locations * symbols) for the explicit search, at most timeout plus a fraction of a second for each of the
 * others. */
rs_status rs_solver_check(rs_solver_result *out, const rs_automaton *a, const rs_monitor *m,
                          const rs_solver_options *options, const rs_context *ctx);

/* The two encodings as SMT-LIB 2 for any solver: `chc` is the product's Horn clauses (HORN), unsat when a violation is
 * reachable, else sat, and a model is an inductive invariant; `bmc` is bounded model checking (QF_UF) to `depth`, sat
 * when some word of at most so many symbols violates. Caller frees both. RS_EINPUT as above; RS_EUSAGE: more than
 * 10,000,000 lines. */
rs_status rs_solver_smt(char **chc, char **bmc, const rs_automaton *a, const rs_monitor *m, size_t depth);

/* ---- The finite part of a proof ---- */

#define RS_PROOF_LEFT UINT32_MAX /* of an edge: nothing bad can follow, so nothing is claimed */

/* From all states of a node, `symbol` can give `class`; the states then are those of node `to`, or lie in it. */
typedef struct rs_proof_edge {
    uint32_t from, symbol, class, to;
} rs_proof_edge;

/* Sets of hidden states, each with a state of the monitor: first the regions, then those on the way between them. */
typedef struct rs_proof_graph {
    size_t nodes, regions, start;
    uint32_t *monitor;   /* [nodes] */
    rs_proof_edge *edge; /* [edges] */
    size_t edges;
} rs_proof_graph;
void rs_proof_graph_clear(rs_proof_graph *g);

/* The statement that a graph fails to be a proof, as SMT-LIB 2 (QF_UFLIA, ground): that the start is no region or has another monitor
 * state than 0; that some node is neither left to itself nor followed for every symbol; that some edge makes the monitor bad, or ends
 * where the monitor is in another state, or leaves a state from which something bad can follow. unsat: none of this. Which classes are
 * possible, and that sets lie inside of each other, is what numbers have shown, and is given. The caller frees *out.
 * RS_EUSAGE: more than 10,000,000 lines. */
rs_status rs_solver_proof_smt(char **out, const rs_proof_graph *g, const rs_monitor *m);
/* Whether Z3 says unsat of such a text; false with the reason when it does not decide. RS_EINTERNAL: sat, which contradicts whoever said
 * that it is a proof. */
rs_status rs_solver_proof_confirm(bool *confirmed, char why[96], const char *smt, double timeout, const rs_context *ctx);

#ifdef __cplusplus
}
#endif
#endif
