/* Breadth-first search of the product. Locations enter the list in the order in which the alphabet-first shortest
 * words reach them; so the first edge to the violated location ends the first of all shortest violating words. The
 * search goes on after that: the number of reachable locations is part of the answer. */
#include <stdlib.h>

#include "core/alloc.h"
#include "core/status.h"
#include "solver/engine.h"

typedef struct visit {
    size_t location, parent; /* parent: index into the list */
    uint32_t symbol;
} visit;

/* The list of visited locations with an open-addressing table over it: slots hold an index into the list plus one. */
typedef struct visits {
    visit *list;
    size_t count, capacity;
    size_t *table, slots; /* a power of two, at most half full */
} visits;

static size_t find(const visits *v, size_t location) {
    size_t i = (size_t)((uint64_t)location * 0x9e3779b97f4a7c15u >> 20) & (v->slots - 1);
    while (v->table[i] && v->list[v->table[i] - 1].location != location) i = (i + 1) & (v->slots - 1);
    return i;
}

static rs_status grow(visits *v) {
    if (v->slots > SIZE_MAX / 2) return rs_fail(RS_EMEMORY, "the product has too many locations");
    size_t slots = v->slots ? 2 * v->slots : 64;
    size_t *table = rs_alloc(slots, sizeof *table);
    if (!table) return RS_EMEMORY;
    free(v->table);
    v->table = table;
    v->slots = slots;
    for (size_t i = 0; i < v->count; i++) v->table[find(v, v->list[i].location)] = i + 1;
    return RS_OK;
}

/* Adds a location unless it is there. */
static rs_status add(visits *v, size_t location, size_t parent, uint32_t symbol) {
    rs_status status = RS_OK;
    if (2 * (v->count + 1) > v->slots) RS_TRY(grow(v));
    size_t i = find(v, location);
    if (v->table[i]) return RS_OK;
    RS_TRY(rs_reserve((void **)&v->list, &v->capacity, v->count + 1, sizeof *v->list));
    v->list[v->count++] = (visit){location, parent, symbol};
    v->table[i] = v->count;
cleanup:
    return status;
}

/* The word that leads to list entry `last`, plus one symbol. */
static rs_status path(rs_reply *f, const rs_product *p, const visits *v, size_t last, uint32_t symbol) {
    rs_status status = RS_OK;
    size_t length = 1;
    for (size_t i = last; i; i = v->list[i].parent) length++;
    uint32_t *word = rs_alloc(length, sizeof *word);
    if (!word) return RS_EMEMORY;
    size_t at = length;
    word[--at] = symbol;
    for (size_t i = last; i; i = v->list[i].parent) word[--at] = v->list[i].symbol;
    status = rs_reply_word(f, p, word, length);
    free(word);
    return status;
}

rs_status rs_engine_explicit(rs_reply *out, const rs_product *p, const rs_context *ctx) {
    rs_status status = RS_OK;
    visits v = {0};
    rs_reply f = {.answer = RS_ANSWER_SAFE, .claim = RS_ANSWER_SAFE};
    bool violated = false;
    size_t level_end = 1; /* list entries below this one are at most f.depth symbols deep */
    RS_TRY(add(&v, p->initial, 0, 0));
    for (size_t i = 0; i < v.count; i++) {
        if (i == level_end) {
            f.depth++;
            level_end = v.count;
        }
        if (i % 4096 == 0) {
            RS_TRY(rs_context_check(ctx));
            if (rs_context_expired(ctx)) {
                if (!violated) rs_reply_set(&f, RS_ANSWER_UNKNOWN, "deadline after %zu locations", v.count);
                break;
            }
        }
        for (size_t s = 0; s < p->symbols; s++) {
            size_t to = rs_product_next(p, v.list[i].location, s);
            if (to < p->locations) {
                RS_TRY(add(&v, to, i, (uint32_t)s));
            } else if (!violated) {
                violated = true;
                f.claim = RS_ANSWER_UNSAFE;
                RS_TRY(path(&f, p, &v, i, (uint32_t)s));
            }
        }
    }
    f.locations = v.count + violated;
    *out = f;
    f = (rs_reply){0};
cleanup:
    rs_reply_clear(&f);
    free(v.list);
    free(v.table);
    return status;
}
