#include "verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "job.h"

typedef char reason_text[240];

/* A claim under one assumption: the first proof of its monitor that the checker accepts. What a file says besides is
 * looked at to say why there is none, and for nothing else. */
static rs_status judge_level(rs_report_proof *out, reason_text because, const rs_proofs *file, const claim *c,
                             const claim_level *level, const settings *s, const rs_network *net, verify_check *check,
                             const rs_context *ctx) {
    char digest[65], reason[160];
    bool found = false;
    *out = (rs_report_proof){.claim = rs_claim_name(c->kind),
                             .name = c->name,
                             .formula = c->formula,
                             .assuming = level->assuming,
                             .assuming_names = level->names,
                             .verdict = RS_VERDICT_UNKNOWN,
                             .reason = because};
    rs_status status = rs_monitor_sha256(digest, level->monitor);
    snprintf(because, sizeof(reason_text), "the certificate has no proof of it");
    for (size_t i = 0; status == RS_OK && i < rs_proofs_count(file) && out->verdict == RS_VERDICT_UNKNOWN; i++) {
        const rs_proof *p = rs_proofs_get(file, i);
        if (strcmp(p->monitor, digest) != 0) {
            if (!found && strcmp(p->name, c->name) == 0)
                snprintf(because, sizeof(reason_text), "the certificate's proof of this name is of something else");
            continue;
        }
        bool proved = false;
        found = true;
        status = check ? check(&proved, reason, s, c->name, &p->certificate, net, level->monitor, ctx)
                       : rs_certificate_check(&proved, reason, &p->certificate, net, level->monitor, NULL, ctx);
        if (status == RS_OK && proved) {
            out->verdict = RS_VERDICT_PROVED;
            out->certificate = &p->certificate;
        } else if (status == RS_OK) {
            snprintf(because, sizeof(reason_text), "the certificate is refused: %s", reason);
        }
    }
    return status;
}

/* Under the widest assumption that has a proof. */
static rs_status judge(rs_report_proof *out, reason_text because, const rs_proofs *file, const claim *c,
                       const settings *s, const rs_network *net, verify_check *check, const rs_context *ctx) {
    rs_status status = RS_OK;
    out->verdict = RS_VERDICT_UNKNOWN;
    for (size_t l = 0; l < c->level_count && status == RS_OK && out->verdict != RS_VERDICT_PROVED; l++)
        status = judge_level(out, because, file, c, &c->levels[l], s, net, check, ctx);
    return status;
}

static int judge_all(const settings *s, const rs_proofs *file, const claims *c, const rs_network *net,
                     verify_check *check) {
    rs_report_proof *proofs = calloc(c->count, sizeof *proofs);
    reason_text *reasons = calloc(c->count, sizeof *reasons);
    char *text = NULL, *json = NULL;
    int code = EXIT_HOLDS;
    double started = rs_now();
    rs_context ctx = job_context(s, NULL);
    rs_status status = proofs && reasons ? RS_OK : RS_EMEMORY;
    for (size_t i = 0; i < c->count && status == RS_OK; i++) {
        status = judge(&proofs[i], reasons[i], file, &c->items[i], s, net, check, &ctx);
        if (proofs[i].verdict != RS_VERDICT_PROVED) code = EXIT_INCONCLUSIVE;
    }
    rs_report_run run = {
        .command = "verify", .seed = s->seed, .seconds = rs_now() - started, .colour = console_colour()};
    if (status == RS_OK) status = rs_report_proofs_text(&text, net, c->count, proofs, &run);
    if (status == RS_OK) status = rs_report_proofs_json(&json, net, c->count, proofs, &run);
    if (status == RS_OK) status = job_write(s, json, text);
    free(text);
    free(json);
    free(proofs);
    free(reasons);
    return status == RS_OK ? code : console_fail(status);
}

int verify_run(const settings *s, size_t count, char **arguments, verify_check *check) {
    rs_network *net = NULL;
    rs_proofs *file = NULL;
    claims c = {0};
    int code = EXIT_HOLDS;
    rs_status status = rs_proofs_read(&file, arguments[0]);
    if (status == RS_OK) status = job_network(&net, s, arguments[1]);
    if (status == RS_OK) code = claims_read(&c, s, net, count - 2, arguments + 2);
    if (status == RS_OK && code == EXIT_HOLDS) code = judge_all(s, file, &c, net, check);
    claims_free(&c);
    rs_network_free(net);
    rs_proofs_free(file);
    return status == RS_OK ? code : console_fail(status);
}
