/* Vectors of 8 or 16 numbers, compiled for AVX-512, AVX2 and for whatever there is; products are rounded before they
 * are added, so that all give the same.
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
typedef float wide __attribute__((vector_size(64)));
typedef float quarter __attribute__((vector_size(16)));
enum { LANES = sizeof(lanes) / sizeof(float), HALVES = RS_TILE / LANES };
#define MAGIC 0x1.8p23f
#define INLINE static inline __attribute__((always_inline))
#if defined __x86_64__ && defined __GNUC__
#define WIDE __attribute__((target("avx2")))
#define WIDEST __attribute__((target("avx512f")))
#endif

/* NAME is the inline function INNER, compiled for what the processor has: NAME_any, NAME_avx2, and with DISPATCH_WIDE
 * NAME_avx512, which pays for loops over `wide`. */
#ifdef WIDE
#define VARIANT(NAME, SUFFIX, ATTRIBUTE, INNER, PARAMETERS, ARGUMENTS)                                                 \
    static ATTRIBUTE void NAME##_##SUFFIX PARAMETERS {                                                                 \
        INNER ARGUMENTS;                                                                                               \
    }
#define DISPATCH(NAME, INNER, PARAMETERS, ARGUMENTS)                                                                   \
    VARIANT(NAME, avx2, WIDE, INNER, PARAMETERS, ARGUMENTS)                                                            \
    VARIANT(NAME, any, , INNER, PARAMETERS, ARGUMENTS)                                                                 \
    void NAME PARAMETERS {                                                                                             \
        if (__builtin_cpu_supports("avx2")) NAME##_avx2 ARGUMENTS;                                                     \
        else NAME##_any ARGUMENTS;                                                                                     \
    }
#define DISPATCH_WIDE(NAME, INNER, PARAMETERS, ARGUMENTS)                                                              \
    VARIANT(NAME, avx512, WIDEST, INNER, PARAMETERS, ARGUMENTS)                                                        \
    VARIANT(NAME, avx2, WIDE, INNER, PARAMETERS, ARGUMENTS)                                                            \
    VARIANT(NAME, any, , INNER, PARAMETERS, ARGUMENTS)                                                                 \
    void NAME PARAMETERS {                                                                                             \
        if (__builtin_cpu_supports("avx512f")) NAME##_avx512 ARGUMENTS;                                                \
        else if (__builtin_cpu_supports("avx2")) NAME##_avx2 ARGUMENTS;                                                \
        else NAME##_any ARGUMENTS;                                                                                     \
    }
#else
#define DISPATCH(NAME, INNER, PARAMETERS, ARGUMENTS)                                                                   \
    void NAME PARAMETERS {                                                                                             \
        INNER ARGUMENTS;                                                                                               \
    }
#define DISPATCH_WIDE DISPATCH
#endif

void rs_tile_fill(float *tile, size_t rows, size_t d, size_t stride, const float *points) {
    if (rows < RS_TILE) memset(tile, 0, d * RS_TILE * sizeof *tile);
    for (size_t i = 0; i < rows; i++) rs_tile_put(tile, i, d, points + i * stride);
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

INLINE void diagonal(float *logs, size_t d, const float *tile, const float *mean, const float *root, float constant) {
    const wide *x = (const wide *)tile;
    wide s = {0}, t = {0}, y, z;
    size_t a = 0;
    for (; a + 2 <= d; a += 2) {
        y = (x[a] - mean[a]) * root[a];
        z = (x[a + 1] - mean[a + 1]) * root[a + 1];
        s += y * y;
        t += z * z;
    }
    if (a < d) {
        y = (x[a] - mean[a]) * root[a];
        s += y * y;
    }
    *(wide *)logs = constant - 0.5f * (s + t);
}

INLINE void diagonals(float *logs, size_t k, size_t d, const float *tile, const float *means, const float *roots,
                      const double *constants) {
    for (size_t j = 0; j < k; j++)
        diagonal(logs + j * RS_TILE, d, tile, means + j * d, roots + j * d, (float)constants[j]);
}

DISPATCH_WIDE(rs_tile_diagonal, diagonals,
              (float *logs, size_t k, size_t d, const float *tile, const float *means, const float *roots,
               const double *constants),
              (logs, k, d, tile, means, roots, constants))

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

/* In pairs, down to four numbers. */
INLINE double total(const wide *w) {
    quarter q[4];
    memcpy(q, w, sizeof q);
    q[0] = (q[0] + q[2]) + (q[1] + q[3]);
    return ((double)q[0][0] + (double)q[0][2]) + ((double)q[0][1] + (double)q[0][3]);
}

INLINE void moments(double *first, double *second, size_t count, size_t d, const float *const *tiles,
                    const float *const *r, const float *mean) {
    for (size_t a = 0; a < d; a += 2) {
        size_t b = a + 1 < d ? a + 1 : a;
        wide f = {0}, g = {0}, s = {0}, t = {0};
        for (size_t i = 0; i < count; i++) {
            const wide *x = (const wide *)tiles[i], weight = *(const wide *)r[i];
            wide y = x[a] - mean[a], z = x[b] - mean[b], u = y * weight, v = z * weight;
            f += u;
            g += v;
            s += u * y;
            t += v * z;
        }
        first[a] += total(&f);
        second[a] += total(&s);
        if (b == a) break;
        first[b] += total(&g);
        second[b] += total(&t);
    }
}

DISPATCH_WIDE(rs_tiles_moments, moments,
              (double *first, double *second, size_t count, size_t d, const float *const *tiles, const float *const *r,
               const float *mean),
              (first, second, count, d, tiles, r, mean))

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
