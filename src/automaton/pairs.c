#include "automaton/pairs.h"

#include "core/alloc.h"
#include "core/status.h"

/* The finaliser of splitmix64. */
static uint64_t mix(uint32_t a, uint32_t b) {
    uint64_t x = ((uint64_t)a << 32 | b) + 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

/* The slot of (a, b): where it is, or the free one where it belongs. */
static size_t find(const uint32_t *pair, const uint32_t *slot, size_t slots, uint32_t a, uint32_t b) {
    size_t i = mix(a, b) & (slots - 1);
    while (slot[i] && (pair[2 * (slot[i] - 1)] != a || pair[2 * (slot[i] - 1) + 1] != b)) i = (i + 1) & (slots - 1);
    return i;
}

static rs_status grow(rs_pairs *p) {
    size_t slots = p->slots ? 2 * p->slots : 64;
    uint32_t *slot = rs_alloc(slots, sizeof *slot);
    if (!slot) return RS_EMEMORY;
    for (size_t i = 0; i < p->count; i++)
        slot[find(p->pair, slot, slots, p->pair[2 * i], p->pair[2 * i + 1])] = (uint32_t)i + 1;
    free(p->slot);
    p->slot = slot;
    p->slots = slots;
    return RS_OK;
}

rs_status rs_pairs_add(rs_pairs *p, uint32_t a, uint32_t b, uint32_t *index) {
    rs_status status = RS_OK;
    if (2 * (p->count + 1) > p->slots) RS_TRY(grow(p));
    size_t i = find(p->pair, p->slot, p->slots, a, b);
    if (!p->slot[i]) {
        if (p->count >= (size_t)1 << 31) return rs_fail(RS_EMEMORY, "a product of more than 2^31 states");
        RS_TRY(rs_reserve((void **)&p->pair, &p->capacity, p->count + 1, 2 * sizeof *p->pair));
        p->pair[2 * p->count] = a;
        p->pair[2 * p->count + 1] = b;
        p->slot[i] = (uint32_t)++p->count;
    }
    *index = p->slot[i] - 1;
cleanup:
    return status;
}

void rs_pairs_free(rs_pairs *p) {
    free(p->pair);
    free(p->slot);
    *p = (rs_pairs){0};
}
