/* Classes are refined: by each symbol or output that is named, and by each state of a language, which tells symbols
 * apart by their successors. Classes are numbered by their first members. */
#include "property/letters.h"

#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

void rs_letters_refine(size_t n, uint32_t *class, size_t *count, const uint32_t *key, uint32_t *fresh,
                       uint32_t *first) {
    size_t classes = 0;
    for (size_t i = 0; i < n; i++) {
        size_t c = 0;
        while (c < classes && (class[first[c]] != class[i] || key[first[c]] != key[i])) c++;
        if (c == classes) first[classes++] = (uint32_t)i;
        fresh[i] = (uint32_t)c;
    }
    memcpy(class, fresh, n * sizeof *class);
    *count = classes;
}

rs_status rs_letters_init(rs_letters *out, const rs_formula *f, size_t symbols, size_t outputs) {
    rs_status status = RS_OK;
    rs_letters l = {.symbol_classes = 1, .output_classes = 1};
    size_t most = symbols > outputs ? symbols : outputs;
    uint32_t *key = NULL, *fresh = NULL;
    RS_TRY_ALLOC(l.of_symbol = rs_alloc(symbols, sizeof *l.of_symbol));
    RS_TRY_ALLOC(l.of_output = rs_alloc(outputs, sizeof *l.of_output));
    RS_TRY_ALLOC(l.symbol = rs_alloc(symbols, sizeof *l.symbol));
    RS_TRY_ALLOC(l.output = rs_alloc(outputs, sizeof *l.output));
    RS_TRY_ALLOC(key = rs_alloc(most, sizeof *key));
    RS_TRY_ALLOC(fresh = rs_alloc(most, sizeof *fresh));
    /* Named ones get a key of their own, all at once. */
    for (size_t i = 0; i < f->count; i++)
        if (f->node[i].op == RS_OP_IN) key[f->node[i].left] = f->node[i].left + 1;
    rs_letters_refine(symbols, l.of_symbol, &l.symbol_classes, key, fresh, l.symbol);
    for (size_t j = 0; j < f->languages; j++) {
        const rs_automaton *a = f->language[j].automaton;
        for (size_t q = 0; q < rs_automaton_states(a) && l.symbol_classes < symbols; q++) {
            for (size_t s = 0; s < symbols; s++) key[s] = rs_automaton_next(a, q, s);
            rs_letters_refine(symbols, l.of_symbol, &l.symbol_classes, key, fresh, l.symbol);
        }
    }
    memset(key, 0, most * sizeof *key);
    for (size_t i = 0; i < f->count; i++)
        if (f->node[i].op == RS_OP_OUT) key[f->node[i].left] = f->node[i].left + 1;
    rs_letters_refine(outputs, l.of_output, &l.output_classes, key, fresh, l.output);
    *out = l;
    l = (rs_letters){0};
cleanup:
    rs_letters_free(&l);
    free(key);
    free(fresh);
    return status;
}

void rs_letters_free(rs_letters *l) {
    free(l->of_symbol);
    free(l->of_output);
    free(l->symbol);
    free(l->output);
    *l = (rs_letters){0};
}
