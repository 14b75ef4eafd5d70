/* rnnsafe-verify: the command verify as a program of its own, for those who want to trust as little as possible. It
 * holds the readers of networks, properties, automata and certificates, and the checker; no search, no solver, no BLAS.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "console.h"
#include "job.h"
#include "verify.h"

#define USAGE "rnnsafe-verify CERTIFICATE NETWORK PROPERTIES... | --equal FILE"

static int help(void) {
    printf("usage: " USAGE " [OPTIONS]\n\n"
           "Exits with 0 when every property has a proof in CERTIFICATE that is accepted, else with 5.\n\n"
           "  --equal FILE        in place of properties: the network is this automaton\n"
           "  --assume FILE       of words that satisfy an assumption of FILE alone\n"
           "  --card FILE, --alphabet NAMES, --outputs NAMES, --cell CELL, --input KIND\n"
           "                      what the weights do not say, as for rnnsafe\n"
           "  --json FILE         write the result as JSON too; - is standard output\n"
           "  --help, --version\n");
    return EXIT_HOLDS;
}

static int run(int argc, char **argv) {
    settings s = {.seed = 1, .threads = 1};
    const struct text_option {
        struct option row;
        const char **value;
    } texts[] = {
        {{"equal", required_argument, NULL, 1}, &s.equal},
        {{"card", required_argument, NULL, 1}, &s.card},
        {{"alphabet", required_argument, NULL, 1}, &s.alphabet},
        {{"outputs", required_argument, NULL, 1}, &s.outputs},
        {{"cell", required_argument, NULL, 1}, &s.cell},
        {{"input", required_argument, NULL, 1}, &s.input},
        {{"assume", required_argument, NULL, 1}, &s.assume},
        {{"json", required_argument, NULL, 1}, &s.json},
        {{"help", no_argument, NULL, 'h'}, NULL},
        {{"version", no_argument, NULL, 'V'}, NULL},
    };
    enum { COUNT = sizeof texts / sizeof *texts };
    struct option rows[COUNT + 1] = {0};
    for (size_t i = 0; i < COUNT; i++) rows[i] = texts[i].row;
    int value, which = 0;
    opterr = 0;
    while ((value = getopt_long(argc, argv, ":h", rows, &which)) != -1) {
        if (value == 'h') return help();
        if (value == 'V') {
            printf("rnnsafe-verify %s\n", rs_version());
            return EXIT_HOLDS;
        }
        if (value != 1) {
            console_error("%s \"%s\"; usage: " USAGE, value == ':' ? "no argument for" : "unknown option",
                          argv[optind - 1]);
            return EXIT_USAGE;
        }
        *texts[which].value = optarg;
    }
    if (argc - optind < 2) {
        console_error("missing arguments; usage: " USAGE);
        return EXIT_USAGE;
    }
    job_catch_signals();
    return verify_run(&s, (size_t)(argc - optind), argv + optind, NULL);
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of writing, said like any other */
    return console_finish(run(argc, argv));
}
