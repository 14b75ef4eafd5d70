/* Linear scores against the definition. */
#include <math.h>
#include <stdlib.h>

#include "cluster/scores.h"
#include "core/random.h"
#include "support/unit.h"

enum { M = 11, D = 21, N = 60 };

static double score(const rs_scores *s, size_t q, const float *x) {
    double sum = s->b[q];
    for (size_t i = 0; i < s->d; i++) sum += (double)s->w[q * s->d + i] * (double)x[i];
    return sum;
}

static double apart(const rs_scores *s, size_t p, size_t q) {
    double sum = 0;
    for (size_t i = 0; i < s->d; i++) sum += pow((double)s->w[p * s->d + i] - (double)s->w[q * s->d + i], 2);
    return sqrt(sum);
}

/* A line at x = 2 between two half-planes, and one that is never the best. */
static void known(void) {
    const float w[] = {-1, 0, 1, 0, 0, 0}, x[] = {0.5f, 9, 3, -4};
    const double b[] = {2, -2, -100};
    rs_scores s = {2, 3, w, b};
    uint32_t which[2];
    double margin;
    rs_scores_best(which, &s, 2, x, NULL);
    CU_ASSERT(which[0] == 0 && which[1] == 1);
    CHECK_OK(rs_scores_margin(&margin, &s, 2, x, which, which));
    CU_ASSERT_DOUBLE_EQUAL(margin, 1, 0); /* of (3, -4): 2 (3 - 2) / 2 */
    CHECK_OK(rs_scores_margin(&margin, &s, 2, x, which, (uint32_t[]){0, 0}));
    CU_ASSERT_DOUBLE_EQUAL(margin, 1.5, 0);
    CHECK_OK(rs_scores_margin(&margin, &s, 2, x, which, (uint32_t[]){1, 0}));
    CU_ASSERT_DOUBLE_EQUAL(margin, 0, 0);
    CHECK_OK(rs_scores_margin(&margin, &(rs_scores){2, 1, w, b}, 2, x, (uint32_t[]){0, 0}, (uint32_t[]){0, 0}));
    CU_ASSERT(isinf(margin));
    /* The lowest on ties, which are no distance away. */
    CHECK_OK(rs_scores_margin(&margin, &(rs_scores){1, 2, (float[]){3, 3}, (double[]){1, 1}}, 1, x, (uint32_t[]){0},
                              (uint32_t[]){0}));
    CU_ASSERT_DOUBLE_EQUAL(margin, 0, 0);
    rs_scores_best(which, &(rs_scores){1, 2, (float[]){3, 3}, (double[]){1, 1}}, 1, x, NULL);
    CU_ASSERT(which[0] == 0);
}

static void against_the_definition(void) {
    rs_random r = rs_random_new(unit_seed(), 0);
    for (size_t round = 0; round < 200; round++) {
        float w[M * D], x[N * D];
        double b[M], margin, least = INFINITY;
        uint32_t which[N], again[N], labels[N];
        bool any = false;
        rs_scores s = {1 + rs_random_below(&r, D), 1 + rs_random_below(&r, M), w, b};
        for (size_t i = 0; i < s.m * s.d; i++) w[i] = (float)rs_random_normal(&r);
        for (size_t i = 0; i < s.m; i++) b[i] = rs_random_normal(&r);
        for (size_t i = 0; i < N * s.d; i++) x[i] = (float)rs_random_normal(&r);
        rs_scores_best(which, &s, N, x, &(rs_context){.threads = 1});
        rs_scores_best(again, &s, N, x, &(rs_context){.threads = 3});
        for (size_t i = 0; i < N; i++) {
            size_t best = 0;
            double ahead = INFINITY;
            for (size_t q = 1; q < s.m; q++)
                if (score(&s, q, x + i * s.d) > score(&s, best, x + i * s.d)) best = q;
            CU_ASSERT(which[i] == best && again[i] == best);
            labels[i] = (uint32_t)(rs_random_below(&r, 4) ? best : rs_random_below(&r, s.m));
            for (size_t q = 0; q < s.m; q++)
                if (q != best)
                    ahead =
                        fmin(ahead, (score(&s, best, x + i * s.d) - score(&s, q, x + i * s.d)) / apart(&s, best, q));
            if (labels[i] == best) any = true, least = fmin(least, ahead);
        }
        CHECK_OK(rs_scores_margin(&margin, &s, N, x, which, labels));
        if (any && s.m > 1) CU_ASSERT_DOUBLE_EQUAL(margin, least, 1e-12 * (1 + least))
        else CU_ASSERT(any ? isinf(margin) : margin == 0);
    }
}

static rs_status sweep(void *user) {
    double margin = 5;
    rs_status status = rs_scores_margin(&margin, user, 1, (float[]){1}, (uint32_t[]){0}, (uint32_t[]){0});
    CU_ASSERT(status == RS_OK || margin == 5);
    return status;
}

static void out_of_memory(void) {
    unit_allocation_sweep(sweep, &(rs_scores){1, 2, (float[]){3, 4}, (double[]){1, 1}}, 100);
}

static const unit_test tests[] = {
    {"a known example", known},
    {"against the definition", against_the_definition},
    {"without memory", out_of_memory},
};
UNIT_MAIN("cluster: scores", tests)
