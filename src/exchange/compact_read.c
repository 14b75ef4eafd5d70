/* Files of proofs, read from the compact form. What is there has one form: numbers have no superfluous bytes, shifts
 * are as large as they can be. Nothing is allocated that the bytes left could not fill. */
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "core/utf8.h"
#include "exchange/certificate.h"
#include "exchange/compact.h"
#include "exchange/xml.h"

typedef struct reader {
    const char *name, *bytes;
    size_t length, at, item; /* item: where what is being read begins */
    rs_proofs *file;
} reader;

#define FAIL(r, ...) rs_fail_at((r)->name, 0, (r)->item, __VA_ARGS__)

static size_t left(const reader *r) {
    return r->length - r->at;
}

/* ---- numbers and texts ---- */

static rs_status number(reader *r, const char *what, uint64_t *out) {
    uint64_t value = 0, group = 128;
    r->item = r->at;
    for (unsigned shift = 0; group & 128; shift += 7) {
        if (!left(r)) return FAIL(r, "the file ends before the end of %s", what);
        group = (unsigned char)r->bytes[r->at++];
        if (shift == 63 && group > 1) return FAIL(r, "%s has more than 64 bits", what);
        if (shift && !group) return FAIL(r, "%s has a superfluous byte", what);
        value |= (group & 127) << shift;
    }
    *out = value;
    return RS_OK;
}

static rs_status number_within(reader *r, const char *what, uint64_t least, uint64_t most, uint64_t *out) {
    uint64_t value = 0;
    rs_status status = number(r, what, &value);
    if (status != RS_OK) return status;
    if (value < least || value > most)
        return FAIL(r, "%s is an integer from %llu to %llu, not %llu", what, (unsigned long long)least,
                    (unsigned long long)most, (unsigned long long)value);
    *out = value;
    return RS_OK;
}

/* A number of 31 bits. */
static rs_status count(reader *r, const char *what, uint64_t least, size_t *out) {
    uint64_t value = 0;
    rs_status status = number_within(r, what, least, INT32_MAX, &value);
    if (status == RS_OK) *out = (size_t)value;
    return status;
}

/* A number that is at least 0 where it is held as one that could be less. */
static rs_status amount(reader *r, const char *what, int64_t *out) {
    uint64_t value = 0;
    rs_status status = number_within(r, what, 0, INT64_MAX, &value);
    if (status == RS_OK) *out = (int64_t)value;
    return status;
}

/* How many things follow, each of at least `size` bytes. */
static rs_status many(reader *r, const char *what, uint64_t least, uint64_t size, size_t *out) {
    size_t value = 0;
    rs_status status = count(r, what, least, &value);
    if (status != RS_OK) return status;
    if (value > left(r) / size) return FAIL(r, "%s is %zu, which %zu bytes cannot hold", what, value, left(r));
    *out = value;
    return RS_OK;
}

/* Borrowed bytes of the file. */
static rs_status text(reader *r, const char *what, const char **out, size_t *length) {
    uint64_t size = 0;
    rs_status status = number(r, what, &size);
    if (status != RS_OK) return status;
    if (size > left(r)) return FAIL(r, "the file ends before the end of %s", what);
    *out = r->bytes + r->at;
    *length = (size_t)size;
    if (!rs_utf8_valid(*out, *length)) return FAIL(r, "%s is not UTF-8", what);
    if (!rs_xml_holds(*out, *length)) return FAIL(r, "%s holds a character that XML cannot", what);
    r->at += *length;
    return RS_OK;
}

static rs_status digest(reader *r, const char *what, char out[65]) {
    static const char hex[] = "0123456789abcdef";
    r->item = r->at;
    if (left(r) < 32) return FAIL(r, "the file ends before the end of %s", what);
    for (size_t i = 0; i < 32; i++) {
        unsigned byte = (unsigned char)r->bytes[r->at++];
        out[2 * i] = hex[byte >> 4];
        out[2 * i + 1] = hex[byte & 15];
    }
    out[64] = 0;
    return RS_OK;
}

