/* One step of a zone, with the equations of certify/exact.c. A coordinate of the new state gets a generator of its own,
 * number k + s, which carries its errors. Forms are only as long as their generators are: in the lowest layer, k. */
#include <math.h>
#include <string.h>

#include "certify/domain.h"

/* Gives every work form room for k generators, one form's behind the other's. */
static void arrange(rs_domain *d, size_t k) {
    for (size_t i = 0; i < d->works; i++) d->z[i].g = d->memory + i * k;
}

/* Forms that share their generators with coordinate s of a zone. */
static rs_affine coordinate(const rs_zone *zone, size_t s) {
    return (rs_affine){zone->c[s], 0, zone->lo[s], zone->hi[s], 0, zone->g + s * zone->capacity};
}

/* A coordinate of the new state, from x with `live` generators: its errors become its own generator; a far smaller box
 * takes the place of the others. */
static void settle(rs_zone *out, size_t s, rs_affine *x, size_t live, size_t k, size_t own, double eps) {
    x->err += eps;
    rs_affine_within(x, live, x->lo - eps, x->hi + eps);
    if (x->hi - x->lo < x->r) {
        memset(x->g, 0, live * sizeof *x->g);
        x->c = (x->lo + x->hi) / 2;
        x->err = x->hi - x->c;
    }
    memset(x->g + live, 0, (k - live) * sizeof *x->g);
    x->g[own] = x->err;
    out->c[s] = x->c;
    out->lo[s] = x->lo;
    out->hi[s] = x->hi;
}

/* ---- Sums before the gates ---- */

/* The gates whose U h is there before r is known. */
static size_t early_rows(const rs_domain *d) {
    return (d->cell == RS_CELL_GRU_BEFORE ? 2 : d->gates) * d->hidden;
}

static void multiply_lowest(rs_domain *d, rs_zone *from) {
    const rs_dense_double *hh = &d->layer[0].hh;
    double *memory = from->g + d->size * from->capacity;
    if (from->multiplied) return;
    for (size_t i = 0; i < early_rows(d); i++) from->product[i].g = memory + i * from->k;
    rs_affine_product(from->product, from->k, from->k, hh->weight, hh->bias, early_rows(d), d->hidden, d->forms,
                      from->capacity);
    from->multiplied = true;
}

/* Of layers above: z = W x + b, and z or, for a GRU's n gate, y with U h + b added. */
static void multiply_above(rs_domain *d, size_t l, size_t k, const rs_zone *from, const rs_zone *out,
                           const rs_affine *below) {
    const rs_layer_double *at = &d->layer[l];
    size_t rows = d->gates * d->hidden, together = d->gates == 3 ? 2 * d->hidden : rows;
    rs_affine_product(d->z, k, k, at->ih.weight, at->ih.bias, rows, d->hidden, below, out->capacity);
    rs_affine_product(d->y, k, k, at->hh.weight, at->hh.bias, early_rows(d), d->hidden, d->forms + l * d->hidden,
                      from->capacity);
    for (size_t i = 0; i < together; i++) rs_affine_add(&d->z[i], k, &d->z[i], &d->y[i]);
}

static void shift(rs_affine *x, double by) {
    x->c += by;
    x->lo += by;
    x->hi += by;
}

/* The whole sum before gate row i, to read; of a GRU's n gate in the lowest layer U h + b_hh alone. */
static rs_affine before(const rs_domain *d, size_t l, const rs_zone *from, uint32_t symbol, size_t i) {
    if (l) return d->z[i];
    rs_affine sum = from->product[i];
    if (d->gates != 3 || i < 2 * d->hidden) shift(&sum, d->input[symbol * d->gates * d->hidden + i]);
    return sum;
}

/* ---- Cells ---- */

