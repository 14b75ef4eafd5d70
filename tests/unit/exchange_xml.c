#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "automaton_ref.h"
#include "core/file.h"
#include "support/schema.h"
#include "support/unit.h"

#include "rnnsafe/exchange.h"

#define SCHEMA "specs/schema/automaton.xsd"
#define CORPUS "tests/fuzz/corpus/xml/"

static rs_automaton *read_good(const char *name) {
    char path[256];
    rs_automaton *a = NULL;
    snprintf(path, sizeof path, CORPUS "%s.xml", name);
    CHECK_OK(rs_automaton_read(&a, unit_source(path), NULL, NULL));
    return a;
}

static void known(void) {
    rs_automaton *a = read_good("lamp-good");
    CU_ASSERT(rs_automaton_states(a) == 2 && rs_automaton_start(a) == 0 && rs_automaton_output(a, 1) == 1);
    CU_ASSERT(rs_automaton_next(a, 0, 0) == 1 && rs_automaton_next(a, 0, 1) == 0 && rs_automaton_next(a, 1, 1) == 1);
    CU_ASSERT(rs_automaton_support(a, 0, 0) == 7 && rs_automaton_support(a, 0, 1) == 0);
    CU_ASSERT_STRING_EQUAL(rs_automaton_state_name(a, 1), "on");
    rs_automaton_free(a);
    a = read_good("escapes-good");
    CU_ASSERT_STRING_EQUAL(rs_automaton_state_name(a, 0), "<\"\xc3\xa9>");
    CU_ASSERT_STRING_EQUAL(rs_names_get(rs_automaton_alphabet(a), 0), "&");
    CU_ASSERT_STRING_EQUAL(rs_names_get(rs_automaton_outputs(a), 0), "']]>");
    CU_ASSERT(rs_automaton_support(a, 0, 0) == UINT64_MAX);
    rs_automaton_free(a);
    rs_automaton_free(read_good("prefix-good"));
}

/* Names given by the caller fix the order, and what they lack is refused. */
static void given_names(void) {
    rs_automaton *a = NULL;
    rs_names *alphabet = NULL, *outputs = NULL;
    const char *path = unit_source(CORPUS "lamp-good.xml");
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "wait press"));
    CHECK_OK(rs_names_parse(&outputs, "outputs", "light off dark"));
    CHECK_OK(rs_automaton_read(&a, path, alphabet, outputs));
    CU_ASSERT(rs_automaton_next(a, 0, 1) == 1 && rs_automaton_output(a, 0) == 2 && rs_automaton_output(a, 1) == 0);
    rs_automaton_free(a);
    a = NULL;
    CHECK_FAILS(rs_automaton_read(&a, path, outputs, NULL), RS_EINPUT,
                "xml:3:13: symbol \"press\" is not one of those wanted");
    CHECK_FAILS(rs_automaton_read(&a, path, NULL, alphabet), RS_EINPUT,
                "xml:4:12: output \"dark\" is not one of those wanted");
    CHECK_FAILS(rs_automaton_read(&a, "/nowhere/x.xml", NULL, NULL), RS_EINPUT, "cannot open");
    CU_ASSERT_PTR_NULL(a);
    rs_names_free(alphabet);
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "wait press kick"));
    CHECK_FAILS(rs_automaton_read(&a, path, alphabet, NULL), RS_EINPUT, "state \"off\" has no edge for \"kick\"");
    rs_names_free(alphabet);
    rs_names_free(outputs);
}

static void round_trip(const rs_automaton *a) {
    rs_automaton *again = NULL;
    char *text = NULL;
    CHECK_OK(rs_exchange_write(&text, "xml", a, NULL));
    CU_ASSERT_FATAL(text != NULL);
    CHECK_OK(rs_automaton_parse_xml(&again, text, strlen(text), "written", NULL, NULL));
    CU_ASSERT(again && ref_identical(a, again));
    CU_ASSERT(by_schema(SCHEMA, text, strlen(text)) == VALID);
    free(text);
    rs_automaton_free(again);
}

