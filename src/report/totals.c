/* What a method did on all networks of a sort: means, medians and shares over the rows that have them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "rnnsafe/report.h"

static bool context_free(const rs_report_row *row) {
    return strcmp(row->kind, "cfg") == 0;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The mean of the two in the middle of an even number. */
static double median(double *values, size_t count) {
    if (!count) return NAN;
    qsort(values, count, sizeof *values, by_value);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/* `scratch` holds a value of every row. */
static void add_up(rs_report_total *t, const rs_report_rows *rows, double *scratch) {
    size_t near = 0, twice = 0, equivalent = 0, same = 0, measured = 0;
    double ambiguity = 0, fidelity = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const rs_report_row *row = &rows->rows[i];
        const rs_comparison *c = &row->result;
        if (context_free(row) != t->context_free || strcmp(row->method, t->method) != 0) continue;
        t->runs++;
        if (*row->refused) {
            t->refused++;
            continue;
        }
        scratch[measured++] = (double)c->clusters;
        fidelity += c->fidelity;
        if (!c->truth_states) continue;
        t->with_truth++;
        ambiguity += c->ambiguity;
        near += c->clusters <= c->truth_states + 1;
        twice += c->clusters <= 2 * c->truth_states;
        equivalent += c->equivalent;
        same += c->states == c->truth_states;
    }
    t->clusters = median(scratch, measured);
    measured = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const rs_report_row *row = &rows->rows[i];
        if (context_free(row) == t->context_free && strcmp(row->method, t->method) == 0 && !*row->refused)
            scratch[measured++] = row->result.seconds;
    }
    t->seconds = median(scratch, measured);
    double truths = t->with_truth ? (double)t->with_truth : (double)NAN;
    t->fidelity = measured ? fidelity / (double)measured : (double)NAN;
    t->ambiguity = ambiguity / truths;
    t->near = (double)near / truths;
    t->twice = (double)twice / truths;
    t->equivalent = (double)equivalent / truths;
    t->same_states = (double)same / truths;
}

rs_status rs_report_totals(rs_report_total **out, size_t *count, const rs_report_rows *rows) {
    rs_status status = RS_OK;
    rs_report_total *totals = NULL;
    double *scratch = NULL;
    size_t used = 0, capacity = 0;
    RS_TRY_ALLOC(scratch = rs_alloc(rows->count, sizeof *scratch));
    RS_TRY(rs_reserve((void **)&totals, &capacity, 1, sizeof *totals));
    for (int sort = 0; sort < 2; sort++)
        for (size_t i = 0; i < rows->count; i++) {
            const rs_report_row *row = &rows->rows[i];
            bool seen = context_free(row) != (sort == 1);
            for (size_t j = 0; j < used && !seen; j++)
                seen = totals[j].context_free == (sort == 1) && strcmp(totals[j].method, row->method) == 0;
            if (seen) continue;
            RS_TRY(rs_reserve((void **)&totals, &capacity, used + 1, sizeof *totals));
            totals[used] = (rs_report_total){.method = row->method, .context_free = sort == 1};
            add_up(&totals[used++], rows, scratch);
        }
    *out = totals;
    *count = used;
    totals = NULL;
cleanup:
    free(totals);
    free(scratch);
    return status;
}
