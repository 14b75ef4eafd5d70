/* The primitives of kernel_body.h in the compiler's vector types, for every machine and any number LANES. Where the
 * compiler has no instruction for a fused multiply-add (x86 before 2013), it is computed in double: the product is
 * exact, the sum's rounding error is known (Knuth's two-sum), and a sum that is inexact is rounded to odd, so that
 * rounding it once more to float gives what one rounding would have given (Boldo and Melquiond, IEEE Trans. Computers
 * 57(4), 2008, doi:10.1109/TC.2007.70819). Slow, but the same bits. */
#include <stdint.h>
#include <string.h>

typedef float lanes __attribute__((vector_size(4 * LANES)));

static inline float fused(float a, float b, float c) {
#ifdef __FP_FAST_FMAF
    return __builtin_fmaf(a, b, c);
#else
    double product = (double)a * (double)b, addend = (double)c, sum = product + addend, back = sum - product;
    double error = (product - (sum - back)) + (addend - back);
    uint64_t odd;
    memcpy(&odd, &sum, sizeof odd);
    if ((error > 0 || error < 0) && !(odd & 1)) odd = (error > 0) == (sum > 0) ? odd + 1 : odd - 1;
    memcpy(&sum, &odd, sizeof odd);
    return (float)sum;
#endif
}

static inline __attribute__((always_inline)) lanes splat(float x) {
    lanes v;
    for (int i = 0; i < LANES; i++) v[i] = x;
    return v;
}

/* Not inlined where it is long: a tile holds many. */
#ifdef __FP_FAST_FMAF
#define FUSE inline __attribute__((always_inline))
#else
#define FUSE __attribute__((noinline))
#endif
static FUSE lanes fuse(lanes a, lanes b, lanes c) {
    for (int i = 0; i < LANES; i++) c[i] = fused(a[i], b[i], c[i]);
    return c;
}

/* Not fminf: NaN in x stays NaN. */
static inline __attribute__((always_inline)) lanes least(lanes bound, lanes x) {
    for (int i = 0; i < LANES; i++) x[i] = bound[i] < x[i] ? bound[i] : x[i];
    return x;
}

static inline __attribute__((always_inline)) lanes most(lanes bound, lanes x) {
    for (int i = 0; i < LANES; i++) x[i] = bound[i] > x[i] ? bound[i] : x[i];
    return x;
}

static inline lanes load_some(const float *from, size_t n) {
    lanes v = {0};
    for (size_t i = 0; i < n; i++) v[i] = from[i];
    return v;
}

static inline void store_some(float *to, size_t n, lanes v) {
    for (size_t i = 0; i < n; i++) to[i] = v[i];
}

#define LOAD_PART(from, n) load_some(from, n)
#define STORE_PART(to, n, v) store_some(to, n, v)
#define SPLAT(x) splat(x)
#define FMA(a, b, c) fuse(a, b, c)
#define LEAST(bound, x) least(bound, x)
#define MOST(bound, x) most(bound, x)