static void round_trips(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    for (size_t i = 0; i < 40; i++) {
        rs_automaton *a =
            ref_random_machine(&r, 1 + rs_random_below(&r, 20), 1 + rs_random_below(&r, 4), 1 + rs_random_below(&r, 4));
        round_trip(a);
        rs_automaton_free(a);
    }
    /* Every sign that XML gives a meaning to, in every kind of name; with support. */
    rs_names *names = NULL, *alone = NULL;
    rs_automaton *a = NULL;
    CHECK_OK(rs_names_parse(&names, "names",
                            "( < & > \" ' &amp; &#38; ]]> <!-- --> <![CDATA[ &x; \xc3\xa9 \xf0\x9f\x98\x80 %x; \\"));
    size_t n = rs_names_count(names);
    uint32_t *output = calloc(n, sizeof *output), *next = calloc(n * n, sizeof *next);
    uint64_t *support = calloc(n * n, sizeof *support);
    for (size_t q = 0; q < n; q++) output[q] = (uint32_t)rs_random_below(&r, n);
    for (size_t t = 0; t < n * n; t++) {
        next[t] = (uint32_t)rs_random_below(&r, n);
        support[t] = t ? rs_random_next(&r) : UINT64_MAX;
    }
    CHECK_OK(rs_automaton_new(&a, names, names, n, n - 1, output, next, support, names));
    round_trip(a);
    rs_automaton_free(a);
    rs_names_free(names);
    CHECK_OK(rs_names_parse(&names, "names", "x\xef\xbf\xbf"));
    CHECK_OK(rs_names_parse(&alone, "names", "x"));
    const uint32_t zero = 0;
    char *text = NULL;
    const rs_names *three[3][3] = {{names, alone, alone}, {alone, names, alone}, {alone, alone, names}};
    for (size_t i = 0; i < 3; i++) {
        CHECK_OK(rs_automaton_new(&a, three[i][0], three[i][1], 1, 0, &zero, &zero, NULL, three[i][2]));
        CHECK_FAILS(rs_exchange_write(&text, "xml", a, NULL), RS_EINPUT, "holds a character that XML cannot");
        CHECK_FAILS(rs_exchange_write(&text, "uppaal", a, NULL), RS_EINPUT, "holds a character that XML cannot");
        rs_automaton_free(a);
    }
    CU_ASSERT_PTR_NULL(text);
    rs_names_free(names);
    rs_names_free(alone);
    free(output);
    free(next);
    free(support);
}

/* Each file of the corpus that is not "-good": what is said of it, and what the schema makes of it. */
static const struct {
    const char *name, *message;
    judgement schema;
} malformed[] = {
    {"attribute-twice", ":3:46: Attribute name redefined", NOT_PARSED},
    {"billion-laughs", ":2:1: a document type declaration is not read", NOT_PARSED},
    {"blank-in-name", ":3:35: symbol \"wa it\" holds white space", INVALID},
    {"cdata", ":5:17: text between elements; everything is in attributes", INVALID},
    {"control-character", ":3:28: invalid character in attribute value", NOT_PARSED},
    {"control-reference", ":3:32: xmlParseCharRef: invalid xmlChar value 1", NOT_PARSED},
    {"dangling-output", ":7:5: output \"blue\" is not declared", INVALID},
    {"dangling-start", ":2:1: state \"broken\" is not declared", INVALID},
    {"dangling-state", ":6:37: state \"broken\" is not declared", INVALID},
    {"dangling-symbol", ":6:37: symbol \"kick\" is not declared", INVALID},
    {"deep", ":5:9: <states> is out of place", NOT_PARSED},
    {"duplicate-output", ":4:33: output \"dark\" is declared twice", INVALID},
    {"duplicate-state", ":8:5: state \"on\" is declared twice", INVALID},
    {"duplicate-symbol", ":3:35: symbol \"press\" is declared twice", INVALID},
    {"duplicate-transition", ":6:73: state \"off\" has a second edge for \"press\"", INVALID},
    {"empty", ":1:1: an empty file", NOT_PARSED},
    {"empty-alphabet", ": no names", INVALID},
    {"empty-dtd", ":2:1: a document type declaration is not read", VALID},
    {"empty-name", ":3:35: symbol without a name", INVALID},
    {"empty-states", ":2:1: state \"off\" is not declared", INVALID},
    {"external-dtd", ":2:1: a document type declaration is not read", VALID},
    {"external-entity", ":2:1: a document type declaration is not read", NOT_PARSED},
    {"foreign-attribute", ":3:13: <symbol> has no attribute \"lang\"", INVALID},
    {"foreign-element", ":8:1: <x> is not in the namespace", INVALID},
    {"line-feed-in-name", ":7:5: state \"o?n\" holds white space", INVALID},
    {"missing-transition", ":7:5: state \"on\" has no edge for \"wait\"", VALID},
    {"negative-support", ":6:37: support is a count, not \"-7\"", INVALID},
    {"nested-too-deep", ":6:72: <transition> is out of place", INVALID},
    {"no-alphabet", ":3:3: <automaton> holds <alphabet>, <outputs> and <states>, in this order", INVALID},
    {"no-namespace", ":2:1: <automaton> is not in the namespace", INVALID},
    {"no-start", ":2:1: <automaton> needs the attribute \"start\"", INVALID},
    {"no-states", ":4:33: <automaton> without <states>", INVALID},
    {"not-closed", ":9:1: Premature end of data in tag automaton line 2", NOT_PARSED},
    {"not-utf8", ":3:27: Input is not proper UTF-8, indicate encoding !", NOT_PARSED},
    {"nul-byte", ":3:1: Char 0x0 out of allowed range", NOT_PARSED},
    {"only-a-comment", ":2:1: Start tag expected, '<' not found", NOT_PARSED},
    {"parameter-entity", ":2:1: a document type declaration is not read", VALID},
    {"states-twice", ":9:3: <automaton> holds <alphabet>, <outputs> and <states>, in this order", INVALID},
    {"support-too-large", ":6:37: support is a count, not \"18446744073709551616\"", INVALID},
    {"tags-crossed", ":5:19: Opening and ending tag mismatch: states line 5 and outputs", NOT_PARSED},
    {"text", ":5:7: text between elements; everything is in attributes", INVALID},
    {"two-roots", ":10:1: Extra content at the end of the document", NOT_PARSED},
    {"unbound-prefix", ":2:57: Namespace prefix b on automaton is not defined", INVALID},
    {"unknown-attribute", ":3:13: <symbol> has no attribute \"colour\"", INVALID},
    {"unknown-element", ":8:1: <final> is out of place", INVALID},
    {"unknown-entity", ":3:33: Entity 'nbsp' not defined", NOT_PARSED},
    {"uppaal-file", ":2:1: a document type declaration is not read", INVALID},
    {"wrong-namespace", ":2:1: <automaton> is not in the namespace", INVALID},
    {"wrong-order", ":3:3: <automaton> holds <alphabet>, <outputs> and <states>, in this order", INVALID},
    {"wrong-root", ":2:1: <machine> is out of place", INVALID},
};

