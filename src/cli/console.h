/* Standard error and standard output: messages, progress, colour. */
#ifndef CLI_CONSOLE_H
#define CLI_CONSOLE_H

#include "rnnsafe/core.h"

/* "rnnsafe: MESSAGE" on standard error, one line whatever the arguments hold. */
void console_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The message of the library for a failed call, and the exit code for it. */
int console_fail(rs_status status);
/* A line on standard error unless it is to be quiet. */
void console_note(const char *text);

/* How much is said on standard error. Progress shows when that is a terminal. */
void console_setup(bool quiet, size_t verbose);
/* For rs_context. */
void console_progress(void *user, const char *phase, double done);
void console_log(void *user, int level, const char *line);

/* Ends the output of a command: the exit code, unless standard output could not be written. */
int console_finish(int code);

/* Whether standard output is a terminal that may be coloured. */
bool console_colour(void);

#endif
