/* UPPAAL's XML, https://docs.uppaal.org/toolsandapi/file-formats: templates, their instances, queries.
 *
 * The template Network takes one edge a symbol and says so on the broadcast channel step[symbol][output]. Every
 * property is a template Monitor_NAME that listens: a broadcast is never blocked, and who can hear it takes part, so a
 * letter on which the monitor stays where it is needs no edge. The letter is in the channel because guards of listeners
 * are read before the sender's assignments are made; the variables `symbol` and `output` are for queries and for
 * people. The property holds iff its monitor's location `bad` is never reached.
 *
 * UPPAAL's names are those of C. A name is written as a prefix and its letters, digits and underscores, with _ in place
 * of all else; when that changed it, or when it ends like one that was changed, _x and its index follow. So names stay
 * different. */
#include <string.h>

#include "core/status.h"
#include "exchange/xml.h"

#define DOCUMENT_TYPE                                                                                                  \
    "<!DOCTYPE nta PUBLIC '-//Uppaal Team//DTD Flat System 1.1//EN' "                                                  \
    "'http://www.it.uu.se/research/group/darts/uppaal/flat-1_2.dtd'>\n"
#define INTEGER_LIMIT 32767

static bool letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Whether it ends in _x and digits. */
static bool ends_like_changed(const char *name) {
    size_t end = strlen(name), at = end;
    while (at && name[at - 1] >= '0' && name[at - 1] <= '9') at--;
    return at < end && at >= 2 && name[at - 1] == 'x' && name[at - 2] == '_';
}

static void add_identifier(rs_text *text, const char *prefix, const char *name, size_t index) {
    bool changed = ends_like_changed(name);
    rs_text_add(text, "%s", prefix);
    for (const char *c = name; *c; c++) {
        rs_text_add(text, "%c", letter(*c) ? *c : '_');
        changed = changed || !letter(*c);
    }
    if (changed) rs_text_add(text, "_x%zu", index);
}

static void add_symbol(rs_text *text, const rs_automaton *a, size_t s) {
    add_identifier(text, "in_", rs_names_get(rs_automaton_alphabet(a), s), s);
}

static void add_output(rs_text *text, const rs_automaton *a, size_t o) {
    add_identifier(text, "out_", rs_names_get(rs_automaton_outputs(a), o), o);
}

/* const int in_a = 0; // "a" */
static void add_constants(rs_text *text, const char *prefix, const rs_names *names) {
    for (size_t i = 0; i < rs_names_count(names); i++) {
        rs_text_add(text, "const int ");
        add_identifier(text, prefix, rs_names_get(names, i), i);
        rs_text_add(text, " = %zu; // \"", i);
        rs_xml_escape(text, rs_names_get(names, i));
        rs_text_add(text, "\"\n");
    }
}

static void add_declarations(rs_text *text, const rs_automaton *a) {
    size_t m = rs_names_count(rs_automaton_alphabet(a)), k = rs_names_count(rs_automaton_outputs(a));
    rs_text_add(text, "<declaration>// Symbols.\n");
    add_constants(text, "in_", rs_automaton_alphabet(a));
    rs_text_add(text, "// Outputs.\n");
    add_constants(text, "out_", rs_automaton_outputs(a));
    rs_text_add(text,
                "// One letter: the symbol that is read and the output after it.\nbroadcast chan step[%zu][%zu];\n"
                "// The last letter; -1 before the first.\nint[-1, %zu] symbol = -1;\nint[-1, %zu] output = -1;\n"
                "</declaration>\n",
                m, k, m - 1, k - 1);
}

/* Locations stand on a grid, for those who open the file. `first` is the id of the template's first location. */
static void open_location(rs_text *text, size_t first, size_t i) {
    enum { COLUMNS = 8, WIDTH = 240, HEIGHT = 160 };
    rs_text_add(text, "<location id=\"id%zu\" x=\"%zu\" y=\"%zu\"><name>", first + i, i % COLUMNS * WIDTH,
                i / COLUMNS * HEIGHT);
}

static void open_transition(rs_text *text, size_t from, size_t to) {
    rs_text_add(text, "<transition><source ref=\"id%zu\"/><target ref=\"id%zu\"/><label kind=\"synchronisation\">step[",
                from, to);
}

static void add_network(rs_text *text, const rs_automaton *a) {
    size_t n = rs_automaton_states(a), m = rs_names_count(rs_automaton_alphabet(a));
    rs_text_add(text, "<template>\n<name>Network</name>\n");
    for (size_t q = 0; q < n; q++) {
        open_location(text, 0, q);
        add_identifier(text, "s_", rs_automaton_state_name(a, q), q);
        rs_text_add(text, "</name><label kind=\"comments\">");
        rs_xml_escape(text, rs_automaton_state_name(a, q));
        rs_text_add(text, "</label></location>\n");
    }
    rs_text_add(text, "<init ref=\"id%zu\"/>\n", rs_automaton_start(a));
    for (size_t q = 0; q < n; q++)
        for (size_t s = 0; s < m; s++) {
            size_t to = rs_automaton_next(a, q, s);
            open_transition(text, q, to);
            add_symbol(text, a, s);
            rs_text_add(text, "][");
            add_output(text, a, rs_automaton_output(a, to));
            rs_text_add(text, "]!</label><label kind=\"assignment\">symbol = ");
            add_symbol(text, a, s);
            rs_text_add(text, ", output = ");
            add_output(text, a, rs_automaton_output(a, to));
            rs_text_add(text, "</label></transition>\n");
        }
    rs_text_add(text, "</template>\n");
}

