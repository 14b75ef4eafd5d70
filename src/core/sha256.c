/* x86 processors have instructions for it, which are more than ten times as fast: it is asked at run time. */
#include "core/sha256.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined __x86_64__
#include <cpuid.h>
#include <immintrin.h>
#endif

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotr(uint32_t x, int n) {
    return (x >> n) | (x << (32 - n));
}

static void compress(uint32_t H[8], const unsigned char *block) {
    uint32_t W[64], v[8];
    for (int t = 0; t < 16; t++)
        W[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 | (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
    for (int t = 16; t < 64; t++) {
        uint32_t s0 = rotr(W[t - 15], 7) ^ rotr(W[t - 15], 18) ^ (W[t - 15] >> 3);
        uint32_t s1 = rotr(W[t - 2], 17) ^ rotr(W[t - 2], 19) ^ (W[t - 2] >> 10);
        W[t] = W[t - 16] + s0 + W[t - 7] + s1;
    }
    memcpy(v, H, sizeof v);
    for (int t = 0; t < 64; t++) {
        uint32_t S1 = rotr(v[4], 6) ^ rotr(v[4], 11) ^ rotr(v[4], 25), ch = (v[4] & v[5]) ^ (~v[4] & v[6]);
        uint32_t t1 = v[7] + S1 + ch + K[t] + W[t];
        uint32_t S0 = rotr(v[0], 2) ^ rotr(v[0], 13) ^ rotr(v[0], 22), maj = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += t1;
        v[0] = t1 + S0 + maj;
    }
    for (int i = 0; i < 8; i++) H[i] += v[i];
}

static void compress_plain(uint32_t H[8], const unsigned char *p, size_t blocks) {
    for (size_t i = 0; i < blocks; i++) compress(H, p + 64 * i);
}

#if defined __x86_64__

#define WITH_SHA __attribute__((target("sha,sse4.1")))

/* Leaf 7, bit 29 of EBX; what has it has SSE 4.1. */
static bool has_sha(void) {
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && b >> 29 & 1;
}

/* Four rounds. abef and cdgh hold the state from the high end of the vector to the low one. */
WITH_SHA static inline void rounds(__m128i *abef, __m128i *cdgh, __m128i w, const uint32_t *k) {
    w = _mm_add_epi32(w, _mm_loadu_si128((const __m128i *)(const void *)k));
    *cdgh = _mm_sha256rnds2_epu32(*cdgh, *abef, w);
    *abef = _mm_sha256rnds2_epu32(*abef, *cdgh, _mm_shuffle_epi32(w, 0x0e));
}

/* W[t..t+3] from W[t-16..t-13], [t-12..t-9], [t-8..t-5], [t-4..t-1]. */
WITH_SHA static inline __m128i schedule(__m128i w16, __m128i w12, __m128i w8, __m128i w4) {
    return _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(w16, w12), _mm_alignr_epi8(w4, w8, 4)), w4);
}

WITH_SHA static inline __m128i load_words(const unsigned char *p) {
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)p), big_endian);
}

WITH_SHA static void compress_sha(uint32_t H[8], const unsigned char *p, size_t blocks) {
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)H), 0xb1);
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)(H + 4)), 0x1b);
    __m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xf0);
    for (; blocks; blocks--, p += 64) {
        const __m128i abef_before = abef, cdgh_before = cdgh;
        __m128i a = load_words(p), b = load_words(p + 16), c = load_words(p + 32), d = load_words(p + 48);
        for (size_t t = 0;; t += 16) {
            rounds(&abef, &cdgh, a, K + t);
            rounds(&abef, &cdgh, b, K + t + 4);
            rounds(&abef, &cdgh, c, K + t + 8);
            rounds(&abef, &cdgh, d, K + t + 12);
            if (t == 48) break;
            a = schedule(a, b, c, d);
            b = schedule(b, c, d, a);
            c = schedule(c, d, a, b);
            d = schedule(d, a, b, c);
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    low = _mm_shuffle_epi32(abef, 0x1b);
    high = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)(void *)H, _mm_blend_epi16(low, high, 0xf0));
    _mm_storeu_si128((__m128i *)(void *)(H + 4), _mm_alignr_epi8(high, low, 8));
}

#endif

typedef void (*compress_function)(uint32_t H[8], const unsigned char *blocks, size_t count);

static compress_function fastest(void) {
#if defined __x86_64__
    if (has_sha()) return compress_sha;
#endif
    return compress_plain;
}

static void digest(char out[65], const unsigned char *p, size_t length, compress_function run) {
    uint32_t H[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    size_t whole = length / 64, left = length % 64;
    run(H, p, whole);
    unsigned char tail[128] = {0};
    if (left) memcpy(tail, p + 64 * whole, left);
    tail[left] = 0x80;
    size_t blocks = left < 56 ? 1 : 2;
    uint64_t bits = (uint64_t)length * 8;
    for (int i = 0; i < 8; i++) tail[blocks * 64 - 1 - (size_t)i] = (unsigned char)(bits >> (8 * i));
    run(H, tail, blocks);
    for (int i = 0; i < 64; i++) out[i] = "0123456789abcdef"[H[i / 8] >> (28 - 4 * (i % 8)) & 15];
    out[64] = 0;
}

void rs_sha256_hex(char out[65], const void *bytes, size_t length) {
    digest(out, bytes, length, fastest());
}

void rs_sha256_hex_plain(char out[65], const void *bytes, size_t length) {
    digest(out, bytes, length, compress_plain);
}
