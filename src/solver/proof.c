/* The finite part of a proof as ground SMT-LIB 2, and Z3's answer to it. Functions stand for the monitor (`next`,
 * `bad`, `safe`) and for the graph (`at`, `listed`, `followed`); what they are is asserted point by point, and the
 * claim is a conjunction over all points, which is denied. `safe` is not taken over from the monitor: that safe states
 * lead to safe ones alone is part of the claim. */
#include <stdlib.h>

#include "core/alloc.h"
#include "core/status.h"
#include "core/text.h"
#include "rnnsafe/solver.h"
#include "solver/context.h"
#include "solver/smtlib.h"

void rs_proof_graph_clear(rs_proof_graph *g) {
    free(g->monitor);
    free(g->edge);
    *g = (rs_proof_graph){0};
}

static void add_monitor(rs_text *text, const rs_monitor *m, size_t symbols, size_t classes) {
    rs_text_add(text, "; the monitor\n(declare-fun next (Int Int Int) Int) ; state, symbol, class\n"
                      "(declare-fun bad (Int) Bool)\n(declare-fun safe (Int) Bool)\n");
    for (size_t q = 0; q < rs_monitor_states(m); q++) {
        const char *not_bad = rs_monitor_bad(m, q) ? "" : "not ", *not_safe = rs_monitor_safe(m, q) ? "" : "not ";
        rs_text_add(text, "(assert (%s%sbad %zu%s)\n", not_bad, *not_bad ? "(" : "", q, *not_bad ? "))" : ")");
        rs_text_add(text, "(assert (%s%ssafe %zu%s)\n", not_safe, *not_safe ? "(" : "", q, *not_safe ? "))" : ")");
        for (uint32_t s = 0; s < symbols; s++)
            for (uint32_t c = 0; c < classes; c++)
                rs_text_add(text, "(assert (= (next %zu %u %u) %u))\n", q, (unsigned)s, (unsigned)c,
                            (unsigned)rs_monitor_next(m, q, s, c));
    }
}

static void add_graph(rs_text *text, const rs_proof_graph *g) {
    rs_text_add(
        text, "; the nodes: states of the monitor, and symbols that each was followed for\n(declare-fun at (Int) Int)\n"
              "(declare-fun followed (Int Int) Bool)\n");
    for (size_t n = 0; n < g->nodes; n++) rs_text_add(text, "(assert (= (at %zu) %u))\n", n, (unsigned)g->monitor[n]);
    for (size_t e = 0; e < g->edges; e++)
        if (!e || g->edge[e].from != g->edge[e - 1].from || g->edge[e].symbol != g->edge[e - 1].symbol)
            rs_text_add(text, "(assert (followed %u %u))\n", (unsigned)g->edge[e].from, (unsigned)g->edge[e].symbol);
}

/* Functions are total: what was not asserted of `followed` must be false, for every node and symbol. */
static rs_status add_not_followed(rs_text *text, const rs_proof_graph *g, size_t symbols) {
    bool *followed = rs_alloc(g->nodes * symbols + 1, sizeof *followed);
    if (!followed) return RS_EMEMORY;
    for (size_t e = 0; e < g->edges; e++) followed[g->edge[e].from * symbols + g->edge[e].symbol] = true;
    for (size_t i = 0; i < g->nodes * symbols; i++)
        if (!followed[i]) rs_text_add(text, "(assert (not (followed %zu %zu)))\n", i / symbols, i % symbols);
    free(followed);
    return RS_OK;
}

