/* Properties with known monitors, equal formulas, files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/text.h"
#include "rnnsafe/property.h"
#include "support/unit.h"

static rs_names *names(const char *text) {
    rs_names *n = NULL;
    if (rs_names_parse(&n, "names", text) != RS_OK) abort();
    return n;
}

static rs_status parse(rs_properties **out, const char *text, const char *symbols, const char *classes) {
    rs_names *alphabet = names(symbols), *outputs = names(classes);
    rs_status status = rs_properties_parse(out, text, strlen(text), "file.ltl", alphabet, outputs);
    rs_names_free(alphabet);
    rs_names_free(outputs);
    return status;
}

/* States and table of the first property's monitor: one line a state, the letters in order, * for bad and + for safe.
 */
static void check_table(const char *text, const char *symbols, const char *classes, const char *wanted) {
    rs_properties *list = NULL;
    rs_text table = {0};
    char *got = NULL;
    rs_status status = parse(&list, text, symbols, classes);
    CHECK_OK(status);
    if (status != RS_OK) return;
    const rs_monitor *m = rs_property_monitor(rs_properties_get(list, 0));
    size_t outputs = rs_names_count(rs_monitor_outputs(m));
    for (size_t q = 0; q < rs_monitor_states(m); q++) {
        rs_text_add(&table, "%s%s", q ? "/" : "", rs_monitor_bad(m, q) ? "*" : rs_monitor_safe(m, q) ? "+" : "");
        for (uint32_t l = 0; l < rs_monitor_letters(m); l++)
            rs_text_add(&table, "%u", (unsigned)rs_monitor_next(m, q, l / (uint32_t)outputs, l % (uint32_t)outputs));
    }
    CHECK_OK(rs_text_take(&got, &table));
    if (strcmp(got, wanted) != 0) printf("\n%s: got %s, wanted %s\n", text, got, wanted);
    CU_ASSERT_STRING_EQUAL(got, wanted);
    free(got);
    rs_properties_free(list);
}

static void monitors_known(void) {
    check_table("p: brew -> O coin", "coin brew", "ok", "12/+11/*22");
    check_table("p: G(a -> WX b)", "a b", "o", "10/20/*22");
    check_table("p: G(a -> X b)", "a b", "o", "10/20/*22"); /* a word that stops after a can still go on */
    check_table("p: false", "a b", "o", "11/*11");
    check_table("p: WX ff", "a b", "o", "11/22/*22");
    check_table("p: Y true", "a", "o", "1/*1");
    check_table("p: WY false", "a", "o", "1/2/*2");
    check_table("p: G !last", "a", "o", "1/*1");
    check_table("p: F a & G b", "a b", "o", "11/*11"); /* nothing satisfies it, which the first letter already shows */
    check_table("p: X a", "a b", "o", "11/23/+22/*33");
    check_table("p: a U b", "a b c", "o", "012/+111/*222");
    check_table("p: b R a", "a b c", "o", "011/*111");
    check_table("p: out=y -> a", "a b", "x y", "0001/*1111");
    check_table("p: out=y -> matches(\"(a b)*\")", "a b", "x y", "1232/3200/*2222/3232");
    check_table("p: !matches(\"a.b\")", "a b", "o", "12/33/+22/24/*44");
    check_table("p: in=0 -> WY in=1", "0 1", "o", "10/20/*22");
}

