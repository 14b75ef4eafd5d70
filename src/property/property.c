/* Files and lists of properties. */
#include "rnnsafe/property.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/status.h"
#include "core/text.h"
#include "property/language.h"
#include "property/monitor.h"
#include "property/parser.h"

#define FILE_LIMIT ((size_t)1 << 20)
#define PROPERTY_LIMIT 1000

struct rs_property {
    char *name, *formula;
    rs_monitor *monitor;
};

struct rs_properties {
    rs_names *alphabet, *outputs;
    rs_property *property; /* [count] */
    size_t count, capacity;
};

static rs_status list_new(rs_properties **out, const rs_names *alphabet, const rs_names *outputs) {
    rs_status status = RS_OK;
    rs_properties *list = rs_alloc(1, sizeof *list);
    RS_TRY_ALLOC(list);
    RS_TRY(rs_names_copy(&list->alphabet, alphabet));
    RS_TRY(rs_names_copy(&list->outputs, outputs));
    *out = list;
    list = NULL;
cleanup:
    rs_properties_free(list);
    return status;
}

/* Adds a property; its name and text move into the list. */
static rs_status list_add(rs_properties *list, rs_parsed *parsed) {
    rs_status status = rs_reserve((void **)&list->property, &list->capacity, list->count + 1, sizeof *list->property);
    rs_monitor *monitor;
    if (status == RS_OK) status = rs_monitor_new(&monitor, &parsed->formula, list->alphabet, list->outputs);
    if (status != RS_OK) return status;
    list->property[list->count++] = (rs_property){parsed->name, parsed->text, monitor};
    parsed->name = parsed->text = NULL;
    return RS_OK;
}

rs_status rs_properties_parse(rs_properties **out, const char *text, size_t length, const char *name,
                              const rs_names *alphabet, const rs_names *outputs) {
    rs_status status = RS_OK;
    rs_properties *list = NULL;
    rs_parser parser;
    rs_parsed parsed = {0};
    if (length > FILE_LIMIT) return rs_fail(RS_EINPUT, "%s: more than %zu bytes", name, FILE_LIMIT);
    RS_TRY(list_new(&list, alphabet, outputs));
    RS_TRY(rs_parser_init(&parser, name, text, length, list->alphabet, list->outputs));
    while (!rs_parser_done(&parser)) {
        RS_TRY(rs_parser_property(&parsed, &parser));
        for (size_t i = 0; i < list->count; i++)
            if (strcmp(list->property[i].name, parsed.name) == 0) {
                status = rs_fail_at(name, parsed.line, parsed.column, "a second property named \"%.60s\"", parsed.name);
                goto cleanup;
            }
        if (list->count == PROPERTY_LIMIT) {
            status = rs_fail_at(name, parsed.line, parsed.column, "more than %d properties", PROPERTY_LIMIT);
            goto cleanup;
        }
        status = list_add(list, &parsed);
        if (status == RS_EINPUT) {
            char reason[300];
            snprintf(reason, sizeof reason, "%s", rs_error_message());
            status = rs_fail_at(name, parsed.line, parsed.column, "property \"%.60s\": %s", parsed.name, reason);
        }
        if (status != RS_OK) goto cleanup;
        rs_parsed_free(&parsed);
    }
    if (!list->count) {
        status = rs_fail(RS_EINPUT, "%s: no property in it; a property is a line NAME: FORMULA", name);
        goto cleanup;
    }
    *out = list;
    list = NULL;
cleanup:
    rs_parsed_free(&parsed);
    rs_properties_free(list);
    return status;
}

rs_status rs_properties_load(rs_properties **out, const char *path, const rs_names *alphabet, const rs_names *outputs) {
    char *text = NULL;
    size_t length = 0;
    rs_status status = rs_file_read(&text, &length, path, FILE_LIMIT);
    if (status == RS_OK) status = rs_properties_parse(out, text, length, path, alphabet, outputs);
    free(text);
    return status;
}

/* "out=accept -> language("name")" as it would be written in a file. */
static rs_status spell(char **out, const char *label, const char *name) {
    rs_text text = {0};
    rs_text_add(&text, "out=\"");
    for (const char *p = label; *p; p++) rs_text_add(&text, "%s%c", *p == '"' || *p == '\\' ? "\\" : "", *p);
    rs_text_add(&text, "\" -> language(\"");
    for (const char *p = name; *p; p++) rs_text_add(&text, "%s%c", *p == '"' || *p == '\\' ? "\\" : "", *p);
    rs_text_add(&text, "\")");
    return rs_text_take(out, &text);
}

