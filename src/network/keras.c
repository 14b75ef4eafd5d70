/* Keras multiplies from the right, x W, so that matrices are [inputs, gates * units]: transposed, they are PyTorch's.
 * Its gates stand in the order z, r, h and i, f, c, o. A GRU with reset_after has a bias for W x and one for U h, [2, 3
 * units]; without, it has one, [3 units], and is our gru-before. The class of a word does not see a softmax, nor a
 * sigmoid but for the threshold 0.5 of its one unit, which is 0 before it. */
#include "network/keras.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "network/archive.h"
#include "network/gates.h"
#include "network/keras_layers.h"

#define CONFIG_LIMIT ((size_t)1 << 24)
#define WEIGHTS "model.weights.h5"

typedef struct reader {
    const char *file;
    const rs_hdf5 *h5;
    rs_keras_model model;
    bool *used; /* [datasets] */
    rs_reading out;
    size_t recurrent, dense; /* delivered so far */
} reader;

static rs_status fail(const reader *r, const rs_keras_layer *layer, const char *reason) {
    return rs_fail(RS_EINPUT, "%s: layer \"%.120s\": %s", r->file, layer->name, reason);
}

/* ---- Tensors ---- */

static bool is_matrix(const rs_tensor *t) {
    return t->values && t->rank == 2 && t->shape[0] && t->shape[1];
}

static rs_status add(rs_tensor **out, reader *r, const char *name, size_t rank, size_t rows, size_t columns) {
    const size_t shape[2] = {rows, columns};
    return rs_tensors_add(out, &r->out.tensors, r->file, name, strlen(name), rs_dtype_safetensors("F32"), rank, shape);
}

/* One of the parts of a recurrent layer, gates of which stand in Keras' order. */
static rs_status add_gates(reader *r, const char *part, const float *from, size_t gates, size_t hidden, size_t columns,
                           bool vector) {
    static const size_t gru[] = {1, 0, 2}, as_is[] = {0, 1, 2, 3};
    rs_tensor *to = NULL;
    char name[64];
    snprintf(name, sizeof name, "rnn.%s_l%zu", part, r->recurrent);
    rs_status status = add(&to, r, name, vector ? 1 : 2, gates * hidden, columns);
    if (status == RS_OK) rs_gates_copy(to->values, from, gates, hidden, columns, gates == 3 ? gru : as_is, !vector);
    return status;
}

static rs_status add_bias(reader *r, const rs_keras_layer *layer, size_t gates, size_t hidden) {
    const rs_tensor *bias = layer->weights[2];
    size_t size = gates * hidden;
    bool two = bias->rank == 2 && gates == 3 && bias->shape[0] == 2 && bias->shape[1] == size;
    if (!bias->values || (!two && (bias->rank != 1 || bias->shape[0] != size)))
        return fail(r, layer, "the shape of its bias is not that of its kernels");
    rs_status status = add_gates(r, "bias_ih", bias->values, gates, hidden, 1, true);
    return status == RS_OK && two ? add_gates(r, "bias_hh", bias->values + size, gates, hidden, 1, true) : status;
}

/* The cell of a layer by its weights, where the configuration left it open; NULL: relu, tanh or sigmoid. */
static const char *cell_by_weights(const rs_keras_layer *layer, size_t gates) {
    if (gates == 4) return "lstm";
    if (gates == 1) return NULL;
    return layer->weight_count < 3 || layer->weights[2]->rank == 2 ? "gru" : "gru-before";
}

static rs_status say_cell(reader *r, const rs_keras_layer *layer, size_t gates) {
    rs_status status = RS_OK;
    const char *by_weights = cell_by_weights(layer, gates), *cell = layer->cell ? layer->cell : by_weights;
    if (gates == 3 && layer->weight_count == 3 && strcmp(cell, by_weights) != 0)
        return fail(r, layer, "its reset_after contradicts the shape of its bias");
    if (r->out.said.cell && (!cell || strcmp(r->out.said.cell, cell) != 0))
        return fail(r, layer, "recurrent layers of different kinds are not supported");
    if (r->recurrent && !r->out.said.cell && cell)
        return fail(r, layer, "recurrent layers of different kinds are not supported");
    if (cell && !r->out.said.cell) {
        RS_TRY_ALLOC(r->out.said.cell = rs_strdup(cell));
        if (!layer->cell) RS_TRY(rs_reading_note(&r->out, "cell %s, by the shapes of layer \"%s\"", cell, layer->name));
        if (gates == 3 && layer->weight_count < 3 && !layer->cell)
            RS_TRY(rs_reading_note(&r->out, "reset_after is assumed, as there is no bias that would tell"));
    }
cleanup:
    return status;
}

