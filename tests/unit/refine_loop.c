/* The loop on networks whose behaviour on all words is known. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "automaton_ref.h"
#include "refine/loop.h"
#include "refine_network.h"
#include "support/unit.h"

/* Every random machine comes back, minimal and exactly, whatever the clustering starts from. */
static void machines_come_back(void) {
    uint64_t seed = unit_seed();
    rs_random random = rs_random_new(seed, 0);
    for (uint64_t i = 0; i < 24; i++) {
        rs_automaton *truth = NULL, *minimal = NULL;
        rs_network *net = NULL;
        rs_refinement *r = NULL;
        rs_context ctx = {.seed = seed + i, .threads = 1 + i % 2};
        rs_refine_options options = {0};
        if (i % 2) options = (rs_refine_options){.cluster = "kmeans", .clustering = {.clusters = 1 + i % 5}};
        double ambiguity = 1, truth_fidelity = 0;
        CU_ASSERT_PTR_NOT_NULL_FATAL(truth = ref_random_machine(&random, 2 + i % 9, 2 + i % 3, 2 + i % 2));
        CHECK_OK(ref_network_of_machine(&net, truth));
        CHECK_OK(rs_automaton_minimise(&minimal, NULL, truth));
        CHECK_OK(rs_refine(&r, net, NULL, &options, &ctx));
        bool equal = false;
        const rs_automaton *machine = rs_refinement_automaton(r);
        CHECK_OK(rs_automaton_equivalent(&equal, NULL, machine, truth));
        CU_ASSERT(equal);
        CU_ASSERT_EQUAL(rs_automaton_states(machine), rs_automaton_states(minimal));
        CU_ASSERT_EQUAL(rs_refinement_end(r), RS_END_SETTLED);
        CU_ASSERT_DOUBLE_EQUAL(rs_refinement_fidelity(r), 1, 0);
        CHECK_OK(rs_refinement_truth(&ambiguity, &truth_fidelity, r, minimal));
        CU_ASSERT_DOUBLE_EQUAL(truth_fidelity, 1, 0);
        /* Two states of the minimal machine are never in one cluster. */
        CU_ASSERT_DOUBLE_EQUAL(ambiguity, 0, 0);
        rs_refinement_free(r);
        rs_network_free(net);
        rs_automaton_free(minimal);
        rs_automaton_free(truth);
    }
}

/* Recorded random words are enough for small machines, and nothing else is asked of the network. */
static void passive_from_words_alone(void) {
    rs_random random = rs_random_new(unit_seed(), 1);
    size_t equivalent = 0, runs = 12;
    for (uint64_t i = 0; i < runs; i++) {
        rs_automaton *truth = NULL;
        rs_network *net = NULL;
        rs_refinement *r = NULL;
        atomic_uint_fast64_t steps = 0;
        rs_context ctx = {.seed = i, .network_steps = &steps};
        rs_refine_options options = {.passive = true, .words = 600, .test_words = 1};
        CU_ASSERT_PTR_NOT_NULL_FATAL(truth = ref_random_machine(&random, 2 + i % 5, 2, 2));
        CHECK_OK(ref_network_of_machine(&net, truth));
        CHECK_OK(rs_refine(&r, net, NULL, &options, &ctx));
        bool equal = false;
        CHECK_OK(rs_automaton_equivalent(&equal, NULL, rs_refinement_automaton(r), truth));
        equivalent += equal;
        size_t recorded = rs_trace_size(r->trace) + rs_trace_size(r->validation) - 2;
        CU_ASSERT(atomic_load(&steps) >= recorded && atomic_load(&steps) <= recorded + 16);
        rs_refinement_free(r);
        rs_network_free(net);
        rs_automaton_free(truth);
    }
    CU_ASSERT(equivalent >= runs - 1); /* a state that 600 words reach fewer than twice cannot be told apart */
}

