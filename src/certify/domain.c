/* Affine forms as the checker has them (certify/form.c says why they hold), in double. The recurrent products of all
 * gates and generators are one matrix product. Rounding errors of double are far below the slack that the search adds
 * to eps. */
#include "certify/domain.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/blas.h"
#include "core/status.h"

/* Loops over generators, for wider vectors where the machine has them; sums are in the same order. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define VECTOR __attribute__((target_clones("avx2", "default"), optimize("tree-vectorize")))
#else
#define VECTOR
#endif

typedef struct form {
    double c, err, lo, hi;
    double r; /* err + sum of |g|, once `within` was asked */
    double *g;
} form;

typedef struct matrix {
    double *weight, *bias;
    size_t rows, columns;
    rs_activation activation;
} matrix;

typedef struct layer {
    matrix ih, hh;     /* biases of the gates in ih: b_ih + b_hh, of a GRU's n gate b_ih alone */
    double *bias_size; /* [2*gates*hidden]: |b_ih|, then |b_hh| */
    double *peephole;  /* [3*hidden] or NULL */
} layer;

struct rs_domain {
    rs_cell cell;
    size_t layers, hidden, gates, symbols, size, logits, widest, capacity, works;
    layer *layer;       /* [layers] */
    double *input;      /* [symbols*gates*hidden]: W x + b of layer 0 */
    double *input_size; /* the same: |W||x| + |b_ih| */
    matrix *head;       /* [head_layers] */
    size_t head_layers;
    double threshold;
    form *z, *y, *other; /* [(gates+1)*hidden], [gates*hidden], [1]; of the head [widest] each */
    double *memory;
    form *forms; /* [S + hidden] */
};

static bool gated_n(rs_cell cell) {
    return cell == RS_CELL_GRU || cell == RS_CELL_GRU_BEFORE;
}

/* ---- Weights ---- */

static rs_status convert(double **out, const float *values, size_t count) {
    double *numbers = rs_alloc(count, sizeof *numbers);
    if (!numbers) return RS_EMEMORY;
    for (size_t i = 0; i < count; i++) numbers[i] = (double)values[i];
    *out = numbers;
    return RS_OK;
}

static rs_status convert_matrix(matrix *out, const float *weight, const float *bias, size_t rows, size_t columns) {
    rs_status status = RS_OK;
    out->rows = rows;
    out->columns = columns;
    RS_TRY(convert(&out->weight, weight, rows * columns));
    RS_TRY(convert(&out->bias, bias, rows));
cleanup:
    return status;
}

static rs_status convert_layer(layer *out, const rs_domain *d, const rs_recurrent *r, size_t columns) {
    rs_status status = RS_OK;
    size_t n = d->hidden, rows = d->gates * n, together = gated_n(d->cell) ? 2 * n : rows;
    RS_TRY(convert_matrix(&out->ih, r->weight_ih, r->bias_ih, rows, columns));
    RS_TRY(convert_matrix(&out->hh, r->weight_hh, r->bias_hh, rows, n));
    RS_TRY_ALLOC(out->bias_size = rs_alloc(2 * rows, sizeof *out->bias_size));
    for (size_t i = 0; i < rows; i++) {
        out->bias_size[i] = fabs(out->ih.bias[i]);
        out->bias_size[rows + i] = fabs(out->hh.bias[i]);
    }
    for (size_t i = 0; i < together; i++) {
        out->ih.bias[i] += out->hh.bias[i];
        out->hh.bias[i] = 0;
    }
    if (r->peephole) RS_TRY(convert(&out->peephole, r->peephole, 3 * n));
cleanup:
    return status;
}

