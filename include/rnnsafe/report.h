/* rnnsafe/report.h - results for people and for programs. */
#ifndef RNNSAFE_REPORT_H
#define RNNSAFE_REPORT_H

#include "rnnsafe/certify.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a report is about besides the refinement itself. */
typedef struct rs_report_run {
    const char *command; /* "check", "extract" */
    uint64_t seed;
    uint64_t network_steps;
    double seconds;                              /* total */
    const rs_automaton *truth;                   /* NULL: no ground truth */
    bool colour;                                 /* text only */
    const struct rs_report_proof *const *proofs; /* [findings]: what was found out about a property that
                                                    else HOLDS; NULL where nothing, and for all */
} rs_report_run;

/* The JSON object that DESIGN fixes, ending in a line feed; the caller frees it. */
rs_status rs_report_json(char **out, const rs_refinement *r, const rs_report_run *run);

/* The text of check: the machine and how it was found, then for each property its evidence (a counterexample as a table
 * of moments), last the lines `VERDICT name ...`. The caller frees it. */
rs_status rs_report_text(char **out, const rs_refinement *r, const rs_report_run *run);

/* An assumption under which a claim did not go through. */
typedef struct rs_report_wider {
    const char *assuming;
    rs_verdict verdict;
    const rs_word *word; /* VIOLATED */
    const char *reason;  /* UNKNOWN */
} rs_report_wider;

/* `certify` and `verify`: what is known of one claim; everything is borrowed. */
typedef struct rs_report_proof {
    const char *claim;          /* "property", "equal" */
    const char *name, *formula; /* formula NULL: none */
    const char *assuming;       /* what words it is about, and the names of that; NULL: all */
    const char *assuming_names;
    const rs_report_wider *wider; /* [wider_count]: assumptions before this one */
    size_t wider_count;
    rs_verdict verdict;                /* PROVED, VIOLATED or UNKNOWN */
    const rs_certificate *certificate; /* PROVED */
    double headroom;                   /* PROVED: eps divided by what is needed; 0: not looked for */
    const char *method;                /* how proof or word was found; NULL: not said */
    const rs_word *word;               /* VIOLATED */
    const uint32_t *outputs;           /* VIOLATED: [word->length], the network's */
    const char *reason;                /* UNKNOWN */
    const rs_bounded *bounded;         /* what is known besides; NULL: nothing more */
    const char *lengths;               /* its distribution of random words */
} rs_report_proof;

/* For each claim its evidence, last the lines `VERDICT name ...`. Of `run`, `truth` is not used. The caller frees *out.
 */
rs_status rs_report_proofs_text(char **out, const rs_network *net, size_t count, const rs_report_proof *proofs,
                                const rs_report_run *run);
rs_status rs_report_proofs_json(char **out, const rs_network *net, size_t count, const rs_report_proof *proofs,
                                const rs_report_run *run);

/* `info`: what was read and what was inferred, as text or JSON, and for each of `count` words (may be NULL for none)
 * the class and the logits after every symbol. The caller frees *out. */
rs_status rs_report_network_text(char **out, const rs_network *net, size_t count, const rs_word *probes,
                                 const rs_context *ctx);
rs_status rs_report_network_json(char **out, const rs_network *net, size_t count, const rs_word *probes,
                                 const rs_context *ctx);

/* `replay`: a word, its outputs, and for each property the moment at which it is violated, if any. *violated says
 * whether some property is; properties may be NULL. The caller frees *out. Cost: one network step a symbol. */
rs_status rs_report_replay_text(char **out, bool *violated, const rs_network *net, const rs_word *word,
                                const rs_properties *properties, bool colour, const rs_context *ctx);
rs_status rs_report_replay_json(char **out, bool *violated, const rs_network *net, const rs_word *word,
                                const rs_properties *properties, const rs_context *ctx);

/* `compare`: one run of a method on a network. A row owns its texts, made by malloc. */
typedef struct rs_report_row {
    char *network; /* its file */
    char *sha256;  /* of that file */
    char *setting; /* digest of what else the run depended on, see rs_report_row_new */
    char *kind;    /* "dfa", "moore", "mealy", "cfg" (context-free: there is no truth), "" when nobody said */
    char *cell;
    size_t layers, hidden;
    char *method; /* with its parameters, as "kmeans:clusters=8A" */
    uint64_t seed;
    size_t words; /* recorded */
    char *lengths;
    char *refused; /* why the method refused the network; "" when it ran, and only then are there results: */
    rs_comparison result;
    double peak_mib;  /* memory of the process at its largest, in MiB; NAN: not known */
    bool peak_of_run; /* since the run began; else since the process began */
} rs_report_row;

