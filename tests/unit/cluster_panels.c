/* The inner loops that only propose, in every variant that this processor can run, beside sums in double precision. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/panels.h"
#include "cluster/sights.h"
#include "core/alloc.h"
#include "core/random.h"
#include "support/unit.h"

enum { D = 37, ROWS = 64, K = 70 };

static void sights_are_sums(void) {
    rs_random r = rs_random_new(unit_seed(), 1);
    static float tiles[D * ROWS] __attribute__((aligned(64))), norms[ROWS] __attribute__((aligned(64))),
        v[RS_SIGHTS * ROWS] __attribute__((aligned(64)));
    float row[D], x[RS_SIGHTS * D], limits[RS_SIGHTS];
    const float *queries[RS_SIGHTS];
    size_t opened = 0, closed = 0;
    for (size_t round = 0; round < 100; round++) {
        size_t d = 1 + rs_random_below(&r, D), rows = 1 + rs_random_below(&r, ROWS);
        double wanted[RS_SIGHTS][ROWS];
        bool open[RS_SIGHTS];
        memset(tiles, 0, sizeof tiles);
        for (size_t q = 0; q < RS_SIGHTS; q++) {
            queries[q] = x + q * d;
            limits[q] = (float)(-3 * sqrt((double)d) * rs_random_unit(&r));
            for (size_t i = 0; i < d; i++) x[q * d + i] = (float)rs_random_normal(&r);
        }
        for (size_t j = 0; j < ROWS; j++) {
            norms[j] = j < rows ? (float)rs_random_normal(&r) : INFINITY;
            for (size_t i = 0; i < d; i++) row[i] = j < rows ? (float)rs_random_normal(&r) : 0;
            rs_tile_put(tiles + j / RS_TILE * RS_TILE * d, j % RS_TILE, d, row);
            for (size_t q = 0; q < RS_SIGHTS; q++) {
                wanted[q][j] = (double)norms[j];
                for (size_t i = 0; i < d; i++) wanted[q][j] += (double)row[i] * (double)queries[q][i];
            }
        }
        if (round % 10 == 9) norms[rows - 1] = NAN;
        for (size_t variant = 0; rs_sights_measurer_of(variant); variant++) {
            rs_sights_measurer_of(variant)(v, open, d, queries, limits, tiles, norms);
            for (size_t q = 0; q < RS_SIGHTS; q++) {
                bool near = false;
                for (size_t j = 0; j < rows; j++) {
                    near = near || !(v[q * ROWS + j] > limits[q]);
                    if (isnan(norms[j])) {
                        CU_ASSERT(isnan(v[q * ROWS + j]));
                    } else CU_ASSERT_DOUBLE_EQUAL((double)v[q * ROWS + j], wanted[q][j], 1e-4);
                }
                CU_ASSERT(open[q] == near);
                opened += open[q];
                closed += !open[q];
            }
        }
    }
    CU_ASSERT(opened > 100 && closed > 100);
}

static void panels_find_the_two_nearest(void) {
    if (!rs_panels_usable()) return;
    rs_random r = rs_random_new(unit_seed(), 2);
    float centres[K * D], norms[K], x[ROWS * D], least[ROWS], second[ROWS];
    const float *points[ROWS];
    uint32_t labels[ROWS];
    for (size_t round = 0; round < 100; round++) {
        size_t d = 1 + rs_random_below(&r, D), k = 1 + rs_random_below(&r, K), rows = 1 + rs_random_below(&r, ROWS);
        float *memory = rs_alloc_aligned(rs_panels_size(k, d), sizeof *memory);
        rs_panels panels;
        CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
        for (size_t i = 0; i < k * d; i++) centres[i] = (float)rs_random_normal(&r);
        for (size_t j = 0; j < k; j++) norms[j] = (float)(2 * rs_random_unit(&r));
        for (size_t i = 0; i < rows * d; i++) x[i] = (float)rs_random_normal(&r);
        for (size_t i = 0; i < rows; i++) points[i] = x + i * d;
        rs_panels_pack(&panels, k, d, centres, norms, memory);
        for (bool first = true; first || panels.by_16; first = false) {
            if (!first) panels.by_16 = false;
            rs_panels_nearest_at(&panels, rows, points, labels, least, second);
            for (size_t i = 0; i < rows; i++) {
                double best = INFINITY, next = INFINITY;
                size_t nearest = 0;
                for (size_t j = 0; j < k; j++) {
                    double value = (double)norms[j];
                    for (size_t a = 0; a < d; a++) value -= 2 * (double)x[i * d + a] * (double)centres[j * d + a];
                    if (value < best) {
                        next = best;
                        best = value;
                        nearest = j;
                    } else if (value < next) next = value;
                }
                CU_ASSERT(labels[i] == nearest || next - best < 1e-3);
                CU_ASSERT_DOUBLE_EQUAL((double)least[i], best, 1e-3);
                CU_ASSERT(k == 1 ? isinf(second[i]) : fabs((double)second[i] - next) < 1e-3);
            }
        }
        free(memory);
    }
}

static const unit_test tests[] = {
    {"sights are norms and products", sights_are_sums},
    {"panels find the nearest centre and the second", panels_find_the_two_nearest},
};
UNIT_MAIN("cluster_panels", tests)
