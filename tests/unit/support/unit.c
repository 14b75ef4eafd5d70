#include "support/unit.h"

#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

int unit_main(const char *suite, const unit_test *tests, size_t count) {
    if (CU_initialize_registry() != CUE_SUCCESS) return 2;
    CU_pSuite s = CU_add_suite(suite, NULL, NULL);
    for (size_t i = 0; s && i < count; i++)
        if (!CU_add_test(s, tests[i].name, tests[i].run)) s = NULL;
    if (!s) return 2;
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    /* CU_get_error() is 0 with failed asserts, so count. */
    bool ok = CU_get_number_of_failures() == 0 && CU_get_number_of_tests_run() == count;
    CU_cleanup_registry();
    return ok ? 0 : 1;
}

bool unit_status(rs_status got, rs_status wanted, const char *call, const char *file, int line) {
    bool ok = got == wanted;
    if (!ok)
        fprintf(stderr, "%s:%d: %s gave status %d, not %d: %s\n", file, line, call, got, wanted, rs_error_message());
    CU_assertImplementation(ok, (unsigned)line, call, file, "", CU_FALSE);
    return ok;
}

bool unit_contains(const char *got, const char *wanted, const char *file, int line) {
    bool ok = strstr(got, wanted) != NULL;
    if (!ok) fprintf(stderr, "%s:%d: \"%s\" does not contain \"%s\"\n", file, line, got, wanted);
    CU_assertImplementation(ok, (unsigned)line, wanted, file, "", CU_FALSE);
    return ok;
}

uint64_t unit_seed(void) {
    const char *text = getenv("RNNSAFE_SEED");
    uint64_t seed = text ? strtoull(text, NULL, 10) : 1;
    printf("(RNNSAFE_SEED=%llu) ", (unsigned long long)seed);
    return seed;
}

void unit_allocation_sweep(rs_status (*run)(void *user), void *user, size_t limit) {
    for (size_t i = 1; i <= limit; i++) {
        rs_alloc_fail_at(i);
        rs_status status = run(user);
        bool failed = rs_alloc_fail_at(0);
        if (!failed) {
            CHECK_OK(status);
            return;
        }
        if (!unit_status(status, RS_EMEMORY, "run with a failed allocation", __FILE__, __LINE__)) return;
    }
    CU_FAIL("the sweep did not end");
}

const char *unit_source(const char *relative) {
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s", RNNSAFE_SOURCE_DIR, relative);
    return path;
}
