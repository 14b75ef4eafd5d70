/* Vectors of LANES floats, for what stands in kernel_body.h, which includes this file. */

#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#if defined UNROLL /* left to the including file */
#elif defined __SANITIZE_ADDRESS__ ||                                                                                  \
    !defined __OPTIMIZE__ /* where every access is checked, unrolled code takes minutes to compile */
#define UNROLL
#elif defined __clang__
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

typedef uint32_t bits __attribute__((vector_size(4 * LANES)));

INLINE lanes load(const float *from) {
    lanes v;
    memcpy(&v, from, sizeof v);
    return v;
}

INLINE void store(float *to, lanes v) {
    memcpy(to, &v, sizeof v);
}

/* The first n lanes, the others zero. */
INLINE lanes load_part(const float *from, size_t n) {
    return n >= LANES ? load(from) : LOAD_PART(from, n);
}

INLINE void store_part(float *to, size_t n, lanes v) {
    if (n >= LANES) store(to, v);
    else STORE_PART(to, n, v);
}
