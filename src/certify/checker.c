/* Invariant of the walk: at depth d, states[d] holds every state that the network can be in after the d symbols read
 * since the region, and the monitor is in `at`. A hint is only a guess: whatever it says is checked. */
#include <stdio.h>
#include <string.h>

#include "certify/exact.h"
#include "core/alloc.h"
#include "core/status.h"
#include "rnnsafe/certify.h"

typedef struct checker {
    const rs_certificate *certificate;
    const rs_monitor *monitor;
    const rs_proof_watch *watch;
    const rs_context *ctx;
    rs_exact *net;
    rs_exact_state states[RS_CERTIFY_DEPTH + 1];
    bool *possible;  /* [depth * classes] */
    rs_fixed *reach; /* [S], the largest |x| of all states that were met */
    rs_fixed *lo;    /* [2*S], the part of a region's box that is walked from: its lower and upper ends */
    size_t made, symbols, classes, next_hint; /* made: so many of the states */
    char *reason;
    rs_status status; /* of an interruption, or of `watch` */
} checker;

static bool refuse(checker *c, const char *what, size_t region) {
    snprintf(c->reason, 160, "region %zu: %s", region, what);
    return false;
}

static void met(checker *c, const rs_exact_state *state) {
    for (size_t s = 0; s < c->certificate->state_size; s++)
        c->reach[s] = rs_fixed_most(c->reach[s], rs_fixed_most(-state->x[s].lo, state->x[s].hi));
}

static bool inside(const checker *c, const rs_exact_state *state, uint32_t region) {
    const rs_certificate *z = c->certificate;
    for (size_t s = 0; s < z->state_size; s++)
        if (state->x[s].lo < z->lo[region * z->state_size + s] || state->x[s].hi > z->hi[region * z->state_size + s])
            return false;
    return true;
}

/* All symbols from states[depth], where the monitor is in `at`. */
static bool walk(checker *c, size_t region, size_t depth, uint32_t at) {
    const rs_certificate *z = c->certificate;
    if (depth == z->depth) return refuse(c, "a way is longer than the certificate says", region);
    bool *possible = c->possible + depth * c->classes;
    if ((c->status = rs_context_check(c->ctx)) != RS_OK) return false;
    for (uint32_t symbol = 0; symbol < c->symbols; symbol++) {
        rs_exact_state *state = &c->states[depth + 1];
        if (!rs_exact_step(state, c->net, &c->states[depth], symbol, z->eps))
            return refuse(c, "the states after a step have no bound", region);
        met(c, state);
        if (!rs_exact_classes(possible, c->net, state, z->eps_logit))
            return refuse(c, "the outputs have no bound", region);
        for (uint32_t class = 0; class < c->classes; class ++) {
            uint32_t to = rs_monitor_next(c->monitor, at, symbol, class);
            bool seen = false; /* with a lower class */
            for (uint32_t lower = 0; lower < class; lower++)
                seen = seen || (possible[lower] && rs_monitor_next(c->monitor, at, symbol, lower) == to);
            if (possible[class] && c->watch)
                c->status = c->watch->edge(c->watch, region, depth, symbol, class, possible);
            if (c->status != RS_OK) return false;
            if (!possible[class] || seen || rs_monitor_safe(c->monitor, to)) continue;
            if (rs_monitor_bad(c->monitor, to)) return refuse(c, "a bad state of the monitor is not excluded", region);
            if (c->next_hint == z->hint_count) return refuse(c, "there are too few hints", region);
            uint32_t hint = z->hints[c->next_hint++];
            if (hint == RS_CERTIFY_EXPAND) {
                if (!walk(c, region, depth + 1, to)) return false;
                continue;
            }
            if (hint >= z->regions) return refuse(c, "a hint names no region", region);
            if (z->monitor[hint] != to) return refuse(c, "a way's region has another state of the monitor", region);
            if (!inside(c, state, hint)) return refuse(c, "a way ends outside of its region", region);
        }
    }
    return true;
}

/* All from a part of a region, whole or cut in the middle as hints say. */
static bool part(checker *c, size_t region, size_t cuts) {
    const rs_certificate *z = c->certificate;
    uint32_t hint = c->next_hint < z->hint_count ? z->hints[c->next_hint] : 0;
    if (hint < RS_CERTIFY_CUT || hint == RS_CERTIFY_EXPAND) {
        rs_exact_box(&c->states[0], c->net, c->lo, c->lo + z->state_size);
        met(c, &c->states[0]);
        return walk(c, region, 0, z->monitor[region]);
    }
    if (hint - RS_CERTIFY_CUT >= z->state_size || cuts == RS_CERTIFY_CUTS)
        return refuse(c, "a cut is of no coordinate, or of too small a part", region);
    rs_fixed *lo = c->lo + (hint - RS_CERTIFY_CUT), *hi = lo + z->state_size, low = *lo, high = *hi;
    c->next_hint++;
    *hi = low + (high - low) / 2;
    if (!part(c, region, cuts + 1)) return false;
    *lo = *hi;
    *hi = high;
    if (!part(c, region, cuts + 1)) return false;
    *lo = low;
    return true;
}

