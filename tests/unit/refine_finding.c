/* Verdicts: machines that are wrong on purpose beside the network that they are said to imitate. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "refine/loop.h"
#include "refine_network.h"
#include "support/unit.h"

/* Over {a, b, c}: the output is bad from the `depth`-th a in a row on, for ever; 0: never. */
static rs_automaton *counter(size_t depth) {
    rs_names *alphabet = NULL, *outputs = NULL;
    rs_automaton *a = NULL;
    uint32_t output[40] = {0}, next[40 * 3] = {0};
    for (uint32_t q = 0; q < depth; q++) next[3 * q] = q + 1;
    for (size_t s = 0; depth && s < 3; s++) next[3 * depth + s] = (uint32_t)depth;
    if (depth) output[depth] = 1;
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "a b c"));
    CHECK_OK(rs_names_parse(&outputs, "outputs", "good bad"));
    CHECK_OK(rs_automaton_new(&a, alphabet, outputs, depth + 1, 0, output, next, NULL, NULL));
    rs_names_free(alphabet);
    rs_names_free(outputs);
    return a;
}

/* A refinement at its end: a network, a machine, properties that nothing is known of. */
typedef struct scene {
    rs_refinement r;
    rs_automaton *truth, *machine;
    rs_network *net;
    rs_properties *properties;
    rs_finding findings[4];
    atomic_uint_fast64_t steps;
} scene;

static void scene_new(scene *s, size_t network_depth, size_t machine_depth, const char *text) {
    memset(s, 0, sizeof *s);
    s->truth = counter(network_depth);
    s->machine = counter(machine_depth);
    CHECK_OK(ref_network_of_machine(&s->net, s->truth));
    CHECK_OK(rs_properties_parse(&s->properties, text, strlen(text), "test", rs_network_alphabet(s->net),
                                 rs_network_outputs(s->net)));
    s->r.net = s->net;
    s->r.machine = s->machine;
    s->r.properties = s->properties;
    s->r.o = rs_refine_defaults(&(rs_refine_options){.hold_words = 100, .lengths = {.min = 1, .max = 3}});
    s->r.ctx = (rs_context){.seed = 5, .network_steps = &s->steps};
    s->r.exhaustive = 2;
    s->r.findings = s->findings;
    s->r.finding_count = rs_properties_count(s->properties);
    for (size_t i = 0; i < s->r.finding_count; i++) {
        s->findings[i].property = rs_properties_get(s->properties, i);
        s->findings[i].verdict = RS_VERDICT_UNKNOWN;
    }
}

static void scene_free(scene *s) {
    for (size_t i = 0; i < s->r.finding_count; i++) {
        rs_word_free(&s->findings[i].word);
        rs_word_free(&s->findings[i].solver.word);
        free(s->findings[i].outputs);
    }
    rs_properties_free(s->properties);
    rs_network_free(s->net);
    rs_automaton_free(s->truth);
    rs_automaton_free(s->machine);
}

static const char never[] = "never: G good\n";

/* The engines find nothing on a machine that misses the violation; random words that meet it decide. */
static void random_words_decide(void) {
    scene s;
    scene_new(&s, 3, 0, "never: G good\nlong: G(out=good -> !matches(\".{9} .*\"))\n");
    CHECK_OK(rs_loop_conclude(&s.r));
    CU_ASSERT_EQUAL(s.findings[0].solver.answer, RS_ANSWER_SAFE);
    CU_ASSERT_EQUAL(s.findings[0].verdict, RS_VERDICT_VIOLATED);
    CU_ASSERT_EQUAL(s.findings[0].word.length, 3);
    CU_ASSERT(s.findings[0].shortest && s.findings[0].minimal);
    scene_free(&s);
    scene_new(&s, 4, 0, never); /* too long for the words: what is said is what was looked at */
    CHECK_OK(rs_loop_conclude(&s.r));
    CU_ASSERT_EQUAL(s.findings[0].verdict, RS_VERDICT_HOLDS);
    CU_ASSERT(s.findings[0].words == 100 && s.findings[0].exhaustive == 2 && s.findings[0].delta == 0.01);
    CU_ASSERT_DOUBLE_EQUAL(s.findings[0].epsilon, rs_binomial_upper(0, 100, 0.01), 0);
    scene_free(&s);
}

