/* Random formulas and regular expressions against their definitions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "property/antichain.h"
#include "property/explore.h"
#include "property/language.h"
#include "property/parser.h"
#include "property_ref.h"
#include "rnnsafe/property.h"
#include "support/unit.h"

#define SYMBOLS 2
#define OUTPUTS 2
#define LETTERS (SYMBOLS * OUTPUTS)

static rs_names *alphabet, *outputs;

/* "p: FORMULA" of a random formula, and what it says at the first moment: the implicit G included. */
static ref_formula *draw(char **text, rs_random *r, size_t depth) {
    rs_text written = {0};
    ref_formula *f = ref_formula_random(r, depth, true, SYMBOLS, OUTPUTS);
    rs_text_add(&written, "p: ");
    ref_formula_print(&written, f, r);
    if (rs_text_take(text, &written) != RS_OK) abort();
    if (!ref_formula_future(f)) {
        ref_formula *g = calloc(1, sizeof *g);
        if (!g) abort();
        g->op = "G";
        g->left = f;
        f = g;
    }
    return f;
}

/* The explored automaton accepts exactly the traces that satisfy the formula. */
static void traces_are_accepted(void) {
    rs_random r = rs_random_new(unit_seed(), 1);
    size_t satisfied = 0, total = 0;
    for (int round = 0; round < 3000; round++) {
        char *text = NULL;
        ref_formula *f = draw(&text, &r, 1 + rs_random_below(&r, 4));
        rs_parser parser;
        rs_parsed parsed = {0};
        rs_letters letters = {0};
        rs_explored e = {0};
        CHECK_OK(rs_parser_init(&parser, "t", text, strlen(text), alphabet, outputs));
        rs_status status = rs_parser_property(&parsed, &parser);
        CHECK_OK(status);
        if (status == RS_OK) {
            CHECK_OK(rs_letters_init(&letters, &parsed.formula, SYMBOLS, OUTPUTS));
            CHECK_OK(rs_explore(&e, &parsed.formula, &letters));
            for (size_t k = 0; k < 60 && e.states; k++) {
                uint32_t in[8], out[8];
                size_t n = 1 + rs_random_below(&r, 6), state = 0;
                for (size_t i = 0; i < n; i++) {
                    in[i] = (uint32_t)rs_random_below(&r, SYMBOLS);
                    out[i] = (uint32_t)rs_random_below(&r, OUTPUTS);
                    state = e.next[state * e.classes + rs_letters_class(&letters, in[i], out[i])];
                }
                bool wanted = ref_formula_holds(f, in, out, n, 0);
                if (e.accepting[state] != wanted) printf("\n%s: wanted %d\n", text, wanted);
                CU_ASSERT_FATAL(e.accepting[state] == wanted);
                satisfied += wanted;
                total++;
            }
        } else {
            printf("\n%s\n", text);
        }
        rs_explored_free(&e);
        rs_letters_free(&letters);
        rs_parsed_free(&parsed);
        ref_formula_free(f);
        free(text);
    }
    CU_ASSERT(satisfied > total / 10 && satisfied < total - total / 10);
}

/* Bad states are absorbing, safe states are closed and never lead to bad ones, and the monitor is minimal: its states
 * are told apart by words, by Moore's refinement done naively. */
static void check_monitor(const rs_monitor *m) {
    size_t n = rs_monitor_states(m);
    size_t *block = calloc(n, sizeof *block), *fresh = calloc(n, sizeof *fresh), count = 0;
    if (!block || !fresh) abort();
    CU_ASSERT(!rs_monitor_bad(m, 0) && !rs_monitor_safe(m, 0));
    for (size_t q = 0; q < n; q++) {
        block[q] = rs_monitor_bad(m, q);
        CU_ASSERT(!(rs_monitor_bad(m, q) && rs_monitor_safe(m, q)));
        for (uint32_t s = 0; s < SYMBOLS; s++)
            for (uint32_t o = 0; o < OUTPUTS; o++) {
                uint32_t to = rs_monitor_next(m, q, s, o);
                CU_ASSERT(!rs_monitor_bad(m, q) || to == q);
                CU_ASSERT(!rs_monitor_safe(m, q) || to == q);
            }
    }
    for (size_t before = 0; before != count || !count;) {
        before = count;
        count = 0;
        for (size_t q = 0; q < n; q++) {
            size_t p = 0;
            for (; p < q; p++) {
                bool same = block[p] == block[q];
                for (uint32_t l = 0; l < LETTERS && same; l++)
                    same = block[rs_monitor_next(m, p, l / OUTPUTS, l % OUTPUTS)] ==
                           block[rs_monitor_next(m, q, l / OUTPUTS, l % OUTPUTS)];
                if (same) break;
            }
            fresh[q] = p < q ? fresh[p] : count++;
        }
        memcpy(block, fresh, n * sizeof *block);
    }
    CU_ASSERT(count == n);
    free(block);
    free(fresh);
}