/* A step that was recorded is its own guess; another one is that of a node with the same class if there is one. */
static void guesses_prefer_what_was_recorded(void) {
    rs_random random = rs_random_new(unit_seed(), 2);
    rs_automaton *truth = ref_random_machine(&random, 6, 3, 2);
    rs_network *net = NULL;
    rs_trace *trace = NULL;
    rs_words *words = NULL;
    uint32_t *guess = NULL;
    rs_lengths lengths = {.min = 1, .max = 9};
    CU_ASSERT_PTR_NOT_NULL_FATAL(truth);
    CHECK_OK(ref_network_of_machine(&net, truth));
    CHECK_OK(rs_words_sample(&words, 3, 60, &lengths, 3));
    CHECK_OK(rs_trace_new(&trace, net, NULL));
    CHECK_OK(rs_trace_add(trace, words, NULL));
    CHECK_OK(rs_loop_guess(&guess, trace, NULL));
    size_t n = rs_trace_size(trace), S = rs_network_state_size(net);
    const uint32_t *parents = rs_trace_parents(trace), *symbols = rs_trace_symbols(trace), *classes = rs_trace_classes(trace);
    const float *states = rs_trace_states(trace);
    for (size_t i = 1; i < n; i++) CU_ASSERT_EQUAL(guess[parents[i] * 3 + symbols[i]], i);
    for (size_t x = 0; x < n; x++)
        for (uint32_t s = 0; s < 3; s++) { /* by brute force: no node that took s lies nearer, in the same class */
            uint32_t y = parents[guess[x * 3 + s]];
            double got = 0, best = 1e30;
            CU_ASSERT_EQUAL(symbols[guess[x * 3 + s]], s);
            for (size_t j = 0; j < S; j++) got += pow(states[x * S + j] - states[y * S + j], 2) + (classes[x] != classes[y] ? 1e6 / (double)S : 0);
            for (size_t i = 1; i < n; i++) {
                double d = classes[x] != classes[parents[i]] ? 1e6 : 0;
                if (symbols[i] != s) continue;
                for (size_t j = 0; j < S; j++) d += pow(states[x * S + j] - states[parents[i] * S + j], 2);
                if (d < best) best = d;
            }
            CU_ASSERT_DOUBLE_EQUAL(got, best, 1e-3);
        }
    free(guess);
    rs_trace_free(trace);
    rs_words_free(words);
    rs_network_free(net);
    rs_automaton_free(truth);
}

/* A counter modulo 9 over {a, b}: a counts, b does nothing until the count is 8, where it opens a trap. Output 1 in the trap. */
static rs_status trap(rs_automaton **out) {
    enum { N = 10, TRAP = 9 };
    uint32_t output[N] = {0}, next[N * 2];
    rs_names *alphabet = NULL, *outputs = NULL;
    for (uint32_t q = 0; q < 9; q++) {
        next[2 * q] = (q + 1) % 9;
        next[2 * q + 1] = q == 8 ? TRAP : q;
    }
    next[2 * TRAP] = next[2 * TRAP + 1] = TRAP;
    output[TRAP] = 1;
    rs_status status = rs_names_parse(&alphabet, "alphabet", "a b");
    if (status == RS_OK) status = rs_names_parse(&outputs, "outputs", "calm trapped");
    if (status == RS_OK) status = rs_automaton_new(out, alphabet, outputs, N, 0, output, next, NULL, NULL);
    rs_names_free(alphabet);
    rs_names_free(outputs);
    return status;
}

typedef struct scene {
    rs_automaton *machine;
    rs_network *net;
    rs_properties *properties;
} scene;

static void scene_new(scene *s, const char *text) {
    *s = (scene){0};
    CHECK_OK(trap(&s->machine));
    CHECK_OK(ref_network_of_machine(&s->net, s->machine));
    CHECK_OK(rs_properties_parse(&s->properties, text, strlen(text), "test", rs_network_alphabet(s->net),
                                 rs_network_outputs(s->net)));
}

static void scene_free(scene *s) {
    rs_properties_free(s->properties);
    rs_network_free(s->net);
    rs_automaton_free(s->machine);
}

