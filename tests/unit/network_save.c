/* Networks written and read again: the same bits come out, and the second writing gives the first one's bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/random.h"
#include "network/card_write.h"
#include "rnnsafe/network.h"
#include "support/unit.h"

static char folder[] = "/tmp/rnnsafe_save_XXXXXX";

/* A path in the folder of this run; static storage, four at a time. */
static const char *in_folder(const char *file) {
    static char paths[4][128];
    static size_t next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, file);
    return path;
}

static void check_same_bytes(const char *one, const char *two) {
    char *bytes[2] = {NULL, NULL};
    size_t length[2] = {0, 1};
    CHECK_OK(rs_file_read(&bytes[0], &length[0], in_folder(one), 1 << 24));
    CHECK_OK(rs_file_read(&bytes[1], &length[1], in_folder(two), 1 << 24));
    CU_ASSERT(length[0] == length[1] && memcmp(bytes[0], bytes[1], length[0]) == 0);
    free(bytes[0]);
    free(bytes[1]);
}

/* Logits after each symbol of a random word, of both networks, to the bit. */
static void check_same(const rs_network *a, const rs_network *b, rs_random *random) {
    enum { LENGTH = 20 };
    uint32_t word[LENGTH], classes[2][LENGTH];
    size_t size = LENGTH * rs_network_state_size(a), logits = LENGTH * rs_network_logits_size(a);
    CU_ASSERT_FATAL(rs_network_state_size(b) == rs_network_state_size(a));
    CU_ASSERT_FATAL(rs_network_logits_size(b) == rs_network_logits_size(a));
    float *states[2] = {rs_alloc(size, sizeof(float)), rs_alloc(size, sizeof(float))};
    float *outputs[2] = {rs_alloc(logits, sizeof(float)), rs_alloc(logits, sizeof(float))};
    const rs_network *nets[2] = {a, b};
    for (size_t i = 0; i < LENGTH; i++)
        word[i] = (uint32_t)rs_random_below(random, rs_names_count(rs_network_alphabet(a)));
    for (size_t i = 0; i < 2; i++) {
        CHECK_OK(rs_network_run(nets[i], word, LENGTH, classes[i], states[i], NULL));
        CHECK_OK(rs_network_logits(nets[i], LENGTH, states[i], outputs[i], NULL));
    }
    CU_ASSERT(memcmp(states[0], states[1], size * sizeof(float)) == 0);
    CU_ASSERT(memcmp(outputs[0], outputs[1], logits * sizeof(float)) == 0);
    CU_ASSERT(memcmp(classes[0], classes[1], sizeof classes[0]) == 0);
    CU_ASSERT(rs_names_equal(rs_network_alphabet(a), rs_network_alphabet(b)));
    CU_ASSERT(rs_names_equal(rs_network_outputs(a), rs_network_outputs(b)));
    for (size_t i = 0; i < 2; i++) {
        free(states[i]);
        free(outputs[i]);
    }
}

static void check_round(const rs_network *net, rs_random *random) {
    rs_network *again = NULL;
    CHECK_OK(rs_network_save(net, in_folder("one.safetensors")));
    CHECK_OK(rs_network_load(&again, in_folder("one.safetensors"), NULL));
    CU_ASSERT_PTR_NOT_NULL_FATAL(again);
    CU_ASSERT_PTR_NULL(rs_network_note(again, 0)); /* all is said */
    check_same(net, again, random);
    CHECK_OK(rs_network_save(again, in_folder("two.safetensors")));
    check_same_bytes("one.safetensors", "two.safetensors");
    check_same_bytes("one.json", "two.json");
    rs_network_free(again);
}

static const char *const examples[] = {"specs/brackets/brackets.safetensors", "specs/coffee/coffee.safetensors",
                                       "specs/crossing/crossing.safetensors", "specs/elevator/elevator.safetensors",
                                       "specs/lock/lock.safetensors",         "specs/session/session.safetensors",
                                       "specs/tomita3/tomita3.safetensors",   "tests/data/network/card.safetensors"};

