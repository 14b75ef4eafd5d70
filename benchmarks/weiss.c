/* Extraction from the networks of train/weiss.py: a row for each network, and what the published extractor by queries takes.
 *
 *   bench_weiss FOLDER [--seeds N] [--repeat N] [--only TEXT] [--steps N]
 *
 * FOLDER has a manifest.csv as in docs/comparison.md, and LANGUAGE/truth.dot and LANGUAGE/test.words beside the weights.
 * Seconds are CPU time of the process with one thread, for rs_refine alone: the program is up, the network is loaded, and nothing is
 * measured; the least and the median over seeds and repetitions, and the slowest seed. Fidelity is measured afterwards, on words that
 * no extraction saw; columns are the mean over the seeds. --steps is the budget of network steps (that of rs_refine_options): a
 * budget of seconds would depend on what else the machine does. */
#define _POSIX_C_SOURCE 200809L
#include <rnnsafe/rnnsafe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RUNS 1024

/* Words that fidelity is measured on: the default lengths, 1000 of each of three lengths, and test.words, of all lengths to 100,
 * half of them in the language. */
static const char *const lengths[] = {"uniform:1..16", "uniform:10..10", "uniform:50..50", "uniform:100..100"};
enum { SAMPLES = sizeof lengths / sizeof *lengths, TESTS = SAMPLES + 1 };

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t n) {
    qsort(values, n, sizeof *values, by_value);
    return n % 2 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}

static bool failed(const char *what) {
    fprintf(stderr, "%s: %s\n", what, rs_error_message());
    return false;
}

typedef struct run {
    size_t states, clusters;
    double fidelity[TESTS], seconds, steps;
    bool equivalent;
    rs_end end;
} run;

typedef struct settings {
    const char *folder, *only;
    size_t seeds, repeat, steps;
} settings;

static bool extract(run *out, const settings *o, const rs_network *net, const rs_automaton *truth, rs_words *const *tests,
                    uint64_t seed, double *seconds) {
    rs_refine_options options = {.test_words = 1, .max_steps = o->steps};
    rs_refinement *r = NULL;
    bool ok = false;
    for (size_t i = 0; i < o->repeat; i++) {
        atomic_uint_fast64_t steps = 0;
        rs_context ctx = {.seed = seed, .threads = 1, .network_steps = &steps};
        rs_refinement_free(r);
        r = NULL;
        double start = cpu_seconds();
        if (rs_refine(&r, net, NULL, &options, &ctx) != RS_OK) return failed(rs_network_file(net));
        seconds[i] = cpu_seconds() - start;
        out->steps = (double)atomic_load(&steps);
    }
    const rs_automaton *machine = rs_refinement_automaton(r);
    out->states = rs_automaton_states(machine);
    out->clusters = rs_refinement_clusters(r);
    out->end = rs_refinement_end(r);
    out->seconds = median(seconds, o->repeat);
    for (size_t t = 0; t < TESTS; t++)
        if (rs_fidelity(&out->fidelity[t], net, machine, tests[t], NULL) != RS_OK) goto cleanup;
    ok = rs_automaton_equivalent(&out->equivalent, NULL, machine, truth) == RS_OK;
cleanup:
    if (!ok) failed(rs_network_file(net));
    rs_refinement_free(r);
    return ok;
}

