/* Steps of many rows, and runs of one word.
 *
 * Rows are computed by the network's kernel in blocks of RS_STEP_ROWS, a block through all its steps, blocks in
 * parallel. Invariant: every element of a row is computed by the same operations in the same order, whatever its block
 * holds. */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "network/network.h"

size_t rs_step_scratch(const rs_network *net, size_t rows) {
    return net->weights.cell == RS_CELL_GRU_BEFORE ? 3 * rows * rs_padded(net->kernel, net->weights.hidden) : 0;
}

/* The old states of a block stand before the kernel's scratch memory where the new ones overwrite them. */
static size_t block_scratch(const rs_network *net, size_t rows) {
    return rs_step_scratch(net, rows) + rows * net->state_size;
}

typedef struct step_job {
    size_t n, length;
    const float *states;
    const uint32_t *symbols;
    float *next;
    const rs_context *ctx;
} step_job;

static void step_block(const rs_network *net, size_t first, size_t rows, float *scratch, void *user) {
    const step_job *job = user;
    size_t at = first * net->state_size, count = rows * net->state_size;
    const float *states = job->states + at;
    if (job->states == job->next) states = memcpy(scratch, states, count * sizeof *scratch);
    for (size_t t = 0; t < job->length && !rs_context_interrupted(job->ctx); t++) {
        float *next = job->next + t * job->n * net->state_size + at;
        net->kernel->step(net, rows, states, job->symbols + t * job->n + first, next, scratch + count);
        rs_context_count_steps(job->ctx, rows);
        states = next;
    }
}

rs_status rs_network_step(const rs_network *net, size_t n, const float *states, const uint32_t *symbols, float *next,
                          const rs_context *ctx) {
    return rs_network_steps(net, n, 1, states, symbols, next, ctx);
}

rs_status rs_network_steps(const rs_network *net, size_t n, size_t length, const float *states, const uint32_t *symbols,
                           float *next, const rs_context *ctx) {
    step_job job = {n, length, states, symbols, next, ctx};
    rs_status status = rs_network_blocks(net, n, block_scratch, step_block, &job, ctx);
    return status == RS_OK ? rs_context_check(ctx) : status; /* a block may have ended early */
}

static bool finite(size_t n, const float *values) {
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i])) return false;
    return true;
}

/* States that are classified together while a word runs. */
#define RUN_ROWS RS_STEP_ROWS

rs_status rs_network_run(const rs_network *net, const uint32_t *word, size_t length, uint32_t *classes, float *states,
                         const rs_context *ctx) {
    rs_status status = RS_OK;
    float *scratch = NULL, *recent = NULL;
    size_t S = net->state_size;
    const float *state = net->weights.initial;
    RS_TRY_ALLOC(scratch = rs_alloc_aligned(rs_step_scratch(net, 1), sizeof *scratch));
    if (!states) RS_TRY_ALLOC(recent = rs_alloc_aligned(RUN_ROWS * S, sizeof *recent));
    for (size_t done = 0; done < length;) {
        size_t rows = length - done < RUN_ROWS ? length - done : RUN_ROWS;
        float *to = states ? states + done * S : recent;
        RS_TRY(rs_context_check(ctx));
        for (size_t i = 0; i < rows; i++, state = to + (i - 1) * S) {
            net->kernel->step(net, 1, state, word + done + i, to + i * S, scratch);
            if (finite(S, to + i * S)) continue;
            status =
                rs_fail(RS_EINPUT, "the hidden state after symbol %zu of the word overflows float32", done + i + 1);
            goto cleanup;
        }
        rs_context_count_steps(ctx, rows);
        RS_TRY(rs_network_classify(net, rows, to, classes + done, ctx));
        done += rows;
    }
cleanup:
    free(scratch);
    free(recent);
    return status;
}
