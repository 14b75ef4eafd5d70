#include "core/random.h"

#include <math.h>

static uint64_t splitmix(uint64_t *x) {
    uint64_t z = (*x += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

rs_random rs_random_new(uint64_t seed, uint64_t stream) {
    rs_random r;
    uint64_t x = seed;
    x = splitmix(&x) ^ (stream * 0xd1342543de82ef95u);
    for (int i = 0; i < 4; i++) r.s[i] = splitmix(&x);
    return r;
}

static uint64_t rotl(uint64_t x, int k) {
    return (x << k) | (x >> (64 - k));
}

uint64_t rs_random_next(rs_random *r) {
    uint64_t *s = r->s, result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

uint64_t rs_random_below(rs_random *r, uint64_t bound) {
    uint64_t skip = -bound % bound, x; /* 2^64 mod bound values are refused */
    do x = rs_random_next(r);
    while (x < skip);
    return x % bound;
}

double rs_random_unit(rs_random *r) {
    return (double)(rs_random_next(r) >> 11) * 0x1p-53;
}

double rs_random_normal(rs_random *r) {
    double u = 1.0 - rs_random_unit(r), v = rs_random_unit(r);
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}
