/* The engines one by one and together, against each other and against running every word. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "solver/engine.h"
#include "solver/invariant.h"
#include "solver_ref.h"
#include "support/unit.h"

/* Machine: symbol 1 ("b") moves 0 -> 1 -> 2 -> 0, symbol 0 ("a") stays; state 2 says "1". Monitor: bad when "1" is said
 * `patience` times in a row. */
static rs_product *counter(uint32_t patience) {
    static const uint32_t next[] = {0, 1, 1, 2, 2, 0}, output[] = {0, 0, 1};
    uint32_t watch[16 * 4];
    bool bad[16] = {false};
    for (uint32_t m = 0; m <= patience; m++)
        for (uint32_t letter = 0; letter < 4; letter++)
            watch[m * 4 + letter] = m == patience ? m : letter % 2 ? m + 1 : 0;
    bad[patience] = true;
    rs_product *p = NULL, shape = {.symbols = 2,
                                   .outputs = 2,
                                   .states = 3,
                                   .next = next,
                                   .output = output,
                                   .watchers = patience + 1,
                                   .watch = watch,
                                   .bad = bad};
    CHECK_OK(rs_product_copy(&p, &shape));
    return p;
}

static void known_answers(void) {
    rs_product *p = counter(3);
    rs_solver_result r;
    CHECK_OK(rs_engines_run(&r, p, NULL, NULL));
    CU_ASSERT(r.answer == RS_ANSWER_UNSAFE && r.depth == 4 && r.word.length == 4);
    /* b b reaches the state that says 1, a a says it again. */
    CU_ASSERT(r.word.length == 4 && memcmp(r.word.symbols, (uint32_t[]){1, 1, 0, 0}, 16) == 0);
    CU_ASSERT(r.locations == 5); /* (0,0) (1,0) (2,1) (2,2) and violated */
    for (rs_engine e = 0; e < RS_ENGINES; e++) CU_ASSERT(r.engine[e] == RS_ANSWER_UNSAFE && r.reason[e][0] == 0);
    rs_word_free(&r.word);
    rs_product_free(p);
}

/* The start says the bad output, but nobody reads it before the word comes back. */
static void start_is_not_read(void) {
    static const uint32_t next[] = {1, 1, 1, 0}, output[] = {1, 0}, watch[] = {0, 1, 0, 1, 1, 1, 1, 1};
    static const bool bad[] = {false, true};
    rs_product *p = NULL, shape = {.symbols = 2,
                                   .outputs = 2,
                                   .states = 2,
                                   .next = next,
                                   .output = output,
                                   .watchers = 2,
                                   .watch = watch,
                                   .bad = bad};
    rs_solver_result r;
    CHECK_OK(rs_product_copy(&p, &shape));
    CHECK_OK(rs_engines_run(&r, p, NULL, NULL));
    CU_ASSERT(r.answer == RS_ANSWER_UNSAFE && r.word.length == 2 && r.word.symbols[0] == 0 && r.word.symbols[1] == 1);
    rs_word_free(&r.word);
    rs_product_free(p);
}

static size_t reachable(const rs_product *p) {
    bool *seen = calloc(p->locations + 1, sizeof *seen), grown = true;
    size_t count = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(seen);
    seen[p->initial] = true;
    while (grown) {
        grown = false;
        for (size_t l = 0; l < p->locations; l++)
            for (size_t s = 0; seen[l] && s < p->symbols; s++)
                if (!seen[rs_product_next(p, l, s)]) grown = seen[rs_product_next(p, l, s)] = true;
    }
    for (size_t l = 0; l <= p->locations; l++) count += seen[l];
    free(seen);
    return count;
}

