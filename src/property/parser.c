/* Precedence climbing over the tokens of one property. The parser's own recursion is bounded, and with it the depth of every
 * formula that the rest of the module walks through. */
#include "property/parser.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "core/text.h"
#include "property/language.h"

#define DEPTH_LIMIT 2000 /* a pair of parentheses counts twice */
#define LISTED_NAMES 20

/* A subformula and where its first future operator stands (line 0: nowhere). */
typedef struct operand {
    uint32_t node;
    size_t future_line, future_column;
} operand;

/* What a property is parsed into. */
typedef struct builder {
    rs_parser *parser;
    rs_formula *formula;
    rs_text *text;
} builder;

static rs_status parse(operand *out, builder *b, int strength);

static rs_status fail(const builder *b, const rs_token *token, const char *what, const char *hint) {
    int length = token->length < 60 ? (int)token->length : 60;
    return rs_fail_at(b->parser->lexer.file, token->line, token->column, "%s \"%.*s\"%s", what, length, token->text, hint);
}

/* Whether the property ends before the next token. */
static bool ended(const builder *b) {
    return b->parser->token.kind == RS_TOKEN_END || b->parser->token.column == 1;
}

/* Whether a word is an operator, and so names a symbol or an output only behind in= or out=. */
static bool is_operator(const rs_token *token) {
    static const char *const words[] = {"X", "WX", "F", "G", "Y", "WY", "O", "H", "U", "W", "R", "S", "T"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (rs_token_is(token, words[i])) return true;
    return false;
}

static rs_status unexpected(const builder *b, const char *wanted) {
    const rs_parser *p = b->parser;
    const rs_token *suspects[] = {&p->last, &p->token};
    char hint[100] = "", got[80];
    for (size_t i = 0; i < 2; i++) {
        const rs_token *t = suspects[i];
        int length = (int)t->length;
        if (!is_operator(t)) continue;
        if (rs_names_find(p->alphabet, t->text, t->length) != SIZE_MAX)
            snprintf(hint, sizeof hint, "; the symbol %.*s is written in=%.*s", length, t->text, length, t->text);
        else if (rs_names_find(p->outputs, t->text, t->length) != SIZE_MAX)
            snprintf(hint, sizeof hint, "; the output %.*s is written out=%.*s", length, t->text, length, t->text);
    }
    if (ended(b)) {
        size_t quotes = p->last.kind == RS_TOKEN_STRING ? 2 : 0;
        return rs_fail_at(p->lexer.file, p->last.line, p->last.column + p->last.length + quotes,
                          "expected %s, but the property ends here%s", wanted, hint);
    }
    snprintf(got, sizeof got, "%.*s", p->token.length < 60 ? (int)p->token.length : 60, p->token.text);
    return rs_fail_at(p->lexer.file, p->token.line, p->token.column, "expected %s, not \"%s\"%s", wanted, got, hint);
}

static rs_status advance(rs_parser *p) {
    p->last = p->token;
    return rs_lexer_next(&p->token, &p->lexer);
}

/* Takes the next token of the formula, and writes it down. */
static rs_status take(rs_token *out, builder *b) {
    rs_token token = b->parser->token;
    const char *quote = token.kind == RS_TOKEN_STRING ? "\"" : "";
    if (token.spaced && b->text->length) rs_text_add(b->text, " ");
    rs_text_add(b->text, "%s", quote);
    rs_text_bytes(b->text, token.text, token.length);
    rs_text_add(b->text, "%s", quote);
    if (b->text->failed) return RS_EMEMORY;
    if (out) *out = token;
    return advance(b->parser);
}

static rs_status expect(builder *b, rs_token_kind kind, const char *wanted) {
    if (ended(b) || b->parser->token.kind != kind) return unexpected(b, wanted);
    return take(NULL, b);
}

/* Adds a node over one or two operands, at the position of `token`. */
static rs_status add(operand *out, builder *b, const rs_token *token, rs_op op, operand left, operand right) {
    operand result = left.future_line ? left : right;
    bool future = op >= RS_OP_NEXT && op <= RS_OP_RELEASE;
    if (op >= RS_OP_YESTERDAY && result.future_line)
        return rs_fail_at(b->parser->lexer.file, result.future_line, result.future_column,
                          "a future operator below the past operator \"%.*s\" of %zu:%zu: the past must not depend on the future",
                          (int)token->length, token->text, token->line, token->column);
    if (b->formula->count >= RS_FORMULA_LIMIT) return fail(b, token, "more than 10000 operators in one formula, at", "");
    if (future) {
        result.future_line = token->line;
        result.future_column = token->column;
    }
    rs_status status = rs_formula_add(&result.node, b->formula, op, left.node, right.node);
    if (status == RS_OK) *out = result;
    return status;
}

static rs_status leaf(operand *out, builder *b, const rs_token *token, rs_op op, size_t index) {
    return add(out, b, token, op, (operand){.node = (uint32_t)index}, (operand){0});
}

/* "what" and the first names of a list. */
static void list(rs_text *text, const char *what, const rs_names *names) {
    size_t count = rs_names_count(names);
    rs_text_add(text, "; the %s:", what);
    for (size_t i = 0; i < count && i < LISTED_NAMES; i++) rs_text_add(text, " %.40s", rs_names_get(names, i));
    if (count > LISTED_NAMES) rs_text_add(text, " ... (%zu)", count);
}

/* What a name says. `side` is "in", "out" or NULL, when only one reading may be possible. */
static rs_status resolve(operand *out, builder *b, const rs_token *token, const char *side) {
    rs_status status = RS_OK;
    const rs_parser *p = b->parser;
    char *name = NULL, *message = NULL;
    rs_text text = {0};
    bool quoted = token->kind == RS_TOKEN_STRING;
    bool in = !side || strcmp(side, "in") == 0, to_out = !side || strcmp(side, "out") == 0;
    if (quoted) RS_TRY(rs_token_unquote(&name, token->text, token->length));
    else RS_TRY_ALLOC(name = rs_strndup(token->text, token->length));
    size_t symbol = in ? rs_names_find(p->alphabet, name, strlen(name)) : SIZE_MAX;
    size_t output = to_out ? rs_names_find(p->outputs, name, strlen(name)) : SIZE_MAX;
    if (symbol != SIZE_MAX && output != SIZE_MAX) {
        const char *quote = quoted ? "\"" : "";
        int shown = token->length < 60 ? (int)token->length : 60;
        status = rs_fail_at(p->lexer.file, token->line, token->column,
                            "\"%.*s\" is a symbol and an output; write in=%s%.*s%s or out=%s%.*s%s", shown, token->text, quote, shown,
                            token->text, quote, quote, shown, token->text, quote);
        goto cleanup;
    }
    if (symbol == SIZE_MAX && output == SIZE_MAX) {
        if (in) list(&text, "symbols", p->alphabet);
        if (to_out) list(&text, "outputs", p->outputs);
        RS_TRY(rs_text_take(&message, &text));
        status = fail(b, token, !side ? "no symbol or output" : to_out ? "no output" : "no symbol", message);
        goto cleanup;
    }
    RS_TRY(symbol != SIZE_MAX ? leaf(out, b, token, RS_OP_IN, symbol) : leaf(out, b, token, RS_OP_OUT, output));
cleanup:
    rs_text_free(&text);
    free(name);
    free(message);
    return status;
}

/* matches("...") and language("..."), from the opening parenthesis on. */
static rs_status word_predicate(operand *out, builder *b, const rs_token *keyword) {
    rs_status status = RS_OK;
    rs_token string;
    rs_automaton *automaton = NULL;
    char *source = NULL;
    rs_text text = {0};
    const rs_parser *p = b->parser;
    RS_TRY(expect(b, RS_TOKEN_OPEN, "\"(\""));
    if (ended(b) || p->token.kind != RS_TOKEN_STRING) {
        status = unexpected(b, "a text in double quotes");
        goto cleanup;
    }
    RS_TRY(take(&string, b));
    RS_TRY(expect(b, RS_TOKEN_CLOSE, "\")\""));
    rs_text_bytes(&text, keyword->text, keyword->length);
    rs_text_add(&text, "(\"");
    rs_text_bytes(&text, string.text, string.length);
    rs_text_add(&text, "\")");
    RS_TRY(rs_text_take(&source, &text));
    uint32_t index = rs_formula_find_language(b->formula, source);
    if (index == UINT32_MAX) {
        if (rs_token_is(keyword, "matches")) RS_TRY(rs_language_regex(&automaton, p->lexer.file, &string, p->alphabet));
        else RS_TRY(rs_language_file(&automaton, p->lexer.file, &string, p->alphabet));
        RS_TRY(rs_formula_add_language(&index, b->formula, source, automaton));
        automaton = NULL;
    }
    RS_TRY(leaf(out, b, keyword, RS_OP_WORD, index));
cleanup:
    rs_text_free(&text);
    rs_automaton_free(automaton);
    free(source);
    return status;
}

/* Constants by their words, the symbol or output of the same name excepted. */
static const struct {
    const char *word;
    rs_op op;
    const char *instead;
} constants[] = {
    {"true", RS_OP_TRUE, "tt"},
    {"tt", RS_OP_TRUE, "true"},
    {"false", RS_OP_FALSE, "ff"},
    {"ff", RS_OP_FALSE, "false"},
    {"last", RS_OP_WEAK_NEXT, "WX false"},
};

static rs_status atom(operand *out, builder *b) {
    rs_token token;
    const rs_parser *p = b->parser;
    if (ended(b) || (p->token.kind != RS_TOKEN_WORD && p->token.kind != RS_TOKEN_STRING) || is_operator(&p->token))
        return unexpected(b, "a formula");
    rs_status status = take(&token, b);
    if (status != RS_OK || token.kind == RS_TOKEN_STRING) return status != RS_OK ? status : resolve(out, b, &token, NULL);
    bool more = !ended(b);
    if (more && p->token.kind == RS_TOKEN_EQUALS && (rs_token_is(&token, "in") || rs_token_is(&token, "out"))) {
        const char *side = rs_token_is(&token, "in") ? "in" : "out";
        status = take(NULL, b);
        if (status != RS_OK) return status;
        if (ended(b) || (p->token.kind != RS_TOKEN_WORD && p->token.kind != RS_TOKEN_STRING)) return unexpected(b, "a name");
        status = take(&token, b);
        return status != RS_OK ? status : resolve(out, b, &token, side);
    }
    if (more && p->token.kind == RS_TOKEN_OPEN && (rs_token_is(&token, "matches") || rs_token_is(&token, "language")))
        return word_predicate(out, b, &token);
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
        if (!rs_token_is(&token, constants[i].word)) continue;
        if (rs_names_find(p->alphabet, token.text, token.length) != SIZE_MAX ||
            rs_names_find(p->outputs, token.text, token.length) != SIZE_MAX)
            return rs_fail_at(p->lexer.file, token.line, token.column,
                              "\"%s\" is a constant and a name; write %s for the constant, in=%s or out=%s for the name",
                              constants[i].word, constants[i].instead, constants[i].word, constants[i].word);
        if (constants[i].op != RS_OP_WEAK_NEXT) return leaf(out, b, &token, constants[i].op, 0);
        operand no;
        status = leaf(&no, b, &token, RS_OP_FALSE, 0);
        return status != RS_OK ? status : add(out, b, &token, RS_OP_WEAK_NEXT, no, (operand){0});
    }
    return resolve(out, b, &token, NULL);
}

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
static rs_status enter(builder *b) {
    rs_parser *p = b->parser;
    if (++p->depth <= DEPTH_LIMIT) return RS_OK;
    return rs_fail_at(p->lexer.file, p->token.line, p->token.column, "nested too deeply");
}

