/* Vectors of 8 numbers, compiled for AVX2 and for whatever there is; products are rounded before they are added, so
 * that both give the same.
 *
 * Points side by side make sums of squares without sums across a vector: y = (x - m) P for 16 points and 6 columns of P
 * at a time stays in 12 registers, and 5/6 of the zeros of P are never looked at. As only squares are added, a sum that
 * is too large already settles that a component is out of the question. Moments go over rows instead: 4 coordinates
 * times 16.
 *
 * exp(x) = 2^n e^r with n = round(x / ln 2), r by Cody and Waite in two steps, and e^r by the polynomial of Moshier's
 * Cephes library: within 2 units in the last place for -RS_TILE_CUT <= x <= 0. Adding MAGIC rounds and leaves n in the
 * lowest bits. */
#include "cluster/gaussian.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef float lanes __attribute__((vector_size(32)));
typedef uint32_t bits __attribute__((vector_size(32)));
enum { LANES = sizeof(lanes) / sizeof(float), HALVES = RS_TILE / LANES };
#define MAGIC 0x1.8p23f
#define INLINE static inline __attribute__((always_inline))
#if defined __x86_64__ && defined __GNUC__
#define WIDE __attribute__((target("avx2")))
#endif

/* NAME, by NAME_any or NAME_wide, which are the inline function INNER. */
#ifdef WIDE
#define DISPATCH(NAME, INNER, PARAMETERS, ARGUMENTS)                                                                   \
    static WIDE void NAME##_wide PARAMETERS {                                                                          \
        INNER ARGUMENTS;                                                                                               \
    }                                                                                                                  \
    static void NAME##_any PARAMETERS {                                                                                \
        INNER ARGUMENTS;                                                                                               \
    }                                                                                                                  \
    void NAME PARAMETERS {                                                                                             \
        if (__builtin_cpu_supports("avx2")) NAME##_wide ARGUMENTS;                                                     \
        else NAME##_any ARGUMENTS;                                                                                     \
    }
#else
#define DISPATCH(NAME, INNER, PARAMETERS, ARGUMENTS)                                                                   \
    void NAME PARAMETERS {                                                                                             \
        INNER ARGUMENTS;                                                                                               \
    }
#endif

void rs_tile_fill(float *tile, size_t rows, size_t d, size_t stride, const float *points) {
    if (rows < RS_TILE) memset(tile, 0, d * RS_TILE * sizeof *tile);
    for (size_t i = 0; i < rows; i++)
        for (size_t x = 0; x < d; x++) tile[x * RS_TILE + i] = points[i * stride + x];
}

size_t rs_panels_of(size_t d) {
    size_t panels = (d + RS_PANEL - 1) / RS_PANEL;
    return RS_PANEL * (panels * (panels - 1) / 2 * RS_PANEL + d);
}

void rs_panels_fill(float *panels, size_t d, const float *root) {
    for (size_t b = 0; b < d; b += RS_PANEL)
        for (size_t a = 0; a < d && a < b + RS_PANEL; a++)
            for (size_t c = b; c < b + RS_PANEL; c++) *panels++ = c < d ? root[a * d + c] : 0;
}

#define EACH_COLUMN(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#define START(c) lanes p##c = {0}, q##c = {0};
#define STEP(c)                                                                                                        \
    p##c += u * panels[c];                                                                                             \
    q##c += v * panels[c];
#define FINISH(c)                                                                                                      \
    s += p##c * p##c;                                                                                                  \
    t += q##c * q##c;

INLINE void full(float *squares, size_t d, const float *tile, const float *mean, const float *panels,
                 const float *enough, float *scratch) {
    const lanes *x = (const lanes *)tile, *limit = (const lanes *)enough;
    lanes *y = (lanes *)scratch, s = {0}, t = {0};
    for (size_t b = 0; b < d; b += RS_PANEL) {
        size_t end = b + RS_PANEL < d ? b + RS_PANEL : d;
        for (size_t a = b; a < end; a++) {
            y[2 * a] = x[2 * a] - mean[a];
            y[2 * a + 1] = x[2 * a + 1] - mean[a];
        }
        EACH_COLUMN(START)
        for (size_t a = 0; a < end; a++, panels += RS_PANEL) {
            lanes u = y[2 * a], v = y[2 * a + 1];
            EACH_COLUMN(STEP)
        }
        EACH_COLUMN(FINISH)
        bits above = (bits)((s > limit[0]) & (t > limit[1]));
        uint64_t words[4], all = UINT64_MAX;
        memcpy(words, &above, sizeof words);
        for (size_t i = 0; i < 4; i++) all &= words[i];
        if (all == UINT64_MAX) break;
    }
    ((lanes *)squares)[0] = s;
    ((lanes *)squares)[1] = t;
}

DISPATCH(rs_tile_full, full,
         (float *squares, size_t d, const float *tile, const float *mean, const float *panels, const float *enough,
          float *scratch),
         (squares, d, tile, mean, panels, enough, scratch))

