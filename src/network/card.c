/* jansson keeps no positions of values, so a member is looked for again in the text when its value is bad. */
#include "network/card.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

#define IGNORE_LIMIT 4096

typedef struct reader {
    const char *file, *bytes;
    size_t length;
    rs_card card;
} reader;

/* ---- Positions ---- */

static rs_status fail_offset(const reader *r, size_t offset, const char *text, const char *detail) {
    size_t line = 1, column = 1;
    for (size_t i = 0; i < offset && i < r->length; i++) {
        column = r->bytes[i] == '\n' ? 1 : column + 1;
        line += r->bytes[i] == '\n';
    }
    return rs_fail_at(r->file, line, column, "%s%s", text, detail);
}

/* Where `"key"` followed by a colon stands first; 0 when it is written with escapes. */
static size_t find_key(const reader *r, const char *key) {
    size_t key_length = strlen(key);
    for (size_t i = 0; i + key_length + 2 <= r->length; i++) {
        if (r->bytes[i] != '"' || memcmp(r->bytes + i + 1, key, key_length) != 0 || r->bytes[i + 1 + key_length] != '"')
            continue;
        size_t end = i + key_length + 2;
        while (end < r->length && strchr(" \t\r\n", r->bytes[end]) && r->bytes[end]) end++;
        if (end < r->length && r->bytes[end] == ':') return i;
    }
    return 0;
}

static rs_status fail_key(const reader *r, const char *key, const char *expected) {
    char text[128];
    snprintf(text, sizeof text, "\"%.60s\" must be ", key);
    return fail_offset(r, find_key(r, key), text, expected);
}

static rs_status unknown_key(const reader *r, const char *key, const char *known) {
    char text[256];
    snprintf(text, sizeof text, "unknown member \"%.80s\"; known are ", key);
    return fail_offset(r, find_key(r, key), text, known);
}

/* ---- Members ---- */

/* jansson's texts hold no 0 byte: it refuses \u0000 unless told otherwise. */
static rs_status read_text(char **out, const reader *r, const char *key, const json_t *value) {
    if (!json_is_string(value) || !json_string_length(value)) return fail_key(r, key, "a text");
    return (*out = rs_strdup(json_string_value(value))) ? RS_OK : RS_EMEMORY;
}

static rs_status read_names(rs_names **out, const reader *r, const char *key, const json_t *value) {
    rs_status status = RS_OK;
    const char **names = NULL;
    size_t count = json_array_size(value);
    if (!json_is_array(value) || !count) return fail_key(r, key, "an array of names");
    RS_TRY_ALLOC(names = rs_alloc(count, sizeof *names));
    for (size_t i = 0; i < count; i++) {
        names[i] = json_string_value(json_array_get(value, i));
        if (!names[i]) {
            status = fail_key(r, key, "an array of names");
            goto cleanup;
        }
    }
    status = rs_names_new(out, key, count, names);
    if (status == RS_EINPUT) {
        char *reason = rs_strdup(rs_error_message());
        RS_TRY_ALLOC(reason);
        status = fail_offset(r, find_key(r, key), reason, "");
        free(reason);
    }
cleanup:
    free(names);
    return status;
}

static bool activation_parse(rs_activation *out, const char *name) {
    static const rs_activation all[] = {RS_ACTIVATION_NONE, RS_ACTIVATION_RELU, RS_ACTIVATION_TANH,
                                        RS_ACTIVATION_SIGMOID};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(name, rs_activation_name(all[i])) == 0) return *out = all[i], true;
    return false;
}

bool rs_cell_parse(rs_cell *out, const char *name) {
    for (rs_cell cell = 0; cell < RS_CELLS; cell++)
        if (strcmp(name, rs_cell_name(cell)) == 0) return *out = cell, true;
    return false;
}

