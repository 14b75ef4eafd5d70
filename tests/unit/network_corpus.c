/* Every file of tests/fuzz/corpus/{pytorch,safetensors,card}, named after its defect, with what loading it must give.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "rnnsafe/network.h"
#include "support/unit.h"

typedef struct test_case {
    const char *file;
    rs_status status;
    const char *message; /* a part of it */
} test_case;

static const test_case pytorch_cases[] = {
    {"append_to_integer.pt", RS_EINPUT, "items are added to an integer"},
    {"attributes_of_integer.pt", RS_EINPUT, "attributes of an integer"},
    {"bare_pickle.pt", RS_EINPUT, "a Python pickle, not a PyTorch archive"},
    {"before_1_6.pt", RS_EINPUT, "a PyTorch file from before version 1.6"},
    {"bias_too_short.pt", RS_EINPUT, "tensor \"rnn.bias_hh_l0\" has the shape [5], not [6]"},
    {"bidirectional.pt", RS_EINPUT, "tensor \"rnn.weight_ih_l0_reverse\": bidirectional networks are not supported"},
    {"broadcast_by_stride_0.pt", RS_EINPUT, "tensor \"w\" reaches beyond its storage of 16 bytes"},
    {"byteorder_unknown.pt", RS_EINPUT, "entry archive/byteorder is neither \"little\" nor \"big\""},
    {"call_of_storage_class.pt", RS_EINPUT, "a call of a class"},
    {"call_of_text.pt", RS_EINPUT, "a call of a text"},
    {"call_without_tuple.pt", RS_EINPUT, "a call without a tuple of arguments"},
    {"checkpoint.pt", RS_EINPUT, "\"epoch\" is an integer, not a tensor"},
    {"checkpoint_nested.pt", RS_EINPUT, "\"model_state_dict\" is a dictionary, not a tensor"},
    {"compressed_bomb.pt", RS_EINPUT, "entry archive/data.pkl is compressed, which torch.save never does"},
    {"crc_wrong.pt", RS_EINPUT, "archive/data/5: CRC error"},
    {"deep_nesting.pt", RS_EINPUT, "the file holds a list, not a state_dict"},
    {"dictionary_that_contains_itself.pt", RS_EINPUT, "\"w\" is a dictionary, not a tensor"},
    {"duplicate_key.pt", RS_EINPUT, "tensor \"w\" appears twice"},
    {"elman_cell_not_said.pt", RS_EINPUT, "the weights do not say the cell (--cell relu or --cell tanh)"},
    {"empty.pt", RS_EINPUT, "an empty file"},
    {"entries_that_overlap.pt", RS_EINPUT, "the entries are larger than the archive"},
    {"entry_claims_2_gigabytes.pt", RS_EINPUT, "entry archive/data/5 claims 2147483647 bytes, more than there can be"},
    {"float64_beyond_float32.pt", RS_EINPUT, "tensor \"fc.bias\": value 1 is not finite in float32"},
    {"gates_of_no_cell.pt", RS_EINPUT, "tensor \"rnn.weight_hh_l0\": its shape is of no cell"},
    {"global_by_integers.pt", RS_EINPUT, "a global is not named by texts"},
    {"global_by_stack.pt", RS_EINPUT, "global posix.system is not allowed"},
    {"global_os_system.pt", RS_EINPUT, "global os.system is not allowed"},
    {"global_without_end.pt", RS_EINPUT, "the pickle is truncated"},
    {"hdf5.pt", RS_EINPUT, "an HDF5 file, as Keras writes"},
    {"head_bias_too_long.pt", RS_EINPUT, "tensor \"fc.bias\" has the shape [3], not [2]"},
    {"head_missing.pt", RS_EINPUT, "no linear layer from the 2 hidden units to the outputs"},
    {"head_of_two_layers.pt", RS_EINPUT, "several matrices could be layers of the head: fc.weight, fc2.weight"},
    {"head_of_wrong_width.pt", RS_EINPUT, "tensor \"fc.weight\" has the shape [2, 3], not [n, 2]"},
    {"head_without_rows.pt", RS_EINPUT, "tensor \"fc.weight\" has the shape [0, 2], not [n, 2]"},
    {"infinite_weight.pt", RS_EINPUT, "tensor \"rnn.bias_hh_l0\": value 2 is not finite in float32"},
    {"initial_state_of_wrong_shape.pt", RS_EINPUT, "the initial state \"h0\" must have the shape [1, 2] or [1, 1, 2]"},
    {"integer_beyond_64_bits.pt", RS_EINPUT, "an integer beyond 64 bits"},
    {"integer_weights.pt", RS_EINPUT, "tensor \"fc.weight\" holds int8, but weights are floating-point numbers"},
    {"items_without_container.pt", RS_EINPUT, "the stack is empty (underflow)"},
    {"keras_archive.pt", RS_EINPUT, "a Keras archive (.keras)"},
    {"key_empty.pt", RS_EINPUT, "a tensor without a name"},
    {"key_is_integer.pt", RS_EINPUT, "a key is an integer, not a text"},
    {"key_not_utf8.pt", RS_EINPUT, "a tensor's name is not UTF-8 or holds control characters"},
    {"key_with_line_feed.pt", RS_EINPUT, "a tensor's name is not UTF-8 or holds control characters"},
    {"key_without_value.pt", RS_EINPUT, "a key without a value"},
    {"layer_9999.pt", RS_EINPUT, "there is no tensor \"rnn.weight_ih_l1\""},
    {"layers_of_different_widths.pt", RS_EINPUT, "tensor \"rnn.weight_ih_l1\" has the shape [9, 2], not [6, 2]"},
    {"layers_with_gap.pt", RS_EINPUT, "there is no tensor \"rnn.weight_ih_l1\""},
    {"list_that_contains_itself.pt", RS_EINPUT, "\"w\" is a list, not a tensor"},
    {"many_views_of_one_storage.pt", RS_EINPUT, "the tensors have more values than the archive has bytes"},
    {"mark_on_empty_stack.pt", RS_EINPUT, "the stack is empty (underflow)"},
    {"mark_missing.pt", RS_EINPUT, "no mark on the stack (underflow)"},
    {"memo_index_huge.pt", RS_EINPUT, "memo index beyond 262144"},
    {"memo_missing.pt", RS_EINPUT, "memo 5 was never set"},
    {"memo_of_nothing.pt", RS_EINPUT, "the stack is empty (underflow)"},
    {"missing_storage.pt", RS_EINPUT, "the archive has no entry archive/data/7"},
    {"nan_weight.pt", RS_EINPUT, "tensor \"fc.weight\": value 3 is not finite in float32"},
    {"negative_offset.pt", RS_EINPUT, "tensor \"w\": malformed description"},
    {"negative_stride.pt", RS_EINPUT, "tensor \"w\": malformed description"},
    {"no_central_directory.pt", RS_EINPUT, "no readable zip archive: Not a zip archive"},
    {"no_data_pkl.pt", RS_EINPUT, "a zip archive without data.pkl, not a PyTorch file"},
    {"no_hidden_units.pt", RS_EINPUT, "tensor \"rnn.weight_hh_l0\": its shape is of no cell"},
    {"no_input_columns.pt", RS_EINPUT, "tensor \"rnn.weight_ih_l0\" has no columns"},
    {"no_recurrent_layer.pt", RS_EINPUT, "no recurrent layer: no tensor is called ...weight_hh_l0"},
    {"nothing_on_stack.pt", RS_EINPUT, "the stack is empty (underflow)"},
    {"numpy_archive.pt", RS_EINPUT, "array \"weight\": no array in NumPy's format .npy"},
    {"offset_beyond_storage.pt", RS_EINPUT, "tensor \"w\" reaches beyond its storage of 16 bytes"},
    {"onnx.pt", RS_EINPUT, "an ONNX model"},
    {"opcode_inst.pt", RS_EINPUT, "pickle opcode 0x69 is not allowed in a state_dict"},
    {"opcode_unknown.pt", RS_EINPUT, "pickle opcode 0xfe is not allowed in a state_dict"},
    {"ordered_dict_with_arguments.pt", RS_EINPUT, "an OrderedDict that is made from arguments"},
    {"parameter_of_parameter.pt", RS_EINPUT, "tensor \"w\": malformed description"},
    {"parameter_without_arguments.pt", RS_EINPUT, "tensor \"w\": malformed description"},
    {"pickle_empty.pt", RS_EINPUT, "the pickle is truncated"},
    {"projection.pt", RS_EINPUT, "tensor \"rnn.weight_hr_l0\": projections (proj_size) are not supported"},
    {"protocol_unknown.pt", RS_EINPUT, "pickle protocol 99 is unknown"},
    {"rank_9.pt", RS_EINPUT, "tensor \"w\": malformed description"},
    {"size_and_stride_of_different_ranks.pt", RS_EINPUT, "tensor \"w\": malformed description"},
    {"size_product_overflow.pt", RS_EINPUT, "tensor \"w\" reaches beyond its storage of 16 bytes"},
    {"stack_underflow.pt", RS_EINPUT, "the stack is empty (underflow)"},
    {"stack_underflow_below_mark.pt", RS_EINPUT, "the stack is empty (underflow)"},
    {"state_dict_empty.pt", RS_EINPUT, "no recurrent layer: no tensor is called ...weight_hh_l0"},
    {"storage_key_with_zero_byte.pt", RS_EINPUT, "tensor \"w\": malformed description"},
    {"storage_outside_archive.pt", RS_EINPUT, "the archive has no entry archive/data/../../../etc/passwd"},
    {"storage_shorter_than_said.pt", RS_EINPUT, "tensor \"w\" reaches beyond its storage of 16 bytes"},
    {"storage_tag_unknown.pt", RS_EINPUT, "tensor \"w\": malformed description"},
    {"stride_beyond_storage.pt", RS_EINPUT, "tensor \"w\" reaches beyond its storage of 16 bytes"},
    {"stride_overflow.pt", RS_EINPUT, "tensor \"w\" reaches beyond its storage of 16 bytes"},
    {"tensor_of_2_to_60_values.pt", RS_EINPUT, "tensor \"w\" reaches beyond its storage of 16 bytes"},
    {"tensor_with_two_arguments.pt", RS_EINPUT, "tensor \"w\": malformed description"},
    {"text_longer_than_memory.pt", RS_EINPUT, "the pickle is truncated"},
    {"text_longer_than_pickle.pt", RS_EINPUT, "the pickle is truncated"},
    {"top_is_list.pt", RS_EINPUT, "the file holds a list, not a state_dict"},
    {"torchscript.pt", RS_EINPUT, "a TorchScript program"},
    {"truncated_archive.pt", RS_EINPUT, "no readable zip archive: Not a zip archive"},
    {"truncated_pickle.pt", RS_EINPUT, "the pickle is truncated"},
    {"two_data_pkl.pt", RS_EINPUT, "more than one data.pkl in the archive"},
    {"two_embeddings.pt", RS_EINPUT, "\"embedding.weight\" and \"EMB2\" could both be the embedding"},
    {"two_networks.pt", RS_EINPUT, "several recurrent networks, \"rnn.\" and \"decoder.\": one is checked at a time"},
    {"unknown_content.pt", RS_EINPUT, "no weights file that is known"},
    {"unused_tensor.pt", RS_EINPUT, "tensors that no part of the network uses: scale"},
    {"valid.pt", RS_OK, ""},
    {"valid_big_endian.pt", RS_OK, ""},
    {"weight_hh_is_vector.pt", RS_EINPUT, "tensor \"rnn.weight_hh_l0\": its shape is of no cell"},
    {"weight_ih_missing.pt", RS_EINPUT, "there is no tensor \"rnn.weight_ih_l0\""},
    {"whole_model.pt", RS_EINPUT, "global __main__.Net is not allowed"},
};

