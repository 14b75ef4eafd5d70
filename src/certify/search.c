/* The portfolio: attempts from scratch, cheapest first, in rounds of growing work for fewer and fewer of them. Only
 * what the checker accepts counts. eps is what float32 needs where the states are: guessed from the words of the tree,
 * corrected by what the regions reach. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "certify/refute.h"
#include "certify/regions.h"
#include "core/alloc.h"
#include "core/status.h"

#define ROUNDS 12
#define FIRST_WORK 1.5e9
#define PROMISING .25
#define HEADROOM_STEPS 12
#define SUSPECTS ((size_t)32)
#define FIRST_STREAM 5 /* of random numbers; lower ones are others' */
#define MARGIN 1.02    /* of eps, over what float32 needs */

/* Values, and the round from which on they are tried. */
static const struct {
    double tolerance;
    size_t tree_depth, round;
} covers[] = {{1, 6, 0}, {2, 6, 0}, {.12, 8, 0}, {.06, 9, 0}, {.25, 6, 1}, {.5, 6, 2}, {.03, 11, 4}, {.015, 11, 4}};
static const struct {
    size_t walk, longest;
    double reach;
    size_t round;
} walks[] = {{1, 14, .7, 0}, {4, 14, 1, 1}, {1, 24, .5, 1}};
static const struct {
    double part;
    size_t round;
} widenings[] = {{.05, 0}, {.2, 3}};
/* In the network's shape, with new nodes and cuts. */
static const struct {
    double tolerance;
    size_t tree_depth, round;
} shaped[] = {{.12, 8, 0}, {.25, 6, 2}, {.06, 9, 2}};
#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ATTEMPTS (COUNT(covers) * COUNT(walks) * COUNT(widenings) + COUNT(shaped))

typedef struct search {
    rs_certify_result *result;
    const rs_network *net;
    const rs_monitor *monitor;
    rs_regions *regions;
    rs_context ctx;        /* with the search's own deadline */
    double *reach, *limit; /* [S] */
    double eps, eps_logit, wanted;
    double end;                    /* processor time of this thread */
    rs_attempt found;              /* that closed the regions */
    rs_suspect suspects[SUSPECTS]; /* of the last attempts that failed */
    size_t suspected;              /* so many in all */
    bool hurried;                  /* attempts end when their work is done, however near they are */
} search;

static const char *outcome_text(rs_outcome outcome) {
    static const char *const texts[] = {"regions closed",       "an output could not be decided",
                                        "states without bound", "too many regions",
                                        "too much work",        "no time left"};
    return texts[outcome];
}

static void describe(char *out, size_t size, const rs_attempt *a) {
    int used = snprintf(out, size, "%stolerance %g, tree %zu, walks of %zu", a->shaped ? "shaped, " : "", a->tolerance,
                        a->tree_depth, a->walk);
    if (a->longest > a->walk) used += snprintf(out + used, size - used, " to %zu, reach %g", a->longest, a->reach);
    snprintf(out + used, size - used, ", widening %g", a->widen);
}

/* What failed, and where: the word as far as there is room for it. */
static void explain(search *s, rs_outcome outcome, const char *how) {
    const rs_regions *r = s->regions;
    const rs_names *alphabet = rs_network_alphabet(s->net);
    char word[80] = "";
    size_t used = 0;
    for (size_t i = 0; i < r->depth && used < sizeof word; i++)
        used +=
            (size_t)snprintf(word + used, sizeof word - used, "%s%s", i ? " " : "", rs_names_get(alphabet, r->word[i]));
    snprintf(s->result->reason, sizeof s->result->reason,
             "%s after \"%s%s\" from region %zu, state %" PRIu32 " of the monitor (%s)", outcome_text(outcome), word,
             used < sizeof word ? "" : "...", r->node, r->nodes->at[r->node].monitor, how);
}

/* Remembers the word of an attempt that failed. */
static void suspect(search *s) {
    const rs_regions *r = s->regions;
    rs_suspect *word = &s->suspects[s->suspected++ % SUSPECTS];
    word->start = rs_nodes_word(word->word, r->nodes, r->node, RS_SUSPECT_LENGTH - r->depth);
    word->length = word->start + r->depth;
    memcpy(word->word + word->start, r->word, r->depth * sizeof *r->word);
}

/* eps for states within `reach`, a little more than needed, and no less than before; beyond it each coordinate of an
 * LSTM's memory has what it needs itself. */
