/* The head: what maps h of the last layer to logits. One linear layer is recognised as the only matrix that is left;
 * where there are several, their order and activations are not in the weights, and the card must say them. */
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "core/text.h"
#include "network/assemble.h"

static rs_status take_dense(rs_dense *out, rs_assembly *a, const char *weight_name, const char *bias_name,
                            rs_activation activation, size_t columns) {
    rs_status status = RS_OK;
    const rs_tensor *weight = NULL, *bias = NULL;
    RS_TRY(rs_assembly_take(&weight, a, weight_name));
    RS_TRY(rs_assembly_shape(a, weight, RS_ANY_ROWS, columns));
    size_t rows = weight->shape[0];
    if (bias_name) {
        RS_TRY(rs_assembly_take(&bias, a, bias_name));
        RS_TRY(rs_assembly_shape(a, bias, rows, 0));
    }
    *out = (rs_dense){weight->values, bias ? bias->values : NULL, rows, columns, activation};
cleanup:
    return status;
}

static rs_status named_head(rs_assembly *a) {
    size_t columns = a->weights.hidden;
    for (size_t i = 0; i < a->card->head_count; i++) {
        const rs_card_layer *layer = &a->card->head[i];
        rs_status status = take_dense(&a->head[i], a, layer->weight, layer->bias, layer->activation, columns);
        if (status != RS_OK) return status;
        columns = a->head[i].rows;
    }
    return RS_OK;
}

/* The name of a weight's bias, X.weight -> X.bias; *out is NULL when the file has none of that name. */
static rs_status bias_of(const char **out, const rs_assembly *a, const char *weight) {
    static const char ending[] = "weight";
    size_t length = strlen(weight), stem = length - (sizeof ending - 1);
    *out = NULL;
    if (length < sizeof ending - 1 || strcmp(weight + stem, ending) != 0) return RS_OK;
    rs_text text = {0};
    char *name = NULL;
    rs_text_bytes(&text, weight, stem);
    rs_text_add(&text, "bias");
    rs_status status = rs_text_take(&name, &text);
    if (status != RS_OK) return status;
    const rs_tensor *bias = rs_tensors_find(a->tensors, name);
    if (bias && !a->used[bias - a->tensors->items]) *out = bias->name;
    free(name);
    return RS_OK;
}

static rs_status inferred_head(rs_assembly *a) {
    rs_status status = RS_OK;
    rs_text names = {0};
    char *list = NULL;
    const char *weight = NULL, *bias = NULL;
    size_t count = 0;
    for (size_t i = 0; i < a->tensors->count; i++) {
        const rs_tensor *tensor = &a->tensors->items[i];
        if (a->used[i] || tensor->rank != 2) continue;
        rs_text_add(&names, "%s%s", count++ ? ", " : "", tensor->name);
        weight = tensor->name;
    }
    RS_TRY(rs_text_take(&list, &names));
    if (count > 1)
        status = rs_fail(RS_EINPUT,
                         "%s: several matrices could be layers of the head: %s; the card %s must say their order and "
                         "activations in \"head\", and list those that are not used in \"ignore\"",
                         a->file, list, a->card_path);
    if (!count)
        status = rs_fail(RS_EINPUT, "%s: no linear layer from the %zu hidden units to the outputs", a->file,
                         a->weights.hidden);
    if (status != RS_OK) goto cleanup;
    RS_TRY(bias_of(&bias, a, weight));
    RS_TRY(take_dense(&a->head[0], a, weight, bias, RS_ACTIVATION_NONE, a->weights.hidden));
    RS_TRY(rs_reading_note(a->reading, "the head is one linear layer, \"%s\"", weight));
cleanup:
    free(list);
    return status;
}

rs_status rs_assembly_head(rs_assembly *a) {
    size_t layers = a->card->head_count ? a->card->head_count : 1;
    if (!(a->head = rs_alloc(layers, sizeof *a->head))) return RS_EMEMORY;
    rs_status status = a->card->head_count ? named_head(a) : inferred_head(a);
    a->weights.head = a->head;
    a->weights.head_layers = layers;
    return status;
}
