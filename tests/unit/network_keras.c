/* Keras files: layouts of every version, what is inferred, the process that reads HDF5, and every file of
 * tests/fuzz/corpus/keras, named after its defect. */
#include <errno.h>
#include <sys/wait.h>

#include "core/alloc.h"
#include "core/random.h"
#include "network/hdf5.h"
#include "network/keras.h"
#include "network/keras_layers.h"
#include "support/malformed.h"

#define DAMAGED 26 /* files damaged_NN.h5, and two that libhdf5 1.10.8 does not survive */

static const golden data = {"tests/data/keras/", rs_keras_read, 2e-6},
                    corpus = {"tests/fuzz/corpus/keras/", rs_keras_read, 0};

static void test_equations(void) {
    golden_check(&data, 13);
}

/* ---- What is said and inferred ---- */

static bool has_note(const rs_network *net, const char *text) {
    const char *note;
    for (size_t i = 0; (note = rs_network_note(net, i)); i++)
        if (strstr(note, text)) return true;
    return false;
}

static void check_network(const char *file, const char *alphabet, rs_cell cell, size_t layers, rs_input input,
                          float slope) {
    rs_network *net = NULL;
    CHECK_OK(golden_load(&net, &data, file, alphabet, "-", "-"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(net);
    CU_ASSERT_STRING_EQUAL(rs_network_format(net), "keras");
    CU_ASSERT_EQUAL(rs_network_cell(net), cell);
    CU_ASSERT_EQUAL(rs_network_layers(net), layers);
    CU_ASSERT_EQUAL(rs_network_input(net), input);
    CU_ASSERT_EQUAL(rs_network_arrays(net)->gate_slope, slope);
    CU_ASSERT(!has_note(net, "threshold") && !has_note(net, "head") && !has_note(net, "one-hot"));
    rs_network_free(net);
}

static void test_inferred(void) {
    rs_network *net = NULL;
    check_network("tf_keras_2.4_gru_functional.h5", "0 1", RS_CELL_GRU, 1, RS_INPUT_ONEHOT, 0.2f);
    check_network("keras_3.0_gru_before_functional.keras", "0 1", RS_CELL_GRU_BEFORE, 1, RS_INPUT_ONEHOT, 1.0f / 6);
    check_network("tf_keras_2.15_lstm.keras", "0 1", RS_CELL_LSTM, 1, RS_INPUT_ONEHOT, 0.2f);
    check_network("keras_3.3_gru.keras", "a b c d", RS_CELL_GRU, 2, RS_INPUT_EMBEDDING, 0);
    check_network("tf_keras_2.12_simple_rnn.keras", "a b c", RS_CELL_RELU, 2, RS_INPUT_ONEHOT, 0);
    check_network("keras_3.3_simple_rnn.h5", "0 1", RS_CELL_SIGMOID, 1, RS_INPUT_ONEHOT, 0);
    CHECK_OK(golden_load(&net, &data, "keras_2_gru.weights.h5", "a b c", "-", "-"));
    CU_ASSERT_EQUAL(rs_network_cell(net), RS_CELL_GRU_BEFORE);
    CU_ASSERT(has_note(net, "cell gru-before, by the shapes of layer \"gru_1\""));
    CU_ASSERT(has_note(net, "there is no configuration, only weights"));
    rs_network_free(net);
    net = NULL;
    CHECK_FAILS(golden_load(&net, &data, "keras_3_simple_rnn.weights.h5", "0 1", "-", "-"), RS_EINPUT,
                "do not say the cell (--cell relu");
    CHECK_FAILS(golden_load(&net, &data, "tf_keras_2.15_lstm.keras", "0 1", "-", "gru"), RS_EINPUT,
                "cell gru contradicts");
    CU_ASSERT_PTR_NULL(net);
}

/* ---- HDF5 ---- */

/* Paths, texts and numbers of a file, and no child is left. */
static void test_hdf5(void) {
    rs_hdf5 h5 = {0};
    char *bytes;
    size_t length;
    CHECK_OK(rs_file_read(&bytes, &length, golden_path(&data, "tf_keras_2.4_gru_functional.h5"), 1 << 20));
    CHECK_OK(rs_hdf5_read(&h5, "f", bytes, length));
    const rs_hdf5_attribute *version = rs_hdf5_find(&h5, "", "keras_version"),
                            *names = rs_hdf5_find(&h5, "model_weights/gru", "weight_names");
    CU_ASSERT_FATAL(version && names);
    CU_ASSERT_EQUAL(version->count, 1);
    CU_ASSERT_STRING_EQUAL(version->texts[0], "2.4.0");
    CU_ASSERT_EQUAL_FATAL(names->count, 3);
    CU_ASSERT_STRING_EQUAL(names->texts[1], "gru/gru_cell/recurrent_kernel:0");
    const rs_tensor *bias = rs_tensors_find(&h5.datasets, "model_weights/gru/gru/gru_cell/bias:0"),
                    *step = rs_tensors_find(&h5.datasets, "optimizer_weights/Adam/iter:0");
    CU_ASSERT_FATAL(bias && step);
    CU_ASSERT(bias->rank == 2 && bias->shape[0] == 2 && bias->shape[1] == 9);
    CU_ASSERT_STRING_EQUAL(bias->dtype->name, "float64");
    CU_ASSERT(step->rank == 0 && !step->values);
    CU_ASSERT(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
    rs_hdf5_free(&h5);
    CHECK_FAILS(rs_hdf5_read(&h5, "f", bytes, 0), RS_EINPUT, "f: ");
    CHECK_FAILS(rs_hdf5_read(&h5, "f", "x", 1), RS_EINPUT, "f: libhdf5 cannot read it");
    CU_ASSERT(!h5.attributes && !h5.datasets.items);
    free(bytes);
}

/* ---- Malformed files ---- */

static bool ends_in(const char *text, const char *end) {
    return strlen(text) >= strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

/* Whole files are loaded; configurations and streams of the child are read. */
static rs_status run_case(const golden *g, const char *file) {
    if (!ends_in(file, ".json") && !ends_in(file, ".stream")) return golden_load_case(g, file);
    rs_keras_model model = {0};
    rs_hdf5 h5 = {0};
    char *bytes;
    size_t length;
    rs_status status = rs_file_read(&bytes, &length, golden_path(g, file), 1 << 20);
    if (status != RS_OK) return status;
    status = ends_in(file, ".json") ? rs_keras_config_read(&model, file, bytes, length, false)
                                    : rs_hdf5_decode(&h5, file, bytes, length);
    rs_keras_free(&model);
    rs_hdf5_free(&h5);
    free(bytes);
    return status;
}

static const golden_case cases[] = {
    {"activation_after_recurrent.json", RS_EINPUT,
     "layer \"activation\" (Activation): an activation that does not follow a linear dense layer"},
    {"activation_twice.json", RS_EINPUT,
     "layer \"activation\" (Activation): an activation that does not follow a linear dense layer"},
    {"after_the_end.stream", RS_EINPUT, "the HDF5 library could not read it: the file is damaged"},
    {"bias_contradicts_reset_after.h5", RS_EINPUT, "layer \"gru\": its reset_after contradicts the shape of its bias"},
    {"bias_of_three.h5", RS_EINPUT, "layer \"gru\": its reset_after contradicts the shape of its bias"},
    {"bias_of_wrong_shape.h5", RS_EINPUT, "layer \"gru\": the shape of its bias is not that of its kernels"},
    {"bidirectional.json", RS_EINPUT,
     "layer \"bidirectional\" (Bidirectional): bidirectional networks are not supported"},
    {"bidirectional_weights.h5", RS_EINPUT,
     "layer \"layers/bidirectional/forward_layer/cell\": bidirectional networks are not supported"},
    {"bomb.keras", RS_EINPUT, "libhdf5 cannot read it"},
    {"circle_of_groups.h5", RS_EINPUT, "groups within groups, too deep"},
    {"complex_weights.h5", RS_EINPUT,
     "\"model_weights/dense/dense/kernel:0\": its type is not read: float16, float32 and float64 are"},
    {"config_missing.keras", RS_EINPUT, "the archive has no entry config.json"},
    {"config_no_json.h5", RS_EINPUT, "the model's configuration is no JSON: byte"},
    {"config_refused.h5", RS_EINPUT, "layer \"masking\" (Masking): masking skips symbols, which no cell here does"},
    {"cudnn_lstm.json", RS_EINPUT, "layer \"cudnnlstm\" (CuDNNLSTM): such layers are not read"},
    {"dataset_missing.h5", RS_EINPUT, "layer \"gru\": there are no weights \"model_weights/gru/gru/bias:0\""},
    {"dataset_of_2_to_40_values.h5", RS_EINPUT,
     "\"model_weights/dense/dense/kernel:0\": the datasets have more values than the file can hold"},
    {"dataset_of_9_dimensions.h5", RS_EINPUT, "\"model_weights/dense/dense/kernel:0\": it has more than 8 dimensions"},
    {"dataset_that_is_not_stored.h5", RS_EINPUT,
     "\"model_weights/dense/dense/kernel:0\": its numbers are not in the file"},
    {"dataset_twice.stream", RS_EINPUT, "tensor \"x\" appears twice"},
    {"dataset_without_shape.h5", RS_EINPUT, "\"model_weights/dense/dense/kernel:0\": libhdf5 cannot read its shape"},
    {"dense_activation_selu.json", RS_EINPUT,
     "layer \"dense\" (Dense): activation selu is not read: linear, relu, tanh, sigmoid and softmax are"},
    {"dense_after_softmax.json", RS_EINPUT, "layer \"dense\" (Dense): a dense layer after a softmax is not supported"},
    {"dense_before_recurrent.json", RS_EINPUT,
     "layer \"dense\" (Dense): a dense layer before the recurrent ones is not supported"},
    {"dense_bias_of_wrong_shape.h5", RS_EINPUT, "layer \"dense\": the shape of its bias is not that of its kernel"},
    {"dense_kernel_is_vector.h5", RS_EINPUT,
     "layer \"dense\": a dense layer has one matrix of numbers and maybe a bias"},
    {"dense_of_wrong_input.h5", RS_EINPUT, "tensor \"head.0.weight\" has the shape [2, 3], not [n, 2]"},
    {"different_cells.json", RS_EINPUT, "layer \"lstm\" (LSTM): recurrent layers of different kinds are not supported"},
    {"different_cells_in_weights.h5", RS_EINPUT,
     "layer \"layers/lstm/cell\": recurrent layers of different kinds are not supported"},
    {"different_gates.json", RS_EINPUT, "layer \"gru\" (GRU): recurrent layers of different kinds are not supported"},
    {"different_reset_after.json", RS_EINPUT,
     "layer \"gru\" (GRU): recurrent layers of different kinds are not supported"},
    {"embedding_in_the_middle.json", RS_EINPUT,
     "layer \"embedding\" (Embedding): an embedding that is not the first layer"},
    {"empty.json", RS_EINPUT, "the model's configuration is no JSON: byte"},
    {"empty_file.h5", RS_EINPUT, "no weights of a recurrent layer of Keras (SimpleRNN, GRU or LSTM)"},
    {"external_data.h5", RS_EINPUT, "\"model_weights/dense/dense/kernel:0\": its data is in another file"},
    {"external_link.h5", RS_EINPUT,
     "\"model_weights/dense/dense/kernel:0\": a soft or external link, which is not followed"},
    {"four_weights.h5", RS_EINPUT,
     "layer \"gru\": it has more than three weights, as layers do that are not read (CuDNN, bidirectional)"},
    {"functional_past_a_layer.json", RS_EINPUT,
     "layer \"d\" (Dense): the model is no chain of layers, each with the output of the one before as input"},
    {"functional_too_deep.json", RS_EINPUT,
     "layer \"g\" (GRU): the model is no chain of layers, each with the output of the one before as input"},
    {"functional_with_branch.json", RS_EINPUT,
     "layer \"d\" (Dense): the model is no chain of layers, each with the output of the one before as input"},
    {"functional_without_input.json", RS_EINPUT,
     "layer \"g\" (GRU): the model is no chain of layers, each with the output of the one before as input"},
    {"go_backwards.json", RS_EINPUT,
     "layer \"gru\" (GRU): go_backwards reads words from their end, which is not supported"},
    {"groups_too_deep.h5", RS_EINPUT,
     "\"g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g/g\": groups within groups, too deep"},
    {"gru_activation_object_without_name.json", RS_EINPUT,
     "layer \"gru\" (GRU): activation one that has no name is not read: tanh is"},
    {"gru_activation_relu.json", RS_EINPUT, "layer \"gru\" (GRU): activation relu is not read: tanh is"},
    {"gru_recurrent_activation_tanh.json", RS_EINPUT,
     "layer \"gru\" (GRU): recurrent_activation tanh is not read: sigmoid and hard_sigmoid are"},
    {"gru_without_bias.h5", RS_OK, ""},
    {"integer_weights.h5", RS_EINPUT, "layer \"dense\": a dense layer has one matrix of numbers and maybe a bias"},
    {"kernel_alone.h5", RS_EINPUT, "weights that no layer uses: \"model_weights/gru/gru/bias:0\""},
    {"kernel_empty.h5", RS_EINPUT, "layer \"gru\": its kernels are no matrices of numbers"},
    {"kernel_is_vector.h5", RS_EINPUT, "layer \"gru\": its kernels are no matrices of numbers"},
    {"kernel_of_lstm.h5", RS_EINPUT,
     "layer \"gru\": the shapes of its kernels are not [inputs, gates * units] and [units, gates * units]"},
    {"kernel_of_wrong_width.h5", RS_EINPUT,
     "layer \"gru\": the shapes of its kernels are not [inputs, gates * units] and [units, gates * units]"},
    {"kind_unknown.stream", RS_EINPUT, "the HDF5 library could not read it: the file is damaged"},
    {"lambda.json", RS_EINPUT, "layer \"lambda\" (Lambda): such layers are not read"},
    {"layer_missing.keras", RS_EINPUT, "layer \"dense\": there is no group layers/dense for its weights"},
    {"layer_no_object.json", RS_EINPUT, "layer 0 of the model's configuration has no class_name and config"},
    {"layer_too_many.keras", RS_EINPUT, "weights that no layer uses: \"layers/dense_1/vars/0\""},
    {"layer_unknown.json", RS_EINPUT, "layer \"conv1d\" (Conv1D): such layers are not read"},
    {"layer_with_many_weights.h5", RS_EINPUT,
     "layer \"layers/batch_normalization\": it has more than three weights, as layers do that are not"},
    {"layer_without_config.json", RS_EINPUT, "layer 0 of the model's configuration has no class_name and config"},
    {"list_of_integers.h5", RS_EINPUT, "weights that no layer uses: \"gru/gru/bias:0\""},
    {"many_circles_of_groups.h5", RS_EINPUT, "groups within groups, too deep"},
    {"mask_zero.json", RS_EINPUT,
     "layer \"embedding\" (Embedding): mask_zero skips symbol 0, which no cell here does: if it is never"},
    {"masking.json", RS_EINPUT, "layer \"masking\" (Masking): masking skips symbols, which no cell here does"},
    {"metadata_no_json.keras", RS_EINPUT, "metadata.json says no keras_version"},
    {"metadata_without_version.keras", RS_EINPUT, "metadata.json says no keras_version"},
    {"name_not_utf8.h5", RS_EINPUT, "a tensor's name is not UTF-8 or holds control characters"},
    {"named_type.h5", RS_EINPUT, "\"type\": neither a group nor a dataset"},
    {"nan_weight.h5", RS_EINPUT, "tensor \"head.0.bias\": value 0 is not finite in float32"},
    {"nested_model.json", RS_EINPUT, "layer \"m\" (Sequential): such layers are not read"},
    {"no_class_name.json", RS_EINPUT, "the model's configuration has no class_name"},
    {"no_json.json", RS_EINPUT, "the model's configuration is no JSON: byte"},
    {"no_layers.json", RS_EINPUT, "the model's configuration has no layers"},
    {"no_object.json", RS_EINPUT, "the model's configuration has no class_name"},
    {"no_recurrent_layer.json", RS_EINPUT, "the model has no recurrent layer (SimpleRNN, GRU or LSTM)"},
    {"no_recurrent_weights.h5", RS_EINPUT, "no weights of a recurrent layer of Keras (SimpleRNN, GRU or LSTM)"},
    {"nothing.stream", RS_EINPUT, "the HDF5 library could not read it: the file is damaged"},
    {"number_of_100_digits.keras", RS_EINPUT, "weights that no layer uses"},
    {"path_too_long.h5", RS_EINPUT, "its path is too long"},
    {"rank_9.stream", RS_EINPUT, "the HDF5 library could not read it: the file is damaged"},
    {"recurrent_after_dense.json", RS_EINPUT,
     "layer \"gru\" (GRU): a recurrent layer after a dense one is not supported"},
    {"refused.stream", RS_EINPUT, "because"},
    {"refused_without_text.stream", RS_EINPUT, "the HDF5 library could not read it: the file is damaged"},
    {"return_state.json", RS_EINPUT,
     "layer \"gru\" (GRU): return_state gives the state to other layers, which is not supported"},
    {"sequence_missing.json", RS_EINPUT,
     "layer \"gru\" (GRU): the recurrent layer before it has return_sequences=False: there is no sequence for it"},
    {"shape_overflow.stream", RS_EINPUT, "the HDF5 library could not read it: the file is damaged"},
    {"signature_alone.h5", RS_EINPUT, "libhdf5 cannot read it"},
    {"simple_rnn_activation_elu.json", RS_EINPUT,
     "layer \"simplernn\" (SimpleRNN): activation elu is not read: tanh, relu and sigmoid are"},
    {"soft_link.h5", RS_EINPUT,
     "\"model_weights/dense/dense/kernel:0\": a soft or external link, which is not followed"},
    {"softmax_of_one_unit.h5", RS_EINPUT,
     "layer \"dense\": a softmax that is not the last layer's, or of one unit, is not supported"},
    {"stateful.json", RS_EINPUT,
     "layer \"gru\" (GRU): stateful keeps the state from word to word: save the model with stateful=False"},
    {"subclassed_model.json", RS_EINPUT,
     "a model of class MyModel, whose program is not in the file: Sequential and Functional are read;"},
    {"text_beyond_stream.stream", RS_EINPUT, "the HDF5 library could not read it: the file is damaged"},
    {"text_weights.h5", RS_EINPUT,
     "\"model_weights/dense/dense/kernel:0\": its type is not read: float16, float32 and float64 are"},
    {"texts_beyond_stream.stream", RS_EINPUT, "the HDF5 library could not read it: the file is damaged"},
    {"time_major.json", RS_EINPUT, "layer \"gru\" (GRU): time_major is not supported"},
    {"truncated.h5", RS_EINPUT, "libhdf5 cannot read it"},
    {"truncated_in_superblock.h5", RS_EINPUT, "libhdf5 cannot read it"},
    {"two_dense_layers_in_weights.h5", RS_EINPUT,
     "several matrices could be layers of the head: head.0.weight, head.1.weight"},
    {"two_embeddings_in_weights.h5", RS_EINPUT, "layer \"layers/embedding_1\": a second embedding"},
    {"type_unknown.stream", RS_EINPUT, "the HDF5 library could not read it: the file is damaged"},
    {"unused_weights.h5", RS_EINPUT, "weights that no layer uses: \"model_weights/gru/gru/bias:0\""},
    {"valid.keras", RS_OK, ""},
    {"valid.stream", RS_OK, ""},
    {"valid_activation_layer.json", RS_OK, ""},
    {"valid_compressed.h5", RS_OK, ""},
    {"valid_config.json", RS_OK, ""},
    {"valid_functional.json", RS_OK, ""},
    {"valid_legacy.h5", RS_OK, ""},
    {"valid_numbered.h5", RS_OK, ""},
    {"valid_numbered_old_root.h5", RS_OK, ""},
    {"valid_old_list.json", RS_OK, ""},
    {"valid_softmax_layer.json", RS_OK, ""},
    {"valid_weights_alone.h5", RS_OK, ""},
    {"valid_without_metadata.keras", RS_OK, ""},
    {"valid_wrapped_dropout.json", RS_OK, ""},
    {"values_beyond_stream.stream", RS_EINPUT, "the HDF5 library could not read it: the file is damaged"},
    {"virtual_dataset.h5", RS_EINPUT,
     "\"model_weights/dense/dense/kernel:0\": a virtual dataset, whose data is in other files"},
    {"weight_names_missing.h5", RS_EINPUT, "layer \"gru\": it has no recurrent kernel"},
    {"weight_twice.h5", RS_EINPUT, "layer \"gru\": its weights are those of another layer too"},
    {"weights_empty.keras", RS_EINPUT, "libhdf5 cannot read it"},
    {"weights_missing.keras", RS_EINPUT, "the archive has no entry model.weights.h5"},
    {"weights_no_hdf5.keras", RS_EINPUT, "libhdf5 cannot read it"},
    {"weights_npz.keras", RS_EINPUT,
     "its weights are not in model.weights.h5: save the model where h5py is installed, in one shard"},
    {"weights_with_gap.h5", RS_EINPUT, "weights that no layer uses: \"layers/dense/vars/3\""},
    {"without_end.stream", RS_EINPUT, "the HDF5 library could not read it: the file is damaged"},
    {"wrapped_in_wrapped.json", RS_EINPUT,
     "layer \"timedistributed\" (TimeDistributed): it wraps a layer that is not read: Dense, Dropout and"},
    {"wrapped_nothing.json", RS_EINPUT, "layer \"timedistributed\" (TimeDistributed): it wraps no layer"},
    {"wrapped_recurrent.json", RS_EINPUT,
     "layer \"timedistributed\" (TimeDistributed): it wraps a layer that is not read: Dense, Dropout and"},
};

/* What libhdf5 makes of damaged files depends on its version. */
static void test_malformed(void) {
    golden_malformed(&corpus, cases, sizeof cases / sizeof *cases, DAMAGED, run_case);
    for (size_t i = 0; i < DAMAGED; i++) {
        char file[40];
        if (i + 2 < DAMAGED) snprintf(file, sizeof file, "damaged_%02zu.h5", i);
        else snprintf(file, sizeof file, "%s_libhdf5.h5", i + 1 < DAMAGED ? "kills" : "hangs");
        rs_status status = run_case(&corpus, file);
        CU_ASSERT(status == RS_OK || (status == RS_EINPUT && strstr(rs_error_message(), file) != NULL));
    }
}

/* A damaged stream is read or refused, with a message, and so is a damaged file. */
static void test_damaged(void) {
    rs_random random = rs_random_new(unit_seed(), 0);
    char *stream, *file;
    size_t sizes[2], refused[2] = {0};
    CHECK_OK(rs_file_read(&stream, &sizes[0], golden_path(&corpus, "valid.stream"), 1 << 20));
    CHECK_OK(rs_file_read(&file, &sizes[1], golden_path(&corpus, "valid_legacy.h5"), 1 << 20));
    for (size_t i = 0; i < 2020; i++) {
        bool whole = i >= 2000; /* each is a process */
        size_t length = i % 8 ? sizes[whole] : rs_random_below(&random, sizes[whole]);
        char *bytes = malloc(length ? length : 1); /* exactly this long, for AddressSanitizer */
        CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
        memcpy(bytes, whole ? file : stream, length);
        for (size_t n = 1 + rs_random_below(&random, 3); n && length; n--)
            bytes[rs_random_below(&random, length)] = (char)rs_random_below(&random, 256);
        rs_reading reading = {0};
        rs_hdf5 h5 = {0};
        rs_status status = whole ? rs_hdf5_read(&h5, "f", bytes, length) : rs_hdf5_decode(&h5, "f", bytes, length);
        if (status == RS_OK) status = rs_keras_interpret(&reading, "f", &h5, NULL, 0, false);
        bool memory = status == RS_EMEMORY && !whole; /* a stream can say so */
        CU_ASSERT(status == RS_OK || ((status == RS_EINPUT || memory) && rs_error_message()[0] == 'f'));
        refused[whole] += status != RS_OK;
        rs_reading_free(&reading);
        rs_hdf5_free(&h5);
        free(bytes);
    }
    CU_ASSERT(refused[0] > 200 && refused[0] < 2000);
    CU_ASSERT(refused[1] > 5);
    free(stream);
    free(file);
}

static rs_status load_and_free(void *file) {
    rs_network *net = NULL;
    rs_status status = golden_load(&net, &data, file, "a b c", "x y", "-");
    rs_network_free(net);
    return status;
}

static void test_allocation(void) {
    char legacy[] = "keras_2.1_gru.h5", archive[] = "tf_keras_2.12_simple_rnn.keras",
         weights[] = "keras_3_lstm.weights.h5";
    unit_allocation_sweep(load_and_free, legacy, 2000);
    unit_allocation_sweep(load_and_free, archive, 2000);
    unit_allocation_sweep(load_and_free, weights, 2000);
}

static const unit_test tests[] = {
    {"logits are those of the equations", test_equations},
    {"said and inferred", test_inferred},
    {"HDF5", test_hdf5},
    {"malformed files", test_malformed},
    {"damaged bytes", test_damaged},
    {"allocation failures", test_allocation},
};
UNIT_MAIN("Keras files", tests)
