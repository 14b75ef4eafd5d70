/* Reports on a hand-made network whose verdicts are known; verdicts that it cannot have are put in by hand. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "refine/loop.h"
#include "refine_network.h"
#include "report/format.h"
#include "support/unit.h"

typedef struct scene {
    rs_automaton *machine;
    rs_network *net;
    rs_properties *properties;
    rs_refinement *r;
} scene;

/* Coffee comes when brew follows coin. */
static rs_status coffee(rs_automaton **out) {
    const uint32_t output[] = {0, 0, 1}, next[] = {1, 0, 1, 2, 1, 0};
    rs_names *alphabet = NULL, *outputs = NULL;
    rs_status status = rs_names_parse(&alphabet, "alphabet", "coin brew");
    if (status == RS_OK) status = rs_names_parse(&outputs, "outputs", "idle coffee");
    if (status == RS_OK) status = rs_automaton_new(out, alphabet, outputs, 3, 0, output, next, NULL, NULL);
    rs_names_free(alphabet);
    rs_names_free(outputs);
    return status;
}

static const char properties[] = "brewed: out=coffee -> brew\n"
                                 "never: !(out=coffee)\n";

static void scene_new(scene *s, bool refined) {
    *s = (scene){0};
    CHECK_OK(coffee(&s->machine));
    CHECK_OK(ref_network_of_machine(&s->net, s->machine));
    CHECK_OK(rs_properties_parse(&s->properties, properties, strlen(properties), "test", rs_network_alphabet(s->net),
                                 rs_network_outputs(s->net)));
    rs_refine_options options = {.hold_words = 500, .solver = {.engines = 1u << RS_ENGINE_EXPLICIT}};
    if (refined) CHECK_OK(rs_refine(&s->r, s->net, s->properties, &options, NULL));
}

static void scene_free(scene *s) {
    rs_refinement_free(s->r);
    rs_properties_free(s->properties);
    rs_network_free(s->net);
    rs_automaton_free(s->machine);
}

static void check_text(const scene *s, const rs_report_run *run, const char *wanted) {
    char *text = NULL;
    CHECK_OK(rs_report_text(&text, s->r, run));
    unit_contains(text ? text : "", wanted, __FILE__, __LINE__);
    free(text);
}

static void text_of_check(void) {
    scene s;
    scene_new(&s, true);
    rs_report_run run = {.command = "check", .seed = 1, .seconds = 1.5, .network_steps = 77};
    check_text(&s, &run, "network     (from arrays): relu, 1 layer of ");
    check_text(&s, &run, "1.50 s, 77 network steps\n");
    check_text(&s, &run,
               "automaton   3 states, 6 transitions\n"
               "fidelity    1.0000 on 2000 fresh random words, lengths uniform:1..16\n");
    check_text(&s, &run,
               "property never: !(out=coffee)\n"
               "  violated on the network by this word of 2 symbols; no shorter word violates it\n"
               "  moment  symbol  output\n"
               "       1  coin    idle\n"
               "       2  brew    coffee  <-- never is violated\n"
               "  the automaton: unsafe by explicit, ");
    check_text(&s, &run, "\nVERDICT never VIOLATED word: coin brew\n");
    check_text(&s, &run,
               "\nVERDICT brewed HOLDS epsilon=0.00917 delta=0.01 words=500 lengths=uniform:1..16 exhaustive=");
    run.truth = s.machine;
    check_text(&s, &run, "truth       fidelity 1.0000, ambiguity of clusters 0\n");
    run.colour = true;
    check_text(&s, &run, "\nVERDICT never \033[1;31mVIOLATED\033[0m word: coin brew\n");
    check_text(&s, &run, "\nVERDICT brewed \033[1;32mHOLDS\033[0m epsilon=");
    scene_free(&s);
}

