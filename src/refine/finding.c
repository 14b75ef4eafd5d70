/* Verdicts on properties: what recorded runs show, what the engines say of the machine, and what is left to say when neither
 * finds a violation. A property becomes VIOLATED only through rs_finding_violated, which runs the network. */
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "refine/loop.h"

/* Longest words that shortening may search below, in nodes of the prefix tree. */
#define SHORTEST_NODES ((size_t)50000)
/* Words longer than this are not cut everywhere at once; and the symbols that cutting one of them may run. */
#define LONG_WORD ((size_t)64)
#define CUT_SYMBOLS ((size_t)20000000)
/* Random words behind HOLDS are run this many at a time. */
#define HOLD_BATCH ((size_t)2000)

rs_status rs_first_bad(size_t *node, const rs_trace *trace, const rs_monitor *monitor) {
    size_t n = rs_trace_size(trace);
    const uint32_t *parents = rs_trace_parents(trace), *symbols = rs_trace_symbols(trace);
    const uint32_t *classes = rs_trace_classes(trace);
    uint32_t *state = rs_alloc(n, sizeof *state);
    if (!state) return RS_EMEMORY;
    size_t best = SIZE_MAX;
    for (size_t i = 1; i < n; i++) {
        state[i] = rs_monitor_next(monitor, state[parents[i]], symbols[i], classes[i]);
        if (rs_monitor_bad(monitor, state[i]) &&
            (best == SIZE_MAX || rs_trace_depths(trace)[i] < rs_trace_depths(trace)[best]))
            best = i;
    }
    free(state);
    *node = best;
    return RS_OK;
}

/* Runs a word on the network: *length becomes the number of symbols after which the monitor is bad, 0 when it is not. */
static rs_status replay(size_t *violated, const rs_refinement *r, const rs_monitor *monitor, const uint32_t *word,
                        size_t length) {
    uint32_t *classes = rs_alloc(length, sizeof *classes);
    if (!classes) return RS_EMEMORY;
    rs_status status = rs_network_run(r->net, word, length, classes, NULL, &r->ctx);
    if (status == RS_OK) *violated = rs_monitor_violation(monitor, word, classes, length);
    free(classes);
    return status;
}

/* Runs words and puts the first violating one, by length, in place of `word`; *found says that there is one. */
static rs_status try_words(bool *found, rs_word *word, const rs_refinement *r, const rs_monitor *monitor,
                           const rs_words *words) {
    rs_status status = RS_OK;
    rs_trace *trace = NULL;
    size_t node = SIZE_MAX;
    RS_TRY(rs_loop_tree(&trace, r, words));
    RS_TRY(rs_first_bad(&node, trace, monitor));
    *found = node != SIZE_MAX;
    if (*found) {
        rs_word shorter = {0};
        RS_TRY(rs_trace_word(&shorter, trace, node));
        rs_word_free(word);
        *word = shorter;
    }
cleanup:
    rs_trace_free(trace);
    return status;
}

/* A shorter violating word that lacks some contiguous part of `word`, if there is one: all cuts as one batch. */
static rs_status cut(bool *shorter, rs_word *word, const rs_refinement *r, const rs_monitor *monitor) {
    rs_status status = RS_OK;
    rs_words *words = NULL;
    uint32_t *candidate = NULL;
    size_t n = word->length;
    RS_TRY_ALLOC(candidate = rs_alloc(n, sizeof *candidate));
    RS_TRY(rs_words_new(&words));
    for (size_t length = n - 1; length >= 1; length--)
        for (size_t at = 0; at + length <= n; at++) {
            memcpy(candidate, word->symbols, at * sizeof *candidate);
            memcpy(candidate + at, word->symbols + at + length, (n - at - length) * sizeof *candidate);
            RS_TRY(rs_words_add(words, candidate, n - length));
        }
    RS_TRY(try_words(shorter, word, r, monitor, words));
cleanup:
    rs_words_free(words);
    free(candidate);
    return status;
}

