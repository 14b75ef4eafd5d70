/* Seeded random numbers: xoshiro256** (Blackman and Vigna, ACM TOMS 47(4), 2021, doi:10.1145/3460772), seeded by
 * splitmix64. The generator is an object; streams of one seed are independent, so that work can be split into blocks whose
 * numbers do not depend on the number of threads. */
#ifndef RS_CORE_RANDOM_H
#define RS_CORE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct rs_random {
    uint64_t s[4];
} rs_random;

/* The generator of a seed and a stream number. */
rs_random rs_random_new(uint64_t seed, uint64_t stream);
uint64_t rs_random_next(rs_random *r);
/* Uniform in 0..bound-1, without bias; bound > 0. */
uint64_t rs_random_below(rs_random *r, uint64_t bound);
/* Uniform in [0, 1), 53 bits. */
double rs_random_unit(rs_random *r);
/* Standard normal (Box and Muller, 1958, doi:10.1214/aoms/1177706645). */
double rs_random_normal(rs_random *r);

#endif
