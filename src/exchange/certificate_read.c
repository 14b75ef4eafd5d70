/* Files of proofs, read from XML. */
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "exchange/certificate.h"
#include "exchange/xml_stream.h"

enum { OUTSIDE, CERTIFICATE, NETWORK, PROOF, REGION, LO, HI, HINTS };

static const rs_xml_rule rules[] = {
    {"certificate", OUTSIDE, CERTIFICATE, {"tool", "unit"}, 2, false},
    {"network", CERTIFICATE, NETWORK, {"sha256", "cell", "layers", "hidden", "state"}, 5, false},
    {"proof",
     CERTIFICATE,
     PROOF,
     {"claim", "name", "monitor", "eps", "eps-logit", "depth", "start", "formula", "more"},
     7,
     false},
    {"region", PROOF, REGION, {"id", "monitor"}, 2, false},
    {"lo", REGION, LO, {NULL}, 0, true},
    {"hi", REGION, HI, {NULL}, 0, true},
    {"hints", PROOF, HINTS, {NULL}, 0, true},
};

typedef struct reader {
    rs_xml_stream stream;
    rs_proofs *file;
    size_t monitor_capacity, lo_capacity, hi_capacity, hints_capacity, more_capacity; /* of the last proof's arrays */
    int last; /* the element that ended last, or that began: what may follow depends on it */
} reader;

#define FAIL(r, ...) RS_XML_FAIL(&(r)->stream, __VA_ARGS__)

static rs_proof_entry *current(const reader *r) {
    return &r->file->entries[r->file->count - 1];
}

/* ---- numbers ---- */

/* An integer in [least, most]: digits, with a '-' before them when negative. */
static bool integer(int64_t *out, rs_xml_slice text, int64_t least, int64_t most) {
    bool negative = text.length && *text.text == '-';
    int64_t value = 0; /* never positive: the least integer has no positive one */
    size_t i = negative;
    if (i == text.length) return false;
    for (; i < text.length; i++) {
        if (text.text[i] < '0' || text.text[i] > '9') return false;
        int digit = text.text[i] - '0';
        if (value < (INT64_MIN + digit) / 10) return false;
        value = 10 * value - digit;
    }
    if (!negative && value == INT64_MIN) return false;
    value = negative ? value : -value;
    if (value < least || value > most) return false;
    *out = value;
    return true;
}

static rs_status count(reader *r, const char *what, rs_xml_slice text, int64_t least, int64_t most, size_t *out) {
    int64_t value;
    if (!integer(&value, text, least, most))
        return FAIL(r, "%s is an integer of at least %lld, not \"%.*s\"", what, (long long)least, RS_XML_SHOWN(text));
    *out = (size_t)value;
    return RS_OK;
}

/* The next item of a list, separated by white space; false: there is none. */
static bool item(rs_xml_slice *out, rs_xml_slice *rest) {
    while (rest->length && strchr(" \t\r\n", *rest->text)) rest->text++, rest->length--;
    *out = (rs_xml_slice){rest->text, 0};
    while (rest->length && !strchr(" \t\r\n", *rest->text)) rest->text++, rest->length--, out->length++;
    return out->length > 0;
}

/* A side of a box, appended. */
static rs_status side(reader *r, const char *what, rs_xml_slice text, int64_t **list, size_t *capacity) {
    rs_status status = RS_OK;
    size_t wanted = r->file->network.state_size, found = 0, used = current(r)->proof.certificate.regions * wanted;
    rs_xml_slice one;
    while (item(&one, &text)) {
        if (found++ == wanted) return FAIL(r, "<%s> has more than %zu numbers, the size of the state", what, wanted);
        RS_TRY(rs_reserve((void **)list, capacity, used + found, sizeof **list));
        if (!integer(&(*list)[used + found - 1], one, INT64_MIN, INT64_MAX))
            return FAIL(r, "<%s> holds integers of 64 bits, not \"%.*s\"", what, RS_XML_SHOWN(one));
    }
    if (found < wanted) return FAIL(r, "<%s> has %zu numbers, not %zu, the size of the state", what, found, wanted);
cleanup:
    return status;
}

