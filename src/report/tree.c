/* JSON values. jansson's setters take NULL for "could not be made" and release what they were given, so a failure only
 * has to be carried up: a container that lost a member becomes NULL itself. */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "core/utf8.h"
#include "report/format.h"

static void spoil(json_t **container) {
    json_decref(*container);
    *container = NULL;
}

void rs_json_put(json_t **object, const char *key, json_t *value) {
    if (json_object_set_new(*object, key, value) != 0) spoil(object);
}

void rs_json_append(json_t **array, json_t *value) {
    if (json_array_append_new(*array, value) != 0) spoil(array);
}

json_t *rs_json_size(uint64_t value) {
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

json_t *rs_json_real(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *rs_json_text(const char *value) {
    size_t length = strlen(value);
    if (rs_utf8_valid(value, length)) return json_stringn(value, length);
    char *clean = rs_strdup(value);
    if (!clean) return NULL;
    for (size_t i = 0, span; i < length; i += span) {
        span = rs_utf8_span(clean + i, length - i);
        if (!rs_utf8_valid(clean + i, span)) clean[i] = '?';
    }
    json_t *text = json_stringn(clean, length);
    free(clean);
    return text;
}

json_t *rs_json_names(const rs_names *names) {
    json_t *array = json_array();
    for (size_t i = 0; i < rs_names_count(names); i++) rs_json_append(&array, rs_json_text(rs_names_get(names, i)));
    return array;
}

json_t *rs_json_sequence(const rs_names *names, const uint32_t *indices, size_t length) {
    json_t *array = json_array();
    for (size_t i = 0; i < length; i++) rs_json_append(&array, rs_json_text(rs_names_get(names, indices[i])));
    return array;
}

json_t *rs_json_network(const rs_network *net) {
    json_t *object = json_object();
    rs_json_put(&object, "file", rs_json_text(rs_network_file(net)));
    rs_json_put(&object, "sha256", rs_json_text(rs_network_sha256(net)));
    rs_json_put(&object, "format", rs_json_text(rs_network_format(net)));
    rs_json_put(&object, "cell", rs_json_text(rs_cell_name(rs_network_cell(net))));
    rs_json_put(&object, "input", rs_json_text(rs_input_name(rs_network_input(net))));
    rs_json_put(&object, "layers", rs_json_size(rs_network_layers(net)));
    rs_json_put(&object, "hidden", rs_json_size(rs_network_hidden(net)));
    rs_json_put(&object, "alphabet", rs_json_names(rs_network_alphabet(net)));
    rs_json_put(&object, "outputs", rs_json_names(rs_network_outputs(net)));
    return object;
}

json_t *rs_json_head(const char *command) {
    json_t *object = json_object();
    rs_json_put(&object, "tool", json_string("rnnsafe"));
    rs_json_put(&object, "version", rs_json_text(rs_version()));
    rs_json_put(&object, "command", rs_json_text(command));
    return object;
}

static int append(const char *bytes, size_t length, void *text) {
    rs_text_bytes(text, bytes, length);
    return ((rs_text *)text)->failed ? -1 : 0;
}

rs_status rs_json_take(char **out, json_t *object) {
    rs_text text = {0};
    /* 15 digits: 0.9995 stays 0.9995, and no number of a report needs more. */
    if (!object || json_dump_callback(object, append, &text, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) != 0)
        text.failed = true;
    json_decref(object);
    rs_text_add(&text, "\n");
    return rs_text_take(out, &text);
}
