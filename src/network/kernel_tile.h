/* Tiles: R rows of B panels, whose sums stay in registers from their start to the activations. For what stands in
 * kernel_body.h, which includes this file. R, B and the numbers of gates are constants wherever a function is inlined.
 */

/* Sums of a tile. Vector v = r * B + b belongs to row r and panel b; its sums are C vectors s[v * C], ... */
#define SUMS 24

/* What is added: the matrix `a` times panels, each [inputs][gates][LANES]. */
typedef struct product {
    size_t inputs;
    const float *a; /* the tile's first row */
    size_t stride;
    const float *w; /* the tile's first panel */
} product;

/* s += a W for the G gates from `from` on of panels that hold `gates` of them. */
INLINE void accumulate(const size_t R, const size_t B, const size_t G, const size_t from, const size_t gates,
                       const size_t C, const product p, lanes *s) {
    const size_t panel = p.inputs * gates * LANES;
    const float *w = p.w + from * LANES;
#define SUM(r, j) s[((r)*B + (j) / G) * C + (j) % G]
    for (size_t k = 0; k < p.inputs; k++, w += gates * LANES) {
        /* What is fewer stays in registers, what is more passes by. */
        lanes v[8];
        if (B * G <= R) {
            UNROLL for (size_t j = 0; j < B * G; j++) v[j] = load(w + j / G * panel + j % G * LANES);
            UNROLL for (size_t r = 0; r < R; r++) {
                lanes x = SPLAT(p.a[r * p.stride + k]);
                UNROLL for (size_t j = 0; j < B * G; j++) SUM(r, j) = FMA(x, v[j], SUM(r, j));
            }
        } else {
            UNROLL for (size_t r = 0; r < R; r++) v[r] = SPLAT(p.a[r * p.stride + k]);
            UNROLL for (size_t j = 0; j < B * G; j++) {
                lanes x = load(w + j / G * panel + j % G * LANES);
                UNROLL for (size_t r = 0; r < R; r++) SUM(r, j) = FMA(v[r], x, SUM(r, j));
            }
        }
    }
#undef SUM
}

typedef void (*tile)(void *user, const size_t R, const size_t B, size_t row, size_t panel);

/* R rows and B panels at a time; the last rows once more where they are no multiple, which is why nobody may write
 * where he reads. */
INLINE void band(const size_t R, const size_t B, size_t rows, size_t *panel, size_t panels, void *user, tile each) {
    for (; *panel + B <= panels; *panel += B)
        for (size_t row = 0; row < rows; row += R) each(user, R, B, row + R <= rows ? row : rows - R, *panel);
}

/* All rows and panels: tiles of TILE_ROWS rows, for one gate wider ones where there are panels for them. Rows that fill
 * no tile go one by one, with more panels. */
INLINE void tiles(const size_t gates, size_t rows, size_t panels, void *user, tile each) {
    const size_t R = TILE_ROWS(gates);
    size_t panel = 0;
    if (rows < R) {
        if (gates == 1) band(1, 8, rows, &panel, panels, user, each);
        if (gates != 4) band(1, 4, rows, &panel, panels, user, each);
        band(1, 2, rows, &panel, panels, user, each);
    } else if (gates == 1) {
        band(R / 2, 4, rows, &panel, panels, user, each);
        band(R, 2, rows, &panel, panels, user, each);
    }
    if (rows < R) band(1, 1, rows, &panel, panels, user, each);
    else band(R, 1, rows, &panel, panels, user, each);
}
