/* Formulas and regular expressions by their definitions, slow and obvious. Trees of their own: nothing here knows the
 * library's parser, normal forms or automata. */
#ifndef PROPERTY_REF_H
#define PROPERTY_REF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/random.h"
#include "core/text.h"

/* op: "true" "false" "last" "in" "out" "matches" "!" "&" "|" "->" "<->" "X" "WX" "F" "G" "U" "R" "W" "Y" "WY" "O" "H"
 * "S" "T". */
typedef struct ref_formula {
    const char *op;
    size_t name;                      /* of in and out; of matches: the number of symbols */
    struct ref_formula *left, *right; /* of unary operators: left */
    struct ref_regex *regex;
} ref_formula;

/* op: 's' one of a set of symbols, '.' sequence, '|' choice, '*' repetition from min to max (SIZE_MAX: no end), 'e'
 * empty word. */
typedef struct ref_regex {
    char op;
    uint32_t symbols; /* bit mask */
    size_t min, max;
    struct ref_regex *left, *right;
} ref_regex;

/* A random formula of at most `depth` nested operators; `future`: whether it may speak of the future. Without outputs
 * it speaks of symbols alone. */
ref_formula *ref_formula_random(rs_random *r, size_t depth, bool future, size_t symbols, size_t outputs);
void ref_formula_free(ref_formula *f);
/* As text: symbols a, b, c ..., outputs p, q, r ...; the grammar's choices (spellings, parentheses, white space) are
 * random. */
void ref_formula_print(rs_text *out, const ref_formula *f, rs_random *r);
/* Whether some operator of the future, `last` included, is in it. */
bool ref_formula_future(const ref_formula *f);
/* Whether f holds at moment i < n of the trace. */
bool ref_formula_holds(const ref_formula *f, const uint32_t *symbols, const uint32_t *outputs, size_t n, size_t i);
/* Whether a trace with at most `more` moments added, possibly none, satisfies f at its first moment. The arrays have
 * room. */
bool ref_formula_hope(const ref_formula *f, uint32_t *symbols, uint32_t *outputs, size_t n, size_t more,
                      size_t symbol_count, size_t output_count);

ref_regex *ref_regex_random(rs_random *r, size_t depth, size_t symbols);
void ref_regex_free(ref_regex *x);
void ref_regex_print(rs_text *out, const ref_regex *x, size_t symbols, rs_random *r);
bool ref_regex_matches(const ref_regex *x, const uint32_t *word, size_t n); /* n < 63 */

#endif
