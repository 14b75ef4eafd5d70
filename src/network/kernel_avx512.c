/* Sixteen lanes: AVX-512. Twenty-four sums stay in registers. */
#include "network/kernel.h"

#ifdef RS_KERNELS_X86
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx2,fma")
#endif
#include <immintrin.h>

#define LANES 16
typedef __m512 lanes;
#define SPLAT(x) _mm512_set1_ps(x)
#define FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define LEAST(bound, x) _mm512_min_ps(bound, x)
#define MOST(bound, x) _mm512_max_ps(bound, x)
#define PART(n) ((__mmask16)((1u << (n)) - 1))
#define LOAD_PART(from, n) _mm512_maskz_loadu_ps(PART(n), from)
#define STORE_PART(to, n, v) _mm512_mask_storeu_ps(to, PART(n), v)
#define TILE_ROWS(gates) ((gates) <= 2 ? 12 : (gates) == 3 ? 8 : 6)
#define GROUP 8
#define KERNEL rs_kernel_avx512
#define KERNEL_NAME "avx512"
#define KERNEL_AVAILABLE (__builtin_cpu_supports("avx512f"))
#include "network/kernel_body.h"

#ifdef __clang__
#pragma clang attribute pop
#endif
#else
typedef int rs_kernel_avx512_is_for_x86;
#endif
