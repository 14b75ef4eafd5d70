/* The arithmetic of the network for one kind of processor. All kernels give the same bits: an output is a sum that starts from the bias
 * (in layer 0 from the symbol's row of a table) and takes one fused multiply-add for each input in ascending order, whatever
 * the number of lanes, of rows and of outputs that are computed together; the activations are one sequence of operations that are
 * correctly rounded everywhere. So a row's result depends on nothing but the row.
 *
 * A panel holds the weights of LANES outputs (units) and all their gates, transposed: [inputs][gates][LANES], zero beyond the last unit.
 * Rows of states are read as they are, one broadcast number for LANES products. */
#ifndef RS_NETWORK_KERNEL_H
#define RS_NETWORK_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "rnnsafe/network.h"

/* Room for any kernel's lanes. */
#define RS_LANES_LIMIT ((size_t)16)

typedef struct rs_kernel {
    const char *name;
    size_t lanes;
    bool (*available)(void); /* on this machine */

    /* One step of `rows` rows; `next` overlaps nothing. scratch: rs_step_scratch floats. */
    void (*step)(const rs_network *net, size_t rows, const float *states, const uint32_t *symbols, float *next, float *scratch);

    /* out[i][j] = bias[j] + sum over k of a[i][k] * w[j][k], then activated, for `rows` rows with stride lda and panels * lanes
     * outputs, packed with one gate; bias and rows of out are as wide. A sigmoid is the logistic function. */
    void (*dense)(size_t rows, size_t inputs, const float *a, size_t lda, size_t panels, const float *w, const float *bias,
                  rs_activation activation, float *out);

    /* The s of cells: rs_network_weights.gate_slope. n is a multiple of lanes. */
    void (*gate)(float slope, size_t n, float *x);
} rs_kernel;

/* The i-th kernel that this machine can run, the fastest one first; NULL when there are no more. The last one runs everywhere. */
const rs_kernel *rs_kernel_get(size_t i);

extern const rs_kernel rs_kernel_plain;
#if defined __x86_64__ && defined __GNUC__
#define RS_KERNELS_X86 1
extern const rs_kernel rs_kernel_avx2, rs_kernel_avx512;
#endif

/* n rounded up to whole panels. */
static inline size_t rs_padded(const rs_kernel *kernel, size_t n) {
    return (n + kernel->lanes - 1) / kernel->lanes * kernel->lanes;
}

/* Sums that a unit's step needs: its gates, and for RS_CELL_GRU U_n h apart from W_n x. They stand as [panel][columns][lanes]. */
size_t rs_cell_columns(rs_cell cell);

#endif
