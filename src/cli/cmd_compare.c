/* Methods times networks times seeds, a row each. All inputs are read before any work is done, so that a bad one costs
 * nothing. Rows go to --resume as soon as they are there; a run that was broken off begins where it stopped. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console.h"
#include "job.h"
#include "memory.h"
#include "methods.h"
#include "rnnsafe/exchange.h"

#define WITH_TRUTH "behaviour,behaviour-passive,kmeans:clusters=8A"
#define WITHOUT_TRUTH "behaviour,behaviour-passive,kmeans"

typedef struct target {
    const char *name, *path;
    const char *truth; /* a file; NULL: none */
    const char *kind;
    rs_network_options options;
} target;

typedef struct plan {
    const settings *s;
    rs_manifest *manifest;
    target *targets;
    size_t target_count;
    method_list with_truth, without_truth;
    uint64_t *seeds;
    size_t seed_count;
    rs_refine_options options;
    int resume;          /* descriptor of --resume; -1: none */
    rs_report_rows past; /* read from there and not yet used */
    rs_report_rows rows;
    size_t total, computed; /* rows in the end, and computed so far */
    double started;
    const rs_report_row *now; /* being computed */
} plan;

static void plan_free(plan *p) {
    rs_manifest_free(p->manifest);
    free(p->targets);
    methods_free(&p->with_truth);
    methods_free(&p->without_truth);
    free(p->seeds);
    if (p->resume >= 0) close(p->resume);
    rs_report_rows_free(&p->past);
    rs_report_rows_free(&p->rows);
}

/* A network, its truth and how many states that has. */
typedef struct pair {
    rs_network *net;
    rs_automaton *truth; /* NULL: none */
    size_t states;
} pair;

static void pair_free(pair *p) {
    rs_automaton_free(p->truth);
    rs_network_free(p->net);
    *p = (pair){0};
}

static rs_status pair_load(pair *out, const target *t) {
    pair p = {0};
    rs_automaton *minimal = NULL;
    rs_status status = rs_network_load(&p.net, t->path, &t->options);
    if (status == RS_OK && t->truth) {
        status = rs_automaton_read(&p.truth, t->truth, rs_network_alphabet(p.net), NULL);
        if (status == RS_OK) status = rs_automaton_minimise(&minimal, NULL, p.truth);
        if (status == RS_OK) p.states = rs_automaton_states(minimal);
        rs_automaton_free(minimal);
    }
    if (status == RS_OK) *out = p;
    else pair_free(&p);
    return status;
}

static const char *either(const char *option, const char *said) {
    return option ? option : said;
}

static bool selected(const settings *s, const rs_manifest_entry *e, size_t count, char **arguments) {
    bool named = !count;
    for (size_t i = 0; i < count && !named; i++) named = strstr(e->file, arguments[i]) != NULL;
    if (!named || (s->kind && strcmp(s->kind, e->kind) != 0)) return false;
    if (!(s->agreement > 0) || e->agreement >= s->agreement) return true;
    return !(e->agreement >= 0) && s->kind && !strcmp(s->kind, "cfg");
}

static int targets_of_table(plan *p, size_t count, char **arguments) {
    const settings *s = p->s;
    rs_status status = rs_manifest_read(&p->manifest, s->manifest);
    if (status != RS_OK) return console_fail(status);
    size_t n = rs_manifest_count(p->manifest);
    if (!(p->targets = calloc(n + 1, sizeof *p->targets))) return console_fail(RS_EMEMORY);
    for (size_t i = 0; i < n; i++) {
        const rs_manifest_entry *e = rs_manifest_get(p->manifest, i);
        if (!selected(s, e, count, arguments)) continue;
        p->targets[p->target_count++] =
            (target){.name = e->file,
                     .path = e->path,
                     .truth = e->truth,
                     .kind = e->kind,
                     .options = {s->card, either(s->alphabet, e->alphabet), either(s->outputs, e->outputs),
                                 either(s->cell, e->cell), s->input}};
    }
    if (p->target_count) return EXIT_HOLDS;
    console_error("%s: none of its %zu networks is selected", s->manifest, n);
    return EXIT_USAGE;
}

static int targets_of_arguments(plan *p, size_t count, char **arguments) {
    const settings *s = p->s;
    if (!(p->targets = calloc(count, sizeof *p->targets))) return console_fail(RS_EMEMORY);
    for (size_t i = 0; i < count; i++)
        p->targets[i] = (target){.name = arguments[i],
                                 .path = arguments[i],
                                 .truth = s->truth,
                                 .options = {s->card, s->alphabet, s->outputs, s->cell, s->input}};
    p->target_count = count;
    return EXIT_HOLDS;
}