/* out = n + u (h - n), which lies between n and h. */
static void blend(rs_affine *out, size_t k, const rs_affine *n, const rs_affine *u, const rs_affine *h, rs_affine *t) {
    double a = u->lo, b = u->hi;
    double lo = fmin((1 - a) * n->lo + a * h->lo, (1 - b) * n->lo + b * h->lo);
    double hi = fmax((1 - a) * n->hi + a * h->hi, (1 - b) * n->hi + b * h->hi);
    rs_affine_subtract(t, k, h, n);
    rs_affine_multiply(t, k, u, t);
    rs_affine_add(out, k, n, t);
    rs_affine_cut(out, fmax(lo, out->lo), fmin(hi, out->hi));
}

static void gru(rs_zone *out, rs_domain *d, size_t l, const rs_zone *from, uint32_t symbol, size_t live, size_t k,
                double eps) {
    size_t n = d->hidden;
    const rs_dense_double *hh = &d->layer[l].hh;
    const rs_affine *h = d->forms + l * n;
    rs_affine *r = d->z, *u = d->z + n, *rh = d->z + 3 * n, *y = d->y + 2 * n;
    for (size_t j = 0; j < 2 * n; j++) {
        const rs_affine sum = before(d, l, from, symbol, j);
        rs_affine_sigmoid(&d->z[j], live, &sum);
    }
    if (d->cell == RS_CELL_GRU_BEFORE) {
        for (size_t j = 0; j < n; j++) rs_affine_multiply(&rh[j], live, &r[j], &h[j]);
        rs_affine_product(y, k, live, hh->weight + 2 * n * n, hh->bias + 2 * n, n, n, rh, k);
    }
    for (size_t j = 0; j < n; j++) {
        const rs_affine sum = l ? y[j] : from->product[2 * n + j];
        if (d->cell == RS_CELL_GRU) rs_affine_multiply(&y[j], live, &r[j], &sum);
        if (l) rs_affine_add(&y[j], live, &d->z[2 * n + j], &y[j]);
        else shift(&y[j], d->input[symbol * 3 * n + 2 * n + j]);
        rs_affine_tanh(&y[j], live, &y[j]);
        rs_affine new = coordinate(out, l * n + j);
        blend(&new, live, &y[j], &u[j], &h[j], d->other);
        settle(out, l * n + j, &new, live, k, from->k + l * n + j, eps + d->more[l * n + j]);
    }
}

/* out = s(sum + p c), p a peephole's weight or NULL; `out` may be what sum reads. */
static void gate(rs_affine *out, size_t k, rs_affine sum, const double *p, const rs_affine *c, rs_affine *t) {
    if (p) {
        rs_affine_scale(t, k, *p, c);
        rs_affine_add(out, k, &sum, t);
        sum = *out;
    }
    rs_affine_sigmoid(out, k, &sum);
}

static void lstm(rs_zone *out, rs_domain *d, size_t l, const rs_zone *from, uint32_t symbol, size_t live, size_t k,
                 double eps) {
    size_t n = d->hidden;
    const double *p = d->layer[l].peephole;
    const rs_affine *old_c = d->forms + (d->layers + l) * n;
    rs_affine *in = d->z, *forget = d->z + n, *g = d->z + 2 * n, *o = d->z + 3 * n, *t = d->other;
    for (size_t j = 0; j < n; j++) {
        size_t s = (d->layers + l) * n + j;
        gate(&in[j], live, before(d, l, from, symbol, j), p ? p + j : NULL, &old_c[j], t);
        gate(&forget[j], live, before(d, l, from, symbol, n + j), p ? p + n + j : NULL, &old_c[j], t);
        const rs_affine sum = before(d, l, from, symbol, 2 * n + j);
        rs_affine_tanh(&g[j], live, &sum);
        rs_affine_multiply(t, live, &forget[j], &old_c[j]);
        rs_affine_multiply(&g[j], live, &in[j], &g[j]);
        rs_affine c = coordinate(out, s), h = coordinate(out, l * n + j);
        rs_affine_add(&c, live, t, &g[j]);
        settle(out, s, &c, live, k, from->k + s, eps + d->more[s]);
        c = coordinate(out, s);
        /* o with the generators of c', too */
        rs_affine at_o = before(d, l, from, symbol, 3 * n + j);
        memcpy(o[j].g, at_o.g, (o[j].g == at_o.g ? 0 : live) * sizeof *o[j].g);
        memset(o[j].g + live, 0, (k - live) * sizeof *o[j].g);
        at_o.g = o[j].g;
        gate(&o[j], k, at_o, p ? p + 2 * n + j : NULL, &c, t);
        rs_affine_tanh(t, k, &c);
        rs_affine_multiply(&h, k, &o[j], t);
        settle(out, l * n + j, &h, k, k, from->k + l * n + j, eps + d->more[l * n + j]);
    }
}