static rs_status unary(operand *out, builder *b) {
    rs_parser *p = b->parser;
    rs_token token;
    operand inner, constant;
    rs_status status = enter(b);
    if (status != RS_OK) return status;
    if (ended(b)) {
        status = unexpected(b, "a formula");
    } else if (p->token.kind == RS_TOKEN_OPEN) {
        RS_TRY(take(NULL, b));
        RS_TRY(parse(out, b, 0));
        RS_TRY(expect(b, RS_TOKEN_CLOSE, "\")\" or a binary operator"));
    } else if (p->token.kind == RS_TOKEN_NOT) {
        RS_TRY(take(&token, b));
        RS_TRY(unary(&inner, b));
        RS_TRY(add(out, b, &token, RS_OP_NOT, inner, (operand){0}));
    } else {
        size_t i = 0, count = sizeof unary_operators / sizeof *unary_operators;
        while (i < count && !rs_token_is(&p->token, unary_operators[i].word)) i++;
        if (i == count) {
            status = atom(out, b);
            goto cleanup;
        }
        RS_TRY(take(&token, b));
        RS_TRY(unary(&inner, b));
        if (unary_operators[i].constant == RS_OP_NOT) {
            RS_TRY(add(out, b, &token, unary_operators[i].op, inner, (operand){0}));
        } else {
            RS_TRY(leaf(&constant, b, &token, unary_operators[i].constant, 0));
            RS_TRY(add(out, b, &token, unary_operators[i].op, constant, inner));
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
    case RS_TOKEN_IFF: return IFF;
    case RS_TOKEN_IMPLIES: return IMPLIES;
    case RS_TOKEN_OR: return OR;
    case RS_TOKEN_AND: return AND;
    case RS_TOKEN_WORD:
        if (rs_token_is(t, "U") || rs_token_is(t, "W")) return UNTIL;
        if (rs_token_is(t, "R")) return RELEASE;
        if (rs_token_is(t, "S") || rs_token_is(t, "T")) return SINCE;
        return 0;
    default: return 0;
    }
}

static rs_status combine(operand *out, builder *b, const rs_token *token, operand x, operand y) {
    rs_status status = RS_OK;
    operand no_x, no_y, both, neither;
    switch (strength_of(token)) {
    case IFF:
        RS_TRY(add(&no_x, b, token, RS_OP_NOT, x, (operand){0}));
        RS_TRY(add(&no_y, b, token, RS_OP_NOT, y, (operand){0}));
        RS_TRY(add(&both, b, token, RS_OP_AND, x, y));
        RS_TRY(add(&neither, b, token, RS_OP_AND, no_x, no_y));
        return add(out, b, token, RS_OP_OR, both, neither);
    case IMPLIES:
        RS_TRY(add(&no_x, b, token, RS_OP_NOT, x, (operand){0}));
        return add(out, b, token, RS_OP_OR, no_x, y);
    case OR: return add(out, b, token, RS_OP_OR, x, y);
    case AND: return add(out, b, token, RS_OP_AND, x, y);
    case UNTIL:
        if (rs_token_is(token, "U")) return add(out, b, token, RS_OP_UNTIL, x, y);
        RS_TRY(add(&both, b, token, RS_OP_OR, x, y));
        return add(out, b, token, RS_OP_RELEASE, y, both);
    case RELEASE: return add(out, b, token, RS_OP_RELEASE, x, y);
    default: return add(out, b, token, rs_token_is(token, "S") ? RS_OP_SINCE : RS_OP_TRIGGER, x, y);
    }
cleanup:
    return status;
}

/* Operands joined by operators at least as strong as `strength`. */
static rs_status parse(operand *out, builder *b, int strength) {
    rs_parser *p = b->parser;
    operand left, right;
    rs_status status = enter(b);
    if (status != RS_OK) return status;
    RS_TRY(unary(&left, b));
    for (;;) {
        rs_token token = p->token;
        int s = ended(b) ? 0 : strength_of(&token);
        if (!s || s < strength) break;
        RS_TRY(take(NULL, b));
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

rs_status rs_parser_property(rs_parsed *out, rs_parser *p) {
    rs_status status = RS_OK;
    rs_parsed parsed = {0};
    rs_text text = {0};
    builder b = {p, &parsed.formula, &text};
    rs_token name = p->token;
    operand root, constant;
    parsed.line = name.line;
    parsed.column = name.column;
    if (name.column != 1) {
        status = rs_fail_at(p->lexer.file, name.line, name.column,
                            "white space before it makes this the continuation of a property, but there is none above; "
                            "a property begins in the first column");
        goto cleanup;
    }
    if (!proper_name(&name)) {
        status = fail(&b, &name, "a property begins with NAME: where NAME is a letter or _ and then letters, digits, _ . or -, not with",
                      "");
        goto cleanup;
    }
    RS_TRY(advance(p));
    if (ended(&b) || p->token.kind != RS_TOKEN_COLON) {
        status = unexpected(&b, "\":\" after the property's name");
        goto cleanup;
    }
    RS_TRY(advance(p));
    p->depth = 0;
    RS_TRY(parse(&root, &b, 0));
    if (!ended(&b)) {
        status = unexpected(&b, "a binary operator or the end of the property");
        goto cleanup;
    }
    if (!root.future_line) {
        RS_TRY(leaf(&constant, &b, &name, RS_OP_FALSE, 0));
        RS_TRY(add(&root, &b, &name, RS_OP_RELEASE, constant, root));
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
