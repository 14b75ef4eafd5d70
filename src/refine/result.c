/* What a refinement found, and how good it is. */
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "refine/loop.h"

void rs_refinement_free(rs_refinement *r) {
    if (!r) return;
    for (size_t i = 0; r->findings && i < r->finding_count; i++) {
        rs_word_free(&r->findings[i].word);
        rs_word_free(&r->findings[i].solver.word);
        free(r->findings[i].outputs);
    }
    free(r->findings);
    free(r->rounds);
    free(r->method);
    free(r->guess);
    for (size_t i = 0; i < r->kept_count; i++) {
        rs_automaton_free(r->kept[i].machine);
        free(r->kept[i].labels);
    }
    free(r->kept);
    free(r->chosen.labels);
    rs_automaton_free(r->machine);
    rs_partition_free(r->partition);
    rs_trace_free(r->trace);
    rs_trace_free(r->short_words);
    rs_trace_free(r->validation);
    free(r);
}

const rs_network *rs_refinement_network(const rs_refinement *r) {
    return r->net;
}

const rs_automaton *rs_refinement_automaton(const rs_refinement *r) {
    return r->machine;
}

const char *rs_refinement_method(const rs_refinement *r) {
    return r->method;
}

size_t rs_refinement_base_clusters(const rs_refinement *r) {
    return r->base_clusters;
}

size_t rs_refinement_clusters(const rs_refinement *r) {
    return r->chosen.clusters;
}

size_t rs_refinement_rounds(const rs_refinement *r) {
    return r->round_count;
}

const rs_round *rs_refinement_round(const rs_refinement *r, size_t i) {
    return &r->rounds[i];
}

rs_end rs_refinement_end(const rs_refinement *r) {
    return r->end;
}

size_t rs_refinement_significance(const rs_refinement *r) {
    return r->chosen.significance;
}

double rs_refinement_fidelity(const rs_refinement *r) {
    return r->fidelity;
}

size_t rs_refinement_words(const rs_refinement *r) {
    return r->o.test_words;
}

const rs_lengths *rs_refinement_lengths(const rs_refinement *r) {
    return &r->o.lengths;
}

size_t rs_refinement_findings(const rs_refinement *r) {
    return r->finding_count;
}

const rs_finding *rs_refinement_finding(const rs_refinement *r, size_t i) {
    return &r->findings[i];
}

double rs_refinement_seconds(const rs_refinement *r, const char *phase) {
    if (!strcmp(phase, "trace")) return r->seconds_trace;
    if (!strcmp(phase, "cluster")) return r->seconds_cluster;
    if (!strcmp(phase, "solver")) return r->seconds_solver;
    if (!strcmp(phase, "conformance")) return r->seconds_conformance;
    return 0;
}

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

/* The state of `a` after a word whose symbols `map` translates. */
static size_t run_mapped(const rs_automaton *a, const uint32_t *map, const uint32_t *word, size_t length) {
    size_t q = rs_automaton_start(a);
    for (size_t i = 0; i < length; i++) q = rs_automaton_next(a, q, map[word[i]]);
    return q;
}

static const char *output_name(const rs_automaton *a, size_t q) {
    return rs_names_get(rs_automaton_outputs(a), rs_automaton_output(a, q));
}

rs_status rs_fidelity(double *out, const rs_network *net, const rs_automaton *a, const rs_words *words,
                      const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_trace *trace = NULL;
    uint32_t *map = NULL;
    size_t agree = 0, counted = 0;
    RS_TRY(match_symbols(&map, rs_network_alphabet(net), rs_automaton_alphabet(a)));
    RS_TRY(rs_trace_new(&trace, net, ctx));
    RS_TRY(rs_trace_add(trace, words, ctx));
    for (size_t i = 0; i < rs_words_count(words); i++) {
        size_t length;
        const uint32_t *word = rs_words_get(words, i, &length);
        if (!length) continue;
        uint32_t class = rs_trace_classes(trace)[rs_trace_find(trace, word, length)];
        counted++;
        agree += !strcmp(output_name(a, run_mapped(a, map, word, length)), rs_names_get(rs_network_outputs(net), class));
    }
    *out = counted ? (double)agree / (double)counted : 1;
cleanup:
    rs_trace_free(trace);
    free(map);
    return status;
}

rs_status rs_refinement_truth(double *ambiguity, double *truth_fidelity, const rs_refinement *r, const rs_automaton *truth) {
    rs_status status = RS_OK;
    rs_words *words = NULL;
    uint32_t *map = NULL, *state = NULL;
    size_t n = r->chosen.nodes, agree = 0;
    double mixed = 0;
    RS_TRY(match_symbols(&map, rs_network_alphabet(r->net), rs_automaton_alphabet(truth)));
    /* Clusters against the true state of each recorded prefix but the empty one. */
    RS_TRY_ALLOC(state = rs_alloc(n, sizeof *state));
    state[0] = (uint32_t)rs_automaton_start(truth);
    for (size_t i = 1; i < n; i++)
        state[i] = rs_automaton_next(truth, state[rs_trace_parents(r->trace)[i]], map[rs_trace_symbols(r->trace)[i]]);
    RS_TRY(rs_cluster_ambiguity(&mixed, n - 1, r->chosen.labels + 1, state + 1));
    RS_TRY(rs_words_sample(&words, rs_names_count(rs_network_alphabet(r->net)), r->o.test_words, &r->o.lengths,
                           rs_loop_seed(r, 3000000)));
    for (size_t i = 0; i < rs_words_count(words); i++) {
        size_t length;
        const uint32_t *word = rs_words_get(words, i, &length);
        size_t q = rs_automaton_run(r->machine, rs_automaton_start(r->machine), word, length);
        agree += !strcmp(output_name(r->machine, q), output_name(truth, run_mapped(truth, map, word, length)));
    }
    *ambiguity = mixed;
    *truth_fidelity = (double)agree / (double)rs_words_count(words);
cleanup:
    rs_words_free(words);
    free(map);
    free(state);
    return status;
}
