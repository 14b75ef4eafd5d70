/* Steps of the checker on boxes against single points, of every cell: points of the box are drawn, run in long double
 * with every coordinate pushed by up to eps, and must stay within [lo, hi] and within what the generators say. long
 * double is off by less than TOLERANCE here. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "certify/exact.h"
#include "certify_ref.h"
#include "core/random.h"
#include "support/unit.h"

#define STEPS 100000 /* of points; 1000000 is for a machine with time */
#define POINTS 10
#define DEPTH 4
#define LARGEST 24
#define TOLERANCE 0x1p-6L /* units */

typedef long double real;

static const real one = (real)((int64_t)1 << 40);

static real uniform(rs_random *r) {
    real x = (real)(2 * rs_random_unit(r) - 1);
    return rs_random_below(r, 3) ? x : x < 0 ? -1 : 1;
}

typedef struct run {
    rs_random r;
    certify_sample sample;
    rs_exact *net;
    rs_exact_state state[DEPTH + 1];
    real point[POINTS][LARGEST], e[POINTS][LARGEST * (DEPTH + 1)];
    rs_fixed eps, eps_logit;
    size_t checked, outside, refused, classes;
} run;

static void open_run(run *u, rs_cell cell, size_t layers, bool embedding) {
    static const double scales[] = {0.3, 1, 2.5};
    certify_sample_new(&u->sample, &u->r, cell, layers, 1 + rs_random_below(&u->r, 6), embedding,
                       1 + rs_random_below(&u->r, 4), scales[rs_random_below(&u->r, 3)]);
    CHECK_OK(rs_exact_new(&u->net, u->sample.net));
    for (size_t d = 0; d <= DEPTH; d++) CHECK_OK(rs_exact_state_new(&u->state[d], u->net, d + 1));
}

static void close_run(run *u) {
    for (size_t d = 0; d <= DEPTH; d++) rs_exact_state_free(&u->state[d]);
    rs_exact_free(u->net);
    certify_sample_free(&u->sample);
}

static void draw_box(run *u, size_t S) {
    rs_fixed lo[LARGEST], hi[LARGEST];
    static const int sizes[] = {0, 12, 28, 35, 38, 40};
    int bits = sizes[rs_random_below(&u->r, 6)];
    for (size_t s = 0; s < S; s++) {
        real middle = uniform(&u->r) * (s >= u->sample.weights.layers * u->sample.weights.hidden ? 3 : 1);
        lo[s] = (rs_fixed)(middle * one);
        hi[s] = lo[s] + (rs_fixed)(rs_random_unit(&u->r) * ldexp(1, bits));
    }
    rs_exact_box(&u->state[0], u->net, lo, hi);
    for (size_t i = 0; i < POINTS; i++)
        for (size_t s = 0; s < S; s++) {
            real side = (1 + uniform(&u->r)) / 2, x = (real)lo[s] + side * (real)(hi[s] - lo[s]);
            const rs_form *f = &u->state[0].x[s];
            u->point[i][s] = x / one;
            u->e[i][s] = f->g[s] ? (x - (real)f->c) / (real)f->g[s] : 0;
        }
    u->eps = rs_random_below(&u->r, 3)
                 ? (rs_fixed)rs_random_below(&u->r, (uint64_t)1 << (10 + rs_random_below(&u->r, 25)))
                 : 0;
    u->eps_logit = rs_random_below(&u->r, 3) ? (rs_fixed)rs_random_below(&u->r, (uint64_t)1 << 36) : 0;
}

/* Finds the numbers e of the new generators, too, in the order in which coordinates are computed. */
static void check_point(run *u, size_t i, const rs_exact_state *to, size_t k, size_t S) {
    size_t L = u->sample.weights.layers, H = u->sample.weights.hidden;
    bool good = true, memory = S > L * H;
    for (size_t l = 0; l < L; l++)
        for (int part = memory ? 0 : 1; part < 2; part++)
            for (size_t j = 0; j < H; j++) {
                size_t s = (part ? l : L + l) * H + j;
                const rs_form *f = &to->x[s];
                real x = u->point[i][s] * one, rest = x - (real)f->c;
                if (x < (real)f->lo - TOLERANCE || x > (real)f->hi + TOLERANCE) good = false;
                for (size_t g = 0; g < k + S; g++)
                    if (g != k + s) rest -= (real)f->g[g] * u->e[i][g];
                if (f->g[k + s] < 0 || f->err != 0 || fabsl(rest) > (real)f->g[k + s] + TOLERANCE) good = false;
                u->e[i][k + s] = f->g[k + s] ? fmaxl(-1, fminl(1, rest / (real)f->g[k + s])) : 0;
            }
    u->checked++;
    u->outside += !good;
}

