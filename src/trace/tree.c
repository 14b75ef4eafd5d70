/* The prefix tree. Children are found through one hash table of (parent, symbol): open addressing, linear probing, at most half
 * full, slots are node numbers whose keys stand in the arrays.
 *
 * Invariant between calls: the table holds exactly the nodes 1..size-1, parents[i] < i, and states[i] is
 * step(states[parents[i]], symbols[i]) bit for bit. */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "trace/words.h"

#define NO_NODE UINT32_MAX

struct rs_trace {
    const rs_network *net;
    size_t size, capacity;
    float *states;
    uint32_t *parents, *symbols, *classes, *depths;
    uint32_t *slots; /* [slot_count], a power of two; NO_NODE: free */
    size_t slot_count;
};

/* The slot of (parent, symbol): where it is or where it would go. */
static size_t slot_of(const rs_trace *t, uint32_t parent, uint32_t symbol) {
    uint64_t hash = ((uint64_t)parent << 32 | symbol) * 0x9e3779b97f4a7c15u;
    hash = (hash ^ hash >> 29) * 0xbf58476d1ce4e5b9u;
    size_t mask = t->slot_count - 1, at = (size_t)(hash >> 32 ^ hash) & mask;
    for (uint32_t node; (node = t->slots[at]) != NO_NODE; at = (at + 1) & mask)
        if (t->parents[node] == parent && t->symbols[node] == symbol) break;
    return at;
}

/* Puts the nodes 1..size-1 into the empty slots. */
static void fill(rs_trace *t) {
    memset(t->slots, 0xff, t->slot_count * sizeof *t->slots);
    for (size_t i = 1; i < t->size; i++) t->slots[slot_of(t, t->parents[i], t->symbols[i])] = (uint32_t)i;
}

/* Reallocates the array that the pointer at `array` points to; left alone on failure. */
static rs_status resize(void *array, size_t count, size_t size) {
    void *old, *grown;
    memcpy(&old, array, sizeof old);
    grown = rs_realloc(old, count, size);
    if (!grown) return RS_EMEMORY;
    memcpy(array, &grown, sizeof grown);
    return RS_OK;
}

/* Room for one more node. */
static rs_status grow(rs_trace *t) {
    rs_status status = RS_OK;
    if (t->size < t->capacity) return RS_OK;
    if (t->size >= NO_NODE / 2) return rs_fail(RS_EUSAGE, "a trace holds at most %u nodes: take fewer or shorter words", NO_NODE / 2);
    size_t wanted = t->capacity ? 2 * t->capacity : 64;
    RS_TRY(resize(&t->states, wanted, rs_network_state_size(t->net) * sizeof *t->states));
    RS_TRY(resize(&t->parents, wanted, sizeof *t->parents));
    RS_TRY(resize(&t->symbols, wanted, sizeof *t->symbols));
    RS_TRY(resize(&t->classes, wanted, sizeof *t->classes));
    RS_TRY(resize(&t->depths, wanted, sizeof *t->depths));
    RS_TRY(resize(&t->slots, 2 * wanted, sizeof *t->slots));
    t->capacity = wanted;
    t->slot_count = 2 * wanted;
    fill(t);
cleanup:
    return status;
}

/* The child of `parent` by `symbol`, made without its state when there is none. */
static rs_status child(uint32_t *out, rs_trace *t, uint32_t parent, uint32_t symbol) {
    rs_status status = RS_OK;
    uint32_t node = t->slots[slot_of(t, parent, symbol)];
    if (node == NO_NODE) {
        RS_TRY(grow(t));
        node = (uint32_t)t->size++;
        t->parents[node] = parent;
        t->symbols[node] = symbol;
        t->depths[node] = t->depths[parent] + 1;
        t->slots[slot_of(t, parent, symbol)] = node;
    }
    *out = node;
cleanup:
    return status;
}

rs_status rs_trace_new(rs_trace **out, const rs_network *net, const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_trace *t = NULL;
    RS_TRY_ALLOC(t = rs_alloc(1, sizeof *t));
    t->net = net;
    RS_TRY(grow(t));
    t->size = 1;
    t->parents[0] = t->symbols[0] = t->depths[0] = 0;
    memcpy(t->states, rs_network_initial(net), rs_network_state_size(net) * sizeof *t->states);
    RS_TRY(rs_network_classify(net, 1, t->states, t->classes, ctx));
    *out = t;
    t = NULL;
cleanup:
    rs_trace_free(t);
    return status;
}

void rs_trace_free(rs_trace *t) {
    if (!t) return;
    free(t->states);
    free(t->parents);
    free(t->symbols);
    free(t->classes);
    free(t->depths);
    free(t->slots);
    free(t);
}