/* What can be checked without a step. */
static bool well_formed(checker *c, const rs_network *net) {
    const rs_certificate *z = c->certificate;
    size_t S = rs_network_state_size(net);
    if (strncmp(z->sha256, rs_network_sha256(net), sizeof z->sha256) != 0)
        return refuse(c, "the certificate is of other weights", 0);
    if (z->state_size != S) return refuse(c, "the certificate is of another network", 0);
    if (z->eps < 0 || z->eps_logit < 0 || z->eps > RS_FIXED_ONE || z->eps_logit > RS_FIXED_ONE * 1024)
        return refuse(c, "eps is out of range", 0);
    for (size_t s = 0; s < S && z->more; s++)
        if (z->more[s] < 0 || z->more[s] > RS_FIXED_ONE) return refuse(c, "eps is out of range", 0);
    if (z->start >= z->regions || z->depth < 1 || z->depth > RS_CERTIFY_DEPTH)
        return refuse(c, "start or depth is out of range", 0);
    for (size_t r = 0; r < z->regions; r++) {
        if (z->monitor[r] >= rs_monitor_states(c->monitor))
            return refuse(c, "there is no such state of the monitor", r);
        if (rs_monitor_bad(c->monitor, z->monitor[r])) return refuse(c, "its state of the monitor is bad", r);
        for (size_t s = r * S; s < (r + 1) * S; s++)
            if (z->lo[s] > z->hi[s] || z->lo[s] <= -RS_FIXED_LIMIT / 2 || z->hi[s] >= RS_FIXED_LIMIT / 2)
                return refuse(c, "a side of the box is empty or out of range", r);
    }
    if (z->monitor[z->start] != 0) return refuse(c, "the start has another state of the monitor", z->start);
    if (!rs_exact_starts_in(c->net, z->lo + z->start * S, z->hi + z->start * S))
        return refuse(c, "the initial state is outside", z->start);
    return true;
}

/* Whether eps covers what float32 is off by at most, from all states that were met with it: docs/proofs.md. */
static bool covers_rounding(checker *c) {
    rs_fixed eps, eps_logit;
    if (!rs_exact_rounding(&eps, &eps_logit, c->net, c->reach))
        return refuse(c, "the rounding of float32 has no bound", 0);
    if (eps > c->certificate->eps || eps_logit > c->certificate->eps_logit)
        return refuse(c, "eps is less than the rounding of float32", 0);
    return true;
}

rs_status rs_certificate_check(bool *proved, char reason[160], const rs_certificate *z, const rs_network *net,
                               const rs_monitor *monitor, const rs_proof_watch *watch, const rs_context *ctx) {
    rs_status status = RS_OK;
    checker c = {.certificate = z, .monitor = monitor, .watch = watch, .ctx = ctx, .reason = reason};
    bool good = false;
    if (!rs_names_equal(rs_monitor_alphabet(monitor), rs_network_alphabet(net)) ||
        !rs_names_equal(rs_monitor_outputs(monitor), rs_network_outputs(net)))
        return rs_fail(RS_EUSAGE, "monitor and network have other symbols or outputs");
    c.symbols = rs_names_count(rs_network_alphabet(net));
    c.classes = rs_names_count(rs_network_outputs(net));
    reason[0] = 0;
    RS_TRY(rs_exact_new(&c.net, net));
    if (!(good = well_formed(&c, net))) goto cleanup;
    if (z->more) rs_exact_allow(c.net, z->more);
    for (; c.made <= z->depth; c.made++) RS_TRY(rs_exact_state_new(&c.states[c.made], c.net, c.made + 1));
    RS_TRY_ALLOC(c.possible = rs_alloc(z->depth * c.classes, sizeof *c.possible));
    RS_TRY_ALLOC(c.reach = rs_alloc(3 * z->state_size, sizeof *c.reach));
    c.lo = c.reach + z->state_size;
    for (size_t r = 0; r < z->regions && good; r++) {
        rs_context_progress(ctx, "check", (double)r / (double)z->regions);
        for (size_t s = 0, S = z->state_size; s < 2 * S; s++) c.lo[s] = (s < S ? z->lo : z->hi - S)[r * S + s];
        /* A region from which nothing bad can follow needs no proof. */
        good = rs_monitor_safe(monitor, z->monitor[r]) || part(&c, r, 0);
    }
    if (good && c.next_hint != z->hint_count) good = refuse(&c, "there are too many hints", z->regions - 1);
    good = good && covers_rounding(&c);
    status = c.status;
cleanup:
    for (size_t i = 0; i < c.made; i++) rs_exact_state_free(&c.states[i]);
    free(c.possible);
    free(c.reach);
    rs_exact_free(c.net);
    if (status == RS_OK) *proved = good;
    return status;
}