static void set_eps(search *s, const double *reach) {
    rs_domain *d = s->regions->domain;
    size_t units = rs_network_units(s->net);
    double largest = s->wanted / MARGIN, eps, eps_logit;
    rs_domain_rounding(&eps, &eps_logit, d, reach);
    for (size_t i = 0; i < units; i++) largest = fmax(largest, d->errors[i]);
    s->eps = fmax(s->eps, MARGIN * largest + 0x1p-30);
    s->eps_logit = fmax(s->eps_logit, MARGIN * eps_logit + 0x1p-30);
    for (size_t i = units; i < d->size; i++) d->more[i] = fmax(d->more[i], MARGIN * d->errors[i] + 0x1p-30 - s->eps);
}

/* Whether the regions that were closed make a certificate that the checker accepts. */
static rs_status certify(bool *proved, search *s, const rs_attempt *attempt, double eps, double eps_logit) {
    rs_status status = RS_OK;
    rs_certificate certificate = {0};
    bool closed = false;
    char reason[160] = "";
    double needed, needed_logit;
    *proved = false;
    RS_TRY(rs_regions_certificate(&closed, &certificate, s->reach, s->regions, eps, eps_logit));
    if (!closed) {
        snprintf(s->result->reason, sizeof s->result->reason, "regions are not closed with eps %.3g", eps);
        goto cleanup;
    }
    rs_domain_rounding(&needed, &needed_logit, s->regions->domain, s->reach);
    if (needed > eps || needed_logit > eps_logit) { /* the checker would find the same, later */
        snprintf(s->result->reason, sizeof s->result->reason, "eps %.3g is less than the rounding of float32", eps);
        goto cleanup;
    }
    RS_TRY(rs_certificate_check(proved, reason, &certificate, s->net, s->monitor, NULL, &s->ctx));
    if (!*proved) {
        snprintf(s->result->reason, sizeof s->result->reason, "the checker refused: %s", reason);
        goto cleanup;
    }
    rs_certificate_clear(&s->result->certificate);
    s->result->certificate = certificate;
    certificate = (rs_certificate){0};
    s->result->eps = eps;
    if (s->result->verdict != RS_CERTIFY_PROVED) describe(s->result->method, sizeof s->result->method, attempt);
    s->result->verdict = RS_CERTIFY_PROVED;
cleanup:
    rs_certificate_clear(&certificate);
    return status;
}

/* The largest |x| on the long words of the tree; where cells have a bound, that. */
static void first_limits(search *s) {
    const rs_trace *trace = s->regions->nodes->trace;
    size_t S = rs_network_state_size(s->net);
    size_t bounded = rs_network_cell(s->net) == RS_CELL_RELU ? 0 : rs_network_units(s->net);
    const float *states = rs_trace_states(trace);
    for (size_t i = 0; i < rs_trace_size(trace); i++)
        for (size_t j = 0; j < S; j++) s->limit[j] = fmax(s->limit[j], 2 * fabs((double)states[i * S + j]));
    for (size_t j = 0; j < bounded; j++) s->limit[j] = 1;
    set_eps(s, s->limit);
}

/* Attempt number i, and the round from which on it is made. */
static rs_attempt attempt_number(size_t i, size_t *round) {
    if (i < COUNT(shaped)) {
        *round = shaped[i].round;
        return (rs_attempt){.shaped = true,
                            .tolerance = shaped[i].tolerance,
                            .tree_depth = shaped[i].tree_depth,
                            .walk = 1,
                            .longest = 14,
                            .reach = .7,
                            .narrow = .7,
                            .cuts = RS_CERTIFY_CUTS,
                            .widen = .02};
    }
    i -= COUNT(shaped);
    size_t widening = i % COUNT(widenings), walk = i / COUNT(widenings) % COUNT(walks);
    size_t cover = i / COUNT(widenings) / COUNT(walks);
    *round = covers[cover].round + walks[walk].round + widenings[widening].round;
    return (rs_attempt){.tolerance = covers[cover].tolerance,
                        .tree_depth = covers[cover].tree_depth,
                        .walk = walks[walk].walk,
                        .longest = walks[walk].longest,
                        .reach = walks[walk].reach,
                        .widen = widenings[widening].part};
}

/* An attempt, and the share of its boxes that were still to be walked from when all of its work was done; INFINITY: it
 * failed. */
typedef struct candidate {
    size_t number;
    double open;
} candidate;

/* Walks until the boxes are closed or all work is done. When few are left to be walked from, and ever fewer, there is
 * more work at once. */
