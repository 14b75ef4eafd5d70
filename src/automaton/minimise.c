/* The smallest equivalent machine: Hopcroft's partition refinement.
 *
 * Outputs are read after each symbol. So the states to be merged are those that some non-empty word reaches; call them
 * the members. The start is a copy of its own that no edge enters: its output cannot be seen, and it may be any member
 * with the same successors. Members with the same successors differ in their outputs, hence the choice below (the
 * start's own output, else the lowest) does not depend on how states are numbered.
 *
 * Partition: `element` is a permutation of the members in which every block is contiguous. A block is used as a
 * splitter once, in the order of creation; when a block is split, the smaller part becomes the new block, and the other
 * keeps the number and with it the state of having been used or not. That is Hopcroft's "add the smaller half" without
 * a work list. */
#include <string.h>

#include "automaton/moore.h"
#include "core/alloc.h"
#include "core/status.h"

typedef struct partition {
    size_t blocks;
    uint32_t *element;  /* [r] members, block by block */
    uint32_t *position; /* [r] where a member is in `element` */
    uint32_t *block;    /* [r] of a member */
    uint32_t *first;    /* [r] of a block, in `element` */
    uint32_t *size;     /* [r] */
    uint32_t *marked;   /* [r] how many of its elements, from the first, are marked */
    uint32_t *touched;  /* [r] blocks with marked elements */
    size_t touched_count;
} partition;

/* The machine over members 0..r-1 and its edges turned round: those that enter q by s are
 * source[s*r + enter[s*(r+1) + q]] up to the next q. */
typedef struct members {
    size_t r, m;
    uint32_t *state;  /* [r] in the machine */
    uint32_t *index;  /* [n] member of a state, or RS_NO_STATE */
    uint32_t *enter;  /* [m*(r+1)] */
    uint32_t *source; /* [m*r] */
} members;

static void partition_free(partition *p) {
    free(p->element);
    free(p->position);
    free(p->block);
    free(p->first);
    free(p->size);
    free(p->marked);
    free(p->touched);
}

static void members_free(members *g) {
    free(g->state);
    free(g->index);
    free(g->enter);
    free(g->source);
}

/* The states that non-empty words reach, and the edges between them turned round. */
static rs_status members_init(members *g, const rs_automaton *a) {
    rs_status status = RS_OK;
    size_t n = a->n, m = g->m = a->m, r = 0;
    uint32_t *cursor = NULL;
    RS_TRY_ALLOC(g->state = rs_alloc(n, sizeof *g->state));
    RS_TRY_ALLOC(g->index = rs_alloc(n, sizeof *g->index));
    memset(g->index, 0xff, n * sizeof *g->index);
    for (size_t i = 0; i <= r; i++) { /* round 0 is the start, round i the i-th member */
        size_t from = i ? g->state[i - 1] : a->start;
        for (size_t s = 0; s < m; s++) {
            uint32_t q = a->next[from * m + s];
            if (g->index[q] != RS_NO_STATE) continue;
            g->index[q] = (uint32_t)r;
            g->state[r++] = q;
        }
    }
    g->r = r;
    RS_TRY_ALLOC(g->enter = rs_alloc(m * (r + 1), sizeof *g->enter));
    RS_TRY_ALLOC(g->source = rs_alloc(m * r, sizeof *g->source));
    RS_TRY_ALLOC(cursor = rs_alloc(r, sizeof *cursor));
    for (size_t s = 0; s < m; s++) {
        uint32_t *enter = g->enter + s * (r + 1), *source = g->source + s * r;
        for (size_t i = 0; i < r; i++) enter[g->index[a->next[g->state[i] * m + s]] + 1]++;
        for (size_t i = 0; i < r; i++) enter[i + 1] += enter[i];
        memcpy(cursor, enter, r * sizeof *cursor);
        for (size_t i = 0; i < r; i++) source[cursor[g->index[a->next[g->state[i] * m + s]]]++] = (uint32_t)i;
    }
cleanup:
    free(cursor);
    return status;
}

/* One block for each output that some member has, in the order of outputs. */
static rs_status partition_init(partition *p, const members *g, const rs_automaton *a) {
    rs_status status = RS_OK;
    size_t r = g->r, outputs = rs_names_count(a->outputs);
    uint32_t *past = NULL;
    RS_TRY_ALLOC(p->element = rs_alloc(r, sizeof *p->element));
    RS_TRY_ALLOC(p->position = rs_alloc(r, sizeof *p->position));
    RS_TRY_ALLOC(p->block = rs_alloc(r, sizeof *p->block));
    RS_TRY_ALLOC(p->first = rs_alloc(r, sizeof *p->first));
    RS_TRY_ALLOC(p->size = rs_alloc(r, sizeof *p->size));
    RS_TRY_ALLOC(p->marked = rs_alloc(r, sizeof *p->marked));
    RS_TRY_ALLOC(p->touched = rs_alloc(r, sizeof *p->touched));
    RS_TRY_ALLOC(past = rs_alloc(outputs + 1, sizeof *past));
    for (size_t i = 0; i < r; i++) past[a->output[g->state[i]] + 1]++;
    for (size_t o = 0; o < outputs; o++) past[o + 1] += past[o];
    for (size_t i = 0; i < r; i++) {
        uint32_t at = past[a->output[g->state[i]]]++;
        p->element[at] = (uint32_t)i;
        p->position[i] = at;
    }
    for (size_t o = 0, from = 0; o < outputs; from = past[o++]) {
        if (past[o] == from) continue;
        p->first[p->blocks] = (uint32_t)from;
        p->size[p->blocks] = (uint32_t)(past[o] - from);
        for (size_t i = from; i < past[o]; i++) p->block[p->element[i]] = (uint32_t)p->blocks;
        p->blocks++;
    }
cleanup:
    free(past);
    return status;
}

