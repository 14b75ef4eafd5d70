/* rnnsafe/core.h - what every module shares: status, messages, run context, names and words.
 *
 * Conventions of the whole library. A function that can fail returns rs_status; its outputs are the first
 * parameters and are untouched unless it returns RS_OK. The message is set once, where the fault was found, and
 * belongs to the thread. `rs_x_free(NULL)` is fine. A getter returns borrowed memory, valid until its object is
 * freed. Nothing here prints, exits or aborts. */
#ifndef RNNSAFE_CORE_H
#define RNNSAFE_CORE_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What went wrong. A verdict is never a status. */
typedef enum rs_status {
    RS_OK = 0,
    RS_EUSAGE,       /* the caller asked for something that cannot be meant: option out of range, unknown method */
    RS_EINPUT,       /* a file or a text is bad; the message has its name, position and what to do */
    RS_EMEMORY,      /* an allocation failed, or a size does not fit size_t */
    RS_EINTERNAL,    /* a contradiction inside rnnsafe or a library it uses, such as engines that disagree */
    RS_EINTERRUPTED, /* rs_context.interrupt was raised */
} rs_status;

/* The message of the last failed call of this thread, one line without a line feed; "" before any failure. */
const char *rs_error_message(void);

/* The version, "MAJOR.MINOR.PATCH". */
const char *rs_version(void);

/* How a long computation is run: where its randomness, threads and limits come from and whom it tells of progress.
 * Callers fill what they need over {0}; NULL stands for rs_context_default(). Results depend on `seed` alone, never on
 * `threads`; a deadline or an interrupt can only make them less, and whoever stops early says so in its result. */
typedef struct rs_context {
    uint64_t seed;
    size_t threads;                          /* 0: one */
    double deadline;                         /* rs_now() at which to stop; 0: never */
    const volatile sig_atomic_t *interrupt;  /* raised by a signal handler; NULL: never */
    atomic_uint_fast64_t *network_steps;     /* counts every step of the network that is computed; NULL: not counted */
    void (*progress)(void *user, const char *phase, double done); /* done in [0,1]; NULL: silent */
    void (*log)(void *user, int level, const char *line); /* level 1: -v, 2: -vv; NULL: silent */
    void *user;
} rs_context;

/* Seed 1, one thread, no limit, silent. */
const rs_context *rs_context_default(void);

/* Monotonic seconds. */
double rs_now(void);

/* Whether the deadline has passed. Interrupts are asked for by rs_context_interrupted. NULL: false. */
bool rs_context_expired(const rs_context *ctx);
bool rs_context_interrupted(const rs_context *ctx);

/* An ordered list of distinct, non-empty names: an alphabet, or the outputs of a network. Symbols and classes are
 * indices into it. A name holds no white space and no control character, and is valid UTF-8. */
typedef struct rs_names rs_names;

/* `count` names, copied. RS_EINPUT: empty, repeated or malformed name, or none at all (`what` names the list, as
 * "alphabet"). */
rs_status rs_names_new(rs_names **out, const char *what, size_t count, const char *const *names);
/* Names separated by white space: "a b c". */
rs_status rs_names_parse(rs_names **out, const char *what, const char *text);
rs_status rs_names_copy(rs_names **out, const rs_names *names);
void rs_names_free(rs_names *names);
size_t rs_names_count(const rs_names *names);
const char *rs_names_get(const rs_names *names, size_t index);
/* The index of `name`, of `length` bytes; SIZE_MAX when absent. O(1) expected. */
size_t rs_names_find(const rs_names *names, const char *name, size_t length);
/* The same names in the same order. */
bool rs_names_equal(const rs_names *a, const rs_names *b);
/* Whether every name is one character (one code point), so that words can be written without spaces. */
bool rs_names_single(const rs_names *names);

/* A word: symbols as indices into an alphabet. */
typedef struct rs_word {
    uint32_t *symbols; /* [length], NULL for the empty word */
    size_t length;
} rs_word;

/* Symbols separated by white space, or one string when rs_names_single: "a b b", "abb". "" is the empty word.
 * RS_EINPUT: a symbol that the alphabet lacks, with its column. */
rs_status rs_word_parse(rs_word *out, const rs_names *alphabet, const char *text);
/* The inverse, symbols separated by one space; the empty word is "". The caller frees *out with free. */
rs_status rs_word_format(char **out, const rs_names *alphabet, const uint32_t *symbols, size_t length);
rs_status rs_word_copy(rs_word *out, const uint32_t *symbols, size_t length);
void rs_word_free(rs_word *word);

/* Writes `length` bytes to `path` so that it is either whole or untouched: a temporary file beside it, flushed, then
 * renamed. A device or a pipe is written to instead. "-" is standard output. RS_EINPUT with the system's reason. */
rs_status rs_file_write(const char *path, const void *bytes, size_t length);

/* The lower bound on a success probability p that holds with confidence 1 - delta after `successes` of `trials`, and
 * the upper bound on a failure probability after `failures` of `trials`: one-sided exact binomial bounds.
 * Clopper and Pearson, Biometrika 26(4), 1934, doi:10.1093/biomet/26.4.404. */
double rs_binomial_lower(size_t successes, size_t trials, double delta);
double rs_binomial_upper(size_t failures, size_t trials, double delta);

#ifdef __cplusplus
}
#endif
#endif
