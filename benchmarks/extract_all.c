/* Extracts every network of a folder with a manifest.csv (see benchmarks/README.md) and prints a row each, then medians and
 * shares by group: networks that agree with their truth (agreement >= 0.999), those that never learned it (< 0.9), those between,
 * and those without a finite truth.
 *
 *   bench_extract_all FOLDER [--seed N] [--only TEXT] [--every N] [--cluster METHOD] [--clusters K]
 *                            [--words N] [--significance N] [--passive 1] */
#include <rnnsafe/rnnsafe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 12
#define ROWS 4096

/* manifest.csv: file,language,cell,layers,hidden,inputs,classes,kind,states,alphabet,outputs,agreement */
typedef struct row {
    char *field[COLUMNS];
} row;

typedef struct sample {
    int group;
    double fidelity, truth_fidelity, ambiguity, seconds, steps;
    double margin, placed; /* of geometry; share of fresh words that it places where the machine is */
    size_t misplaced, recorded, pieces;
    int kind;              /* of geometry: 0 centroids, 1 linear separators, 2 several centroids */
    size_t states, truth_states, clusters;
    bool equivalent;
} sample;

static const char *const groups[] = {"agreement >= 0.999", "0.9 <= agreement < 0.999", "agreement < 0.9", "no finite truth"};

static const char *const kinds[] = {"one", "lin", "sev"};

static bool split(row *r, char *line) {
    line[strcspn(line, "\r\n")] = 0;
    for (int i = 0; i < COLUMNS; i++) {
        r->field[i] = line;
        char *comma = strchr(line, ',');
        if (i == COLUMNS - 1) return !comma;
        if (!comma) return false;
        *comma = 0;
        line = comma + 1;
    }
    return true;
}

/* "0 1 2 ..." */
static void indices(char *out, size_t size, int count) {
    size_t used = 0;
    for (int i = 0; i < count && used < size; i++) used += (size_t)snprintf(out + used, size - used, "%s%d", i ? " " : "", i);
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t n) {
    if (!n) return 0;
    qsort(values, n, sizeof *values, by_value);
    return n % 2 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]);
}

static bool fail(const char *file) {
    fprintf(stderr, "%s: %s\n", file, rs_error_message());
    return false;
}