static void verdicts_by_hand(void) {
    scene s;
    scene_new(&s, true);
    rs_report_run run = {.command = "check"};
    char *json = NULL;
    rs_finding *f = &s.r->findings[0];
    f->verdict = RS_VERDICT_UNKNOWN;
    snprintf(f->reason, sizeof f->reason, "time\nspent");
    check_text(&s, &run, "  not decided: time?spent\n");
    check_text(&s, &run, "\nVERDICT brewed UNKNOWN time?spent\n");
    CHECK_OK(rs_report_json(&json, s.r, &run));
    unit_contains(json, "\"reason\": \"time\\nspent\"", __FILE__, __LINE__);
    free(json);
    f->verdict = RS_VERDICT_PROVED;
    check_text(&s, &run, "\nVERDICT brewed PROVED words of every length\n");
    CHECK_OK(rs_report_json(&json, s.r, &run));
    unit_contains(json, "\"kind\": \"proved\"", __FILE__, __LINE__);
    free(json);
    s.r->findings[1].shortest = false;
    check_text(&s, &run, "; no symbol of it can be left out\n");
    s.r->findings[1].minimal = false;
    check_text(&s, &run, "; a shorter one was not looked for to the end\n");
    CHECK_OK(rs_report_json(&json, s.r, &run));
    unit_contains(json, "\"shortest\": false", __FILE__, __LINE__);
    unit_contains(json, "\"minimal\": false", __FILE__, __LINE__);
    free(json);
    scene_free(&s);
}

/* Of 30 rounds the first six and the last six are shown, each with its own numbers. */
static void long_loops(void) {
    scene s;
    scene_new(&s, true);
    rs_report_run run = {.command = "check"};
    free(s.r->rounds);
    s.r->rounds = calloc(30, sizeof *s.r->rounds);
    s.r->round_count = 30;
    for (size_t i = 0; i < 30; i++)
        s.r->rounds[i] =
            (rs_round){.significance = 4, .clusters = 100 + i, .states = 10, .spurious = i, .fidelity = 0.99999};
    char *text = NULL;
    CHECK_OK(rs_report_text(&text, s.r, &run));
    for (size_t i = 0; i < 30; i++) {
        char line[100];
        snprintf(line, sizeof line, "            %5zu  %12d  %8zu  %6d  %8zu    0.9999\n", i + 1, 4, 100 + i, 10, i);
        CU_ASSERT_EQUAL(strstr(text, line) != NULL, i < 6 || i >= 24);
    }
    unit_contains(text, "\n              ...\n", __FILE__, __LINE__);
    free(text);
    scene_free(&s);
}

static const json_t *at(const json_t *value, const char *path) {
    char key[64];
    while (*path && value) {
        size_t span = strcspn(path, ".");
        snprintf(key, sizeof key, "%.*s", (int)span, path);
        bool index = json_is_array(value);
        value = index ? json_array_get(value, strtoul(key, NULL, 10)) : json_object_get(value, key);
        path += span + (path[span] == '.');
    }
    return value;
}

static void check_string(const json_t *root, const char *path, const char *wanted) {
    const char *got = json_string_value(at(root, path));
    if (!got || strcmp(got, wanted) != 0) fprintf(stderr, "%s is %s, not %s\n", path, got ? got : "no string", wanted);
    CU_ASSERT(got && strcmp(got, wanted) == 0);
}

static void check_number(const json_t *root, const char *path, double wanted) {
    const json_t *value = at(root, path);
    if (!json_is_number(value) || json_number_value(value) != wanted)
        fprintf(stderr, "%s is %g, not %g\n", path, json_number_value(value), wanted);
    CU_ASSERT(json_is_number(value) && json_number_value(value) == wanted);
}

