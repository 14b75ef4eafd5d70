/* Networks that PyTorch wrote, read and run; tests/data/network/expected.txt is what PyTorch says about them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/random.h"
#include "core/sha256.h"
#include "network/assemble.h"
#include "network/pickle.h"
#include "network/pytorch.h"
#include "network/safetensors.h"
#include "rnnsafe/network.h"
#include "support/golden.h"
#include "support/unit.h"

#define DATA "tests/data/network/"

static const char *data_path(const char *file) {
    char relative[256];
    snprintf(relative, sizeof relative, DATA "%s", file);
    return unit_source(relative);
}

static rs_status load(rs_network **out, const char *file, const char *alphabet, const char *outputs, const char *cell,
                      const char *input) {
    rs_network_options options = {.alphabet = alphabet, .outputs = outputs, .cell = cell, .input = input};
    return rs_network_load(out, data_path(file), &options);
}

/* ---- What PyTorch says ---- */

static rs_status read_tensors(rs_reading *out, const char *file, const char *bytes, size_t length) {
    rs_status status = strstr(file, ".safetensors") ? rs_safetensors_read(out, file, bytes, length)
                                                    : rs_pytorch_read(out, file, bytes, length);
    for (size_t i = 0; i < out->tensors.count && status == RS_OK; i++)
        status = rs_tensors_make(&out->tensors, file, &out->tensors.items[i]);
    return status;
}

static void test_pytorch_says(void) {
    const golden g = {DATA, read_tensors, 2e-6};
    CU_ASSERT(golden_check(&g, 13) > 6 * 13);
}

/* ---- What is inferred, and what is asked for ---- */

static bool has_note(const rs_network *net, const char *text) {
    const char *note;
    for (size_t i = 0; (note = rs_network_note(net, i)); i++)
        if (strstr(note, text)) return true;
    return false;
}

static void test_inferred(void) {
    rs_network *net;
    CHECK_OK(load(&net, "gru.pt", "0 1", NULL, NULL, NULL));
    CU_ASSERT_EQUAL(rs_network_cell(net), RS_CELL_GRU);
    CU_ASSERT_EQUAL(rs_network_input(net), RS_INPUT_ONEHOT);
    CU_ASSERT_EQUAL(rs_network_layers(net), 1);
    CU_ASSERT_EQUAL(rs_network_hidden(net), 3);
    CU_ASSERT_STRING_EQUAL(rs_names_get(rs_network_outputs(net), 1), "accept");
    CU_ASSERT(has_note(net, "cell gru"));
    CU_ASSERT(has_note(net, "one-hot over 2"));
    CU_ASSERT(has_note(net, "\"fc.weight\""));
    CU_ASSERT(has_note(net, "\"reject accept\""));
    rs_network_free(net);
    CHECK_OK(load(&net, "gru.pt", "0 1", "no yes", "gru", "onehot"));
    CU_ASSERT(!has_note(net, "cell") && !has_note(net, "one-hot") && !has_note(net, "reject"));
    rs_network_free(net);
    CHECK_OK(load(&net, "tanh_embedding.pt", "u d l r", NULL, "tanh", NULL));
    CU_ASSERT_EQUAL(rs_network_input(net), RS_INPUT_EMBEDDING);
    CU_ASSERT_EQUAL(rs_network_input_size(net), 2);
    CU_ASSERT_EQUAL(rs_network_logits_size(net), 1);
    CU_ASSERT(has_note(net, "\"embedding.weight\"") && has_note(net, "threshold") && has_note(net, "reject accept"));
    rs_network_free(net);
}

static void test_card(void) {
    rs_network *net;
    CHECK_OK(load(&net, "card.safetensors", NULL, NULL, NULL, NULL));
    CU_ASSERT_EQUAL(rs_network_cell(net), RS_CELL_LSTM);
    CU_ASSERT_EQUAL(rs_network_head_layers(net), 2);
    CU_ASSERT_STRING_EQUAL(rs_names_get(rs_network_alphabet(net), 2), "wait");
    CU_ASSERT_STRING_EQUAL(rs_network_format(net), "safetensors");
    CU_ASSERT(rs_network_initial(net)[0] != 0 && rs_network_initial(net)[4] != 0);
    CU_ASSERT_PTR_NULL(rs_network_note(net, 0));
    rs_network_free(net);
    CHECK_OK(load(&net, "card.safetensors", "a b c", NULL, NULL, NULL));
    CU_ASSERT_STRING_EQUAL(rs_names_get(rs_network_alphabet(net), 2), "c");
    CU_ASSERT_STRING_EQUAL(rs_names_get(rs_network_outputs(net), 0), "idle");
    rs_network_free(net);
}

