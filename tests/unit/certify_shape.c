/* The shape of boxes: of a linear network the Perron vector is known; of others, no coordinate is stretched more than
 * any other, by derivatives that are computed here anew. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "certify/shape.h"
#include "core/random.h"
#include "support/layer.h"

#define UNITS 4
#define STATES 20

static rs_names *alphabet, *outputs;

/* h' = f(hh h + bias), the same for every symbol. */
typedef struct elman {
    rs_cell cell;
    size_t hidden;
    float hh[UNITS * UNITS], bias[UNITS];
} elman;

static rs_network *build(const elman *e) {
    static const float zeros[UNITS * UNITS] = {0}, ones[UNITS] = {1, 1, 1, 1};
    const rs_recurrent layer = {.weight_ih = zeros, .weight_hh = e->hh, .bias_ih = e->bias, .bias_hh = zeros};
    return network_of_layer(e->cell, e->hidden, &layer, ones, zeros, alphabet, outputs);
}

typedef struct task {
    const rs_network *net;
    const float *states;
    const uint32_t *group;
    size_t count;
    double *shape;
} task;

static rs_status find(void *user) {
    const task *t = user;
    rs_domain *d = NULL;
    rs_zone zones[RS_SHAPE_STEPS + 1] = {{0}};
    rs_status status = rs_domain_new(&d, t->net, RS_SHAPE_STEPS);
    for (size_t i = 0; i <= RS_SHAPE_STEPS && status == RS_OK; i++) status = rs_zone_new(&zones[i], d, i);
    if (status == RS_OK) status = rs_shape_find(t->shape, d, zones, t->states, t->group, 2, t->count, 5);
    for (size_t i = 0; i <= RS_SHAPE_STEPS; i++) rs_zone_free(&zones[i]);
    rs_domain_free(d);
    return status;
}

static void setup(void) {
    if (outputs) return;
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "a b"));
    CHECK_OK(rs_names_parse(&outputs, "outputs", "reject accept"));
}

/* h' = [.5 .4; .1 .5] h where h > 0: the Perron vector of its powers is (2, 1), and (sqrt 2, 1 / sqrt 2) has mean 1. */
static void linear(void) {
    const elman e = {.cell = RS_CELL_RELU, .hidden = 2, .hh = {.5F, .4F, .1F, .5F}, .bias = {1, 1}};
    const float states[] = {1, 1, 2, 3, 3, 2};
    const uint32_t group[] = {0, 1, 1};
    double shape[2], again[2];
    setup();
    rs_network *net = build(&e);
    CHECK_OK(find(&(task){net, states, group, 3, shape}));
    CU_ASSERT_DOUBLE_EQUAL(shape[0], sqrt(2), 1e-3);
    CU_ASSERT_DOUBLE_EQUAL(shape[1], sqrt(.5), 1e-3);
    CHECK_OK(find(&(task){net, states, group, 3, again}));
    CU_ASSERT(memcmp(shape, again, sizeof shape) == 0);
    unit_allocation_sweep(find, &(task){net, states, group, 3, shape}, 1000);
    rs_network_free(net);
}

/* A unit that nothing depends on, and one that forgets all: sides are not shorter than a thousandth of the longest. */
static void flat(void) {
    const elman e = {.cell = RS_CELL_RELU, .hidden = 2, .hh = {.9F, 0, 0, 0}, .bias = {1, 1}};
    const float states[] = {1, 1};
    const uint32_t group[] = {1};
    double shape[2];
    setup();
    rs_network *net = build(&e);
    CHECK_OK(find(&(task){net, states, group, 1, shape}));
    rs_network_free(net);
    CU_ASSERT_DOUBLE_EQUAL(shape[0] / shape[1], 1000, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(shape[0] * shape[1], 1, 1e-9);
}

/* |derivative| of four steps of tanh units, by the chain rule. */
static void derivative(double j[UNITS][UNITS], const elman *e, const float *state) {
    size_t n = e->hidden;
    double h[UNITS], next[UNITS], product[UNITS][UNITS];
    for (size_t s = 0; s < n; s++) h[s] = (double)state[s];
    for (size_t s = 0; s < n; s++)
        for (size_t i = 0; i < n; i++) j[s][i] = s == i;
    for (size_t step = 0; step < RS_SHAPE_STEPS; step++) {
        for (size_t s = 0; s < n; s++) {
            double sum = (double)e->bias[s];
            for (size_t i = 0; i < n; i++) sum += (double)e->hh[s * n + i] * h[i];
            next[s] = tanh(sum);
            for (size_t i = 0; i < n; i++) {
                product[s][i] = 0;
                for (size_t k = 0; k < n; k++) product[s][i] += (double)e->hh[s * n + k] * j[k][i];
                product[s][i] *= 1 - next[s] * next[s];
            }
        }
        memcpy(j, product, sizeof product);
        memcpy(h, next, sizeof h);
    }
}

static void nothing_is_stretched_more(void) {
    rs_random random = rs_random_new(unit_seed(), 0);
    size_t level = 0;
    setup();
    for (size_t n = 0; n < 60; n++) {
        elman e = {.cell = RS_CELL_TANH, .hidden = 1 + rs_random_below(&random, UNITS)};
        float states[STATES * UNITS];
        uint32_t group[STATES];
        double shape[UNITS], stretched[UNITS] = {0}, j[UNITS][UNITS], most = 0, least = INFINITY, longest = 0;
        for (size_t i = 0; i < e.hidden * e.hidden; i++) e.hh[i] = (float)rs_random_normal(&random);
        for (size_t i = 0; i < e.hidden; i++) e.bias[i] = .3F * (float)rs_random_normal(&random);
        for (size_t i = 0; i < STATES; i++) group[i] = (uint32_t)rs_random_below(&random, 2);
        for (size_t i = 0; i < STATES * e.hidden; i++) states[i] = (float)rs_random_unit(&random) - .5F;
        rs_network *net = build(&e);
        CHECK_OK(find(&(task){net, states, group, STATES, shape}));
        rs_network_free(net);
        for (size_t i = 0; i < STATES; i++) {
            derivative(j, &e, states + i * e.hidden);
            for (size_t s = 0; s < e.hidden; s++) {
                double sum = 0;
                for (size_t k = 0; k < e.hidden; k++) sum += fabs(j[s][k]) * shape[k];
                stretched[s] = fmax(stretched[s], sum / shape[s]);
            }
        }
        for (size_t s = 0; s < e.hidden; s++) longest = fmax(longest, shape[s]);
        for (size_t s = 0; s < e.hidden; s++) {
            if (shape[s] < .002 * longest) continue; /* no shorter, whatever it is stretched by */
            most = fmax(most, stretched[s]);
            least = fmin(least, stretched[s]);
        }
        level += most < 1.02 * least;
        if (most >= 1.02 * least) printf("  network %zu: stretched by %g to %g\n", n, least, most);
    }
    CU_ASSERT(level >= 58);
    rs_names_free(alphabet);
    rs_names_free(outputs);
}

static const unit_test tests[] = {
    {"a linear network", linear},
    {"short sides", flat},
    {"no coordinate is stretched more than another", nothing_is_stretched_more},
};
UNIT_MAIN("certify_shape", tests)