static void json_of_check(void) {
    scene s;
    scene_new(&s, true);
    rs_report_run run = {.command = "check", .seed = 5, .seconds = 1.25, .network_steps = 77, .truth = s.machine};
    char *text = NULL;
    CHECK_OK(rs_report_json(&text, s.r, &run));
    CU_ASSERT(text[strlen(text) - 1] == '\n');
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    check_string(root, "tool", "rnnsafe");
    check_string(root, "version", rs_version());
    check_string(root, "command", "check");
    check_number(root, "seed", 5);
    check_string(root, "network.file", "");
    check_string(root, "network.cell", "relu");
    check_number(root, "network.layers", 1);
    check_number(root, "network.hidden", (double)rs_network_hidden(s.net));
    check_string(root, "network.alphabet.1", "brew");
    check_string(root, "network.outputs.0", "idle");
    check_string(root, "cluster.method", "none");
    check_number(root, "cluster.clusters", (double)rs_refinement_clusters(s.r));
    check_number(root, "cluster.ambiguity", 0);
    check_string(root, "automaton.kind", "moore");
    check_number(root, "automaton.states", 3);
    check_number(root, "automaton.transitions", 6);
    check_number(root, "automaton.fidelity", 1);
    check_number(root, "automaton.words", 2000);
    check_number(root, "automaton.truth_fidelity", 1);
    check_string(root, "lengths", "uniform:1..16");
    check_string(root, "end", "settled");
    CU_ASSERT_EQUAL(json_array_size(at(root, "rounds")), rs_refinement_rounds(s.r));
    check_number(root, "significance", 1);
    check_number(root, "rounds.0.round", 1);
    check_number(root, "rounds.0.significance", (double)rs_refinement_round(s.r, 0)->significance);
    check_number(root, "rounds.0.states", (double)rs_refinement_round(s.r, 0)->states);
    CU_ASSERT_EQUAL(json_array_size(at(root, "properties")), 2);
    check_string(root, "properties.0.name", "brewed");
    check_string(root, "properties.0.verdict", "HOLDS");
    check_string(root, "properties.0.guarantee.kind", "statistical");
    check_number(root, "properties.0.guarantee.words", 500);
    check_number(root, "properties.0.guarantee.delta", 0.01);
    check_string(root, "properties.0.guarantee.distribution", "uniform:1..16");
    CU_ASSERT_PTR_NULL(at(root, "properties.0.counterexample"));
    check_string(root, "properties.1.formula", "!(out=coffee)");
    check_string(root, "properties.1.verdict", "VIOLATED");
    check_string(root, "properties.1.guarantee.kind", "replayed");
    CU_ASSERT(json_is_true(at(root, "properties.1.guarantee.shortest")));
    CU_ASSERT(json_is_true(at(root, "properties.1.guarantee.minimal")));
    check_string(root, "properties.1.counterexample.word.0", "coin");
    check_string(root, "properties.1.counterexample.word.1", "brew");
    check_string(root, "properties.1.counterexample.outputs.1", "coffee");
    check_string(root, "properties.1.engines.explicit", "unsafe");
    check_string(root, "properties.1.engines.chc", "skipped");
    check_number(root, "network_steps", 77);
    check_number(root, "seconds.total", 1.25);
    json_decref(root);
    free(text);

    run.truth = NULL;
    s.r->fidelity = NAN;
    CHECK_OK(rs_report_json(&text, s.r, &run));
    root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    CU_ASSERT_PTR_NULL(at(root, "cluster.ambiguity"));
    CU_ASSERT_PTR_NULL(at(root, "automaton.truth_fidelity"));
    CU_ASSERT(json_is_null(at(root, "automaton.fidelity")));
    json_decref(root);
    free(text);
    scene_free(&s);
}