/* Words outside of what is assumed are no evidence, and no counterexamples; what is left may be nothing. */
static void assumed_words_count(void) {
    scene s;
    scene_new(&s, 3, 0, "assume cs: !(a & Y a & Y Y a)\nnever: G good\nplain: G(out=good | O b)\n");
    CHECK_OK(rs_loop_conclude(&s.r));
    CU_ASSERT(s.findings[0].verdict == RS_VERDICT_HOLDS && s.findings[1].verdict == RS_VERDICT_HOLDS);
    /* Lengths 1 to 3: one word in 27 of the longest is outside. */
    CU_ASSERT(s.findings[0].drawn == 100 && s.findings[0].words < 100 && s.findings[0].words > 90);
    CU_ASSERT_DOUBLE_EQUAL(s.findings[0].epsilon, rs_binomial_upper(0, s.findings[0].words, 0.01), 0);
    scene_free(&s);
    scene_new(&s, 0, 0, "assume late: matches(\"a b? c?\") & Y true | WY false\nnever: Y Y true -> good\n");
    s.r.o.lengths = (rs_lengths){.min = 3, .max = 3};
    s.r.o.hold_words = 2;
    CHECK_OK(rs_loop_conclude(&s.r));
    CU_ASSERT_EQUAL(s.findings[0].words, 0);
    CU_ASSERT_EQUAL(s.findings[0].verdict, RS_VERDICT_UNKNOWN);
    CU_ASSERT_STRING_EQUAL(s.findings[0].reason, "none of 2 random words satisfies what is assumed");
    scene_free(&s);
    scene_new(&s, 3, 0, "assume four: !matches(\"a a a a\")\nnever: G good\n");
    CHECK_OK(rs_loop_conclude(&s.r));
    CU_ASSERT_EQUAL(s.findings[0].verdict, RS_VERDICT_VIOLATED);
    CU_ASSERT_EQUAL(s.findings[0].word.length, 3);
    scene_free(&s);
}

/* A machine that violates what the network keeps: neither a violation nor HOLDS. */
static void spurious_is_unknown(void) {
    scene s;
    scene_new(&s, 0, 5, never);
    s.r.end = RS_END_NOISE;
    CHECK_OK(rs_loop_conclude(&s.r));
    CU_ASSERT_EQUAL(s.findings[0].verdict, RS_VERDICT_UNKNOWN);
    CU_ASSERT_STRING_EQUAL(s.findings[0].reason, "noise with only spurious counterexamples left (6 states)");
    scene_free(&s);
}

/* What only the machine knows is replayed, at the end as in the loop; what does not repeat there is spurious. */
static void counterexamples_are_replayed(void) {
    scene s;
    scene_new(&s, 5, 5, never);
    CHECK_OK(rs_loop_conclude(&s.r));
    CU_ASSERT_EQUAL(s.findings[0].verdict, RS_VERDICT_VIOLATED);
    CU_ASSERT_EQUAL(s.findings[0].word.length, 5);
    scene_free(&s);
    scene_new(&s, 5, 5, "never: G good\nlate: G(bad -> matches(\".{8} .*\"))\nodd: G(good -> !matches(\"b b b\"))\n");
    rs_automaton_free(s.machine);
    s.machine = s.r.machine = counter(4);
    rs_words *spurious = NULL;
    CHECK_OK(rs_words_new(&spurious));
    CHECK_OK(rs_loop_check(&s.r, spurious));
    CU_ASSERT_EQUAL(rs_words_count(spurious), 2); /* a a a a, twice */
    CU_ASSERT(s.findings[0].verdict == RS_VERDICT_UNKNOWN && s.findings[1].verdict == RS_VERDICT_UNKNOWN);
    CU_ASSERT_EQUAL(s.findings[2].verdict, RS_VERDICT_VIOLATED);
    CU_ASSERT_EQUAL(s.findings[2].word.length, 3);
    rs_words_free(spurious);
    scene_free(&s);
}

/* Time that runs out between batches of random words. */
typedef struct watcher {
    scene *s;
    size_t batches;
    uint64_t steps[8]; /* of each batch */
    bool late;
} watcher;

