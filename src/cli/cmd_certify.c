/* certify: a proof or a word for every claim, and the proofs in a file for verify. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "console.h"
#include "job.h"

typedef struct findings {
    rs_certify_result *results; /* [count] */
    uint32_t **outputs;         /* [count]: of the words */
    size_t count;               /* that were looked for */
    rs_report_proof *reports;   /* [count] */
    rs_proof *proofs;           /* [proved] */
    size_t proved;
} findings;

static void findings_free(findings *f) {
    for (size_t i = 0; i < f->count; i++) {
        rs_certify_result_clear(&f->results[i]);
        free(f->outputs[i]);
    }
    free(f->results);
    free(f->outputs);
    free(f->reports);
    free(f->proofs);
}

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

/* Time that is left is shared among the claims that are left. */
static rs_status search(rs_certify_result *out, const settings *s, const rs_network *net, const rs_automaton *known,
                        const claim *c, size_t left, const rs_context *ctx) {
    rs_certify_options options = {.eps = s->eps, .guide = known, .headroom = true};
    if (ctx->deadline > 0) {
        double seconds = (ctx->deadline - rs_now()) / (double)left;
        options.seconds = seconds > 0.001 ? seconds : 0.001;
    }
    return rs_certify(out, net, c->monitor, &options, ctx);
}

/* What is said of a claim, and its proof. */
static rs_status conclude(findings *f, size_t i, const rs_network *net, const claim *c, const rs_context *ctx) {
    static const rs_verdict verdicts[] = {RS_VERDICT_PROVED, RS_VERDICT_VIOLATED, RS_VERDICT_UNKNOWN};
    const rs_certify_result *r = &f->results[i];
    const rs_word *w = &r->word;
    rs_status status = RS_OK;
    f->reports[i] = (rs_report_proof){.claim = rs_claim_name(c->kind),
                                      .name = c->name,
                                      .formula = c->formula,
                                      .verdict = verdicts[r->verdict],
                                      .certificate = &r->certificate,
                                      .headroom = r->headroom,
                                      .method = *r->method ? r->method : NULL,
                                      .word = w,
                                      .reason = r->reason};
    if (r->verdict == RS_CERTIFY_PROVED) {
        rs_proof *p = &f->proofs[f->proved++];
        *p = (rs_proof){.claim = c->kind, .name = c->name, .formula = c->formula, .certificate = r->certificate};
        status = rs_monitor_sha256(p->monitor, c->monitor);
    }
    if (r->verdict != RS_CERTIFY_VIOLATED) return status;
    if (!(f->outputs[i] = calloc(w->length + 1, sizeof *f->outputs[i]))) return RS_EMEMORY;
    f->reports[i].outputs = f->outputs[i];
    return rs_network_run(net, w->symbols, w->length, f->outputs[i], NULL, ctx);
}

static rs_status prove(findings *f, const settings *s, const rs_network *net, const claims *c, const rs_context *ctx) {
    guide g = {0};
    f->results = calloc(c->count, sizeof *f->results);
    f->outputs = calloc(c->count, sizeof *f->outputs);
    f->reports = calloc(c->count, sizeof *f->reports);
    f->proofs = calloc(c->count, sizeof *f->proofs);
    if (!f->results || !f->outputs || !f->reports || !f->proofs) return RS_EMEMORY;
    rs_status status = c->automaton ? RS_OK : guide_find(&g, s, net, ctx);
    const rs_automaton *known = c->automaton ? c->automaton : guide_automaton(&g);
    for (size_t i = 0; i < c->count && status == RS_OK; i++) {
        status = search(&f->results[i], s, net, known, &c->items[i], c->count - i, ctx);
        if (status == RS_OK) status = conclude(f, f->count++, net, &c->items[i], ctx);
    }
    guide_free(&g);
    return status;
}

static rs_status write_proofs(const findings *f, const char *path, const rs_network *net) {
    rs_proof_network about;
    char *text = NULL;
    if (!path) return RS_OK;
    if (!f->proved) {
        console_note("nothing is proved: no certificate is written\n");
        return RS_OK;
    }
    rs_proof_network_of(&about, net);
    rs_status status = rs_proofs_write(&text, &about, f->proved, f->proofs);
    if (status == RS_OK) status = rs_file_write(path, text, strlen(text));
    free(text);
    return status;
}

static int exit_code(const findings *f) {
    int code = EXIT_HOLDS;
    for (size_t i = 0; i < f->count; i++) {
        if (f->reports[i].verdict == RS_VERDICT_VIOLATED) return EXIT_VIOLATED;
        if (f->reports[i].verdict == RS_VERDICT_UNKNOWN) code = EXIT_INCONCLUSIVE;
    }
    return code;
}

static int certify(const settings *s, const rs_network *net, const claims *c) {
    findings f = {0};
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
    if (status == RS_OK) status = write_proofs(&f, s->output, net);
    if (status == RS_OK) status = rs_report_proofs_text(&text, net, f.count, f.reports, &run);
    if (status == RS_OK) status = rs_report_proofs_json(&json, net, f.count, f.reports, &run);
    if (status == RS_OK) status = job_write(s, json, text);
    int code = status == RS_OK ? exit_code(&f) : console_fail(status);
    free(text);
    free(json);
    findings_free(&f);
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
