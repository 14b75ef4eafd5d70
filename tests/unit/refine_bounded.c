/* All short words and random ones under assumptions, on networks of random machines, against running every word by
 * itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "property_ref.h"
#include "refine/loop.h"
#include "refine/short.h"
#include "refine_network.h"
#include "support/unit.h"

#define LONGEST 7

static rs_names *alphabet, *outputs;

static rs_automaton *random_machine(rs_random *r) {
    rs_automaton *a = NULL;
    uint32_t output[4], next[8];
    size_t states = 2 + rs_random_below(r, 3);
    for (size_t q = 0; q < states; q++) output[q] = (uint32_t)rs_random_below(r, 2);
    for (size_t e = 0; e < 2 * states; e++) next[e] = (uint32_t)rs_random_below(r, states);
    CHECK_OK(rs_automaton_new(&a, alphabet, outputs, states, 0, output, next, NULL, NULL));
    return a;
}

/* A property under an assumption, and the assumption; NULL when no word can violate it. */
static rs_properties *random_property(ref_formula **property, ref_formula **assumption, rs_random *r) {
    rs_text text = {0};
    char *written = NULL;
    rs_properties *list = NULL;
    *assumption = ref_formula_random(r, 1 + rs_random_below(r, 3), false, 2, 0);
    *property = ref_formula_random(r, 1 + rs_random_below(r, 3), false, 2, 2);
    rs_text_add(&text, "assume it: ");
    ref_formula_print(&text, *assumption, r);
    rs_text_add(&text, "\np: ");
    ref_formula_print(&text, *property, r);
    CHECK_OK(rs_text_take(&written, &text));
    if (rs_properties_parse(&list, written, strlen(written), "t", alphabet, outputs) != RS_OK) list = NULL;
    free(written);
    return list;
}

/* By definition: all words in order of length, then of symbols; the first at whose last moment the property fails, when
 * the assumption holds at all moments. */
static size_t first_violation(uint32_t word[LONGEST], const rs_network *net, const ref_formula *property,
                              const ref_formula *assumption) {
    uint32_t classes[LONGEST];
    for (size_t n = 1; n <= LONGEST; n++)
        for (uint32_t w = 0; w < 1u << n; w++) {
            bool assumed = true;
            for (size_t i = 0; i < n; i++) word[i] = w >> (n - 1 - i) & 1;
            CHECK_OK(rs_network_run(net, word, n, classes, NULL, NULL));
            for (size_t i = 0; i < n; i++) assumed = assumed && ref_formula_holds(assumption, word, classes, n, i);
            if (assumed && !ref_formula_holds(property, word, classes, n, n - 1)) return n;
        }
    return 0;
}

static void as_defined(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    size_t violated = 0, long_ones = 0, clean = 0;
    for (int round = 0; round < 3000; round++) {
        ref_formula *property, *assumption;
        rs_properties *list = random_property(&property, &assumption, &r);
        if (list) {
            const rs_property *p = rs_properties_get(list, 0);
            const rs_bounded_options options = {
                .length = LONGEST, .words = 50, .assumptions = {rs_property_assumption(p)}};
            rs_automaton *machine = random_machine(&r);
            rs_network *net = NULL;
            rs_bounded b;
            rs_solver_result s = {0};
            uint32_t word[LONGEST];
            CHECK_OK(ref_network_of_machine(&net, machine));
            size_t n = first_violation(word, net, property, assumption);
            CHECK_OK(rs_bounded_check(&b, net, rs_property_monitor(p), &options, NULL));
            CHECK_OK(rs_solver_check(&s, machine, rs_property_monitor(p),
                                     &(rs_solver_options){.engines = 1u << RS_ENGINE_EXPLICIT}, NULL));
            if (n) {
                CU_ASSERT_FATAL(b.violated && b.word.length == n && b.length == n - 1);
                CU_ASSERT(memcmp(b.word.symbols, word, n * sizeof *word) == 0);
                CU_ASSERT_STRING_EQUAL(b.end, "word");
                CU_ASSERT(s.answer == RS_ANSWER_UNSAFE && s.word.length == n);
            } else {
                CU_ASSERT(b.length == LONGEST && strcmp(b.end, "length") == 0);
                CU_ASSERT(b.violated ? b.word.length > LONGEST : b.drawn == 50 && b.words <= 50);
                CU_ASSERT(s.answer == RS_ANSWER_SAFE || s.word.length > LONGEST);
                clean++;
            }
            violated += n > 0;
            long_ones += n > 2;
            rs_word_free(&s.word);
            rs_bounded_clear(&b);
            rs_network_free(net);
            rs_automaton_free(machine);
            rs_properties_free(list);
        }
        ref_formula_free(property);
        ref_formula_free(assumption);
    }
    printf("  %zu violated, %zu of them by three symbols and more; %zu not\n", violated, long_ones, clean);
    CU_ASSERT(violated > 50 && long_ones > 10 && clean > 50);
}

