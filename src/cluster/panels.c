/* v(c) for tiles of 6 points and 16 centres: 12 accumulators in registers start at |c|^2 and take -2 x.c one coordinate
 * at a time, so that a coordinate costs 2 loads, 6 broadcasts and 12 multiply-adds. Each of 8 lanes keeps the least v
 * it has seen, the group it came from and the second least; lanes are compared once, at the end. Values of v never go
 * to memory. By AVX-512 it is 12 points and vectors of all 16 centres.
 *
 * Invariant: the sum for a point and a centre goes over the coordinates in order, wherever they lie in a tile: it
 * depends on the two alone. */
#include "cluster/panels.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

enum { LANES = 8, WIDTH = 2 * LANES, ROWS = 6 };
#define WIDE __attribute__((target("avx2,fma")))
#define WIDEST __attribute__((target("avx512f")))

bool rs_panels_usable(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

size_t rs_panels_size(size_t k, size_t d) {
    return (k + WIDTH - 1) / WIDTH * WIDTH * (d + 1);
}

void rs_panels_pack(rs_panels *out, size_t k, size_t d, const float *centres, const float *norms, float *memory) {
    size_t count = (k + WIDTH - 1) / WIDTH;
    *out = (rs_panels){.d = d,
                       .count = count,
                       .packed = memory,
                       .norms = memory + count * WIDTH * d,
                       .by_16 = __builtin_cpu_supports("avx512f")};
    memset(memory, 0, count * WIDTH * d * sizeof *memory);
    for (size_t j = 0; j < count * WIDTH; j++) out->norms[j] = j < k ? norms[j] : INFINITY;
    for (size_t j = 0; j < k; j++)
        for (size_t x = 0; x < d; x++) memory[(j / WIDTH * d + x) * WIDTH + j % WIDTH] = -2 * centres[j * d + x];
}

/* What the lanes of one point have seen. */
typedef struct seen {
    __m256 least, second;
    __m256i group; /* of 8 centres */
} seen;

WIDE static inline void look(seen *s, __m256 v, __m256i group) {
    __m256 less = _mm256_cmp_ps(v, s->least, _CMP_LT_OQ);
    s->second = _mm256_min_ps(s->second, _mm256_max_ps(v, s->least));
    s->least = _mm256_min_ps(v, s->least);
    s->group = _mm256_blendv_epi8(s->group, group, _mm256_castps_si256(less));
}

/* The lanes' best and second best of all. */
WIDE static inline void conclude(const seen *s, uint32_t *label, float *least, float *second) {
    float first[LANES], next[LANES];
    uint32_t group[LANES];
    memcpy(first, &s->least, sizeof first);
    memcpy(next, &s->second, sizeof next);
    memcpy(group, &s->group, sizeof group);
    size_t best = 0;
    for (size_t i = 1; i < LANES; i++)
        if (first[i] < first[best]) best = i;
    float other = next[best];
    for (size_t i = 0; i < LANES; i++)
        if (i != best && first[i] < other) other = first[i];
    *label = group[best] * LANES + (uint32_t)best;
    *least = first[best];
    *second = other;
}

#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#define START(r) __m256 a##r = low, b##r = high;
#define STEP(r)                                                                                                        \
    x = _mm256_broadcast_ss(points[r] + i);                                                                            \
    a##r = _mm256_fmadd_ps(x, low, a##r);                                                                              \
    b##r = _mm256_fmadd_ps(x, high, b##r);
#define LOOK(r)                                                                                                        \
    look(s + r, a##r, _mm256_set1_epi32((int)(2 * p)));                                                                \
    look(s + r, b##r, _mm256_set1_epi32((int)(2 * p + 1)));

WIDE static void tile(const rs_panels *panels, const float *const points[ROWS], seen s[ROWS]) {
    for (size_t p = 0; p < panels->count; p++) {
        const float *centre = panels->packed + p * panels->d * WIDTH;
        __m256 x, low = _mm256_loadu_ps(panels->norms + p * WIDTH),
                  high = _mm256_loadu_ps(panels->norms + p * WIDTH + LANES);
        EACH_ROW(START)
        for (size_t i = 0; i < panels->d; i++, centre += WIDTH) {
            low = _mm256_loadu_ps(centre);
            high = _mm256_loadu_ps(centre + LANES);
            EACH_ROW(STEP)
        }
        EACH_ROW(LOOK)
    }
}

WIDE static void nearest_by_8(const rs_panels *panels, size_t rows, const float *const *points, uint32_t *labels,
                              float *least, float *second) {
    for (size_t first = 0; first < rows; first += ROWS) {
        const float *row[ROWS];
        seen s[ROWS];
        size_t count = rows - first < ROWS ? rows - first : ROWS;
        for (size_t r = 0; r < ROWS; r++) {
            row[r] = points[first + (r < count ? r : 0)];
            s[r] = (seen){_mm256_set1_ps(INFINITY), _mm256_set1_ps(INFINITY), _mm256_setzero_si256()};
        }
        tile(panels, row, s);
        for (size_t r = 0; r < count; r++) conclude(s + r, labels + first + r, least + first + r, second + first + r);
    }
}

/* The same with all 16 centres of a panel in one vector, for 12 points at a time. */
typedef struct seen16 {
    __m512 least, second;
    __m512i panel;
} seen16;

WIDEST static inline void look16(seen16 *s, __m512 v, __m512i panel) {
    __mmask16 less = _mm512_cmp_ps_mask(v, s->least, _CMP_LT_OQ);
    s->second = _mm512_min_ps(s->second, _mm512_max_ps(v, s->least));
    s->least = _mm512_min_ps(v, s->least);
    s->panel = _mm512_mask_mov_epi32(s->panel, less, panel);
}

WIDEST static inline void conclude16(const seen16 *s, uint32_t *label, float *least, float *second) {
    uint32_t panel[WIDTH];
    memcpy(panel, &s->panel, sizeof panel);
    *least = _mm512_reduce_min_ps(s->least);
    uint32_t lanes = _mm512_cmp_ps_mask(s->least, _mm512_set1_ps(*least), _CMP_EQ_OQ), best = 0;
    while (best + 1 < WIDTH && !(lanes >> best & 1)) best++;
    *second = _mm512_reduce_min_ps(_mm512_mask_mov_ps(s->least, (__mmask16)(1u << best), s->second));
    *label = panel[best] * WIDTH + best;
}

#define EACH_OF_12(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#define START16(r) __m512 v##r = norms;
#define STEP16(r) v##r = _mm512_fmadd_ps(_mm512_set1_ps(points[r][i]), values, v##r);
#define LOOK16(r) look16(s + r, v##r, panel);

WIDEST static void tile16(const rs_panels *panels, const float *const points[2 * ROWS], seen16 s[2 * ROWS]) {
    for (size_t p = 0; p < panels->count; p++) {
        const float *centre = panels->packed + p * panels->d * WIDTH;
        __m512 norms = _mm512_loadu_ps(panels->norms + p * WIDTH);
        __m512i panel = _mm512_set1_epi32((int)p);
        EACH_OF_12(START16)
        for (size_t i = 0; i < panels->d; i++, centre += WIDTH) {
            __m512 values = _mm512_loadu_ps(centre);
            EACH_OF_12(STEP16)
        }
        EACH_OF_12(LOOK16)
    }
}

WIDEST static void nearest_by_16(const rs_panels *panels, size_t rows, const float *const *points, uint32_t *labels,
                                 float *least, float *second) {
    for (size_t first = 0; first < rows; first += 2 * ROWS) {
        const float *row[2 * ROWS];
        seen16 s[2 * ROWS];
        size_t count = rows - first < 2 * ROWS ? rows - first : 2 * ROWS;
        for (size_t r = 0; r < 2 * ROWS; r++) {
            row[r] = points[first + (r < count ? r : 0)];
            s[r] = (seen16){_mm512_set1_ps(INFINITY), _mm512_set1_ps(INFINITY), _mm512_setzero_si512()};
        }
        tile16(panels, row, s);
        for (size_t r = 0; r < count; r++) conclude16(s + r, labels + first + r, least + first + r, second + first + r);
    }
}

void rs_panels_nearest_at(const rs_panels *panels, size_t rows, const float *const *points, uint32_t *labels,
                          float *least, float *second) {
    (panels->by_16 ? nearest_by_16 : nearest_by_8)(panels, rows, points, labels, least, second);
}
