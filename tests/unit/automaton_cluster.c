/* Machines from partitions of traces. The network remembers the last two symbols: h' = (b, a, h1 / 2, h2 / 2). */
#include <stdlib.h>
#include <string.h>

#include "automaton_ref.h"
#include "support/unit.h"

enum { HIDDEN = 4, SYMBOLS = 2 };

/* Class 1 iff the last symbol is b. */
static rs_network *memory(void) {
    const float ih[HIDDEN * SYMBOLS] = {0, 1, 1, 0, 0, 0, 0, 0};
    const float hh[HIDDEN * HIDDEN] = {0, 0, 0, 0, 0, 0, 0, 0, 0.5f, 0, 0, 0, 0, 0.5f, 0, 0};
    const float weight[HIDDEN] = {1, 0, 0, 0};
    rs_recurrent recurrent = {.weight_ih = ih, .weight_hh = hh};
    rs_dense head = {weight, NULL, 1, HIDDEN, RS_ACTIVATION_NONE};
    rs_names *alphabet = NULL, *outputs = NULL;
    rs_network *net = NULL;
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "a b"));
    CHECK_OK(rs_names_parse(&outputs, "outputs", "no yes"));
    rs_network_weights w = {.cell = RS_CELL_RELU,
                            .layers = 1,
                            .hidden = HIDDEN,
                            .input_size = SYMBOLS,
                            .recurrent = &recurrent,
                            .head = &head,
                            .head_layers = 1,
                            .threshold = 0.5f,
                            .alphabet = alphabet,
                            .outputs = outputs};
    CHECK_OK(rs_network_new(&net, &w));
    rs_names_free(alphabet);
    rs_names_free(outputs);
    return net;
}

static rs_trace *grown(const rs_network *net, const char *const *texts, size_t count) {
    rs_words *words = NULL;
    rs_trace *trace = NULL;
    CHECK_OK(rs_words_new(&words));
    for (size_t i = 0; i < count; i++) {
        rs_word word = {0};
        CHECK_OK(rs_word_parse(&word, rs_network_alphabet(net), texts[i]));
        CHECK_OK(rs_words_add(words, word.symbols, word.length));
        rs_word_free(&word);
    }
    CHECK_OK(rs_trace_new(&trace, net, NULL));
    CHECK_OK(rs_trace_add(trace, words, NULL));
    rs_words_free(words);
    return trace;
}

/* Cluster 1 is where the last symbol is b. */
static rs_status by_last(void *user, size_t m, const float *points, uint32_t *labels) {
    *(size_t *)user += m;
    for (size_t i = 0; i < m; i++) labels[i] = points[i * HIDDEN] > 0.5f;
    return RS_OK;
}

static void known(void) {
    rs_network *net = memory();
    const char *words[] = {"aab", "ab"}; /* nodes: root, a, aa, ab, aab */
    rs_trace *trace = grown(net, words, 2);
    rs_automaton *a = NULL;
    const uint32_t labels[] = {0, 0, 0, 1, 1};
    size_t asked = 0;
    CU_ASSERT_FATAL(rs_trace_size(trace) == 5);
    CHECK_OK(rs_automaton_from_clusters(&a, trace, 2, labels, NULL, by_last, &asked, NULL));
    CU_ASSERT(rs_automaton_states(a) == 2 && rs_automaton_start(a) == 0);
    CU_ASSERT(rs_automaton_output(a, 0) == 0 && rs_automaton_output(a, 1) == 1);
    CU_ASSERT(rs_automaton_next(a, 0, 0) == 0 && rs_automaton_support(a, 0, 0) == 2);
    CU_ASSERT(rs_automaton_next(a, 0, 1) == 1 && rs_automaton_support(a, 0, 1) == 2);
    /* Nobody saw what follows b. */
    CU_ASSERT(rs_automaton_next(a, 1, 0) == 0 && rs_automaton_next(a, 1, 1) == 1 && asked == 2);
    CU_ASSERT(rs_automaton_has_support(a) && rs_automaton_support(a, 1, 0) == 0);
    CU_ASSERT_STRING_EQUAL(rs_names_get(rs_automaton_outputs(a), 1), "yes");
    rs_automaton_free(a);
    rs_trace_free(trace);
    rs_network_free(net);
}

/* The root's class counts for a cluster of its own alone; ties go to the lowest. */
static void votes(void) {
    rs_network *net = memory();
    const char *words[] = {"b", "ab"}; /* nodes: root, then a and b in some order, ab */
    rs_trace *trace = grown(net, words, 2);
    rs_automaton *a = NULL;
    size_t asked = 0;
    uint32_t labels[4] = {0}, word[] = {1};
    size_t b = rs_trace_find(trace, word, 1);
    for (size_t i = 1; i < 4; i++) labels[i] = i == b ? 0 : 1; /* b is with the root, whose class does not count */
    CHECK_OK(rs_automaton_from_clusters(&a, trace, 2, labels, NULL, by_last, &asked, NULL));
    CU_ASSERT(rs_automaton_output(a, 0) == 1);
    CU_ASSERT(rs_automaton_output(a, 1) == 0); /* a "no", ab "yes" */
    rs_automaton_free(a);
    for (size_t i = 1; i < 4; i++) labels[i] = 1; /* a, b, ab: no yes yes; from root by a and b */
    CHECK_OK(rs_automaton_from_clusters(&a, trace, 2, labels, NULL, by_last, &asked, NULL));
    CU_ASSERT(rs_automaton_output(a, 0) == 0 && rs_automaton_output(a, 1) == 1);
    rs_automaton_free(a);
    rs_trace_free(trace);
    rs_network_free(net);
}

