/* What is recorded before the loop: words to make machines from, short words to compare with, words to validate on. */
#include "core/status.h"
#include "refine/loop.h"

#define SHORT_NODES ((size_t)8000)   /* nodes of the exhaustive tree */
#define RECORDED_NODES ((size_t)800) /* of its upper part, which machines are made from */
#define VALIDATION_WORDS ((size_t)1000)
#define HELD_OUT ((size_t)4) /* passive: words that machines are made from for each one that is kept for validation */

/* The greatest length such that there are at most `limit` words of length 1 to it. */
static size_t depth_within(size_t m, size_t limit) {
    size_t depth = 0, total = 0, level = 1;
    while (level <= limit / m && total + level * m <= limit && depth < 64) {
        level *= m;
        total += level;
        depth++;
    }
    return depth ? depth : 1;
}

/* Records all words of length 1 to `depth`. */
static rs_status add_short_words(rs_trace *trace, const rs_refinement *r, size_t depth) {
    rs_words *words = NULL;
    rs_status status = rs_words_all(&words, rs_names_count(rs_network_alphabet(r->net)), depth, SIZE_MAX);
    if (status == RS_OK) status = rs_trace_add(trace, words, &r->ctx);
    rs_words_free(words);
    return status;
}

/* Random words of a stream, and their tree. */
static rs_status record_random(rs_words **out, rs_trace **tree, const rs_refinement *r, size_t count, uint64_t stream) {
    rs_status status = RS_OK;
    rs_words *words = NULL;
    rs_trace *trace = NULL;
    RS_TRY(rs_words_sample(&words, rs_names_count(rs_network_alphabet(r->net)), count, &r->o.lengths,
                           rs_loop_seed(r, stream)));
    RS_TRY(rs_trace_new(&trace, r->net, &r->ctx));
    RS_TRY(rs_trace_add(trace, words, &r->ctx));
    *tree = trace;
    *out = words;
    trace = NULL;
    words = NULL;
cleanup:
    rs_trace_free(trace);
    rs_words_free(words);
    return status;
}

/* Given words, apart: every fifth for validation. */
static rs_status record_given(rs_refinement *r) {
    rs_status status = RS_OK;
    rs_words *words = NULL;
    RS_TRY(rs_words_new(&words));
    RS_TRY(rs_words_new(&r->validation_words));
    for (size_t i = 0; i < rs_words_count(r->o.given); i++) {
        size_t length;
        const uint32_t *word = rs_words_get(r->o.given, i, &length);
        RS_TRY(rs_words_add(i % (HELD_OUT + 1) == HELD_OUT ? r->validation_words : words, word, length));
    }
    RS_TRY(rs_trace_new(&r->trace, r->net, &r->ctx));
    RS_TRY(rs_trace_add(r->trace, words, &r->ctx));
    RS_TRY(rs_trace_new(&r->validation, r->net, &r->ctx));
    RS_TRY(rs_trace_add(r->validation, r->validation_words, &r->ctx));
cleanup:
    rs_words_free(words);
    return status;
}

rs_status rs_loop_record(rs_refinement *r) {
    rs_status status = RS_OK;
    rs_words *words = NULL;
    double start = rs_now();
    size_t m = rs_names_count(rs_network_alphabet(r->net));
    size_t validation = r->o.passive ? 1 + r->o.words / HELD_OUT : VALIDATION_WORDS;
    bool given = r->o.given && rs_words_count(r->o.given);
    if (r->o.passive && given) RS_TRY(record_given(r));
    else {
        RS_TRY(record_random(&words, &r->trace, r, r->o.words, RS_STREAM_RECORD));
        RS_TRY(record_random(&r->validation_words, &r->validation, r, validation, RS_STREAM_VALIDATION));
    }
    if (!r->o.passive) {
        if (given) RS_TRY(rs_trace_add(r->trace, r->o.given, &r->ctx));
        RS_TRY(add_short_words(r->trace, r, depth_within(m, RECORDED_NODES)));
        r->exhaustive = depth_within(m, SHORT_NODES);
        RS_TRY(rs_trace_new(&r->short_words, r->net, &r->ctx));
        RS_TRY(add_short_words(r->short_words, r, r->exhaustive));
    }
cleanup:
    rs_words_free(words);
    r->seconds_trace += rs_now() - start;
    return status;
}
