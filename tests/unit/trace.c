/* The prefix tree of hidden states. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "rnnsafe/trace.h"
#include "support/unit.h"
#include "trace_ref.h"

enum { HIDDEN = 5, SYMBOLS = 3 };

/* A random LSTM over a, b, c. */
static rs_network *network(uint64_t seed) {
    static float ih[4 * HIDDEN * SYMBOLS], hh[4 * HIDDEN * HIDDEN], weight[2 * HIDDEN];
    rs_random r = rs_random_new(seed, 0);
    for (size_t i = 0; i < 4 * HIDDEN * SYMBOLS; i++) ih[i] = (float)rs_random_normal(&r);
    for (size_t i = 0; i < 4 * HIDDEN * HIDDEN; i++) hh[i] = (float)rs_random_normal(&r);
    for (size_t i = 0; i < 2 * HIDDEN; i++) weight[i] = (float)rs_random_normal(&r);
    rs_recurrent recurrent = {.weight_ih = ih, .weight_hh = hh};
    rs_dense head = {weight, NULL, 2, HIDDEN, RS_ACTIVATION_NONE};
    rs_names *alphabet = NULL, *outputs = NULL;
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "a b c"));
    CHECK_OK(rs_names_parse(&outputs, "outputs", "no yes"));
    rs_network_weights w = {.cell = RS_CELL_LSTM, .layers = 1, .hidden = HIDDEN, .input_size = SYMBOLS, .recurrent = &recurrent,
                            .head = &head, .head_layers = 1, .alphabet = alphabet, .outputs = outputs};
    rs_network *net = NULL;
    CHECK_OK(rs_network_new(&net, &w));
    rs_names_free(alphabet);
    rs_names_free(outputs);
    return net;
}

static void known_tree(void) {
    rs_network *net = network(1);
    rs_words *words = NULL;
    rs_trace *trace = NULL;
    const uint32_t first[] = {0, 1}, second[] = {2, 0, 0}, third[] = {0, 2};
    CHECK_OK(rs_words_new(&words));
    CHECK_OK(rs_words_add(words, first, 2));
    CHECK_OK(rs_words_add(words, second, 3));
    CHECK_OK(rs_words_add(words, NULL, 0));
    CHECK_OK(rs_words_add(words, third, 2));
    CHECK_OK(rs_trace_new(&trace, net, NULL));
    CU_ASSERT(rs_trace_size(trace) == 1 && rs_trace_network(trace) == net && rs_trace_depths(trace)[0] == 0);
    CU_ASSERT(rs_trace_find(trace, first, 0) == 0 && rs_trace_find(trace, first, 1) == SIZE_MAX);
    CU_ASSERT(rs_trace_child(trace, 0, first[0]) == SIZE_MAX);
    atomic_uint_fast64_t steps = 0;
    rs_context ctx = {.network_steps = &steps};
    CHECK_OK(rs_trace_add(trace, words, &ctx));
    /* a, c | ab, ca, ac | caa */
    const uint32_t parents[] = {0, 0, 0, 1, 2, 1, 4}, symbols[] = {0, 0, 2, 1, 0, 2, 0}, depths[] = {0, 1, 1, 2, 2, 2, 3};
    CU_ASSERT_FATAL(rs_trace_size(trace) == 7 && steps == 6);
    CU_ASSERT(memcmp(rs_trace_parents(trace), parents, sizeof parents) == 0);
    CU_ASSERT(memcmp(rs_trace_symbols(trace), symbols, sizeof symbols) == 0);
    CU_ASSERT(memcmp(rs_trace_depths(trace), depths, sizeof depths) == 0);
    CU_ASSERT(rs_trace_find(trace, second, 3) == 6 && rs_trace_find(trace, second + 1, 2) == SIZE_MAX);
    const size_t nodes[] = {3, 6, 0, 5};
    for (size_t i = 0; i < 4; i++) CU_ASSERT(rs_trace_find_word(trace, words, i) == nodes[i]);
    rs_word word = {0};
    CHECK_OK(rs_trace_word(&word, trace, 6));
    CU_ASSERT(word.length == 3 && memcmp(word.symbols, second, sizeof second) == 0);
    rs_word_free(&word);
    CHECK_OK(rs_trace_word(&word, trace, 0));
    CU_ASSERT(word.length == 0);
    rs_word_free(&word);
    /* What is there is not computed again. */
    CHECK_OK(rs_trace_add(trace, words, &ctx));
    CU_ASSERT(rs_trace_size(trace) == 7 && steps == 6);
    CHECK_OK(rs_words_add(words, second + 1, 2));
    CU_ASSERT(rs_trace_find_word(trace, words, 4) == SIZE_MAX);
    rs_trace_free(trace);
    rs_words_free(words);
    rs_network_free(net);
}

