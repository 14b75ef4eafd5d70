/* The inner loops of Gaussian mixtures beside sums written down as they are defined, in double precision. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/gaussian.h"
#include "core/alloc.h"
#include "core/random.h"
#include "support/unit.h"

enum { D = 37, ROWS = 40, K = 9 };

typedef struct room {
    size_t d, stride;
    float *points, *tile, *scratch, *panels; /* points [ROWS*stride] */
    float *mean, *root, *diagonal;           /* [stride], [d*d], [d] */
} room;

/* Random numbers of a random dimension; the root is upper triangular. */
static room furnish(rs_random *r) {
    room o = {.d = 1 + rs_random_below(r, D)};
    size_t d = o.d;
    o.stride = rs_tile_stride(d);
    o.points = rs_alloc_aligned(ROWS * o.stride, sizeof(float));
    o.tile = rs_alloc_aligned(d * RS_TILE, sizeof(float));
    o.scratch = rs_alloc_aligned(d * RS_TILE, sizeof(float));
    o.panels = rs_alloc_aligned(rs_panels_of(d), sizeof(float));
    o.mean = rs_alloc_aligned(o.stride, sizeof(float));
    o.root = rs_alloc(d * d, sizeof(float));
    o.diagonal = rs_alloc(d, sizeof(float));
    memset(o.mean, 0, o.stride * sizeof(float));
    memset(o.points, 0, ROWS * o.stride * sizeof(float));
    for (size_t x = 0; x < d; x++) {
        o.mean[x] = (float)rs_random_normal(r);
        o.diagonal[x] = (float)(0.1 + rs_random_unit(r));
        for (size_t i = 0; i < ROWS; i++) o.points[i * o.stride + x] = (float)rs_random_normal(r);
        for (size_t b = x; b < d; b++) o.root[x * d + b] = (float)rs_random_normal(r);
    }
    rs_panels_fill(o.panels, d, o.root);
    return o;
}

static void clear(room *o) {
    free(o->points);
    free(o->tile);
    free(o->scratch);
    free(o->panels);
    free(o->mean);
    free(o->root);
    free(o->diagonal);
}

/* |(x - mean) P|^2 of the first `columns` columns. */
static double square(const room *o, const float *x, bool full, size_t columns) {
    double sum = 0;
    for (size_t b = 0; b < columns; b++) {
        double y = 0;
        for (size_t a = full ? 0 : b; a <= b; a++)
            y += ((double)x[a] - (double)o->mean[a]) * (double)(full ? o->root[a * o->d + b] : o->diagonal[b]);
        sum += y * y;
    }
    return sum;
}

static void squares_are_sums(void) {
    rs_random r = rs_random_new(unit_seed(), 1);
    float squares[RS_TILE] __attribute__((aligned(64))), enough[RS_TILE] __attribute__((aligned(64)));
    size_t stopped = 0;
    for (size_t round = 0; round < 200; round++) {
        room o = furnish(&r);
        size_t rows = 1 + rs_random_below(&r, RS_TILE);
        rs_tile_fill(o.tile, rows, o.d, o.stride, o.points);
        for (size_t x = 0; x < o.d; x++)
            for (size_t i = rows; i < RS_TILE; i++) CU_ASSERT(!(fabsf(o.tile[x * RS_TILE + i]) > 0));
        double constant = rs_random_normal(&r);
        rs_tile_diagonal(squares, 1, o.d, o.tile, o.mean, o.diagonal, &constant);
        for (size_t i = 0; i < rows; i++) {
            double wanted = square(&o, o.points + i * o.stride, false, o.d) / 2;
            CU_ASSERT_DOUBLE_EQUAL((double)squares[i], constant - wanted, 1e-5 * wanted + 1e-6);
        }
        if (o.d % 2 == 0) { /* as two components of half the dimension: each has its mean, its root and its constant */
            float logs[2 * RS_TILE] __attribute__((aligned(64))), halves[2][RS_TILE] __attribute__((aligned(64)));
            double constants[2] = {constant, -constant};
            size_t half = o.d / 2;
            rs_tile_diagonal(logs, 2, half, o.tile, o.mean, o.diagonal, constants);
            for (size_t j = 0; j < 2; j++)
                rs_tile_diagonal(halves[j], 1, half, o.tile, o.mean + j * half, o.diagonal + j * half, constants + j);
            CU_ASSERT(!memcmp(logs, halves[0], sizeof halves[0]) &&
                      !memcmp(logs + RS_TILE, halves[1], sizeof halves[1]));
        }
        for (size_t i = 0; i < RS_TILE; i++) enough[i] = INFINITY;
        rs_tile_full(squares, o.d, o.tile, o.mean, o.panels, enough, o.scratch);
        for (size_t i = 0; i < rows; i++) {
            double wanted = square(&o, o.points + i * o.stride, true, o.d);
            CU_ASSERT_DOUBLE_EQUAL((double)squares[i], wanted, 1e-4 * wanted);
        }
        /* What stops early is more than enough for all, and no more than the whole. */
        for (size_t i = 0; i < RS_TILE; i++) enough[i] = (float)o.d;
        rs_tile_full(squares, o.d, o.tile, o.mean, o.panels, enough, o.scratch);
        bool all = true, less = false;
        for (size_t i = 0; i < rows; i++) {
            double whole = square(&o, o.points + i * o.stride, true, o.d);
            all = all && squares[i] > enough[i];
            less = less || (double)squares[i] < whole * (1 - 1e-3);
            CU_ASSERT((double)squares[i] < whole * (1 + 1e-4) + 1e-30);
        }
        CU_ASSERT(all || !less);
        stopped += less;
        clear(&o);
    }
    CU_ASSERT(stopped > 10);
}

