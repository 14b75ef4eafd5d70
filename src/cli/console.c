#include "console.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"

static struct {
    bool quiet, terminal;
    bool shown; /* a line of progress is on the screen */
    size_t verbose;
    double last; /* rs_now() of the last line of progress */
} console;

static void clear_progress(void) {
    if (console.shown) fputs("\r\033[K", stderr);
    console.shown = false;
}

void console_error(const char *format, ...) {
    char message[1200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    for (char *p = message; *p; p++)
        if ((unsigned char)*p < 32 || *p == 127) *p = '?';
    clear_progress();
    fprintf(stderr, "rnnsafe: %s\n", message);
}

int console_fail(rs_status status) {
    const char *message = rs_error_message();
    console_error("%s", *message ? message : "out of memory");
    switch (status) {
    case RS_EUSAGE:
        return EXIT_USAGE;
    case RS_EINPUT:
        return EXIT_BAD_INPUT;
    case RS_EINTERRUPTED:
        return EXIT_INTERRUPTED;
    default:
        return EXIT_BROKEN;
    }
}

void console_note(const char *text) {
    if (console.quiet) return;
    clear_progress();
    fputs(text, stderr);
}

void console_setup(bool quiet, size_t verbose) {
    console.quiet = quiet;
    console.verbose = verbose;
    console.terminal = !quiet && isatty(STDERR_FILENO);
}

void console_progress(void *user, const char *phase, double done) {
    (void)user;
    if (!console.terminal) return;
    double now = rs_now();
    if (now - console.last < 0.1) return;
    console.last = now;
    fprintf(stderr, "\r\033[K%s %.0f%%", phase, 100 * done);
    fflush(stderr);
    console.shown = true;
}

void console_log(void *user, int level, const char *line) {
    (void)user;
    if (console.quiet || level < 0 || (size_t)level > console.verbose) return;
    clear_progress();
    fprintf(stderr, "%s\n", line);
}

int console_finish(int code) {
    clear_progress();
    errno = 0;
    if ((fflush(stdout) == 0 && !ferror(stdout)) || code != EXIT_HOLDS) return code;
    console_error("standard output: cannot write: %s", errno ? strerror(errno) : "earlier output was lost");
    return EXIT_BAD_INPUT;
}

bool console_colour(void) {
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return !(no && *no) && term && strcmp(term, "dumb") != 0 && isatty(STDOUT_FILENO);
}