/* Every node is what running its word alone gives, bit for bit, and is found by its word. */
static void check_nodes(const rs_trace *trace) {
    const rs_network *net = rs_trace_network(trace);
    size_t S = rs_network_state_size(net), wrong = 0;
    float *state = malloc(S * sizeof *state);
    for (size_t i = 0; i < rs_trace_size(trace); i++) {
        rs_word word = {0};
        uint32_t class = 9;
        CHECK_OK(rs_trace_word(&word, trace, i));
        CHECK_OK(trace_ref_run(state, &class, net, word.symbols, word.length));
        wrong += memcmp(state, rs_trace_states(trace) + i * S, S * sizeof *state) != 0;
        wrong += class != rs_trace_classes(trace)[i] || rs_trace_find(trace, word.symbols, word.length) != i;
        wrong += i && rs_trace_child(trace, rs_trace_parents(trace)[i], rs_trace_symbols(trace)[i]) != i;
        wrong += word.length != rs_trace_depths(trace)[i] || (i && rs_trace_parents(trace)[i] >= i);
        rs_word_free(&word);
    }
    CU_ASSERT(wrong == 0);
    free(state);
}

static void agrees_with_reference(void) {
    uint64_t seed = unit_seed();
    rs_network *net = network(seed);
    for (size_t round = 0; round < 4; round++) {
        rs_words *words = NULL, *more = NULL;
        rs_trace *trace = NULL, *threaded = NULL;
        rs_lengths lengths = {RS_LENGTHS_UNIFORM, 0, 12, 0};
        CHECK_OK(rs_words_sample(&words, SYMBOLS, 150, &lengths, seed + round));
        CHECK_OK(rs_words_sample(&more, SYMBOLS, 50, &lengths, seed + round + 100));
        CHECK_OK(rs_trace_new(&trace, net, NULL));
        CHECK_OK(rs_trace_new(&threaded, net, NULL));
        CHECK_OK(rs_trace_add(trace, words, NULL));
        CU_ASSERT(rs_trace_size(trace) == trace_ref_prefixes(words));
        CHECK_OK(rs_trace_add(trace, more, NULL));
        for (size_t i = 0; i < rs_words_count(more); i++) CHECK_OK(rs_words_add_word(words, more, i));
        CU_ASSERT(rs_trace_size(trace) == trace_ref_prefixes(words));
        check_nodes(trace);
        rs_context ctx = {.threads = 3};
        CHECK_OK(rs_trace_add(threaded, words, &ctx));
        CU_ASSERT(rs_trace_size(threaded) == rs_trace_size(trace));
        check_nodes(threaded);
        rs_trace_free(trace);
        rs_trace_free(threaded);
        rs_words_free(words);
        rs_words_free(more);
    }
    rs_network_free(net);
}

