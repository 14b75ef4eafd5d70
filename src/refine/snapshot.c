/* Machines that the loop may come back to. */
#include "core/alloc.h"
#include "core/status.h"
#include "refine/loop.h"

/* How much worse than the best a coarser machine may agree: as much as 2000 words would hardly show. */
#define TOLERANCE 0.0005

rs_status rs_loop_keep(rs_refinement *r) {
    rs_status status = RS_OK;
    rs_snapshot s = {.nodes = rs_trace_size(r->trace), .significance = r->significance};
    uint32_t *partings = NULL;
    size_t count;
    RS_TRY(rs_partition_update(r->partition, &r->ctx));
    RS_TRY(rs_loop_partings(&partings, &count, &s.agreement, r, r->validation, 1));
    RS_TRY_ALLOC(s.labels = rs_memdup(rs_partition_labels(r->partition), s.nodes, sizeof *s.labels));
    RS_TRY(rs_reserve((void **)&r->kept, &r->kept_capacity, r->kept_count + 1, sizeof *r->kept));
    s.clusters = rs_partition_count(r->partition);
    s.machine = r->machine;
    r->machine = NULL;
    r->kept[r->kept_count++] = s;
    s.labels = NULL;
cleanup:
    free(partings);
    free(s.labels);
    return status;
}

void rs_loop_choose(rs_refinement *r) {
    size_t last = r->kept_count - 1, chosen = 0;
    double best = 0;
    for (size_t i = 0; i <= last; i++)
        if (r->kept[i].agreement > best) best = r->kept[i].agreement;
    if (r->end == RS_END_SETTLED) chosen = last;
    else
        while (r->kept[chosen].agreement < best - TOLERANCE) chosen++;
    for (size_t i = 0; i <= last; i++) {
        if (i == chosen) continue;
        rs_automaton_free(r->kept[i].machine);
        free(r->kept[i].labels);
    }
    r->chosen = r->kept[chosen];
    r->machine = r->chosen.machine;
    r->kept_count = 0;
}