static rs_status convert_input(rs_domain *d, const rs_network_weights *w) {
    rs_status status = RS_OK;
    const matrix *ih = &d->layer[0].ih;
    RS_TRY_ALLOC(d->input = rs_alloc(d->symbols * ih->rows, sizeof *d->input));
    RS_TRY_ALLOC(d->input_size = rs_alloc(d->symbols * ih->rows, sizeof *d->input_size));
    for (size_t s = 0; s < d->symbols; s++)
        for (size_t i = 0; i < ih->rows; i++) {
            double sum = ih->bias[i], size = d->layer[0].bias_size[i];
            for (size_t c = 0; c < ih->columns; c++) {
                double x = w->embedding ? (double)w->embedding[s * ih->columns + c] : c == s;
                sum += ih->weight[i * ih->columns + c] * x;
                size += fabs(ih->weight[i * ih->columns + c] * x);
            }
            d->input[s * ih->rows + i] = sum;
            d->input_size[s * ih->rows + i] = size;
        }
cleanup:
    return status;
}

static rs_status new_work(rs_domain *d) {
    rs_status status = RS_OK;
    size_t z = (d->gates + 1) * d->hidden, y = d->gates * d->hidden, total;
    z = z > d->widest ? z : d->widest;
    y = y > d->widest ? y : d->widest;
    RS_TRY_ALLOC(d->z = rs_alloc(z + y + 1, sizeof *d->z));
    d->works = z + y + 1;
    d->y = d->z + z;
    d->other = d->y + y;
    if (__builtin_mul_overflow(z + y + 1, d->capacity, &total)) total = SIZE_MAX;
    RS_TRY_ALLOC(d->forms = rs_alloc(d->size + d->hidden, sizeof *d->forms));
    RS_TRY_ALLOC(d->memory = rs_alloc(total, sizeof *d->memory));
cleanup:
    return status;
}

rs_status rs_domain_new(rs_domain **out, const rs_network *net, size_t steps) {
    rs_status status = RS_OK;
    const rs_network_weights *w = rs_network_arrays(net);
    rs_domain *d = rs_alloc(1, sizeof *d);
    RS_TRY_ALLOC(d);
    rs_blas_init();
    d->cell = w->cell;
    d->layers = w->layers;
    d->hidden = d->widest = w->hidden;
    d->gates = rs_cell_gates(w->cell);
    d->symbols = rs_names_count(w->alphabet);
    d->size = rs_network_state_size(net);
    d->capacity = d->size * (steps + 2);
    d->threshold = (double)w->threshold;
    RS_TRY_ALLOC(d->layer = rs_alloc(w->layers, sizeof *d->layer));
    for (size_t l = 0; l < w->layers; l++)
        RS_TRY(convert_layer(&d->layer[l], d, &w->recurrent[l], l ? w->hidden : w->input_size));
    RS_TRY(convert_input(d, w));
    RS_TRY_ALLOC(d->head = rs_alloc(w->head_layers, sizeof *d->head));
    d->head_layers = w->head_layers;
    for (size_t i = 0; i < w->head_layers; i++) {
        RS_TRY(convert_matrix(&d->head[i], w->head[i].weight, w->head[i].bias, w->head[i].rows, w->head[i].columns));
        d->head[i].activation = w->head[i].activation;
        if (w->head[i].rows > d->widest) d->widest = w->head[i].rows;
    }
    d->logits = w->head[w->head_layers - 1].rows;
    RS_TRY(new_work(d));
    *out = d;
    d = NULL;
cleanup:
    rs_domain_free(d);
    return status;
}

static void free_matrix(matrix *m) {
    free(m->weight);
    free(m->bias);
}

void rs_domain_free(rs_domain *d) {
    if (!d) return;
    for (size_t l = 0; d->layer && l < d->layers; l++) {
        free_matrix(&d->layer[l].ih);
        free_matrix(&d->layer[l].hh);
        free(d->layer[l].bias_size);
        free(d->layer[l].peephole);
    }
    for (size_t i = 0; i < d->head_layers; i++) free_matrix(&d->head[i]);
    free(d->layer);
    free(d->head);
    free(d->input);
    free(d->input_size);
    free(d->z);
    free(d->memory);
    free(d->forms);
    free(d);
}

size_t rs_domain_state_size(const rs_domain *d) {
    return d->size;
}

double rs_domain_work(const rs_domain *d, size_t k) {
    return (double)(d->layers * d->gates * d->hidden) * (double)(d->hidden + 8) * (double)(k + d->size);
}

/* ---- Zones ---- */

