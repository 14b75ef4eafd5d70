/* How well a machine follows a network or another machine. Symbols and outputs are matched by name. */
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "refine/loop.h"

#define BATCH ((size_t)8192) /* words that are run at once, and forgotten */

/* The symbols of `names` as indices into `other`; RS_EINPUT when they are not the same set. */
static rs_status match_symbols(uint32_t **out, const rs_names *names, const rs_names *other) {
    size_t m = rs_names_count(names);
    if (m != rs_names_count(other))
        return rs_fail(RS_EINPUT, "the automaton has %zu symbols, the network %zu", rs_names_count(other), m);
    uint32_t *map = rs_alloc(m, sizeof *map);
    if (!map) return RS_EMEMORY;
    for (size_t i = 0; i < m; i++) {
        const char *name = rs_names_get(names, i);
        size_t found = rs_names_find(other, name, strlen(name));
        if (found == SIZE_MAX) {
            free(map);
            return rs_fail(RS_EINPUT, "the automaton lacks the symbol \"%s\"", name);
        }
        map[i] = (uint32_t)found;
    }
    *out = map;
    return RS_OK;
}

/* The state of `a` after word i, whose symbols `map` translates. */
static size_t run_mapped(const rs_automaton *a, const uint32_t *map, const rs_words *words, size_t i) {
    size_t q = rs_automaton_start(a);
    for (size_t k = 0; k < rs_words_length(words, i); k++) q = rs_automaton_next(a, q, map[rs_words_symbol(words, i, k)]);
    return q;
}

static const char *output_name(const rs_automaton *a, size_t q) {
    return rs_names_get(rs_automaton_outputs(a), rs_automaton_output(a, q));
}

rs_status rs_loop_fidelity(size_t *agree, size_t *counted, const rs_network *net, const rs_automaton *a, const rs_words *words,
                           const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_trace *trace = NULL;
    rs_words *batch = NULL;
    uint32_t *map = NULL;
    RS_TRY(match_symbols(&map, rs_network_alphabet(net), rs_automaton_alphabet(a)));
    for (size_t start = 0, end; start < rs_words_count(words); start = end) {
        RS_TRY(rs_words_new(&batch));
        for (end = start; end < rs_words_count(words) && end - start < BATCH; end++) RS_TRY(rs_words_add_word(batch, words, end));
        RS_TRY(rs_trace_new(&trace, net, ctx));
        RS_TRY(rs_trace_add(trace, batch, ctx));
        for (size_t i = 0; i < rs_words_count(batch); i++) {
            if (!rs_words_length(batch, i)) continue;
            uint32_t class = rs_trace_classes(trace)[rs_trace_find_word(trace, batch, i)];
            ++*counted;
            *agree += !strcmp(output_name(a, run_mapped(a, map, batch, i)), rs_names_get(rs_network_outputs(net), class));
        }
        rs_trace_free(trace);
        rs_words_free(batch);
        trace = NULL;
        batch = NULL;
    }
cleanup:
    rs_trace_free(trace);
    rs_words_free(batch);
    free(map);
    return status;
}

rs_status rs_fidelity(double *out, const rs_network *net, const rs_automaton *a, const rs_words *words,
                      const rs_context *ctx) {
    size_t agree = 0, counted = 0;
    rs_status status = rs_loop_fidelity(&agree, &counted, net, a, words, ctx);
    if (status == RS_OK) *out = rs_loop_share(agree, counted);
    return status;
}

rs_status rs_loop_agreement(size_t *agree, size_t *counted, const rs_automaton *a, const rs_automaton *truth,
                            const rs_words *words) {
    uint32_t *map = NULL;
    rs_status status = match_symbols(&map, rs_automaton_alphabet(a), rs_automaton_alphabet(truth));
    if (status != RS_OK) return status;
    for (size_t i = 0; i < rs_words_count(words); i++) {
        if (!rs_words_length(words, i)) continue;
        size_t q = rs_automaton_run_word(a, rs_automaton_start(a), words, i);
        *agree += !strcmp(output_name(a, q), output_name(truth, run_mapped(truth, map, words, i)));
        ++*counted;
    }
    free(map);
    return RS_OK;
}

rs_status rs_loop_true_states(uint32_t **out, const rs_trace *trace, size_t n, const rs_automaton *truth) {
    rs_status status = RS_OK;
    uint32_t *map = NULL, *state = NULL;
    RS_TRY(match_symbols(&map, rs_network_alphabet(rs_trace_network(trace)), rs_automaton_alphabet(truth)));
    RS_TRY_ALLOC(state = rs_alloc(n, sizeof *state));
    state[0] = (uint32_t)rs_automaton_start(truth);
    for (size_t i = 1; i < n; i++)
        state[i] = rs_automaton_next(truth, state[rs_trace_parents(trace)[i]], map[rs_trace_symbols(trace)[i]]);
    *out = state;
cleanup:
    free(map);
    return status;
}
