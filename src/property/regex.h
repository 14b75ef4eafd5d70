/* Regular expressions over symbols as trees. */
#ifndef RS_PROPERTY_REGEX_H
#define RS_PROPERTY_REGEX_H

#include "property/lexer.h"
#include "rnnsafe/automaton.h"

#define RS_REGEX_NONE UINT32_MAX

typedef enum rs_regex_kind { RS_REGEX_SET, RS_REGEX_SEQUENCE, RS_REGEX_CHOICE, RS_REGEX_REPEAT } rs_regex_kind;

typedef struct rs_regex_item {
    rs_regex_kind kind;
    uint32_t child, next; /* the first item below; the item after this one in its sequence or choice; RS_REGEX_NONE */
    uint32_t min, max;    /* of a repetition; max RS_REGEX_NONE: no end */
    size_t first, count;  /* of a set: its symbols in `members` */
    size_t depth;         /* of the tree from here, at most 1000 */
} rs_regex_item;

typedef struct rs_regex {
    const char *file; /* for messages, with the position of the text */
    size_t line, column;
    const rs_names *alphabet;
    rs_regex_item *items; /* children before parents */
    size_t count, capacity;
    uint32_t *members;
    size_t member_count, member_capacity;
    uint32_t root;
} rs_regex;

/* Reads the text of a string token, which is borrowed. RS_EINPUT with file, line and column. */
rs_status rs_regex_parse(rs_regex *out, const char *file, const rs_token *string, const rs_names *alphabet);
void rs_regex_free(rs_regex *regex);
/* The minimal DFA of the words that it matches as a whole, outputs "reject accept". RS_EINPUT with the position of the
 * text: too many states. */
rs_status rs_regex_automaton(rs_automaton **out, const rs_regex *regex);

#endif
