/* From the explored formula to its minimal monitor. A state is bad when no satisfying one can be reached from it,
 * itself included; a state is safe when no bad one can. The start is never bad: the empty word has no moment.
 *
 * SOUND: what is violated rests on this file and on progress.c alone; tests compare both with the definition. */
#include "property/monitor.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

/* Adds to `in` every state that has a way into it. */
static rs_status close_backwards(bool *in, size_t states, size_t classes, const uint32_t *next) {
    rs_status status = RS_OK;
    size_t *past = NULL, waiting = 0;
    uint32_t *before = NULL, *stack = NULL;
    RS_TRY_ALLOC(past = rs_alloc(states + 2, sizeof *past));
    RS_TRY_ALLOC(before = rs_alloc(states, classes * sizeof *before));
    RS_TRY_ALLOC(stack = rs_alloc(states, sizeof *stack));
    for (size_t e = 0; e < states * classes; e++) past[next[e] + 2]++;
    for (size_t q = 0; q < states; q++) past[q + 1] += past[q];
    for (size_t e = 0; e < states * classes; e++) before[past[next[e] + 1]++] = (uint32_t)(e / classes);
    for (size_t q = 0; q < states; q++)
        if (in[q]) stack[waiting++] = (uint32_t)q;
    while (waiting) {
        uint32_t q = stack[--waiting];
        for (size_t e = past[q]; e < past[q + 1]; e++) {
            if (in[before[e]]) continue;
            in[before[e]] = true;
            stack[waiting++] = before[e];
        }
    }
cleanup:
    free(past);
    free(before);
    free(stack);
    return status;
}

/* Takes over the table of `a`, whose outputs are bad (1) or not (0). */
static rs_status adopt(rs_monitor *m, const rs_automaton *a) {
    rs_status status = RS_OK;
    m->states = rs_automaton_states(a);
    RS_TRY_ALLOC(m->next = rs_alloc(m->states, m->classes * sizeof *m->next));
    RS_TRY_ALLOC(m->bad = rs_alloc(m->states, sizeof *m->bad));
    for (size_t q = 0; q < m->states; q++) {
        m->bad[q] = rs_automaton_output(a, q) == 1;
        for (size_t c = 0; c < m->classes; c++) m->next[q * m->classes + c] = rs_automaton_next(a, q, c);
    }
cleanup:
    return status;
}

/* The minimal machine with the same bad words, by the minimisation of Moore machines over classes of letters. That one
 * does not look at the start's output, and so could merge a start whose every successor is bad with them: two states,
 * made by hand. */
static rs_status minimise(rs_monitor *m, const rs_explored *e, const bool *bad) {
    static const char *const classes[] = {"ok", "bad"};
    rs_status status = RS_OK;
    rs_names *letters = NULL, *outputs = NULL;
    rs_automaton *whole = NULL, *minimal = NULL;
    uint32_t *output = NULL;
    char(*text)[16] = NULL;
    const char **names = NULL;
    bool some = false;
    m->classes = e->classes;
    for (size_t c = 0; c < e->classes; c++) some = some || !bad[e->next[c]];
    if (!some) {
        m->states = 2;
        RS_TRY_ALLOC(m->next = rs_alloc(m->classes, 2 * sizeof *m->next));
        RS_TRY_ALLOC(m->bad = rs_alloc(2, sizeof *m->bad));
        for (size_t i = 0; i < 2 * m->classes; i++) m->next[i] = 1;
        m->bad[1] = true;
        goto cleanup;
    }
    RS_TRY_ALLOC(output = rs_alloc(e->states, sizeof *output));
    for (size_t q = 0; q < e->states; q++) output[q] = bad[q];
    RS_TRY_ALLOC(text = rs_alloc(e->classes, sizeof *text));
    RS_TRY_ALLOC(names = rs_alloc(e->classes, sizeof *names));
    for (size_t c = 0; c < e->classes; c++) {
        snprintf(text[c], sizeof text[c], "%u", (unsigned)c);
        names[c] = text[c];
    }
    RS_TRY(rs_names_new(&letters, "letters", e->classes, names));
    RS_TRY(rs_names_new(&outputs, "outputs", 2, classes));
    RS_TRY(rs_automaton_new(&whole, letters, outputs, e->states, 0, output, e->next, NULL, NULL));
    RS_TRY(rs_automaton_minimise(&minimal, NULL, whole));
    RS_TRY(adopt(m, minimal));
cleanup:
    rs_automaton_free(whole);
    rs_automaton_free(minimal);
    rs_names_free(letters);
    rs_names_free(outputs);
    free(output);
    free(text);
    free(names);
    return status;
}

