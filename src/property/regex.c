/* Regular expressions over symbols: parsed to a tree, expanded to an automaton with empty moves (Thompson, "Regular expression
 * search algorithm", CACM 11(6), 1968, doi:10.1145/363347.363387), then determinised. A count repeats its operand's copy, so
 * every visit of the expansion is counted against the limit, whether it makes a state or not. */
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "core/utf8.h"
#include "property/language.h"

#define COUNT_LIMIT 1000    /* {m,n} */
#define STATE_LIMIT 100000  /* of the expanded automaton */
#define EDGE_LIMIT 2000000
#define DEPTH_LIMIT 1000 /* of the tree */
#define SUBSET_WORK 100000000 /* subsets times states that determinisation may have to keep */

#define NONE UINT32_MAX

typedef enum kind { SET, SEQUENCE, CHOICE, REPEAT } kind;

typedef struct item {
    kind kind;
    uint32_t child, next;  /* the first item below; the item after this one in its sequence or choice; NONE */
    uint32_t min, max;     /* REPEAT; max NONE: no end */
    size_t first, count;   /* SET: symbols in `members` */
    size_t depth;          /* of the tree from here */
} item;

typedef struct reader {
    const char *file, *text, *at, *end;
    size_t line, column; /* of *text */
    const rs_names *alphabet;
    item *items;
    size_t count, capacity;
    uint32_t *members;
    size_t member_count, member_capacity;
    size_t depth;
    rs_nfa_edge *edges;
    size_t edge_count, edge_capacity, states, visits;
} reader;

static rs_status alternatives(uint32_t *out, reader *r);

static rs_status fail(const reader *r, const char *at, const char *what) {
    return rs_fail_at(r->file, r->line, r->column + (size_t)(at - r->text), "regular expression: %s", what);
}

/* The item i, over the children that i.child begins. */
static rs_status add(uint32_t *out, reader *r, item i) {
    i.next = NONE;
    for (uint32_t c = i.child; c != NONE; c = r->items[c].next)
        if (r->items[c].depth >= i.depth) i.depth = r->items[c].depth + 1;
    if (i.depth > DEPTH_LIMIT) return fail(r, r->at, "nested too deeply");
    if (rs_reserve((void **)&r->items, &r->capacity, r->count + 1, sizeof *r->items) != RS_OK) return RS_EMEMORY;
    r->items[r->count] = i;
    *out = (uint32_t)r->count++;
    return RS_OK;
}

static rs_status add_member(reader *r, size_t symbol) {
    if (rs_reserve((void **)&r->members, &r->member_capacity, r->member_count + 1, sizeof *r->members) != RS_OK) return RS_EMEMORY;
    r->members[r->member_count++] = (uint32_t)symbol;
    return RS_OK;
}

static bool blank(char c) {
    return c == ' ' || c == '\t';
}

static void skip(reader *r) {
    while (r->at < r->end && blank(*r->at)) r->at++;
}

/* Whether the next character after white space is c; it is not taken. */
static bool next_is(reader *r, char c) {
    skip(r);
    return r->at < r->end && *r->at == c;
}

/* A symbol's name: 'quoted', or a run of characters without operators; one character of the run when every symbol is one. */
static rs_status symbol(size_t *out, reader *r) {
    rs_status status = RS_OK;
    const char *start = r->at, *p = start;
    char *name = NULL;
    bool quoted = *p == '\'', single = rs_names_single(r->alphabet);
    if (quoted) {
        for (p++; p < r->end && *p != '\''; p += *p == '\\' && p + 1 < r->end ? 2 : 1) {}
        if (p >= r->end) return fail(r, start, "this ' is not closed");
        RS_TRY(rs_token_unquote(&name, start + 1, (size_t)(p - start) - 1));
        p++;
    } else {
        while (p < r->end && !blank(*p) && !strchr("'.[]()|*+?{}", *p)) {
            bool escape = *p == '\\' && p + 1 < r->end;
            if (escape) p++;
            p += rs_utf8_span(p, (size_t)(r->end - p));
            if (single) break;
        }
        RS_TRY(rs_token_unquote(&name, start, (size_t)(p - start)));
    }
    *out = rs_names_find(r->alphabet, name, strlen(name));
    if (*out == SIZE_MAX) {
        int length = strlen(name) < 60 ? (int)strlen(name) : 60;
        status = rs_fail_at(r->file, r->line, r->column + (size_t)(start - r->text), "regular expression: no symbol \"%.*s\"%s",
                            length, name, single ? "" : "; symbols are separated by spaces");
        goto cleanup;
    }
    r->at = p;
cleanup:
    free(name);
    return status;
}

