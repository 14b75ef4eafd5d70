/* The checker of proofs on networks whose behaviour on words of every length is known: finite automata in saturated
 * Elman units (for first-order networks with sigmoid units: Carrasco and Forcada, "Encoding of finite-state machines in
 * Elman simple recurrent networks", 2000; after Omlin and Giles, Journal of the ACM 43(6), 1996,
 * doi:10.1145/235809.235811): a unit for each pair of a state and the symbol that led to it. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "certify/exact.h"
#include "certify_ref.h"
#include "core/random.h"
#include "rnnsafe/certify.h"
#include "support/unit.h"

#define WIDEST 4
#define REGIONS 64
#define HINTS 4096
#define MUTANTS 10000

/* A network, what it must do, and a proof that it does. */
typedef struct scene {
    rs_cell cell;
    size_t hidden;
    float ih[WIDEST * 3], hh[WIDEST * WIDEST], bias[WIDEST], weight[WIDEST], initial[WIDEST], head_bias[1];
    rs_recurrent recurrent;
    rs_dense head;
    rs_network_weights weights;
    rs_names *alphabet, *outputs, *verdicts;
    rs_automaton *truth;
    rs_properties *properties;
    const rs_monitor *monitor;
    rs_network *net;
    rs_exact *exact;
    uint32_t monitors[REGIONS], hints[HINTS];
    int64_t lo[REGIONS * WIDEST], hi[REGIONS * WIDEST];
    rs_certificate z;
} scene;

static void connect_network(scene *s) {
    CHECK_OK(rs_network_new(&s->net, &s->weights));
    CHECK_OK(rs_exact_new(&s->exact, s->net));
}

static void disconnect_network(scene *s) {
    rs_exact_free(s->exact);
    rs_network_free(s->net);
    s->exact = NULL;
    s->net = NULL;
}

/* The truth: next [2*symbols], outputs reject and accept; the network accepts nothing else. */
static void open_scene(scene *s, const char *alphabet, const uint32_t *next, float threshold) {
    const uint32_t output[2] = {0, 1};
    CHECK_OK(rs_names_parse(&s->alphabet, "alphabet", alphabet));
    CHECK_OK(rs_names_parse(&s->outputs, "outputs", "reject accept"));
    CHECK_OK(rs_automaton_new(&s->truth, s->alphabet, s->outputs, 2, 0, output, next, NULL, NULL));
    CHECK_OK(rs_properties_from_automaton(&s->properties, s->truth, "truth", s->alphabet, s->outputs, 1));
    s->monitor = rs_property_monitor(rs_properties_get(s->properties, 0));
    s->recurrent = (rs_recurrent){s->ih, s->hh, s->bias, NULL, NULL};
    s->head = (rs_dense){s->weight, s->head_bias, 1, s->hidden, RS_ACTIVATION_NONE};
    s->weights = (rs_network_weights){.cell = s->cell,
                                      .layers = 1,
                                      .hidden = s->hidden,
                                      .input_size = rs_names_count(s->alphabet),
                                      .recurrent = &s->recurrent,
                                      .head = &s->head,
                                      .head_layers = 1,
                                      .initial = s->initial,
                                      .threshold = threshold,
                                      .alphabet = s->alphabet,
                                      .outputs = s->outputs};
    connect_network(s);
}

static void close_scene(scene *s) {
    disconnect_network(s);
    rs_properties_free(s->properties);
    rs_automaton_free(s->truth);
    rs_names_free(s->alphabet);
    rs_names_free(s->outputs);
    free(s);
}

/* Two attractors: "s" sets, "r" resets, "n" does nothing; h' = tanh(3 h + 4 [s] - 4 [r]). */
static scene *latch(void) {
    scene *s = calloc(1, sizeof *s);
    s->cell = RS_CELL_TANH;
    s->hidden = 1;
    s->hh[0] = 3;
    s->ih[0] = 5;
    s->ih[1] = -5;
    s->weight[0] = 1;
    s->initial[0] = -0.99f;
    open_scene(s, "s r n", (const uint32_t[]){1, 0, 0, 1, 0, 1}, 0);
    return s;
}

