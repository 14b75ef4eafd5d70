/* Slow, obvious counterparts of the automaton module, and machines to try it on. */
#ifndef AUTOMATON_REF_H
#define AUTOMATON_REF_H

#include "core/random.h"
#include "rnnsafe/automaton.h"

/* A machine over symbols a, b, ... and outputs o0, o1, ..., every successor and output drawn alike; NULL without
 * memory. */
rs_automaton *ref_random_machine(rs_random *r, size_t n, size_t symbols, size_t outputs);

/* The same machine with its states in another order, drawn at random. */
rs_automaton *ref_permuted(rs_random *r, const rs_automaton *a);

/* How many states the smallest equivalent machine has: Moore's table filling over the states that non-empty words
 * reach, and the start unless one of them has its successors. */
size_t ref_minimal_size(const rs_automaton *a);

/* The first word, by length and then alphabet, of at most `limit` symbols after which the outputs' names differ,
 * written into word[limit]; its length, or 0: every word is tried. The alphabets must be the same. */
size_t ref_difference(const rs_automaton *a, const rs_automaton *b, size_t limit, uint32_t *word);

/* Same numbers of states, same arrays, same names of symbols and outputs. */
bool ref_identical(const rs_automaton *a, const rs_automaton *b);

#endif
