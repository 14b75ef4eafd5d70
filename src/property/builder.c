/* Taking tokens, adding nodes, saying what is wrong and where. */
#include "property/builder.h"

#include <stdio.h>

#include "core/status.h"

rs_status rs_builder_fail(const rs_builder *b, const rs_token *token, const char *what, const char *hint) {
    int length = token->length < 60 ? (int)token->length : 60;
    return rs_fail_at(b->parser->lexer.file, token->line, token->column, "%s \"%.*s\"%s", what, length, token->text,
                      hint);
}

bool rs_builder_ended(const rs_builder *b) {
    return b->parser->token.kind == RS_TOKEN_END || b->parser->token.column == 1;
}

bool rs_builder_operator(const rs_token *token) {
    static const char *const words[] = {"X", "WX", "F", "G", "Y", "WY", "O", "H", "U", "W", "R", "S", "T"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (rs_token_is(token, words[i])) return true;
    return false;
}

rs_status rs_builder_unexpected(const rs_builder *b, const char *wanted) {
    const rs_parser *p = b->parser;
    const rs_token *suspects[] = {&p->last, &p->token};
    char hint[100] = "", got[80];
    for (size_t i = 0; i < 2; i++) {
        const rs_token *t = suspects[i];
        int length = (int)t->length;
        if (!rs_builder_operator(t)) continue;
        if (rs_names_find(p->alphabet, t->text, t->length) != SIZE_MAX)
            snprintf(hint, sizeof hint, "; the symbol %.*s is written in=%.*s", length, t->text, length, t->text);
        else if (rs_names_find(p->outputs, t->text, t->length) != SIZE_MAX)
            snprintf(hint, sizeof hint, "; the output %.*s is written out=%.*s", length, t->text, length, t->text);
    }
    if (rs_builder_ended(b)) {
        size_t quotes = p->last.kind == RS_TOKEN_STRING ? 2 : 0;
        return rs_fail_at(p->lexer.file, p->last.line, p->last.column + p->last.length + quotes,
                          "expected %s, but the property ends here%s", wanted, hint);
    }
    snprintf(got, sizeof got, "%.*s", p->token.length < 60 ? (int)p->token.length : 60, p->token.text);
    return rs_fail_at(p->lexer.file, p->token.line, p->token.column, "expected %s, not \"%s\"%s", wanted, got, hint);
}

rs_status rs_parser_advance(rs_parser *p) {
    p->last = p->token;
    return rs_lexer_next(&p->token, &p->lexer);
}

rs_status rs_builder_take(rs_token *out, rs_builder *b) {
    rs_token token = b->parser->token;
    const char *quote = token.kind == RS_TOKEN_STRING ? "\"" : "";
    if (token.spaced && b->text->length) rs_text_add(b->text, " ");
    rs_text_add(b->text, "%s", quote);
    rs_text_bytes(b->text, token.text, token.length);
    rs_text_add(b->text, "%s", quote);
    if (b->text->failed) return RS_EMEMORY;
    if (out) *out = token;
    return rs_parser_advance(b->parser);
}

rs_status rs_builder_expect(rs_builder *b, rs_token_kind kind, const char *wanted) {
    if (rs_builder_ended(b) || b->parser->token.kind != kind) return rs_builder_unexpected(b, wanted);
    return rs_builder_take(NULL, b);
}

rs_status rs_builder_add(rs_operand *out, rs_builder *b, const rs_token *token, rs_op op, rs_operand left,
                         rs_operand right) {
    rs_operand result = left.future_line ? left : right;
    bool future = op >= RS_OP_NEXT && op <= RS_OP_RELEASE;
    if (op >= RS_OP_YESTERDAY && result.future_line)
        return rs_fail_at(
            b->parser->lexer.file, result.future_line, result.future_column,
            "a future operator below the past operator \"%.*s\" of %zu:%zu: the past must not depend on the future",
            (int)token->length, token->text, token->line, token->column);
    if (b->formula->count >= RS_FORMULA_LIMIT)
        return rs_builder_fail(b, token, "more than 10000 operators in one formula, at", "");
    if (future) {
        result.future_line = token->line;
        result.future_column = token->column;
    }
    rs_status status = rs_formula_add(&result.node, b->formula, op, left.node, right.node);
    if (status == RS_OK) *out = result;
    return status;
}

rs_status rs_builder_leaf(rs_operand *out, rs_builder *b, const rs_token *token, rs_op op, size_t index) {
    return rs_builder_add(out, b, token, op, (rs_operand){.node = (uint32_t)index}, (rs_operand){0});
}
