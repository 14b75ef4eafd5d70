/* The way from words to a machine by k-means and by recorded behaviour, in seconds of processor time, one thread:
 *
 *   bench_pipeline kmeans|behaviour NETWORK ALPHABET OUTPUTS FOLDER [WORDS [LENGTH [CLUSTERS [SEED]]]]
 *
 * Records WORDS random words of LENGTH symbols and measures fidelity on fresh ones of up to that length. Both are left
 * in FOLDER for pipeline.py: "words", the symbols as raw uint32, and "fresh", each word after its length. Prints
 * seconds of the phases, the number of states that were recorded, and fidelity. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rnnsafe/refine.h>

enum { FRESH = 2000 };

static double now(void) {
    return (double)clock() / CLOCKS_PER_SEC;
}

static bool write_words(const char *folder, const char *name, const rs_words *words, bool lengths) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    uint32_t *word = NULL;
    bool right = file != NULL;
    for (size_t i = 0; right && i < rs_words_count(words); i++) {
        size_t length = rs_words_length(words, i);
        uint32_t first = (uint32_t)length;
        free(word);
        word = malloc((length ? length : 1) * sizeof *word);
        if (!word) right = false;
        else rs_words_copy(word, words, i);
        if (right && lengths) right = fwrite(&first, sizeof first, 1, file) == 1;
        right = right && fwrite(word, sizeof *word, length, file) == length;
    }
    free(word);
    if (file && fclose(file)) right = false;
    if (!right) fprintf(stderr, "bench_pipeline: cannot write %s\n", path);
    return right;
}

typedef struct place {
    const rs_clustering *clustering;
} place;

static rs_status assign(void *user, size_t m, const float *points, uint32_t *labels) {
    return rs_clustering_assign(((place *)user)->clustering, m, points, labels, NULL);
}

/* Trace, k-means, machine. The empty word is a cluster of its own, since no symbol leads to it. */
static rs_status by_kmeans(const rs_network *net, const rs_words *words, const rs_words *fresh, size_t clusters,
                           const rs_context *ctx) {
    rs_trace *trace = NULL;
    rs_clustering *clustering = NULL;
    rs_automaton *full = NULL, *machine = NULL;
    uint32_t *labels = NULL;
    double fidelity = 0, start = now(), traced, clustered, built;
    rs_status status = rs_trace_new(&trace, net, ctx);
    if (status == RS_OK) status = rs_trace_add(trace, words, ctx);
    traced = now();
    size_t S = rs_network_state_size(net), n = status == RS_OK ? rs_trace_size(trace) : 1;
    if (status == RS_OK)
        status = rs_cluster_fit(&clustering, "kmeans", n - 1, S, rs_trace_states(trace) + S,
                                &(rs_cluster_options){.clusters = clusters, .restarts = 1}, ctx);
    clustered = now();
    if (status == RS_OK && !(labels = malloc(n * sizeof *labels))) status = RS_EMEMORY;
    if (status == RS_OK) {
        size_t k = rs_clustering_count(clustering);
        labels[0] = (uint32_t)k;
        memcpy(labels + 1, rs_clustering_labels(clustering), (n - 1) * sizeof *labels);
        status = rs_automaton_from_clusters(&full, trace, k + 1, labels, NULL, assign, &(place){clustering}, ctx);
    }
    if (status == RS_OK) status = rs_automaton_minimise(&machine, NULL, full);
    built = now();
    if (status == RS_OK) status = rs_fidelity(&fidelity, net, machine, fresh, ctx);
    if (status == RS_OK)
        printf("forward %.3f cluster %.3f transitions %.3f recorded %zu states %zu fidelity %.4f\n", traced - start,
               clustered - traced, built - clustered, n - 1, rs_automaton_states(machine), fidelity);
    free(labels);
    rs_automaton_free(full);
    rs_automaton_free(machine);
    rs_clustering_free(clustering);
    rs_trace_free(trace);
    return status;
}

static rs_status by_behaviour(const rs_network *net, const rs_words *words, const rs_words *fresh,
                              const rs_context *ctx) {
    rs_refinement *r = NULL;
    double start = now(), seconds, fidelity = 0;
    rs_status status =
        rs_refine(&r, net, NULL, &(rs_refine_options){.given = words, .passive = true, .test_words = 1}, ctx);
    seconds = now() - start;
    if (status == RS_OK) status = rs_fidelity(&fidelity, net, rs_refinement_automaton(r), fresh, ctx);
    if (status == RS_OK)
        printf("seconds %.3f states %zu fidelity %.4f\n", seconds, rs_automaton_states(rs_refinement_automaton(r)),
               fidelity);
    rs_refinement_free(r);
    return status;
}

int main(int argc, char **argv) {
    if (argc < 6 || argc > 10) {
        fprintf(stderr, "usage: bench_pipeline kmeans|behaviour NETWORK ALPHABET OUTPUTS FOLDER [WORDS [LENGTH "
                        "[CLUSTERS [SEED]]]]\n");
        return 1;
    }
    size_t count = argc > 6 ? strtoull(argv[6], NULL, 10) : 20000, length = argc > 7 ? strtoull(argv[7], NULL, 10) : 50;
    size_t clusters = argc > 8 ? strtoull(argv[8], NULL, 10) : 100;
    rs_context ctx = {.seed = argc > 9 ? strtoull(argv[9], NULL, 10) : 1, .threads = 1};
    rs_lengths all = {.kind = RS_LENGTHS_UNIFORM, .min = length, .max = length}, up_to = all;
    rs_network *net = NULL;
    rs_words *words = NULL, *fresh = NULL;
    up_to.min = 1;
    rs_status status = rs_network_load(&net, argv[2], &(rs_network_options){.alphabet = argv[3], .outputs = argv[4]});
    size_t symbols = status == RS_OK ? rs_names_count(rs_network_alphabet(net)) : 0;
    if (status == RS_OK) status = rs_words_sample(&words, symbols, count, &all, ctx.seed);
    if (status == RS_OK) status = rs_words_sample(&fresh, symbols, FRESH, &up_to, ~ctx.seed);
    if (status == RS_OK &&
        (!write_words(argv[5], "words", words, false) || !write_words(argv[5], "fresh", fresh, true)))
        return 2;
    if (status == RS_OK)
        status = strcmp(argv[1], "kmeans") == 0 ? by_kmeans(net, words, fresh, clusters, &ctx)
                                                : by_behaviour(net, words, fresh, &ctx);
    if (status != RS_OK) fprintf(stderr, "bench_pipeline: %s\n", rs_error_message());
    rs_words_free(words);
    rs_words_free(fresh);
    rs_network_free(net);
    return status == RS_OK ? 0 : 2;
}