static rs_status deliver_recurrent(reader *r, const rs_keras_layer *layer) {
    rs_status status = RS_OK;
    const rs_tensor *kernel = layer->weights[0], *recurrent = layer->weights[1];
    if (layer->weight_count < 2) return fail(r, layer, "it has no recurrent kernel");
    if (!is_matrix(kernel) || !is_matrix(recurrent)) return fail(r, layer, "its kernels are no matrices of numbers");
    size_t hidden = recurrent->shape[0], gates = recurrent->shape[1] / hidden;
    if ((gates != 1 && gates != 3 && gates != 4) || gates * hidden != recurrent->shape[1] ||
        kernel->shape[1] != recurrent->shape[1] || (layer->gates && layer->gates != gates))
        return fail(r, layer, "the shapes of its kernels are not [inputs, gates * units] and [units, gates * units]");
    RS_TRY(say_cell(r, layer, gates));
    RS_TRY(add_gates(r, "weight_ih", kernel->values, gates, hidden, kernel->shape[0], false));
    RS_TRY(add_gates(r, "weight_hh", recurrent->values, gates, hidden, hidden, false));
    if (layer->weight_count == 3) RS_TRY(add_bias(r, layer, gates, hidden));
    r->recurrent++;
cleanup:
    return status;
}

static rs_status deliver_embedding(reader *r, const rs_keras_layer *layer) {
    rs_tensor *to = NULL;
    if (layer->weight_count != 1 || !is_matrix(layer->weights[0]))
        return fail(r, layer, "an embedding has one matrix of numbers");
    if (r->out.said.embedding) return fail(r, layer, "a second embedding");
    if (!(r->out.said.embedding = rs_strdup("embedding.weight"))) return RS_EMEMORY;
    rs_status status = add(&to, r, "embedding.weight", 2, layer->weights[0]->shape[0], layer->weights[0]->shape[1]);
    if (status == RS_OK) memcpy(to->values, layer->weights[0]->values, to->count * sizeof *to->values);
    return status;
}

static rs_status deliver_dense(reader *r, const rs_keras_layer *layer) {
    rs_tensor *to = NULL;
    char name[64];
    static const size_t order[] = {0};
    const rs_tensor *kernel = layer->weights[0], *bias = layer->weight_count > 1 ? layer->weights[1] : NULL;
    if (!layer->weight_count || layer->weight_count > 2 || !is_matrix(kernel))
        return fail(r, layer, "a dense layer has one matrix of numbers and maybe a bias");
    if (bias && (!bias->values || bias->rank != 1 || bias->shape[0] != kernel->shape[1]))
        return fail(r, layer, "the shape of its bias is not that of its kernel");
    snprintf(name, sizeof name, "head.%zu.weight", r->dense);
    rs_status status = add(&to, r, name, 2, kernel->shape[1], kernel->shape[0]);
    if (status != RS_OK) return status;
    rs_gates_copy(to->values, kernel->values, 1, kernel->shape[1], kernel->shape[0], order, true);
    if (bias) {
        snprintf(name, sizeof name, "head.%zu.bias", r->dense);
        if ((status = add(&to, r, name, 1, bias->count, 0)) != RS_OK) return status;
        memcpy(to->values, bias->values, bias->count * sizeof *bias->values);
    }
    r->dense++;
    return RS_OK;
}

/* ---- What the model says besides ---- */

