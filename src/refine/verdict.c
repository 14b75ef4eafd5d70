/* Alone, so that a program that names verdicts needs no engine. */
#include "rnnsafe/refine.h"

const char *rs_verdict_name(rs_verdict v) {
    static const char *const names[] = {"PROVED", "HOLDS", "VIOLATED", "UNKNOWN"};
    return names[v];
}