/* ---- parts of a file ---- */

static rs_status head(reader *r) {
    static const char magic[] = RS_COMPACT_MAGIC;
    size_t last = RS_COMPACT_MAGIC_LENGTH - 1;
    if (r->length < RS_COMPACT_MAGIC_LENGTH || memcmp(r->bytes, magic, last) != 0)
        return FAIL(r, "a certificate in the compact form begins with other bytes");
    r->item = last;
    if (r->bytes[last] != magic[last])
        return FAIL(r, "version %d of the compact form is not read, %d is", (unsigned char)r->bytes[last], magic[last]);
    r->at = RS_COMPACT_MAGIC_LENGTH;
    return RS_OK;
}

static rs_status network(reader *r) {
    rs_status status = RS_OK;
    rs_proof_network *n = &r->file->network;
    const char *cell = NULL;
    size_t length = 0;
    RS_TRY(digest(r, "the SHA-256 of the weights", n->sha256));
    RS_TRY(text(r, "the cell", &cell, &length));
    RS_TRY(rs_proofs_cell(&n->cell, r->name, (rs_place){0, r->item}, cell, length));
    RS_TRY(count(r, "the number of layers", 1, &n->layers));
    RS_TRY(count(r, "the number of hidden units", 1, &n->hidden));
    RS_TRY(count(r, "the size of the state", 1, &n->state_size));
cleanup:
    return status;
}

/* A side is at (low << shift) and as long as (length << shift), modulo 2^64: so every pair of ends has one form. */
static rs_status side(reader *r, unsigned shift, int64_t *lo, int64_t *hi) {
    rs_status status = RS_OK;
    uint64_t zigzag = 0, length = 0;
    RS_TRY(number(r, "the low end of a side", &zigzag));
    uint64_t low = zigzag >> 1 ^ (zigzag & 1 ? UINT64_MAX : 0), end = low << shift;
    if ((uint64_t)((int64_t)end >> shift) != low) return FAIL(r, "the low end of a side has more than 64 bits");
    RS_TRY(number(r, "the length of a side", &length));
    if (length << shift >> shift != length) return FAIL(r, "the length of a side has more than 64 bits");
    *lo = (int64_t)end;
    *hi = (int64_t)(end + (length << shift));
cleanup:
    return status;
}

static rs_status region(reader *r, rs_proof_entry *e, size_t k) {
    rs_status status = RS_OK;
    size_t S = e->proof.certificate.state_size, monitor = 0;
    uint64_t shift = 0, bits = 0;
    RS_TRY(count(r, "a region's state of the monitor", 0, &monitor));
    e->monitor[k] = (uint32_t)monitor;
    RS_TRY(number_within(r, "a region's shift", 0, 63, &shift));
    size_t place = r->item;
    for (size_t s = k * S; s < (k + 1) * S; s++) {
        RS_TRY(side(r, (unsigned)shift, &e->lo[s], &e->hi[s]));
        bits |= (uint64_t)e->lo[s] | (uint64_t)e->hi[s];
    }
    r->item = place;
    if (shift != rs_compact_shift(bits))
        return FAIL(r, "a region's shift is the %u low bits that are 0 in all its sides, not %u",
                    rs_compact_shift(bits), (unsigned)shift);
cleanup:
    return status;
}

static rs_status regions(reader *r, rs_proof_entry *e) {
    rs_status status = RS_OK;
    rs_certificate *z = &e->proof.certificate;
    size_t S = z->state_size;
    RS_TRY(many(r, "the number of regions", 1, 2 * (uint64_t)S + 2, &z->regions));
    RS_TRY_ALLOC(e->monitor = rs_alloc(z->regions, sizeof *e->monitor));
    RS_TRY_ALLOC(e->lo = rs_alloc(z->regions * S, sizeof *e->lo));
    RS_TRY_ALLOC(e->hi = rs_alloc(z->regions * S, sizeof *e->hi));
    for (size_t k = 0; k < z->regions; k++) RS_TRY(region(r, e, k));
cleanup:
    return status;
}

