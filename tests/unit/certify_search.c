/* Proofs of hand-made networks whose behaviour is known for words of every length, and of their mutants. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "certify/refute.h"
#include "certify/regions.h"
#include "core/random.h"
#include "rnnsafe/certify.h"
#include "support/latch.h"
#include "support/unit.h"

static rs_certify_result certify(const rs_network *net, const rs_monitor *monitor, bool headroom) {
    const rs_certify_options options = {.seconds = 20, .headroom = headroom};
    rs_certify_result r = {0};
    CHECK_OK(rs_certify(&r, net, monitor, &options, NULL));
    return r;
}

static void latches_are_proved(void) {
    static const rs_cell cells[] = {RS_CELL_TANH, RS_CELL_GRU, RS_CELL_GRU_BEFORE, RS_CELL_LSTM};
    setup();
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        rs_network *net = latch(cells[i], 8, 0);
        rs_certify_result r = certify(net, equal, true);
        CU_ASSERT_EQUAL_FATAL(r.verdict, RS_CERTIFY_PROVED);
        char reason[160];
        bool proved = false;
        CHECK_OK(rs_certificate_check(&proved, reason, &r.certificate, net, equal, NULL, NULL));
        CU_ASSERT_TRUE(proved);
        CU_ASSERT_TRUE(r.eps > 0 && r.headroom > 10 * r.eps && r.headroom < .5);
        CU_ASSERT_EQUAL(r.certificate.eps, (int64_t)ceil(r.headroom * 0x1p40));
        CU_ASSERT_TRUE(r.method[0] && !r.reason[0]);
        rs_certify_result_clear(&r);
        rs_network_free(net);
    }
}

/* Forgets b after some a: a word says so. */
static void forgetful_latch_is_violated(void) {
    setup();
    rs_network *net = latch(RS_CELL_TANH, 1.2F, -.5F);
    rs_certify_result r = certify(net, equal, false);
    uint32_t classes[64];
    CU_ASSERT_EQUAL_FATAL(r.verdict, RS_CERTIFY_VIOLATED);
    CU_ASSERT_TRUE_FATAL(r.word.length <= 64);
    CHECK_OK(rs_network_run(net, r.word.symbols, r.word.length, classes, NULL, NULL));
    CU_ASSERT_EQUAL(rs_monitor_violation(equal, r.word.symbols, classes, r.word.length), r.word.length);
    rs_certify_result_clear(&r);
    rs_network_free(net);
}

/* Forgets b so slowly that only a pumped word shows it: h comes to 0 by factors of 0.96 and a little push. */
static void slow_latch_is_violated(void) {
    setup();
    rs_network *net = latch(RS_CELL_TANH, .96F, -.001F);
    rs_certify_result r = certify(net, equal, false);
    CU_ASSERT_EQUAL(r.verdict, RS_CERTIFY_VIOLATED);
    CU_ASSERT_TRUE(r.word.length > 20);
    rs_certify_result_clear(&r);
    rs_network_free(net);
}

/* Takes b for unread once more than `b` b in a row follow `a` a. Units: the number of a; of b in a row; how many of the
 * a are missing; whether it happened; 1000 for each b. */
static rs_network *run_after_run(float a, float b) {
    static const float zeros[5] = {0}, out[5] = {0, 0, 0, -1e6F, 1};
    const float bias[5] = {0, 0, a, -b, 0};
    static const float ih[10] = {1, 0, -1000, 1, 0, 0, 0, 0, 0, 1000};
    static const float hh[25] = {1, 0, 0, 0, 0, 0, 1, 0, 0, 0, -1, 0, 0, 0, 0, 0, 1, -1000, 1, 0, 0, 0, 0, 0, 1};
    setup();
    const rs_recurrent layer = {.weight_ih = ih, .weight_hh = hh, .bias_ih = bias, .bias_hh = zeros};
    return network_of_layer(RS_CELL_RELU, 5, &layer, out, zeros, alphabet, outputs);
}

/* The first moment at which a run of the network makes the monitor bad is the last one of the word. */
static void check_word(const rs_network *net, const rs_word *word) {
    uint32_t *classes = calloc(word->length, sizeof *classes);
    CU_ASSERT_TRUE_FATAL(classes != NULL);
    CHECK_OK(rs_network_run(net, word->symbols, word->length, classes, NULL, NULL));
    CU_ASSERT_EQUAL(rs_monitor_violation(equal, word->symbols, classes, word->length), word->length);
    free(classes);
}

