/* Products with a packed weight matrix, row by row.
 *
 * A row's result must not depend on how many rows are computed with it: a counterexample is replayed alone and must meet the
 * bits that were recorded in a batch. General BLAS does not promise that; here every element is summed in the order of k,
 * product and sum each rounded, whatever the number of rows. */
#ifndef RS_NETWORK_PRODUCT_H
#define RS_NETWORK_PRODUCT_H

#include <stddef.h>

/* Columns of a panel. */
#define RS_PANEL ((size_t)16)

/* n rounded up to whole panels. */
size_t rs_padded(size_t n);

/* Packs w[gates*rows * columns], row-major, into gates * rs_padded(rows) / RS_PANEL panels, each [columns][RS_PANEL]:
 * transposed, so that lane j of a panel is a row of w; lanes past a gate's rows are zero. */
void rs_product_pack(float *panels, const float *w, size_t gates, size_t rows, size_t columns);

/* c[i][j] += sum over k of a[i][k] * w[j][k] for m rows, j over `panels` * RS_PANEL columns. Strides lda and ldc in floats; c
 * and panels aligned to 64 bytes, ldc a multiple of RS_PANEL. */
void rs_product_add(size_t m, size_t k, const float *a, size_t lda, size_t panels, const float *w, float *c, size_t ldc);

#endif