/* The formula, and what it assumes: the monitor has both. */
static void add_formula(rs_text *text, const rs_property *p) {
    const rs_assumption *a = rs_property_assumption(p);
    rs_xml_escape(text, rs_property_formula(p));
    if (!a) return;
    rs_text_add(text, ", assuming ");
    rs_xml_escape(text, rs_assumption_text(a));
}

/* Bad states are absorbing, so all of them are one location, the template's last. Returns how many locations there are.
 */
static size_t add_monitor(rs_text *text, const rs_automaton *a, const rs_property *p, size_t index, size_t first) {
    const rs_monitor *monitor = rs_property_monitor(p);
    size_t n = rs_monitor_states(monitor), k = rs_names_count(rs_automaton_outputs(a));
    rs_text_add(text, "<template>\n<name>");
    add_identifier(text, "Monitor_", rs_property_name(p), index);
    rs_text_add(text, "</name>\n<declaration>// ");
    rs_xml_escape(text, rs_property_name(p));
    rs_text_add(text, ":\n// ");
    add_formula(text, p);
    rs_text_add(text, " .\n</declaration>\n");
    for (size_t q = 0; q < n; q++) { /* the ids of bad states stay unused */
        if (rs_monitor_bad(monitor, q)) continue;
        open_location(text, first, q);
        rs_text_add(text, "m%zu</name></location>\n", q);
    }
    open_location(text, first, n);
    rs_text_add(text, "bad</name></location>\n<init ref=\"id%zu\"/>\n", first + (rs_monitor_bad(monitor, 0) ? n : 0));
    for (size_t q = 0; q < n; q++)
        for (size_t i = 0; !rs_monitor_bad(monitor, q) && i < rs_monitor_letters(monitor); i++) {
            size_t to = rs_monitor_next(monitor, q, (uint32_t)(i / k), (uint32_t)(i % k));
            if (to == q) continue;
            open_transition(text, first + q, first + (rs_monitor_bad(monitor, to) ? n : to));
            add_symbol(text, a, i / k);
            rs_text_add(text, "][");
            add_output(text, a, i % k);
            rs_text_add(text, "]?</label></transition>\n");
        }
    rs_text_add(text, "</template>\n");
    return n + 1;
}

static void add_system(rs_text *text, const rs_properties *properties, size_t count) {
    rs_text_add(text, "<system>system Network");
    for (size_t i = 0; i < count; i++) {
        rs_text_add(text, ", ");
        add_identifier(text, "Monitor_", rs_property_name(rs_properties_get(properties, i)), i);
    }
    rs_text_add(text, ";</system>\n<queries>\n");
    for (size_t i = 0; i < count; i++) {
        const rs_property *p = rs_properties_get(properties, i);
        rs_text_add(text, "<query><formula>A[] not ");
        add_identifier(text, "Monitor_", rs_property_name(p), i);
        rs_text_add(text, ".bad</formula><comment>");
        rs_xml_escape(text, rs_property_name(p));
        rs_text_add(text, ": ");
        add_formula(text, p);
        rs_text_add(text, "</comment></query>\n");
    }
    rs_text_add(text, "</queries>\n");
}

static rs_status check_property(const rs_automaton *a, const rs_property *p) {
    rs_status status = RS_OK;
    const rs_monitor *m = rs_property_monitor(p);
    RS_TRY(rs_xml_check("property", rs_property_name(p)));
    RS_TRY(rs_xml_check("formula", rs_property_formula(p)));
    if (rs_property_assumption(p)) RS_TRY(rs_xml_check("assumption", rs_assumption_text(rs_property_assumption(p))));
    if (!rs_names_equal(rs_monitor_alphabet(m), rs_automaton_alphabet(a)) ||
        !rs_names_equal(rs_monitor_outputs(m), rs_automaton_outputs(a)))
        status = rs_fail(RS_EINPUT, "property \"%s\" is over another alphabet or other outputs", rs_property_name(p));
cleanup:
    return status;
}

rs_status rs_uppaal_write(char **out, const rs_automaton *a, const rs_properties *properties) {
    rs_status status = RS_OK;
    rs_text text = {0};
    size_t count = properties ? rs_properties_count(properties) : 0, id = rs_automaton_states(a);
    RS_TRY(rs_xml_check_automaton(a));
    if (rs_names_count(rs_automaton_alphabet(a)) > INTEGER_LIMIT ||
        rs_names_count(rs_automaton_outputs(a)) > INTEGER_LIMIT) {
        status = rs_fail(RS_EINPUT, "UPPAAL's integers cannot count more than %d symbols or outputs", INTEGER_LIMIT);
        goto cleanup;
    }
    for (size_t i = 0; i < count; i++) RS_TRY(check_property(a, rs_properties_get(properties, i)));
    rs_text_add(&text, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" DOCUMENT_TYPE "<nta>\n");
    add_declarations(&text, a);
    add_network(&text, a);
    for (size_t i = 0; i < count; i++) id += add_monitor(&text, a, rs_properties_get(properties, i), i, id);
    add_system(&text, properties, count);
    rs_text_add(&text, "</nta>\n");
    RS_TRY(rs_text_take(out, &text));
cleanup:
    rs_text_free(&text);
    return status;
}
