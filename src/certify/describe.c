/* Closed regions as a certificate. */
#include <math.h>
#include <string.h>

#include "certify/regions.h"
#include "core/alloc.h"
#include "core/status.h"

typedef struct description {
    rs_regions *r;
    uint32_t *hints, *number, *order; /* number [nodes]: of a node's region, UINT32_MAX: none; order [numbered] */
    size_t hint_count, hint_capacity, numbered, depth;
    double *reach;
    rs_status status;
} description;

static bool add_hint(description *d, uint32_t hint) {
    d->status = rs_reserve((void **)&d->hints, &d->hint_capacity, d->hint_count + 1, sizeof *d->hints);
    if (d->status == RS_OK) d->hints[d->hint_count++] = hint;
    return d->status == RS_OK;
}

/* All walks from zones[depth] once more, over the boxes as they are: writes down where they end. */
static bool describe(description *d, uint32_t monitor, size_t depth) {
    rs_regions *r = d->r;
    const rs_monitor *m = r->nodes->monitor;
    const rs_zone *zone = &r->zones[depth];
    bool *possible;
    if (depth == RS_WALK_LIMIT) return false;
    if (depth + 1 > d->depth) d->depth = depth + 1;
    for (size_t s = 0; s < r->nodes->size; s++) d->reach[s] = fmax(d->reach[s], fmax(-zone->lo[s], zone->hi[s]));
    for (uint32_t symbol = 0; symbol < r->nodes->symbols; symbol++) {
        if (!rs_regions_step(r, depth, symbol, &possible)) return false;
        for (uint32_t class = 0; class < r->classes; class ++) {
            if (!rs_regions_leads_on(r, possible, monitor, symbol, class)) continue;
            uint32_t to = rs_monitor_next(m, monitor, symbol, class);
            if (rs_monitor_bad(m, to)) return false;
            size_t end = rs_regions_covering(r, &r->zones[depth + 1], to);
            if (end == SIZE_MAX) {
                if (!add_hint(d, RS_CERTIFY_EXPAND) || !describe(d, to, depth + 1)) return false;
                continue;
            }
            if (d->number[end] == UINT32_MAX) {
                d->number[end] = (uint32_t)d->numbered;
                d->order[d->numbered++] = (uint32_t)end;
            }
            if (!add_hint(d, d->number[end])) return false;
        }
    }
    return true;
}

/* The part of a node's box in lo and hi, with its cuts. */
static bool describe_part(description *d, size_t node, uint32_t cut) {
    rs_regions *r = d->r;
    if (!cut) {
        rs_zone_box(&r->zones[0], r->domain, r->lo, r->hi);
        return describe(d, r->nodes->at[node].monitor, 0);
    }
    const rs_cut *halves = &r->cut[cut];
    bool good = add_hint(d, RS_CERTIFY_CUT + halves->coordinate);
    for (int upper = 0; upper < 2 && good; upper++) {
        double end = rs_regions_halve(r, halves->coordinate, upper);
        good = describe_part(d, node, halves->part[upper]);
        rs_regions_put_back(r, halves->coordinate, upper, end);
    }
    return good;
}

static rs_status fill(rs_certificate *out, const description *d) {
    rs_status status = RS_OK;
    const rs_nodes *t = d->r->nodes;
    uint32_t *monitor = NULL, *hints = NULL;
    int64_t *lo = NULL, *hi = NULL, *more = NULL;
    size_t S = t->size;
    bool some = false;
    RS_TRY_ALLOC(monitor = rs_alloc(d->numbered, sizeof *monitor));
    RS_TRY_ALLOC(lo = rs_alloc(d->numbered * S, sizeof *lo));
    RS_TRY_ALLOC(hi = rs_alloc(d->numbered * S, sizeof *hi));
    RS_TRY_ALLOC(hints = rs_memdup(d->hints, d->hint_count, sizeof *hints));
    RS_TRY_ALLOC(more = rs_alloc(S, sizeof *more));
    for (size_t s = 0; s < S; s++) { /* with some slack, as eps has */
        more[s] = (int64_t)(d->r->domain->more[s] * (63.0 / 64) * 0x1p40);
        some = some || more[s];
    }
    for (size_t i = 0; i < d->numbered; i++) {
        monitor[i] = t->at[d->order[i]].monitor;
        for (size_t s = 0; s < S; s++) {
            /* The start's box is a point, which the checker knows to half a unit. */
            int64_t slack = i ? 0 : 2;
            lo[i * S + s] = (int64_t)(t->lo[d->order[i] * S + s] * 0x1p40) - slack;
            hi[i * S + s] = (int64_t)(t->hi[d->order[i] * S + s] * 0x1p40) + slack;
        }
    }
    *out = (rs_certificate){.eps = (int64_t)ceil(d->r->attempt.eps * 0x1p40),
                            .eps_logit = (int64_t)ceil(d->r->attempt.eps_logit * 0x1p40),
                            .more = some ? more : NULL,
                            .state_size = S,
                            .regions = d->numbered,
                            .monitor = monitor,
                            .lo = lo,
                            .hi = hi,
                            .hints = hints,
                            .hint_count = d->hint_count,
                            .depth = d->depth};
    memcpy(out->sha256, rs_network_sha256(t->net), sizeof out->sha256);
    monitor = hints = NULL;
    lo = hi = NULL;
    if (some) more = NULL;
cleanup:
    free(more);
    free(monitor);
    free(hints);
    free(lo);
    free(hi);
    return status;
}

rs_status rs_regions_certificate(bool *closed, rs_certificate *out, double *reach, rs_regions *r, double eps,
                                 double eps_logit) {
    rs_status status = RS_OK;
    const rs_nodes *t = r->nodes;
    description d = {.r = r, .numbered = 1, .depth = 1, .reach = reach};
    bool good = true;
    r->attempt.eps = eps;
    r->attempt.eps_logit = eps_logit;
    for (size_t s = 0; s < t->size; s++) reach[s] = 0;
    RS_TRY_ALLOC(d.number = rs_alloc(t->count, sizeof *d.number));
    RS_TRY_ALLOC(d.order = rs_alloc(t->count, sizeof *d.order));
    for (size_t i = 1; i < t->count; i++) d.number[i] = UINT32_MAX;
    for (size_t i = 0; i < d.numbered && good; i++) {
        size_t at = d.order[i];
        rs_regions_take_box(r, at);
        good = describe_part(&d, at, t->at[at].cut);
        RS_TRY(d.status);
    }
    if (good) RS_TRY(fill(out, &d));
    *closed = good;
cleanup:
    free(d.hints);
    free(d.number);
    free(d.order);
    return status;
}

/* Certificates of this module own what they point to. */
void rs_certificate_clear(rs_certificate *z) {
    free((void *)(uintptr_t)z->more);
    free((void *)(uintptr_t)z->monitor);
    free((void *)(uintptr_t)z->lo);
    free((void *)(uintptr_t)z->hi);
    free((void *)(uintptr_t)z->hints);
    *z = (rs_certificate){0};
}
