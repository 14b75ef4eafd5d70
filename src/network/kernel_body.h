/* A kernel, for the lanes that the including file defines: LANES, lanes (a vector of so many floats), SPLAT, FMA,
 * LOAD_PART and STORE_PART of fewer than LANES floats, LEAST(bound, x) and MOST(bound, x), which give x when it is NaN,
 * TILE_ROWS(gates), GROUP (the most vectors that go through the activations together), and KERNEL with its name.
 * Included by one .c file a kernel, so no include guard. */

#include "network/network.h"

extern const rs_kernel KERNEL;

#include "network/kernel_cells.h"

typedef struct dense_work {
    size_t inputs, stride, width;
    const float *a, *w, *bias;
    rs_activation activation;
    float *out;
} dense_work;

INLINE void dense_tile(void *user, const size_t R, const size_t B, size_t row, size_t panel) {
    const dense_work *d = user;
    lanes s[SUMS];
    UNROLL for (size_t v = 0; v < R * B; v++) s[v] = load(d->bias + (panel + v % B) * LANES);
    accumulate(R, B, 1, 0, 1, 1,
               (product){d->inputs, d->a + row * d->stride, d->stride, d->w + panel * d->inputs * LANES}, s);
    UNROLL for (size_t v = 0; v < R * B; v++)
        store(d->out + (row + v / B) * d->width + (panel + v % B) * LANES, activated(d->activation, s[v]));
}

static void dense(size_t rows, size_t inputs, const float *a, size_t lda, size_t panels, const float *w,
                  const float *bias, rs_activation activation, float *out) {
    dense_work d = {inputs, lda, panels * LANES, a, w, bias, activation, out};
    tiles(1, rows, panels, &d, dense_tile);
}

static void gate(float slope, size_t n, float *x) {
    for (size_t i = 0; i < n; i += LANES) {
        lanes v = load(x + i);
        sigmoid(slope, 1, &v);
        store(x + i, v);
    }
}

static bool available(void) {
    return KERNEL_AVAILABLE;
}

const rs_kernel KERNEL = {KERNEL_NAME, LANES, available, step, dense, gate};
