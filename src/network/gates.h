/* Weights of gates in the orders and layouts of other frameworks, copied into PyTorch's. */
#ifndef RS_NETWORK_GATES_H
#define RS_NETWORK_GATES_H

#include <stdbool.h>
#include <stddef.h>

/* out [gates*hidden, columns], row-major: its gate g is gate order[g] of `in`, which has the same shape, or [columns,
 * gates*hidden] when it is `transposed`. A bias is a matrix of one column. They may not overlap. */
void rs_gates_copy(float *out, const float *in, size_t gates, size_t hidden, size_t columns,
                   const size_t order[/* gates */], bool transposed);

#endif
