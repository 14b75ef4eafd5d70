/* A formula watched letter by letter (De Giacomo and Vardi, "Linear temporal logic and linear dynamic logic on finite
 * traces", IJCAI 2013; formula progression after Bacchus and Kabanza, "Using temporal logics to express search control
 * knowledge for planning", 2000, doi:10.1016/S0004-3702(99)00071-5).
 *
 * A state holds what the past left behind (one bit a past operator, one state a language) and what the future owes: a
 * positive Boolean function of obligations "at the next moment x holds". A strong obligation fails when there is no
 * next moment, a weak one holds. States are arrays of 64-bit words: past bits, language states, then the sets of the
 * function in order; equal arrays are equal states. */
#ifndef RS_PROPERTY_PROGRESS_H
#define RS_PROPERTY_PROGRESS_H

#include "property/antichain.h"
#include "property/formula.h"

typedef struct rs_progress rs_progress;

/* `f` is borrowed. */
rs_status rs_progress_new(rs_progress **out, const rs_formula *f);
void rs_progress_free(rs_progress *p);
/* The state before the first moment, which no trace of moments is in: the formula is owed weakly. Borrowed until the
 * next call. */
rs_status rs_progress_start(const uint64_t **state, size_t *words, rs_progress *p);
/* The state after one more letter. `state` must not be what an earlier call lent. RS_EINPUT without a position: too
 * much work, more than 128 obligations. */
rs_status rs_progress_step(const uint64_t **next, size_t *next_words, rs_progress *p, const uint64_t *state,
                           size_t words, uint32_t symbol, uint32_t output);
/* Whether a trace that ends here satisfies the formula. */
bool rs_progress_accepts(const rs_progress *p, const uint64_t *state, size_t words);

#endif
