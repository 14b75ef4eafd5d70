/* Tables of networks with their truths. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/status.h"
#include "core/text.h"
#include "report/csv.h"
#include "rnnsafe/report.h"

#define FILE_LIMIT ((size_t)1 << 20)
#define NAMES_LIMIT 1000 /* a short line must not become a long one many times */

typedef enum column {
    FILE_,
    LANGUAGE,
    CELL,
    ALPHABET,
    OUTPUTS,
    KIND,
    AGREEMENT,
    REQUIRED,
    INPUTS = REQUIRED,
    CLASSES,
    COLUMNS
} column;
static const char *const names[COLUMNS] = {"file", "language",  "cell",   "alphabet", "outputs",
                                           "kind", "agreement", "inputs", "classes"};

typedef struct entry {
    rs_manifest_entry face; /* its texts are those below */
    char *file, *path, *truth, *cell, *alphabet, *outputs, *kind;
} entry;

struct rs_manifest {
    size_t count, capacity;
    entry *entries;
};

static void entry_free(entry *e) {
    char *const texts[] = {e->file, e->path, e->truth, e->cell, e->alphabet, e->outputs, e->kind};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) free(texts[i]);
}

void rs_manifest_free(rs_manifest *m) {
    if (!m) return;
    for (size_t i = 0; i < m->count; i++) entry_free(&m->entries[i]);
    free(m->entries);
    free(m);
}

size_t rs_manifest_count(const rs_manifest *m) {
    return m->count;
}

const rs_manifest_entry *rs_manifest_get(const rs_manifest *m, size_t i) {
    return &m->entries[i].face;
}

/* Where each column stands in a line; SIZE_MAX: nowhere. */
static rs_status find_columns(size_t where[COLUMNS], const rs_csv *csv) {
    for (size_t c = 0; c < COLUMNS; c++) {
        where[c] = SIZE_MAX;
        for (size_t i = 0; i < csv->count; i++) {
            if (strcmp(csv->fields[i], names[c]) != 0) continue;
            if (where[c] != SIZE_MAX)
                return rs_fail_at(csv->file, csv->line, 1, "two columns are named \"%s\"", names[c]);
            where[c] = i;
        }
        if (where[c] == SIZE_MAX && c < REQUIRED)
            return rs_fail_at(csv->file, csv->line, 1, "no column is named \"%s\"", names[c]);
    }
    return RS_OK;
}

static const char *field(const rs_csv *csv, const size_t where[COLUMNS], column c) {
    return where[c] == SIZE_MAX ? "" : csv->fields[where[c]];
}

/* The names that stand there, else 0 1 2 ... as many as the column `count` says. */
static rs_status read_names(char **out, const rs_csv *csv, const size_t where[COLUMNS], column list, column count) {
    const char *given = field(csv, where, list), *number = field(csv, where, count);
    rs_text text = {0};
    char *end = NULL;
    if (*given) return (*out = rs_strdup(given)) ? RS_OK : RS_EMEMORY;
    unsigned long many = strtoul(number, &end, 10);
    if (*number < '0' || *number > '9' || *end || !many || many > NAMES_LIMIT)
        return rs_fail_at(csv->file, csv->line, 1, "%s is empty, so %s must be a number from 1 to %d, not \"%s\"",
                          names[list], names[count], NAMES_LIMIT, number);
    for (unsigned long i = 0; i < many; i++) rs_text_add(&text, "%s%lu", i ? " " : "", i);
    return rs_text_take(out, &text);
}

/* Names are checked here, where the line is known. */
static rs_status check_names(const rs_csv *csv, const char *what, const char *text) {
    rs_names *list = NULL;
    rs_status status = rs_names_parse(&list, what, text);
    rs_names_free(list);
    if (status != RS_EINPUT) return status;
    char message[256];
    snprintf(message, sizeof message, "%s", rs_error_message());
    return rs_fail_at(csv->file, csv->line, 1, "%s", message);
}

static rs_status read_cell(char **out, const rs_csv *csv, const char *text) {
    if (!*text) return RS_OK;
    for (rs_cell c = 0; c < RS_CELLS; c++)
        if (!strcmp(text, rs_cell_name(c))) return (*out = rs_strdup(text)) ? RS_OK : RS_EMEMORY;
    return rs_fail_at(csv->file, csv->line, 1, "no cell is called \"%s\"", text);
}

