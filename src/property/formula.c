/* Nodes are shared by comparing with all that are there: formulas are short and the limit keeps it so. */
#include "property/formula.h"

#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

rs_status rs_formula_add(uint32_t *out, rs_formula *f, rs_op op, uint32_t left, uint32_t right) {
    for (size_t i = 0; i < f->count; i++) {
        const rs_node *n = &f->node[i];
        if (n->op == op && n->left == left && n->right == right) {
            *out = (uint32_t)i;
            return RS_OK;
        }
    }
    if (rs_reserve((void **)&f->node, &f->capacity, f->count + 1, sizeof *f->node) != RS_OK) return RS_EMEMORY;
    rs_node node = {op, left, right, op >= RS_OP_NEXT && op <= RS_OP_RELEASE};
    if (op >= RS_OP_NOT) node.future = node.future || f->node[left].future;
    if (op == RS_OP_AND || op == RS_OP_OR) node.future = node.future || f->node[right].future;
    f->node[f->count] = node;
    *out = (uint32_t)f->count++;
    return RS_OK;
}

uint32_t rs_formula_find_language(const rs_formula *f, const char *source) {
    for (size_t i = 0; i < f->languages; i++)
        if (strcmp(f->language[i].source, source) == 0) return (uint32_t)i;
    return UINT32_MAX;
}

rs_status rs_formula_add_language(uint32_t *out, rs_formula *f, const char *source, rs_automaton *automaton) {
    const rs_names *outputs = rs_automaton_outputs(automaton);
    size_t accept = rs_names_find(outputs, "accept", 6);
    if (rs_names_count(outputs) != 2 || accept == SIZE_MAX || rs_names_find(outputs, "reject", 6) == SIZE_MAX)
        return rs_fail(RS_EINPUT, "%s: not a DFA: its outputs are not reject and accept", source);
    if (rs_reserve((void **)&f->language, &f->language_capacity, f->languages + 1, sizeof *f->language) != RS_OK)
        return RS_EMEMORY;
    char *copy = rs_strdup(source);
    if (!copy) return RS_EMEMORY;
    f->language[f->languages] = (rs_language){copy, automaton, (uint32_t)accept};
    *out = (uint32_t)f->languages++;
    return RS_OK;
}

void rs_formula_free(rs_formula *f) {
    for (size_t i = 0; i < f->languages; i++) {
        free(f->language[i].source);
        rs_automaton_free(f->language[i].automaton);
    }
    free(f->language);
    free(f->node);
    *f = (rs_formula){0};
}