static int read_seeds(plan *p) {
    const char *text = p->s->seeds;
    size_t commas = 0;
    for (const char *c = text; c && *c; c++) commas += *c == ',';
    if (!(p->seeds = calloc(commas + 1, sizeof *p->seeds))) return console_fail(RS_EMEMORY);
    if (!text) p->seeds[p->seed_count++] = p->s->seed;
    while (text) {
        char *end;
        errno = 0;
        unsigned long long seed = strtoull(text, &end, 10);
        bool good = *text >= '0' && *text <= '9' && (!*end || *end == ',') && !errno && seed <= INT64_MAX;
        for (size_t i = 0; i < p->seed_count && good; i++) good = p->seeds[i] != seed;
        if (!good) {
            console_error("--seeds takes different whole numbers separated by commas, not \"%s\"", p->s->seeds);
            return EXIT_USAGE;
        }
        p->seeds[p->seed_count++] = seed;
        text = *end ? end + 1 : NULL;
    }
    return EXIT_HOLDS;
}

static int usage(const settings *s, size_t count) {
    const char *wrong = NULL;
    if (!count && !s->manifest) wrong = "missing arguments; usage: rnnsafe compare NETWORK... [OPTIONS]";
    else if (s->manifest && s->truth) wrong = "--truth and --manifest exclude each other: the table names the truths";
    else if (!s->manifest && (s->kind || s->agreement > 0)) wrong = "--kind and --agreement select lines of --manifest";
    else if (job_json_only(s) && s->csv && !strcmp(s->csv, "-"))
        wrong = "--json and --csv cannot both be standard output";
    if (wrong) console_error("%s", wrong);
    return wrong ? EXIT_USAGE : EXIT_HOLDS;
}

static int prepare(plan *p, size_t count, char **arguments) {
    const settings *s = p->s;
    p->options = (rs_refine_options){.words = s->words, .test_words = s->test_words, .memory = s->memory, .delta = s->delta};
    int code = usage(s, count);
    if (code == EXIT_HOLDS) code = methods_read(&p->with_truth, s->cluster ? s->cluster : WITH_TRUTH);
    if (code == EXIT_HOLDS) code = methods_read(&p->without_truth, s->cluster ? s->cluster : WITHOUT_TRUTH);
    if (code == EXIT_HOLDS) code = read_seeds(p);
    if (code != EXIT_HOLDS) return code;
    rs_status status = rs_lengths_parse(&p->options.lengths, s->lengths);
    if (status != RS_OK) return console_fail(status);
    code = s->manifest ? targets_of_table(p, count, arguments) : targets_of_arguments(p, count, arguments);
    for (size_t i = 0; i < p->target_count && code == EXIT_HOLDS; i++) {
        pair read = {0};
        status = pair_load(&read, &p->targets[i]);
        if (status != RS_OK) code = console_fail(status);
        pair_free(&read);
    }
    return code;
}

static int resume_fail(const char *path) {
    console_error("%s: cannot write: %s", path, strerror(errno));
    return EXIT_BAD_INPUT;
}

static int append(const plan *p, const rs_report_row *row) {
    char *line = NULL;
    rs_status status = rs_report_row_format(&line, row);
    if (status != RS_OK) return console_fail(status);
    size_t length = strlen(line);
    bool written = write(p->resume, line, length) == (ssize_t)length;
    free(line);
    return written ? EXIT_HOLDS : resume_fail(p->s->resume);
}

/* Opens --resume, reads its rows, and cuts off a line that a crash left unfinished. */
static int resume(plan *p) {
    const char *path = p->s->resume;
    size_t whole;
    if (!path) return EXIT_HOLDS;
    p->resume = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (p->resume < 0) return resume_fail(path);
    rs_status status = rs_report_rows_read(&p->past, &whole, path);
    if (status != RS_OK) return console_fail(status);
    if (ftruncate(p->resume, (off_t)whole) != 0) return resume_fail(path);
    return whole ? EXIT_HOLDS : append(p, NULL);
}

static void format_time(char out[32], double seconds) {
    unsigned long minutes = (unsigned long)(seconds / 60);
    if (minutes < 1) snprintf(out, 32, "%.0f s", seconds);
    else if (minutes < 60) snprintf(out, 32, "%lu min", minutes);
    else snprintf(out, 32, "%lu h %02lu min", minutes / 60, minutes % 60);
}

/* The time left is guessed from the rows that were computed. */
static void progress(void *user, const char *phase, double done) {
    const plan *p = user;
    char left[32] = "?", line[256];
    (void)done;
    if (p->computed)
        format_time(left, (rs_now() - p->started) / (double)p->computed * (double)(p->total - p->rows.count));
    snprintf(line, sizeof line, "%zu of %zu, %s left: %.60s %.60s, %.40s;", p->rows.count + 1, p->total, left,
             p->now->network, p->now->method, phase);
    console_progress(NULL, line, (double)p->rows.count / (double)p->total);
}

