/* The engines: each answers whether a word leads the product from its initial to the violated location. */
#ifndef RS_SOLVER_ENGINE_H
#define RS_SOLVER_ENGINE_H

#include "rnnsafe/solver.h"
#include "solver/product.h"

/* What one engine replies. `claim` is what its search said; `answer` is the claim after the engine's own check of it
 * (the word replayed, the invariant proved again), UNKNOWN when that fails. */
typedef struct rs_reply {
    rs_answer answer, claim;
    char reason[96];         /* why unknown or skipped, else "" */
    double seconds;          /* of the whole run; set by rs_engines_run */
    rs_word word;            /* UNSAFE: a word that replays */
    size_t clear;            /* bmc: no word of at most so many symbols violates */
    size_t locations, depth; /* explicit: reachable locations; length of the longest shortest path */
} rs_reply;

/* "unknown" or "skipped", why. */
void rs_reply_set(rs_reply *f, rs_answer answer, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Takes a violating word, of which it keeps what leads to the first violation; UNKNOWN when the word does not
 * replay. */
rs_status rs_reply_word(rs_reply *f, const rs_product *p, const uint32_t *word, size_t length);
void rs_reply_clear(rs_reply *f);

/* Breadth-first search: a shortest violating word, the first in alphabet order. Unknown only when ctx's deadline
 * passes. Cost: O(reachable locations * symbols). */
rs_status rs_engine_explicit(rs_reply *out, const rs_product *p, const rs_context *ctx);

/* Horn clauses, one nullary predicate a location, by Spacer (Komuravelli, Gurfinkel, Chaki, CAV 2014,
 * doi:10.1007/978-3-319-08867-9_2). Skipped above `limit` locations (0: RS_CHC_LIMIT). Stops `timeout` seconds from
 * now. */
#define RS_CHC_LIMIT ((size_t)20000)
rs_status rs_engine_chc(rs_reply *out, const rs_product *p, size_t limit, double timeout, const rs_context *ctx);

/* Bounded model checking (Biere et al., TACAS 1999, doi:10.1007/3-540-49059-0_14) to `depth` symbols. Safe iff no word
 * of at most that length violates and `covers` says that such words take every edge that words can take; skipped above
 * `limit` locations * depth (0: RS_BMC_LIMIT). Stops `timeout` seconds from now. */
#define RS_BMC_LIMIT ((size_t)200000)
rs_status rs_engine_bmc(rs_reply *out, const rs_product *p, size_t depth, bool covers, size_t limit, double timeout,
                        const rs_context *ctx);

/* Moves the replies into a result (which is then the caller's), unless two of them contradict each other:
 * RS_EINTERNAL. Claims count here, checked or not: a wrong one is a fault that must not stay hidden. */
rs_status rs_replies_merge(rs_solver_result *out, rs_reply reply[RS_ENGINES], const rs_product *p);

/* rs_solver_check on a product. */
rs_status rs_engines_run(rs_solver_result *out, const rs_product *p, const rs_solver_options *options,
                         const rs_context *ctx);

#endif
