/* Reading: recursive descent over the text between the quotes. */
#include "property/regex.h"

#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "core/utf8.h"

#define COUNT_LIMIT 1000 /* {m,n} */
#define DEPTH_LIMIT 1000 /* of the tree */

typedef struct reader {
    rs_regex tree;
    const char *text, *at, *end;
    size_t depth;
} reader;

static rs_status alternatives(uint32_t *out, reader *r);

static rs_status fail(const reader *r, const char *at, const char *what) {
    return rs_fail_at(r->tree.file, r->tree.line, r->tree.column + (size_t)(at - r->text), "regular expression: %s",
                      what);
}

/* The rs_regex_item i, over the children that i.child begins. */
static rs_status add(uint32_t *out, reader *r, rs_regex_item i) {
    i.next = RS_REGEX_NONE;
    for (uint32_t c = i.child; c != RS_REGEX_NONE; c = r->tree.items[c].next)
        if (r->tree.items[c].depth >= i.depth) i.depth = r->tree.items[c].depth + 1;
    if (i.depth > DEPTH_LIMIT) return fail(r, r->at, "nested too deeply");
    if (rs_reserve((void **)&r->tree.items, &r->tree.capacity, r->tree.count + 1, sizeof *r->tree.items) != RS_OK)
        return RS_EMEMORY;
    r->tree.items[r->tree.count] = i;
    *out = (uint32_t)r->tree.count++;
    return RS_OK;
}

static rs_status add_member(reader *r, size_t symbol) {
    if (rs_reserve((void **)&r->tree.members, &r->tree.member_capacity, r->tree.member_count + 1,
                   sizeof *r->tree.members) != RS_OK)
        return RS_EMEMORY;
    r->tree.members[r->tree.member_count++] = (uint32_t)symbol;
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

/* A symbol's name: 'quoted', or a run of characters without operators; one character of the run when every symbol is
 * one. */
static rs_status symbol(size_t *out, reader *r) {
    rs_status status = RS_OK;
    const char *start = r->at, *p = start;
    char *name = NULL;
    bool quoted = *p == '\'', single = rs_names_single(r->tree.alphabet);
    if (quoted) {
        for (p++; p < r->end && *p != '\''; p += *p == '\\' && p + 1 < r->end ? 2 : 1) {
        }
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
    *out = rs_names_find(r->tree.alphabet, name, strlen(name));
    if (*out == SIZE_MAX) {
        int length = strlen(name) < 60 ? (int)strlen(name) : 60;
        status = rs_fail_at(r->tree.file, r->tree.line, r->tree.column + (size_t)(start - r->text),
                            "regular expression: no symbol \"%.*s\"%s", length, name,
                            single ? "" : "; symbols are separated by spaces");
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
    size_t symbols = rs_names_count(r->tree.alphabet);
    bool *chosen = NULL, negated = r->at < r->end && *r->at == '^';
    rs_regex_item set = {.kind = RS_REGEX_SET, .child = RS_REGEX_NONE, .first = r->tree.member_count};
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
    set.count = r->tree.member_count - set.first;
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
    rs_regex_item set = {.kind = RS_REGEX_SET, .child = RS_REGEX_NONE, .first = r->tree.member_count, .count = 1};
    switch (*start) {
    case '(':
        if (++r->depth > DEPTH_LIMIT) return fail(r, start, "nested too deeply");
        r->at++;
        RS_TRY(alternatives(out, r));
        r->depth--;
        if (!next_is(r, ')')) return fail(r, start, "this ( is not closed");
        r->at++;
        return RS_OK;
    case '[':
        return bracket(out, r);
    case '.':
        r->at++;
        set.count = rs_names_count(r->tree.alphabet);
        for (size_t s = 0; s < set.count; s++) RS_TRY(add_member(r, s));
        return add(out, r, set);
    case '*':
    case '+':
    case '?':
    case '{':
        return fail(r, start, "nothing stands before this repetition; put a backslash before it when it is a symbol");
    case ']':
    case '}':
        return fail(r, start, "this closes nothing; put a backslash before it when it is a symbol");
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
static rs_status counts(rs_regex_item *out, reader *r) {
    rs_status status = RS_OK;
    const char *start = r->at++;
    RS_TRY(number(&out->min, r));
    out->max = out->min;
    if (next_is(r, ',')) {
        r->at++;
        if (next_is(r, '}')) out->max = RS_REGEX_NONE;
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
        rs_regex_item i = {.kind = RS_REGEX_REPEAT, .child = inner, .max = RS_REGEX_NONE};
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
    rs_regex_item whole = {.kind = RS_REGEX_SEQUENCE, .child = RS_REGEX_NONE};
    uint32_t part = RS_REGEX_NONE, previous = RS_REGEX_NONE;
    skip(r);
    while (r->at < r->end && *r->at != '|' && *r->at != ')') {
        RS_TRY(repeated(&part, r));
        if (previous == RS_REGEX_NONE) whole.child = part;
        else r->tree.items[previous].next = part;
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
    rs_regex_item whole = {.kind = RS_REGEX_CHOICE, .child = RS_REGEX_NONE};
    uint32_t part = RS_REGEX_NONE, previous;
    RS_TRY(sequence(&part, r));
    whole.child = part;
    while (next_is(r, '|')) {
        r->at++;
        previous = part;
        RS_TRY(sequence(&part, r));
        r->tree.items[previous].next = part;
    }
    RS_TRY(add(out, r, whole));
cleanup:
    return status;
}

rs_status rs_regex_parse(rs_regex *out, const char *file, const rs_token *string, const rs_names *alphabet) {
    rs_status status = RS_OK;
    const char *text = string->text;
    reader r = {.text = text,
                .at = text,
                .end = text + string->length,
                .tree = {.file = file, .line = string->line, .column = string->column + 1, .alphabet = alphabet}};
    RS_TRY(alternatives(&r.tree.root, &r));
    if (r.at < r.end) {
        status = fail(&r, r.at, "this ) closes nothing; put a backslash before it when it is a symbol");
        goto cleanup;
    }
    *out = r.tree;
    r.tree = (rs_regex){0};
cleanup:
    rs_regex_free(&r.tree);
    return status;
}

void rs_regex_free(rs_regex *regex) {
    free(regex->items);
    free(regex->members);
    *regex = (rs_regex){0};
}
