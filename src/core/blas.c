#include "core/blas.h"

#include <cblas.h>
#include <stdatomic.h>

void rs_blas_init(void) {
    static atomic_flag done = ATOMIC_FLAG_INIT;
    if (!atomic_flag_test_and_set(&done)) openblas_set_num_threads(1);
}

void rs_gemm_nt(size_t m, size_t n, size_t k, const float *a, const float *b, float beta, float *c) {
    if (m && n)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, 1, a, (int)k, b, (int)k, beta, c, (int)n);
}

void rs_gemm_nn(size_t m, size_t n, size_t k, const float *a, const float *b, float beta, float *c) {
    if (m && n)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, a, (int)k, b, (int)n, beta, c, (int)n);
}
