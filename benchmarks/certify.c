/* Proofs of a folder of networks: that each computes the truth of its language, for words of every length.
 *
 *   bench_certify FOLDER [--only TEXT] [--seconds N] [--large N] [--headroom] [--log]
 *
 * FOLDER/manifest.csv names the networks (file, language, cell, hidden, alphabet, outputs), FOLDER/LANGUAGE/truth.dot
 * the truths. One line a network: file, verdict, seconds of the processor, regions, hints, eps, headroom, how or why;
 * then totals.
 * --seconds: for a network of up to 16 units (15); --large: for larger ones (60). */
#include <rnnsafe/certify.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "manifest.h"

typedef struct arguments {
    const char *folder, *only;
    double seconds, large;
    bool headroom, log;
} arguments;

static bool parse(arguments *a, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--headroom") == 0) a->headroom = true;
        else if (strcmp(argv[i], "--log") == 0) a->log = true;
        else if (strncmp(argv[i], "--", 2) != 0) {
            if (a->folder) return false;
            a->folder = argv[i];
        } else if (!value) return false;
        else if (strcmp(argv[i], "--only") == 0) a->only = argv[++i];
        else if (strcmp(argv[i], "--seconds") == 0) a->seconds = atof(argv[++i]);
        else if (strcmp(argv[i], "--large") == 0) a->large = atof(argv[++i]);
        else return false;
    }
    return a->folder != NULL;
}

static void print_log(void *user, int level, const char *line) {
    (void)user;
    if (level <= 2) printf("  %s\n", line);
}

static rs_status certify(rs_certify_result *out, const char *file, const char *truth, const rs_network_options *names,
                         const rs_certify_options *options, bool log) {
    rs_context ctx = {.seed = 1, .threads = 1, .log = log ? print_log : NULL};
    rs_network *net = NULL;
    rs_automaton *a = NULL;
    rs_monitor *monitor = NULL;
    rs_status status = rs_network_load(&net, file, names);
    if (status == RS_OK) status = rs_automaton_read_dot(&a, truth, rs_network_alphabet(net), rs_network_outputs(net));
    if (status == RS_OK)
        status = rs_monitor_equal(&monitor, a, truth, rs_network_alphabet(net), rs_network_outputs(net));
    if (status == RS_OK) status = rs_certify(out, net, monitor, options, &ctx);
    rs_monitor_free(monitor);
    rs_automaton_free(a);
    rs_network_free(net);
    return status;
}

int main(int argc, char **argv) {
    static const char *const verdicts[] = {"PROVED", "VIOLATED", "UNKNOWN"};
    arguments a = {.seconds = 15, .large = 60};
    char path[4096], truth[4096], line[4096], head[4096], *header[32], *field[32];
    size_t total[3] = {0}, failed = 0;
    if (!parse(&a, argc, argv)) {
        fprintf(stderr, "usage: %s FOLDER [--only TEXT] [--seconds N] [--large N] [--headroom] [--log]\n", argv[0]);
        return 1;
    }
    snprintf(path, sizeof path, "%s/manifest.csv", a.folder);
    FILE *manifest = fopen(path, "r");
    if (!manifest || !fgets(head, sizeof head, manifest)) {
        fprintf(stderr, "%s cannot be read\n", path);
        return 1;
    }
    size_t columns = split(header, 32, head), file = column(header, columns, "file");
    size_t language = column(header, columns, "language"), cell = column(header, columns, "cell");
    size_t hidden = column(header, columns, "hidden"), alphabet = column(header, columns, "alphabet");
    size_t outputs = column(header, columns, "outputs");
    while (fgets(line, sizeof line, manifest)) {
        if (split(field, 32, line) < columns || (a.only && !strstr(field[file], a.only))) continue;
        rs_network_options names = {.alphabet = field[alphabet], .outputs = field[outputs]};
        if (strcmp(field[cell], "tanh") == 0 || strcmp(field[cell], "relu") == 0) names.cell = field[cell];
        rs_certify_options options = {.seconds = atoi(field[hidden]) > 16 ? a.large : a.seconds,
                                      .headroom = a.headroom};
        rs_certify_result r = {0};
        snprintf(path, sizeof path, "%s/%s", a.folder, field[file]);
        snprintf(truth, sizeof truth, "%s/%s/truth.dot", a.folder, field[language]);
        clock_t start = clock();
        if (certify(&r, path, truth, &names, &options, a.log) != RS_OK) {
            failed++;
            printf("%s FAILED %s\n", field[file], rs_error_message());
            continue;
        }
        total[r.verdict]++;
        printf("%s %s %.2f s", field[file], verdicts[r.verdict], (double)(clock() - start) / CLOCKS_PER_SEC);
        if (r.verdict == RS_CERTIFY_PROVED)
            printf(" %zu regions %zu hints eps %.2g %.2g; attempt %zu: %s\n", r.certificate.regions,
                   r.certificate.hint_count, r.eps, r.headroom, r.attempts, r.method);
        else if (r.verdict == RS_CERTIFY_VIOLATED) printf(" length %zu: %s\n", r.word.length, r.method);
        else printf(" %zu attempts: %s\n", r.attempts, r.reason);
        fflush(stdout);
        rs_certify_result_clear(&r);
    }
    fclose(manifest);
    printf("%zu proved, %zu violated, %zu unknown, %zu failed\n", total[0], total[1], total[2], failed);
    return failed != 0;
}
