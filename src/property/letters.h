/* Letters (symbol, output) that no atom and no language of a formula tells apart, put together: classes of symbols
 * times classes of outputs. */
#ifndef RS_PROPERTY_LETTERS_H
#define RS_PROPERTY_LETTERS_H

#include "property/formula.h"

typedef struct rs_letters {
    size_t symbol_classes, output_classes;
    uint32_t *of_symbol, *of_output; /* the class of each; NULL until initialised */
    uint32_t *symbol, *output;       /* the first member of each class */
} rs_letters;

/* Members 0..n-1 stay in a class together when they were and have the same key. Classes are numbered by their first
 * members, which `first` [n] gets; fresh [n] is scratch. Cost: O(n * classes). */
void rs_letters_refine(size_t n, uint32_t *class, size_t *classes, const uint32_t *key, uint32_t *fresh,
                       uint32_t *first);

rs_status rs_letters_init(rs_letters *out, const rs_formula *f, size_t symbols, size_t outputs);
void rs_letters_free(rs_letters *letters);

/* The class of a letter: below symbol_classes * output_classes. */
static inline size_t rs_letters_class(const rs_letters *l, uint32_t symbol, uint32_t output) {
    return l->of_symbol[symbol] * l->output_classes + l->of_output[output];
}

#endif
