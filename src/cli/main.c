/* rnnsafe: a table of commands over the library. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "console.h"
#include "help.h"
#include "job.h"

static int version(void) {
    printf("rnnsafe %s\n", rs_version());
    return EXIT_HOLDS;
}

static int unknown(const char *what, const char *name) {
    console_error("unknown %s \"%s\"; \"rnnsafe --help\" lists the commands", what, name);
    return EXIT_USAGE;
}

static int help(const char *name) {
    const command *c = name ? command_find(name) : NULL;
    if (name && !c) return unknown("command", name);
    if (c) help_command(c);
    else help_overview();
    return EXIT_HOLDS;
}

static int run(const command *c, int argc, char **argv) {
    settings s;
    size_t count;
    char **arguments;
    if (!options_read(&s, &count, &arguments, c, argc, argv)) return EXIT_USAGE;
    if (s.help) return help(c->name);
    if (s.version) return version();
    if (count < c->least || count > c->most) {
        console_error("%s arguments; usage: rnnsafe %s %s [OPTIONS]", count < c->least ? "missing" : "too many",
                      c->name, c->arguments);
        return EXIT_USAGE;
    }
    console_setup(s.quiet > 0, s.verbose);
    job_catch_signals();
    return c->run(&s, count, arguments);
}

static int dispatch(int argc, char **argv) {
    if (argc < 2) {
        console_error("no command; usage: rnnsafe COMMAND ARGUMENTS [OPTIONS]; \"rnnsafe --help\" lists the commands");
        return EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--version") == 0) return version();
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) return help(NULL);
    if (strcmp(name, "help") == 0) return help(argc > 2 ? argv[2] : NULL);
    if (strcmp(name, "--manual") == 0) { /* for the build */
        help_manual();
        return EXIT_HOLDS;
    }
    const command *c = command_find(name);
    return c ? run(c, argc - 1, argv + 1) : unknown(*name == '-' ? "option" : "command", name);
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of writing, said like any other */
    return console_finish(dispatch(argc, argv));
}
