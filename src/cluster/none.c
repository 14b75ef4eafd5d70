/* No geometry: one cluster. What uses clusters tells states apart by other means, or shows what a method adds. */
#include <stdlib.h>
#include <string.h>

#include "cluster/method.h"
#include "core/alloc.h"
#include "core/status.h"
#include "core/text.h"

static rs_status fit(rs_clustering **out, size_t n, size_t d, const float *points, const rs_cluster_options *options,
                     const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_clustering *c = NULL;
    (void)points;
    (void)ctx;
    if (options->clusters > 1)
        return rs_fail(RS_EUSAGE, "the method none makes one cluster, not %zu", options->clusters);
    RS_TRY_ALLOC(c = rs_alloc(1, sizeof *c));
    *c = (rs_clustering){.vtable = &rs_cluster_none, .n = n, .d = d, .k = 1};
    RS_TRY_ALLOC(c->labels = rs_alloc(n, sizeof *c->labels));
    *out = c;
    c = NULL;
cleanup:
    free(c);
    return status;
}

static rs_status assign(const rs_clustering *c, size_t m, const float *points, uint32_t *labels, const rs_context *ctx) {
    (void)c;
    (void)points;
    (void)ctx;
    memset(labels, 0, m * sizeof *labels);
    return RS_OK;
}

static rs_status describe(char **out, const rs_clustering *c, size_t i) {
    rs_text text = {0};
    (void)i;
    rs_text_add(&text, "all %zu points", c->n);
    return rs_text_take(out, &text);
}

static void free_none(rs_clustering *c) {
    free(c->labels);
    free(c);
}

const rs_cluster_vtable rs_cluster_none = {"none", "one cluster: states are told apart only by what the network does from them",
                                           fit, assign, describe, free_none};