INLINE void diagonal(float *squares, size_t d, const float *tile, const float *mean, const float *root) {
    const lanes *x = (const lanes *)tile;
    lanes s[HALVES] = {{0}}, t[HALVES] = {{0}}, y;
    size_t a = 0;
    for (; a + 2 <= d; a += 2)
        for (size_t h = 0; h < HALVES; h++) {
            y = (x[HALVES * a + h] - mean[a]) * root[a];
            s[h] += y * y;
            y = (x[HALVES * (a + 1) + h] - mean[a + 1]) * root[a + 1];
            t[h] += y * y;
        }
    for (size_t h = 0; h < HALVES; h++) {
        if (a < d) {
            y = (x[HALVES * a + h] - mean[a]) * root[a];
            s[h] += y * y;
        }
        ((lanes *)squares)[h] = s[h] + t[h];
    }
}

DISPATCH(rs_tile_diagonal, diagonal,
         (float *squares, size_t d, const float *tile, const float *mean, const float *root),
         (squares, d, tile, mean, root))

INLINE void normalise(float *most, float *sums, size_t k, float *logs) {
    for (size_t h = 0; h < HALVES; h++) {
        lanes *l = (lanes *)logs + h, largest = l[0], sum = {0};
        for (size_t j = 1; j < k; j++) {
            bits larger = (bits)(l[HALVES * j] > largest);
            largest = (lanes)(((bits)l[HALVES * j] & larger) | ((bits)largest & ~larger));
        }
        for (size_t j = 0; j < k; j++) {
            lanes x = l[HALVES * j] - largest, t = x * 0x1.715476p0f + MAGIC, n = t - MAGIC;
            lanes r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
            lanes p = ((((1.9875691500e-4f * r + 1.3981999507e-3f) * r + 8.3334519073e-3f) * r + 4.1665795894e-2f) * r +
                       1.6666665459e-1f) *
                          r +
                      5.0000001201e-1f;
            p = p * (r * r) + r + 1;
            x = (lanes)(((bits)p + ((bits)t << 23)) & (bits)(x >= -RS_TILE_CUT));
            l[HALVES * j] = x;
            sum += x;
        }
        for (size_t j = 0; j < k; j++) l[HALVES * j] /= sum;
        ((lanes *)most)[h] = largest;
        ((lanes *)sums)[h] = sum;
    }
}

DISPATCH(rs_tile_normalise, normalise, (float *most, float *sums, size_t k, float *logs), (most, sums, k, logs))

INLINE void moments(float *sums, size_t d, const float *tile, const float *mean, const float *r) {
    const lanes *x = (const lanes *)tile, *weight = (const lanes *)r;
    lanes *to = (lanes *)sums;
    for (size_t a = 0; a < d; a++) {
        lanes y = x[2 * a] - mean[a], z = x[2 * a + 1] - mean[a], u = y * weight[0], v = z * weight[1];
        to[2 * a] += u + v;
        to[2 * a + 1] += u * y + v * z;
    }
}

DISPATCH(rs_tile_moments, moments, (float *sums, size_t d, const float *tile, const float *mean, const float *r),
         (sums, d, tile, mean, r))

INLINE void weigh(float *row, size_t stride, float root, const float *x, const float *mean) {
    for (size_t a = 0; a < stride; a += LANES)
        *(lanes *)(row + a) = (*(const lanes *)(x + a) - *(const lanes *)(mean + a)) * root;
}

DISPATCH(rs_row_weigh, weigh, (float *row, size_t stride, float root, const float *x, const float *mean),
         (row, stride, root, x, mean))

/* out[0..15] += two vectors, of which `count` numbers from `from` on are meant. */
INLINE void spill(double *out, size_t from, size_t count, const lanes *pair) {
    float numbers[2 * LANES];
    memcpy(numbers, pair, sizeof numbers);
    for (size_t i = from; i < count; i++) out[i] += (double)numbers[i];
}

#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3)
#define ROW_START(r) lanes pair##r[2] = {{0}};
#define ROW_STEP(r)                                                                                                    \
    pair##r[0] += u * row[a + r];                                                                                      \
    pair##r[1] += v * row[a + r];
#define ROW_FINISH(r)                                                                                                  \
    if (a + r < d) spill(second + (a + r) * d + b, a + r > b ? a + r - b : 0, columns, pair##r);

INLINE void add(double *first, double *second, size_t count, size_t d, const float *rows, const float *roots) {
    size_t stride = rs_tile_stride(d);
    for (size_t b = 0; b < d; b += 2 * LANES) {
        lanes sum[2] = {{0}};
        size_t columns = d - b < 2 * LANES ? d - b : 2 * LANES;
        for (size_t i = 0; i < count; i++) {
            sum[0] += *(const lanes *)(rows + i * stride + b) * roots[i];
            sum[1] += *(const lanes *)(rows + i * stride + b + LANES) * roots[i];
        }
        spill(first + b, 0, columns, sum);
        for (size_t a = 0; a < b + columns; a += 4) {
            EACH_ROW(ROW_START)
            for (size_t i = 0; i < count; i++) {
                const float *row = rows + i * stride;
                lanes u = *(const lanes *)(row + b), v = *(const lanes *)(row + b + LANES);
                EACH_ROW(ROW_STEP)
            }
            EACH_ROW(ROW_FINISH)
        }
    }
}

DISPATCH(rs_rows_add, add,
         (double *first, double *second, size_t count, size_t d, const float *rows, const float *roots),
         (first, second, count, d, rows, roots))