static void random_against_reference(void) {
    rs_random random = rs_random_new(unit_seed(), 11);
    size_t safe = 0, unsafe = 0, hidden = 0;
    for (int i = 0; i < 90; i++) {
        size_t symbols = 1 + rs_random_below(&random, 3), states = 1 + rs_random_below(&random, 4);
        size_t watchers = 1 + rs_random_below(&random, 3);
        rs_product *p = solver_ref_random(&random, states, watchers, symbols, 2, i % 2 ? 0.7 : 0);
        CU_ASSERT_PTR_NOT_NULL_FATAL(p);
        uint32_t word[13];
        rs_solver_result r;
        /* Shortest violations are no longer than the number of locations: 12 at most here; 3 symbols are cut to 9. */
        size_t bound = symbols == 3 && p->locations > 9 ? 9 : p->locations;
        size_t length = solver_ref_violation(p, bound, word);
        CHECK_OK(rs_engines_run(&r, p, NULL, NULL));
        CU_ASSERT(r.locations == reachable(p));
        for (rs_engine e = 0; e < RS_ENGINES; e++) CU_ASSERT(r.engine[e] == r.answer && r.reason[e][0] == 0);
        if (length) {
            CU_ASSERT(r.answer == RS_ANSWER_UNSAFE && r.depth == length && r.word.length == length);
            CU_ASSERT(r.word.length == length && memcmp(r.word.symbols, word, length * sizeof *word) == 0);
            unsafe++;
        } else {
            CU_ASSERT(r.answer == RS_ANSWER_SAFE || r.depth > bound);
            safe++;
            hidden += r.locations < p->locations; /* bad edges may hide in what is not reached */
        }
        rs_word_free(&r.word);
        rs_product_free(p);
    }
    printf("%zu safe, %zu unsafe, %zu hidden ", safe, unsafe, hidden);
    CU_ASSERT(safe >= 15 && unsafe >= 15 && hidden >= 10);
}

/* Larger products, engines against each other only. */
static void engines_agree_on_larger(void) {
    rs_random random = rs_random_new(unit_seed(), 12);
    for (int i = 0; i < 6; i++) {
        rs_product *p = solver_ref_random(&random, 20, 10, 2, 3, i % 2 ? 0.02 : 0);
        rs_solver_result r;
        CU_ASSERT_PTR_NOT_NULL_FATAL(p);
        CHECK_OK(rs_engines_run(&r, p, NULL, NULL));
        for (rs_engine e = 0; e < RS_ENGINES; e++) CU_ASSERT(r.engine[e] == r.answer);
        CU_ASSERT((r.answer == RS_ANSWER_UNSAFE) == (r.word.length > 0));
        rs_word_free(&r.word);
        rs_product_free(p);
    }
}

/* Sets of locations: the reachable ones of a safe product, and those with one location more or less, against the
 * definition. */
static void invariants_are_checked(void) {
    rs_random random = rs_random_new(unit_seed(), 15);
    size_t right = 0, wrong = 0;
    for (int i = 0; i < 6; i++) {
        rs_product *p = solver_ref_random(&random, 3, 4, 2, 2, i % 2 ? 0.2 : 0);
        CU_ASSERT_PTR_NOT_NULL_FATAL(p);
        bool inside[13] = {false};
        inside[p->initial] = true;
        for (size_t round = 0; round < p->locations; round++)
            for (size_t l = 0; l < p->locations; l++)
                for (size_t s = 0; s < 2; s++) inside[rs_product_next(p, l, s)] |= inside[l];
        for (size_t flip = 0; flip <= p->locations + 1; flip++) { /* the last one flips nothing */
            if (flip <= p->locations) inside[flip] = !inside[flip];
            bool inductive = inside[p->initial] && !inside[p->locations], got = !inductive;
            char why[96] = "";
            for (size_t l = 0; l < p->locations; l++)
                for (size_t s = 0; s < 2; s++) inductive &= !inside[l] || inside[rs_product_next(p, l, s)];
            CHECK_OK(rs_invariant_check(&got, why, p, inside, 10, NULL));
            CU_ASSERT(got == inductive && (got || strcmp(why, "not inductive") == 0));
            right += inductive;
            wrong += !inductive;
            if (flip <= p->locations) inside[flip] = !inside[flip];
        }
        bool got = true;
        char why[96] = "";
        CHECK_OK(rs_invariant_check(&got, why, p, inside, -1, NULL));
        CU_ASSERT(!got && strcmp(why, "timeout") == 0);
        CHECK_OK(rs_invariant_check(&got, why, p, (bool[13]){false}, 10, NULL)); /* closed, but nothing begins in it */
        CU_ASSERT(!got && strcmp(why, "not inductive") == 0);
        rs_product_free(p);
    }
    CU_ASSERT(right >= 3 && wrong >= 20);
}

