/* NumPy archives: what numpy wrote, and every file of tests/fuzz/corpus/npz, named after its defect. */
#include "core/alloc.h"
#include "core/random.h"
#include "network/npy.h"
#include "network/npz.h"
#include "support/malformed.h"

static const golden data = {"tests/data/npz/", rs_npz_read, 2e-6}, corpus = {"tests/fuzz/corpus/npz/", rs_npz_read, 0};

static void test_numpy_says(void) {
    golden_check(&data, 4);
}

static void test_format(void) {
    rs_network *net = NULL;
    CHECK_OK(golden_load(&net, &data, "gru.npz", "0 1", "-", "-"));
    CU_ASSERT_STRING_EQUAL(rs_network_format(net), "npz");
    rs_network_free(net);
}

static const golden_case cases[] = {
    {"bomb.npz", RS_EINPUT, "tensors that no part of the network uses: bomb"},
    {"data_too_long.npz", RS_EINPUT, "array \"fc.bias\": there are bytes after its last number"},
    {"data_truncated.npz", RS_EINPUT, "array \"fc.bias\": it is truncated"},
    {"duplicate_name.npz", RS_EINPUT, "tensor \"fc.bias\" appears twice"},
    {"empty_entry.npz", RS_EINPUT, "array \"fc.bias\": no array in NumPy's format .npy"},
    {"entry_is_no_array.npz", RS_EINPUT, "entry \"readme.txt\" is no array (.npy)"},
    {"entry_without_name.npz", RS_EINPUT, "entry \".npy\" is no array (.npy)"},
    {"fortran_order_unknown.npz", RS_EINPUT, "fortran_order is neither True nor False"},
    {"header_empty.npz", RS_EINPUT, "its header is no dictionary"},
    {"header_goes_on.npz", RS_EINPUT, "its header goes on after the dictionary"},
    {"header_is_expression.npz", RS_EINPUT, "its header is no dictionary"},
    {"header_length_truncated.npz", RS_EINPUT, "its header is truncated"},
    {"header_no_dictionary.npz", RS_EINPUT, "its header is no dictionary"},
    {"header_of_4_gigabytes.npz", RS_EINPUT, "its header is truncated"},
    {"header_repeats_member.npz", RS_EINPUT, "its header has a member that is unknown or appears twice"},
    {"header_truncated.npz", RS_EINPUT, "its header is truncated"},
    {"header_unknown_member.npz", RS_EINPUT, "its header has a member that is unknown or appears twice"},
    {"header_value_is_call.npz", RS_EINPUT, "the descr of its header is no text"},
    {"header_without_comma.npz", RS_EINPUT, "its header is no dictionary"},
    {"header_without_quote.npz", RS_EINPUT, "its header is no dictionary of texts"},
    {"header_without_shape.npz", RS_EINPUT, "its header does not say descr, fortran_order and shape"},
    {"integer_weights.npz", RS_EINPUT, "tensor \"fc.bias\" holds int64, but weights are floating-point numbers"},
    {"magic_wrong.npz", RS_EINPUT, "no array in NumPy's format .npy"},
    {"name_not_utf8.npz", RS_EINPUT, "a tensor's name is not UTF-8 or holds control characters"},
    {"nan_weight.npz", RS_EINPUT, "tensor \"fc.bias\": value 0 is not finite in float32"},
    {"python_2.npz", RS_OK, ""},
    {"shape_beyond_64_bits.npz", RS_EINPUT, "its shape is no tuple of at most 8 sizes"},
    {"shape_is_integer.npz", RS_EINPUT, "its shape is no tuple of at most 8 sizes"},
    {"shape_negative.npz", RS_EINPUT, "its shape is no tuple of at most 8 sizes"},
    {"shape_of_9_dimensions.npz", RS_EINPUT, "its shape is no tuple of at most 8 sizes"},
    {"shape_product_overflow.npz", RS_EINPUT, "it is truncated: the shape needs more bytes than follow"},
    {"shape_without_end.npz", RS_EINPUT, "its shape is no tuple of at most 8 sizes"},
    {"truncated_archive.npz", RS_EINPUT, "no readable zip archive"},
    {"type_complex.npz", RS_EINPUT, "its type <c8 (complex numbers) is not read: f2, f4 and f8 are"},
    {"type_empty.npz", RS_EINPUT, "its type  is not read"},
    {"type_object.npz", RS_EINPUT, "its type |O (Python objects, which only unpickling could read) is not read"},
    {"type_of_native_order.npz", RS_EINPUT, "its type =f4 is not read"},
    {"type_text.npz", RS_EINPUT, "its type <U1 (texts) is not read"},
    {"type_void.npz", RS_EINPUT, "its type |V2 is not read"},
    {"type_with_fields.npz", RS_EINPUT, "it has fields, which are not read"},
    {"unused_integers.npz", RS_EINPUT, "tensors that no part of the network uses: epoch"},
    {"valid.npz", RS_OK, ""},
    {"valid_compressed.npz", RS_OK, ""},
    {"version_4.npz", RS_EINPUT, "an unknown version of .npy: 1.0, 2.0 and 3.0 are read"},
    {"wrong_shape.npz", RS_EINPUT, "tensor \"fc.bias\" has the shape [3], not [2]"},
};

static void test_malformed(void) {
    golden_malformed(&corpus, cases, sizeof cases / sizeof *cases, 0, golden_load_case);
}

/* Damaged headers are read or refused, with a message. */
static void test_damaged(void) {
    static const char array[] =
        "\x93NUMPY\1\0\x3c\0{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }  \n12345678";
    const size_t size = sizeof array - 1;
    rs_random random = rs_random_new(unit_seed(), 0);
    size_t refused = 0;
    for (size_t i = 0; i < 5000; i++) {
        size_t length = i % 8 ? size : rs_random_below(&random, size);
        char *bytes = malloc(length ? length : 1); /* exactly this long, for AddressSanitizer */
        CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
        memcpy(bytes, array, length);
        for (size_t n = rs_random_below(&random, 3); n && length; n--)
            bytes[rs_random_below(&random, length)] = rs_random_below(&random, 2)
                                                          ? array[rs_random_below(&random, size)]
                                                          : (char)rs_random_below(&random, 256);
        rs_tensors tensors = {0};
        rs_status status = rs_npy_add(&tensors, "f", "w", 1, bytes, length);
        CU_ASSERT(status == RS_OK || (status == RS_EINPUT && rs_error_message()[0] == 'f'));
        refused += status != RS_OK;
        rs_tensors_free(&tensors);
        free(bytes);
    }
    CU_ASSERT(refused > 2000 && refused < 5000);
}

static rs_status load_and_free(void *file) {
    rs_network *net = NULL;
    rs_status status = golden_load(&net, &data, file, "-", "-", "-");
    rs_network_free(net);
    return status;
}

static void test_allocation(void) {
    char file[] = "card.npz";
    unit_allocation_sweep(load_and_free, file, 2000);
}

static const unit_test tests[] = {
    {"arrays and logits are numpy's", test_numpy_says},
    {"format", test_format},
    {"malformed archives", test_malformed},
    {"damaged headers", test_damaged},
    {"allocation failures", test_allocation},
};
UNIT_MAIN("NumPy archives", tests)