/* Too much for short words, and for one repeated word. */
static void run_after_run_is_violated(void) {
    rs_network *net = run_after_run(20, 20);
    rs_word word = {0};
    const char *how = NULL;
    bool found = false;
    CHECK_OK(rs_refute(&found, &word, &how, net, equal, NULL));
    CU_ASSERT_TRUE_FATAL(found);
    CU_ASSERT_STRING_EQUAL(how, "words of repeated pieces");
    CU_ASSERT_TRUE(word.length > 40);
    check_word(net, &word);
    rs_word_free(&word);
    rs_network_free(net);
}

/* 100 of each are too much for all that is tried at first, but a word of 20 a and 90 b shows the way. */
static void suspects_lead_to_words(void) {
    rs_network *net = run_after_run(120, 80), *right = latch(RS_CELL_TANH, 8, 0);
    rs_suspect suspects[2] = {{.start = 20, .length = 115}, {.length = 0}};
    rs_word word = {0};
    const char *how = NULL;
    bool found = false;
    for (size_t i = 20; i < 115; i++) suspects[0].word[i] = 1;
    CHECK_OK(rs_refute(&found, &word, &how, net, equal, NULL));
    CU_ASSERT_FALSE_FATAL(found);
    CHECK_OK(rs_refute_suspects(&found, &word, net, equal, suspects, 2, 5, NULL));
    CU_ASSERT_TRUE_FATAL(found);
    check_word(net, &word);
    rs_word_free(&word);
    CHECK_OK(rs_refute_suspects(&found, &word, right, equal, suspects, 2, 5, NULL));
    CU_ASSERT_FALSE(found);
    rs_network_free(net);
    rs_network_free(right);
}

/* The word of a node leads the network to the node's point. */
static void words_lead_to_nodes(void) {
    setup();
    rs_network *net = latch(RS_CELL_GRU, 1.5F, .01F);
    rs_nodes *nodes = NULL;
    rs_planting how;
    size_t known = 0;
    CHECK_OK(rs_nodes_new(&nodes, net, equal, NULL, NULL));
    CHECK_OK(rs_nodes_plant(&how, nodes, NULL, 1e-6, 3, NULL));
    CU_ASSERT_TRUE_FATAL(how == RS_PLANTED && nodes->count > 8);
    for (size_t i = 1; i < nodes->count; i++) {
        uint32_t word[80], symbol, class;
        float state[1] = {rs_network_initial(net)[0]};
        size_t length = rs_nodes_word(word, nodes, i, 80);
        for (size_t t = 0; t < length; t++) {
            symbol = word[t];
            CHECK_OK(rs_network_step(net, 1, state, &symbol, state, NULL));
        }
        CHECK_OK(rs_network_classify(net, 1, state, &class, NULL));
        CU_ASSERT_EQUAL(state[0], nodes->point[i]);
        known += length > 10;
    }
    CU_ASSERT_TRUE(known > 0); /* of the long words */
    rs_nodes_free(nodes);
    rs_network_free(net);
}

/* Holds for all real numbers, by no margin: float32 may not. */
static void marginal_latch_is_not_proved(void) {
    setup();
    rs_network *net = latch(RS_CELL_TANH, 1, 0);
    const rs_certify_options options = {.seconds = .5};
    rs_certify_result r = {0};
    CHECK_OK(rs_certify(&r, net, equal, &options, NULL));
    CU_ASSERT_NOT_EQUAL(r.verdict, RS_CERTIFY_PROVED);
    rs_certify_result_clear(&r);
    rs_network_free(net);
}

