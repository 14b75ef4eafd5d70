/* What the tables of commands and options say to people, on standard output. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "commands.h"

/* `rnnsafe --help` */
void help_overview(void);
/* `rnnsafe COMMAND --help` */
void help_command(const command *c);
/* The manual page rnnsafe(1) in roff. The build makes rnnsafe.1 of it. */
void help_manual(void);

/* The exit codes and what they mean, and the verdicts; both end with a name of NULL. */
typedef struct help_term {
    const char *name, *text;
} help_term;
extern const help_term help_exit_codes[], help_verdicts[];

#endif
