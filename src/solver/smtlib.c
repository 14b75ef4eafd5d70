/* The encodings of chc.c and bmc.c as SMT-LIB 2. Nullary predicates are Boolean constants and clauses without
 * variables need no quantifier; so solvers that know no Horn clauses answer the first text as well, and the second is
 * plain QF_UF. */
#include "solver/smtlib.h"

#include <stdlib.h>

#include "core/alloc.h"
#include "core/status.h"
#include "core/text.h"
#include "rnnsafe/solver.h"
#include "solver/reverse.h"

/* q<machine state>_m<monitor state>, or "violated". */
static void add_location(rs_text *text, const rs_product *p, size_t l) {
    if (l == p->locations) rs_text_add(text, "violated");
    else rs_text_add(text, "q%zu_m%u", l / p->live, (unsigned)p->watcher[l % p->live]);
}

static rs_status small_enough(const rs_product *p, size_t factor) {
    if (p->locations < RS_SMT_LIMIT / factor) return RS_OK;
    return rs_fail(RS_EUSAGE, "SMT-LIB text of %zu locations times %zu is more than %zu lines", p->locations, factor,
                   RS_SMT_LIMIT);
}

static void head(rs_text *text, const rs_product *p, const char *what) {
    rs_text_add(text,
                "; %s\n; Product of a Moore machine (%zu states, start q%zu) and a monitor (%zu states, start m0).\n"
                "; qI_mJ: machine in state I, monitor in state J. violated: monitor in any bad state.\n",
                what, p->states, p->start, p->watchers);
}

rs_status rs_smt_chc(char **out, const rs_product *p, const rs_names *alphabet) {
    rs_text text = {0};
    rs_status status = small_enough(p, p->symbols + 1);
    if (status != RS_OK) return status;
    head(&text, p,
         "Horn clauses, one nullary predicate a location: reachable locations are those that the clauses derive.");
    rs_text_add(&text, "; sat: no word violates, and a model is an inductive invariant. unsat: some word violates.\n"
                       "(set-logic HORN)\n");
    for (size_t l = 0; l <= p->locations; l++) {
        rs_text_add(&text, "(declare-fun ");
        add_location(&text, p, l);
        rs_text_add(&text, " () Bool)\n");
    }
    rs_text_add(&text, "(assert (=> true ");
    add_location(&text, p, p->initial);
    rs_text_add(&text, ")) ; the empty word\n");
    for (size_t l = 0; l < p->locations; l++)
        for (size_t s = 0; s < p->symbols; s++) {
            rs_text_add(&text, "(assert (=> ");
            add_location(&text, p, l);
            rs_text_add(&text, " ");
            add_location(&text, p, rs_product_next(p, l, s));
            rs_text_add(&text, ")) ; %s\n", rs_names_get(alphabet, s));
        }
    rs_text_add(&text, "(assert (=> violated false))\n(check-sat)\n");
    status = rs_text_take(out, &text);
    rs_text_free(&text);
    return status;
}

/* The justification of location l at step t by edges into it from step t - 1; at step 0 only the initial location is
 * true. */
static void add_step(rs_text *text, const rs_product *p, const rs_reverse *v, size_t l, size_t t) {
    rs_text_add(text, "(declare-fun ");
    add_location(text, p, l);
    rs_text_add(text, "_t%zu () Bool)\n(assert (=> ", t);
    add_location(text, p, l);
    rs_text_add(text, "_t%zu (or false", t);
    for (size_t i = v->first[l]; i < v->first[l + 1]; i++)
        if (i == v->first[l] || v->from[i] != v->from[i - 1]) {
            rs_text_add(text, " ");
            add_location(text, p, v->from[i]);
            rs_text_add(text, "_t%zu", t - 1);
        }
    if (l == p->locations) rs_text_add(text, " violated_t%zu", t - 1);
    rs_text_add(text, ")))\n");
}

rs_status rs_smt_bmc(char **out, const rs_product *p, size_t depth) {
    rs_text text = {0};
    rs_reverse edges = {0};
    char *result = NULL;
    rs_status status = depth < RS_SMT_LIMIT ? small_enough(p, (depth + 1) * (p->symbols + 1))
                                            : rs_fail(RS_EUSAGE, "depth %zu is more than %zu", depth, RS_SMT_LIMIT);
    if (status != RS_OK) return status;
    RS_TRY(rs_reverse_new(&edges, p));
    head(&text, p,
         "Bounded model checking, one Boolean a location and step: being there needs a predecessor one step before.");
    rs_text_add(&text, "; sat: some word of at most %zu symbols violates. unsat: none does.\n(set-logic QF_UF)\n",
                depth);
    for (size_t l = 0; l <= p->locations; l++) {
        rs_text_add(&text, "(define-fun ");
        add_location(&text, p, l);
        rs_text_add(&text, "_t0 () Bool %s)\n", l == p->initial ? "true" : "false");
    }
    for (size_t t = 1; t <= depth; t++)
        for (size_t l = 0; l <= p->locations; l++) add_step(&text, p, &edges, l, t);
    rs_text_add(&text, "(assert violated_t%zu)\n(check-sat)\n", depth);
    RS_TRY(rs_text_take(&result, &text));
    *out = result;
cleanup:
    rs_text_free(&text);
    rs_reverse_free(&edges);
    return status;
}

rs_status rs_solver_smt(char **chc, char **bmc, const rs_automaton *a, const rs_monitor *m, size_t depth) {
    rs_status status = RS_OK;
    rs_product *p = NULL;
    char *clauses = NULL, *steps = NULL;
    RS_TRY(rs_product_new(&p, a, m));
    RS_TRY(rs_smt_chc(&clauses, p, rs_automaton_alphabet(a)));
    RS_TRY(rs_smt_bmc(&steps, p, depth));
    *chc = clauses;
    *bmc = steps;
    clauses = NULL;
cleanup:
    free(clauses);
    rs_product_free(p);
    return status;
}
