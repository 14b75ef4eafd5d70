#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "methods.h"
#include "rnnsafe/cluster.h"
#include "rnnsafe/exchange.h"

#define LOOP (COMMAND_EXTRACT | COMMAND_CHECK)
#define SAMPLED (LOOP | COMMAND_COMPARE)
#define PROOF (COMMAND_CERTIFY | COMMAND_VERIFY)
#define RUN (SAMPLED | PROOF | COMMAND_INFO | COMMAND_REPLAY)
#define NETWORK (RUN | COMMAND_CONVERT)
#define ALL (NETWORK | COMMAND_EXPORT)
#define AT(member) offsetof(settings, member)

static const char *cell(size_t i) {
    return i < RS_CELLS ? rs_cell_name((rs_cell)i) : NULL;
}

static const char *input(size_t i) {
    return i <= RS_INPUT_EMBEDDING ? rs_input_name((rs_input)i) : NULL;
}

static const char *kind(size_t i) {
    static const char *const kinds[] = {"dfa", "moore", "mealy", "cfg", NULL};
    return kinds[i];
}

static const char *guarantee(size_t i) {
    static const char *const guarantees[] = {"statistics", "proof", NULL};
    return guarantees[i];
}

/* clang-format off */
const option_row option_rows[] = {
    {"output", 'o', "FILE", OPTION_TEXT, AT(output), NULL, 0, 0, NULL, NULL, COMMAND_EXTRACT,
     "write the automaton to FILE, DOT or XML by its extension (.dot, .gv, .xml); the summary then goes to standard "
     "output"},
    {"output", 'o', "DIR", OPTION_TEXT, AT(output), NULL, 0, 0, NULL, NULL, COMMAND_CHECK,
     "write report.json, automaton.dot, automaton.xml and, for each violated property, NAME.word into the folder DIR; "
     "certificate.xml where something is proved"},
    {"output", 'o', "FILE", OPTION_TEXT, AT(output), "-", 0, 0, NULL, NULL, COMMAND_EXPORT,
     "write to FILE; - is standard output"},
    {"output", 'o', "FILE", OPTION_TEXT, AT(output), NULL, 0, 0, NULL, NULL, COMMAND_CONVERT,
     "write to FILE, NAME.safetensors, and NAME.json"},
    {"output", 'o', "CERTIFICATE", OPTION_TEXT, AT(output), NULL, 0, 0, NULL, NULL, COMMAND_CERTIFY,
     "write the proofs to CERTIFICATE, which verify reads: XML, or a third of the bytes where its name ends in .compact"},
    {"equal", 0, "FILE", OPTION_TEXT, AT(equal), NULL, 0, 0, NULL, NULL, PROOF,
     "in place of properties: after every word the network's class is the output of the automaton FILE (.dot, .gv, "
     ".xml)"},
    {"assume", 0, "FILE", OPTION_TEXT, AT(assume), NULL, 0, 0, NULL, NULL, PROOF,
     "of words that satisfy an assumption alone: lines \"assume NAME: FORMULA\" in FILE, each together with those above it, "
     "so from the widest to the narrowest; the widest that goes through is reported"},
    {"bound", 0, "N", OPTION_SIZE, AT(bound), NULL, 1, 4096, NULL, NULL, COMMAND_CERTIFY,
     "run all words up to length N, also beside a proof; else, where there is no proof, as many as some seconds of work go"},
    {"require", 0, "GUARANTEE", OPTION_CHOICE, AT(require), "statistics", 0, 0, guarantee, NULL, COMMAND_CHECK,
     "what a property needs for exit code 0; with proof, those that hold are certified at the end as certify does it"},
    {"guide", 0, "FILE", OPTION_TEXT, AT(guide), NULL, 0, 0, NULL, NULL, COMMAND_CERTIFY,
     "an automaton that the network is thought to be, to find proofs of properties by; no proof rests on it. Else the "
     "automaton that extract finds"},
    {"eps", 0, "E", OPTION_REAL, AT(eps), NULL, 0, 1, NULL, NULL, COMMAND_CERTIFY,
     "an error of each step, in every coordinate of the state, that the proof has to allow; else what float32 needs"},
    {"to", 0, "FORMAT", OPTION_CHOICE, AT(to), NULL, 0, 0, rs_exchange_format, rs_exchange_summary, COMMAND_EXPORT,
     "the format to write"},
    {"properties", 0, "FILE", OPTION_TEXT, AT(properties), NULL, 0, 0, NULL, NULL, COMMAND_EXPORT | COMMAND_REPLAY,
     "a file of named properties"},
    {"cluster", 0, "METHOD", OPTION_CHOICE, AT(cluster), "none", 0, 0, rs_cluster_method, rs_cluster_summary, LOOP,
     "how hidden states are clustered at first"},
    {"cluster", 0, "LIST", OPTION_TEXT, AT(cluster), NULL, 0, 0, methods_help, methods_describe, COMMAND_COMPARE,
     "methods to compare: METHOD[:PARAMETER=VALUE...] separated by commas, or \"all\"; else "
     "behaviour,behaviour-passive,kmeans:clusters=8A, and kmeans where there is no truth. Methods, then parameters:"},
    {"manifest", 0, "CSV", OPTION_TEXT, AT(manifest), NULL, 0, 0, NULL, NULL, COMMAND_COMPARE,
     "a table of networks with their truths; NETWORK then selects lines whose file contains that text"},
    {"kind", 0, "KIND", OPTION_CHOICE, AT(kind), NULL, 0, 0, kind, NULL, COMMAND_COMPARE,
     "of the table, lines of this kind alone"},
    {"agreement", 0, "MIN", OPTION_REAL, AT(agreement), NULL, 0, 1, NULL, NULL, COMMAND_COMPARE,
     "of the table, lines with an agreement of at least MIN; lines without one are kept with --kind cfg alone"},
    {"clusters", 0, "K", OPTION_SIZE, AT(clusters), NULL, 1, 1e6, NULL, NULL, LOOP,
     "number of clusters at first, where the method takes one; else the method chooses"},
    {"lengths", 0, "DIST", OPTION_TEXT, AT(lengths), "uniform:1..16", 0, 0, NULL, NULL, SAMPLED | COMMAND_CERTIFY,
     "distribution of the lengths of random words: uniform:MIN..MAX or geometric:MIN..MAX:STOP; symbols are uniform"},
    {"words", 0, "N", OPTION_SIZE, AT(words), "400", 1, 1e8, NULL, NULL, SAMPLED,
     "random words recorded at the start"},
    {"word-file", 0, "FILE", OPTION_TEXT, AT(word_file), NULL, 0, 0, NULL, NULL, LOOP,
     "record the words of FILE too, one a line, such as those of a log; with --passive, these alone"},
    {"passive", 0, NULL, OPTION_FLAG, AT(passive), NULL, 0, 0, NULL, NULL, COMMAND_EXTRACT,
     "make the automaton from the recorded words alone: the network is not asked what comes after a hidden state"},
    {"test-words", 0, "N", OPTION_SIZE, AT(test_words), "2000", 1, 1e8, NULL, NULL, SAMPLED,
     "fresh random words on which fidelity is measured"},
    {"hold-words", 0, "N", OPTION_SIZE, AT(hold_words), "20000", 1, 1e9, NULL, NULL,
     COMMAND_CHECK | COMMAND_CERTIFY,
     "fresh random words behind the verdict HOLDS, or behind what certify says without a proof"},
    {"delta", 0, "P", OPTION_REAL, AT(delta), "0.01", 0, 0.5, NULL, NULL,
     COMMAND_CHECK | COMMAND_COMPARE | COMMAND_CERTIFY,
     "statistical statements have confidence 1 - P"},
    {"memory", 0, "BYTES", OPTION_BYTES, AT(memory), NULL, 1, 1e15, NULL, NULL, SAMPLED,
     "memory that recorded words may take, as 500M (K, M, G); those that do not fit are left out"},
    {"max-rounds", 0, "N", OPTION_SIZE, AT(max_rounds), "200", 1, 1e6, NULL, NULL, LOOP,
     "rounds of refinement at most"},
    {"max-clusters", 0, "N", OPTION_SIZE, AT(max_clusters), "1000", 1, 1e6, NULL, NULL, LOOP,
     "clusters after splitting at which refinement ends"},
    {"max-steps", 0, "N", OPTION_SIZE, AT(max_steps), "20000000", 1, 1e15, NULL, NULL, LOOP,
     "network steps at which refinement ends"},
    {"dump-smt", 0, "DIR", OPTION_TEXT, AT(dump_smt), NULL, 0, 0, NULL, NULL, COMMAND_CHECK,
     "write what the solver was asked about the last automaton into the folder DIR, as SMT-LIB 2: NAME.chc.smt2 (Horn "
     "clauses: unsat says that a bad state is reached) and NAME.bmc.smt2 (bounded: sat says so)"},
    {"dump-smt", 0, "DIR", OPTION_TEXT, AT(dump_smt), NULL, 0, 0, NULL, NULL, COMMAND_VERIFY,
     "write the finite part of each proof that is accepted into the folder DIR, as SMT-LIB 2: NAME.proof.smt2 (unsat says that "
     "it is one)"},
    {"truth", 0, "FILE", OPTION_TEXT, AT(truth), NULL, 0, 0, NULL, NULL, SAMPLED,
     "an automaton that is the ground truth: adds the ambiguity of the clusters and the automaton's fidelity to it"},
    {"probe", 0, "WORD", OPTION_LIST, AT(probe), NULL, 0, 0, NULL, NULL, COMMAND_INFO,
     "run WORD and print class and logits after each symbol, to compare with another framework; may be repeated"},
    {"card", 0, "FILE", OPTION_TEXT, AT(card), NULL, 0, 0, NULL, NULL, NETWORK,
     "the card: JSON that says what the weights do not; else NAME.json beside NETWORK, where there is one"},
    {"alphabet", 0, "NAMES", OPTION_TEXT, AT(alphabet), NULL, 0, 0, NULL, NULL, ALL,
     "the symbols in the order of the inputs, as \"a b c\""},
    {"outputs", 0, "NAMES", OPTION_TEXT, AT(outputs), NULL, 0, 0, NULL, NULL, ALL,
     "the classes in the order of the outputs, as \"reject accept\""},
    {"cell", 0, "CELL", OPTION_CHOICE, AT(cell), NULL, 0, 0, cell, NULL, NETWORK,
     "the kind of cell, where the weights leave it open"},
    {"input", 0, "KIND", OPTION_CHOICE, AT(input), NULL, 0, 0, input, NULL, NETWORK,
     "how a symbol is given to the network"},
    {"seed", 0, "N", OPTION_SIZE, AT(seed), "1", 0, 9e18, NULL, NULL, RUN,
     "seed of everything random; results depend on it and not on --threads"},
    {"seeds", 0, "LIST", OPTION_TEXT, AT(seeds), NULL, 0, 0, NULL, NULL, COMMAND_COMPARE,
     "seeds separated by commas: every method runs with each of them; else with --seed alone"},
    {"threads", 0, "N", OPTION_SIZE, AT(threads), "1", 1, 1024, NULL, NULL, RUN,
     "threads that compute"},
    {"timeout", 0, "S", OPTION_REAL, AT(timeout), NULL, 0, 1e9, NULL, NULL, RUN & ~(unsigned)COMMAND_COMPARE,
     "stop after S seconds with what is known by then"},
    {"json", 0, "FILE", OPTION_TEXT, AT(json), NULL, 0, 0, NULL, NULL, RUN,
     "write the result as JSON too; - is standard output, which then has nothing else"},
    {"csv", 0, "FILE", OPTION_TEXT, AT(csv), NULL, 0, 0, NULL, NULL, COMMAND_COMPARE,
     "write the rows as CSV too; - is standard output, which then has nothing else"},
    {"resume", 0, "FILE", OPTION_TEXT, AT(resume), NULL, 0, 0, NULL, NULL, COMMAND_COMPARE,
     "add every row to the CSV in FILE as soon as it is there, and do not compute again what FILE already has"},
    {"verbose", 'v', NULL, OPTION_FLAG, AT(verbose), NULL, 0, 0, NULL, NULL, ALL,
     "say on standard error what is done; twice for more"},
    {"quiet", 'q', NULL, OPTION_FLAG, AT(quiet), NULL, 0, 0, NULL, NULL, ALL,
     "nothing but errors on standard error"},
    {"help", 'h', NULL, OPTION_FLAG, AT(help), NULL, 0, 0, NULL, NULL, ALL,
     "this help"},
    {"version", 0, NULL, OPTION_FLAG, AT(version), NULL, 0, 0, NULL, NULL, ALL,
     "the version"},
    {0},
};
/* clang-format on */

