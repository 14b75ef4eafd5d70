/* What the solver's tests share: random products, and the slow obvious answer by running every word. */
#ifndef SOLVER_REF_H
#define SOLVER_REF_H

#include "core/random.h"
#include "solver/product.h"

/* A random machine and a random monitor with one bad state, `watchers` states besides. The start lies in the lower
 * half of those, which only with probability `leak` an edge leaves; edges of the upper half are bad with probability
 * 1/4. So a product may be safe although bad edges abound. NULL when out of memory. */
rs_product *solver_ref_random(rs_random *r, size_t states, size_t watchers, size_t symbols, size_t outputs,
                              double leak);

/* The first violating word of at most `bound` symbols, shortest first, then in alphabet order: every word is run on
 * machine and monitor. Returns its length, 0 when there is none. word [bound]. */
size_t solver_ref_violation(const rs_product *p, size_t bound, uint32_t *word);

#endif