/* States of the nodes from `first` on, whose parents' are known: one step, in place on copies of the parents'. */
static rs_status compute(rs_trace *t, size_t first, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t S = rs_network_state_size(t->net);
    for (size_t i = first; i < t->size; i++)
        memcpy(t->states + i * S, t->states + t->parents[i] * S, S * sizeof *t->states);
    RS_TRY(rs_network_step(t->net, t->size - first, t->states + first * S, t->symbols + first, t->states + first * S, ctx));
    for (size_t i = first * S; i < t->size * S; i++)
        if (!isfinite(t->states[i])) {
            status = rs_fail(RS_EINPUT, "after some word of %u symbols the network's hidden state overflows float32: take shorter words",
                             (unsigned)t->depths[i / S]);
            goto cleanup;
        }
cleanup:
    return status;
}

static rs_status check_symbols(const rs_words *words, size_t symbols, size_t *total) {
    size_t length, sum = 0;
    for (size_t i = 0; i < rs_words_count(words); i++, sum += length) {
        const uint32_t *word = rs_words_get(words, i, &length);
        for (size_t k = 0; k < length; k++)
            if (word[k] >= symbols)
                return rs_fail(RS_EUSAGE, "word %zu: symbol %u of an alphabet of %zu", i, (unsigned)word[k], symbols);
    }
    *total = sum;
    return RS_OK;
}

/* A word on its way down the tree. */
typedef struct walk {
    const uint32_t *word;
    size_t length;
    uint32_t node;
} walk;

rs_status rs_trace_add(rs_trace *t, const rs_words *words, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t old = t->size, active = rs_words_count(words), total = 0, done = 0, S = rs_network_state_size(t->net);
    walk *walks = NULL;
    RS_TRY(check_symbols(words, rs_names_count(rs_network_alphabet(t->net)), &total));
    RS_TRY_ALLOC(walks = rs_alloc(active, sizeof *walks));
    for (size_t i = 0; i < active; i++) {
        walks[i].word = rs_words_get(words, i, &walks[i].length);
        walks[i].node = 0;
    }
    for (size_t depth = 0; active; depth++) {
        size_t first = t->size, left = 0;
        uint32_t parent = NO_NODE, symbol = 0, node = 0;
        RS_TRY(rs_context_check(ctx));
        for (size_t i = 0; i < active; i++) {
            if (walks[i].length == depth) continue;
            /* Words that stand in order come in runs with a common prefix, which is looked up once. */
            if (walks[i].node != parent || walks[i].word[depth] != symbol) {
                parent = walks[i].node;
                symbol = walks[i].word[depth];
                RS_TRY(child(&node, t, parent, symbol));
            }
            walks[left] = walks[i];
            walks[left++].node = node;
        }
        active = left;
        RS_TRY(compute(t, first, ctx));
        done += active;
        rs_context_progress(ctx, "trace", total ? (double)done / (double)total : 1);
    }
    RS_TRY(rs_network_classify(t->net, t->size - old, t->states + old * S, t->classes + old, ctx));
cleanup:
    free(walks);
    if (status != RS_OK && t->size > old) {
        t->size = old;
        fill(t);
    }
    return status;
}

const rs_network *rs_trace_network(const rs_trace *t) {
    return t->net;
}

size_t rs_trace_size(const rs_trace *t) {
    return t->size;
}

const float *rs_trace_states(const rs_trace *t) {
    return t->states;
}

const uint32_t *rs_trace_parents(const rs_trace *t) {
    return t->parents;
}

const uint32_t *rs_trace_symbols(const rs_trace *t) {
    return t->symbols;
}

const uint32_t *rs_trace_classes(const rs_trace *t) {
    return t->classes;
}

const uint32_t *rs_trace_depths(const rs_trace *t) {
    return t->depths;
}

size_t rs_trace_find(const rs_trace *t, const uint32_t *word, size_t length) {
    uint32_t node = 0;
    for (size_t i = 0; i < length; i++)
        if ((node = t->slots[slot_of(t, node, word[i])]) == NO_NODE) return SIZE_MAX;
    return node;
}

rs_status rs_trace_word(rs_word *out, const rs_trace *t, size_t node) {
    size_t length = t->depths[node];
    uint32_t *symbols = rs_alloc(length, sizeof *symbols);
    if (!symbols) return RS_EMEMORY;
    for (size_t i = length; i; node = t->parents[node]) symbols[--i] = t->symbols[node];
    *out = (rs_word){symbols, length};
    return RS_OK;
}
