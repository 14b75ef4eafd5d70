/* rnnsafe/exchange.h - automata and properties to and from other tools. The formats are described in docs/formats.md. */
#ifndef RNNSAFE_EXCHANGE_H
#define RNNSAFE_EXCHANGE_H

#include "rnnsafe/refine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Reads an automaton from DOT or from our XML, told apart by content: XML starts with '<'. `alphabet` and `outputs` fix the
 * order of names (NULL: the file's). RS_EINPUT as rs_automaton_read_dot. */
rs_status rs_automaton_read(rs_automaton **out, const char *path, const rs_names *alphabet, const rs_names *outputs);

/* Our XML (specs/schema/automaton.xsd) from memory; `name` stands for the file in messages. RS_EINPUT with file, line and
 * column: not well-formed, any document type declaration, an element or attribute out of place, a name that is not declared
 * or declared twice, a state without all transitions, names that `alphabet` or `outputs` lack. */
rs_status rs_automaton_parse_xml(rs_automaton **out, const char *text, size_t length, const char *name,
                                 const rs_names *alphabet, const rs_names *outputs);

/* The registry of what can be written: the i-th format's name, NULL past the last, and its one-line summary, NULL for
 * none of them. */
const char *rs_exchange_format(size_t i);
const char *rs_exchange_summary(const char *format);

/* The automaton in a format, with `properties` (may be NULL) where the format has a place for them; caller frees *text. What
 * can be read back has been: it is the same machine. RS_EUSAGE: unknown format (the message lists them), properties in a format
 * without a place for them. RS_EINPUT: a name that the format cannot hold, properties over other alphabets or outputs. */
rs_status rs_exchange_write(char **text, const char *format, const rs_automaton *a, const rs_properties *properties);

#ifdef __cplusplus
}
#endif
#endif
