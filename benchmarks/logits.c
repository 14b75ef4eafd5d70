/* The logits after every word of a word file, so that another framework's can be compared with them:
 *
 *   bench_logits NETWORK WORDS [--alphabet TEXT] [--outputs TEXT] [--cell NAME] [--threads N] [--binary]
 *
 * One line a word, logits separated by spaces with nine digits; --binary: float32 in the machine's order, word after word. */
#include <rnnsafe/trace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct arguments {
    const char *network, *words;
    rs_network_options options;
    size_t threads;
    bool binary;
} arguments;

static bool parse(arguments *a, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--binary") == 0) {
            a->binary = true;
            continue;
        }
        if (strncmp(argv[i], "--", 2) != 0) {
            const char **free_place = a->network ? &a->words : &a->network;
            if (*free_place) return false;
            *free_place = argv[i];
            continue;
        }
        if (!value) return false;
        if (strcmp(argv[i], "--alphabet") == 0) a->options.alphabet = value;
        else if (strcmp(argv[i], "--outputs") == 0) a->options.outputs = value;
        else if (strcmp(argv[i], "--cell") == 0) a->options.cell = value;
        else if (strcmp(argv[i], "--threads") == 0) a->threads = strtoul(value, NULL, 10);
        else return false;
        i++;
    }
    return a->words != NULL;
}

static void print(const float *logits, size_t count, size_t size, bool binary) {
    if (binary) {
        fwrite(logits, sizeof *logits, count * size, stdout);
        return;
    }
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < size; k++) printf("%.9g%c", (double)logits[i * size + k], k + 1 == size ? '\n' : ' ');
}

int main(int argc, char **argv) {
    arguments a = {.threads = 1};
    if (!parse(&a, argc, argv)) {
        fprintf(stderr, "usage: %s NETWORK WORDS [--alphabet TEXT] [--outputs TEXT] [--cell NAME] [--threads N] [--binary]\n",
                argv[0]);
        return 1;
    }
    rs_context ctx = {.seed = 1, .threads = a.threads};
    rs_network *net = NULL;
    rs_words *words = NULL;
    rs_trace *trace = NULL;
    float *states = NULL, *logits = NULL;
    rs_status status = rs_network_load(&net, a.network, &a.options);
    if (status == RS_OK) status = rs_words_read(&words, rs_network_alphabet(net), a.words);
    if (status == RS_OK) status = rs_trace_new(&trace, net, &ctx);
    if (status == RS_OK) status = rs_trace_add(trace, words, &ctx);
    if (status == RS_OK) {
        size_t count = rs_words_count(words), S = rs_network_state_size(net), L = rs_network_logits_size(net);
        states = malloc((count ? count : 1) * S * sizeof *states);
        logits = malloc((count ? count : 1) * L * sizeof *logits);
        if (!states || !logits) status = RS_EMEMORY;
        for (size_t i = 0; status == RS_OK && i < count; i++)
            memcpy(states + i * S, rs_trace_states(trace) + rs_trace_find_word(trace, words, i) * S, S * sizeof *states);
        if (status == RS_OK) status = rs_network_logits(net, count, states, logits, &ctx);
        if (status == RS_OK) print(logits, count, L, a.binary);
    }
    if (status != RS_OK) fprintf(stderr, "%s: %s\n", argv[0], rs_error_message());
    free(states);
    free(logits);
    rs_trace_free(trace);
    rs_words_free(words);
    rs_network_free(net);
    return status == RS_OK ? 0 : 2;
}