rs_status rs_zone_new(rs_zone *out, const rs_domain *d, size_t steps) {
    rs_zone zone = {.capacity = d->size * (steps + 2)};
    size_t each, total;
    if (__builtin_add_overflow(zone.capacity, 3, &each) || __builtin_mul_overflow(each, d->size, &total))
        total = SIZE_MAX;
    zone.c = rs_alloc(total, sizeof *zone.c);
    if (!zone.c) return RS_EMEMORY;
    zone.lo = zone.c + d->size;
    zone.hi = zone.lo + d->size;
    zone.g = zone.hi + d->size;
    *out = zone;
    return RS_OK;
}

void rs_zone_free(rs_zone *zone) {
    free(zone->c);
    *zone = (rs_zone){0};
}

void rs_zone_box(rs_zone *out, const rs_domain *d, const double *lo, const double *hi) {
    out->k = d->size;
    for (size_t s = 0; s < d->size; s++) {
        double *g = out->g + s * out->capacity;
        memset(g, 0, out->k * sizeof *g);
        out->lo[s] = lo[s];
        out->hi[s] = hi[s];
        out->c[s] = lo[s] + (hi[s] - lo[s]) / 2;
        g[s] = hi[s] - out->c[s];
    }
}

/* ---- Forms ---- */

VECTOR static double size_of(const double *g, size_t k) {
    double part[16] = {0}, sum = 0;
    size_t i = 0;
    for (; i + 16 <= k; i += 16)
        for (size_t j = 0; j < 16; j++) part[j] += fabs(g[i + j]);
    for (; i < k; i++) sum += fabs(g[i]);
    for (size_t j = 0; j < 16; j++) sum += part[j];
    return sum;
}

/* Cuts [lo, hi] to c +- r. */
static void cut(form *x, double lo, double hi) {
    x->lo = fmax(lo, x->c - x->r);
    x->hi = fmin(hi, x->c + x->r);
    if (x->lo > x->hi) x->lo = x->hi = (x->lo + x->hi) / 2;
}

static void within(form *x, size_t k, double lo, double hi) {
    x->r = x->err + size_of(x->g, k);
    cut(x, lo, hi);
}

/* out[i] = bias[i] + sum over j of weight[i*columns + j] x[j], whose rows of generators lie `stride` apart; those of
 * `out` one behind the other. */
static void affine(form *out, size_t k, const double *weight, const double *bias, size_t rows, size_t columns,
                   const form *x, size_t stride) {
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)k, (int)columns, 1, weight, (int)columns,
                x[0].g, (int)stride, 0, out[0].g, (int)k);
    for (size_t i = 0; i < rows; i++) {
        const double *w = weight + i * columns;
        double c = bias[i], middle = bias[i], radius = 0, err = 0;
        for (size_t j = 0; j < columns; j++) {
            c += w[j] * x[j].c;
            middle += w[j] * (x[j].hi + x[j].lo) / 2;
            radius += fabs(w[j]) * (x[j].hi - x[j].lo) / 2;
            err += fabs(w[j]) * x[j].err;
        }
        out[i].c = c;
        out[i].err = err;
        within(&out[i], k, middle - radius, middle + radius);
    }
}

VECTOR static void mix(double *out, size_t k, double a, const double *x, double b, const double *y) {
#pragma omp simd
    for (size_t i = 0; i < k; i++) out[i] = a * x[i] + b * y[i];
}

VECTOR static void scale(double *out, size_t k, double a, const double *x) {
#pragma omp simd
    for (size_t i = 0; i < k; i++) out[i] = a * x[i];
}

/* out = a x + b y + constant +- err */
static void combine(form *out, size_t k, double a, const form *x, double b, const form *y, double constant,
                    double err) {
    mix(out->g, k, a, x->g, b, y->g);
    out->c = a * x->c + b * y->c + constant;
    out->err = fabs(a) * x->err + fabs(b) * y->err + err;
}

static void add(form *out, size_t k, const form *x, const form *y) {
    double lo = x->lo + y->lo, hi = x->hi + y->hi;
    combine(out, k, 1, x, 1, y, 0, 0);
    within(out, k, lo, hi);
}

