/* A model is read when it is a chain: input, embedding, recurrent layers, dense layers, and what does nothing when a
 * model is run, as dropout. Anything else changes what the network computes, and is refused by its name. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "network/keras_layers.h"

#define DEPTH 64 /* of inbound nodes, at most */

typedef struct reader {
    const char *file;
    bool keras_3;
    rs_keras_model model;
    size_t recurrent, time_distributed; /* so far */
    bool sequences;                     /* what the last recurrent layer returns */
} reader;

typedef struct layer {
    const char *class, *name;
    const json_t *config;
} layer;

static rs_status fail(const reader *r, const layer *l, const char *reason) {
    return rs_fail(RS_EINPUT, "%s: layer \"%.120s\" (%.60s): %s", r->file, l->name, l->class, reason);
}

/* ---- Options ---- */

static bool is_true(const layer *l, const char *key) {
    return json_is_true(json_object_get(l->config, key));
}

/* An activation is a text, null for linear, or in Keras 3 an object whose config is the text. */
static const char *activation_of(const layer *l, const char *key, const char *otherwise) {
    const json_t *value = json_object_get(l->config, key);
    if (!value) return otherwise;
    if (json_is_null(value)) return "linear";
    if (json_is_object(value)) value = json_object_get(value, "config");
    return json_is_string(value) ? json_string_value(value) : "one that has no name";
}

static bool is(const char *a, const char *b) {
    return strcmp(a, b) == 0;
}

static rs_status fail_activation(const reader *r, const layer *l, const char *key, const char *value,
                                 const char *known) {
    char reason[256];
    snprintf(reason, sizeof reason, "%s %.60s is not read: %s", key, value, known);
    return fail(r, l, reason);
}

