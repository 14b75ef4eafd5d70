/* The three engines in their order: the explicit search first, since its depth bounds the model checking. */
#include <math.h>

#include "core/status.h"
#include "solver/engine.h"

#define DEFAULT_TIMEOUT 10.0

static void log_reply(const rs_context *ctx, rs_engine e, const rs_reply *r) {
    rs_context_log(ctx, 2, "%s: %s in %.3f s%s%s", rs_engine_name(e), rs_answer_name(r->answer), r->seconds,
                   r->reason[0] ? ", " : "", r->reason);
}

rs_status rs_engines_run(rs_solver_result *out, const rs_product *p, const rs_solver_options *options,
                         const rs_context *ctx) {
    static const rs_solver_options defaults = {0};
    const rs_solver_options *o = options ? options : &defaults;
    rs_status status = RS_OK;
    rs_reply reply[RS_ENGINES] = {{0}};
    if (!(o->timeout >= 0) || isinf(o->timeout))
        return rs_fail(RS_EUSAGE, "the solver's timeout must be 0 or more seconds");
    double timeout = o->timeout > 0 ? o->timeout : DEFAULT_TIMEOUT;
    unsigned wanted = o->engines ? o->engines : ~0u;
    rs_reply *explicit = &reply[RS_ENGINE_EXPLICIT], *chc = &reply[RS_ENGINE_CHC], *bmc = &reply[RS_ENGINE_BMC];

    double begin = rs_now();
    RS_TRY(rs_engine_explicit(explicit, p, ctx));
    explicit->seconds = rs_now() - begin;
    bool safe = explicit->answer == RS_ANSWER_SAFE;
    if (explicit->answer == RS_ANSWER_UNSAFE) explicit->depth = explicit->word.length;
    for (rs_engine e = RS_ENGINE_CHC; e < RS_ENGINES; e++) {
        begin = rs_now();
        reply[e].claim = RS_ANSWER_SKIPPED;
        if (!(wanted & 1u << e)) rs_reply_set(&reply[e], RS_ANSWER_SKIPPED, "not asked for");
        else if (rs_context_expired(ctx) || explicit->answer == RS_ANSWER_UNKNOWN)
            rs_reply_set(&reply[e], RS_ANSWER_SKIPPED, "deadline");
        else if (e == RS_ENGINE_CHC) RS_TRY(rs_engine_chc(chc, p, 0, timeout, ctx));
        else /* SOUND: all reachable locations are at most depth deep, so one symbol more takes every edge of theirs */
            RS_TRY(rs_engine_bmc(bmc, p, explicit->depth + (safe ? 1 : 0), safe, o->bmc_limit, timeout, ctx));
        reply[e].seconds = rs_now() - begin;
    }
    for (rs_engine e = 0; e < RS_ENGINES; e++) log_reply(ctx, e, &reply[e]);
    RS_TRY(rs_replies_merge(out, reply, p));
cleanup:
    for (rs_engine e = 0; e < RS_ENGINES; e++) rs_reply_clear(&reply[e]);
    return status;
}

rs_status rs_solver_check(rs_solver_result *out, const rs_automaton *a, const rs_monitor *m,
                          const rs_solver_options *options, const rs_context *ctx) {
    rs_product *p = NULL;
    rs_status status = rs_product_new(&p, a, m);
    if (status == RS_OK) status = rs_engines_run(out, p, options, ctx);
    rs_product_free(p);
    return status;
}
