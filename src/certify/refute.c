/* All short words as a tree, then words that repeat: they reach states that no short word does (how many errors of
 * trained networks only these show: docs/proofs.md). All words of a batch are run side by side, symbol by symbol.
 * The outputs on the way count too, so that random words add little. */
#include "certify/refute.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/random.h"
#include "core/status.h"
#include "refine/short.h"

#define SHORT_STEPS 120000     /* for all short words, at most */
#define WORDS 20000.0          /* of each other kind, at most */
#define SUSPECTED_WORDS 5000.0 /* after each round of attempts, at most */
#define WORK 4e9               /* multiplications for a kind, about */
#define MEAN_LENGTH 150.0
#define TIMES 400
#define LONGEST ((size_t)1208) /* 4 + 3 * TIMES + 4 */
#define ROWS ((size_t)512)

typedef struct hunt {
    const rs_network *net;
    const rs_monitor *monitor;
    const rs_context *ctx;
    const rs_suspect *suspects; /* [suspect_count] */
    size_t symbols, size, suspect_count;
    bool found;
    rs_word word;
} hunt;

/* ---- Kinds of words: each writes one of at most LONGEST symbols and gives its length ---- */

/* u v^k w: many are short, some as long as allowed. */
static size_t pumped(uint32_t *word, rs_random *random, const hunt *h) {
    size_t symbols = h->symbols;
    size_t u = (size_t)rs_random_below(random, 5), v = 1 + (size_t)rs_random_below(random, 3);
    size_t w = (size_t)rs_random_below(random, 5), most = (size_t)1 << (2 + rs_random_below(random, 8));
    size_t end = u + v * (1 + (size_t)rs_random_below(random, most < TIMES ? most : TIMES));
    for (size_t i = 0; i < end + w; i++)
        word[i] = i < u + v || i >= end ? (uint32_t)rs_random_below(random, symbols) : word[i - v];
    return end + w;
}

/* Some words of up to 11 symbols, each repeated for a while: what one leaves behind meets the next. */
static size_t pieces(uint32_t *word, rs_random *random, const hunt *h) {
    size_t length = (size_t)30 << rs_random_below(random, 4), start = 0, period = 1;
    uint64_t stay = (uint64_t)3 << rs_random_below(random, 5); /* symbols that a piece lasts, on average */
    for (size_t i = 0; i < length; i++) {
        if (!i || !rs_random_below(random, stay)) {
            start = i;
            period = 1 + (size_t)rs_random_below(random, 11);
        }
        word[i] = i < start + period ? (uint32_t)rs_random_below(random, h->symbols) : word[i - period];
    }
    return length;
}

/* A suspect, with a piece of it repeated and up to 4 more symbols; or what leads to its region is left out. */
static size_t suspected(uint32_t *word, rs_random *random, const hunt *h) {
    const rs_suspect *s = &h->suspects[rs_random_below(random, h->suspect_count)];
    size_t from = rs_random_below(random, 4) ? 0 : s->start, length = s->length - from, more, times;
    size_t at = rs_random_below(random, length + 1), piece = 1 + rs_random_below(random, 6);
    if (piece > at) piece = at;
    times = piece ? rs_random_below(random, (uint64_t)1 << rs_random_below(random, 9)) : 0; /* less than 256 */
    more = rs_random_below(random, 5);
    memcpy(word, s->word + from, at * sizeof *word);
    for (size_t i = 0; i < times * piece && at + i < LONGEST; i++) word[at + i] = word[at + i - piece];
    size_t end = at + times * piece;
    if (end > LONGEST - RS_SUSPECT_LENGTH - 4) end = LONGEST - RS_SUSPECT_LENGTH - 4;
    memcpy(word + end, s->word + from + at, (length - at) * sizeof *word);
    end += length - at;
    for (size_t i = 0; i < more; i++) word[end + i] = (uint32_t)rs_random_below(random, h->symbols);
    return end + more ? end + more : 1;
}

typedef size_t draw(uint32_t *word, rs_random *random, const hunt *h);
static const struct kind {
    const char *name;
    draw *draw;
} kinds[] = {{"words u v^k w", pumped}, {"words of repeated pieces", pieces}};

/* A batch of words, and where the runs of those that go on are. */
typedef struct batch {
    uint32_t *words; /* [ROWS*LONGEST] */
    size_t length[ROWS], word[ROWS];
    float *states; /* [ROWS*S] */
    uint32_t at[ROWS], symbol[ROWS], class[ROWS];
} batch;

static void batch_free(batch *b) {
    if (!b) return;
    free(b->words);
    free(b->states);
    free(b);
}

static rs_status batch_new(batch **out, const hunt *h) {
    rs_status status = RS_OK;
    batch *b = rs_alloc(1, sizeof *b);
    RS_TRY_ALLOC(b);
    RS_TRY_ALLOC(b->words = rs_alloc(ROWS * LONGEST, sizeof *b->words));
    RS_TRY_ALLOC(b->states = rs_alloc(ROWS * h->size, sizeof *b->states));
    *out = b;
    b = NULL;
cleanup:
    batch_free(b);
    return status;
}

