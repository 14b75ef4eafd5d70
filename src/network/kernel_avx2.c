/* Eight lanes: AVX2 with fused multiply-add. Twelve sums stay in registers. */
#include "network/kernel.h"

#ifdef RS_KERNELS_X86
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#include <immintrin.h>

#define LANES 8
typedef __m256 lanes;
#define SPLAT(x) _mm256_set1_ps(x)
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define LEAST(bound, x) _mm256_min_ps(bound, x)
#define MOST(bound, x) _mm256_max_ps(bound, x)
static const int32_t parts[2 * LANES] = {-1, -1, -1, -1, -1, -1, -1, -1};
#define PART(n) _mm256_loadu_si256((const __m256i *)(parts + LANES - (n)))
#define LOAD_PART(from, n) _mm256_maskload_ps(from, PART(n))
#define STORE_PART(to, n, v) _mm256_maskstore_ps(to, PART(n), v)
#define TILE_ROWS(gates) ((gates) <= 2 ? 6 : (gates) == 3 ? 4 : 3)
#define GROUP 4
#define KERNEL rs_kernel_avx2
#define KERNEL_NAME "avx2"
#define KERNEL_AVAILABLE (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
#include "network/kernel_body.h"

#ifdef __clang__
#pragma clang attribute pop
#endif
#else
typedef int rs_kernel_avx2_is_for_x86;
#endif
