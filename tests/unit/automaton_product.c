#include <stdlib.h>
#include <string.h>

#include "automaton_ref.h"
#include "support/unit.h"

static rs_automaton *dot(const char *text) {
    rs_automaton *a = NULL;
    CHECK_OK(rs_automaton_parse_dot(&a, text, strlen(text), "test", NULL, NULL));
    return a;
}

/* Even number of a's; in the second also fewer than three b's in a row. Names and orders differ. */
static const char even[] = "digraph { p [shape=doublecircle]; q; p -> q [label=a]; q -> p [label=a]; p -> p [label=b];"
                           " q -> q [label=b]; __start0 -> p }";
static const char even_limited[] = "digraph { node [shape=doublecircle] p0 p1 p2; node [shape=circle] q0 q1 q2 z;"
                                   " p0 -> p1 [label=b] p1 -> p2 [label=b] p2 -> z [label=b] p0 -> q0 [label=a]"
                                   " p1 -> q0 [label=a] p2 -> q0 [label=a] q0 -> q1 [label=b] q1 -> q2 [label=b]"
                                   " q2 -> z [label=b] q0 -> p0 [label=a] q1 -> p0 [label=a] q2 -> p0 [label=a]"
                                   " z -> z [label=a] z -> z [label=b] __start0 -> p0 }";

static void known(void) {
    rs_automaton *a = dot(even), *b = dot(even_limited);
    rs_word word = {0};
    bool equal = true;
    char *text = NULL;
    CHECK_OK(rs_automaton_equivalent(&equal, &word, a, b));
    CU_ASSERT(!equal);
    CHECK_OK(rs_word_format(&text, rs_automaton_alphabet(a), word.symbols, word.length));
    CU_ASSERT_STRING_EQUAL(text, "b b b");
    rs_word_free(&word);
    free(text);
    CHECK_OK(rs_automaton_equivalent(&equal, NULL, a, b));
    CU_ASSERT(!equal);
    CHECK_OK(rs_automaton_equivalent(&equal, &word, b, b));
    CU_ASSERT(equal && word.length == 0);
    rs_automaton_free(a);
    rs_automaton_free(b);
}

/* The start's own output is not compared unless a word returns to it; alphabets as sets; foreign outputs differ. */
static void readings(void) {
    rs_automaton *a = dot("digraph { s [label=\"s|x\"]; t [label=\"t|y\"]; s -> t [label=0]; t -> t [label=0];"
                          " s -> t [label=1]; t -> t [label=1]; __start0 -> s }");
    rs_automaton *b = dot("digraph { t [label=\"t|y\"]; t -> t [label=1]; t -> t [label=0]; __start0 -> t }");
    rs_automaton *c = dot("digraph { t [label=\"t|z\"]; t -> t [label=1]; t -> t [label=0]; __start0 -> t }");
    rs_automaton *d = dot("digraph { t [label=\"t|y\"]; t -> t [label=1]; t -> t [label=2]; __start0 -> t }");
    rs_automaton *e = dot("digraph { t [label=\"t|y\"]; t -> t [label=1]; __start0 -> t }");
    rs_word word = {0};
    bool equal = false;
    CHECK_OK(rs_automaton_equivalent(&equal, &word, a, b));
    CU_ASSERT(equal);
    CHECK_OK(rs_automaton_equivalent(&equal, &word, b, c));
    CU_ASSERT(!equal && word.length == 1 && word.symbols[0] == 0);
    rs_word_free(&word);
    CHECK_FAILS(rs_automaton_equivalent(&equal, &word, a, d), RS_EINPUT, "only one has \"0\"");
    CHECK_FAILS(rs_automaton_equivalent(&equal, &word, e, b), RS_EINPUT, "1 and 2 symbols");
    rs_automaton_free(a);
    rs_automaton_free(b);
    rs_automaton_free(c);
    rs_automaton_free(d);
    rs_automaton_free(e);
}

/* Two random machines with few states differ within |a| + |b| symbols or not at all. */
static void against_all_words(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    size_t equals = 0;
    for (size_t i = 0; i < 400; i++) {
        size_t n = 1 + rs_random_below(&r, 3), k = 1 + rs_random_below(&r, 3), outputs = 1 + rs_random_below(&r, 2);
        rs_automaton *a = ref_random_machine(&r, n, 2, outputs);
        rs_automaton *b = i % 4 ? ref_random_machine(&r, k, 2, outputs) : ref_permuted(&r, a);
        uint32_t wanted[16];
        size_t length = ref_difference(a, b, n + k + 3, wanted);
        rs_word word = {0};
        bool equal;
        CHECK_OK(rs_automaton_equivalent(&equal, &word, a, b));
        CU_ASSERT(equal == (length == 0));
        CU_ASSERT(word.length == length && (!length || memcmp(word.symbols, wanted, length * sizeof *wanted) == 0));
        equals += equal;
        rs_word_free(&word);
        rs_automaton_free(a);
        rs_automaton_free(b);
    }
    CU_ASSERT(equals >= 100 && equals < 400);
}

/* Every pair of the product is what both machines reach by one word. */
static void products(void) {
    rs_random r = rs_random_new(unit_seed(), 1);
    for (size_t i = 0; i < 50; i++) {
        rs_automaton *a = ref_random_machine(&r, 5, 2, 2), *b = ref_random_machine(&r, 4, 2, 3);
        size_t count = 0;
        uint32_t *pairs = NULL, *next = NULL;
        CHECK_OK(rs_automaton_product(&count, &pairs, &next, a, b));
        CU_ASSERT(pairs[0] == rs_automaton_start(a) && pairs[1] == rs_automaton_start(b) && count <= 20);
        bool entered[20] = {true};
        for (size_t p = 0; p < count; p++)
            for (size_t s = 0; s < 2; s++) {
                size_t to = next[2 * p + s];
                CU_ASSERT_FATAL(to < count);
                CU_ASSERT(pairs[2 * to] == rs_automaton_next(a, pairs[2 * p], s));
                CU_ASSERT(pairs[2 * to + 1] == rs_automaton_next(b, pairs[2 * p + 1], s));
                entered[to] = true;
            }
        for (size_t p = 0; p < count; p++) {
            CU_ASSERT(entered[p]);
            for (size_t q = 0; q < p; q++) CU_ASSERT(memcmp(pairs + 2 * p, pairs + 2 * q, 2 * sizeof *pairs) != 0);
        }
        free(pairs);
        free(next);
        rs_automaton_free(a);
        rs_automaton_free(b);
    }
}

typedef struct two {
    rs_automaton *a, *b;
} two;

static rs_status sweep(void *user) {
    two *t = user;
    rs_word word = {0};
    bool equal;
    size_t count;
    uint32_t *pairs = NULL, *next = NULL;
    rs_status status = rs_automaton_equivalent(&equal, &word, t->a, t->b);
    if (status == RS_OK) status = rs_automaton_product(&count, &pairs, &next, t->a, t->b);
    rs_word_free(&word);
    free(pairs);
    free(next);
    return status;
}

static void out_of_memory(void) {
    two t = {dot(even), dot(even_limited)};
    unit_allocation_sweep(sweep, &t, 1000);
    rs_automaton_free(t.a);
    rs_automaton_free(t.b);
}

static const unit_test tests[] = {
    {"even and even with few b's", known},
    {"what is not compared and what is", readings},
    {"random machines against all words", against_all_words},
    {"products", products},
    {"without memory", out_of_memory},
};
UNIT_MAIN("automaton: products", tests)
