#include "core/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static _Thread_local char message[1024];

const char *rs_error_message(void) {
    return message;
}

const char *rs_version(void) {
    return RNNSAFE_VERSION;
}

/* One line, whatever a file's names hold. Bytes above 127 pass: file names and symbols are UTF-8. */
static void fold(void) {
    for (char *p = message; *p; p++)
        if ((unsigned char)*p < 32 || *p == 127) *p = '?';
}

rs_status rs_fail(rs_status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    fold();
    return status;
}

rs_status rs_fail_at(const char *file, size_t line, size_t column, const char *format, ...) {
    int used = line ? snprintf(message, sizeof message, "%s:%zu:%zu: ", file, line, column)
                    : snprintf(message, sizeof message, "%s: byte %zu: ", file, column);
    if (used < 0 || (size_t)used >= sizeof message) used = 0;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message + used, sizeof message - (size_t)used, format, arguments);
    va_end(arguments);
    fold();
    return RS_EINPUT;
}

static const rs_context default_context = {.seed = 1, .threads = 1};

const rs_context *rs_context_default(void) {
    return &default_context;
}

double rs_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

bool rs_context_expired(const rs_context *ctx) {
    return ctx && ctx->deadline > 0 && rs_now() >= ctx->deadline;
}

bool rs_context_interrupted(const rs_context *ctx) {
    return ctx && ctx->interrupt && *ctx->interrupt;
}

rs_status rs_context_check(const rs_context *ctx) {
    return rs_context_interrupted(ctx) ? rs_fail(RS_EINTERRUPTED, "interrupted") : RS_OK;
}

void rs_context_progress(const rs_context *ctx, const char *phase, double done) {
    if (ctx && ctx->progress) ctx->progress(ctx->user, phase, done);
}

void rs_context_log(const rs_context *ctx, int level, const char *format, ...) {
    if (!ctx || !ctx->log) return;
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    ctx->log(ctx->user, level, line);
}

void rs_context_count_steps(const rs_context *ctx, size_t steps) {
    if (ctx && ctx->network_steps) atomic_fetch_add_explicit(ctx->network_steps, steps, memory_order_relaxed);
}

uint64_t rs_context_seed(const rs_context *ctx) {
    return ctx ? ctx->seed : 1;
}

size_t rs_context_threads(const rs_context *ctx) {
    return ctx && ctx->threads ? ctx->threads : 1;
}
