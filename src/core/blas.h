/* Matrices over BLAS: row-major, single precision, one thread a call. rnnsafe splits work into blocks of rows itself, because
 * the threads of OpenBLAS spin. */
#ifndef RS_CORE_BLAS_H
#define RS_CORE_BLAS_H

#include <stddef.h>

/* Rows of a block: work on many rows is split at multiples of this, whatever the number of threads, so that a row's
 * result is the same for all of them. */
#define RS_BLOCK_ROWS 256

/* Tells OpenBLAS to use one thread. Called by whatever uses it; cheap, and safe from several threads. */
void rs_blas_init(void);

/* c[m*n] = a[m*k] b[n*k]^T + beta c. */
void rs_gemm_nt(size_t m, size_t n, size_t k, const float *a, const float *b, float beta, float *c);
/* c[m*n] = a[m*k] b[k*n] + beta c. */
void rs_gemm_nn(size_t m, size_t n, size_t k, const float *a, const float *b, float beta, float *c);

#endif
