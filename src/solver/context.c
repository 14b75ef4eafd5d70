/* A Z3 context with a watchdog. The watchdog holds the lock while it interrupts, so that the context outlives the
 * call. */
#include "solver/context.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/status.h"

/* Z3's resource units that no run of the given seconds uses up; a second limit beside the clock. */
#define UNITS_PER_SECOND 50e6
#define POLL_NANOSECONDS 20000000L

/* Z3 keeps the error code of its last call itself; the handler only has to return. */
static void record(Z3_context c, Z3_error_code e) {
    (void)c;
    (void)e;
}

static void *watch(void *user) {
    rs_z3 *z = user;
    pthread_mutex_lock(&z->lock);
    while (!z->done) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += POLL_NANOSECONDS;
        if (until.tv_nsec >= 1000000000L) {
            until.tv_nsec -= 1000000000L;
            until.tv_sec++;
        }
        pthread_cond_timedwait(&z->wake, &z->lock, &until);
        if (!z->done && !rs_z3_going(z)) Z3_interrupt(z->z3);
    }
    pthread_mutex_unlock(&z->lock);
    return NULL;
}

static rs_status start_watchdog(rs_z3 *z) {
    pthread_condattr_t attributes;
    if (pthread_mutex_init(&z->lock, NULL)) return rs_fail(RS_EINTERNAL, "no mutex for the solver's watchdog");
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    int failed = pthread_cond_init(&z->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    if (failed) {
        pthread_mutex_destroy(&z->lock);
        return rs_fail(RS_EINTERNAL, "no condition variable for the solver's watchdog");
    }
    failed = pthread_create(&z->watchdog, NULL, watch, z);
    if (failed) {
        pthread_cond_destroy(&z->wake);
        pthread_mutex_destroy(&z->lock);
        return rs_fail(RS_EINTERNAL, "no thread for the solver's watchdog: %s", strerror(failed));
    }
    z->watching = true;
    return RS_OK;
}

rs_status rs_z3_open(rs_z3 *z, double timeout, const rs_context *ctx) {
    rs_status status = RS_OK;
    *z = (rs_z3){.ctx = ctx, .deadline = rs_now() + timeout};
    if (ctx && ctx->deadline > 0 && ctx->deadline < z->deadline) z->deadline = ctx->deadline;
    Z3_config config = Z3_mk_config();
    if (config) {
        char units[32];
        double limit = UNITS_PER_SECOND * (z->deadline - rs_now());
        snprintf(units, sizeof units, "%.0f", limit > 1 ? limit : 1);
        if (limit < UINT_MAX)
            Z3_set_param_value(config, "rlimit", units); /* 32 bits: longer runs have the clock alone */
        z->z3 = Z3_mk_context_rc(config);
        Z3_del_config(config);
    }
    if (!z->z3) return rs_fail(RS_EMEMORY, "out of memory for a Z3 context");
    Z3_set_error_handler(z->z3, record);
    z->kept = Z3_mk_ast_vector(z->z3);
    if (!z->kept) {
        status = rs_fail(RS_EMEMORY, "out of memory for a Z3 context");
        goto cleanup;
    }
    Z3_ast_vector_inc_ref(z->z3, z->kept);
    z->yes = Z3_mk_true(z->z3);
    Z3_inc_ref(z->z3, z->yes);
    z->no = Z3_mk_false(z->z3);
    Z3_inc_ref(z->z3, z->no);
    RS_TRY(start_watchdog(z));
cleanup:
    if (status != RS_OK) rs_z3_close(z);
    return status;
}

void rs_z3_close(rs_z3 *z) {
    if (z->watching) {
        pthread_mutex_lock(&z->lock);
        z->done = true;
        pthread_cond_signal(&z->wake);
        pthread_mutex_unlock(&z->lock);
        pthread_join(z->watchdog, NULL);
        pthread_cond_destroy(&z->wake);
        pthread_mutex_destroy(&z->lock);
    }
    if (z->kept) Z3_ast_vector_dec_ref(z->z3, z->kept);
    if (z->yes) Z3_dec_ref(z->z3, z->yes);
    if (z->no) Z3_dec_ref(z->z3, z->no);
    if (z->z3) Z3_del_context(z->z3);
    *z = (rs_z3){0};
}

bool rs_z3_going(const rs_z3 *z) {
    return rs_now() < z->deadline && !rs_context_interrupted(z->ctx);
}

Z3_ast rs_z3_keep(rs_z3 *z, Z3_ast term) {
    if (!term || Z3_get_error_code(z->z3) != Z3_OK) {
        z->broken = true;
        return z->yes;
    }
    Z3_ast_vector_push(z->z3, z->kept, term);
    return term;
}

Z3_ast rs_z3_or(rs_z3 *z, size_t count, const Z3_ast *terms) {
    if (count == 0) return z->no;
    if (count == 1) return terms[0];
    if (count > UINT_MAX) {
        z->broken = true;
        return z->yes;
    }
    return rs_z3_keep(z, Z3_mk_or(z->z3, (unsigned)count, terms));
}

Z3_solver rs_z3_adopt(rs_z3 *z, Z3_solver solver) {
    if (!solver) return NULL;
    Z3_solver_inc_ref(z->z3, solver);
    Z3_params params = Z3_mk_params(z->z3);
    if (params) {
        Z3_params_inc_ref(z->z3, params);
        Z3_params_set_bool(z->z3, params, Z3_mk_string_symbol(z->z3, "ctrl_c"), false);
        Z3_solver_set_params(z->z3, solver, params);
        Z3_params_dec_ref(z->z3, params);
    }
    return solver;
}

void rs_z3_reason(const rs_z3 *z, char out[96], const char *reason) {
    Z3_error_code code = Z3_get_error_code(z->z3);
    if (rs_context_interrupted(z->ctx)) snprintf(out, 96, "interrupted");
    else if (rs_now() >= z->deadline) snprintf(out, 96, "timeout");
    else if (z->broken || code == Z3_MEMOUT_FAIL) snprintf(out, 96, "Z3 ran out of memory or refused a term");
    else
        snprintf(out, 96, "%s",
                 code != Z3_OK       ? Z3_get_error_msg(z->z3, code)
                 : reason && *reason ? reason
                                     : "no answer");
}
