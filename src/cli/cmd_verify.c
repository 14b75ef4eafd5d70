/* The command verify: the checker, and Z3 on the finite part of what it accepts. */
#include <stdio.h>
#include <stdlib.h>

#include "console.h"
#include "job.h"
#include "verify.h"

#define TIMEOUT 60 /* seconds, for Z3 */

static void not_confirmed(const char *name, const char *why) {
    char note[400];
    snprintf(note, sizeof note, "%.100s: Z3 does not confirm the finite part: %.200s\n", name, why);
    console_note(note);
}

/* Z3 on the finite part. */
static rs_status confirm(const settings *s, const char *name, const rs_proof_graph *graph, const rs_monitor *monitor,
                         const rs_context *ctx) {
    char *smt = NULL, why[96];
    bool confirmed = true;
    rs_status status = rs_solver_proof_smt(&smt, graph, monitor);
    if (status == RS_EUSAGE && !s->dump_smt) { /* too large: the checker's word stands alone */
        not_confirmed(name, rs_error_message());
        return RS_OK;
    }
    if (status == RS_OK && s->dump_smt) status = job_write_beside(s->dump_smt, name, ".proof.smt2", smt);
    if (status == RS_OK) status = rs_solver_proof_confirm(&confirmed, why, smt, TIMEOUT, ctx);
    if (status == RS_OK && !confirmed) not_confirmed(name, why);
    free(smt);
    return status;
}

static rs_status check(bool *proved, char reason[160], const settings *s, const char *name,
                       const rs_certificate *certificate, const rs_network *net, const rs_monitor *monitor,
                       const rs_context *ctx) {
    rs_proof_graph graph = {0};
    rs_status status = rs_certificate_graph(proved, reason, &graph, certificate, net, monitor, ctx);
    if (status == RS_OK && *proved) status = confirm(s, name, &graph, monitor, ctx);
    rs_proof_graph_clear(&graph);
    return status;
}

int cmd_verify(const settings *s, size_t count, char **arguments) {
    if (!job_make_folder(s->dump_smt)) return EXIT_BAD_INPUT;
    return verify_run(s, count, arguments, check);
}
