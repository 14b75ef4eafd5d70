#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/random.h"
#include "core/sha256.h"
#include "support/schema.h"
#include "support/unit.h"

#include "rnnsafe/exchange.h"

#define SCHEMA "specs/schema/certificate.xsd"
#define CORPUS "tests/fuzz/corpus/certificate/"
#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char *corpus_text(size_t *length, const char *name) {
    char path[256], *text = NULL;
    snprintf(path, sizeof path, CORPUS "%s.xml", name);
    CHECK_OK(rs_file_read(&text, length, unit_source(path), 100000));
    return text;
}

static rs_proofs *read_good(const char *name) {
    char path[256];
    size_t length;
    rs_proofs *file = NULL;
    snprintf(path, sizeof path, CORPUS "%s.xml", name);
    CHECK_OK(rs_proofs_read(&file, unit_source(path)));
    char *text = corpus_text(&length, name);
    CU_ASSERT(by_schema(SCHEMA, text, length) == VALID);
    free(text);
    return file;
}

static void known(void) {
    rs_proofs *file = read_good("one-good");
    const rs_proof_network *net = rs_proofs_network(file);
    CU_ASSERT_STRING_EQUAL(net->sha256, SHA);
    CU_ASSERT(net->cell == RS_CELL_GRU && net->layers == 1 && net->hidden == 2 && net->state_size == 2);
    CU_ASSERT_FATAL(rs_proofs_count(file) == 1);
    const rs_proof *p = rs_proofs_get(file, 0);
    const rs_certificate *z = &p->certificate;
    CU_ASSERT(p->claim == RS_CLAIM_PROPERTY);
    CU_ASSERT_STRING_EQUAL(p->name, "safe");
    CU_ASSERT_STRING_EQUAL(p->formula, "G(a -> out=b)");
    CU_ASSERT(strncmp(p->monitor, "fedcba98", 8) == 0 && strlen(p->monitor) == 64);
    CU_ASSERT_STRING_EQUAL(z->sha256, SHA);
    CU_ASSERT(z->eps == 5 && z->eps_logit == 77 && z->depth == 2 && z->start == 1 && z->state_size == 2);
    CU_ASSERT_FATAL(z->regions == 2 && z->hint_count == 4);
    CU_ASSERT(z->monitor[0] == 3 && z->monitor[1] == 0);
    CU_ASSERT(z->lo[0] == -7 && z->lo[1] == 0 && z->lo[2] == INT64_MIN && z->lo[3] == 1);
    CU_ASSERT(z->hi[0] == INT64_MAX && z->hi[1] == 12 && z->hi[2] == 3 && z->hi[3] == 4);
    CU_ASSERT(z->hints[0] == RS_CERTIFY_EXPAND && z->hints[1] == 0 && z->hints[2] == 1 && z->hints[3] == 1);
    rs_proofs_free(file);
    file = read_good("two-good");
    CU_ASSERT_FATAL(rs_proofs_count(file) == 2);
    p = rs_proofs_get(file, 1);
    CU_ASSERT(p->claim == RS_CLAIM_EQUAL && !p->formula && p->certificate.hint_count == 0);
    CU_ASSERT_STRING_EQUAL(p->name, "truth.dot");
    rs_proofs_free(file);
    file = read_good("more-good");
    p = rs_proofs_get(file, 0);
    CU_ASSERT(p->certificate.more && p->certificate.more[0] == 3 && p->certificate.more[1] == 4);
    rs_proofs_free(file);
    file = read_good("white-space-good");
    p = rs_proofs_get(file, 0);
    CU_ASSERT(p->certificate.hint_count == 4 && p->certificate.hints[3] == 1 && p->certificate.lo[0] == -7);
    rs_proofs_free(file);
    file = read_good("formula-lines-good");
    CU_ASSERT_STRING_EQUAL(rs_proofs_get(file, 0)->formula, "G(a ->\n\tout=b)\r");
    rs_proofs_free(file);
    file = read_good("cuts-good");
    p = rs_proofs_get(file, 0);
    CU_ASSERT(p->certificate.hint_count == 6 && p->certificate.hints[0] == RS_CERTIFY_CUT);
    CU_ASSERT(p->certificate.hints[1] == RS_CERTIFY_CUT + 1 && p->certificate.hints[2] == RS_CERTIFY_EXPAND);
    rs_proofs_free(file);
    CHECK_FAILS(rs_proofs_read(&file, "/nowhere/x.xml"), RS_EINPUT, "cannot open");
}

