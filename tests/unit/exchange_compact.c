#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/random.h"
#include "support/unit.h"

#include "rnnsafe/exchange.h"

#define CORPUS "tests/fuzz/corpus/certificate/"
#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

typedef struct bytes {
    char *at;
    size_t length;
} bytes;

static bytes corpus_file(const char *name) {
    char path[256];
    bytes b = {0};
    snprintf(path, sizeof path, CORPUS "%s", name);
    CHECK_OK(rs_file_read(&b.at, &b.length, unit_source(path), 100000));
    return b;
}

/* What a file says, in a form. */
static rs_status again_as(bytes *out, rs_proofs_form form, bytes file) {
    rs_proofs *proofs = NULL;
    rs_proof list[3];
    rs_status status = rs_proofs_parse(&proofs, file.at, file.length, "again");
    size_t count = status == RS_OK ? rs_proofs_count(proofs) : 0;
    for (size_t i = 0; i < count && i < 3; i++) list[i] = *rs_proofs_get(proofs, i);
    if (status == RS_OK) status = rs_proofs_write(&out->at, &out->length, form, rs_proofs_network(proofs), count, list);
    rs_proofs_free(proofs);
    return status;
}

static bool equal(bytes a, bytes b) {
    return a.at && b.at && a.length == b.length && memcmp(a.at, b.at, a.length) == 0;
}

/* Files of one name say the same in both forms. */
static void both_forms(void) {
    static const char *const names[] = {"one-good", "two-good", "more-good", "formula-lines-good", "cuts-good"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[64];
        bytes compact_of_xml = {0}, xml_of_compact = {0}, xml_of_xml = {0};
        snprintf(name, sizeof name, "%s.xml", names[i]);
        bytes xml = corpus_file(name);
        snprintf(name, sizeof name, "%s.compact", names[i]);
        bytes compact = corpus_file(name);
        CHECK_OK(again_as(&compact_of_xml, RS_PROOFS_COMPACT, xml));
        CHECK_OK(again_as(&xml_of_compact, RS_PROOFS_XML, compact));
        CHECK_OK(again_as(&xml_of_xml, RS_PROOFS_XML, xml));
        CU_ASSERT(equal(compact_of_xml, compact));
        CU_ASSERT(equal(xml_of_compact, xml_of_xml));
        free(xml.at);
        free(compact.at);
        free(compact_of_xml.at);
        free(xml_of_compact.at);
        free(xml_of_xml.at);
    }
}

static const struct {
    const char *name;
    int64_t lo[2], hi[2];
} boxes_by_hand[] = {
    {"shift-good", {-((int64_t)1 << 40), (int64_t)5 << 30}, {(int64_t)1 << 40, (int64_t)6 << 30}},
    {"zeros-good", {0, 0}, {0, 0}},
    {"least-good", {INT64_MIN, 0}, {0, INT64_MIN}},
    {"ends-swapped-good", {INT64_MAX, 4}, {INT64_MIN, 3}},
};

static void known(void) {
    for (size_t i = 0; i < sizeof boxes_by_hand / sizeof *boxes_by_hand; i++) {
        char path[256];
        rs_proofs *file = NULL;
        snprintf(path, sizeof path, CORPUS "%s.compact", boxes_by_hand[i].name);
        CHECK_OK(rs_proofs_read(&file, unit_source(path)));
        CU_ASSERT_PTR_NOT_NULL_FATAL(file);
        const rs_certificate *z = &rs_proofs_get(file, 0)->certificate;
        CU_ASSERT_FATAL(z->regions == 1 && z->state_size == 2 && z->hint_count == 0);
        for (size_t s = 0; s < 2; s++)
            CU_ASSERT(z->lo[s] == boxes_by_hand[i].lo[s] && z->hi[s] == boxes_by_hand[i].hi[s]);
        rs_proofs_free(file);
    }
}

/* A number of any size, of either sign, with any number of low bits that are 0; often one at an end of the range. */
static int64_t any_number(rs_random *r) {
    static const int64_t ends[] = {
        0, -1, 1, INT64_MIN, INT64_MIN + 1, INT64_MAX, (int64_t)1 << 62, -((int64_t)1 << 62)};
    if (!rs_random_below(r, 3)) return ends[rs_random_below(r, sizeof ends / sizeof *ends)];
    uint64_t value = rs_random_next(r) >> rs_random_below(r, 64) << rs_random_below(r, 64);
    return (int64_t)(rs_random_below(r, 2) ? value : 0 - value);
}

