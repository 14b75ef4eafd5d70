/* Networks that are known to be wrong, and proofs that they are right: there must be none.
 *
 *   bench_mutants [FOLDER] [--wrong N] [--seconds S] [--search S] [--only TEXT] [--seed N]
 *
 * Networks that are proved to be their automaton are changed, or the automaton is: weights scaled, rows swapped, single
 * weights and biases drawn anew, states' outputs flipped, edges redirected. A mutant is known to be wrong when a word
 * shows it, found here without the library's own search: all short words, and random ones u v^k w. Of each such mutant
 * the proof of the original must be refused, and no new one be found. Networks: latches of every cell, made here; with
 * FOLDER those of its manifest.csv, as bench_certify has them. --wrong: so many mutants that are known to be wrong
 * (200); --seconds: of the processor, for each original (10); --search: for each mutant (0.2). Exit code 1: a wrong one
 * was proved, or there are too few. */
#include <math.h>
#include <rnnsafe/certify.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest.h"

#define LATCHES 4
#define BASES 512
#define SHORT_STATES 4000
#define PUMPED 300

static const char *const kinds[] = {"weights scaled", "rows swapped", "weight drawn anew", "bias pushed",
                                    "truth changed"};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* A network that is proved to be its automaton. */
typedef struct base {
    rs_network *net;
    rs_automaton *truth;
    rs_certify_result result;
} base;

static uint64_t random_state;

static uint64_t random_below(uint64_t n) { /* splitmix64 */
    uint64_t x = random_state += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return (x ^ x >> 31) % n;
}

static float random_real(void) { /* in [-1, 1] */
    return (float)random_below(2000001) / 1000000 - 1;
}

static void must(rs_status status) {
    if (status == RS_OK) return;
    fprintf(stderr, "%s\n", rs_error_message());
    exit(1);
}

static void *copy(const void *from, size_t size) {
    void *to = malloc(size ? size : 1);
    if (!to) exit(1);
    if (size) memcpy(to, from, size);
    return to;
}

static rs_monitor *monitor_of(const rs_network *net, const rs_automaton *truth) {
    rs_monitor *m = NULL;
    must(rs_monitor_equal(&m, truth, "truth", rs_network_alphabet(net), rs_network_outputs(net)));
    return m;
}

static rs_certify_result certify(const rs_network *net, const rs_automaton *truth, double seconds) {
    const rs_certify_options options = {.seconds = seconds};
    rs_certify_result r = {0};
    rs_monitor *m = monitor_of(net, truth);
    must(rs_certify(&r, net, m, &options, NULL));
    rs_monitor_free(m);
    return r;
}

/* ---- Networks ---- */

/* h stays near -1 until b is read, then near 1; as in the tests of the search. */
static base latch(rs_cell cell) {
    static const uint32_t output[] = {0, 1}, next[] = {0, 1, 1, 1};
    static const float zeros[4] = {0}, one[1] = {1};
    float ih[8] = {0}, hh[4] = {0}, bias[4] = {0}, initial[2] = {-.8F, -1.1F};
    size_t at = rs_cell_gates(cell) > 1 ? 2 : 0; /* the gate that holds */
    bias[0] = at ? 10 : 0;
    bias[1] = at ? -2 : 0;
    if (rs_cell_has_memory(cell)) bias[3] = 10;
    hh[at] = 8;
    ih[2 * at + 1] = 16;
    const rs_recurrent layer = {.weight_ih = ih, .weight_hh = hh, .bias_ih = bias, .bias_hh = zeros};
    const rs_dense head = {.weight = one, .bias = zeros, .rows = 1, .columns = 1};
    rs_network_weights w = {.cell = cell,
                            .layers = 1,
                            .hidden = 1,
                            .input_size = 2,
                            .recurrent = &layer,
                            .head = &head,
                            .head_layers = 1,
                            .initial = initial};
    rs_names *alphabet = NULL, *outputs = NULL;
    base b = {0};
    must(rs_names_parse(&alphabet, "alphabet", "a b"));
    must(rs_names_parse(&outputs, "outputs", "reject accept"));
    w.alphabet = alphabet;
    w.outputs = outputs;
    must(rs_network_new(&b.net, &w));
    must(rs_automaton_new(&b.truth, alphabet, outputs, 2, 0, output, next, NULL, NULL));
    rs_names_free(alphabet);
    rs_names_free(outputs);
    return b;
}