/* ---- Cards on tensors made here: a GRU of 2 symbols or embedding width 2, 2 hidden units, one logit of 0.125 ---- */

static void add(rs_tensors *tensors, const char *name, size_t rank, size_t rows, size_t columns) {
    rs_tensor *tensor;
    const size_t shape[2] = {rows, columns};
    CHECK_OK(rs_tensors_add(&tensor, tensors, "f", name, strlen(name), rs_dtype_safetensors("F32"), rank, shape));
    if (strcmp(name, "fc.bias") == 0) tensor->values[0] = 0.125f;
    if (strcmp(name, "start") == 0) tensor->values[1] = 3;
}

static rs_status assemble(rs_network **out, const rs_tensors *tensors, const char *card_text) {
    rs_reading reading = {.tensors = *tensors};
    static const rs_network_options options = {0};
    static const char sha256[65] = "";
    rs_card card = {0};
    rs_status status = rs_card_read(&card, "c", card_text, strlen(card_text));
    if (status == RS_OK) status = rs_network_assemble(out, "f", sha256, "pytorch", "c", &reading, &card, &options);
    reading.tensors = (rs_tensors){0};
    rs_reading_free(&reading);
    rs_card_free(&card);
    return status;
}

static uint32_t class_after_0(const rs_network *net) {
    uint32_t word = 0, class = 7;
    CHECK_OK(rs_network_run(net, &word, 1, &class, NULL, NULL));
    return class;
}

/* Names without _l0 are a cell's, one layer; weights that are computed from others are refused with what to do. */
static void test_names(void) {
    static const char card[] = "{\"rnnsafe\": 1, \"alphabet\": [\"a\", \"b\"]}";
    static const char *const computed[] = {"fc.weight_g", "rnn.weight_hh_orig", "fc.parametrizations.weight.original"};
    rs_network *net = NULL;
    rs_tensors t = {0};
    add(&t, "rnn.weight_ih", 2, 6, 2);
    add(&t, "rnn.weight_hh", 2, 6, 2);
    add(&t, "rnn.bias_ih", 1, 6, 2);
    add(&t, "fc.weight", 2, 1, 2);
    add(&t, "fc.bias", 1, 1, 1);
    CHECK_OK(assemble(&net, &t, card));
    CU_ASSERT(rs_network_layers(net) == 1 && rs_network_hidden(net) == 2);
    CU_ASSERT_EQUAL(class_after_0(net), 1);
    rs_network_free(net);
    net = NULL;
    add(&t, "rnn.weight_ih_l1", 2, 6, 2);
    CHECK_FAILS(assemble(&net, &t, card), RS_EINPUT, "several recurrent networks");
    rs_tensors_free(&t);
    for (size_t i = 0; i < sizeof computed / sizeof *computed; i++) {
        t = (rs_tensors){0};
        add(&t, "fc.weight_v", 2, 1, 2);
        add(&t, computed[i], 2, 1, 1);
        CHECK_FAILS(assemble(&net, &t, card), RS_EINPUT, "the weight is computed from this and others (weight_norm,");
        CU_ASSERT_PTR_NOT_NULL(strstr(rs_error_message(), computed[i]));
        rs_tensors_free(&t);
    }
}