/* Whether the number of 1s is odd. Unit 2 a + q is on after symbol a has led to state q. */
static scene *parity(rs_cell cell) {
    scene *s = calloc(1, sizeof *s);
    bool sigmoid = cell == RS_CELL_SIGMOID;
    float gain = sigmoid ? 16 : 4, on = 1, off = sigmoid ? 0 : -1;
    s->cell = cell;
    s->hidden = 4;
    for (size_t a = 0; a < 2; a++)
        for (size_t q = 0; q < 2; q++) {
            size_t unit = 2 * a + q, before = a ? 1 - q : q;
            /* Of the two units of the state before, at most one is on. */
            s->hh[unit * 4 + before] = s->hh[unit * 4 + 2 + before] = gain;
            s->ih[unit * 2 + a] = sigmoid ? gain : 2 * gain;
            s->bias[unit] = sigmoid ? -1.5f * gain : -gain;
            s->initial[unit] = unit ? off : on;
            s->weight[unit] = q ? 1 : 0;
        }
    open_scene(s, "0 1", (const uint32_t[]){0, 1, 1, 0}, sigmoid ? 0.5f : -1);
    return s;
}

/* ---- A small search: good enough for what saturates ---- */

typedef struct search {
    scene *s;
    rs_exact_state state[8];
    size_t depth;
    bool failed;
} search;

static void hint(search *f, uint32_t value) {
    if (f->s->z.hint_count == HINTS) f->failed = true;
    else f->s->hints[f->s->z.hint_count++] = value;
}

static void grow(search *f, size_t depth, uint32_t at) {
    scene *s = f->s;
    for (uint32_t symbol = 0; symbol < rs_names_count(s->alphabet) && !f->failed; symbol++) {
        const rs_exact_state *to = &f->state[depth + 1];
        bool possible[2];
        if (!rs_exact_step(&f->state[depth + 1], s->exact, &f->state[depth], symbol, s->z.eps) ||
            !rs_exact_classes(possible, s->exact, to, s->z.eps_logit)) {
            f->failed = true;
            return;
        }
        uint32_t seen = UINT32_MAX;
        for (uint32_t class = 0; class < 2; class ++) {
            uint32_t m = rs_monitor_next(s->monitor, at, symbol, class);
            if (!possible[class] || m == seen || rs_monitor_safe(s->monitor, m)) continue;
            seen = m;
            if (depth + 1 < f->depth) {
                hint(f, RS_CERTIFY_EXPAND);
                grow(f, depth + 1, m);
                continue;
            }
            uint32_t found = UINT32_MAX;
            for (uint32_t r = 0; r < s->z.regions && found == UINT32_MAX; r++) {
                bool in = s->monitors[r] == m;
                for (size_t j = 0; j < s->hidden; j++)
                    in = in && to->x[j].lo >= s->lo[r * s->hidden + j] && to->x[j].hi <= s->hi[r * s->hidden + j];
                if (in) found = r;
            }
            if (found == UINT32_MAX) f->failed = true;
            hint(f, found);
        }
    }
}

/* From the part of region r between lo and hi, cut so many times. */
static void grow_part(search *f, uint32_t r, int64_t *lo, int64_t *hi, size_t cuts) {
    size_t j = (r + cuts) % f->s->hidden;
    if (!cuts) {
        rs_exact_box(&f->state[0], f->s->exact, lo, hi);
        grow(f, 0, f->s->monitors[r]);
        return;
    }
    int64_t low = lo[j], high = hi[j];
    hint(f, RS_CERTIFY_CUT + (uint32_t)j);
    hi[j] = low + (high - low) / 2;
    grow_part(f, r, lo, hi, cuts - 1);
    lo[j] = hi[j];
    hi[j] = high;
    grow_part(f, r, lo, hi, cuts / 2); /* the parts need not be cut alike */
    lo[j] = low;
}

/* Regions: about the states that words of up to 3 symbols lead to, merged by monitor state and rounded state. False: no
 * proof. */
