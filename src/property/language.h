/* Languages of input words, as minimal DFAs with outputs "reject accept" over the property's alphabet. */
#ifndef RS_PROPERTY_LANGUAGE_H
#define RS_PROPERTY_LANGUAGE_H

#include "property/lexer.h"
#include "rnnsafe/automaton.h"

/* The words that a regular expression matches as a whole. `string` is the token it stands in; RS_EINPUT with the
 * position in it: syntax, a symbol that the alphabet lacks, a count above 1000, more than 100,000 states. */
rs_status rs_language_regex(rs_automaton **out, const char *file, const rs_token *string, const rs_names *alphabet);

/* The words that the DFA of a DOT file accepts; its path is relative to the folder of `file`. RS_EINPUT: as
 * rs_automaton_read_dot, or another set of symbols. */
rs_status rs_language_file(rs_automaton **out, const char *file, const rs_token *string, const rs_names *alphabet);

/* An automaton over its own order of symbols, over the order of `alphabet`. RS_EINPUT: not the same set; not a DFA with
 * outputs reject and accept; `name` stands for it in messages. */
rs_status rs_language_reorder(rs_automaton **out, const rs_automaton *a, const char *name, const rs_names *alphabet);

#endif