#define ROWS (sizeof option_rows / sizeof *option_rows - 1)

static bool read_size(size_t *out, const option_row *row, const char *text) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || value > SIZE_MAX || (double)value < row->least ||
        (double)value > row->most) {
        console_error("--%s takes a whole number from %.0f to %.0f, not \"%s\"", row->name, row->least, row->most,
                      text);
        return false;
    }
    *out = (size_t)value;
    return true;
}

static bool read_bytes(size_t *out, const option_row *row, const char *text) {
    static const char *const units[] = {"", "K", "M", "G"};
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    for (unsigned i = 0; i < sizeof units / sizeof *units; i++) {
        if (*text < '0' || *text > '9' || errno || strcmp(end, units[i]) != 0) continue;
        double bytes = ldexp((double)value, (int)(10 * i));
        if (bytes < row->least || bytes > row->most) break;
        *out = (size_t)value << 10 * i;
        return true;
    }
    console_error("--%s takes a number of bytes, as 500M, of at most 1e15, not \"%s\"", row->name, text);
    return false;
}

static bool read_real(double *out, const option_row *row, const char *text) {
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || !(value > row->least && value <= row->most)) {
        console_error("--%s takes a number above %g, at most %g, not \"%s\"", row->name, row->least, row->most, text);
        return false;
    }
    *out = value;
    return true;
}

