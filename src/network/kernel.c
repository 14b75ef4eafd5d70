/* Which kernels there are. */
#include "network/kernel.h"

const rs_kernel *rs_kernel_get(size_t i) {
    static const rs_kernel *const all[] = {
#ifdef RS_KERNELS_X86
        &rs_kernel_avx512, &rs_kernel_avx2,
#endif
        &rs_kernel_plain};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        if (all[k]->available() && !i--) return all[k];
    return NULL;
}

size_t rs_cell_columns(rs_cell cell) {
    return rs_cell_gates(cell) + (cell == RS_CELL_GRU);
}
