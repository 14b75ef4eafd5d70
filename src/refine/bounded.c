/* What is left to say when there is no proof: all short words, and random ones. */
#include <math.h>

#include "core/alloc.h"
#include "core/status.h"
#include "refine/loop.h"
#include "refine/short.h"

#define WORK 4e9            /* multiplications for all short words, about, */
#define STEPS 4e6           /* and steps at most */
#define BYTES ((size_t)1 << 30)
#define BATCH ((size_t)2000) /* random words run at a time */
#define STREAM ((uint64_t)6000000)

static rs_status same_names(const rs_network *net, const rs_monitor *monitor) {
    if (rs_names_equal(rs_network_alphabet(net), rs_monitor_alphabet(monitor)) &&
        rs_names_equal(rs_network_outputs(net), rs_monitor_outputs(monitor)))
        return RS_OK;
    return rs_fail(RS_EUSAGE, "network and monitor have other symbols or outputs");
}

/* Random words until one makes the monitor bad. */
static rs_status random_words(rs_bounded *b, const rs_network *net, const rs_monitor *monitor, const rs_bounded_options *o,
                              const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_words *words = NULL;
    rs_trace *trace = NULL;
    rs_lengths lengths = o->lengths.max ? o->lengths : (rs_lengths){.kind = RS_LENGTHS_UNIFORM, .min = 1, .max = 16};
    size_t symbols = rs_names_count(rs_network_alphabet(net)), node;
    for (uint64_t batch = 0; b->drawn < o->words && !b->violated && !rs_context_expired(ctx); batch++) {
        size_t left = o->words - b->drawn;
        uint64_t seed = rs_context_seed(ctx) * 0x9e3779b97f4a7c15u + (STREAM + batch) * 0xbf58476d1ce4e5b9u;
        RS_TRY(rs_words_sample(&words, symbols, left < BATCH ? left : BATCH, &lengths, seed));
        RS_TRY(rs_trace_new(&trace, net, ctx));
        RS_TRY(rs_trace_add(trace, words, ctx));
        RS_TRY(rs_first_bad(&node, trace, monitor));
        if (node != SIZE_MAX) {
            b->violated = true;
            RS_TRY(rs_trace_word(&b->word, trace, node));
        } else {
            b->drawn += rs_words_count(words);
            RS_TRY(rs_words_satisfying(&b->words, words, o->assumptions[0], o->assumptions[1]));
        }
        rs_words_free(words);
        rs_trace_free(trace);
        words = NULL;
        trace = NULL;
        rs_context_progress(ctx, "random words", (double)b->drawn / (double)o->words);
    }
    b->epsilon = b->words ? rs_binomial_upper(0, b->words, b->delta) : 1;
cleanup:
    rs_words_free(words);
    rs_trace_free(trace);
    return status;
}

/* A word is said only after a run of its own. */
static rs_status replay(const rs_bounded *b, const rs_network *net, const rs_monitor *monitor, bool proved,
                        const rs_context *ctx) {
    rs_status status = RS_OK;
    uint32_t *classes = NULL;
    RS_TRY_ALLOC(classes = rs_alloc(b->word.length, sizeof *classes));
    RS_TRY(rs_network_run(net, b->word.symbols, b->word.length, classes, NULL, ctx));
    if (rs_monitor_violation(monitor, b->word.symbols, classes, b->word.length) != b->word.length)
        status = rs_fail(RS_EINTERNAL, "a word that makes the monitor bad does not do so when it is run again");
    else if (proved)
        status = rs_fail(RS_EINTERNAL, "a word of %zu symbols violates what was proved; please report it", b->word.length);
cleanup:
    free(classes);
    return status;
}

rs_status rs_bounded_check(rs_bounded *out, const rs_network *net, const rs_monitor *monitor, const rs_bounded_options *o,
                           const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_bounded b = {.delta = o->delta > 0 ? o->delta : 0.01, .epsilon = 1};
    rs_short all = {0};
    double steps = fmin(STEPS, WORK / (double)rs_network_parameters(net));
    rs_short_limits limits = {.length = o->length, .steps = o->length ? 0 : (uint64_t)steps, .bytes = BYTES};
    RS_TRY(same_names(net, monitor));
    RS_TRY(rs_short_words(&all, net, monitor, &limits, ctx));
    b.length = all.length;
    b.steps = all.steps;
    b.end = all.end;
    b.word = all.word;
    b.violated = all.word.length > 0;
    if (!b.violated) RS_TRY(random_words(&b, net, monitor, o, ctx));
    if (b.violated) RS_TRY(replay(&b, net, monitor, o->proved, ctx));
    *out = b;
    b = (rs_bounded){0};
cleanup:
    rs_bounded_clear(&b);
    return status;
}

void rs_bounded_clear(rs_bounded *b) {
    rs_word_free(&b->word);
    *b = (rs_bounded){0};
}