static void subtract(form *out, size_t k, const form *x, const form *y) {
    double lo = x->lo - y->hi, hi = x->hi - y->lo;
    combine(out, k, 1, x, -1, y, 0, 0);
    within(out, k, lo, hi);
}

static void multiply(form *out, size_t k, const form *x, const form *y) {
    double mx = (x->lo + x->hi) / 2, my = (y->lo + y->hi) / 2;
    double a = x->lo * y->lo, b = x->lo * y->hi, c = x->hi * y->lo, e = x->hi * y->hi;
    double rest = (x->hi - x->lo) * (y->hi - y->lo) / 4;
    combine(out, k, my, x, mx, y, -mx * my, rest);
    within(out, k, fmin(fmin(a, b), fmin(c, e)), fmax(fmax(a, b), fmax(c, e)));
}

/* out = slope x + [a, b], which lies in [lo, hi]; c +- r would say no more, because [a, b] is made for the range of x.
 */
static void line(form *out, size_t k, const form *x, double slope, double a, double b, double lo, double hi) {
    scale(out->g, k, slope, x->g);
    out->c = slope * x->c + (a + b) / 2;
    out->err = fabs(slope) * x->err + (b - a) / 2;
    out->lo = lo;
    out->hi = hi;
}

/* f(x) from its values at the ends, where u = f - middle is odd, between +-top, u' = top^2 - u^2, so u'' = -2 u u':
 * tanh, and the logistic function with middle = top = 1/2. */
static void curved(form *out, size_t k, const form *x, double at_lo, double at_hi, double middle, double top) {
    double lo = x->lo, hi = x->hi, width = hi - lo;
    double far = fmin(fmax(fabs(at_lo - middle), fabs(at_hi - middle)), top);
    double near = lo > 0 ? at_lo - middle : hi < 0 ? middle - at_hi : 0;
    double slope = top * top - far * far, a = at_lo - slope * lo, b = at_hi - slope * hi;
    if (width < 4 && width > 1e-9) {
        double chord = (at_hi - at_lo) / width, p = at_lo - chord * lo, q = at_hi - chord * hi;
        double bow = 2 * far * (top * top - near * near) * width * width / 8;
        double low = fmin(p, q) - (lo >= 0 ? 0 : bow), high = fmax(p, q) + (hi <= 0 ? 0 : bow);
        if (high - low < b - a) {
            slope = chord;
            a = low;
            b = high;
        }
    }
    line(out, k, x, slope, a, b, at_lo, at_hi);
}

static void tangent(form *out, size_t k, const form *x) {
    curved(out, k, x, tanh(x->lo), tanh(x->hi), 0, 1);
}

static double logistic(double x) {
    return 1 / (1 + exp(-x));
}

static void sigmoid(form *out, size_t k, const form *x) {
    curved(out, k, x, logistic(x->lo), logistic(x->hi), .5, .5);
}

static void rectify(form *out, size_t k, const form *x) {
    double lo = x->lo, hi = x->hi, slope = hi <= 0 ? 0 : lo >= 0 ? 1 : hi / (hi - lo);
    line(out, k, x, slope, 0, hi > 0 && lo < 0 ? -slope * lo : 0, fmax(lo, 0), fmax(hi, 0));
}

/* Gives every work form k generators, one form's behind the other's. */
static void arrange(rs_domain *d, size_t k) {
    for (size_t i = 0; i < d->works; i++) d->z[i].g = d->memory + i * k;
}

/* ---- One step ---- */

/* A coordinate of the new state: its errors become its own generator; a far smaller box takes the place of the others.
 */
static void settle(rs_zone *out, size_t s, form *x, size_t k, size_t own, double eps) {
    x->err += eps;
    within(x, k, x->lo - eps, x->hi + eps);
    if (x->hi - x->lo < x->r) {
        memset(x->g, 0, k * sizeof *x->g);
        x->c = (x->lo + x->hi) / 2;
        x->err = x->hi - x->c;
    }
    x->g[own] = x->err;
    x->err = 0;
    out->c[s] = x->c;
    out->lo[s] = x->lo;
    out->hi[s] = x->hi;
}

