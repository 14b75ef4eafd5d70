/* Precedence climbing over the tokens of one property. The parser's own recursion is bounded, and with it the depth of
 * every formula that the rest of the module walks through. */
#include "property/parser.h"

#include "core/alloc.h"
#include "core/status.h"
#include "property/builder.h"

#define DEPTH_LIMIT 2000 /* a pair of parentheses counts twice */

static rs_status parse(rs_operand *out, rs_builder *b, int strength);

/* Unary operators: (op, x), or (op, constant, x) for those that abbreviate a binary one. */
static const struct {
    const char *word;
    rs_op op, constant;
} unary_operators[] = {
    {"X", RS_OP_NEXT, RS_OP_NOT},      {"WX", RS_OP_WEAK_NEXT, RS_OP_NOT}, {"F", RS_OP_UNTIL, RS_OP_TRUE},
    {"G", RS_OP_RELEASE, RS_OP_FALSE}, {"Y", RS_OP_YESTERDAY, RS_OP_NOT},  {"WY", RS_OP_WEAK_YESTERDAY, RS_OP_NOT},
    {"O", RS_OP_SINCE, RS_OP_TRUE},    {"H", RS_OP_TRIGGER, RS_OP_FALSE},
};

/* One level deeper, or refused. The caller leaves it with depth--. */
static rs_status enter(rs_builder *b) {
    rs_parser *p = b->parser;
    if (++p->depth <= DEPTH_LIMIT) return RS_OK;
    return rs_fail_at(p->lexer.file, p->token.line, p->token.column, "nested too deeply");
}

static rs_status unary(rs_operand *out, rs_builder *b) {
    rs_parser *p = b->parser;
    rs_token token;
    rs_operand inner, constant;
    rs_status status = enter(b);
    if (status != RS_OK) return status;
    if (rs_builder_ended(b)) {
        status = rs_builder_unexpected(b, "a formula");
    } else if (p->token.kind == RS_TOKEN_OPEN) {
        RS_TRY(rs_builder_take(NULL, b));
        RS_TRY(parse(out, b, 0));
        RS_TRY(rs_builder_expect(b, RS_TOKEN_CLOSE, "\")\" or a binary operator"));
    } else if (p->token.kind == RS_TOKEN_NOT) {
        RS_TRY(rs_builder_take(&token, b));
        RS_TRY(unary(&inner, b));
        RS_TRY(rs_builder_add(out, b, &token, RS_OP_NOT, inner, (rs_operand){0}));
    } else {
        size_t i = 0, count = sizeof unary_operators / sizeof *unary_operators;
        while (i < count && !rs_token_is(&p->token, unary_operators[i].word)) i++;
        if (i == count) {
            status = rs_builder_atom(out, b);
            goto cleanup;
        }
        RS_TRY(rs_builder_take(&token, b));
        RS_TRY(unary(&inner, b));
        if (unary_operators[i].constant == RS_OP_NOT) {
            RS_TRY(rs_builder_add(out, b, &token, unary_operators[i].op, inner, (rs_operand){0}));
        } else {
            RS_TRY(rs_builder_leaf(&constant, b, &token, unary_operators[i].constant, 0));
            RS_TRY(rs_builder_add(out, b, &token, unary_operators[i].op, constant, inner));
        }
    }
cleanup:
    p->depth--;
    return status;
}

/* Strengths of binary operators, 0: none. */
enum { IFF = 1, IMPLIES, OR, AND, UNTIL, RELEASE, SINCE };

static int strength_of(const rs_token *t) {
    switch (t->kind) {
    case RS_TOKEN_IFF:
        return IFF;
    case RS_TOKEN_IMPLIES:
        return IMPLIES;
    case RS_TOKEN_OR:
        return OR;
    case RS_TOKEN_AND:
        return AND;
    case RS_TOKEN_WORD:
        if (rs_token_is(t, "U") || rs_token_is(t, "W")) return UNTIL;
        if (rs_token_is(t, "R")) return RELEASE;
        if (rs_token_is(t, "S") || rs_token_is(t, "T")) return SINCE;
        return 0;
    default:
        return 0;
    }
}

static rs_status combine(rs_operand *out, rs_builder *b, const rs_token *token, rs_operand x, rs_operand y) {
    rs_status status = RS_OK;
    rs_operand no_x, no_y, both, neither;
    switch (strength_of(token)) {
    case IFF:
        RS_TRY(rs_builder_add(&no_x, b, token, RS_OP_NOT, x, (rs_operand){0}));
        RS_TRY(rs_builder_add(&no_y, b, token, RS_OP_NOT, y, (rs_operand){0}));
        RS_TRY(rs_builder_add(&both, b, token, RS_OP_AND, x, y));
        RS_TRY(rs_builder_add(&neither, b, token, RS_OP_AND, no_x, no_y));
        return rs_builder_add(out, b, token, RS_OP_OR, both, neither);
    case IMPLIES:
        RS_TRY(rs_builder_add(&no_x, b, token, RS_OP_NOT, x, (rs_operand){0}));
        return rs_builder_add(out, b, token, RS_OP_OR, no_x, y);
    case OR:
        return rs_builder_add(out, b, token, RS_OP_OR, x, y);
    case AND:
        return rs_builder_add(out, b, token, RS_OP_AND, x, y);
    case UNTIL:
        if (rs_token_is(token, "U")) return rs_builder_add(out, b, token, RS_OP_UNTIL, x, y);
        RS_TRY(rs_builder_add(&both, b, token, RS_OP_OR, x, y));
        return rs_builder_add(out, b, token, RS_OP_RELEASE, y, both);
    case RELEASE:
        return rs_builder_add(out, b, token, RS_OP_RELEASE, x, y);
    default:
        return rs_builder_add(out, b, token, rs_token_is(token, "S") ? RS_OP_SINCE : RS_OP_TRIGGER, x, y);
    }
cleanup:
    return status;
}

