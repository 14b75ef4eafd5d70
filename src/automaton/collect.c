#include "automaton/collect.h"

#include "core/alloc.h"
#include "core/status.h"
#include "core/table.h"

struct rs_collected {
    char *name;
    size_t index;
    UT_hash_handle hh;
};

size_t rs_collect_find(const rs_collector *c, const char *name, size_t length) {
    struct rs_collected *found;
    HASH_FIND(hh, c->table, name, length, found);
    return found ? found->index : SIZE_MAX;
}

rs_status rs_collect(rs_collector *c, const char *name, size_t length, uint32_t *index) {
    rs_status status = RS_OK;
    struct rs_collected *new = NULL;
    size_t found = rs_collect_find(c, name, length);
    if (found == SIZE_MAX) {
        RS_TRY_ALLOC(new = rs_alloc(1, sizeof *new));
        RS_TRY_ALLOC(new->name = rs_strndup(name, length));
        new->index = found = c->count;
        HASH_ADD_KEYPTR(hh, c->table, new->name, length, new);
        RS_TRY_ALLOC(RS_TABLE_ADDED(new) ? new : NULL);
        c->count++;
        new = NULL;
    }
    *index = (uint32_t)found;
cleanup:
    if (new) free(new->name);
    free(new);
    return status;
}

rs_status rs_collect_names(rs_names **out, const rs_collector *c, const char *what) {
    rs_status status = RS_OK;
    size_t i = 0;
    const char **names = rs_alloc(c->count, sizeof *names);
    RS_TRY_ALLOC(names);
    for (const struct rs_collected *e = c->table; e; e = e->hh.next) names[i++] = e->name;
    RS_TRY(rs_names_new(out, what, c->count, names));
cleanup:
    free(names);
    return status;
}

void rs_collector_free(rs_collector *c) {
    struct rs_collected *e, *following;
    HASH_ITER(hh, c->table, e, following) {
        HASH_DEL(c->table, e);
        free(e->name);
        free(e);
    }
    *c = (rs_collector){0};
}
