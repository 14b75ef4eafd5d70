#include <stdlib.h>
#include <string.h>

#include "automaton_ref.h"
#include "support/unit.h"

/* A combination lock: only "a b a" opens, and the opened lock stays open. */
static rs_automaton *lock(void) {
    const char text[] = "digraph { 0 [label=\"0|shut\"] 1 [label=\"1|shut\"] 2 [label=\"2|shut\"] 3 [label=\"3|open\"]"
                        " __start0 -> 0 0 -> 1 [label=a] 0 -> 0 [label=b] 1 -> 1 [label=a] 1 -> 2 [label=b]"
                        " 2 -> 3 [label=a] 2 -> 0 [label=b] 3 -> 3 [label=a] 3 -> 3 [label=b] }";
    rs_automaton *a = NULL;
    CHECK_OK(rs_automaton_parse_dot(&a, text, strlen(text), "lock", NULL, NULL));
    return a;
}

static void known(void) {
    rs_automaton *a = lock();
    rs_words *words = NULL;
    const char *wanted[] = {"", "a", "a b", "a b a"};
    CHECK_OK(rs_words_new(&words));
    CHECK_OK(rs_automaton_access_words(words, a));
    CU_ASSERT_FATAL(rs_words_count(words) == 4);
    for (size_t i = 0; i < 4; i++) {
        uint32_t word[3];
        char *text = NULL;
        CU_ASSERT_FATAL(rs_words_length(words, i) <= 3);
        rs_words_copy(word, words, i);
        CHECK_OK(rs_word_format(&text, rs_automaton_alphabet(a), word, rs_words_length(words, i)));
        CU_ASSERT_STRING_EQUAL(text, wanted[i]);
        free(text);
    }
    rs_words_free(words);
    rs_word suffix = {0};
    bool found = true;
    CHECK_OK(rs_automaton_distinguish(&found, &suffix, a, 0, 1)); /* after "ba" only state 1 has opened */
    CU_ASSERT(found && suffix.length == 2 && suffix.symbols[0] == 1 && suffix.symbols[1] == 0);
    rs_word_free(&suffix);
    CHECK_OK(rs_automaton_distinguish(&found, &suffix, a, 2, 3));
    CU_ASSERT(found && suffix.length == 0);
    CHECK_OK(rs_automaton_distinguish(&found, &suffix, a, 2, 2));
    CU_ASSERT(!found);
    CHECK_FAILS(rs_automaton_distinguish(&found, &suffix, a, 2, 4), RS_EUSAGE, "4");
    rs_automaton_free(a);
}

/* Whether some suffix separates p and q; the empty one only when `empty` counts. */
static bool separates(const rs_words *set, const rs_automaton *a, size_t p, size_t q, bool empty) {
    for (size_t i = 0; i < rs_words_count(set); i++)
        if ((rs_words_length(set, i) || empty) && rs_automaton_output(a, rs_automaton_run_word(a, p, set, i)) !=
                                                      rs_automaton_output(a, rs_automaton_run_word(a, q, set, i)))
            return true;
    return false;
}

static void characterise(const rs_automaton *a) {
    rs_words *set = NULL, *access = NULL;
    size_t n = rs_automaton_states(a), m = rs_names_count(rs_automaton_alphabet(a));
    bool entered = false;
    for (size_t q = 0; q < n; q++)
        for (size_t s = 0; s < m; s++) entered = entered || rs_automaton_next(a, q, s) == rs_automaton_start(a);
    CHECK_OK(rs_words_new(&set));
    CHECK_OK(rs_words_new(&access));
    CHECK_OK(rs_automaton_characterisation(set, a));
    CHECK_OK(rs_automaton_access_words(access, a));
    CU_ASSERT(rs_words_count(access) == n && rs_words_count(set) < 2 * n);
    for (size_t p = 0; p < n; p++) {
        CU_ASSERT(rs_automaton_run_word(a, rs_automaton_start(a), access, p) == p);
        for (size_t q = 0; q < p; q++) CU_ASSERT(separates(set, a, p, q, entered || q != rs_automaton_start(a)));
    }
    rs_words_free(set);
    rs_words_free(access);
}

static void random_minimal_machines(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    for (size_t i = 0; i < 200; i++) {
        rs_automaton *a = ref_random_machine(&r, 1 + rs_random_below(&r, 30), 1 + rs_random_below(&r, 3), 2),
                     *min = NULL;
        CHECK_OK(rs_automaton_minimise(&min, NULL, a));
        characterise(min);
        rs_automaton_free(min);
        rs_automaton_free(a);
    }
}

/* A shortest suffix: of all words in the order of length and alphabet, the first that shows different outputs. */
static void shortest_suffixes(void) {
    rs_random r = rs_random_new(unit_seed(), 1);
    rs_words *all = NULL;
    CHECK_OK(rs_words_all(&all, 2, 6, 1000));
    for (size_t i = 0; i < 50; i++) {
        rs_automaton *a = ref_random_machine(&r, 6, 2, 2);
        for (size_t p = 0; p < 6; p++)
            for (size_t q = 0; q < p; q++) {
                size_t at = 0, length = 0;
                uint32_t w[6];
                bool differ = rs_automaton_output(a, p) != rs_automaton_output(a, q), found;
                for (; !differ && at < rs_words_count(all); at++) {
                    length = rs_words_length(all, at);
                    rs_words_copy(w, all, at);
                    differ = rs_automaton_output(a, rs_automaton_run(a, p, w, length)) !=
                             rs_automaton_output(a, rs_automaton_run(a, q, w, length));
                }
                rs_word suffix = {0};
                CHECK_OK(rs_automaton_distinguish(&found, &suffix, a, p, q));
                CU_ASSERT(found == differ);
                if (found && differ)
                    CU_ASSERT(suffix.length == length && (!length || !memcmp(suffix.symbols, w, length * sizeof *w)));
                rs_word_free(&suffix);
            }
        rs_automaton_free(a);
    }
    rs_words_free(all);
}

static void not_minimal(void) {
    const char text[] = "digraph { p -> q [label=a] q -> p [label=a] __start0 -> p }";
    rs_automaton *a = NULL;
    rs_words *set = NULL;
    CHECK_OK(rs_automaton_parse_dot(&a, text, strlen(text), "twins", NULL, NULL));
    CHECK_OK(rs_words_new(&set));
    CHECK_FAILS(rs_automaton_characterisation(set, a), RS_EUSAGE, "not minimal");
    CU_ASSERT(rs_words_count(set) == 0);
    rs_words_free(set);
    rs_automaton_free(a);
}

static rs_status sweep(void *user) {
    rs_words *set = NULL;
    rs_word suffix = {0};
    bool found;
    rs_status status = rs_words_new(&set);
    if (status == RS_OK) status = rs_automaton_access_words(set, user);
    if (status == RS_OK) status = rs_automaton_characterisation(set, user);
    if (status == RS_OK) status = rs_automaton_distinguish(&found, &suffix, user, 0, 1);
    rs_word_free(&suffix);
    rs_words_free(set);
    return status;
}

static void out_of_memory(void) {
    rs_automaton *a = lock();
    unit_allocation_sweep(sweep, a, 1000);
    rs_automaton_free(a);
}

static const unit_test tests[] = {
    {"a combination lock", known},
    {"random minimal machines", random_minimal_machines},
    {"suffixes against all words", shortest_suffixes},
    {"a machine that is not minimal", not_minimal},
    {"without memory", out_of_memory},
};
UNIT_MAIN("automaton: words", tests)
