/* How long each engine takes on growing products: a random machine of n states against the language of a random
 * machine. safe: its own language, so that n of n * n pairs are reachable. unsafe: the same without the state that is
 * furthest away. */
#include <stdio.h>
#include <stdlib.h>

#include "rnnsafe/solver.h"

static uint64_t state = 1;
static uint32_t below(uint32_t bound) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % bound);
}

/* The state that a breadth-first search from 0 finds last. */
static size_t furthest(size_t n, const uint32_t *next, uint32_t *queue, bool *seen) {
    size_t count = 1;
    for (size_t i = 0; i < n; i++) seen[i] = i == 0;
    queue[0] = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t s = 0; s < 2; s++)
            if (!seen[next[queue[i] * 2 + s]]) seen[queue[count++] = next[queue[i] * 2 + s]] = true;
    return queue[count - 1];
}

static rs_status measure(size_t n, bool safe, const rs_names *alphabet, const rs_names *outputs) {
    rs_automaton *machine = NULL, *language = NULL;
    rs_properties *properties = NULL;
    rs_solver_result r;
    uint32_t *next = calloc(2 * n, sizeof *next), *output = calloc(n, sizeof *output),
             *queue = calloc(n, sizeof *queue);
    bool *seen = calloc(n, sizeof *seen);
    rs_status status = next && output && queue && seen ? RS_OK : RS_EMEMORY;
    if (status == RS_OK) {
        for (size_t i = 0; i < 2 * n; i++) next[i] = below((uint32_t)n);
        for (size_t i = 0; i < n; i++) output[i] = below(2);
        size_t last = furthest(n, next, queue, seen);
        output[last] = 1;
        status = rs_automaton_new(&machine, alphabet, outputs, n, 0, output, next, NULL, NULL);
        if (!safe) output[last] = 0;
    }
    if (status == RS_OK) status = rs_automaton_new(&language, alphabet, outputs, n, 0, output, next, NULL, NULL);
    if (status == RS_OK) status = rs_properties_from_automaton(&properties, language, "language", alphabet, outputs, 1);
    if (status == RS_OK) {
        const rs_monitor *m = rs_property_monitor(rs_properties_get(properties, 0));
        status = rs_solver_check(&r, machine, m, NULL, NULL);
        if (status == RS_OK) {
            printf("| %zu | %zu | %zu | %zu | %s |", n, rs_monitor_states(m), r.locations, r.depth,
                   rs_answer_name(r.answer));
            for (rs_engine e = 0; e < RS_ENGINES; e++) {
                printf(" %.4f", r.seconds[e]);
                if (r.engine[e] != r.answer) printf(" %s (%s)", rs_answer_name(r.engine[e]), r.reason[e]);
                printf(" |");
            }
            printf("\n");
            rs_word_free(&r.word);
        }
    }
    rs_properties_free(properties);
    rs_automaton_free(machine);
    rs_automaton_free(language);
    free(next);
    free(output);
    free(queue);
    free(seen);
    return status;
}

int main(void) {
    static const size_t sizes[] = {5, 10, 20, 40, 80, 140, 200};
    rs_names *alphabet = NULL, *outputs = NULL;
    rs_status status = rs_names_parse(&alphabet, "alphabet", "a b");
    if (status == RS_OK) status = rs_names_parse(&outputs, "outputs", "reject accept");
    printf("| machine | monitor | reachable | depth | answer | explicit s | chc s | bmc s |\n|-|-|-|-|-|-|-|-|\n");
    for (size_t i = 0; status == RS_OK && i < 2 * sizeof sizes / sizeof *sizes; i++)
        status = measure(sizes[i / 2], i % 2 == 0, alphabet, outputs);
    if (status != RS_OK) fprintf(stderr, "%s\n", rs_error_message());
    rs_names_free(alphabet);
    rs_names_free(outputs);
    return status == RS_OK ? 0 : 1;
}
