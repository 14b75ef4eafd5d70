/* rnnsafe/refine.h - the loop: extract, check, replay, split, until nothing moves.
 *
 * Hidden states of recorded words are clustered; clusters make a Moore machine; every way in which machine and network are
 * found to part (a cluster whose members go to places that behave differently, a spurious counterexample, a conformance
 * test) gives a suffix that tells two hidden states of one cluster apart, and the cluster is split by what the network outputs after that
 * suffix. Counterexample-guided abstraction refinement (Clarke et al., JACM 50(5), 2003, doi:10.1145/876638.876643) with the
 * suffixes of active automata learning (Rivest and Schapire, 1993, doi:10.1006/inco.1993.1021) and conformance words
 * after Chow (1978, doi:10.1109/TSE.1978.231496). The default clustering is none: states start in one cluster and are told
 * apart only by what the network does; docs/refinement.md compares. */
#ifndef RNNSAFE_REFINE_H
#define RNNSAFE_REFINE_H

#include "rnnsafe/solver.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Zero members stand for the defaults in parentheses. */
typedef struct rs_refine_options {
    const char *cluster;             /* clustering method (none) */
    rs_cluster_options clustering;
    rs_lengths lengths;              /* distribution of random words (uniform:1..16) */
    const rs_words *given;           /* words to record at the start besides random ones, such as logs; NULL: none. Passive
                                        refinement records these alone, when there are any */
    size_t words;                    /* random words recorded at the start (400) */
    size_t test_words;               /* fresh random words for fidelity (2000) */
    size_t hold_words;               /* fresh random words behind HOLDS (20000) */
    double delta;                    /* confidence of statistical statements is 1 - delta (0.01) */
    size_t settle;                   /* rounds in a row without any change that end the loop (3) */
    size_t significance;             /* recorded states that must stand behind a split at first (16) */
    size_t max_rounds;               /* (200) */
    size_t max_clusters;             /* after splitting, before the loop gives up refining (1000) */
    size_t max_steps;                /* network steps of the loop (20,000,000) */
    size_t memory;                   /* bytes that recorded words may take (0: no bound): half for those that machines are made from, at
                                        first half of that, and a quarter each for tests and for validation. Words that do
                                        not fit are not recorded; batches that are run and forgotten come on top */
    bool passive;                    /* recorded random words only: the network is not asked what comes after a state, and
                                        no properties are checked; fidelity is measured as ever */
    rs_solver_options solver;
} rs_refine_options;

typedef enum rs_verdict { RS_VERDICT_PROVED, RS_VERDICT_HOLDS, RS_VERDICT_VIOLATED, RS_VERDICT_UNKNOWN } rs_verdict;
const char *rs_verdict_name(rs_verdict v); /* "PROVED", ... */

/* Why the loop ended. settled: machine and network agree on everything that was recorded and tested, for several rounds.
 * noise: they agree on all that is significant (see rs_refinement_significance), and following what is rarer made
 * clusters without end. passive: what the recorded words show was used. The others name the budget that was spent. */
typedef enum rs_end { RS_END_SETTLED, RS_END_NOISE, RS_END_PASSIVE, RS_END_ROUNDS, RS_END_CLUSTERS, RS_END_STEPS, RS_END_TIME, RS_END_MEMORY } rs_end;
const char *rs_end_name(rs_end e); /* "settled", "noise", "passive", "rounds spent", "clusters spent", "steps spent", "time spent", "memory spent" */

typedef struct rs_round {
    size_t significance;
    size_t clusters, states; /* at the end of the round */
    size_t spurious;         /* counterexamples that were not real, and words on which machine and network parted */
    double fidelity;         /* on fresh random words of this round; passive: on the words held out, averaged over classes */
} rs_round;

