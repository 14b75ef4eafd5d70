/* The job of extract and check. */
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "job.h"
#include "rnnsafe/exchange.h"

/* Properties of which no violation was found are certified, with the last automaton as the guide. */
static rs_status prove(job *j, const rs_context *ctx) {
    const rs_automaton *a = rs_refinement_automaton(j->refinement);
    size_t count = rs_refinement_findings(j->refinement), left = 0;
    rs_status status = proving_new(&j->proving, count);
    if (status == RS_OK && !(j->proofs = calloc(count, sizeof *j->proofs))) status = RS_EMEMORY;
    for (size_t i = 0; i < count; i++) left += rs_refinement_finding(j->refinement, i)->verdict == RS_VERDICT_HOLDS;
    for (size_t i = 0; i < count && status == RS_OK; i++) {
        const rs_finding *f = rs_refinement_finding(j->refinement, i);
        claim_level level = claim_level_of(f->property);
        claim c = {.kind = RS_CLAIM_PROPERTY,
                   .name = rs_property_name(f->property),
                   .formula = rs_property_formula(f->property),
                   .levels = &level,
                   .level_count = 1};
        if (f->verdict != RS_VERDICT_HOLDS) continue;
        status = proving_add(&j->proving, &c, j->net, &(proving_options){.guide = a}, left--, ctx);
        if (status == RS_OK) j->proofs[i] = &j->proving.reports[j->proving.count - 1];
    }
    return status;
}

static rs_status refine(job *j, const char *name, const settings *s) {
    double started = rs_now();
    atomic_uint_fast64_t steps = 0;
    rs_context ctx = job_context(s, &steps);
    rs_refine_options options = {.cluster = s->cluster,
                                 .clustering = {.clusters = s->clusters},
                                 .words = s->words,
                                 .test_words = s->test_words,
                                 .hold_words = s->hold_words,
                                 .memory = s->memory,
                                 .delta = s->delta,
                                 .max_rounds = s->max_rounds,
                                 .max_clusters = s->max_clusters,
                                 .max_steps = s->max_steps,
                                 .passive = s->passive != 0};
    rs_words *words = NULL;
    rs_status status = rs_lengths_parse(&options.lengths, s->lengths);
    if (status == RS_OK && s->word_file) status = rs_words_read(&words, rs_network_alphabet(j->net), s->word_file);
    options.given = words;
    if (status == RS_OK) status = rs_refine(&j->refinement, j->net, j->properties, &options, &ctx);
    rs_words_free(words);
    if (status == RS_OK && s->require && strcmp(s->require, "proof") == 0) status = prove(j, &ctx);
    if (status != RS_OK) return status;
    rs_report_run run = {.command = name,
                         .seed = s->seed,
                         .network_steps = steps,
                         .seconds = rs_now() - started,
                         .truth = j->truth,
                         .proofs = j->proofs,
                         .colour = console_colour()};
    status = rs_report_text(&j->text, j->refinement, &run);
    return status == RS_OK ? rs_report_json(&j->json, j->refinement, &run) : status;
}

int job_run(job *out, const char *name, const settings *s, const char *network, size_t count,
            const char *const *properties) {
    job j = {0};
    int code = EXIT_HOLDS;
    rs_status status = job_network(&j.net, s, network);
    if (status == RS_OK && s->truth) status = rs_automaton_read(&j.truth, s->truth, rs_network_alphabet(j.net), NULL);
    if (status == RS_OK && count) code = job_properties(&j.properties, j.net, count, properties);
    if (status == RS_OK && code == EXIT_HOLDS) status = refine(&j, name, s);
    if (status != RS_OK) code = console_fail(status);
    if (code == EXIT_HOLDS) *out = j;
    else job_free(&j);
    return code;
}

void job_free(job *j) {
    proving_free(&j->proving);
    free(j->proofs);
    rs_refinement_free(j->refinement);
    rs_automaton_free(j->truth);
    rs_properties_free(j->properties);
    rs_network_free(j->net);
    free(j->text);
    free(j->json);
    *j = (job){0};
}