static void check_class(run *u, size_t i, const bool *possible) {
    real logits[8], best;
    uint32_t class = 0;
    size_t count = u->sample.weights.head[1].rows;
    certify_ref_logits(&u->sample.weights, u->point[i], logits);
    for (size_t a = 0; a < count; a++) logits[a] += uniform(&u->r) * (real)u->eps_logit / one;
    best = logits[0];
    for (uint32_t a = 1; a < count; a++)
        if (logits[a] > best) best = logits[a], class = a;
    if (count == 1) class = logits[0] > (real)u->sample.weights.threshold;
    u->classes++;
    u->outside += !possible[class];
}

static void walk(run *u) {
    size_t S = rs_network_state_size(u->sample.net);
    memset(u->e, 0, sizeof u->e);
    draw_box(u, S);
    for (size_t d = 0; d < DEPTH; d++) {
        size_t symbols = rs_names_count(u->sample.alphabet);
        uint32_t symbol = (uint32_t)rs_random_below(&u->r, symbols), other = (uint32_t)rs_random_below(&u->r, symbols);
        bool possible[8] = {0};
        /* What all symbols share must serve each of them, and no other state. */
        if (rs_random_below(&u->r, 2)) rs_exact_step(&u->state[d + 1], u->net, &u->state[d], other, u->eps);
        if (!rs_exact_step(&u->state[d + 1], u->net, &u->state[d], symbol, u->eps)) {
            u->refused++;
            return;
        }
        CU_ASSERT_FATAL(rs_exact_classes(possible, u->net, &u->state[d + 1], u->eps_logit));
        for (size_t i = 0; i < POINTS; i++) {
            real off[LARGEST], next[LARGEST];
            for (size_t s = 0; s < S; s++) off[s] = uniform(&u->r) * (real)u->eps / one;
            certify_ref_step(&u->sample.weights, u->point[i], symbol, NULL, off, next);
            memcpy(u->point[i], next, S * sizeof *next);
            check_point(u, i, &u->state[d + 1], u->state[d].k, S);
            check_class(u, i, possible);
        }
    }
}

static void nothing_is_outside(void) {
    static run u;
    u.r = rs_random_new(unit_seed(), 0);
    for (size_t n = 0; u.checked < STEPS; n++) {
        open_run(&u, (rs_cell)(n % RS_CELLS), 1 + n / RS_CELLS % 2, n / RS_CELLS / 2 % 2);
        for (int i = 0; i < 3; i++) walk(&u);
        close_run(&u);
    }
    printf("  %zu steps and %zu classes of points, %zu outside; %zu steps refused\n", u.checked, u.classes, u.outside,
           u.refused);
    CU_ASSERT_EQUAL(u.outside, 0);
    CU_ASSERT(u.refused < u.checked / 1000);
}