static void refusals(void) {
    rs_network *net = memory();
    const char *words[] = {"ab"};
    rs_trace *trace = grown(net, words, 1);
    rs_automaton *a = NULL;
    size_t asked = 0;
    const uint32_t labels[] = {0, 0, 1}, wild[] = {0, 3, 1}, missing[] = {0, 0, 0}, others[] = {2, 2},
                   beyond[] = {9, 2};
    CHECK_FAILS(rs_automaton_from_clusters(&a, trace, 0, labels, NULL, by_last, &asked, NULL), RS_EUSAGE, "0 clusters");
    CHECK_FAILS(rs_automaton_from_clusters(&a, trace, 2, wild, NULL, by_last, &asked, NULL), RS_EUSAGE, "label 3");
    CHECK_FAILS(rs_automaton_from_clusters(&a, trace, 2, missing, NULL, by_last, &asked, NULL), RS_EUSAGE,
                "cluster 1 has");
    CHECK_FAILS(rs_automaton_from_clusters(&a, trace, 2, labels, others, by_last, &asked, NULL), RS_EUSAGE,
                "cluster 0");
    CHECK_FAILS(rs_automaton_from_clusters(&a, trace, 2, labels, beyond, by_last, &asked, NULL), RS_EUSAGE,
                "cluster 0");
    rs_trace_free(trace);
    const char *no_b[] = {"a"};
    trace = grown(net, no_b, 1);
    CHECK_FAILS(rs_automaton_from_clusters(&a, trace, 1, missing, NULL, by_last, &asked, NULL), RS_EUSAGE,
                "in cluster 1 of 1");
    CU_ASSERT_PTR_NULL(a);
    rs_trace_free(trace);
    rs_network_free(net);
}

/* Places everything in cluster 0. */
static rs_status zero(void *user, size_t m, const float *points, uint32_t *labels) {
    (void)user;
    (void)points;
    memset(labels, 0, m * sizeof *labels);
    return RS_OK;
}

/* Random partitions: majorities by counting everything again for each question. */
static void against_counting(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    rs_network *net = memory();
    rs_words *words = NULL;
    rs_trace *trace = NULL;
    CHECK_OK(rs_words_all(&words, SYMBOLS, 5, 1000));
    CHECK_OK(rs_trace_new(&trace, net, NULL));
    CHECK_OK(rs_trace_add(trace, words, NULL));
    size_t n = rs_trace_size(trace);
    const uint32_t *parent = rs_trace_parents(trace), *symbol = rs_trace_symbols(trace),
                   *class = rs_trace_classes(trace);
    uint32_t *labels = calloc(n, sizeof *labels);
    for (size_t round = 0; round < 60; round++) {
        size_t k = 1 + rs_random_below(&r, 12);
        rs_automaton *a = NULL;
        for (size_t i = 0; i < n; i++) labels[i] = (uint32_t)(i < k ? i : rs_random_below(&r, k));
        CHECK_OK(rs_automaton_from_clusters(&a, trace, k, labels, NULL, zero, NULL, NULL));
        CU_ASSERT_FATAL(a && rs_automaton_states(a) == k && rs_automaton_start(a) == labels[0]);
        for (size_t c = 0; c < k; c++) {
            size_t tally[2] = {0};
            for (size_t i = 1; i < n; i++) tally[class[i]] += labels[i] == c;
            if (tally[0] + tally[1] > 0) CU_ASSERT(rs_automaton_output(a, c) == (tally[1] > tally[0]));
            for (size_t s = 0; s < SYMBOLS; s++) {
                size_t best = 0, most = 0;
                for (size_t to = 0; to < k; to++) {
                    size_t seen = 0;
                    for (size_t i = 1; i < n; i++) seen += labels[parent[i]] == c && symbol[i] == s && labels[i] == to;
                    if (seen <= most) continue;
                    most = seen;
                    best = to;
                }
                CU_ASSERT(rs_automaton_next(a, c, s) == best && rs_automaton_support(a, c, s) == most);
            }
        }
        rs_automaton_free(a);
    }
    free(labels);
    rs_words_free(words);
    rs_trace_free(trace);
    rs_network_free(net);
}

static rs_status sweep(void *user) {
    const uint32_t labels[] = {0, 0, 1};
    rs_automaton *a = NULL;
    size_t asked = 0;
    rs_status status = rs_automaton_from_clusters(&a, user, 2, labels, NULL, by_last, &asked, NULL);
    rs_automaton_free(a);
    return status;
}

static void out_of_memory(void) {
    rs_network *net = memory();
    const char *words[] = {"ab"};
    rs_trace *trace = grown(net, words, 1);
    unit_allocation_sweep(sweep, trace, 1000);
    rs_trace_free(trace);
    rs_network_free(net);
}

static const unit_test tests[] = {
    {"the last symbol", known},
    {"votes of outputs", votes},
    {"refusals", refusals},
    {"random partitions against counting", against_counting},
    {"without memory", out_of_memory},
};
UNIT_MAIN("automaton: from clusters", tests)