static void all_boxes(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    const rs_proof_network net = {.sha256 = SHA, .cell = RS_CELL_LSTM, .layers = 1, .hidden = 2, .state_size = 4};
    const uint32_t monitor[2] = {0, INT32_MAX};
    for (size_t i = 0; i < 1000; i++) {
        int64_t lo[8], hi[8];
        uint64_t mask = UINT64_MAX << (rs_random_below(&r, 2) ? rs_random_below(&r, 64) : 0);
        for (size_t s = 0; s < 8; s++) {
            lo[s] = (int64_t)((uint64_t)any_number(&r) & mask);
            hi[s] = (int64_t)((uint64_t)any_number(&r) & mask);
        }
        rs_proof p = {
            .claim = RS_CLAIM_EQUAL,
            .name = "p",
            .monitor = SHA,
            .certificate = {
                .sha256 = SHA, .state_size = 4, .regions = 2, .monitor = monitor, .lo = lo, .hi = hi, .depth = 1}};
        bytes written = {0}, again = {0};
        rs_proofs *file = NULL;
        CHECK_OK(rs_proofs_write(&written.at, &written.length, RS_PROOFS_COMPACT, &net, 1, &p));
        CHECK_OK(rs_proofs_parse(&file, written.at, written.length, "written"));
        CU_ASSERT_PTR_NOT_NULL_FATAL(file);
        const rs_certificate *z = &rs_proofs_get(file, 0)->certificate;
        CU_ASSERT(memcmp(z->lo, lo, sizeof lo) == 0 && memcmp(z->hi, hi, sizeof hi) == 0);
        CU_ASSERT(z->monitor[0] == 0 && z->monitor[1] == INT32_MAX);
        CHECK_OK(again_as(&again, RS_PROOFS_COMPACT, written));
        CU_ASSERT(equal(again, written));
        rs_proofs_free(file);
        free(written.at);
        free(again.at);
    }
}

/* Each file of the corpus that is not "-good": what is said of it. */
static const struct {
    const char *name, *message;
} malformed[] = {
    {"bytes-after", ": byte 150: 2 bytes follow the last proof"},
    {"cell-not-utf8", ": byte 40: the cell is not UTF-8"},
    {"cell-unknown", ": byte 40: there is no cell \"grue\""},
    {"claim-two", ": byte 48: the claim is an integer from 0 to 1, not 2"},
    {"cut-no-coordinate", ": byte 149: a cut is one of 2 coordinates, not 2"},
    {"depth-none", ": byte 102: depth is an integer from 1 to 2147483647, not 0"},
    {"eps-66-bits", ": byte 100: eps has more than 64 bits"},
    {"eps-eleven-bytes", ": byte 100: eps has more than 64 bits"},
    {"eps-large", ": byte 100: eps is an integer from 0 to 9223372036854775807, not 9223372036854775808"},
    {"eps-logit-large", ": byte 101: eps-logit is an integer from 0 to 9223372036854775807, not 18446744073709551615"},
    {"eps-superfluous-byte", ": byte 100: eps has a superfluous byte"},
    {"formula-control", ": byte 54: the formula holds a character that XML cannot"},
    {"formula-surrogate", ": byte 54: the formula is not UTF-8"},
    {"hidden-large", ": byte 45: the number of hidden units is an integer from 1 to 2147483647, not 2147483648"},
    {"hint-large", ": byte 149: a hint is one of 2 regions, not 9223372036854775807"},
    {"hint-no-region", ": byte 149: a hint is one of 2 regions, not 2"},
    {"hints-past-end", ": byte 145: the number of hints is 5, which 4 bytes cannot hold"},
    {"layers-zero", ": byte 44: the number of layers is an integer from 1 to 2147483647, not 0"},
    {"length-large", ": byte 109: the length of a side has more than 64 bits"},
    {"low-large", ": byte 108: the low end of a side has more than 64 bits"},
    {"low-small", ": byte 108: the low end of a side has more than 64 bits"},
    {"magic-alone", ": byte 0: a certificate in the compact form begins with other bytes"},
    {"magic-line-breaks", ": byte 0: a certificate in the compact form begins with other bytes"},
    {"more-large", ": byte 106: more is an integer from 0 to 9223372036854775807, not 9223372036854775808"},
    {"more-two", ": byte 104: whether there is more is an integer from 0 to 1, not 2"},
    {"name-blank", ": byte 49: proof \"sa fe\" holds white space or a control character"},
    {"name-empty", ": byte 49: proof without a name"},
    {"name-no-character", ": byte 49: the name of a proof holds a character that XML cannot"},
    {"name-not-utf8", ": byte 49: the name of a proof is not UTF-8"},
    {"name-of-two", ": byte 151: there are two proofs of \"safe\""},
    {"name-past-end", ": byte 49: the file ends before the end of the name of a proof"},
    {"name-zero-byte", ": byte 49: the name of a proof holds a character that XML cannot"},
    {"proofs-none", ": byte 47: the number of proofs is an integer from 1 to 2147483647, not 0"},
    {"proofs-past-end", ": byte 47: the number of proofs is 10000, which 102 bytes cannot hold"},
    {"region-monitor-large",
     ": byte 106: a region's state of the monitor is an integer from 0 to 2147483647, not 21474"},
    {"regions-none", ": byte 105: the number of regions is an integer from 1 to 2147483647, not 0"},
    {"regions-past-end", ": byte 105: the number of regions is 2147483647, which 44 bytes cannot hold"},
    {"shift-64", ": byte 107: a region's shift is an integer from 0 to 63, not 64"},
    {"shift-large", ": byte 107: a region's shift is the 0 low bits that are 0 in all its sides, not 1"},
    {"shift-small", ": byte 107: a region's shift is the 2 low bits that are 0 in all its sides, not 1"},
    {"start-no-region", ": byte 103: start is one of 2 regions, not \"2\""},
    {"state-large", ": byte 109: the number of regions is 2, which 44 bytes cannot hold"},
    {"state-large-more", ": byte 108: more is 2147483647 numbers, which 47 bytes cannot hold"},
    {"state-none", ": byte 46: the size of the state is an integer from 1 to 2147483647, not 0"},
    {"state-of-three", "a region's state of the monitor is an integer from 0 to 2147483647, not"},
    {"version-two", ": byte 7: version 2 of the compact form is not read, 1 is"},
};