static rs_status keep(hunt *h, const uint32_t *word, size_t length) {
    rs_status status = RS_OK;
    RS_TRY_ALLOC(h->word.symbols = rs_alloc(length, sizeof *word));
    memcpy(h->word.symbols, word, length * sizeof *word);
    h->word.length = length;
    h->found = true;
cleanup:
    return status;
}

/* Runs all words; those that have ended, or that nothing bad can follow, make room. */
static rs_status run(hunt *h, batch *b) {
    rs_status status = RS_OK;
    size_t count = ROWS;
    for (size_t i = 0; i < ROWS; i++) {
        memcpy(b->states + i * h->size, rs_network_initial(h->net), h->size * sizeof *b->states);
        b->at[i] = 0;
        b->word[i] = i;
    }
    for (size_t t = 0; count && !rs_context_expired(h->ctx); t++) {
        size_t kept = 0;
        for (size_t i = 0; i < count; i++) b->symbol[i] = b->words[b->word[i] * LONGEST + t];
        RS_TRY(rs_network_step(h->net, count, b->states, b->symbol, b->states, h->ctx));
        RS_TRY(rs_network_classify(h->net, count, b->states, b->class, h->ctx));
        for (size_t i = 0; i < count; i++) {
            uint32_t to = rs_monitor_next(h->monitor, b->at[i], b->symbol[i], b->class[i]);
            if (rs_monitor_bad(h->monitor, to)) {
                status = keep(h, b->words + b->word[i] * LONGEST, t + 1);
                goto cleanup;
            }
            if (rs_monitor_safe(h->monitor, to) || t + 1 == b->length[b->word[i]]) continue;
            b->word[kept] = b->word[i];
            b->at[kept] = to;
            if (kept != i) memcpy(b->states + kept * h->size, b->states + i * h->size, h->size * sizeof *b->states);
            kept++;
        }
        count = kept;
    }
cleanup:
    return status;
}

static rs_status hunt_kind(hunt *h, batch *b, draw *next, double words, rs_random *random) {
    rs_status status = RS_OK;
    double each = MEAN_LENGTH * (double)rs_network_parameters(h->net);
    size_t batches = 1 + (size_t)(fmin(words, WORK / each) / (double)ROWS);
    for (size_t done = 0; done < batches && !h->found; done++) {
        for (size_t i = 0; i < ROWS; i++) b->length[i] = next(b->words + i * LONGEST, random, h);
        RS_TRY(run(h, b));
    }
cleanup:
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

static hunt hunt_for(const rs_network *net, const rs_monitor *monitor, const rs_context *ctx) {
    return (hunt){.net = net,
                  .monitor = monitor,
                  .ctx = ctx,
                  .symbols = rs_names_count(rs_network_alphabet(net)),
                  .size = rs_network_state_size(net)};
}

/* The word that was found, after it was run again. */
static rs_status give(bool *found, rs_word *word, hunt *h) {
    bool bad = false;
    size_t length = 0;
    *found = h->found;
    if (!h->found) return RS_OK;
    rs_status status = replay(&bad, &length, h, h->word.symbols, h->word.length);
    if (status != RS_OK) return status;
    if (!bad) return rs_fail(RS_EINTERNAL, "a word that makes the monitor bad does not do so when it is run again");
    h->word.length = length;
    *word = h->word;
    h->word = (rs_word){0};
    return RS_OK;
}

rs_status rs_refute(bool *found, rs_word *word, const char **how, const rs_network *net, const rs_monitor *monitor,
                    const rs_context *ctx) {
    rs_status status = RS_OK;
    hunt h = hunt_for(net, monitor, ctx);
    rs_short all = {0};
    rs_random random = rs_random_new(rs_context_seed(ctx), 1);
    batch *b = NULL;
    *how = "all short words";
    RS_TRY(rs_short_words(&all, net, monitor, &(rs_short_limits){.steps = SHORT_STEPS}, ctx));
    h.word = all.word;
    h.found = all.word.length > 0;
    if (!h.found) RS_TRY(batch_new(&b, &h));
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !h.found; i++) {
        *how = kinds[i].name;
        RS_TRY(hunt_kind(&h, b, kinds[i].draw, WORDS, &random));
    }
    RS_TRY(give(found, word, &h));
cleanup:
    batch_free(b);
    rs_word_free(&h.word);
    return status;
}

rs_status rs_refute_suspects(bool *found, rs_word *word, const rs_network *net, const rs_monitor *monitor,
                             const rs_suspect *suspects, size_t count, uint64_t stream, const rs_context *ctx) {
    rs_status status = RS_OK;
    hunt h = hunt_for(net, monitor, ctx);
    rs_random random = rs_random_new(rs_context_seed(ctx), stream);
    batch *b = NULL;
    h.suspects = suspects;
    h.suspect_count = count;
    RS_TRY(batch_new(&b, &h));
    RS_TRY(hunt_kind(&h, b, suspected, SUSPECTED_WORDS, &random));
    RS_TRY(give(found, word, &h));
cleanup:
    batch_free(b);
    rs_word_free(&h.word);
    return status;
}
