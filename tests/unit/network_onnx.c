/* ONNX models read and run; tests/data/onnx/expected.txt is what ONNX Runtime says about them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"
#include "network/gates.h"
#include "network/onnx.h"
#include "rnnsafe/network.h"
#include "support/unit.h"

#define DATA "tests/data/onnx/"

static const char *data_path(const char *file) {
    char relative[256];
    snprintf(relative, sizeof relative, DATA "%s", file);
    return unit_source(relative);
}

static rs_status load(rs_network **out, const char *path, size_t classes) {
    static const char *const outputs[] = {[2] = "x y", [3] = "x y z"};
    rs_network_options options = {.alphabet = "a b c", .outputs = outputs[classes]};
    return rs_network_load(out, path, &options);
}

static bool has_note(const rs_network *net, const char *text) {
    const char *note;
    for (size_t i = 0; (note = rs_network_note(net, i)); i++)
        if (strstr(note, text)) return true;
    return false;
}

/* ---- What ONNX Runtime says ---- */

/* What a model does to its logits at the end. */
static void end(double *values, size_t count, const char *ending) {
    double total = 0;
    for (size_t i = 0; i < count; i++) total += exp(values[i]);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(ending, "softmax") == 0) values[i] = exp(values[i]) / total;
        else if (strcmp(ending, "log_softmax") == 0) values[i] -= log(total);
        else if (strcmp(ending, "sigmoid") == 0) values[i] = 1 / (1 + exp(-values[i]));
        else CU_ASSERT_STRING_EQUAL(ending, "none");
    }
}

typedef struct expected {
    char *file, *cell, *ending;
    uint32_t word[64];
    size_t length;
    double values[256]; /* [steps * logits] */
    size_t count;
} expected;

static void check_outputs(const expected *e) {
    rs_network *net = NULL;
    uint32_t classes[64];
    float states[1024], logits[256];
    double values[256];
    bool every = e->count >= e->length;
    size_t size = every ? e->count / e->length : e->count, skip = every ? 0 : e->length - 1;
    CHECK_OK(load(&net, data_path(e->file), size == 1 ? 2 : size));
    CU_ASSERT_PTR_NOT_NULL_FATAL(net);
    CU_ASSERT_STRING_EQUAL(rs_cell_name(rs_network_cell(net)), e->cell);
    CU_ASSERT_EQUAL_FATAL(rs_network_logits_size(net), size);
    CHECK_OK(rs_network_run(net, e->word, e->length, classes, states, NULL));
    CHECK_OK(rs_network_logits(net, e->length, states, logits, NULL));
    for (size_t i = 0; i + skip < e->length; i++) {
        for (size_t j = 0; j < size; j++) values[j] = (double)logits[(i + skip) * size + j];
        end(values, size, e->ending);
        for (size_t j = 0; j < size; j++) {
            if (!(fabs(values[j] - e->values[i * size + j]) <= 1e-6))
                printf("%s: step %zu, output %zu: %.9g, not %.9g\n", e->file, i, j, values[j], e->values[i * size + j]);
            CU_ASSERT_DOUBLE_EQUAL(values[j], e->values[i * size + j], 1e-6);
        }
    }
    rs_network_free(net);
}

static void test_onnx_runtime_says(void) {
    char *text, *lines, *rest;
    const char *field;
    size_t length, networks = 0;
    expected e = {0};
    CHECK_OK(rs_file_read(&text, &length, data_path("expected.txt"), 1 << 20));
    for (char *line = strtok_r(text, "\n", &lines); line; line = strtok_r(NULL, "\n", &lines)) {
        const char *kind = strtok_r(line, "\t", &rest);
        if (strcmp(kind, "network") == 0) {
            e = (expected){0};
            e.file = strtok_r(NULL, "\t", &rest);
            e.cell = strtok_r(NULL, "\t", &rest);
            CU_ASSERT_STRING_EQUAL(strtok_r(NULL, "\t", &rest), "3");
            e.ending = strtok_r(NULL, "\t", &rest);
            continue;
        }
        for (const char *p = strtok_r(NULL, "\t", &rest); *p; p += strcspn(p, " "), p += strspn(p, " "))
            e.word[e.length++] = (uint32_t)strtoul(p, NULL, 10);
        while ((field = strtok_r(NULL, "\t", &rest))) e.values[e.count++] = strtod(field, NULL);
        check_outputs(&e);
        networks++;
    }
    CU_ASSERT_EQUAL(networks, 31);
    free(text);
}

/* ---- What is said ---- */