static rs_status refuse_options(const reader *r, const layer *l) {
    static const struct {
        const char *key, *reason;
    } refused[] = {
        {"go_backwards", "go_backwards reads words from their end, which is not supported"},
        {"stateful", "stateful keeps the state from word to word: save the model with stateful=False"},
        {"return_state", "return_state gives the state to other layers, which is not supported"},
        {"time_major", "time_major is not supported"},
        {"mask_zero",
         "mask_zero skips symbol 0, which no cell here does: if it is never part of a word, save the model "
         "with mask_zero=False"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (is_true(l, refused[i].key)) return fail(r, l, refused[i].reason);
    return RS_OK;
}

/* ---- Layers ---- */

static rs_status add(rs_keras_layer **out, reader *r, const layer *l, rs_keras_kind kind, const char *group) {
    rs_status status = rs_keras_add(out, &r->model, kind, l->name);
    if (status != RS_OK) return status;
    (*out)->group = group;
    for (size_t i = 0; i + 1 < r->model.count; i++) (*out)->occurrence += is(r->model.layers[i].group, group);
    return RS_OK;
}

static rs_status read_nothing(reader *r, const layer *l) {
    (void)r;
    (void)l;
    return RS_OK;
}

static rs_status read_embedding(reader *r, const layer *l) {
    rs_keras_layer *out;
    return r->model.count ? fail(r, l, "an embedding that is not the first layer")
                          : add(&out, r, l, RS_KERAS_EMBEDDING, "embedding");
}

static rs_status read_slope(float *slope, const reader *r, const layer *l) {
    const char *gates = activation_of(l, "recurrent_activation", "sigmoid");
    *slope = 0;
    if (is(gates, "sigmoid")) return RS_OK;
    if (!is(gates, "hard_sigmoid"))
        return fail_activation(r, l, "recurrent_activation", gates, "sigmoid and hard_sigmoid are");
    *slope = r->keras_3 ? 1.0f / 6 : 0.2f;
    return RS_OK;
}

static rs_status read_recurrent(reader *r, const layer *l, size_t gates, const char *group, const char *cell) {
    rs_status status = RS_OK;
    float slope = 0;
    rs_keras_layer *out = NULL;
    const char *activation = activation_of(l, "activation", "tanh");
    if (gates > 1 && !is(activation, "tanh")) return fail_activation(r, l, "activation", activation, "tanh is");
    if (gates > 1) RS_TRY(read_slope(&slope, r, l));
    if (r->recurrent && !r->sequences)
        return fail(r, l, "the recurrent layer before it has return_sequences=False: there is no sequence for it");
    for (size_t i = 0; i < r->model.count; i++) {
        const rs_keras_layer *before = &r->model.layers[i];
        if (before->kind == RS_KERAS_DENSE) return fail(r, l, "a recurrent layer after a dense one is not supported");
        if (before->kind == RS_KERAS_RECURRENT &&
            (before->gates != gates || (before->cell && cell && !is(before->cell, cell)) ||
             r->model.gate_slope != slope))
            return fail(r, l, "recurrent layers of different kinds are not supported");
    }
    RS_TRY(add(&out, r, l, RS_KERAS_RECURRENT, group));
    out->cell = cell;
    out->gates = gates;
    r->model.gate_slope = slope;
    r->sequences = is_true(l, "return_sequences");
    r->recurrent++;
cleanup:
    return status;
}

static rs_status read_simple(reader *r, const layer *l) {
    static const char *const cells[] = {"tanh", "relu", "sigmoid"};
    const char *activation = activation_of(l, "activation", "tanh");
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        if (is(activation, cells[i])) return read_recurrent(r, l, 1, "simple_rnn", cells[i]);
    return fail_activation(r, l, "activation", activation, "tanh, relu and sigmoid are");
}

/* Before there was reset_after, the shape of the bias tells. */
static rs_status read_gru(reader *r, const layer *l) {
    const json_t *after = json_object_get(l->config, "reset_after");
    return read_recurrent(r, l, 3, "gru", after ? json_is_true(after) ? "gru" : "gru-before" : NULL);
}

static rs_status read_lstm(reader *r, const layer *l) {
    return read_recurrent(r, l, 4, "lstm", "lstm");
}

/* The activation of the layer that was read last. */
static rs_status set_activation(reader *r, const layer *l, const char *activation) {
    static const char *const known[] = {"linear", "relu", "tanh", "sigmoid", "softmax"};
    rs_keras_layer *last = r->model.count ? &r->model.layers[r->model.count - 1] : NULL;
    if (!last || last->kind != RS_KERAS_DENSE || (last->activation && !is(last->activation, "linear")))
        return fail(r, l, "an activation that does not follow a linear dense layer");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (is(activation, known[i])) return last->activation = known[i], RS_OK;
    return fail_activation(r, l, "activation", activation, "linear, relu, tanh, sigmoid and softmax are");
}

static rs_status read_dense_in(reader *r, const layer *l, const char *group) {
    rs_keras_layer *out;
    if (!r->recurrent) return fail(r, l, "a dense layer before the recurrent ones is not supported");
    if (r->model.layers[r->model.count - 1].activation && is(r->model.layers[r->model.count - 1].activation, "softmax"))
        return fail(r, l, "a dense layer after a softmax is not supported");
    rs_status status = add(&out, r, l, RS_KERAS_DENSE, group);
    return status == RS_OK ? set_activation(r, l, activation_of(l, "activation", "linear")) : status;
}

static rs_status read_dense(reader *r, const layer *l) {
    return read_dense_in(r, l, "dense");
}

static rs_status read_activation(reader *r, const layer *l) {
    return set_activation(r, l, activation_of(l, "activation", "linear"));
}

static rs_status read_softmax(reader *r, const layer *l) {
    return set_activation(r, l, "softmax");
}

static rs_status read_bidirectional(reader *r, const layer *l) {
    return fail(r, l, "bidirectional networks are not supported");
}

static rs_status read_masking(reader *r, const layer *l) {
    return fail(r, l, "masking skips symbols, which no cell here does");
}

static rs_status read_layer(reader *r, const layer *l);

static bool open_layer(layer *out, const json_t *value) {
    const char *name = json_string_value(json_object_get(value, "name"));
    out->class = json_string_value(json_object_get(value, "class_name"));
    out->config = json_object_get(value, "config");
    if (!name) name = json_string_value(json_object_get(out->config, "name"));
    out->name = name ? name : "";
    return out->class && json_is_object(out->config);
}

/* What it wraps is named within it. */
static rs_status read_time_distributed(reader *r, const layer *l) {
    layer inner;
    if (!open_layer(&inner, json_object_get(l->config, "layer"))) return fail(r, l, "it wraps no layer");
    inner.name = l->name;
    if (is(inner.class, "Dense")) return read_dense_in(r, &inner, "time_distributed");
    return is(inner.class, "Dropout") || is(inner.class, "Activation")
               ? read_layer(r, &inner)
               : fail(r, l, "it wraps a layer that is not read: Dense, Dropout and Activation are");
}

static const struct {
    const char *class;
    rs_status (*read)(reader *r, const layer *l);
} classes[] = {
    {"InputLayer", read_nothing},
    {"Dropout", read_nothing},
    {"SpatialDropout1D", read_nothing},
    {"GaussianDropout", read_nothing},
    {"GaussianNoise", read_nothing},
    {"AlphaDropout", read_nothing},
    {"ActivityRegularization", read_nothing},
    {"Embedding", read_embedding},
    {"SimpleRNN", read_simple},
    {"GRU", read_gru},
    {"LSTM", read_lstm},
    {"Dense", read_dense},
    {"TimeDistributed", read_time_distributed},
    {"Activation", read_activation},
    {"Softmax", read_softmax},
    {"Bidirectional", read_bidirectional},
    {"Masking", read_masking},
};

static rs_status read_layer(reader *r, const layer *l) {
    rs_status status = refuse_options(r, l);
    if (status != RS_OK) return status;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (is(l->class, classes[i].class)) return classes[i].read(r, l);
    return fail(r, l,
                "such layers are not read: InputLayer, Embedding, SimpleRNN, GRU, LSTM, Dense, TimeDistributed, "
                "Activation, Softmax and Dropout are");
}

/* ---- The chain ---- */

/* Whether every [name, node, tensor, ...] in inbound nodes is the layer `before`; there may be one. */
static bool only_from(size_t *count, json_t *value, const char *before, size_t depth) {
    if (depth > DEPTH) return false;
    if (json_is_array(value)) {
        const char *name = json_string_value(json_array_get(value, 0));
        if (name && json_is_integer(json_array_get(value, 1))) return ++*count == 1 && is(name, before);
        for (size_t i = 0; i < json_array_size(value); i++)
            if (!only_from(count, json_array_get(value, i), before, depth + 1)) return false;
    }
    const char *key;
    json_t *item;
    json_object_foreach(value, key, item) if (!only_from(count, item, before, depth + 1)) return false;
    return true;
}

static rs_status read_layers(reader *r, const json_t *layers, bool functional) {
    layer l, before = {0};
    if (!json_is_array(layers)) return rs_fail(RS_EINPUT, "%s: the model's configuration has no layers", r->file);
    for (size_t i = 0; i < json_array_size(layers); i++, before = l) {
        json_t *value = json_array_get(layers, i), *inbound = json_object_get(value, "inbound_nodes");
        size_t count = 0;
        if (!open_layer(&l, value))
            return rs_fail(RS_EINPUT, "%s: layer %zu of the model's configuration has no class_name and config",
                           r->file, i);
        if (functional && (!only_from(&count, inbound, i ? before.name : "", 0) || count != (i > 0)))
            return fail(r, &l, "the model is no chain of layers, each with the output of the one before as input");
        rs_status status = read_layer(r, &l);
        if (status != RS_OK) return status;
    }
    return RS_OK;
}

static rs_status read_model(reader *r, const json_t *root) {
    const char *class = json_string_value(json_object_get(root, "class_name"));
    const json_t *config = json_object_get(root, "config");
    if (!class) return rs_fail(RS_EINPUT, "%s: the model's configuration has no class_name", r->file);
    bool functional = is(class, "Functional") || is(class, "Model");
    if (!functional && !is(class, "Sequential"))
        return rs_fail(RS_EINPUT,
                       "%s: a model of class %.60s, whose program is not in the file: Sequential and Functional are "
                       "read; save its weights alone with save_weights(\"NAME.weights.h5\")",
                       r->file, class);
    /* Before Keras 2.2.3 the configuration of a Sequential was its layers. */
    return read_layers(r, json_is_array(config) ? config : json_object_get(config, "layers"), functional);
}

rs_status rs_keras_config_read(rs_keras_model *out, const char *file, const char *bytes, size_t length, bool keras_3) {
    rs_status status = RS_OK;
    reader r = {.file = file, .keras_3 = keras_3};
    json_error_t error;
    json_t *root = json_loadb(bytes, length, 0, &error);
    if (!root && json_error_code(&error) == json_error_out_of_memory) {
        status = rs_fail(RS_EMEMORY, "%s: out of memory", file);
        goto cleanup;
    }
    if (!root) {
        status = rs_fail(RS_EINPUT, "%s: the model's configuration is no JSON: byte %d: %s", file, error.position,
                         error.text);
        goto cleanup;
    }
    RS_TRY(read_model(&r, root));
    if (!r.recurrent) {
        status = rs_fail(RS_EINPUT, "%s: the model has no recurrent layer (SimpleRNN, GRU or LSTM)", file);
        goto cleanup;
    }
    r.model.from_config = true;
    *out = r.model;
    r.model = (rs_keras_model){0};
cleanup:
    rs_keras_free(&r.model);
    json_decref(root);
    return status;
}
