#include "network/gates.h"

void rs_gates_copy(float *out, const float *in, size_t gates, size_t hidden, size_t columns, const size_t order[],
                   bool transposed) {
    size_t rows = gates * hidden;
    size_t row_step = transposed ? 1 : columns, column_step = transposed ? rows : 1;
    for (size_t row = 0; row < rows; row++) {
        const float *from = in + (order[row / hidden] * hidden + row % hidden) * row_step;
        for (size_t column = 0; column < columns; column++) out[row * columns + column] = from[column * column_step];
    }
}
