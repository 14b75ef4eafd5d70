/* Rows of `compare`: what identifies a run, and rows as lines of CSV, written and read by one table of columns. A file
 * of lines is complete up to its last line feed, so that a run can be taken up again after a crash. */
#include "report/rows.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/sha256.h"
#include "core/status.h"
#include "report/csv.h"

#define FILE_LIMIT ((size_t)1 << 28)
#define AT(member) offsetof(rs_report_row, member)

/* clang-format off */
const rs_column rs_columns[] = {
    {"network", RS_COLUMN_TEXT, AT(network), RS_COLUMN_ALWAYS},
    {"sha256", RS_COLUMN_TEXT, AT(sha256), RS_COLUMN_ALWAYS},
    {"setting", RS_COLUMN_TEXT, AT(setting), RS_COLUMN_ALWAYS},
    {"kind", RS_COLUMN_TEXT, AT(kind), RS_COLUMN_ALWAYS},
    {"cell", RS_COLUMN_TEXT, AT(cell), RS_COLUMN_ALWAYS},
    {"layers", RS_COLUMN_SIZE, AT(layers), RS_COLUMN_ALWAYS},
    {"hidden", RS_COLUMN_SIZE, AT(hidden), RS_COLUMN_ALWAYS},
    {"method", RS_COLUMN_TEXT, AT(method), RS_COLUMN_ALWAYS},
    {"seed", RS_COLUMN_COUNT, AT(seed), RS_COLUMN_ALWAYS},
    {"words", RS_COLUMN_SIZE, AT(words), RS_COLUMN_ALWAYS},
    {"lengths", RS_COLUMN_TEXT, AT(lengths), RS_COLUMN_ALWAYS},
    {"refused", RS_COLUMN_TEXT, AT(refused), RS_COLUMN_ALWAYS},
    {"points", RS_COLUMN_SIZE, AT(result.points), RS_COLUMN_RESULT},
    {"cut", RS_COLUMN_BOOL, AT(result.cut), RS_COLUMN_RESULT},
    {"clusters", RS_COLUMN_SIZE, AT(result.clusters), RS_COLUMN_RESULT},
    {"states", RS_COLUMN_SIZE, AT(result.states), RS_COLUMN_RESULT},
    {"truth_states", RS_COLUMN_SIZE, AT(result.truth_states), RS_COLUMN_TRUTH},
    {"ambiguity", RS_COLUMN_REAL, AT(result.ambiguity), RS_COLUMN_TRUTH},
    {"rand_index", RS_COLUMN_REAL, AT(result.rand_index), RS_COLUMN_TRUTH},
    {"silhouette", RS_COLUMN_REAL, AT(result.silhouette), RS_COLUMN_RESULT},
    {"fidelity", RS_COLUMN_REAL, AT(result.fidelity), RS_COLUMN_RESULT},
    {"fidelity_low", RS_COLUMN_REAL, AT(result.fidelity_low), RS_COLUMN_RESULT},
    {"fidelity_high", RS_COLUMN_REAL, AT(result.fidelity_high), RS_COLUMN_RESULT},
    {"test_words", RS_COLUMN_SIZE, AT(result.words), RS_COLUMN_RESULT},
    {"truth_fidelity", RS_COLUMN_REAL, AT(result.truth_fidelity), RS_COLUMN_TRUTH},
    {"equivalent", RS_COLUMN_BOOL, AT(result.equivalent), RS_COLUMN_TRUTH},
    {"network_steps", RS_COLUMN_COUNT, AT(result.network_steps), RS_COLUMN_RESULT},
    {"seconds", RS_COLUMN_REAL, AT(result.seconds), RS_COLUMN_RESULT},
    {"peak_mib", RS_COLUMN_REAL, AT(peak_mib), RS_COLUMN_RESULT},
    {"peak_of_run", RS_COLUMN_BOOL, AT(peak_of_run), RS_COLUMN_RESULT},
    {0},
};
/* clang-format on */

enum { COLUMNS = sizeof rs_columns / sizeof *rs_columns - 1 };

bool rs_column_known(const rs_column *c, const rs_report_row *row) {
    const void *value = (const char *)row + c->offset;
    if (c->when != RS_COLUMN_ALWAYS && *row->refused) return false;
    if (c->when == RS_COLUMN_TRUTH && !row->result.truth_states) return false;
    return c->kind != RS_COLUMN_REAL || isfinite(*(const double *)value);
}

