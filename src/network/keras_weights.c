/* Where Keras puts the weights of a layer. Keras 2, and .h5 files of whole models ever since: the group LAYER, whose
 * attribute weight_names lists paths within it; the attribute layer_names of the group above lists the layers. Keras 3
 * and tf.keras from 2.12 on: layers/CLASS_N/vars/0, 1, ... where N counts layers of one class (from nothing, then 1),
 * with cell/ before vars/ in recurrent layers and layer/ in wrapped ones; for a time the first part was
 * _layer_checkpoint_dependencies, in which N may leave gaps. Models that are classes have their attributes' names
 * there. */
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "network/keras_layers.h"

#define PATH 1024

typedef struct finder {
    const char *file;
    const rs_hdf5 *h5;
    rs_keras_model *model;
    bool *used;
} finder;

rs_status rs_keras_add(rs_keras_layer **out, rs_keras_model *model, rs_keras_kind kind, const char *name) {
    rs_status status = rs_reserve((void **)&model->layers, &model->capacity, model->count + 1, sizeof *model->layers);
    if (status != RS_OK) return status;
    rs_keras_layer *layer = &model->layers[model->count];
    *layer = (rs_keras_layer){.kind = kind, .name = rs_strdup(name)};
    if (!layer->name) return RS_EMEMORY;
    model->count++;
    *out = layer;
    return RS_OK;
}

void rs_keras_free(rs_keras_model *model) {
    for (size_t i = 0; i < model->count; i++) free(model->layers[i].name);
    free(model->layers);
    *model = (rs_keras_model){0};
}

static rs_status fail(const finder *f, const rs_keras_layer *layer, const char *reason) {
    return rs_fail(RS_EINPUT, "%s: layer \"%.120s\": %s", f->file, layer->name, reason);
}