typedef struct rs_report_rows {
    rs_report_row *rows; /* [count] */
    size_t count, capacity;
} rs_report_rows;

/* A row with all that identifies it, and no result. `setting` is a digest of the network's cell, input, alphabet and
 * outputs, the truth (may be NULL), test words, delta, limits, memory, and this version of rnnsafe. `network` and `kind` may be
 * NULL: the network's own file, and "". */
rs_status rs_report_row_new(rs_report_row *out, const rs_network *net, const rs_automaton *truth, const char *network,
                            const char *kind, const char *method, uint64_t seed, const rs_refine_options *options);
void rs_report_row_free(rs_report_row *row); /* its texts */
/* Whether two rows are of the same run: sha256, setting, method, seed, words, lengths. */
bool rs_report_row_same(const rs_report_row *a, const rs_report_row *b);
/* A line of CSV that ends in a line feed; a row of NULL gives the line of names. Numbers have 15 digits; what is not
 * known is empty. The caller frees it. */
rs_status rs_report_row_format(char **out, const rs_report_row *row);

/* Moves the row to the end; it is the caller's again on failure. */
rs_status rs_report_rows_add(rs_report_rows *rows, rs_report_row *row);
void rs_report_rows_free(rs_report_rows *rows);
/* Reads what rs_report_row_format wrote. A last line without a line feed was cut by a crash and is ignored; *whole is
 * the number of bytes before it. RS_EINPUT with file and line: other names, a line that is not a row. */
rs_status rs_report_rows_read(rs_report_rows *out, size_t *whole, const char *path);
/* The same from memory; `name` stands for the file in messages. */
rs_status rs_report_rows_parse(rs_report_rows *out, size_t *whole, const char *text, size_t length, const char *name);

/* What a method did on all networks of a sort. Shares are of the runs that were measured, those about the truth of the
 * runs that had one; NAN where there were none. */
typedef struct rs_report_total {
    const char *method; /* borrowed from the rows */
    bool context_free;  /* over networks of kind "cfg", else over all others */
    size_t runs, refused, with_truth;
    double ambiguity;   /* mean */
    double clusters;    /* median */
    double near;        /* share with at most one cluster more than the truth has states */
    double twice;       /* share with at most twice as many */
    double equivalent;  /* share of machines equivalent to the truth */
    double same_states; /* share of machines with as many states as the truth */
    double fidelity;    /* mean */
    double seconds;     /* median */
} rs_report_total;

/* Regular networks first, methods in order of appearance; an array that the caller frees. */
rs_status rs_report_totals(rs_report_total **out, size_t *count, const rs_report_rows *rows);

/* The rows and their totals as a table; rows alone as CSV; both as JSON, where rows have the names of the CSV. The
 * caller frees *out. */
rs_status rs_report_compare_text(char **out, const rs_report_rows *rows);
rs_status rs_report_compare_csv(char **out, const rs_report_rows *rows);
rs_status rs_report_compare_json(char **out, const rs_report_rows *rows);

/* A table of networks: CSV with a line of names. Columns: file (relative to the table's folder), language, cell,
 * alphabet, outputs, kind, agreement, and inputs and classes where alphabet or outputs are empty: then the names are
 * 0 1 2 .... Others are ignored. Fields may be quoted; none holds a line feed. */
typedef struct rs_manifest rs_manifest;
typedef struct rs_manifest_entry {
    const char *file;         /* as it stands in the table */
    const char *path, *truth; /* with the folder; truth is LANGUAGE/truth.dot, NULL for kind cfg */
    const char *cell;         /* NULL: not said */
    const char *alphabet, *outputs;
    const char *kind;
    double agreement; /* of network and truth, in [0,1]; NAN: not said */
} rs_manifest_entry;
/* RS_EINPUT with file and line: a column is missing or named twice, a line has other than the columns' number of
 * fields, a field cannot be meant. */
rs_status rs_manifest_read(rs_manifest **out, const char *path);
rs_status rs_manifest_parse(rs_manifest **out, const char *text, size_t length, const char *path);
void rs_manifest_free(rs_manifest *m);
size_t rs_manifest_count(const rs_manifest *m);
const rs_manifest_entry *rs_manifest_get(const rs_manifest *m, size_t i);

#ifdef __cplusplus
}
#endif
#endif