/* What each coordinate may be off by beyond eps. */
static rs_status more(reader *r, rs_xml_slice text) {
    rs_status status = RS_OK;
    rs_proof_entry *e = current(r);
    size_t wanted = e->proof.certificate.state_size, found = 0;
    bool good = true;
    rs_xml_slice one;
    while (good && item(&one, &text)) {
        RS_TRY(rs_reserve((void **)&e->more, &r->more_capacity, ++found, sizeof *e->more));
        good = found <= wanted && integer(&e->more[found - 1], one, 0, INT64_MAX);
    }
    if (!good || found != wanted)
        return FAIL(r, "more is %zu integers of at least 0 and of 64 bits, one a coordinate of the state", wanted);
cleanup:
    return status;
}

static rs_status hints(reader *r, rs_xml_slice text) {
    rs_status status = RS_OK;
    rs_proof_entry *e = current(r);
    rs_certificate *z = &e->proof.certificate;
    rs_xml_slice one;
    while (item(&one, &text)) {
        int64_t hint = RS_CERTIFY_EXPAND;
        if (*one.text == '/') {
            rs_xml_slice coordinate = {one.text + 1, one.length - 1};
            if (!integer(&hint, coordinate, 0, (int64_t)z->state_size - 1))
                return FAIL(r, "a cut is / and one of %zu coordinates, not \"%.*s\"", z->state_size, RS_XML_SHOWN(one));
            hint += RS_CERTIFY_CUT;
        } else if ((one.length != 1 || *one.text != '*') && !integer(&hint, one, 0, (int64_t)z->regions - 1))
            return FAIL(r, "a hint is *, a cut or one of %zu regions, not \"%.*s\"", z->regions, RS_XML_SHOWN(one));
        RS_TRY(rs_reserve((void **)&e->hints, &r->hints_capacity, z->hint_count + 1, sizeof *e->hints));
        e->hints[z->hint_count++] = (uint32_t)hint;
    }
cleanup:
    return status;
}

static rs_status digest(reader *r, const char *what, rs_xml_slice text, char out[65]) {
    if (!rs_is_sha256(text.text, text.length))
        return FAIL(r, "%s is a SHA-256 of 64 hex digits in lower case, not \"%.*s\"", what, RS_XML_SHOWN(text));
    memcpy(out, text.text, 64);
    out[64] = 0;
    return RS_OK;
}

/* ---- elements ---- */

static rs_status open_network(reader *r, const rs_xml_slice *attribute) {
    rs_status status = RS_OK;
    rs_proof_network *n = &r->file->network;
    if (r->last != CERTIFICATE) return FAIL(r, "<certificate> holds one <network> and then <proof>s");
    RS_TRY(digest(r, "sha256", attribute[0], n->sha256));
    RS_TRY(rs_proofs_cell(&n->cell, r->stream.name, r->stream.place, attribute[1].text, attribute[1].length));
    RS_TRY(count(r, "layers", attribute[2], 1, INT32_MAX, &n->layers));
    RS_TRY(count(r, "hidden", attribute[3], 1, INT32_MAX, &n->hidden));
    RS_TRY(count(r, "state", attribute[4], 1, INT32_MAX, &n->state_size));
cleanup:
    return status;
}

static bool is(rs_xml_slice text, const char *wanted) {
    return text.length == strlen(wanted) && memcmp(text.text, wanted, text.length) == 0;
}

static rs_status open_proof(reader *r, const rs_xml_slice *attribute) {
    rs_status status = RS_OK;
    rs_proof_head head = {.name = attribute[1].text,
                          .name_length = attribute[1].length,
                          .formula = attribute[7].text,
                          .formula_length = attribute[7].length};
    if (r->last == CERTIFICATE) return FAIL(r, "<certificate> holds one <network> and then <proof>s");
    head.claim = is(attribute[0], "equal") ? RS_CLAIM_EQUAL : RS_CLAIM_PROPERTY;
    if (!is(attribute[0], rs_claim_name(head.claim)))
        return FAIL(r, "claim is \"property\" or \"equal\", not \"%.*s\"", RS_XML_SHOWN(attribute[0]));
    RS_TRY(rs_proofs_add(r->file, r->stream.name, r->stream.place, &head));
    r->monitor_capacity = r->lo_capacity = r->hi_capacity = r->hints_capacity = r->more_capacity = 0;
    rs_proof *p = &current(r)->proof;
    RS_TRY(digest(r, "monitor", attribute[2], p->monitor));
    if (!integer(&p->certificate.eps, attribute[3], 0, INT64_MAX) ||
        !integer(&p->certificate.eps_logit, attribute[4], 0, INT64_MAX))
        return FAIL(r, "eps and eps-logit are integers of at least 0 and of 64 bits");
    if (attribute[8].text) RS_TRY(more(r, attribute[8]));
    RS_TRY(count(r, "depth", attribute[5], 1, INT32_MAX, &p->certificate.depth));
    RS_TRY(count(r, "start", attribute[6], 0, INT32_MAX, &p->certificate.start));
cleanup:
    return status;
}