static void test_card_members(void) {
    rs_network *net = NULL;
    rs_tensors t = {0};
    add(&t, "rnn.weight_ih_l0", 2, 6, 2);
    add(&t, "rnn.weight_hh_l0", 2, 6, 2);
    add(&t, "fc.weight", 2, 1, 2);
    add(&t, "fc.bias", 1, 1, 1);
    CHECK_OK(assemble(&net, &t, "{\"rnnsafe\": 1, \"alphabet\": [\"a\", \"b\"]}"));
    CU_ASSERT_EQUAL(class_after_0(net), 1);
    rs_network_free(net);
    CHECK_OK(assemble(&net, &t, "{\"rnnsafe\": 1, \"alphabet\": [\"a\", \"b\"], \"threshold\": 0.25}"));
    CU_ASSERT_EQUAL(class_after_0(net), 0);
    rs_network_free(net);
    CHECK_OK(assemble(&net, &t,
                      "{\"rnnsafe\": 1, \"alphabet\": [\"a\", \"b\"], \"ignore\": [\"fc.bias\"],"
                      " \"head\": [{\"weight\": \"fc.weight\", \"bias\": null}]}"));
    CU_ASSERT_EQUAL(class_after_0(net), 0);
    rs_network_free(net);
    net = NULL;

    add(&t, "start", 1, 2, 1);
    add(&t, "rnn2.weight_ih_l0", 2, 6, 2);
    add(&t, "rnn2.weight_hh_l0", 2, 6, 2);
    add(&t, "emb1", 2, 3, 2);
    add(&t, "emb2", 2, 4, 2);
    CHECK_FAILS(assemble(&net, &t, "{\"rnnsafe\": 1}"), RS_EINPUT,
                "several recurrent networks, \"rnn.\" and \"rnn2.\"");
    CHECK_FAILS(assemble(&net, &t, "{\"rnnsafe\": 1, \"ignore\": [\"rnn2.weight_ih_l0\", \"rnn2.weight_hh_l0\"]}"),
                RS_EINPUT, "\"emb1\" and \"emb2\" could both be the embedding");
    CHECK_OK(assemble(&net, &t,
                      "{\"rnnsafe\": 1, \"alphabet\": [\"a\", \"b\", \"c\", \"d\"], \"embedding\": \"emb2\","
                      " \"initial\": {\"h\": \"start\"},"
                      " \"ignore\": [\"rnn2.weight_ih_l0\", \"rnn2.weight_hh_l0\", \"emb1\"]}"));
    CU_ASSERT_EQUAL(rs_network_input(net), RS_INPUT_EMBEDDING);
    CU_ASSERT_EQUAL(rs_network_initial(net)[0], 0);
    CU_ASSERT_EQUAL(rs_network_initial(net)[1], 3);
    rs_network_free(net);
    rs_tensors_free(&t);
}

static void test_origin(void) {
    rs_network *net;
    char path[4096], digest[65], *bytes;
    size_t length;
    snprintf(path, sizeof path, "%s", data_path("cuda.pt"));
    CHECK_OK(rs_file_read(&bytes, &length, path, 1 << 20));
    rs_sha256_hex(digest, bytes, length);
    CHECK_OK(load(&net, "cuda.pt", "0 1", NULL, NULL, NULL));
    CU_ASSERT_STRING_EQUAL(rs_network_file(net), path);
    CU_ASSERT_STRING_EQUAL(rs_network_format(net), "pytorch");
    CU_ASSERT_STRING_EQUAL(rs_network_sha256(net), digest);
    rs_network_free(net);
    free(bytes);
}

