#include "solver/reverse.h"

#include "core/alloc.h"
#include "core/status.h"

void rs_reverse_free(rs_reverse *v) {
    free(v->first);
    free(v->from);
    free(v->symbol);
}

/* Counting sort. Counts stand two places up, so that filling moves them to where they belong. */
rs_status rs_reverse_new(rs_reverse *v, const rs_product *p) {
    rs_status status = RS_OK;
    size_t n = p->locations, k = p->symbols;
    if (n > SIZE_MAX / k) return rs_fail(RS_EMEMORY, "%zu locations times %zu symbols are too many", n, k);
    RS_TRY_ALLOC(v->first = rs_alloc(n + 3, sizeof *v->first));
    RS_TRY_ALLOC(v->from = rs_alloc(n * k, sizeof *v->from));
    RS_TRY_ALLOC(v->symbol = rs_alloc(n * k, sizeof *v->symbol));
    for (size_t l = 0; l < n; l++)
        for (size_t s = 0; s < k; s++) v->first[rs_product_next(p, l, s) + 2]++;
    for (size_t l = 2; l < n + 3; l++) v->first[l] += v->first[l - 1];
    for (size_t l = 0; l < n; l++)
        for (size_t s = 0; s < k; s++) {
            size_t at = v->first[rs_product_next(p, l, s) + 1]++;
            v->from[at] = l;
            v->symbol[at] = (uint32_t)s;
        }
cleanup:
    return status;
}