/* Numbers of all sizes come back; *proofs hold what the arrays of `store` say. */
typedef struct store {
    uint32_t monitor[6], hints[200];
    int64_t lo[18], hi[18], more[3];
} store;

static rs_proof random_proof(rs_random *r, store *s, size_t state_size, const char *name) {
    rs_proof p = {.claim = rs_random_below(r, 2) ? RS_CLAIM_EQUAL : RS_CLAIM_PROPERTY, .name = name};
    size_t regions = 1 + rs_random_below(r, 6), count = rs_random_below(r, 201);
    for (size_t i = 0; i < regions; i++) s->monitor[i] = (uint32_t)rs_random_below(r, INT32_MAX);
    for (size_t i = 0; i < regions * state_size; i++) {
        s->lo[i] = (int64_t)(rs_random_next(r) >> rs_random_below(r, 64));
        s->hi[i] = -(int64_t)(rs_random_next(r) >> (1 + rs_random_below(r, 63)));
    }
    for (size_t i = 0; i < count; i++)
        s->hints[i] =
            (const uint32_t[]){RS_CERTIFY_EXPAND, (uint32_t)rs_random_below(r, regions),
                               RS_CERTIFY_CUT + (uint32_t)rs_random_below(r, state_size)}[rs_random_below(r, 3)];
    for (size_t i = 0; i < state_size; i++) s->more[i] = (int64_t)(rs_random_next(r) >> rs_random_below(r, 63) >> 1);
    if (p.claim == RS_CLAIM_PROPERTY) p.formula = "a & b <-> \"']]>\\ <!-- &amp; \xc3\xa9\t\r\n\n ";
    strcpy(p.monitor, SHA);
    p.certificate = (rs_certificate){.sha256 = SHA,
                                     .eps = (int64_t)(rs_random_next(r) >> 1),
                                     .eps_logit = (int64_t)rs_random_below(r, 100),
                                     .more = rs_random_below(r, 2) ? s->more : NULL,
                                     .state_size = state_size,
                                     .regions = regions,
                                     .start = rs_random_below(r, regions),
                                     .monitor = s->monitor,
                                     .lo = s->lo,
                                     .hi = s->hi,
                                     .hints = s->hints,
                                     .hint_count = count,
                                     .depth = 1 + rs_random_below(r, 9)};
    return p;
}