/* Operands joined by operators at least as strong as `strength`. */
static rs_status parse(rs_operand *out, rs_builder *b, int strength) {
    rs_parser *p = b->parser;
    rs_operand left, right;
    rs_status status = enter(b);
    if (status != RS_OK) return status;
    RS_TRY(unary(&left, b));
    for (;;) {
        rs_token token = p->token;
        int s = rs_builder_ended(b) ? 0 : strength_of(&token);
        if (!s || s < strength) break;
        RS_TRY(rs_builder_take(NULL, b));
        RS_TRY(parse(&right, b, s));
        RS_TRY(combine(&left, b, &token, left, right));
    }
    *out = left;
cleanup:
    p->depth--;
    return status;
}

rs_status rs_parser_init(rs_parser *p, const char *file, const char *text, size_t length, const rs_names *alphabet,
                         const rs_names *outputs) {
    rs_parser parser = {.alphabet = alphabet, .outputs = outputs};
    rs_status status = rs_lexer_init(&parser.lexer, file, text, length);
    if (status == RS_OK) status = rs_lexer_next(&parser.token, &parser.lexer);
    if (status == RS_OK) *p = parser;
    return status;
}

bool rs_parser_done(const rs_parser *p) {
    return p->token.kind == RS_TOKEN_END;
}

static bool proper_name(const rs_token *t) {
    if (t->kind != RS_TOKEN_WORD || (t->text[0] >= '0' && t->text[0] <= '9') || t->text[0] == '.') return false;
    for (size_t i = 0; i < t->length; i++)
        if ((unsigned char)t->text[i] >= 0x80) return false;
    return true;
}

static rs_status expect_name(const rs_builder *b) {
    if (proper_name(&b->parser->token)) return RS_OK;
    return rs_builder_fail(
        b, &b->parser->token,
        "a property begins with NAME: where NAME is a letter or _ and then letters, digits, _ . or -, not with", "");
}

/* NAME: of a property, or "assume" NAME: of an assumption. A property may be called assume. */
static rs_status parse_name(rs_token *name, bool *assumption, rs_builder *b) {
    rs_status status = RS_OK;
    rs_parser *p = b->parser;
    RS_TRY(expect_name(b));
    *name = p->token;
    RS_TRY(rs_parser_advance(p));
    *assumption = rs_token_is(name, "assume") && !rs_builder_ended(b) && p->token.kind == RS_TOKEN_WORD;
    if (*assumption) {
        RS_TRY(expect_name(b));
        *name = p->token;
        RS_TRY(rs_parser_advance(p));
    }
    if (rs_builder_ended(b) || p->token.kind != RS_TOKEN_COLON)
        return rs_builder_unexpected(b, *assumption ? "\":\" after the assumption's name"
                                                    : "\":\" after the property's name");
    RS_TRY(rs_parser_advance(p));
cleanup:
    return status;
}

rs_status rs_parser_property(rs_parsed *out, rs_parser *p) {
    rs_status status = RS_OK;
    rs_parsed parsed = {.line = p->token.line, .column = p->token.column};
    rs_text text = {0};
    rs_builder b = {p, &parsed.formula, &text};
    rs_token name;
    rs_operand root, constant;
    if (parsed.column != 1) {
        status = rs_fail_at(p->lexer.file, parsed.line, parsed.column,
                            "white space before it makes this the continuation of a property, but there is none above; "
                            "a property begins in the first column");
        goto cleanup;
    }
    RS_TRY(parse_name(&name, &parsed.assumption, &b));
    p->depth = 0;
    p->inputs_only = parsed.assumption;
    RS_TRY(parse(&root, &b, 0));
    if (!rs_builder_ended(&b)) {
        status = rs_builder_unexpected(&b, "a binary operator or the end of the property");
        goto cleanup;
    }
    if (root.future_line && parsed.assumption) {
        status = rs_fail_at(p->lexer.file, root.future_line, root.future_column,
                            "an assumption speaks of the past alone, and is read at every moment without a G");
        goto cleanup;
    }
    if (!root.future_line) {
        RS_TRY(rs_builder_leaf(&constant, &b, &name, RS_OP_FALSE, 0));
        RS_TRY(rs_builder_add(&root, &b, &name, RS_OP_RELEASE, constant, root));
    }
    parsed.formula.root = root.node;
    RS_TRY_ALLOC(parsed.name = rs_strndup(name.text, name.length));
    RS_TRY(rs_text_take(&parsed.text, &text));
    *out = parsed;
    parsed = (rs_parsed){0};
cleanup:
    rs_text_free(&text);
    rs_parsed_free(&parsed);
    return status;
}

void rs_parsed_free(rs_parsed *parsed) {
    free(parsed->name);
    free(parsed->text);
    rs_formula_free(&parsed->formula);
    *parsed = (rs_parsed){0};
}