/* Given words are recorded: a violation that only they hold is found, and passive refinement uses nothing else. */
static void given_words_count(void) {
    scene s;
    rs_refinement *r = NULL;
    rs_words *log = NULL;
    rs_word word = {0};
    atomic_uint_fast64_t steps = 0;
    rs_context ctx = {.seed = 1, .network_steps = &steps};
    scene_new(&s, "never_trapped: G(calm)\n");
    CHECK_OK(rs_words_new(&log));
    CHECK_OK(rs_word_parse(&word, rs_network_alphabet(s.net), "aababaaaaabb"));
    for (size_t i = 0; i < 10; i++) CHECK_OK(rs_words_add(log, word.symbols, word.length));
    rs_refine_options check = {.words = 1, .lengths = {.min = 1, .max = 1}, .given = log, .max_rounds = 1, .hold_words = 1};
    CHECK_OK(rs_refine(&r, s.net, s.properties, &check, NULL));
    CU_ASSERT_EQUAL(rs_refinement_finding(r, 0)->verdict, RS_VERDICT_VIOLATED);
    rs_refinement_free(r);
    rs_refine_options passive = {.passive = true, .given = log, .test_words = 1};
    CHECK_OK(rs_refine(&r, s.net, NULL, &passive, &ctx));
    CU_ASSERT_EQUAL(rs_trace_size(r->trace), word.length + 1);
    CU_ASSERT(atomic_load(&steps) <= 2 * word.length + 16);
    rs_refinement_free(r);
    rs_words_free(log);
    rs_word_free(&word);
    scene_free(&s);
}

static void verdicts(void) {
    scene s;
    scene_new(&s, "never_trapped: G(calm)\ntrapped_by_b: G((trapped & Y calm) -> b)\nstays: G(trapped -> WX trapped)\n");
    for (uint64_t seed = 1; seed <= 3; seed++) {
        rs_refinement *r = NULL;
        rs_context ctx = {.seed = seed};
        /* So few and short random words that only the machine can know of the trap. */
        rs_refine_options options = {.words = 5, .lengths = {.min = 1, .max = 3}, .hold_words = 300};
        CHECK_OK(rs_refine(&r, s.net, s.properties, &options, &ctx));
        const rs_finding *f = rs_refinement_finding(r, 0);
        CU_ASSERT_EQUAL(f->verdict, RS_VERDICT_VIOLATED);
        CU_ASSERT_EQUAL(f->word.length, 9);
        CU_ASSERT(f->shortest && f->outputs && f->outputs[8] == 1 && f->outputs[7] == 0);
        for (size_t i = 0; i < 8; i++) CU_ASSERT_EQUAL(f->word.symbols[i], 0);
        CU_ASSERT_EQUAL(f->solver.answer, RS_ANSWER_UNSAFE);
        for (size_t i = 1; i < 3; i++) {
            f = rs_refinement_finding(r, i);
            CU_ASSERT_EQUAL(f->verdict, RS_VERDICT_HOLDS);
            CU_ASSERT_EQUAL(f->words, 300);
            CU_ASSERT_DOUBLE_EQUAL(f->epsilon, rs_binomial_upper(0, 300, 0.01), 1e-12);
            CU_ASSERT_EQUAL(f->solver.engine[RS_ENGINE_CHC], RS_ANSWER_SAFE);
            CU_ASSERT_EQUAL(f->solver.engine[RS_ENGINE_BMC], RS_ANSWER_SAFE);
        }
        rs_refinement_free(r);
    }
    scene_free(&s);
}

