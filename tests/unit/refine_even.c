/* Words with every kind of symbol alike, and conformance words where symbols are of few kinds. */
#include <stdlib.h>
#include <string.h>

#include "refine/loop.h"
#include "support/unit.h"

/* Brackets to a depth of one between the letters a to g: three kinds of symbols, "(" and ")" and letters. */
static const char *const brackets =
    "digraph d { q0 [shape=doublecircle]; q1; q2; q0 -> q1 [label=\"(\"]; q0 -> q2 [label=\")\"]; q1 -> q2 [label=\"(\"]; "
    "q1 -> q0 [label=\")\"]; q2 -> q2 [label=\"(\"]; q2 -> q2 [label=\")\"]; "
    "q0 -> q0 [label=a]; q0 -> q0 [label=b]; q0 -> q0 [label=c]; q0 -> q0 [label=d]; q0 -> q0 [label=e]; q0 -> q0 [label=f]; q0 -> q0 [label=g]; "
    "q1 -> q1 [label=a]; q1 -> q1 [label=b]; q1 -> q1 [label=c]; q1 -> q1 [label=d]; q1 -> q1 [label=e]; q1 -> q1 [label=f]; q1 -> q1 [label=g]; "
    "q2 -> q2 [label=a]; q2 -> q2 [label=b]; q2 -> q2 [label=c]; q2 -> q2 [label=d]; q2 -> q2 [label=e]; q2 -> q2 [label=f]; q2 -> q2 [label=g]; "
    "__start0 -> q0; }";

/* Each symbol is of its own kind. */
static const char *const parity =
    "digraph d { q0 [shape=doublecircle]; q1; q0 -> q1 [label=x]; q1 -> q0 [label=x]; q0 -> q0 [label=y]; q1 -> q1 [label=y]; "
    "__start0 -> q0; }";

static rs_automaton *read_machine(const char *text) {
    rs_automaton *a = NULL;
    CHECK_OK(rs_automaton_parse_dot(&a, text, strlen(text), "machine", NULL, NULL));
    CU_ASSERT_PTR_NOT_NULL_FATAL(a);
    return a;
}

static rs_words *sample(size_t count, size_t least, size_t most) {
    rs_words *words = NULL;
    rs_lengths lengths = {.min = least, .max = most};
    CHECK_OK(rs_words_sample(&words, 2, count, &lengths, 3));
    CU_ASSERT_PTR_NOT_NULL_FATAL(words);
    return words;
}

static size_t symbol(const rs_automaton *a, const char *name) {
    return rs_names_find(rs_automaton_alphabet(a), name, 1);
}

/* Two of three symbols are brackets, though seven of nine are letters; all letters occur. Words are at most an access word longer
 * than what they are given. */
static void kinds_occur_alike(void) {
    rs_automaton *a = read_machine(brackets);
    rs_words *lengths = sample(600, 1, 16), *words = NULL;
    size_t count[9] = {0}, total = 0, open = symbol(a, "("), close = symbol(a, ")");
    CHECK_OK(rs_words_new(&words));
    CHECK_OK(rs_loop_even_words(words, a, lengths, 1));
    CU_ASSERT_EQUAL_FATAL(rs_words_count(words), 600);
    for (size_t i = 0; i < 600; i++) {
        size_t length = rs_words_length(words, i), given = rs_words_length(lengths, i);
        CU_ASSERT(length >= given && length <= given + 1);
        for (size_t t = length - given; t < length; t++) count[rs_words_symbol(words, i, t)]++;
        total += given;
    }
    for (size_t s = 0; s < 9; s++) {
        double share = (double)count[s] / (double)total;
        bool bracket = s == open || s == close;
        CU_ASSERT(bracket ? share > 0.3 && share < 0.37 : share > 0.03 && share < 0.07);
    }
    rs_words_free(words);
    rs_words_free(lengths);
    rs_automaton_free(a);
}

static void nothing_where_kinds_are_many(void) {
    rs_automaton *a = read_machine(parity);
    rs_words *lengths = sample(20, 1, 4), *words = NULL;
    CHECK_OK(rs_words_new(&words));
    CHECK_OK(rs_loop_even_words(words, a, lengths, 1));
    CU_ASSERT_EQUAL(rs_words_count(words), 0);
    rs_words_free(words);
    rs_words_free(lengths);
    rs_automaton_free(a);
}

/* 400 words are room for middles of one symbol out of nine, but for two and three of the three kinds as well: after "(", which
 * leads to q1, the middle "(()" is among them. */
static void middles_of_every_kind(void) {
    rs_automaton *a = read_machine(brackets);
    rs_words *words = NULL;
    uint32_t open = (uint32_t)symbol(a, "("), close = (uint32_t)symbol(a, ")");
    bool all = false, found = false;
    CHECK_OK(rs_words_new(&words));
    CHECK_OK(rs_loop_conformance_words(words, &all, a, 400, 1));
    CU_ASSERT(all && rs_words_count(words) <= 400);
    for (size_t i = 0; i < rs_words_count(words); i++) {
        const uint32_t wanted[] = {open, open, open, close};
        size_t same = 0;
        while (same < 4 && same < rs_words_length(words, i) && rs_words_symbol(words, i, same) == wanted[same]) same++;
        found = found || same == 4;
    }
    CU_ASSERT(found);
    rs_words_free(words);
    rs_automaton_free(a);
}

static rs_status sweep(void *user) {
    rs_automaton *a = user;
    rs_words *words = NULL, *other = NULL;
    bool all;
    rs_status status = rs_words_new(&words);
    if (status == RS_OK) status = rs_words_new(&other);
    if (status == RS_OK) status = rs_words_add(words, (uint32_t[]){0, 0}, 2);
    if (status == RS_OK) status = rs_loop_even_words(other, a, words, 1);
    if (status == RS_OK) status = rs_loop_conformance_words(other, &all, a, 50, 1);
    rs_words_free(words);
    rs_words_free(other);
    return status;
}

static void out_of_memory(void) {
    rs_automaton *a = read_machine(brackets);
    unit_allocation_sweep(sweep, a, 1000);
    rs_automaton_free(a);
}

static const unit_test tests[] = {
    {"kinds occur alike", kinds_occur_alike},
    {"nothing where kinds are many", nothing_where_kinds_are_many},
    {"middles of every kind", middles_of_every_kind},
    {"out of memory", out_of_memory},
};

UNIT_MAIN("refine_even", tests)