/* Forms that share their generators with coordinate s of a zone. */
static form coordinate(const rs_zone *zone, size_t s) {
    return (form){zone->c[s], 0, zone->lo[s], zone->hi[s], 0, zone->g + s * zone->capacity};
}

/* z[g*hidden + j] = W x + U h + b; of a GRU's n gate without U h, which is in y unless the reset gate acts first. */
static void sums(rs_domain *d, size_t l, size_t k, uint32_t symbol, const form *below, size_t below_stride,
                 const form *h, size_t stride) {
    const layer *at = &d->layer[l];
    size_t rows = d->gates * d->hidden, n = d->hidden;
    size_t with_h = d->cell == RS_CELL_GRU_BEFORE ? 2 * n : rows;
    if (l) affine(d->z, k, at->ih.weight, at->ih.bias, rows, n, below, below_stride);
    affine(d->y, k, at->hh.weight, at->hh.bias, with_h, n, h, stride);
    for (size_t i = 0; i < rows; i++) {
        form *z = &d->z[i], *y = &d->y[i];
        bool alone = gated_n(d->cell) && i >= 2 * n;
        double input = l ? 0 : d->input[symbol * rows + i];
        if (l && !alone) add(z, k, z, y);
        else if (!l) {
            z->c = z->lo = z->hi = input;
            z->err = 0;
            if (alone) {
                memset(z->g, 0, k * sizeof *z->g);
                continue;
            }
            memcpy(z->g, y->g, k * sizeof *z->g);
            z->c += y->c;
            z->err = y->err;
            z->lo += y->lo;
            z->hi += y->hi;
        }
    }
}

/* out = n + u (h - n), which lies between n and h. */
static void blend(form *out, size_t k, const form *n, const form *u, const form *h, form *t) {
    double a = u->lo, b = u->hi;
    double lo = fmin((1 - a) * n->lo + a * h->lo, (1 - b) * n->lo + b * h->lo);
    double hi = fmax((1 - a) * n->hi + a * h->hi, (1 - b) * n->hi + b * h->hi);
    subtract(t, k, h, n);
    multiply(t, k, u, t);
    add(out, k, n, t);
    cut(out, fmax(lo, out->lo), fmin(hi, out->hi));
}

static void gru(rs_zone *out, rs_domain *d, size_t l, size_t K, size_t own, const form *h, double eps) {
    size_t n = d->hidden;
    const matrix *hh = &d->layer[l].hh;
    form *r = d->z, *u = d->z + n, *x = d->z + 2 * n, *rh = d->z + 3 * n, *y = d->y + 2 * n;
    for (size_t j = 0; j < 2 * n; j++) sigmoid(&d->z[j], K, &d->z[j]);
    if (d->cell == RS_CELL_GRU_BEFORE) {
        for (size_t j = 0; j < n; j++) multiply(&rh[j], K, &r[j], &h[j]);
        affine(y, K, hh->weight + 2 * n * n, hh->bias + 2 * n, n, n, rh, K);
    }
    for (size_t j = 0; j < n; j++) {
        if (d->cell == RS_CELL_GRU) multiply(&y[j], K, &r[j], &y[j]);
        add(&y[j], K, &x[j], &y[j]);
        tangent(&y[j], K, &y[j]);
        form new = coordinate(out, l * n + j);
        blend(&new, K, &y[j], &u[j], &h[j], d->other);
        settle(out, l * n + j, &new, K, own + j, eps);
    }
}

/* pre += p c */
static void peep(form *pre, size_t k, const double *p, size_t i, const form *c, form *t) {
    if (!p) return;
    line(t, k, c, p[i], 0, 0, fmin(p[i] * c->lo, p[i] * c->hi), fmax(p[i] * c->lo, p[i] * c->hi));
    add(pre, k, pre, t);
}