static void malformed_files(void) {
    size_t count = 0, listed = sizeof malformed / sizeof *malformed;
    for (size_t i = 0; i < listed; i++) {
        char name[64];
        rs_proofs *file = NULL;
        snprintf(name, sizeof name, "%s.compact", malformed[i].name);
        bytes b = corpus_file(name);
        CHECK_FAILS(rs_proofs_parse(&file, b.at, b.length, name), RS_EINPUT, malformed[i].message);
        unit_contains(rs_error_message(), name, __FILE__, __LINE__);
        CU_ASSERT_PTR_NULL(file);
        free(b.at);
    }
    DIR *folder = opendir(unit_source(CORPUS));
    CU_ASSERT_PTR_NOT_NULL_FATAL(folder);
    for (const struct dirent *e; (e = readdir(folder));)
        count += !strstr(e->d_name, "-good") && strstr(e->d_name, ".compact");
    closedir(folder);
    CU_ASSERT(count == listed);
}

/* Cut anywhere, a file is refused. */
static void truncations(void) {
    bytes b = corpus_file("two-good.compact");
    for (size_t i = 0; i <= b.length; i++) {
        rs_proofs *file = NULL;
        char *part = malloc(i ? i : 1); /* of the exact size, so that AddressSanitizer sees a read past it */
        memcpy(part, b.at, i);
        CU_ASSERT(rs_proofs_parse(&file, part, i, "part") == (i == b.length ? RS_OK : RS_EINPUT));
        rs_proofs_free(file);
        free(part);
    }
    free(b.at);
}

/* With any byte changed, a file is refused, or it is what would be written of what it says: there is no second form. */
static void one_form(void) {
    bytes b = corpus_file("one-good.compact");
    size_t read = 0;
    for (size_t i = 0; i < b.length; i++) {
        char was = b.at[i];
        for (int value = 0; value < 256; value++) {
            bytes again = {0};
            b.at[i] = (char)value;
            rs_status status = again_as(&again, RS_PROOFS_COMPACT, b);
            CU_ASSERT(status == RS_EINPUT || (status == RS_OK && equal(again, b)));
            read += status == RS_OK;
            free(again.at);
        }
        b.at[i] = was;
    }
    CU_ASSERT(read > 32 * 256); /* those of digests, at least */
    free(b.at);
}

/* As many proofs as there may be, and one more. */
static void many_proofs(void) {
    enum { LIMIT = 10000 };
    static rs_proof proofs[LIMIT + 1];
    static char names[LIMIT + 1][8];
    const rs_proof_network net = {.sha256 = SHA, .cell = RS_CELL_GRU, .layers = 1, .hidden = 1, .state_size = 1};
    const uint32_t monitor = 0;
    const int64_t zero = 0;
    bytes b = {0};
    for (size_t i = 0; i <= LIMIT; i++) {
        snprintf(names[i], sizeof names[i], "%zu", i);
        proofs[i] = (rs_proof){.claim = RS_CLAIM_EQUAL,
                               .name = names[i],
                               .monitor = SHA,
                               .certificate = {.sha256 = SHA,
                                               .state_size = 1,
                                               .regions = 1,
                                               .monitor = &monitor,
                                               .lo = &zero,
                                               .hi = &zero,
                                               .depth = 1}};
    }
    CHECK_OK(rs_proofs_write(&b.at, &b.length, RS_PROOFS_COMPACT, &net, LIMIT, proofs));
    free(b.at);
    CHECK_FAILS(rs_proofs_write(&b.at, &b.length, RS_PROOFS_COMPACT, &net, LIMIT + 1, proofs), RS_EINPUT,
                "more than 10000 proofs");
}

static rs_status sweep(void *user) {
    bytes again = {0};
    rs_status status = again_as(&again, RS_PROOFS_COMPACT, *(bytes *)user);
    free(again.at);
    return status;
}

static void out_of_memory(void) {
    static const char *const names[] = {"two-good.compact", "more-good.compact"};
    for (size_t i = 0; i < 2; i++) {
        bytes b = corpus_file(names[i]);
        unit_allocation_sweep(sweep, &b, 10000);
        free(b.at);
    }
}

static const unit_test tests[] = {
    {"files of one name say the same", both_forms},
    {"boxes by hand", known},
    {"boxes of all numbers", all_boxes},
    {"malformed files", malformed_files},
    {"truncated files", truncations},
    {"there is one form", one_form},
    {"as many proofs as there may be", many_proofs},
    {"without memory", out_of_memory},
};
UNIT_MAIN("exchange: files of proofs in the compact form", tests)
