/* Files of proofs: what readers and writers share. */
#ifndef RS_EXCHANGE_CERTIFICATE_H
#define RS_EXCHANGE_CERTIFICATE_H

#include "automaton/moore.h"
#include "core/text.h"
#include "rnnsafe/exchange.h"

#define RS_CERTIFICATE_NAMESPACE "urn:rnnsafe:certificate:1"
#define RS_CERTIFICATE_UNIT "2^-40" /* that all its numbers count */

/* 64 hex digits in lower case. */
bool rs_is_sha256(const char *text, size_t length);

/* A proof with what it points to. */
typedef struct rs_proof_entry {
    rs_proof proof; /* its pointers are set when it is finished */
    char *name, *formula;
    uint32_t *monitor, *hints;
    int64_t *lo, *hi, *more;
} rs_proof_entry;

struct rs_proofs {
    rs_proof_network network;
    rs_proof_entry *entries; /* [count] */
    size_t count, capacity;
};

/* How a proof begins; its texts are borrowed. */
typedef struct rs_proof_head {
    rs_claim claim;
    const char *name, *formula; /* formula NULL: none */
    size_t name_length, formula_length;
} rs_proof_head;

/* What both readers refuse, with RS_EINPUT at a place of the file. The cell by its name: */
rs_status rs_proofs_cell(rs_cell *out, const char *file, rs_place place, const char *name, size_t length);
/* Adds a proof, bound to the network, which has been read. */
rs_status rs_proofs_add(rs_proofs *proofs, const char *file, rs_place place, const rs_proof_head *head);
/* Ends the last proof, of which everything has been read. */
rs_status rs_proofs_finish(rs_proofs *proofs, const char *file, rs_place place);

/* The forms. A reader fills *out, which is empty; what it holds after a failure is freed with it. A writer is given
 * names, formulas and digests that have been checked. */
rs_status rs_certificate_read_xml(rs_proofs *out, const char *text, size_t length, const char *name);
void rs_certificate_write_xml(rs_text *text, const rs_proof_network *network, size_t count, const rs_proof *proofs);
rs_status rs_certificate_read_compact(rs_proofs *out, const char *bytes, size_t length, const char *name);
void rs_certificate_write_compact(rs_text *text, const rs_proof_network *network, size_t count, const rs_proof *proofs);

#endif
