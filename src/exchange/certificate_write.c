/* Files of proofs, written. The text is read back before it is given out: what the file says is what was meant. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/status.h"
#include "exchange/certificate.h"
#include "exchange/xml.h"

#define HINTS_A_LINE 50

static void add_box(rs_text *text, const char *side, size_t n, const int64_t *x) {
    rs_text_add(text, "<%s>", side);
    for (size_t s = 0; s < n; s++) rs_text_add(text, s ? " %" PRId64 : "%" PRId64, x[s]);
    rs_text_add(text, "</%s>", side);
}

static void add_hints(rs_text *text, const rs_certificate *z) {
    rs_text_add(text, "    <hints>");
    for (size_t i = 0; i < z->hint_count; i++) {
        if (i) rs_text_add(text, i % HINTS_A_LINE ? " " : "\n");
        if (z->hints[i] == RS_CERTIFY_EXPAND) rs_text_add(text, "*");
        else if (z->hints[i] >= RS_CERTIFY_CUT) rs_text_add(text, "/%" PRIu32, z->hints[i] - RS_CERTIFY_CUT);
        else rs_text_add(text, "%" PRIu32, z->hints[i]);
    }
    rs_text_add(text, "</hints>\n");
}

static void add_proof(rs_text *text, const rs_proof *p) {
    const rs_certificate *z = &p->certificate;
    rs_text_add(text, "  <proof claim=\"%s\" name=\"", rs_claim_name(p->claim));
    rs_xml_escape(text, p->name);
    if (p->formula) {
        rs_text_add(text, "\" formula=\"");
        rs_xml_escape(text, p->formula);
    }
    rs_text_add(text, "\"\n         monitor=\"%s\"\n", p->monitor);
    rs_text_add(text, "         eps=\"%" PRId64 "\" eps-logit=\"%" PRId64 "\" depth=\"%zu\" start=\"%zu\"", z->eps,
                z->eps_logit, z->depth, z->start);
    for (size_t s = 0; s < z->state_size && z->more; s++)
        rs_text_add(text, "%s%" PRId64, s ? " " : "\n         more=\"", z->more[s]);
    rs_text_add(text, z->more ? "\">\n" : ">\n");
    for (size_t r = 0; r < z->regions; r++) {
        rs_text_add(text, "    <region id=\"%zu\" monitor=\"%" PRIu32 "\">", r, z->monitor[r]);
        add_box(text, "lo", z->state_size, z->lo + r * z->state_size);
        add_box(text, "hi", z->state_size, z->hi + r * z->state_size);
        rs_text_add(text, "</region>\n");
    }
    add_hints(text, z);
    rs_text_add(text, "  </proof>\n");
}

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
        if (strcmp(z->sha256, network->sha256) != 0 || z->state_size != network->state_size)
            return rs_fail(RS_EUSAGE, "the proof of %s is of another network", proofs[i].name);
        rs_status status = rs_xml_check("property", proofs[i].name);
        if (status == RS_OK && proofs[i].formula) status = rs_xml_check("formula", proofs[i].formula);
        if (status != RS_OK) return status;
    }
    return RS_OK;
}

rs_status rs_proofs_write(char **out, const rs_proof_network *network, size_t count, const rs_proof *proofs) {
    rs_status status = RS_OK;
    rs_text text = {0};
    char *bytes = NULL;
    rs_proofs *again = NULL;
    RS_TRY(check(network, count, proofs));
    rs_text_add(&text,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<certificate xmlns=\"" RS_CERTIFICATE_NAMESPACE
                "\" tool=\"rnnsafe %s\" unit=\"" RS_CERTIFICATE_UNIT "\">\n",
                rs_version());
    rs_text_add(&text, "  <network sha256=\"%s\" cell=\"%s\" layers=\"%zu\" hidden=\"%zu\" state=\"%zu\"/>\n",
                network->sha256, rs_cell_name(network->cell), network->layers, network->hidden, network->state_size);
    for (size_t i = 0; i < count; i++) add_proof(&text, &proofs[i]);
    rs_text_add(&text, "</certificate>\n");
    size_t length = text.length;
    RS_TRY(rs_text_take(&bytes, &text));
    RS_TRY(rs_proofs_parse(&again, bytes, length, "written certificate"));
    if (!same(again, network, count, proofs)) {
        status = rs_fail(RS_EINTERNAL, "the certificate that was written says something else");
        goto cleanup;
    }
    *out = bytes;
    bytes = NULL;
cleanup:
    rs_text_free(&text);
    free(bytes);
    rs_proofs_free(again);
    return status;
}