static void test_asked_for(void) {
    rs_network *net = NULL;
    CHECK_FAILS(load(&net, "tanh_embedding.pt", NULL, NULL, NULL, NULL), RS_EINPUT,
                "do not say the cell (--cell relu or --cell tanh), the alphabet (--alphabet with 4 names); give");
    CHECK_FAILS(load(&net, "lstm_2_layers.pt", NULL, NULL, NULL, NULL), RS_EINPUT,
                "the alphabet (--alphabet with 3 names), the outputs (--outputs with 3 names); give");
    CHECK_FAILS(load(&net, "lstm_2_layers.pt", NULL, NULL, NULL, NULL), RS_EINPUT, "lstm_2_layers.json");
    CHECK_FAILS(load(&net, "gru.pt", "a b c", NULL, NULL, NULL), RS_EINPUT,
                "alphabet has 3 names, but the network needs 2");
    CHECK_FAILS(load(&net, "gru.pt", "a a", NULL, NULL, NULL), RS_EINPUT, "\"a\" appears twice");
    CHECK_FAILS(load(&net, "gru.pt", "a b", "x", NULL, NULL), RS_EINPUT, "outputs has 1 name, but the network needs 2");
    CHECK_FAILS(load(&net, "gru.pt", "a b", NULL, "lstm", NULL), RS_EINPUT, "cell lstm contradicts");
    CHECK_FAILS(load(&net, "gru.pt", "a b", NULL, "LSTM", NULL), RS_EUSAGE, "--cell LSTM");
    CHECK_FAILS(load(&net, "gru.pt", "a b", NULL, NULL, "dense"), RS_EUSAGE, "--input dense");
    CHECK_FAILS(load(&net, "gru.pt", "a b", NULL, NULL, "embedding"), RS_EINPUT,
                "no tensor is an embedding of width 2");
    CHECK_FAILS(load(&net, "tanh_embedding.pt", "a b", NULL, "tanh", "onehot"), RS_EINPUT, "embedding.weight");
    CHECK_FAILS(load(&net, "absent.pt", NULL, NULL, NULL, NULL), RS_EINPUT, "absent.pt: cannot open");
    CHECK_FAILS(load(&net, "", NULL, NULL, NULL, NULL), RS_EINPUT, "not a regular file");
    CHECK_FAILS(load(&net, "card.json", NULL, NULL, NULL, NULL), RS_EINPUT, "a JSON text");
    rs_network_options options = {.card = "/absent/card.json"};
    CHECK_FAILS(rs_network_load(&net, data_path("gru.pt"), &options), RS_EINPUT, "/absent/card.json: cannot open");
    CU_ASSERT_PTR_NULL(net);
}

/* ---- Numbers, against the definition of the formats ---- */

