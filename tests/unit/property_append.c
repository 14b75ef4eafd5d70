/* Properties of several files as one list. */
#include <stdlib.h>
#include <string.h>

#include "rnnsafe/property.h"
#include "support/unit.h"

static rs_status parse(rs_properties **out, const char *text, const char *symbols) {
    rs_names *alphabet = NULL, *outputs = NULL;
    rs_status status = rs_names_parse(&alphabet, "alphabet", symbols);
    if (status == RS_OK) status = rs_names_parse(&outputs, "outputs", "x y");
    if (status == RS_OK) status = rs_properties_parse(out, text, strlen(text), "file", alphabet, outputs);
    rs_names_free(alphabet);
    rs_names_free(outputs);
    return status;
}

static void moved(void) {
    rs_properties *into = NULL, *from = NULL;
    const uint32_t symbols[] = {0, 1}, outputs[] = {0, 1};
    CHECK_OK(parse(&into, "p: y -> a\n", "a b"));
    CHECK_OK(parse(&from, "q: !b\nr: !a\n", "a b"));
    CHECK_OK(rs_properties_append(into, from, "second"));
    CU_ASSERT_EQUAL(rs_properties_count(from), 0);
    rs_properties_free(from);
    CU_ASSERT_EQUAL_FATAL(rs_properties_count(into), 3);
    const char *const wanted[] = {"p", "q", "r"};
    const size_t violation[] = {2, 2, 1};
    for (size_t i = 0; i < 3; i++) {
        const rs_property *p = rs_properties_get(into, i);
        const rs_monitor *m = rs_property_monitor(p);
        CU_ASSERT_STRING_EQUAL(rs_property_name(p), wanted[i]);
        CU_ASSERT_EQUAL(rs_monitor_violation(m, symbols, outputs, 2), violation[i]);
        CU_ASSERT_STRING_EQUAL(rs_names_get(rs_monitor_alphabet(m), 1), "b"); /* names outlive their first list */
        CU_ASSERT_EQUAL(rs_monitor_letters(m), 4);
    }
    rs_properties_free(into);
}

static void refused(void) {
    rs_properties *into = NULL, *from = NULL;
    CHECK_OK(parse(&into, "p: !a\n", "a b"));
    CHECK_OK(parse(&from, "q: !b\np: !b\n", "a b"));
    CHECK_FAILS(rs_properties_append(into, from, "second"), RS_EINPUT,
                "second: another file has a property named \"p\"");
    CU_ASSERT(rs_properties_count(into) == 1 && rs_properties_count(from) == 2);
    rs_properties_free(from);
    CHECK_OK(parse(&from, "q: !b\n", "b a"));
    CHECK_FAILS(rs_properties_append(into, from, "second"), RS_EUSAGE, "another alphabet");
    CU_ASSERT(rs_properties_count(into) == 1 && rs_properties_count(from) == 1);
    rs_properties_free(from);
    rs_properties_free(into);
}

static rs_status sweep(void *user) {
    (void)user;
    rs_properties *into = NULL, *from = NULL;
    rs_status status = parse(&into, "p: !a\n", "a b");
    if (status == RS_OK)
        status = parse(&from, "q1: !b\nq2: !b\nq3: !b\nq4: !b\nq5: !b\nq6: !b\nq7: !b\nq8: !b\n", "a b");
    if (status == RS_OK) status = rs_properties_append(into, from, "second");
    rs_properties_free(from);
    rs_properties_free(into);
    return status;
}

static void out_of_memory(void) {
    unit_allocation_sweep(sweep, NULL, 5000);
}

static const unit_test tests[] = {
    {"properties move with what they need", moved},
    {"a name twice, another alphabet", refused},
    {"without memory", out_of_memory},
};
UNIT_MAIN("property_append", tests)