/* No violation within a depth that does not cover the product proves nothing. */
static void bounded_is_bounded(void) {
    rs_product *p = counter(9);
    for (size_t depth = 1; depth <= 12; depth++) {
        rs_reply r;
        CHECK_OK(rs_engine_bmc(&r, p, depth, false, 0, 10, NULL));
        if (depth < 10) {
            CU_ASSERT(r.answer == RS_ANSWER_UNKNOWN && r.claim == RS_ANSWER_UNKNOWN && r.clear == depth);
            unit_contains(r.reason, "no violation within", __FILE__, __LINE__);
        } else {
            CU_ASSERT(r.answer == RS_ANSWER_UNSAFE && r.word.length >= 10 && r.word.length <= depth && r.clear == 0);
            CU_ASSERT(rs_product_replay(p, r.word.symbols, r.word.length) == r.word.length);
        }
        rs_reply_clear(&r);
    }
    rs_product_free(p);
}

static rs_reply reply(rs_answer claim, size_t length) {
    rs_reply r = {.answer = claim, .claim = claim, .locations = 3, .depth = 4};
    if (length) CHECK_OK(rs_word_copy(&r.word, (uint32_t[8]){0}, length));
    return r;
}

/* Planted replies: each pair of contradicting claims is an error that names both engines, and the result stays
 * untouched. */
