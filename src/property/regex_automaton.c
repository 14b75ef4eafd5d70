/* From the tree to an automaton with empty moves (Thompson, "Regular expression search algorithm", CACM 11(6), 1968,
 * doi:10.1145/363347.363387) to the minimal DFA. A count repeats its operand's copy, so every visit of the expansion is
 * counted against the limit, whether it makes a state or not. Symbols that no set of the expression tells apart are
 * worked off as one, the first of them. */
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "property/letters.h"
#include "property/regex.h"

#define STATE_LIMIT 100000 /* of the expanded automaton, and of the deterministic one */
#define EDGE_LIMIT 2000000
#define VISIT_LIMIT 1000000
#define SUBSET_WORK 100000000 /* states in all successors of subsets that determinisation may have to put together */
#define MOVE_WORK 1000000000  /* moves that it may have to look at */

typedef struct expansion {
    const rs_regex *tree;
    uint32_t *class;  /* [symbols] of symbols that no set tells apart */
    uint32_t *member; /* [classes] the first symbol of each */
    size_t classes;
    rs_nfa_edge *edges;
    size_t edge_count, edge_capacity, states, visits;
} expansion;

static rs_status fail(const expansion *x, const char *what) {
    return rs_fail_at(x->tree->file, x->tree->line, x->tree->column, "regular expression: %s", what);
}

static rs_status too_large(const expansion *x) {
    return fail(x, "its automaton has more than 100,000 states or 2,000,000 transitions");
}

static rs_status new_state(uint32_t *out, expansion *x) {
    if (x->states == STATE_LIMIT) return too_large(x);
    *out = (uint32_t)x->states++;
    return RS_OK;
}

static rs_status add_edge(expansion *x, uint32_t from, uint32_t on, uint32_t to) {
    if (x->edge_count == EDGE_LIMIT) return too_large(x);
    if (rs_reserve((void **)&x->edges, &x->edge_capacity, x->edge_count + 1, sizeof *x->edges) != RS_OK)
        return RS_EMEMORY;
    x->edges[x->edge_count++] = (rs_nfa_edge){from, on, to};
    return RS_OK;
}

/* Adds the states of item i behind `from`; *to is where it ends. Invariant: no move into `from` is added, so that what
 * is put behind the same state stays apart; and nothing leads out of *to, unless it is `from`. */
static rs_status expand(uint32_t *to, expansion *x, uint32_t i, uint32_t from) {
    rs_status status = RS_OK;
    const rs_regex_item *it = &x->tree->items[i];
    uint32_t end = from, inner = from;
    if (++x->visits > VISIT_LIMIT) return too_large(x);
    switch (it->kind) {
    case RS_REGEX_SET:
        RS_TRY(new_state(&end, x));
        for (size_t k = 0; k < it->count; k++) {
            uint32_t s = x->tree->members[it->first + k], c = x->class[s];
            if (x->member[c] == s) RS_TRY(add_edge(x, from, c, end));
        }
        break;
    case RS_REGEX_SEQUENCE:
        for (uint32_t c = it->child; c != RS_REGEX_NONE; c = x->tree->items[c].next) RS_TRY(expand(&end, x, c, end));
        break;
    case RS_REGEX_CHOICE:
        RS_TRY(new_state(&end, x));
        for (uint32_t c = it->child; c != RS_REGEX_NONE; c = x->tree->items[c].next) {
            RS_TRY(expand(&inner, x, c, from));
            RS_TRY(add_edge(x, inner, RS_REGEX_NONE, end));
        }
        break;
    case RS_REGEX_REPEAT: {
        uint32_t last = from, loop = from;
        for (uint32_t k = 0; k < it->min; k++) RS_TRY(expand(&last, x, it->child, last));
        if (it->max == RS_REGEX_NONE) { /* a state of its own to come back to, and one to leave by */
            RS_TRY(new_state(&loop, x));
            RS_TRY(add_edge(x, last, RS_REGEX_NONE, loop));
            RS_TRY(expand(&inner, x, it->child, loop));
            RS_TRY(add_edge(x, inner, RS_REGEX_NONE, loop));
            last = loop;
        }
        RS_TRY(new_state(&end, x));
        RS_TRY(add_edge(x, last, RS_REGEX_NONE, end));
        for (uint32_t k = it->min; it->max != RS_REGEX_NONE && k < it->max;
             k++) { /* each further copy may be the last */
            RS_TRY(expand(&last, x, it->child, last));
            RS_TRY(add_edge(x, last, RS_REGEX_NONE, end));
        }
        break;
    }
    }
    *to = end;
cleanup:
    return status;
}