/* A spent budget is said, and never becomes a verdict that was not earned. */
static void budgets(void) {
    scene s;
    scene_new(&s, "never_trapped: G(calm)\n");
    rs_refinement *r = NULL;
    rs_refine_options rounds = {.words = 5, .lengths = {.min = 1, .max = 3}, .max_rounds = 1};
    CHECK_OK(rs_refine(&r, s.net, s.properties, &rounds, NULL));
    CU_ASSERT_EQUAL(rs_refinement_end(r), RS_END_ROUNDS);
    rs_refinement_free(r);
    rs_context late = {.seed = 1, .deadline = rs_now() - 1};
    CHECK_OK(rs_refine(&r, s.net, s.properties, NULL, &late));
    CU_ASSERT_EQUAL(rs_refinement_end(r), RS_END_TIME);
    CU_ASSERT(rs_refinement_finding(r, 0)->verdict != RS_VERDICT_HOLDS);
    rs_refinement_free(r);
    /* Words are drawn in batches, so a deadline ends measuring too; some words are always drawn. */
    rs_refine_options endless = {.words = 1000000, .test_words = 100000000, .hold_words = 1000000000,
                                 .lengths = {.min = 1000, .max = 3000}};
    rs_context soon = {.seed = 1, .deadline = rs_now() + 0.2};
    CHECK_OK(rs_refine(&r, s.net, s.properties, &endless, &soon));
    CU_ASSERT(rs_refinement_words(r) >= 1 && rs_refinement_words(r) < 100000);
    rs_refinement_free(r);
    volatile sig_atomic_t raised = 1;
    rs_context interrupted = {.seed = 1, .interrupt = &raised};
    CHECK_FAILS(rs_refine(&r, s.net, s.properties, NULL, &interrupted), RS_EINTERRUPTED, "interrupted");
    rs_refine_options unknown = {.cluster = "tea-leaves"};
    CHECK_FAILS(rs_refine(&r, s.net, s.properties, &unknown, NULL), RS_EUSAGE, "kmeans");
    rs_refine_options passive = {.passive = true};
    CHECK_FAILS(rs_refine(&r, s.net, s.properties, &passive, NULL), RS_EUSAGE, "passive");
    scene_free(&s);
}

/* A long violating word becomes one from which nothing can be left out. */
static void words_are_shortened(void) {
    scene s;
    scene_new(&s, "never_trapped: G(calm)\n");
    rs_finding finding = {.property = rs_properties_get(s.properties, 0)};
    rs_refinement r = {.net = s.net, .ctx = *rs_context_default()};
    rs_word word = {0};
    CHECK_OK(rs_word_parse(&word, rs_network_alphabet(s.net), "babbaaabaabbabbaababbbaaabbaabbbabababababb"));
    CHECK_OK(rs_finding_violated(&r, &finding, word.symbols, word.length));
    CU_ASSERT_EQUAL(finding.word.length, 9);
    CU_ASSERT(finding.shortest);
    rs_word_free(&word);
    rs_word_free(&finding.word);
    free(finding.outputs);
    scene_free(&s);
}

static rs_status sweep_passive(void *user) {
    rs_refinement *r = NULL;
    rs_refine_options options = {.words = 6, .lengths = {.min = 1, .max = 4}, .test_words = 3, .passive = true};
    rs_status status = rs_refine(&r, ((scene *)user)->net, NULL, &options, NULL);
    rs_refinement_free(r);
    return status;
}

static rs_status sweep(void *user) {
    scene *s = user;
    rs_refinement *r = NULL;
    rs_refine_options options = {.words = 3, .lengths = {.min = 1, .max = 2}, .hold_words = 5, .test_words = 5,
                                 .max_rounds = 1, .cluster = "kmeans", .clustering = {.clusters = 2}, .solver = {.engines = 1}};
    rs_status status = rs_refine(&r, s->net, s->properties, &options, NULL);
    rs_refinement_free(r);
    return status;
}

static void out_of_memory(void) {
    scene s;
    scene_new(&s, "never_trapped: G(calm)\n");
    unit_allocation_sweep(sweep, &s, 20000);
    unit_allocation_sweep(sweep_passive, &s, 20000);
    scene_free(&s);
}

static const unit_test tests[] = {
    {"random machines come back from their networks", machines_come_back},
    {"passive refinement from recorded words alone", passive_from_words_alone},
    {"guesses against brute force", guesses_prefer_what_was_recorded},
    {"given words are recorded", given_words_count},
    {"verdicts on a network with a trap", verdicts},
    {"budgets, deadlines, interrupts", budgets},
    {"violating words are shortened", words_are_shortened},
    {"without memory", out_of_memory},
};
UNIT_MAIN("refine: loop", tests)
