/* All short words as a tree, then repeated ones: u v^k w, which reach states that no short word does (how many errors
 * of trained networks only these show: docs/proofs.md). All words of a batch are run side by side, symbol by symbol.
 * The outputs on the way count too, so that random words add little. */
#include "certify/refute.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/random.h"
#include "core/status.h"
#include "refine/short.h"

#define SHORT_STEPS 120000 /* for all short words, at most */
#define PUMPED 20000.0     /* words u v^k w at most */
#define PUMP_WORK 4e9      /* multiplications for them, about */
#define MEAN_LENGTH 150.0
#define TIMES 400
#define ROWS 512

typedef struct hunt {
    const rs_network *net;
    const rs_monitor *monitor;
    const rs_context *ctx;
    size_t symbols, size;
    bool found;
    rs_word word;
} hunt;

/* ---- Words u v^k w ---- */

/* u, v and w one behind the other. */
typedef struct pump {
    uint32_t symbol[12];
    uint32_t u, v, w, times;
} pump;

static uint32_t pump_length(const pump *p) {
    return p->u + p->v * p->times + p->w;
}

static uint32_t pump_symbol(const pump *p, uint32_t i) {
    if (i < p->u) return p->symbol[i];
    i -= p->u;
    if (i < p->v * p->times) return p->symbol[p->u + i % p->v];
    return p->symbol[p->u + p->v + i - p->v * p->times];
}

static pump random_pump(rs_random *random, size_t symbols) {
    pump p = {.u = (uint32_t)rs_random_below(random, 5),
              .v = 1 + (uint32_t)rs_random_below(random, 3),
              .w = (uint32_t)rs_random_below(random, 5)};
    /* Many are short, some as long as allowed. */
    uint32_t most = (uint32_t)1 << (2 + rs_random_below(random, 8));
    p.times = 1 + (uint32_t)rs_random_below(random, most < TIMES ? most : TIMES);
    for (size_t i = 0; i < 12; i++) p.symbol[i] = (uint32_t)rs_random_below(random, symbols);
    return p;
}

/* Runs `count` words, whose order changes: those that have ended, or that nothing bad can follow, make room. */
static rs_status run_pumps(hunt *h, pump *pumps, size_t count, float *states, uint32_t *at, uint32_t *symbol,
                           uint32_t *class) {
    rs_status status = RS_OK;
    for (size_t i = 0; i < count; i++) {
        memcpy(states + i * h->size, rs_network_initial(h->net), h->size * sizeof *states);
        at[i] = 0;
    }
    for (uint32_t t = 0; count && !rs_context_expired(h->ctx); t++) {
        size_t kept = 0;
        for (size_t i = 0; i < count; i++) symbol[i] = pump_symbol(&pumps[i], t);
        RS_TRY(rs_network_step(h->net, count, states, symbol, states, h->ctx));
        RS_TRY(rs_network_classify(h->net, count, states, class, h->ctx));
        for (size_t i = 0; i < count; i++) {
            uint32_t to = rs_monitor_next(h->monitor, at[i], symbol[i], class[i]);
            if (rs_monitor_bad(h->monitor, to)) {
                RS_TRY_ALLOC(h->word.symbols = rs_alloc(t + 1, sizeof *h->word.symbols));
                h->word.length = t + 1;
                for (uint32_t j = 0; j <= t; j++) h->word.symbols[j] = pump_symbol(&pumps[i], j);
                h->found = true;
                goto cleanup;
            }
            if (rs_monitor_safe(h->monitor, to) || t + 1 == pump_length(&pumps[i])) continue;
            pumps[kept] = pumps[i];
            at[kept] = to;
            if (kept != i) memcpy(states + kept * h->size, states + i * h->size, h->size * sizeof *states);
            kept++;
        }
        count = kept;
    }
cleanup:
    return status;
}

static rs_status pumped_words(hunt *h) {
    rs_status status = RS_OK;
    rs_random random = rs_random_new(rs_context_seed(h->ctx), 1);
    pump *pumps = NULL;
    float *states = NULL;
    uint32_t *rows = NULL;
    RS_TRY_ALLOC(pumps = rs_alloc(ROWS, sizeof *pumps));
    RS_TRY_ALLOC(states = rs_alloc(ROWS * h->size, sizeof *states));
    RS_TRY_ALLOC(rows = rs_alloc(3 * ROWS, sizeof *rows));
    double each = MEAN_LENGTH * (double)rs_network_parameters(h->net);
    size_t batches = 1 + (size_t)(fmin(PUMPED, PUMP_WORK / each) / ROWS);
    for (size_t done = 0; done < batches && !h->found; done++) {
        for (size_t i = 0; i < ROWS; i++) pumps[i] = random_pump(&random, h->symbols);
        RS_TRY(run_pumps(h, pumps, ROWS, states, rows, rows + ROWS, rows + 2 * ROWS));
    }
cleanup:
    free(pumps);
    free(states);
    free(rows);
    return status;
}

/* ---- All ---- */

/* Whether a run makes the monitor bad; then *length is where first. */
static rs_status replay(bool *bad, size_t *length, const hunt *h, const uint32_t *word, size_t n) {
    rs_status status = RS_OK;
    uint32_t *classes = NULL;
    RS_TRY_ALLOC(classes = rs_alloc(n, sizeof *classes));
    RS_TRY(rs_network_run(h->net, word, n, classes, NULL, h->ctx));
    *length = rs_monitor_violation(h->monitor, word, classes, n);
    *bad = *length != 0;
cleanup:
    free(classes);
    return status;
}

rs_status rs_refute(bool *found, rs_word *word, const char **how, const rs_network *net, const rs_monitor *monitor,
                    const rs_context *ctx) {
    rs_status status = RS_OK;
    hunt h = {.net = net, .monitor = monitor, .ctx = ctx};
    rs_short all = {0};
    const char *by = "all short words";
    bool bad = false;
    size_t length = 0;
    h.symbols = rs_names_count(rs_network_alphabet(net));
    h.size = rs_network_state_size(net);
    RS_TRY(rs_short_words(&all, net, monitor, &(rs_short_limits){.steps = SHORT_STEPS}, ctx));
    h.word = all.word;
    h.found = all.word.length > 0;
    if (!h.found) {
        by = "words u v^k w";
        RS_TRY(pumped_words(&h));
    }
    if (h.found) {
        RS_TRY(replay(&bad, &length, &h, h.word.symbols, h.word.length));
        if (!bad) {
            status = rs_fail(RS_EINTERNAL, "a word that makes the monitor bad does not do so when it is run again");
            goto cleanup;
        }
        h.word.length = length;
        *word = h.word;
        h.word = (rs_word){0};
        *how = by;
    }
    *found = h.found;
cleanup:
    rs_word_free(&h.word);
    return status;
}
