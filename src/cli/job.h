/* What the commands share: how settings become the library's options, and the job of extract and check. */
#ifndef CLI_JOB_H
#define CLI_JOB_H

#include "options.h"
#include "prove.h"

/* From now on SIGINT and SIGTERM interrupt what the context runs; a second one ends the process. */
void job_catch_signals(void);
rs_context job_context(const settings *s, atomic_uint_fast64_t *steps);
rs_status job_network(rs_network **out, const settings *s, const char *path);

/* The properties of all files together. Says what is wrong and returns the exit code; EXIT_HOLDS: done. */
int job_properties(rs_properties **out, const rs_network *net, size_t count, const char *const *paths);

/* Writes the JSON where --json says, and the text to standard output unless that has the JSON. */
rs_status job_write(const settings *s, const char *json, const char *text);
/* Whether standard output has the JSON and nothing else. */
bool job_json_only(const settings *s);

/* Makes the folder unless it is there, before any work is done; NULL is fine. Says what is wrong. */
bool job_make_folder(const char *path);
/* Writes `text` to FOLDER/NAME ENDING, or removes that file when there is no text. Names of properties are letters,
 * digits, '_', '.' and '-', and do not begin with a '.': they are names of files too. */
rs_status job_write_beside(const char *folder, const char *name, const char *ending, const char *text);

/* A refinement with everything that it borrows, and its report. */
typedef struct job {
    rs_network *net;
    rs_properties *properties; /* NULL: extract */
    rs_automaton *truth;       /* NULL: none */
    rs_refinement *refinement;
    proving proving;                /* check --require proof: of the properties that hold */
    const rs_report_proof **proofs; /* [properties]: into it, NULL for others; NULL: no proof is required */
    char *text, *json;
} job;
int job_run(job *out, const char *name, const settings *s, const char *network, size_t count,
            const char *const *properties);
void job_free(job *j);

/* The property of an automaton file is named after it, in the syntax of property files: "folder/even a.dot" is
 * "even_a". The caller frees it; NULL: out of memory. */
char *job_property_name(const char *path);

/* Whether a file is an automaton by its name: .dot, .gv or .xml. */
bool job_is_automaton(const char *path);

#endif
