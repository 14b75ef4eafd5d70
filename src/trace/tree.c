/* The prefix tree. Children are found through one hash table of (parent, symbol): open addressing, linear probing, at most half
 * full, slots are node numbers whose keys stand in the arrays.
 *
 * All nodes of a call are made first, a level at a time, and their states after that: room for states is made when their number is
 * known, so that no page is touched for nothing, and what making nodes took is free again; large blocks grow by moving pages, not
 * bytes.
 *
 * Invariant between calls: the table holds exactly the nodes 1..size-1, parents[i] < i, states[i] is
 * step(states[parents[i]], symbols[i]) bit for bit, and size <= limit. */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "trace/available.h"
#include "trace/words.h"

#define NO_NODE UINT32_MAX
#define MOST_NODES ((size_t)NO_NODE / 2)
#define CHAIN ((size_t)1 << 16)  /* nodes of a chain whose states are computed at once */
#define LARGE ((size_t)64 << 20) /* new bytes at which the machine is asked whether it has them */

struct rs_trace {
    const rs_network *net;
    size_t size, capacity, state_capacity;
    size_t known; /* nodes that have states and classes; between calls, all */
    size_t limit; /* nodes at most */
    bool bounded, cut;
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

/* Takes back the nodes that have no states yet. */
static void forget(rs_trace *t) {
    if (t->size == t->known) return;
    t->size = t->known;
    fill(t);
}

/* Whether the machine has memory for the states that are still to be computed, and for `further` nodes without theirs. */
static rs_status check_available(const rs_trace *t, size_t further) {
    size_t row = rs_network_state_size(t->net) * sizeof *t->states, more = t->size - t->known, have;
    size_t bytes = more * row + further * (rs_trace_node_bytes(t->net) - row);
    if (bytes <= LARGE || !rs_available(&have) || bytes <= have) return RS_OK;
    return rs_fail(RS_EMEMORY, "out of memory: words to record take %zu MiB, and there are %zu: record fewer or shorter words, or "
                               "bound what is recorded (--memory)", bytes >> 20, have >> 20);
}

/* Room for one more node, but for its state. */
static rs_status grow(rs_trace *t) {
    rs_status status = RS_OK;
    if (t->size < t->capacity) return RS_OK;
    if (t->size >= MOST_NODES) return rs_fail(RS_EUSAGE, "a trace holds at most %zu nodes: take fewer or shorter words", MOST_NODES);
    size_t wanted = t->capacity ? 2 * t->capacity : 64, slots = 2;
    if (wanted > t->limit) wanted = t->limit;
    while (slots < 2 * wanted) slots *= 2;
    RS_TRY(check_available(t, wanted - t->capacity));
    RS_TRY(resize(&t->parents, wanted, sizeof *t->parents));
    RS_TRY(resize(&t->symbols, wanted, sizeof *t->symbols));
    RS_TRY(resize(&t->classes, wanted, sizeof *t->classes));
    RS_TRY(resize(&t->depths, wanted, sizeof *t->depths));
    RS_TRY(resize(&t->slots, slots, sizeof *t->slots));
    t->capacity = wanted;
    t->slot_count = slots;
    fill(t);
cleanup:
    return status;
}

/* Room for the states of all nodes. */
static rs_status grow_states(rs_trace *t) {
    rs_status status = check_available(t, 0);
    if (status != RS_OK || t->size <= t->state_capacity) return status;
    size_t wanted = t->size + t->size / 8 + 64;
    if (wanted > t->limit) wanted = t->limit;
    status = resize(&t->states, wanted, rs_network_state_size(t->net) * sizeof *t->states);
    if (status == RS_OK) t->state_capacity = wanted;
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
    t->limit = MOST_NODES;
    RS_TRY(grow(t));
    t->size = 1;
    RS_TRY(grow_states(t));
    t->parents[0] = t->symbols[0] = t->depths[0] = 0;
    memcpy(t->states, rs_network_initial(net), rs_network_state_size(net) * sizeof *t->states);
    RS_TRY(rs_network_classify(net, 1, t->states, t->classes, ctx));
    t->known = 1;
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

/* The end of the nodes from `first` on whose parents' states are known: of a level, at the least. */
static size_t step_end(const rs_trace *t, size_t first) {
    size_t end = first;
    while (end < t->size && t->parents[end] < first) end++;
    return end;
}

/* The end of the further nodes that only go on: each the one child, and in the same order, of those `n` before them, and so on. */
static size_t chain_end(const rs_trace *t, size_t end, size_t n) {
    for (size_t last = end, i = end; i < t->size && t->parents[i] == i - n && end < last + CHAIN; i++)
        if (i + 1 == end + n) end = i + 1;
    return end;
}

/* States of nodes [first, end), one step from their parents', in place on copies of these; and those of [end, last), which go on. */
static rs_status run(rs_trace *t, size_t first, size_t end, size_t last, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t S = rs_network_state_size(t->net), n = end - first;
    float *states = t->states + first * S;
    for (size_t i = first; i < end; i++)
        memcpy(t->states + i * S, t->states + t->parents[i] * S, S * sizeof *states);
    RS_TRY(rs_network_step(t->net, n, states, t->symbols + first, states, ctx));
    if (last > end) RS_TRY(rs_network_steps(t->net, n, (last - end) / n, states, t->symbols + end, states + n * S, ctx));
    for (size_t i = 0; i < (last - first) * S; i++)
        if (!isfinite(states[i])) {
            status = rs_fail(RS_EINPUT, "after some word of %u symbols the network's hidden state overflows float32: take shorter words",
                             (unsigned)t->depths[first + i / S]);
            goto cleanup;
        }
cleanup:
    return status;
}

/* States and classes of the nodes that have none. */
static rs_status compute(rs_trace *t, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t S = rs_network_state_size(t->net), count = t->size - t->known;
    RS_TRY(grow_states(t));
    for (size_t first = t->known, last; first < t->size; first = last) {
        size_t end = step_end(t, first);
        last = chain_end(t, end, end - first);
        RS_TRY(run(t, first, end, last, ctx));
        rs_context_progress(ctx, "trace", (double)(last - t->known) / (double)count);
    }
    RS_TRY(rs_network_classify(t->net, count, t->states + t->known * S, t->classes + t->known, ctx));
    t->known = t->size;
cleanup:
    return status;
}

static rs_status check_symbols(const rs_words *words, size_t symbols) {
    if (rs_words_largest(words) < symbols) return RS_OK;
    for (size_t i = 0;; i++)
        for (size_t k = 0; k < rs_words_length(words, i); k++)
            if (rs_words_symbol(words, i, k) >= symbols)
                return rs_fail(RS_EUSAGE, "word %zu: symbol %u of an alphabet of %zu", i, (unsigned)rs_words_symbol(words, i, k), symbols);
}

/* How many of the words fit, in their order: nodes are made word by word, counted and taken back. */
static rs_status count_fitting(size_t *count, rs_trace *t, const rs_words *words) {
    rs_status status = RS_OK;
    size_t n = rs_words_count(words), fit = 0;
    if (!t->bounded || rs_words_total(words) <= t->limit - t->size) {
        *count = n;
        return RS_OK;
    }
    for (; fit < n; fit++) {
        uint32_t node = 0;
        for (size_t k = 0; k < rs_words_length(words, fit); k++) {
            uint32_t symbol = rs_words_symbol(words, fit, k);
            *count = fit;
            if (t->size == t->limit && t->slots[slot_of(t, node, symbol)] == NO_NODE) goto cleanup;
            RS_TRY(child(&node, t, node, symbol));
        }
    }
    *count = n;
cleanup:
    forget(t);
    return status;
}

/* A word on its way down the tree. */
typedef struct walk {
    uint32_t word, node;
} walk;

/* Makes the nodes of the first `count` words, a level at a time. */
static rs_status add_nodes(rs_trace *t, const rs_words *words, size_t count, const rs_context *ctx) {
    rs_status status = RS_OK;
    walk *walks = NULL;
    RS_TRY_ALLOC(walks = rs_alloc(count, sizeof *walks));
    for (size_t i = 0; i < count; i++) walks[i].word = (uint32_t)i;
    for (size_t depth = 0, left; count; depth++, count = left) {
        uint32_t parent = NO_NODE, symbol = 0, node = 0;
        RS_TRY(rs_context_check(ctx));
        left = 0;
        for (size_t i = 0; i < count; i++) {
            if (rs_words_length(words, walks[i].word) == depth) continue;
            uint32_t next = rs_words_symbol(words, walks[i].word, depth);
            /* Words that stand in order come in runs with a common prefix, which is looked up once. */
            if (walks[i].node != parent || next != symbol) {
                parent = walks[i].node;
                symbol = next;
                RS_TRY(child(&node, t, parent, symbol));
            }
            walks[left] = walks[i];
            walks[left++].node = node;
        }
    }
cleanup:
    free(walks);
    return status;
}

rs_status rs_trace_add(rs_trace *t, const rs_words *words, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t count;
    RS_TRY(check_symbols(words, rs_names_count(rs_network_alphabet(t->net))));
    RS_TRY(count_fitting(&count, t, words));
    RS_TRY(add_nodes(t, words, count, ctx));
    RS_TRY(compute(t, ctx));
    t->cut = t->cut || count < rs_words_count(words);
cleanup:
    if (status != RS_OK) forget(t);
    return status;
}

/* The children of `count` nodes by all symbols, in order, up to the first that does not fit: *made of them. */
static rs_status add_level(uint32_t *level, size_t *made, rs_trace *t, const uint32_t *parents, size_t count) {
    rs_status status = RS_OK;
    size_t m = rs_names_count(rs_network_alphabet(t->net)), n = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t symbol = 0; symbol < m; symbol++) {
            if (t->size == t->limit && t->bounded && t->slots[slot_of(t, parents[i], (uint32_t)symbol)] == NO_NODE) goto cleanup;
            RS_TRY(child(&level[n], t, parents[i], (uint32_t)symbol));
            n++;
        }
cleanup:
    *made = n;
    return status;
}

/* Makes the nodes of all words, a level at a time, up to the first that does not fit. */
static rs_status add_levels(bool *cut, rs_trace *t, size_t max_length, const rs_context *ctx) {
    rs_status status = RS_OK;
    size_t m = rs_names_count(rs_network_alphabet(t->net)), count = 1, made;
    uint32_t *parents = NULL, *level = NULL;
    *cut = false;
    RS_TRY_ALLOC(parents = rs_alloc(1, sizeof *parents));
    for (size_t depth = 0; depth < max_length && !*cut; depth++) {
        RS_TRY(rs_context_check(ctx));
        if (count > MOST_NODES / m) {
            status = rs_fail(RS_EUSAGE, "all words up to length %zu over %zu symbols are too many: take a shorter length", max_length, m);
            goto cleanup;
        }
        RS_TRY_ALLOC(level = rs_alloc(count * m, sizeof *level));
        RS_TRY(add_level(level, &made, t, parents, count));
        *cut = made < count * m;
        count = made;
        free(parents);
        parents = level;
        level = NULL;
    }
cleanup:
    free(parents);
    free(level);
    return status;
}

rs_status rs_trace_add_all(rs_trace *t, size_t max_length, const rs_context *ctx) {
    rs_status status = RS_OK;
    bool cut;
    RS_TRY(add_levels(&cut, t, max_length, ctx));
    RS_TRY(compute(t, ctx));
    t->cut = t->cut || cut;
cleanup:
    if (status != RS_OK) forget(t);
    return status;
}

size_t rs_trace_node_bytes(const rs_network *net) {
    /* The state, four numbers, and fewer than four slots. */
    return (rs_network_state_size(net) + 4 + 4) * sizeof(uint32_t);
}

void rs_trace_limit(rs_trace *t, size_t bytes) {
    size_t nodes = bytes / rs_trace_node_bytes(t->net);
    t->bounded = bytes && nodes < MOST_NODES;
    t->limit = !t->bounded ? MOST_NODES : nodes > t->size ? nodes : t->size;
    t->cut = false;
}

bool rs_trace_cut(const rs_trace *t) {
    return t->cut;
}

size_t rs_trace_bytes(const rs_trace *t) {
    size_t S = rs_network_state_size(t->net);
    return (t->state_capacity * S + 4 * t->capacity + t->slot_count) * sizeof(uint32_t);
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

size_t rs_trace_find_word(const rs_trace *t, const rs_words *words, size_t i) {
    uint32_t node = 0;
    for (size_t k = 0; k < rs_words_length(words, i); k++)
        if ((node = t->slots[slot_of(t, node, rs_words_symbol(words, i, k))]) == NO_NODE) return SIZE_MAX;
    return node;
}

size_t rs_trace_child(const rs_trace *t, size_t node, uint32_t symbol) {
    uint32_t found = t->slots[slot_of(t, (uint32_t)node, symbol)];
    return found == NO_NODE ? SIZE_MAX : found;
}

rs_status rs_trace_word(rs_word *out, const rs_trace *t, size_t node) {
    size_t length = t->depths[node];
    uint32_t *symbols = rs_alloc(length, sizeof *symbols);
    if (!symbols) return RS_EMEMORY;
    for (size_t i = length; i; node = t->parents[node]) symbols[--i] = t->symbols[node];
    *out = (rs_word){symbols, length};
    return RS_OK;
}