/* What is known of one property. */
typedef struct rs_finding {
    const rs_property *property;
    rs_verdict verdict;
    /* VIOLATED: a word whose run on the network reaches the monitor's bad state at its last symbol. `shortest` says that all
     * shorter words were tried; `minimal` that no symbol can be left out, which only words of hundreds of symbols may lack. */
    rs_word word;
    uint32_t *outputs;   /* [word.length], the network's */
    bool shortest, minimal;
    /* HOLDS: with confidence 1 - delta, a random word of the distribution that satisfies what the property assumes violates with
     * probability at most epsilon; none of `words` such words did, of `drawn` that were run, nor any word up to length
     * `exhaustive`, nor does the machine. */
    double epsilon, delta;
    size_t words, drawn, exhaustive;
    rs_solver_result solver; /* all engines on the final machine */
    char reason[160];        /* UNKNOWN: why */
} rs_finding;

typedef struct rs_refinement rs_refinement;

/* Runs the loop for the properties; NULL extracts only. The network and the properties are borrowed by the result. Progress on ctx;
 * a deadline ends the loop with what is known. Errors: RS_EUSAGE (method, options), RS_EINPUT (property over
 * another alphabet), RS_EMEMORY, RS_EINTERNAL (engines disagree), RS_EINTERRUPTED. */
rs_status rs_refine(rs_refinement **out, const rs_network *net, const rs_properties *properties,
                    const rs_refine_options *options, const rs_context *ctx);
void rs_refinement_free(rs_refinement *r);

const rs_network *rs_refinement_network(const rs_refinement *r);
const rs_automaton *rs_refinement_automaton(const rs_refinement *r); /* minimal, with support counts */
const char *rs_refinement_method(const rs_refinement *r);            /* of clustering */
size_t rs_refinement_base_clusters(const rs_refinement *r);          /* before splitting */
size_t rs_refinement_clusters(const rs_refinement *r);               /* after */
size_t rs_refinement_rounds(const rs_refinement *r);
const rs_round *rs_refinement_round(const rs_refinement *r, size_t i);
rs_end rs_refinement_end(const rs_refinement *r);
/* Hidden states that machines are made from, and, with a bound on memory, that bound (else 0) and whether it left words out. */
size_t rs_refinement_recorded(const rs_refinement *r, size_t *memory, bool *cut);
/* How many recorded states had to stand behind each split of the machine: 1 when everything recorded was followed. */
size_t rs_refinement_significance(const rs_refinement *r);
double rs_refinement_fidelity(const rs_refinement *r); /* on rs_refinement_words fresh words */
size_t rs_refinement_words(const rs_refinement *r);
const rs_lengths *rs_refinement_lengths(const rs_refinement *r);
size_t rs_refinement_findings(const rs_refinement *r);
const rs_finding *rs_refinement_finding(const rs_refinement *r, size_t i);

/* Geometry: which state of the automaton a hidden state belongs to, without running the network. Made from the recorded states
 * but the empty word's and the states that the automaton is in after their words; see rs_cluster_from_labels. */
const rs_placement *rs_refinement_placement(const rs_refinement *r);
/* Recorded states that it was made from, and the states of the automaton that they have. */
size_t rs_refinement_placed(const rs_refinement *r);
size_t rs_refinement_places(const rs_refinement *r);
/* The share of the fidelity's words whose hidden state it places where the automaton is after the word. */
double rs_refinement_placement_agreement(const rs_refinement *r);
/* The automaton's states of m hidden states. RS_EINPUT: a number that is not finite. */
rs_status rs_refinement_place(const rs_refinement *r, size_t m, const float *points /* [m*S] */, uint32_t *states /* [m] */,
                              const rs_context *ctx);

/* Seconds by phase: "trace", "cluster" (geometry too), "solver", "conformance"; 0 for others. */
double rs_refinement_seconds(const rs_refinement *r, const char *phase);

/* Against a ground truth over the same symbols: ambiguity of the final clusters, and the share of the fidelity's words on
 * which machine and truth agree. RS_EINPUT: other symbols. */