/* Appends what is proved; frees what is not. */
static size_t add(base *bases, size_t count, base b, double seconds, const char *name) {
    b.result = certify(b.net, b.truth, seconds);
    printf("%s: %s\n", name, b.result.verdict == RS_CERTIFY_PROVED ? "proved" : "not proved, left out");
    fflush(stdout);
    if (b.result.verdict == RS_CERTIFY_PROVED) {
        bases[count] = b;
        return count + 1;
    }
    rs_certify_result_clear(&b.result);
    rs_automaton_free(b.truth);
    rs_network_free(b.net);
    return count;
}

static size_t read_folder(base *bases, const char *folder, const char *only, double seconds) {
    char path[4096], line[4096], head[4096], *header[32], *field[32];
    size_t count = 0;
    snprintf(path, sizeof path, "%s/manifest.csv", folder);
    FILE *manifest = fopen(path, "r");
    if (!manifest || !fgets(head, sizeof head, manifest)) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(1);
    }
    size_t columns = split(header, 32, head), file = column(header, columns, "file");
    size_t language = column(header, columns, "language"), cell = column(header, columns, "cell");
    size_t alphabet = column(header, columns, "alphabet"), outputs = column(header, columns, "outputs");
    while (count < BASES && fgets(line, sizeof line, manifest)) {
        base b = {0};
        if (split(field, 32, line) < columns || (only && !strstr(field[file], only))) continue;
        rs_network_options names = {.alphabet = field[alphabet], .outputs = field[outputs]};
        if (strcmp(field[cell], "tanh") == 0 || strcmp(field[cell], "relu") == 0) names.cell = field[cell];
        snprintf(path, sizeof path, "%s/%s", folder, field[file]);
        must(rs_network_load(&b.net, path, &names));
        snprintf(path, sizeof path, "%s/%s/truth.dot", folder, field[language]);
        must(rs_automaton_read_dot(&b.truth, path, rs_network_alphabet(b.net), rs_network_outputs(b.net)));
        count = add(bases, count, b, seconds, field[file]);
    }
    fclose(manifest);
    return count;
}

/* ---- Mutants ---- */

/* One of the arrays of a network. */
typedef struct array {
    const float **at;
    size_t rows, columns;
} array;

static rs_network *mutate_network(const rs_network *net, size_t kind) {
    rs_network_weights w = *rs_network_arrays(net);
    rs_recurrent *layers = copy(w.recurrent, w.layers * sizeof *layers);
    rs_dense *head = copy(w.head, w.head_layers * sizeof *head);
    size_t rows = rs_cell_gates(w.cell) * w.hidden, count = 0;
    array arrays[64];
    rs_network *mutant = NULL;
    w.recurrent = layers;
    w.head = head;
    bool biases = kind == 3;
    for (size_t l = 0; l < w.layers && l < 8; l++) {
        size_t in = l ? w.hidden : w.input_size;
        if (biases && layers[l].bias_ih) arrays[count++] = (array){&layers[l].bias_ih, rows, 1};
        if (!biases) arrays[count++] = (array){&layers[l].weight_ih, rows, in};
        if (!biases) arrays[count++] = (array){&layers[l].weight_hh, rows, w.hidden};
    }
    for (size_t l = 0; l < w.head_layers && l < 8; l++) {
        if (biases && head[l].bias) arrays[count++] = (array){&head[l].bias, head[l].rows, 1};
        if (!biases) arrays[count++] = (array){&head[l].weight, head[l].rows, head[l].columns};
    }
    array a = arrays[random_below(count)];
    size_t size = a.rows * a.columns, i = random_below(a.rows), j = random_below(a.rows), c = random_below(a.columns);
    float *values = copy(*a.at, size * sizeof *values), largest = 0;
    for (size_t k = 0; k < size; k++) largest = fmaxf(largest, fabsf(values[k]));
    if (kind == 0) {
        static const float factors[] = {-1, 0.3F, 0.6F, 0.9F, 1.5F};
        float factor = factors[random_below(5)];
        for (size_t k = 0; k < size; k++) values[k] *= factor;
    } else if (kind == 1) {
        for (size_t k = 0; k < a.columns; k++) {
            float x = values[i * a.columns + k];
            values[i * a.columns + k] = values[j * a.columns + k];
            values[j * a.columns + k] = x;
        }
    } else if (kind == 2) values[i * a.columns + c] = 1.5F * largest * random_real();
    else values[i] += (largest + 1) * random_real();
    *a.at = values;
    must(rs_network_new(&mutant, &w));
    free(values);
    free(layers);
    free(head);
    return mutant;
}