rs_status rs_properties_from_automaton(rs_properties **out, const rs_automaton *a, const char *name,
                                       const rs_names *alphabet, const rs_names *outputs, uint32_t accept) {
    rs_status status = RS_OK;
    rs_properties *list = NULL;
    rs_parsed parsed = {0};
    rs_automaton *ordered = NULL;
    rs_formula *f = &parsed.formula;
    uint32_t language, accepts, member, rejects, implied, no;
    if (accept >= rs_names_count(outputs))
        return rs_fail(RS_EUSAGE, "class %u of %zu outputs counts as accepting", (unsigned)accept,
                       rs_names_count(outputs));
    RS_TRY(list_new(&list, alphabet, outputs));
    RS_TRY(rs_language_reorder(&ordered, a, name, alphabet));
    RS_TRY(rs_formula_add_language(&language, f, name, ordered));
    ordered = NULL;
    RS_TRY(rs_formula_add(&accepts, f, RS_OP_OUT, accept, 0));
    RS_TRY(rs_formula_add(&member, f, RS_OP_WORD, language, 0));
    RS_TRY(rs_formula_add(&rejects, f, RS_OP_NOT, accepts, 0));
    RS_TRY(rs_formula_add(&implied, f, RS_OP_OR, rejects, member));
    RS_TRY(rs_formula_add(&no, f, RS_OP_FALSE, 0, 0));
    RS_TRY(rs_formula_add(&f->root, f, RS_OP_RELEASE, no, implied));
    RS_TRY_ALLOC(parsed.name = rs_strdup(name));
    RS_TRY(spell(&parsed.text, rs_names_get(outputs, accept), name));
    status = list_add(list, &parsed);
    if (status == RS_EINPUT) {
        char reason[300];
        snprintf(reason, sizeof reason, "%s", rs_error_message());
        status = rs_fail(RS_EINPUT, "%s: %s", name, reason);
    }
    if (status != RS_OK) goto cleanup;
    *out = list;
    list = NULL;
cleanup:
    rs_automaton_free(ordered);
    rs_parsed_free(&parsed);
    rs_properties_free(list);
    return status;
}

rs_status rs_properties_append(rs_properties *into, rs_properties *from, const char *name) {
    if (!rs_names_equal(into->alphabet, from->alphabet) || !rs_names_equal(into->outputs, from->outputs))
        return rs_fail(RS_EUSAGE, "%s: its properties were read over another alphabet or other outputs", name);
    if (into->count + from->count > PROPERTY_LIMIT)
        return rs_fail(RS_EINPUT, "%s: more than %d properties in all", name, PROPERTY_LIMIT);
    for (size_t i = 0; i < from->count; i++)
        for (size_t j = 0; j < into->count; j++)
            if (strcmp(from->property[i].name, into->property[j].name) == 0)
                return rs_fail(RS_EINPUT, "%s: another file has a property named \"%.60s\" already", name,
                               from->property[i].name);
    rs_status status =
        rs_reserve((void **)&into->property, &into->capacity, into->count + from->count, sizeof *into->property);
    if (status != RS_OK) return status;
    for (size_t i = 0; i < from->count; i++) {
        rs_monitor_borrow(from->property[i].monitor, into->alphabet, into->outputs);
        into->property[into->count++] = from->property[i];
    }
    from->count = 0;
    return RS_OK;
}

void rs_properties_free(rs_properties *list) {
    if (!list) return;
    for (size_t i = 0; i < list->count; i++) {
        free(list->property[i].name);
        free(list->property[i].formula);
        rs_monitor_free(list->property[i].monitor);
    }
    free(list->property);
    rs_names_free(list->alphabet);
    rs_names_free(list->outputs);
    free(list);
}

size_t rs_properties_count(const rs_properties *list) {
    return list->count;
}

const rs_property *rs_properties_get(const rs_properties *list, size_t i) {
    return &list->property[i];
}

const char *rs_property_name(const rs_property *p) {
    return p->name;
}

const char *rs_property_formula(const rs_property *p) {
    return p->formula;
}

const rs_monitor *rs_property_monitor(const rs_property *p) {
    return p->monitor;
}
