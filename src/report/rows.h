/* The columns of a row of `compare`: one table for CSV in and out and for JSON. */
#ifndef RS_REPORT_ROWS_H
#define RS_REPORT_ROWS_H

#include "rnnsafe/report.h"

typedef enum rs_column_kind {
    RS_COLUMN_TEXT,
    RS_COLUMN_SIZE,
    RS_COLUMN_COUNT,
    RS_COLUMN_REAL,
    RS_COLUMN_BOOL
} rs_column_kind;

typedef struct rs_column {
    const char *name;
    rs_column_kind kind;                                               /* char *, size_t, uint64_t, double, bool */
    size_t offset;                                                     /* in rs_report_row */
    enum { RS_COLUMN_ALWAYS, RS_COLUMN_RESULT, RS_COLUMN_TRUTH } when; /* a row with a result, with a truth */
} rs_column;

extern const rs_column rs_columns[]; /* ends with a name of NULL */
/* Whether the row has a value there. */
bool rs_column_known(const rs_column *c, const rs_report_row *row);

#endif
