/* The grammar of property files. From tight to loose: ! and the unary operators; S T; R; U W; &; |; ->; <->. All binary
 * operators group to the right. That is the grammar of LTLf2DFA, with W beside U and the past below R. */
#ifndef RS_PROPERTY_PARSER_H
#define RS_PROPERTY_PARSER_H

#include "property/formula.h"
#include "property/lexer.h"

typedef struct rs_parser {
    rs_lexer lexer;
    rs_token token; /* the next one */
    rs_token last;  /* the one taken before it */
    const rs_names *alphabet, *outputs;
    size_t depth;
    bool inputs_only; /* in an assumption */
} rs_parser;

/* One property, or assumption, as written. */
typedef struct rs_parsed {
    bool assumption;
    char *name, *text; /* text: the formula, white space folded, comments gone */
    size_t line, column;
    rs_formula formula; /* root: at the first moment; a statement about every moment has got its G */
} rs_parsed;

rs_status rs_parser_init(rs_parser *p, const char *file, const char *text, size_t length, const rs_names *alphabet,
                         const rs_names *outputs);
bool rs_parser_done(const rs_parser *p);
/* The next property or assumption. RS_EINPUT with file, line and column. Freed by rs_parsed_free. */
rs_status rs_parser_property(rs_parsed *out, rs_parser *p);
void rs_parsed_free(rs_parsed *parsed);

#endif
