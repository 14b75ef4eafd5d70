#include "certify/shape.h"

#include <math.h>

#include "core/alloc.h"
#include "core/random.h"
#include "core/status.h"

#define NUMBERS ((size_t)4 << 20) /* of all derivatives, at most, but for one */
#define ITERATIONS 100
#define TINY 1e-4  /* sides of the boxes that show derivatives */
#define FLAT 0.001 /* the shortest side, of the longest */

/* |J| of steps with random symbols from a state. False: past all bounds. */
static bool derivative(float *out, rs_domain *d, rs_zone *zones, const float *state, double *lo, double *hi,
                       rs_random *random) {
    size_t S = d->size;
    for (size_t s = 0; s < S; s++) {
        lo[s] = (double)state[s] - TINY;
        hi[s] = (double)state[s] + TINY;
    }
    rs_zone_box(&zones[0], d, lo, hi);
    bool same = rs_random_below(random, 4) == 0;
    uint32_t symbol = (uint32_t)rs_random_below(random, d->symbols);
    for (size_t i = 0; i < RS_SHAPE_STEPS; i++) {
        if (!rs_domain_step(&zones[i + 1], d, &zones[i], symbol, 0)) return false;
        if (!same) symbol = (uint32_t)rs_random_below(random, d->symbols);
    }
    const rs_zone *last = &zones[RS_SHAPE_STEPS];
    for (size_t s = 0; s < S; s++)
        for (size_t i = 0; i < S; i++) out[s * S + i] = (float)(fabs(last->g[s * last->capacity + i]) / TINY);
    return true;
}

/* One step of the power iteration, halfway: keeps it from going round in circles. */
static void iterate(double *shape, double *next, const float *j, size_t samples, size_t S) {
    double most = 0;
    for (size_t s = 0; s < S; s++) {
        next[s] = 0;
        for (size_t n = 0; n < samples; n++) {
            const float *row = j + (n * S + s) * S;
            double sum = 0;
            for (size_t i = 0; i < S; i++) sum += (double)row[i] * shape[i];
            next[s] = fmax(next[s], sum);
        }
        most = fmax(most, next[s]);
    }
    if (!(most > 0)) return;
    for (size_t s = 0; s < S; s++) shape[s] = fmax((shape[s] + next[s] / most) / 2, FLAT);
    most = 0;
    for (size_t s = 0; s < S; s++) most = fmax(most, shape[s]);
    for (size_t s = 0; s < S; s++) shape[s] /= most;
}

rs_status rs_shape_find(double *shape, rs_domain *d, rs_zone *zones, const float *states, const uint32_t *group,
                        size_t groups, size_t count, uint64_t seed) {
    rs_status status = RS_OK;
    size_t S = d->size, samples = 0, most = NUMBERS / (S * S) + 1, *order = NULL, *taken = NULL;
    rs_random random = rs_random_new(seed, 3);
    double *room = NULL, *more = d->more, mean = 0;
    float *j = NULL;
    if (most > groups * RS_SHAPE_EACH) most = groups * RS_SHAPE_EACH;
    RS_TRY_ALLOC(j = rs_alloc(most * S * S, sizeof *j));
    RS_TRY_ALLOC(room = rs_alloc(3 * S, sizeof *room));
    RS_TRY_ALLOC(order = rs_alloc(count, sizeof *order));
    RS_TRY_ALLOC(taken = rs_alloc(groups, sizeof *taken));
    d->more = room + 2 * S;              /* zeros: errors are not wanted in derivatives */
    for (size_t i = 0; i < count; i++) { /* a random order */
        size_t at = rs_random_below(&random, i + 1);
        order[i] = order[at];
        order[at] = i;
    }
    for (size_t i = 0; i < count && samples < most; i++)
        if (taken[group[order[i]]]++ < RS_SHAPE_EACH)
            samples += derivative(j + samples * S * S, d, zones, states + order[i] * S, room, room + S, &random);
    for (size_t s = 0; s < S; s++) shape[s] = 1;
    for (size_t i = 0; i < ITERATIONS; i++) iterate(shape, room, j, samples, S);
    for (size_t s = 0; s < S; s++) mean += log(shape[s]) / (double)S;
    for (size_t s = 0; s < S; s++) shape[s] /= exp(mean);
cleanup:
    d->more = more;
    free(j);
    free(room);
    free(order);
    free(taken);
    return status;
}
