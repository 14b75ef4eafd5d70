/* The table of commands. A command gets its settings and arguments and returns the exit code. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include <stddef.h>

#include "rnnsafe/core.h"

struct settings;

/* Exit codes. */
enum {
    EXIT_HOLDS = 0,
    EXIT_USAGE = 1,
    EXIT_BAD_INPUT = 2,
    EXIT_INCONCLUSIVE = 5,
    EXIT_BROKEN = 6, /* internal error or out of memory */
    EXIT_VIOLATED = 10,
    EXIT_INTERRUPTED = 130,
};

/* Bits that say in the table of options which commands take an option. */
enum {
    COMMAND_INFO = 1,
    COMMAND_EXTRACT = 2,
    COMMAND_CHECK = 4,
    COMMAND_REPLAY = 8,
    COMMAND_EXPORT = 16,
    COMMAND_COMPARE = 32,
    COMMAND_CONVERT = 64,
    COMMAND_CERTIFY = 128,
    COMMAND_VERIFY = 256,
};

typedef struct command {
    const char *name;
    unsigned bit;
    const char *arguments; /* as usage shows them */
    size_t least, most;    /* number of arguments */
    const char *summary;   /* one line */
    const char *text;      /* a paragraph for --help and the manual page */
    int (*run)(const struct settings *settings, size_t count, char **arguments);
} command;

extern const command commands[]; /* ends with a name of NULL */
const command *command_find(const char *name);

int cmd_info(const struct settings *settings, size_t count, char **arguments);
int cmd_extract(const struct settings *settings, size_t count, char **arguments);
int cmd_check(const struct settings *settings, size_t count, char **arguments);
int cmd_replay(const struct settings *settings, size_t count, char **arguments);
int cmd_compare(const struct settings *settings, size_t count, char **arguments);
int cmd_convert(const struct settings *settings, size_t count, char **arguments);
int cmd_certify(const struct settings *settings, size_t count, char **arguments);
int cmd_verify(const struct settings *settings, size_t count, char **arguments);
int cmd_export(const struct settings *settings, size_t count, char **arguments);

#endif
