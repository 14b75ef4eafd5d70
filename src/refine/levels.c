/* Level 0 numbers the outputs; level l + 1 numbers the rows (block of the state, blocks of its successors) of level l, and
 * the levels end when a row distinguishes nothing more. Quadratic on chains, but machines here are small, and no other method
 * gives a shortest word for every pair. */
#include "refine/levels.h"

#include "core/alloc.h"
#include "core/status.h"
#include "core/table.h"

typedef struct row {
    uint32_t *key; /* [1+m] */
    uint32_t number;
    UT_hash_handle hh;
} row;

/* Numbers equal rows alike, in order of appearance. *count is how many there are. */
static rs_status number_rows(uint32_t *number, size_t *count, row *rows, size_t n, size_t width) {
    rs_status status = RS_OK;
    row *table = NULL, *found;
    *count = 0;
    for (size_t q = 0; q < n; q++) {
        HASH_FIND(hh, table, rows[q].key, width * sizeof *rows[q].key, found);
        if (!found) {
            found = &rows[q];
            found->number = (uint32_t)(*count)++;
            HASH_ADD_KEYPTR(hh, table, found->key, width * sizeof *found->key, found);
            RS_TRY_ALLOC(RS_TABLE_ADDED(found) ? found : NULL);
        }
        number[q] = found->number;
    }
cleanup:
    HASH_CLEAR(hh, table);
    return status;
}

rs_status rs_levels_new(rs_levels *out, const rs_automaton *a) {
    rs_status status = RS_OK;
    size_t n = rs_automaton_states(a), m = rs_names_count(rs_automaton_alphabet(a)), capacity = 0, blocks = 0, before;
    rs_levels levels = {.a = a};
    row *rows = NULL;
    uint32_t *keys = NULL;
    RS_TRY_ALLOC(rows = rs_alloc(n, sizeof *rows));
    RS_TRY_ALLOC(keys = rs_alloc(n * (m + 1), sizeof *keys));
    for (size_t q = 0; q < n; q++) rows[q].key = keys + q * (m + 1);
    do {
        before = blocks;
        const uint32_t *below = levels.count ? levels.block[levels.count - 1] : NULL;
        for (size_t q = 0; q < n; q++) {
            rows[q].key[0] = below ? below[q] : rs_automaton_output(a, q);
            for (size_t s = 0; s < m; s++) rows[q].key[1 + s] = below ? below[rs_automaton_next(a, q, s)] : 0;
        }
        RS_TRY(rs_reserve((void **)&levels.block, &capacity, levels.count + 1, sizeof *levels.block));
        RS_TRY_ALLOC(levels.block[levels.count] = rs_alloc(n, sizeof **levels.block));
        levels.count++;
        RS_TRY(number_rows(levels.block[levels.count - 1], &blocks, rows, n, m + 1));
    } while (blocks > before);
    *out = levels;
    levels = (rs_levels){0};
cleanup:
    rs_levels_free(&levels);
    free(rows);
    free(keys);
    return status;
}

void rs_levels_free(rs_levels *levels) {
    for (size_t l = 0; l < levels->count; l++) free(levels->block[l]);
    free(levels->block);
    *levels = (rs_levels){0};
}

bool rs_levels_apart(const rs_levels *levels, size_t p, size_t q) {
    const uint32_t *last = levels->block[levels->count - 1];
    return last[p] != last[q];
}

size_t rs_levels_suffix(const rs_levels *levels, size_t p, size_t q, uint32_t *word) {
    size_t length = 0, level = 0;
    while (levels->block[level][p] == levels->block[level][q]) level++;
    for (; level > 0; level--) { /* p and q agree below this level, so a successor pair is apart one level down */
        uint32_t s = 0;
        const uint32_t *below = levels->block[level - 1];
        while (below[rs_automaton_next(levels->a, p, s)] == below[rs_automaton_next(levels->a, q, s)]) s++;
        word[length++] = s;
        p = rs_automaton_next(levels->a, p, s);
        q = rs_automaton_next(levels->a, q, s);
    }
    return length;
}