static void lstm(rs_zone *out, rs_domain *d, size_t l, size_t k, size_t K, const form *old_c, double eps) {
    size_t n = d->hidden;
    const double *p = d->layer[l].peephole;
    form *in = d->z, *forget = d->z + n, *g = d->z + 2 * n, *o = d->z + 3 * n, *t = d->other;
    for (size_t j = 0; j < n; j++) {
        size_t s = (d->layers + l) * n + j;
        peep(&in[j], K, p, j, &old_c[j], t);
        peep(&forget[j], K, p, n + j, &old_c[j], t);
        sigmoid(&in[j], K, &in[j]);
        sigmoid(&forget[j], K, &forget[j]);
        tangent(&g[j], K, &g[j]);
        multiply(t, K, &forget[j], &old_c[j]);
        multiply(&g[j], K, &in[j], &g[j]);
        form c = coordinate(out, s), h = coordinate(out, l * n + j);
        add(&c, K, t, &g[j]);
        settle(out, s, &c, K, k + s, eps);
        peep(&o[j], K, p, 2 * n + j, &c, t);
        sigmoid(&o[j], K, &o[j]);
        tangent(t, K, &c);
        multiply(&h, K, &o[j], t);
        settle(out, l * n + j, &h, K, k + l * n + j, eps);
    }
}

bool rs_domain_step(rs_zone *out, rs_domain *d, const rs_zone *from, uint32_t symbol, double eps) {
    size_t n = d->hidden, k = from->k, K = k + d->size, S = d->size;
    form *forms = d->forms;
    if (K > from->capacity || K > out->capacity) return false;
    arrange(d, K);
    for (size_t s = 0; s < S; s++) {
        memset(from->g + s * from->capacity + k, 0, S * sizeof *from->g);
        forms[s] = coordinate(from, s);
    }
    for (size_t l = 0; l < d->layers; l++) {
        for (size_t j = 0; j < n && l; j++) forms[S + j] = coordinate(out, (l - 1) * n + j);
        sums(d, l, K, symbol, forms + S, out->capacity, forms + l * n, from->capacity);
        if (rs_cell_has_memory(d->cell)) lstm(out, d, l, k, K, forms + (d->layers + l) * n, eps);
        else if (d->gates == 3) gru(out, d, l, K, k + l * n, forms + l * n, eps);
        else
            for (size_t j = 0; j < n; j++) {
                form new = coordinate(out, l * n + j);
                if (d->cell == RS_CELL_RELU) rectify(&new, K, &d->z[j]);
                else if (d->cell == RS_CELL_TANH) tangent(&new, K, &d->z[j]);
                else sigmoid(&new, K, &d->z[j]);
                settle(out, l * n + j, &new, K, k + l * n + j, eps);
            }
    }
    out->k = K;
    for (size_t s = 0; s < S; s++)
        if (!(out->hi[s] < 1e5) || !(out->lo[s] > -1e5)) return false;
    return true;
}

/* ---- Classes ---- */

void rs_domain_classes(bool *possible, rs_domain *d, const rs_zone *zone, double eps) {
    form *x = d->forms, *y = d->z;
    size_t stride = zone->capacity;
    arrange(d, zone->k);
    for (size_t j = 0; j < d->hidden; j++) x[j] = coordinate(zone, (d->layers - 1) * d->hidden + j);
    for (size_t i = 0; i < d->head_layers; i++, x = y, y = y == d->z ? d->y : d->z) {
        const matrix *m = &d->head[i];
        affine(y, zone->k, m->weight, m->bias, m->rows, m->columns, x, stride);
        stride = zone->k;
        for (size_t r = 0; r < m->rows; r++) {
            if (m->activation == RS_ACTIVATION_RELU) rectify(&y[r], zone->k, &y[r]);
            else if (m->activation == RS_ACTIVATION_TANH) tangent(&y[r], zone->k, &y[r]);
            else if (m->activation == RS_ACTIVATION_SIGMOID) sigmoid(&y[r], zone->k, &y[r]);
        }
    }
    if (d->logits == 1) { /* class 1 iff logit > threshold */
        possible[1] = x[0].hi + eps >= d->threshold;
        possible[0] = x[0].lo - eps <= d->threshold;
        return;
    }
    for (size_t a = 0; a < d->logits; a++) {
        possible[a] = true;
        for (size_t b = 0; b < d->logits && possible[a]; b++) {
            if (a == b) continue;
            subtract(d->other, zone->k, &x[b], &x[a]);
            possible[a] = d->other->lo <= 2 * eps;
        }
    }
}

