/* Machines as DOT. A machine with the outputs "reject accept" is written as a DFA, every other as a Moore machine; the
 * attributes of the graph (kind, alphabet, outputs), which Graphviz passes over, make what is read back the same
 * machine. */
#include <inttypes.h>
#include <string.h>

#include "automaton/moore.h"
#include "core/status.h"
#include "core/text.h"

/* A name in a quoted string: quotes and backslashes, and `more` besides, get a backslash. */
static void add_name(rs_text *text, const char *name, const char *more) {
    for (; *name; name++)
        if (*name == '"' || *name == '\\' || strchr(more, *name)) rs_text_add(text, "\\%c", *name);
        else rs_text_bytes(text, name, 1);
}

/* All names, between blanks. */
static void add_names(rs_text *text, const char *key, const rs_names *names) {
    rs_text_add(text, ", %s=\"", key);
    for (size_t i = 0; i < rs_names_count(names); i++) {
        if (i) rs_text_add(text, " ");
        add_name(text, rs_names_get(names, i), "");
    }
    rs_text_add(text, "\"");
}

static bool is_dfa(const rs_automaton *a) {
    return rs_names_count(a->outputs) == 2 && strcmp(rs_names_get(a->outputs, 0), "reject") == 0 &&
           strcmp(rs_names_get(a->outputs, 1), "accept") == 0;
}

static void add_state(rs_text *text, const rs_automaton *a, size_t q, bool dfa) {
    const char *name = rs_names_get(a->states, q);
    rs_text_add(text, "\"");
    add_name(text, name, "");
    rs_text_add(text, "\" [label=\"");
    if (dfa) {
        add_name(text, name, "");
        rs_text_add(text, "\", shape=%s];\n", a->output[q] ? "doublecircle" : "circle");
    } else {
        add_name(text, name, "|{}<>");
        rs_text_add(text, "|");
        add_name(text, rs_names_get(a->outputs, a->output[q]), "|{}<>");
        rs_text_add(text, "\", shape=record, style=rounded];\n");
    }
}

static void add_edge(rs_text *text, const rs_automaton *a, size_t q, size_t s) {
    rs_text_add(text, "\"");
    add_name(text, rs_names_get(a->states, q), "");
    rs_text_add(text, "\" -> \"");
    add_name(text, rs_names_get(a->states, a->next[q * a->m + s]), "");
    rs_text_add(text, "\" [label=\"");
    add_name(text, rs_names_get(a->alphabet, s), "");
    rs_text_add(text, "\"");
    if (a->support) rs_text_add(text, ", support=%" PRIu64, a->support[q * a->m + s]);
    rs_text_add(text, "];\n");
}

rs_status rs_automaton_write_dot(char **out, const rs_automaton *a) {
    rs_text text = {0};
    bool dfa = is_dfa(a);
    for (size_t q = 0; q < a->n; q++)
        if (strncmp(rs_names_get(a->states, q), "__start", 7) == 0)
            return rs_fail(RS_EINPUT, "state \"%s\" cannot be written as DOT, where __start marks the start; rename it",
                           rs_names_get(a->states, q));
    rs_text_add(&text, "digraph automaton {\ngraph [kind=%s", dfa ? "dfa" : "moore");
    add_names(&text, "alphabet", a->alphabet);
    add_names(&text, "outputs", a->outputs);
    rs_text_add(&text, "];\n");
    for (size_t q = 0; q < a->n; q++) add_state(&text, a, q, dfa);
    for (size_t q = 0; q < a->n; q++)
        for (size_t s = 0; s < a->m; s++) add_edge(&text, a, q, s);
    rs_text_add(&text, "__start0 [label=\"\", shape=none];\n__start0 -> \"");
    add_name(&text, rs_names_get(a->states, a->start), "");
    rs_text_add(&text, "\" [label=\"\"];\n}\n");
    return rs_text_take(out, &text);
}