static rs_automaton *mutate_truth(const rs_automaton *a) {
    size_t n = rs_automaton_states(a), m = rs_names_count(rs_automaton_alphabet(a));
    uint32_t *output = copy(NULL, 0), *next = copy(NULL, 0);
    rs_automaton *mutant = NULL;
    output = realloc(output, n * sizeof *output);
    next = realloc(next, n * m * sizeof *next);
    if (!output || !next) exit(1);
    for (size_t q = 0; q < n; q++) {
        output[q] = rs_automaton_output(a, q);
        for (size_t s = 0; s < m; s++) next[q * m + s] = rs_automaton_next(a, q, s);
    }
    if (random_below(2)) {
        size_t q = random_below(n), k = rs_names_count(rs_automaton_outputs(a));
        output[q] = (uint32_t)((output[q] + 1 + random_below(k - 1)) % k);
    } else next[random_below(n * m)] = (uint32_t)random_below(n);
    must(rs_automaton_new(&mutant, rs_automaton_alphabet(a), rs_automaton_outputs(a), n, rs_automaton_start(a), output,
                          next, NULL, NULL));
    free(output);
    free(next);
    return mutant;
}

/* ---- Words, without the library's search ---- */

typedef struct walk {
    const rs_network *net;
    const rs_automaton *truth;
    size_t symbols, size;
    const uint32_t *class_of; /* of the truth's outputs */
} walk;

/* All words of up to `more` symbols behind a state; the length of a wrong one, 0 for none. */
static size_t wrong_below(const walk *w, const float *state, size_t q, size_t depth, size_t more) {
    float next[512];
    for (uint32_t s = 0; s < w->symbols && more; s++) {
        uint32_t class;
        size_t to = rs_automaton_next(w->truth, q, s);
        must(rs_network_step(w->net, 1, state, &s, next, NULL));
        must(rs_network_classify(w->net, 1, next, &class, NULL));
        if (class != w->class_of[rs_automaton_output(w->truth, to)]) return depth + 1;
        size_t found = wrong_below(w, next, to, depth + 1, more - 1);
        if (found) return found;
    }
    return 0;
}

/* The same along one word u v^k w. */
static size_t wrong_pumped(const walk *w) {
    float state[512];
    uint32_t symbol[16], class;
    size_t u = random_below(5), v = 1 + random_below(4), rest = random_below(5), times = 1 + random_below(80);
    size_t length = u + v * times + rest, q = rs_automaton_start(w->truth);
    for (size_t i = 0; i < 16; i++) symbol[i] = (uint32_t)random_below(w->symbols);
    memcpy(state, rs_network_initial(w->net), w->size * sizeof *state);
    for (size_t i = 0; i < length; i++) {
        const uint32_t *s = &symbol[i < u ? i : i < u + v * times ? u + (i - u) % v : u + v + (i - u - v * times)];
        must(rs_network_step(w->net, 1, state, s, state, NULL));
        must(rs_network_classify(w->net, 1, state, &class, NULL));
        q = rs_automaton_next(w->truth, q, *s);
        if (class != w->class_of[rs_automaton_output(w->truth, q)]) return i + 1;
    }
    return 0;
}

/* The length of a word after which network and automaton part; 0 when none was found. */
static size_t known_wrong(const rs_network *net, const rs_automaton *truth) {
    uint32_t class_of[64] = {0};
    walk w = {net, truth, rs_names_count(rs_network_alphabet(net)), rs_network_state_size(net), class_of};
    size_t depth = 0, found = 0;
    if (w.size > 512) return 0;
    for (size_t o = 0; o < rs_names_count(rs_automaton_outputs(truth)) && o < 64; o++) {
        const char *name = rs_names_get(rs_automaton_outputs(truth), o);
        class_of[o] = (uint32_t)rs_names_find(rs_network_outputs(net), name, strlen(name));
    }
    for (double states = 1; states * (double)w.symbols <= SHORT_STATES || !depth; depth++) states *= (double)w.symbols;
    for (size_t d = 1; d <= depth && d <= 12 && !found; d++)
        found = wrong_below(&w, rs_network_initial(net), rs_automaton_start(truth), 0, d);
    for (size_t i = 0; i < PUMPED && !found; i++) found = wrong_pumped(&w);
    return found;
}

