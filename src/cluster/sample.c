/* Sampling without repetition: a number is taken with the probability (still wanted) / (still to come). */
#include "cluster/sample.h"

void rs_subset(size_t *out, size_t wanted, size_t n, rs_random *random) {
    for (size_t i = 0, taken = 0; taken < wanted; i++)
        if (rs_random_below(random, n - i) < wanted - taken) out[taken++] = i;
}
