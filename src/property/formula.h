/* Formulas as a list of nodes, children before parents, no node twice. What the parser accepts beyond these operators
 * is said by them: F g = true U g, G g = false R g, f W g = g R (f | g), O g = true S g, H g = false T g, last = WX
 * false. */
#ifndef RS_PROPERTY_FORMULA_H
#define RS_PROPERTY_FORMULA_H

#include "rnnsafe/automaton.h"

typedef enum rs_op {
    RS_OP_FALSE,
    RS_OP_TRUE,
    RS_OP_IN,   /* left: the symbol that is read */
    RS_OP_OUT,  /* left: the output after it */
    RS_OP_WORD, /* left: the automaton that accepts the input so far */
    RS_OP_NOT,
    RS_OP_AND,
    RS_OP_OR,
    RS_OP_NEXT, /* the future */
    RS_OP_WEAK_NEXT,
    RS_OP_UNTIL,
    RS_OP_RELEASE,
    RS_OP_YESTERDAY, /* the past */
    RS_OP_WEAK_YESTERDAY,
    RS_OP_SINCE,
    RS_OP_TRIGGER,
} rs_op;

typedef struct rs_node {
    rs_op op;
    uint32_t left, right; /* nodes, unless `op` says otherwise; 0 where there is none */
    bool future;          /* a future operator stands here or below */
} rs_node;

/* A DFA with outputs "reject accept" over the symbols of the property, and where it came from. */
typedef struct rs_language {
    char *source;
    rs_automaton *automaton;
    uint32_t accept; /* the output that says accept */
} rs_language;

typedef struct rs_formula {
    rs_node *node;
    size_t count, capacity;
    rs_language *language;
    size_t languages, language_capacity;
    uint32_t root;
} rs_formula;

#define RS_FORMULA_LIMIT 10000 /* nodes; the parser keeps to it */

/* The node (op, left, right), found or added. */
rs_status rs_formula_add(uint32_t *out, rs_formula *f, rs_op op, uint32_t left, uint32_t right);
/* The language of a source text; UINT32_MAX when it was not added yet. */
uint32_t rs_formula_find_language(const rs_formula *f, const char *source);
/* Takes `automaton` over on success. RS_EINPUT: its outputs are not reject and accept. */
rs_status rs_formula_add_language(uint32_t *out, rs_formula *f, const char *source, rs_automaton *automaton);
void rs_formula_free(rs_formula *f);

#endif
