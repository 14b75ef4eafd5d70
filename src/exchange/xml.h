/* XML: what the writers share, and the writers that the registry names. */
#ifndef RS_EXCHANGE_XML_H
#define RS_EXCHANGE_XML_H

#include "core/text.h"
#include "rnnsafe/exchange.h"

#define RS_XML_NAMESPACE "urn:rnnsafe:automaton:1"

/* A text in an element or a quoted attribute: & < > " become references, as do line breaks and tabs, which attributes
 * lose. */
void rs_xml_escape(rs_text *text, const char *value);
/* Whether XML 1.0 has a way to hold the text, which is UTF-8: no control characters, U+FFFE, U+FFFF. */
bool rs_xml_holds(const char *text, size_t length);
/* RS_EINPUT when it has none. */
rs_status rs_xml_check(const char *what, const char *value);
/* Of all names of an automaton. */
rs_status rs_xml_check_automaton(const rs_automaton *a);

/* The formats. */
rs_status rs_xml_write(char **text, const rs_automaton *a, const rs_properties *properties);
rs_status rs_uppaal_write(char **text, const rs_automaton *a, const rs_properties *properties);

#endif
