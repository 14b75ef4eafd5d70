/* jansson keeps the order in which members are added, and writes numbers with the digits that read back to the same. */
#include "network/card_write.h"

#include <jansson.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

/* Adds a member, of which the object takes hold; false: out of memory. */
static bool add(json_t *object, const char *key, json_t *value) {
    return json_object_set_new(object, key, value) == 0;
}

/* A text that may be silent. */
static bool add_text(json_t *object, const char *key, const char *text) {
    return !text || add(object, key, json_string(text));
}

static bool add_names(json_t *object, const char *key, const rs_names *names) {
    if (!names) return true;
    json_t *array = json_array();
    bool good = array != NULL;
    for (size_t i = 0; good && i < rs_names_count(names); i++)
        good = json_array_append_new(array, json_string(rs_names_get(names, i))) == 0;
    return add(object, key, array) && good;
}

static bool add_initial(json_t *object, const rs_card *card) {
    if (!card->initial_h && !card->initial_c) return true;
    json_t *initial = json_object();
    bool good = initial && add_text(initial, "h", card->initial_h) && add_text(initial, "c", card->initial_c);
    return add(object, "initial", initial) && good;
}

static bool add_head(json_t *object, const rs_card *card) {
    if (!card->head) return true;
    json_t *array = json_array();
    bool good = array != NULL;
    for (size_t i = 0; good && i < card->head_count; i++) {
        const rs_card_layer *layer = &card->head[i];
        json_t *entry = json_object();
        good = entry && add_text(entry, "weight", layer->weight) && add_text(entry, "bias", layer->bias) &&
               add_text(entry, "activation", rs_activation_name(layer->activation));
        if (json_array_append_new(array, entry) != 0) good = false;
    }
    return add(object, "head", array) && good;
}

static bool add_ignore(json_t *object, const rs_card *card) {
    if (!card->ignore_count) return true;
    json_t *array = json_array();
    bool good = array != NULL;
    for (size_t i = 0; good && i < card->ignore_count; i++)
        good = json_array_append_new(array, json_string(card->ignore[i])) == 0;
    return add(object, "ignore", array) && good;
}

rs_status rs_card_write(char **out, const rs_card *card) {
    rs_status status = RS_OK;
    char *text = NULL, *copy = NULL;
    json_t *root = json_object();
    bool good = root && add(root, "rnnsafe", json_integer(1)) && add_text(root, "cell", card->cell) &&
                add_names(root, "alphabet", card->alphabet) && add_names(root, "outputs", card->outputs) &&
                add_text(root, "input", card->input) && add_text(root, "embedding", card->embedding) &&
                (card->gate_slope == 0 || add(root, "hard_sigmoid", json_real((double)card->gate_slope))) &&
                (!card->has_threshold || add(root, "threshold", json_real((double)card->threshold))) &&
                add_initial(root, card) && add_head(root, card) && add_ignore(root, card);
    if (good) text = json_dumps(root, JSON_INDENT(2));
    if (!text) {
        status = rs_fail(RS_EMEMORY, "out of memory");
        goto cleanup;
    }
    size_t length = strlen(text);
    RS_TRY_ALLOC(copy = rs_alloc(length + 2, 1));
    memcpy(copy, text, length);
    copy[length] = '\n';
    *out = copy;
cleanup:
    free(text);
    json_decref(root);
    return status;
}