static void on_progress(void *user, const char *phase, double done) {
    watcher *w = user;
    (void)done;
    if (strcmp(phase, "random words") != 0) return;
    w->steps[w->batches++] = atomic_exchange(&w->s->steps, 0);
    if (w->late) w->s->r.ctx.deadline = rs_now() - 1;
}

static void time_is_said(void) {
    scene s;
    scene_new(&s, 0, 0, never);
    watcher w = {.s = &s, .late = true};
    s.r.o.hold_words = 5000;
    s.r.ctx.progress = on_progress;
    s.r.ctx.user = &w;
    CHECK_OK(rs_loop_conclude(&s.r));
    CU_ASSERT_EQUAL(s.findings[0].verdict, RS_VERDICT_UNKNOWN);
    CU_ASSERT_STRING_EQUAL(s.findings[0].reason, "time spent after 2000 of 5000 random words");
    s.findings[0].reason[0] = 0;
    CHECK_OK(rs_loop_conclude(&s.r)); /* late from the start: not even the explicit search ran */
    CU_ASSERT_EQUAL(s.findings[0].verdict, RS_VERDICT_UNKNOWN);
    unit_contains(s.findings[0].reason, "the engines did not decide: deadline", __FILE__, __LINE__);
    scene_free(&s);
}

/* The words behind HOLDS are drawn for it alone: streams of their own, another one each batch. */
static void words_are_fresh(void) {
    scene s;
    scene_new(&s, 0, 0, never);
    watcher w = {.s = &s};
    s.r.o.hold_words = 6000;
    s.r.o.lengths = (rs_lengths){.min = 1, .max = 12};
    s.r.o.solver.engines = 1;
    s.r.ctx.progress = on_progress;
    s.r.ctx.user = &w;
    CHECK_OK(rs_loop_conclude(&s.r));
    CU_ASSERT_EQUAL_FATAL(w.batches, 3);
    for (size_t b = 0; b < 3; b++) {
        rs_words *words = NULL;
        rs_trace *trace = NULL;
        CHECK_OK(rs_loop_sample(&words, &s.r, RS_STREAM_HOLD, b, 2000));
        CHECK_OK(rs_trace_new(&trace, s.net, NULL));
        CHECK_OK(rs_trace_add(trace, words, NULL));
        CU_ASSERT_EQUAL(rs_trace_size(trace) - 1, w.steps[b]); /* as many different prefixes */
        for (size_t c = 0; c < b; c++) CU_ASSERT_NOT_EQUAL(w.steps[b], w.steps[c]);
        rs_trace_free(trace);
        rs_words_free(words);
    }
    const uint64_t streams[] = {RS_STREAM_RECORD, RS_STREAM_ROUND, RS_STREAM_CONFORMANCE, RS_STREAM_HOLD, RS_STREAM_HOLD + 1,
                                RS_STREAM_TEST, RS_STREAM_VALIDATION};
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
        for (size_t j = 0; j < i; j++) CU_ASSERT_NOT_EQUAL(rs_loop_seed(&s.r, streams[i]), rs_loop_seed(&s.r, streams[j]));
    scene_free(&s);
}

static void violated_by(scene *s, const char *text, bool shortest, bool minimal, size_t length) {
    rs_word word = {0};
    CHECK_OK(rs_word_parse(&word, rs_network_alphabet(s->net), text));
    CHECK_OK(rs_finding_violated(&s->r, &s->findings[0], word.symbols, word.length));
    CU_ASSERT_EQUAL(s->findings[0].word.length, length);
    CU_ASSERT(s->findings[0].shortest == shortest && s->findings[0].minimal == minimal);
    rs_word_free(&word);
}

/* "No shorter word" is said when all were tried, now or before. */
static void shortest_is_earned(void) {
    scene s;
    scene_new(&s, 0, 0, "p: !matches(\"a a a a b | c c\")\n"); /* no part of the first is the second */
    violated_by(&s, "aaaab", true, true, 2);
    s.r.exhaustive = 4; /* all words to this length are known to keep it, says the caller */
    violated_by(&s, "aaaab", true, true, 5);
    s.r.exhaustive = 3;
    violated_by(&s, "aaaab", true, true, 2);
    scene_free(&s);
    scene_new(&s, 0, 0, "p: !matches(\"a{30} | c c\")\n");
    violated_by(&s, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false, true, 30); /* 3^29 words are too many */
    scene_free(&s);
}