static bool prove(scene *s, size_t depth, double radius, size_t cuts) {
    search f = {.s = s, .depth = depth};
    static float queue[4096][WIDEST];
    static uint32_t at[4096];
    size_t symbols = rs_names_count(s->alphabet), count = 1;
    s->z = (rs_certificate){.eps = (int64_t)1 << 27,
                            .eps_logit = (int64_t)1 << 27,
                            .state_size = s->hidden,
                            .monitor = s->monitors,
                            .lo = s->lo,
                            .hi = s->hi,
                            .hints = s->hints,
                            .depth = depth};
    memcpy(queue[0], s->initial, sizeof queue[0]);
    at[0] = 0;
    for (size_t i = 0; i < count && count < 4000; i++) {
        bool known = false;
        for (size_t r = 0; r < s->z.regions && !known; r++) {
            known = s->monitors[r] == at[i];
            for (size_t j = 0; j < s->hidden; j++) {
                double x = ldexp((double)queue[i][j], 40);
                known = known && x >= (double)s->lo[r * s->hidden + j] && x <= (double)s->hi[r * s->hidden + j];
            }
        }
        if (known) continue;
        if (s->z.regions == REGIONS) return false;
        for (size_t j = 0; j < s->hidden; j++) {
            s->lo[s->z.regions * s->hidden + j] = (int64_t)ldexp((double)queue[i][j] - radius, 40);
            s->hi[s->z.regions * s->hidden + j] = (int64_t)ldexp((double)queue[i][j] + radius, 40);
        }
        s->monitors[s->z.regions++] = at[i];
        for (uint32_t symbol = 0; symbol < symbols; symbol++) {
            uint32_t class;
            CHECK_OK(rs_network_step(s->net, 1, queue[i], &symbol, queue[count], NULL));
            CHECK_OK(rs_network_classify(s->net, 1, queue[count], &class, NULL));
            at[count] = rs_monitor_next(s->monitor, at[i], symbol, class);
            if (!rs_monitor_safe(s->monitor, at[count])) count++;
        }
    }
    for (size_t d = 0; d <= depth; d++) CHECK_OK(rs_exact_state_new(&f.state[d], s->exact, d + 1));
    for (size_t r = 0; r < s->z.regions && !f.failed; r++) {
        int64_t lo[WIDEST], hi[WIDEST];
        memcpy(lo, s->lo + r * s->hidden, s->hidden * sizeof *lo);
        memcpy(hi, s->hi + r * s->hidden, s->hidden * sizeof *hi);
        if (!rs_monitor_safe(s->monitor, s->monitors[r])) grow_part(&f, (uint32_t)r, lo, hi, cuts);
    }
    for (size_t d = 0; d <= depth; d++) rs_exact_state_free(&f.state[d]);
    return !f.failed;
}

static bool accepted(const scene *s, const rs_certificate *z, char reason[160]) {
    bool proved = true;
    CHECK_OK(rs_certificate_check(&proved, reason, z, s->net, s->monitor, NULL, NULL));
    return proved;
}

/* ---- Tests ---- */

static void known_networks(void) {
    char reason[160];
    scene *scenes[] = {latch(), parity(RS_CELL_TANH), parity(RS_CELL_SIGMOID)};
    for (size_t i = 0; i < 3; i++) {
        for (size_t depth = 1; depth <= 3; depth++) {
            size_t cuts = depth - 1;
            CU_ASSERT(prove(scenes[i], depth, 0.05, cuts));
            CU_ASSERT(accepted(scenes[i], &scenes[i]->z, reason));
            if (reason[0]) printf("  network %zu depth %zu: %s\n", i, depth, reason);
            CU_ASSERT(certify_ref_confirms(&scenes[i]->z, &scenes[i]->weights, scenes[i]->monitor, 6));
        }
        close_scene(scenes[i]);
    }
}

