/* Assumptions: known monitors, random ones against the definition, files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "property_ref.h"
#include "rnnsafe/property.h"
#include "support/unit.h"

#define SYMBOLS 2
#define OUTPUTS 2
#define LONGEST 5

static rs_names *alphabet, *outputs;

static rs_status parse(rs_properties **out, const char *text) {
    return rs_properties_parse(out, text, strlen(text), "file", alphabet, outputs);
}

static const rs_monitor *monitor_of(const rs_properties *list, size_t i) {
    return rs_property_monitor(rs_properties_get(list, i));
}

static bool same_monitors(const rs_monitor *x, const rs_monitor *y) {
    if (rs_monitor_states(x) != rs_monitor_states(y)) return false;
    for (size_t q = 0; q < rs_monitor_states(x); q++) {
        if (rs_monitor_bad(x, q) != rs_monitor_bad(y, q) || rs_monitor_safe(x, q) != rs_monitor_safe(y, q))
            return false;
        for (uint32_t s = 0; s < SYMBOLS; s++)
            for (uint32_t o = 0; o < OUTPUTS; o++)
                if (rs_monitor_next(x, q, s, o) != rs_monitor_next(y, q, s, o)) return false;
    }
    return true;
}

/* Never two a in a row; and p at every moment. */
static void known(void) {
    rs_properties *list = NULL;
    CHECK_OK(
        parse(&list, "before: out=p\nassume calm: !(a & Y a)\nafter: out=p\nassume b-first: O b\nlast-one: out=p\n"));
    CU_ASSERT_EQUAL_FATAL(rs_properties_count(list), 3);
    CU_ASSERT_EQUAL(rs_properties_assumptions(list), 2);
    const rs_monitor *m = monitor_of(list, 1);
    /* start, after a, bad, left */
    CU_ASSERT_EQUAL(rs_monitor_states(m), 4);
    static const struct {
        uint32_t symbols[3], outputs[3];
        size_t length, violation[3]; /* of each property */
        bool holds[2];
    } words[] = {
        {{0, 1, 0}, {0, 0, 1}, 3, {3, 3, 0}, {true, false}},
        {{0, 0, 1}, {0, 0, 1}, 3, {3, 0, 0}, {false, false}},
        {{0, 0, 0}, {0, 1, 1}, 3, {2, 0, 0}, {false, false}},
        {{0, 0, 0}, {1, 1, 1}, 3, {1, 1, 0}, {false, false}},
        {{1, 0, 1}, {0, 0, 1}, 3, {3, 3, 3}, {true, true}},
        {{1, 0, 0}, {0, 1, 1}, 3, {2, 2, 2}, {false, false}},
        {{0}, {1}, 0, {0, 0, 0}, {true, true}},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        for (size_t p = 0; p < 3; p++)
            CU_ASSERT_EQUAL(
                rs_monitor_violation(monitor_of(list, p), words[i].symbols, words[i].outputs, words[i].length),
                words[i].violation[p]);
        for (size_t a = 0; a < 2; a++)
            CU_ASSERT_EQUAL(rs_assumption_holds(rs_properties_assumption(list, a), words[i].symbols, words[i].length),
                            words[i].holds[a]);
    }
    CU_ASSERT_PTR_NULL(rs_property_assumption(rs_properties_get(list, 0)));
    CU_ASSERT_PTR_EQUAL(rs_property_assumption(rs_properties_get(list, 1)), rs_properties_assumption(list, 0));
    CU_ASSERT_STRING_EQUAL(rs_assumption_names(rs_properties_assumption(list, 1)), "calm,b-first");
    CU_ASSERT_STRING_EQUAL(rs_assumption_text(rs_properties_assumption(list, 1)), "calm: !(a & Y a); b-first: O b");
    rs_properties_free(list);
}

/* A property named assume is one, and an assumption that excludes nothing changes nothing. */
static void names_and_nothing(void) {
    rs_properties *list = NULL;
    CHECK_OK(parse(&list, "assume: !a\nassume assume: true\np: !a\n"));
    CU_ASSERT_EQUAL_FATAL(rs_properties_count(list), 2);
    CU_ASSERT_STRING_EQUAL(rs_property_name(rs_properties_get(list, 0)), "assume");
    CU_ASSERT(same_monitors(monitor_of(list, 0), monitor_of(list, 1)));
    rs_properties_free(list);
}

static void draw(rs_text *text, ref_formula **f, const char *head, rs_random *r, bool assumption) {
    *f = ref_formula_random(r, 1 + rs_random_below(r, 3), !assumption, SYMBOLS, assumption ? 0 : OUTPUTS);
    rs_text_add(text, "%s", head);
    ref_formula_print(text, *f, r);
    rs_text_add(text, "\n");
}

/* Where a word violates under assumptions: at the bad prefix of the plain monitor, if at all moments of it they hold.
 */