static rs_status walk_on(rs_outcome *outcome, search *s, rs_attempt *a, rs_beginning beginning) {
    rs_status status = RS_OK;
    double open, before = 1;
    char how[120];
    for (;; beginning = RS_FROM_WAITING, a->work *= 3) {
        RS_TRY(rs_regions_close(outcome, s->regions, a, beginning, &s->ctx));
        open = rs_regions_open(s->regions);
        describe(how, sizeof how, a);
        rs_context_log(&s->ctx, 2, "certify: %s: %s at depth %zu, %zu nodes, %zu cuts, %.0f %% open", how,
                       outcome_text(*outcome), s->regions->depth, s->regions->nodes->count, s->regions->cuts - 1,
                       100 * open);
        if (*outcome != RS_ATTEMPT_WORK || s->hurried || open > PROMISING || open > before * .75) break;
        before = open;
    }
    s->result->attempts++;
    if (*outcome != RS_ATTEMPT_CLOSED) {
        explain(s, *outcome, how);
        suspect(s);
    }
cleanup:
    return status;
}

/* One attempt, and its certificate; again when the regions reach further than eps was made for. */
static rs_status try_attempt(bool *proved, candidate *c, search *s, rs_attempt *a, rs_beginning beginning) {
    rs_status status = RS_OK;
    rs_outcome outcome = RS_ATTEMPT_WORK;
    double needed, needed_logit;
    *proved = false;
    for (int again = 0; again < 4 && !*proved; again++) {
        a->eps = s->eps;
        a->eps_logit = s->eps_logit;
        RS_TRY(walk_on(&outcome, s, a, beginning));
        c->open = outcome == RS_ATTEMPT_WORK ? rs_regions_open(s->regions) : INFINITY;
        if (outcome != RS_ATTEMPT_CLOSED && beginning == RS_FROM_SCRATCH) break;
        beginning = outcome == RS_ATTEMPT_CLOSED ? RS_FROM_BOXES : RS_FROM_SCRATCH;
        if (outcome != RS_ATTEMPT_CLOSED) continue;
        RS_TRY(certify(proved, s, a, a->eps, a->eps_logit));
        if (!*proved) rs_context_log(&s->ctx, 2, "certify: %s", s->result->reason);
        rs_domain_rounding(&needed, &needed_logit, s->regions->domain, s->reach);
        if (needed <= a->eps && needed_logit <= a->eps_logit) break;
        set_eps(s, s->reach);
    }
cleanup:
    return status;
}

static void sort_by_open(candidate *c, size_t count) {
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0 && c[j].open < c[j - 1].open; j--) {
            candidate t = c[j];
            c[j] = c[j - 1];
            c[j - 1] = t;
        }
}

static bool out_of_time(const search *s) {
    return rs_processor_seconds() > s->end || rs_context_expired(&s->ctx);
}

static void violated(search *s, const char *how) {
    s->result->verdict = RS_CERTIFY_VIOLATED;
    snprintf(s->result->method, sizeof s->result->method, "%s", how);
    s->result->reason[0] = 0;
}

/* When attempts failed since `before` had, looks for words like those on which the last ones did. */
static rs_status refute_again(search *s, size_t before) {
    bool found = false;
    size_t known = s->suspected < SUSPECTS ? s->suspected : SUSPECTS;
    if (s->suspected == before) return RS_OK;
    rs_status status = rs_refute_suspects(&found, &s->result->word, s->net, s->monitor, s->suspects, known,
                                          FIRST_STREAM + before, &s->ctx);
    if (found) violated(s, "words on which a proof failed");
    return status;
}

/* Rounds of growing work. What failed, other than by all of its work being done, fails again; of the others the half
 * that came nearer to an end goes on. */
static rs_status prove(search *s) {
    rs_status status = RS_OK;
    candidate alive[ATTEMPTS];
    size_t count = 0;
    bool proved;
    for (size_t round = 0; round < ROUNDS; round++) {
        size_t before = s->suspected;
        for (size_t i = 0; i < ATTEMPTS; i++) {
            size_t first;
            attempt_number(i, &first);
            if (first == round) alive[count++] = (candidate){i, 0};
        }
        for (size_t i = 0; i < count; i++) {
            size_t first;
            rs_attempt a = attempt_number(alive[i].number, &first);
            a.work = FIRST_WORK * pow(3, (double)round);
            a.end = s->end;
            if (out_of_time(s)) return RS_OK;
            RS_TRY(try_attempt(&proved, &alive[i], s, &a, RS_FROM_SCRATCH));
            s->found = a;
            if (proved) return RS_OK;
        }
        sort_by_open(alive, count);
        while (count && alive[count - 1].open == INFINITY) count--;
        count = (count + 1) / 2;
        if (out_of_time(s)) return RS_OK;
        RS_TRY(refute_again(s, before));
        if (s->result->verdict == RS_CERTIFY_VIOLATED) return RS_OK;
    }
cleanup:
    return status;
}