static rs_status say_activation(rs_activation *out, reader *r, const rs_keras_layer *layer, bool last) {
    const char *activation = layer->activation;
    bool one = layer->weights[0]->shape[1] == 1;
    *out = RS_ACTIVATION_NONE;
    if (strcmp(activation, "softmax") == 0)
        return last && !one
                   ? RS_OK
                   : fail(r, layer, "a softmax that is not the last layer's, or of one unit, is not supported");
    if (strcmp(activation, "sigmoid") == 0 && last) {
        if (one) r->out.said.has_threshold = true; /* 0 */
        return RS_OK;
    }
    if (strcmp(activation, "relu") == 0) *out = RS_ACTIVATION_RELU;
    if (strcmp(activation, "tanh") == 0) *out = RS_ACTIVATION_TANH;
    if (strcmp(activation, "sigmoid") == 0) *out = RS_ACTIVATION_SIGMOID;
    return RS_OK;
}

/* The head in order with its activations. */
static rs_status say_head(reader *r) {
    rs_status status = RS_OK;
    rs_card *said = &r->out.said;
    if (r->dense > RS_CARD_HEAD) return rs_fail(RS_EINPUT, "%s: more than %d dense layers", r->file, RS_CARD_HEAD);
    if (!r->dense) return rs_fail(RS_EINPUT, "%s: the model has no dense layer after the recurrent ones", r->file);
    RS_TRY_ALLOC(said->head = rs_alloc(r->dense, sizeof *said->head));
    said->head_count = r->dense;
    for (size_t i = 0, n = 0; i < r->model.count; i++) {
        char name[64];
        const rs_keras_layer *layer = &r->model.layers[i];
        if (layer->kind != RS_KERAS_DENSE) continue;
        snprintf(name, sizeof name, "head.%zu.weight", n);
        RS_TRY_ALLOC(said->head[n].weight = rs_strdup(name));
        snprintf(name, sizeof name, "head.%zu.bias", n);
        if (layer->weight_count > 1) RS_TRY_ALLOC(said->head[n].bias = rs_strdup(name));
        RS_TRY(say_activation(&said->head[n].activation, r, layer, n + 1 == r->dense));
        n++;
    }
cleanup:
    return status;
}

/* Weights alone do not tell what stands between dense layers: the names of the head's tensors do not either. */
static rs_status note_missing(reader *r) {
    return rs_reading_note(&r->out,
                           "there is no configuration, only weights: gates are taken to be logistic, layers to stand "
                           "in the order of their names, and the last one to have no activation");
}

static rs_status deliver(reader *r) {
    rs_status status = RS_OK;
    for (size_t i = 0; i < r->model.count; i++) {
        const rs_keras_layer *layer = &r->model.layers[i];
        if (layer->kind == RS_KERAS_EMBEDDING) RS_TRY(deliver_embedding(r, layer));
        if (layer->kind == RS_KERAS_RECURRENT) RS_TRY(deliver_recurrent(r, layer));
        if (layer->kind == RS_KERAS_DENSE) RS_TRY(deliver_dense(r, layer));
    }
    if (!r->recurrent)
        return rs_fail(RS_EINPUT, "%s: no weights of a recurrent layer of Keras (SimpleRNN, GRU or LSTM)", r->file);
    r->out.said.gate_slope = r->model.gate_slope;
    RS_TRY_ALLOC(r->out.said.input = rs_strdup(r->out.said.embedding ? "embedding" : "onehot"));
    if (r->model.from_config) RS_TRY(say_head(r));
    else RS_TRY(note_missing(r));
cleanup:
    return status;
}

/* Keras 2 keeps configuration and version in attributes of the file. */
static bool find_config(const char **config, size_t *length, bool *keras_3, const rs_hdf5 *h5) {
    const rs_hdf5_attribute *a = rs_hdf5_find(h5, "", "model_config"), *version = rs_hdf5_find(h5, "", "keras_version");
    if (!a || a->count != 1) return false;
    *config = a->texts[0];
    *length = strlen(a->texts[0]);
    *keras_3 = version && version->count && version->texts[0][0] == '3';
    return true;
}

