/* One table of options. It makes getopt_long's array, --help, the range checks and the manual page. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "commands.h"
#include "rnnsafe/network.h"

/* Times that an option may be given that is repeated. */
#define OPTIONS_TEXTS 64

/* What the options say. Texts are borrowed from the arguments of main. */
typedef struct settings {
    const char *alphabet, *outputs, *cell, *input, *card;
    const char *cluster, *lengths, *truth, *word_file;
    const char *manifest, *kind, *seeds, *csv, *resume;
    const char *json, *output, *to, *properties, *dump_smt;
    const char *equal, *assume, *guide, *require;
    size_t clusters, words, test_words, hold_words, memory, max_rounds, max_clusters, max_steps, bound;
    size_t seed, threads, passive, verbose, quiet, help, version;
    double timeout, delta, agreement, eps;
    struct text_list {
        const char *items[OPTIONS_TEXTS]; /* [count] */
        size_t count;
    } probe;
} settings;

typedef enum option_kind {
    OPTION_FLAG,   /* counted: size_t */
    OPTION_SIZE,   /* size_t in [least, most] */
    OPTION_BYTES,  /* the same, with K, M or G for powers of 1024 */
    OPTION_REAL,   /* double in (least, most] */
    OPTION_TEXT,   /* const char * */
    OPTION_LIST,   /* struct text_list: may be repeated */
    OPTION_CHOICE, /* const char *, one of choice(0), choice(1), ... */
} option_kind;

typedef struct option_row {
    const char *name;
    char letter; /* 0: none */
    const char *argument;
    option_kind kind;
    size_t offset;       /* in settings */
    const char *initial; /* the default as it would be given; NULL: none */
    double least, most;
    const char *(*choice)(size_t i);             /* NULL past the last */
    const char *(*describe)(const char *choice); /* a line for each choice; may be NULL */
    unsigned commands;                           /* bits of those that take it */
    const char *help;
} option_row;

extern const option_row option_rows[]; /* ends with a name of NULL */

/* The choices of a row as "a, b, c". */
#define OPTIONS_CHOICES 512
void options_choices(char out[OPTIONS_CHOICES], const option_row *row);

/* Reads the options of `c` from argv[1..] over the defaults; what is left are *count arguments at *arguments. False
 * with one line on standard error when they are not understood. */
bool options_read(settings *out, size_t *count, char ***arguments, const command *c, int argc, char **argv);

#endif
