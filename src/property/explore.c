/* Breadth-first, states found through one hash table over their words. */
#include "property/explore.h"

#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "core/table.h"
#include "property/progress.h"

#define STATE_LIMIT 100000
#define TRANSITION_LIMIT 4000000

typedef struct place {
    uint64_t *state;
    size_t words;
    uint32_t index;
    UT_hash_handle hh;
} place;

typedef struct search {
    rs_explored result;
    place **places; /* [states] */
    size_t capacity, next_capacity;
    place *table;
} search;

/* The number of a state, which is copied when it is new. */
static rs_status number(uint32_t *out, search *s, const uint64_t *state, size_t words) {
    rs_status status = RS_OK;
    place *found, *new = NULL;
    HASH_FIND(hh, s->table, state, words * sizeof *state, found);
    if (!found) {
        size_t n = s->result.states;
        if (n == STATE_LIMIT || (n + 1) * s->result.classes > TRANSITION_LIMIT)
            return rs_fail(RS_EINPUT, "its monitor has more than %d states or %d transitions", STATE_LIMIT,
                           TRANSITION_LIMIT);
        RS_TRY(rs_reserve((void **)&s->places, &s->capacity, n + 1, sizeof *s->places));
        RS_TRY(rs_reserve((void **)&s->result.next, &s->next_capacity, (n + 1) * s->result.classes,
                          sizeof *s->result.next));
        RS_TRY_ALLOC(new = rs_alloc(1, sizeof *new));
        RS_TRY_ALLOC(new->state = rs_memdup(state, words, sizeof *state));
        new->words = words;
        new->index = (uint32_t)n;
        HASH_ADD_KEYPTR(hh, s->table, new->state, words * sizeof *state, new);
        RS_TRY_ALLOC(RS_TABLE_ADDED(new) ? new : NULL);
        s->places[s->result.states++] = found = new;
        new = NULL;
    }
    *out = found->index;
cleanup:
    if (new) free(new->state);
    free(new);
    return status;
}

rs_status rs_explore(rs_explored *out, const rs_formula *f, const rs_letters *letters) {
    rs_status status = RS_OK;
    search s = {.result.classes = letters->symbol_classes * letters->output_classes};
    rs_progress *progress = NULL;
    const uint64_t *state;
    size_t words;
    uint32_t to;
    RS_TRY(rs_progress_new(&progress, f));
    RS_TRY(rs_progress_start(&state, &words, progress));
    RS_TRY(number(&to, &s, state, words));
    for (size_t i = 0; i < s.result.states; i++)
        for (size_t c = 0; c < s.result.classes; c++) {
            uint32_t symbol = letters->symbol[c / letters->output_classes];
            uint32_t output = letters->output[c % letters->output_classes];
            RS_TRY(rs_progress_step(&state, &words, progress, s.places[i]->state, s.places[i]->words, symbol, output));
            RS_TRY(number(&to, &s, state, words));
            s.result.next[i * s.result.classes + c] = to;
        }
    RS_TRY_ALLOC(s.result.accepting = rs_alloc(s.result.states, sizeof *s.result.accepting));
    for (size_t i = 0; i < s.result.states; i++)
        s.result.accepting[i] = rs_progress_accepts(progress, s.places[i]->state, s.places[i]->words);
    *out = s.result;
    s.result.next = NULL;
    s.result.accepting = NULL;
cleanup:
    HASH_CLEAR(hh, s.table);
    for (size_t i = 0; i < s.result.states; i++) {
        free(s.places[i]->state);
        free(s.places[i]);
    }
    free(s.places);
    rs_explored_free(&s.result);
    rs_progress_free(progress);
    return status;
}

void rs_explored_free(rs_explored *e) {
    free(e->next);
    free(e->accepting);
    *e = (rs_explored){0};
}
