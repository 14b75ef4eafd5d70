#include <stdlib.h>
#include <string.h>

#include "automaton_ref.h"
#include "support/unit.h"

static rs_automaton *machine(const char *alphabet_text, const char *outputs_text, size_t n, size_t start,
                             const uint32_t *output, const uint32_t *next, const uint64_t *support) {
    rs_names *alphabet = NULL, *outputs = NULL;
    rs_automaton *a = NULL;
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", alphabet_text));
    CHECK_OK(rs_names_parse(&outputs, "outputs", outputs_text));
    CHECK_OK(rs_automaton_new(&a, alphabet, outputs, n, start, output, next, support, NULL));
    rs_names_free(alphabet);
    rs_names_free(outputs);
    return a;
}

/* Parity of a's, every state twice, and one that nothing reaches. */
static void known(void) {
    const uint32_t output[] = {0, 1, 0, 1, 1}, next[] = {1, 2, 2, 3, 3, 0, 0, 1, 4, 4};
    const uint64_t support[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    rs_automaton *a = machine("a b", "even odd", 5, 0, output, next, support), *min = NULL;
    uint32_t *block_of = NULL;
    CHECK_OK(rs_automaton_minimise(&min, &block_of, a));
    CU_ASSERT(rs_automaton_states(min) == 2 && rs_automaton_start(min) == 0);
    CU_ASSERT(rs_automaton_output(min, 0) == 0 && rs_automaton_output(min, 1) == 1);
    CU_ASSERT(rs_automaton_next(min, 0, 0) == 1 && rs_automaton_next(min, 0, 1) == 0);
    CU_ASSERT(rs_automaton_next(min, 1, 0) == 0 && rs_automaton_next(min, 1, 1) == 1);
    CU_ASSERT(rs_automaton_support(min, 0, 0) == 6 && rs_automaton_support(min, 1, 1) == 12);
    CU_ASSERT(block_of[0] == 0 && block_of[1] == 1 && block_of[2] == 0 && block_of[3] == 1 &&
              block_of[4] == UINT32_MAX);
    free(block_of);
    rs_automaton_free(min);
    rs_automaton_free(a);
}

/* The start, which nothing enters, has the same successors as states 1 (output x) and 2 (output y): it takes over the
 * one with its own output, else the lowest; with other successors it stays alone. */
static void start_is_not_seen(void) {
    const uint32_t next[] = {1, 2, 1, 2, 1, 2};
    for (uint32_t own = 0; own < 3; own++) {
        const uint32_t output[] = {own, 0, 1};
        rs_automaton *a = machine("a b", "x y z", 3, 0, output, next, NULL), *min = NULL;
        uint32_t *block_of = NULL;
        CHECK_OK(rs_automaton_minimise(&min, &block_of, a));
        CU_ASSERT(rs_automaton_states(min) == 2 && rs_automaton_output(min, 0) == (own == 1));
        CU_ASSERT(block_of[0] == 0);
        free(block_of);
        rs_automaton_free(min);
        rs_automaton_free(a);
    }
    const uint32_t output[] = {2, 0, 1}, other[] = {2, 1, 1, 2, 1, 2};
    rs_automaton *a = machine("a b", "x y z", 3, 0, output, other, NULL), *min = NULL;
    CHECK_OK(rs_automaton_minimise(&min, NULL, a));
    CU_ASSERT(rs_automaton_states(min) == 3 && rs_automaton_output(min, 0) == 2);
    rs_automaton_free(min);
    rs_automaton_free(a);
}

/* Size against table filling, equivalence by running words, canonical form under permutation, block_of, idempotence. */
static void check_one(rs_random *r, const rs_automaton *a) {
    rs_automaton *min = NULL, *again = NULL, *permuted = ref_permuted(r, a), *other = NULL;
    uint32_t *block_of = NULL, word[8];
    size_t m = rs_names_count(rs_automaton_alphabet(a));
    CHECK_OK(rs_automaton_minimise(&min, &block_of, a));
    CHECK_OK(rs_automaton_minimise(&again, NULL, min));
    CHECK_OK(rs_automaton_minimise(&other, NULL, permuted));
    CU_ASSERT(rs_automaton_states(min) == ref_minimal_size(a));
    CU_ASSERT(ref_identical(min, again));
    CU_ASSERT(ref_identical(min, other));
    CU_ASSERT(ref_difference(a, min, m == 1 ? 8 : 5, word) == 0);
    CU_ASSERT(block_of[rs_automaton_start(a)] == 0);
    for (size_t q = 0; q < rs_automaton_states(a); q++)
        for (size_t s = 0; s < m && block_of[q] != UINT32_MAX; s++) {
            uint32_t to = rs_automaton_next(a, q, s);
            CU_ASSERT(rs_automaton_next(min, block_of[q], s) == block_of[to]);
            CU_ASSERT(rs_automaton_output(min, block_of[to]) == rs_automaton_output(a, to));
        }
    free(block_of);
    rs_automaton_free(min);
    rs_automaton_free(again);
    rs_automaton_free(permuted);
    rs_automaton_free(other);
}

static void against_table_filling(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    for (size_t i = 0; i < 600; i++) {
        rs_automaton *a =
            ref_random_machine(&r, 1 + rs_random_below(&r, 9), 1 + rs_random_below(&r, 3), 1 + rs_random_below(&r, 3));
        check_one(&r, a);
        rs_automaton_free(a);
    }
    for (size_t i = 0; i < 4; i++) {
        rs_automaton *a = ref_random_machine(&r, 100 + rs_random_below(&r, 101), 2, 2);
        check_one(&r, a);
        rs_automaton_free(a);
    }
}

/* A chain whose states differ by their distance to the end alone. */
static void chain(void) {
    enum { N = 2000 };
    static uint32_t output[N], next[N];
    for (uint32_t i = 0; i < N; i++) {
        output[i] = i == N - 1;
        next[i] = i + 1 < N ? i + 1 : i;
    }
    rs_automaton *a = machine("a", "x y", N, 0, output, next, NULL), *min = NULL;
    CHECK_OK(rs_automaton_minimise(&min, NULL, a));
    CU_ASSERT(rs_automaton_states(min) == N);
    rs_automaton_free(min);
    rs_automaton_free(a);
}

static rs_status sweep(void *user) {
    rs_automaton *min = NULL;
    uint32_t *block_of = NULL;
    rs_status status = rs_automaton_minimise(&min, &block_of, user);
    if (status != RS_OK) CU_ASSERT(!min && !block_of);
    free(block_of);
    rs_automaton_free(min);
    return status;
}

static void out_of_memory(void) {
    const uint32_t output[] = {0, 1, 0}, next[] = {1, 2, 0};
    const uint64_t support[] = {1, 1, 1};
    rs_automaton *a = machine("a", "x y", 3, 0, output, next, support);
    unit_allocation_sweep(sweep, a, 1000);
    rs_automaton_free(a);
}

static const unit_test tests[] = {
    {"parity, every state twice", known},
    {"the start's output is not seen", start_is_not_seen},
    {"random machines against table filling", against_table_filling},
    {"a chain", chain},
    {"without memory", out_of_memory},
};
UNIT_MAIN("automaton: minimisation", tests)