static bool extract(sample *s, const char *folder, const row *r, const rs_refine_options *options, uint64_t seed) {
    char path[4096], alphabet[1024], outputs[1024];
    bool ok = false;
    bool cfg = !strcmp(r->field[7], "cfg");
    rs_network *net = NULL;
    rs_refinement *refinement = NULL;
    rs_automaton *truth = NULL, *minimal = NULL;
    atomic_uint_fast64_t steps = 0;
    rs_context ctx = {.seed = seed, .threads = 1, .network_steps = &steps};
    snprintf(path, sizeof path, "%s/%s", folder, r->field[0]);
    snprintf(alphabet, sizeof alphabet, "%s", r->field[9]);
    snprintf(outputs, sizeof outputs, "%s", r->field[10]);
    if (!alphabet[0]) indices(alphabet, sizeof alphabet, atoi(r->field[5]));
    if (!outputs[0]) indices(outputs, sizeof outputs, atoi(r->field[6]));
    rs_network_options how = {.cell = r->field[2], .alphabet = alphabet, .outputs = outputs};
    double start = rs_now();
    if (rs_network_load(&net, path, &how) != RS_OK) return fail(path);
    if (rs_refine(&refinement, net, NULL, options, &ctx) != RS_OK) {
        fail(path);
        goto cleanup;
    }
    const rs_automaton *machine = rs_refinement_automaton(refinement);
    const rs_placement *placement = rs_refinement_placement(refinement);
    *s = (sample){.seconds = rs_now() - start,
                  .fidelity = rs_refinement_fidelity(refinement),
                  .states = rs_automaton_states(machine),
                  .clusters = rs_refinement_clusters(refinement),
                  .margin = placement->margin,
                  .placed = rs_refinement_placement_agreement(refinement),
                  .misplaced = placement->misplaced,
                  .recorded = rs_refinement_placed(refinement),
                  .pieces = placement->pieces,
                  .kind = placement->kind[0] == 'c' ? 0 : placement->kind[0] == 'l' ? 1 : 2,
                  .steps = (double)atomic_load(&steps)};
    double agreement = r->field[11][0] ? atof(r->field[11]) : -1;
    s->group = cfg ? 3 : agreement >= 0.999 ? 0 : agreement >= 0.9 ? 1 : 2;
    if (!cfg) {
        snprintf(path, sizeof path, "%s/%s/truth.dot", folder, r->field[1]);
        if (rs_automaton_read_dot(&truth, path, rs_network_alphabet(net), NULL) != RS_OK ||
            rs_automaton_minimise(&minimal, NULL, truth) != RS_OK ||
            rs_refinement_truth(&s->ambiguity, &s->truth_fidelity, refinement, truth) != RS_OK ||
            rs_automaton_equivalent(&s->equivalent, NULL, machine, truth) != RS_OK) {
            fail(path);
            goto cleanup;
        }
        s->truth_states = rs_automaton_states(minimal);
    }
    printf("%-44s %6zu %6zu %3s %8.4f %8.4f %9.5f %6zu %4zu %9.0f %7.3f %-8s %3s %3zu %4zu %8.3g %7.4f\n", r->field[0], s->truth_states, s->states,
           cfg ? "-" : s->equivalent ? "yes" : "no", s->fidelity, s->truth_fidelity, s->ambiguity, s->clusters,
           rs_refinement_rounds(refinement), s->steps, s->seconds, rs_end_name(rs_refinement_end(refinement)), kinds[s->kind],
           s->pieces, s->misplaced, s->margin, s->placed);
    fflush(stdout);
    ok = true;
cleanup:
    rs_automaton_free(minimal);
    rs_automaton_free(truth);
    rs_refinement_free(refinement);
    rs_network_free(net);
    return ok;
}

static void summary(const sample *samples, size_t n, int group) {
    static double seconds[ROWS], states[ROWS], clusters[ROWS], margins[ROWS], placed[ROWS];
    size_t kind[3] = {0}, right = 0, all_placed = 0, several = 0;
    double misplaced = 0, agreement = 0, pieces = 0;
    size_t count = 0, faithful = 0, same_size = 0, equivalent = 0, truth_low = 0, one_more = 0, twice = 0;
    double slowest = 0, fidelity = 0, ambiguity = 0, worst = 1;
    for (size_t i = 0; i < n; i++) {
        const sample *s = &samples[i];
        if (s->group != group) continue;
        seconds[count] = s->seconds;
        margins[count] = s->margin;
        placed[count] = s->placed;
        kind[s->kind]++;
        right += !s->misplaced;
        all_placed += s->placed >= 0.999;
        misplaced += (double)s->misplaced / (double)s->recorded;
        agreement += s->placed;
        if (s->kind == 2) {
            several++;
            pieces += (double)s->pieces / (double)s->states;
        }
        states[count] = (double)s->states;
        clusters[count++] = (double)s->clusters;
        if (s->seconds > slowest) slowest = s->seconds;
        if (s->fidelity < worst) worst = s->fidelity;
        fidelity += s->fidelity;
        ambiguity += s->ambiguity;
        faithful += s->fidelity >= 0.999;
        same_size += s->states == s->truth_states;
        equivalent += s->equivalent;
        truth_low += s->truth_fidelity < 0.95;
        one_more += s->clusters <= s->truth_states + 1;
        twice += s->clusters <= 2 * s->truth_states;
    }
    if (!count) return;
    double c = (double)count;
    printf("\n%s: %zu networks\n", groups[group], count);
    printf("  fidelity >= 0.999 on %.1f %%, mean %.5f, least %.4f\n", 100 * (double)faithful / c, fidelity / c, worst);
    if (group != 3)
        printf("  the truth's number of states on %.1f %%, equivalent to it on %.1f %%; mean ambiguity %.5f; truth_fidelity < 0.95 on %zu\n",
               100 * (double)same_size / c, 100 * (double)equivalent / c, ambiguity / c, truth_low);
    if (group != 3)
        printf("  clusters: at most one more than the truth's states on %.1f %%, at most twice as many on %.1f %%\n",
               100 * (double)one_more / c, 100 * (double)twice / c);
    printf("  geometry: centroids on %.1f %%, linear separators on %.1f %%, several centroids on %.1f %% (%.1f a state); all recorded "
           "states placed right on %.1f %%, mean share misplaced %.6f\n",
           100 * (double)kind[0] / c, 100 * (double)kind[1] / c, 100 * (double)kind[2] / c,
           several ? pieces / (double)several : 0, 100 * (double)right / c, misplaced / c);
    printf("  geometry on fresh words: agreement mean %.5f, median %.4f, >= 0.999 on %.1f %%; median margin %.3g\n", agreement / c,
           median(placed, count), 100 * (double)all_placed / c, median(margins, count));
    printf("  median states %.1f, clusters %.1f, seconds %.3f; slowest %.2f s\n", median(states, count),
           median(clusters, count), median(seconds, count), slowest);
}