/* Formulas whose bad prefixes are the same have the same monitor, state by state. */
static void formulas_equal(void) {
    static const char *const pairs[][2] = {
        {"!(F in=a)", "!in=a"},
        {"G(in=a)", "H in=a"},
        {"in=a W in=b", "in=a U in=b"}, /* no finite word shows that b never comes */
        {"in=a W in=b", "in=b R (in=a | in=b)"},
        {"in=a T in=b", "!(!in=a S !in=b)"},
        {"in=a R in=b", "!(!in=a U !in=b)"},
        {"O in=a | in=b", "(true S in=a) | in=b"},
        {"in=a -> WY in=b", "!(in=a & Y !in=b)"},
        {"!matches(\".* a a\")", "in=a -> WY !in=a"},
        {"out=p -> matches(\".*a.\")", "out=p -> Y in=a"},
        {"matches(\"(a|b)*\")", "!in=c"},
        {"matches(\"[^c]+\")", "!in=c"},
        {"in=a <-> out=p", "(in=a & out=p) | (!in=a & !out=p)"},
        {"in=a -> out=p -> in=b", "in=a -> (out=p -> in=b)"},
        {"in=a & in=b | in=c", "(in=a & in=b) | in=c"},
        {"in=c | in=b & in=a", "in=c | (in=b & in=a)"},
        {"!in=a S in=b", "(!in=a) S in=b"},
        {"G in=a | in=b", "(G in=a) | in=b"},
        {"in=a W in=b W in=c", "in=a W (in=b W in=c)"},
        {"in=a W in=b R in=c", "in=a W (in=b R in=c)"},
        {"G(in=a -> WX WX in=b)", "(Y Y in=a) -> in=b"},
        {"tt -> ff | in=a", "true => false || in=a"},
        {"~in=a && \"b\"", "!a & b"},
        {"!in=a U last", "G(in=a -> last)"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char text[400];
        rs_properties *list = NULL;
        snprintf(text, sizeof text, "left: %s\nright: %s\n", pairs[i][0], pairs[i][1]);
        rs_status status = parse(&list, text, "a b c", "p q");
        CHECK_OK(status);
        if (status != RS_OK) continue;
        const rs_monitor *x = rs_property_monitor(rs_properties_get(list, 0));
        const rs_monitor *y = rs_property_monitor(rs_properties_get(list, 1));
        bool same = rs_monitor_states(x) == rs_monitor_states(y);
        for (size_t q = 0; same && q < rs_monitor_states(x); q++) {
            same = rs_monitor_bad(x, q) == rs_monitor_bad(y, q);
            for (uint32_t l = 0; same && l < 6; l++)
                same = rs_monitor_next(x, q, l / 2, l % 2) == rs_monitor_next(y, q, l / 2, l % 2);
        }
        if (!same) printf("\n%s and %s differ\n", pairs[i][0], pairs[i][1]);
        CU_ASSERT(same);
        rs_properties_free(list);
    }
}

static void file_is_read(void) {
    rs_properties *list = NULL;
    CHECK_OK(parse(&list,
                   "# a machine\r\n\r\nno-free.coffee: G( brew  ->\t# comment \"\r\n"
                   "    O coin )\r\n"
                   "\n# between\n"
                   "  & !in=\"#\\\"\"\n"
                   "_2: \"brew\"->!in=brew",
                   "coin brew #\"", "ok"));
    CU_ASSERT_FATAL(list != NULL && rs_properties_count(list) == 2);
    const rs_property *p = rs_properties_get(list, 0);
    CU_ASSERT_STRING_EQUAL(rs_property_name(p), "no-free.coffee");
    CU_ASSERT_STRING_EQUAL(rs_property_formula(p), "G( brew -> O coin ) & !in=\"#\\\"\"");
    CU_ASSERT_STRING_EQUAL(rs_property_name(rs_properties_get(list, 1)), "_2");
    CU_ASSERT_STRING_EQUAL(rs_property_formula(rs_properties_get(list, 1)), "\"brew\"->!in=brew");
    const rs_monitor *m = rs_property_monitor(p);
    uint32_t outputs[3] = {0}, free_coffee[] = {1, 0, 1}, paid[] = {0, 1, 1}, hash[] = {0, 1, 2};
    CU_ASSERT(rs_monitor_letters(m) == 3 && rs_names_count(rs_monitor_alphabet(m)) == 3);
    CU_ASSERT(rs_monitor_violation(m, free_coffee, outputs, 3) == 1);
    CU_ASSERT(rs_monitor_violation(m, paid, outputs, 3) == 0);
    CU_ASSERT(rs_monitor_violation(m, paid, outputs, 0) == 0);
    /* X = G(...) & !# at the first moment only: a future operator is in it, so no G is put before it. */
    CU_ASSERT(rs_monitor_violation(m, hash, outputs, 3) == 0);
    CU_ASSERT(rs_monitor_violation(m, hash + 2, outputs, 1) == 1);
    rs_properties_free(list);
}

static const char even_a[] =
    "digraph g {\n __start0 [label=\"\" shape=\"none\"];\n q0 [shape=\"doublecircle\" label=\"q0\"];\n"
    " q1 [shape=\"circle\" label=\"q1\"];\n __start0 -> q0;\n q0 -> q1 [label=\"a\"];\n"
    " q1 -> q0 [label=\"a\"];\n q0 -> q0 [label=\"b\"];\n q1 -> q1 [label=\"b\"];\n}\n";

/* language("...") beside the property file, and the same DFA given as an automaton with its symbols in another order.
 */
static void languages_are_found(void) {
    char folder[] = "/tmp/rnnsafe_property_XXXXXX", path[100], properties[100];
    static const char text[] = "even: out=y -> language(\"even.dot\")\n";
    rs_names *alphabet = names("a b"), *reversed = names("b a"), *outputs = names("x y"), *other = names("a b c");
    rs_properties *list = NULL, *direct = NULL;
    rs_automaton *a = NULL;
    CU_ASSERT_FATAL(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/even.dot", folder);
    snprintf(properties, sizeof properties, "%s/even.ltl", folder);
    CHECK_OK(rs_file_write(path, even_a, sizeof even_a - 1));
    CHECK_OK(rs_file_write(properties, text, sizeof text - 1));
    CHECK_OK(rs_properties_load(&list, properties, alphabet, outputs));
    CHECK_OK(rs_automaton_parse_dot(&a, even_a, sizeof even_a - 1, "even.dot", reversed, NULL));
    CU_ASSERT_FATAL(a != NULL && list != NULL);
    CHECK_OK(rs_properties_from_automaton(&direct, a, "even.dot", alphabet, outputs, 1));
    CU_ASSERT_FATAL(direct != NULL && rs_properties_count(direct) == 1);
    CU_ASSERT_STRING_EQUAL(rs_property_name(rs_properties_get(direct, 0)), "even.dot");
    CU_ASSERT_STRING_EQUAL(rs_property_formula(rs_properties_get(direct, 0)), "out=\"y\" -> language(\"even.dot\")");
    const rs_monitor *m = rs_property_monitor(rs_properties_get(list, 0));
    const rs_monitor *d = rs_property_monitor(rs_properties_get(direct, 0));
    CU_ASSERT_FATAL(rs_monitor_states(m) == 3 && rs_monitor_states(d) == 3);
    for (size_t q = 0; q < 3; q++) {
        CU_ASSERT(rs_monitor_bad(m, q) == rs_monitor_bad(d, q));
        for (uint32_t l = 0; l < 4; l++)
            CU_ASSERT(rs_monitor_next(m, q, l / 2, l % 2) == rs_monitor_next(d, q, l / 2, l % 2));
    }
    uint32_t aab[] = {0, 0, 1}, yny[] = {0, 1, 1}, yes[] = {1, 0, 0};
    CU_ASSERT(rs_monitor_violation(m, aab, yny, 3) == 0);
    CU_ASSERT(rs_monitor_violation(m, aab, yes, 3) == 1);
    /* Without end: where the first class accepts, the outputs swap roles. */
    rs_properties_free(direct);
    direct = NULL;
    CHECK_OK(rs_properties_from_automaton(&direct, a, "a\"b", alphabet, outputs, 0));
    CU_ASSERT(direct && rs_monitor_violation(rs_property_monitor(rs_properties_get(direct, 0)), aab, yny, 3) == 1);
    CU_ASSERT(direct &&
              strcmp(rs_property_formula(rs_properties_get(direct, 0)), "out=\"x\" -> language(\"a\\\"b\")") == 0);
    rs_properties *none = NULL;
    CHECK_FAILS(rs_properties_from_automaton(&none, a, "even.dot", other, outputs, 1), RS_EINPUT,
                "even.dot: the network's symbol \"c\"");
    CHECK_FAILS(rs_properties_from_automaton(&none, a, "even.dot", outputs, outputs, 1), RS_EINPUT,
                "even.dot: its symbol \"b\"");
    CHECK_FAILS(rs_properties_from_automaton(&none, a, "even.dot", alphabet, outputs, 2), RS_EUSAGE, "class 2 of 2");
    CHECK_FAILS(rs_properties_load(&none, properties, other, outputs), RS_EINPUT, "even.ltl:1:25: language: ");
    CHECK_FAILS(rs_properties_load(&none, folder, alphabet, outputs), RS_EINPUT, "not a regular file");
    CU_ASSERT(none == NULL);
    rs_properties_free(list);
    rs_properties_free(direct);
    rs_automaton_free(a);
    unlink(path);
    unlink(properties);
    rmdir(folder);
    rs_names_free(alphabet);
    rs_names_free(reversed);
    rs_names_free(outputs);
    rs_names_free(other);
}

/* A Moore machine with other outputs is no language; one that accepts everything cannot be violated. */
static void languages_refused(void) {
    rs_names *alphabet = names("a"), *outputs = names("x y"), *classes = names("reject accept");
    uint32_t output = 1, next = 0;
    rs_automaton *a = NULL;
    rs_properties *list = NULL;
    CHECK_OK(rs_automaton_new(&a, alphabet, outputs, 1, 0, &output, &next, NULL, NULL));
    CHECK_FAILS(rs_properties_from_automaton(&list, a, "m", alphabet, outputs, 1), RS_EINPUT, "m: not a DFA");
    rs_automaton_free(a);
    a = NULL;
    CHECK_OK(rs_automaton_new(&a, alphabet, classes, 1, 0, &output, &next, NULL, NULL));
    CHECK_FAILS(rs_properties_from_automaton(&list, a, "m", alphabet, outputs, 1), RS_EINPUT,
                "m: no finite word can violate it");
    CU_ASSERT(list == NULL);
    rs_automaton_free(a);
    rs_names_free(alphabet);
    rs_names_free(outputs);
    rs_names_free(classes);
}

/* 50 symbols and 20 outputs: letters that no atom tells apart are worked off together. */
static void alphabets_large(void) {
    rs_text symbols = {0}, outputs = {0};
    char *s = NULL, *o = NULL;
    rs_properties *list = NULL;
    for (unsigned i = 0; i < 50; i++) rs_text_add(&symbols, "s%u ", i);
    for (unsigned i = 0; i < 20; i++) rs_text_add(&outputs, "o%u ", i);
    CHECK_OK(rs_text_take(&s, &symbols));
    CHECK_OK(rs_text_take(&o, &outputs));
    double start = rs_now();
    CHECK_OK(parse(&list,
                   "p: G(s3 -> WX(!s3 W (out=o7 & O s4))) & G(out=o1 -> Y Y Y Y s5)\n"
                   "q: out=o2 -> matches(\"([s1 s2 s3] [^s4 s9] .){1,30}\")\n",
                   s, o));
    CU_ASSERT(rs_now() - start < 2);
    CU_ASSERT_FATAL(list != NULL);
    const rs_monitor *m = rs_property_monitor(rs_properties_get(list, 0));
    uint32_t in[] = {3, 49, 3}, out[] = {0, 7, 7};
    CU_ASSERT(rs_monitor_letters(m) == 1000 && rs_monitor_violation(m, in, out, 3) == 3);
    in[0] = 4;
    CU_ASSERT(rs_monitor_violation(m, in, out, 3) == 0);
    rs_properties_free(list);
    free(s);
    free(o);
}

static void formulas_too_long(void) {
    rs_text text = {0};
    char *bytes = NULL;
    rs_properties *list = NULL;
    rs_text_add(&text, "p: in=b");
    for (int chain = 0; chain < 6; chain++) {
        rs_text_add(&text, "\n & (");
        for (int i = 0; i < 1800; i++) rs_text_add(&text, "in=%c S ", "ab"[i % 2]);
        rs_text_add(&text, "O Y in=a");
        for (int i = 0; i < chain; i++) rs_text_add(&text, " S in=b");
        rs_text_add(&text, ")");
    }
    CHECK_OK(rs_text_take(&bytes, &text));
    CHECK_FAILS(parse(&list, bytes, "a b", "o"), RS_EINPUT, "more than 10000 operators in one formula, at \"S\"");
    free(bytes);
    bytes = NULL;
    for (int i = 0; i <= 1000; i++) rs_text_add(&text, "p%d: in=a\n", i);
    CHECK_OK(rs_text_take(&bytes, &text));
    CHECK_FAILS(parse(&list, bytes, "a b", "o"), RS_EINPUT, "file.ltl:1001:1: more than 1000 properties");
    free(bytes);
    bytes = calloc((1 << 20) + 1, 1);
    CU_ASSERT_FATAL(bytes != NULL);
    memset(bytes, ' ', 1 << 20);
    CHECK_FAILS(parse(&list, bytes, "a b", "o"), RS_EINPUT, "no property");
    bytes[0] = '#';
    rs_names *some = names("a");
    CHECK_FAILS(rs_properties_parse(&list, bytes, (1 << 20) + 1, "f", some, some), RS_EINPUT,
                "f: more than 1048576 bytes");
    rs_names_free(some);
    free(bytes);
    CU_ASSERT(list == NULL);
}

static rs_status sweep(void *user) {
    (void)user;
    static const char text[] = "p: G(in=a -> X out=y) & (in=b W (F out=x <-> last)) # c\n"
                               "q: out=\"y\" -> matches(\"(a|[^a]{1,2})* 'b'\") | (in=a S O in=b)\n";
    static const uint32_t output[] = {0, 1}, next[] = {1, 0, 0, 1};
    rs_names *alphabet = NULL, *outputs = NULL, *classes = NULL;
    rs_properties *list = NULL, *direct = NULL;
    rs_automaton *a = NULL;
    rs_status status = rs_names_parse(&alphabet, "alphabet", "a b");
    if (status == RS_OK) status = rs_names_parse(&outputs, "outputs", "x y");
    if (status == RS_OK) status = rs_names_parse(&classes, "outputs", "reject accept");
    if (status == RS_OK) status = rs_properties_parse(&list, text, sizeof text - 1, "t", alphabet, outputs);
    if (status == RS_OK) status = rs_automaton_new(&a, alphabet, classes, 2, 0, output, next, NULL, NULL);
    if (status == RS_OK) status = rs_properties_from_automaton(&direct, a, "d", alphabet, outputs, 1);
    rs_properties_free(list);
    rs_properties_free(direct);
    rs_automaton_free(a);
    rs_names_free(alphabet);
    rs_names_free(outputs);
    rs_names_free(classes);
    return status;
}

static void allocations_fail(void) {
    unit_allocation_sweep(sweep, NULL, 20000);
}

static rs_status sweep_errors(void *user) {
    rs_properties *list = NULL;
    rs_names *alphabet = NULL, *outputs = NULL;
    rs_status status = rs_names_parse(&alphabet, "alphabet", "a b");
    if (status == RS_OK) status = rs_names_parse(&outputs, "outputs", "x y");
    if (status == RS_OK) {
        status = rs_properties_parse(&list, user, strlen(user), "t", alphabet, outputs);
        if (status == RS_EINPUT) status = RS_OK; /* what is wrong with it is no allocation */
    }
    rs_properties_free(list);
    rs_names_free(alphabet);
    rs_names_free(outputs);
    return status;
}

static void allocations_fail_in_errors(void) {
    static char unknown[] = "p: in=a & nobody", loose[] = "p: F in=a", regex[] = "p: matches(\"a (b|[a z])\")";
    unit_allocation_sweep(sweep_errors, unknown, 5000);
    unit_allocation_sweep(sweep_errors, loose, 5000);
    unit_allocation_sweep(sweep_errors, regex, 5000);
}

static const unit_test tests[] = {
    {"monitors known", monitors_known},
    {"formulas equal", formulas_equal},
    {"file is read", file_is_read},
    {"languages are found", languages_are_found},
    {"languages refused", languages_refused},
    {"alphabets large", alphabets_large},
    {"formulas too long", formulas_too_long},
    {"allocations fail", allocations_fail},
    {"allocations fail in errors", allocations_fail_in_errors},
};
UNIT_MAIN("property", tests)
