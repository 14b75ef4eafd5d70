/* The two nearest of many centres at single precision, at the speed of the multiply-adds of AVX2 or AVX-512. */
#ifndef RS_CLUSTER_PANELS_H
#define RS_CLUSTER_PANELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Centres c as the processor wants them: groups of 16, coordinate by coordinate, times -2. */
typedef struct rs_panels {
    size_t d, count;
    float *packed; /* [count*d*16] */
    float *norms;  /* [count*16], |c|^2; infinite for what fills the last group */
    bool by_16;    /* by AVX-512, which this processor then has; results are the same */
} rs_panels;

/* Whether this processor has AVX2 and FMA; if not, nothing else here may be called. */
bool rs_panels_usable(void);
/* The floats that `packed` and `norms` take together, for k centres. */
size_t rs_panels_size(size_t k, size_t d);
/* Packs k centres into `memory`, aligned to 64 bytes. */
void rs_panels_pack(rs_panels *out, size_t k, size_t d, const float *centres, const float *norms, float *memory);
/* For each point x: the least of v(c) = |c|^2 - 2 x.c as computed, its centre (one of them on ties), and the second
 * least, equal on ties; infinite for k = 1. */
void rs_panels_nearest_at(const rs_panels *panels, size_t rows, const float *const *points, uint32_t *labels,
                          float *least, float *second);

#endif
