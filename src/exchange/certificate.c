/* Files of proofs: what both forms have in common. Only the form is judged here: every number is one that the structure
 * can hold, boxes have the state's size, every region that is named is there. Whether it proves anything the checker
 * says. What is written is read back before it is given out: what the file says is what was meant. */
#include "exchange/certificate.h"

#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/status.h"
#include "exchange/compact.h"
#include "exchange/xml.h"

#define LIMIT ((size_t)64 << 20) /* bytes of a file */
#define PROOFS_LIMIT ((size_t)10000)

/* ---- What is read ---- */

static bool is(const char *text, size_t length, const char *wanted) {
    return length == strlen(wanted) && memcmp(text, wanted, length) == 0;
}

rs_status rs_proofs_cell(rs_cell *out, const char *file, rs_place place, const char *name, size_t length) {
    size_t cell = 0;
    while (cell < RS_CELLS && !is(name, length, rs_cell_name((rs_cell)cell))) cell++;
    if (cell == RS_CELLS)
        return rs_fail_at(file, place.line, place.column, "there is no cell \"%.*s\"", (int)(length < 60 ? length : 60),
                          name);
    *out = (rs_cell)cell;
    return RS_OK;
}

rs_status rs_proofs_add(rs_proofs *f, const char *file, rs_place place, const rs_proof_head *head) {
    rs_status status = RS_OK;
    size_t length = head->name_length;
    if (f->count == PROOFS_LIMIT)
        return rs_fail_at(file, place.line, place.column, "more than %zu proofs", PROOFS_LIMIT);
    RS_TRY(rs_check_name(file, place, "proof", head->name, length));
    for (size_t i = 0; i < f->count; i++)
        if (is(head->name, length, f->entries[i].name))
            return rs_fail_at(file, place.line, place.column, "there are two proofs of \"%.*s\"",
                              (int)(length < 60 ? length : 60), head->name);
    if ((head->formula != NULL) != (head->claim == RS_CLAIM_PROPERTY))
        return rs_fail_at(file, place.line, place.column, "a proof of a property has a \"formula\", and no other has");
    RS_TRY(rs_reserve((void **)&f->entries, &f->capacity, f->count + 1, sizeof *f->entries));
    rs_proof_entry *e = &f->entries[f->count++];
    *e = (rs_proof_entry){.proof = {.claim = head->claim}};
    RS_TRY_ALLOC(e->name = rs_strndup(head->name, length));
    if (head->formula) RS_TRY_ALLOC(e->formula = rs_strndup(head->formula, head->formula_length));
    memcpy(e->proof.certificate.sha256, f->network.sha256, sizeof e->proof.certificate.sha256);
    e->proof.certificate.state_size = f->network.state_size;
cleanup:
    return status;
}

rs_status rs_proofs_finish(rs_proofs *f, const char *file, rs_place place) {
    rs_proof_entry *e = &f->entries[f->count - 1];
    rs_proof *p = &e->proof;
    if (p->certificate.start >= p->certificate.regions)
        return rs_fail_at(file, place.line, place.column, "start is one of %zu regions, not \"%zu\"",
                          p->certificate.regions, p->certificate.start);
    p->name = e->name;
    p->formula = e->formula;
    p->certificate.monitor = e->monitor;
    p->certificate.lo = e->lo;
    p->certificate.hi = e->hi;
    p->certificate.hints = e->hints;
    p->certificate.more = e->more;
    return RS_OK;
}

rs_status rs_proofs_parse(rs_proofs **out, const char *bytes, size_t length, const char *name) {
    rs_status status = RS_OK;
    rs_proofs *file = NULL;
    if (length > LIMIT) return rs_fail(RS_EINPUT, "%s: a certificate of more than %zu bytes", name, LIMIT);
    RS_TRY_ALLOC(file = rs_alloc(1, sizeof *file));
    bool compact = length && *bytes == *RS_COMPACT_MAGIC;
    RS_TRY((compact ? rs_certificate_read_compact : rs_certificate_read_xml)(file, bytes, length, name));
    *out = file;
    file = NULL;
cleanup:
    rs_proofs_free(file);
    return status;
}

rs_status rs_proofs_read(rs_proofs **out, const char *path) {
    char *bytes = NULL;
    size_t length;
    rs_status status = rs_file_read(&bytes, &length, path, LIMIT);
    if (status == RS_OK) status = rs_proofs_parse(out, bytes, length, path);
    free(bytes);
    return status;
}

