/* The inner loops of Gaussian mixtures (mixture.c), on tiles of points: coordinate by coordinate, RS_TILE points side
 * by side. Arrays of floats are aligned to 64 bytes. The same however they are compiled. */
#ifndef RS_CLUSTER_GAUSSIAN_H
#define RS_CLUSTER_GAUSSIAN_H

#include <stdbool.h>
#include <stddef.h>

enum { RS_TILE = 16, RS_PANEL = 6 };

/* d rounded up to whole tiles: the stride of rows. */
static inline size_t rs_tile_stride(size_t d) {
    return (d + RS_TILE - 1) / RS_TILE * RS_TILE;
}

/* tile[x*RS_TILE + i] = coordinate x of row i; what is beyond the last row is 0. */
static inline void rs_tile_put(float *tile, size_t i, size_t d, const float *row) {
    for (size_t x = 0; x < d; x++) tile[x * RS_TILE + i] = row[x];
}
void rs_tile_fill(float *tile /* [d*RS_TILE] */, size_t rows, size_t d, size_t stride, const float *points);

/* Columns of an upper triangular matrix, RS_PANEL at a time without the zeros below them, and how many numbers that is.
 */
size_t rs_panels_of(size_t d);
void rs_panels_fill(float *panels, size_t d, const float *root /* [d*d] */);

/* squares[i] = |(x_i - mean) P|^2 of a tile's points. Where that is more than enough[i] of all points, sums of fewer
 * terms do, which are more than enough[i] too. */
void rs_tile_full(float *squares /* [RS_TILE] */, size_t d, const float *tile, const float *mean, const float *panels,
                  const float *enough /* [RS_TILE] */, float *scratch /* [d*RS_TILE] */);
/* logs[j*RS_TILE+i] = constants[j] - 1/2 |(x_i - mean_j) P_j|^2 for k diagonal P, whole. */
void rs_tile_diagonal(float *logs /* [k*RS_TILE] */, size_t k, size_t d, const float *tile,
                      const float *means /* [k*d] */, const float *roots /* [k*d] */,
                      const double *constants /* [k] */);

/* logs[j*RS_TILE+i] become r_j = exp(log) / sum of exp(log) over j, 0 where the log is RS_TILE_CUT below the largest,
 * which goes to most[i]; sums[i] is the sum of exp(log - most). */
#define RS_TILE_CUT 23.0f
void rs_tile_normalise(float *most /* [RS_TILE] */, float *sums /* [RS_TILE] */, size_t k, float *logs);

/* first[a] += sum of r (x[a] - mean[a]), second[a] += sum of r (x[a] - mean[a])^2 over the points of some tiles, each
 * with its r [RS_TILE]. At most some tens of tiles, since sums are single precision. */
void rs_tiles_moments(double *first /* [d] */, double *second /* [d] */, size_t count, size_t d,
                      const float *const *tiles /* [count] */, const float *const *r /* [count] */, const float *mean);

/* row = root (x - mean) */
void rs_row_weigh(float *row /* [stride] */, size_t stride, float root, const float *x, const float *mean);
/* first[x] += sum of roots[i] row_i[x]; second[a*d+b] += sum of row_i[a] row_i[b] for a <= b. At most some hundred
 * rows. */
void rs_rows_add(double *first /* [d] */, double *second /* [d*d] */, size_t count, size_t d,
                 const float *rows /* [count*stride] */, const float *roots /* [count] */);

#endif
