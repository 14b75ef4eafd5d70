/* Bounded model checking by clauses. x[l,t] says that some word of t symbols may be at location l:
 *
 *     x[l,0] = (l is initial)        x[l,t] => OR of x[k,t-1] over the edges k -> l        x[violated,depth]
 *
 * The violated location keeps itself, so the last line asks for a violation within `depth` symbols. A model is read
 * backwards from there: a true x[l,t] has a true predecessor at t-1. One Boolean and one clause a location and step:
 * 3,000 locations to depth 21 take a second or two where nested if-then-else over integers fails at 100. */
#include <stdio.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/status.h"
#include "solver/context.h"
#include "solver/engine.h"
#include "solver/reverse.h"

typedef struct run {
    rs_z3 z;
    const rs_product *p;
    size_t depth;
    rs_reverse edges;
    Z3_ast *x;     /* [(depth + 1) * (locations + 1)] */
    Z3_ast *terms; /* room for one clause */
    Z3_solver solver;
} run;

/* The clause of x[l,t]. Edges of one source that stand side by side give one literal. */
static Z3_ast justify(run *r, size_t l, const Z3_ast *before) {
    size_t count = 0, n = r->p->locations;
    const rs_reverse *v = &r->edges;
    for (size_t i = v->first[l]; i < v->first[l + 1]; i++)
        if (i == v->first[l] || v->from[i] != v->from[i - 1]) r->terms[count++] = before[v->from[i]];
    if (l == n) r->terms[count++] = before[n];
    return rs_z3_or(&r->z, count, r->terms);
}

/* False when time is up. */
static bool encode(run *r) {
    Z3_context c = r->z.z3;
    size_t n = r->p->locations, width = n + 1;
    Z3_sort boolean = Z3_mk_bool_sort(c);
    for (size_t l = 0; l <= n; l++) r->x[l] = l == r->p->initial ? r->z.yes : r->z.no;
    for (size_t t = 1; t <= r->depth; t++)
        for (size_t l = 0; l <= n; l++) {
            if (l % 256 == 0 && !rs_z3_going(&r->z)) return false;
            char name[64];
            snprintf(name, sizeof name, "x%zu_%zu", l, t);
            Z3_ast x = rs_z3_keep(&r->z, Z3_mk_const(c, Z3_mk_string_symbol(c, name), boolean));
            r->x[t * width + l] = x;
            Z3_ast reason = justify(r, l, r->x + (t - 1) * width);
            Z3_solver_assert(c, r->solver, rs_z3_keep(&r->z, Z3_mk_implies(c, x, reason)));
        }
    Z3_solver_assert(c, r->solver, r->x[r->depth * width + n]);
    return !r->z.broken;
}

static bool holds(run *r, Z3_model model, size_t l, size_t t) {
    Z3_ast value = NULL;
    return Z3_model_eval(r->z.z3, model, r->x[t * (r->p->locations + 1) + l], true, &value) &&
           Z3_get_bool_value(r->z.z3, value) == Z3_L_TRUE;
}

/* The word that a model spells, read from its end. */
static rs_status decode(run *r, rs_reply *f) {
    rs_status status = RS_OK;
    size_t l = r->p->locations, start = r->depth;
    uint32_t *word = rs_alloc(r->depth, sizeof *word);
    Z3_model model = NULL;
    RS_TRY_ALLOC(word);
    model = Z3_solver_get_model(r->z.z3, r->solver);
    if (!model) {
        rs_reply_set(f, RS_ANSWER_UNKNOWN, "Z3 gave no model");
        goto cleanup;
    }
    Z3_model_inc_ref(r->z.z3, model);
    size_t length = r->depth;
    while (length && l == r->p->locations && holds(r, model, l, length - 1)) length--;
    for (start = length; start; start--) {
        size_t i = r->edges.first[l], end = r->edges.first[l + 1];
        while (i < end && !holds(r, model, r->edges.from[i], start - 1)) i++;
        if (i == end) break;
        l = r->edges.from[i];
        word[start - 1] = r->edges.symbol[i];
    }
    RS_TRY(rs_reply_word(f, r->p, word + start, length - start));
cleanup:
    if (model) Z3_model_dec_ref(r->z.z3, model);
    free(word);
    return status;
}

static rs_status solve(run *r, rs_reply *f, bool covers) {
    Z3_context c = r->z.z3;
    Z3_lbool answer = Z3_L_UNDEF;
    char why[96];
    r->solver = rs_z3_adopt(&r->z, Z3_mk_solver_for_logic(c, Z3_mk_string_symbol(c, "QF_FD")));
    if (r->solver && encode(r)) answer = Z3_solver_check(c, r->solver);
    if (answer == Z3_L_TRUE) {
        f->claim = RS_ANSWER_UNSAFE;
        return decode(r, f);
    }
    if (answer == Z3_L_FALSE) {
        f->clear = r->depth;
        if (covers) f->answer = f->claim = RS_ANSWER_SAFE; /* SOUND: every edge that a word can reach is within depth */
        else rs_reply_set(f, RS_ANSWER_UNKNOWN, "no violation within %zu symbols", r->depth);
        return RS_OK;
    }
    rs_z3_reason(&r->z, why, r->solver ? Z3_solver_get_reason_unknown(c, r->solver) : NULL);
    rs_reply_set(f, RS_ANSWER_UNKNOWN, "%s", why);
    return RS_OK;
}

rs_status rs_engine_bmc(rs_reply *out, const rs_product *p, size_t depth, bool covers, size_t limit, double timeout,
                        const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_reply f = {.answer = RS_ANSWER_UNKNOWN, .claim = RS_ANSWER_UNKNOWN};
    run r = {.p = p, .depth = depth};
    if (!limit) limit = RS_BMC_LIMIT;
    if (p->locations > limit / (depth ? depth : 1)) {
        rs_reply_set(&f, RS_ANSWER_SKIPPED, "%zu locations * depth %zu are more than %zu", p->locations, depth, limit);
        *out = f;
        return RS_OK;
    }
    RS_TRY(rs_z3_open(&r.z, timeout, ctx));
    RS_TRY(rs_reverse_new(&r.edges, p));
    RS_TRY_ALLOC(r.x = rs_alloc((depth + 1) * (p->locations + 1), sizeof *r.x));
    RS_TRY_ALLOC(r.terms = rs_alloc(p->locations + 1, sizeof *r.terms));
    RS_TRY(solve(&r, &f, covers));
    RS_TRY(rs_context_check(ctx));
    *out = f;
    f = (rs_reply){0};
cleanup:
    if (r.solver) Z3_solver_dec_ref(r.z.z3, r.solver);
    rs_z3_close(&r.z);
    rs_reply_clear(&f);
    rs_reverse_free(&r.edges);
    free(r.x);
    free(r.terms);
    return status;
}