static void round_trips(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    static store stores[3];
    const char *names[] = {"first", "<&\">", "\xc3\xa9"};
    for (size_t i = 0; i < 120; i++) {
        rs_proofs_form form = i % 2 ? RS_PROOFS_COMPACT : RS_PROOFS_XML;
        rs_proof proofs[3];
        size_t count = 1 + rs_random_below(&r, 3), state_size = 1 + rs_random_below(&r, 3);
        rs_proof_network net = {.sha256 = SHA,
                                .cell = (rs_cell)rs_random_below(&r, RS_CELLS),
                                .layers = 1 + rs_random_below(&r, 3),
                                .hidden = 1 + rs_random_below(&r, 99),
                                .state_size = state_size};
        for (size_t k = 0; k < count; k++) proofs[k] = random_proof(&r, &stores[k], state_size, names[k]);
        rs_proofs *again = NULL;
        char *text = NULL;
        size_t length = 0;
        CHECK_OK(rs_proofs_write(&text, &length, form, &net, count, proofs));
        CU_ASSERT_FATAL(text != NULL);
        CU_ASSERT(form == RS_PROOFS_COMPACT || by_schema(SCHEMA, text, length) == VALID);
        CHECK_OK(rs_proofs_parse(&again, text, length, "written"));
        CU_ASSERT_FATAL(again && rs_proofs_count(again) == count);
        const rs_proof_network *n = rs_proofs_network(again);
        CU_ASSERT_STRING_EQUAL(n->sha256, SHA);
        CU_ASSERT(n->cell == net.cell && n->layers == net.layers && n->hidden == net.hidden);
        CU_ASSERT(n->state_size == state_size);
        for (size_t k = 0; k < count; k++) {
            const rs_proof *p = rs_proofs_get(again, k);
            const rs_certificate *x = &p->certificate, *y = &proofs[k].certificate;
            CU_ASSERT_STRING_EQUAL(p->name, names[k]);
            CU_ASSERT((p->formula != NULL) == (proofs[k].formula != NULL));
            if (p->formula) CU_ASSERT_STRING_EQUAL(p->formula, proofs[k].formula);
            CU_ASSERT_FATAL(x->regions == y->regions && x->hint_count == y->hint_count);
            CU_ASSERT(x->eps == y->eps && x->start == y->start && x->depth == y->depth);
            CU_ASSERT(memcmp(x->lo, y->lo, x->regions * state_size * sizeof *x->lo) == 0);
            CU_ASSERT(memcmp(x->hi, y->hi, x->regions * state_size * sizeof *x->hi) == 0);
            for (size_t h = 0; h < x->hint_count; h++) CU_ASSERT(x->hints[h] == y->hints[h]);
            CU_ASSERT_FATAL(!x->more == !y->more);
            for (size_t s = 0; s < state_size && x->more; s++) CU_ASSERT(x->more[s] == y->more[s]);
        }
        rs_proofs_free(again);
        free(text);
    }
}

static void refused_to_write_as(rs_proofs_form form) {
    rs_random r = rs_random_new(unit_seed(), 1);
    static store s;
    rs_proof_network net = {.sha256 = SHA, .cell = RS_CELL_TANH, .layers = 1, .hidden = 2, .state_size = 2};
    rs_proof p = random_proof(&r, &s, 2, "p");
    char *text = NULL;
    size_t length;
    CHECK_FAILS(rs_proofs_write(&text, &length, form, &net, 0, NULL), RS_EUSAGE, "no proof");
    p.certificate.sha256[3] = 'f';
    CHECK_FAILS(rs_proofs_write(&text, &length, form, &net, 1, &p), RS_EUSAGE, "the proof of p is of another network");
    p = random_proof(&r, &s, 2, "p");
    p.monitor[63] = 'A';
    CHECK_FAILS(rs_proofs_write(&text, &length, form, &net, 1, &p), RS_EUSAGE, "the proof of p names no monitor");
    p = random_proof(&r, &s, 2, "p");
    net.state_size = 3;
    CHECK_FAILS(rs_proofs_write(&text, &length, form, &net, 1, &p), RS_EUSAGE, "the proof of p is of another network");
    net.state_size = 2;
    net.sha256[0] = 0;
    CHECK_FAILS(rs_proofs_write(&text, &length, form, &net, 1, &p), RS_EUSAGE, "not read from a file");
    net.sha256[0] = '0';
    p.certificate.start = p.certificate.regions;
    CHECK_FAILS(rs_proofs_write(&text, &length, form, &net, 1, &p), RS_EINPUT, "start is one of");
    p.certificate.start = 0;
    p.claim = RS_CLAIM_PROPERTY;
    p.formula = "a\001";
    CHECK_FAILS(rs_proofs_write(&text, &length, form, &net, 1, &p), RS_EINPUT, "holds a character that XML cannot");
    p.formula = "a";
    p.name = "a b";
    CHECK_FAILS(rs_proofs_write(&text, &length, form, &net, 1, &p), RS_EINPUT, "proof \"a b\" holds white space");
    CU_ASSERT_PTR_NULL(text);
}