/* More error than the latch takes. */
static void wanted_eps_is_kept(void) {
    setup();
    rs_network *net = latch(RS_CELL_TANH, 8, 0);
    rs_certify_options options = {.seconds = 5, .eps = .01};
    rs_certify_result r = {0};
    CHECK_OK(rs_certify(&r, net, equal, &options, NULL));
    CU_ASSERT_EQUAL(r.verdict, RS_CERTIFY_PROVED);
    CU_ASSERT_TRUE((double)r.certificate.eps * 0x1p-40 >= .01);
    rs_certify_result_clear(&r);
    options.eps = .9;
    options.seconds = .5;
    CHECK_OK(rs_certify(&r, net, equal, &options, NULL));
    CU_ASSERT_EQUAL(r.verdict, RS_CERTIFY_UNKNOWN);
    CU_ASSERT_TRUE(r.reason[0]);
    rs_certify_result_clear(&r);
    rs_network_free(net);
}

/* A property whose monitor has a safe state, and a network that is wrong there: it does not matter. */
static void safe_states_need_no_proof(void) {
    static const char text[] = "p: G(out=accept -> O(in=b))\n";
    setup();
    rs_properties *list = NULL;
    CHECK_OK(rs_properties_parse(&list, text, sizeof text - 1, "x", alphabet, outputs));
    const rs_monitor *monitor = rs_property_monitor(rs_properties_get(list, 0));
    rs_network *net = latch(RS_CELL_TANH, 1.2F, -.5F);
    rs_certify_result r = certify(net, monitor, false);
    CU_ASSERT_EQUAL(r.verdict, RS_CERTIFY_PROVED);
    rs_certify_result_clear(&r);
    rs_network_free(net);
    rs_properties_free(list);
}

static void same_seed_same_result(void) {
    setup();
    rs_network *net = latch(RS_CELL_GRU, 8, 0);
    rs_certify_result a = certify(net, equal, false), b = certify(net, equal, false);
    CU_ASSERT_EQUAL_FATAL(a.certificate.regions, b.certificate.regions);
    CU_ASSERT_EQUAL_FATAL(a.certificate.hint_count, b.certificate.hint_count);
    size_t sides = a.certificate.regions * a.certificate.state_size;
    CU_ASSERT_EQUAL(memcmp(a.certificate.lo, b.certificate.lo, sides * sizeof *a.certificate.lo), 0);
    CU_ASSERT_EQUAL(memcmp(a.certificate.hi, b.certificate.hi, sides * sizeof *a.certificate.hi), 0);
    CU_ASSERT_STRING_EQUAL(a.method, b.method);
    rs_certify_result_clear(&a);
    rs_certify_result_clear(&b);
    rs_network_free(net);
}

static void interrupts_and_misuse(void) {
    static const volatile sig_atomic_t raised = 1;
    setup();
    rs_network *net = latch(RS_CELL_TANH, 8, 0);
    const rs_certify_options options = {.seconds = 1};
    rs_certify_result r = {0};
    const rs_context ctx = {.seed = 1, .interrupt = &raised};
    CHECK_FAILS(rs_certify(&r, net, equal, &options, &ctx), RS_EINTERRUPTED, "");
    rs_names *other = NULL;
    rs_monitor *monitor = NULL;
    CHECK_OK(rs_names_parse(&other, "outputs", "accept reject"));
    CHECK_OK(rs_monitor_equal(&monitor, some_b, "some_b", alphabet, other));
    CHECK_FAILS(rs_certify(&r, net, monitor, &options, NULL), RS_EUSAGE, "other symbols or outputs");
    rs_monitor_free(monitor);
    rs_names_free(other);
    rs_network_free(net);
}

/* The monitor of --equal is bad after exactly the words whose class is not the automaton's. */
static void equal_is_as_defined(void) {
    static const uint32_t output[] = {0, 1, 2}, next[] = {1, 2, 2, 0, 1, 1};
    rs_random random = rs_random_new(unit_seed(), 0);
    rs_names *three = NULL, *order = NULL;
    rs_automaton *a = NULL;
    rs_monitor *monitor = NULL;
    setup();
    CHECK_OK(rs_names_parse(&three, "outputs", "x y z"));
    CHECK_OK(rs_names_parse(&order, "outputs", "z w x y"));
    CHECK_OK(rs_automaton_new(&a, alphabet, three, 3, 0, output, next, NULL, NULL));
    CHECK_OK(rs_monitor_equal(&monitor, a, "three", alphabet, order));
    CHECK_FAILS(rs_monitor_equal(&monitor, a, "three", alphabet, outputs), RS_EINPUT, "no output of the network");
    for (int t = 0; t < 2000; t++) {
        uint32_t word[8], classes[8];
        size_t wrong = 0, q = 0;
        for (size_t i = 0; i < 8; i++) {
            static const uint32_t right[] = {2, 3, 0};
            word[i] = (uint32_t)rs_random_below(&random, 2);
            q = rs_automaton_next(a, q, word[i]);
            classes[i] = right[output[q]];
            if (rs_random_below(&random, 8) == 0) classes[i] = (uint32_t)rs_random_below(&random, 4);
            if (!wrong && classes[i] != right[output[q]]) wrong = i + 1;
        }
        CU_ASSERT_EQUAL(rs_monitor_violation(monitor, word, classes, 8), wrong);
    }
    rs_monitor_free(monitor);
    rs_automaton_free(a);
    rs_names_free(three);
    rs_names_free(order);
}