static rs_status open_region(reader *r, const rs_xml_slice *attribute) {
    rs_status status = RS_OK;
    rs_proof_entry *e = current(r);
    size_t id = 0, monitor = 0, regions = e->proof.certificate.regions;
    if (r->last == HINTS) return FAIL(r, "<proof> holds <region>s and then one <hints>");
    RS_TRY(count(r, "id", attribute[0], 0, INT32_MAX, &id));
    RS_TRY(count(r, "monitor", attribute[1], 0, INT32_MAX, &monitor));
    if (id != regions) return FAIL(r, "regions are numbered from 0: this is %zu, not %zu", regions, id);
    RS_TRY(rs_reserve((void **)&e->monitor, &r->monitor_capacity, regions + 1, sizeof *e->monitor));
    e->monitor[regions] = (uint32_t)monitor;
cleanup:
    return status;
}

static rs_status on_open(void *user, int element, const rs_xml_slice *attribute) {
    reader *r = user;
    rs_status status = RS_OK;
    switch (element) {
    case CERTIFICATE:
        if (!attribute[0].length) status = FAIL(r, "tool is empty");
        else if (!is(attribute[1], RS_CERTIFICATE_UNIT))
            status = FAIL(r, "unit is " RS_CERTIFICATE_UNIT ", not \"%.*s\"", RS_XML_SHOWN(attribute[1]));
        break;
    case NETWORK:
        status = open_network(r, attribute);
        break;
    case PROOF:
        status = open_proof(r, attribute);
        break;
    case REGION:
        status = open_region(r, attribute);
        break;
    case LO:
        if (r->last != REGION) status = FAIL(r, "<region> holds <lo> and then <hi>");
        break;
    case HI:
        if (r->last != LO) status = FAIL(r, "<region> holds <lo> and then <hi>");
        break;
    case HINTS:
        if (r->last != REGION) status = FAIL(r, "<proof> holds <region>s and then one <hints>");
        break;
    }
    r->last = element;
    return status;
}

static rs_status on_close(void *user, int element, rs_xml_slice text) {
    reader *r = user;
    rs_proof_entry *e = r->file->count ? current(r) : NULL;
    rs_status status = RS_OK;
    switch (element) {
    case CERTIFICATE:
        if (!e) status = FAIL(r, "there is no <proof>");
        break;
    case PROOF:
        status = r->last == HINTS ? rs_proofs_finish(r->file, r->stream.name, r->stream.place)
                                  : FAIL(r, "<proof> without <hints>");
        break;
    case REGION:
        if (r->last != HI) status = FAIL(r, "<region> holds <lo> and then <hi>");
        else e->proof.certificate.regions++;
        break;
    case LO:
        status = side(r, "lo", text, &e->lo, &r->lo_capacity);
        break;
    case HI:
        status = side(r, "hi", text, &e->hi, &r->hi_capacity);
        break;
    case HINTS:
        status = hints(r, text);
        break;
    }
    r->last = element;
    return status;
}

rs_status rs_certificate_read_xml(rs_proofs *out, const char *text, size_t length, const char *name) {
    reader r = {.stream = {.name = name,
                           .space = RS_CERTIFICATE_NAMESPACE,
                           .rules = rules,
                           .rule_count = sizeof rules / sizeof *rules,
                           .open = on_open,
                           .close = on_close,
                           .user = &r},
                .file = out};
    return rs_xml_stream_read(&r.stream, text, length);
}
