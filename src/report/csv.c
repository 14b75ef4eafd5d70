/* Comma-separated values. Fields are unquoted where they stand: what is written is never longer than what was read. */
#include "report/csv.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "report/format.h"

#define MARK "\xEF\xBB\xBF" /* what some programs put before UTF-8 */

rs_status rs_csv_open(rs_csv *out, const char *text, size_t length, const char *file) {
    const char *zero = memchr(text, 0, length);
    if (zero) return rs_fail(RS_EINPUT, "%s: byte %zu is 0: not a text", file, (size_t)(zero - text));
    char *copy = rs_strndup(text, length);
    if (!copy) return RS_EMEMORY;
    size_t skip = strncmp(copy, MARK, strlen(MARK)) == 0 ? strlen(MARK) : 0;
    *out = (rs_csv){.file = file, .text = copy, .at = copy + skip};
    return RS_OK;
}

/* The field at *from, up to its separator, which *from then points to. */
static rs_status take(char **out, rs_csv *csv, char **from, const char *line) {
    char *to = *from, *at = *from;
    *out = to;
    if (*at != '"') {
        *from = at + strcspn(at, ",");
        return RS_OK;
    }
    for (at++; *at && (*at != '"' || at[1] == '"'); *to++ = *at++)
        if (*at == '"') at++;
    if (!*at)
        return rs_fail_at(csv->file, csv->line, (size_t)(*out - line) + 1, "a quoted field does not end in this line");
    if (at[1] && at[1] != ',')
        return rs_fail_at(csv->file, csv->line, (size_t)(at - line) + 2, "a comma must follow a quoted field");
    *from = at + 1;
    while (to < *from) *to++ = 0;
    return RS_OK;
}

rs_status rs_csv_next(bool *more, rs_csv *csv) {
    rs_status status = RS_OK;
    char *line, *end;
    do {
        if (!*csv->at) {
            *more = false;
            return RS_OK;
        }
        line = csv->at;
        csv->line++;
        end = line + strcspn(line, "\n");
        csv->at = *end ? end + 1 : end;
        if (end > line && end[-1] == '\r') *--end = 0;
        *end = 0;
    } while (end == line);
    csv->count = 0;
    for (char *at = line;; at++) {
        char *field;
        RS_TRY(take(&field, csv, &at, line));
        RS_TRY(rs_reserve((void **)&csv->fields, &csv->capacity, csv->count + 1, sizeof *csv->fields));
        csv->fields[csv->count++] = field;
        if (at >= end) break;
        *at = 0;
    }
    *more = true;
cleanup:
    return status;
}

void rs_csv_free(rs_csv *csv) {
    free(csv->text);
    free(csv->fields);
    *csv = (rs_csv){0};
}

void rs_csv_field(rs_text *text, const char *value) {
    bool quote = strpbrk(value, ",\"") != NULL;
    if (quote) rs_text_bytes(text, "\"", 1);
    for (; *value; value++) {
        char c = (unsigned char)*value < 32 || *value == 127 ? '?' : *value;
        if (c == '"') rs_text_bytes(text, "\"", 1);
        rs_text_bytes(text, &c, 1);
    }
    if (quote) rs_text_bytes(text, "\"", 1);
}
