/* Fidelity over states on networks of context-free languages: clusters by behaviour, at most so many, against k-means with k clusters.
 *
 *   bench_contextfree FOLDER [--seeds N] [--every N] [--only TEXT] [--kind cfg] >runs.csv
 *
 * FOLDER has a manifest.csv as in docs/comparison.md. A row for each run: clusters, states of the minimal machine, fidelity on 2000 fresh
 * words of lengths 1 to 16 (after the last symbol), and balanced fidelity: the share of their prefixes after which machine and
 * network agree, averaged over the classes. contextfree.py makes the table. */
#include <rnnsafe/rnnsafe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 12
#define CLASSES 64

static const size_t caps[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 20, 24, 32, 64, 1000};
static const size_t ks[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256};

/* Clusters to states, by the registry, as `rnnsafe compare` does it. */
typedef struct place {
    const rs_clustering *clustering;
    const rs_context *ctx;
} place;

static rs_status assign(void *user, size_t m, const float *points, uint32_t *labels) {
    const place *p = user;
    return rs_clustering_assign(p->clustering, m, points, labels, p->ctx);
}

static rs_status by_kmeans(rs_automaton **out, const rs_trace *trace, size_t k, const rs_context *ctx) {
    rs_clustering *clustering = NULL;
    rs_automaton *full = NULL;
    rs_cluster_options options = {.clusters = k};
    size_t n = rs_trace_size(trace), S = rs_network_state_size(rs_trace_network(trace));
    uint32_t *labels = malloc(n * sizeof *labels);
    rs_status status = labels ? rs_cluster_fit(&clustering, "kmeans", n - 1, S, rs_trace_states(trace) + S, &options, ctx) : RS_EMEMORY;
    if (status == RS_OK) {
        place where = {clustering, ctx};
        size_t count = rs_clustering_count(clustering);
        memcpy(labels + 1, rs_clustering_labels(clustering), (n - 1) * sizeof *labels);
        labels[0] = (uint32_t)count;
        status = rs_automaton_from_clusters(&full, trace, count + 1, labels, NULL, assign, &where, ctx);
    }
    if (status == RS_OK) status = rs_automaton_minimise(out, NULL, full);
    free(labels);
    rs_automaton_free(full);
    rs_clustering_free(clustering);
    return status;
}

/* Averages over classes of the prefixes that the machine has right. */
static double balanced(const rs_automaton *a, const rs_trace *trace) {
    size_t n = rs_trace_size(trace), members[CLASSES] = {0}, right[CLASSES] = {0}, occurring = 0;
    uint32_t *state = malloc(n * sizeof *state);
    double sum = 0;
    if (!state) return 0;
    state[0] = (uint32_t)rs_automaton_start(a);
    for (size_t i = 1; i < n; i++) {
        uint32_t class = rs_trace_classes(trace)[i] % CLASSES;
        state[i] = (uint32_t)rs_automaton_next(a, state[rs_trace_parents(trace)[i]], rs_trace_symbols(trace)[i]);
        members[class]++;
        right[class] += rs_automaton_output(a, state[i]) == rs_trace_classes(trace)[i];
    }
    free(state);
    for (size_t c = 0; c < CLASSES; c++) {
        if (!members[c]) continue;
        occurring++;
        sum += (double)right[c] / (double)members[c];
    }
    return occurring ? sum / (double)occurring : 1;
}

static bool row(const char *file, uint64_t seed, const char *method, size_t setting, size_t clusters, const rs_automaton *a,
                const rs_words *words, const rs_trace *trace, const rs_network *net) {
    double fidelity;
    if (rs_fidelity(&fidelity, net, a, words, NULL) != RS_OK) return false;
    printf("%s,%llu,%s,%zu,%zu,%zu,%.6f,%.6f\n", file, (unsigned long long)seed, method, setting, clusters, rs_automaton_states(a),
           fidelity, balanced(a, trace));
    fflush(stdout);
    return true;
}

