/* The finite part of certificates, and what Z3 says of it. */
#include <stdlib.h>
#include <string.h>

#include "certify/refute.h"
#include "rnnsafe/certify.h"
#include "support/latch.h"

static rs_certificate certificate_of(const rs_network *net) {
    const rs_certify_options options = {.seconds = 20};
    rs_certify_result r = {0};
    CHECK_OK(rs_certify(&r, net, equal, &options, NULL));
    CU_ASSERT_EQUAL_FATAL(r.verdict, RS_CERTIFY_PROVED);
    rs_certificate z = r.certificate;
    r.certificate = (rs_certificate){0};
    rs_certify_result_clear(&r);
    return z;
}

static void free_certificate(rs_certificate *z) {
    rs_certify_result r = {.certificate = *z};
    rs_certify_result_clear(&r);
}

static void accepted_ones_are_confirmed(void) {
    static const rs_cell cells[] = {RS_CELL_TANH, RS_CELL_GRU, RS_CELL_LSTM};
    setup();
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        rs_network *net = latch(cells[i], 8, 0);
        rs_certificate z = certificate_of(net);
        rs_proof_graph g = {0};
        char *smt = NULL, why[96], reason[160];
        bool confirmed = false, proved = false;
        CHECK_OK(rs_certificate_graph(&proved, reason, &g, &z, net, equal, NULL));
        CU_ASSERT_TRUE_FATAL(proved);
        size_t inner = 0;
        for (size_t h = 0; h < z.hint_count; h++) inner += z.hints[h] == RS_CERTIFY_EXPAND;
        CU_ASSERT(g.regions == z.regions && g.start == z.start && g.nodes == z.regions + inner);
        CU_ASSERT(g.edges >= z.hint_count);
        CHECK_OK(rs_solver_proof_smt(&smt, &g, equal));
        CHECK_OK(rs_solver_proof_confirm(&confirmed, why, smt, 20, NULL));
        CU_ASSERT(confirmed);
        /* As if a region had another state of the monitor. */
        free(smt);
        g.monitor[z.start] = 1;
        CHECK_OK(rs_solver_proof_smt(&smt, &g, equal));
        CHECK_FAILS(rs_solver_proof_confirm(&confirmed, why, smt, 20, NULL), RS_EINTERNAL, "finite part");
        free(smt);
        rs_proof_graph_clear(&g);
        free_certificate(&z);
        rs_network_free(net);
    }
}

/* What the checker does not accept has none. */
static void others_have_none(void) {
    setup();
    rs_network *net = latch(RS_CELL_TANH, 8, 0);
    rs_certificate z = certificate_of(net), worse[3] = {z, z, z};
    rs_proof_graph g = {0};
    char reason[160];
    bool proved = true;
    worse[0].hint_count--;
    worse[1].depth = 0;
    worse[2].start = z.regions;
    for (size_t i = 0; i < 3; i++) {
        CHECK_OK(rs_certificate_graph(&proved, reason, &g, &worse[i], net, equal, NULL));
        CU_ASSERT(!proved && reason[0] && !g.edge && !g.monitor);
    }
    static const volatile sig_atomic_t raised = 1;
    const rs_context ctx = {.seed = 1, .interrupt = &raised};
    CHECK_FAILS(rs_certificate_graph(&proved, reason, &g, &z, net, equal, &ctx), RS_EINTERRUPTED, "");
    free_certificate(&z);
    rs_network_free(net);
}

typedef struct sweep {
    const rs_network *net;
    const rs_certificate *z;
} sweep;

static rs_status run(void *user) {
    const sweep *s = user;
    rs_proof_graph g = {0};
    char *smt = NULL, reason[160];
    bool proved = false;
    rs_status status = rs_certificate_graph(&proved, reason, &g, s->z, s->net, equal, NULL);
    if (status == RS_OK) CU_ASSERT(proved);
    if (status == RS_OK) status = rs_solver_proof_smt(&smt, &g, equal);
    rs_proof_graph_clear(&g);
    free(smt);
    return status;
}

static void without_memory(void) {
    setup();
    rs_network *net = latch(RS_CELL_TANH, 8, 0);
    rs_certificate z = certificate_of(net);
    sweep s = {net, &z};
    unit_allocation_sweep(run, &s, 500);
    free_certificate(&z);
    rs_network_free(net);
}

static const unit_test tests[] = {
    {"accepted ones are confirmed", accepted_ones_are_confirmed},
    {"others have none", others_have_none},
    {"without memory", without_memory},
};

int main(void) {
    int code = unit_main("certify_graph", tests, sizeof tests / sizeof *tests);
    teardown();
    return code;
}