/* The same for a long word, one part after the other: halves, quarters, down to single symbols (after Zeller and Hildebrandt,
 * "Simplifying and isolating failure-inducing input", 2002, doi:10.1109/32.988498). *left are the symbols that may still be run; 0
 * when time or they are spent. */
static rs_status cut_long(bool *shorter, size_t *left, rs_word *word, const rs_refinement *r, const rs_monitor *monitor) {
    rs_status status = RS_OK;
    uint32_t *candidate = NULL;
    *shorter = false;
    RS_TRY_ALLOC(candidate = rs_alloc(word->length, sizeof *candidate));
    for (size_t length = word->length / 2; length >= 1; length /= 2)
        for (size_t at = 0; at + length <= word->length;) {
            size_t violated = 0, n = word->length - length;
            if (*left < n || rs_context_expired(&r->ctx)) *left = 0;
            if (!*left) goto cleanup;
            *left -= n;
            memcpy(candidate, word->symbols, at * sizeof *candidate);
            memcpy(candidate + at, word->symbols + at + length, (n - at) * sizeof *candidate);
            if (n) RS_TRY(replay(&violated, r, monitor, candidate, n));
            if (!violated) {
                at += length;
                continue;
            }
            memcpy(word->symbols, candidate, violated * sizeof *candidate);
            word->length = violated;
            *shorter = true;
        }
cleanup:
    free(candidate);
    return status;
}

/* Tries all words shorter than `word` when they are few enough; *all says that they were tried. */
static rs_status search_shorter(bool *all, rs_word *word, const rs_refinement *r, const rs_monitor *monitor) {
    rs_words *words = NULL;
    size_t m = rs_names_count(rs_network_alphabet(r->net)), total = 0, level = 1;
    bool found;
    *all = m == 1 || word->length - 1 <= r->exhaustive;
    if (*all) return RS_OK; /* shorter ones begin this word, or were watched before anything else */
    for (size_t l = 1; l < word->length; l++) {
        level = level <= SHORTEST_NODES ? level * m : level;
        total += level;
        if (total > SHORTEST_NODES) return RS_OK;
    }
    rs_status status = rs_words_all(&words, m, word->length - 1, SHORTEST_NODES);
    if (status == RS_OK) status = try_words(&found, word, r, monitor, words);
    *all = status == RS_OK;
    rs_words_free(words);
    return status;
}

rs_status rs_finding_violated(rs_refinement *r, rs_finding *finding, const uint32_t *word, size_t length) {
    rs_status status = RS_OK;
    const rs_monitor *monitor = rs_property_monitor(finding->property);
    rs_word best = {0};
    uint32_t *outputs = NULL;
    size_t violated = 0, left = CUT_SYMBOLS;
    bool shorter = rs_names_count(rs_network_alphabet(r->net)) > 1, all = false; /* one symbol: words differ in length alone */
    RS_TRY(replay(&violated, r, monitor, word, length));
    if (!violated) {
        status = rs_fail(RS_EINTERNAL, "%s: a recorded violation does not repeat on replay",
                         rs_property_name(finding->property));
        goto cleanup;
    }
    RS_TRY(rs_word_copy(&best, word, violated));
    while (shorter && left)
        if (best.length > LONG_WORD) RS_TRY(cut_long(&shorter, &left, &best, r, monitor));
        else RS_TRY(cut(&shorter, &best, r, monitor));
    RS_TRY(search_shorter(&all, &best, r, monitor));
    /* SOUND: what is reported is what the network does on exactly this word, run alone. */
    RS_TRY_ALLOC(outputs = rs_alloc(best.length, sizeof *outputs));
    RS_TRY(rs_network_run(r->net, best.symbols, best.length, outputs, NULL, &r->ctx));
    if (rs_monitor_violation(monitor, best.symbols, outputs, best.length) != best.length) {
        status = rs_fail(RS_EINTERNAL, "%s: a shortened violation does not repeat on replay",
                         rs_property_name(finding->property));
        goto cleanup;
    }
    rs_word_free(&finding->word);
    free(finding->outputs);
    finding->verdict = RS_VERDICT_VIOLATED;
    finding->word = best;
    finding->outputs = outputs;
    finding->shortest = all;
    finding->minimal = all || left > 0;
    best = (rs_word){0};
    outputs = NULL;
cleanup:
    rs_word_free(&best);
    free(outputs);
    return status;
}

