/* What is recorded: words to make machines from, words to compare with, words to validate on. */
#include "core/status.h"
#include "refine/loop.h"

#define SHORT_NODES ((size_t)2000)   /* nodes of the exhaustive tree, */
#define WATCHED_NODES ((size_t)8000) /* and where properties are watched in it */
#define TEST_FLOATS ((size_t)1 << 24) /* states of all tests */
#define RECORDED_NODES ((size_t)800) /* of its upper part, which machines are made from */
#define VALIDATION_WORDS ((size_t)1000)
#define BATCH_SYMBOLS 200000.0
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

/* The nodes that a quarter of the memory holds. */
static size_t quarter(const rs_network *net, const rs_refine_options *o) {
    return o->memory ? o->memory / 4 / rs_trace_node_bytes(net) : SIZE_MAX;
}

rs_status rs_loop_memory(const rs_network *net, const rs_refine_options *o) {
    size_t m = rs_names_count(rs_network_alphabet(net));
    if (quarter(net, o) > m) return RS_OK;
    return rs_fail(RS_EUSAGE, "a memory of %zu bytes is too little to record words of this network: give %zu or more (--memory)",
                   o->memory, 4 * (m + 1) * rs_trace_node_bytes(net));
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

rs_status rs_loop_batch(rs_words **out, const rs_network *net, const rs_refine_options *o, uint64_t seed, uint64_t batch,
                        size_t most) {
    const rs_lengths *l = &o->lengths;
    double mean = l->kind == RS_LENGTHS_UNIFORM ? 0.5 * ((double)l->min + (double)l->max) : (double)l->min + 1 / l->stop;
    double room = (double)quarter(net, o), fit = (room < BATCH_SYMBOLS ? room : BATCH_SYMBOLS) / (mean + 1);
    size_t count = fit < 1 ? 1 : fit < (double)most ? (size_t)fit : most;
    return rs_words_sample(out, rs_names_count(rs_network_alphabet(net)), count, l, seed + batch * 0x94d049bb133111ebu);
}

rs_status rs_loop_sample(rs_words **out, const rs_refinement *r, uint64_t stream, uint64_t batch, size_t most) {
    return rs_loop_batch(out, r->net, &r->o, rs_loop_seed(r, stream), batch, most);
}

rs_status rs_loop_tree(rs_trace **out, const rs_refinement *r, const rs_words *words) {
    rs_trace *trace = NULL;
    rs_status status = rs_trace_new(&trace, r->net, &r->ctx);
    if (status == RS_OK) status = rs_trace_add(trace, words, &r->ctx);
    if (status == RS_OK) *out = trace;
    else rs_trace_free(trace);
    return status;
}

rs_status rs_loop_record_random(rs_trace *trace, const rs_network *net, const rs_refine_options *o, uint64_t seed, size_t count,
                                const rs_refinement *budget, const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_words *words = NULL;
    rs_end end;
    for (size_t done = 0, batch = 0; done < count && !rs_trace_cut(trace); batch++) {
        if (budget && done && rs_loop_spent(budget, &end)) break;
        RS_TRY(rs_loop_batch(&words, net, o, seed, batch, count - done));
        RS_TRY(rs_trace_add(trace, words, ctx));
        done += rs_words_count(words);
        rs_words_free(words);
        words = NULL;
    }
cleanup:
    rs_words_free(words);
    return status;
}

static rs_status record_random(rs_trace *trace, const rs_refinement *r, size_t count, uint64_t stream) {
    return rs_loop_record_random(trace, r->net, &r->o, rs_loop_seed(r, stream), count, r, &r->ctx);
}

/* Given words, apart: every fifth for validation. */
static rs_status record_given(rs_refinement *r) {
    rs_status status = RS_OK;
    rs_words *words = NULL, *held_out = NULL;
    RS_TRY(rs_words_new(&words));
    RS_TRY(rs_words_new(&held_out));
    for (size_t i = 0; i < rs_words_count(r->o.given); i++)
        RS_TRY(rs_words_add_word(i % (HELD_OUT + 1) == HELD_OUT ? held_out : words, r->o.given, i));
    RS_TRY(rs_trace_add(r->trace, words, &r->ctx));
    RS_TRY(rs_trace_new(&r->validation, r->net, &r->ctx));
    rs_trace_limit(r->validation, r->o.memory / 4);
    RS_TRY(rs_trace_add(r->validation, held_out, &r->ctx));
    r->record_cut = rs_trace_cut(r->validation);
cleanup:
    rs_words_free(words);
    rs_words_free(held_out);
    return status;
}

/* Words with the kinds of symbols alike, of the finest machine where they are few: noise makes every symbol its own kind. */
static rs_status add_even_words(rs_trace *trace, const rs_refinement *r) {
    rs_status status = RS_OK;
    rs_words *lengths = NULL, *words = NULL;
    RS_TRY(rs_words_new(&words));
    RS_TRY(rs_loop_sample(&lengths, r, RS_STREAM_VALIDATION, 0, VALIDATION_WORDS));
    for (size_t i = r->kept_count; i-- && !rs_words_count(words);)
        RS_TRY(rs_loop_even_words(words, r->kept[i].machine, lengths, rs_loop_seed(r, RS_STREAM_VALIDATION + 1)));
    RS_TRY(rs_trace_add(trace, words, &r->ctx));
cleanup:
    rs_words_free(lengths);
    rs_words_free(words);
    return status;
}

rs_status rs_loop_validation(rs_refinement *r) {
    rs_status status = RS_OK;
    rs_trace *trace = NULL;
    if (r->validation) return RS_OK;
    RS_TRY(rs_trace_new(&trace, r->net, &r->ctx));
    rs_trace_limit(trace, r->o.memory / 4);
    RS_TRY(record_random(trace, r, r->o.passive ? 1 + r->o.words / HELD_OUT : VALIDATION_WORDS, RS_STREAM_VALIDATION));
    if (!r->o.passive) RS_TRY(add_even_words(trace, r));
    r->record_cut = r->record_cut || rs_trace_cut(trace);
    r->validation = trace;
    trace = NULL;
cleanup:
    rs_trace_free(trace);
    return status;
}

/* The tests, with the short words alone. */
static rs_status short_words(rs_refinement *r) {
    rs_status status = RS_OK;
    rs_trace *trace = NULL;
    RS_TRY(rs_trace_new(&trace, r->net, &r->ctx));
    RS_TRY(rs_trace_add_all(trace, r->exhaustive, &r->ctx));
    rs_trace_free(r->tests);
    r->tests = trace;
    trace = NULL;
cleanup:
    rs_trace_free(trace);
    return status;
}

rs_status rs_loop_test(rs_refinement *r, const rs_words *words) {
    bool full = rs_trace_size(r->tests) > least(TEST_FLOATS / rs_network_state_size(r->net), quarter(r->net, &r->o));
    rs_status status = full ? short_words(r) : RS_OK;
    return status == RS_OK ? rs_trace_add(r->tests, words, &r->ctx) : status;
}

rs_status rs_loop_record(rs_refinement *r) {
    rs_status status = RS_OK;
    double start = rs_now();
    size_t m = rs_names_count(rs_network_alphabet(r->net));
    bool given = r->o.given && rs_words_count(r->o.given);
    RS_TRY(rs_loop_memory(r->net, &r->o));
    RS_TRY(rs_trace_new(&r->trace, r->net, &r->ctx));
    rs_trace_limit(r->trace, r->o.memory / (r->o.passive ? 2 : 4));
    if (r->o.passive && given) RS_TRY(record_given(r));
    else RS_TRY(record_random(r->trace, r, r->o.words, RS_STREAM_RECORD));
    if (r->o.passive) RS_TRY(rs_loop_validation(r));
    else {
        if (given) RS_TRY(rs_trace_add(r->trace, r->o.given, &r->ctx));
        RS_TRY(rs_trace_add_all(r->trace, depth_within(m, RECORDED_NODES), &r->ctx));
        r->exhaustive = depth_within(m, least(r->finding_count ? WATCHED_NODES : SHORT_NODES, quarter(r->net, &r->o)));
        RS_TRY(short_words(r));
    }
    r->record_cut = r->record_cut || rs_trace_cut(r->trace);
    rs_trace_limit(r->trace, r->o.memory / 2); /* the rest is for what the loop looks for */
cleanup:
    r->seconds_trace += rs_now() - start;
    return status;
}
