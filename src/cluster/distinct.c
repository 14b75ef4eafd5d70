/* Equal points found by hashing their coordinates. Invariant: the table holds the distinct points of those seen so far,
 * at most half full. */
#include "cluster/distinct.h"

#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

static uint64_t hash(size_t d, const float *x) {
    uint64_t h = 0;
    for (size_t i = 0; i < d; i++) {
        float coordinate = x[i] + 0.0f; /* -0 becomes 0 */
        uint32_t bits;
        memcpy(&bits, &coordinate, sizeof bits);
        h = (h ^ bits) * 0x9e3779b97f4a7c15u;
        h ^= h >> 29;
    }
    return h;
}

static bool equal(size_t d, const float *a, const float *b) {
    for (size_t i = 0; i < d; i++)
        if (a[i] < b[i] || a[i] > b[i]) return false;
    return true;
}

rs_status rs_distinct_new(rs_distinct *out, size_t n, size_t d, const float *points) {
    rs_status status = RS_OK;
    rs_distinct r = {0};
    uint32_t *table = NULL;
    size_t slots = 4;
    while (slots < 2 * n) slots *= 2;
    RS_TRY_ALLOC(table = rs_alloc(slots, sizeof *table)); /* 1 + the distinct point; 0: free */
    RS_TRY_ALLOC(r.points = rs_alloc_aligned(n * d, sizeof *r.points));
    RS_TRY_ALLOC(r.sizes = rs_alloc(n, sizeof *r.sizes));
    RS_TRY_ALLOC(r.which = rs_alloc(n, sizeof *r.which));
    for (size_t i = 0; i < n; i++) {
        const float *x = points + i * d;
        size_t slot = (size_t)hash(d, x) & (slots - 1);
        while (table[slot] && !equal(d, x, r.points + (table[slot] - 1) * d)) slot = (slot + 1) & (slots - 1);
        if (!table[slot]) {
            memcpy(r.points + r.m * d, x, d * sizeof *x);
            table[slot] = (uint32_t)++r.m;
        }
        r.which[i] = table[slot] - 1;
        r.sizes[r.which[i]]++;
    }
    *out = r;
    r = (rs_distinct){0};
cleanup:
    free(table);
    rs_distinct_free(&r);
    return status;
}

void rs_distinct_free(rs_distinct *distinct) {
    free(distinct->points);
    free(distinct->sizes);
    free(distinct->which);
    *distinct = (rs_distinct){0};
}