rs_status rs_loop_watch(rs_refinement *r, const rs_trace *trace) {
    rs_status status = RS_OK;
    rs_word word = {0};
    for (size_t i = 0; i < r->finding_count; i++) {
        rs_finding *f = &r->findings[i];
        size_t node = SIZE_MAX;
        if (f->verdict == RS_VERDICT_VIOLATED) continue;
        RS_TRY(rs_first_bad(&node, trace, rs_property_monitor(f->property)));
        if (node == SIZE_MAX) continue;
        RS_TRY(rs_trace_word(&word, trace, node));
        RS_TRY(rs_finding_violated(r, f, word.symbols, word.length));
        rs_word_free(&word);
    }
cleanup:
    rs_word_free(&word);
    return status;
}

rs_status rs_loop_check(rs_refinement *r, rs_words *spurious) {
    rs_status status = RS_OK;
    double start = rs_now();
    rs_solver_result result = {0};
    for (size_t i = 0; i < r->finding_count; i++) {
        rs_finding *f = &r->findings[i];
        const rs_monitor *monitor = rs_property_monitor(f->property);
        rs_solver_options options = r->o.solver;
        size_t violated = 0;
        if (f->verdict == RS_VERDICT_VIOLATED) continue;
        options.engines = 1u << RS_ENGINE_EXPLICIT;
        RS_TRY(rs_solver_check(&result, r->machine, monitor, &options, &r->ctx));
        if (result.answer == RS_ANSWER_UNSAFE) {
            RS_TRY(replay(&violated, r, monitor, result.word.symbols, result.word.length));
            if (violated) RS_TRY(rs_finding_violated(r, f, result.word.symbols, result.word.length));
            else RS_TRY(rs_words_add(spurious, result.word.symbols, result.word.length));
        }
        rs_word_free(&result.word);
    }
cleanup:
    rs_word_free(&result.word);
    r->seconds_solver += rs_now() - start;
    return status;
}

/* Puts the property's name before the message of a failed check. */
static rs_status name_property(rs_status status, const rs_finding *f) {
    char message[512];
    snprintf(message, sizeof message, "%s", rs_error_message());
    return rs_fail(status, "%s: %s", rs_property_name(f->property), message);
}

/* All engines on the final machine. A counterexample of it may be shorter than the one that is known, or the first. */
static rs_status cross_check(rs_refinement *r, rs_finding *f) {
    rs_status status = RS_OK;
    double start = rs_now();
    const rs_monitor *monitor = rs_property_monitor(f->property);
    size_t violated = 0;
    rs_solver_result result = {0};
    status = rs_solver_check(&result, r->machine, monitor, &r->o.solver, &r->ctx);
    if (status == RS_EINTERNAL) status = name_property(status, f);
    if (status != RS_OK) goto cleanup;
    rs_word_free(&f->solver.word);
    f->solver = result;
    if (result.answer == RS_ANSWER_UNSAFE && (f->verdict != RS_VERDICT_VIOLATED || result.word.length < f->word.length)) {
        RS_TRY(replay(&violated, r, monitor, result.word.symbols, result.word.length));
        if (violated) RS_TRY(rs_finding_violated(r, f, result.word.symbols, result.word.length));
    }
cleanup:
    r->seconds_solver += rs_now() - start;
    return status;
}

