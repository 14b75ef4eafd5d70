/* Six queries by two vectors of rows stay in registers, so that a coordinate costs two loads of rows, six broadcasts
 * and twelve multiply-adds. */
#include "cluster/sights.h"

#include <immintrin.h>

enum { ROWS = 64 };

static void measure_plain(float *v, bool *open, size_t d, const float *const *queries, const float *limits,
                          const float *tiles, const float *norms) {
    for (size_t q = 0; q < RS_SIGHTS; q++) {
        open[q] = false;
        for (size_t j = 0; j < ROWS; j++) {
            float sum = norms[j];
            for (size_t x = 0; x < d; x++) sum += tiles[(j / RS_TILE * d + x) * RS_TILE + j % RS_TILE] * queries[q][x];
            v[q * ROWS + j] = sum;
            open[q] = open[q] || !(sum > limits[q]);
        }
    }
}

#define EACH_QUERY(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)

#define START(q) __m512 a##q = low, b##q = high;
#define STEP(q)                                                                                                        \
    value = _mm512_set1_ps(queries[q][x]);                                                                             \
    a##q = _mm512_fmadd_ps(value, low, a##q);                                                                          \
    b##q = _mm512_fmadd_ps(value, high, b##q);
#define FINISH(q)                                                                                                      \
    _mm512_store_ps(v + q * ROWS + j, a##q);                                                                           \
    _mm512_store_ps(v + q * ROWS + j + RS_TILE, b##q);                                                                 \
    value = _mm512_set1_ps(limits[q]);                                                                                 \
    near[q] |= _mm512_cmp_ps_mask(a##q, value, _CMP_NGT_UQ) | _mm512_cmp_ps_mask(b##q, value, _CMP_NGT_UQ);

static __attribute__((target("avx512f"))) void measure_avx512(float *v, bool *open, size_t d,
                                                              const float *const *queries, const float *limits,
                                                              const float *tiles, const float *norms) {
    unsigned near[RS_SIGHTS] = {0};
    for (size_t j = 0; j < ROWS; j += 2 * RS_TILE) {
        const float *row = tiles + j * d;
        __m512 value, low = _mm512_load_ps(norms + j), high = _mm512_load_ps(norms + j + RS_TILE);
        EACH_QUERY(START)
        for (size_t x = 0; x < d; x++, row += RS_TILE) {
            low = _mm512_load_ps(row);
            high = _mm512_load_ps(row + d * RS_TILE);
            EACH_QUERY(STEP)
        }
        EACH_QUERY(FINISH)
    }
    for (size_t q = 0; q < RS_SIGHTS; q++) open[q] = near[q];
}

#undef START
#undef STEP
#undef FINISH
#define START(q) __m256 a##q = low, b##q = high;
#define STEP(q)                                                                                                        \
    value = _mm256_broadcast_ss(queries[q] + x);                                                                       \
    a##q = _mm256_fmadd_ps(value, low, a##q);                                                                          \
    b##q = _mm256_fmadd_ps(value, high, b##q);
#define FINISH(q)                                                                                                      \
    _mm256_store_ps(v + q * ROWS + j, a##q);                                                                           \
    _mm256_store_ps(v + q * ROWS + j + RS_TILE / 2, b##q);                                                             \
    value = _mm256_broadcast_ss(limits + q);                                                                           \
    value = _mm256_or_ps(_mm256_cmp_ps(a##q, value, _CMP_NGT_UQ), _mm256_cmp_ps(b##q, value, _CMP_NGT_UQ));            \
    near[q] |= _mm256_movemask_ps(value);

static __attribute__((target("avx2,fma"))) void measure_avx2(float *v, bool *open, size_t d,
                                                             const float *const *queries, const float *limits,
                                                             const float *tiles, const float *norms) {
    int near[RS_SIGHTS] = {0};
    for (size_t j = 0; j < ROWS; j += RS_TILE) {
        const float *row = tiles + j * d;
        __m256 value, low = _mm256_load_ps(norms + j), high = _mm256_load_ps(norms + j + RS_TILE / 2);
        EACH_QUERY(START)
        for (size_t x = 0; x < d; x++, row += RS_TILE) {
            low = _mm256_load_ps(row);
            high = _mm256_load_ps(row + RS_TILE / 2);
            EACH_QUERY(STEP)
        }
        EACH_QUERY(FINISH)
    }
    for (size_t q = 0; q < RS_SIGHTS; q++) open[q] = near[q];
}

rs_sights_measurer *rs_sights_measurer_of(size_t i) {
    rs_sights_measurer *found[3] = {NULL};
    size_t count = 0;
    if (__builtin_cpu_supports("avx512f")) found[count++] = measure_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) found[count++] = measure_avx2;
    found[count++] = measure_plain;
    return i < count ? found[i] : NULL;
}