static void test_float16(void) {
    const rs_dtype *half = rs_dtype_pytorch("HalfStorage"), *brain = rs_dtype_safetensors("BF16");
    size_t wrong = 0;
    for (uint32_t bits = 0; bits < 65536; bits++) {
        unsigned char little[2] = {(unsigned char)(bits & 255), (unsigned char)(bits >> 8)};
        unsigned char big[2] = {little[1], little[0]};
        int exponent = (int)(bits >> 10 & 31), fraction = (int)(bits & 1023);
        double wanted = exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
        if (exponent == 31) wanted = fraction ? (double)NAN : (double)INFINITY;
        if (bits >> 15) wanted = -wanted;
        double got = rs_dtype_read(half, little, false);
        wrong += !(isnan(wanted) ? isnan(got) : got == wanted && signbit(got) == signbit(wanted));
        exponent = (int)(bits >> 7 & 255), fraction = (int)(bits & 127);
        wanted = exponent ? ldexp(128 + fraction, exponent - 134) : ldexp(fraction, -133);
        if (exponent == 255) wanted = fraction ? (double)NAN : (double)INFINITY;
        if (bits >> 15) wanted = -wanted;
        got = rs_dtype_read(brain, big, true);
        wrong += !(isnan(wanted) ? isnan(got) : got == wanted && signbit(got) == signbit(wanted));
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

/* ---- Large files ---- */

/* 128 MiB of zeros that no disk holds, beside a GRU: what is ignored is not read, what is used is limited. */
static void test_large(void) {
    static const char header[] =
        "{\"rnn.weight_ih_l0\":{\"dtype\":\"F32\",\"shape\":[6,2],\"data_offsets\":[0,48]},"
        "\"rnn.weight_hh_l0\":{\"dtype\":\"F32\",\"shape\":[6,2],\"data_offsets\":[48,96]},"
        "\"fc.weight\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[96,112]},"
        "\"large\":{\"dtype\":\"F16\",\"shape\":[33554433,2],\"data_offsets\":[112,134217844]}}";
    char weights[] = "/tmp/rnnsafe-large-XXXXXX", card[] = "/tmp/rnnsafe-card-XXXXXX";
    unsigned char head[8] = {(unsigned char)((sizeof header - 1) & 255), (unsigned char)((sizeof header - 1) >> 8)};
    static const char ignored[] = "{\"rnnsafe\": 1, \"ignore\": [\"large\"]}";
    static const char used[] = "{\"rnnsafe\": 1, \"head\": [{\"weight\": \"large\"}]}";
    rs_network *net = NULL;
    rs_network_options options = {.card = card, .alphabet = "0 1"};
    int fd = mkstemp(weights), card_fd = mkstemp(card);
    CU_ASSERT_FATAL(fd >= 0 && card_fd >= 0);
    CU_ASSERT_FATAL(write(fd, head, sizeof head) == sizeof head && write(fd, header, strlen(header)) > 0);
    CU_ASSERT_FATAL(ftruncate(fd, (off_t)(sizeof head + strlen(header) + 134217844)) == 0);
    CHECK_OK(rs_file_write(card, ignored, strlen(ignored)));
    CHECK_OK(rs_network_load(&net, weights, &options));
    CU_ASSERT_EQUAL(rs_network_hidden(net), 2);
    rs_network_free(net);
    net = NULL;
    CHECK_OK(rs_file_write(card, used, strlen(used)));
    CHECK_FAILS(rs_network_load(&net, weights, &options), RS_EINPUT,
                "with tensor \"large\" the file has more than 67108864 values");
    CU_ASSERT_PTR_NULL(net);
    close(fd);
    close(card_fd);
    unlink(weights);
    unlink(card);
}

/* ---- Hostile bytes and failing memory ---- */

/* Damaged bytes are read or refused, with a message. The pickle is taken out of its archive, whose CRC would catch it.
 */
static void test_damaged(void) {
    rs_random random = rs_random_new(unit_seed(), 0);
    char *archive, *safe;
    size_t archive_length, safe_length, refused = 0;
    CHECK_OK(rs_file_read(&archive, &archive_length, data_path("shared_strided.pt"), 1 << 20));
    CHECK_OK(rs_file_read(&safe, &safe_length, data_path("mixed.safetensors"), 1 << 20));
    size_t pickle = 0;
    while (memcmp(archive + pickle,
                  "\x80\x02"
                  "ccollections",
                  14) != 0)
        pickle++;
    for (size_t i = 0; i < 3000; i++) {
        bool is_pickle = i % 2;
        size_t length = is_pickle ? archive_length - pickle : safe_length;
        char *bytes = rs_memdup(is_pickle ? archive + pickle : safe, length, 1);
        for (size_t n = 1 + rs_random_below(&random, 3); n; n--)
            bytes[rs_random_below(&random, is_pickle ? 900 : length)] = (char)rs_random_below(&random, 256);
        rs_pickle p = {0};
        rs_reading t = {0};
        rs_status status =
            is_pickle ? rs_pickle_read(&p, "f", "p", bytes, length) : rs_safetensors_read(&t, "f", bytes, length);
        CU_ASSERT(status == RS_OK || (status == RS_EINPUT && rs_error_message()[0] == 'f'));
        refused += status != RS_OK;
        rs_pickle_free(&p);
        rs_reading_free(&t);
        free(bytes);
    }
    CU_ASSERT(refused > 500);
    free(archive);
    free(safe);
}

static rs_status load_and_free(void *file) {
    rs_network *net = NULL;
    rs_status status = load(&net, file, strstr(file, ".pt") ? "0 1" : NULL, NULL, NULL, NULL);
    rs_network_free(net);
    return status;
}

static void test_allocation(void) {
    char pytorch[] = "gru.pt", safe[] = "card.safetensors";
    unit_allocation_sweep(load_and_free, pytorch, 2000);
    unit_allocation_sweep(load_and_free, safe, 2000);
}

static const unit_test tests[] = {
    {"tensors and logits are PyTorch's", test_pytorch_says},
    {"inferred from shapes and names", test_inferred},
    {"card", test_card},
    {"names of cells and of computed weights", test_names},
    {"members of the card", test_card_members},
    {"origin", test_origin},
    {"missing and contradictory options", test_asked_for},
    {"float16 and bfloat16", test_float16},
    {"large files", test_large},
    {"damaged bytes", test_damaged},
    {"allocation failures", test_allocation},
};
UNIT_MAIN("network readers", tests)
