/* Text files of DyNet: both builders, and every file of tests/fuzz/corpus/dynet, named after its defect. */
#include <math.h>

#include "core/alloc.h"
#include "core/random.h"
#include "network/dynet.h"
#include "support/malformed.h"

static const golden data = {"tests/data/dynet/", rs_dynet_read, 2e-6},
                    corpus = {"tests/fuzz/corpus/dynet/", rs_dynet_read, 0};

static void test_equations(void) {
    golden_check(&data, 6);
}

static bool has_note(const rs_network *net, const char *text) {
    const char *note;
    for (size_t i = 0; (note = rs_network_note(net, i)); i++)
        if (strstr(note, text)) return true;
    return false;
}

static void test_cells(void) {
    rs_network *net = NULL;
    CHECK_OK(golden_load(&net, &data, "gru_without_reset.txt", "0 1", "-", "-"));
    CU_ASSERT_EQUAL(rs_network_cell(net), RS_CELL_GRU);
    CU_ASSERT_EQUAL(rs_network_layers(net), 2);
    CU_ASSERT_EQUAL(rs_network_hidden(net), 4);
    CU_ASSERT_STRING_EQUAL(rs_network_format(net), "dynet");
    CU_ASSERT(has_note(net, "reset gate is stored but not used"));
    CU_ASSERT(has_note(net, "--outputs \"accept reject\""));
    rs_network_free(net);
    CHECK_OK(golden_load(&net, &data, "lstm.txt", "a b c", "-", "-"));
    CU_ASSERT_EQUAL(rs_network_cell(net), RS_CELL_LSTM);
    CU_ASSERT(has_note(net, "an LSTM whose initial state is learned"));
    rs_network_free(net);
    CHECK_OK(golden_load(&net, &data, "gru_builder.txt", "a b c d", "-", "-"));
    CU_ASSERT_EQUAL(rs_network_cell(net), RS_CELL_GRU_BEFORE);
    CU_ASSERT_EQUAL(rs_network_input(net), RS_INPUT_EMBEDDING);
    CU_ASSERT(has_note(net, "DyNet's GRUBuilder") && !has_note(net, "accept reject"));
    rs_network_free(net);
    net = NULL;
    CHECK_FAILS(golden_load(&net, &data, "gru_builder.txt", "a b c d", "-", "lstm"), RS_EINPUT,
                "cell lstm contradicts");
    CU_ASSERT_PTR_NULL(net);
}

/* A column of the file's matrix is a column of ours, and a column of the lookup is a symbol. The reset gate is 1 in
 * float32. */
static void test_order(void) {
    static const char text[] =
        "#Parameter# /a {1,2} 0 ZERO_GRAD\n1 2\n#Parameter# /b {1} 0 ZERO_GRAD\n3\n"
        "#Parameter# /c {2,3} 0 ZERO_GRAD\n1 2 3 4 5 6\n#Parameter# /d {2,2} 0 ZERO_GRAD\n1 2 3 4\n"
        "#Parameter# /e {2} 0 ZERO_GRAD\n1 2\n"
        "#Parameter# /f {2,3} 0 ZERO_GRAD\n9 9 9 9 9 9\n#Parameter# /g {2,2} 0 ZERO_GRAD\n9 9 9 9\n"
        "#Parameter# /h {2} 0 ZERO_GRAD\n9 9\n"
        "#Parameter# /i {2,3} 0 ZERO_GRAD\n7 7 7 7 7 7\n#Parameter# /j {2,2} 0 ZERO_GRAD\n7 7 7 7\n"
        "#Parameter# /k {2} 0 ZERO_GRAD\n7 7\n#Parameter# /l {2} 0 ZERO_GRAD\n5 -1\n"
        "#LookupParameter# /m {3,2} 0 ZERO_GRAD\n1 2 3 4 5 6\n";
    static const float w[18] = {0, 0, 0, 0, 0, 0, 1, 3, 5, 2, 4, 6, 7, 7, 7, 7, 7, 7}, b[6] = {64, 64, 1, 2, 7, 7};
    rs_reading r = {0};
    CHECK_OK(rs_dynet_read(&r, "f", text, sizeof text - 1));
    const rs_tensor *weight = rs_tensors_find(&r.tensors, "rnn.weight_ih_l0"),
                    *bias = rs_tensors_find(&r.tensors, "rnn.bias_ih_l0");
    const rs_tensor *embedding = rs_tensors_find(&r.tensors, "embedding.weight");
    CU_ASSERT_FATAL(weight && bias && embedding);
    CU_ASSERT(weight->count == 18 && memcmp(weight->values, w, sizeof w) == 0);
    CU_ASSERT(bias->count == 6 && memcmp(bias->values, b, sizeof b) == 0);
    CU_ASSERT(embedding->shape[0] == 2 && embedding->shape[1] == 3 && embedding->values[3] == 4);
    CU_ASSERT_EQUAL(1 / (1 + expf(-64.0f)), 1.0f);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r.notes);
    CU_ASSERT(strstr(r.notes[r.note_count - 1], "h0 reaches beyond [-1, 1]") != NULL);
    rs_reading_free(&r);
}

