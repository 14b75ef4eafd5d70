/* The JSON object of check and extract; DESIGN fixes its members. */
#include <math.h>

#include "core/alloc.h"
#include "core/status.h"
#include "report/format.h"

static json_t *placement(const rs_refinement *r) {
    const rs_placement *p = rs_refinement_placement(r);
    json_t *object = json_object();
    rs_json_put(&object, "kind", rs_json_text(p->kind));
    rs_json_put(&object, "states", rs_json_size(rs_refinement_places(r)));
    rs_json_put(&object, "pieces", rs_json_size(p->pieces));
    rs_json_put(&object, "margin", rs_json_real(p->margin));
    rs_json_put(&object, "recorded", rs_json_size(rs_refinement_placed(r)));
    rs_json_put(&object, "misplaced", rs_json_size(p->misplaced));
    rs_json_put(&object, "agreement", rs_json_real(rs_refinement_placement_agreement(r)));
    return object;
}

static json_t *cluster(const rs_refinement *r, const double *ambiguity) {
    json_t *object = json_object();
    rs_json_put(&object, "method", rs_json_text(rs_refinement_method(r)));
    rs_json_put(&object, "clusters", rs_json_size(rs_refinement_clusters(r)));
    rs_json_put(&object, "base_clusters", rs_json_size(rs_refinement_base_clusters(r)));
    if (ambiguity) rs_json_put(&object, "ambiguity", rs_json_real(*ambiguity));
    rs_json_put(&object, "placement", placement(r));
    return object;
}

static json_t *automaton(const rs_refinement *r, const double *truth_fidelity) {
    const rs_automaton *a = rs_refinement_automaton(r);
    json_t *object = json_object();
    rs_json_put(&object, "kind", json_string("moore"));
    rs_json_put(&object, "states", rs_json_size(rs_automaton_states(a)));
    rs_json_put(&object, "transitions",
                rs_json_size(rs_automaton_states(a) * rs_names_count(rs_automaton_alphabet(a))));
    rs_json_put(&object, "fidelity", rs_json_real(rs_refinement_fidelity(r)));
    rs_json_put(&object, "words", rs_json_size(rs_refinement_words(r)));
    if (truth_fidelity) rs_json_put(&object, "truth_fidelity", rs_json_real(*truth_fidelity));
    return object;
}

static json_t *rounds(const rs_refinement *r) {
    json_t *array = json_array();
    for (size_t i = 0; i < rs_refinement_rounds(r); i++) {
        const rs_round *round = rs_refinement_round(r, i);
        json_t *object = json_object();
        rs_json_put(&object, "round", rs_json_size(i + 1));
        rs_json_put(&object, "clusters", rs_json_size(round->clusters));
        rs_json_put(&object, "states", rs_json_size(round->states));
        rs_json_put(&object, "fidelity", rs_json_real(round->fidelity));
        rs_json_put(&object, "spurious", rs_json_size(round->spurious));
        rs_json_put(&object, "significance", rs_json_size(round->significance));
        rs_json_append(&array, object);
    }
    return array;
}

static json_t *guarantee(const rs_finding *f, const char *lengths) {
    json_t *object = json_object();
    switch (f->verdict) {
    case RS_VERDICT_PROVED:
        rs_json_put(&object, "kind", json_string("proved"));
        break;
    case RS_VERDICT_HOLDS:
        rs_json_put(&object, "kind", json_string("statistical"));
        rs_json_put(&object, "epsilon", rs_json_real(f->epsilon));
        rs_json_put(&object, "delta", rs_json_real(f->delta));
        rs_json_put(&object, "distribution", rs_json_text(lengths));
        rs_json_put(&object, "words", rs_json_size(f->words));
        rs_json_put(&object, "drawn", rs_json_size(f->drawn));
        rs_json_put(&object, "exhaustive", rs_json_size(f->exhaustive));
        break;
    case RS_VERDICT_VIOLATED:
        rs_json_put(&object, "kind", json_string("replayed"));
        rs_json_put(&object, "shortest", json_boolean(f->shortest));
        rs_json_put(&object, "minimal", json_boolean(f->minimal));
        break;
    case RS_VERDICT_UNKNOWN:
        rs_json_put(&object, "kind", json_string("none"));
        rs_json_put(&object, "reason", rs_json_text(f->reason));
        break;
    }
    return object;
}

