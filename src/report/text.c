/* The text of check and extract. Every verdict comes with its evidence, and again as the last lines. */
#include <math.h>

#include "core/alloc.h"
#include "core/status.h"
#include "report/format.h"

#define ROUNDS_SHOWN 12 /* of a long loop: the first and the last six */

static void add_rounds(rs_text *text, const rs_refinement *r) {
    size_t count = rs_refinement_rounds(r);
    rs_text_add(text, "rounds      round  significance  clusters  states  spurious  fidelity\n");
    for (size_t i = 0; i < count; i++) {
        if (count > ROUNDS_SHOWN && i == ROUNDS_SHOWN / 2) {
            rs_text_add(text, "              ...\n");
            i = count - ROUNDS_SHOWN / 2;
        }
        const rs_round *round = rs_refinement_round(r, i);
        rs_text_add(text, "            %5zu  %12zu  %8zu  %6zu  %8zu    ", i + 1, round->significance, round->clusters,
                    round->states, round->spurious);
        rs_report_share(text, round->fidelity);
        rs_text_add(text, "\n");
    }
}

/* Outputs that no word makes the machine give: what is said of them holds for want of any. */
static rs_status add_silent(rs_text *text, const rs_automaton *a) {
    size_t k = rs_names_count(rs_automaton_outputs(a)), m = rs_names_count(rs_automaton_alphabet(a));
    bool *given = rs_alloc(k, sizeof *given), any = false;
    if (!given) return RS_EMEMORY;
    for (size_t q = 0; q < rs_automaton_states(a); q++)
        for (size_t s = 0; s < m; s++) given[rs_automaton_output(a, rs_automaton_next(a, q, s))] = true;
    for (size_t o = 0; o < k; o++) {
        if (given[o]) continue;
        rs_text_add(text, "%s", any ? " " : "never given ");
        rs_report_clean(text, rs_names_get(rs_automaton_outputs(a), o));
        any = true;
    }
    if (any) rs_text_add(text, "\n");
    free(given);
    return RS_OK;
}

/* How hidden states are placed without the network; the margin is rounded down. */
static void add_geometry(rs_text *text, const rs_refinement *r) {
    const rs_placement *p = rs_refinement_placement(r);
    size_t states = rs_refinement_places(r);
    rs_text_add(text, "geometry    %zu state%s placed by ", states, states == 1 ? "" : "s");
    if (p->pieces > states) rs_text_add(text, "%zu centroids", p->pieces);
    else rs_text_add(text, "%s", p->kind);
    if (isfinite(p->margin)) {
        double unit = p->margin > 0 ? pow(10, floor(log10(p->margin)) - 2) : 1;
        rs_text_add(text, ", margin %.3g", floor(p->margin / unit) * unit);
    }
    rs_text_add(
        text,
        ", %zu of %zu recorded hidden states misplaced;\n            on fresh words it agrees with the automaton in ",
        p->misplaced, rs_refinement_placed(r));
    rs_report_share(text, rs_refinement_placement_agreement(r));
    rs_text_add(text, "\n");
}

static rs_status add_machine(rs_text *text, const rs_refinement *r, const rs_report_run *run, const char *lengths) {
    const rs_automaton *a = rs_refinement_automaton(r);
    rs_text_add(text, "network     ");
    rs_report_network_line(text, rs_refinement_network(r));
    rs_text_add(text, "\nclusters    %zu by %s, %zu after splitting\n", rs_refinement_base_clusters(r),
                rs_refinement_method(r), rs_refinement_clusters(r));
    add_rounds(text, r);
    rs_text_add(text, "ended       %s: round %zu, %.2f s, %llu network steps\n", rs_end_name(rs_refinement_end(r)),
                rs_refinement_rounds(r), run->seconds, (unsigned long long)run->network_steps);
    size_t memory, recorded;
    bool cut;
    recorded = rs_refinement_recorded(r, &memory, &cut);
    if (cut) rs_text_add(text, "recorded    %zu hidden states; --memory %zu left words out\n", recorded, memory);
    if (rs_refinement_significance(r) > 1)
        rs_text_add(text, "            what fewer than %zu recorded states spoke for was not followed\n",
                    rs_refinement_significance(r));
    rs_text_add(text, "automaton   %zu states, %zu transitions\n", rs_automaton_states(a),
                rs_automaton_states(a) * rs_names_count(rs_automaton_alphabet(a)));
    rs_text_add(text, "fidelity    ");
    rs_report_share(text, rs_refinement_fidelity(r));
    rs_text_add(text, " on %zu fresh random words, lengths %s\n", rs_refinement_words(r), lengths);
    add_geometry(text, r);
    if (run->truth) {
        double ambiguity, fidelity;
        rs_status status = rs_refinement_truth(&ambiguity, &fidelity, r, run->truth);
        if (status != RS_OK) return status;
        rs_text_add(text, "truth       fidelity ");
        rs_report_share(text, fidelity);
        rs_text_add(text, ", ambiguity of clusters ");
        rs_report_bound(text, ambiguity);
        rs_text_add(text, "\n");
    }
    return add_silent(text, a);
}

static void add_engines(rs_text *text, const rs_solver_result *s) {
    rs_text_add(text, "  the automaton:");
    for (rs_engine e = 0; e < RS_ENGINES; e++) {
        rs_text_add(text, "%s %s by %s", e ? "," : "", rs_answer_name(s->engine[e]), rs_engine_name(e));
        if (*s->reason[e]) {
            rs_text_add(text, " (");
            rs_report_clean(text, s->reason[e]);
            rs_text_add(text, ")");
        }
    }
    rs_text_add(text, "; product of %zu locations, depth %zu\n", s->locations, s->depth);
}