/* Long words are cut in time and memory, and what was not tried is not claimed. */
static void long_words(void) {
    enum { N = 6000 };
    scene s;
    char *text = malloc(N + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    for (size_t i = 0; i < N; i++) text[i] = "abcacb"[i * i / 7 % 6];
    text[N] = 0;
    scene_new(&s, 0, 0, "p: !matches(\"(.* b){70}\")\n");
    violated_by(&s, text, false, true, 70);
    scene_free(&s);
    scene_new(&s, 0, 0, "p: !matches(\"(.{1000}){6}\")\n"); /* nothing can be left out, but trying each takes too long */
    violated_by(&s, text, false, false, N);
    text[100] = 0;
    scene_free(&s);
    scene_new(&s, 0, 0, "p: !matches(\".{100}\")\n");
    violated_by(&s, text, false, true, 100);
    s.r.ctx.deadline = rs_now() - 1;
    violated_by(&s, text, false, false, 100);
    scene_free(&s);
    free(text);
}

/* Over one symbol all shorter words begin the violating one: nothing is run but that word. */
static void one_symbol(void) {
    enum { N = 3000 };
    static const uint32_t zeros[N] = {0};
    scene s;
    rs_names *alphabet = NULL;
    scene_new(&s, 0, 0, never);
    const rs_names *outputs = rs_automaton_outputs(s.truth);
    rs_network_free(s.net);
    rs_properties_free(s.properties);
    s.net = NULL;
    s.properties = NULL;
    rs_automaton *one = NULL;
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "a"));
    CHECK_OK(rs_automaton_new(&one, alphabet, outputs, 1, 0, zeros, zeros, NULL, NULL));
    CHECK_OK(ref_network_of_machine(&s.net, one));
    const char text[] = "p: !matches(\"(a{1000}){3}\")\n";
    CHECK_OK(rs_properties_parse(&s.properties, text, strlen(text), "test", alphabet, outputs));
    s.r.net = s.net;
    s.findings[0].property = rs_properties_get(s.properties, 0);
    CHECK_OK(rs_finding_violated(&s.r, &s.findings[0], zeros, N));
    CU_ASSERT(s.findings[0].word.length == N && s.findings[0].shortest && s.findings[0].minimal);
    CU_ASSERT_EQUAL(atomic_load(&s.steps), 2 * N);
    rs_automaton_free(one);
    rs_names_free(alphabet);
    scene_free(&s);
}

static rs_status sweep_long(void *user) {
    scene *s = user;
    return rs_finding_violated(&s->r, &s->findings[0], (uint32_t[70]){0}, 70);
}

static void out_of_memory(void) {
    scene s;
    scene_new(&s, 0, 0, "p: !matches(\"a{67} .*\")\n");
    unit_allocation_sweep(sweep_long, &s, 2000);
    CU_ASSERT_EQUAL(s.findings[0].word.length, 67);
    scene_free(&s);
}

/* All short words are looked at, even when the loop ends before it knows anything. */
static void short_words_are_watched(void) {
    scene s;
    rs_refinement *r = NULL;
    rs_refine_options options = {.words = 1, .lengths = {.min = 1, .max = 1}, .max_rounds = 1, .hold_words = 1, .test_words = 1,
                                 .solver = {.engines = 1}};
    scene_new(&s, 7, 0, never);
    CHECK_OK(rs_refine(&r, s.net, s.properties, &options, NULL));
    const rs_finding *f = rs_refinement_finding(r, 0);
    CU_ASSERT(f->exhaustive >= 7 && f->verdict == RS_VERDICT_VIOLATED && f->word.length == 7 && f->shortest);
    rs_refinement_free(r);
    scene_free(&s);
}