/* ---- Proofs ---- */

/* Whether the proof of the original passes for the mutant, which has no file and so no digest. */
static bool old_proof_passes(const base *b, const rs_network *net, const rs_automaton *truth) {
    rs_certificate z = b->result.certificate;
    char reason[160];
    bool proved = false;
    rs_monitor *m = monitor_of(net, truth);
    strcpy(z.sha256, rs_network_sha256(net));
    must(rs_certificate_check(&proved, reason, &z, net, m, NULL, NULL));
    rs_monitor_free(m);
    return proved;
}

typedef struct counts {
    size_t wrong, long_words, old, found, other, other_proved, by_kind[KINDS];
} counts;

static void try_mutant(counts *c, const base *b, size_t kind, double seconds) {
    rs_network *net = kind < KINDS - 1 ? mutate_network(b->net, kind) : NULL;
    rs_automaton *truth = net ? NULL : mutate_truth(b->truth);
    const rs_network *n = net ? net : b->net;
    const rs_automaton *t = truth ? truth : b->truth;
    size_t length = known_wrong(n, t);
    bool old = old_proof_passes(b, n, t);
    if (length) {
        rs_certify_result r = certify(n, t, seconds);
        c->wrong++;
        c->long_words += length > 12;
        c->by_kind[kind]++;
        c->old += old;
        c->found += r.verdict == RS_CERTIFY_PROVED;
        if (old || r.verdict == RS_CERTIFY_PROVED)
            printf("PROVED AND WRONG: %s, %s, by a word of %zu symbols\n", rs_network_file(b->net), kinds[kind],
                   length);
        rs_certify_result_clear(&r);
    } else {
        c->other++;
        c->other_proved += old;
    }
    rs_network_free(net);
    rs_automaton_free(truth);
}

int main(int argc, char **argv) {
    static base bases[BASES];
    const char *folder = NULL, *only = NULL;
    double wanted = 200, seconds = 10, search = 0.2, seed = 1;
    counts c = {0};
    size_t count = 0, tries = 0;
    for (int i = 1; i < argc; i++) {
        const char *names[] = {"--wrong", "--seconds", "--search", "--seed"};
        double *values[] = {&wanted, &seconds, &search, &seed};
        size_t k = 0;
        while (k < 4 && strcmp(argv[i], names[k]) != 0) k++;
        if (k < 4 && i + 1 < argc) *values[k] = atof(argv[++i]);
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc) only = argv[++i];
        else if (argv[i][0] != '-' && !folder) folder = argv[i];
        else {
            fprintf(stderr, "usage: %s [FOLDER] [--wrong N] [--seconds S] [--search S] [--only TEXT] [--seed N]\n",
                    argv[0]);
            return 1;
        }
    }
    random_state = (uint64_t)seed;
    static const rs_cell cells[LATCHES] = {RS_CELL_TANH, RS_CELL_GRU, RS_CELL_GRU_BEFORE, RS_CELL_LSTM};
    if (folder) count = read_folder(bases, folder, only, seconds);
    for (size_t i = 0; i < LATCHES && !folder; i++)
        count = add(bases, count, latch(cells[i]), seconds, rs_cell_name(cells[i]));
    for (; count && (double)c.wrong < wanted && tries < 50 * wanted; tries++)
        try_mutant(&c, &bases[tries % count], tries / count % KINDS, search);
    printf("%zu networks, %zu mutants with seed %.0f: %zu known to be wrong, %zu of them by words of more than 12 "
           "symbols alone\n",
           count, tries, seed, c.wrong, c.long_words);
    for (size_t k = 0; k < KINDS; k++) printf("  %s: %zu\n", kinds[k], c.by_kind[k]);
    printf("of the wrong ones %zu are proved by the original's proof, %zu by a new one\n", c.old, c.found);
    printf("of the other %zu mutants the original's proof still holds for %zu\n", c.other, c.other_proved);
    for (size_t i = 0; i < count; i++) {
        rs_certify_result_clear(&bases[i].result);
        rs_automaton_free(bases[i].truth);
        rs_network_free(bases[i].net);
    }
    return c.old || c.found || (double)c.wrong < wanted;
}