static bool ends_in(const char *text, const char *end) {
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static rs_status take(const finder *f, rs_keras_layer *layer, const char *path) {
    const rs_tensor *tensor = rs_tensors_find(&f->h5->datasets, path);
    if (!tensor)
        return rs_fail(RS_EINPUT, "%s: layer \"%.120s\": there are no weights \"%.200s\"", f->file, layer->name, path);
    if (layer->weight_count == sizeof layer->weights / sizeof *layer->weights)
        return fail(f, layer, "it has more than three weights, as layers do that are not read (CuDNN, bidirectional)");
    bool *used = &f->used[tensor - f->h5->datasets.items];
    if (*used) return fail(f, layer, "its weights are those of another layer too");
    *used = true;
    layer->weights[layer->weight_count++] = tensor;
    return RS_OK;
}

/* ---- Keras 2: lists of names ---- */

/* Names of the list, in one attribute, or when it is long in NAME0, NAME1, ... NULL: there are no more. */
static const char *listed(const finder *f, const char *object, const char *list, size_t i) {
    const rs_hdf5_attribute *a = rs_hdf5_find(f->h5, object, list);
    if (a) return i < a->count ? a->texts[i] : NULL;
    for (size_t chunk = 0;; chunk++) {
        char name[32];
        snprintf(name, sizeof name, "%.16s%zu", list, chunk);
        if (!(a = rs_hdf5_find(f->h5, object, name))) return NULL;
        if (i < a->count) return a->texts[i];
        i -= a->count;
    }
}

static bool has_list(const finder *f, const char *object) {
    return rs_hdf5_find(f->h5, object, "layer_names") || rs_hdf5_find(f->h5, object, "layer_names0");
}

static rs_status take_listed(const finder *f, rs_keras_layer *layer, const char *root) {
    char group[PATH], path[2 * PATH];
    const char *name;
    snprintf(group, sizeof group, "%s%s%s", root, *root ? "/" : "", layer->name);
    for (size_t i = 0; (name = listed(f, group, "weight_names", i)); i++) {
        snprintf(path, sizeof path, "%s/%s", group, name);
        rs_status status = take(f, layer, path);
        if (status != RS_OK) return status;
    }
    return RS_OK;
}

/* The kind of a layer by the names of its weights; false: it has none. */
static bool kind_by_names(rs_keras_kind *out, const rs_keras_layer *layer) {
    *out = RS_KERAS_DENSE;
    for (size_t i = 0; i < layer->weight_count; i++) {
        const char *name = layer->weights[i]->name;
        if (ends_in(name, "recurrent_kernel:0") || ends_in(name, "recurrent_kernel")) *out = RS_KERAS_RECURRENT;
        if (ends_in(name, "embeddings:0") || ends_in(name, "embeddings")) *out = RS_KERAS_EMBEDDING;
    }
    return layer->weight_count > 0;
}

static rs_status find_listed(const finder *f, const char *root) {
    const char *name;
    if (f->model->from_config) {
        for (size_t i = 0; i < f->model->count; i++) {
            rs_status status = take_listed(f, &f->model->layers[i], root);
            if (status != RS_OK) return status;
        }
        return RS_OK;
    }
    for (size_t i = 0; (name = listed(f, root, "layer_names", i)); i++) {
        rs_keras_layer *layer = NULL;
        rs_status status = rs_keras_add(&layer, f->model, RS_KERAS_DENSE, name);
        if (status == RS_OK) status = take_listed(f, layer, root);
        if (status != RS_OK) return status;
        if (!kind_by_names(&layer->kind, layer)) free(f->model->layers[--f->model->count].name);
    }
    return RS_OK;
}

/* ---- Keras 3: numbered groups ---- */

/* Random generators, optimizers and metrics keep their state beside the weights. */
static bool is_state(const char *path) {
    static const char *const parts[] = {"seed_generator/", "optimizer", "metrics", "compile_metrics",
                                        "_random_generator"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *at = strstr(path, parts[i]);
        if (at && (at == path || at[-1] == '/')) return true;
    }
    return false;
}

/* PREFIX CLASS or PREFIX CLASS_N; N, or 0 without. */
static bool parse_group(size_t *number, size_t *length, const char *path, const char *prefix, const char *class) {
    size_t prefix_length = strlen(prefix), class_length = strlen(class), n = 0;
    if (strncmp(path, prefix, prefix_length) != 0 || strncmp(path + prefix_length, class, class_length) != 0)
        return false;
    const char *at = path + prefix_length + class_length;
    if (*at == '_') {
        size_t digits = strspn(at + 1, "0123456789");
        if (!digits || digits > 6) return false;
        for (size_t i = 1; i <= digits; i++) n = 10 * n + (size_t)(at[i] - '0');
        at += 1 + digits;
    }
    *number = n;
    *length = (size_t)(at - path);
    return *at == '/';
}

/* The group of the i-th layer of a class: the one with the i-th smallest number. */
static bool find_group(char out[PATH], const finder *f, const char *prefix, const char *class, size_t occurrence) {
    size_t least = 0, number, length;
    for (size_t round = 0;; round++) {
        const char *found = NULL;
        size_t best = SIZE_MAX, best_length = 0;
        for (size_t i = 0; i < f->h5->datasets.count; i++) {
            const char *path = f->h5->datasets.items[i].name;
            if (is_state(path) || !parse_group(&number, &length, path, prefix, class)) continue;
            if (number < least || number >= best) continue;
            found = path;
            best = number;
            best_length = length;
        }
        if (!found || best_length >= PATH) return false;
        if (round == occurrence) {
            memcpy(out, found, best_length);
            out[best_length] = 0;
            return true;
        }
        least = best + 1;
    }
}

static rs_status take_numbered(const finder *f, rs_keras_layer *layer, const char *group) {
    char path[2 * PATH];
    for (size_t i = 0;; i++) {
        snprintf(path, sizeof path, "%s/vars/%zu", group, i);
        if (i && !rs_tensors_find(&f->h5->datasets, path)) return RS_OK;
        rs_status status = take(f, layer, path);
        if (status != RS_OK) return status;
    }
}

static rs_status find_numbered(const finder *f, const char *prefix) {
    for (size_t i = 0; i < f->model->count; i++) {
        rs_keras_layer *layer = &f->model->layers[i];
        char group[PATH], full[PATH + 8];
        if (!find_group(group, f, prefix, layer->group, layer->occurrence))
            return rs_fail(RS_EINPUT, "%s: layer \"%.120s\": there is no group %s%s for its weights", f->file,
                           layer->name, prefix, layer->group);
        snprintf(full, sizeof full, "%s%s", group,
                 layer->kind == RS_KERAS_RECURRENT               ? "/cell"
                 : strcmp(layer->group, "time_distributed") == 0 ? "/layer"
                                                                 : "");
        rs_status status = take_numbered(f, layer, full);
        if (status != RS_OK) return status;
    }
    return RS_OK;
}

static bool contains(const char *text, const char *part) {
    return strstr(text, part) != NULL;
}

/* Without a configuration: cells are recurrent, a matrix with a vector is dense, a matrix alone is an embedding when it
 * is called one. */
static rs_status add_numbered(const finder *f, const char *first, size_t group_length) {
    rs_keras_layer *layer = NULL;
    char group[PATH];
    if (group_length >= PATH) return rs_fail(RS_EINPUT, "%s: the path of a group is too long", f->file);
    memcpy(group, first, group_length);
    group[group_length] = 0;
    rs_status status = rs_keras_add(&layer, f->model, RS_KERAS_DENSE, group);
    if (status == RS_OK) status = take_numbered(f, layer, group);
    if (status != RS_OK) return status;
    if (contains(group, "backward_layer") || contains(group, "forward_layer"))
        return fail(f, layer, "bidirectional networks are not supported");
    if (ends_in(group, "/cell") || strcmp(group, "cell") == 0) layer->kind = RS_KERAS_RECURRENT;
    else if (layer->weight_count == 1 && (contains(group, "emb") || contains(group, "Emb")))
        layer->kind = RS_KERAS_EMBEDDING;
    return RS_OK;
}

/* By kind, then by name, numbers by value. */
static int by_place(const void *a, const void *b) {
    const rs_keras_layer *x = a, *y = b;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    const char *p = x->name, *q = y->name;
    while (*p && *p == *q) p++, q++;
    /* CLASS/ stands before CLASS_1/, and a shorter number before a longer one. */
    size_t n = strspn(p, "0123456789"), m = strspn(q, "0123456789");
    if (n != m) return n < m ? -1 : 1;
    return *p && *q ? (*p > *q) - (*p < *q) : (*p > 0) - (*q > 0);
}

static rs_status infer_numbered(const finder *f) {
    for (size_t i = 0; i < f->h5->datasets.count; i++) {
        const char *path = f->h5->datasets.items[i].name, *end = path + strlen(path);
        if (is_state(path) || !ends_in(path, "/vars/0")) continue;
        rs_status status = add_numbered(f, path, (size_t)(end - path) - strlen("/vars/0"));
        if (status != RS_OK) return status;
    }
    if (f->model->count) qsort(f->model->layers, f->model->count, sizeof *f->model->layers, by_place);
    return RS_OK;
}

/* ---- All together ---- */

static bool has_prefix(const finder *f, const char *prefix) {
    for (size_t i = 0; i < f->h5->datasets.count; i++)
        if (strncmp(f->h5->datasets.items[i].name, prefix, strlen(prefix)) == 0) return true;
    return false;
}

/* Weights that were not understood would make a network that is not the model. */
static rs_status check_used(const finder *f, const char *prefix) {
    for (size_t i = 0; i < f->h5->datasets.count; i++) {
        const char *path = f->h5->datasets.items[i].name;
        if (!f->used[i] && strncmp(path, prefix, strlen(prefix)) == 0 && !is_state(path))
            return rs_fail(RS_EINPUT, "%s: weights that no layer uses: \"%.200s\"", f->file, path);
    }
    return RS_OK;
}

rs_status rs_keras_find_weights(rs_keras_model *model, bool *used, const char *file, const rs_hdf5 *h5) {
    static const char *const prefixes[] = {"layers/", "_layer_checkpoint_dependencies/"};
    const finder f = {file, h5, model, used};
    rs_status status = RS_OK;
    const char *prefix = "";
    if (has_list(&f, "model_weights")) {
        prefix = "model_weights/";
        status = find_listed(&f, "model_weights");
    } else if (has_list(&f, "")) status = find_listed(&f, "");
    else if (!model->from_config) status = infer_numbered(&f);
    else {
        prefix = prefixes[has_prefix(&f, prefixes[1]) && !has_prefix(&f, prefixes[0])];
        status = find_numbered(&f, prefix);
    }
    return status == RS_OK ? check_used(&f, prefix) : status;
}