bool rs_input_parse(rs_input *out, const char *name) {
    static const rs_input all[] = {RS_INPUT_ONEHOT, RS_INPUT_EMBEDDING};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(name, rs_input_name(all[i])) == 0) return *out = all[i], true;
    return false;
}

static rs_status read_version(reader *r, const char *key, json_t *value) {
    return json_is_integer(value) && json_integer_value(value) == 1 ? RS_OK
                                                                    : fail_key(r, key, "1, the version of the card");
}

static rs_status read_cell(reader *r, const char *key, json_t *value) {
    rs_cell cell;
    if (!json_is_string(value) || !rs_cell_parse(&cell, json_string_value(value)))
        return fail_key(r, key, "one of " RS_CELL_NAMES);
    return read_text(&r->card.cell, r, key, value);
}

static rs_status read_input(reader *r, const char *key, json_t *value) {
    rs_input input;
    if (!json_is_string(value) || !rs_input_parse(&input, json_string_value(value)))
        return fail_key(r, key, "\"onehot\" or \"embedding\"");
    return read_text(&r->card.input, r, key, value);
}

static rs_status read_alphabet(reader *r, const char *key, json_t *value) {
    return read_names(&r->card.alphabet, r, key, value);
}

static rs_status read_outputs(reader *r, const char *key, json_t *value) {
    return read_names(&r->card.outputs, r, key, value);
}

static rs_status read_threshold(reader *r, const char *key, json_t *value) {
    float threshold = json_is_number(value) ? (float)json_number_value(value) : NAN;
    if (!isfinite(threshold)) return fail_key(r, key, "a number within float32");
    r->card.threshold = threshold;
    r->card.has_threshold = true;
    return RS_OK;
}

static rs_status read_hard_sigmoid(reader *r, const char *key, json_t *value) {
    float slope = json_is_number(value) ? (float)json_number_value(value) : NAN;
    if (!isfinite(slope) || slope <= 0) return fail_key(r, key, "a slope above 0, as 0.2");
    r->card.gate_slope = slope;
    return RS_OK;
}

static rs_status read_layer(rs_card_layer *out, reader *r, json_t *value) {
    const char *key;
    json_t *member;
    if (!json_is_object(value)) return fail_key(r, "head", "an array of objects");
    json_object_foreach(value, key, member) {
        rs_status status = RS_OK;
        if (strcmp(key, "weight") == 0) status = read_text(&out->weight, r, key, member);
        else if (strcmp(key, "bias") == 0)
            status = json_is_null(member) ? RS_OK : read_text(&out->bias, r, key, member);
        else if (strcmp(key, "activation") == 0) {
            if (!json_is_string(member) || !activation_parse(&out->activation, json_string_value(member)))
                status = fail_key(r, key, "\"none\", \"relu\", \"tanh\" or \"sigmoid\"");
        } else status = unknown_key(r, key, "weight, bias and activation");
        if (status != RS_OK) return status;
    }
    return out->weight ? RS_OK : fail_key(r, "head", "an array of objects with the member \"weight\"");
}

static rs_status read_head(reader *r, const char *key, json_t *value) {
    size_t count = json_array_size(value);
    if (!json_is_array(value) || !count || count > RS_CARD_HEAD) return fail_key(r, key, "an array of 1 to 64 layers");
    if (!(r->card.head = rs_alloc(count, sizeof *r->card.head))) return RS_EMEMORY;
    r->card.head_count = count;
    for (size_t i = 0; i < count; i++) {
        rs_status status = read_layer(&r->card.head[i], r, json_array_get(value, i));
        if (status != RS_OK) return status;
    }
    return RS_OK;
}

static rs_status read_initial(reader *r, const char *key, json_t *value) {
    const char *member_key;
    json_t *member;
    if (!json_is_object(value) || !json_object_size(value)) return fail_key(r, key, "an object with \"h\" and \"c\"");
    json_object_foreach(value, member_key, member) {
        rs_status status;
        if (strcmp(member_key, "h") == 0) status = read_text(&r->card.initial_h, r, member_key, member);
        else if (strcmp(member_key, "c") == 0) status = read_text(&r->card.initial_c, r, member_key, member);
        else status = unknown_key(r, member_key, "h and c");
        if (status != RS_OK) return status;
    }
    return RS_OK;
}