/* Adds the words that count as evidence: those that satisfy what a property assumes. */
static rs_status count_words(rs_refinement *r, const rs_words *words) {
    rs_status status = RS_OK;
    for (size_t i = 0; i < r->finding_count && status == RS_OK; i++) {
        rs_finding *f = &r->findings[i];
        f->drawn += rs_words_count(words);
        status = rs_words_satisfying(&f->words, words, rs_property_assumption(f->property), NULL);
    }
    return status;
}

rs_status rs_words_satisfying(size_t *count, const rs_words *words, const rs_assumption *one, const rs_assumption *other) {
    rs_status status = RS_OK;
    uint32_t *word = NULL;
    size_t capacity = 0, satisfying = 0;
    for (size_t i = 0; i < rs_words_count(words); i++) {
        size_t length = rs_words_length(words, i);
        RS_TRY(rs_reserve((void **)&word, &capacity, length, sizeof *word));
        rs_words_copy(word, words, i);
        satisfying += (!one || rs_assumption_holds(one, word, length)) && (!other || rs_assumption_holds(other, word, length));
    }
    *count += satisfying;
cleanup:
    free(word);
    return status;
}

/* Random words for all properties that are still open; any violation among them is real. */
static rs_status hold_words(rs_refinement *r) {
    rs_status status = RS_OK;
    rs_words *words = NULL;
    rs_trace *trace = NULL;
    size_t done = 0;
    for (uint64_t batch = 0; done < r->o.hold_words && !rs_context_expired(&r->ctx); batch++) {
        bool open = false;
        for (size_t i = 0; i < r->finding_count; i++) open = open || r->findings[i].verdict != RS_VERDICT_VIOLATED;
        if (!open) break;
        size_t left = r->o.hold_words - done;
        RS_TRY(rs_loop_sample(&words, r, RS_STREAM_HOLD, batch, left < HOLD_BATCH ? left : HOLD_BATCH));
        RS_TRY(rs_loop_tree(&trace, r, words));
        RS_TRY(rs_loop_watch(r, trace));
        RS_TRY(count_words(r, words));
        done += rs_words_count(words);
        rs_words_free(words);
        rs_trace_free(trace);
        words = NULL;
        trace = NULL;
        rs_context_progress(&r->ctx, "random words", (double)done / (double)r->o.hold_words);
    }
cleanup:
    rs_words_free(words);
    rs_trace_free(trace);
    return status;
}

rs_status rs_loop_conclude(rs_refinement *r) {
    rs_status status = RS_OK;
    for (size_t i = 0; i < r->finding_count; i++) RS_TRY(cross_check(r, &r->findings[i]));
    double start = rs_now();
    RS_TRY(hold_words(r));
    r->seconds_conformance += rs_now() - start;
    for (size_t i = 0; i < r->finding_count; i++) {
        rs_finding *f = &r->findings[i];
        f->delta = r->o.delta;
        f->exhaustive = r->exhaustive;
        if (f->verdict == RS_VERDICT_VIOLATED) continue;
        if (f->solver.answer == RS_ANSWER_UNSAFE)
            snprintf(f->reason, sizeof f->reason, "%s with only spurious counterexamples left (%zu states)",
                     rs_end_name(r->end), rs_automaton_states(r->machine));
        else if (f->solver.answer != RS_ANSWER_SAFE)
            snprintf(f->reason, sizeof f->reason, "the engines did not decide: %.96s", f->solver.reason[RS_ENGINE_EXPLICIT]);
        else if (f->drawn < r->o.hold_words)
            snprintf(f->reason, sizeof f->reason, "time spent after %zu of %zu random words", f->drawn, r->o.hold_words);
        else if (!f->words)
            snprintf(f->reason, sizeof f->reason, "none of %zu random words satisfies what is assumed", f->drawn);
        else {
            f->verdict = RS_VERDICT_HOLDS;
            f->epsilon = rs_binomial_upper(0, f->words, f->delta);
        }
    }
cleanup:
    return status;
}