static void test_examples(void) {
    rs_random random = rs_random_new(unit_seed(), 0);
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        rs_network *net = NULL;
        CHECK_OK(rs_network_load(&net, unit_source(examples[i]), NULL));
        check_round(net, &random);
        rs_network_free(net);
    }
}

/* ---- Every cell: random weights of two layers ---- */

/* A network whose arrays are all parts of pool[4096]. */
static rs_status random_network(rs_network **out, rs_cell cell, bool embedding, size_t logits, float slope,
                                rs_random *random) {
    static float pool[4096];
    enum { HIDDEN = 3, SYMBOLS = 4, WIDTH = 2, MIDDLE = 5 };
    size_t at = 0, rows = rs_cell_gates(cell) * HIDDEN, in = embedding ? WIDTH : SYMBOLS;
    rs_recurrent recurrent[2];
    rs_dense head[2];
    rs_names *alphabet = NULL, *outputs = NULL;
    for (size_t i = 0; i < 4096; i++) pool[i] = (float)(2 * rs_random_unit(random) - 1);
#define TAKE(count) (at += (count), pool + at - (count))
    for (size_t l = 0; l < 2; l++) {
        recurrent[l] = (rs_recurrent){.weight_ih = TAKE(rows * (l ? HIDDEN : in)), .weight_hh = TAKE(rows * HIDDEN)};
        if (l) recurrent[l].bias_ih = TAKE(rows);
        if (rs_random_below(random, 2)) recurrent[l].bias_hh = TAKE(rows);
        if (cell == RS_CELL_PEEPHOLE) recurrent[l].peephole = TAKE(3 * HIDDEN);
    }
    head[0] = (rs_dense){TAKE(MIDDLE * HIDDEN), TAKE(MIDDLE), MIDDLE, HIDDEN,
                         (rs_activation)rs_random_below(random, RS_ACTIVATION_SIGMOID + 1)};
    head[1] = (rs_dense){TAKE(logits * MIDDLE), NULL, logits, MIDDLE, RS_ACTIVATION_NONE};
    CHECK_OK(rs_names_parse(&alphabet, "alphabet", "\\ \" \xc3\xa9 d"));
    CHECK_OK(rs_names_parse(&outputs, "outputs", logits == 3 ? "x y z" : "no yes"));
    rs_network_weights w = {.cell = cell,
                            .layers = 2,
                            .hidden = HIDDEN,
                            .input_size = in,
                            .embedding = embedding ? TAKE(SYMBOLS * WIDTH) : NULL,
                            .recurrent = recurrent,
                            .head = head,
                            .head_layers = 2,
                            .initial = rs_random_below(random, 2) ? TAKE(4 * HIDDEN) : NULL,
                            .threshold = logits == 1 ? 0.1f : 0,
                            .gate_slope = slope,
                            .alphabet = alphabet,
                            .outputs = outputs};
#undef TAKE
    rs_status status = rs_network_new(out, &w);
    rs_names_free(alphabet);
    rs_names_free(outputs);
    return status;
}

static void test_cells(void) {
    rs_random random = rs_random_new(unit_seed(), 1);
    for (size_t cell = 0; cell < RS_CELLS; cell++)
        for (size_t i = 0; i < 6; i++) {
            rs_network *net = NULL;
            float slope = i % 3 == 2 && cell >= RS_CELL_SIGMOID ? 0.2f : 0;
            CHECK_OK(random_network(&net, (rs_cell)cell, i % 2, 1 + i % 3, slope, &random));
            check_round(net, &random);
            rs_network_free(net);
        }
}

/* ---- Cards, and what is refused ---- */

static void test_card(void) {
    char text[] = "{\n  \"rnnsafe\": 1,\n  \"cell\": \"gru\",\n  \"alphabet\": [\n    \"a\",\n    \"b\"\n  ],\n"
                  "  \"threshold\": 0.25,\n  \"initial\": {\n    \"h\": \"h0\"\n  },\n  \"head\": [\n    {\n"
                  "      \"weight\": \"w\",\n      \"activation\": \"none\"\n    }\n  ],\n"
                  "  \"ignore\": [\n    \"x\"\n  ]\n}\n";
    char *written = NULL;
    rs_card card = {0};
    CHECK_OK(rs_card_read(&card, "card", text, strlen(text)));
    CHECK_OK(rs_card_write(&written, &card));
    CU_ASSERT_STRING_EQUAL(written, text);
    free(written);
    rs_card_free(&card);
}

