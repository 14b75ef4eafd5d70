/* What the parts of the loop share. */
#ifndef RS_REFINE_LOOP_H
#define RS_REFINE_LOOP_H

#include "refine/partition.h"
#include "rnnsafe/refine.h"

/* A machine that the loop may come back to, with the clusters of the recorded nodes that it was made from. */
typedef struct rs_snapshot {
    rs_automaton *machine;
    uint32_t *labels; /* [nodes] */
    size_t nodes, clusters, significance;
    double agreement; /* with the network on the validation tree, see rs_loop_partings; known once the loop chooses */
} rs_snapshot;

struct rs_refinement {
    const rs_network *net;
    const rs_properties *properties;
    rs_refine_options o; /* defaults filled in */
    char *method;
    rs_context ctx; /* the caller's, with a counter of network steps */
    atomic_uint_fast64_t own_steps;
    uint64_t steps_before;

    rs_trace *trace;         /* words that machines are made from */
    bool record_cut;         /* memory left out some of the words that it began with, or was validated on */
    rs_partition *partition; /* of its nodes */
    rs_automaton *machine;   /* minimal; in the loop that of the partition as it is, afterwards the chosen one */
    size_t significance;     /* recorded states that must stand behind a split now */
    size_t cluster_limit;    /* at this significance */
    uint32_t *guess;         /* passive: see rs_partition_new; NULL: the network may be asked */
    rs_trace *tests;         /* to compare with: all words up to a length, and what rounds tried of late */
    size_t exhaustive;       /* that length */
    rs_trace *validation;    /* random words, to compare machines with each other; NULL until they are needed */
    rs_snapshot *kept;       /* machines of the levels, coarse to fine */
    size_t kept_count, kept_capacity, base_clusters;
    rs_snapshot chosen; /* after the loop; its machine is above */

    rs_round *rounds;
    size_t round_count, round_capacity;
    rs_end end;
    double fidelity;
    size_t test_drawn, test_words; /* words behind it: drawn, and those of them that are not empty */
    rs_clustering *geometry; /* of the recorded states, see rs_loop_geometry */
    rs_placement placement;
    uint32_t *place_state; /* [its count], states of the machine */
    size_t placed_right;   /* words behind the fidelity whose states geometry places where the machine is */
    rs_finding *findings;
    size_t finding_count;
    double seconds_trace, seconds_cluster, seconds_solver, seconds_conformance;
};

/* The options with every default filled in; NULL gives them all. */
rs_refine_options rs_refine_defaults(const rs_refine_options *given);

/* Whether a budget is spent; *end says which. */
bool rs_loop_spent(const rs_refinement *r, rs_end *end);

/* Streams of random words: those of rounds, conformance words and batches behind HOLDS count up from theirs. */
enum {
    RS_STREAM_RECORD = 0,
    RS_STREAM_ROUND = 1,
    RS_STREAM_CONFORMANCE = 1000000,
    RS_STREAM_HOLD = 2000000,
    RS_STREAM_TEST = 3000000,
    RS_STREAM_VALIDATION = 4000000,
    RS_STREAM_EVEN = 5000000
};
/* The seed of a stream: streams of one seed are independent. */
uint64_t rs_loop_seed(const rs_refinement *r, uint64_t stream);

/* RS_EUSAGE: o->memory holds next to no words of this network. */
rs_status rs_loop_memory(const rs_network *net, const rs_refine_options *o);
/* Batch number `batch` of the random words of a seed: at most `most`, and fewer when they are long, so that the clock is looked at
 * between batches, or when a quarter of the memory holds fewer. At least one. And of a stream. */
rs_status rs_loop_batch(rs_words **out, const rs_network *net, const rs_refine_options *o, uint64_t seed, uint64_t batch,
                        size_t most);
rs_status rs_loop_sample(rs_words **out, const rs_refinement *r, uint64_t stream, uint64_t batch, size_t most);
/* Records `count` random words of a seed in batches, or as many as there is memory for, or as the budget (may be NULL) of a
 * refinement lasts for but some. */
rs_status rs_loop_record_random(rs_trace *trace, const rs_network *net, const rs_refine_options *o, uint64_t seed, size_t count,
                                const rs_refinement *budget, const rs_context *ctx);
/* A tree of words. */
rs_status rs_loop_tree(rs_trace **out, const rs_refinement *r, const rs_words *words);

/* Records what the loop begins with. */
rs_status rs_loop_record(rs_refinement *r);
/* Records the words to validate on, unless that was done. */
rs_status rs_loop_validation(rs_refinement *r);
/* Adds words to the tests; what was tried longest ago is forgotten when they take too much memory. */
rs_status rs_loop_test(rs_refinement *r, const rs_words *words);