static void replays(void) {
    scene s;
    scene_new(&s, false);
    rs_word word = {0};
    char *text = NULL, *table;
    bool violated = false;
    CHECK_OK(rs_word_parse(&word, rs_network_alphabet(s.net), "coin coin brew brew"));
    CHECK_OK(rs_report_replay_text(&text, &violated, s.net, &word, s.properties, false, NULL));
    CU_ASSERT(violated);
    table = strstr(text, "\n\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(table);
    CU_ASSERT_STRING_EQUAL(table, "\n\n"
                                  "  moment  symbol  output\n"
                                  "       1  coin    idle\n"
                                  "       2  coin    idle\n"
                                  "       3  brew    coffee  <-- never is violated\n"
                                  "       4  brew    idle\n"
                                  "\n"
                                  "brewed: not violated by this word\n"
                                  "never: violated at moment 3\n");
    free(text);
    CHECK_OK(rs_report_replay_json(&text, &violated, s.net, &word, s.properties, NULL));
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    check_string(root, "command", "replay");
    check_string(root, "word.2", "brew");
    check_string(root, "outputs.2", "coffee");
    CU_ASSERT(json_is_false(at(root, "properties.0.violated")));
    check_number(root, "properties.1.moment", 3);
    json_decref(root);
    free(text);
    word.length = 2;
    CHECK_OK(rs_report_replay_text(&text, &violated, s.net, &word, s.properties, false, NULL));
    CU_ASSERT(!violated);
    free(text);
    word.length = 0;
    CHECK_OK(rs_report_replay_text(&text, &violated, s.net, &word, NULL, false, NULL));
    unit_contains(text, "\n\n  moment  symbol  output\n", __FILE__, __LINE__);
    free(text);
    word.length = 4;
    rs_word_free(&word);
    scene_free(&s);
}

static void networks(void) {
    scene s;
    scene_new(&s, false);
    char *text = NULL;
    uint32_t symbols[] = {0, 1};
    const rs_word word = {symbols, 2};
    CHECK_OK(rs_report_network_text(&text, s.net, 1, &word, NULL));
    unit_contains(text, "\nprobe       2 symbols: symbol, output, logits\n            coin  idle    ", __FILE__,
                  __LINE__);
    unit_contains(text, "alphabet    coin brew\noutputs     idle coffee\n", __FILE__, __LINE__);
    unit_contains(text, "input       onehot, 2 wide\n", __FILE__, __LINE__);
    free(text);
    CHECK_OK(rs_report_network_json(&text, s.net, 1, &word, NULL));
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    check_string(root, "command", "info");
    check_number(root, "network.parameters", (double)rs_network_parameters(s.net));
    check_string(root, "network.input", "onehot");
    json_decref(root);
    free(text);
    scene_free(&s);
}

/* A printed bound bounds and is near; a printed share promises no more than there is. */
static void numbers_are_rounded_safely(void) {
    rs_random random = rs_random_new(unit_seed(), 0);
    for (int i = 0; i < 2000; i++) {
        double value = pow(10, -8 * rs_random_unit(&random));
        char *bound = NULL, *share = NULL;
        rs_text text = {0};
        rs_report_bound(&text, value);
        CHECK_OK(rs_text_take(&bound, &text));
        rs_report_share(&text, value);
        CHECK_OK(rs_text_take(&share, &text));
        CU_ASSERT(strtod(bound, NULL) >= value && strtod(bound, NULL) <= value * 1.0101);
        CU_ASSERT(strtod(share, NULL) <= value && strtod(share, NULL) > value - 1.01e-4);
        free(bound);
        free(share);
    }
    const double values[] = {0, 0.001, 0.00230231, 0.999999, 1, 0.07};
    const char *const wanted[] = {"0", "0.001", "0.00231", "1", "1", "0.07"};
    for (size_t i = 0; i < 6; i++) {
        char *bound = NULL;
        rs_text text = {0};
        rs_report_bound(&text, values[i]);
        CHECK_OK(rs_text_take(&bound, &text));
        CU_ASSERT_STRING_EQUAL(bound, wanted[i]);
        free(bound);
    }
    const double deltas[] = {0.01, 0.5, 1e-7, 0.0123456789, 1e-30};
    const char *const confidences[] = {"0.99", "0.5", "0.9999999", "0.987654", "0.9999999999999998"};
    for (size_t i = 0; i < 5; i++) {
        char *confidence = NULL;
        rs_text text = {0};
        rs_report_confidence(&text, deltas[i]);
        CHECK_OK(rs_text_take(&confidence, &text));
        CU_ASSERT_STRING_EQUAL(confidence, confidences[i]);
        free(confidence);
    }
}

static void strange_texts(void) {
    rs_text text = {0};
    char *out = NULL;
    rs_report_cell(&text, "\xc3\xa9\x1b[31m", 8);
    rs_text_add(&text, "|");
    CHECK_OK(rs_text_take(&out, &text));
    CU_ASSERT_STRING_EQUAL(out, "\xc3\xa9?[31m  |");
    free(out);
    json_t *value = rs_json_text("a\xff\xc3\xa9\xc3");
    CU_ASSERT_PTR_NOT_NULL_FATAL(value);
    CU_ASSERT_STRING_EQUAL(json_string_value(value), "a?\xc3\xa9?");
    json_decref(value);
    /* A container that lost a member is no container any more, and what is put into it later is released. */
    json_t *object = json_object(), *array = json_array();
    rs_json_put(&object, "a", NULL);
    CU_ASSERT_PTR_NULL(object);
    rs_json_put(&object, "b", json_string("x"));
    rs_json_append(&array, NULL);
    rs_json_append(&array, json_string("x"));
    CU_ASSERT_PTR_NULL(array);
    CHECK_FAILS(rs_json_take(&out, object), RS_EMEMORY, "out of memory");
}

/* What certify says without a proof, and under assumptions. */
static rs_status reports_of_claims(char *out[2], const scene *s) {
    static uint32_t symbols[] = {0, 1}, outputs[] = {0, 1};
    static const rs_word word = {symbols, 2};
    static const rs_report_wider wider[] = {{.assuming = "all: true", .verdict = RS_VERDICT_VIOLATED, .word = &word},
                                            {.assuming = "few: x", .verdict = RS_VERDICT_UNKNOWN, .reason = "time"}};
    static const rs_bounded
        some = {.length = 7, .steps = 254, .end = "work", .words = 30, .drawn = 40, .epsilon = .142, .delta = .01},
        none = {.length = 3, .steps = 14, .end = "length", .drawn = 40, .epsilon = 1, .delta = .01},
        beside = {.length = 5, .steps = 62, .end = "length", .epsilon = 1, .delta = .01};
    static const rs_certificate z = {.eps = 1, .eps_logit = 1, .regions = 1, .depth = 1};
    const rs_report_proof proofs[] = {{.claim = "property",
                                       .name = "a",
                                       .formula = "f",
                                       .assuming = "all: true; few: x; no: y",
                                       .assuming_names = "all,few,no",
                                       .wider = wider,
                                       .wider_count = 2,
                                       .verdict = RS_VERDICT_UNKNOWN,
                                       .reason = "why",
                                       .bounded = &some,
                                       .lengths = "1..16"},
                                      {.claim = "equal",
                                       .name = "b",
                                       .assuming = "no: y",
                                       .assuming_names = "no",
                                       .verdict = RS_VERDICT_UNKNOWN,
                                       .reason = "why",
                                       .bounded = &none,
                                       .lengths = "1..16"},
                                      {.claim = "property",
                                       .name = "c",
                                       .formula = "f",
                                       .assuming = "no: y",
                                       .assuming_names = "no",
                                       .verdict = RS_VERDICT_PROVED,
                                       .certificate = &z,
                                       .bounded = &beside,
                                       .lengths = "1..16"},
                                      {.claim = "property",
                                       .name = "d",
                                       .formula = "f",
                                       .verdict = RS_VERDICT_VIOLATED,
                                       .word = &word,
                                       .outputs = outputs}};
    const rs_report_run run = {.command = "certify", .seed = 1};
    rs_status status = rs_report_proofs_text(&out[0], s->net, 4, proofs, &run);
    return status == RS_OK ? rs_report_proofs_json(&out[1], s->net, 4, proofs, &run) : status;
}

static void claims(void) {
    scene s;
    char *out[2] = {NULL, NULL};
    static const char *const lines[] = {
        "  assuming all: true; few: x; no: y\n  not when assuming only all: true: violated by coin brew\n"
        "  not when assuming only few: x: not proved, time\n  not proved: why\n"
        "  bounded: no word up to length 7 violates it; all were run, in 254 network steps; work ended that\n"
        "  statistical: no violation among 30 random words that satisfy what is assumed, of 40 drawn, lengths 1..16;\n"
        "  with confidence 0.99 a random word that does violates it with probability at most 0.142\n",
        "in 14 network steps\n  statistical: nothing; none of 40 random words satisfies what is assumed\n",
        "VERDICT a UNKNOWN why; exhaustive=7 epsilon=0.142 delta=0.01 words=30 lengths=1..16\n",
        "VERDICT b UNKNOWN why; exhaustive=3\n",
        " assuming=no exhaustive=5\n",
        "VERDICT d VIOLATED word: coin brew\n"};
    scene_new(&s, false);
    CHECK_OK(reports_of_claims(out, &s));
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) unit_contains(out[0], lines[i], __FILE__, __LINE__);
    json_t *root = json_loads(out[1], 0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    json_t *a = json_array_get(json_object_get(root, "properties"), 0), *guarantee = json_object_get(a, "guarantee");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(a, "wider")), 2);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(json_object_get(guarantee, "bounded"), "length")), 7);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(json_object_get(guarantee, "statistical"), "drawn")), 40);
    json_decref(root);
    free(out[0]);
    free(out[1]);
    scene_free(&s);
}