/* ---- Rounding of float32, as certify/exact.c has it ---- */

#define ACTIVATION_ERROR 0x1p-20
#define UNIT_ROUNDOFF 0x1p-24

/* |row| |x| */
static double weigh(const double *row, const double *x, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += fabs(row[i]) * x[i];
    return sum;
}

static double head_rounding(const rs_domain *d, const double *h) {
    double size = 0, error = 0;
    for (size_t j = 0; j < d->hidden; j++) size = fmax(size, h[j]);
    for (size_t i = 0; i < d->head_layers; i++) {
        const matrix *m = &d->head[i];
        double next_size = 1, next_error = 0;
        for (size_t r = 0; r < m->rows; r++) {
            double weights = 0;
            for (size_t c = 0; c < m->columns; c++) weights += fabs(m->weight[r * m->columns + c]);
            double sum = weights * size + fabs(m->bias[r]);
            double e = weights * error + sum * (double)(m->columns + 1) * 2 * UNIT_ROUNDOFF + ACTIVATION_ERROR;
            next_error = fmax(next_error, e);
            next_size = fmax(next_size, sum + e);
        }
        size = next_size;
        error = next_error;
    }
    return error;
}

/* Sizes of what is summed in a row of gates: the input's part, and the old state's. */
static void row_sizes(double *x, double *y, const rs_domain *d, size_t l, size_t row, const double *reach) {
    const layer *at = &d->layer[l];
    size_t n = d->hidden;
    *x = l ? weigh(at->ih.weight + row * n, reach + (l - 1) * n, n) + at->bias_size[row] : 0;
    for (size_t s = 0; s < d->symbols && !l; s++) *x = fmax(*x, d->input_size[s * at->ih.rows + row]);
    *y = weigh(at->hh.weight + row * n, reach + l * n, n) + at->bias_size[at->ih.rows + row];
}

static double gate_size(const rs_domain *d, size_t l, size_t row, const double *reach) {
    const double *p = d->layer[l].peephole;
    size_t n = d->hidden, g = row / n, j = row % n;
    double x, y;
    row_sizes(&x, &y, d, l, row, reach);
    return x + y + (p && g != 2 ? fabs(p[(g == 3 ? 2 : g) * n + j]) * reach[(d->layers + l) * n + j] : 0);
}

static double layer_rounding(const rs_domain *d, size_t l, const double *reach) {
    size_t n = d->hidden;
    double u = UNIT_ROUNDOFF, a = ACTIVATION_ERROR, reset = 0, worst = 0;
    double gamma = (double)(n + (l ? n : d->layer[l].ih.columns) + 3) * 2 * u;
    for (size_t j = 0; j < n && d->gates == 3; j++) reset = fmax(reset, gate_size(d, l, j, reach) * gamma + a);
    for (size_t j = 0; j < n; j++) {
        double e[4] = {0}, h = reach[l * n + j], error, error_c = 0;
        for (size_t g = 0; g < d->gates; g++) e[g] = gate_size(d, l, g * n + j, reach) * gamma + a;
        error = e[0];
        if (d->gates == 3) {
            double x, y;
            row_sizes(&x, &y, d, l, 2 * n + j, reach);
            y += y * gamma;
            error = (x + y) * gamma + reset * y + 8 * u * (x + y) + a + e[1] * (1 + h) + 16 * u + 8 * u * h;
        } else if (d->gates == 4) {
            double c = reach[(d->layers + l) * n + j];
            error_c = e[0] + e[1] * c + e[2] + 8 * u * (c + 1);
            error = e[3] + a + 8 * u;
        }
        worst = fmax(worst, fmax(error, error_c));
    }
    return worst;
}

void rs_domain_rounding(double *eps, double *eps_logit, const rs_domain *d, const double *reach) {
    *eps = 0;
    for (size_t l = 0; l < d->layers; l++) *eps = fmax(*eps, layer_rounding(d, l, reach));
    *eps_logit = head_rounding(d, reach + (d->layers - 1) * d->hidden);
}
