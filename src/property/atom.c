/* Atoms: what a name, a constant or a predicate over the input says. */
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "property/builder.h"
#include "property/language.h"

#define LISTED_NAMES 20

/* "what" and the first names of a list. */
static void list(rs_text *text, const char *what, const rs_names *names) {
    size_t count = rs_names_count(names);
    rs_text_add(text, "; the %s:", what);
    for (size_t i = 0; i < count && i < LISTED_NAMES; i++) rs_text_add(text, " %.40s", rs_names_get(names, i));
    if (count > LISTED_NAMES) rs_text_add(text, " ... (%zu)", count);
}

/* What a name says. `side` is "in", "out" or NULL, when only one reading may be possible. */
static rs_status resolve(rs_operand *out, rs_builder *b, const rs_token *token, const char *side) {
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
    if (p->inputs_only && output != SIZE_MAX && symbol == SIZE_MAX) {
        status = rs_builder_fail(b, token, "an assumption speaks of symbols alone, not of the output", "");
        goto cleanup;
    }
    if (symbol != SIZE_MAX && output != SIZE_MAX && !p->inputs_only) {
        const char *quote = quoted ? "\"" : "";
        int shown = token->length < 60 ? (int)token->length : 60;
        status = rs_fail_at(p->lexer.file, token->line, token->column,
                            "\"%.*s\" is a symbol and an output; write in=%s%.*s%s or out=%s%.*s%s", shown, token->text,
                            quote, shown, token->text, quote, quote, shown, token->text, quote);
        goto cleanup;
    }
    if (symbol == SIZE_MAX && output == SIZE_MAX) {
        if (in) list(&text, "symbols", p->alphabet);
        if (to_out) list(&text, "outputs", p->outputs);
        RS_TRY(rs_text_take(&message, &text));
        status = rs_builder_fail(b, token, !side ? "no symbol or output" : to_out ? "no output" : "no symbol", message);
        goto cleanup;
    }
    RS_TRY(symbol != SIZE_MAX ? rs_builder_leaf(out, b, token, RS_OP_IN, symbol)
                              : rs_builder_leaf(out, b, token, RS_OP_OUT, output));
cleanup:
    rs_text_free(&text);
    free(name);
    free(message);
    return status;
}

/* matches("...") and language("..."), from the opening parenthesis on. */
static rs_status word_predicate(rs_operand *out, rs_builder *b, const rs_token *keyword) {
    rs_status status = RS_OK;
    rs_token string;
    rs_automaton *automaton = NULL;
    char *source = NULL;
    rs_text text = {0};
    const rs_parser *p = b->parser;
    RS_TRY(rs_builder_expect(b, RS_TOKEN_OPEN, "\"(\""));
    if (rs_builder_ended(b) || p->token.kind != RS_TOKEN_STRING) {
        status = rs_builder_unexpected(b, "a text in double quotes");
        goto cleanup;
    }
    RS_TRY(rs_builder_take(&string, b));
    RS_TRY(rs_builder_expect(b, RS_TOKEN_CLOSE, "\")\""));
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
    RS_TRY(rs_builder_leaf(out, b, keyword, RS_OP_WORD, index));
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

rs_status rs_builder_atom(rs_operand *out, rs_builder *b) {
    rs_token token;
    const rs_parser *p = b->parser;
    if (rs_builder_ended(b) || (p->token.kind != RS_TOKEN_WORD && p->token.kind != RS_TOKEN_STRING) ||
        rs_builder_operator(&p->token))
        return rs_builder_unexpected(b, "a formula");
    rs_status status = rs_builder_take(&token, b);
    if (status != RS_OK || token.kind == RS_TOKEN_STRING)
        return status != RS_OK ? status : resolve(out, b, &token, NULL);
    bool more = !rs_builder_ended(b);
    if (more && p->token.kind == RS_TOKEN_EQUALS && (rs_token_is(&token, "in") || rs_token_is(&token, "out"))) {
        const char *side = rs_token_is(&token, "in") ? "in" : "out";
        status = rs_builder_take(NULL, b);
        if (status != RS_OK) return status;
        if (rs_builder_ended(b) || (p->token.kind != RS_TOKEN_WORD && p->token.kind != RS_TOKEN_STRING))
            return rs_builder_unexpected(b, "a name");
        status = rs_builder_take(&token, b);
        return status != RS_OK ? status : resolve(out, b, &token, side);
    }
    if (more && p->token.kind == RS_TOKEN_OPEN && (rs_token_is(&token, "matches") || rs_token_is(&token, "language")))
        return word_predicate(out, b, &token);
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
        if (!rs_token_is(&token, constants[i].word)) continue;
        if (rs_names_find(p->alphabet, token.text, token.length) != SIZE_MAX ||
            rs_names_find(p->outputs, token.text, token.length) != SIZE_MAX)
            return rs_fail_at(
                p->lexer.file, token.line, token.column,
                "\"%s\" is a constant and a name; write %s for the constant, in=%s or out=%s for the name",
                constants[i].word, constants[i].instead, constants[i].word, constants[i].word);
        if (constants[i].op != RS_OP_WEAK_NEXT) return rs_builder_leaf(out, b, &token, constants[i].op, 0);
        rs_operand no;
        status = rs_builder_leaf(&no, b, &token, RS_OP_FALSE, 0);
        return status != RS_OK ? status : rs_builder_add(out, b, &token, RS_OP_WEAK_NEXT, no, (rs_operand){0});
    }
    return resolve(out, b, &token, NULL);
}
