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
    rs_clustering_free(r->geometry);
    free(r->place_state);
    rs_automaton_free(r->machine);
    rs_partition_free(r->partition);
    rs_trace_free(r->trace);
    rs_trace_free(r->tests);
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

size_t rs_refinement_recorded(const rs_refinement *r, size_t *memory, bool *cut) {
    *memory = r->o.memory;
    *cut = r->record_cut || rs_trace_cut(r->trace);
    return rs_trace_size(r->trace);
}

size_t rs_refinement_significance(const rs_refinement *r) {
    return r->chosen.significance;
}

double rs_refinement_fidelity(const rs_refinement *r) {
    return r->fidelity;
}

size_t rs_refinement_words(const rs_refinement *r) {
    return r->test_words;
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

rs_status rs_refinement_truth(double *ambiguity, double *truth_fidelity, const rs_refinement *r, const rs_automaton *truth) {
    rs_status status = RS_OK;
    rs_words *words = NULL;
    uint32_t *state = NULL;
    size_t n = r->chosen.nodes, drawn = 0, agree = 0, counted = 0;
    double mixed;
    /* Clusters against the true state of each recorded prefix but the empty one. */
    RS_TRY(rs_loop_true_states(&state, r->trace, n, truth));
    RS_TRY(rs_cluster_ambiguity(&mixed, n - 1, r->chosen.labels + 1, state + 1));
    /* The words of the fidelity, drawn again. */
    for (uint64_t batch = 0; drawn < r->test_drawn; batch++) {
        RS_TRY(rs_loop_sample(&words, r, RS_STREAM_TEST, batch, r->o.test_words - drawn));
        RS_TRY(rs_loop_agreement(&agree, &counted, r->machine, truth, words));
        drawn += rs_words_count(words);
        rs_words_free(words);
        words = NULL;
    }
    *ambiguity = mixed;
    *truth_fidelity = rs_loop_share(agree, counted);
cleanup:
    rs_words_free(words);
    free(state);
    return status;
}
