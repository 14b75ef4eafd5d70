/* Classes after suffixes against words run alone, whatever is recorded and remembered. */
#include <stdlib.h>
#include <string.h>

#include "automaton_ref.h"
#include "refine/suffix.h"
#include "refine_network.h"
#include "support/unit.h"

enum { MOST = 6, NODES = 400, PLENTY = 1 << 22 };

/* The class after a recorded node's word and a suffix, step by step; `depth` gets how many of its steps are recorded.
 */
static uint32_t alone(const rs_trace *trace, size_t node, const rs_word *suffix, size_t *depth) {
    const rs_network *net = rs_trace_network(trace);
    size_t S = rs_network_state_size(net), at = node;
    float *state = malloc(S * sizeof *state);
    uint32_t class = 0;
    memcpy(state, rs_trace_states(trace) + node * S, S * sizeof *state);
    for (*depth = 0; *depth < suffix->length; ++*depth)
        if ((at = rs_trace_child(trace, at, suffix->symbols[*depth])) == SIZE_MAX) break;
    for (size_t t = 0; t < suffix->length; t++)
        CHECK_OK(rs_network_step(net, 1, state, suffix->symbols + t, state, NULL));
    CHECK_OK(rs_network_classify(net, 1, state, &class, NULL));
    free(state);
    return class;
}

static void record(rs_trace *trace, rs_random *random, size_t symbols, size_t count) {
    rs_words *words = NULL;
    rs_lengths lengths = {.kind = RS_LENGTHS_UNIFORM, .min = 1, .max = 5};
    CHECK_OK(rs_words_sample(&words, symbols, count, &lengths, rs_random_next(random)));
    CHECK_OK(rs_trace_add(trace, words, NULL));
    rs_words_free(words);
}

/* Asks random suffixes of random nodes; the trace grows in between. Steps that are remembered cost nothing the second
 * time. */
static void as_words_alone(void) {
    rs_random random = rs_random_new(unit_seed(), 0);
    for (size_t round = 0; round < 12; round++) {
        rs_automaton *a = NULL;
        rs_network *net = NULL;
        rs_trace *trace = NULL;
        rs_beyond *b = NULL;
        size_t symbols = 1 + round % 3;
        CU_ASSERT_PTR_NOT_NULL_FATAL(a = ref_random_machine(&random, 2 + round, symbols, 2));
        CHECK_OK(ref_network_of_machine(&net, a));
        CHECK_OK(rs_trace_new(&trace, net, NULL));
        size_t S = rs_network_state_size(net), most = ((size_t[]){0, 3 * S, 100 * S, PLENTY})[round % 4];
        CHECK_OK(rs_beyond_new(&b, trace, most));
        for (size_t ask = 0; ask < 10; ask++) {
            record(trace, &random, symbols, 5);
            uint32_t symbol[MOST], rows[NODES], classes[NODES];
            rs_word suffix = {symbol, rs_random_below(&random, MOST + 1)};
            for (size_t t = 0; t < suffix.length; t++) symbol[t] = (uint32_t)rs_random_below(&random, symbols);
            size_t n = rs_trace_size(trace), offset = rs_random_below(&random, n), m = 0, missing = 0, depth;
            for (size_t i = offset; i < n && m < NODES; i++)
                if (rs_random_below(&random, 3)) rows[m++] = (uint32_t)(i - offset);
            atomic_uint_fast64_t steps = 0, again = 0, nowhere = 0;
            const float *states = rs_trace_states(trace) + offset * S;
            CHECK_OK(rs_suffix_classes(classes, b, m, states, offset, rows, &suffix,
                                       &(rs_context){.threads = 1, .network_steps = &steps}));
            for (size_t i = 0; i < m; i++) {
                CU_ASSERT(classes[i] == alone(trace, offset + rows[i], &suffix, &depth));
                missing += suffix.length - depth;
                classes[i] = 77;
            }
            CU_ASSERT(steps <= missing);
            CHECK_OK(rs_suffix_classes(classes, b, m, states, offset, rows, &suffix,
                                       &(rs_context){.threads = 1, .network_steps = &again}));
            for (size_t i = 0; i < m; i++) CU_ASSERT(classes[i] == alone(trace, offset + rows[i], &suffix, &depth));
            CU_ASSERT(most == PLENTY ? again == 0 : most ? again <= steps : again == missing);
            CHECK_OK(rs_suffix_classes(classes, b, m, states, RS_NOWHERE, rows, &suffix,
                                       &(rs_context){.threads = 1, .network_steps = &nowhere}));
            for (size_t i = 0; i < m; i++) CU_ASSERT(classes[i] == alone(trace, offset + rows[i], &suffix, &depth));
            CU_ASSERT(nowhere == m * suffix.length);
        }
        rs_beyond_free(b);
        rs_trace_free(trace);
        rs_network_free(net);
        rs_automaton_free(a);
    }
}

static rs_status sweep(void *user) {
    rs_trace *trace = user;
    rs_beyond *b = NULL;
    uint32_t classes[2], rows[] = {0, 1}, symbols[] = {0, 1, 1};
    rs_status status = rs_beyond_new(&b, trace, 2 * rs_network_state_size(rs_trace_network(trace)));
    for (size_t length = 1; status == RS_OK && length <= 3; length++)
        status = rs_suffix_classes(classes, b, 2, rs_trace_states(trace), 0, rows, &(rs_word){symbols, length}, NULL);
    rs_beyond_free(b);
    return status;
}

static void out_of_memory(void) {
    rs_random random = rs_random_new(5, 0);
    rs_automaton *a = ref_random_machine(&random, 4, 2, 2);
    rs_network *net = NULL;
    rs_trace *trace = NULL;
    CHECK_OK(ref_network_of_machine(&net, a));
    CHECK_OK(rs_trace_new(&trace, net, NULL));
    record(trace, &random, 2, 1);
    unit_allocation_sweep(sweep, trace, 1000);
    rs_trace_free(trace);
    rs_network_free(net);
    rs_automaton_free(a);
}

static const unit_test tests[] = {
    {"as words alone", as_words_alone},
    {"without memory", out_of_memory},
};
UNIT_MAIN("refine: suffixes", tests)
