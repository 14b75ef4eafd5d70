/* The rows of `compare` and their totals, as text, CSV and JSON. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/status.h"
#include "core/utf8.h"
#include "report/format.h"
#include "report/rows.h"

enum { ROUND_DOWN = -1, ROUND_NEAR, ROUND_UP };

/* A number with `digits` after the point in a column of `width`, "-" when it is not known. What is good is rounded down
 * and what is bad is rounded up: 1.0000 and 0.0000 are meant. */
static void add_real(rs_text *text, int width, int digits, int rounding, double value) {
    char cell[64] = "-";
    double unit = pow(10, -digits);
    if (isfinite(value)) {
        snprintf(cell, sizeof cell, "%.*f", digits, value);
        double shown = strtod(cell, NULL);
        if (rounding == ROUND_DOWN && shown > value) snprintf(cell, sizeof cell, "%.*f", digits, shown - unit);
        if (rounding == ROUND_UP && shown < value) snprintf(cell, sizeof cell, "%.*f", digits, shown + unit);
    }
    rs_text_add(text, "  %*s", width, cell);
}

static void add_size(rs_text *text, int width, bool known, uint64_t value) {
    if (known) rs_text_add(text, "  %*llu", width, (unsigned long long)value);
    else rs_text_add(text, "  %*s", width, "-");
}

static size_t longest(size_t least, const rs_report_rows *rows, char *(*of)(const rs_report_row *row)) {
    for (size_t i = 0; i < rows->count; i++) {
        const char *value = of(&rows->rows[i]);
        size_t length = rs_utf8_length(value, strlen(value));
        if (length > least) least = length;
    }
    return least;
}

static char *network_of(const rs_report_row *row) {
    return row->network;
}

static char *method_of(const rs_report_row *row) {
    return row->method;
}

static void add_row(rs_text *text, const rs_report_row *row, size_t network, size_t method) {
    const rs_comparison *c = &row->result;
    bool truth = c->truth_states > 0;
    rs_report_cell(text, row->network, network);
    rs_text_add(text, "  ");
    rs_report_cell(text, row->method, method);
    add_size(text, 4, true, row->seed);
    if (*row->refused) {
        rs_text_add(text, "  refused: ");
        rs_report_clean(text, row->refused);
        rs_text_add(text, "\n");
        return;
    }
    add_size(text, 8, true, c->clusters);
    add_size(text, 6, true, c->states);
    add_size(text, 5, truth, c->truth_states);
    add_real(text, 9, 4, ROUND_UP, truth ? c->ambiguity : (double)NAN);
    add_real(text, 6, 3, ROUND_NEAR, truth ? c->rand_index : (double)NAN);
    add_real(text, 6, 3, ROUND_NEAR, c->silhouette);
    add_real(text, 8, 4, ROUND_DOWN, c->fidelity);
    add_real(text, 6, 4, ROUND_DOWN, c->fidelity_low);
    add_real(text, 6, 4, ROUND_UP, c->fidelity_high);
    add_real(text, 8, 4, ROUND_DOWN, truth ? c->truth_fidelity : (double)NAN);
    rs_text_add(text, "  %5s", !truth ? "-" : c->equivalent ? "yes" : "no");
    add_size(text, 9, true, c->network_steps);
    add_real(text, 8, 3, ROUND_NEAR, c->seconds);
    add_real(text, 6, 0, ROUND_UP, row->peak_mib);
    rs_text_add(text, "\n");
}

static void add_total(rs_text *text, const rs_report_total *t, size_t method) {
    rs_report_cell(text, t->method, method);
    add_size(text, 5, true, t->runs);
    add_size(text, 7, true, t->refused);
    add_real(text, 9, 4, ROUND_UP, t->ambiguity);
    add_real(text, 8, 1, ROUND_NEAR, t->clusters);
    add_real(text, 6, 3, ROUND_DOWN, t->near);
    add_real(text, 6, 3, ROUND_DOWN, t->twice);
    add_real(text, 6, 3, ROUND_DOWN, t->equivalent);
    add_real(text, 6, 3, ROUND_DOWN, t->same_states);
    add_real(text, 8, 4, ROUND_DOWN, t->fidelity);
    add_real(text, 8, 3, ROUND_NEAR, t->seconds);
    rs_text_add(text, "\n");
}

