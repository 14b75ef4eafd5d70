/* v(c) for tiles of 6 points and 16 centres: 12 accumulators in registers start at |c|^2 and take -2 x.c one coordinate
 * at a time, so that a coordinate costs 2 loads, 6 broadcasts and 12 multiply-adds. Each of 8 lanes keeps the least v
 * it has seen, the group it came from and the second least; lanes are compared once, at the end. Values of v never go
 * to memory.
 *
 * Invariant: the sum for a point and a centre goes over the coordinates in order, wherever they lie in a tile: it
 * depends on the two alone. */
#include "cluster/panels.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

enum { LANES = 8, WIDTH = 2 * LANES, ROWS = 6, GATHERED = 16 * ROWS };
#define WIDE __attribute__((target("avx2,fma")))

bool rs_panels_usable(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

size_t rs_panels_size(size_t k, size_t d) {
    return (k + WIDTH - 1) / WIDTH * WIDTH * (d + 1);
}

void rs_panels_pack(rs_panels *out, size_t k, size_t d, const float *centres, const float *norms, float *memory) {
    size_t count = (k + WIDTH - 1) / WIDTH;
    *out = (rs_panels){.d = d, .count = count, .packed = memory, .norms = memory + count * WIDTH * d};
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

WIDE void rs_panels_nearest_at(const rs_panels *panels, size_t rows, const float *const *points, uint32_t *labels,
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

void rs_panels_nearest(const rs_panels *panels, size_t rows, const float *points, uint32_t *labels, float *least,
                       float *second) {
    for (size_t first = 0; first < rows; first += GATHERED) {
        const float *row[GATHERED];
        size_t count = rows - first < GATHERED ? rows - first : GATHERED;
        for (size_t r = 0; r < count; r++) row[r] = points + (first + r) * panels->d;
        rs_panels_nearest_at(panels, count, row, labels + first, least + first, second + first);
    }
}
