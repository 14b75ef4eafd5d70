/* Rows of `compare`, their totals, and tables of networks. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "automaton_ref.h"
#include "core/alloc.h"
#include "core/random.h"
#include "refine_network.h"
#include "rnnsafe/report.h"
#include "support/unit.h"

static char *text(const char *value) {
    return rs_strdup(value);
}

static rs_report_row make(const char *method, const char *kind, const char *refused, size_t clusters, size_t states,
                          size_t truth_states, double fidelity, double seconds) {
    return (rs_report_row){.network = text("a, \"b\"\n.pt"),
                           .sha256 = text("00ff"),
                           .setting = text("12"),
                           .kind = text(kind),
                           .cell = text("gru"),
                           .layers = 2,
                           .hidden = 30,
                           .method = text(method),
                           .seed = UINT64_C(9000000000000000000),
                           .words = 400,
                           .lengths = text("uniform:1..16"),
                           .refused = text(refused),
                           .result = {.cut = clusters == 7,
                                      .clusters = clusters,
                                      .states = states,
                                      .truth_states = truth_states,
                                      .ambiguity = truth_states ? 0.25 : (double)NAN,
                                      .rand_index = truth_states ? -0.1 : (double)NAN,
                                      .fidelity = fidelity,
                                      .truth_fidelity = truth_states ? 1.0 / 3 : (double)NAN,
                                      .equivalent = truth_states && states == truth_states,
                                      .network_steps = 123,
                                      .seconds = seconds},
                           .peak_mib = NAN,
                           .peak_of_run = true};
}

static void add(rs_report_rows *rows, rs_report_row row) {
    CHECK_OK(rs_report_rows_add(rows, &row));
}

static void totals_known(void) {
    rs_report_rows rows = {0};
    rs_report_total *t = NULL;
    size_t count = 0;
    add(&rows, make("m", "cfg", "", 50, 9, 0, 0.5, 4));
    add(&rows, make("m", "dfa", "", 6, 5, 5, 1.0, 1));
    add(&rows, make("n", "dfa", "too large", 0, 0, 0, 0, 0));
    add(&rows, make("m", "dfa", "", 7, 6, 5, 0.8, 9));
    add(&rows, make("m", "", "", 10, 5, 5, 0.9, 2));
    add(&rows, make("m", "", "", 11, 5, 5, 0.9, 5));
    add(&rows, make("m", "", "no memory", 0, 0, 0, 0, 0));
    add(&rows, make("m", "", "", 100, 1, 0, 0.4, 0));
    CHECK_OK(rs_report_totals(&t, &count, &rows));
    CU_ASSERT_FATAL(count == 3);
    CU_ASSERT(!strcmp(t[0].method, "m") && !strcmp(t[1].method, "n") && !strcmp(t[2].method, "m"));
    CU_ASSERT(!t[0].context_free && !t[1].context_free && t[2].context_free);
    CU_ASSERT(t[0].runs == 6 && t[0].refused == 1 && t[0].with_truth == 4);
    CU_ASSERT(t[0].clusters == 10 && t[0].seconds == 2);
    CU_ASSERT_DOUBLE_EQUAL(t[0].fidelity, (1.0 + 0.8 + 0.9 + 0.9 + 0.4) / 5, 1e-12);
    CU_ASSERT(t[0].near == 0.25 && t[0].twice == 0.75 && t[0].equivalent == 0.75 && t[0].same_states == 0.75);
    CU_ASSERT(t[0].ambiguity == 0.25);
    CU_ASSERT(t[1].runs == 1 && t[1].refused == 1 && t[1].with_truth == 0);
    CU_ASSERT(isnan(t[1].clusters) && isnan(t[1].seconds) && isnan(t[1].fidelity) && isnan(t[1].near));
    CU_ASSERT(t[2].runs == 1 && t[2].clusters == 50 && t[2].fidelity == 0.5 && isnan(t[2].ambiguity));
    free(t);
    rs_report_rows_free(&rows);
    CHECK_OK(rs_report_totals(&t, &count, &rows));
    CU_ASSERT(count == 0);
    free(t);
}

/* A median has as many values below it as above it. */
static void medians_random(void) {
    rs_random random = rs_random_new(unit_seed(), 5);
    for (size_t round = 0; round < 50; round++) {
        rs_report_rows rows = {0};
        rs_report_total *t = NULL;
        size_t count = 0, n = 1 + rs_random_below(&random, 12), below = 0, above = 0;
        for (size_t i = 0; i < n; i++) add(&rows, make("m", "", "", 1 + rs_random_below(&random, 9), 1, 0, 1, 1));
        CHECK_OK(rs_report_totals(&t, &count, &rows));
        for (size_t i = 0; i < n; i++) {
            below += (double)rows.rows[i].result.clusters < t->clusters;
            above += (double)rows.rows[i].result.clusters > t->clusters;
        }
        CU_ASSERT(count == 1 && 2 * below <= n && 2 * above <= n);
        free(t);
        rs_report_rows_free(&rows);
    }
}

