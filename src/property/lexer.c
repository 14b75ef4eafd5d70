/* Words are letters, digits, "_", "." and every character beyond ASCII; "-" too between two of them, so that a->b stays
 * an implication. A string keeps its backslashes, because a regular expression has a use for them. */
#include "property/lexer.h"

#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "core/utf8.h"

static bool word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           (unsigned char)c >= 0x80;
}

static bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

rs_status rs_lexer_init(rs_lexer *lexer, const char *file, const char *text, size_t length) {
    rs_lexer l = {.file = file, .at = text, .end = text + length, .line_start = text, .line = 1};
    if (!rs_utf8_valid(text, length)) {
        const char *p = text;
        for (size_t span; p < l.end; p += span) {
            span = rs_utf8_span(p, (size_t)(l.end - p));
            if (!rs_utf8_valid(p, span)) break;
            if (*p == '\n') {
                l.line++;
                l.line_start = p + 1;
            }
        }
        return rs_fail_at(file, l.line, (size_t)(p - l.line_start) + 1, "byte 0x%02x is not UTF-8", (unsigned char)*p);
    }
    *lexer = l;
    return RS_OK;
}

/* Moves behind white space and comments. */
static void skip(rs_lexer *l) {
    while (l->at < l->end) {
        if (*l->at == '\n') {
            l->line++;
            l->line_start = ++l->at;
        } else if (*l->at == '#') {
            while (l->at < l->end && *l->at != '\n') l->at++;
        } else if (blank(*l->at)) {
            l->at++;
        } else {
            return;
        }
    }
}

static const struct {
    const char *text;
    rs_token_kind kind;
} signs[] = {
    {"<=>", RS_TOKEN_IFF}, {"<->", RS_TOKEN_IFF}, {"->", RS_TOKEN_IMPLIES}, {"=>", RS_TOKEN_IMPLIES},
    {"&&", RS_TOKEN_AND},  {"||", RS_TOKEN_OR},   {"&", RS_TOKEN_AND},      {"|", RS_TOKEN_OR},
    {"!", RS_TOKEN_NOT},   {"~", RS_TOKEN_NOT},   {"=", RS_TOKEN_EQUALS},   {"(", RS_TOKEN_OPEN},
    {")", RS_TOKEN_CLOSE}, {":", RS_TOKEN_COLON},
};

rs_status rs_lexer_next(rs_token *out, rs_lexer *l) {
    const char *before = l->at;
    skip(l);
    const char *start = l->at;
    size_t left = (size_t)(l->end - start);
    rs_token token = {RS_TOKEN_END, start, 0, l->line, (size_t)(start - l->line_start) + 1, start != before};
    if (!left) {
        *out = token;
        return RS_OK;
    }
    if (*start == '"') {
        const char *p = start + 1;
        while (p < l->end && *p != '"' && *p != '\n') p += *p == '\\' && p + 1 < l->end && p[1] != '\n' ? 2 : 1;
        if (p >= l->end || *p != '"')
            return rs_fail_at(l->file, token.line, token.column, "this quote is not closed on its line");
        token.kind = RS_TOKEN_STRING;
        token.text = start + 1;
        token.length = (size_t)(p - token.text);
        l->at = p + 1;
        *out = token;
        return RS_OK;
    }
    if (word_character(*start)) {
        const char *p = start + 1;
        while (p < l->end && (word_character(*p) || (*p == '-' && p + 1 < l->end && word_character(p[1])))) p++;
        token.kind = RS_TOKEN_WORD;
        token.length = (size_t)(p - start);
        l->at = p;
        *out = token;
        return RS_OK;
    }
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t length = strlen(signs[i].text);
        if (length > left || memcmp(start, signs[i].text, length) != 0) continue;
        token.kind = signs[i].kind;
        token.length = length;
        l->at = start + length;
        *out = token;
        return RS_OK;
    }
    if ((unsigned char)*start < 32 || *start == 127)
        return rs_fail_at(l->file, token.line, token.column, "unexpected byte 0x%02x", (unsigned char)*start);
    return rs_fail_at(l->file, token.line, token.column,
                      "unexpected character '%c'; names with odd characters are quoted, as in=\"(\"", *start);
}

rs_status rs_token_unquote(char **out, const char *text, size_t length) {
    char *copy = rs_strndup(text, length);
    if (!copy) return RS_EMEMORY;
    size_t put = 0;
    for (size_t i = 0; i < length; i++) {
        if (copy[i] == '\\' && i + 1 < length) i++;
        copy[put++] = copy[i];
    }
    copy[put] = 0;
    *out = copy;
    return RS_OK;
}

bool rs_token_is(const rs_token *token, const char *word) {
    return token->kind == RS_TOKEN_WORD && token->length == strlen(word) &&
           memcmp(token->text, word, token->length) == 0;
}
