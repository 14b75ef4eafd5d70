/* Tables of comma-separated values (RFC 4180), one record a line: a quoted field holds no line feed. */
#ifndef RS_REPORT_CSV_H
#define RS_REPORT_CSV_H

#include "core/text.h"

typedef struct rs_csv {
    const char *file; /* for messages */
    char *text, *at;  /* a copy that the fields point into */
    size_t line;      /* of the last record, from 1 */
    char **fields;    /* [count] of the last record */
    size_t count, capacity;
} rs_csv;

/* RS_EINPUT: a 0 byte. */
rs_status rs_csv_open(rs_csv *out, const char *text, size_t length, const char *file);
/* The next record; *more is false after the last. Empty lines are skipped. RS_EINPUT with file, line and column: quotes
 * that do not match. */
rs_status rs_csv_next(bool *more, rs_csv *csv);
void rs_csv_free(rs_csv *csv);

/* Appends a field, quoted where it must be; control characters become '?'. */
void rs_csv_field(rs_text *text, const char *value);

#endif
