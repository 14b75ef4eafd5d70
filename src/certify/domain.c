/* The network in double, and zones: memory and weights. */
#include "certify/domain.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/blas.h"
#include "core/status.h"

static bool gated_n(rs_cell cell) {
    return cell == RS_CELL_GRU || cell == RS_CELL_GRU_BEFORE;
}

static rs_status convert(double **out, const float *values, size_t count) {
    double *numbers = rs_alloc(count, sizeof *numbers);
    if (!numbers) return RS_EMEMORY;
    for (size_t i = 0; i < count; i++) numbers[i] = (double)values[i];
    *out = numbers;
    return RS_OK;
}

static rs_status convert_matrix(rs_dense_double *out, const float *weight, const float *bias, size_t rows,
                                size_t columns) {
    rs_status status = RS_OK;
    out->rows = rows;
    out->columns = columns;
    RS_TRY(convert(&out->weight, weight, rows * columns));
    RS_TRY(convert(&out->bias, bias, rows));
cleanup:
    return status;
}

static rs_status convert_layer(rs_layer_double *out, const rs_domain *d, const rs_recurrent *r, size_t columns) {
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
    const rs_dense_double *ih = &d->layer[0].ih;
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
    RS_TRY_ALLOC(d->more = rs_alloc(2 * d->size, sizeof *d->more));
    d->errors = d->more + d->size;
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

static void free_matrix(rs_dense_double *m) {
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
    free(d->more);
    free(d);
}

double rs_domain_work(const rs_domain *d, size_t k) {
    return (double)(d->layers * d->gates * d->hidden) * (double)(d->hidden + 8) * (double)(k + d->size);
}

rs_status rs_zone_new(rs_zone *out, const rs_domain *d, size_t steps) {
    rs_status status = RS_OK;
    rs_zone zone = {.capacity = d->size * (steps + 2)};
    size_t rows = d->gates * d->hidden, numbers, each;
    if (__builtin_add_overflow(zone.capacity, 3, &each) || __builtin_mul_overflow(each, d->size + rows, &numbers))
        numbers = SIZE_MAX;
    RS_TRY_ALLOC(zone.c = rs_alloc(numbers, sizeof *zone.c));
    RS_TRY_ALLOC(zone.product = rs_alloc(rows, sizeof *zone.product));
    zone.lo = zone.c + d->size;
    zone.hi = zone.lo + d->size;
    zone.g = zone.hi + d->size;
    *out = zone;
    zone = (rs_zone){0};
cleanup:
    rs_zone_free(&zone);
    return status;
}

void rs_zone_free(rs_zone *zone) {
    free(zone->c);
    free(zone->product);
    *zone = (rs_zone){0};
}

void rs_zone_box(rs_zone *out, const rs_domain *d, const double *lo, const double *hi) {
    out->k = d->size;
    out->multiplied = false;
    for (size_t s = 0; s < d->size; s++) {
        double *g = out->g + s * out->capacity;
        memset(g, 0, out->k * sizeof *g);
        out->lo[s] = lo[s];
        out->hi[s] = hi[s];
        out->c[s] = lo[s] + (hi[s] - lo[s]) / 2;
        g[s] = hi[s] - out->c[s];
    }
}