static void responsibilities_are_shares(void) {
    rs_random r = rs_random_new(unit_seed(), 2);
    float logs[K * RS_TILE] __attribute__((aligned(64))), before[K * RS_TILE],
        most[RS_TILE] __attribute__((aligned(64))), sums[RS_TILE] __attribute__((aligned(64)));
    for (size_t round = 0; round < 500; round++) {
        size_t k = 1 + rs_random_below(&r, K);
        for (size_t i = 0; i < k * RS_TILE; i++)
            logs[i] = (float)(rs_random_normal(&r) * (round % 2 ? 1 : 20) * (round % 7 ? 1 : 1e20) - 50);
        memcpy(before, logs, sizeof logs);
        rs_tile_normalise(most, sums, k, logs);
        for (size_t i = 0; i < RS_TILE; i++) {
            float largest = before[i];
            double sum = 0;
            for (size_t j = 1; j < k; j++) largest = fmaxf(largest, before[j * RS_TILE + i]);
            CU_ASSERT(most[i] >= largest && most[i] <= largest);
            for (size_t j = 0; j < k; j++) {
                float x = before[j * RS_TILE + i] - largest;
                if (x >= -RS_TILE_CUT) sum += exp((double)x);
            }
            CU_ASSERT_DOUBLE_EQUAL((double)sums[i], sum, 1e-6 * sum);
            for (size_t j = 0; j < k; j++) {
                float x = before[j * RS_TILE + i] - largest;
                double wanted = x >= -RS_TILE_CUT ? exp((double)x) / sum : 0;
                CU_ASSERT_DOUBLE_EQUAL((double)logs[j * RS_TILE + i], wanted, 1e-6 * wanted);
            }
        }
    }
}

static void moments_are_sums(void) {
    rs_random random = rs_random_new(unit_seed(), 3);
    for (size_t round = 0; round < 100; round++) {
        room o = furnish(&random);
        size_t d = o.d, used = 0;
        float *tile = rs_alloc_aligned(ROWS * d, sizeof *tile), r[ROWS] __attribute__((aligned(64)));
        double *tiled = rs_alloc(2 * d, sizeof *tiled);
        const float *tiles[ROWS / RS_TILE], *weights[ROWS / RS_TILE];
        float *rows = rs_alloc_aligned(ROWS * o.stride, sizeof *rows), roots[ROWS];
        double *first = rs_alloc(d, sizeof *first), *second = rs_alloc(d * d, sizeof *second);
        for (size_t i = 0; i < ROWS; i++) r[i] = i % 3 == 1 ? 0 : (float)rs_random_unit(&random);
        for (size_t i = 0; i + RS_TILE <= ROWS; i += RS_TILE) {
            rs_tile_fill(tile + i * d, RS_TILE, d, o.stride, o.points + i * o.stride);
            tiles[i / RS_TILE] = tile + i * d;
            weights[i / RS_TILE] = r + i;
        }
        rs_tiles_moments(tiled, tiled + d, ROWS / RS_TILE, d, tiles, weights, o.mean);
        for (size_t i = 0; i < ROWS; i++)
            if (r[i] > 0) {
                roots[used] = sqrtf(r[i]);
                rs_row_weigh(rows + used * o.stride, o.stride, roots[used], o.points + i * o.stride, o.mean);
                used++;
            }
        rs_rows_add(first, second, used, d, rows, roots);
        for (size_t a = 0; a < d; a++) {
            double wanted[2] = {0}, all = 0;
            for (size_t i = 0; i < ROWS; i++) {
                double y = (double)o.points[i * o.stride + a] - (double)o.mean[a];
                all += (double)r[i] * y;
                if (i >= ROWS / RS_TILE * RS_TILE) continue;
                wanted[0] += (double)r[i] * y;
                wanted[1] += (double)r[i] * y * y;
            }
            CU_ASSERT_DOUBLE_EQUAL(tiled[a], wanted[0], 1e-4);
            CU_ASSERT_DOUBLE_EQUAL(tiled[d + a], wanted[1], 1e-4 * wanted[1]);
            CU_ASSERT_DOUBLE_EQUAL(first[a], all, 1e-4);
            for (size_t b = 0; b < d; b++) {
                double sum = 0;
                for (size_t i = 0; b >= a && i < ROWS; i++)
                    sum += (double)r[i] * ((double)o.points[i * o.stride + a] - (double)o.mean[a]) *
                           ((double)o.points[i * o.stride + b] - (double)o.mean[b]);
                CU_ASSERT_DOUBLE_EQUAL(second[a * d + b], sum, 1e-4);
            }
        }
        free(tile);
        free(tiled);
        free(rows);
        free(first);
        free(second);
        clear(&o);
    }
}

static const unit_test tests[] = {
    {"squares are the sums of their formula", squares_are_sums},
    {"responsibilities are shares", responsibilities_are_shares},
    {"moments are weighted sums", moments_are_sums},
};
UNIT_MAIN("cluster_gaussian", tests)
