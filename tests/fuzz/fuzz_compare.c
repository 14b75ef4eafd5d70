/* Tables that `compare` reads: rows of --resume, and --manifest. Rows that were read are written and read again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "rnnsafe/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void rows(const char *text, size_t size) {
    rs_report_rows read = {0}, again = {0};
    char *csv = NULL;
    size_t whole;
    if (rs_report_rows_parse(&read, &whole, text, size, "input") == RS_OK) {
        if (whole > size) abort();
        if (rs_report_compare_csv(&csv, &read) != RS_OK) abort();
        if (rs_report_rows_parse(&again, &whole, csv, strlen(csv), "again") != RS_OK) abort();
        if (again.count != read.count || whole != strlen(csv)) abort();
    } else if (!*rs_error_message()) {
        abort();
    }
    free(csv);
    rs_report_rows_free(&read);
    rs_report_rows_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    rs_manifest *m = NULL;
    rows((const char *)data, size);
    if (rs_manifest_parse(&m, (const char *)data, size, "input") == RS_OK) {
        for (size_t i = 0; i < rs_manifest_count(m); i++)
            if (!*rs_manifest_get(m, i)->file || !*rs_manifest_get(m, i)->alphabet) abort();
    } else if (!*rs_error_message()) {
        abort();
    }
    rs_manifest_free(m);
    return 0;
}