static void refused_to_write(void) {
    refused_to_write_as(RS_PROOFS_XML);
    refused_to_write_as(RS_PROOFS_COMPACT);
}

/* Each file of the corpus that is not "-good": what is said of it, and what the schema makes of it. */
static const struct {
    const char *name, *message;
    judgement schema;
} malformed[] = {
    {"automaton-file", ":2:1: <automaton> is not in the namespace \"urn:rnnsafe:certificate:1\"", INVALID},
    {"billion-laughs", ":2:1: a document type declaration is not read; remove it", VALID},
    {"blank-in-name", ":4:3: proof \"sa fe\" holds white space or a control character", INVALID},
    {"dangling-start", ":9:5: start is one of 2 regions, not \"2\"", INVALID},
    {"depth-zero", ":4:3: depth is an integer of at least 1, not \"0\"", INVALID},
    {"empty-tool", ":2:1: tool is empty", INVALID},
    {"empty", ":1:1: an empty file", NOT_PARSED},
    {"eps-fraction", ":4:3: eps and eps-logit are integers of at least 0 and of 64 bits", INVALID},
    {"eps-logit-too-large", ":4:3: eps and eps-logit are integers of at least 0 and of 64 bits", INVALID},
    {"eps-negative", ":4:3: eps and eps-logit are integers of at least 0 and of 64 bits", INVALID},
    {"equal-with-formula", ":4:3: a proof of a property has a \"formula\", and no other has", VALID},
    {"external-entity", ":2:1: a document type declaration is not read; remove it", NOT_PARSED},
    {"foreign-element", ":9:5: <hints> is not in the namespace \"urn:rnnsafe:certificate:1\"", INVALID},
    {"hi-before-lo", ":7:32: <region> holds <lo> and then <hi>", INVALID},
    {"hidden-too-large", ":3:3: hidden is an integer of at least 1, not \"2147483648\"", INVALID},
    {"cut-alone", ":9:5: a cut is / and one of 2 coordinates, not \"/\"", INVALID},
    {"cut-of-no-coordinate", ":9:5: a cut is / and one of 2 coordinates, not \"/2\"", VALID},
    {"hint-dangling", ":9:5: a hint is *, a cut or one of 2 regions, not \"2\"", VALID},
    {"hint-negative", ":9:5: a hint is *, a cut or one of 2 regions, not \"-1\"", INVALID},
    {"hint-stars", ":9:5: a hint is *, a cut or one of 2 regions, not \"**\"", INVALID},
    {"hints-before-regions", ":7:5: <proof> holds <region>s and then one <hints>", INVALID},
    {"hints-twice", ":9:23: <proof> holds <region>s and then one <hints>", INVALID},
    {"layers-negative", ":3:3: layers is an integer of at least 1, not \"-1\"", INVALID},
    {"lo-twice", ":7:45: <region> holds <lo> and then <hi>", INVALID},
    {"monitor-not-hex", ":4:3: monitor is a SHA-256 of 64 hex digits in lower case, not \"gedcba987654", INVALID},
    {"more-negative", ":4:3: more is 2 integers of at least 0 and of 64 bits, one a coordinate of the state", INVALID},
    {"more-of-three", ":4:3: more is 2 integers of at least 0 and of 64 bits, one a coordinate of the state", VALID},
    {"no-hi", ":8:32: <region> holds <lo> and then <hi>", INVALID},
    {"no-hints", ":8:63: <proof> without <hints>", INVALID},
    {"no-lo", ":7:32: <region> holds <lo> and then <hi>", INVALID},
    {"no-network", ":3:3: <certificate> holds one <network> and then <proof>s", INVALID},
    {"no-proof", ":3:3: there is no <proof>", INVALID},
    {"no-regions", ":7:5: <proof> holds <region>s and then one <hints>", INVALID},
    {"no-start", ":4:3: <proof> needs the attribute \"start\"", INVALID},
    {"no-tool", ":2:1: <certificate> needs the attribute \"tool\"", INVALID},
    {"not-closed", ":11:1: Premature end of data in tag certificate line 2", NOT_PARSED},
    {"not-utf8", ":4:36: Input is not proper UTF-8, indicate encoding !", NOT_PARSED},
    {"nul-byte", ":7:38: Char 0x0 out of allowed range", NOT_PARSED},
    {"other-unit", ":2:1: unit is 2^-40, not \"2^-41\"", INVALID},
    {"proof-twice", ":11:3: there are two proofs of \"safe\"", INVALID},
    {"property-without-formula", ":4:3: a proof of a property has a \"formula\", and no other has", VALID},
    {"region-after-hints", ":10:3: <proof> holds <region>s and then one <hints>", INVALID},
    {"region-monitor-negative", ":7:5: monitor is an integer of at least 0, not \"-3\"", INVALID},
    {"region-skipped", ":8:5: regions are numbered from 0: this is 1, not 2", INVALID},
    {"region-twice", ":8:5: regions are numbered from 0: this is 1, not 0", INVALID},
    {"sha256-short", ":3:3: sha256 is a SHA-256 of 64 hex digits in lower case, not \"123456789abc", INVALID},
    {"sha256-upper-case", ":3:3: sha256 is a SHA-256 of 64 hex digits in lower case, not \"0123456789AB", INVALID},
    {"side-element", ":7:39: <x> is out of place", INVALID},
    {"side-empty", ":7:32: <lo> has 0 numbers, not 2, the size of the state", INVALID},
    {"side-fraction", ":7:32: <lo> holds integers of 64 bits, not \"0.5\"", INVALID},
    {"side-long", ":7:32: <lo> has more than 2 numbers, the size of the state", VALID},
    {"side-minus-alone", ":7:32: <lo> holds integers of 64 bits, not \"-\"", INVALID},
    {"side-short", ":7:32: <lo> has 1 numbers, not 2, the size of the state", VALID},
    {"side-too-large", ":7:45: <hi> holds integers of 64 bits, not \"922337203685", INVALID},
    {"side-too-small", ":8:32: <lo> holds integers of 64 bits, not \"-9223372036854775809\"", INVALID},
    {"state-zero", ":3:3: state is an integer of at least 1, not \"0\"", INVALID},
    {"text-between", ":7:33: text between elements; everything is in attributes", INVALID},
    {"two-networks", ":4:3: <certificate> holds one <network> and then <proof>s", INVALID},
    {"unknown-attribute", ":4:3: <proof> has no attribute \"margin\"", INVALID},
    {"unknown-cell", ":3:3: there is no cell \"grue\"", INVALID},
    {"unknown-claim", ":4:3: claim is \"property\" or \"equal\", not \"truth\"", INVALID},
    {"unknown-element", ":9:5: <margins> is out of place", INVALID},
    {"unknown-entity", ":7:45: Entity 'zero' not defined", NOT_PARSED},
    {"wrong-namespace", ":2:1: <certificate> is not in the namespace \"urn:rnnsafe:certificate:1\"", INVALID},
    {"wrong-root", ":2:1: <proofs> is out of place", INVALID},
};

