/* Hidden states placed by geometry on networks that compute a machine exactly. */
#include <stdlib.h>
#include <string.h>

#include "automaton_ref.h"
#include "refine/loop.h"
#include "refine_network.h"
#include "support/unit.h"

/* Recorded states lie where the machine is, but for `misplaced`; the agreement is what single words show. */
static void places_are_states(void) {
    rs_random random = rs_random_new(unit_seed(), 0);
    for (uint64_t i = 0; i < 8; i++) {
        rs_automaton *truth = NULL;
        rs_network *net = NULL;
        rs_refinement *r = NULL;
        rs_words *words = NULL;
        rs_trace *trace = NULL;
        rs_refine_options options = {.test_words = 300};
        size_t misplaced = 0, agree = 0;
        CU_ASSERT_PTR_NOT_NULL_FATAL(truth = ref_random_machine(&random, 2 + i, 2 + i % 3, 2 + i % 2));
        CHECK_OK(ref_network_of_machine(&net, truth));
        CHECK_OK(rs_refine(&r, net, NULL, &options, &(rs_context){.seed = i, .threads = 1 + i % 2}));
        const rs_automaton *machine = rs_refinement_automaton(r);
        const rs_placement *how = rs_refinement_placement(r);
        size_t n = rs_refinement_placed(r), S = rs_network_state_size(net);
        CU_ASSERT(n == r->chosen.nodes - 1 && rs_refinement_places(r) <= rs_automaton_states(machine));
        CU_ASSERT(how->pieces >= rs_refinement_places(r) && how->margin > 0);
        for (size_t node = 1; node <= n; node++) {
            rs_word word = {0};
            uint32_t got;
            CHECK_OK(rs_trace_word(&word, r->trace, node));
            CHECK_OK(rs_refinement_place(r, 1, rs_trace_states(r->trace) + node * S, &got, NULL));
            misplaced += got != rs_automaton_run(machine, rs_automaton_start(machine), word.symbols, word.length);
            rs_word_free(&word);
        }
        CU_ASSERT(misplaced == how->misplaced);
        CHECK_OK(rs_loop_sample(&words, r, RS_STREAM_TEST, 0, 300));
        CHECK_OK(rs_loop_tree(&trace, r, words));
        for (size_t w = 0; w < 300; w++) {
            uint32_t got;
            CHECK_OK(rs_refinement_place(r, 1, rs_trace_states(trace) + rs_trace_find_word(trace, words, w) * S, &got, NULL));
            agree += got == rs_automaton_run_word(machine, rs_automaton_start(machine), words, w);
        }
        CU_ASSERT_DOUBLE_EQUAL(rs_refinement_placement_agreement(r), (double)agree / 300, 1e-12);
        CU_ASSERT(agree == 300); /* one hidden unit for each state and symbol: fresh states are recorded ones */
        rs_trace_free(trace);
        rs_words_free(words);
        rs_refinement_free(r);
        rs_network_free(net);
        rs_automaton_free(truth);
    }
}

static const unit_test tests[] = {
    {"places are the machine's states", places_are_states},
};
UNIT_MAIN("refine_geometry", tests)
