/* The compact form of files of proofs: what its reader and its writer share. docs/formats.md has the layout. */
#ifndef RS_EXCHANGE_COMPACT_H
#define RS_EXCHANGE_COMPACT_H

#include <stddef.h>
#include <stdint.h>

/* No text begins like this, and what changes line breaks damages it; the last byte is the version. */
#define RS_COMPACT_MAGIC "\x8eRNNP\r\n\x01"
#define RS_COMPACT_MAGIC_LENGTH ((size_t)8)

/* A hint as a number: 0 goes on, 2r + 1 is region r, 2s + 2 cuts along s. */
#define RS_COMPACT_REGION(r) (2 * (uint64_t)(r) + 1)
#define RS_COMPACT_CUT(s) (2 * (uint64_t)(s) + 2)

/* How many low bits are 0 in all the numbers whose bits are joined in `bits`; 0 when all numbers are 0. */
static inline unsigned rs_compact_shift(uint64_t bits) {
    unsigned shift = 0;
    for (; bits && !(bits & 1); bits >>= 1) shift++;
    return shift;
}

#endif