static void add_claim(rs_text *text, const rs_proof_graph *g, const rs_monitor *m, size_t symbols, size_t classes) {
    rs_text_add(
        text,
        "; denied: the start is a region with the monitor's start,\n(assert (not (and\n(< %zu %zu) (= (at %zu) 0)\n",
        g->start, g->regions, g->start);
    rs_text_add(text, "; no node is bad, and each is safe or was followed for every symbol,\n");
    for (size_t n = 0; n < g->nodes; n++) {
        rs_text_add(text, "(not (bad (at %zu))) (or (safe (at %zu)) (and true", n, n);
        for (size_t s = 0; s < symbols; s++) rs_text_add(text, " (followed %zu %zu)", n, s);
        rs_text_add(text, "))\n");
    }
    rs_text_add(text, "; every edge ends in a node with the state that the monitor goes to, or in a safe one,\n");
    for (size_t e = 0; e < g->edges; e++) {
        const rs_proof_edge *x = &g->edge[e];
        unsigned from = x->from, symbol = x->symbol, class = x->class, to = x->to;
        if (x->to == RS_PROOF_LEFT) rs_text_add(text, "(safe (next (at %u) %u %u))\n", from, symbol, class);
        else rs_text_add(text, "(< %u %zu) (= (at %u) (next (at %u) %u %u))\n", to, g->nodes, to, from, symbol, class);
    }
    rs_text_add(text, "; and from a safe state of the monitor only safe ones are reached, which are not bad.\n");
    for (size_t q = 0; q < rs_monitor_states(m); q++) {
        if (!rs_monitor_safe(m, q)) continue;
        rs_text_add(text, "(not (bad %zu))\n", q);
        for (size_t s = 0; s < symbols; s++)
            for (size_t c = 0; c < classes; c++) rs_text_add(text, "(safe (next %zu %zu %zu))\n", q, s, c);
    }
    rs_text_add(text, ")))\n(check-sat)\n");
}

rs_status rs_solver_proof_smt(char **out, const rs_proof_graph *g, const rs_monitor *m) {
    rs_status status = RS_OK;
    rs_text text = {0};
    size_t symbols = rs_names_count(rs_monitor_alphabet(m)), classes = rs_names_count(rs_monitor_outputs(m));
    double lines = 2.0 * (double)rs_monitor_states(m) * (double)rs_monitor_letters(m) +
                   (double)g->nodes * (2 + (double)symbols) + 2.0 * (double)g->edges;
    if (lines > RS_SMT_LIMIT)
        return rs_fail(RS_EUSAGE, "SMT-LIB text of a proof of %zu nodes is more than %zu lines", g->nodes,
                       RS_SMT_LIMIT);
    rs_text_add(
        &text,
        "; The finite part of a proof: %zu nodes, of which the first %zu are regions, and %zu edges.\n"
        "; unsat: it is one, given that numbers have shown which classes are possible and which sets lie in which.\n"
        "; sat: it is none.\n(set-logic QF_UFLIA)\n",
        g->nodes, g->regions, g->edges);
    add_monitor(&text, m, symbols, classes);
    add_graph(&text, g);
    RS_TRY(add_not_followed(&text, g, symbols));
    add_claim(&text, g, m, symbols, classes);
    RS_TRY(rs_text_take(out, &text));
cleanup:
    rs_text_free(&text);
    return status;
}

rs_status rs_solver_proof_confirm(bool *confirmed, char why[96], const char *smt, double timeout,
                                  const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_z3 z = {0};
    Z3_solver solver = NULL;
    Z3_lbool answer = Z3_L_UNDEF;
    RS_TRY(rs_z3_open(&z, timeout, ctx));
    solver = rs_z3_adopt(&z, Z3_mk_solver_for_logic(z.z3, Z3_mk_string_symbol(z.z3, "QF_UFLIA")));
    if (solver) {
        Z3_solver_from_string(z.z3, solver, smt);
        if (Z3_get_error_code(z.z3) == Z3_OK) answer = Z3_solver_check(z.z3, solver);
    }
    RS_TRY(rs_context_check(ctx));
    if (answer == Z3_L_TRUE) {
        status = rs_fail(RS_EINTERNAL, "Z3 says that the finite part of an accepted proof is none; please report it");
        goto cleanup;
    }
    why[0] = 0;
    if (answer == Z3_L_UNDEF) rs_z3_reason(&z, why, NULL);
    *confirmed = answer == Z3_L_FALSE;
cleanup:
    if (solver) Z3_solver_dec_ref(z.z3, solver);
    rs_z3_close(&z);
    return status;
}
