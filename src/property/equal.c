/* "The class is the automaton's" as a formula: G of, for every class, (out=class <-> the word is in the language of the
 * states with that output). */
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "property/language.h"
#include "property/monitor.h"

/* The words after which `a` has the output `class` (SIZE_MAX: none of its own). */
static rs_status language_of(rs_automaton **out, const rs_automaton *a, size_t class) {
    static const char *const names[] = {"reject", "accept"};
    rs_status status = RS_OK;
    size_t n = rs_automaton_states(a), m = rs_names_count(rs_automaton_alphabet(a));
    rs_names *outputs = NULL;
    uint32_t *output = NULL, *next = NULL;
    RS_TRY(rs_names_new(&outputs, "outputs", 2, names));
    RS_TRY_ALLOC(output = rs_alloc(n, sizeof *output));
    RS_TRY_ALLOC(next = rs_alloc(n, m * sizeof *next));
    for (size_t q = 0; q < n; q++) {
        output[q] = rs_automaton_output(a, q) == class;
        for (size_t s = 0; s < m; s++) next[q * m + s] = rs_automaton_next(a, q, s);
    }
    RS_TRY(
        rs_automaton_new(out, rs_automaton_alphabet(a), outputs, n, rs_automaton_start(a), output, next, NULL, NULL));
cleanup:
    rs_names_free(outputs);
    free(output);
    free(next);
    return status;
}

/* Adds to the formula: out=class <-> the automaton says so. */
static rs_status add_class(uint32_t *root, rs_formula *f, const rs_automaton *a, uint32_t class, const char *name) {
    rs_status status = RS_OK;
    size_t own = rs_names_find(rs_automaton_outputs(a), name, strlen(name));
    rs_automaton *dfa = NULL;
    uint32_t language, out, word, no_out, no_word, if_out, if_word, both;
    RS_TRY(language_of(&dfa, a, own));
    RS_TRY(rs_formula_add_language(&language, f, name, dfa));
    dfa = NULL;
    RS_TRY(rs_formula_add(&out, f, RS_OP_OUT, class, 0));
    RS_TRY(rs_formula_add(&word, f, RS_OP_WORD, language, 0));
    RS_TRY(rs_formula_add(&no_out, f, RS_OP_NOT, out, 0));
    RS_TRY(rs_formula_add(&no_word, f, RS_OP_NOT, word, 0));
    RS_TRY(rs_formula_add(&if_out, f, RS_OP_OR, no_out, word));
    RS_TRY(rs_formula_add(&if_word, f, RS_OP_OR, no_word, out));
    RS_TRY(rs_formula_add(&both, f, RS_OP_AND, if_out, if_word));
    RS_TRY(rs_formula_add(root, f, RS_OP_AND, *root, both));
cleanup:
    rs_automaton_free(dfa);
    return status;
}

rs_status rs_monitor_equal(rs_monitor **out, const rs_automaton *a, const char *name, const rs_names *alphabet,
                           const rs_names *outputs) {
    rs_status status = RS_OK;
    rs_automaton *ordered = NULL;
    rs_formula f = {0};
    uint32_t root, no;
    RS_TRY(rs_language_reorder(&ordered, a, name, alphabet));
    for (size_t q = 0; q < rs_automaton_states(ordered); q++) {
        const char *output = rs_names_get(rs_automaton_outputs(ordered), rs_automaton_output(ordered, q));
        if (rs_names_find(outputs, output, strlen(output)) != SIZE_MAX) continue;
        status = rs_fail(RS_EINPUT, "%s: its output \"%.60s\" is no output of the network", name, output);
        goto cleanup;
    }
    RS_TRY(rs_formula_add(&root, &f, RS_OP_TRUE, 0, 0));
    for (size_t c = 0; c < rs_names_count(outputs); c++)
        RS_TRY(add_class(&root, &f, ordered, (uint32_t)c, rs_names_get(outputs, c)));
    RS_TRY(rs_formula_add(&no, &f, RS_OP_FALSE, 0, 0));
    RS_TRY(rs_formula_add(&f.root, &f, RS_OP_RELEASE, no, root));
    status = rs_monitor_new(out, &f, alphabet, outputs);
cleanup:
    rs_automaton_free(ordered);
    rs_formula_free(&f);
    return status;
}
