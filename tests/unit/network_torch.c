/* What PyTorch writes beside plain state_dicts: legacy files, whole modules, checkpoints, TorchScript. */

#include "core/alloc.h"
#include "core/random.h"
#include "network/legacy.h"
#include "network/pytorch.h"
#include "support/malformed.h"

#define DATA "tests/data/torch/"

static rs_status read_any(rs_reading *out, const char *file, const char *bytes, size_t length) {
    return rs_legacy_recognise(bytes, length) ? rs_legacy_read(out, file, bytes, length)
                                              : rs_pytorch_read(out, file, bytes, length);
}

static const golden torch = {.folder = DATA, .read = read_any, .tolerance = 2e-6};

static void test_pytorch_says(void) {
    golden_check(&torch, 20);
}

/* Tensors are those of state_dict and no others: without non-persistent buffers, and without lists of the same. */
static void test_tensors(void) {
    static const struct {
        const char *file;
        size_t tensors;
    } cases[] = {{"module_gru.pt", 7}, {"module_parallel.pt", 7}, {"script_gru.pt", 7}, {"trace_lstm.pt", 11}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *bytes;
        size_t length;
        rs_reading reading = {0};
        CHECK_OK(rs_file_read(&bytes, &length, golden_path(&torch, cases[i].file), 1 << 20));
        CHECK_OK(read_any(&reading, cases[i].file, bytes, length));
        CU_ASSERT_EQUAL(reading.tensors.count, cases[i].tensors);
        rs_reading_free(&reading);
        free(bytes);
    }
}

static bool has_note(const rs_network *net, const char *text) {
    const char *note;
    for (size_t i = 0; (note = rs_network_note(net, i)); i++)
        if (strstr(note, text)) return true;
    return false;
}

static void test_said(void) {
    rs_network *net = NULL;
    CHECK_OK(golden_load(&net, &torch, "module_relu.pt", "0 1", "no yes", "-"));
    CU_ASSERT_EQUAL(rs_network_cell(net), RS_CELL_RELU);
    CU_ASSERT(!has_note(net, "cell"));
    rs_network_free(net);
    CHECK_OK(golden_load(&net, &torch, "module_relu.pt", "0 1", "no yes", "tanh"));
    CU_ASSERT_EQUAL(rs_network_cell(net), RS_CELL_TANH);
    rs_network_free(net);
    CHECK_OK(golden_load(&net, &torch, "checkpoint.pt", "0 1", "no yes", "-"));
    CU_ASSERT(has_note(net, "the network is \"model_state_dict\" of a checkpoint"));
    CU_ASSERT_STRING_EQUAL(rs_network_format(net), "pytorch");
    rs_network_free(net);
    CHECK_OK(golden_load(&net, &torch, "checkpoint_module.pt", "0 1", "no yes", "-"));
    CU_ASSERT(has_note(net, "the network is \"net\" of a checkpoint"));
    CU_ASSERT_STRING_EQUAL(rs_network_format(net), "pytorch-legacy");
    rs_network_free(net);
    net = NULL;
    CHECK_FAILS(golden_load(&net, &torch, "legacy_relu.pt", "a b c", "no yes", "-"), RS_EINPUT,
                "do not say the cell (--cell relu");
    /* The state_dict of a cell is that of one layer. */
    CHECK_OK(golden_load(&net, &torch, "cell_gru.pt", "a b c", "no yes", "-"));
    CU_ASSERT(rs_network_cell(net) == RS_CELL_GRU && rs_network_layers(net) == 1 && rs_network_hidden(net) == 4);
    rs_network_free(net);
    CHECK_OK(golden_load(&net, &torch, "cell_lstm.pt", "a b c", "no yes", "-"));
    CU_ASSERT(rs_network_cell(net) == RS_CELL_LSTM && rs_network_layers(net) == 1 && rs_network_hidden(net) == 4);
    rs_network_free(net);
    CHECK_FAILS(golden_load(&net, &torch, "complex.pt", "0 1", "no yes", "-"), RS_EINPUT,
                "tensor \"fc.weight\" is of class torch.ComplexFloatStorage, which is not read: convert it to float32");
    CHECK_FAILS(golden_load(&net, &torch, "legacy_complex.pt", "0 1", "no yes", "-"), RS_EINPUT,
                "is of class torch.ComplexFloatStorage, which is not read");
}