static void add_evidence(rs_text *text, const rs_refinement *r, const rs_finding *f, const char *lengths, bool colour) {
    rs_text_add(text, "\nproperty ");
    rs_report_clean(text, rs_property_name(f->property));
    rs_text_add(text, ": ");
    rs_report_clean(text, rs_property_formula(f->property));
    rs_text_add(text, "\n");
    const rs_assumption *assumption = rs_property_assumption(f->property);
    rs_report_assuming(text, assumption ? rs_assumption_text(assumption) : NULL);
    switch (f->verdict) {
    case RS_VERDICT_PROVED:
        rs_text_add(text, "  proved for words of every length\n");
        break;
    case RS_VERDICT_HOLDS:
        rs_text_add(text, "  no violation among %zu fresh random words", f->words);
        if (assumption) rs_text_add(text, " that satisfy what is assumed, of %zu drawn", f->drawn);
        rs_text_add(text, ", lengths %s", lengths);
        if (f->exhaustive)
            rs_text_add(text, ", nor among all %swords up to length %zu", assumption ? "such " : "", f->exhaustive);
        rs_text_add(text, ";\n  with confidence ");
        rs_report_confidence(text, f->delta);
        rs_text_add(text, " a random word%s violates it with probability at most ", assumption ? " that does" : "");
        rs_report_bound(text, f->epsilon);
        rs_text_add(text, "\n");
        break;
    case RS_VERDICT_VIOLATED: {
        rs_mark mark = {f->word.length, rs_property_name(f->property)};
        rs_text_add(text, "  violated on the network by this word of %zu symbol%s; %s\n", f->word.length,
                    f->word.length == 1 ? "" : "s",
                    f->shortest  ? "no shorter word violates it"
                    : f->minimal ? "no symbol of it can be left out"
                                 : "a shorter one was not looked for to the end");
        rs_report_moments(text, rs_refinement_network(r), &f->word, f->outputs, 1, &mark, colour);
        break;
    }
    case RS_VERDICT_UNKNOWN:
        rs_text_add(text, "  not decided: ");
        rs_report_clean(text, f->reason);
        rs_text_add(text, "\n");
        break;
    }
    add_engines(text, &f->solver);
}

static rs_status add_verdict(rs_text *text, const rs_refinement *r, const rs_finding *f, const char *lengths,
                             bool colour) {
    static const char *const colours[] = {"32", "32", "31", "33"}; /* by rs_verdict: green, green, red, yellow */
    const rs_assumption *assumption = rs_property_assumption(f->property);
    rs_text_add(text, "VERDICT ");
    rs_report_clean(text, rs_property_name(f->property));
    rs_text_add(text, " ");
    rs_report_colour(text, colour, colours[f->verdict], rs_verdict_name(f->verdict));
    switch (f->verdict) {
    case RS_VERDICT_PROVED:
        rs_text_add(text, " words of every length\n");
        break;
    case RS_VERDICT_HOLDS:
        rs_text_add(text, " epsilon=");
        rs_report_bound(text, f->epsilon);
        rs_text_add(text, " delta=");
        rs_report_bound(text, f->delta);
        rs_text_add(text, " words=%zu lengths=%s exhaustive=%zu", f->words, lengths, f->exhaustive);
        if (assumption) rs_text_add(text, " drawn=%zu", f->drawn);
        rs_report_verdict_assuming(text, assumption ? rs_assumption_names(assumption) : NULL);
        rs_text_add(text, "\n");
        break;
    case RS_VERDICT_VIOLATED: {
        char *word = NULL;
        const rs_names *alphabet = rs_network_alphabet(rs_refinement_network(r));
        rs_status status = rs_word_format(&word, alphabet, f->word.symbols, f->word.length);
        if (status != RS_OK) return status;
        rs_text_add(text, " word: ");
        rs_report_clean(text, word);
        rs_text_add(text, "\n");
        free(word);
        break;
    }
    case RS_VERDICT_UNKNOWN:
        rs_text_add(text, " ");
        rs_report_clean(text, f->reason);
        rs_text_add(text, "\n");
        break;
    }
    return RS_OK;
}

rs_status rs_report_text(char **out, const rs_refinement *r, const rs_report_run *run) {
    rs_status status = RS_OK;
    char *lengths = NULL;
    rs_text text = {0};
    RS_TRY(rs_lengths_format(&lengths, rs_refinement_lengths(r)));
    RS_TRY(add_machine(&text, r, run, lengths));
    size_t count = rs_refinement_findings(r);
    const rs_network *net = rs_refinement_network(r);
    for (size_t i = 0; i < count; i++) {
        add_evidence(&text, r, rs_refinement_finding(r, i), lengths, run->colour);
        if (run->proofs && run->proofs[i]) rs_report_proof_evidence(&text, net, run->proofs[i], run->colour);
    }
    if (count) rs_text_add(&text, "\n");
    for (size_t i = 0; i < count; i++) {
        const rs_report_proof *p = run->proofs ? run->proofs[i] : NULL;
        if (p && p->verdict != RS_VERDICT_UNKNOWN) RS_TRY(rs_report_proof_verdict(&text, net, p, run->colour));
        else RS_TRY(add_verdict(&text, r, rs_refinement_finding(r, i), lengths, run->colour));
    }
    RS_TRY(rs_text_take(out, &text));
cleanup:
    rs_text_free(&text);
    free(lengths);
    return status;
}
