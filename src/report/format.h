/* What the texts and the JSON of reports share. */
#ifndef RS_REPORT_FORMAT_H
#define RS_REPORT_FORMAT_H

#include <jansson.h>

#include "core/text.h"
#include "rnnsafe/report.h"

/* Text. Whatever names and files hold, a line stays one line: control characters become '?'. */
void rs_report_clean(rs_text *text, const char *value);
/* The same, padded with spaces to `width` characters. */
void rs_report_cell(rs_text *text, const char *value, size_t width);
/* "a b c", at most 40 of them and then how many there are. */
void rs_report_names(rs_text *text, const rs_names *names);
/* "FILE: gru, 1 layer of 10 units" */
void rs_report_network_line(rs_text *text, const rs_network *net);
/* A share in [0,1] with four digits, rounded down: 1.0000 means all. */
void rs_report_share(rs_text *text, double share);
/* A bound with three digits, rounded up: what is printed still bounds. */
void rs_report_bound(rs_text *text, double bound);
/* 1 - delta, rounded down. */
void rs_report_confidence(rs_text *text, double delta);
/* `value` in a colour of ANSI terminals ("31" is red) when `colour` is true. */
void rs_report_colour(rs_text *text, bool colour, const char *code, const char *value);

/* The moments of a word as a table, one line a moment: its number, the symbol, the network's output. */
typedef struct rs_mark {
    size_t moment; /* from 1; 0: nowhere */
    const char *name;
} rs_mark;
void rs_report_moments(rs_text *text, const rs_network *net, const rs_word *word, const uint32_t *outputs, size_t count,
                       const rs_mark *marks /* [count], "NAME is violated" at a moment */, bool colour);

/* What was found out about a claim: the lines of its evidence, and its line VERDICT. */
void rs_report_proof_evidence(rs_text *text, const rs_network *net, const rs_report_proof *p, bool colour);
rs_status rs_report_proof_verdict(rs_text *text, const rs_network *net, const rs_report_proof *p, bool colour);

/* "  assuming TEXT" as a line of evidence, and " assuming=NAMES" behind a verdict; nothing for NULL. */
void rs_report_assuming(rs_text *text, const char *assuming);
void rs_report_verdict_assuming(rs_text *text, const char *names);

/* JSON. A value that could not be made is NULL; rs_json_put passes that on, so that a writer checks once, in
 * rs_json_take. */
void rs_json_put(json_t **object, const char *key, json_t *value);
void rs_json_append(json_t **array, json_t *value);
json_t *rs_json_size(uint64_t value);
json_t *rs_json_real(double value);      /* null when it is not finite */
json_t *rs_json_text(const char *value); /* bytes that are no UTF-8 become '?' */
json_t *rs_json_names(const rs_names *names);
/* The names of `indices`: a word, or outputs. */
json_t *rs_json_sequence(const rs_names *names, const uint32_t *indices, size_t length);
json_t *rs_json_network(const rs_network *net);
/* Adds verdict, guarantee and counterexample. */
void rs_json_proof(json_t **entry, const rs_network *net, const rs_report_proof *p);
/* {"tool": "rnnsafe", "version": .., "command": ..} */
json_t *rs_json_head(const char *command);
/* Writes the object, indented, ending in a line feed, and releases it. RS_EMEMORY when it or part of it is missing. */
rs_status rs_json_take(char **out, json_t *object);

#endif