static size_t wanted(const rs_monitor *plain, ref_formula *const *assumed, size_t count, const uint32_t *in,
                     const uint32_t *out, size_t n) {
    size_t at = rs_monitor_violation(plain, in, out, n);
    for (size_t i = 0; i < at; i++)
        for (size_t a = 0; a < count; a++)
            if (!ref_formula_holds(assumed[a], in, out, n, i)) return 0;
    return at;
}

static bool all_hold(ref_formula *const *assumed, size_t count, const uint32_t *in, size_t n) {
    uint32_t none[LONGEST] = {0};
    for (size_t i = 0; i < n; i++)
        for (size_t a = 0; a < count; a++)
            if (!ref_formula_holds(assumed[a], in, none, n, i)) return false;
    return true;
}

/* All words up to a length with all outputs. */
static void as_defined(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    size_t accepted = 0, violations = 0, kept_out = 0, vacuous = 0, unsatisfied = 0;
    for (int round = 0; round < 600; round++) {
        rs_text written = {0};
        char *text = NULL;
        ref_formula *property, *assumed[2];
        size_t count = 1 + rs_random_below(&r, 2);
        rs_properties *list = NULL;
        draw(&written, &property, "plain: ", &r, false);
        size_t plain_length = written.length;
        for (size_t a = 0; a < count; a++) draw(&written, &assumed[a], a ? "assume two: " : "assume one: ", &r, true);
        rs_text_add(&written, "p: ");
        char *line = malloc(plain_length);
        if (!line) abort();
        memcpy(line, written.bytes + 7, plain_length - 7);
        line[plain_length - 7] = 0;
        rs_text_add(&written, "%s", line);
        free(line);
        CHECK_OK(rs_text_take(&text, &written));
        rs_status status = parse(&list, text);
        if (status != RS_OK) {
            bool no_word = strstr(rs_error_message(), "no word satisfies it") != NULL;
            vacuous += !no_word;
            unsatisfied += no_word;
            if (!no_word) unit_contains(rs_error_message(), "no finite word can violate it", __FILE__, __LINE__);
        } else accepted++;
        for (size_t n = 1; status == RS_OK && n <= LONGEST; n++) {
            const rs_assumption *a = rs_properties_assumption(list, count - 1);
            for (uint32_t trace = 0; trace < 1u << 2 * n; trace++) {
                uint32_t in[LONGEST], out[LONGEST];
                for (size_t i = 0; i < n; i++) {
                    in[i] = trace >> 2 * i & 1;
                    out[i] = trace >> (2 * i + 1) & 1;
                }
                size_t want = wanted(monitor_of(list, 0), assumed, count, in, out, n);
                size_t got = rs_monitor_violation(monitor_of(list, 1), in, out, n);
                bool holds = all_hold(assumed, count, in, n);
                if (want != got) printf("\n%s: trace %u of length %zu: %zu, wanted %zu\n", text, trace, n, got, want);
                CU_ASSERT_FATAL(want == got);
                CU_ASSERT_FATAL(rs_assumption_holds(a, in, n) == holds);
                violations += got > 0;
                kept_out += rs_monitor_violation(monitor_of(list, 0), in, out, n) != got;
            }
        }
        rs_properties_free(list);
        ref_formula_free(property);
        for (size_t a = 0; a < count; a++) ref_formula_free(assumed[a]);
        free(text);
    }
    CU_ASSERT(accepted > 100 && violations > 10000 && kept_out > 1000 && vacuous > 5 && unsatisfied > 5);
}

/* In a file of its own, put on a monitor afterwards: the same. One that is narrower leaves no more violations. */
static void put_on_a_monitor(void) {
    rs_properties *list = NULL, *plain = NULL, *assumptions = NULL;
    rs_monitor *m[2] = {NULL, NULL};
    char path[] = "assumptions-XXXXXX";
    int file = mkstemp(path);
    CU_ASSERT_FATAL(file >= 0);
    FILE *f = fdopen(file, "w");
    CU_ASSERT_FATAL(f != NULL);
    fputs("assume one: a | Y a # a comment\nassume two:\n  !matches(\"a a a .*\")\n", f);
    fclose(f);
    CHECK_OK(rs_properties_load_assumptions(&assumptions, path, alphabet, outputs));
    remove(path);
    CHECK_OK(parse(&plain, "p: p -> a\n"));
    CHECK_OK(parse(&list, "assume one: a | Y a\np: p -> a\nassume two: !matches(\"a a a .*\")\nq: p -> a\n"));
    for (size_t i = 0; i < 2; i++) {
        CHECK_OK(rs_monitor_assume(&m[i], monitor_of(plain, 0), rs_properties_assumption(assumptions, i)));
        CU_ASSERT(same_monitors(m[i], monitor_of(list, i)));
        CU_ASSERT_STRING_EQUAL(rs_assumption_text(rs_properties_assumption(assumptions, i)),
                               rs_assumption_text(rs_properties_assumption(list, i)));
    }
    CU_ASSERT(!same_monitors(m[0], m[1]));
    for (size_t i = 0; i < 2; i++) rs_monitor_free(m[i]);
    rs_properties_free(assumptions);
    rs_properties_free(plain);
    rs_properties_free(list);
}