/* Whatever the attempt, and in how many pieces of work it is done: what it closes the checker accepts, and with a
 * larger eps again. Nothing that is wrong is closed. */
static void closed_regions_are_proofs(void) {
    rs_random random = rs_random_new(unit_seed(), 5);
    size_t closed = 0, cut = 0, again = 0, shaped = 0;
    setup();
    rs_network *nets[] = {latch(RS_CELL_TANH, 2, -.2F), latch(RS_CELL_GRU, 3, 0), latch(RS_CELL_LSTM, 8, 0),
                          latch(RS_CELL_TANH, .96F, -.001F)};
    for (size_t n = 0; n < 400; n++) {
        rs_regions *r = NULL;
        rs_attempt a = {.shaped = rs_random_below(&random, 2),
                        .tolerance = .02 + .3 * rs_random_unit(&random),
                        .tree_depth = 1 + rs_random_below(&random, 6),
                        .walk = 1 + rs_random_below(&random, 2),
                        .reach = .3 + rs_random_unit(&random),
                        .narrow = rs_random_below(&random, 2) ? rs_random_unit(&random) : 0,
                        .cuts = rs_random_below(&random, RS_CERTIFY_CUTS + 1),
                        .widen = .3 * rs_random_unit(&random),
                        .eps = 1e-4,
                        .eps_logit = 1e-4,
                        .work = 1e4,
                        .end = INFINITY};
        a.longest = a.walk + rs_random_below(&random, 3);
        const rs_network *net = nets[n % 4];
        rs_outcome outcome;
        CHECK_OK(rs_regions_new(&r, net, equal, NULL, NULL));
        CHECK_OK(rs_regions_close(&outcome, r, &a, RS_FROM_SCRATCH, NULL));
        for (; outcome == RS_ATTEMPT_WORK && a.work < 3e6; a.work *= 3)
            CHECK_OK(rs_regions_close(&outcome, r, &a, RS_FROM_WAITING, NULL));
        for (; outcome == RS_ATTEMPT_CLOSED && a.eps < 1e-3; a.eps *= 8, a.work *= 2) {
            rs_certificate z = {0};
            double reach[2];
            bool described = false, proved = false;
            char reason[160] = "not described";
            CHECK_OK(rs_regions_certificate(&described, &z, reach, r, a.eps, a.eps_logit));
            if (described) CHECK_OK(rs_certificate_check(&proved, reason, &z, net, equal, NULL, NULL));
            if (!proved) printf("  attempt %zu: %s\n", n, reason);
            CU_ASSERT_TRUE(proved && n % 4 != 3);
            closed++;
            again += a.eps > 1e-4;
            shaped += a.shaped;
            for (size_t i = 0; i < z.hint_count; i++)
                cut += z.hints[i] >= RS_CERTIFY_CUT && z.hints[i] != RS_CERTIFY_EXPAND;
            rs_certificate_clear(&z);
            rs_attempt larger = a;
            larger.eps *= 8;
            CHECK_OK(rs_regions_close(&outcome, r, &larger, RS_FROM_BOXES, NULL));
        }
        rs_regions_free(r);
    }
    printf("  %zu closed, %zu of them shaped, %zu with a larger eps; %zu cuts\n", closed, shaped, again, cut);
    CU_ASSERT_TRUE(closed > 100 && again > 20 && shaped > 20 && cut > 20);
    for (size_t i = 0; i < 4; i++) rs_network_free(nets[i]);
}

