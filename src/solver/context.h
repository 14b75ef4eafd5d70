/* A Z3 context that neither exits nor overruns.
 *
 * Z3's default error handler ends the process; ours returns, and the code of the last call is asked for. A term that
 * Z3 could not make becomes `true`, so that building goes on and fails once, at the end. A watchdog thread interrupts
 * Z3 at the deadline and when the caller's interrupt is raised. It repeats the interrupt, because Z3 forgets one that
 * comes between two calls. Z3's own timeouts are not used: they overshoot, and each starts a thread. Its count of work
 * (rlimit) is the second limit. */
#ifndef RS_SOLVER_CONTEXT_H
#define RS_SOLVER_CONTEXT_H

#include <pthread.h>
#include <z3.h>

#include "rnnsafe/core.h"

typedef struct rs_z3 {
    Z3_context z3;
    Z3_ast_vector kept; /* holds a reference to every term made */
    Z3_ast yes, no;
    bool broken;           /* some term could not be made */
    double deadline;       /* rs_now() */
    const rs_context *ctx; /* may be NULL */
    pthread_t watchdog;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool watching, done;
} rs_z3;

/* A context that stops `timeout` seconds from now, or at ctx's deadline if that is sooner. RS_EMEMORY, RS_EINTERNAL:
 * no thread. */
rs_status rs_z3_open(rs_z3 *z, double timeout, const rs_context *ctx);
void rs_z3_close(rs_z3 *z); /* also of a zeroed one */

/* Whether there is time left and nobody interrupts: asked while building. */
bool rs_z3_going(const rs_z3 *z);

/* Keeps a term alive until the context is closed; `true` in place of one that Z3 could not make. */
Z3_ast rs_z3_keep(rs_z3 *z, Z3_ast term);
Z3_ast rs_z3_or(rs_z3 *z, size_t count, const Z3_ast *terms);

/* Takes a reference to a solver that was just made (NULL stays NULL) and forbids it to handle SIGINT, which Z3 would take
 * from the program for the length of a check. The caller gives the reference back. */
Z3_solver rs_z3_adopt(rs_z3 *z, Z3_solver solver);

/* Why the last call gave no answer, one short line: the deadline, an error of Z3, or else `reason` (may be NULL). */
void rs_z3_reason(const rs_z3 *z, char out[96], const char *reason);

#endif
