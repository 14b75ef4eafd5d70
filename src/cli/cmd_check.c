#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "job.h"
#include "rnnsafe/exchange.h"

static rs_status write_word(const char *folder, const char *name, const rs_word *w, const rs_names *alphabet) {
    char *word = NULL, *line = NULL;
    rs_status status = rs_word_format(&word, alphabet, w->symbols, w->length);
    if (status == RS_OK && !(line = malloc(strlen(word) + 2))) status = RS_EMEMORY;
    if (status == RS_OK) {
        snprintf(line, strlen(word) + 2, "%s\n", word);
        status = job_write_beside(folder, name, ".word", line);
    }
    free(word);
    free(line);
    return status;
}

/* With what the search for proofs found out. */
static rs_verdict verdict(const job *j, size_t i) {
    bool asked = j->proofs && j->proofs[i] && j->proofs[i]->verdict != RS_VERDICT_UNKNOWN;
    return asked ? j->proofs[i]->verdict : rs_refinement_finding(j->refinement, i)->verdict;
}

static rs_status write_certificate(const char *folder, const job *j) {
    size_t size = strlen(folder) + sizeof "/certificate.xml";
    char *path = malloc(size);
    if (!path) return RS_EMEMORY;
    snprintf(path, size, "%s/certificate.xml", folder);
    rs_status status = proving_write(&j->proving, path, j->net);
    free(path);
    return status;
}

static rs_status write_folder(const char *folder, const job *j) {
    const rs_automaton *a = rs_refinement_automaton(j->refinement);
    char *dot = NULL, *xml = NULL;
    rs_status status = rs_exchange_write(&dot, "dot", a, NULL);
    if (status == RS_OK) status = rs_exchange_write(&xml, "xml", a, NULL);
    if (status == RS_OK) status = job_write_beside(folder, "report", ".json", j->json);
    if (status == RS_OK) status = job_write_beside(folder, "automaton", ".dot", dot);
    if (status == RS_OK) status = job_write_beside(folder, "automaton", ".xml", xml);
    for (size_t i = 0; i < rs_refinement_findings(j->refinement) && status == RS_OK; i++) {
        const rs_finding *f = rs_refinement_finding(j->refinement, i);
        const rs_report_proof *p = j->proofs ? j->proofs[i] : NULL;
        const rs_word *w = p ? p->word : &f->word;
        const char *name = rs_property_name(f->property);
        if (verdict(j, i) == RS_VERDICT_VIOLATED) status = write_word(folder, name, w, rs_network_alphabet(j->net));
        else status = job_write_beside(folder, name, ".word", NULL); /* an older run's */
    }
    if (status == RS_OK) status = write_certificate(folder, j);
    free(dot);
    free(xml);
    return status;
}

static rs_status write_smt(const char *folder, const job *j) {
    rs_status status = RS_OK;
    for (size_t i = 0; i < rs_refinement_findings(j->refinement) && status == RS_OK; i++) {
        const rs_finding *f = rs_refinement_finding(j->refinement, i);
        const char *name = rs_property_name(f->property);
        char *chc = NULL, *bmc = NULL;
        status = rs_solver_smt(&chc, &bmc, rs_refinement_automaton(j->refinement), rs_property_monitor(f->property),
                               f->solver.depth);
        if (status == RS_OK) status = job_write_beside(folder, name, ".chc.smt2", chc);
        if (status == RS_OK) status = job_write_beside(folder, name, ".bmc.smt2", bmc);
        free(chc);
        free(bmc);
    }
    return status;
}

static int exit_code(const job *j) {
    int code = EXIT_HOLDS;
    for (size_t i = 0; i < rs_refinement_findings(j->refinement); i++) {
        rs_verdict v = verdict(j, i);
        if (v == RS_VERDICT_VIOLATED) return EXIT_VIOLATED;
        if (v == RS_VERDICT_UNKNOWN || (v == RS_VERDICT_HOLDS && j->proofs)) code = EXIT_INCONCLUSIVE;
    }
    return code;
}

int cmd_check(const settings *s, size_t count, char **arguments) {
    if (!job_make_folder(s->output) || !job_make_folder(s->dump_smt)) return EXIT_BAD_INPUT;
    job j = {0};
    int code = job_run(&j, "check", s, arguments[0], count - 1, (const char *const *)arguments + 1);
    if (code != EXIT_HOLDS) return code;
    rs_status status = s->output ? write_folder(s->output, &j) : RS_OK;
    if (status == RS_OK && s->dump_smt) status = write_smt(s->dump_smt, &j);
    if (status == RS_OK) status = job_write(s, j.json, j.text);
    code = status == RS_OK ? exit_code(&j) : console_fail(status);
    job_free(&j);
    return code;
}