rs_status rs_refinement_truth(double *ambiguity, double *truth_fidelity, const rs_refinement *r, const rs_automaton *truth);

/* The share of words after whose last symbol machine and network give the same output, matched by name; the empty word does
 * not count. */
rs_status rs_fidelity(double *out, const rs_network *net, const rs_automaton *a, const rs_words *words,
                      const rs_context *ctx);

/* ---- What is known of a monitor without a proof ---- */

typedef struct rs_bounded_options {
    size_t length;                       /* all words up to this length; 0: as far as some seconds of work go */
    size_t words;                        /* random words; 0: none */
    rs_lengths lengths;                  /* their distribution (uniform:1..16) */
    double delta;                        /* (0.01) */
    const rs_assumption *assumptions[2]; /* random words count that satisfy them, as the monitor has it; NULL: nothing is assumed */
    bool proved;                         /* a proof says that there is no word: one is RS_EINTERNAL */
} rs_bounded_options;

typedef struct rs_bounded {
    size_t length;    /* no word up to this length makes the monitor bad: all were run, shared prefixes once, but for what
                         follows prefixes after which nothing can */
    uint64_t steps;   /* of the network, for them */
    const char *end;  /* what ended that: "length", "work", "memory", "time", or "word" */
    size_t words, drawn; /* random words that count, of those drawn; none makes the monitor bad */
    double epsilon, delta; /* a random word that satisfies the assumptions does with probability at most epsilon, with confidence
                              1 - delta; 1 without words */
    bool violated;
    rs_word word;     /* violated: after it the monitor is bad, by a run of the network */
} rs_bounded;

/* Statements about words of bounded length, and about random ones: the first by running all of them, breadth first, so that a word
 * that it finds is a shortest one; the second after Clopper and Pearson, see rs_binomial_upper. ctx->deadline ends either.
 * RS_EUSAGE: other names. Memory: at most 1 GiB. */
rs_status rs_bounded_check(rs_bounded *out, const rs_network *net, const rs_monitor *monitor, const rs_bounded_options *options,
                           const rs_context *ctx);
void rs_bounded_clear(rs_bounded *b);

/* How well one method does on one network. What needs a ground truth is NAN without one. */
typedef struct rs_comparison {
    size_t points;          /* hidden states that were clustered */
    bool cut;               /* words were not recorded, for which there was no memory (options) */
    size_t clusters;        /* that the method ended with */
    size_t states;          /* of the minimised machine */
    size_t truth_states;    /* of the minimised truth; 0 without */
    double ambiguity;       /* of the clusters, see rs_cluster_ambiguity */
    double rand_index;      /* adjusted, see rs_cluster_rand */
    double silhouette;      /* see rs_cluster_silhouette */
    double fidelity;        /* on `words` fresh random words, not counting empty ones */
    double fidelity_low, fidelity_high; /* Clopper-Pearson interval with confidence 1 - delta */
    size_t words;
    double truth_fidelity;  /* share of those words on which machine and truth agree */
    bool equivalent;        /* to the truth */
    uint64_t network_steps; /* for the words, the method and the machine; not for measuring */
    double seconds;         /* the same */
} rs_comparison;

/* "behaviour" (rs_refine with its defaults) and "behaviour-passive" (the same with `passive`) stand beside the methods of the
 * registry; the i-th name, NULL past the last. A method of the registry clusters the hidden states of `words` random words
 * once, and rs_automaton_from_clusters makes the machine, as extraction by clustering is usually done; half of `memory` bounds them. */
const char *rs_compare_method(size_t i);
const char *rs_compare_summary(const char *method);
/* RS_EUSAGE: unknown method, next to no memory. RS_EINPUT: the truth has other symbols. `truth` may be NULL. */
rs_status rs_compare(rs_comparison *out, const rs_network *net, const char *method, const rs_automaton *truth,
                     const rs_refine_options *options, const rs_context *ctx);

#ifdef __cplusplus
}
#endif
#endif
