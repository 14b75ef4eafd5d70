#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "automaton_ref.h"
#include "core/file.h"
#include "support/unit.h"

#define CORPUS "tests/fuzz/corpus/dot/"

static rs_automaton *read_good(const char *name) {
    char path[256];
    rs_automaton *a = NULL;
    snprintf(path, sizeof path, CORPUS "%s.dot", name);
    CHECK_OK(rs_automaton_read_dot(&a, unit_source(path), NULL, NULL));
    return a;
}

static bool named(const rs_names *names, const char *wanted) {
    rs_names *list = NULL;
    CHECK_OK(rs_names_parse(&list, "wanted", wanted));
    bool equal = rs_names_equal(names, list);
    rs_names_free(list);
    return equal;
}

static void three_kinds(void) {
    rs_automaton *a = read_good("dfa-good");
    CU_ASSERT(rs_automaton_states(a) == 2 && named(rs_automaton_outputs(a), "reject accept"));
    CU_ASSERT(rs_automaton_output(a, 0) == 1 && rs_automaton_output(a, 1) == 0 && rs_automaton_start(a) == 0);
    CU_ASSERT_STRING_EQUAL(rs_automaton_state_name(a, 1), "q");
    rs_automaton_free(a);
    a = read_good("moore-good");
    CU_ASSERT(named(rs_automaton_outputs(a), "dark light") && named(rs_automaton_alphabet(a), "press wait"));
    CU_ASSERT(rs_automaton_next(a, 0, 0) == 1 && rs_automaton_next(a, 1, 1) == 1 && rs_automaton_output(a, 1) == 1);
    rs_automaton_free(a);
    a = read_good("escapes-good");
    CU_ASSERT(named(rs_automaton_outputs(a), "x| <y>") && named(rs_automaton_alphabet(a), "( \" \\ \xc3\xa9"));
    CU_ASSERT_STRING_EQUAL(rs_automaton_state_name(a, 0), "a\"b");
    rs_automaton_free(a);
}

/* 0 is entered with B and with A, 1 with A and with B; the start is 0 entered with A. */
static void mealy(void) {
    rs_automaton *a = read_good("mealy-good");
    CU_ASSERT(rs_automaton_states(a) == 4 && named(rs_automaton_outputs(a), "A B") &&
              named(rs_automaton_alphabet(a), "in out"));
    CU_ASSERT_STRING_EQUAL(rs_automaton_state_name(a, rs_automaton_start(a)), "0/A");
    const uint32_t word[] = {0, 0, 1, 1, 0}, wanted[] = {0, 1, 0, 1, 0};
    for (size_t i = 0, q = rs_automaton_start(a); i < 5; i++) {
        q = rs_automaton_next(a, q, word[i]);
        CU_ASSERT(rs_automaton_output(a, q) == wanted[i]);
    }
    rs_automaton_free(a);
    const char once[] =
        "digraph { s -> t [label=\"a/x/y\"] t -> t [label=\"a/x/z\"] u -> u [label=\"a/x/w\"] __start0 -> s }";
    CHECK_OK(rs_automaton_parse_dot(&a, once, strlen(once), "once", NULL, NULL));
    CU_ASSERT(rs_automaton_states(a) == 3 && rs_automaton_output(a, rs_automaton_start(a)) == 0);
    CU_ASSERT(named(rs_automaton_alphabet(a), "a/x") && named(rs_automaton_outputs(a), "y z w"));
    rs_automaton_free(a);
}

/* Names given by the caller fix the order, and what they lack is refused. */
static void given_names(void) {
    rs_automaton *a = NULL;
    rs_names *alphabet = NULL, *outputs = NULL;
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "wait press"));
    CHECK_OK(rs_names_parse(&outputs, "outputs", "light off dark"));
    const char *path = unit_source(CORPUS "moore-good.dot");
    CHECK_OK(rs_automaton_read_dot(&a, path, alphabet, outputs));
    CU_ASSERT(rs_automaton_next(a, 0, 1) == 1 && rs_automaton_output(a, 0) == 2 && rs_automaton_output(a, 1) == 0);
    rs_automaton_free(a);
    a = NULL;
    CHECK_FAILS(rs_automaton_read_dot(&a, path, outputs, NULL), RS_EINPUT,
                "dot:5:18: symbol \"press\" is not one of those");
    CHECK_FAILS(rs_automaton_read_dot(&a, path, NULL, alphabet), RS_EINPUT,
                "dot:3:12: output \"dark\" is not one of those");
    CHECK_FAILS(rs_automaton_read_dot(&a, "/nowhere/x.dot", NULL, NULL), RS_EINPUT, "cannot open");
    CU_ASSERT_PTR_NULL(a);
    rs_names_free(alphabet);
    rs_names_free(outputs);
}