/* Classes of symbols that are in the same sets. */
static rs_status classify(expansion *x) {
    rs_status status = RS_OK;
    size_t symbols = rs_names_count(x->tree->alphabet);
    uint32_t *key = NULL, *fresh = NULL;
    RS_TRY_ALLOC(x->class = rs_alloc(symbols, sizeof *x->class));
    RS_TRY_ALLOC(x->member = rs_alloc(symbols, sizeof *x->member));
    RS_TRY_ALLOC(key = rs_alloc(symbols, sizeof *key));
    RS_TRY_ALLOC(fresh = rs_alloc(symbols, sizeof *fresh));
    x->classes = 1;
    for (size_t i = 0; i < x->tree->count && x->classes < symbols; i++) {
        const rs_regex_item *it = &x->tree->items[i];
        if (it->kind != RS_REGEX_SET) continue;
        memset(key, 0, symbols * sizeof *key);
        for (size_t k = 0; k < it->count; k++) key[x->tree->members[it->first + k]] = 1;
        rs_letters_refine(symbols, x->class, &x->classes, key, fresh, x->member);
    }
cleanup:
    free(key);
    free(fresh);
    return status;
}

/* The machine over the whole alphabet of one over classes. */
static rs_status widen(rs_automaton **out, const expansion *x, const rs_automaton *a) {
    rs_status status = RS_OK;
    size_t n = rs_automaton_states(a), m = rs_names_count(x->tree->alphabet);
    uint32_t *next = NULL, *output = NULL;
    RS_TRY_ALLOC(next = rs_alloc(n, m * sizeof *next));
    RS_TRY_ALLOC(output = rs_alloc(n, sizeof *output));
    for (size_t q = 0; q < n; q++) {
        output[q] = rs_automaton_output(a, q);
        for (size_t s = 0; s < m; s++) next[q * m + s] = rs_automaton_next(a, q, x->class[s]);
    }
    RS_TRY(rs_automaton_new(out, x->tree->alphabet, rs_automaton_outputs(a), n, rs_automaton_start(a), output, next,
                            NULL, NULL));
cleanup:
    free(next);
    free(output);
    return status;
}

static size_t least(size_t x, size_t y) {
    return x < y ? x : y;
}

/* The minimal DFA of the expanded automaton. */
static rs_status determinise(rs_automaton **out, const expansion *x, uint32_t start, uint32_t end) {
    rs_status status = RS_OK;
    bool *accepting = NULL;
    const char **names = NULL;
    rs_names *letters = NULL;
    rs_automaton *a = NULL;
    size_t limit = least(STATE_LIMIT, SUBSET_WORK / (x->states * x->classes) + 1);
    limit = least(limit, MOVE_WORK / ((x->edge_count + 1) * x->classes) + 1);
    RS_TRY_ALLOC(accepting = rs_alloc(x->states, sizeof *accepting));
    accepting[end] = true;
    RS_TRY_ALLOC(names = rs_alloc(x->classes, sizeof *names));
    for (size_t c = 0; c < x->classes; c++) names[c] = rs_names_get(x->tree->alphabet, x->member[c]);
    RS_TRY(rs_names_new(&letters, "letters", x->classes, names));
    status = rs_automaton_determinise(&a, letters, x->states, start, accepting, x->edge_count, x->edges, limit);
    if (status == RS_EINPUT) {
        char reason[200];
        snprintf(reason, sizeof reason, "%s", rs_error_message());
        status = fail(x, reason);
    }
    if (status == RS_OK) status = widen(out, x, a);
cleanup:
    free(accepting);
    free(names);
    rs_names_free(letters);
    rs_automaton_free(a);
    return status;
}

rs_status rs_regex_automaton(rs_automaton **out, const rs_regex *regex) {
    rs_status status = RS_OK;
    uint32_t start = 0, end = 0;
    expansion x = {.tree = regex};
    RS_TRY(classify(&x));
    RS_TRY(new_state(&start, &x));
    RS_TRY(expand(&end, &x, regex->root, start));
    RS_TRY(determinise(out, &x, start, end));
cleanup:
    free(x.class);
    free(x.member);
    free(x.edges);
    return status;
}
