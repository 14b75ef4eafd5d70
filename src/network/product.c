#include "network/product.h"

#include <string.h>

/* Vector types of gcc and clang: where the machine has shorter registers the compiler splits them. */
typedef float lanes __attribute__((vector_size(32)));
#define LANES (sizeof(lanes) / sizeof(float))
_Static_assert(RS_PANEL == 2 * LANES, "a panel is two vectors");

#if defined __x86_64__ && defined __GNUC__
#define WIDE __attribute__((target("avx2")))
#endif

size_t rs_padded(size_t n) {
    return (n + RS_PANEL - 1) / RS_PANEL * RS_PANEL;
}

void rs_product_pack(float *panels, const float *w, size_t gates, size_t rows, size_t columns) {
    size_t padded = rs_padded(rows);
    for (size_t g = 0; g < gates; g++)
        for (size_t first = 0; first < padded; first += RS_PANEL)
            for (size_t k = 0; k < columns; k++)
                for (size_t j = first; j < first + RS_PANEL; j++)
                    *panels++ = j < rows ? w[(g * rows + j) * columns + k] : 0;
}

/* Four rows and one row against one panel. Both do for an element what the other does: start from c, add k = 0, 1, ... */
static inline __attribute__((always_inline)) void multiply(size_t m, size_t k, const float *a, size_t lda, size_t panels,
                                                           const float *w, float *c, size_t ldc) {
    for (size_t p = 0; p < panels; p++, w += k * RS_PANEL, c += RS_PANEL) {
        size_t i = 0;
        for (; i + 4 <= m; i += 4) {
            const float *a0 = a + i * lda, *a1 = a0 + lda, *a2 = a1 + lda, *a3 = a2 + lda;
            lanes *c0 = (lanes *)(c + i * ldc), *c1 = (lanes *)(c + (i + 1) * ldc);
            lanes *c2 = (lanes *)(c + (i + 2) * ldc), *c3 = (lanes *)(c + (i + 3) * ldc);
            lanes s00 = c0[0], s01 = c0[1], s10 = c1[0], s11 = c1[1], s20 = c2[0], s21 = c2[1], s30 = c3[0], s31 = c3[1];
            const lanes *b = (const lanes *)w;
            for (size_t j = 0; j < k; j++, b += 2) {
                s00 += a0[j] * b[0], s01 += a0[j] * b[1];
                s10 += a1[j] * b[0], s11 += a1[j] * b[1];
                s20 += a2[j] * b[0], s21 += a2[j] * b[1];
                s30 += a3[j] * b[0], s31 += a3[j] * b[1];
            }
            c0[0] = s00, c0[1] = s01, c1[0] = s10, c1[1] = s11, c2[0] = s20, c2[1] = s21, c3[0] = s30, c3[1] = s31;
        }
        for (; i < m; i++) {
            const float *a0 = a + i * lda;
            lanes *c0 = (lanes *)(c + i * ldc);
            lanes s0 = c0[0], s1 = c0[1];
            const lanes *b = (const lanes *)w;
            for (size_t j = 0; j < k; j++, b += 2) s0 += a0[j] * b[0], s1 += a0[j] * b[1];
            c0[0] = s0, c0[1] = s1;
        }
    }
}

#ifdef WIDE
static WIDE void multiply_wide(size_t m, size_t k, const float *a, size_t lda, size_t panels, const float *w, float *c,
                               size_t ldc) {
    multiply(m, k, a, lda, panels, w, c, ldc);
}
#endif

void rs_product_add(size_t m, size_t k, const float *a, size_t lda, size_t panels, const float *w, float *c, size_t ldc) {
#ifdef WIDE
    if (__builtin_cpu_supports("avx2")) {
        multiply_wide(m, k, a, lda, panels, w, c, ldc);
        return;
    }
#endif
    multiply(m, k, a, lda, panels, w, c, ldc);
}