static void malformed_files(void) {
    size_t count = 0, listed = sizeof malformed / sizeof *malformed;
    for (size_t i = 0; i < listed; i++) {
        size_t length = 0;
        char *text = corpus_text(&length, malformed[i].name);
        rs_proofs *file = NULL;
        CHECK_FAILS(rs_proofs_parse(&file, text, length, malformed[i].name), RS_EINPUT, malformed[i].message);
        unit_contains(rs_error_message(), malformed[i].name, __FILE__, __LINE__);
        CU_ASSERT_PTR_NULL(file);
        CU_ASSERT(by_schema(SCHEMA, text, length) == malformed[i].schema);
        free(text);
    }
    DIR *folder = opendir(unit_source(CORPUS));
    CU_ASSERT_PTR_NOT_NULL_FATAL(folder);
    for (const struct dirent *e; (e = readdir(folder));)
        count += e->d_name[0] != '.' && !strstr(e->d_name, "-good") && strstr(e->d_name, ".xml");
    closedir(folder);
    CU_ASSERT(count == listed);
}

/* Cut anywhere before its last tag ends, a file is refused. */
static void truncations(void) {
    size_t length;
    char *text = corpus_text(&length, "two-good");
    for (size_t i = 0; i <= length; i++) {
        rs_proofs *file = NULL;
        char *part = malloc(i ? i : 1); /* of the exact size, so that AddressSanitizer sees a read past it */
        memcpy(part, text, i);
        rs_status status = rs_proofs_parse(&file, part, i, "part");
        CU_ASSERT(status == (i + 1 >= length ? RS_OK : RS_EINPUT));
        rs_proofs_free(file);
        free(part);
    }
    free(text);
}

