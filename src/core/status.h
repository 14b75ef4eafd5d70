/* Failing: the message is set once, where the fault was found. */
#ifndef RS_CORE_STATUS_H
#define RS_CORE_STATUS_H

#include "rnnsafe/core.h"

/* Sets this thread's message (control characters become '?', so that it stays one line) and returns `status`. */
rs_status rs_fail(rs_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "file:line:column: ..." for texts, both from 1, column in bytes; line 0: "file: byte COLUMN: ...", from 0. */
rs_status rs_fail_at(const char *file, size_t line, size_t column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Jumps to cleanup with `status` set when the call fails. */
#define RS_TRY(call)                                                                                                   \
    do {                                                                                                               \
        if ((status = (call)) != RS_OK) goto cleanup;                                                                  \
    } while (0)
/* The same for an allocation. */
#define RS_TRY_ALLOC(pointer)                                                                                          \
    do {                                                                                                               \
        if (!(pointer)) {                                                                                              \
            status = RS_EMEMORY;                                                                                       \
            goto cleanup;                                                                                              \
        }                                                                                                              \
    } while (0)

/* RS_EINTERRUPTED with its message when ctx->interrupt is raised, else RS_OK. */
rs_status rs_context_check(const rs_context *ctx);
/* Reports progress, a line of log, steps of the network; ctx may be NULL. */
void rs_context_progress(const rs_context *ctx, const char *phase, double done);
void rs_context_log(const rs_context *ctx, int level, const char *format, ...) __attribute__((format(printf, 3, 4)));
void rs_context_count_steps(const rs_context *ctx, size_t steps);
uint64_t rs_context_seed(const rs_context *ctx);   /* 1 for NULL */
size_t rs_context_threads(const rs_context *ctx);  /* at least 1 */

#endif