static void long_words(void) {
    rs_network *net = network(2);
    rs_words *words = NULL;
    rs_trace *trace = NULL;
    rs_lengths lengths = {RS_LENGTHS_UNIFORM, 20000, 20000, 0};
    static uint32_t word[20000];
    CHECK_OK(rs_words_sample(&words, SYMBOLS, 4, &lengths, 1));
    CHECK_OK(rs_trace_new(&trace, net, NULL));
    CHECK_OK(rs_trace_add(trace, words, NULL));
    for (size_t i = 0; i < 4; i++) {
        float state[2 * HIDDEN];
        uint32_t class;
        rs_words_copy(word, words, i);
        CHECK_OK(trace_ref_run(state, &class, net, word, 20000));
        size_t node = rs_trace_find_word(trace, words, i);
        CU_ASSERT_FATAL(node < rs_trace_size(trace));
        CU_ASSERT(memcmp(state, rs_trace_states(trace) + node * 2 * HIDDEN, sizeof state) == 0);
    }
    rs_trace_free(trace);
    rs_words_free(words);
    rs_network_free(net);
}

/* Words as long as each other soon only go on, in the same order at every level; where some were there before, or are shorter,
 * that begins and ends anywhere. */
static void chains(void) {
    uint64_t seed = unit_seed();
    rs_network *net = network(7);
    for (uint64_t round = 0; round < 20; round++) {
        rs_random r = rs_random_new(seed, round);
        const rs_lengths lengths = {RS_LENGTHS_UNIFORM, 1, 40, 0}, length = {RS_LENGTHS_UNIFORM, 30, 30, 0};
        rs_words *before = NULL, *words = NULL;
        rs_trace *trace = NULL;
        uint32_t word[30];
        atomic_uint_fast64_t steps = 0;
        rs_context ctx = {.network_steps = &steps, .threads = 1 + round % 2};
        CHECK_OK(rs_words_sample(&words, SYMBOLS, 1 + (size_t)rs_random_below(&r, 12), &length, seed + round));
        CHECK_OK(rs_words_sample(&before, SYMBOLS, (size_t)rs_random_below(&r, 3), &lengths, seed + round + 100));
        /* A part of the last word. */
        rs_words_copy(word, words, rs_words_count(words) - 1);
        CHECK_OK(rs_words_add(before, word, (size_t)rs_random_below(&r, 31)));
        CHECK_OK(rs_trace_new(&trace, net, NULL));
        CHECK_OK(rs_trace_add(trace, before, &ctx));
        CHECK_OK(rs_trace_add(trace, words, &ctx));
        CU_ASSERT(steps == rs_trace_size(trace) - 1);
        for (size_t i = 0; i < rs_words_count(words); i++) CHECK_OK(rs_words_add_word(before, words, i));
        CU_ASSERT(rs_trace_size(trace) == trace_ref_prefixes(before));
        check_nodes(trace);
        rs_trace_free(trace);
        rs_words_free(words);
        rs_words_free(before);
    }
    rs_network_free(net);
}

/* A failed call leaves the tree as it was and usable. */
static void failures_change_nothing(void) {
    rs_network *net = network(3);
    rs_words *words = NULL, *wrong = NULL;
    rs_trace *trace = NULL;
    const uint32_t beyond[] = {0, 3};
    CHECK_OK(rs_words_all(&words, SYMBOLS, 6, 10000));
    CHECK_OK(rs_words_new(&wrong));
    CHECK_OK(rs_words_add(wrong, beyond, 2));
    CHECK_OK(rs_trace_new(&trace, net, NULL));
    CHECK_FAILS(rs_trace_add(trace, wrong, NULL), RS_EUSAGE, "word 0: symbol 3 of an alphabet of 3");
    volatile sig_atomic_t raised = 1;
    rs_context ctx = {.interrupt = &raised};
    CHECK_FAILS(rs_trace_add(trace, words, &ctx), RS_EINTERRUPTED, "interrupted");
    CU_ASSERT(rs_trace_size(trace) == 1 && rs_trace_find(trace, beyond, 1) == SIZE_MAX);
    CHECK_OK(rs_trace_add(trace, words, NULL));
    CU_ASSERT(rs_trace_size(trace) == 3 + 9 + 27 + 81 + 243 + 729 + 1);
    check_nodes(trace);
    rs_trace_free(trace);
    rs_words_free(words);
    rs_words_free(wrong);
    rs_network_free(net);
}