static bool both(double a, double b) {
    return a == b || (isnan(a) && isnan(b)) || fabs(a - b) < 1e-14 * fabs(a);
}

/* What was written is read; every prefix of it gives the rows that are whole in it. */
static void rows_return(void) {
    rs_report_rows rows = {0}, read = {0};
    char *csv = NULL;
    size_t whole = 0;
    add(&rows, make("kmeans:clusters=8A", "dfa", "", 6, 5, 5, 0.1, 1e-9));
    add(&rows, make("m", "", "no, \"memory\"", 0, 0, 0, 0, 0));
    add(&rows, make("m", "cfg", "", 7, 5, 0, 1, 3));
    CHECK_OK(rs_report_compare_csv(&csv, &rows));
    CHECK_OK(rs_report_rows_parse(&read, &whole, csv, strlen(csv), "test"));
    CU_ASSERT_FATAL(read.count == 3 && whole == strlen(csv));
    CU_ASSERT_STRING_EQUAL(read.rows[0].network, "a, \"b\"?.pt");
    CU_ASSERT_STRING_EQUAL(read.rows[1].refused, "no, \"memory\"");
    for (size_t i = 0; i < 3; i++) {
        const rs_report_row *a = &rows.rows[i], *b = &read.rows[i];
        CU_ASSERT(rs_report_row_same(a, b) && !strcmp(a->kind, b->kind) && a->hidden == b->hidden);
        if (*a->refused) continue;
        CU_ASSERT(a->result.clusters == b->result.clusters && a->result.truth_states == b->result.truth_states);
        CU_ASSERT(both(a->result.fidelity, b->result.fidelity) && both(a->result.seconds, b->result.seconds));
        CU_ASSERT(both(a->result.ambiguity, b->result.ambiguity) && isnan(b->peak_mib) && b->peak_of_run);
        CU_ASSERT(a->result.cut == b->result.cut && a->result.equivalent == b->result.equivalent && b->result.network_steps == 123);
    }
    CU_ASSERT(!rs_report_row_same(&rows.rows[0], &rows.rows[1]) && rs_report_row_same(&rows.rows[1], &rows.rows[2]));
    rs_report_rows_free(&read);
    for (size_t cut = 0, lines = 0; cut < strlen(csv); cut++) {
        lines += cut && csv[cut - 1] == '\n';
        CHECK_OK(rs_report_rows_parse(&read, &whole, csv, cut, "test"));
        CU_ASSERT(read.count == (lines ? lines - 1 : 0) && whole <= cut && (!whole || csv[whole - 1] == '\n'));
        rs_report_rows_free(&read);
    }
    free(csv);
    rs_report_rows_free(&rows);
}

