/* The layers of a Keras model that hold weights, in order: from its configuration, or from the weights alone. */
#ifndef RS_NETWORK_KERAS_LAYERS_H
#define RS_NETWORK_KERAS_LAYERS_H

#include "network/hdf5.h"

typedef enum rs_keras_kind { RS_KERAS_EMBEDDING, RS_KERAS_RECURRENT, RS_KERAS_DENSE } rs_keras_kind;

typedef struct rs_keras_layer {
    rs_keras_kind kind;
    char *name;                  /* as the model calls it */
    const char *group;           /* its class as newer files call its group, "simple_rnn"; NULL: weights are known */
    size_t occurrence;           /* layers of the same group before it */
    const char *cell;            /* one of ours; NULL: the weights decide, or the user */
    size_t gates;                /* of the cell; 0: unknown */
    const char *activation;      /* of a dense layer, as Keras calls it; NULL: unknown */
    const rs_tensor *weights[3]; /* [weight_count], in the order of Keras */
    size_t weight_count;
} rs_keras_layer;

typedef struct rs_keras_model {
    rs_keras_layer *layers; /* [count] */
    size_t count, capacity;
    bool from_config;
    float gate_slope; /* of a hard sigmoid; 0: logistic */
} rs_keras_model;

/* Adds a layer; *out is valid until the next one. */
rs_status rs_keras_add(rs_keras_layer **out, rs_keras_model *model, rs_keras_kind kind, const char *name);
/* Frees what it holds, not `model` itself. */
void rs_keras_free(rs_keras_model *model);

/* From the JSON of a configuration. RS_EINPUT: no JSON, branches, or what is not read, by name. */
rs_status rs_keras_config_read(rs_keras_model *out, const char *file, const char *bytes, size_t length, bool keras_3);

/* Finds the weights of the layers of a configuration; without one, the layers too. `used` [datasets]: those taken. */
rs_status rs_keras_find_weights(rs_keras_model *model, bool *used, const char *file, const rs_hdf5 *h5);

#endif
