/* The SMT-LIB texts: deterministic, and answered by the programs z3 and cvc5 as the explicit search says. Without the
 * programs the rest still runs, and the exit code 77 says that something was skipped. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "solver/engine.h"
#include "solver/smtlib.h"
#include "solver_ref.h"
#include "support/unit.h"

static bool skipped;

static bool runs(const char *program) {
    char command[64];
    snprintf(command, sizeof command, "%s --version >/dev/null 2>&1", program);
    return system(command) == 0;
}

/* The first line that `program` prints on a file with this text; "?" when it fails. */
static void ask(char answer[32], const char *program, const char *text) {
    char path[] = "/tmp/rnnsafe-smt-XXXXXX", command[128];
    int fd = mkstemp(path);
    CU_ASSERT_FATAL(fd >= 0);
    FILE *file = fdopen(fd, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT(fputs(text, file) >= 0);
    CU_ASSERT(fclose(file) == 0);
    snprintf(command, sizeof command, "%s %s 2>&1", program, path);
    strcpy(answer, "?");
    FILE *pipe = popen(command, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(pipe);
    if (!fgets(answer, 32, pipe)) strcpy(answer, "?");
    int status = pclose(pipe);
    CU_ASSERT(status == 0);
    answer[strcspn(answer, "\n")] = 0;
    unlink(path);
}

static void both(const char *text, const char *wanted) {
    char z3[32], cvc5[32];
    ask(z3, "z3 -smt2", text);
    ask(cvc5, "cvc5 --lang smt2", text);
    CU_ASSERT_STRING_EQUAL(z3, wanted);
    CU_ASSERT_STRING_EQUAL(cvc5, wanted);
    if (strcmp(z3, wanted) || strcmp(cvc5, wanted)) fprintf(stderr, "z3: %s, cvc5: %s, not %s\n", z3, cvc5, wanted);
}

static void programs_agree(void) {
    rs_random random = rs_random_new(unit_seed(), 21);
    rs_names *alphabet = NULL;
    size_t safe = 0, unsafe = 0;
    if (!runs("z3") || !runs("cvc5")) {
        skipped = true;
        printf("\n*** SKIPPED: the programs z3 and cvc5 are not both installed, the texts were not solved ***\n");
        return;
    }
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "\xc3\xa4 |b;"));
    for (int i = 0; i < 16; i++) {
        rs_product *p = solver_ref_random(&random, 1 + rs_random_below(&random, 6), 1 + rs_random_below(&random, 4), 2,
                                          2, i % 2 ? 0.7 : 0);
        CU_ASSERT_PTR_NOT_NULL_FATAL(p);
        rs_reply r;
        char *chc = NULL, *bmc = NULL, *shorter = NULL;
        CHECK_OK(rs_engine_explicit(&r, p, NULL));
        bool bad = r.answer == RS_ANSWER_UNSAFE;
        size_t depth = bad ? r.word.length : r.depth + 1;
        CHECK_OK(rs_smt_chc(&chc, p, alphabet));
        CHECK_OK(rs_smt_bmc(&bmc, p, depth));
        CHECK_OK(rs_smt_bmc(&shorter, p, depth - 1));
        both(chc, bad ? "unsat" : "sat");
        both(bmc, bad ? "sat" : "unsat");
        both(shorter, "unsat");
        safe += !bad;
        unsafe += bad;
        free(chc);
        free(bmc);
        free(shorter);
        rs_reply_clear(&r);
        rs_product_free(p);
    }
    CU_ASSERT(safe >= 3 && unsafe >= 3);
    rs_names_free(alphabet);
}

/* One state, one live monitor state: "b" (symbol 1) violates. */
static rs_product *tiny(void) {
    static const uint32_t next[] = {0, 0}, output[] = {0}, watch[] = {0, 1, 1, 1};
    static const bool bad[] = {false, true};
    rs_product *p = NULL, shape = {.symbols = 2,
                                   .outputs = 1,
                                   .states = 1,
                                   .next = next,
                                   .output = output,
                                   .watchers = 2,
                                   .watch = watch,
                                   .bad = bad};
    CHECK_OK(rs_product_copy(&p, &shape));
    return p;
}

static void text_is_known(void) {
    rs_product *p = tiny();
    rs_names *alphabet = NULL;
    char *text = NULL;
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "a b"));
    CHECK_OK(rs_smt_chc(&text, p, alphabet));
    unit_contains(
        text,
        "(set-logic HORN)\n(declare-fun q0_m0 () Bool)\n(declare-fun violated () Bool)\n"
        "(assert (=> true q0_m0)) ; the empty word\n(assert (=> q0_m0 q0_m0)) ; a\n(assert (=> q0_m0 violated)) ; b\n"
        "(assert (=> violated false))\n(check-sat)\n",
        __FILE__, __LINE__);
    free(text);
    CHECK_OK(rs_smt_bmc(&text, p, 1));
    unit_contains(text,
                  "(set-logic QF_UF)\n(define-fun q0_m0_t0 () Bool true)\n(define-fun violated_t0 () Bool false)\n"
                  "(declare-fun q0_m0_t1 () Bool)\n(assert (=> q0_m0_t1 (or false q0_m0_t0)))\n"
                  "(declare-fun violated_t1 () Bool)\n(assert (=> violated_t1 (or false q0_m0_t0 violated_t0)))\n"
                  "(assert violated_t1)\n(check-sat)\n",
                  __FILE__, __LINE__);
    free(text);
    text = NULL;
    CHECK_FAILS(rs_smt_bmc(&text, p, RS_SMT_LIMIT), RS_EUSAGE, "depth");
    CHECK_FAILS(rs_smt_bmc(&text, p, RS_SMT_LIMIT - 1), RS_EUSAGE, "more than");
    CU_ASSERT_PTR_NULL(text);
    rs_names_free(alphabet);
    rs_product_free(p);
}

static rs_status write_both(void *user) {
    char *text = NULL;
    rs_status status = rs_smt_bmc(&text, user, 3);
    free(text);
    return status;
}

static void without_memory(void) {
    rs_product *p = tiny();
    unit_allocation_sweep(write_both, p, 100);
    rs_product_free(p);
}

static const unit_test tests[] = {
    {"texts of a tiny product", text_is_known},
    {"z3 and cvc5 agree with the explicit search", programs_agree},
    {"without memory", without_memory},
};

int main(void) {
    int code = unit_main("solver: SMT-LIB", tests, sizeof tests / sizeof *tests);
    return code == 0 && skipped ? 77 : code;
}