rs_status rs_monitor_minimal(rs_monitor **out, rs_letters *letters, const rs_explored *e, const bool *bad,
                             const rs_names *alphabet, const rs_names *outputs) {
    rs_status status = RS_OK;
    rs_monitor *m = rs_alloc(1, sizeof *m);
    if (m) m->letters = *letters;
    else rs_letters_free(letters);
    *letters = (rs_letters){0};
    RS_TRY_ALLOC(m);
    m->alphabet = alphabet;
    m->outputs = outputs;
    RS_TRY(minimise(m, e, bad));
    RS_TRY_ALLOC(m->safe = rs_memdup(m->bad, m->states, sizeof *m->safe));
    RS_TRY(close_backwards(m->safe, m->states, m->classes, m->next));
    for (size_t q = 0; q < m->states; q++) m->safe[q] = !m->safe[q];
    *out = m;
    m = NULL;
cleanup:
    rs_monitor_free(m);
    return status;
}

rs_status rs_monitor_watch(rs_monitor **out, const rs_formula *f, const rs_names *alphabet, const rs_names *outputs) {
    rs_status status = RS_OK;
    rs_letters letters = {0};
    rs_explored e = {0};
    bool *hope = NULL;
    RS_TRY(rs_letters_init(&letters, f, rs_names_count(alphabet), rs_names_count(outputs)));
    RS_TRY(rs_explore(&e, f, &letters));
    RS_TRY_ALLOC(hope = rs_memdup(e.accepting, e.states, sizeof *hope));
    RS_TRY(close_backwards(hope, e.states, e.classes, e.next));
    for (size_t q = 0; q < e.states; q++) hope[q] = !hope[q]; /* from here on: bad */
    RS_TRY(rs_monitor_minimal(out, &letters, &e, hope, alphabet, outputs));
cleanup:
    rs_letters_free(&letters);
    rs_explored_free(&e);
    free(hope);
    return status;
}

rs_status rs_monitor_new(rs_monitor **out, const rs_formula *f, const rs_names *alphabet, const rs_names *outputs) {
    rs_monitor *m;
    rs_status status = rs_monitor_watch(&m, f, alphabet, outputs);
    if (status != RS_OK) return status;
    if (m->safe[0]) {
        rs_monitor_free(m);
        return rs_fail(RS_EINPUT,
                       "no finite word can violate it: every word has a continuation that satisfies it; safety "
                       "properties have the form G(...)");
    }
    *out = m;
    return RS_OK;
}

void rs_monitor_borrow(rs_monitor *m, const rs_names *alphabet, const rs_names *outputs) {
    m->alphabet = alphabet;
    m->outputs = outputs;
}

void rs_monitor_free(rs_monitor *m) {
    if (!m) return;
    rs_letters_free(&m->letters);
    free(m->next);
    free(m->bad);
    free(m->safe);
    free(m);
}

size_t rs_monitor_states(const rs_monitor *m) {
    return m->states;
}

size_t rs_monitor_letters(const rs_monitor *m) {
    return rs_names_count(m->alphabet) * rs_names_count(m->outputs);
}

const rs_names *rs_monitor_alphabet(const rs_monitor *m) {
    return m->alphabet;
}

const rs_names *rs_monitor_outputs(const rs_monitor *m) {
    return m->outputs;
}

bool rs_monitor_bad(const rs_monitor *m, size_t state) {
    return m->bad[state];
}

bool rs_monitor_safe(const rs_monitor *m, size_t state) {
    return m->safe[state];
}

uint32_t rs_monitor_next(const rs_monitor *m, size_t state, uint32_t symbol, uint32_t output) {
    return m->next[state * m->classes + rs_letters_class(&m->letters, symbol, output)];
}

size_t rs_monitor_violation(const rs_monitor *m, const uint32_t *symbols, const uint32_t *outputs, size_t length) {
    size_t state = 0;
    for (size_t i = 0; i < length; i++) {
        state = rs_monitor_next(m, state, symbols[i], outputs[i]);
        if (m->bad[state]) return i + 1;
    }
    return 0;
}