/* A proof with a larger eps: by the regions as they are, if they are `closed`, or from their boxes; or else by an
 * attempt of the same kind. */
static rs_status prove_larger(bool *proved, search *s, bool closed, double eps, double eps_logit) {
    rs_status status = RS_OK;
    candidate one = {0};
    rs_attempt a = s->found;
    *proved = false;
    s->eps = eps;
    s->eps_logit = eps_logit;
    if (closed) RS_TRY(certify(proved, s, &a, eps, eps_logit));
    if (!*proved) RS_TRY(try_attempt(proved, &one, s, &a, closed ? RS_FROM_BOXES : RS_FROM_SCRATCH));
cleanup:
    return status;
}

/* eps grows to four times as much as long as that goes, and then towards what failed; eps_logit grows alike. */
static rs_status find_headroom(search *s) {
    rs_status status = RS_OK;
    rs_certify_result *r = s->result;
    double eps = r->eps, good = eps, bad = INFINITY, logit = (double)r->certificate.eps_logit * 0x1p-40 / eps;
    size_t attempts = r->attempts;
    bool proved = true;
    s->found.work = 2 * s->regions->work;
    s->hurried = true;
    for (int i = 0; i < HEADROOM_STEPS && bad / good > 1.5; i++) {
        if (out_of_time(s)) break;
        double next = bad == INFINITY ? 4 * good : sqrt(good * bad);
        RS_TRY(prove_larger(&proved, s, proved, next, logit * next));
        if (proved) good = r->eps;
        else bad = next;
    }
    r->headroom = r->eps;
    r->eps = eps;
    r->attempts = attempts;
cleanup:
    return status;
}

static rs_status same_names(const rs_network *net, const rs_monitor *monitor, const rs_automaton *guide) {
    if (!rs_names_equal(rs_network_alphabet(net), rs_monitor_alphabet(monitor)) ||
        !rs_names_equal(rs_network_outputs(net), rs_monitor_outputs(monitor)) ||
        (guide && !rs_names_equal(rs_network_alphabet(net), rs_automaton_alphabet(guide))))
        return rs_fail(RS_EUSAGE, "network, monitor and guide have other symbols or outputs");
    return RS_OK;
}

rs_status rs_certify(rs_certify_result *out, const rs_network *net, const rs_monitor *monitor,
                     const rs_certify_options *options, const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_certify_result result = {.verdict = RS_CERTIFY_UNKNOWN, .reason = "no time left before the first attempt"};
    search s = {.result = &result, .net = net, .monitor = monitor, .wanted = options->eps};
    size_t S = rs_network_state_size(net);
    const char *how = NULL;
    bool found = false;
    s.ctx = ctx ? *ctx : *rs_context_default();
    s.end = rs_processor_seconds() + (options->seconds > 0 ? options->seconds : 15);
    RS_TRY(same_names(net, monitor, options->guide));
    RS_TRY(rs_regions_new(&s.regions, net, monitor, options->guide, &s.ctx));
    RS_TRY_ALLOC(s.reach = rs_alloc(S, sizeof *s.reach));
    RS_TRY_ALLOC(s.limit = rs_alloc(S, sizeof *s.limit));
    RS_TRY(rs_refute(&found, &result.word, &how, net, monitor, &s.ctx));
    if (found) {
        violated(&s, how);
    } else {
        first_limits(&s);
        RS_TRY(prove(&s));
        if (result.verdict == RS_CERTIFY_PROVED && options->headroom) RS_TRY(find_headroom(&s));
        if (result.verdict == RS_CERTIFY_PROVED) result.reason[0] = 0;
    }
    *out = result;
    result = (rs_certify_result){0};
cleanup:
    rs_certify_result_clear(&result);
    rs_regions_free(s.regions);
    free(s.reach);
    free(s.limit);
    return status;
}

void rs_certify_result_clear(rs_certify_result *result) {
    rs_certificate_clear(&result->certificate);
    rs_word_free(&result->word);
    *result = (rs_certify_result){0};
}