static rs_status read_embedding(reader *r, const char *key, json_t *value) {
    return read_text(&r->card.embedding, r, key, value);
}

static rs_status read_ignore(reader *r, const char *key, json_t *value) {
    size_t count = json_array_size(value);
    if (!json_is_array(value) || count > IGNORE_LIMIT) return fail_key(r, key, "an array of tensor names");
    if (!(r->card.ignore = rs_alloc(count, sizeof *r->card.ignore))) return RS_EMEMORY;
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(json_array_get(value, i));
        if (!name) return fail_key(r, key, "an array of tensor names");
        if (!(r->card.ignore[i] = rs_strdup(name))) return RS_EMEMORY;
        r->card.ignore_count++;
    }
    return RS_OK;
}

static rs_status read_description(reader *r, const char *key, json_t *value) {
    return json_is_string(value) ? RS_OK : fail_key(r, key, "a text");
}

static const struct {
    const char *key;
    rs_status (*read)(reader *r, const char *key, json_t *value);
} members[] = {
    {"rnnsafe", read_version},
    {"cell", read_cell},
    {"alphabet", read_alphabet},
    {"outputs", read_outputs},
    {"input", read_input},
    {"hard_sigmoid", read_hard_sigmoid},
    {"threshold", read_threshold},
    {"head", read_head},
    {"initial", read_initial},
    {"embedding", read_embedding},
    {"ignore", read_ignore},
    {"description", read_description},
};
#define MEMBERS (sizeof members / sizeof *members)
#define MEMBER_NAMES                                                                                                   \
    "rnnsafe, cell, alphabet, outputs, input, hard_sigmoid, threshold, head, initial, embedding, ignore and description"

static rs_status read_member(reader *r, const char *key, json_t *value) {
    for (size_t i = 0; i < MEMBERS; i++)
        if (strcmp(key, members[i].key) == 0) return members[i].read(r, key, value);
    return unknown_key(r, key, MEMBER_NAMES);
}

rs_status rs_card_read(rs_card *out, const char *file, const char *bytes, size_t length) {
    rs_status status = RS_OK;
    reader r = {.file = file, .bytes = bytes, .length = length};
    json_error_t error;
    const char *key;
    json_t *value, *root = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        if (json_error_code(&error) == json_error_out_of_memory)
            status = rs_fail(RS_EMEMORY, "%s: out of memory", file);
        else status = fail_offset(&r, error.position > 0 ? (size_t)error.position - 1 : 0, "no JSON: ", error.text);
        goto cleanup;
    }
    if (!json_is_object(root) || !json_object_get(root, "rnnsafe")) {
        status = fail_offset(&r, 0, "no card of rnnsafe: it is a JSON object with \"rnnsafe\": 1", "");
        goto cleanup;
    }
    json_object_foreach(root, key, value) RS_TRY(read_member(&r, key, value));
    *out = r.card;
    r.card = (rs_card){0};
cleanup:
    rs_card_free(&r.card);
    json_decref(root);
    return status;
}

void rs_card_free(rs_card *card) {
    free(card->cell);
    free(card->input);
    rs_names_free(card->alphabet);
    rs_names_free(card->outputs);
    for (size_t i = 0; i < card->head_count; i++) {
        free(card->head[i].weight);
        free(card->head[i].bias);
    }
    free(card->head);
    free(card->initial_h);
    free(card->initial_c);
    free(card->embedding);
    for (size_t i = 0; i < card->ignore_count; i++) free(card->ignore[i]);
    free(card->ignore);
    *card = (rs_card){0};
}