static const golden_case cases[] = {
    {"block_unknown.txt", RS_EINPUT, "block_unknown.txt:27:1: a block must begin with #Parameter#"},
    {"block_without_name.txt", RS_EINPUT, ":1:1: the block has no name"},
    {"bytes_no_number.txt", RS_EINPUT, ":25:1: the number of bytes of the block is no number"},
    {"dimensions_beyond_64_bits.txt", RS_EINPUT, "the dimensions of the block must be {ROWS} or {ROWS,COLUMNS}"},
    {"dimensions_beyond_file.txt", RS_EINPUT, "the file is too short for the numbers of this block"},
    {"dimensions_missing.txt", RS_EINPUT, "the dimensions of the block must be"},
    {"dimensions_not_closed.txt", RS_EINPUT, "the dimensions of the block must be"},
    {"dimensions_of_3.txt", RS_EINPUT, "the dimensions of the block must be"},
    {"dimensions_that_overflow.txt", RS_EINPUT, "the file is too short for the numbers of this block"},
    {"dimensions_with_batch.txt", RS_EINPUT, "the dimensions of the block must be"},
    {"dimensions_zero.txt", RS_EINPUT, "the dimensions of the block must be"},
    {"gradient_missing.txt", RS_EINPUT, ":27:1: \"#LookupParameter#\" is no number"},
    {"gradient_unknown.txt", RS_EINPUT, "the block must end in ZERO_GRAD or FULL_GRAD"},
    {"head_missing.txt", RS_EINPUT, "its 10 parameters are in the order of no network that is known"},
    {"header_alone.txt", RS_EINPUT, "the file is too short for the numbers of this block"},
    {"layer_incomplete.txt", RS_EINPUT, "in the order of no network that is known"},
    {"layers_of_different_widths.txt", RS_EINPUT, "appears twice"},
    {"lookup_of_one_dimension.txt", RS_EINPUT, "the dimensions of a lookup parameter must be {WIDTH,SYMBOLS}"},
    {"lookup_of_wrong_width.txt", RS_EINPUT, "tensor \"embedding.weight\" has the shape [2, 3], not [n, 2]"},
    {"name_not_utf8.txt", RS_EINPUT, "a tensor's name is not UTF-8 or holds control characters"},
    {"name_twice.txt", RS_EINPUT, "appears twice"},
    {"number_infinite.txt", RS_EINPUT, "tensor \"h0\": value 0 is not finite in float32"},
    {"number_is_word.txt", RS_EINPUT, "\"one\" is no number"},
    {"number_nan.txt", RS_EINPUT, "tensor \"h0\": value 0 is not finite in float32"},
    {"number_of_100_digits.txt", RS_EINPUT, "is no number"},
    {"number_with_tail.txt", RS_EINPUT, "\"1.0e\" is no number"},
    {"numbers_too_few.txt", RS_EINPUT, "there are fewer numbers in this line than the block says"},
    {"numbers_too_many.txt", RS_EINPUT, "there are more words or numbers in this line than belong here"},
    {"one_parameter.txt", RS_EINPUT, "its 1 parameters are in the order of no network that is known"},
    {"one_vector_too_many.txt", RS_EINPUT, "its 13 parameters are in the order of no network that is known"},
    {"truncated_in_header.txt", RS_EINPUT, "the dimensions of the block must be"},
    {"truncated_in_number.txt", RS_EINPUT, "is no number"},
    {"two_lookups.txt", RS_EINPUT, "2 lookup parameters, but a network has one embedding"},
    {"valid.txt", RS_OK, ""},
    {"valid_carriage_returns.txt", RS_OK, ""},
    {"valid_gru_builder_two_layers.txt", RS_OK, ""},
    {"valid_lookup_first.txt", RS_OK, ""},
    {"valid_lstm.txt", RS_OK, ""},
    {"valid_without_last_line_feed.txt", RS_OK, ""},
    {"words_after_gradient.txt", RS_EINPUT, "there are more words or numbers in this line than belong here"},
    {"zero_byte.txt", RS_EINPUT, "is no number"},
};

static void test_malformed(void) {
    golden_malformed(&corpus, cases, sizeof cases / sizeof *cases, 0, golden_load_case);
}

/* Damaged bytes are read or refused, with a message. */
static void test_damaged(void) {
    rs_random random = rs_random_new(unit_seed(), 0);
    char *text;
    size_t size, refused = 0;
    CHECK_OK(rs_file_read(&text, &size, golden_path(&corpus, "valid.txt"), 1 << 20));
    for (size_t i = 0; i < 3000; i++) {
        size_t length = i % 8 ? size : rs_random_below(&random, size);
        char *bytes = malloc(length ? length : 1); /* exactly this long, for AddressSanitizer */
        CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
        memcpy(bytes, text, length);
        for (size_t n = rs_random_below(&random, 3); n && length; n--)
            bytes[rs_random_below(&random, length)] = text[rs_random_below(&random, size)];
        rs_reading reading = {0};
        rs_status status = rs_dynet_read(&reading, "f", bytes, length);
        CU_ASSERT(status == RS_OK || (status == RS_EINPUT && rs_error_message()[0] == 'f'));
        refused += status != RS_OK;
        rs_reading_free(&reading);
        free(bytes);
    }
    CU_ASSERT(refused > 1000 && refused < 3000);
    free(text);
}

static rs_status load_and_free(void *file) {
    rs_network *net = NULL;
    rs_status status = golden_load(&net, &data, file, "a b c", "no yes", "-");
    rs_network_free(net);
    return status;
}

static void test_allocation(void) {
    char file[] = "lstm.txt";
    unit_allocation_sweep(load_and_free, file, 2000);
}

static const unit_test tests[] = {
    {"logits are those of the equations", test_equations},
    {"cells and notes", test_cells},
    {"order of numbers and gates", test_order},
    {"malformed files", test_malformed},
    {"damaged bytes", test_damaged},
    {"allocation failures", test_allocation},
};
UNIT_MAIN("files of DyNet", tests)