/* A proof that is a few numbers long: both attractors, written down. */
static void latch_by_hand(void) {
    scene *s = latch();
    char reason[160];
    uint32_t off = rs_monitor_next(s->monitor, 0, 1, 0), on = rs_monitor_next(s->monitor, 0, 0, 1);
    int64_t one = RS_FIXED_ONE, lo[] = {-one - one / 100, one * 9 / 10}, hi[] = {-one * 9 / 10, one + one / 100};
    CU_ASSERT(off == 0 && on != 0);
    /* From off: s leads on, where the monitor lets the network accept or not; r and n stay off. */
    rs_certificate z = {.eps = one >> 14,
                        .eps_logit = one >> 14,
                        .state_size = 1,
                        .regions = 2,
                        .start = 0,
                        .monitor = (const uint32_t[]){off, on},
                        .lo = lo,
                        .hi = hi,
                        .hints = (const uint32_t[]){1, 0, 0, 1, 0, 1},
                        .hint_count = 6,
                        .depth = 1};
    CU_ASSERT(accepted(s, &z, reason));
    CU_ASSERT_STRING_EQUAL(reason, "");
    rs_certificate worse = z;
    worse.eps = 1000;
    CU_ASSERT(!accepted(s, &worse, reason));
    unit_contains(reason, "rounding of float32", __FILE__, __LINE__);
    worse = z;
    worse.eps_logit = 1000;
    CU_ASSERT(!accepted(s, &worse, reason));
    worse = z;
    worse.hint_count = 5;
    CU_ASSERT(!accepted(s, &worse, reason));
    unit_contains(reason, "too few hints", __FILE__, __LINE__);
    worse = z;
    worse.hint_count = 7;
    worse.hints = (const uint32_t[]){1, 0, 0, 1, 0, 1, 0};
    CU_ASSERT(!accepted(s, &worse, reason));
    unit_contains(reason, "too many hints", __FILE__, __LINE__);
    worse = z;
    worse.hints = (const uint32_t[]){1, 0, 0, 1, 0, 0};
    CU_ASSERT(!accepted(s, &worse, reason));
    unit_contains(reason, "another state of the monitor", __FILE__, __LINE__);
    worse = z;
    worse.start = 1;
    CU_ASSERT(!accepted(s, &worse, reason));
    worse = z;
    strcpy(worse.sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CU_ASSERT(!accepted(s, &worse, reason));
    unit_contains(reason, "other weights", __FILE__, __LINE__);
    /* All regions are closed, but the start would have the monitor where "s" leads. */
    int64_t lo3[] = {lo[0], lo[1], lo[0]}, hi3[] = {hi[0], hi[1], hi[0]};
    worse = z;
    worse.regions = 3;
    worse.start = 2;
    worse.monitor = (const uint32_t[]){off, on, on};
    worse.lo = lo3;
    worse.hi = hi3;
    worse.hints = (const uint32_t[]){1, 0, 0, 1, 0, 1, 1, 0, 2};
    worse.hint_count = 9;
    CU_ASSERT(!accepted(s, &worse, reason));
    unit_contains(reason, "the start has another state of the monitor", __FILE__, __LINE__);
    worse.start = 0;
    CU_ASSERT(accepted(s, &worse, reason));
    int64_t high[] = {lo[0], one * 999 / 1000};
    worse = z;
    worse.lo = high;
    CU_ASSERT(!accepted(s, &worse, reason)); /* tanh(3 * 0.999) is below */
    unit_contains(reason, "outside", __FILE__, __LINE__);
    close_scene(s);
}

/* What a coordinate may be off by beyond eps counts as eps does: in steps, and against the rounding of float32. */
static void more_by_hand(void) {
    scene *s = latch();
    char reason[160];
    const uint32_t on = rs_monitor_next(s->monitor, 0, 0, 1);
    int64_t one = RS_FIXED_ONE, lo[] = {-one - one / 100, one * 9 / 10}, hi[] = {-one * 9 / 10, one + one / 100}, more = 0;
    rs_certificate z = {.eps = 1000,
                        .eps_logit = one >> 14,
                        .more = &more,
                        .state_size = 1,
                        .regions = 2,
                        .monitor = (const uint32_t[]){0, on},
                        .lo = lo,
                        .hi = hi,
                        .hints = (const uint32_t[]){1, 0, 0, 1, 0, 1},
                        .hint_count = 6,
                        .depth = 1};
    CU_ASSERT(!accepted(s, &z, reason));
    unit_contains(reason, "rounding of float32", __FILE__, __LINE__);
    more = (one >> 14) - 1000;
    CU_ASSERT(accepted(s, &z, reason));
    more = one / 20; /* tanh(3 * .9 + 0) + 1 / 20 is beyond the box */
    CU_ASSERT(!accepted(s, &z, reason));
    unit_contains(reason, "outside", __FILE__, __LINE__);
    for (more = -1; more <= one + 1; more += one + 2) {
        CU_ASSERT(!accepted(s, &z, reason));
        unit_contains(reason, "eps is out of range", __FILE__, __LINE__);
    }
    close_scene(s);
}

/* A box may be cut, and then both halves count. */
static void cuts_by_hand(void) {
    scene *s = latch();
    char reason[160];
    const uint32_t cut = RS_CERTIFY_CUT, off = 0, on = rs_monitor_next(s->monitor, 0, 0, 1);
    int64_t one = RS_FIXED_ONE, lo[] = {-one - one / 100, one * 9 / 10}, hi[] = {-one * 9 / 10, one + one / 100};
    uint32_t hints[] = {1, 0, 0, cut, cut, 1, 0, 1, 1, 0, 1, 1, 0, 1};
    rs_certificate z = {.eps = one >> 14,
                        .eps_logit = one >> 14,
                        .state_size = 1,
                        .regions = 2,
                        .monitor = (const uint32_t[]){off, on},
                        .lo = lo,
                        .hi = hi,
                        .hints = hints,
                        .hint_count = 14,
                        .depth = 1};
    CU_ASSERT(accepted(s, &z, reason));
    CU_ASSERT_STRING_EQUAL(reason, "");
    CU_ASSERT(certify_ref_confirms(&z, &s->weights, s->monitor, 6));
    z.hint_count = 11; /* the upper half is not there */
    CU_ASSERT(!accepted(s, &z, reason));
    unit_contains(reason, "too few hints", __FILE__, __LINE__);
    z.hint_count = 14;
    hints[3] = cut + 1; /* there is one coordinate */
    CU_ASSERT(!accepted(s, &z, reason));
    unit_contains(reason, "a cut is of no coordinate", __FILE__, __LINE__);
    hints[3] = cut;
    hints[5] = cut; /* inside of a walk */
    hints[6] = cut;
    hints[8] = cut;
    CU_ASSERT(!accepted(s, &z, reason));
    /* tanh(3 h) leaves a box around 0 from the half below it, or from the half above it, alone. */
    uint32_t once[] = {1, 0, 0, cut, 1, 0, 1, 1, 0, 1}, first[] = {cut, 1, 0, 0, 1, 0, 0, 1, 0, 1};
    z.hint_count = 10;
    z.hints = once;
    CU_ASSERT(accepted(s, &z, reason));
    lo[1] = -one / 10;
    CU_ASSERT(!accepted(s, &z, reason));
    lo[1] = one * 9 / 10;
    z.hints = first;
    CU_ASSERT(accepted(s, &z, reason));
    hi[0] = one / 10;
    CU_ASSERT(!accepted(s, &z, reason));
    hi[0] = -one * 9 / 10;
    /* Eight cuts of the lowest part of a part, and nine. */
    for (size_t cuts = RS_CERTIFY_CUTS; cuts <= RS_CERTIFY_CUTS + 1; cuts++) {
        uint32_t deep[3 + RS_CERTIFY_CUTS + 1 + 3 * (RS_CERTIFY_CUTS + 2)] = {1, 0, 0};
        size_t count = 3;
        for (size_t i = 0; i < cuts; i++) deep[count++] = cut;
        for (size_t i = 0; i < 3 * (cuts + 1); i++) deep[count++] = i % 3 != 1;
        z.hints = deep;
        z.hint_count = count;
        CU_ASSERT_EQUAL(accepted(s, &z, reason), cuts == RS_CERTIFY_CUTS);
    }
    unit_contains(reason, "too small a part", __FILE__, __LINE__);
    close_scene(s);
}

/* Whether the network does what it must on all words up to `length`. */
static bool right(const scene *s, size_t length) {
    uint32_t word[12], classes[12];
    size_t symbols = rs_names_count(s->alphabet), total = 1;
    for (size_t i = 0; i < length; i++) total *= symbols;
    for (size_t n = 0; n < total; n++) {
        for (size_t i = 0, rest = n; i < length; i++, rest /= symbols) word[i] = (uint32_t)(rest % symbols);
        CHECK_OK(rs_network_run(s->net, word, length, classes, NULL, NULL));
        if (rs_monitor_violation(s->monitor, word, classes, length)) return false;
    }
    return true;
}

/* Weights that are changed: the old proof and a new one for the new network are refused whenever a short word shows
 * that it is wrong, or when the reference does not confirm. */
static void mutants_of_networks(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    char reason[160];
    size_t wrong = 0, proved_wrong = 0, proved = 0, unconfirmed = 0;
    for (size_t n = 0; n < 400; n++) {
        scene *s = n % 3 == 0 ? latch() : parity(n % 3 == 1 ? RS_CELL_TANH : RS_CELL_SIGMOID);
        CU_ASSERT_FATAL(prove(s, 1 + n % 2, 0.05, n % 3));
        float *which[] = {s->ih, s->hh, s->bias, s->weight, s->initial};
        size_t in = rs_names_count(s->alphabet),
               sizes[] = {s->hidden * in, s->hidden * s->hidden, s->hidden, s->hidden, s->hidden};
        size_t part = rs_random_below(&r, 5), at = rs_random_below(&r, sizes[part]);
        static const float factors[] = {-1, 0, 0.5f, 0.8f, 1.2f};
        which[part][at] = which[part][at] * factors[rs_random_below(&r, 5)] + (float)rs_random_normal(&r);
        if (rs_random_below(&r, 4) == 0) s->head_bias[0] = (float)rs_random_normal(&r) * 2;
        disconnect_network(s);
        connect_network(s);
        bool good = right(s, 6);
        for (int again = 0; again < 2; again++) {
            if (again && !prove(s, 1 + n % 3, 0.1, n % 2)) continue;
            bool yes = accepted(s, &s->z, reason);
            proved += yes;
            proved_wrong += yes && !good;
            unconfirmed += yes && !certify_ref_confirms(&s->z, &s->weights, s->monitor, 12);
        }
        wrong += !good;
        close_scene(s);
    }
    printf("  of 400 networks %zu are wrong on short words, %zu of them proved; %zu proofs, %zu unconfirmed\n", wrong,
           proved_wrong, proved, unconfirmed);
    CU_ASSERT(wrong > 50 && proved > 20);
    CU_ASSERT_EQUAL(proved_wrong, 0);
    CU_ASSERT_EQUAL(unconfirmed, 0);
}

/* A certificate with one or two things changed. */
static void mutate(rs_certificate *z, scene *s, rs_random *r, uint32_t *monitors, int64_t *lo, int64_t *hi,
                   uint32_t *hints) {
    size_t sides = z->regions * z->state_size, at = rs_random_below(r, sides), region = rs_random_below(r, z->regions);
    int64_t step = (int64_t)1 << rs_random_below(r, 41);
    if (rs_random_below(r, 2)) step = -step;
    memcpy(monitors, z->monitor, z->regions * sizeof *monitors);
    memcpy(lo, z->lo, sides * sizeof *lo);
    memcpy(hi, z->hi, sides * sizeof *hi);
    memcpy(hints, z->hints, z->hint_count * sizeof *hints);
    z->monitor = monitors;
    z->lo = lo;
    z->hi = hi;
    z->hints = hints;
    switch (rs_random_below(r, 12)) {
    case 0:
        lo[at] += step;
        hi[at] += step;
        break;
    case 1:
        lo[at] += step;
        break;
    case 2:
        hi[at] += step;
        break;
    case 3:
        hints[rs_random_below(r, z->hint_count)] = (uint32_t)rs_random_below(r, z->regions);
        break;
    case 4:
        hints[rs_random_below(r, z->hint_count)] =
            (const uint32_t[]){RS_CERTIFY_EXPAND, (uint32_t)z->regions, RS_CERTIFY_CUT}[rs_random_below(r, 3)];
        break;
    case 5:
        monitors[region] = (uint32_t)rs_random_below(r, rs_monitor_states(s->monitor));
        break;
    case 6:
        z->eps = rs_random_below(r, 2) ? z->eps >> rs_random_below(r, 20) : z->eps << rs_random_below(r, 20);
        break;
    case 7:
        z->eps_logit =
            rs_random_below(r, 2) ? z->eps_logit >> rs_random_below(r, 20) : z->eps_logit << rs_random_below(r, 20);
        break;
    case 8:
        z->depth = rs_random_below(r, 6);
        break;
    case 9:
        z->hint_count = rs_random_below(r, 2) ? rs_random_below(r, z->hint_count) : z->hint_count + 1;
        break;
    case 10:
        z->start = rs_random_below(r, z->regions + 1);
        break;
    default:
        z->sha256[rs_random_below(r, 3)] = 'a';
        break;
    }
}

/* Whether float32 is no further off than eps says, in steps from states of the regions that are drawn. */
static bool covers_float(const scene *s, const rs_certificate *z, rs_random *r) {
    for (size_t n = 0; n < 20; n++) {
        size_t region = rs_random_below(r, z->regions), S = z->state_size;
        float from[WIDEST], to[WIDEST], logit;
        long double state[WIDEST], forced[WIDEST], off[WIDEST], next[WIDEST], exact;
        uint32_t symbol = (uint32_t)rs_random_below(r, rs_names_count(s->alphabet));
        for (size_t j = 0; j < S; j++) {
            double lo = (double)z->lo[region * S + j], hi = (double)z->hi[region * S + j];
            state[j] = (long double)(from[j] = (float)ldexp(lo + (hi - lo) * rs_random_unit(r), -40));
        }
        CHECK_OK(rs_network_step(s->net, 1, from, &symbol, to, NULL));
        CHECK_OK(rs_network_logits(s->net, 1, to, &logit, NULL));
        for (size_t j = 0; j < S; j++) forced[j] = (long double)to[j];
        certify_ref_step(&s->weights, state, symbol, forced, off, next);
        certify_ref_logits(&s->weights, forced, &exact);
        for (size_t j = 0; j < S; j++)
            if (fabsl(off[j]) > ldexpl((long double)z->eps, -40)) return false;
        if (fabsl(exact - (long double)logit) > ldexpl((long double)z->eps_logit, -40)) return false;
    }
    return true;
}

static void mutants_of_certificates(void) {
    rs_random r = rs_random_new(unit_seed(), 1);
    static uint32_t monitors[REGIONS], hints[HINTS + 1];
    static int64_t lo[REGIONS * WIDEST], hi[REGIONS * WIDEST];
    char reason[160];
    size_t valid = 0, invalid = 0;
    scene *scenes[] = {latch(), parity(RS_CELL_TANH), parity(RS_CELL_SIGMOID), latch(), parity(RS_CELL_TANH)};
    for (size_t i = 0; i < 5; i++) CU_ASSERT_FATAL(prove(scenes[i], 1 + i % 3, i < 3 ? 0.05 : 0.02, i / 2));
    for (size_t n = 0; n < MUTANTS; n++) {
        scene *s = scenes[n % 5];
        rs_certificate z = s->z;
        mutate(&z, s, &r, monitors, lo, hi, hints);
        if (!accepted(s, &z, reason)) continue;
        bool good =
            certify_ref_confirms(&z, &s->weights, s->monitor, 14) && covers_float(s, &z, &r) && z.sha256[0] == 0;
        valid += good;
        if (!good && invalid++ < 5) printf("  mutant %zu of certificate %zu\n", n, n % 5);
    }
    printf("  %d mutants: %zu are proofs, %zu were accepted and are none\n", MUTANTS, valid, invalid);
    CU_ASSERT_EQUAL(invalid, 0);
    CU_ASSERT(valid < MUTANTS / 2);
    for (size_t i = 0; i < 5; i++) close_scene(scenes[i]);
}

static rs_status check(void *user) {
    const scene *s = user;
    bool proved = false;
    char reason[160];
    rs_status status = rs_certificate_check(&proved, reason, &s->z, s->net, s->monitor, NULL, NULL);
    CU_ASSERT(proved == (status == RS_OK));
    return status;
}

static void allocations(void) {
    scene *s = latch();
    CU_ASSERT_FATAL(prove(s, 2, 0.05, 1));
    unit_allocation_sweep(check, s, 40);
    close_scene(s);
}

static void interrupted(void) {
    scene *s = latch();
    volatile sig_atomic_t stop = 1;
    rs_context ctx = {.interrupt = &stop};
    bool proved = false;
    char reason[160];
    CU_ASSERT_FATAL(prove(s, 2, 0.05, 1));
    CU_ASSERT(rs_certificate_check(&proved, reason, &s->z, s->net, s->monitor, NULL, &ctx) == RS_EINTERRUPTED && !proved);
    close_scene(s);
}

static const unit_test tests[] = {
    {"networks whose behaviour is known", known_networks},
    {"a proof by hand", latch_by_hand},
    {"cuts by hand", cuts_by_hand},
    {"more by hand", more_by_hand},
    {"mutants of networks", mutants_of_networks},
    {"mutants of certificates", mutants_of_certificates},
    {"allocations", allocations},
    {"interruption", interrupted},
};
UNIT_MAIN("certify_checker", tests)