/* Two states; a leads to the second and back, and its output is q. */
static rs_network *toggle(void) {
    static const uint32_t output[] = {0, 1}, next[] = {1, 0, 0, 1};
    rs_automaton *a = NULL;
    rs_network *net = NULL;
    CHECK_OK(rs_automaton_new(&a, alphabet, outputs, 2, 0, output, next, NULL, NULL));
    CHECK_OK(ref_network_of_machine(&net, a));
    rs_automaton_free(a);
    return net;
}

static rs_properties *parse(const char *text) {
    rs_properties *list = NULL;
    CHECK_OK(rs_properties_parse(&list, text, strlen(text), "t", alphabet, outputs));
    return list;
}

/* A limit ends at a length that was run to its end; what cannot matter is not run. */
static void limits(void) {
    rs_network *net = toggle();
    rs_properties *list = parse("same: Y q & b -> q\nassume bs: b\nall_b: b -> p\n");
    const rs_monitor *monitor = rs_property_monitor(rs_properties_get(list, 0));
    rs_short s;
    const rs_short_limits no_more = {.length = 5, .steps = 1000}, steps = {.steps = 62}, fewer = {.steps = 61},
                          bytes = {.bytes = 2000};
    CHECK_OK(rs_short_words(&s, net, monitor, &no_more, NULL));
    CU_ASSERT(s.length == 5 && s.steps == 62 && strcmp(s.end, "length") == 0);
    CHECK_OK(rs_short_words(&s, net, monitor, &steps, NULL));
    CU_ASSERT(s.length == 5 && s.steps == 62 && strcmp(s.end, "work") == 0);
    CHECK_OK(rs_short_words(&s, net, monitor, &fewer, NULL));
    CU_ASSERT(s.length == 4 && s.steps == 30 && strcmp(s.end, "work") == 0);
    CHECK_OK(rs_short_words(&s, net, monitor, &bytes, NULL));
    CU_ASSERT(s.length >= 1 && s.length < 10 && strcmp(s.end, "memory") == 0);
    CHECK_OK(rs_short_words(&s, net, rs_property_monitor(rs_properties_get(list, 1)), &no_more, NULL));
    CU_ASSERT(s.length == 5 && s.steps == 10);
    const rs_context late = {.seed = 1, .deadline = rs_now() - 1};
    CHECK_OK(rs_short_words(&s, net, monitor, &no_more, &late));
    CU_ASSERT(s.length == 0 && s.steps == 0 && strcmp(s.end, "time") == 0);
    rs_properties_free(list);
    rs_network_free(net);
}

/* Long words alone violate: random ones find that, which all short ones do not. A proof that says otherwise is an
 * error. */
static void random_words_decide(void) {
    rs_network *net = toggle();
    rs_properties *list = parse("p: !matches(\". .{11} .*\") | p\n");
    const rs_monitor *monitor = rs_property_monitor(rs_properties_get(list, 0));
    rs_bounded_options o = {.length = 6, .words = 200};
    rs_bounded b;
    CHECK_OK(rs_bounded_check(&b, net, monitor, &o, NULL));
    CU_ASSERT(b.violated && b.length == 6 && b.word.length >= 12 && strcmp(b.end, "length") == 0);
    rs_bounded_clear(&b);
    o.proved = true;
    CHECK_FAILS(rs_bounded_check(&b, net, monitor, &o, NULL), RS_EINTERNAL, "violates what was proved");
    o = (rs_bounded_options){.length = 6};
    CHECK_OK(rs_bounded_check(&b, net, monitor, &o, NULL));
    CU_ASSERT(!b.violated && b.drawn == 0 && b.epsilon == 1);
    rs_properties_free(list);
    rs_network_free(net);
}

