#include "solver_ref.h"

#include <stdlib.h>
#include <string.h>

rs_product *solver_ref_random(rs_random *r, size_t states, size_t watchers, size_t symbols, size_t outputs,
                              double leak) {
    uint32_t *next = calloc(states * symbols, sizeof *next), *output = calloc(states, sizeof *output);
    uint32_t *watch = calloc((watchers + 1) * symbols * outputs, sizeof *watch);
    bool *bad = calloc(watchers + 1, sizeof *bad);
    rs_product *p = NULL;
    size_t letters = symbols * outputs, lower = watchers > 1 ? watchers / 2 : 1;
    if (next && output && watch && bad) {
        for (size_t i = 0; i < states * symbols; i++) next[i] = (uint32_t)rs_random_below(r, states);
        for (size_t i = 0; i < states; i++) output[i] = (uint32_t)rs_random_below(r, outputs);
        for (size_t m = 0; m <= watchers; m++)
            for (size_t l = 0; l < letters; l++) {
                size_t to = watchers;
                if (m < lower) to = rs_random_below(r, rs_random_unit(r) < leak ? watchers + 1 : lower);
                else if (m < watchers && rs_random_below(r, 4)) to = rs_random_below(r, watchers);
                watch[m * letters + l] = (uint32_t)to;
            }
        bad[watchers] = true;
        rs_product shape = {.symbols = symbols,
                            .outputs = outputs,
                            .states = states,
                            .next = next,
                            .output = output,
                            .start = rs_random_below(r, states),
                            .watchers = watchers + 1,
                            .watch = watch,
                            .bad = bad};
        if (rs_product_copy(&p, &shape) != RS_OK) p = NULL;
    }
    free(next);
    free(output);
    free(watch);
    free(bad);
    return p;
}

static bool violates(const rs_product *p, const uint32_t *word, size_t length) {
    uint32_t q = (uint32_t)p->start, m = 0;
    for (size_t i = 0; i < length; i++) {
        q = p->next[q * p->symbols + word[i]];
        m = p->watch[(m * p->symbols + word[i]) * p->outputs + p->output[q]];
    }
    return p->bad[m];
}

size_t solver_ref_violation(const rs_product *p, size_t bound, uint32_t *word) {
    for (size_t length = 1; length <= bound; length++) {
        memset(word, 0, length * sizeof *word);
        for (;;) {
            if (violates(p, word, length)) return length;
            size_t i = length; /* count up, last symbol fastest */
            while (i && ++word[i - 1] == p->symbols) word[--i] = 0;
            if (!i) break;
        }
    }
    return 0;
}
