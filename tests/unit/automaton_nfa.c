#include <stdlib.h>
#include <string.h>

#include "automaton_ref.h"
#include "support/unit.h"

#define EMPTY UINT32_MAX

static rs_names *letters(const char *text) {
    rs_names *alphabet = NULL;
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", text));
    return alphabet;
}

/* Words whose third last letter is a: 4 states here, 8 subsets. */
static void third_last(void) {
    const rs_nfa_edge edge[] = {{0, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 0, 2}, {1, 1, 2}, {2, 0, 3}, {2, 1, 3}};
    const bool accepting[] = {false, false, false, true};
    rs_names *alphabet = letters("a b");
    rs_automaton *a = NULL;
    CHECK_OK(rs_automaton_determinise(&a, alphabet, 4, 0, accepting, 7, edge, 8));
    CU_ASSERT(rs_automaton_states(a) == 8);
    CU_ASSERT_STRING_EQUAL(rs_names_get(rs_automaton_outputs(a), 1), "accept");
    rs_automaton_free(a);
    a = NULL;
    CHECK_FAILS(rs_automaton_determinise(&a, alphabet, 4, 0, accepting, 7, edge, 7), RS_EINPUT, "more than 7 states");
    const rs_nfa_edge wild[] = {{0, 2, 0}};
    CHECK_FAILS(rs_automaton_determinise(&a, alphabet, 1, 0, accepting, 1, wild, 8), RS_EUSAGE, "edge 0");
    CHECK_FAILS(rs_automaton_determinise(&a, alphabet, 1, 1, accepting, 0, wild, 8), RS_EUSAGE, "start 1");
    CU_ASSERT_PTR_NULL(a);
    rs_names_free(alphabet);
}

/* Whether the automaton accepts, by the set of states after each letter; n <= 32. */
static uint32_t closed(uint32_t set, size_t edges, const rs_nfa_edge *edge) {
    for (uint32_t before = 0; before != set;) {
        before = set;
        for (size_t e = 0; e < edges; e++)
            if (edge[e].symbol == EMPTY && set >> edge[e].from & 1) set |= 1u << edge[e].to;
    }
    return set;
}

static bool accepts(size_t n, const bool *accepting, size_t edges, const rs_nfa_edge *edge, const uint32_t *word,
                    size_t length) {
    uint32_t set = closed(1, edges, edge);
    for (size_t i = 0; i < length; i++) {
        uint32_t to = 0;
        for (size_t e = 0; e < edges; e++)
            if (edge[e].symbol == word[i] && set >> edge[e].from & 1) to |= 1u << edge[e].to;
        set = closed(to, edges, edge);
    }
    for (size_t q = 0; q < n; q++)
        if (accepting[q] && set >> q & 1) return true;
    return false;
}

static void against_simulation(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    rs_names *alphabet = letters("a b");
    rs_words *all = NULL;
    CHECK_OK(rs_words_all(&all, 2, 8, 1000));
    for (size_t i = 0; i < 200; i++) {
        size_t n = 1 + rs_random_below(&r, 6), edges = rs_random_below(&r, 14);
        rs_nfa_edge edge[14];
        bool accepting[6];
        for (size_t q = 0; q < n; q++) accepting[q] = rs_random_below(&r, 3) == 0;
        for (size_t e = 0; e < edges; e++) {
            uint32_t symbol = (uint32_t)rs_random_below(&r, 3);
            edge[e] = (rs_nfa_edge){(uint32_t)rs_random_below(&r, n), symbol == 2 ? EMPTY : symbol,
                                    (uint32_t)rs_random_below(&r, n)};
        }
        rs_automaton *a = NULL;
        CHECK_OK(rs_automaton_determinise(&a, alphabet, n, 0, accepting, edges, edge, 64));
        CU_ASSERT(rs_automaton_states(a) == ref_minimal_size(a));
        for (size_t w = 0; w < rs_words_count(all); w++) {
            uint32_t word[8];
            size_t length = rs_words_length(all, w), state = rs_automaton_run_word(a, rs_automaton_start(a), all, w);
            rs_words_copy(word, all, w);
            CU_ASSERT(rs_automaton_output(a, state) == accepts(n, accepting, edges, edge, word, length));
        }
        rs_automaton_free(a);
    }
    rs_words_free(all);
    rs_names_free(alphabet);
}

static rs_status sweep(void *user) {
    const rs_nfa_edge edge[] = {{0, 0, 0}, {0, EMPTY, 1}, {1, 1, 0}};
    const bool accepting[] = {false, true};
    rs_automaton *a = NULL;
    rs_status status = rs_automaton_determinise(&a, user, 2, 0, accepting, 3, edge, 100);
    rs_automaton_free(a);
    return status;
}

static void out_of_memory(void) {
    rs_names *alphabet = letters("a b");
    unit_allocation_sweep(sweep, alphabet, 1000);
    rs_names_free(alphabet);
}

static const unit_test tests[] = {
    {"the third last letter", third_last},
    {"random automata against simulation", against_simulation},
    {"without memory", out_of_memory},
};
UNIT_MAIN("automaton: nondeterminism", tests)
