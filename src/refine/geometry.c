/* Geometry: hidden states are placed by where they lie, not by what the network does from there.
 *
 * The classes are states of the chosen machine. A recorded state has that one which the machine is in after its word: the same
 * question that fresh words are asked. Where the loop settled, that is the state which the recorded state's cluster became. The
 * empty word's state is left out, since it need not look like those after words; so are states of the machine that
 * no recorded word leads to. */
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "refine/loop.h"

rs_status rs_loop_geometry(rs_refinement *r) {
    rs_status status = RS_OK;
    const uint32_t *parents = rs_trace_parents(r->trace), *symbols = rs_trace_symbols(r->trace);
    size_t n = r->chosen.nodes, S = rs_network_state_size(r->net), states = rs_automaton_states(r->machine), k = 0;
    uint32_t *state = NULL, *labels = NULL, *label = NULL; /* label: 1 + the class of a state of the machine */
    double start = rs_now();
    RS_TRY_ALLOC(state = rs_alloc(n, sizeof *state));
    RS_TRY_ALLOC(labels = rs_alloc(n, sizeof *labels));
    RS_TRY_ALLOC(label = rs_alloc(states, sizeof *label));
    RS_TRY_ALLOC(r->place_state = rs_alloc(states, sizeof *r->place_state));
    state[0] = (uint32_t)rs_automaton_start(r->machine);
    for (size_t i = 1; i < n; i++) {
        uint32_t q = state[i] = rs_automaton_next(r->machine, state[parents[i]], symbols[i]);
        if (!label[q]) {
            r->place_state[k] = q;
            label[q] = (uint32_t)++k;
        }
        labels[i] = label[q] - 1;
    }
    RS_TRY(rs_cluster_from_labels(&r->geometry, &r->placement, n - 1, S, rs_trace_states(r->trace) + S, k, labels + 1,
                                  &r->ctx));
cleanup:
    r->seconds_cluster += rs_now() - start;
    free(state);
    free(labels);
    free(label);
    return status;
}

rs_status rs_loop_place(size_t *agree, const rs_refinement *r, const rs_trace *trace, const rs_words *words) {
    rs_status status = RS_OK;
    size_t count = 0, S = rs_network_state_size(r->net);
    float *points = NULL;
    uint32_t *wanted = NULL, *got = NULL;
    RS_TRY_ALLOC(points = rs_alloc_aligned(rs_words_count(words) * S, sizeof *points));
    RS_TRY_ALLOC(wanted = rs_alloc(rs_words_count(words), sizeof *wanted));
    RS_TRY_ALLOC(got = rs_alloc(rs_words_count(words), sizeof *got));
    for (size_t i = 0; i < rs_words_count(words); i++) {
        if (!rs_words_length(words, i)) continue;
        memcpy(points + count * S, rs_trace_states(trace) + rs_trace_find_word(trace, words, i) * S, S * sizeof *points);
        wanted[count++] = (uint32_t)rs_automaton_run_word(r->machine, rs_automaton_start(r->machine), words, i);
    }
    RS_TRY(rs_refinement_place(r, count, points, got, &r->ctx));
    for (size_t i = 0; i < count; i++) *agree += got[i] == wanted[i];
cleanup:
    free(points);
    free(wanted);
    free(got);
    return status;
}

rs_status rs_refinement_place(const rs_refinement *r, size_t m, const float *points, uint32_t *states,
                              const rs_context *ctx) {
    rs_status status = rs_clustering_assign(r->geometry, m, points, states, ctx);
    for (size_t i = 0; status == RS_OK && i < m; i++) states[i] = r->place_state[states[i]];
    return status;
}

const rs_placement *rs_refinement_placement(const rs_refinement *r) {
    return &r->placement;
}

size_t rs_refinement_placed(const rs_refinement *r) {
    return rs_clustering_points(r->geometry);
}

size_t rs_refinement_places(const rs_refinement *r) {
    return rs_clustering_count(r->geometry);
}

double rs_refinement_placement_agreement(const rs_refinement *r) {
    return rs_loop_share(r->placed_right, r->test_words);
}