static rs_status all_claims(void *user) {
    char *out[2] = {NULL, NULL};
    rs_status status = reports_of_claims(out, user);
    free(out[0]);
    free(out[1]);
    return status;
}

static rs_status all_reports(void *user) {
    const scene *s = user;
    rs_report_run run = {.command = "check", .truth = s->machine, .colour = true};
    const uint32_t symbols[] = {0, 1};
    rs_word word = {0};
    char *out[6] = {0};
    bool violated;
    rs_status status = rs_word_copy(&word, symbols, 2);
    if (status == RS_OK) status = rs_report_text(&out[0], s->r, &run);
    if (status == RS_OK) status = rs_report_json(&out[1], s->r, &run);
    if (status == RS_OK) status = rs_report_network_text(&out[2], s->net, 1, &word, NULL);
    if (status == RS_OK) status = rs_report_network_json(&out[3], s->net, 1, &word, NULL);
    if (status == RS_OK) status = rs_report_replay_text(&out[4], &violated, s->net, &word, s->properties, true, NULL);
    if (status == RS_OK) status = rs_report_replay_json(&out[5], &violated, s->net, &word, s->properties, NULL);
    for (size_t i = 0; i < 6; i++) free(out[i]);
    rs_word_free(&word);
    return status;
}

static void out_of_memory(void) {
    scene s;
    scene_new(&s, true);
    unit_allocation_sweep(all_reports, &s, 2000);
    unit_allocation_sweep(all_claims, &s, 2000);
    scene_free(&s);
}

static const unit_test tests[] = {
    {"text of check", text_of_check},
    {"verdicts put in by hand", verdicts_by_hand},
    {"long loops are cut in the middle", long_loops},
    {"JSON of check", json_of_check},
    {"replay", replays},
    {"info", networks},
    {"bounds are rounded up and shares down", numbers_are_rounded_safely},
    {"control characters and broken UTF-8", strange_texts},
    {"what certify says", claims},
    {"reports without memory", out_of_memory},
};
UNIT_MAIN("report", tests)
