/* Our XML. Every name is checked first, and the text is read back before it is given out: what a file of this format
 * holds is what the machine was. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/status.h"
#include "exchange/xml.h"

static void add_attribute(rs_text *text, const char *key, const char *value) {
    rs_text_add(text, " %s=\"", key);
    rs_xml_escape(text, value);
    rs_text_add(text, "\"");
}

static void add_names(rs_text *text, const char *list, const char *element, const rs_names *names) {
    rs_text_add(text, "  <%s>\n", list);
    for (size_t i = 0; i < rs_names_count(names); i++) {
        rs_text_add(text, "    <%s", element);
        add_attribute(text, "name", rs_names_get(names, i));
        rs_text_add(text, "/>\n");
    }
    rs_text_add(text, "  </%s>\n", list);
}

static void add_state(rs_text *text, const rs_automaton *a, size_t q) {
    const rs_names *alphabet = rs_automaton_alphabet(a);
    rs_text_add(text, "    <state");
    add_attribute(text, "name", rs_automaton_state_name(a, q));
    add_attribute(text, "output", rs_names_get(rs_automaton_outputs(a), rs_automaton_output(a, q)));
    rs_text_add(text, ">\n");
    for (size_t s = 0; s < rs_names_count(alphabet); s++) {
        rs_text_add(text, "      <transition");
        add_attribute(text, "symbol", rs_names_get(alphabet, s));
        add_attribute(text, "to", rs_automaton_state_name(a, rs_automaton_next(a, q, s)));
        if (rs_automaton_has_support(a)) rs_text_add(text, " support=\"%" PRIu64 "\"", rs_automaton_support(a, q, s));
        rs_text_add(text, "/>\n");
    }
    rs_text_add(text, "    </state>\n");
}

/* Whether nothing was lost. */
static bool same(const rs_automaton *a, const rs_automaton *b) {
    size_t n = rs_automaton_states(a), m = rs_names_count(rs_automaton_alphabet(a));
    bool equal = n == rs_automaton_states(b) && rs_automaton_start(a) == rs_automaton_start(b) &&
                 rs_automaton_has_support(a) == rs_automaton_has_support(b) &&
                 rs_names_equal(rs_automaton_alphabet(a), rs_automaton_alphabet(b)) &&
                 rs_names_equal(rs_automaton_outputs(a), rs_automaton_outputs(b));
    for (size_t q = 0; equal && q < n; q++) {
        equal = rs_automaton_output(a, q) == rs_automaton_output(b, q) &&
                strcmp(rs_automaton_state_name(a, q), rs_automaton_state_name(b, q)) == 0;
        for (size_t s = 0; equal && s < m; s++)
            equal = rs_automaton_next(a, q, s) == rs_automaton_next(b, q, s) &&
                    rs_automaton_support(a, q, s) == rs_automaton_support(b, q, s);
    }
    return equal;
}

rs_status rs_xml_write(char **out, const rs_automaton *a, const rs_properties *properties) {
    rs_status status = RS_OK;
    rs_text text = {0};
    char *bytes = NULL;
    rs_automaton *again = NULL;
    (void)properties; /* the registry refuses them */
    RS_TRY(rs_xml_check_automaton(a));
    rs_text_add(&text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<automaton xmlns=\"" RS_XML_NAMESPACE "\"");
    add_attribute(&text, "start", rs_automaton_state_name(a, rs_automaton_start(a)));
    rs_text_add(&text, ">\n");
    add_names(&text, "alphabet", "symbol", rs_automaton_alphabet(a));
    add_names(&text, "outputs", "output", rs_automaton_outputs(a));
    rs_text_add(&text, "  <states>\n");
    for (size_t q = 0; q < rs_automaton_states(a); q++) add_state(&text, a, q);
    rs_text_add(&text, "  </states>\n</automaton>\n");
    size_t length = text.length;
    RS_TRY(rs_text_take(&bytes, &text));
    RS_TRY(rs_automaton_parse_xml(&again, bytes, length, "written XML", NULL, NULL));
    if (!same(a, again)) {
        status = rs_fail(RS_EINTERNAL, "the XML that was written reads as another automaton");
        goto cleanup;
    }
    *out = bytes;
    bytes = NULL;
cleanup:
    rs_text_free(&text);
    free(bytes);
    rs_automaton_free(again);
    return status;
}
