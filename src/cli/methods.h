/* The methods that `compare` runs: METHOD[:PARAMETER=VALUE...] separated by commas. */
#ifndef CLI_METHODS_H
#define CLI_METHODS_H

#include "rnnsafe/refine.h"

typedef struct method_item {
    const char *text; /* as given */
    const char *name; /* of rs_compare_method */
    rs_cluster_options options;
    size_t multiple; /* clusters are so many times the truth's states; 0: they are as in options */
} method_item;

typedef struct method_list {
    char *text; /* the items point into it */
    method_item *items;
    size_t count;
} method_list;

/* Reads the list; "all" is every method. Says what is wrong and returns the exit code; EXIT_HOLDS: done. */
int methods_read(method_list *out, const char *list);
void methods_free(method_list *list);

/* For help: methods, then ":parameter=VALUE"; NULL past the last. */
const char *methods_help(size_t i);
const char *methods_describe(const char *choice);

#endif
