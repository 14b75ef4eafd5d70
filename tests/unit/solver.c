/* The public functions on machines and properties; the product's arithmetic. */
#include "rnnsafe/solver.h"

#include <stdlib.h>
#include <string.h>

#include "solver/engine.h"
#include "solver_ref.h"
#include "support/unit.h"

/* Locations against machine and monitor run side by side. */
static void locations_are_pairs(void) {
    rs_random random = rs_random_new(unit_seed(), 31);
    for (int i = 0; i < 200; i++) {
        rs_product *p =
            solver_ref_random(&random, 1 + rs_random_below(&random, 5), 1 + rs_random_below(&random, 5), 3, 3, 0.3);
        CU_ASSERT_PTR_NOT_NULL_FATAL(p);
        uint32_t word[20];
        size_t location = p->initial, violated = 0;
        for (size_t k = 0; k < 20; k++) {
            word[k] = (uint32_t)rs_random_below(&random, 3);
            if (!violated && (location = rs_product_next(p, location, word[k])) == p->locations) violated = k + 1;
        }
        CU_ASSERT(rs_product_replay(p, word, 20) == violated);
        rs_product_free(p);
    }
}

static void start_must_be_live(void) {
    static const uint32_t zeros[4] = {0};
    static const bool bad[] = {true};
    rs_product *p = NULL, shape = {.symbols = 1,
                                   .outputs = 1,
                                   .states = 1,
                                   .next = zeros,
                                   .output = zeros,
                                   .watchers = 1,
                                   .watch = zeros,
                                   .bad = bad};
    CHECK_FAILS(rs_product_copy(&p, &shape), RS_EINPUT, "the empty word violates nothing");
    CU_ASSERT_PTR_NULL(p);
}

/* A gate that opens after two coins and shuts after "go". */
typedef struct fixture {
    rs_names *alphabet, *outputs, *swapped;
    rs_automaton *gate, *other;
    rs_properties *properties;
} fixture;

static void set_up(fixture *f) {
    static const uint32_t next[] = {1, 0, 2, 1, 2, 0}, output[] = {0, 0, 1};
    static const char text[] = "two: G(open -> coin)\nnever: G(!open)\nshut: G(go -> shut)\n";
    *f = (fixture){0};
    CHECK_OK(rs_names_parse(&f->alphabet, "alphabet", "coin go"));
    CHECK_OK(rs_names_parse(&f->swapped, "alphabet", "go coin"));
    CHECK_OK(rs_names_parse(&f->outputs, "outputs", "shut open"));
    CHECK_OK(rs_automaton_new(&f->gate, f->alphabet, f->outputs, 3, 0, output, next, NULL, NULL));
    CHECK_OK(rs_automaton_new(&f->other, f->swapped, f->outputs, 3, 0, output, next, NULL, NULL));
    CHECK_OK(rs_properties_parse(&f->properties, text, sizeof text - 1, "gate.props", f->alphabet, f->outputs));
    CU_ASSERT_FATAL(rs_properties_count(f->properties) == 3);
}

static void tear_down(fixture *f) {
    rs_properties_free(f->properties);
    rs_automaton_free(f->gate);
    rs_automaton_free(f->other);
    rs_names_free(f->alphabet);
    rs_names_free(f->outputs);
    rs_names_free(f->swapped);
}

static const rs_monitor *monitor(const fixture *f, size_t i) {
    return rs_property_monitor(rs_properties_get(f->properties, i));
}

static void properties_of_a_gate(void) {
    fixture f;
    rs_solver_result r = {.depth = 77};
    set_up(&f);
    for (size_t i = 0; i < 3; i++) {
        bool safe = i != 1;
        CHECK_OK(rs_solver_check(&r, f.gate, monitor(&f, i), NULL, NULL));
        CU_ASSERT(r.answer == (safe ? RS_ANSWER_SAFE : RS_ANSWER_UNSAFE));
        for (rs_engine e = 0; e < RS_ENGINES; e++) CU_ASSERT(r.engine[e] == r.answer);
        CU_ASSERT(r.depth == 2 && r.locations == 3);
        CU_ASSERT(safe ? r.word.length == 0 : r.word.length == 2 && r.word.symbols[0] == 0 && r.word.symbols[1] == 0);
        rs_word_free(&r.word);
    }
    r.depth = 77;
    CHECK_FAILS(rs_solver_check(&r, f.other, monitor(&f, 0), NULL, NULL), RS_EINPUT, "alphabets");
    CU_ASSERT(r.depth == 77);
    char *chc = NULL, *bmc = NULL, *chc2 = NULL, *bmc2 = NULL;
    CHECK_FAILS(rs_solver_smt(&chc, &bmc, f.other, monitor(&f, 0), 2), RS_EINPUT, "alphabets");
    CU_ASSERT(!chc && !bmc);
    CHECK_OK(rs_solver_smt(&chc, &bmc, f.gate, monitor(&f, 0), 2));
    CHECK_OK(rs_solver_smt(&chc2, &bmc2, f.gate, monitor(&f, 0), 2));
    CU_ASSERT_STRING_EQUAL(chc, chc2);
    CU_ASSERT_STRING_EQUAL(bmc, bmc2);
    unit_contains(chc, "; coin\n", __FILE__, __LINE__);
    free(chc);
    free(bmc);
    free(chc2);
    free(bmc2);
    tear_down(&f);
}

static rs_status check_and_write(void *user) {
    const fixture *f = user;
    rs_solver_result r;
    char *chc = NULL, *bmc = NULL;
    rs_status status = rs_solver_check(&r, f->gate, monitor(f, 1), NULL, NULL);
    if (status != RS_OK) return status;
    rs_word_free(&r.word);
    status = rs_solver_smt(&chc, &bmc, f->gate, monitor(f, 1), 2);
    free(chc);
    free(bmc);
    return status;
}

static void without_memory(void) {
    fixture f;
    set_up(&f);
    unit_allocation_sweep(check_and_write, &f, 200);
    tear_down(&f);
}

static void names_of_answers(void) {
    CU_ASSERT_STRING_EQUAL(rs_answer_name(RS_ANSWER_SKIPPED), "skipped");
    CU_ASSERT_STRING_EQUAL(rs_engine_name(RS_ENGINE_BMC), "bmc");
}

static const unit_test tests[] = {
    {"locations are pairs", locations_are_pairs},
    {"a monitor that starts bad is refused", start_must_be_live},
    {"properties of a gate", properties_of_a_gate},
    {"names", names_of_answers},
    {"without memory", without_memory},
};
UNIT_MAIN("solver", tests)
