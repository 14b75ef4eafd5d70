/* Many rows as blocks in parallel. All memory is allocated by the calling thread; a block touches its own rows only, and a share of
 * the rows its own scratch memory. */
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

/* Rows first..last-1 block by block; false when an interrupt ended it early. */
static bool run(const job *j, size_t first, size_t last, float *scratch) {
    for (size_t row = first, rows; row < last; row += rows) {
        rows = last - row < RS_STEP_ROWS ? last - row : RS_STEP_ROWS;
        if (rs_context_interrupted(j->ctx)) return false;
        j->block(j->net, row, rows, scratch, j->user);
    }
    return true;
}

rs_status rs_network_blocks(const rs_network *net, size_t n, size_t (*scratch)(const rs_network *net, size_t rows),
                            rs_block block, void *user, const rs_context *ctx) {
    job j = {net, n, block, user, ctx};
    size_t blocks = (n + RS_STEP_ROWS - 1) / RS_STEP_ROWS, shares = rs_context_threads(ctx);
    if (!n) return RS_OK;
    if (shares > blocks) shares = blocks;
    size_t each = scratch(net, n < RS_STEP_ROWS ? n : RS_STEP_ROWS);
    float *memory = rs_alloc_aligned(shares, each * sizeof *memory);
    if (!memory) return RS_EMEMORY;
    bool whole = true;
    if (shares == 1) {
        /* Without OpenMP: entering a parallel region takes longer than a step of a small network. */
        whole = run(&j, 0, n, memory);
    } else {
#pragma omp parallel for num_threads((int)shares) schedule(static, 1) reduction(&& : whole)
        for (size_t s = 0; s < shares; s++)
            whole = run(&j, s * n / shares, (s + 1) * n / shares, memory + s * each) && whole;
    }
    free(memory);
    return whole ? RS_OK : rs_fail(RS_EINTERRUPTED, "interrupted");
}