/* A step of float32 against the same in long double, from where it is: no further off than the bound says. */
static void rounding_is_covered(void) {
    rs_random r = rs_random_new(unit_seed(), 1);
    double largest = 0, largest_logit = 0;
    for (size_t n = 0; n < 42 * 8; n++) {
        certify_sample sample;
        rs_exact *net = NULL;
        certify_sample_new(&sample, &r, (rs_cell)(n % RS_CELLS), 1 + n / 7 % 2, 1 + rs_random_below(&r, 6), n / 14 % 2,
                           1 + n % 3, n % 5 ? 1 : 40);
        CHECK_OK(rs_exact_new(&net, sample.net));
        size_t S = rs_network_state_size(sample.net);
        double size = n % 3 ? 1 : 20;
        for (size_t t = 0; t < 50; t++) {
            float from[LARGEST], to[LARGEST], logit[8];
            real state[LARGEST], forced[LARGEST], off[LARGEST], next[LARGEST], logits[8];
            rs_fixed reach[LARGEST], eps = 0, eps_logit = 0;
            uint32_t symbol = (uint32_t)rs_random_below(&r, rs_names_count(sample.alphabet));
            for (size_t s = 0; s < S; s++) state[s] = (real)(from[s] = (float)(size * (double)uniform(&r)));
            CHECK_OK(rs_network_step(sample.net, 1, from, &symbol, to, NULL));
            CHECK_OK(rs_network_logits(sample.net, 1, to, logit, NULL));
            for (size_t s = 0; s < S; s++) {
                forced[s] = (real)to[s];
                real most = fmaxl(fabsl(state[s]), fabsl(forced[s]));
                reach[s] = (rs_fixed)(most * one) + 1;
            }
            if (!rs_exact_rounding(&eps, &eps_logit, net, reach)) { /* sums past 65536 */
                CU_ASSERT_FATAL(sample.weights.cell == RS_CELL_RELU);
                continue;
            }
            certify_ref_step(&sample.weights, state, symbol, forced, off, next);
            certify_ref_logits(&sample.weights, forced, logits);
            for (size_t s = 0; s < S; s++) {
                largest = fmax(largest, (double)(fabsl(off[s]) * one / (real)eps));
                CU_ASSERT_FATAL(fabsl(off[s]) * one <= (real)eps);
            }
            for (size_t a = 0; a < rs_network_logits_size(sample.net); a++) {
                real error = fabsl(logits[a] - (real)logit[a]) * one;
                largest_logit = fmax(largest_logit, (double)(error / (real)eps_logit));
                CU_ASSERT_FATAL(error <= (real)eps_logit);
            }
        }
        rs_exact_free(net);
        certify_sample_free(&sample);
    }
    printf("  the largest error was %.2f of its bound, of a logit %.2f\n", largest, largest_logit);
    CU_ASSERT(largest > 0.001 && largest_logit > 0.0005);
}

/* The bound of a step's error, for a network with symbols a and b and states up to 1. */
static rs_fixed rounding_of(rs_cell cell, size_t hidden, const rs_recurrent *recurrent) {
    static const float weight[] = {1, 0}, zero[] = {0};
    const rs_dense head = {weight, zero, 1, hidden, RS_ACTIVATION_NONE};
    const rs_fixed reach[] = {RS_FIXED_ONE, RS_FIXED_ONE};
    rs_fixed eps = 0, eps_logit = 0;
    rs_names *alphabet = NULL, *outputs = NULL;
    rs_network *net = NULL;
    rs_exact *exact = NULL;
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "a b"));
    CHECK_OK(rs_names_parse(&outputs, "outputs", "no yes"));
    const rs_network_weights w = {.cell = cell,
                                  .layers = 1,
                                  .hidden = hidden,
                                  .input_size = 2,
                                  .recurrent = recurrent,
                                  .head = &head,
                                  .head_layers = 1,
                                  .alphabet = alphabet,
                                  .outputs = outputs};
    CHECK_OK(rs_network_new(&net, &w));
    CHECK_OK(rs_exact_new(&exact, net));
    CU_ASSERT(rs_exact_rounding(&eps, &eps_logit, exact, reach));
    rs_exact_free(exact);
    rs_network_free(net);
    rs_names_free(alphabet);
    rs_names_free(outputs);
    return eps;
}

/* b_ih and b_hh that cancel: what is lost in their sum counts, though the sum is small. */
static void cancelling_biases(void) {
    static const float ih[] = {1, 1}, hh[] = {0.5f}, b[] = {30000}, minus_b[] = {-30000}, zero[] = {0};
    const rs_recurrent large = {ih, hh, b, minus_b, NULL}, small = {ih, hh, zero, zero, NULL};
    /* A sum in the order b_ih, x, b_hh, as float32 does it: half an ulp of 30001 is 2^-10. */
    CU_ASSERT(rounding_of(RS_CELL_TANH, 1, &large) >= RS_FIXED_ONE >> 10);
    CU_ASSERT(rounding_of(RS_CELL_TANH, 1, &small) < RS_FIXED_ONE >> 15);
}

/* gru-before: unit 0 reads r h of unit 1, whose r is off by much, as biases cancel there. */
static void resets_of_others(void) {
    float ih[12] = {0}, hh[12] = {0}, b[6] = {0}, minus_b[6] = {0};
    const rs_recurrent recurrent = {ih, hh, b, minus_b, NULL};
    hh[4 * 2 + 1] = 1; /* U_n of unit 0, from unit 1 */
    b[1] = 30000;      /* r of unit 1 */
    minus_b[1] = -30000;
    CU_ASSERT(rounding_of(RS_CELL_GRU_BEFORE, 2, &recurrent) >= RS_FIXED_ONE >> 10);
}