/* Moves the row of the same run, if there is one, from the past to *row, under the name and kind that *row has. */
static bool recall(plan *p, rs_report_row *row) {
    for (size_t i = 0; i < p->past.count; i++) {
        rs_report_row found = p->past.rows[i];
        if (!rs_report_row_same(&found, row)) continue;
        char *network = found.network, *kind = found.kind;
        found.network = row->network;
        found.kind = row->kind;
        row->network = network;
        row->kind = kind;
        rs_report_row_free(row);
        *row = found;
        p->past.rows[i] = p->past.rows[--p->past.count];
        return true;
    }
    return false;
}

static bool refusal(rs_status status) {
    return status == RS_EUSAGE || status == RS_EMEMORY || status == RS_EINPUT;
}

static int set_refused(rs_report_row *row, const char *reason) {
    char *copy = strdup(reason);
    if (!copy) return console_fail(RS_EMEMORY);
    free(row->refused);
    row->refused = copy;
    return EXIT_HOLDS;
}

/* Runs the method and fills the row. */
static int compute(plan *p, rs_report_row *row, const pair *of, const method_item *m) {
    rs_refine_options options = p->options;
    options.clustering = m->options;
    if (m->multiple && !of->truth)
        return set_refused(row, "clusters are counted by the states of a truth, and there is none");
    if (m->multiple) options.clustering.clusters = m->multiple * of->states;
    atomic_uint_fast64_t steps = 0;
    rs_context ctx = job_context(p->s, &steps);
    ctx.seed = row->seed;
    ctx.progress = progress;
    ctx.user = p;
    p->now = row;
    row->peak_of_run = memory_forget_peak();
    rs_status status = rs_compare(&row->result, of->net, m->name, of->truth, &options, &ctx);
    row->peak_mib = memory_peak();
    p->computed++;
    if (status == RS_OK) return EXIT_HOLDS;
    const char *reason = rs_error_message();
    return refusal(status) ? set_refused(row, *reason ? reason : "out of memory") : console_fail(status);
}

static int run(plan *p, const target *t, const pair *of, const method_item *m, uint64_t seed) {
    rs_report_row row = {0};
    rs_status status = rs_report_row_new(&row, of->net, of->truth, t->name, t->kind, m->text, seed, &p->options);
    if (status != RS_OK) return console_fail(status);
    int code = EXIT_HOLDS;
    if (!recall(p, &row)) {
        code = compute(p, &row, of, m);
        if (code == EXIT_HOLDS && p->resume >= 0) code = append(p, &row);
    }
    if (code == EXIT_HOLDS && rs_report_rows_add(&p->rows, &row) != RS_OK) code = console_fail(RS_EMEMORY);
    rs_report_row_free(&row);
    return code;
}

static int run_all(plan *p) {
    int code = EXIT_HOLDS;
    p->started = rs_now();
    p->total = p->target_count * p->with_truth.count * p->seed_count;
    for (size_t i = 0; i < p->target_count && code == EXIT_HOLDS; i++) {
        pair of = {0};
        rs_status status = pair_load(&of, &p->targets[i]);
        if (status != RS_OK) return console_fail(status);
        const method_list *methods = of.truth ? &p->with_truth : &p->without_truth;
        for (size_t m = 0; m < methods->count; m++)
            for (size_t j = 0; j < p->seed_count && code == EXIT_HOLDS; j++)
                code = run(p, &p->targets[i], &of, &methods->items[m], p->seeds[j]);
        pair_free(&of);
    }
    return code;
}

static rs_status write_all(const plan *p) {
    const settings *s = p->s;
    char *text = NULL, *json = NULL, *csv = NULL;
    bool csv_only = s->csv && !strcmp(s->csv, "-");
    rs_status status = rs_report_compare_text(&text, &p->rows);
    if (status == RS_OK) status = rs_report_compare_json(&json, &p->rows);
    if (status == RS_OK) status = rs_report_compare_csv(&csv, &p->rows);
    if (status == RS_OK && s->csv) status = rs_file_write(s->csv, csv, strlen(csv));
    if (status == RS_OK) status = job_write(s, json, csv_only ? "" : text);
    free(text);
    free(json);
    free(csv);
    return status;
}

int cmd_compare(const settings *s, size_t count, char **arguments) {
    plan p = {.s = s, .resume = -1};
    int code = prepare(&p, count, arguments);
    if (code == EXIT_HOLDS) code = resume(&p);
    if (code == EXIT_HOLDS) code = run_all(&p);
    if (code == EXIT_HOLDS) {
        rs_status status = write_all(&p);
        if (status != RS_OK) code = console_fail(status);
    }
    plan_free(&p);
    return code;
}