void rs_proofs_free(rs_proofs *p) {
    if (!p) return;
    for (size_t i = 0; i < p->count; i++) {
        rs_proof_entry *e = &p->entries[i];
        free(e->name);
        free(e->formula);
        free(e->monitor);
        free(e->lo);
        free(e->hi);
        free(e->hints);
        free(e->more);
    }
    free(p->entries);
    free(p);
}

const rs_proof_network *rs_proofs_network(const rs_proofs *p) {
    return &p->network;
}

size_t rs_proofs_count(const rs_proofs *p) {
    return p->count;
}

const rs_proof *rs_proofs_get(const rs_proofs *p, size_t i) {
    return &p->entries[i].proof;
}

/* ---- What is written ---- */

static bool same_texts(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_proof(const rs_proof *a, const rs_proof *b) {
    const rs_certificate *x = &a->certificate, *y = &b->certificate;
    size_t sides = x->regions * x->state_size;
    return a->claim == b->claim && same_texts(a->name, b->name) && same_texts(a->formula, b->formula) &&
           strcmp(a->monitor, b->monitor) == 0 && strcmp(x->sha256, y->sha256) == 0 && x->eps == y->eps &&
           x->eps_logit == y->eps_logit && !x->more == !y->more &&
           (!x->more || memcmp(x->more, y->more, x->state_size * sizeof *x->more) == 0) &&
           x->state_size == y->state_size && x->regions == y->regions && x->start == y->start && x->depth == y->depth &&
           x->hint_count == y->hint_count && memcmp(x->monitor, y->monitor, x->regions * sizeof *x->monitor) == 0 &&
           memcmp(x->lo, y->lo, sides * sizeof *x->lo) == 0 && memcmp(x->hi, y->hi, sides * sizeof *x->hi) == 0 &&
           (!x->hint_count || memcmp(x->hints, y->hints, x->hint_count * sizeof *x->hints) == 0);
}

static bool same(const rs_proofs *file, const rs_proof_network *network, size_t count, const rs_proof *proofs) {
    const rs_proof_network *n = rs_proofs_network(file);
    bool equal = rs_proofs_count(file) == count && strcmp(n->sha256, network->sha256) == 0 &&
                 n->cell == network->cell && n->layers == network->layers && n->hidden == network->hidden &&
                 n->state_size == network->state_size;
    for (size_t i = 0; equal && i < count; i++) equal = same_proof(rs_proofs_get(file, i), &proofs[i]);
    return equal;
}

static rs_status check(const rs_proof_network *network, size_t count, const rs_proof *proofs) {
    if (!count) return rs_fail(RS_EUSAGE, "there is no proof to write");
    if (!rs_is_sha256(network->sha256, strlen(network->sha256)))
        return rs_fail(RS_EUSAGE, "the network was not read from a file: a proof names its weights file's SHA-256");
    for (size_t i = 0; i < count; i++) {
        const rs_certificate *z = &proofs[i].certificate;
        if (!rs_is_sha256(proofs[i].monitor, strlen(proofs[i].monitor)))
            return rs_fail(RS_EUSAGE, "the proof of %s names no monitor", proofs[i].name);
        if (strcmp(z->sha256, network->sha256) != 0 || z->state_size != network->state_size)
            return rs_fail(RS_EUSAGE, "the proof of %s is of another network", proofs[i].name);
        rs_status status = rs_xml_check("property", proofs[i].name);
        if (status == RS_OK && proofs[i].formula) status = rs_xml_check("formula", proofs[i].formula);
        if (status != RS_OK) return status;
    }
    return RS_OK;
}

rs_status rs_proofs_write(char **out, size_t *length, rs_proofs_form form, const rs_proof_network *network,
                          size_t count, const rs_proof *proofs) {
    rs_status status = RS_OK;
    rs_text text = {0};
    char *bytes = NULL;
    rs_proofs *again = NULL;
    RS_TRY(check(network, count, proofs));
    (form == RS_PROOFS_COMPACT ? rs_certificate_write_compact : rs_certificate_write_xml)(&text, network, count,
                                                                                          proofs);
    size_t size = text.length;
    RS_TRY(rs_text_take(&bytes, &text));
    RS_TRY(rs_proofs_parse(&again, bytes, size, "written certificate"));
    if (!same(again, network, count, proofs)) {
        status = rs_fail(RS_EINTERNAL, "the certificate that was written says something else");
        goto cleanup;
    }
    *out = bytes;
    *length = size;
    bytes = NULL;
cleanup:
    rs_text_free(&text);
    free(bytes);
    rs_proofs_free(again);
    return status;
}