/* Splits clusters until every recorded transition agrees with the machine, and every cluster has every transition recorded; then makes the
 * machine. Stops early when a budget is spent. */
rs_status rs_loop_consistent(rs_refinement *r);

/* What nodes stand for the steps of nodes, see rs_partition_new; from recorded steps alone. The caller frees *out. */
rs_status rs_loop_guess(uint32_t **out, const rs_trace *trace, const rs_context *ctx);
/* The machine of all clusters from recorded and guessed steps. */
rs_status rs_loop_guessed_machine(rs_automaton **out, const rs_refinement *r);

/* The nodes of a trace where machine and network first part: no other such node above them. At most `most`, in the order
 * of the trace; the caller frees *nodes. *agreement (may be NULL) is the share of nodes on which they agree,
 * averaged over the classes that the network gives: a class that random words seldom have counts like the others. */
rs_status rs_loop_partings(uint32_t **nodes, size_t *count, double *agreement, const rs_automaton *machine,
                           const rs_trace *trace, size_t most);

/* Moves the machine into a snapshot of its own. */
rs_status rs_loop_keep(rs_refinement *r);
/* The same, but it takes the place of the snapshots that there are past the first `levels`. */
rs_status rs_loop_replace(rs_refinement *r, size_t levels);
/* Ends with the last snapshot when the loop has settled, else with the coarsest that agrees nearly as well as the best on words
 * to validate on. */
rs_status rs_loop_choose(rs_refinement *r);

/* Adds to *counted the non-empty words, and to *agree those after whose last symbol machine and network agree; the trace has
 * all of them. */
void rs_loop_agree(size_t *agree, size_t *counted, const rs_refinement *r, const rs_trace *trace, const rs_words *words);
/* The same for any machine, by running the words of the list; see rs_fidelity. */
rs_status rs_loop_fidelity(size_t *agree, size_t *counted, const rs_network *net, const rs_automaton *a, const rs_words *words,
                           const rs_context *ctx);
/* agree / counted, 1 when nothing was counted. */
double rs_loop_share(size_t agree, size_t counted);

/* The chosen machine's states in geometry. */
rs_status rs_loop_geometry(rs_refinement *r);
/* Adds to *agree the non-empty words whose states geometry places where the machine is after them; the trace has all of
 * them. */
rs_status rs_loop_place(size_t *agree, const rs_refinement *r, const rs_trace *trace, const rs_words *words);

/* Adds to *counted the non-empty words, and to *agree those on whose last symbol two machines agree; and the true state of
 * the first n nodes of a trace, which the caller frees. RS_EINPUT: the truth has other symbols. */
rs_status rs_loop_agreement(size_t *agree, size_t *counted, const rs_automaton *a, const rs_automaton *truth,
                            const rs_words *words);
rs_status rs_loop_true_states(uint32_t **out, const rs_trace *trace, size_t n, const rs_automaton *truth);

/* The W-method's words for the machine: access . middle . characterising suffix, at most about `most`, randomly thinned out
 * when there are more; middles are all of a length that fits, and longer ones of every kind of symbol, see above; *all says that they were not. Chow, 1978, doi:10.1109/TSE.1978.231496. */
rs_status rs_loop_conformance_words(rs_words *out, bool *all, const rs_automaton *machine, size_t most, uint64_t seed);

/* For each word of `lengths` a random one as long, behind the access word of a random state: every kind of symbol alike, where symbols of a kind
 * lead to the same state from every state. Nothing unless kinds have three symbols and more, on average. With many letters that mean the same,
 * random words seldom see the others. */
rs_status rs_loop_even_words(rs_words *out, const rs_automaton *machine, const rs_words *lengths, uint64_t seed);

/* The first node, by length and in order, at which the monitor is bad; SIZE_MAX for none. */
rs_status rs_first_bad(size_t *node, const rs_trace *trace, const rs_monitor *monitor);
/* Adds to *count the words that satisfy two assumptions (NULL: all do). */
rs_status rs_words_satisfying(size_t *count, const rs_words *words, const rs_assumption *one, const rs_assumption *other);

/* Looks for violations of undecided properties among the nodes of a trace (real ones, since they were recorded), and decides them. */
rs_status rs_loop_watch(rs_refinement *r, const rs_trace *trace);

/* Checks the machine against undecided properties; a counterexample that the network does not follow is added to `spurious`.
 * `engines` as in rs_solver_options. */
rs_status rs_loop_check(rs_refinement *r, rs_words *spurious);

/* The last word on every property: all engines on the final machine, random words behind HOLDS. */
rs_status rs_loop_conclude(rs_refinement *r);

/* Makes a violating word as short as replay allows and decides the property with it. */
rs_status rs_finding_violated(rs_refinement *r, rs_finding *finding, const uint32_t *word, size_t length);

#endif
