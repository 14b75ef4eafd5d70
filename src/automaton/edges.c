/* What readers share: edges in any order become the complete, deterministic table of a machine, and names are checked
 * where they stand. */
#include <string.h>

#include "automaton/moore.h"
#include "core/alloc.h"
#include "core/status.h"
#include "core/utf8.h"

rs_status rs_edges_table(uint32_t **edge_of, const char *file, const rs_names *alphabet, const rs_names *states,
                         const rs_place *state_places, size_t count, const rs_edge *edges) {
    rs_status status = RS_OK;
    size_t n = rs_names_count(states), m = rs_names_count(alphabet);
    size_t *past = NULL;
    uint32_t *sorted = NULL, *seen = NULL, *table = NULL;
    if (count >= UINT32_MAX) return rs_fail(RS_EINPUT, "%s: %zu edges are too many", file, count);
    RS_TRY_ALLOC(past = rs_alloc(n + 1, sizeof *past));
    RS_TRY_ALLOC(sorted = rs_alloc(count, sizeof *sorted));
    RS_TRY_ALLOC(seen = rs_alloc(m, sizeof *seen)); /* seen[symbol] = state + 1 */
    /* Edges by state, in the file's order: past[q] ends up where state q's edges end. */
    for (size_t i = 0; i < count; i++) past[edges[i].from + 1]++;
    for (size_t q = 0; q < n; q++) past[q + 1] += past[q];
    for (size_t i = 0; i < count; i++) sorted[past[edges[i].from]++] = (uint32_t)i;
    for (size_t q = 0, i = 0; q < n; q++) {
        size_t first = i;
        for (; i < past[q]; i++) {
            const rs_edge *e = &edges[sorted[i]];
            if (seen[e->symbol] == q + 1) {
                status = rs_fail_at(file, e->place.line, e->place.column, "state \"%s\" has a second edge for \"%s\"",
                                    rs_names_get(states, q), rs_names_get(alphabet, e->symbol));
                goto cleanup;
            }
            seen[e->symbol] = (uint32_t)q + 1;
        }
        if (i - first == m) continue;
        size_t s = 0;
        while (seen[s] == q + 1) s++;
        status = rs_fail_at(file, state_places[q].line, state_places[q].column,
                            "state \"%s\" has no edge for \"%s\"; every state needs one for every symbol",
                            rs_names_get(states, q), rs_names_get(alphabet, s));
        goto cleanup;
    }
    RS_TRY_ALLOC(table = rs_alloc(count, sizeof *table)); /* count = n*m */
    for (size_t i = 0; i < count; i++) table[edges[i].from * m + edges[i].symbol] = (uint32_t)i;
    *edge_of = table;
cleanup:
    free(past);
    free(sorted);
    free(seen);
    return status;
}

rs_status rs_check_name(const char *file, rs_place place, const char *what, const char *name, size_t length) {
    if (!length) return rs_fail_at(file, place.line, place.column, "%s without a name", what);
    if (!rs_utf8_valid(name, length)) return rs_fail_at(file, place.line, place.column, "%s is not UTF-8", what);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)name[i] <= 32 || name[i] == 127)
            return rs_fail_at(file, place.line, place.column, "%s \"%.*s\" holds white space or a control character",
                              what, (int)(length < 60 ? length : 60), name);
    return RS_OK;
}
