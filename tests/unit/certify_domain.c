/* Steps of the search, in double, against those of the checker, which follow the same rules in integers: ranges,
 * classes and rounding bounds must agree, of every cell, along walks whose symbols share the products of a zone. */
#include <math.h>
#include <stdio.h>

#include "certify/domain.h"
#include "certify/exact.h"
#include "certify_ref.h"
#include "core/random.h"
#include "support/unit.h"

#define NETWORKS 120
#define DEPTH 3
#define LARGEST 24
#define TOLERANCE 1e-7

static const double unit = 0x1p-40;

typedef struct pair {
    certify_sample sample;
    rs_domain *domain;
    rs_exact *exact;
    rs_zone zone[DEPTH + 1];
    rs_exact_state state[DEPTH + 1];
    size_t compared, other;
} pair;

static void open_pair(pair *p, rs_random *random, rs_cell cell, size_t layers) {
    certify_sample_new(&p->sample, random, cell, layers, 1 + rs_random_below(random, 6), rs_random_below(random, 2),
                       1 + rs_random_below(random, 4), 1);
    CHECK_OK(rs_domain_new(&p->domain, p->sample.net, DEPTH));
    CHECK_OK(rs_exact_new(&p->exact, p->sample.net));
    for (size_t d = 0; d <= DEPTH; d++) {
        CHECK_OK(rs_zone_new(&p->zone[d], p->domain, d));
        CHECK_OK(rs_exact_state_new(&p->state[d], p->exact, d + 1));
    }
}

static void close_pair(pair *p) {
    for (size_t d = 0; d <= DEPTH; d++) {
        rs_zone_free(&p->zone[d]);
        rs_exact_state_free(&p->state[d]);
    }
    rs_domain_free(p->domain);
    rs_exact_free(p->exact);
    certify_sample_free(&p->sample);
}

static void draw_box(pair *p, rs_random *random) {
    double lo[LARGEST], hi[LARGEST];
    rs_fixed low[LARGEST], high[LARGEST];
    double width = ldexp(1, -(int)rs_random_below(random, 12));
    for (size_t s = 0; s < p->domain->size; s++) {
        low[s] = (rs_fixed)((2 * rs_random_unit(random) - 1) / unit);
        high[s] = low[s] + (rs_fixed)(width * rs_random_unit(random) / unit);
        lo[s] = (double)low[s] * unit;
        hi[s] = (double)high[s] * unit;
    }
    rs_zone_box(&p->zone[0], p->domain, lo, hi);
    rs_exact_box(&p->state[0], p->exact, low, high);
}

static void compare(pair *p, const rs_zone *zone, const rs_exact_state *state) {
    for (size_t s = 0; s < p->domain->size; s++) {
        double lo = (double)state->x[s].lo * unit, hi = (double)state->x[s].hi * unit;
        double scale = TOLERANCE * fmax(1, fmax(fabs(lo), fabs(hi)));
        p->compared++;
        p->other += fabs(zone->lo[s] - lo) > scale || fabs(zone->hi[s] - hi) > scale;
    }
}

/* All symbols from each depth; the walk goes on with the last one. */
static void walk(pair *p, rs_random *random) {
    const rs_fixed eps = (rs_fixed)rs_random_below(random, (uint64_t)1 << 28), eps_logit = (rs_fixed)1 << 20;
    rs_fixed more[LARGEST];
    for (size_t s = 0; s < p->domain->size; s++) {
        more[s] = rs_random_below(random, 2) ? (rs_fixed)rs_random_below(random, (uint64_t)1 << 36) : 0;
        p->domain->more[s] = (double)more[s] * unit;
    }
    rs_exact_allow(p->exact, more);
    for (size_t d = 0; d < DEPTH; d++)
        for (uint32_t symbol = 0; symbol < p->domain->symbols; symbol++) {
            bool mine[8], its[8];
            if (!rs_exact_step(&p->state[d + 1], p->exact, &p->state[d], symbol, eps)) return;
            CU_ASSERT_FATAL(rs_domain_step(&p->zone[d + 1], p->domain, &p->zone[d], symbol, (double)eps * unit));
            compare(p, &p->zone[d + 1], &p->state[d + 1]);
            CU_ASSERT_FATAL(rs_exact_classes(its, p->exact, &p->state[d + 1], eps_logit));
            rs_domain_classes(mine, p->domain, &p->zone[d + 1], (double)eps_logit * unit);
            for (size_t c = 0; c < rs_names_count(rs_network_outputs(p->sample.net)); c++)
                p->other += mine[c] != its[c];
        }
}

static void compare_rounding(pair *p, rs_random *random) {
    rs_fixed reach[LARGEST], eps, eps_logit;
    double sizes[LARGEST], mine, mine_logit;
    for (size_t s = 0; s < p->domain->size; s++) {
        reach[s] = (rs_fixed)(rs_random_unit(random) * 2 / unit);
        sizes[s] = (double)reach[s] * unit;
    }
    CU_ASSERT_FATAL(rs_exact_rounding(&eps, &eps_logit, p->exact, reach));
    rs_domain_rounding(&mine, &mine_logit, p->domain, sizes);
    CU_ASSERT_DOUBLE_EQUAL(mine, (double)eps * unit, .01 * mine + 100 * unit);
    CU_ASSERT_DOUBLE_EQUAL(mine_logit, (double)eps_logit * unit, .01 * mine_logit + 100 * unit);
}

static void the_same_as_the_checker(void) {
    static pair p;
    rs_random random = rs_random_new(unit_seed(), 0);
    for (size_t n = 0; n < NETWORKS; n++) {
        open_pair(&p, &random, (rs_cell)(n % RS_CELLS), 1 + n / RS_CELLS % 2);
        for (int i = 0; i < 4; i++) {
            draw_box(&p, &random);
            walk(&p, &random);
            compare_rounding(&p, &random);
        }
        close_pair(&p);
    }
    printf("%zu coordinates compared, %zu differ\n", p.compared, p.other);
    CU_ASSERT_TRUE(p.compared > 1000);
    CU_ASSERT_EQUAL(p.other, 0);
}

static rs_status build(void *sample) {
    rs_domain *d = NULL;
    rs_zone zone = {0};
    rs_status status = rs_domain_new(&d, ((certify_sample *)sample)->net, 2);
    if (status == RS_OK) status = rs_zone_new(&zone, d, 1);
    rs_zone_free(&zone);
    rs_domain_free(d);
    return status;
}

static void allocations_fail(void) {
    certify_sample sample;
    rs_random random = rs_random_new(1, 0);
    certify_sample_new(&sample, &random, RS_CELL_LSTM, 2, 2, true, 2, 1);
    unit_allocation_sweep(build, &sample, 60);
    certify_sample_free(&sample);
}

static const unit_test tests[] = {
    {"the same as the checker", the_same_as_the_checker},
    {"allocations", allocations_fail},
};
UNIT_MAIN("certify_domain", tests)
