/* Files of proofs, written in the compact form. */
#include "exchange/compact.h"

#include <string.h>

#include "exchange/certificate.h"

/* Seven bits a byte, the lowest first; the top bit says that more follow. */
static void add_number(rs_text *text, uint64_t value) {
    char bytes[10];
    size_t length = 0;
    for (; value > 127; value >>= 7) bytes[length++] = (char)(value | 128);
    bytes[length++] = (char)value;
    rs_text_bytes(text, bytes, length);
}

/* 0, -1, 1, -2, ... as 0, 1, 2, 3, ... */
static void add_signed(rs_text *text, int64_t value) {
    add_number(text, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

static void add_text(rs_text *text, const char *value) {
    size_t length = strlen(value);
    add_number(text, length);
    rs_text_bytes(text, value, length);
}

static unsigned digit(char hex) {
    return (unsigned)(hex <= '9' ? hex - '0' : hex - 'a' + 10);
}

static void add_digest(rs_text *text, const char *hex) {
    for (size_t i = 0; i < 64; i += 2) {
        char byte = (char)(digit(hex[i]) << 4 | digit(hex[i + 1]));
        rs_text_bytes(text, &byte, 1);
    }
}

static void add_region(rs_text *text, const rs_certificate *z, size_t region) {
    const int64_t *lo = z->lo + region * z->state_size, *hi = z->hi + region * z->state_size;
    uint64_t bits = 0;
    for (size_t s = 0; s < z->state_size; s++) bits |= (uint64_t)lo[s] | (uint64_t)hi[s];
    unsigned shift = rs_compact_shift(bits);
    add_number(text, z->monitor[region]);
    add_number(text, shift);
    for (size_t s = 0; s < z->state_size; s++) {
        add_signed(text, lo[s] >> shift);
        add_number(text, ((uint64_t)hi[s] - (uint64_t)lo[s]) >> shift);
    }
}

static void add_hint(rs_text *text, uint32_t hint) {
    if (hint == RS_CERTIFY_EXPAND) add_number(text, 0);
    else if (hint < RS_CERTIFY_CUT) add_number(text, RS_COMPACT_REGION(hint));
    else add_number(text, RS_COMPACT_CUT(hint - RS_CERTIFY_CUT));
}

static void add_proof(rs_text *text, const rs_proof *p) {
    const rs_certificate *z = &p->certificate;
    add_number(text, p->claim == RS_CLAIM_EQUAL);
    add_text(text, p->name);
    if (p->claim == RS_CLAIM_PROPERTY) add_text(text, p->formula ? p->formula : "");
    add_digest(text, p->monitor);
    add_number(text, (uint64_t)z->eps);
    add_number(text, (uint64_t)z->eps_logit);
    add_number(text, z->depth);
    add_number(text, z->start);
    add_number(text, z->more != NULL);
    for (size_t s = 0; s < z->state_size && z->more; s++) add_number(text, (uint64_t)z->more[s]);
    add_number(text, z->regions);
    for (size_t r = 0; r < z->regions; r++) add_region(text, z, r);
    add_number(text, z->hint_count);
    for (size_t i = 0; i < z->hint_count; i++) add_hint(text, z->hints[i]);
}

void rs_certificate_write_compact(rs_text *text, const rs_proof_network *network, size_t count,
                                  const rs_proof *proofs) {
    rs_text_bytes(text, RS_COMPACT_MAGIC, RS_COMPACT_MAGIC_LENGTH);
    add_digest(text, network->sha256);
    add_text(text, rs_cell_name(network->cell));
    add_number(text, network->layers);
    add_number(text, network->hidden);
    add_number(text, network->state_size);
    add_number(text, count);
    for (size_t i = 0; i < count; i++) add_proof(text, &proofs[i]);
}
