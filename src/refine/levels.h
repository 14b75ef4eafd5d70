/* Which states of a machine the words of each length tell apart, all states at once, reachable or not. */
#ifndef RS_REFINE_LEVELS_H
#define RS_REFINE_LEVELS_H

#include "rnnsafe/automaton.h"

/* Level l holds a block number for every state: two states share it iff they have the same outputs after all words of length 0
 * to l. The last level is the coarsest partition that is stable. Moore, "Gedanken-experiments on sequential machines",
 * 1956, doi:10.1515/9781400882618-006. Cost: O(levels n m). */
typedef struct rs_levels {
    const rs_automaton *a; /* borrowed */
    size_t count;
    uint32_t **block; /* [count][n] */
} rs_levels;

rs_status rs_levels_new(rs_levels *out, const rs_automaton *a);
void rs_levels_free(rs_levels *levels);

/* Whether some word tells p and q apart. */
bool rs_levels_apart(const rs_levels *levels, size_t p, size_t q);

/* A shortest word after which the outputs from p and q, which are apart, differ; the first in alphabet order. Writes it to word
 * [count - 1] and returns its length. Cost: O(length m). */
size_t rs_levels_suffix(const rs_levels *levels, size_t p, size_t q, uint32_t *word);

#endif
