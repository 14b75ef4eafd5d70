/* Methods side by side, on a network whose truth is known. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "automaton_ref.h"
#include "refine_network.h"
#include "rnnsafe/refine.h"
#include "support/unit.h"

static rs_automaton *truth;
static rs_network *net;

static void set_up(void) {
    rs_random random = rs_random_new(unit_seed(), 21);
    CU_ASSERT_PTR_NOT_NULL_FATAL(truth = ref_random_machine(&random, 4, 2, 2));
    CHECK_OK(ref_network_of_machine(&net, truth));
}

static void tear_down(void) {
    rs_network_free(net);
    rs_automaton_free(truth);
}

static void behaviour_is_exact(void) {
    rs_comparison c;
    rs_refine_options options = {.words = 500, .test_words = 500};
    set_up();
    for (size_t i = 0; i < 2; i++) {
        CHECK_OK(rs_compare(&c, net, rs_compare_method(i), truth, &options, NULL));
        CU_ASSERT(c.equivalent && c.states == c.truth_states);
        CU_ASSERT_DOUBLE_EQUAL(c.ambiguity, 0, 0);
        CU_ASSERT_DOUBLE_EQUAL(c.truth_fidelity, 1, 0);
        CU_ASSERT_DOUBLE_EQUAL(c.fidelity, 1, 0);
        CU_ASSERT(c.fidelity_low > 0.98 && c.fidelity_low < 1 && c.fidelity_high == 1);
        CU_ASSERT(c.network_steps > 0 && c.seconds > 0 && c.words == 500);
    }
    tear_down();
}

/* The hidden states of this network are one-hot, a unit a transition: with a cluster for each, k-means mixes nothing; with one
 * cluster it mixes everything. */
static void geometry_is_measured(void) {
    rs_comparison many, one, again;
    rs_refine_options options = {.words = 300, .test_words = 300, .clustering = {.clusters = 8, .restarts = 20}};
    set_up();
    CHECK_OK(rs_compare(&many, net, "kmeans", truth, &options, NULL));
    CHECK_OK(rs_compare(&again, net, "kmeans", truth, &options, NULL));
    CU_ASSERT(many.clusters <= 8 && many.ambiguity < 1e-9 && many.fidelity == 1 && many.equivalent);
    CU_ASSERT(again.fidelity == many.fidelity && again.silhouette == many.silhouette && again.network_steps == many.network_steps);
    CHECK_OK(rs_compare(&one, net, "none", truth, &(rs_refine_options){.words = 300}, NULL));
    CU_ASSERT(one.clusters == 1 && one.ambiguity > 0.5 && one.rand_index < 1e-9 && one.states <= 2);
    CHECK_OK(rs_compare(&one, net, "none", NULL, &(rs_refine_options){.words = 300}, NULL));
    CU_ASSERT(isnan(one.ambiguity) && isnan(one.rand_index) && isnan(one.truth_fidelity) && one.truth_states == 0);
    tear_down();
}

/* With a bound on memory, every method says that words were left out, and clusters no more than half of the bound holds; with
 * one that holds all words, nothing changes, though test words come in other batches. */
static void memory_is_bounded(void) {
    set_up();
    size_t node = rs_trace_node_bytes(net);
    const char *const methods[] = {"behaviour", "behaviour-passive", "none"};
    for (size_t i = 0; i < 3; i++) {
        rs_comparison free_one, loose, tight;
        rs_refine_options options = {.words = 2000, .test_words = 500};
        CHECK_OK(rs_compare(&free_one, net, methods[i], truth, &options, NULL));
        options.memory = (size_t)1 << 30;
        CHECK_OK(rs_compare(&loose, net, methods[i], truth, &options, NULL));
        CU_ASSERT(!free_one.cut && !loose.cut && loose.points == free_one.points && loose.fidelity == free_one.fidelity);
        options.memory = 400 * node;
        CHECK_OK(rs_compare(&tight, net, methods[i], truth, &options, NULL));
        CU_ASSERT(tight.cut && tight.points < 200 && tight.points > 20 && free_one.points > 400 && tight.words == 500);
        options.memory = 8 * node;
        CHECK_FAILS(rs_compare(&tight, net, methods[i], truth, &options, NULL), RS_EUSAGE, "too little to record words");
    }
    /* A bound that holds all two words, though not a batch of 50; every other word is empty. */
    rs_comparison c;
    rs_refine_options options = {.words = 50, .test_words = 50, .lengths = {RS_LENGTHS_UNIFORM, 0, 1, 0}, .memory = 16 * node};
    CHECK_OK(rs_compare(&c, net, "none", NULL, &options, NULL));
    CU_ASSERT(!c.cut && c.points == 2 && c.words < 50 && c.words > 5);
    tear_down();
}

static void refusals(void) {
    rs_comparison c;
    rs_names *alphabet = NULL, *outputs = NULL;
    rs_automaton *other = NULL;
    set_up();
    CHECK_FAILS(rs_compare(&c, net, "tea-leaves", truth, NULL, NULL), RS_EUSAGE, "tea-leaves");
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "x y"));
    CHECK_OK(rs_names_parse(&outputs, "outputs", "0 1"));
    CHECK_OK(rs_automaton_new(&other, alphabet, outputs, 1, 0, (uint32_t[]){0}, (uint32_t[]){0, 0}, NULL, NULL));
    CHECK_FAILS(rs_compare(&c, net, "none", other, NULL, NULL), RS_EINPUT, "lacks the symbol");
    rs_automaton_free(other);
    rs_names_free(alphabet);
    rs_names_free(outputs);
    tear_down();
}

static rs_status sweep(void *user) {
    rs_comparison c;
    rs_refine_options options = {.words = 5, .lengths = {.min = 1, .max = 3}, .test_words = 5, .max_rounds = 1};
    return rs_compare(&c, net, user, truth, &options, NULL);
}

static void out_of_memory(void) {
    char none[] = "none", passive[] = "behaviour-passive";
    set_up();
    unit_allocation_sweep(sweep, none, 5000);
    unit_allocation_sweep(sweep, passive, 5000);
    tear_down();
}

static const unit_test tests[] = {
    {"behavioural methods are exact", behaviour_is_exact},
    {"geometric methods are measured", geometry_is_measured},
    {"memory is bounded", memory_is_bounded},
    {"refusals", refusals},
    {"without memory", out_of_memory},
};
UNIT_MAIN("refine: compare", tests)