static rs_status close_regions(void *net) {
    rs_regions *r = NULL;
    rs_certificate certificate = {0};
    rs_outcome outcome;
    double reach[1];
    bool closed;
    const rs_attempt attempt = {.shaped = true,
                                .tolerance = .5,
                                .tree_depth = 3,
                                .walk = 3,
                                .reach = .7,
                                .narrow = .7,
                                .longest = 4,
                                .cuts = 2,
                                .widen = .1,
                                .eps = 1e-5,
                                .eps_logit = 1e-5,
                                .work = 1e9,
                                .end = INFINITY};
    rs_status status = rs_regions_new(&r, net, equal, NULL, NULL);
    if (status == RS_OK) status = rs_regions_close(&outcome, r, &attempt, RS_FROM_SCRATCH, NULL);
    if (status == RS_OK) status = rs_regions_certificate(&closed, &certificate, reach, r, 1e-5, 1e-5);
    if (status == RS_OK) CU_ASSERT_TRUE(outcome == RS_ATTEMPT_CLOSED && closed && certificate.regions >= 2);
    rs_certificate_clear(&certificate);
    rs_regions_free(r);
    return status;
}

static rs_status refute(void *net) {
    rs_word word = {0};
    const char *how;
    bool found = false;
    rs_status status = rs_refute(&found, &word, &how, net, equal, NULL);
    if (status == RS_OK) CU_ASSERT_TRUE(found);
    rs_word_free(&word);
    return status;
}

static rs_status refute_suspects(void *net) {
    const rs_suspect some = {.word = {1}, .length = RS_SUSPECT_LENGTH};
    rs_word word = {0};
    bool found = false;
    rs_status status = rs_refute_suspects(&found, &word, net, equal, &some, 1, 5, NULL);
    if (status == RS_OK) CU_ASSERT_TRUE(found);
    rs_word_free(&word);
    return status;
}

static rs_status certify_wrong(void *net) {
    const rs_certify_options options = {.seconds = 5};
    rs_certify_result r = {0};
    rs_status status = rs_certify(&r, net, equal, &options, NULL);
    rs_certify_result_clear(&r);
    return status;
}

static rs_status build_equal(void *unused) {
    (void)unused;
    rs_monitor *monitor = NULL;
    rs_status status = rs_monitor_equal(&monitor, some_b, "some_b", alphabet, outputs);
    rs_monitor_free(monitor);
    return status;
}

static void allocations_may_fail(void) {
    setup();
    rs_network *good = latch(RS_CELL_TANH, 8, 0), *slow = latch(RS_CELL_TANH, .96F, -.001F);
    rs_network *bad = latch(RS_CELL_TANH, 1.2F, -.5F);
    unit_allocation_sweep(build_equal, NULL, 5000);
    unit_allocation_sweep(close_regions, good, 5000);
    unit_allocation_sweep(refute, slow, 5000);
    unit_allocation_sweep(refute_suspects, slow, 5000);
    unit_allocation_sweep(certify_wrong, bad, 5000);
    rs_network_free(good);
    rs_network_free(slow);
    rs_network_free(bad);
}

static const unit_test tests[] = {
    {"latches of every cell are proved", latches_are_proved},
    {"a forgetful latch is violated", forgetful_latch_is_violated},
    {"a slow latch is violated", slow_latch_is_violated},
    {"a run after a run is violated", run_after_run_is_violated},
    {"suspects lead to words", suspects_lead_to_words},
    {"words lead to nodes", words_lead_to_nodes},
    {"a marginal latch is not proved", marginal_latch_is_not_proved},
    {"the wanted eps is kept", wanted_eps_is_kept},
    {"safe states need no proof", safe_states_need_no_proof},
    {"the same seed gives the same result", same_seed_same_result},
    {"interrupts and misuse", interrupts_and_misuse},
    {"the monitor of equality is as defined", equal_is_as_defined},
    {"closed regions are proofs", closed_regions_are_proofs},
    {"allocations may fail", allocations_may_fail},
};

int main(void) {
    int code = unit_main("certify_search", tests, sizeof tests / sizeof *tests);
    teardown();
    return code;
}
