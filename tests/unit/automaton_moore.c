#include <string.h>

#include "automaton_ref.h"
#include "support/unit.h"

/* A lamp: "press" switches, "wait" keeps. */
static rs_status lamp(rs_automaton **out, const uint64_t *support) {
    rs_names *alphabet = NULL, *outputs = NULL, *states = NULL;
    const uint32_t output[] = {0, 1}, next[] = {1, 0, 0, 1};
    rs_status status = rs_names_parse(&alphabet, "alphabet", "press wait");
    if (status == RS_OK) status = rs_names_parse(&outputs, "outputs", "dark light");
    if (status == RS_OK) status = rs_names_parse(&states, "states", "off on");
    if (status == RS_OK) status = rs_automaton_new(out, alphabet, outputs, 2, 0, output, next, support, states);
    rs_names_free(alphabet);
    rs_names_free(outputs);
    rs_names_free(states);
    return status;
}

static void getters(void) {
    rs_automaton *a = NULL;
    const uint64_t support[] = {1, 2, 3, 4};
    const uint32_t word[] = {0, 1, 0, 0};
    CHECK_OK(lamp(&a, support));
    CU_ASSERT(rs_automaton_states(a) == 2 && rs_automaton_start(a) == 0 && rs_automaton_output(a, 1) == 1);
    CU_ASSERT(rs_automaton_next(a, 1, 0) == 0 && rs_automaton_has_support(a) && rs_automaton_support(a, 1, 0) == 3);
    CU_ASSERT_STRING_EQUAL(rs_automaton_state_name(a, 1), "on");
    CU_ASSERT_STRING_EQUAL(rs_names_get(rs_automaton_alphabet(a), 1), "wait");
    CU_ASSERT(rs_automaton_run(a, 0, word, 4) == 1 && rs_automaton_run(a, 1, word, 0) == 1);
    rs_automaton_free(a);
    CHECK_OK(lamp(&a, NULL));
    CU_ASSERT(!rs_automaton_has_support(a) && rs_automaton_support(a, 1, 0) == 0);
    rs_automaton_free(a);
    rs_automaton_free(NULL);
}

static void refusals(void) {
    rs_automaton *a = NULL;
    rs_names *alphabet = NULL, *outputs = NULL, *states = NULL;
    uint32_t output[] = {0, 1}, next[] = {1, 0};
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "a"));
    CHECK_OK(rs_names_parse(&outputs, "outputs", "x y"));
    CHECK_OK(rs_names_parse(&states, "states", "p q r"));
    CHECK_FAILS(rs_automaton_new(&a, alphabet, outputs, 0, 0, output, next, NULL, NULL), RS_EINPUT, "0 states");
    CHECK_FAILS(rs_automaton_new(&a, alphabet, outputs, 2, 2, output, next, NULL, NULL), RS_EINPUT, "start 2 of 2");
    CHECK_FAILS(rs_automaton_new(&a, alphabet, outputs, 2, 0, output, next, NULL, states), RS_EINPUT, "3 names for 2");
    output[1] = 2;
    CHECK_FAILS(rs_automaton_new(&a, alphabet, outputs, 2, 0, output, next, NULL, NULL), RS_EINPUT,
                "state 1 has output 2");
    output[1] = 1;
    next[0] = 2;
    CHECK_FAILS(rs_automaton_new(&a, alphabet, outputs, 2, 0, output, next, NULL, NULL), RS_EINPUT,
                "state 0 goes to 2");
    CU_ASSERT_PTR_NULL(a);
    next[0] = 1;
    CHECK_OK(rs_automaton_new(&a, alphabet, outputs, 2, 1, output, next, NULL, NULL));
    CU_ASSERT_STRING_EQUAL(rs_automaton_state_name(a, 1), "q1");
    rs_automaton_free(a);
    rs_names_free(alphabet);
    rs_names_free(outputs);
    rs_names_free(states);
}

static rs_status sweep(void *user) {
    rs_automaton *a = NULL;
    rs_status status = lamp(&a, user);
    rs_automaton_free(a);
    return status;
}

static void out_of_memory(void) {
    uint64_t support[] = {1, 2, 3, 4};
    unit_allocation_sweep(sweep, support, 1000);
}

static const unit_test tests[] = {
    {"what a machine is made of", getters},
    {"refusals", refusals},
    {"without memory", out_of_memory},
};
UNIT_MAIN("automaton: Moore machines", tests)
