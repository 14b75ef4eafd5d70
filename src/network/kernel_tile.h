/* Tiles: R rows of B panels, whose sums stay in registers from their start to the activations. For what stands in kernel_body.h, which
 * includes this file. R, B and the numbers of gates are constants wherever a function is inlined. */

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
INLINE void accumulate(const size_t R, const size_t B, const size_t G, const size_t from, const size_t gates, const size_t C,
                       const product p, lanes *s) {
    const size_t panel = p.inputs * gates * LANES;
    const float *w = p.w + from * LANES;
    for (size_t k = 0; k < p.inputs; k++, w += gates * LANES) {
        lanes v[8];
        if (R > 1) UNROLL for (size_t j = 0; j < B * G; j++) v[j] = load(w + j / G * panel + j % G * LANES);
        UNROLL for (size_t r = 0; r < R; r++) {
            lanes x = SPLAT(p.a[r * p.stride + k]);
            UNROLL for (size_t j = 0; j < B * G; j++) {
                lanes *sum = &s[(r * B + j / G) * C + j % G];
                *sum = FMA(x, R > 1 ? v[j] : load(w + j / G * panel + j % G * LANES), *sum);
            }
        }
    }
}

/* Calls tile(user, R, B, row, panel) for all rows and panels: TILE_ROWS rows at a time, the last ones once more where they are no
 * multiple (which is why nobody may write where he reads); rows that fill no tile one by one, with more panels. */
INLINE void tiles(const size_t gates, size_t rows, size_t panels, void *user,
                  void (*tile)(void *user, const size_t R, const size_t B, size_t row, size_t panel)) {
    const size_t R = TILE_ROWS(gates), B = gates == 1 ? 2 : 1, line = gates == 1 ? 8 : gates == 3 ? 4 : 2;
    size_t panel = 0;
    if (rows >= R) {
        for (; panel + B <= panels; panel += B)
            for (size_t row = 0; row < rows; row += R) tile(user, R, B, row + R <= rows ? row : rows - R, panel);
        if (B > 1 && panel < panels)
            for (size_t row = 0; row < rows; row += R) tile(user, R, 1, row + R <= rows ? row : rows - R, panel);
        return;
    }
#define LINES(count)                                                                                  \
    if (count <= line)                                                                                \
        for (; panel + count <= panels; panel += count)                                               \
            for (size_t row = 0; row < rows; row++) tile(user, 1, count, row, panel);
    LINES(8)
    LINES(4)
    LINES(2)
    LINES(1)
#undef LINES
}
