/* Tokens of a property file. A property begins in the first column, and everything up to the next token there belongs
 * to it, so a token in column 1 is where the previous property ends. */
#ifndef RS_PROPERTY_LEXER_H
#define RS_PROPERTY_LEXER_H

#include "rnnsafe/core.h"

typedef enum rs_token_kind {
    RS_TOKEN_END, /* of the file */
    RS_TOKEN_WORD,
    RS_TOKEN_STRING,
    RS_TOKEN_NOT,
    RS_TOKEN_AND,
    RS_TOKEN_OR,
    RS_TOKEN_IMPLIES,
    RS_TOKEN_IFF,
    RS_TOKEN_EQUALS,
    RS_TOKEN_OPEN,
    RS_TOKEN_CLOSE,
    RS_TOKEN_COLON,
} rs_token_kind;

typedef struct rs_token {
    rs_token_kind kind;
    const char *text; /* of a string: what stands between the quotes, as written */
    size_t length;
    size_t line, column;
    bool spaced; /* white space or a comment stands before it */
} rs_token;

typedef struct rs_lexer {
    const char *file; /* for messages */
    const char *at, *end, *line_start;
    size_t line;
} rs_lexer;

/* RS_EINPUT: the text is not UTF-8. Text and name are borrowed. */
rs_status rs_lexer_init(rs_lexer *lexer, const char *file, const char *text, size_t length);
/* RS_EINPUT: a character that begins no token, a quote without its end. */
rs_status rs_lexer_next(rs_token *out, rs_lexer *lexer);
/* What a string says: a backslash stands for the character after it. The caller frees *out. */
rs_status rs_token_unquote(char **out, const char *text, size_t length);
/* Whether a token is this word. */
bool rs_token_is(const rs_token *token, const char *word);

#endif
