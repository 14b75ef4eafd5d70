/* The Z3 context: deadlines, and signals that stay the program's. */
#include <signal.h>
#include <string.h>
#include <sys/time.h>

#include "solver/context.h"
#include "support/unit.h"

/* Puts PIGEONS pigeons into one hole less: no resolution proof is short. */
enum { PIGEONS = 13 };

static Z3_solver pigeons(rs_z3 *z) {
    Z3_context c = z->z3;
    Z3_ast in[PIGEONS][PIGEONS - 1];
    Z3_solver solver = rs_z3_adopt(z, Z3_mk_simple_solver(c));
    for (int p = 0; p < PIGEONS; p++) {
        for (int h = 0; h < PIGEONS - 1; h++)
            in[p][h] = rs_z3_keep(z, Z3_mk_const(c, Z3_mk_int_symbol(c, p * PIGEONS + h), Z3_mk_bool_sort(c)));
        Z3_solver_assert(c, solver, rs_z3_or(z, PIGEONS - 1, in[p]));
    }
    for (int h = 0; h < PIGEONS - 1; h++)
        for (int p = 0; p < PIGEONS; p++)
            for (int q = 0; q < p; q++) {
                Z3_ast both[2] = {rs_z3_keep(z, Z3_mk_not(c, in[p][h])), rs_z3_keep(z, Z3_mk_not(c, in[q][h]))};
                Z3_solver_assert(c, solver, rs_z3_or(z, 2, both));
            }
    return solver;
}

static volatile sig_atomic_t interrupted;
static void on_interrupt(int number) {
    (void)number;
    interrupted = 1;
}
static void on_alarm(int number) {
    (void)number;
    raise(SIGINT);
}

static void interrupts_reach_the_program(void) {
    rs_z3 z;
    rs_context ctx = {.seed = 1, .interrupt = &interrupted};
    struct itimerval soon = {.it_value = {.tv_usec = 200000}};
    CHECK_OK(rs_z3_open(&z, 30, &ctx));
    Z3_solver solver = pigeons(&z);
    void (*before_alarm)(int) = signal(SIGALRM, on_alarm);
    void (*before_interrupt)(int) = signal(SIGINT, on_interrupt);
    interrupted = 0;
    setitimer(ITIMER_REAL, &soon, NULL);
    CU_ASSERT(Z3_solver_check(z.z3, solver) == Z3_L_UNDEF);
    CU_ASSERT(interrupted == 1);
    char why[96];
    rs_z3_reason(&z, why, NULL);
    CU_ASSERT_STRING_EQUAL(why, "interrupted");
    signal(SIGALRM, before_alarm);
    signal(SIGINT, before_interrupt);
    Z3_solver_dec_ref(z.z3, solver);
    rs_z3_close(&z);
}

static void deadlines_end_a_check(void) {
    rs_z3 z;
    char why[96];
    CHECK_OK(rs_z3_open(&z, 0.2, NULL));
    Z3_solver solver = pigeons(&z);
    CU_ASSERT(Z3_solver_check(z.z3, solver) == Z3_L_UNDEF);
    rs_z3_reason(&z, why, NULL);
    CU_ASSERT_STRING_EQUAL(why, "timeout");
    Z3_solver_dec_ref(z.z3, solver);
    rs_z3_close(&z);
}

static const unit_test tests[] = {
    {"interrupts reach the program", interrupts_reach_the_program},
    {"deadlines end a check", deadlines_end_a_check},
};
UNIT_MAIN("solver: context", tests)