static bool measure(const settings *o, const char *file, const char *language, const char *agreement) {
    char path[4096];
    bool ok = false;
    rs_network *net = NULL;
    rs_automaton *truth = NULL, *minimal = NULL;
    rs_words *tests[TESTS] = {0};
    static double seconds[RUNS];
    double fidelity[TESTS] = {0}, steps = 0, slowest = 0;
    char states[256] = "", clusters[256] = "";
    size_t equal = 0;
    rs_end end = RS_END_SETTLED;
    if ((size_t)snprintf(path, sizeof path, "%s/%s", o->folder, file) >= sizeof path) return false;
    if (rs_network_load(&net, path, NULL) != RS_OK) return failed(path);
    size_t symbols = rs_names_count(rs_network_alphabet(net));
    snprintf(path, sizeof path, "%s/%s/truth.dot", o->folder, language);
    if (rs_automaton_read_dot(&truth, path, rs_network_alphabet(net), rs_network_outputs(net)) != RS_OK ||
        rs_automaton_minimise(&minimal, NULL, truth) != RS_OK)
        goto cleanup;
    for (size_t t = 0; t < SAMPLES; t++) {
        rs_lengths l;
        if (rs_lengths_parse(&l, lengths[t]) != RS_OK ||
            rs_words_sample(&tests[t], symbols, t ? 1000 : 2000, &l, 0xfeed + t) != RS_OK)
            goto cleanup;
    }
    snprintf(path, sizeof path, "%s/%s/test.words", o->folder, language);
    if (rs_words_read(&tests[SAMPLES], rs_network_alphabet(net), path) != RS_OK) goto cleanup;
    for (size_t s = 0; s < o->seeds; s++) {
        run one = {0};
        if (!extract(&one, o, net, truth, tests, s + 1, seconds + s * o->repeat)) goto cleanup;
        size_t used = strlen(states), taken = strlen(clusters);
        snprintf(states + used, sizeof states - used, "%s%zu", s ? "," : "", one.states);
        snprintf(clusters + taken, sizeof clusters - taken, "%s%zu", s ? "," : "", one.clusters);
        for (size_t t = 0; t < TESTS; t++) fidelity[t] += one.fidelity[t] / (double)o->seeds;
        steps += one.steps / (double)o->seeds;
        equal += one.equivalent;
        if (one.seconds > slowest) slowest = one.seconds;
        end = one.end;
    }
    printf("%-32s %8s %5zu %-11s %-11s", file, agreement, rs_automaton_states(minimal), states, clusters);
    for (size_t t = 0; t < TESTS; t++) printf(" %6.4f", fidelity[t]);
    double middle = median(seconds, o->seeds * o->repeat); /* which sorts them */
    printf("  %zu/%zu %7.4f %7.4f %7.4f %8.0f  %s\n", equal, o->seeds, seconds[0], middle, slowest, steps, rs_end_name(end));
    fflush(stdout);
    ok = true;
cleanup:
    if (!ok) failed(path);
    for (size_t t = 0; t < TESTS; t++) rs_words_free(tests[t]);
    rs_automaton_free(truth);
    rs_automaton_free(minimal);
    rs_network_free(net);
    return ok;
}

int main(int argc, char **argv) {
    settings o = {.folder = argc > 1 ? argv[1] : NULL, .only = "", .seeds = 3, .repeat = 5};
    char path[4096], line[4096];
    bool ok = true;
    for (int i = 2; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--seeds")) o.seeds = strtoul(argv[i + 1], NULL, 10);
        else if (!strcmp(argv[i], "--repeat")) o.repeat = strtoul(argv[i + 1], NULL, 10);
        else if (!strcmp(argv[i], "--only")) o.only = argv[i + 1];
        else if (!strcmp(argv[i], "--steps")) o.steps = strtoul(argv[i + 1], NULL, 10);
    }
    if (!o.folder || !o.seeds || !o.repeat || o.seeds * o.repeat > RUNS) {
        fprintf(stderr, "usage: %s FOLDER [--seeds N] [--repeat N] [--only TEXT] [--steps N]\n", argv[0]);
        return 1;
    }
    snprintf(path, sizeof path, "%s/manifest.csv", o.folder);
    FILE *manifest = fopen(path, "r");
    if (!manifest || !fgets(line, sizeof line, manifest)) {
        fprintf(stderr, "%s: cannot read\n", path);
        return 2;
    }
    printf("%-32s %8s %5s %-11s %-11s %6s %6s %6s %6s %6s %4s %7s %7s %7s %8s  %s\n", "network", "accuracy", "truth", "states", "clusters",
           "1..16", "10", "50", "100", "half", "eq", "least", "seconds", "slowest", "steps", "end");
    while (fgets(line, sizeof line, manifest)) {
        line[strcspn(line, "\r\n")] = 0;
        char *language = strchr(line, ','), *agreement = strrchr(line, ',');
        if (!language || agreement == language || !strstr(line, o.only)) continue;
        *language++ = 0;
        language[strcspn(language, ",")] = 0;
        ok = measure(&o, line, language, agreement + 1) && ok;
    }
    fclose(manifest);
    return ok ? 0 : 2;
}