/* Everything else that a run depends on, as 16 hex digits. */
static rs_status setting(char **out, const rs_network *net, const rs_automaton *truth, const rs_refine_options *o) {
    rs_text text = {0};
    const rs_names *const lists[] = {rs_network_alphabet(net), rs_network_outputs(net)};
    char *dot = NULL, *all = NULL, digest[65];
    rs_status status = RS_OK;
    rs_text_add(&text, "%s %s %s %zu %.17g %zu %zu %zu %zu %zu %zu\n", rs_version(), rs_cell_name(rs_network_cell(net)),
                rs_input_name(rs_network_input(net)), o->test_words, o->delta, o->settle, o->significance,
                o->max_rounds, o->max_clusters, o->max_steps, o->memory);
    for (size_t i = 0; i < 2; i++, rs_text_add(&text, "\n"))
        for (size_t j = 0; j < rs_names_count(lists[i]); j++) rs_text_add(&text, "%s ", rs_names_get(lists[i], j));
    if (truth) RS_TRY(rs_automaton_write_dot(&dot, truth));
    rs_text_add(&text, "%s", dot ? dot : "");
    size_t length = text.length;
    RS_TRY(rs_text_take(&all, &text));
    rs_sha256_hex(digest, all, length);
    RS_TRY_ALLOC(*out = rs_strndup(digest, 16));
cleanup:
    rs_text_free(&text);
    free(dot);
    free(all);
    return status;
}

rs_status rs_report_row_new(rs_report_row *out, const rs_network *net, const rs_automaton *truth, const char *network,
                            const char *kind, const char *method, uint64_t seed, const rs_refine_options *options) {
    rs_status status = RS_OK;
    rs_report_row row = {.layers = rs_network_layers(net),
                         .hidden = rs_network_hidden(net),
                         .seed = seed,
                         .words = options->words,
                         .peak_mib = NAN};
    RS_TRY_ALLOC(row.network = rs_strdup(network ? network : rs_network_file(net)));
    RS_TRY_ALLOC(row.sha256 = rs_strdup(rs_network_sha256(net)));
    RS_TRY_ALLOC(row.kind = rs_strdup(kind ? kind : ""));
    RS_TRY_ALLOC(row.cell = rs_strdup(rs_cell_name(rs_network_cell(net))));
    RS_TRY_ALLOC(row.method = rs_strdup(method));
    RS_TRY_ALLOC(row.refused = rs_strdup(""));
    RS_TRY(rs_lengths_format(&row.lengths, &options->lengths));
    RS_TRY(setting(&row.setting, net, truth, options));
    *out = row;
    row = (rs_report_row){0};
cleanup:
    rs_report_row_free(&row);
    return status;
}

void rs_report_row_free(rs_report_row *row) {
    for (const rs_column *c = rs_columns; c->name; c++)
        if (c->kind == RS_COLUMN_TEXT) free(*(char **)((char *)row + c->offset));
    *row = (rs_report_row){0};
}

bool rs_report_row_same(const rs_report_row *a, const rs_report_row *b) {
    return a->seed == b->seed && a->words == b->words && !strcmp(a->sha256, b->sha256) &&
           !strcmp(a->setting, b->setting) && !strcmp(a->method, b->method) && !strcmp(a->lengths, b->lengths);
}

static void add_value(rs_text *text, const rs_column *c, const rs_report_row *row) {
    const void *value = (const char *)row + c->offset;
    if (!rs_column_known(c, row)) return;
    switch (c->kind) {
    case RS_COLUMN_TEXT:
        rs_csv_field(text, *(char *const *)value);
        break;
    case RS_COLUMN_SIZE:
        rs_text_add(text, "%zu", *(const size_t *)value);
        break;
    case RS_COLUMN_COUNT:
        rs_text_add(text, "%llu", (unsigned long long)*(const uint64_t *)value);
        break;
    case RS_COLUMN_REAL:
        rs_text_add(text, "%.15g", *(const double *)value);
        break;
    case RS_COLUMN_BOOL:
        rs_text_add(text, "%s", *(const bool *)value ? "true" : "false");
        break;
    }
}

rs_status rs_report_row_format(char **out, const rs_report_row *row) {
    rs_text text = {0};
    for (const rs_column *c = rs_columns; c->name; c++) {
        if (c != rs_columns) rs_text_add(&text, ",");
        if (row) add_value(&text, c, row);
        else rs_text_add(&text, "%s", c->name);
    }
    rs_text_add(&text, "\n");
    return rs_text_take(out, &text);
}