static void test_malformed(void) {
    static const golden_case cases[] = {
        {"bytes_after_last_storage.pt", RS_EINPUT, "4 bytes after the last storage"},
        {"count_of_2_to_62.pt", RS_EINPUT, "truncated: storage \"0\" claims 4611686018427387905 values"},
        {"count_of_2_to_63.pt", RS_EINPUT, "truncated: storage \"0\" claims 9223372036854775808 values"},
        {"key_is_integer.pt", RS_EINPUT, "a storage key is no text"},
        {"key_twice.pt", RS_EINPUT, "storage key \"0\" appears twice"},
        {"key_unknown.pt", RS_EINPUT, "storage key \"x\" is of no storage"},
        {"keys_are_tuple.pt", RS_EINPUT, "its storage keys are no list"},
        {"magic_alone.pt", RS_EINPUT, "protocol version: byte 0: the pickle is truncated"},
        {"magic_truncated.pt", RS_EINPUT, "truncated after its magic number"},
        {"module_id_of_integer.pt", RS_EINPUT, "object: byte 34: a call of an integer"},
        {"module_id_without_source.pt", RS_EINPUT, "object: byte 37: a call of a storage"},
        {"no_storages.pt", RS_EINPUT, "there is no storage \"0\""},
        {"object_truncated.pt", RS_EINPUT, "object: byte 25: the pickle is truncated"},
        {"storage_of_two_types.pt", RS_EINPUT, "storage \"0\" is of two types"},
        {"storage_shorter_than_said.pt", RS_EINPUT, "tensor \"fc.bias\" reaches beyond its storage of 8 bytes"},
        {"truncated_in_count.pt", RS_EINPUT, "truncated before storage \"5\""},
        {"truncated_in_values.pt", RS_EINPUT, "truncated: storage \"5\" claims 2 values"},
        {"valid.pt", RS_OK, ""},
        {"valid_view.pt", RS_OK, ""},
        {"version_1002.pt", RS_EINPUT, "a PyTorch file of an unknown version: 1001 is read"},
        {"version_alone.pt", RS_EINPUT, "system information: byte 0: the pickle is truncated"},
        {"version_is_text.pt", RS_EINPUT, "a PyTorch file of an unknown version: 1001 is read"},
        {"view_at_huge_offset.pt", RS_EINPUT, "storage key \"5\" is of no storage"},
        {"view_beyond_storage.pt", RS_EINPUT, "storage key \"5\" is of no storage"},
        {"view_negative.pt", RS_EINPUT, "storage key \"5\" is of no storage"},
        {"view_of_two_members.pt", RS_EINPUT, "storage key \"5\" is of no storage"},
        {"view_shorter_than_tensor.pt", RS_EINPUT, "tensor \"fc.bias\" reaches beyond its storage of 8 bytes"},
        {"whole_model_without_state.pt", RS_EINPUT, "the file holds an object of class __main__.Net, not a state_dict"},
    };
    static const golden corpus = {.folder = "tests/fuzz/corpus/legacy/"};
    golden_malformed(&corpus, cases, sizeof cases / sizeof *cases, 0, golden_load_case);
}

/* Damaged bytes are read or refused, with a message; these files have no checksums. */
static void test_damaged(void) {
    static const char *const files[] = {"legacy_views.pt", "legacy_module.pt", "checkpoint_module.pt"};
    rs_random random = rs_random_new(unit_seed(), 0);
    size_t refused = 0;
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        char *whole;
        size_t length;
        CHECK_OK(rs_file_read(&whole, &length, golden_path(&torch, files[f]), 1 << 20));
        for (size_t i = 0; i < 2000; i++) {
            rs_reading reading = {0};
            size_t cut = rs_random_below(&random, 8) ? length : rs_random_below(&random, length);
            char *bytes = rs_memdup(whole, cut, 1);
            for (size_t n = 1 + rs_random_below(&random, 3); n && cut; n--)
                bytes[rs_random_below(&random, cut)] = (char)rs_random_below(&random, 256);
            rs_status status = rs_legacy_read(&reading, "f", bytes, cut);
            CU_ASSERT(status == RS_OK || (status == RS_EINPUT && rs_error_message()[0] == 'f'));
            refused += status != RS_OK;
            rs_reading_free(&reading);
            free(bytes);
        }
        free(whole);
    }
    CU_ASSERT(refused > 1000 && refused < 6000);
}

static rs_status load_and_free(void *file) {
    rs_network *net = NULL;
    rs_status status = golden_load(&net, &torch, file, "0 1", "no yes", "-");
    rs_network_free(net);
    return status;
}

static void test_allocation(void) {
    char legacy[] = "legacy_views.pt", module[] = "module_relu.pt", program[] = "script_gru.pt",
         checkpoint[] = "checkpoint_module.pt";
    unit_allocation_sweep(load_and_free, legacy, 2000);
    unit_allocation_sweep(load_and_free, module, 2000);
    unit_allocation_sweep(load_and_free, program, 2000);
    unit_allocation_sweep(load_and_free, checkpoint, 2000);
}

static const unit_test tests[] = {
    {"tensors and logits are PyTorch's", test_pytorch_says},
    {"the tensors of a state_dict and no others", test_tensors},
    {"what a file says of its cell, and checkpoints", test_said},
    {"malformed legacy files", test_malformed},
    {"damaged bytes", test_damaged},
    {"allocation failures", test_allocation},
};
UNIT_MAIN("PyTorch files", tests)
