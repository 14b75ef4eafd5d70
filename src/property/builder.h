/* What the files of the parser share: the formula under construction and the tokens it is made from. */
#ifndef RS_PROPERTY_BUILDER_H
#define RS_PROPERTY_BUILDER_H

#include "core/text.h"
#include "property/parser.h"

/* A subformula and where its first future operator stands (line 0: nowhere). */
typedef struct rs_operand {
    uint32_t node;
    size_t future_line, future_column;
} rs_operand;

/* What a property is parsed into. */
typedef struct rs_builder {
    rs_parser *parser;
    rs_formula *formula;
    rs_text *text;
} rs_builder;

/* RS_EINPUT at a token: what, the token, hint. */
rs_status rs_builder_fail(const rs_builder *b, const rs_token *token, const char *what, const char *hint);
/* RS_EINPUT at the next token, which is not what is wanted. */
rs_status rs_builder_unexpected(const rs_builder *b, const char *wanted);
/* Whether the property ends before the next token. */
bool rs_builder_ended(const rs_builder *b);
/* Whether a word is an operator, and so names a symbol or an output only behind in= or out=. */
bool rs_builder_operator(const rs_token *token);
/* Moves to the next token. */
rs_status rs_parser_advance(rs_parser *p);
/* Takes the next token of the formula, and writes it down; `out` may be NULL. */
rs_status rs_builder_take(rs_token *out, rs_builder *b);
/* Takes the next token when it is of this kind, else fails. */
rs_status rs_builder_expect(rs_builder *b, rs_token_kind kind, const char *wanted);
/* Adds a node over one or two operands, at the position of `token`. RS_EINPUT: the future below the past; too long. */
rs_status rs_builder_add(rs_operand *out, rs_builder *b, const rs_token *token, rs_op op, rs_operand left,
                         rs_operand right);
/* Adds a node without operands. */
rs_status rs_builder_leaf(rs_operand *out, rs_builder *b, const rs_token *token, rs_op op, size_t index);
/* Reads an atom. */
rs_status rs_builder_atom(rs_operand *out, rs_builder *b);

#endif