static bool measure(const char *file, const rs_network *net, uint64_t seed) {
    bool ok = false;
    rs_context ctx = {.seed = seed, .threads = 1};
    rs_lengths lengths = {.kind = RS_LENGTHS_UNIFORM, .min = 1, .max = 16};
    size_t m = rs_names_count(rs_network_alphabet(net));
    rs_words *words = NULL, *fresh = NULL;
    rs_trace *trace = NULL, *test = NULL;
    rs_automaton *a = NULL;
    rs_refinement *r = NULL;
    if (rs_words_sample(&words, m, 400, &lengths, seed) != RS_OK || rs_words_sample(&fresh, m, 2000, &lengths, ~seed) != RS_OK ||
        rs_trace_new(&trace, net, &ctx) != RS_OK || rs_trace_add(trace, words, &ctx) != RS_OK ||
        rs_trace_new(&test, net, &ctx) != RS_OK || rs_trace_add(test, fresh, &ctx) != RS_OK)
        goto cleanup;
    for (size_t i = 0; i < sizeof caps / sizeof *caps; i++) {
        rs_refine_options options = {.test_words = 1, .max_clusters = caps[i]};
        if (rs_refine(&r, net, NULL, &options, &ctx) != RS_OK ||
            !row(file, seed, "behaviour", caps[i], rs_refinement_clusters(r), rs_refinement_automaton(r), fresh, test, net))
            goto cleanup;
        rs_refinement_free(r);
        r = NULL;
    }
    for (size_t i = 0; i < sizeof ks / sizeof *ks; i++) {
        if (by_kmeans(&a, trace, ks[i], &ctx) != RS_OK || !row(file, seed, "kmeans", ks[i], ks[i], a, fresh, test, net)) goto cleanup;
        rs_automaton_free(a);
        a = NULL;
    }
    ok = true;
cleanup:
    if (!ok) fprintf(stderr, "%s: %s\n", file, rs_error_message());
    rs_automaton_free(a);
    rs_refinement_free(r);
    rs_trace_free(trace);
    rs_trace_free(test);
    rs_words_free(words);
    rs_words_free(fresh);
    return ok;
}

/* "0 1 2 ..." */
static void indices(char *out, size_t size, int count) {
    size_t used = 0;
    for (int i = 0; i < count && used < size; i++) used += (size_t)snprintf(out + used, size - used, "%s%d", i ? " " : "", i);
}

static bool load(rs_network **out, const char *folder, char *const *field) {
    char path[4096], alphabet[1024], outputs[1024];
    rs_network_options how = {.cell = field[2], .alphabet = alphabet, .outputs = outputs};
    if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, field[0]) >= sizeof path) return false;
    if ((size_t)snprintf(alphabet, sizeof alphabet, "%s", field[9]) >= sizeof alphabet || !alphabet[0]) indices(alphabet, sizeof alphabet, atoi(field[5]));
    if ((size_t)snprintf(outputs, sizeof outputs, "%s", field[10]) >= sizeof outputs || !outputs[0]) indices(outputs, sizeof outputs, atoi(field[6]));
    if (rs_network_load(out, path, &how) == RS_OK) return true;
    fprintf(stderr, "%s: %s\n", path, rs_error_message());
    return false;
}

int main(int argc, char **argv) {
    const char *only = "", *kind = "cfg";
    char path[4096], line[4096];
    size_t seeds = 3, every = 1, matched = 0;
    bool ok = true;
    for (int i = 2; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--seeds")) seeds = strtoul(argv[i + 1], NULL, 10);
        else if (!strcmp(argv[i], "--every")) every = strtoul(argv[i + 1], NULL, 10);
        else if (!strcmp(argv[i], "--only")) only = argv[i + 1];
        else if (!strcmp(argv[i], "--kind")) kind = argv[i + 1];
    }
    if (argc < 2 || !every) {
        fprintf(stderr, "usage: %s FOLDER [--seeds N] [--every N] [--only TEXT] [--kind cfg]\n", argv[0]);
        return 1;
    }
    snprintf(path, sizeof path, "%s/manifest.csv", argv[1]);
    FILE *manifest = fopen(path, "r");
    if (!manifest || !fgets(line, sizeof line, manifest)) {
        fprintf(stderr, "%s: cannot read\n", path);
        return 2;
    }
    printf("network,seed,method,setting,clusters,states,fidelity,balanced\n");
    while (fgets(line, sizeof line, manifest)) {
        char *field[COLUMNS] = {line};
        rs_network *net = NULL;
        size_t count = 1;
        line[strcspn(line, "\r\n")] = 0;
        for (char *c = line; *c; c++)
            if (*c == ',' && count < COLUMNS) *c = 0, field[count++] = c + 1;
        if (count < COLUMNS || strcmp(field[7], kind) || !strstr(field[0], only) || matched++ % every) continue;
        ok = load(&net, argv[1], field) && ok;
        for (uint64_t seed = 1; net && seed <= seeds; seed++) ok = measure(field[0], net, seed) && ok;
        rs_network_free(net);
    }
    fclose(manifest);
    return ok ? 0 : 2;
}