/* A prefix is bad iff nothing that can come satisfies the formula: brute force over all continuations up to a length.
 */
static void bad_prefixes_are_bad(void) {
    rs_random r = rs_random_new(unit_seed(), 2);
    size_t bad = 0, refused = 0, checked = 0;
    for (int round = 0; round < 2000; round++) {
        char *text = NULL;
        ref_formula *f = draw(&text, &r, 1 + rs_random_below(&r, 3));
        rs_properties *list = NULL;
        rs_status status = rs_properties_parse(&list, text, strlen(text), "t", alphabet, outputs);
        if (status != RS_OK) {
            unit_contains(rs_error_message(), "no finite word can violate it", __FILE__, __LINE__);
            refused++;
        } else {
            check_monitor(rs_property_monitor(rs_properties_get(list, 0)));
        }
        for (size_t k = 0; k < 8; k++) {
            uint32_t in[16], out[16];
            size_t n = 1 + rs_random_below(&r, 5), at = 0;
            for (size_t i = 0; i < n; i++) {
                in[i] = (uint32_t)rs_random_below(&r, SYMBOLS);
                out[i] = (uint32_t)rs_random_below(&r, OUTPUTS);
            }
            if (list) at = rs_monitor_violation(rs_property_monitor(rs_properties_get(list, 0)), in, out, n);
            for (size_t i = 1; i <= n; i++) {
                /* Enough for these small formulas, and more where the first answer would contradict the monitor. */
                uint32_t in2[16], out2[16];
                memcpy(in2, in, sizeof in);
                memcpy(out2, out, sizeof out);
                bool claimed = at && i >= at, hope = ref_formula_hope(f, in2, out2, i, 3, SYMBOLS, OUTPUTS);
                if (!hope && !claimed) hope = ref_formula_hope(f, in2, out2, i, 7, SYMBOLS, OUTPUTS);
                if (hope == claimed)
                    printf("\n%s: prefix of %zu moments, monitor says %s\n", text, i, claimed ? "bad" : "not bad");
                CU_ASSERT_FATAL(hope != claimed);
                bad += claimed;
                checked++;
            }
        }
        rs_properties_free(list);
        ref_formula_free(f);
        free(text);
    }
    CU_ASSERT(bad > checked / 20 && bad < checked - checked / 20 && refused > 0);
}

static void expressions_match(void) {
    rs_random r = rs_random_new(unit_seed(), 3);
    size_t matched = 0, words = 0;
    for (size_t symbols = 1; symbols <= 3; symbols++) {
        static const char *const names[] = {"a", "b", "c"};
        rs_names *letters = NULL;
        CHECK_OK(rs_names_new(&letters, "alphabet", symbols, names));
        for (int round = 0; round < 300; round++) {
            ref_regex *x = ref_regex_random(&r, 1 + rs_random_below(&r, 4), symbols);
            rs_text written = {0};
            char *text = NULL;
            rs_automaton *a = NULL;
            ref_regex_print(&written, x, symbols, &r);
            CHECK_OK(rs_text_take(&text, &written));
            rs_token token = {RS_TOKEN_STRING, text, strlen(text), 1, 1, false};
            CHECK_OK(rs_language_regex(&a, "t", &token, letters));
            CU_ASSERT_FATAL(a != NULL);
            for (size_t n = 1; n <= 6; n++) {
                size_t all = 1;
                for (size_t i = 0; i < n; i++) all *= symbols;
                for (size_t w = 0; w < all; w++) {
                    uint32_t word[6];
                    for (size_t i = 0, rest = w; i < n; i++, rest /= symbols) word[i] = (uint32_t)(rest % symbols);
                    bool wanted = ref_regex_matches(x, word, n);
                    bool got = rs_automaton_output(a, rs_automaton_run(a, rs_automaton_start(a), word, n)) == 1;
                    if (got != wanted) printf("\n%s: word %zu of length %zu: wanted %d\n", text, w, n, wanted);
                    CU_ASSERT_FATAL(got == wanted);
                    matched += wanted;
                    words++;
                }
            }
            rs_automaton_free(a);
            free(text);
            ref_regex_free(x);
        }
        rs_names_free(letters);
    }
    CU_ASSERT(matched > words / 50 && matched < words - words / 50);
}

