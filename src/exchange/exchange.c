/* One table of formats, and reading by content. */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/status.h"
#include "exchange/xml.h"

#define FILE_LIMIT ((size_t)64 << 20)

static rs_status write_dot(char **text, const rs_automaton *a, const rs_properties *properties) {
    (void)properties; /* refused below */
    return rs_automaton_write_dot(text, a);
}

static const struct format {
    const char *name, *summary;
    bool properties; /* it has a place for them */
    rs_status (*write)(char **text, const rs_automaton *a, const rs_properties *properties);
} formats[] = {
    {"dot", "Graphviz DOT, as automata-learning tools read it", false, write_dot},
    {"xml", "the automaton with alphabet, outputs and support counts, by specs/schema/automaton.xsd", false,
     rs_xml_write},
    {"uppaal", "UPPAAL: the automaton, a monitor for each property and the queries", true, rs_uppaal_write},
};
enum { FORMATS = sizeof formats / sizeof *formats };

const char *rs_exchange_format(size_t i) {
    return i < FORMATS ? formats[i].name : NULL;
}

static const struct format *find(const char *name) {
    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp(formats[i].name, name) == 0) return &formats[i];
    return NULL;
}

const char *rs_exchange_summary(const char *name) {
    const struct format *f = find(name);
    return f ? f->summary : NULL;
}

rs_status rs_exchange_write(char **text, const char *name, const rs_automaton *a, const rs_properties *properties) {
    const struct format *f = find(name);
    if (!f) {
        char known[128] = "";
        for (size_t i = 0; i < FORMATS; i++) {
            if (i) strcat(known, ", ");
            strcat(known, formats[i].name);
        }
        return rs_fail(RS_EUSAGE, "unknown format \"%s\"; known are %s", name, known);
    }
    if (properties && !f->properties) return rs_fail(RS_EUSAGE, "format \"%s\" has no place for properties", name);
    return f->write(text, a, properties);
}

rs_status rs_automaton_read(rs_automaton **out, const char *path, const rs_names *alphabet, const rs_names *outputs) {
    rs_status status = RS_OK;
    char *text = NULL;
    size_t length, at = 0;
    RS_TRY(rs_file_read(&text, &length, path, FILE_LIMIT));
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) at = 3; /* byte order mark */
    at += strspn(text + at, " \t\r\n");
    if (text[at] == '<') RS_TRY(rs_automaton_parse_xml(out, text, length, path, alphabet, outputs));
    else RS_TRY(rs_automaton_parse_dot(out, text, length, path, alphabet, outputs));
cleanup:
    free(text);
    return status;
}
