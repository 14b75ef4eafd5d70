/* rnnsafe/report.h - results for people and for programs. */
#ifndef RNNSAFE_REPORT_H
#define RNNSAFE_REPORT_H

#include "rnnsafe/refine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a report is about besides the refinement itself. */
typedef struct rs_report_run {
    const char *command;          /* "check", "extract" */
    uint64_t seed;
    uint64_t network_steps;
    double seconds;               /* total */
    const rs_automaton *truth;    /* NULL: no ground truth */
    bool colour;                  /* text only */
} rs_report_run;

/* The JSON object that DESIGN fixes, ending in a line feed; the caller frees it. */
rs_status rs_report_json(char **out, const rs_refinement *r, const rs_report_run *run);

/* The text of check: the machine and how it was found, then for each property its evidence (a counterexample as a table of
 * moments), last the lines `VERDICT name ...`. The caller frees it. */
rs_status rs_report_text(char **out, const rs_refinement *r, const rs_report_run *run);

/* `info`: what was read and what was inferred, as text or JSON. */
rs_status rs_report_network_text(char **out, const rs_network *net);
rs_status rs_report_network_json(char **out, const rs_network *net);

/* `replay`: a word, its outputs, and for each property the moment at which it is violated, if any. *violated says whether
 * some property is; properties may be NULL. The caller frees *out. Cost: one network step a symbol. */
rs_status rs_report_replay_text(char **out, bool *violated, const rs_network *net, const rs_word *word,
                                const rs_properties *properties, bool colour, const rs_context *ctx);
rs_status rs_report_replay_json(char **out, bool *violated, const rs_network *net, const rs_word *word,
                                const rs_properties *properties, const rs_context *ctx);

#ifdef __cplusplus
}
#endif
#endif