/* The minimal true points of a function of 4 variables, as a mask of its 16 points. */
static unsigned minimal_points(unsigned table) {
    unsigned minimal = 0;
    for (unsigned p = 0; p < 16; p++) {
        bool least = table >> p & 1;
        for (unsigned q = 0; q < p; q++) least = least && !((q & p) == q && table >> q & 1);
        minimal |= (unsigned)least << p;
    }
    return minimal;
}

/* Random positive functions against their truth tables: the sets are the minimal true points, each once. */
static void functions_are_minimal(void) {
    rs_random r = rs_random_new(unit_seed(), 4);
    for (int round = 0; round < 500; round++) {
        rs_pool pool = {.limit = 1000000};
        rs_antichain f[30];
        unsigned table[30];
        for (size_t i = 0; i < 30; i++) {
            uint64_t kind = i < 3 ? i : rs_random_below(&r, 5);
            size_t x = i ? rs_random_below(&r, i) : 0, y = i ? rs_random_below(&r, i) : 0, v = rs_random_below(&r, 4);
            if (kind < 2) {
                CHECK_OK(rs_antichain_constant(&f[i], &pool, kind == 1));
                table[i] = kind ? 0xffff : 0;
            } else if (kind == 2) {
                CHECK_OK(rs_antichain_variable(&f[i], &pool, v + 62)); /* over the border between two words */
                table[i] = 0;
                for (unsigned p = 0; p < 16; p++) table[i] |= (p >> v & 1u) << p;
            } else if (kind == 3) {
                CHECK_OK(rs_antichain_and(&f[i], &pool, f[x], f[y]));
                table[i] = table[x] & table[y];
            } else {
                CHECK_OK(rs_antichain_or(&f[i], &pool, f[x], f[y]));
                table[i] = table[x] | table[y];
            }
            unsigned points = 0;
            for (size_t k = 0; k < f[i].count; k++) {
                const rs_set *set = &pool.set[f[i].first + k];
                points |= 1u << (set->bits[0] >> 62 | (set->bits[1] & 3) << 2);
            }
            CU_ASSERT_FATAL(points == minimal_points(table[i]) && (size_t)__builtin_popcount(points) == f[i].count);
        }
        free(pool.set);
    }
    rs_pool small = {.limit = 3};
    rs_antichain a, b;
    CHECK_OK(rs_antichain_variable(&a, &small, 0));
    CHECK_OK(rs_antichain_variable(&b, &small, 1));
    CHECK_FAILS(rs_antichain_or(&a, &small, a, b), RS_EINPUT, "takes too long");
    free(small.set);
}

static const unit_test tests[] = {
    {"functions are minimal", functions_are_minimal},
    {"traces are accepted as defined", traces_are_accepted},
    {"bad prefixes are bad", bad_prefixes_are_bad},
    {"expressions match", expressions_match},
};

int main(void) {
    if (rs_names_parse(&alphabet, "alphabet", "a b") != RS_OK || rs_names_parse(&outputs, "outputs", "p q") != RS_OK)
        return 2;
    int result = unit_main("property_random", tests, sizeof tests / sizeof *tests);
    rs_names_free(alphabet);
    rs_names_free(outputs);
    return result;
}