static void round_trip(const rs_automaton *a) {
    rs_automaton *again = NULL;
    char *text = NULL;
    CHECK_OK(rs_automaton_write_dot(&text, a));
    CHECK_OK(rs_automaton_parse_dot(&again, text, strlen(text), "written", NULL, NULL));
    CU_ASSERT(again && ref_identical(a, again));
    free(text);
    rs_automaton_free(again);
}

static void round_trips(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    for (size_t i = 0; i < 60; i++) {
        rs_automaton *a =
            ref_random_machine(&r, 1 + rs_random_below(&r, 20), 1 + rs_random_below(&r, 4), 1 + rs_random_below(&r, 4));
        round_trip(a);
        rs_automaton_free(a);
    }
    /* Every sign of DOT and of labels in every kind of name; as Moore machine and as DFA; with support. */
    const char *names =
        "\" \\ \\\" | { } < > / a/b \\n [ ] ; , = -> // /* # digraph node \xc3\xa9 -1 1a ( & x\\ __star";
    const char *sets[] = {names, "reject accept"};
    for (size_t i = 0; i < 2; i++) {
        rs_names *strange = NULL, *outputs = NULL;
        rs_automaton *a = NULL;
        CHECK_OK(rs_names_parse(&strange, "names", names));
        CHECK_OK(rs_names_parse(&outputs, "outputs", sets[i]));
        size_t n = rs_names_count(strange);
        uint32_t *output = calloc(n, sizeof *output), *next = calloc(n * n, sizeof *next);
        uint64_t *support = calloc(n * n, sizeof *support);
        for (size_t q = 0; q < n; q++) output[q] = (uint32_t)rs_random_below(&r, rs_names_count(outputs));
        for (size_t t = 0; t < n * n; t++) {
            next[t] = (uint32_t)rs_random_below(&r, n);
            support[t] = t ? rs_random_next(&r) : UINT64_MAX;
        }
        CHECK_OK(rs_automaton_new(&a, strange, outputs, n, n - 2, output, next, support, strange));
        round_trip(a);
        rs_automaton_free(a);
        rs_names_free(strange);
        rs_names_free(outputs);
        free(output);
        free(next);
        free(support);
    }
    rs_names *marker = NULL, *outputs = NULL;
    rs_automaton *a = NULL;
    const uint32_t zero = 0;
    char *text = NULL;
    CHECK_OK(rs_names_parse(&marker, "names", "__start1"));
    CHECK_OK(rs_names_parse(&outputs, "outputs", "x"));
    CHECK_OK(rs_automaton_new(&a, marker, outputs, 1, 0, &zero, &zero, NULL, marker));
    CHECK_FAILS(rs_automaton_write_dot(&text, a), RS_EINPUT, "rename it");
    rs_automaton_free(a);
    rs_names_free(marker);
    rs_names_free(outputs);
}

/* Each file of the corpus that is not "-good", with what is said of it. */
static const struct {
    const char *name, *message;
} malformed[] = {
    {"alphabet-declared-twice", "\"a\" appears twice"},
    {"anonymous-subgraph", "2:1: subgraphs are not read"},
    {"arrow-without-target", "2:6: the state that the edge goes to expected"},
    {"attribute-list-not-closed", "3:1: the name of an attribute or ']' expected"},
    {"attribute-without-equals", "2:9: '=' expected"},
    {"attribute-without-value", "2:10: the value of an attribute expected"},
    {"chain", "2:8: chains of edges are not read"},
    {"comment-not-closed", "2:3: a comment without its end"},
    {"control-character", "2:3: control character 0x01"},
    {"edge-to-marker", "7:1: an edge leads to a start marker"},
    {"edge-with-empty-label", "7:15: symbol without a name"},
    {"edge-without-label", "7:1: an edge without a label"},
    {"empty", "1:1: \"digraph\" expected"},
    {"html-string", "2:10: HTML strings are not read"},
    {"joined-strings", "2:14: joined strings are not read"},
    {"mealy-empty-input", "2:15: symbol without a name"},
    {"mealy-nondeterministic", "3:1: state \"p\" has a second edge for \"a\""},
    {"mealy-without-output", "3:15: an edge of a Mealy machine is labelled \"in/out\""},
    {"missing-successor", "3:1: state \"q\" has no edge for \"b\""},
    {"moore-empty-output", "2:10: output without a name"},
    {"moore-three-parts", "2:10: a label of three parts"},
    {"moore-undeclared-state", "3:6: state \"q\" has no output"},
    {"moore-without-output", "3:10: state \"q\" has no output"},
    {"no-brace", "2:1: '{' expected after digraph"},
    {"no-edges", "2:1: state \"p\" has no edges"},
    {"no-start", "no start; add __start0 -> state"},
    {"no-states", "no states"},
    {"nondeterministic", "7:1: state \"p\" has a second edge for \"a\""},
    {"not-closed", "7:1: a state, an edge or '}' expected"},
    {"not-utf8", "2:3: not UTF-8"},
    {"nul-byte", "2:2: control character 0x00"},
    {"only-a-marker", "no states"},
    {"output-not-declared", "3:10: output \"z\" is not one of those wanted"},
    {"port", "2:2: ports are not read"},
    {"state-with-blank", "2:1: state \"p q\" holds white space"},
    {"state-without-name", "2:1: state without a name"},
    {"stray-sign", "2:4: unexpected '?'"},
    {"string-ends-in-backslash", "2:10: a string without its closing quote"},
    {"string-not-closed", "2:10: a string without its closing quote"},
    {"subgraph", "2:1: subgraphs are not read"},
    {"support-negative", "2:26: support is a count, not \"-1\""},
    {"support-too-large", "2:26: support is a count"},
    {"symbol-not-declared", "5:15: symbol \"a\" is not one of those wanted"},
    {"symbol-with-blank", "7:15: symbol \"b c\" holds white space"},
    {"symbol-with-line-break", "7:15: symbol \"b c\" holds white space"},
    {"text-after-end", "8:1: text after the graph's end"},
    {"two-starts", "7:1: a second start"},
    {"undirected", "1:1: \"digraph\" expected"},
    {"undirected-edge", "2:3: an edge of an automaton is directed"},
    {"unknown-kind", "2:6: kind is one of dfa, moore, mealy"},
    {"unquoted-slash", "2:16: unexpected '/'"},
    {"utf16", "1:1: not UTF-8"},
};