rs_status rs_report_rows_add(rs_report_rows *rows, rs_report_row *row) {
    rs_status status = rs_reserve((void **)&rows->rows, &rows->capacity, rows->count + 1, sizeof *rows->rows);
    if (status != RS_OK) return status;
    rows->rows[rows->count++] = *row;
    *row = (rs_report_row){0};
    return RS_OK;
}

void rs_report_rows_free(rs_report_rows *rows) {
    for (size_t i = 0; i < rows->count; i++) rs_report_row_free(&rows->rows[i]);
    free(rows->rows);
    *rows = (rs_report_rows){0};
}

/* False: the text is none. An unknown value is 0, a real one NAN. */
static bool read_number(void *value, rs_column_kind kind, const char *text) {
    char *end = NULL;
    errno = 0;
    if (kind == RS_COLUMN_REAL) {
        *(double *)value = *text ? strtod(text, &end) : (double)NAN;
        return !*text || (end != text && !*end && isfinite(*(double *)value));
    }
    unsigned long long number = *text ? strtoull(text, &end, 10) : 0;
    if (*text && (*text < '0' || *text > '9' || *end || errno || number > SIZE_MAX)) return false;
    if (kind == RS_COLUMN_SIZE) *(size_t *)value = (size_t)number;
    else *(uint64_t *)value = number;
    return true;
}

static rs_status read_row(rs_report_row *out, const rs_csv *csv) {
    rs_status status = RS_OK;
    rs_report_row row = {0};
    bool good = csv->count == COLUMNS;
    if (!good) status = rs_fail_at(csv->file, csv->line, 1, "%zu fields, not %d", csv->count, (int)COLUMNS);
    for (size_t i = 0; i < COLUMNS && good; i++) {
        const rs_column *c = &rs_columns[i];
        const char *text = csv->fields[i];
        void *value = (char *)&row + c->offset;
        if (c->kind == RS_COLUMN_TEXT) RS_TRY_ALLOC(*(char **)value = rs_strdup(text));
        else if (c->kind == RS_COLUMN_BOOL) {
            *(bool *)value = !strcmp(text, "true");
            good = *(bool *)value || !*text || !strcmp(text, "false");
        } else good = read_number(value, c->kind, text);
        if (!good) status = rs_fail_at(csv->file, csv->line, 1, "\"%s\" cannot be a value of %s", text, c->name);
    }
    if (!good) goto cleanup;
    *out = row;
    row = (rs_report_row){0};
cleanup:
    rs_report_row_free(&row);
    return status;
}

static rs_status check_names(const rs_csv *csv) {
    bool same = csv->count == COLUMNS;
    for (size_t i = 0; i < COLUMNS && same; i++) same = !strcmp(csv->fields[i], rs_columns[i].name);
    if (same) return RS_OK;
    return rs_fail_at(csv->file, csv->line, 1,
                      "these are not the columns that this version of compare writes; name another file");
}

rs_status rs_report_rows_parse(rs_report_rows *out, size_t *whole, const char *text, size_t length, const char *name) {
    rs_status status = RS_OK;
    rs_csv csv = {0};
    rs_report_rows rows = {0};
    rs_report_row row = {0};
    char *header = NULL;
    bool more;
    size_t used = length;
    while (used && text[used - 1] != '\n') used--;
    RS_TRY(rs_report_row_format(&header, NULL));
    if (!used && (length > strlen(header) || memcmp(text, header, length) != 0)) {
        status = rs_fail_at(name, 1, 1, "this is not a file of compare; name another file");
        goto cleanup;
    }
    RS_TRY(rs_csv_open(&csv, text, used, name));
    RS_TRY(rs_csv_next(&more, &csv));
    if (more) RS_TRY(check_names(&csv));
    else used = 0;
    while (more) {
        RS_TRY(rs_csv_next(&more, &csv));
        if (!more) break;
        RS_TRY(read_row(&row, &csv));
        RS_TRY(rs_report_rows_add(&rows, &row));
    }
    *out = rows;
    *whole = used;
    rows = (rs_report_rows){0};
cleanup:
    free(header);
    rs_csv_free(&csv);
    rs_report_row_free(&row);
    rs_report_rows_free(&rows);
    return status;
}

rs_status rs_report_rows_read(rs_report_rows *out, size_t *whole, const char *path) {
    char *text = NULL;
    size_t length;
    rs_status status = rs_file_read(&text, &length, path, FILE_LIMIT);
    if (status == RS_OK) status = rs_report_rows_parse(out, whole, text, length, path);
    free(text);
    return status;
}
