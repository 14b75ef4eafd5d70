/* The last unit counts: numbers that are not integers of 2^-40, sums that are smaller than that, and states that only a
 * region reaches. Each test is an error that the checker must not make. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "certify/exact.h"
#include "core/random.h"
#include "rnnsafe/certify.h"
#include "support/unit.h"

/* 2^-18 + 2^-41: half a unit more than 2^22 units. */
#define BETWEEN 0x1.000002p-18F

/* One unit that reads an embedding of one number a symbol: h' = f(ih x + hh h), class 1 iff weight h > threshold. */
typedef struct scene {
    float ih[1], hh[1], zero[1], weight[1], initial[1], embedding[2], threshold;
    rs_recurrent recurrent;
    rs_dense head;
    rs_network_weights weights;
    rs_names *alphabet, *outputs;
    rs_network *net;
    rs_exact *exact;
} scene;

static void open_scene(scene *s, rs_cell cell) {
    CHECK_OK(rs_names_parse(&s->alphabet, "alphabet", "a b"));
    CHECK_OK(rs_names_parse(&s->outputs, "outputs", "reject accept"));
    s->recurrent = (rs_recurrent){s->ih, s->hh, s->zero, s->zero, NULL};
    s->head = (rs_dense){s->weight, s->zero, 1, 1, RS_ACTIVATION_NONE};
    s->weights = (rs_network_weights){.cell = cell,
                                      .layers = 1,
                                      .hidden = 1,
                                      .input_size = 1,
                                      .embedding = s->embedding,
                                      .recurrent = &s->recurrent,
                                      .head = &s->head,
                                      .head_layers = 1,
                                      .initial = s->initial,
                                      .threshold = s->threshold,
                                      .alphabet = s->alphabet,
                                      .outputs = s->outputs};
    CHECK_OK(rs_network_new(&s->net, &s->weights));
    CHECK_OK(rs_exact_new(&s->exact, s->net));
}

static void close_scene(scene *s) {
    rs_exact_free(s->exact);
    rs_network_free(s->net);
    rs_names_free(s->alphabet);
    rs_names_free(s->outputs);
}

static void start_between_units(void) {
    scene s = {.initial = {BETWEEN}};
    open_scene(&s, RS_CELL_TANH);
    const rs_fixed unit = (rs_fixed)1 << 22;
    static const struct {
        int lo, hi;
        bool in;
    } boxes[] = {{-1, 2, true}, {-5, 5, true}, {1, 5, false}, {-5, 0, false}};
    for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
        rs_fixed lo = unit + boxes[i].lo, hi = unit + boxes[i].hi;
        CU_ASSERT_EQUAL(rs_exact_starts_in(s.exact, &lo, &hi), boxes[i].in);
    }
    close_scene(&s);
}

/* A large weight makes half a unit of the input many. */
static void input_between_units(void) {
    scene s = {.ih = {32768}, .embedding = {BETWEEN, 3 * BETWEEN}};
    rs_exact_state from, to;
    const rs_fixed zero = 0;
    open_scene(&s, RS_CELL_RELU);
    CHECK_OK(rs_exact_state_new(&from, s.exact, 1));
    CHECK_OK(rs_exact_state_new(&to, s.exact, 2));
    rs_exact_box(&from, s.exact, &zero, &zero);
    for (uint32_t symbol = 0; symbol < 2; symbol++) { /* one of the two is rounded up, the other down */
        double right = ldexp(32768 * (double)s.embedding[symbol], 40);
        CU_ASSERT(rs_exact_step(&to, s.exact, &from, symbol, 0));
        CU_ASSERT((double)to.x[0].lo <= right && right <= (double)to.x[0].hi);
    }
    rs_exact_state_free(&from);
    rs_exact_state_free(&to);
    close_scene(&s);
}