static void malformed_files(void) {
    size_t count = 0, listed = sizeof malformed / sizeof *malformed;
    for (size_t i = 0; i < listed; i++) {
        char path[256], *text = NULL;
        size_t length = 0;
        rs_automaton *a = NULL;
        snprintf(path, sizeof path, CORPUS "%s.xml", malformed[i].name);
        CHECK_OK(rs_file_read(&text, &length, unit_source(path), 100000));
        CHECK_FAILS(rs_automaton_parse_xml(&a, text, length, malformed[i].name, NULL, NULL), RS_EINPUT,
                    malformed[i].message);
        unit_contains(rs_error_message(), malformed[i].name, __FILE__, __LINE__);
        CU_ASSERT_PTR_NULL(a);
        judgement schema = by_schema(SCHEMA, text, length);
        CU_ASSERT(schema == malformed[i].schema);
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
    char *text = NULL;
    size_t length;
    CHECK_OK(rs_file_read(&text, &length, unit_source(CORPUS "lamp-good.xml"), 10000));
    for (size_t i = 0; i <= length; i++) {
        rs_automaton *a = NULL;
        char *part = malloc(i ? i : 1); /* of the exact size, so that AddressSanitizer sees a read past it */
        memcpy(part, text, i);
        rs_status status = rs_automaton_parse_xml(&a, part, i, "part", NULL, NULL);
        CU_ASSERT(status == (i + 1 >= length ? RS_OK : RS_EINPUT));
        rs_automaton_free(a);
        free(part);
    }
    free(text);
}

/* Columns count characters, on lines of one tag and of several, after tags that are long or not ASCII. */
static void places(void) {
    static const char head[] = "<automaton xmlns=\"urn:rnnsafe:automaton:1\" start=\"q\">";
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"<x/>", "t:1:54: <x>"},
        {"\n  <x/>", "t:2:3: <x>"},
        {"<alphabet><symbol name=\"\xc3\xa9\xc3\xa9\"/><x/>", "t:1:83: <x>"},
        {"<alphabet><symbol name=\"\xc3\xa9\xc3\xa9\"/><symbol name=\"\xc3\xa9\xc3\xa9\"/>", "t:1:83: symbol"},
        {"<alphabet>\n<symbol name=\"\xc3\xa9\"/><x\n\n/>", "t:2:19: <x>"},
        {"<alphabet>\n<symbol\nname=\"a\"/><x/>", "t:3:11: <x>"},
        {"<alphabet>\n<!-- \n --> <?pi?><x/>", "t:3:12: <x>"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        rs_automaton *a = NULL;
        snprintf(text, sizeof text, "%s%s", head, cases[i].text);
        CHECK_FAILS(rs_automaton_parse_xml(&a, text, strlen(text), "t", NULL, NULL), RS_EINPUT, cases[i].message);
    }
}

