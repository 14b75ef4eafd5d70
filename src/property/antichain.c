/* A result is built by offering its candidates one by one: a candidate that includes a kept set is dropped, kept sets
 * that include the candidate are. The kept sets are the end of the pool. */
#include "property/antichain.h"

#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

static bool includes(const rs_set *big, const rs_set *small) {
    for (size_t w = 0; w < RS_SET_WORDS; w++)
        if (small->bits[w] & ~big->bits[w]) return false;
    return true;
}

static rs_status offer(rs_pool *pool, size_t first, rs_set candidate) {
    size_t kept = first;
    pool->work += pool->count - first + 1;
    if (pool->work > pool->limit) return rs_fail(RS_EINPUT, "its monitor takes too long to build");
    for (size_t i = first; i < pool->count; i++)
        if (includes(&candidate, &pool->set[i])) return RS_OK;
    for (size_t i = first; i < pool->count; i++)
        if (!includes(&pool->set[i], &candidate)) pool->set[kept++] = pool->set[i];
    pool->count = kept;
    if (rs_reserve((void **)&pool->set, &pool->capacity, pool->count + 1, sizeof *pool->set) != RS_OK)
        return RS_EMEMORY;
    pool->set[pool->count++] = candidate;
    return RS_OK;
}

rs_status rs_antichain_constant(rs_antichain *out, rs_pool *pool, bool value) {
    rs_status status = RS_OK;
    size_t first = pool->count;
    if (value) RS_TRY(offer(pool, first, (rs_set){{0}}));
    *out = (rs_antichain){first, pool->count - first};
cleanup:
    return status;
}

rs_status rs_antichain_variable(rs_antichain *out, rs_pool *pool, size_t variable) {
    rs_status status = RS_OK;
    size_t first = pool->count;
    rs_set set = {{0}};
    set.bits[variable / 64] = (uint64_t)1 << variable % 64;
    RS_TRY(offer(pool, first, set));
    *out = (rs_antichain){first, 1};
cleanup:
    return status;
}

rs_status rs_antichain_or(rs_antichain *out, rs_pool *pool, rs_antichain x, rs_antichain y) {
    rs_status status = RS_OK;
    size_t first = pool->count;
    for (size_t i = 0; i < x.count; i++) RS_TRY(offer(pool, first, pool->set[x.first + i]));
    for (size_t i = 0; i < y.count; i++) RS_TRY(offer(pool, first, pool->set[y.first + i]));
    *out = (rs_antichain){first, pool->count - first};
cleanup:
    return status;
}

rs_status rs_antichain_and(rs_antichain *out, rs_pool *pool, rs_antichain x, rs_antichain y) {
    rs_status status = RS_OK;
    size_t first = pool->count;
    for (size_t i = 0; i < x.count; i++)
        for (size_t j = 0; j < y.count; j++) {
            rs_set both = pool->set[x.first + i];
            for (size_t w = 0; w < RS_SET_WORDS; w++) both.bits[w] |= pool->set[y.first + j].bits[w];
            RS_TRY(offer(pool, first, both));
        }
    *out = (rs_antichain){first, pool->count - first};
cleanup:
    return status;
}

static int by_bits(const void *x, const void *y) {
    const rs_set *a = x, *b = y;
    for (size_t w = 0; w < RS_SET_WORDS; w++)
        if (a->bits[w] != b->bits[w]) return a->bits[w] < b->bits[w] ? -1 : 1;
    return 0;
}

void rs_antichain_sort(rs_pool *pool, rs_antichain x) {
    if (x.count > 1) qsort(pool->set + x.first, x.count, sizeof *pool->set, by_bits);
}

bool rs_set_has(const rs_set *s, size_t variable) {
    return s->bits[variable / 64] >> variable % 64 & 1;
}
