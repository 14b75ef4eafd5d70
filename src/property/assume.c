/* A monitor side by side with the one that watches an assumption. Pairs in which either has nothing more to say are one
 * state: bad, or safe.
 *
 * SOUND: a word on which the assumption fails at a moment is never bad from that moment on, and on all others nothing
 * changes; a moment at which both happen belongs to the assumption. */
#include "property/assume.h"

#include <string.h>

#include "automaton/pairs.h"
#include "core/alloc.h"
#include "core/status.h"
#include "core/text.h"

#define STATE_LIMIT 100000
#define TRANSITION_LIMIT 4000000

/* Both: bad when one of them is. Assumed: the second says what is assumed, and nothing is bad once that is. */
typedef enum combination { BOTH, ASSUMED } combination;

/* Pairs with a bad side are alike, whatever the other side is. */
static void settle(uint32_t pair[2], const rs_monitor *x, const rs_monitor *y) {
    if (y->bad[pair[1]]) pair[0] = 0;
    else if (x->bad[pair[0]]) pair[1] = 0;
}

static bool is_bad(const uint32_t pair[2], const rs_monitor *x, const rs_monitor *y, combination how) {
    if (y->bad[pair[1]]) return how == BOTH;
    return x->bad[pair[0]];
}

/* Classes of letters that neither tells apart. */
static rs_status join_letters(rs_letters *out, const rs_monitor *x, const rs_monitor *y) {
    rs_status status = RS_OK;
    size_t symbols = rs_names_count(x->alphabet), outputs = rs_names_count(x->outputs);
    uint32_t *fresh = NULL;
    rs_letters l = {.symbol_classes = x->letters.symbol_classes, .output_classes = x->letters.output_classes};
    RS_TRY_ALLOC(l.of_symbol = rs_memdup(x->letters.of_symbol, symbols, sizeof *l.of_symbol));
    RS_TRY_ALLOC(l.of_output = rs_memdup(x->letters.of_output, outputs, sizeof *l.of_output));
    RS_TRY_ALLOC(l.symbol = rs_alloc(symbols, sizeof *l.symbol));
    RS_TRY_ALLOC(l.output = rs_alloc(outputs, sizeof *l.output));
    RS_TRY_ALLOC(fresh = rs_alloc(symbols > outputs ? symbols : outputs, sizeof *fresh));
    rs_letters_refine(symbols, l.of_symbol, &l.symbol_classes, y->letters.of_symbol, fresh, l.symbol);
    rs_letters_refine(outputs, l.of_output, &l.output_classes, y->letters.of_output, fresh, l.output);
    *out = l;
    l = (rs_letters){0};
cleanup:
    rs_letters_free(&l);
    free(fresh);
    return status;
}

/* Explores the pairs, breadth first. */
static rs_status explore(rs_pairs *pairs, rs_explored *e, const rs_letters *l, const rs_monitor *x,
                         const rs_monitor *y) {
    rs_status status = RS_OK;
    size_t capacity = 0;
    uint32_t index;
    e->classes = l->symbol_classes * l->output_classes;
    RS_TRY(rs_pairs_add(pairs, 0, 0, &index));
    for (size_t i = 0; i < pairs->count; i++) {
        if (pairs->count > STATE_LIMIT || pairs->count * e->classes > TRANSITION_LIMIT) {
            status = rs_fail(RS_EINPUT, "with what is assumed, its monitor has more than %d states or %d transitions",
                             STATE_LIMIT, TRANSITION_LIMIT);
            goto cleanup;
        }
        RS_TRY(rs_reserve((void **)&e->next, &capacity, (i + 1) * e->classes, sizeof *e->next));
        const uint32_t from[2] = {pairs->pair[2 * i], pairs->pair[2 * i + 1]};
        bool last = x->bad[from[0]] || y->bad[from[1]];
        for (size_t c = 0; c < e->classes; c++) {
            uint32_t symbol = l->symbol[c / l->output_classes], output = l->output[c % l->output_classes];
            uint32_t to[2] = {rs_monitor_next(x, from[0], symbol, output), rs_monitor_next(y, from[1], symbol, output)};
            settle(to, x, y);
            if (last) memcpy(to, from, sizeof to);
            RS_TRY(rs_pairs_add(pairs, to[0], to[1], &index));
            e->next[i * e->classes + c] = index;
        }
    }
    e->states = pairs->count;
cleanup:
    return status;
}