rs_status rs_report_compare_text(char **out, const rs_report_rows *rows) {
    rs_text text = {0};
    rs_report_total *totals = NULL;
    size_t count, network = longest(strlen("network"), rows, network_of),
                  method = longest(strlen("context-free"), rows, method_of);
    rs_status status = rs_report_totals(&totals, &count, rows);
    if (status != RS_OK) return status;
    rs_report_cell(&text, "network", network);
    rs_text_add(&text, "  ");
    rs_report_cell(&text, "method", method);
    rs_text_add(&text,
                "  seed  clusters  states  truth  ambiguity    rand  silhou  fidelity     low    high  to truth  "
                "equal      steps   seconds     MiB\n");
    size_t cut = 0;
    for (size_t i = 0; i < rows->count; i++) {
        add_row(&text, &rows->rows[i], network, method);
        cut += !*rows->rows[i].refused && rows->rows[i].result.cut;
    }
    if (cut) rs_text_add(&text, "\n--memory left words out in %zu of %zu runs\n", cut, rows->count);
    for (size_t i = 0; i < count; i++) {
        if (!i || totals[i].context_free != totals[i - 1].context_free) {
            rs_text_add(&text, "\n");
            rs_report_cell(&text, totals[i].context_free ? "context-free" : "in all", method);
            rs_text_add(&text,
                        "   runs  refused  ambiguity  clusters   <=A+1   <=2A   equal  same A  fidelity   seconds\n");
        }
        add_total(&text, &totals[i], method);
    }
    free(totals);
    return rs_text_take(out, &text);
}

rs_status rs_report_compare_csv(char **out, const rs_report_rows *rows) {
    rs_text text = {0};
    rs_status status = RS_OK;
    char *line = NULL;
    RS_TRY(rs_report_row_format(&line, NULL));
    rs_text_add(&text, "%s", line);
    for (size_t i = 0; i < rows->count; i++) {
        free(line);
        line = NULL;
        RS_TRY(rs_report_row_format(&line, &rows->rows[i]));
        rs_text_add(&text, "%s", line);
    }
    RS_TRY(rs_text_take(out, &text));
cleanup:
    rs_text_free(&text);
    free(line);
    return status;
}

static json_t *json_value(const rs_column *c, const rs_report_row *row) {
    const void *value = (const char *)row + c->offset;
    if (!rs_column_known(c, row)) return json_null();
    switch (c->kind) {
    case RS_COLUMN_TEXT:
        return rs_json_text(*(char *const *)value);
    case RS_COLUMN_SIZE:
        return rs_json_size(*(const size_t *)value);
    case RS_COLUMN_COUNT:
        return rs_json_size(*(const uint64_t *)value);
    case RS_COLUMN_REAL:
        return rs_json_real(*(const double *)value);
    case RS_COLUMN_BOOL:
        return json_boolean(*(const bool *)value);
    }
    return NULL;
}

static json_t *json_total(const rs_report_total *t) {
    json_t *object = json_object();
    rs_json_put(&object, "method", rs_json_text(t->method));
    rs_json_put(&object, "context_free", json_boolean(t->context_free));
    rs_json_put(&object, "runs", rs_json_size(t->runs));
    rs_json_put(&object, "refused", rs_json_size(t->refused));
    rs_json_put(&object, "with_truth", rs_json_size(t->with_truth));
    rs_json_put(&object, "mean_ambiguity", rs_json_real(t->ambiguity));
    rs_json_put(&object, "median_clusters", rs_json_real(t->clusters));
    rs_json_put(&object, "share_clusters_near", rs_json_real(t->near));
    rs_json_put(&object, "share_clusters_twice", rs_json_real(t->twice));
    rs_json_put(&object, "share_equivalent", rs_json_real(t->equivalent));
    rs_json_put(&object, "share_same_states", rs_json_real(t->same_states));
    rs_json_put(&object, "mean_fidelity", rs_json_real(t->fidelity));
    rs_json_put(&object, "median_seconds", rs_json_real(t->seconds));
    return object;
}

rs_status rs_report_compare_json(char **out, const rs_report_rows *rows) {
    rs_report_total *totals = NULL;
    size_t count;
    rs_status status = rs_report_totals(&totals, &count, rows);
    if (status != RS_OK) return status;
    json_t *object = rs_json_head("compare"), *array = json_array(), *sums = json_array();
    for (size_t i = 0; i < rows->count; i++) {
        json_t *row = json_object();
        for (const rs_column *c = rs_columns; c->name; c++) rs_json_put(&row, c->name, json_value(c, &rows->rows[i]));
        rs_json_append(&array, row);
    }
    for (size_t i = 0; i < count; i++) rs_json_append(&sums, json_total(&totals[i]));
    rs_json_put(&object, "rows", array);
    rs_json_put(&object, "totals", sums);
    free(totals);
    return rs_json_take(out, object);
}