static void same_nodes(const rs_trace *a, const rs_trace *b) {
    size_t n = rs_trace_size(a), S = rs_network_state_size(rs_trace_network(a));
    CU_ASSERT_EQUAL_FATAL(n, rs_trace_size(b));
    CU_ASSERT(!memcmp(rs_trace_states(a), rs_trace_states(b), n * S * sizeof(float)));
    CU_ASSERT(!memcmp(rs_trace_parents(a), rs_trace_parents(b), n * sizeof(uint32_t)));
    CU_ASSERT(!memcmp(rs_trace_symbols(a), rs_trace_symbols(b), n * sizeof(uint32_t)));
    CU_ASSERT(!memcmp(rs_trace_classes(a), rs_trace_classes(b), n * sizeof(uint32_t)));
    CU_ASSERT(!memcmp(rs_trace_depths(a), rs_trace_depths(b), n * sizeof(uint32_t)));
}

/* All words without a list of them: the same tree, whatever was there before. */
static void all_words(void) {
    rs_network *net = network(5);
    for (size_t depth = 0; depth <= 6; depth++) {
        const rs_lengths lengths = {.kind = RS_LENGTHS_UNIFORM, .min = 0, .max = 9};
        rs_words *words = NULL, *before = NULL;
        rs_trace *listed = NULL, *counted = NULL;
        CHECK_OK(rs_words_all(&words, SYMBOLS, depth, 10000));
        CHECK_OK(rs_words_sample(&before, SYMBOLS, 10 * depth, &lengths, depth));
        CHECK_OK(rs_trace_new(&listed, net, NULL));
        CHECK_OK(rs_trace_new(&counted, net, NULL));
        CHECK_OK(rs_trace_add(listed, before, NULL));
        CHECK_OK(rs_trace_add(counted, before, NULL));
        CHECK_OK(rs_trace_add(listed, words, NULL));
        CHECK_OK(rs_trace_add_all(counted, depth, NULL));
        same_nodes(listed, counted);
        rs_trace_free(listed);
        rs_trace_free(counted);
        rs_words_free(words);
        rs_words_free(before);
    }
    rs_network_free(net);
}

/* With a bound, the trace is that of the words before the first whose nodes do not fit, found here by adding one word more each
 * time without a bound; and it takes no more than the bound. */
static void bounds(void) {
    rs_network *net = network(6);
    const rs_lengths lengths = {.kind = RS_LENGTHS_UNIFORM, .min = 0, .max = 9};
    size_t row = rs_trace_node_bytes(net);
    rs_words *words = NULL, *all = NULL;
    CHECK_OK(rs_words_sample(&words, SYMBOLS, 60, &lengths, 7));
    CHECK_OK(rs_words_all(&all, SYMBOLS, 4, 10000));
    for (int listed = 0; listed < 2; listed++)
        for (size_t nodes = 70; nodes < 400; nodes += 11) {
            const rs_words *from = listed ? words : all;
            rs_trace *bounded = NULL, *free_one = NULL;
            rs_words *fit = NULL;
            CHECK_OK(rs_words_new(&fit));
            bool cut = false;
            for (size_t i = 0; i < rs_words_count(from) && !cut; i++) {
                rs_trace *more = NULL;
                CHECK_OK(rs_trace_new(&more, net, NULL));
                CHECK_OK(rs_words_add_word(fit, from, i));
                CHECK_OK(rs_trace_add(more, fit, NULL));
                cut = rs_trace_size(more) > nodes;
                if (cut) rs_trace_free(more);
                else {
                    rs_trace_free(free_one);
                    free_one = more;
                }
            }
            CHECK_OK(rs_trace_new(&bounded, net, NULL));
            rs_trace_limit(bounded, nodes * row + row - 1);
            CHECK_OK(listed ? rs_trace_add(bounded, words, NULL) : rs_trace_add_all(bounded, 4, NULL));
            CU_ASSERT(rs_trace_cut(bounded) == cut);
            CU_ASSERT(rs_trace_bytes(bounded) <= nodes * row);
            CU_ASSERT(rs_trace_size(bounded) <= nodes);
            /* The order of nodes is that of the words that fit, added at once. */
            same_nodes(bounded, free_one);
            check_nodes(bounded);
            rs_trace_limit(bounded, 0);
            CHECK_OK(rs_trace_add(bounded, from, NULL));
            CU_ASSERT(!rs_trace_cut(bounded));
            check_nodes(bounded);
            rs_trace_free(bounded);
            rs_trace_free(free_one);
            rs_words_free(fit);
        }
    rs_words_free(words);
    rs_words_free(all);
    rs_network_free(net);
}