static rs_status combine(rs_monitor **out, const rs_monitor *x, const rs_monitor *y, combination how) {
    rs_status status = RS_OK;
    rs_letters letters = {0};
    rs_explored e = {0};
    rs_pairs pairs = {0};
    bool *bad = NULL;
    RS_TRY(join_letters(&letters, x, y));
    RS_TRY(explore(&pairs, &e, &letters, x, y));
    RS_TRY_ALLOC(bad = rs_alloc(e.states, sizeof *bad));
    for (size_t i = 0; i < e.states; i++) bad[i] = is_bad(pairs.pair + 2 * i, x, y, how);
    RS_TRY(rs_monitor_minimal(out, &letters, &e, bad, x->alphabet, x->outputs));
cleanup:
    rs_letters_free(&letters);
    rs_explored_free(&e);
    rs_pairs_free(&pairs);
    free(bad);
    return status;
}

rs_status rs_monitor_assume(rs_monitor **out, const rs_monitor *m, const rs_assumption *a) {
    rs_monitor *assuming;
    if (!rs_names_equal(m->alphabet, a->watch->alphabet) || !rs_names_equal(m->outputs, a->watch->outputs))
        return rs_fail(RS_EUSAGE, "the assumption \"%.60s\" was read over another alphabet or other outputs", a->name);
    rs_status status = combine(&assuming, m, a->watch, ASSUMED);
    if (status != RS_OK) return status;
    if (assuming->safe[0]) {
        rs_monitor_free(assuming);
        return rs_fail(RS_EINPUT, "no finite word can violate it that satisfies what is assumed: %.200s", a->text);
    }
    *out = assuming;
    return RS_OK;
}

rs_status rs_assumption_new(rs_assumption **out, const rs_assumption *before, const rs_parsed *line,
                            const rs_names *alphabet, const rs_names *outputs) {
    rs_status status = RS_OK;
    rs_monitor *alone = NULL;
    rs_text text = {0};
    bool some = false;
    rs_assumption *a = rs_alloc(1, sizeof *a);
    RS_TRY_ALLOC(a);
    RS_TRY_ALLOC(a->name = rs_strdup(line->name));
    if (before) rs_text_add(&text, "%s,", before->names);
    rs_text_add(&text, "%s", line->name);
    RS_TRY(rs_text_take(&a->names, &text));
    if (before) rs_text_add(&text, "%s; ", before->text);
    rs_text_add(&text, "%s: %s", line->name, line->text);
    RS_TRY(rs_text_take(&a->text, &text));
    RS_TRY(rs_monitor_watch(&alone, &line->formula, alphabet, outputs));
    if (before) {
        RS_TRY(combine(&a->watch, before->watch, alone, BOTH));
    } else {
        a->watch = alone;
        alone = NULL;
    }
    for (uint32_t s = 0; s < rs_names_count(alphabet); s++)
        some = some || !a->watch->bad[rs_monitor_next(a->watch, 0, s, 0)];
    if (!some) {
        status = rs_fail(RS_EINPUT, "no word satisfies it%s", before ? " together with those before it" : "");
        goto cleanup;
    }
    *out = a;
    a = NULL;
cleanup:
    rs_text_free(&text);
    rs_monitor_free(alone);
    rs_assumption_free(a);
    return status;
}

void rs_assumption_free(rs_assumption *a) {
    if (!a) return;
    free(a->name);
    free(a->names);
    free(a->text);
    rs_monitor_free(a->watch);
    free(a);
}

const char *rs_assumption_names(const rs_assumption *a) {
    return a->names;
}

const char *rs_assumption_text(const rs_assumption *a) {
    return a->text;
}

bool rs_assumption_holds(const rs_assumption *a, const uint32_t *symbols, size_t length) {
    uint32_t at = 0;
    for (size_t i = 0; i < length; i++) at = rs_monitor_next(a->watch, at, symbols[i], 0);
    return !a->watch->bad[at];
}