static rs_status all(void *user) {
    certify_sample *sample = user;
    rs_exact *net = NULL;
    rs_exact_state state = {0};
    rs_status status = rs_exact_new(&net, sample->net);
    if (status == RS_OK) status = rs_exact_state_new(&state, net, 2);
    rs_exact_state_free(&state);
    rs_exact_free(net);
    return status;
}

static void allocations(void) {
    rs_random r = rs_random_new(unit_seed(), 2);
    certify_sample sample;
    certify_sample_new(&sample, &r, RS_CELL_LSTM, 2, 3, true, 2, 1);
    unit_allocation_sweep(all, &sample, 20);
    certify_sample_free(&sample);
}

static void refused(void) {
    rs_random r = rs_random_new(unit_seed(), 3);
    certify_sample sample;
    rs_network *hard = NULL;
    rs_exact *net = NULL;
    certify_sample_new(&sample, &r, RS_CELL_GRU, 1, 2, false, 2, 1);
    rs_network_weights w = sample.weights;
    w.gate_slope = 0.2f;
    CHECK_OK(rs_network_new(&hard, &w));
    CHECK_FAILS(rs_exact_new(&net, hard), RS_EINPUT, "hard sigmoid");
    rs_network_free(hard);
    certify_sample_free(&sample);
}

/* One unit with weights of 0 and a head that gives its own bias alone. */
static void open_constant(certify_sample *sample, rs_network **net, const float *bias) {
    static const float zeros[LARGEST] = {0};
    static const rs_recurrent layer = {.weight_ih = zeros, .weight_hh = zeros, .bias_ih = zeros, .bias_hh = zeros};
    rs_random r = rs_random_new(4, 0);
    const rs_dense head = {.weight = zeros, .bias = bias, .rows = 1, .columns = 1};
    certify_sample_new(sample, &r, RS_CELL_TANH, 1, 1, false, 1, 1); /* names and sizes */
    rs_network_weights w = sample->weights;
    w.recurrent = &layer;
    w.head = &head;
    w.head_layers = 1;
    w.initial = zeros;
    w.threshold = 0;
    CHECK_OK(rs_network_new(net, &w));
}

/* Every unit that rounding and truncation may cost is counted. */
static void single_units_count(void) {
    for (int d = -20; d <= 20; d++) {
        certify_sample sample;
        rs_network *net = NULL;
        rs_exact *exact = NULL;
        rs_exact_state state;
        const rs_fixed zero = 0;
        rs_fixed eps, eps_logit, row = 0, g = 0;
        const float bias = ldexpf((float)d, -RS_FIXED_BITS);
        bool possible[2];
        open_constant(&sample, &net, &bias);
        CHECK_OK(rs_exact_new(&exact, net));
        CHECK_OK(rs_exact_state_new(&state, exact, 1));
        rs_exact_box(&state, exact, &zero, &zero);
        rs_form logit = {.g = &g};
        CU_ASSERT_TRUE(rs_form_affine(&logit, 1, 1, &row, d, &state.x[0]) && logit.hi > d && logit.lo < d);
        /* Class 1 iff the logit is above 0, which may be a unit off. */
        CU_ASSERT_TRUE(rs_exact_classes(possible, exact, &state, 0));
        CU_ASSERT_EQUAL(possible[0], logit.lo <= 1);
        CU_ASSERT_EQUAL(possible[1], logit.hi >= -1);
        /* The sum before tanh weighs a few units; gamma of it is less than one, and counts as one. One more is for the
         * function's result, which is 2^-20 off. */
        CU_ASSERT_TRUE(rs_exact_rounding(&eps, &eps_logit, exact, &zero));
        CU_ASSERT_EQUAL(eps, (RS_FIXED_ONE >> 20) + 2);
        rs_exact_state_free(&state);
        rs_exact_free(exact);
        rs_network_free(net);
        certify_sample_free(&sample);
    }
}

static const unit_test tests[] = {
    {"points stay inside", nothing_is_outside}, {"float32 is within its bound", rounding_is_covered},
    {"biases that cancel", cancelling_biases},  {"resets of other units", resets_of_others},
    {"single units count", single_units_count}, {"allocations", allocations},
    {"hard sigmoids are refused", refused},
};
UNIT_MAIN("certify_exact", tests)