/* Words count that satisfy both assumptions at every moment. */
static void words_that_count(void) {
    rs_network *net = toggle();
    rs_properties *list = parse("assume one: !(a & Y a)\np: Y q & b -> q\n"),
                  *other = parse("assume two: a | Y true\nq: Y q & b -> q\n");
    const rs_assumption *one = rs_properties_assumption(list, 0), *two = rs_properties_assumption(other, 0);
    rs_monitor *both = NULL;
    rs_words *words = NULL;
    rs_bounded b[3];
    CHECK_OK(rs_words_all(&words, 2, 3, 100));
    const struct {
        const rs_assumption *one, *two;
        size_t wanted;
    } counts[] = {{NULL, NULL, 14}, {one, NULL, 2 + 3 + 5}, {NULL, one, 2 + 3 + 5}, {two, NULL, 7}, {one, two, 1 + 1 + 2}};
    for (size_t i = 0; i < 5; i++) {
        size_t count = 100;
        CHECK_OK(rs_words_satisfying(&count, words, counts[i].one, counts[i].two));
        CU_ASSERT_EQUAL(count, 100 + counts[i].wanted);
    }
    rs_words_free(words);
    CHECK_OK(rs_monitor_assume(&both, rs_property_monitor(rs_properties_get(list, 0)), two));
    const rs_assumption *const given[3][2] = {{one}, {NULL, two}, {one, two}};
    for (size_t i = 0; i < 3; i++) {
        const rs_bounded_options o = {
            .length = 3, .words = 4000, .lengths = {.min = 3, .max = 3}, .assumptions = {given[i][0], given[i][1]}};
        CHECK_OK(rs_bounded_check(&b[i], net, both, &o, NULL));
        CU_ASSERT(!b[i].violated && b[i].drawn == 4000);
        CU_ASSERT_DOUBLE_EQUAL(b[i].epsilon, rs_binomial_upper(0, b[i].words, 0.01), 0);
    }
    /* 5, 4 and 2 of the 8 words: a b a, a b b. */
    CU_ASSERT_DOUBLE_EQUAL((double)b[0].words / 4000, 5. / 8, 0.05);
    CU_ASSERT_DOUBLE_EQUAL((double)b[1].words / 4000, 4. / 8, 0.05);
    CU_ASSERT_DOUBLE_EQUAL((double)b[2].words / 4000, 2. / 8, 0.05);
    rs_monitor_free(both);
    rs_properties_free(list);
    rs_properties_free(other);
    rs_network_free(net);
}

static rs_properties *swept;
static rs_status bounded_swept(void *net) {
    const rs_bounded_options o = {.length = 5, .words = 30};
    rs_bounded b = {0};
    rs_status status = rs_bounded_check(&b, net, rs_property_monitor(rs_properties_get(swept, 0)), &o, NULL);
    if (status == RS_OK) CU_ASSERT(b.violated);
    rs_bounded_clear(&b);
    return status;
}

static void without_memory(void) {
    rs_network *net = toggle();
    swept = parse("p: !matches(\". .{7} .*\") | p\n");
    unit_allocation_sweep(bounded_swept, net, 1000);
    rs_properties_free(swept);
    swept = parse("p: !matches(\". .{2} .*\") | p\n");
    unit_allocation_sweep(bounded_swept, net, 1000);
    rs_properties_free(swept);
    rs_network_free(net);
}

static const unit_test tests[] = {
    {"as defined", as_defined},
    {"limits", limits},
    {"random words decide", random_words_decide},
    {"words that count", words_that_count},
    {"without memory", without_memory},
};

int main(void) {
    if (rs_names_parse(&alphabet, "alphabet", "a b") != RS_OK || rs_names_parse(&outputs, "outputs", "p q") != RS_OK)
        return 2;
    int result = unit_main("refine_bounded", tests, sizeof tests / sizeof *tests);
    rs_names_free(alphabet);
    rs_names_free(outputs);
    return result;
}
