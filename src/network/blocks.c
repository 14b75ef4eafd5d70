/* Many rows as blocks in parallel. All memory is allocated by the calling thread; a block touches its own rows only. */
#include <omp.h>

#include "core/alloc.h"
#include "core/status.h"
#include "network/network.h"

rs_status rs_network_blocks(const rs_network *net, size_t n, size_t (*scratch)(const rs_network *net, size_t rows),
                            rs_block block, void *user, const rs_context *ctx) {
    size_t blocks = (n + RS_STEP_ROWS - 1) / RS_STEP_ROWS, threads = rs_context_threads(ctx);
    if (!n) return RS_OK;
    if (threads > blocks) threads = blocks;
    size_t each = scratch(net, n < RS_STEP_ROWS ? n : RS_STEP_ROWS);
    float *memory = rs_alloc_aligned(threads, each * sizeof *memory);
    if (!memory) return RS_EMEMORY;
    bool stopped = false;
#pragma omp parallel for num_threads((int)threads) schedule(static) reduction(|| : stopped) if (threads > 1)
    for (size_t b = 0; b < blocks; b++) {
        size_t first = b * RS_STEP_ROWS;
        stopped = stopped || rs_context_interrupted(ctx);
        if (!stopped)
            block(net, first, n - first < RS_STEP_ROWS ? n - first : RS_STEP_ROWS,
                  memory + (size_t)omp_get_thread_num() * each, user);
    }
    free(memory);
    return stopped ? rs_fail(RS_EINTERRUPTED, "interrupted") : RS_OK;
}