static json_t *property(const rs_refinement *r, const rs_finding *f, const rs_report_proof *p, const char *lengths) {
    const rs_network *net = rs_refinement_network(r);
    json_t *object = json_object(), *engines = json_object(), *reasons = json_object(), *product = json_object();
    rs_json_put(&object, "name", rs_json_text(rs_property_name(f->property)));
    rs_json_put(&object, "formula", rs_json_text(rs_property_formula(f->property)));
    const rs_assumption *assumption = rs_property_assumption(f->property);
    if (assumption) rs_json_put(&object, "assuming", rs_json_text(rs_assumption_text(assumption)));
    if (p && p->verdict != RS_VERDICT_UNKNOWN) {
        rs_json_proof(&object, net, p);
    } else {
        rs_json_put(&object, "verdict", rs_json_text(rs_verdict_name(f->verdict)));
        rs_json_put(&object, "guarantee", guarantee(f, lengths));
        if (p) rs_json_put(&object, "not_proved", rs_json_text(p->reason));
    }
    if (f->verdict == RS_VERDICT_VIOLATED) {
        json_t *counterexample = json_object();
        rs_json_put(&counterexample, "word",
                    rs_json_sequence(rs_network_alphabet(net), f->word.symbols, f->word.length));
        rs_json_put(&counterexample, "outputs", rs_json_sequence(rs_network_outputs(net), f->outputs, f->word.length));
        rs_json_put(&object, "counterexample", counterexample);
    }
    for (rs_engine e = 0; e < RS_ENGINES; e++) {
        rs_json_put(&engines, rs_engine_name(e), rs_json_text(rs_answer_name(f->solver.engine[e])));
        if (*f->solver.reason[e]) rs_json_put(&reasons, rs_engine_name(e), rs_json_text(f->solver.reason[e]));
    }
    rs_json_put(&object, "engines", engines);
    rs_json_put(&object, "engine_reasons", reasons);
    rs_json_put(&product, "locations", rs_json_size(f->solver.locations));
    rs_json_put(&product, "depth", rs_json_size(f->solver.depth));
    rs_json_put(&object, "product", product);
    return object;
}

/* To the microsecond. */
static json_t *time_spent(double seconds) {
    return rs_json_real(round(seconds * 1e6) / 1e6);
}

rs_status rs_report_json(char **out, const rs_refinement *r, const rs_report_run *run) {
    rs_status status = RS_OK;
    double ambiguity = 0, truth_fidelity = 0;
    char *lengths = NULL;
    if (run->truth) RS_TRY(rs_refinement_truth(&ambiguity, &truth_fidelity, r, run->truth));
    RS_TRY(rs_lengths_format(&lengths, rs_refinement_lengths(r)));

    json_t *object = rs_json_head(run->command), *properties = json_array(), *seconds = json_object();
    rs_json_put(&object, "seed", rs_json_size(run->seed));
    rs_json_put(&object, "network", rs_json_network(rs_refinement_network(r)));
    rs_json_put(&object, "cluster", cluster(r, run->truth ? &ambiguity : NULL));
    rs_json_put(&object, "automaton", automaton(r, run->truth ? &truth_fidelity : NULL));
    rs_json_put(&object, "lengths", rs_json_text(lengths));
    rs_json_put(&object, "rounds", rounds(r));
    rs_json_put(&object, "end", rs_json_text(rs_end_name(rs_refinement_end(r))));
    rs_json_put(&object, "significance", rs_json_size(rs_refinement_significance(r)));
    size_t memory, states;
    bool cut;
    states = rs_refinement_recorded(r, &memory, &cut);
    if (memory) {
        json_t *recorded = json_object();
        rs_json_put(&recorded, "states", rs_json_size(states));
        rs_json_put(&recorded, "memory", rs_json_size(memory));
        rs_json_put(&recorded, "cut", json_boolean(cut));
        rs_json_put(&object, "recorded", recorded);
    }
    for (size_t i = 0; i < rs_refinement_findings(r); i++)
        rs_json_append(&properties,
                       property(r, rs_refinement_finding(r, i), run->proofs ? run->proofs[i] : NULL, lengths));
    rs_json_put(&object, "properties", properties);
    rs_json_put(&object, "network_steps", rs_json_size(run->network_steps));
    rs_json_put(&seconds, "total", time_spent(run->seconds));
    const char *phases[] = {"trace", "cluster", "solver", "conformance"};
    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++)
        rs_json_put(&seconds, phases[i], time_spent(rs_refinement_seconds(r, phases[i])));
    rs_json_put(&object, "seconds", seconds);
    RS_TRY(rs_json_take(out, object));
cleanup:
    free(lengths);
    return status;
}
