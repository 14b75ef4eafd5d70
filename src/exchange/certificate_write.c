/* Files of proofs, written as XML. */
#include <inttypes.h>

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

void rs_certificate_write_xml(rs_text *text, const rs_proof_network *network, size_t count, const rs_proof *proofs) {
    rs_text_add(text,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<certificate xmlns=\"" RS_CERTIFICATE_NAMESPACE
                "\" tool=\"rnnsafe %s\" unit=\"" RS_CERTIFICATE_UNIT "\">\n",
                rs_version());
    rs_text_add(text, "  <network sha256=\"%s\" cell=\"%s\" layers=\"%zu\" hidden=\"%zu\" state=\"%zu\"/>\n",
                network->sha256, rs_cell_name(network->cell), network->layers, network->hidden, network->state_size);
    for (size_t i = 0; i < count; i++) add_proof(text, &proofs[i]);
    rs_text_add(text, "</certificate>\n");
}
