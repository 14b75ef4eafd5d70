/* Machines that the loop may come back to. */
#include "core/alloc.h"
#include "core/status.h"
#include "refine/loop.h"

/* How much worse than the best a coarser machine may agree: as much as 2000 words would hardly show. */
#define TOLERANCE 0.0005

rs_status rs_loop_keep(rs_refinement *r) {
    rs_status status = RS_OK;
    rs_snapshot s = {.nodes = rs_trace_size(r->trace), .significance = r->significance};
    RS_TRY(rs_partition_update(r->partition, &r->ctx));
    RS_TRY_ALLOC(s.labels = rs_memdup(rs_partition_labels(r->partition), s.nodes, sizeof *s.labels));
    RS_TRY(rs_reserve((void **)&r->kept, &r->kept_capacity, r->kept_count + 1, sizeof *r->kept));
    s.clusters = rs_partition_count(r->partition);
    s.machine = r->machine;
    r->machine = NULL;
    r->kept[r->kept_count++] = s;
    s.labels = NULL;
cleanup:
    free(s.labels);
    return status;
}

static void snapshot_free(rs_snapshot *s) {
    rs_automaton_free(s->machine);
    free(s->labels);
}

rs_status rs_loop_replace(rs_refinement *r, size_t levels) {
    rs_status status = rs_loop_keep(r);
    if (status != RS_OK || r->kept_count < levels + 2) return status;
    snapshot_free(&r->kept[levels]);
    r->kept[levels] = r->kept[--r->kept_count];
    return RS_OK;
}

/* The coarsest snapshot that agrees nearly as well as the best. */
static rs_status best_snapshot(size_t *chosen, rs_refinement *r) {
    rs_status status = RS_OK;
    uint32_t *partings = NULL;
    size_t count;
    double best = 0;
    RS_TRY(rs_loop_validation(r));
    for (size_t i = 0; i < r->kept_count; i++) {
        RS_TRY(rs_loop_partings(&partings, &count, &r->kept[i].agreement, r->kept[i].machine, r->validation, 1));
        free(partings);
        partings = NULL;
        if (r->kept[i].agreement > best) best = r->kept[i].agreement;
    }
    *chosen = 0;
    while (r->kept[*chosen].agreement < best - TOLERANCE) ++*chosen;
cleanup:
    return status;
}

rs_status rs_loop_choose(rs_refinement *r) {
    size_t last = r->kept_count - 1, chosen = last;
    rs_status status = r->end == RS_END_SETTLED ? RS_OK : best_snapshot(&chosen, r);
    if (status != RS_OK) return status;
    for (size_t i = 0; i <= last; i++) {
        if (i == chosen) continue;
        snapshot_free(&r->kept[i]);
    }
    r->chosen = r->kept[chosen];
    r->machine = r->chosen.machine;
    r->kept_count = 0;
    return RS_OK;
}
