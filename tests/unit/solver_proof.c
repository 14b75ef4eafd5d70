/* The finite part of a proof as SMT-LIB 2: Z3 against a plain reading of the definition, on random graphs that are
 * nearly proofs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "rnnsafe/solver.h"
#include "support/unit.h"

#define NODES 6
#define SYMBOLS 2
#define CLASSES 2

static rs_properties *list;
static const rs_monitor *monitor;

/* Once the output was r it stays r until b is read, after which nothing is claimed: live, bad and safe states. */
static void setup(void) {
    static const char text[] = "p: !(in=a & out=q & Y (out=r & H !b)) \n";
    rs_names *alphabet = NULL, *outputs = NULL;
    if (list) return;
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "a b"));
    CHECK_OK(rs_names_parse(&outputs, "outputs", "q r"));
    CHECK_OK(rs_properties_parse(&list, text, sizeof text - 1, "t", alphabet, outputs));
    monitor = rs_property_monitor(rs_properties_get(list, 0));
    rs_names_free(alphabet);
    rs_names_free(outputs);
    size_t safe = 0, bad = 0;
    for (size_t q = 0; q < rs_monitor_states(monitor); q++) {
        safe += rs_monitor_safe(monitor, q);
        bad += rs_monitor_bad(monitor, q);
    }
    CU_ASSERT_FATAL(safe == 1 && bad == 1 && rs_monitor_states(monitor) >= 4);
}

static bool is_proof(const rs_proof_graph *g) {
    bool followed[NODES][SYMBOLS] = {{false}};
    if (g->start >= g->regions || g->monitor[g->start] != 0) return false;
    for (size_t e = 0; e < g->edges; e++) {
        const rs_proof_edge *x = &g->edge[e];
        uint32_t to = rs_monitor_next(monitor, g->monitor[x->from], x->symbol, x->class);
        followed[x->from][x->symbol] = true;
        if (x->to == RS_PROOF_LEFT ? !rs_monitor_safe(monitor, to) : x->to >= g->nodes || g->monitor[x->to] != to)
            return false;
    }
    for (size_t n = 0; n < g->nodes; n++) {
        if (rs_monitor_bad(monitor, g->monitor[n])) return false;
        for (size_t s = 0; s < SYMBOLS; s++)
            if (!followed[n][s] && !rs_monitor_safe(monitor, g->monitor[n])) return false;
    }
    return true;
}

/* A proof: for every state of the monitor a node or two, and edges that are right where there is one. */
static void random_proof(rs_proof_graph *g, rs_random *r) {
    size_t states = rs_monitor_states(monitor);
    g->nodes = 0;
    g->edges = 0;
    for (uint32_t q = 0; q < states && g->nodes < NODES; q++)
        if (!rs_monitor_bad(monitor, q)) g->monitor[g->nodes++] = q;
    while (g->nodes < NODES) {
        uint32_t q = (uint32_t)rs_random_below(r, states);
        if (!rs_monitor_bad(monitor, q)) g->monitor[g->nodes++] = q;
    }
    g->regions = 1 + rs_random_below(r, NODES);
    g->start = 0;
    for (uint32_t n = 0; n < g->nodes; n++)
        for (uint32_t s = 0; s < SYMBOLS; s++)
            for (uint32_t c = 0; c < CLASSES; c++) {
                uint32_t to = rs_monitor_next(monitor, g->monitor[n], s, c), node = (uint32_t)rs_random_below(r, NODES);
                if (rs_monitor_bad(monitor, to)) continue;
                while (g->monitor[node] != to) node = (node + 1) % NODES;
                if (rs_monitor_safe(monitor, to) && rs_random_below(r, 2)) node = RS_PROOF_LEFT;
                g->edge[g->edges++] = (rs_proof_edge){n, s, c, node};
            }
}

static void mutate(rs_proof_graph *g, rs_random *r) {
    rs_proof_edge *edge = &g->edge[rs_random_below(r, g->edges)];
    switch (rs_random_below(r, 8)) {
    case 0:
        g->start = rs_random_below(r, NODES);
        break;
    case 1:
        g->regions = rs_random_below(r, NODES);
        break;
    case 2:
        g->monitor[rs_random_below(r, NODES)] = (uint32_t)rs_random_below(r, rs_monitor_states(monitor));
        break;
    case 3:
        edge->to = (uint32_t)rs_random_below(r, NODES + 1);
        break;
    case 4:
        edge->to = RS_PROOF_LEFT;
        break;
    case 5: /* a class more, or another one */
        edge->class = (uint32_t)rs_random_below(r, CLASSES);
        break;
    default: { /* some symbol is not followed */
        size_t kept = 0, from = edge->from, symbol = edge->symbol;
        for (size_t e = 0; e < g->edges; e++)
            if (g->edge[e].from != from || g->edge[e].symbol != symbol) g->edge[kept++] = g->edge[e];
        g->edges = kept;
    }
    }
}

static void as_defined(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    uint32_t states[NODES];
    rs_proof_edge edges[NODES * SYMBOLS * CLASSES];
    rs_proof_graph g = {.monitor = states, .edge = edges};
    size_t proofs = 0, others = 0;
    setup();
    for (int round = 0; round < 100; round++) {
        char *smt = NULL, why[96];
        bool confirmed = false;
        random_proof(&g, &r);
        CU_ASSERT_FATAL(is_proof(&g));
        if (round % 4) mutate(&g, &r);
        bool good = is_proof(&g);
        CHECK_OK(rs_solver_proof_smt(&smt, &g, monitor));
        rs_status status = rs_solver_proof_confirm(&confirmed, why, smt, 20, NULL);
        if (good) CU_ASSERT(status == RS_OK && confirmed);
        if (!good) CU_ASSERT(status == RS_EINTERNAL);
        proofs += good;
        others += !good;
        free(smt);
    }
    printf("  %zu proofs, %zu others\n", proofs, others);
    CU_ASSERT(proofs > 25 && others > 15);
}

static void undecided(void) {
    char why[96] = "";
    bool confirmed = true;
    CHECK_OK(rs_solver_proof_confirm(&confirmed, why, "(assert (nonsense))\n", 10, NULL));
    CU_ASSERT(!confirmed && why[0]);
    confirmed = true;
    CHECK_OK(rs_solver_proof_confirm(&confirmed, why, "(assert false)\n", 10, NULL));
    CU_ASSERT(confirmed && !why[0]);
}

static const unit_test tests[] = {
    {"as defined", as_defined},
    {"undecided", undecided},
};

int main(void) {
    int code = unit_main("solver_proof", tests, sizeof tests / sizeof *tests);
    rs_properties_free(list);
    return code;
}