static void refused(void) {
    rs_properties *list = NULL, *other = NULL;
    rs_monitor *m = NULL;
    rs_names *turned = NULL;
    CHECK_OK(rs_names_parse(&turned, "alphabet", "b a"));
    CHECK_FAILS(parse(&list, "assume x: a\n"), RS_EINPUT, "file: no property in it");
    CHECK_FAILS(parse(&list, "assume x: false\np: !a\n"), RS_EINPUT,
                "file:1:1: assumption \"x\": no word satisfies it");
    CHECK_FAILS(parse(&list, "assume x: a\nassume y: b\np: !a\n"), RS_EINPUT,
                "file:2:1: assumption \"y\": no word satisfies it together with those before it");
    CHECK_FAILS(parse(&list, "assume x: b\np: !a\n"), RS_EINPUT,
                "file:2:1: property \"p\": no finite word can violate it that satisfies what is assumed: x: b");
    CHECK_OK(parse(&list, "assume x: a\np: out=p\n"));
    CHECK_OK(rs_properties_parse(&other, "p: !a\n", 6, "other", turned, outputs));
    CHECK_FAILS(rs_monitor_assume(&m, monitor_of(other, 0), rs_properties_assumption(list, 0)), RS_EUSAGE,
                "another alphabet");
    CU_ASSERT_PTR_NULL(m);
    CHECK_FAILS(rs_properties_load_assumptions(&other, unit_source("tests/fuzz/corpus/property/name_repeated"),
                                               alphabet, outputs),
                RS_EINPUT, "a property in a file of assumptions");
    CHECK_FAILS(
        rs_properties_load_assumptions(&other, unit_source("tests/fuzz/corpus/property/empty"), alphabet, outputs),
        RS_EINPUT, "no assumption in it");
    rs_properties_free(list);
    rs_properties_free(other);
    rs_names_free(turned);
}

/* Assumptions move with their properties, and hold for no others. */
static void appended(void) {
    rs_properties *into = NULL, *from = NULL;
    const uint32_t aa[] = {0, 0}, q[] = {1, 1};
    CHECK_OK(parse(&into, "assume x: !b\np1: out=p\n"));
    CHECK_OK(parse(&from, "p2: out=p\nassume x: b\np3: out=p\n"));
    CHECK_OK(rs_properties_append(into, from, "second"));
    rs_properties_free(from);
    CU_ASSERT_EQUAL_FATAL(rs_properties_count(into), 3);
    CU_ASSERT_EQUAL(rs_properties_assumptions(into), 2);
    static const size_t violation[] = {1, 1, 0};
    for (size_t i = 0; i < 3; i++) CU_ASSERT_EQUAL(rs_monitor_violation(monitor_of(into, i), aa, q, 2), violation[i]);
    CU_ASSERT_STRING_EQUAL(rs_assumption_text(rs_property_assumption(rs_properties_get(into, 2))), "x: b");
    CU_ASSERT(rs_assumption_holds(rs_property_assumption(rs_properties_get(into, 0)), aa, 2));
    CU_ASSERT(!rs_assumption_holds(rs_property_assumption(rs_properties_get(into, 2)), aa, 2));
    rs_properties_free(into);
}

static rs_status sweep(void *user) {
    (void)user;
    rs_properties *into = NULL, *from = NULL;
    rs_monitor *m = NULL;
    rs_status status = parse(&into, "p: out=p\nassume x: !(a & Y a)\nassume y: O b\nq: p -> O a\n");
    if (status == RS_OK) status = parse(&from, "assume x: b\nr: out=p\n");
    if (status == RS_OK) status = rs_monitor_assume(&m, monitor_of(into, 0), rs_properties_assumption(into, 1));
    if (status == RS_OK) status = rs_properties_append(into, from, "second");
    rs_monitor_free(m);
    rs_properties_free(from);
    rs_properties_free(into);
    return status;
}

static void out_of_memory(void) {
    unit_allocation_sweep(sweep, NULL, 5000);
}

static const unit_test tests[] = {
    {"known words", known},
    {"names, and what excludes nothing", names_and_nothing},
    {"as defined", as_defined},
    {"put on a monitor", put_on_a_monitor},
    {"what is refused", refused},
    {"appended", appended},
    {"without memory", out_of_memory},
};

int main(void) {
    if (rs_names_parse(&alphabet, "alphabet", "a b") != RS_OK || rs_names_parse(&outputs, "outputs", "p q") != RS_OK)
        return 2;
    int result = unit_main("property_assume", tests, sizeof tests / sizeof *tests);
    rs_names_free(alphabet);
    rs_names_free(outputs);
    return result;
}
