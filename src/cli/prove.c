#include "prove.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEARCH_SHARE 0.8 /* of a claim's time; the rest is for what can be said without a proof */

static const rs_verdict verdicts[] = {RS_VERDICT_PROVED, RS_VERDICT_VIOLATED, RS_VERDICT_UNKNOWN};

rs_status proving_new(proving *out, size_t capacity) {
    proving p = {.attempts = calloc(capacity, sizeof *p.attempts),
                 .reports = calloc(capacity, sizeof *p.reports),
                 .proofs = calloc(capacity, sizeof *p.proofs)};
    *out = p;
    return p.attempts && p.reports && p.proofs ? RS_OK : RS_EMEMORY;
}

static void free_attempt(attempt *a) {
    for (size_t i = 0; i < a->count; i++) rs_certify_result_clear(&a->results[i]);
    free(a->results);
    free(a->wider);
    free(a->outputs);
    free(a->formula);
    rs_bounded_clear(&a->bounded);
}

void proving_free(proving *p) {
    for (size_t i = 0; i < p->count; i++) free_attempt(&p->attempts[i]);
    free(p->attempts);
    free(p->reports);
    free(p->proofs);
    *p = (proving){0};
}

/* From the widest assumption on, until one goes through. */
static rs_status search(attempt *a, const claim *c, const rs_network *net, const proving_options *o, size_t left,
                        const rs_context *ctx) {
    rs_status status = RS_OK;
    a->results = calloc(c->level_count, sizeof *a->results);
    a->wider = calloc(c->level_count, sizeof *a->wider);
    if (!a->results || !a->wider) return RS_EMEMORY;
    for (size_t l = 0; l < c->level_count && status == RS_OK; l++) {
        rs_certify_options options = {.eps = o->eps, .guide = o->guide, .headroom = true};
        rs_certify_result *r = &a->results[l];
        rs_context some = *ctx;
        if (ctx->deadline > 0) {
            double share = (ctx->deadline - rs_now()) / (double)(left * (c->level_count - l));
            options.seconds = fmax(share * (o->bounded ? SEARCH_SHARE : 1), 0.001);
            some.deadline = rs_now() + options.seconds; /* on a busy machine, too */
        }
        status = rs_certify(r, net, c->levels[l].monitor, &options, &some);
        if (status != RS_OK) break;
        a->count++;
        a->wider[l] = (struct rs_report_wider){c->levels[l].assuming, verdicts[r->verdict], &r->word, r->reason};
        if (r->verdict == RS_CERTIFY_PROVED) break;
    }
    return status;
}

/* What can be said of the last level besides. */
static rs_status bound(attempt *a, const claim *c, const rs_network *net, const rs_bounded_options *given, size_t left,
                       const rs_context *ctx) {
    const claim_level *level = &c->levels[a->count - 1];
    rs_bounded_options o = *given;
    rs_context some = *ctx;
    o.proved = a->results[a->count - 1].verdict == RS_CERTIFY_PROVED;
    if (o.proved) o.words = 0;
    o.assumptions[0] = c->assumption;
    o.assumptions[1] = level->assumption;
    if (ctx->deadline > 0) some.deadline = rs_now() + (ctx->deadline - rs_now()) / (double)left;
    return rs_bounded_check(&a->bounded, net, level->monitor, &o, &some);
}

/* For people who read a certificate. */
static char *assuming_formula(const char *formula, const char *assuming) {
    size_t size = strlen(formula) + sizeof ", assuming " + strlen(assuming);
    char *text = malloc(size);
    if (text) snprintf(text, size, "%s, assuming %s", formula, assuming);
    return text;
}

/* What is said of the claim, and its proof. */
static rs_status conclude(proving *f, const rs_network *net, const claim *c, const proving_options *o,
                          const rs_context *ctx) {
    size_t i = f->count - 1;
    attempt *a = &f->attempts[i];
    const claim_level *level = &c->levels[a->count - 1];
    const rs_certify_result *r = &a->results[a->count - 1];
    rs_report_proof *report = &f->reports[i];
    rs_status status = RS_OK;
    *report = (rs_report_proof){.claim = rs_claim_name(c->kind),
                                .name = c->name,
                                .formula = c->formula,
                                .assuming = level->assuming,
                                .assuming_names = level->names,
                                .verdict = verdicts[r->verdict],
                                .certificate = &r->certificate,
                                .headroom = r->eps > 0 ? r->headroom / r->eps : 0,
                                .method = *r->method ? r->method : NULL,
                                .word = &r->word,
                                .reason = r->reason,
                                .wider = a->wider,
                                .wider_count = a->count - 1,
                                .bounded = a->bounded.end ? &a->bounded : NULL,
                                .lengths = o->lengths};
    if (a->bounded.violated) {
        report->verdict = RS_VERDICT_VIOLATED;
        report->word = &a->bounded.word;
        report->method = strcmp(a->bounded.end, "word") == 0 ? "all words up to its length" : "random words";
    }
    if (r->verdict == RS_CERTIFY_PROVED) {
        rs_proof *p = &f->proofs[f->proved++];
        *p = (rs_proof){.claim = c->kind, .name = c->name, .formula = c->formula, .certificate = r->certificate};
        if (c->formula && level->assuming && !(p->formula = a->formula = assuming_formula(c->formula, level->assuming)))
            return RS_EMEMORY;
        status = rs_monitor_sha256(p->monitor, level->monitor);
    }
    if (report->verdict != RS_VERDICT_VIOLATED) return status;
    if (!(a->outputs = calloc(report->word->length + 1, sizeof *a->outputs))) return RS_EMEMORY;
    report->outputs = a->outputs;
    return rs_network_run(net, report->word->symbols, report->word->length, a->outputs, NULL, ctx);
}

rs_status proving_add(proving *p, const claim *c, const rs_network *net, const proving_options *o, size_t left,
                      const rs_context *ctx) {
    attempt *a = &p->attempts[p->count++];
    rs_status status = search(a, c, net, o, left, ctx);
    if (status != RS_OK) return status;
    rs_certify_verdict verdict = a->results[a->count - 1].verdict;
    bool asked = o->bounded && (verdict == RS_CERTIFY_UNKNOWN || (verdict == RS_CERTIFY_PROVED && o->bounded->length));
    if (asked) status = bound(a, c, net, o->bounded, left, ctx);
    return status == RS_OK ? conclude(p, net, c, o, ctx) : status;
}

static rs_proofs_form form_of(const char *path) {
    static const char ending[] = ".compact";
    size_t length = strlen(path), wanted = strlen(ending);
    return length > wanted && strcmp(path + length - wanted, ending) == 0 ? RS_PROOFS_COMPACT : RS_PROOFS_XML;
}

rs_status proving_write(const proving *p, const char *path, const rs_network *net) {
    rs_proof_network about;
    char *bytes = NULL;
    size_t length = 0;
    if (!p->proved) return RS_OK;
    rs_proof_network_of(&about, net);
    rs_status status = rs_proofs_write(&bytes, &length, form_of(path), &about, p->proved, p->proofs);
    if (status == RS_OK) status = rs_file_write(path, bytes, length);
    free(bytes);
    return status;
}