static void elman(rs_zone *out, rs_domain *d, size_t l, const rs_zone *from, uint32_t symbol, size_t live, size_t k,
                  double eps) {
    for (size_t j = 0; j < d->hidden; j++) {
        rs_affine new = coordinate(out, l * d->hidden + j);
        const rs_affine sum = before(d, l, from, symbol, j);
        if (d->cell == RS_CELL_RELU) rs_affine_relu(&new, live, &sum);
        else if (d->cell == RS_CELL_TANH) rs_affine_tanh(&new, live, &sum);
        else rs_affine_sigmoid(&new, live, &sum);
        settle(out, l * d->hidden + j, &new, live, k, from->k + l * d->hidden + j, eps + d->more[l * d->hidden + j]);
    }
}

bool rs_domain_step(rs_zone *out, rs_domain *d, rs_zone *from, uint32_t symbol, double eps) {
    size_t n = d->hidden, S = d->size, k = from->k + S;
    if (k > from->capacity || k > out->capacity) return false;
    arrange(d, k);
    for (size_t s = 0; s < S; s++) {
        d->forms[s] = coordinate(from, s);
        if (d->layers > 1) memset(d->forms[s].g + from->k, 0, S * sizeof *from->g);
    }
    multiply_lowest(d, from);
    for (size_t l = 0; l < d->layers; l++) {
        size_t live = l ? k : from->k; /* new generators come with the layers below */
        rs_affine *below = d->forms + S;
        for (size_t j = 0; j < n && l; j++) below[j] = coordinate(out, (l - 1) * n + j);
        if (l) multiply_above(d, l, k, from, out, below);
        if (rs_cell_has_memory(d->cell)) lstm(out, d, l, from, symbol, live, k, eps);
        else if (d->gates == 3) gru(out, d, l, from, symbol, live, k, eps);
        else elman(out, d, l, from, symbol, live, k, eps);
    }
    out->k = k;
    out->multiplied = false;
    for (size_t s = 0; s < S; s++)
        if (!(out->hi[s] < 1e5) || !(out->lo[s] > -1e5)) return false;
    return true;
}

/* ---- Classes ---- */

void rs_domain_classes(bool *possible, rs_domain *d, const rs_zone *zone, double eps) {
    rs_affine *x = d->forms, *y = d->z;
    size_t stride = zone->capacity, k = zone->k;
    arrange(d, k);
    for (size_t j = 0; j < d->hidden; j++) x[j] = coordinate(zone, (d->layers - 1) * d->hidden + j);
    for (size_t i = 0; i < d->head_layers; i++, x = y, y = y == d->z ? d->y : d->z) {
        const rs_dense_double *m = &d->head[i];
        rs_affine_product(y, k, k, m->weight, m->bias, m->rows, m->columns, x, stride);
        stride = k;
        for (size_t r = 0; r < m->rows; r++) {
            if (m->activation == RS_ACTIVATION_RELU) rs_affine_relu(&y[r], k, &y[r]);
            else if (m->activation == RS_ACTIVATION_TANH) rs_affine_tanh(&y[r], k, &y[r]);
            else if (m->activation == RS_ACTIVATION_SIGMOID) rs_affine_sigmoid(&y[r], k, &y[r]);
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
            rs_affine_subtract(d->other, k, &x[b], &x[a]);
            possible[a] = d->other->lo <= 2 * eps;
        }
    }
}