/* Told apart by what is in them: with a byte order mark and blank lines before; DOT else. */
static void by_content(void) {
    char folder[] = "/tmp/rnnsafe-exchange-XXXXXX", path[64];
    const char *texts[] = {"\xef\xbb\xbf<automaton/>", "digraph { a -> a [label=x] __start0 -> a }"};
    rs_automaton *a = NULL;
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/machine", folder);
    CHECK_OK(rs_file_write(path, texts[0], strlen(texts[0])));
    CHECK_FAILS(rs_automaton_read(&a, path, NULL, NULL), RS_EINPUT, "machine:1:1: <automaton> is not in the namespace");
    CHECK_OK(rs_file_write(path, texts[1], strlen(texts[1])));
    CHECK_OK(rs_automaton_read(&a, path, NULL, NULL));
    CU_ASSERT(a && rs_automaton_states(a) == 1);
    rs_automaton_free(a);
    remove(path);
    CU_ASSERT(remove(folder) == 0);
}

static void registry(void) {
    rs_automaton *a = read_good("lamp-good");
    rs_properties *properties = NULL;
    const char rule[] = "dark_after_press: in=press -> out=dark";
    char *text = NULL, *dot = NULL;
    size_t count = 0;
    for (; rs_exchange_format(count); count++) CU_ASSERT_PTR_NOT_NULL(rs_exchange_summary(rs_exchange_format(count)));
    CU_ASSERT(count == 3);
    CU_ASSERT_PTR_NULL(rs_exchange_summary("pdf"));
    CHECK_FAILS(rs_exchange_write(&text, "pdf", a, NULL), RS_EUSAGE,
                "unknown format \"pdf\"; known are dot, xml, uppaal");
    CHECK_OK(rs_properties_parse(&properties, rule, strlen(rule), "rule", rs_automaton_alphabet(a),
                                 rs_automaton_outputs(a)));
    CHECK_FAILS(rs_exchange_write(&text, "dot", a, properties), RS_EUSAGE, "no place for properties");
    CHECK_FAILS(rs_exchange_write(&text, "xml", a, properties), RS_EUSAGE, "no place for properties");
    CU_ASSERT_PTR_NULL(text);
    CHECK_OK(rs_exchange_write(&text, "dot", a, NULL));
    CHECK_OK(rs_automaton_write_dot(&dot, a));
    CU_ASSERT_STRING_EQUAL(text, dot);
    free(text);
    free(dot);
    rs_properties_free(properties);
    rs_automaton_free(a);
}

static rs_status sweep(void *user) {
    rs_automaton *a = NULL;
    char *text = NULL;
    rs_status status = rs_automaton_parse_xml(&a, user, strlen(user), "sweep", NULL, NULL);
    if (status == RS_OK) status = rs_exchange_write(&text, "xml", a, NULL);
    rs_automaton_free(a);
    free(text);
    return status;
}

static void out_of_memory(void) {
    const char *names[] = {"lamp-good", "escapes-good"};
    for (size_t i = 0; i < 2; i++) {
        char path[256], *text = NULL;
        size_t length;
        snprintf(path, sizeof path, CORPUS "%s.xml", names[i]);
        CHECK_OK(rs_file_read(&text, &length, unit_source(path), 10000));
        unit_allocation_sweep(sweep, text, 10000);
        free(text);
    }
}

static const unit_test tests[] = {
    {"a lamp and escapes", known},
    {"names that are given", given_names},
    {"what is written is read back the same, and valid", round_trips},
    {"malformed files", malformed_files},
    {"truncated files", truncations},
    {"lines and columns", places},
    {"DOT and XML are told apart", by_content},
    {"the registry of formats", registry},
    {"without memory", out_of_memory},
};
UNIT_MAIN("exchange: XML", tests)
