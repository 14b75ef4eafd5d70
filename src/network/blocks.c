/* Many rows as blocks in parallel. All memory is allocated by the calling thread; a block touches its own rows only. */
#include <omp.h>

#include "core/alloc.h"
#include "core/status.h"
#include "network/network.h"

typedef struct job {
    const rs_network *net;
    size_t n;
    rs_block block;
    void *user;
    const rs_context *ctx;
} job;

/* Block b; false when it was not run because of an interrupt. */
static bool run(const job *j, size_t b, float *scratch) {
    size_t first = b * RS_STEP_ROWS, left = j->n - first;
    if (rs_context_interrupted(j->ctx)) return false;
    j->block(j->net, first, left < RS_STEP_ROWS ? left : RS_STEP_ROWS, scratch, j->user);
    return true;
}

rs_status rs_network_blocks(const rs_network *net, size_t n, size_t (*scratch)(const rs_network *net, size_t rows),
                            rs_block block, void *user, const rs_context *ctx) {
    job j = {net, n, block, user, ctx};
    size_t blocks = (n + RS_STEP_ROWS - 1) / RS_STEP_ROWS, threads = rs_context_threads(ctx);
    if (!n) return RS_OK;
    if (threads > blocks) threads = blocks;
    size_t each = scratch(net, n < RS_STEP_ROWS ? n : RS_STEP_ROWS);
    float *memory = rs_alloc_aligned(threads, each * sizeof *memory);
    if (!memory) return RS_EMEMORY;
    bool whole = true;
    if (threads == 1) {
        /* Without OpenMP: entering a parallel region takes longer than a step of a small network. */
        for (size_t b = 0; b < blocks && whole; b++) whole = run(&j, b, memory);
    } else {
#pragma omp parallel for num_threads((int)threads) schedule(static) reduction(&& : whole)
        for (size_t b = 0; b < blocks; b++)
            whole = whole && run(&j, b, memory + (size_t)omp_get_thread_num() * each);
    }
    free(memory);
    return whole ? RS_OK : rs_fail(RS_EINTERRUPTED, "interrupted");
}