/* [a b c] and [^a b], from the bracket on. */
static rs_status bracket(uint32_t *out, reader *r) {
    rs_status status = RS_OK;
    const char *start = r->at++;
    size_t symbols = rs_names_count(r->alphabet);
    bool *chosen = NULL, negated = r->at < r->end && *r->at == '^';
    item set = {.kind = SET, .child = NONE, .first = r->member_count};
    RS_TRY_ALLOC(chosen = rs_alloc(symbols, sizeof *chosen));
    if (negated) r->at++;
    while (!next_is(r, ']')) {
        size_t s;
        if (r->at == r->end) {
            status = fail(r, start, "this [ is not closed");
            goto cleanup;
        }
        if (strchr(".[()|*+?{}", *r->at)) {
            status = fail(r, r->at, "an operator between [ and ]; put a backslash before it when it is a symbol");
            goto cleanup;
        }
        RS_TRY(symbol(&s, r));
        chosen[s] = true;
    }
    r->at++;
    for (size_t s = 0; s < symbols; s++)
        if (chosen[s] != negated) RS_TRY(add_member(r, s));
    set.count = r->member_count - set.first;
    if (!set.count) {
        status = fail(r, start, "no symbol is in this set");
        goto cleanup;
    }
    RS_TRY(add(out, r, set));
cleanup:
    free(chosen);
    return status;
}

static rs_status primary(uint32_t *out, reader *r) {
    rs_status status = RS_OK;
    const char *start = r->at;
    item set = {.kind = SET, .child = NONE, .first = r->member_count, .count = 1};
    switch (*start) {
    case '(':
        if (++r->depth > DEPTH_LIMIT) return fail(r, start, "nested too deeply");
        r->at++;
        RS_TRY(alternatives(out, r));
        r->depth--;
        if (!next_is(r, ')')) return fail(r, start, "this ( is not closed");
        r->at++;
        return RS_OK;
    case '[': return bracket(out, r);
    case '.':
        r->at++;
        set.count = rs_names_count(r->alphabet);
        for (size_t s = 0; s < set.count; s++) RS_TRY(add_member(r, s));
        return add(out, r, set);
    case '*':
    case '+':
    case '?':
    case '{': return fail(r, start, "nothing stands before this repetition; put a backslash before it when it is a symbol");
    case ']':
    case '}': return fail(r, start, "this closes nothing; put a backslash before it when it is a symbol");
    default: {
        size_t s;
        RS_TRY(symbol(&s, r));
        RS_TRY(add_member(r, s));
        return add(out, r, set);
    }
    }
cleanup:
    return status;
}

static rs_status number(uint32_t *out, reader *r) {
    uint32_t n = 0;
    skip(r);
    const char *start = r->at;
    for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++) {
        n = n * 10 + (uint32_t)(*r->at - '0');
        if (n > COUNT_LIMIT) return fail(r, start, "a count above 1000");
    }
    if (r->at == start) return fail(r, start, "expected a number, as in {2}, {2,} or {2,5}");
    *out = n;
    return RS_OK;
}

/* {m}, {m,} or {m,n}, from the brace on. */
static rs_status counts(item *out, reader *r) {
    rs_status status = RS_OK;
    const char *start = r->at++;
    RS_TRY(number(&out->min, r));
    out->max = out->min;
    if (next_is(r, ',')) {
        r->at++;
        if (next_is(r, '}')) out->max = NONE;
        else RS_TRY(number(&out->max, r));
    }
    if (!next_is(r, '}')) return fail(r, start, "this { is not closed");
    r->at++;
    if (out->max < out->min) return fail(r, start, "the second count is below the first");
cleanup:
    return status;
}

static rs_status repeated(uint32_t *out, reader *r) {
    rs_status status = RS_OK;
    uint32_t inner;
    RS_TRY(primary(&inner, r));
    for (;;) {
        item i = {.kind = REPEAT, .child = inner, .max = NONE};
        if (next_is(r, '*') || next_is(r, '+') || next_is(r, '?')) {
            if (*r->at == '+') i.min = 1;
            if (*r->at == '?') i.max = 1;
            r->at++;
        } else if (next_is(r, '{')) {
            RS_TRY(counts(&i, r));
        } else {
            break;
        }
        RS_TRY(add(&inner, r, i));
    }
    *out = inner;
cleanup:
    return status;
}

/* Items one after the other, up to | or ) or the end; possibly none. */
static rs_status sequence(uint32_t *out, reader *r) {
    rs_status status = RS_OK;
    item whole = {.kind = SEQUENCE, .child = NONE};
    uint32_t part, previous = NONE;
    skip(r);
    while (r->at < r->end && *r->at != '|' && *r->at != ')') {
        RS_TRY(repeated(&part, r));
        if (previous == NONE) whole.child = part;
        else r->items[previous].next = part;
        previous = part;
        skip(r);
    }
    RS_TRY(add(out, r, whole));
cleanup:
    return status;
}

