/* Horn clauses: one nullary predicate a location and one for all violations.
 *
 *     init:  P_initial        e<l>_<a>:  P_l => P_next(l, a)        query:  P_violated
 *
 * Spacer says whether the query can be derived. If so, the names of the rules along its derivation, last first, spell
 * a word, which is run on the product. If not, the clauses have a model, and a model of Horn clauses is an inductive
 * invariant: the locations that it makes true. Z3's fixedpoint object cannot tell it (preprocessing drops what no fact
 * reaches, and the answer and all covers come back `true`), so the same clauses go to Z3's HORN solver, which undoes
 * its preprocessing.
 *
 * SOUND: the model alone proves nothing. Safe is said only when invariant.c has checked it against all clauses.
 *
 * Nullary predicates are what scales: 20,000 locations take seconds; with the monitor's state as Boolean or integer
 * arguments 800 took 10 s. Inlining and subsumption stay off, since they take the rules' names away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "solver/context.h"
#include "solver/engine.h"
#include "solver/invariant.h"

typedef struct run {
    rs_z3 z;
    const rs_product *p;
    Z3_func_decl *predicate; /* [locations + 1] */
    Z3_ast *atom;            /* [locations + 1]: the predicates as terms */
    size_t *seen;            /* [locations + 1] */
    Z3_fixedpoint fixedpoint;
    Z3_solver horn;
    rs_reply *f;
} run;

/* Calls emit for each edge, once a pair of locations with the first symbol that makes it. False when time is up. */
typedef void (*emit_fn)(run *r, size_t from, size_t symbol, Z3_ast clause);
static bool each_edge(run *r, emit_fn emit) {
    const rs_product *p = r->p;
    memset(r->seen, 0, (p->locations + 1) * sizeof *r->seen);
    for (size_t l = 0; l < p->locations; l++) {
        if (l % 256 == 0 && !rs_z3_going(&r->z)) return false;
        for (size_t s = 0; s < p->symbols; s++) {
            size_t to = rs_product_next(p, l, s);
            if (r->seen[to] == l + 1) continue;
            r->seen[to] = l + 1;
            emit(r, l, s, rs_z3_keep(&r->z, Z3_mk_implies(r->z.z3, r->atom[l], r->atom[to])));
        }
    }
    return !r->z.broken;
}

static void emit_rule(run *r, size_t from, size_t symbol, Z3_ast clause) {
    char name[48];
    snprintf(name, sizeof name, "e%zu_%zu", from, symbol);
    Z3_fixedpoint_add_rule(r->z.z3, r->fixedpoint, clause, Z3_mk_string_symbol(r->z.z3, name));
}

static void emit_horn(run *r, size_t from, size_t symbol, Z3_ast clause) {
    (void)from;
    (void)symbol;
    Z3_solver_assert(r->z.z3, r->horn, clause);
}

static void unknown(run *r, const char *what, const char *reason) {
    char why[96];
    rs_z3_reason(&r->z, why, reason);
    rs_reply_set(r->f, RS_ANSWER_UNKNOWN, "%s: %s", what, why);
}

static void declare(run *r) {
    Z3_context c = r->z.z3;
    Z3_sort boolean = Z3_mk_bool_sort(c);
    for (size_t l = 0; l <= r->p->locations; l++) {
        char name[32];
        snprintf(name, sizeof name, "P%zu", l);
        r->predicate[l] = Z3_mk_func_decl(c, Z3_mk_string_symbol(c, name), 0, NULL, boolean);
        if (!r->predicate[l]) {
            r->z.broken = true;
            return;
        }
        rs_z3_keep(&r->z, Z3_func_decl_to_ast(c, r->predicate[l]));
        r->atom[l] = rs_z3_keep(&r->z, Z3_mk_app(c, r->predicate[l], 0, NULL));
    }
}

static bool make_fixedpoint(run *r) {
    static const char *const off[] = {"xform.slice", "xform.inline_linear",       "xform.inline_eager",
                                      "xform.coi",   "xform.subsumption_checker", "datalog.subsumption"};
    Z3_context c = r->z.z3;
    r->fixedpoint = Z3_mk_fixedpoint(c);
    if (!r->fixedpoint) return false;
    Z3_fixedpoint_inc_ref(c, r->fixedpoint);
    Z3_params params = Z3_mk_params(c);
    if (!params) return false;
    Z3_params_inc_ref(c, params);
    Z3_params_set_symbol(c, params, Z3_mk_string_symbol(c, "engine"), Z3_mk_string_symbol(c, "spacer"));
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        Z3_params_set_bool(c, params, Z3_mk_string_symbol(c, off[i]), false);
    Z3_fixedpoint_set_params(c, r->fixedpoint, params);
    bool ok = Z3_get_error_code(c) == Z3_OK;
    Z3_params_dec_ref(c, params);
    return ok;
}

