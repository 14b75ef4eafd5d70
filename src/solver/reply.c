/* Replies of engines, and what they amount to together. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/status.h"
#include "solver/engine.h"

const char *rs_answer_name(rs_answer a) {
    static const char *const names[] = {"safe", "unsafe", "unknown", "skipped"};
    return names[a];
}

const char *rs_engine_name(rs_engine e) {
    static const char *const names[] = {"explicit", "chc", "bmc"};
    return names[e];
}

void rs_reply_set(rs_reply *r, rs_answer answer, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(r->reason, sizeof r->reason, format, arguments);
    va_end(arguments);
    for (char *c = r->reason; *c; c++) /* Z3's messages may have several lines */
        if ((unsigned char)*c < 32) *c = ' ';
    r->answer = answer;
}

rs_status rs_reply_word(rs_reply *r, const rs_product *p, const uint32_t *word, size_t length) {
    size_t violation = rs_product_replay(p, word, length);
    if (!violation) {
        rs_reply_set(r, RS_ANSWER_UNKNOWN, "a word of %zu symbols that does not replay", length);
        return RS_OK;
    }
    rs_word copy;
    rs_status status = rs_word_copy(&copy, word, violation);
    if (status != RS_OK) return status;
    rs_word_free(&r->word);
    r->word = copy;
    r->answer = RS_ANSWER_UNSAFE;
    return RS_OK;
}

void rs_reply_clear(rs_reply *r) {
    rs_word_free(&r->word);
}

static bool decided(const rs_reply *r) {
    return r->claim == RS_ANSWER_SAFE || r->claim == RS_ANSWER_UNSAFE;
}

static rs_status contradiction(const rs_reply *reply, rs_engine a, rs_engine b, const rs_product *p, const char *what) {
    return rs_fail(
        RS_EINTERNAL,
        "engines disagree: %s says %s, %s says %s%s (%zu machine states, %zu monitor states, %zu reachable locations, "
        "depth %zu); please report it",
        rs_engine_name(a), rs_answer_name(reply[a].claim), rs_engine_name(b), rs_answer_name(reply[b].claim), what,
        p->states, p->watchers, reply[RS_ENGINE_EXPLICIT].locations, reply[RS_ENGINE_EXPLICIT].depth);
}

rs_status rs_replies_merge(rs_solver_result *out, rs_reply reply[RS_ENGINES], const rs_product *p) {
    const rs_reply *first = &reply[RS_ENGINE_EXPLICIT];
    for (rs_engine a = 0; a < RS_ENGINES; a++)
        for (rs_engine b = a + 1; b < RS_ENGINES; b++)
            if (decided(&reply[a]) && decided(&reply[b]) && reply[a].claim != reply[b].claim)
                return contradiction(reply, a, b, p, "");
    for (rs_engine e = 0; e < RS_ENGINES && first->answer == RS_ANSWER_UNSAFE; e++) {
        if (reply[e].answer == RS_ANSWER_UNSAFE && reply[e].word.length < first->word.length)
            return contradiction(reply, RS_ENGINE_EXPLICIT, e, p, " by a shorter word");
        if (reply[e].clear >= first->word.length)
            return contradiction(reply, RS_ENGINE_EXPLICIT, e, p, ": no violation to that depth");
    }
    rs_solver_result result = {.answer = first->answer, .locations = first->locations, .depth = first->depth};
    for (rs_engine e = 0; e < RS_ENGINES; e++) {
        result.engine[e] = reply[e].answer;
        result.seconds[e] = reply[e].seconds;
        memcpy(result.reason[e], reply[e].reason, sizeof result.reason[e]);
    }
    result.word = reply[RS_ENGINE_EXPLICIT].word;
    reply[RS_ENGINE_EXPLICIT].word = (rs_word){0};
    *out = result;
    return RS_OK;
}
