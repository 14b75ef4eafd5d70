#include "exchange/xml.h"

#include <string.h>

#include "core/status.h"

void rs_xml_escape(rs_text *text, const char *value) {
    for (; *value; value++) {
        switch (*value) {
        case '&':
            rs_text_add(text, "&amp;");
            break;
        case '<':
            rs_text_add(text, "&lt;");
            break;
        case '>':
            rs_text_add(text, "&gt;");
            break;
        case '"':
            rs_text_add(text, "&quot;");
            break;
        case '\t':
        case '\n':
        case '\r':
            rs_text_add(text, "&#%d;", *value);
            break;
        default:
            rs_text_bytes(text, value, 1);
        }
    }
}

bool rs_xml_holds(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 32 && !memchr("\t\n\r", text[i], 3)) return false;
        if (length - i > 2 && memcmp(text + i, "\xef\xbf", 2) == 0 && (unsigned char)text[i + 2] >= 0xbe) return false;
    }
    return true;
}

rs_status rs_xml_check(const char *what, const char *value) {
    if (rs_xml_holds(value, strlen(value))) return RS_OK;
    return rs_fail(RS_EINPUT, "%s \"%.60s\" holds a character that XML cannot; rename it", what, value);
}

static rs_status check_names(const char *what, const rs_names *names) {
    rs_status status = RS_OK;
    for (size_t i = 0; i < rs_names_count(names) && status == RS_OK; i++)
        status = rs_xml_check(what, rs_names_get(names, i));
    return status;
}

rs_status rs_xml_check_automaton(const rs_automaton *a) {
    rs_status status = RS_OK;
    RS_TRY(check_names("symbol", rs_automaton_alphabet(a)));
    RS_TRY(check_names("output", rs_automaton_outputs(a)));
    for (size_t q = 0; q < rs_automaton_states(a); q++) RS_TRY(rs_xml_check("state", rs_automaton_state_name(a, q)));
cleanup:
    return status;
}