/* The word along the derivation: names "e<location>_<symbol>" separated by ';', the last step first. */
static rs_status trace(run *r) {
    rs_status status = RS_OK;
    uint32_t *word = NULL;
    size_t length = 0, capacity = 0;
    Z3_symbol names = Z3_fixedpoint_get_rule_names_along_trace(r->z.z3, r->fixedpoint);
    bool got = Z3_get_error_code(r->z.z3) == Z3_OK && names;
    const char *at = got ? Z3_get_symbol_string(r->z.z3, names) : "";
    for (; at; at = strchr(at, ';')) {
        unsigned long location, symbol;
        if (*at == ';') at++;
        if (sscanf(at, "e%lu_%lu", &location, &symbol) != 2 || symbol >= r->p->symbols) continue;
        RS_TRY(rs_reserve((void **)&word, &capacity, length + 1, sizeof *word));
        word[length++] = (uint32_t)symbol;
    }
    for (size_t i = 0; i < length / 2; i++) {
        uint32_t swap = word[i];
        word[i] = word[length - 1 - i];
        word[length - 1 - i] = swap;
    }
    RS_TRY(rs_reply_word(r->f, r->p, word, length));
cleanup:
    free(word);
    return status;
}

/* Asks for a model of the clauses and has it checked. */
static rs_status invariant(run *r) {
    rs_status status = RS_OK;
    Z3_context c = r->z.z3;
    Z3_model model = NULL;
    bool inductive;
    char why[96];
    bool *inside = rs_alloc(r->p->locations + 1, sizeof *inside);
    RS_TRY_ALLOC(inside);
    r->horn = rs_z3_adopt(&r->z, Z3_mk_solver_for_logic(c, Z3_mk_string_symbol(c, "HORN")));
    if (!r->horn) {
        unknown(r, "invariant", NULL);
        goto cleanup;
    }
    Z3_solver_assert(c, r->horn, r->atom[r->p->initial]);
    Z3_solver_assert(c, r->horn, rs_z3_keep(&r->z, Z3_mk_not(c, r->atom[r->p->locations])));
    Z3_lbool answer = each_edge(r, emit_horn) ? Z3_solver_check(c, r->horn) : Z3_L_UNDEF;
    if (answer == Z3_L_TRUE) model = Z3_solver_get_model(c, r->horn);
    if (!model) {
        unknown(r, "invariant",
                answer == Z3_L_FALSE ? "the HORN solver contradicts Spacer" : "the HORN solver gave no model");
        goto cleanup;
    }
    Z3_model_inc_ref(c, model);
    for (size_t l = 0; l <= r->p->locations; l++) {
        Z3_ast value = NULL;
        inside[l] = Z3_model_eval(c, model, r->atom[l], true, &value) && Z3_get_bool_value(c, value) == Z3_L_TRUE;
    }
    Z3_model_dec_ref(c, model);
    RS_TRY(rs_invariant_check(&inductive, why, r->p, inside, r->z.deadline - rs_now(), r->z.ctx));
    if (inductive) r->f->answer = RS_ANSWER_SAFE;
    else rs_reply_set(r->f, RS_ANSWER_UNKNOWN, "checking the invariant: %s", why);
cleanup:
    free(inside);
    return status;
}

static rs_status solve(run *r) {
    rs_status status = RS_OK;
    Z3_context c = r->z.z3;
    const rs_product *p = r->p;
    Z3_lbool answer = Z3_L_UNDEF;
    declare(r);
    if (!r->z.broken && make_fixedpoint(r)) {
        for (size_t l = 0; l <= p->locations; l++) Z3_fixedpoint_register_relation(c, r->fixedpoint, r->predicate[l]);
        Z3_fixedpoint_add_rule(c, r->fixedpoint, r->atom[p->initial], Z3_mk_string_symbol(c, "init"));
        if (each_edge(r, emit_rule))
            answer = Z3_fixedpoint_query_relations(c, r->fixedpoint, 1, &r->predicate[p->locations]);
    }
    if (answer == Z3_L_TRUE) {
        r->f->claim = RS_ANSWER_UNSAFE;
        RS_TRY(trace(r));
    } else if (answer == Z3_L_FALSE) {
        r->f->claim = RS_ANSWER_SAFE;
        RS_TRY(invariant(r));
    } else {
        unknown(r, "Spacer", "no answer");
    }
cleanup:
    return status;
}

rs_status rs_engine_chc(rs_reply *out, const rs_product *p, size_t limit, double timeout, const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_reply f = {.answer = RS_ANSWER_UNKNOWN, .claim = RS_ANSWER_UNKNOWN};
    run r = {.p = p, .f = &f};
    if (!limit) limit = RS_CHC_LIMIT;
    if (p->locations > limit) {
        rs_reply_set(&f, RS_ANSWER_SKIPPED, "%zu locations, more than %zu", p->locations, limit);
        *out = f;
        return RS_OK;
    }
    RS_TRY(rs_z3_open(&r.z, timeout, ctx));
    RS_TRY_ALLOC(r.predicate = rs_alloc(p->locations + 1, sizeof *r.predicate));
    RS_TRY_ALLOC(r.atom = rs_alloc(p->locations + 1, sizeof *r.atom));
    RS_TRY_ALLOC(r.seen = rs_alloc(p->locations + 1, sizeof *r.seen));
    RS_TRY(solve(&r));
    RS_TRY(rs_context_check(ctx));
    *out = f;
    f = (rs_reply){0};
cleanup:
    if (r.fixedpoint) Z3_fixedpoint_dec_ref(r.z.z3, r.fixedpoint);
    if (r.horn) Z3_solver_dec_ref(r.z.z3, r.horn);
    rs_z3_close(&r.z);
    rs_reply_clear(&f);
    free(r.predicate);
    free(r.atom);
    free(r.seen);
    return status;
}