static void rows_malformed(void) {
    rs_report_rows rows = {0}, read = {0};
    char *csv = NULL, *header = NULL, all[2048];
    size_t whole;
    add(&rows, make("m", "", "", 6, 5, 5, 0.1, 1));
    CHECK_OK(rs_report_row_format(&header, NULL));
    CHECK_OK(rs_report_row_format(&csv, &rows.rows[0]));
    CHECK_FAILS(rs_report_rows_parse(&read, &whole, "notes", 5, "t"), RS_EINPUT, "t:1:1: this is not");
    CHECK_FAILS(rs_report_rows_parse(&read, &whole, "a,b\n", 4, "t"), RS_EINPUT, "t:1:1: these are not");
    snprintf(all, sizeof all, "%sx,y\n%s", header, csv);
    CHECK_FAILS(rs_report_rows_parse(&read, &whole, all, strlen(all), "t"), RS_EINPUT, "t:2:1: 2 fields, not");
    snprintf(all, sizeof all, "%s%s", header, csv);
    memcpy(strstr(all, ",gru,2,"), ",gru,-,", 7);
    CHECK_FAILS(rs_report_rows_parse(&read, &whole, all, strlen(all), "t"), RS_EINPUT, "value of layers");
    snprintf(all, sizeof all, "%s%s", header, csv);
    memcpy(strstr(all, ",0.1,"), ",inf,", 5);
    CHECK_FAILS(rs_report_rows_parse(&read, &whole, all, strlen(all), "t"), RS_EINPUT, "value of fidelity");
    CU_ASSERT(!read.rows);
    free(csv);
    free(header);
    rs_report_rows_free(&rows);
}

static const char manifest[] = "\xEF\xBB\xBF"
                               "agreement,file,language,cell,alphabet,outputs,kind,inputs,classes,more\r\n"
                               "0.5,x/n.pt,x,gru,\"a b\",no yes,dfa,,,1\r\n"
                               "\r\n"
                               ",\"y/\"\"m\"\".pt\",,,,,cfg,3,2,\n";

static void manifest_known(void) {
    rs_manifest *m = NULL;
    CHECK_OK(rs_manifest_parse(&m, manifest, strlen(manifest), "folder/m.csv"));
    CU_ASSERT_FATAL(m && rs_manifest_count(m) == 2);
    const rs_manifest_entry *a = rs_manifest_get(m, 0), *b = rs_manifest_get(m, 1);
    CU_ASSERT(!strcmp(a->file, "x/n.pt") && !strcmp(a->path, "folder/x/n.pt") &&
              !strcmp(a->truth, "folder/x/truth.dot"));
    CU_ASSERT(!strcmp(a->cell, "gru") && !strcmp(a->alphabet, "a b") && !strcmp(a->outputs, "no yes"));
    CU_ASSERT(!strcmp(a->kind, "dfa") && a->agreement == 0.5);
    CU_ASSERT(!strcmp(b->path, "folder/y/\"m\".pt") && !b->truth && !b->cell && isnan(b->agreement));
    CU_ASSERT(!strcmp(b->alphabet, "0 1 2") && !strcmp(b->outputs, "0 1"));
    rs_manifest_free(m);
}

/* The whole way under failing allocations: rows of a real run, out in every form and in again, and a table. */
static rs_status everything(void *user) {
    const rs_network *net = user;
    rs_status status;
    rs_report_rows rows = {0}, read = {0};
    rs_report_row row = {0};
    rs_manifest *m = NULL;
    rs_refine_options options = {.words = 10, .lengths = {.kind = RS_LENGTHS_UNIFORM, .min = 1, .max = 4}};
    char *out[3] = {NULL, NULL, NULL};
    size_t whole;
    status = rs_report_row_new(&row, net, NULL, "n.pt", "dfa", "kmeans", 1, &options);
    if (status == RS_OK) status = rs_report_rows_add(&rows, &row);
    if (status == RS_OK) status = rs_report_compare_text(&out[0], &rows);
    if (status == RS_OK) status = rs_report_compare_csv(&out[1], &rows);
    if (status == RS_OK) status = rs_report_compare_json(&out[2], &rows);
    if (status == RS_OK) status = rs_report_rows_parse(&read, &whole, out[1], strlen(out[1]), "test");
    if (status == RS_OK) status = rs_manifest_parse(&m, manifest, strlen(manifest), "m.csv");
    for (size_t i = 0; i < 3; i++) free(out[i]);
    rs_manifest_free(m);
    rs_report_row_free(&row);
    rs_report_rows_free(&rows);
    rs_report_rows_free(&read);
    return status;
}

