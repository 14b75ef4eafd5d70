/* What forward.py times on our side. Each line on standard input starts one run; its answer is one line "CPU WALL STEPS": seconds of the
 * process, seconds of the clock, steps of the network.
 *
 *   bench_forward FILE CELL SYMBOLS record LENGTH BATCH THREADS [STATES]  all states of BATCH words that start with symbols 0, 1, ...;
 *                                                                        STATES gets them as [LENGTH][BATCH][S] floats
 *   bench_forward FILE CELL SYMBOLS single LENGTH                        one word, symbol by symbol
 *   bench_forward FILE CELL SYMBOLS tree LENGTH                          states and classes of all words to LENGTH, as a prefix tree
 *
 * Symbol t of word i is (7 t + i + t i) mod SYMBOLS on both sides. */
#include <rnnsafe/rnnsafe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct job {
    const rs_network *net;
    size_t length, batch;
    uint32_t *words;     /* [length][batch] */
    float *first, *states; /* [batch][S], [length][batch][S] */
    uint32_t *classes;   /* [length] */
    rs_context ctx;
} job;

static rs_status record(job *j) {
    return rs_network_steps(j->net, j->batch, j->length, j->first, j->words, j->states, &j->ctx);
}

static rs_status single(job *j) {
    return rs_network_run(j->net, j->words, j->length, j->classes, NULL, &j->ctx);
}

static rs_status tree(job *j) {
    rs_words *words = NULL;
    rs_trace *trace = NULL;
    rs_status status = rs_words_all(&words, rs_names_count(rs_network_alphabet(j->net)), j->length, (size_t)1 << 24);
    if (status == RS_OK) status = rs_trace_new(&trace, j->net, &j->ctx);
    if (status == RS_OK) status = rs_trace_add(trace, words, &j->ctx);
    rs_trace_free(trace);
    rs_words_free(words);
    return status;
}

static int fail(void) {
    fprintf(stderr, "%s\n", rs_error_message());
    return 2;
}

int main(int argc, char **argv) {
    if (argc < 6) return fputs("usage: bench_forward FILE CELL SYMBOLS record|single|tree LENGTH [BATCH THREADS [STATES]]\n", stderr), 1;
    size_t symbols = strtoul(argv[3], NULL, 10), S;
    char alphabet[4096] = "";
    for (size_t i = 0; i < symbols && i < 500; i++) snprintf(alphabet + strlen(alphabet), 8, "s%zu ", i);
    rs_network *net = NULL;
    rs_network_options options = {.alphabet = alphabet, .cell = argv[2]};
    if (rs_network_load(&net, argv[1], &options) != RS_OK) return fail();
    S = rs_network_state_size(net);
    atomic_uint_fast64_t steps = 0;
    job j = {net, strtoul(argv[5], NULL, 10), argc > 6 ? strtoul(argv[6], NULL, 10) : 1, NULL, NULL, NULL, NULL,
             {.threads = argc > 7 ? strtoul(argv[7], NULL, 10) : 1, .network_steps = &steps}};
    rs_status (*run)(job *) = argv[4][0] == 'r' ? record : argv[4][0] == 's' ? single : tree;
    j.words = malloc(j.length * j.batch * sizeof *j.words);
    j.classes = malloc(j.length * sizeof *j.classes);
    j.first = malloc(j.batch * S * sizeof *j.first);
    j.states = malloc(run == record ? j.length * j.batch * S * sizeof *j.states : 1);
    if (!j.words || !j.classes || !j.first || !j.states) return fputs("out of memory\n", stderr), 6;
    for (size_t t = 0; t < j.length; t++)
        for (size_t i = 0; i < j.batch; i++) j.words[t * j.batch + i] = (uint32_t)((7 * t + i + t * i) % symbols);
    for (size_t i = 0; i < j.batch; i++) memcpy(j.first + i * S, rs_network_initial(net), S * sizeof *j.first);
    while (getchar() == '\n') {
        steps = 0;
        double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
        if (run(&j) != RS_OK) return fail();
        printf("%.9f %.9f %llu\n", seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, seconds(CLOCK_MONOTONIC) - wall, (unsigned long long)steps);
        fflush(stdout);
    }
    if (argc > 8) {
        FILE *file = fopen(argv[8], "wb");
        if (!file || fwrite(j.states, sizeof *j.states, j.length * j.batch * S, file) != j.length * j.batch * S || fclose(file))
            return perror(argv[8]), 2;
    }
    free(j.words), free(j.classes), free(j.first), free(j.states);
    rs_network_free(net);
    return 0;
}