static const test_case safetensors_cases[] = {
    {"bytes_after_last_tensor.safetensors", RS_EINPUT, "4 bytes after the last tensor"},
    {"dtype_is_integer.safetensors", RS_EINPUT, "tensor \"fc.bias\": dtype must be a text"},
    {"dtype_missing.safetensors", RS_EINPUT,
     "tensor \"fc.bias\": it must have dtype, shape and data_offsets, and nothing else"},
    {"dtype_of_other_size.safetensors", RS_EINPUT, "tensor \"fc.bias\": data_offsets and shape contradict each other"},
    {"dtype_unknown.safetensors", RS_EINPUT,
     "tensor \"fc.bias\": its dtype is unknown: F64, F32, F16 and BF16 are read"},
    {"duplicate_keys.safetensors", RS_EINPUT,
     "the header of this safetensors file is no JSON: byte 412: duplicate object key"},
    {"empty.safetensors", RS_EINPUT, "an empty file"},
    {"entry_is_array.safetensors", RS_EINPUT,
     "tensor \"fc.bias\": it must have dtype, shape and data_offsets, and nothing else"},
    {"entry_with_more_members.safetensors", RS_EINPUT,
     "tensor \"fc.bias\": it must have dtype, shape and data_offsets, and nothing else"},
    {"header_is_array.safetensors", RS_EINPUT, "no weights file that is known"},
    {"header_length_2_to_64.safetensors", RS_EINPUT,
     "truncated, or no safetensors file: its header claims 18446744073709551615 bytes of 631"},
    {"header_length_alone.safetensors", RS_EINPUT, "no weights file that is known"},
    {"header_length_beyond_file.safetensors", RS_EINPUT,
     "truncated, or no safetensors file: its header claims 639 bytes of 631"},
    {"header_length_zero.safetensors", RS_EINPUT,
     "the header of this safetensors file is no JSON: byte 8: '[' or '{' expected near end of file"},
    {"header_nested_3000_deep.safetensors", RS_EINPUT,
     "the header of this safetensors file is no JSON: byte 2062: maximum parsing depth reached"},
    {"header_not_json.safetensors", RS_EINPUT,
     "the header of this safetensors file is no JSON: byte 21: unexpected token"},
    {"header_not_utf8.safetensors", RS_EINPUT,
     "the header of this safetensors file is no JSON: byte 405: unable to decode byte 0xff"},
    {"header_of_2_megabytes.safetensors", RS_EINPUT,
     "truncated, or no safetensors file: its header claims 2097152 bytes of 17"},
    {"header_with_comment.safetensors", RS_EINPUT,
     "the header of this safetensors file is no JSON: byte 12: end of file expected"},
    {"integer_weights.safetensors", RS_EINPUT,
     "tensor \"fc.bias\" holds int32, but weights are floating-point numbers"},
    {"name_empty.safetensors", RS_EINPUT, "a tensor without a name"},
    {"name_with_control_character.safetensors", RS_EINPUT, "a tensor's name is not UTF-8 or holds control characters"},
    {"nan_weight.safetensors", RS_EINPUT, "tensor \"fc.bias\": value 1 is not finite in float32"},
    {"no_tensors.safetensors", RS_EINPUT, "no recurrent layer: no tensor is called ...weight_hh_l0"},
    {"offsets_beyond_file.safetensors", RS_EINPUT, "tensor \"fc.bias\": data_offsets lie outside the file"},
    {"offsets_missing.safetensors", RS_EINPUT,
     "tensor \"fc.bias\": it must have dtype, shape and data_offsets, and nothing else"},
    {"offsets_of_three.safetensors", RS_EINPUT, "tensor \"fc.bias\": data_offsets must be two sizes"},
    {"offsets_reversed.safetensors", RS_EINPUT, "tensor \"fc.bias\": data_offsets lie outside the file"},
    {"offsets_that_overlap.safetensors", RS_EINPUT, "the data_offsets of its tensors overlap at byte 156"},
    {"offsets_with_hole.safetensors", RS_EINPUT, "the data_offsets of its tensors leave a hole at byte 176"},
    {"peephole_of_gru.safetensors", RS_EINPUT,
     "tensor \"rnn.weight_peephole_l0\" contradicts cell gru, which has no peepholes"},
    {"peephole_of_one_layer.safetensors", RS_EINPUT, "cell lstm-peephole needs a tensor \"rnn.weight_peephole_l1\""},
    {"peephole_of_wrong_shape.safetensors", RS_EINPUT, "tensor \"rnn.weight_peephole_l0\" has the shape [3, 2], not [6]"},
    {"seven_bytes.safetensors", RS_EINPUT, "no weights file that is known"},
    {"shape_beyond_64_bits.safetensors", RS_EINPUT,
     "the header of this safetensors file is no JSON: byte 461: too big integer"},
    {"shape_missing.safetensors", RS_EINPUT,
     "tensor \"fc.bias\": it must have dtype, shape and data_offsets, and nothing else"},
    {"shape_negative.safetensors", RS_EINPUT, "tensor \"fc.bias\": shape must be an array of at most 8 sizes"},
    {"shape_not_integer.safetensors", RS_EINPUT, "tensor \"fc.bias\": shape must be an array of at most 8 sizes"},
    {"shape_of_2_to_60_values.safetensors", RS_EINPUT,
     "tensor \"fc.bias\": data_offsets and shape contradict each other"},
    {"shape_of_other_size.safetensors", RS_EINPUT, "tensor \"fc.bias\": data_offsets and shape contradict each other"},
    {"shape_of_rank_9.safetensors", RS_EINPUT, "tensor \"fc.bias\": shape must be an array of at most 8 sizes"},
    {"shape_product_overflow.safetensors", RS_EINPUT,
     "tensor \"fc.bias\": data_offsets and shape contradict each other"},
    {"truncated_data.safetensors", RS_EINPUT, "tensor \"fc.bias\": data_offsets lie outside the file"},
    {"valid.safetensors", RS_OK, ""},
    {"valid_peephole.safetensors", RS_OK, ""},
    {"valid_with_metadata.safetensors", RS_OK, ""},
    {"wrong_shape_of_head.safetensors", RS_EINPUT, "tensor \"fc.weight\" has the shape [4, 1], not [n, 2]"},
};