static void digest_of(char out[65], const char *rule, const rs_names *alphabet, const rs_names *outputs) {
    rs_properties *p = NULL;
    CHECK_OK(rs_properties_parse(&p, rule, strlen(rule), "rule", alphabet, outputs));
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    CHECK_OK(rs_monitor_sha256(out, rs_property_monitor(rs_properties_get(p, 0))));
    rs_properties_free(p);
}

/* The canonical text by hand; it is the meaning that counts and not how it was written. */
static void monitors(void) {
    static const char text[] = "symbols a b\noutputs no yes\n0 ok 0 1 0 0\n1 bad 1 1 1 1\n";
    char wanted[65], got[65];
    rs_names *alphabet = NULL, *outputs = NULL, *other = NULL;
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "a b"));
    CHECK_OK(rs_names_parse(&other, "alphabet", "b a"));
    CHECK_OK(rs_names_parse(&outputs, "outputs", "no yes"));
    rs_sha256_hex(wanted, text, strlen(text));
    digest_of(got, "p: in=a -> out=no", alphabet, outputs);
    CU_ASSERT_STRING_EQUAL(got, wanted);
    digest_of(got, "q: G(!(out=yes & !in=b))", alphabet, outputs);
    CU_ASSERT_STRING_EQUAL(got, wanted);
    digest_of(got, "p: in=a -> out=yes", alphabet, outputs);
    CU_ASSERT(strcmp(got, wanted) != 0);
    digest_of(got, "p: in=a -> out=no", other, outputs);
    CU_ASSERT(strcmp(got, wanted) != 0);
    rs_names_free(alphabet);
    rs_names_free(outputs);
    rs_names_free(other);
}

static rs_status sweep(void *user) {
    rs_proofs *file = NULL;
    rs_proof proofs[2];
    char *text = NULL;
    size_t size;
    rs_status status = rs_proofs_parse(&file, user, strlen(user), "sweep");
    for (size_t i = 0; status == RS_OK && i < 2; i++) proofs[i] = *rs_proofs_get(file, i);
    if (status == RS_OK) status = rs_proofs_write(&text, &size, RS_PROOFS_XML, rs_proofs_network(file), 2, proofs);
    rs_proofs_free(file);
    free(text);
    return status;
}

static void out_of_memory(void) {
    size_t length;
    char *text = corpus_text(&length, "two-good");
    unit_allocation_sweep(sweep, text, 10000);
    free(text);
}

static const unit_test tests[] = {
    {"files by hand", known},
    {"what is written is read back the same, and valid", round_trips},
    {"what is not written", refused_to_write},
    {"malformed files", malformed_files},
    {"truncated files", truncations},
    {"the canonical text of monitors", monitors},
    {"without memory", out_of_memory},
};
UNIT_MAIN("exchange: files of proofs", tests)
