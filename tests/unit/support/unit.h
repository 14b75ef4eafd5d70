/* What the unit tests share: a main for a table of tests, checks that say more than CUnit's, seeds that are printed. */
#ifndef UNIT_H
#define UNIT_H

#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rnnsafe/core.h"

typedef struct unit_test {
    const char *name;
    void (*run)(void);
} unit_test;

/* Runs the tests and returns main's exit code: 0 iff no assertion failed and every test ran. */
int unit_main(const char *suite, const unit_test *tests, size_t count);
#define UNIT_MAIN(suite, tests)                                                                                        \
    int main(void) { return unit_main(suite, tests, sizeof tests / sizeof *tests); }

/* The call succeeds; else the message of the library is printed. */
#define CHECK_OK(call)                                                                                                 \
    do {                                                                                                               \
        rs_status check_status_ = (call);                                                                              \
        unit_status(check_status_, RS_OK, #call, __FILE__, __LINE__);                                                  \
    } while (0)
/* The call fails with `status` and a message that contains `text`. */
#define CHECK_FAILS(call, status, text)                                                                                \
    do {                                                                                                               \
        rs_status check_status_ = (call);                                                                              \
        unit_status(check_status_, status, #call, __FILE__, __LINE__);                                                 \
        unit_contains(rs_error_message(), text, __FILE__, __LINE__);                                                   \
    } while (0)
bool unit_status(rs_status got, rs_status wanted, const char *call, const char *file, int line);
bool unit_contains(const char *got, const char *wanted, const char *file, int line);

/* The seed of randomised tests: RNNSAFE_SEED from the environment, else 1. Printed, so that a failure can be repeated. */
uint64_t unit_seed(void);

/* Allocation-failure sweep: calls run(user) with the 1st, 2nd, ... allocation of this thread failing until it returns RS_OK without
 * a failure injected. Each failed run must return RS_EMEMORY; leaks are found by AddressSanitizer. Gives up after
 * `limit` runs with a failed assertion. */
void unit_allocation_sweep(rs_status (*run)(void *user), void *user, size_t limit);

/* A path of the source tree, as unit_source("specs/x/y"); static storage, one at a time. */
const char *unit_source(const char *relative);

#endif
