/* Breadth first, length by length: only the states of the last length are kept, and for every node its parent and symbol,
 * from which a word is read back. Nodes of a length are in the order of their words, so the first that is bad belongs to
 * the first of the shortest words. */
#include "refine/short.h"

#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

#define ROWS ((size_t)4096)    /* run side by side, about */
#define LENGTHS ((size_t)4096) /* the longest words */

/* Where the words of one length came from. */
typedef struct origin {
    uint32_t *parent, *symbol; /* [count], of the nodes that something bad can follow */
} origin;

/* The words of one length behind which something bad can follow. */
typedef struct front {
    float *states; /* [count*size] */
    uint32_t *at;  /* states of the monitor */
    size_t count, states_capacity, at_capacity;
} front;

typedef struct search {
    const rs_network *net;
    const rs_monitor *monitor;
    const rs_context *ctx;
    size_t symbols, size, length;
    origin *origins; /* [length + 1], of lengths 0 (none) to `length` */
    size_t origin_capacity, nodes; /* in origins */
    front last, next;
    float *rows; /* [at_once*size] */
    uint32_t *row_symbol, *row_class;
    size_t at_once; /* rows */
    bool found;
    uint32_t found_parent, found_symbol;
} search;

static void free_front(front *f) {
    free(f->states);
    free(f->at);
    *f = (front){0};
}

static rs_status keep(front *f, size_t size, const float *state, uint32_t at) {
    rs_status status = RS_OK;
    RS_TRY(rs_reserve((void **)&f->states, &f->states_capacity, f->count + 1, size * sizeof *f->states));
    RS_TRY(rs_reserve((void **)&f->at, &f->at_capacity, f->count + 1, sizeof *f->at));
    memcpy(f->states + f->count * size, state, size * sizeof *state);
    f->at[f->count++] = at;
cleanup:
    return status;
}

/* Reads all symbols behind nodes first..first+count-1 of the last length. */
static rs_status expand(search *s, origin *o, size_t capacity[2], size_t first, size_t count) {
    rs_status status = RS_OK;
    size_t rows = count * s->symbols;
    for (size_t i = 0; i < rows; i++) {
        s->row_symbol[i] = (uint32_t)(i % s->symbols);
        memcpy(s->rows + i * s->size, s->last.states + (first + i / s->symbols) * s->size, s->size * sizeof *s->rows);
    }
    RS_TRY(rs_network_step(s->net, rows, s->rows, s->row_symbol, s->rows, s->ctx));
    RS_TRY(rs_network_classify(s->net, rows, s->rows, s->row_class, s->ctx));
    for (size_t i = 0; i < rows; i++) {
        size_t parent = first + i / s->symbols;
        uint32_t at = rs_monitor_next(s->monitor, s->last.at[parent], s->row_symbol[i], s->row_class[i]);
        if (rs_monitor_safe(s->monitor, at)) continue;
        if (rs_monitor_bad(s->monitor, at)) {
            s->found = true;
            s->found_parent = (uint32_t)parent;
            s->found_symbol = s->row_symbol[i];
            return RS_OK;
        }
        RS_TRY(rs_reserve((void **)&o->parent, &capacity[0], s->next.count + 1, sizeof *o->parent));
        RS_TRY(rs_reserve((void **)&o->symbol, &capacity[1], s->next.count + 1, sizeof *o->symbol));
        o->parent[s->next.count] = (uint32_t)parent;
        o->symbol[s->next.count] = s->row_symbol[i];
        RS_TRY(keep(&s->next, s->size, s->rows + i * s->size, at));
    }
cleanup:
    return status;
}

/* One symbol more; *done says that time did not end it. */
static rs_status lengthen(bool *done, search *s) {
    rs_status status = RS_OK;
    size_t capacity[2] = {0}, step = s->at_once / s->symbols;
    *done = false;
    RS_TRY(rs_reserve((void **)&s->origins, &s->origin_capacity, s->length + 2, sizeof *s->origins));
    origin *o = &s->origins[s->length + 1];
    *o = (origin){0};
    s->length++;
    s->next.count = 0;
    for (size_t first = 0; first < s->last.count && !s->found; first += step) {
        if (rs_context_expired(s->ctx)) return RS_OK;
        size_t left = s->last.count - first;
        RS_TRY(expand(s, o, capacity, first, left < step ? left : step));
    }
    front swap = s->last;
    s->last = s->next;
    s->next = swap;
    s->nodes += s->last.count;
    *done = true;
cleanup:
    return status;
}

/* The word that was found: its last symbol, and back from there. */
static rs_status read_back(rs_word *out, const search *s) {
    uint32_t *symbols = rs_alloc(s->length, sizeof *symbols), node = s->found_parent;
    if (!symbols) return RS_EMEMORY;
    symbols[s->length - 1] = s->found_symbol;
    for (size_t l = s->length - 1; l; l--) {
        symbols[l - 1] = s->origins[l].symbol[node];
        node = s->origins[l].parent[node];
    }
    *out = (rs_word){symbols, s->length};
    return RS_OK;
}

/* Whether the next length must not be begun, and why. */
static const char *limit(const search *s, const rs_short *r, const rs_short_limits *l) {
    size_t more = s->last.count * s->symbols, node = s->size * sizeof(float) + sizeof(uint32_t);
    if (r->length == (l->length ? l->length : LENGTHS)) return "length";
    if (l->steps && r->steps + more > l->steps) return "work";
    if (l->bytes && (s->last.count + 2 * more) * node + (s->nodes + more) * sizeof(origin) > l->bytes) return "memory";
    if (more > UINT32_MAX) return "memory";
    return rs_context_expired(s->ctx) ? "time" : NULL;
}

rs_status rs_short_words(rs_short *out, const rs_network *net, const rs_monitor *monitor, const rs_short_limits *limits,
                         const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_short r = {0};
    search s = {.net = net, .monitor = monitor, .ctx = ctx};
    s.symbols = rs_names_count(rs_network_alphabet(net));
    s.size = rs_network_state_size(net);
    s.at_once = (1 + ROWS / s.symbols) * s.symbols;
    RS_TRY_ALLOC(s.rows = rs_alloc(s.at_once, s.size * sizeof *s.rows));
    RS_TRY_ALLOC(s.row_symbol = rs_alloc(s.at_once, sizeof *s.row_symbol));
    RS_TRY_ALLOC(s.row_class = rs_alloc(s.at_once, sizeof *s.row_class));
    RS_TRY(rs_reserve((void **)&s.origins, &s.origin_capacity, 1, sizeof *s.origins));
    s.origins[0] = (origin){0};
    RS_TRY(keep(&s.last, s.size, rs_network_initial(net), 0));
    while (!r.end && !(r.end = limit(&s, &r, limits))) {
        bool done;
        uint64_t more = (uint64_t)s.last.count * s.symbols;
        RS_TRY(lengthen(&done, &s));
        r.steps += done ? more : 0;
        if (!done) r.end = "time";
        else if (s.found) r.end = "word";
        else r.length++;
        rs_context_progress(ctx, "all words", limits->steps ? (double)r.steps / (double)limits->steps : 0);
    }
    if (s.found) RS_TRY(read_back(&r.word, &s));
    *out = r;
cleanup:
    for (size_t l = 0; s.origins && l <= s.length; l++) {
        free(s.origins[l].parent);
        free(s.origins[l].symbol);
    }
    free(s.origins);
    free_front(&s.last);
    free_front(&s.next);
    free(s.rows);
    free(s.row_symbol);
    free(s.row_class);
    return status;
}