static void copy(const char *from, const char *to) {
    char *bytes;
    size_t length;
    CHECK_OK(rs_file_read(&bytes, &length, from, 1 << 20));
    CHECK_OK(rs_file_write(to, bytes, length));
    free(bytes);
}

static void test_refused(void) {
    rs_network *net = NULL;
    rs_network_options options = {.alphabet = "0 1"};
    copy(unit_source("tests/data/network/gru.pt"), in_folder("own.pt"));
    CHECK_OK(rs_network_load(&net, in_folder("own.pt"), &options));
    CHECK_FAILS(rs_network_save(net, in_folder("own.pt")), RS_EUSAGE, "a network is written as NAME.safetensors");
    CHECK_FAILS(rs_network_save(net, ".safetensors"), RS_EUSAGE, "a network is written as NAME.safetensors");
    CHECK_FAILS(rs_network_save(net, in_folder("own.safetensors")), RS_EINPUT, "own.json: it would be the card of");
    CHECK_FAILS(rs_network_save(net, in_folder("./own.safetensors")), RS_EINPUT, "own.json: it would be the card of");
    CHECK_FAILS(rs_network_save(net, in_folder("absent/a.safetensors")), RS_EINPUT, "cannot create");
    CHECK_OK(rs_network_save(net, in_folder("new.safetensors")));
    rs_network_free(net);
    CHECK_OK(rs_network_load(&net, in_folder("new.safetensors"), NULL));
    CHECK_FAILS(rs_network_save(net, in_folder("../") /* a folder */), RS_EUSAGE, "NAME.safetensors");
    CHECK_FAILS(rs_network_save(net, in_folder("./new.safetensors")), RS_EINPUT, "is not written over");
    copy(in_folder("new.json"), in_folder("other.json"));
    CHECK_FAILS(rs_network_save(net, in_folder("other.safetensors")), RS_EINPUT,
                "other.json: the card of some other weights");
    CU_ASSERT(access(in_folder("other.safetensors"), F_OK) != 0);
    /* Neither file changes where one of them cannot. */
    copy(in_folder("new.json"), in_folder("one.safetensors"));
    unlink(in_folder("one.json"));
    CU_ASSERT(mkdir(in_folder("one.json"), 0700) == 0);
    CHECK_FAILS(rs_network_save(net, in_folder("one.safetensors")), RS_EINPUT, "one.json: a folder");
    check_same_bytes("one.safetensors", "new.json");
    CU_ASSERT(rmdir(in_folder("one.json")) == 0);
    rs_network_free(net);
}

static rs_status save(void *net) {
    return rs_network_save(net, in_folder("sweep.safetensors"));
}

static void test_allocation(void) {
    rs_random random = rs_random_new(unit_seed(), 2);
    rs_network *net = NULL;
    CHECK_OK(random_network(&net, RS_CELL_PEEPHOLE, true, 1, 0.2f, &random));
    CHECK_OK(save(net));
    unit_allocation_sweep(save, net, 2000);
    rs_network_free(net);
}

static const unit_test tests[] = {
    {"examples", test_examples},
    {"every cell", test_cells},
    {"a card", test_card},
    {"what is refused", test_refused},
    {"allocation failures", test_allocation},
};

int main(void) {
    static const char *const files[] = {"one", "two", "own", "new", "other", "sweep"};
    static const char *const endings[] = {"safetensors", "json", "pt"};
    if (!mkdtemp(folder)) return 1;
    int failures = unit_main("networks written", tests, sizeof tests / sizeof *tests);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        for (size_t k = 0; k < sizeof endings / sizeof *endings; k++) {
            char name[64];
            snprintf(name, sizeof name, "%s.%s", files[i], endings[k]);
            unlink(in_folder(name));
        }
    rmdir(folder);
    return failures;
}
