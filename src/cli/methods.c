/* One table of the parameters that methods may be given: members of rs_cluster_options. */
#include "methods.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "console.h"

typedef enum parameter_kind { PARAMETER_SIZE, PARAMETER_REAL, PARAMETER_CHOICE } parameter_kind;

typedef struct parameter {
    const char *name;
    parameter_kind kind;
    size_t offset; /* in rs_cluster_options */
    double most;   /* values are above 0 */
    const char *shown, *help;
} parameter;

#define AT(member) offsetof(rs_cluster_options, member)

/* clang-format off */
static const parameter parameters[] = {
    {"clusters", PARAMETER_SIZE, AT(clusters), 1e6, ":clusters=K",
     "number of clusters; 8A is 8 times the truth's number of states"},
    {"max_clusters", PARAMETER_SIZE, AT(max_clusters), 1e6, ":max_clusters=K", "the most that a method may choose"},
    {"restarts", PARAMETER_SIZE, AT(restarts), 1e6, ":restarts=N",
     "times that a method which starts at random does so"},
    {"iterations", PARAMETER_SIZE, AT(iterations), 1e9, ":iterations=N", "the most, of iterative methods"},
    {"cells", PARAMETER_SIZE, AT(cells), 1e6, ":cells=N", "grids: the parts that each coordinate is cut into"},
    {"preprocess", PARAMETER_CHOICE, AT(preprocess), 0, ":preprocess=HOW",
     "before any method: standardise, pca or whiten"},
    {"components", PARAMETER_SIZE, AT(components), 1e6, ":components=N",
     "that pca and whiten keep, or the grid along principal axes"},
    {"explained", PARAMETER_REAL, AT(explained), 1, ":explained=P", "share of the variance that pca and whiten keep"},
    {"neighbours", PARAMETER_SIZE, AT(neighbours), 1e6, ":neighbours=N", "of a point in a graph of neighbours"},
    {"threshold", PARAMETER_REAL, AT(threshold), 1e30, ":threshold=R", "radius of the subclusters of birch"},
    {"min_points", PARAMETER_SIZE, AT(min_points), 1e6, ":min_points=N",
     "density: points within the radius that make one dense"},
    {"eps", PARAMETER_REAL, AT(eps), 1e30, ":eps=R", "dbscan: that radius, above 0"},
    {"bandwidth", PARAMETER_REAL, AT(bandwidth), 1e30, ":bandwidth=R", "meanshift: radius of the kernel"},
    {"bandwidth_divisor", PARAMETER_REAL, AT(bandwidth_divisor), 1e30, ":bandwidth_divisor=D",
     "meanshift: what its estimate is divided by"},
};
/* clang-format on */

enum { PARAMETERS = sizeof parameters / sizeof *parameters };

static const char *const preprocess[] = {"standardise", "pca", "whiten"};

static size_t method_count(void) {
    size_t n = 0;
    while (rs_compare_method(n)) n++;
    return n;
}

const char *methods_help(size_t i) {
    size_t n = method_count();
    if (i < n) return rs_compare_method(i);
    return i - n < PARAMETERS ? parameters[i - n].shown : NULL;
}

const char *methods_describe(const char *choice) {
    for (size_t i = 0; i < PARAMETERS; i++)
        if (!strcmp(parameters[i].shown, choice)) return parameters[i].help;
    return rs_compare_summary(choice);
}