/* What float32 is off by may be less than a unit, and is not nothing. */
static void rounding_below_a_unit(void) {
    scene s = {.ih = {0x1.8p-20F}, .hh = {0x1.2p-20F}, .weight = {0x1p-30F}, .embedding = {0x1.234566p-20F, 0x1p-20F}};
    open_scene(&s, RS_CELL_RELU);
    const float from = 0x1.654322p-20F;
    const uint32_t symbol = 0;
    float to = 0;
    CHECK_OK(rs_network_step(s.net, 1, &from, &symbol, &to, NULL));
    long double right = (long double)s.ih[0] * (long double)s.embedding[0] + (long double)s.hh[0] * (long double)from;
    const rs_fixed reach = (rs_fixed)1 << 21;
    rs_fixed eps = 0, eps_logit = 0;
    CU_ASSERT(rs_exact_rounding(&eps, &eps_logit, s.exact, &reach));
    CU_ASSERT((long double)to != right);
    CU_ASSERT(fabsl((long double)to - right) * 0x1p40L <= (long double)eps);
    CU_ASSERT(eps < 10);
    close_scene(&s);
}

/* h' = tanh(2^-12 h): only the region itself holds large states, and float32 is off by most in the step from there. */
static void region_itself_is_met(void) {
    scene s = {.hh = {0x1p-12F}, .threshold = 1};
    static const char text[] = "p: out=reject\n";
    rs_properties *list = NULL;
    char reason[160];
    bool proved = false;
    open_scene(&s, RS_CELL_TANH);
    CHECK_OK(rs_properties_parse(&list, text, sizeof text - 1, "t", s.alphabet, s.outputs));
    const rs_monitor *monitor = rs_property_monitor(rs_properties_get(list, 0));
    const rs_fixed large = RS_FIXED_ONE << 16, lo = -large, hi = large;
    const uint32_t at = 0, hints[] = {0, 0};
    const rs_certificate z = {.eps = RS_FIXED_ONE >> 19,
                              .eps_logit = RS_FIXED_ONE >> 10,
                              .state_size = 1,
                              .regions = 1,
                              .monitor = &at,
                              .lo = &lo,
                              .hi = &hi,
                              .hints = hints,
                              .hint_count = 2,
                              .depth = 1};
    rs_certificate more = z;
    more.eps = RS_FIXED_ONE >> 15;
    CHECK_OK(rs_certificate_check(&proved, reason, &more, s.net, monitor, NULL, NULL));
    CU_ASSERT(proved);
    CU_ASSERT_STRING_EQUAL(reason, "");
    CHECK_OK(rs_certificate_check(&proved, reason, &z, s.net, monitor, NULL, NULL));
    CU_ASSERT(!proved);
    unit_contains(reason, "eps is less than the rounding of float32", __FILE__, __LINE__);
    rs_properties_free(list);
    close_scene(&s);
}

/* x - x^3/3 < tanh(x) < x and x/4 - x^3/48 < s(x) - 1/2 < x/4: near 0 the units on both sides are known without an
 * oracle. */
static void functions_near_zero(void) {
    rs_random r = rs_random_new(unit_seed(), 1);
    size_t wrong = 0;
    for (int i = 0; i < 100000; i++) {
        rs_fixed m = 1 + (rs_fixed)(rs_random_next(&r) >> (39 + rs_random_below(&r, 24)));
        rs_range t = rs_fixed_tanh(m), u = rs_fixed_tanh(-m), s = rs_fixed_sigmoid(4 * m);
        wrong += t.lo > m - 1 || t.hi < m || t.hi - t.lo > 2;
        wrong += u.hi < 1 - m || u.lo > -m || u.hi - u.lo > 2;
        wrong += s.lo > RS_FIXED_ONE / 2 + m - 1 || s.hi < RS_FIXED_ONE / 2 + m || s.hi - s.lo > 2;
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static const unit_test tests[] = {
    {"a start between units", start_between_units},   {"an input between units", input_between_units},
    {"rounding below a unit", rounding_below_a_unit}, {"a region itself is met", region_itself_is_met},
    {"tanh and s near 0", functions_near_zero},
};
UNIT_MAIN("certify_units", tests)