typedef struct sweep {
    const rs_network *net;
    const rs_words *few, *many, *more;
} sweep;

static rs_status sweep_run(void *user) {
    const sweep *s = user;
    rs_trace *trace = NULL;
    rs_word word = {0};
    rs_status status = rs_trace_new(&trace, s->net, NULL);
    if (status == RS_OK) status = rs_trace_add(trace, s->few, NULL);
    if (status == RS_OK) {
        size_t size = rs_trace_size(trace);
        status = rs_trace_add(trace, s->many, NULL);
        if (status != RS_OK) {
            CU_ASSERT(rs_trace_size(trace) == size);
            check_nodes(trace);
        }
    }
    if (status == RS_OK) {
        rs_trace_limit(trace, 500 * rs_trace_node_bytes(s->net));
        size_t size = rs_trace_size(trace);
        status = rs_trace_add_all(trace, 6, NULL);
        if (status == RS_OK) status = rs_trace_add(trace, s->more, NULL);
        if (status != RS_OK) {
            CU_ASSERT(rs_trace_size(trace) == size || rs_trace_size(trace) == 500);
            check_nodes(trace);
        }
    }
    if (status == RS_OK) status = rs_trace_word(&word, trace, 5);
    rs_word_free(&word);
    rs_trace_free(trace);
    return status;
}

/* Where states overflow, classes mean nothing: such words are refused, and the tree stays as it was. */
static void overflow(void) {
    float ih[] = {0, 0, 0}, hh[] = {1e30f}, initial[] = {1}, weight[] = {1, -1};
    rs_recurrent recurrent = {.weight_ih = ih, .weight_hh = hh};
    rs_dense head = {weight, NULL, 2, 1, RS_ACTIVATION_NONE};
    rs_names *alphabet = NULL, *outputs = NULL;
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "a b c"));
    CHECK_OK(rs_names_parse(&outputs, "outputs", "no yes"));
    rs_network_weights w = {.cell = RS_CELL_RELU, .layers = 1, .hidden = 1, .input_size = SYMBOLS, .recurrent = &recurrent,
                            .head = &head, .head_layers = 1, .initial = initial, .alphabet = alphabet, .outputs = outputs};
    rs_network *net = NULL;
    rs_trace *trace = NULL;
    rs_words *words = NULL;
    CHECK_OK(rs_network_new(&net, &w));
    CHECK_OK(rs_trace_new(&trace, net, NULL));
    CHECK_OK(rs_words_all(&words, SYMBOLS, 1, 100));
    CHECK_OK(rs_trace_add(trace, words, NULL));
    rs_words_free(words);
    CHECK_OK(rs_words_all(&words, SYMBOLS, 2, 100));
    CHECK_FAILS(rs_trace_add(trace, words, NULL), RS_EINPUT, "some word of 2 symbols the network's hidden state overflows");
    CU_ASSERT_EQUAL(rs_trace_size(trace), 4);
    rs_words_free(words);
    const uint32_t word[] = {0, 1, 0, 1, 0};
    CHECK_OK(rs_words_new(&words));
    CHECK_OK(rs_words_add(words, word, 5));
    CHECK_FAILS(rs_trace_add(trace, words, NULL), RS_EINPUT, "some word of 2 symbols the network's hidden state overflows");
    CU_ASSERT_EQUAL(rs_trace_size(trace), 4);
    rs_words_free(words);
    rs_trace_free(trace);
    rs_network_free(net);
    rs_names_free(alphabet);
    rs_names_free(outputs);
}