static int unknown_method(const char *name) {
    char list[1024] = "";
    size_t used = 0;
    const char *method;
    for (size_t i = 0; (method = rs_compare_method(i)) && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", method);
    console_error("--cluster: no method is called \"%s\"; there are %s", name, list);
    return EXIT_USAGE;
}

static int unknown_parameter(const char *item, const char *name) {
    char list[1024] = "";
    size_t used = 0;
    for (size_t i = 0; i < PARAMETERS && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", parameters[i].name);
    console_error("--cluster: %s: no parameter is called \"%s\"; there are %s", item, name, list);
    return EXIT_USAGE;
}

static bool read_choice(const char **out, const char *value) {
    for (size_t i = 0; i < sizeof preprocess / sizeof *preprocess; i++)
        if (!strcmp(preprocess[i], value)) {
            *out = preprocess[i];
            return true;
        }
    return false;
}

/* False: the value is none of this parameter. */
static bool set(method_item *item, const parameter *p, const char *value) {
    void *member = (char *)&item->options + p->offset;
    char *end;
    errno = 0;
    if (p->kind == PARAMETER_CHOICE) return read_choice(member, value);
    if (p->kind == PARAMETER_REAL) {
        double number = strtod(value, &end);
        if (end == value || *end || !(number > 0 && number <= p->most)) return false;
        *(double *)member = number;
        return true;
    }
    unsigned long long number = strtoull(value, &end, 10);
    bool times = *end == 'A' && !strcmp(p->name, "clusters");
    if (*value < '0' || *value > '9' || end[times] || errno || !number || (double)number > p->most) return false;
    *(times ? &item->multiple : (size_t *)member) = (size_t)number;
    return true;
}

static const parameter *find(const char *name) {
    for (size_t i = 0; i < PARAMETERS; i++)
        if (!strcmp(parameters[i].name, name)) return &parameters[i];
    return NULL;
}

/* Cuts the text up to `separator` off *rest, which is NULL after the last part. */
static char *cut(char **rest, char separator) {
    char *part = *rest, *end = part ? strchr(part, separator) : NULL;
    if (end) *end++ = 0;
    *rest = end;
    return part;
}

/* NAME:PARAMETER=VALUE:...; `parts` is a copy that is cut. */
static int read_item(method_item *out, const char *text, char *parts) {
    method_item item = {.text = text};
    char *rest = parts, *name = cut(&rest, ':');
    for (size_t i = 0; !item.name && rs_compare_method(i); i++)
        if (!strcmp(rs_compare_method(i), name)) item.name = rs_compare_method(i);
    if (!item.name) return unknown_method(name);
    if (rest && !strncmp(name, "behaviour", strlen("behaviour"))) {
        console_error("--cluster: %s: %s has no parameters", text, name);
        return EXIT_USAGE;
    }
    for (char *part; (part = cut(&rest, ':'));) {
        char *value = strchr(part, '=');
        if (value) *value++ = 0;
        const parameter *p = find(part);
        if (!p) return unknown_parameter(text, part);
        if (!value || !set(&item, p, value)) {
            console_error("--cluster: %s: %s cannot be \"%s\"; %s is: %s", text, part, value ? value : "", part,
                          p->help);
            return EXIT_USAGE;
        }
    }
    *out = item;
    return EXIT_HOLDS;
}

static char *all_methods(void) {
    size_t size = 1;
    for (size_t i = 0; rs_compare_method(i); i++) size += strlen(rs_compare_method(i)) + 1;
    char *text = malloc(size), *at = text;
    for (size_t i = 0; text && rs_compare_method(i); i++) at += sprintf(at, "%s%s", i ? "," : "", rs_compare_method(i));
    return text;
}

static int read_items(method_list *l) {
    char *rest = l->text;
    for (char *text; (text = cut(&rest, ',')); l->count++) {
        for (size_t i = 0; i < l->count; i++)
            if (!strcmp(l->items[i].text, text)) {
                console_error("--cluster: \"%s\" appears twice", text);
                return EXIT_USAGE;
            }
        char *parts = strdup(text);
        int code = parts ? read_item(&l->items[l->count], text, parts) : console_fail(RS_EMEMORY);
        free(parts);
        if (code != EXIT_HOLDS) return code;
    }
    return EXIT_HOLDS;
}

int methods_read(method_list *out, const char *list) {
    method_list l = {.text = strcmp(list, "all") ? strdup(list) : all_methods()};
    size_t commas = 0;
    for (const char *p = l.text; p && *p; p++) commas += *p == ',';
    l.items = calloc(commas + 1, sizeof *l.items);
    int code = l.text && l.items ? read_items(&l) : console_fail(RS_EMEMORY);
    if (code == EXIT_HOLDS) *out = l;
    else methods_free(&l);
    return code;
}

void methods_free(method_list *list) {
    free(list->text);
    free(list->items);
    *list = (method_list){0};
}
