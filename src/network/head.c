/* Hidden states to logits to classes: dense layers over h of the last layer, in blocks as the step.
 *
 * Logits are those of PyTorch before any softmax, which does not change the class. */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "network/network.h"

size_t rs_head_scratch(const rs_network *net, size_t rows) {
    return 2 * rows * net->head_width;
}

void rs_head_rows(const rs_network *net, size_t rows, const float *states, float *logits, float *scratch) {
    const rs_network_weights *w = &net->weights;
    const float *from = states + (w->layers - 1) * w->hidden;
    size_t stride = net->state_size;
    for (size_t i = 0; i < w->head_layers; i++) {
        const rs_dense *d = &w->head[i];
        float *to = scratch + i % 2 * rows * net->head_width;
        size_t width = rs_padded(net->kernel, d->rows);
        net->kernel->dense(rows, d->columns, from, stride, width / net->kernel->lanes, net->packed_head[i].weight,
                           net->packed_head[i].bias, d->activation, to);
        from = to;
        stride = width;
    }
    for (size_t r = 0; r < rows; r++)
        memcpy(logits + r * net->logits_size, from + r * stride, net->logits_size * sizeof *logits);
}

/* NaN counts as the largest, the first one of several, as in PyTorch's argmax. */
uint32_t rs_head_class(const rs_network *net, const float *logits) {
    if (net->logits_size == 1) return logits[0] > net->weights.threshold;
    uint32_t best = 0;
    for (uint32_t i = 1; i < net->logits_size; i++)
        if (logits[i] > logits[best] || (isnan(logits[i]) && !isnan(logits[best]))) best = i;
    return best;
}

typedef struct head_job {
    const float *states;
    float *logits;     /* of rs_network_logits */
    uint32_t *classes; /* of rs_network_classify */
} head_job;

static void logits_block(const rs_network *net, size_t first, size_t rows, float *scratch, void *user) {
    const head_job *job = user;
    rs_head_rows(net, rows, job->states + first * net->state_size, job->logits + first * net->logits_size, scratch);
}

/* The logits of a block follow its scratch memory. */
static size_t class_scratch(const rs_network *net, size_t rows) {
    return rs_head_scratch(net, rows) + rows * rs_padded(net->kernel, net->logits_size);
}

static void class_block(const rs_network *net, size_t first, size_t rows, float *scratch, void *user) {
    const head_job *job = user;
    float *logits = scratch + rs_head_scratch(net, rows);
    rs_head_rows(net, rows, job->states + first * net->state_size, logits, scratch);
    for (size_t i = 0; i < rows; i++) job->classes[first + i] = rs_head_class(net, logits + i * net->logits_size);
}

rs_status rs_network_logits(const rs_network *net, size_t n, const float *states, float *logits, const rs_context *ctx) {
    head_job job = {.states = states, .logits = logits};
    return rs_network_blocks(net, n, rs_head_scratch, logits_block, &job, ctx);
}

rs_status rs_network_classify(const rs_network *net, size_t n, const float *states, uint32_t *classes,
                              const rs_context *ctx) {
    head_job job = {.states = states, .classes = classes};
    return rs_network_blocks(net, n, class_scratch, class_block, &job, ctx);
}