/* More than a terabyte, in states of 128 KiB: refused before a step is computed, whether listed or not. */
static void more_than_there_is(void) {
    enum { LAYERS = 1024, WIDTH = 16 };
    static float weights[4 * WIDTH * WIDTH];
    rs_recurrent *recurrent = malloc(LAYERS * sizeof *recurrent);
    for (size_t i = 0; i < LAYERS; i++) recurrent[i] = (rs_recurrent){.weight_ih = weights, .weight_hh = weights};
    rs_dense head = {weights, NULL, 2, WIDTH, RS_ACTIVATION_NONE};
    rs_names *alphabet = NULL, *outputs = NULL;
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "a b c"));
    CHECK_OK(rs_names_parse(&outputs, "outputs", "no yes"));
    rs_network_weights w = {.cell = RS_CELL_LSTM, .layers = LAYERS, .hidden = WIDTH, .input_size = SYMBOLS, .recurrent = recurrent,
                            .head = &head, .head_layers = 1, .alphabet = alphabet, .outputs = outputs};
    rs_network *net = NULL;
    rs_trace *trace = NULL;
    rs_words *words = NULL;
    atomic_uint_fast64_t steps = 0;
    rs_context ctx = {.network_steps = &steps};
    const rs_lengths lengths = {RS_LENGTHS_UNIFORM, 1000000, 1000000, 0};
    CHECK_OK(rs_network_new(&net, &w));
    CHECK_OK(rs_trace_new(&trace, net, NULL));
    CHECK_OK(rs_words_sample(&words, SYMBOLS, 20, &lengths, 1));
    CHECK_FAILS(rs_trace_add(trace, words, &ctx), RS_EMEMORY, "out of memory: words to record take");
    CHECK_FAILS(rs_trace_add_all(trace, 15, &ctx), RS_EMEMORY, "out of memory: words to record take");
    CU_ASSERT(steps == 0 && rs_trace_size(trace) == 1);
    rs_words_free(words);
    rs_trace_free(trace);
    rs_network_free(net);
    rs_names_free(alphabet);
    rs_names_free(outputs);
    free(recurrent);
}

static void out_of_memory(void) {
    rs_network *net = network(4);
    rs_words *few = NULL, *many = NULL, *more = NULL;
    CHECK_OK(rs_words_all(&few, SYMBOLS, 2, 100));
    CHECK_OK(rs_words_all(&many, SYMBOLS, 5, 1000));
    CHECK_OK(rs_words_all(&more, SYMBOLS, 7, 10000));
    sweep s = {net, few, many, more};
    unit_allocation_sweep(sweep_run, &s, 1000);
    rs_words_free(few);
    rs_words_free(many);
    rs_words_free(more);
    rs_network_free(net);
}

static const unit_test tests[] = {
    {"a tree of four words", known_tree},
    {"nodes are the distinct prefixes, run alone", agrees_with_reference},
    {"long words", long_words},
    {"words that only go on", chains},
    {"failures change nothing", failures_change_nothing},
    {"all words, not listed", all_words},
    {"bounds on what is recorded", bounds},
    {"overflow", overflow},
    {"more than there is", more_than_there_is},
    {"out of memory", out_of_memory},
};

UNIT_MAIN("trace", tests)