static const test_case card_cases[] = {
    {"alphabet_empty.json", RS_EINPUT, "alphabet_empty.json:3:2: \"alphabet\" must be an array of names"},
    {"alphabet_is_text.json", RS_EINPUT, "alphabet_is_text.json:3:2: \"alphabet\" must be an array of names"},
    {"alphabet_not_said.json", RS_EINPUT,
     "do not say the alphabet (--alphabet with 2 names); give these options, or write the card"},
    {"alphabet_of_integers.json", RS_EINPUT, "alphabet_of_integers.json:3:2: \"alphabet\" must be an array of names"},
    {"alphabet_repeats.json", RS_EINPUT, "alphabet_repeats.json:3:2: alphabet: \"a\" appears twice"},
    {"alphabet_too_long.json", RS_EINPUT, "alphabet has 3 names, but the network needs 2"},
    {"alphabet_with_blank.json", RS_EINPUT,
     "alphabet_with_blank.json:3:2: alphabet: name \"a b\" holds white space or a control character"},
    {"cell_gru_before.json", RS_OK, ""},
    {"cell_that_contradicts.json", RS_EINPUT, "cell lstm contradicts tensor \"rnn.weight_hh_l0\", which has 3 gates"},
    {"cell_unknown.json", RS_EINPUT, "cell_unknown.json:3:2: \"cell\" must be one of relu, tanh, sigmoid, gru"},
    {"description_is_array.json", RS_EINPUT, "description_is_array.json:3:2: \"description\" must be a text"},
    {"duplicate_member.json", RS_EINPUT, "duplicate_member.json:1:36: no JSON: duplicate object key"},
    {"embedding_missing.json", RS_EINPUT, "there is no tensor \"emb.weight\""},
    {"empty.json", RS_EINPUT, "empty.json:1:1: no JSON: '[' or '{' expected near end of file"},
    {"hard_sigmoid.json", RS_OK, ""},
    {"hard_sigmoid_is_text.json", RS_EINPUT, "hard_sigmoid_is_text.json:3:2: \"hard_sigmoid\" must be a slope above 0, as 0.2"},
    {"hard_sigmoid_negative.json", RS_EINPUT, "hard_sigmoid_negative.json:3:2: \"hard_sigmoid\" must be a slope above 0"},
    {"head_activation_unknown.json", RS_EINPUT,
     "head_activation_unknown.json:7:4: \"activation\" must be \"none\", \"relu\", \"tanh\" or \"sigmoid\""},
    {"head_bias_forgotten.json", RS_EINPUT, "tensors that no part of the network uses: fc.bias"},
    {"head_empty.json", RS_EINPUT, "head_empty.json:3:2: \"head\" must be an array of 1 to 64 layers"},
    {"head_of_texts.json", RS_EINPUT, "head_of_texts.json:3:2: \"head\" must be an array of objects"},
    {"head_of_wrong_shape.json", RS_EINPUT, "tensor \"fc.bias\" has the shape [2], not [n, 3]"},
    {"head_of_used_tensor.json", RS_EINPUT,
     "tensor \"rnn.bias_ih_l0\" is needed, but ignored or used for something else"},
    {"head_weight_missing.json", RS_EINPUT, "there is no tensor \"out.weight\""},
    {"head_weight_used_twice.json", RS_EINPUT,
     "tensor \"fc.weight\" is needed, but ignored or used for something else"},
    {"head_with_unknown_member.json", RS_EINPUT, "head_with_unknown_member.json:6:4: unknown member \"act\""},
    {"head_without_weight.json", RS_EINPUT,
     "head_without_weight.json:3:2: \"head\" must be an array of objects with the member \"weight\""},
    {"ignore_everything.json", RS_EINPUT, "no recurrent layer: no tensor is called ...weight_hh_l0"},
    {"ignore_missing_tensor.json", RS_EINPUT, "there is no tensor \"scale\" to ignore"},
    {"ignore_needed_tensor.json", RS_EINPUT,
     "tensor \"rnn.weight_ih_l0\" is needed, but ignored or used for something else"},
    {"ignore_of_integers.json", RS_EINPUT, "ignore_of_integers.json:3:2: \"ignore\" must be an array of tensor names"},
    {"initial_cell_state_of_gru.json", RS_EINPUT, "an initial cell state \"c0\", but a gru has none"},
    {"initial_is_text.json", RS_EINPUT, "initial_is_text.json:3:2: \"initial\" must be an object with \"h\" and \"c\""},
    {"initial_missing.json", RS_EINPUT, "there is no tensor \"h0\""},
    {"initial_of_wrong_shape.json", RS_EINPUT, "the initial state \"fc.bias\" must have the shape [1, 3] or [1, 1, 3]"},
    {"initial_with_unknown_member.json", RS_EINPUT, "initial_with_unknown_member.json:4:3: unknown member \"z\""},
    {"input_embedding_without_one.json", RS_EINPUT, "no tensor is an embedding of width 2"},
    {"input_unknown.json", RS_EINPUT, "input_unknown.json:3:2: \"input\" must be \"onehot\" or \"embedding\""},
    {"is_array.json", RS_EINPUT, "is_array.json:1:1: no card of rnnsafe: it is a JSON object with \"rnnsafe\": 1"},
    {"nested_3000_deep.json", RS_EINPUT, "nested_3000_deep.json:1:2049: no JSON: maximum parsing depth reached"},
    {"not_json.json", RS_EINPUT, "not_json.json:3:14: no JSON: ':' expected"},
    {"not_utf8.json", RS_EINPUT, "not_utf8.json:1:31: no JSON: unable to decode byte 0xff"},
    {"other_json.json", RS_EINPUT, "other_json.json:1:1: no card of rnnsafe: it is a JSON object with \"rnnsafe\": 1"},
    {"outputs_too_short.json", RS_EINPUT, "outputs has 1 name, but the network needs 2"},
    {"threshold_beyond_float32.json", RS_EINPUT,
     "threshold_beyond_float32.json:3:2: \"threshold\" must be a number within float32"},
    {"threshold_for_two_logits.json", RS_EINPUT,
     "threshold_for_two_logits.json has a threshold, but the network has 2 logits, not one"},
    {"threshold_is_text.json", RS_EINPUT, "threshold_is_text.json:3:2: \"threshold\" must be a number within float32"},
    {"trailing_text.json", RS_EINPUT, "trailing_text.json:1:16: no JSON: end of file expected"},
    {"truncated.json", RS_EINPUT, "truncated.json:1:26: no JSON: premature end of input"},
    {"unknown_member.json", RS_EINPUT, "unknown_member.json:3:3: unknown member \"alphabets\""},
    {"valid.json", RS_OK, ""},
    {"version_2.json", RS_EINPUT, "version_2.json:2:2: \"rnnsafe\" must be 1, the version of the card"},
    {"version_is_text.json", RS_EINPUT, "version_is_text.json:2:2: \"rnnsafe\" must be 1, the version of the card"},
    {"zero_byte_in_text.json", RS_EINPUT,
     "zero_byte_in_text.json:1:34: no JSON: \\u0000 is not allowed without JSON_ALLOW_NUL"},
};