rs_status rs_keras_interpret(rs_reading *out, const char *file, const rs_hdf5 *h5, const char *config,
                             size_t config_length, bool keras_3) {
    rs_status status = RS_OK;
    reader r = {.file = file, .h5 = h5};
    RS_TRY_ALLOC(r.used = rs_alloc(h5->datasets.count, sizeof *r.used));
    if (config || find_config(&config, &config_length, &keras_3, h5))
        RS_TRY(rs_keras_config_read(&r.model, file, config, config_length, keras_3));
    RS_TRY(rs_keras_find_weights(&r.model, r.used, file, h5));
    RS_TRY(deliver(&r));
    *out = r.out;
    r.out = (rs_reading){0};
cleanup:
    rs_reading_free(&r.out);
    rs_keras_free(&r.model);
    free(r.used);
    return status;
}

/* ---- Files ---- */

/* Which Keras wrote the archive; without metadata, 3. */
static rs_status read_version(bool *keras_3, const char *file, const rs_archive *archive) {
    rs_status status = RS_OK;
    char *text = NULL;
    size_t length = 0;
    json_error_t error;
    json_t *root = NULL;
    *keras_3 = true;
    if (!rs_archive_has(archive, "metadata.json")) return RS_OK;
    RS_TRY(rs_archive_read(&text, &length, archive, "metadata.json", CONFIG_LIMIT, false));
    root = json_loadb(text, length, 0, &error);
    const char *version = json_string_value(json_object_get(root, "keras_version"));
    if (!version) {
        status = rs_fail(RS_EINPUT, "%s: metadata.json says no keras_version", file);
        goto cleanup;
    }
    *keras_3 = version[0] != '2';
cleanup:
    json_decref(root);
    free(text);
    return status;
}

static rs_status read_archive(rs_reading *out, const char *file, const char *bytes, size_t length) {
    rs_status status = RS_OK;
    rs_archive *archive = NULL;
    char *config = NULL, *weights = NULL;
    size_t config_length = 0, weights_length = 0, limit = RS_TENSORS_VALUES * sizeof(double);
    rs_hdf5 h5 = {0};
    bool keras_3 = true;
    RS_TRY(rs_archive_open(&archive, file, bytes, length));
    if (rs_archive_has(archive, "model.weights.npz") || rs_archive_has(archive, "model.weights.json")) {
        status = rs_fail(RS_EINPUT,
                         "%s: its weights are not in " WEIGHTS ": save the model where h5py is installed, in one "
                         "shard",
                         file);
        goto cleanup;
    }
    if (length < limit / 1032) limit = length * 1032; /* more, deflate cannot */
    RS_TRY(read_version(&keras_3, file, archive));
    RS_TRY(rs_archive_read(&config, &config_length, archive, "config.json", CONFIG_LIMIT, false));
    RS_TRY(rs_archive_read(&weights, &weights_length, archive, WEIGHTS, limit, false));
    RS_TRY(rs_hdf5_read(&h5, file, weights, weights_length));
    RS_TRY(rs_keras_interpret(out, file, &h5, config, config_length, keras_3));
cleanup:
    rs_hdf5_free(&h5);
    free(config);
    free(weights);
    rs_archive_free(archive);
    return status;
}

static bool is_hdf5(const char *bytes, size_t length) {
    return rs_starts(bytes, length, "\x89HDF\r\n\x1a\n");
}

/* The first entry of an archive: 26 bytes, the lengths of name and extra field, the name. */
bool rs_keras_recognise(const char *bytes, size_t length) {
    static const char *const entries[] = {"metadata.json", "config.json", WEIGHTS};
    if (is_hdf5(bytes, length)) return true;
    if (!rs_starts(bytes, length, "PK\3\4") || length < 30) return false;
    size_t name = (size_t)(unsigned char)bytes[26] | (size_t)(unsigned char)bytes[27] << 8;
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        if (name == strlen(entries[i]) && rs_starts(bytes + 30, length - 30, entries[i])) return true;
    return false;
}

rs_status rs_keras_read(rs_reading *out, const char *file, const char *bytes, size_t length) {
    rs_hdf5 h5 = {0};
    if (!is_hdf5(bytes, length)) return read_archive(out, file, bytes, length);
    rs_status status = rs_hdf5_read(&h5, file, bytes, length);
    if (status == RS_OK) status = rs_keras_interpret(out, file, &h5, NULL, 0, false);
    rs_hdf5_free(&h5);
    return status;
}
