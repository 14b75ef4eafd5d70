/* Files and lists of properties. */
#include "rnnsafe/property.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/status.h"
#include "core/text.h"
#include "property/assume.h"
#include "property/language.h"
#include "property/monitor.h"
#include "property/parser.h"

#define FILE_LIMIT ((size_t)1 << 20)
#define PROPERTY_LIMIT 1000
#define ASSUMPTION_LIMIT 100

struct rs_property {
    char *name, *formula;
    rs_monitor *monitor;
    const rs_assumption *assumption; /* one of the list's; NULL: none */
};

struct rs_properties {
    rs_names *alphabet, *outputs;
    rs_property *property; /* [count] */
    size_t count, capacity;
    rs_assumption **assumption; /* [assumptions] */
    size_t assumptions, assumption_capacity;
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

static const rs_assumption *last_assumption(const rs_properties *list) {
    return list->assumptions ? list->assumption[list->assumptions - 1] : NULL;
}

/* Adds a property under what is assumed so far; its name and text move into the list. */
static rs_status list_add(rs_properties *list, rs_parsed *parsed) {
    rs_status status = RS_OK;
    rs_monitor *monitor = NULL, *assuming = NULL;
    const rs_assumption *assumption = last_assumption(list);
    RS_TRY(rs_reserve((void **)&list->property, &list->capacity, list->count + 1, sizeof *list->property));
    RS_TRY(rs_monitor_new(&monitor, &parsed->formula, list->alphabet, list->outputs));
    if (assumption) {
        RS_TRY(rs_monitor_assume(&assuming, monitor, assumption));
        rs_monitor_free(monitor);
        monitor = assuming;
    }
    list->property[list->count++] = (rs_property){parsed->name, parsed->text, monitor, assumption};
    parsed->name = parsed->text = NULL;
    monitor = NULL;
cleanup:
    rs_monitor_free(monitor);
    return status;
}

static rs_status list_assume(rs_properties *list, const rs_parsed *parsed) {
    rs_status status = rs_reserve((void **)&list->assumption, &list->assumption_capacity, list->assumptions + 1,
                                  sizeof *list->assumption);
    if (status != RS_OK) return status;
    rs_assumption *a;
    status = rs_assumption_new(&a, last_assumption(list), parsed, list->alphabet, list->outputs);
    if (status == RS_OK) list->assumption[list->assumptions++] = a;
    return status;
}

static bool named(const rs_properties *list, const rs_parsed *parsed) {
    for (size_t i = 0; i < list->assumptions && parsed->assumption; i++)
        if (strcmp(list->assumption[i]->name, parsed->name) == 0) return true;
    for (size_t i = 0; i < list->count && !parsed->assumption; i++)
        if (strcmp(list->property[i].name, parsed->name) == 0) return true;
    return false;
}

/* Adds what was parsed, or says where it stands what is wrong with it. */
static rs_status add_line(rs_properties *list, rs_parsed *parsed, const char *file) {
    const char *kind = parsed->assumption ? "assumption" : "property";
    const char *kinds = parsed->assumption ? "assumptions" : "properties";
    size_t limit = parsed->assumption ? ASSUMPTION_LIMIT : PROPERTY_LIMIT;
    char reason[400];
    if (named(list, parsed))
        return rs_fail_at(file, parsed->line, parsed->column, "a second %s named \"%.60s\"", kind, parsed->name);
    if ((parsed->assumption ? list->assumptions : list->count) == limit)
        return rs_fail_at(file, parsed->line, parsed->column, "more than %zu %s", limit, kinds);
    rs_status status = parsed->assumption ? list_assume(list, parsed) : list_add(list, parsed);
    if (status != RS_EINPUT) return status;
    snprintf(reason, sizeof reason, "%s", rs_error_message());
    return rs_fail_at(file, parsed->line, parsed->column, "%s \"%.60s\": %s", kind, parsed->name, reason);
}

/* A file of properties and what they assume, or of assumptions alone. */
static rs_status parse(rs_properties **out, const char *text, size_t length, const char *name, const rs_names *alphabet,
                       const rs_names *outputs, bool assumptions) {
    rs_status status = RS_OK;
    rs_properties *list = NULL;
    rs_parser parser;
    rs_parsed parsed = {0};
    if (length > FILE_LIMIT) return rs_fail(RS_EINPUT, "%s: more than %zu bytes", name, FILE_LIMIT);
    RS_TRY(list_new(&list, alphabet, outputs));
    RS_TRY(rs_parser_init(&parser, name, text, length, list->alphabet, list->outputs));
    while (!rs_parser_done(&parser)) {
        RS_TRY(rs_parser_property(&parsed, &parser));
        if (assumptions && !parsed.assumption) {
            status = rs_fail_at(name, parsed.line, parsed.column,
                                "a property in a file of assumptions; an assumption is a line "
                                "assume NAME: FORMULA");
            goto cleanup;
        }
        RS_TRY(add_line(list, &parsed, name));
        rs_parsed_free(&parsed);
    }
    if (!(assumptions ? list->assumptions : list->count)) {
        status = rs_fail(RS_EINPUT,
                         assumptions ? "%s: no assumption in it; an assumption is a line assume NAME: FORMULA"
                                     : "%s: no property in it; a property is a line NAME: FORMULA",
                         name);
        goto cleanup;
    }
    *out = list;
    list = NULL;
cleanup:
    rs_parsed_free(&parsed);
    rs_properties_free(list);
    return status;
}

rs_status rs_properties_parse(rs_properties **out, const char *text, size_t length, const char *name,
                              const rs_names *alphabet, const rs_names *outputs) {
    return parse(out, text, length, name, alphabet, outputs, false);
}

static rs_status load(rs_properties **out, const char *path, const rs_names *alphabet, const rs_names *outputs,
                      bool assumptions) {
    char *text = NULL;
    size_t length = 0;
    rs_status status = rs_file_read(&text, &length, path, FILE_LIMIT);
    if (status == RS_OK) status = parse(out, text, length, path, alphabet, outputs, assumptions);
    free(text);
    return status;
}

rs_status rs_properties_load(rs_properties **out, const char *path, const rs_names *alphabet, const rs_names *outputs) {
    return load(out, path, alphabet, outputs, false);
}

rs_status rs_properties_load_assumptions(rs_properties **out, const char *path, const rs_names *alphabet,
                                         const rs_names *outputs) {
    return load(out, path, alphabet, outputs, true);
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
    if (status == RS_OK)
        status = rs_reserve((void **)&into->assumption, &into->assumption_capacity,
                            into->assumptions + from->assumptions, sizeof *into->assumption);
    if (status != RS_OK) return status;
    for (size_t i = 0; i < from->count; i++) {
        rs_monitor_borrow(from->property[i].monitor, into->alphabet, into->outputs);
        into->property[into->count++] = from->property[i];
    }
    for (size_t i = 0; i < from->assumptions; i++) { /* they hold for the properties that they came with */
        rs_monitor_borrow(from->assumption[i]->watch, into->alphabet, into->outputs);
        into->assumption[into->assumptions++] = from->assumption[i];
    }
    from->count = from->assumptions = 0;
    return RS_OK;
}

void rs_properties_free(rs_properties *list) {
    if (!list) return;
    for (size_t i = 0; i < list->count; i++) {
        free(list->property[i].name);
        free(list->property[i].formula);
        rs_monitor_free(list->property[i].monitor);
    }
    for (size_t i = 0; i < list->assumptions; i++) rs_assumption_free(list->assumption[i]);
    free(list->property);
    free(list->assumption);
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

const rs_assumption *rs_property_assumption(const rs_property *p) {
    return p->assumption;
}

size_t rs_properties_assumptions(const rs_properties *list) {
    return list->assumptions;
}

const rs_assumption *rs_properties_assumption(const rs_properties *list, size_t i) {
    return list->assumption[i];
}