static void test_notes(void) {
    rs_network *net = NULL;
    CHECK_OK(load(&net, data_path("torch_gru_static.onnx"), 2));
    CU_ASSERT(has_note(net, "fixes words to length 4"));
    CU_ASSERT(!has_note(net, "one-hot") && !has_note(net, "cell gru") && !has_note(net, "head"));
    CU_ASSERT_STRING_EQUAL(rs_network_format(net), "onnx");
    rs_network_free(net);
    CHECK_OK(load(&net, data_path("torch_gru_without_bias_9.onnx"), 2));
    CU_ASSERT(has_note(net, "the last Sigmoid is left out"));
    rs_network_free(net);
    CHECK_OK(load(&net, data_path("keras_gru_embedding.onnx"), 2));
    CU_ASSERT(has_note(net, "the last Softmax is left out"));
    CU_ASSERT_EQUAL(rs_network_input(net), RS_INPUT_EMBEDDING);
    rs_network_free(net);
    CHECK_OK(load(&net, data_path("lstm_external.onnx"), 2));
    CU_ASSERT(has_note(net, "other files beside the model"));
    rs_network_free(net);
    CHECK_OK(load(&net, data_path("gru_float16.onnx"), 2));
    CU_ASSERT(has_note(net, "numbers of 16 bits"));
    rs_network_free(net);
    CHECK_OK(load(&net, data_path("gru_before.onnx"), 2));
    CU_ASSERT(!has_note(net, "linear_before_reset")); /* not by PyTorch */
    rs_network_free(net);
    CHECK_OK(load(&net, unit_source("tests/fuzz/corpus/onnx/valid_gru_before_by_pytorch.onnx"), 2));
    CU_ASSERT(has_note(net, "linear_before_reset = 0"));
    rs_network_free(net);
    CHECK_OK(load(&net, data_path("torch_gru_2_last_h.onnx"), 2));
    CU_ASSERT_EQUAL(rs_network_layers(net), 2);
    CU_ASSERT_EQUAL(rs_network_head_layers(net), 2);
    rs_network_free(net);
}

/* ---- Malformed files ---- */

/* Every model cut after every byte: no crash, and never a network of another size. */
static void test_cut(void) {
    static const char *const files[] = {"gru_before.onnx", "torch_lstm_initial.onnx", "lstm_external.onnx"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *bytes, path[4096];
        size_t length;
        snprintf(path, sizeof path, "%s", data_path(files[i]));
        CHECK_OK(rs_file_read(&bytes, &length, path, 1 << 20));
        for (size_t cut = 0; cut < length; cut++) {
            rs_reading reading = {0};
            char *part = rs_memdup(bytes, cut ? cut : 1, 1); /* of its exact size, for AddressSanitizer */
            CU_ASSERT_PTR_NOT_NULL_FATAL(part);
            rs_status status = rs_onnx_read(&reading, path, part, cut);
            CU_ASSERT(status == RS_EINPUT || (status == RS_OK && cut > length / 2));
            rs_reading_free(&reading);
            free(part);
        }
        free(bytes);
    }
}

/* ---- Allocation ---- */

static rs_status load_once(void *user) {
    rs_network *net = NULL;
    rs_status status = load(&net, user, 2);
    rs_network_free(net);
    return status;
}

static void test_allocation(void) {
    static const char *const files[] = {"torch_gru_2_last_h.onnx", "lstm_peephole.onnx", "keras_gru_embedding.onnx",
                                        "lstm_external.onnx"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s", data_path(files[i]));
        unit_allocation_sweep(load_once, path, 5000);
    }
}

/* ---- Gates ---- */

static void test_gates(void) {
    /* Three gates of 2 units and 2 columns: element = 100 * gate + 10 * unit + column. */
    const size_t order[3] = {2, 0, 1};
    float in[12], transposed[12], out[12];
    for (size_t g = 0; g < 3; g++)
        for (size_t u = 0; u < 2; u++)
            for (size_t c = 0; c < 2; c++)
                in[(g * 2 + u) * 2 + c] = transposed[c * 6 + g * 2 + u] = (float)(100 * g + 10 * u + c);
    for (int i = 0; i < 2; i++) {
        rs_gates_copy(out, i ? transposed : in, 3, 2, 2, order, i);
        for (size_t g = 0; g < 3; g++)
            for (size_t u = 0; u < 2; u++)
                for (size_t c = 0; c < 2; c++)
                    CU_ASSERT_EQUAL(out[(g * 2 + u) * 2 + c], (float)(100 * order[g] + 10 * u + c));
    }
}

static const unit_test tests[] = {
    {"ONNX Runtime says", test_onnx_runtime_says}, {"notes", test_notes}, {"cut files", test_cut},
    {"allocation failures", test_allocation},      {"gates", test_gates},
};
UNIT_MAIN("network onnx", tests)