int main(int argc, char **argv) {
    static sample samples[ROWS];
    static row rows[ROWS];
    size_t n = 0, done = 0, every = 1;
    uint64_t seed = 1;
    const char *only = "";
    rs_refine_options options = {0};
    if (argc < 2) {
        fprintf(stderr, "usage: %s FOLDER [--seed N] [--only TEXT] [--every N] [--cluster METHOD] [--clusters K] "
                "[--words N] [--significance N] [--passive 1]\n", argv[0]);
        return 1;
    }
    for (int i = 2; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--seed")) seed = strtoull(argv[i + 1], NULL, 10);
        else if (!strcmp(argv[i], "--only")) only = argv[i + 1];
        else if (!strcmp(argv[i], "--every")) every = strtoul(argv[i + 1], NULL, 10);
        else if (!strcmp(argv[i], "--cluster")) options.cluster = argv[i + 1];
        else if (!strcmp(argv[i], "--words")) options.words = strtoul(argv[i + 1], NULL, 10);
        else if (!strcmp(argv[i], "--passive")) options.passive = strtoul(argv[i + 1], NULL, 10) != 0;
        else if (!strcmp(argv[i], "--significance")) options.significance = strtoul(argv[i + 1], NULL, 10);
        else if (!strcmp(argv[i], "--clusters")) options.clustering.clusters = strtoul(argv[i + 1], NULL, 10);
    }
    char path[4096], line[4096];
    snprintf(path, sizeof path, "%s/manifest.csv", argv[1]);
    FILE *manifest = fopen(path, "r");
    if (!manifest || !fgets(line, sizeof line, manifest)) {
        fprintf(stderr, "%s: cannot read\n", path);
        return 2;
    }
    while (n < ROWS && fgets(line, sizeof line, manifest)) {
        char *copy = strdup(line);
        if (!copy || !split(&rows[n], copy)) {
            fprintf(stderr, "%s: row %zu has not %d columns\n", path, n + 2, COLUMNS);
            return 2;
        }
        n++;
    }
    fclose(manifest);
    printf("%-44s %6s %6s %3s %8s %8s %9s %6s %4s %9s %7s %-8s %3s %3s %4s %8s %7s\n", "network", "truth", "states", "eq", "fidelity", "truth_f",
           "ambiguity", "clust", "rnds", "steps", "seconds", "end", "by", "pcs", "out", "margin", "placed");
    size_t matched = 0, failed = 0;
    for (size_t i = 0; i < n; i++) {
        if (!strstr(rows[i].field[0], only) || matched++ % every) continue;
        if (extract(&samples[done], argv[1], &rows[i], &options, seed)) done++;
        else failed++;
    }
    for (int g = 0; g < 4; g++) summary(samples, done, g);
    for (size_t i = 0; i < n; i++) free(rows[i].field[0]);
    return failed ? 1 : 0;
}