/* A row's identity changes with all that the run depends on. */
static void identity(void) {
    rs_random random = rs_random_new(unit_seed(), 6);
    rs_automaton *truth = ref_random_machine(&random, 3, 2, 2);
    rs_network *net = NULL;
    rs_report_row rows[7] = {0};
    rs_refine_options o = {.words = 10, .test_words = 20, .delta = 0.01, .lengths = {RS_LENGTHS_UNIFORM, 1, 4, 0}},
                      p = o;
    CHECK_OK(ref_network_of_machine(&net, truth));
    CHECK_OK(rs_report_row_new(&rows[0], net, truth, "a", "", "m", 1, &o));
    CHECK_OK(rs_report_row_new(&rows[1], net, NULL, "a", "", "m", 1, &o));
    CHECK_OK(rs_report_row_new(&rows[2], net, truth, "a", "", "n", 1, &o));
    CHECK_OK(rs_report_row_new(&rows[3], net, truth, "a", "", "m", 2, &o));
    p.test_words = 21;
    CHECK_OK(rs_report_row_new(&rows[4], net, truth, "a", "", "m", 1, &p));
    p = o;
    p.lengths.max = 5;
    CHECK_OK(rs_report_row_new(&rows[5], net, truth, "a", "", "m", 1, &p));
    CHECK_OK(rs_report_row_new(&rows[6], net, truth, "b", "dfa", "m", 1, &o));
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < 7; j++) CU_ASSERT(rs_report_row_same(&rows[i], &rows[j]) == (i % 6 == j % 6));
    for (size_t i = 0; i < 7; i++) rs_report_row_free(&rows[i]);
    unit_allocation_sweep(everything, net, 5000);
    rs_network_free(net);
    rs_automaton_free(truth);
}

static void texts(void) {
    rs_report_rows rows = {0};
    char *out = NULL;
    add(&rows, make("m", "dfa", "", 6, 5, 5, 0.99999, 1));
    add(&rows, make("m", "cfg", "too large", 0, 0, 0, 0, 0));
    rows.rows[0].result.ambiguity = 1e-9;
    CHECK_OK(rs_report_compare_text(&out, &rows));
    /* In rows and in totals an ambiguity is rounded up, a fidelity down. */
    char *totals = strstr(out, "\n\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(totals);
    unit_contains(totals, "  0.0001  ", __FILE__, __LINE__);
    unit_contains(totals, "  0.9999  ", __FILE__, __LINE__);
    unit_contains(totals, "\nin all ", __FILE__, __LINE__);
    unit_contains(totals, "\ncontext-free ", __FILE__, __LINE__);
    *totals = 0;
    unit_contains(out, "  0.0001  ", __FILE__, __LINE__);
    unit_contains(out, "  0.9999  ", __FILE__, __LINE__);
    unit_contains(out, "refused: too large", __FILE__, __LINE__);
    free(out);
    rs_report_rows_free(&rows);
}

static const unit_test tests[] = {
    {"totals with a known answer", totals_known},
    {"medians of random rows", medians_random},
    {"rows return from CSV, whole or cut anywhere", rows_return},
    {"malformed rows", rows_malformed},
    {"a table of networks", manifest_known},
    {"identity of a row, and allocation failures", identity},
    {"texts", texts},
};

UNIT_MAIN("report_compare", tests)