/* What each coordinate may be off by beyond eps. */
static rs_status more(reader *r, rs_proof_entry *e) {
    rs_status status = RS_OK;
    uint64_t some = 0;
    size_t S = e->proof.certificate.state_size;
    RS_TRY(number_within(r, "whether there is more", 0, 1, &some));
    if (!some) return RS_OK;
    if (S > left(r)) return FAIL(r, "more is %zu numbers, which %zu bytes cannot hold", S, left(r));
    RS_TRY_ALLOC(e->more = rs_alloc(S, sizeof *e->more));
    for (size_t s = 0; s < S; s++) RS_TRY(amount(r, "more", &e->more[s]));
cleanup:
    return status;
}

static rs_status hints(reader *r, rs_proof_entry *e) {
    rs_status status = RS_OK;
    rs_certificate *z = &e->proof.certificate;
    RS_TRY(many(r, "the number of hints", 0, 1, &z->hint_count));
    RS_TRY_ALLOC(e->hints = rs_alloc(z->hint_count, sizeof *e->hints));
    for (size_t i = 0; i < z->hint_count; i++) {
        uint64_t hint = 0;
        RS_TRY(number(r, "a hint", &hint));
        if (hint % 2 && hint >= RS_COMPACT_REGION(z->regions))
            return FAIL(r, "a hint is one of %zu regions, not %llu", z->regions, (unsigned long long)(hint / 2));
        if (hint && hint % 2 == 0 && hint >= RS_COMPACT_CUT(z->state_size))
            return FAIL(r, "a cut is one of %zu coordinates, not %llu", z->state_size,
                        (unsigned long long)(hint / 2 - 1));
        e->hints[i] = !hint      ? RS_CERTIFY_EXPAND
                      : hint % 2 ? (uint32_t)(hint / 2)
                                 : RS_CERTIFY_CUT + (uint32_t)(hint / 2 - 1);
    }
cleanup:
    return status;
}

static rs_status proof(reader *r) {
    rs_status status = RS_OK;
    rs_proof_head begin = {0};
    uint64_t equal = 0;
    RS_TRY(number_within(r, "the claim", 0, 1, &equal));
    begin.claim = equal ? RS_CLAIM_EQUAL : RS_CLAIM_PROPERTY;
    RS_TRY(text(r, "the name of a proof", &begin.name, &begin.name_length));
    size_t place = r->item;
    if (!equal) RS_TRY(text(r, "the formula", &begin.formula, &begin.formula_length));
    RS_TRY(rs_proofs_add(r->file, r->name, (rs_place){0, place}, &begin));
    rs_proof_entry *e = &r->file->entries[r->file->count - 1];
    rs_certificate *z = &e->proof.certificate;
    RS_TRY(digest(r, "the SHA-256 of the monitor", e->proof.monitor));
    RS_TRY(amount(r, "eps", &z->eps));
    RS_TRY(amount(r, "eps-logit", &z->eps_logit));
    RS_TRY(count(r, "depth", 1, &z->depth));
    RS_TRY(count(r, "start", 0, &z->start));
    place = r->item;
    RS_TRY(more(r, e));
    RS_TRY(regions(r, e));
    RS_TRY(hints(r, e));
    RS_TRY(rs_proofs_finish(r->file, r->name, (rs_place){0, place}));
cleanup:
    return status;
}

rs_status rs_certificate_read_compact(rs_proofs *out, const char *bytes, size_t length, const char *name) {
    rs_status status = RS_OK;
    reader r = {.name = name, .bytes = bytes, .length = length, .file = out};
    size_t proofs = 0;
    RS_TRY(head(&r));
    RS_TRY(network(&r));
    RS_TRY(many(&r, "the number of proofs", 1, 1, &proofs));
    for (size_t i = 0; i < proofs; i++) RS_TRY(proof(&r));
    r.item = r.at;
    if (left(&r)) return FAIL(&r, "%zu bytes follow the last proof", left(&r));
cleanup:
    return status;
}
