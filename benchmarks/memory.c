/* Peak memory of recording against the recorded states: all words to length 19 over two symbols (list or without one), or random
 * words. Usage: bench_memory list|all|random NETWORK. Prints MiB. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "rnnsafe/trace.h"

#define DEPTH 19
#define RANDOM_WORDS 200000

static double peak(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "all";
    rs_network *net = NULL;
    rs_words *words = NULL;
    rs_trace *trace = NULL;
    const rs_lengths lengths = {.kind = RS_LENGTHS_UNIFORM, .min = 1, .max = 16};
    if (rs_network_load(&net, argc > 2 ? argv[2] : "", NULL) != RS_OK) goto fail;
    size_t S = rs_network_state_size(net), m = rs_names_count(rs_network_alphabet(net));
    double before = peak();
    if (rs_trace_new(&trace, net, NULL) != RS_OK) goto fail;
    if (!strcmp(what, "list") && rs_words_all(&words, m, DEPTH, (size_t)1 << 30) != RS_OK) goto fail;
    if (!strcmp(what, "random") && rs_words_sample(&words, m, RANDOM_WORDS, &lengths, 1) != RS_OK) goto fail;
    if (words ? rs_trace_add(trace, words, NULL) : rs_trace_add_all(trace, DEPTH, NULL)) goto fail;
    double states = (double)(rs_trace_size(trace) * S * sizeof(float)) / (1 << 20), took = peak() - before;
    printf("%s: %zu states of %zu numbers, %.1f MiB; at the most %.1f MiB, %.1f beside the states\n", what, rs_trace_size(trace), S,
           states, took, took - states);
    rs_trace_free(trace);
    rs_words_free(words);
    rs_network_free(net);
    return 0;
fail:
    fprintf(stderr, "%s\n", rs_error_message());
    return 1;
}
