#include "prove.h"

#include <stdlib.h>
#include <string.h>

rs_status proving_new(proving *out, size_t capacity) {
    proving p = {.results = calloc(capacity, sizeof *p.results),
                 .outputs = calloc(capacity, sizeof *p.outputs),
                 .reports = calloc(capacity, sizeof *p.reports),
                 .proofs = calloc(capacity, sizeof *p.proofs)};
    *out = p;
    return p.results && p.outputs && p.reports && p.proofs ? RS_OK : RS_EMEMORY;
}

void proving_free(proving *p) {
    for (size_t i = 0; i < p->count; i++) {
        rs_certify_result_clear(&p->results[i]);
        free(p->outputs[i]);
    }
    free(p->results);
    free(p->outputs);
    free(p->reports);
    free(p->proofs);
    *p = (proving){0};
}

/* What is said of the claim that was added last, and its proof. */
static rs_status conclude(proving *f, const rs_network *net, const claim *c, const rs_context *ctx) {
    static const rs_verdict verdicts[] = {RS_VERDICT_PROVED, RS_VERDICT_VIOLATED, RS_VERDICT_UNKNOWN};
    size_t i = f->count - 1;
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

rs_status proving_add(proving *p, const claim *c, const rs_network *net, const rs_automaton *guide, double eps,
                      size_t left, const rs_context *ctx) {
    rs_certify_options options = {.eps = eps, .guide = guide, .headroom = true};
    if (ctx->deadline > 0) {
        double seconds = (ctx->deadline - rs_now()) / (double)left;
        options.seconds = seconds > 0.001 ? seconds : 0.001;
    }
    rs_status status = rs_certify(&p->results[p->count], net, c->monitor, &options, ctx);
    if (status != RS_OK) return status;
    p->count++;
    return conclude(p, net, c, ctx);
}

rs_status proving_write(const proving *p, const char *path, const rs_network *net) {
    rs_proof_network about;
    char *text = NULL;
    if (!p->proved) return RS_OK;
    rs_proof_network_of(&about, net);
    rs_status status = rs_proofs_write(&text, &about, p->proved, p->proofs);
    if (status == RS_OK) status = rs_file_write(path, text, strlen(text));
    free(text);
    return status;
}