/* Moves an unmarked member to the marked ones at the front of its block. */
static void mark(partition *p, uint32_t member) {
    uint32_t b = p->block[member], from = p->position[member], to = p->first[b] + p->marked[b];
    uint32_t other = p->element[to];
    p->element[from] = other;
    p->position[other] = from;
    p->element[to] = member;
    p->position[member] = to;
    if (!p->marked[b]++) p->touched[p->touched_count++] = b;
}

/* Splits every block with marked members into marked and unmarked; the smaller part becomes a new block. */
static void split(partition *p) {
    while (p->touched_count) {
        uint32_t b = p->touched[--p->touched_count], marked = p->marked[b], unmarked = p->size[b] - marked;
        p->marked[b] = 0;
        if (!unmarked) continue;
        uint32_t new = (uint32_t)p->blocks++;
        if (marked <= unmarked) {
            p->first[new] = p->first[b];
            p->first[b] += marked;
        } else p->first[new] = p->first[b] + marked;
        p->size[new] = marked <= unmarked ? marked : unmarked;
        p->size[b] -= p->size[new];
        for (uint32_t i = 0; i < p->size[new]; i++) p->block[p->element[p->first[new] + i]] = new;
    }
}

/* Invariant: for every pair of members in one block and every block used so far, as it was then, and every symbol: both
 * or neither go into it. */
static rs_status refine(partition *p, const members *g) {
    uint32_t *splitter = rs_alloc(g->r, sizeof *splitter);
    if (!splitter) return RS_EMEMORY;
    for (size_t b = 0; b < p->blocks; b++) {
        uint32_t size = p->size[b];
        memcpy(splitter, p->element + p->first[b], size * sizeof *splitter);
        for (size_t s = 0; s < g->m; s++) {
            const uint32_t *enter = g->enter + s * (g->r + 1), *source = g->source + s * g->r;
            for (uint32_t i = 0; i < size; i++)
                for (uint32_t e = enter[splitter[i]]; e < enter[splitter[i] + 1]; e++) mark(p, source[e]);
            split(p);
        }
    }
    free(splitter);
    return RS_OK;
}

/* The block that the start takes over, or `blocks` when none has its successors. */
static size_t start_block(const rs_automaton *a, size_t blocks, const uint32_t *output, const uint32_t *next) {
    size_t m = a->m, best = blocks;
    const uint32_t *row = next + blocks * m, own = a->output[a->start];
    for (size_t b = 0; b < blocks; b++) {
        if (memcmp(next + b * m, row, m * sizeof *row) != 0) continue;
        if (output[b] == own) return b;
        if (best == blocks || output[b] < output[best]) best = b;
    }
    return best;
}

/* The machine of blocks with the start as state `blocks`, before it takes another one over. */
static rs_status quotient(rs_automaton **out, uint32_t **block_of, const rs_automaton *a, const members *g,
                          const partition *p) {
    rs_status status = RS_OK;
    size_t m = a->m, blocks = p->blocks;
    uint32_t *output = NULL, *next = NULL, *index = NULL, *of = NULL;
    uint64_t *support = NULL;
    RS_TRY_ALLOC(output = rs_alloc(blocks + 1, sizeof *output));
    RS_TRY_ALLOC(next = rs_alloc((blocks + 1) * m, sizeof *next));
    if (a->support) RS_TRY_ALLOC(support = rs_alloc((blocks + 1) * m, sizeof *support));
    RS_TRY_ALLOC(of = rs_alloc(a->n, sizeof *of));
    for (size_t b = 0; b <= blocks; b++) {
        size_t q = b < blocks ? g->state[p->element[p->first[b]]] : a->start;
        output[b] = a->output[q];
        for (size_t s = 0; s < m; s++) next[b * m + s] = p->block[g->index[a->next[q * m + s]]];
    }
    size_t start = start_block(a, blocks, output, next);
    for (size_t q = 0; q < a->n; q++) {
        of[q] = g->index[q] != RS_NO_STATE ? p->block[g->index[q]] : q == a->start ? (uint32_t)start : RS_NO_STATE;
        if (!support || of[q] == RS_NO_STATE) continue;
        for (size_t s = 0; s < m; s++) support[of[q] * m + s] += a->support[q * m + s];
    }
    RS_TRY(rs_automaton_reachable(out, &index, a->alphabet, a->outputs, blocks + 1, start, output, next, support));
    if (block_of) {
        for (size_t q = 0; q < a->n; q++)
            if (of[q] != RS_NO_STATE) of[q] = index[of[q]];
        *block_of = of;
        of = NULL;
    }
cleanup:
    free(output);
    free(next);
    free(support);
    free(index);
    free(of);
    return status;
}

rs_status rs_automaton_minimise(rs_automaton **out, uint32_t **block_of, const rs_automaton *a) {
    rs_status status = RS_OK;
    members g = {0};
    partition p = {0};
    RS_TRY(members_init(&g, a));
    RS_TRY(partition_init(&p, &g, a));
    RS_TRY(refine(&p, &g));
    RS_TRY(quotient(out, block_of, a, &g, &p));
cleanup:
    partition_free(&p);
    members_free(&g);
    return status;
}
