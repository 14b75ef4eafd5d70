/* A folder of malformed networks, each file with what is said of it. */
#ifndef MALFORMED_H
#define MALFORMED_H

#include <dirent.h>

#include "support/golden.h"

typedef struct golden_case {
    const char *file;
    rs_status status;
    const char *message; /* a part of it */
} golden_case;

/* Over the symbols "0 1" with the outputs "no yes". */
static rs_status golden_load_case(const golden *g, const char *file) {
    rs_network *net = NULL;
    rs_status status = golden_load(&net, g, file, "0 1", "no yes", "-");
    rs_network_free(net);
    return status;
}

/* Runs every file of the folder, each of which has its case, but for `others`. */
static void golden_malformed(const golden *g, const golden_case *cases, size_t count, size_t others,
                             rs_status (*run)(const golden *g, const char *file)) {
    size_t files = 0;
    DIR *folder = opendir(golden_path(g, ""));
    CU_ASSERT_PTR_NOT_NULL_FATAL(folder);
    for (const struct dirent *entry; (entry = readdir(folder));) files += entry->d_name[0] != '.';
    closedir(folder);
    CU_ASSERT_EQUAL(files, count + others);
    for (size_t i = 0; i < count; i++) {
        rs_status status = run(g, cases[i].file);
        if (status != cases[i].status || (status != RS_OK && !strstr(rs_error_message(), cases[i].message)))
            printf("%s: %s\n", cases[i].file, status == RS_OK ? "was read" : rs_error_message());
        CU_ASSERT_EQUAL(status, cases[i].status);
        if (status != RS_OK) unit_contains(rs_error_message(), cases[i].message, __FILE__, __LINE__);
    }
}

#endif
