/* Lines of a manifest.csv. */
#ifndef BENCHMARKS_MANIFEST_H
#define BENCHMARKS_MANIFEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The fields of a line without quotes; returns how many. */
static size_t split(char **field, size_t limit, char *line) {
    size_t count = 0;
    line[strcspn(line, "\r\n")] = 0;
    for (char *p = line; p && count < limit; count++) {
        field[count] = p;
        p = strchr(p, ',');
        if (p) *p++ = 0;
    }
    return count;
}

static size_t column(char **header, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(header[i], name) == 0) return i;
    fprintf(stderr, "the manifest has no column %s\n", name);
    exit(1);
}

#endif
