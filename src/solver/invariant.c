/* SOUND: "safe" of the Horn clauses rests on this file alone. With I(l) the given set, the solver has to refute
 *
 *     not ( I(initial) and I(l) => I(next(l, a)) for all l, a and not I(violated) )
 *
 * whatever engine the set came from; everything but "unsat" is no. */
#include "solver/invariant.h"

#include <limits.h>
#include <stdio.h>

#include "core/alloc.h"
#include "core/status.h"
#include "solver/context.h"

/* The clauses, once an edge; *count of them. RS_OK with *count 0 when time is up. */
static rs_status list(Z3_ast **clauses, size_t *count, rs_z3 *z, const rs_product *p, const bool *inside) {
    rs_status status = RS_OK;
    size_t n = 0, capacity = 0;
    Z3_ast *list = NULL;
    RS_TRY(rs_reserve((void **)&list, &capacity, 2, sizeof *list));
    list[n++] = inside[p->initial] ? z->yes : z->no;
    list[n++] = inside[p->locations] ? z->no : z->yes;
    for (size_t l = 0; l < p->locations; l++) {
        if (l % 256 == 0 && !rs_z3_going(z)) {
            n = 0;
            break;
        }
        RS_TRY(rs_reserve((void **)&list, &capacity, n + p->symbols, sizeof *list));
        for (size_t s = 0; s < p->symbols; s++) {
            Z3_ast from = inside[l] ? z->yes : z->no, to = inside[rs_product_next(p, l, s)] ? z->yes : z->no;
            list[n++] = rs_z3_keep(z, Z3_mk_implies(z->z3, from, to));
        }
    }
    *clauses = list;
    *count = n;
    list = NULL;
cleanup:
    free(list);
    return status;
}

rs_status rs_invariant_check(bool *inductive, char why[96], const rs_product *p, const bool *inside, double timeout,
                             const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_z3 z = {0};
    Z3_ast *clauses = NULL;
    Z3_solver solver = NULL;
    size_t count = 0;
    Z3_lbool answer = Z3_L_UNDEF;
    RS_TRY(rs_z3_open(&z, timeout, ctx));
    RS_TRY(list(&clauses, &count, &z, p, inside));
    if (count && count <= UINT_MAX && (solver = rs_z3_adopt(&z, Z3_mk_simple_solver(z.z3))) != NULL) {
        Z3_ast all = rs_z3_keep(&z, Z3_mk_and(z.z3, (unsigned)count, clauses));
        Z3_solver_assert(z.z3, solver, rs_z3_keep(&z, Z3_mk_not(z.z3, all)));
        if (!z.broken) answer = Z3_solver_check(z.z3, solver);
    }
    if (answer == Z3_L_TRUE) snprintf(why, 96, "not inductive");
    else if (answer == Z3_L_UNDEF) rs_z3_reason(&z, why, NULL);
    *inductive = answer == Z3_L_FALSE;
cleanup:
    if (solver) Z3_solver_dec_ref(z.z3, solver);
    rs_z3_close(&z);
    free(clauses);
    return status;
}
