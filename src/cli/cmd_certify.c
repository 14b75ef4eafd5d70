/* certify: a proof or a word for every claim, and the proofs in a file for verify. */
#include <stdlib.h>

#include "console.h"
#include "job.h"
#include "prove.h"

/* What tells states apart that the monitor does not: an automaton that is given, or else what extract finds in at most
 * a quarter of the time. */
typedef struct guide {
    rs_automaton *given;
    rs_refinement *extracted;
} guide;

static rs_status guide_find(guide *out, const settings *s, const rs_network *net, const rs_context *ctx) {
    rs_refine_options options = {0};
    rs_context some = *ctx;
    if (s->guide) return rs_automaton_read(&out->given, s->guide, rs_network_alphabet(net), NULL);
    if (ctx->deadline > 0) some.deadline = rs_now() + (ctx->deadline - rs_now()) / 4;
    return rs_refine(&out->extracted, net, NULL, &options, &some);
}

static const rs_automaton *guide_automaton(const guide *g) {
    return g->extracted ? rs_refinement_automaton(g->extracted) : g->given;
}

static void guide_free(guide *g) {
    rs_automaton_free(g->given);
    rs_refinement_free(g->extracted);
}

static int exit_code(const proving *f) {
    int code = EXIT_HOLDS;
    for (size_t i = 0; i < f->count; i++) {
        if (f->reports[i].verdict == RS_VERDICT_VIOLATED) return EXIT_VIOLATED;
        if (f->reports[i].verdict == RS_VERDICT_UNKNOWN) code = EXIT_INCONCLUSIVE;
    }
    return code;
}

static rs_status prove(proving *f, const settings *s, const rs_network *net, const claims *c, const rs_context *ctx) {
    guide g = {0};
    rs_bounded_options bounded = {.length = s->bound, .words = s->hold_words, .delta = s->delta};
    rs_status status = rs_lengths_parse(&bounded.lengths, s->lengths);
    if (status == RS_OK) status = proving_new(f, c->count);
    if (status == RS_OK && !c->automaton) status = guide_find(&g, s, net, ctx);
    for (size_t i = 0; i < c->count && status == RS_OK; i++) {
        proving_options options = {.eps = s->eps,
                                   .guide = c->automaton ? c->automaton : guide_automaton(&g),
                                   .bounded = &bounded,
                                   .lengths = s->lengths};
        status = proving_add(f, &c->items[i], net, &options, c->count - i, ctx);
    }
    guide_free(&g);
    return status;
}

static int certify(const settings *s, const rs_network *net, const claims *c) {
    proving f = {0};
    char *text = NULL, *json = NULL;
    atomic_uint_fast64_t steps = 0;
    double started = rs_now();
    rs_context ctx = job_context(s, &steps);
    rs_status status = prove(&f, s, net, c, &ctx);
    rs_report_run run = {.command = "certify",
                         .seed = s->seed,
                         .network_steps = steps,
                         .seconds = rs_now() - started,
                         .colour = console_colour()};
    if (status == RS_OK && s->output) {
        if (!f.proved) console_note("nothing is proved: no certificate is written\n");
        status = proving_write(&f, s->output, net);
    }
    if (status == RS_OK) status = rs_report_proofs_text(&text, net, f.count, f.reports, &run);
    if (status == RS_OK) status = rs_report_proofs_json(&json, net, f.count, f.reports, &run);
    if (status == RS_OK) status = job_write(s, json, text);
    int code = status == RS_OK ? exit_code(&f) : console_fail(status);
    free(text);
    free(json);
    proving_free(&f);
    return code;
}

int cmd_certify(const settings *s, size_t count, char **arguments) {
    rs_network *net = NULL;
    claims c = {0};
    rs_status status = job_network(&net, s, arguments[0]);
    int code = status == RS_OK ? claims_read(&c, s, net, count - 1, arguments + 1) : console_fail(status);
    if (code == EXIT_HOLDS) code = certify(s, net, &c);
    claims_free(&c);
    rs_network_free(net);
    return code;
}