void options_choices(char out[OPTIONS_CHOICES], const option_row *row) {
    const char *choice;
    size_t used = 0;
    *out = 0;
    for (size_t i = 0; (choice = row->choice(i)) && used < OPTIONS_CHOICES; i++)
        used += (size_t)snprintf(out + used, OPTIONS_CHOICES - used, "%s%s", i ? ", " : "", choice);
}

static bool read_choice(const char **out, const option_row *row, const char *text) {
    char list[OPTIONS_CHOICES];
    const char *choice;
    for (size_t i = 0; (choice = row->choice(i)); i++)
        if (strcmp(choice, text) == 0) {
            *out = text;
            return true;
        }
    options_choices(list, row);
    console_error("--%s takes one of %s, not \"%s\"", row->name, list, text);
    return false;
}

static bool read_list(struct text_list *out, const option_row *row, const char *text) {
    if (out->count == OPTIONS_TEXTS) {
        console_error("--%s may be given %d times", row->name, OPTIONS_TEXTS);
        return false;
    }
    out->items[out->count++] = text;
    return true;
}

static bool set(settings *s, const option_row *row, const char *text) {
    void *member = (char *)s + row->offset;
    switch (row->kind) {
    case OPTION_FLAG:
        ++*(size_t *)member;
        return true;
    case OPTION_SIZE:
        return read_size(member, row, text);
    case OPTION_BYTES:
        return read_bytes(member, row, text);
    case OPTION_REAL:
        return read_real(member, row, text);
    case OPTION_TEXT:
        *(const char **)member = text;
        return true;
    case OPTION_LIST:
        return read_list(member, row, text);
    case OPTION_CHOICE:
        return read_choice(member, row, text);
    }
    return false;
}