static rs_status read_agreement(double *out, const rs_csv *csv, const char *text) {
    char *end = NULL;
    *out = *text ? strtod(text, &end) : (double)NAN;
    if (!*text || (end != text && !*end && *out >= 0 && *out <= 1)) return RS_OK;
    return rs_fail_at(csv->file, csv->line, 1, "agreement is a number from 0 to 1, not \"%s\"", text);
}

/* LANGUAGE/truth.dot beside the table. */
static rs_status truth_path(char **out, const char *table, const char *language) {
    rs_text text = {0};
    char *relative = NULL;
    rs_text_add(&text, "%s/truth.dot", language);
    rs_status status = rs_text_take(&relative, &text);
    if (status == RS_OK) status = rs_file_beside(out, table, relative);
    free(relative);
    return status;
}

static rs_status read_kind(char **out, const rs_csv *csv, const char *text) {
    static const char *const kinds[] = {"dfa", "moore", "mealy", "cfg"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(text, kinds[i])) return (*out = rs_strdup(text)) ? RS_OK : RS_EMEMORY;
    return rs_fail_at(csv->file, csv->line, 1, "kind is dfa, moore, mealy or cfg, not \"%s\"", text);
}

static rs_status read_entry(entry *out, const rs_csv *csv, const size_t where[COLUMNS], size_t columns) {
    rs_status status = RS_OK;
    entry e = {0};
    if (csv->count != columns) {
        status = rs_fail_at(csv->file, csv->line, 1, "%zu fields, not %zu as in the first line", csv->count, columns);
        goto cleanup;
    }
    const char *file = field(csv, where, FILE_), *language = field(csv, where, LANGUAGE);
    RS_TRY(read_kind(&e.kind, csv, field(csv, where, KIND)));
    bool regular = strcmp(e.kind, "cfg") != 0;
    if (!*file || (regular && !*language)) {
        status = rs_fail_at(csv->file, csv->line, 1, "%s is empty", *file ? "language" : "file");
        goto cleanup;
    }
    RS_TRY_ALLOC(e.file = rs_strdup(file));
    RS_TRY(rs_file_beside(&e.path, csv->file, file));
    if (regular) RS_TRY(truth_path(&e.truth, csv->file, language));
    RS_TRY(read_cell(&e.cell, csv, field(csv, where, CELL)));
    RS_TRY(read_names(&e.alphabet, csv, where, ALPHABET, INPUTS));
    RS_TRY(read_names(&e.outputs, csv, where, OUTPUTS, CLASSES));
    RS_TRY(check_names(csv, "alphabet", e.alphabet));
    RS_TRY(check_names(csv, "outputs", e.outputs));
    RS_TRY(read_agreement(&e.face.agreement, csv, field(csv, where, AGREEMENT)));
    e.face = (rs_manifest_entry){e.file, e.path, e.truth, e.cell, e.alphabet, e.outputs, e.kind, e.face.agreement};
    *out = e;
    e = (entry){0};
cleanup:
    entry_free(&e);
    return status;
}

rs_status rs_manifest_parse(rs_manifest **out, const char *text, size_t length, const char *path) {
    rs_status status = RS_OK;
    rs_manifest *m = NULL;
    rs_csv csv = {0};
    size_t where[COLUMNS];
    bool more;
    RS_TRY_ALLOC(m = rs_alloc(1, sizeof *m));
    RS_TRY(rs_csv_open(&csv, text, length, path));
    RS_TRY(rs_csv_next(&more, &csv));
    if (!more) {
        status = rs_fail(RS_EINPUT, "%s: the table is empty; its first line names the columns", path);
        goto cleanup;
    }
    RS_TRY(find_columns(where, &csv));
    size_t columns = csv.count;
    for (;;) {
        RS_TRY(rs_csv_next(&more, &csv));
        if (!more) break;
        RS_TRY(rs_reserve((void **)&m->entries, &m->capacity, m->count + 1, sizeof *m->entries));
        RS_TRY(read_entry(&m->entries[m->count], &csv, where, columns));
        m->count++;
    }
    *out = m;
    m = NULL;
cleanup:
    rs_csv_free(&csv);
    rs_manifest_free(m);
    return status;
}

rs_status rs_manifest_read(rs_manifest **out, const char *path) {
    char *text = NULL;
    size_t length;
    rs_status status = rs_file_read(&text, &length, path, FILE_LIMIT);
    if (status == RS_OK) status = rs_manifest_parse(out, text, length, path);
    free(text);
    return status;
}