/* Sequences with | between them. */
static rs_status alternatives(uint32_t *out, reader *r) {
    rs_status status = RS_OK;
    item whole = {.kind = CHOICE, .child = NONE};
    uint32_t part, previous;
    RS_TRY(sequence(&part, r));
    whole.child = part;
    while (next_is(r, '|')) {
        r->at++;
        previous = part;
        RS_TRY(sequence(&part, r));
        r->items[previous].next = part;
    }
    RS_TRY(add(out, r, whole));
cleanup:
    return status;
}

static rs_status too_large(const reader *r) {
    return fail(r, r->text, "its automaton has more than 100,000 states or 2,000,000 transitions");
}

static rs_status new_state(uint32_t *out, reader *r) {
    if (r->states == STATE_LIMIT) return too_large(r);
    *out = (uint32_t)r->states++;
    return RS_OK;
}

static rs_status add_edge(reader *r, uint32_t from, uint32_t on, uint32_t to) {
    if (r->edge_count == EDGE_LIMIT) return too_large(r);
    if (rs_reserve((void **)&r->edges, &r->edge_capacity, r->edge_count + 1, sizeof *r->edges) != RS_OK) return RS_EMEMORY;
    r->edges[r->edge_count++] = (rs_nfa_edge){from, on, to};
    return RS_OK;
}

/* Adds the states of item i behind `from`; *to is where it ends. */
static rs_status expand(uint32_t *to, reader *r, uint32_t i, uint32_t from) {
    rs_status status = RS_OK;
    const item *const it = &r->items[i]; /* the tree no longer grows */
    uint32_t end = from, inner;
    if (++r->visits > STATE_LIMIT * 10) return too_large(r);
    switch (it->kind) {
    case SET:
        RS_TRY(new_state(&end, r));
        for (size_t k = 0; k < it->count; k++) RS_TRY(add_edge(r, from, r->members[it->first + k], end));
        break;
    case SEQUENCE:
        for (uint32_t c = it->child; c != NONE; c = r->items[c].next) RS_TRY(expand(&end, r, c, end));
        break;
    case CHOICE:
        RS_TRY(new_state(&end, r));
        for (uint32_t c = it->child; c != NONE; c = r->items[c].next) {
            RS_TRY(new_state(&inner, r)); /* a start of its own: a loop must not come back to the other choices */
            RS_TRY(add_edge(r, from, NONE, inner));
            RS_TRY(expand(&inner, r, c, inner));
            RS_TRY(add_edge(r, inner, NONE, end));
        }
        break;
    case REPEAT: {
        uint32_t start;
        for (uint32_t k = 0; k < it->min; k++) RS_TRY(expand(&end, r, it->child, end));
        start = end;
        RS_TRY(new_state(&end, r));
        RS_TRY(add_edge(r, start, NONE, end));
        if (it->max == NONE) { /* from the end once more and back to it */
            RS_TRY(new_state(&start, r));
            RS_TRY(add_edge(r, end, NONE, start));
            RS_TRY(expand(&inner, r, it->child, start));
            RS_TRY(add_edge(r, inner, NONE, end));
            start = end;
            RS_TRY(new_state(&end, r));
            RS_TRY(add_edge(r, start, NONE, end));
        } else { /* each further copy may be the last */
            for (uint32_t k = it->min; k < it->max; k++) {
                RS_TRY(new_state(&inner, r));
                RS_TRY(add_edge(r, start, NONE, inner));
                RS_TRY(expand(&start, r, it->child, inner));
                RS_TRY(add_edge(r, start, NONE, end));
            }
        }
        break;
    }
    }
    *to = end;
cleanup:
    return status;
}

rs_status rs_language_regex(rs_automaton **out, const char *file, const rs_token *string, const rs_names *alphabet) {
    rs_status status = RS_OK;
    bool *accepting = NULL;
    uint32_t root, start = 0, end = 0;
    reader r = {.file = file, .text = string->text, .at = string->text, .end = string->text + string->length,
                .line = string->line, .column = string->column + 1, .alphabet = alphabet};
    RS_TRY(alternatives(&root, &r));
    if (r.at < r.end) {
        status = fail(&r, r.at, "this ) closes nothing; put a backslash before it when it is a symbol");
        goto cleanup;
    }
    RS_TRY(new_state(&start, &r));
    RS_TRY(expand(&end, &r, root, start));
    RS_TRY_ALLOC(accepting = rs_alloc(r.states, sizeof *accepting));
    accepting[end] = true;
    size_t limit = SUBSET_WORK / r.states < STATE_LIMIT ? SUBSET_WORK / r.states : STATE_LIMIT;
    status = rs_automaton_determinise(out, alphabet, r.states, start, accepting, r.edge_count, r.edges, limit);
    if (status == RS_EINPUT) {
        char reason[200];
        snprintf(reason, sizeof reason, "%s", rs_error_message());
        status = fail(&r, r.text, reason);
    }
cleanup:
    free(accepting);
    free(r.items);
    free(r.members);
    free(r.edges);
    return status;
}