static void explain_unknown(const command *c, const char *given) {
    for (const option_row *row = option_rows; row->name; row++)
        if (strncmp(given, "--", 2) == 0 && strcmp(given + 2, row->name) == 0) {
            console_error("%s does not take %s; see \"rnnsafe help %s\"", c->name, given, c->name);
            return;
        }
    console_error("unknown option \"%s\"; see \"rnnsafe help %s\"", given, c->name);
}

/* getopt_long's value of a row; above every letter. */
#define ROW_VALUE 1000

bool options_read(settings *out, size_t *count, char ***arguments, const command *c, int argc, char **argv) {
    settings s = {0};
    struct option longs[ROWS + 1] = {0};
    char shorts[2 * ROWS + 2] = ":";
    size_t used = 0, letters = 1;
    for (size_t i = 0; i < ROWS; i++) {
        const option_row *row = &option_rows[i];
        if (!(row->commands & c->bit)) continue;
        if (row->initial && !set(&s, row, row->initial)) return false;
        longs[used++] = (struct option){row->name, row->argument ? required_argument : no_argument, NULL,
                                        row->letter ? row->letter : ROW_VALUE + (int)i};
        if (row->letter) shorts[letters++] = row->letter;
        if (row->letter && row->argument) shorts[letters++] = ':';
    }
    opterr = 0;
    int value;
    while ((value = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        const option_row *row = NULL;
        int wanted = value == ':' || value == '?' ? optopt : value;
        for (size_t i = 0; i < ROWS && wanted; i++)
            if ((option_rows[i].commands & c->bit) && (wanted == ROW_VALUE + (int)i || wanted == option_rows[i].letter))
                row = &option_rows[i];
        if (value == ':') {
            console_error("--%s needs an argument, %s; see \"rnnsafe help %s\"", row->name, row->argument, c->name);
            return false;
        }
        if (value == '?' && row) {
            console_error("--%s takes no argument", row->name);
            return false;
        }
        if (value == '?') {
            char letter[3] = {'-', (char)optopt, 0};
            explain_unknown(c, optopt ? letter : argv[optind - 1]);
            return false;
        }
        if (!set(&s, row, optarg)) return false;
    }
    *out = s;
    *count = (size_t)(argc - optind);
    *arguments = argv + optind;
    return true;
}