/* Weights are loaded with an alphabet and outputs of two names; a card is loaded with the network of
 * tests/data/network/gru.pt. */
static void check_folder(const char *kind, const test_case *cases, size_t count) {
    char folder[4096], path[5000];
    snprintf(folder, sizeof folder, "%s/%s", unit_source("tests/fuzz/corpus"), kind);
    bool card = strcmp(kind, "card") == 0;
    for (size_t i = 0; i < count; i++) {
        rs_network *net = NULL;
        snprintf(path, sizeof path, "%s/%s", folder, cases[i].file);
        rs_network_options options = {
            .alphabet = card ? NULL : "0 1", .outputs = card ? NULL : "no yes", .card = card ? path : NULL};
        rs_status status = rs_network_load(&net, card ? unit_source("tests/data/network/gru.pt") : path, &options);
        unit_status(status, cases[i].status, cases[i].file, __FILE__, __LINE__);
        if (status != RS_OK) unit_contains(rs_error_message(), cases[i].message, __FILE__, __LINE__);
        CU_ASSERT((net != NULL) == (status == RS_OK));
        rs_network_free(net);
    }
    size_t files = 0;
    DIR *directory = opendir(folder);
    CU_ASSERT_PTR_NOT_NULL_FATAL(directory);
    for (const struct dirent *entry; (entry = readdir(directory));) files += entry->d_name[0] != '.';
    closedir(directory);
    CU_ASSERT_EQUAL(files, count);
}

static void test_pytorch(void) {
    check_folder("pytorch", pytorch_cases, sizeof pytorch_cases / sizeof *pytorch_cases);
}

static void test_safetensors(void) {
    check_folder("safetensors", safetensors_cases, sizeof safetensors_cases / sizeof *safetensors_cases);
}

static void test_card(void) {
    check_folder("card", card_cases, sizeof card_cases / sizeof *card_cases);
}

static const unit_test tests[] = {
    {"pytorch", test_pytorch},
    {"safetensors", test_safetensors},
    {"card", test_card},
};
UNIT_MAIN("network corpus", tests)
