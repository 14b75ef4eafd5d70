/* Levels against brute force over all words. */
#include <stdlib.h>

#include "automaton_ref.h"
#include "refine/levels.h"
#include "support/unit.h"

/* The length of a shortest word that tells p and q apart, by trying all words up to `most`; SIZE_MAX for none. */
static size_t brute(const rs_automaton *a, size_t p, size_t q, size_t most) {
    if (rs_automaton_output(a, p) != rs_automaton_output(a, q)) return 0;
    size_t best = SIZE_MAX, m = rs_names_count(rs_automaton_alphabet(a));
    for (size_t s = 0; most && s < m; s++) {
        size_t l = brute(a, rs_automaton_next(a, p, s), rs_automaton_next(a, q, s), most - 1);
        if (l != SIZE_MAX && l + 1 < best) best = l + 1;
    }
    return best;
}

static void shortest_suffixes(void) {
    rs_random random = rs_random_new(unit_seed(), 0);
    for (uint64_t i = 0; i < 40; i++) {
        rs_automaton *a = NULL;
        rs_levels levels = {0};
        uint32_t word[16];
        CU_ASSERT_PTR_NOT_NULL_FATAL(a = ref_random_machine(&random, 2 + i % 6, 1 + i % 3, 2));
        CHECK_OK(rs_levels_new(&levels, a));
        for (size_t p = 0; p < rs_automaton_states(a); p++)
            for (size_t q = 0; q < rs_automaton_states(a); q++) {
                size_t expected = brute(a, p, q, 7);
                CU_ASSERT(rs_levels_apart(&levels, p, q) == (expected != SIZE_MAX));
                if (expected == SIZE_MAX) continue;
                size_t length = rs_levels_suffix(&levels, p, q, word);
                CU_ASSERT(length == expected && length < levels.count);
                CU_ASSERT(rs_automaton_output(a, rs_automaton_run(a, p, word, length)) !=
                          rs_automaton_output(a, rs_automaton_run(a, q, word, length)));
            }
        rs_levels_free(&levels);
        rs_automaton_free(a);
    }
}

static rs_status sweep(void *user) {
    rs_levels levels = {0};
    rs_status status = rs_levels_new(&levels, user);
    rs_levels_free(&levels);
    return status;
}

static void out_of_memory(void) {
    rs_random random = rs_random_new(5, 0);
    rs_automaton *a = ref_random_machine(&random, 12, 2, 2);
    unit_allocation_sweep(sweep, a, 1000);
    rs_automaton_free(a);
}

static const unit_test tests[] = {
    {"shortest suffixes against all words", shortest_suffixes},
    {"without memory", out_of_memory},
};
UNIT_MAIN("refine: levels", tests)