static void malformed_files(void) {
    size_t count = 0, listed = sizeof malformed / sizeof *malformed;
    for (size_t i = 0; i < listed; i++) {
        char path[256], wanted[256];
        rs_automaton *a = NULL;
        snprintf(path, sizeof path, CORPUS "%s.dot", malformed[i].name);
        bool place = malformed[i].message[0] >= '0' && malformed[i].message[0] <= '9';
        snprintf(wanted, sizeof wanted, "%s.dot:%s%s", malformed[i].name, place ? "" : " ", malformed[i].message);
        CHECK_FAILS(rs_automaton_read_dot(&a, unit_source(path), NULL, NULL), RS_EINPUT, wanted);
        CU_ASSERT_PTR_NULL(a);
    }
    DIR *folder = opendir(unit_source(CORPUS));
    CU_ASSERT_PTR_NOT_NULL_FATAL(folder);
    for (const struct dirent *e; (e = readdir(folder));)
        count += e->d_name[0] != '.' && !strstr(e->d_name, "-good") && strstr(e->d_name, ".dot");
    closedir(folder);
    CU_ASSERT(count == listed);
}

/* Cut anywhere, a file is refused or, once its last brace is there, read. */
static void truncations(void) {
    char *text = NULL;
    size_t length;
    CHECK_OK(rs_file_read(&text, &length, unit_source(CORPUS "moore-good.dot"), 10000));
    for (size_t i = 0; i <= length; i++) {
        rs_automaton *a = NULL;
        char *part = malloc(i ? i : 1); /* of the exact size, so that AddressSanitizer sees a read past it */
        memcpy(part, text, i);
        rs_status status = rs_automaton_parse_dot(&a, part, i, "part", NULL, NULL);
        CU_ASSERT(status == (i + 1 >= length ? RS_OK : RS_EINPUT));
        rs_automaton_free(a);
        free(part);
    }
    free(text);
}

static rs_status sweep(void *user) {
    rs_automaton *a = NULL;
    char *text = NULL;
    rs_status status = rs_automaton_parse_dot(&a, user, strlen(user), "sweep", NULL, NULL);
    if (status == RS_OK) status = rs_automaton_write_dot(&text, a);
    rs_automaton_free(a);
    free(text);
    return status;
}

static void out_of_memory(void) {
    const char *names[] = {"dfa-good", "moore-good", "mealy-good", "escapes-good"};
    for (size_t i = 0; i < 4; i++) {
        char path[256], *text = NULL;
        size_t length;
        snprintf(path, sizeof path, CORPUS "%s.dot", names[i]);
        CHECK_OK(rs_file_read(&text, &length, unit_source(path), 10000));
        unit_allocation_sweep(sweep, text, 10000);
        free(text);
    }
}

static const unit_test tests[] = {
    {"DFA, Moore machine, escapes", three_kinds},
    {"Mealy machines as Moore machines", mealy},
    {"names that are given", given_names},
    {"what is written is read back the same", round_trips},
    {"malformed files", malformed_files},
    {"truncated files", truncations},
    {"without memory", out_of_memory},
};
UNIT_MAIN("automaton: DOT", tests)