static void disagreement_is_found(void) {
    rs_product *p = counter(3);
    const rs_answer S = RS_ANSWER_SAFE, U = RS_ANSWER_UNSAFE, N = RS_ANSWER_UNKNOWN, K = RS_ANSWER_SKIPPED;
    struct {
        rs_answer claim[RS_ENGINES];
        size_t length[RS_ENGINES], clear;
        const char *message; /* NULL: they agree */
    } cases[] = {
        {{S, S, S}, {0, 0, 0}, 5, NULL},
        {{U, U, U}, {4, 4, 4}, 0, NULL},
        {{U, U, U}, {4, 7, 5}, 0, NULL},
        {{S, N, K}, {0, 0, 0}, 0, NULL},
        {{S, U, S}, {0, 4, 0}, 0, "explicit says safe, chc says unsafe"},
        {{S, S, U}, {0, 0, 4}, 0, "explicit says safe, bmc says unsafe"},
        {{U, S, U}, {4, 0, 4}, 0, "explicit says unsafe, chc says safe"},
        {{U, U, S}, {4, 4, 0}, 4, "explicit says unsafe, bmc says safe"},
        {{U, U, N}, {4, 4, 0}, 4, "no violation to that depth"},
        {{U, U, U}, {4, 3, 4}, 0, "chc says unsafe by a shorter word"},
        {{N, S, U}, {0, 0, 4}, 0, "chc says safe, bmc says unsafe"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rs_reply r[RS_ENGINES];
        rs_solver_result out = {.depth = 77};
        for (rs_engine e = 0; e < RS_ENGINES; e++) r[e] = reply(cases[i].claim[e], cases[i].length[e]);
        r[RS_ENGINE_BMC].clear = cases[i].clear;
        if (cases[i].message) {
            CHECK_FAILS(rs_replies_merge(&out, r, p), RS_EINTERNAL, cases[i].message);
            CU_ASSERT(out.depth == 77);
            unit_contains(rs_error_message(), "depth 4", __FILE__, __LINE__);
        } else {
            CHECK_OK(rs_replies_merge(&out, r, p));
            CU_ASSERT(out.answer == cases[i].claim[0] && out.word.length == cases[i].length[0]);
            rs_word_free(&out.word);
        }
        for (rs_engine e = 0; e < RS_ENGINES; e++) rs_reply_clear(&r[e]);
    }
    /* A claim whose word does not replay is unknown, but as a claim it still contradicts. */
    rs_reply r[RS_ENGINES] = {reply(S, 0), reply(N, 0), reply(N, 0)};
    rs_solver_result out;
    r[RS_ENGINE_CHC].claim = U;
    CHECK_OK(rs_reply_word(&r[RS_ENGINE_CHC], p, (uint32_t[]){1, 1}, 2));
    CU_ASSERT(r[RS_ENGINE_CHC].answer == N);
    unit_contains(r[RS_ENGINE_CHC].reason, "does not replay", __FILE__, __LINE__);
    CHECK_FAILS(rs_replies_merge(&out, r, p), RS_EINTERNAL, "chc says unsafe");
    rs_product_free(p);
}

static void limits_are_said(void) {
    rs_product *p = counter(3);
    rs_solver_result r;
    CHECK_OK(rs_engines_run(&r, p, &(rs_solver_options){.engines = 1u << RS_ENGINE_BMC, .bmc_limit = 4}, NULL));
    CU_ASSERT(r.answer == RS_ANSWER_UNSAFE && r.engine[RS_ENGINE_CHC] == RS_ANSWER_SKIPPED);
    CU_ASSERT(r.engine[RS_ENGINE_BMC] == RS_ANSWER_SKIPPED);
    CU_ASSERT_STRING_EQUAL(r.reason[RS_ENGINE_CHC], "not asked for");
    CU_ASSERT_STRING_EQUAL(r.reason[RS_ENGINE_BMC], "9 locations * depth 4 are more than 4");
    rs_word_free(&r.word);
    rs_reply c;
    CHECK_OK(rs_engine_chc(&c, p, 8, 10, NULL));
    CU_ASSERT(c.answer == RS_ANSWER_SKIPPED && strcmp(c.reason, "9 locations, more than 8") == 0);
    rs_context late = {.seed = 1, .deadline = rs_now() - 1};
    CHECK_OK(rs_engines_run(&r, p, NULL, &late));
    CU_ASSERT(r.answer == RS_ANSWER_UNKNOWN && r.word.length == 0 && r.engine[RS_ENGINE_BMC] == RS_ANSWER_SKIPPED);
    CHECK_FAILS(rs_engines_run(&r, p, &(rs_solver_options){.timeout = -1}, NULL), RS_EUSAGE, "timeout");
    rs_product_free(p);
}

static volatile sig_atomic_t raised;
static void on_alarm(int number) {
    (void)number;
    raised = 1;
}

/* A product that keeps Spacer busy for seconds: the timeout and the interrupt end it. No speed is asserted, only an
 * end. */
static void timeouts_and_interrupts_hold(void) {
    rs_random random = rs_random_new(unit_seed(), 13);
    rs_product *p = solver_ref_random(&random, 190, 100, 2, 2, 0.004);
    rs_solver_result r;
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    double begin = rs_now();
    CHECK_OK(rs_engines_run(&r, p, &(rs_solver_options){.timeout = 0.05}, NULL));
    CU_ASSERT(rs_now() - begin < 10);
    CU_ASSERT(r.answer != RS_ANSWER_UNKNOWN && r.engine[RS_ENGINE_CHC] == RS_ANSWER_UNKNOWN);
    unit_contains(r.reason[RS_ENGINE_CHC], "timeout", __FILE__, __LINE__);
    rs_word_free(&r.word);

    struct itimerval soon = {.it_value = {.tv_usec = 150000}};
    rs_context ctx = {.seed = 1, .interrupt = &raised};
    void (*before)(int) = signal(SIGALRM, on_alarm);
    raised = 0;
    setitimer(ITIMER_REAL, &soon, NULL);
    begin = rs_now();
    CHECK_FAILS(rs_engines_run(&r, p, &(rs_solver_options){.timeout = 60, .engines = 1u << RS_ENGINE_CHC}, &ctx),
                RS_EINTERRUPTED, "interrupted");
    CU_ASSERT(raised && rs_now() - begin < 10);
    signal(SIGALRM, before);
    rs_product_free(p);
}

static rs_status run_all(void *user) {
    rs_solver_result r;
    rs_status status = rs_engines_run(&r, user, NULL, NULL);
    if (status == RS_OK) rs_word_free(&r.word);
    return status;
}

static void without_memory(void) {
    rs_random random = rs_random_new(unit_seed(), 14);
    rs_product *unsafe = counter(3), *safe = solver_ref_random(&random, 3, 4, 2, 2, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(safe);
    unit_allocation_sweep(run_all, unsafe, 200);
    unit_allocation_sweep(run_all, safe, 200);
    rs_product_free(unsafe);
    rs_product_free(safe);
}

static const unit_test tests[] = {
    {"a known violation, first in alphabet order", known_answers},
    {"the start's output is not read", start_is_not_read},
    {"random products against running every word", random_against_reference},
    {"engines agree on larger products", engines_agree_on_larger},
    {"invariants are checked", invariants_are_checked},
    {"bounded is not safe", bounded_is_bounded},
    {"planted disagreement is found", disagreement_is_found},
    {"limits say why", limits_are_said},
    {"timeouts and interrupts hold", timeouts_and_interrupts_hold},
    {"without memory", without_memory},
};
UNIT_MAIN("solver: engines", tests)