/* Settled means `settle` quiet rounds; fidelity is that on words drawn for it alone. */
static void words_of_fidelity_are_fresh(void) {
    scene s;
    rs_refinement *r = NULL;
    double fresh = 0, recorded = 0;
    rs_words *words = NULL;
    scene_new(&s, 3, 0, never);
    rs_refine_options options = {.words = 500, .test_words = 500, .lengths = {.min = 1, .max = 12}, .settle = 5, .significance = 1};
    CHECK_OK(rs_refine(&r, s.net, NULL, &options, NULL));
    CU_ASSERT(rs_refinement_end(r) == RS_END_SETTLED && rs_refinement_rounds(r) >= 6);
    rs_refinement_free(r);
    options.significance = 100000; /* two clusters: a machine that errs */
    options.max_rounds = 1;
    CHECK_OK(rs_refine(&r, s.net, NULL, &options, NULL));
    CHECK_OK(rs_words_sample(&words, 3, 500, &options.lengths, rs_loop_seed(r, RS_STREAM_TEST)));
    CHECK_OK(rs_fidelity(&fresh, s.net, rs_refinement_automaton(r), words, NULL));
    rs_words_free(words);
    CHECK_OK(rs_words_sample(&words, 3, 500, &options.lengths, rs_loop_seed(r, RS_STREAM_RECORD)));
    CHECK_OK(rs_fidelity(&recorded, s.net, rs_refinement_automaton(r), words, NULL));
    rs_words_free(words);
    CU_ASSERT(fresh < 1 && fresh != recorded);
    CU_ASSERT_DOUBLE_EQUAL(rs_refinement_fidelity(r), fresh, 0);
    rs_refinement_free(r);
    scene_free(&s);
}

/* The empty word has no output: no share counts it. */
static void the_empty_word_does_not_count(void) {
    scene s;
    double share = 0;
    rs_words *words = NULL;
    rs_trace *trace = NULL;
    scene_new(&s, 1, 0, never);
    CHECK_OK(rs_words_new(&words));
    CHECK_OK(rs_words_add(words, NULL, 0));
    CHECK_OK(rs_words_add(words, (uint32_t[]){0}, 1));
    CHECK_OK(rs_trace_new(&trace, s.net, NULL));
    CHECK_OK(rs_trace_add(trace, words, NULL));
    size_t agree = 0, counted = 0;
    rs_loop_agree(&agree, &counted, &s.r, trace, words);
    CU_ASSERT(agree == 0 && counted == 1);
    CHECK_OK(rs_loop_agreement(&agree, &counted, s.machine, s.truth, words));
    CU_ASSERT(agree == 0 && counted == 2);
    CHECK_OK(rs_fidelity(&share, s.net, s.machine, words, NULL));
    CU_ASSERT_DOUBLE_EQUAL(share, 0, 0);
    rs_trace_free(trace);
    rs_words_free(words);
    scene_free(&s);
}

/* However soon the budget is spent, there is a machine. */
static void passive_always_has_a_machine(void) {
    scene s;
    scene_new(&s, 3, 0, never);
    for (int i = 0; i < 3; i++) {
        rs_refinement *r = NULL;
        rs_refine_options options = {.passive = true, .words = 20, .test_words = 5, .max_steps = i == 1, .significance = i == 2};
        rs_context ctx = {.seed = 1, .deadline = i == 0 ? rs_now() - 1 : 0};
        CHECK_OK(rs_refine(&r, s.net, NULL, &options, &ctx));
        const rs_end ends[] = {RS_END_TIME, RS_END_STEPS, RS_END_PASSIVE};
        CU_ASSERT_EQUAL(rs_refinement_end(r), ends[i]);
        CU_ASSERT(rs_automaton_states(rs_refinement_automaton(r)) >= 1 && rs_refinement_rounds(r) == 1);
        rs_refinement_free(r);
    }
    scene_free(&s);
}

static const unit_test tests[] = {
    {"random words decide what the machine misses", random_words_decide},
    {"only words that satisfy what is assumed count", assumed_words_count},
    {"spurious counterexamples leave it open", spurious_is_unknown},
    {"counterexamples are replayed", counterexamples_are_replayed},
    {"time that ran out is said", time_is_said},
    {"words behind HOLDS are fresh", words_are_fresh},
    {"the shortest word, when all were tried", shortest_is_earned},
    {"long words", long_words},
    {"one symbol", one_symbol},
    {"long words without memory", out_of_memory},
    {"short words are watched", short_words_are_watched},
    {"words of fidelity are fresh", words_of_fidelity_are_fresh},
    {"the empty word does not count", the_empty_word_does_not_count},
    {"passive refinement always has a machine", passive_always_has_a_machine},
};
UNIT_MAIN("refine: verdicts", tests)
