/* Tensors of an ONNX model: raw bytes, typed fields, or a part of another file beside the model. */
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/status.h"
#include "network/onnx_model.h"

#define EXTERNAL_LIMIT ((size_t)1 << 30) /* bytes of all external files */

enum { NO_FIELD, FLOATS, DOUBLES, INT32S, INT64S, UINT64S };

/* A type of elements: bytes in raw data, the typed field that holds it otherwise. */
static const struct type {
    int32_t code;
    const char *name;
    size_t size;
    int field;
    bool is_signed;
    const char *real; /* safetensors' name; NULL: integers */
} types[] = {
    {ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, "float", 4, FLOATS, true, "F32"},
    {ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE, "double", 8, DOUBLES, true, "F64"},
    {ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16, "float16", 2, INT32S, true, "F16"},
    {ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16, "bfloat16", 2, INT32S, true, "BF16"},
    {ONNX__TENSOR_PROTO__DATA_TYPE__INT64, "int64", 8, INT64S, true, NULL},
    {ONNX__TENSOR_PROTO__DATA_TYPE__INT32, "int32", 4, INT32S, true, NULL},
    {ONNX__TENSOR_PROTO__DATA_TYPE__INT16, "int16", 2, INT32S, true, NULL},
    {ONNX__TENSOR_PROTO__DATA_TYPE__INT8, "int8", 1, INT32S, true, NULL},
    {ONNX__TENSOR_PROTO__DATA_TYPE__UINT16, "uint16", 2, INT32S, false, NULL},
    {ONNX__TENSOR_PROTO__DATA_TYPE__UINT8, "uint8", 1, INT32S, false, NULL},
    {ONNX__TENSOR_PROTO__DATA_TYPE__BOOL, "bool", 1, INT32S, false, NULL},
    {ONNX__TENSOR_PROTO__DATA_TYPE__UINT32, "uint32", 4, UINT64S, false, NULL},
    {ONNX__TENSOR_PROTO__DATA_TYPE__UINT64, "uint64", 8, UINT64S, false, NULL},
};

static const struct type *find_type(int32_t code) {
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].code == code) return &types[i];
    return NULL;
}

/* ---- External files ---- */

struct rs_onnx_external {
    rs_onnx_external *next;
    char *path, *bytes;
    size_t length;
};

void rs_onnx_external_free(rs_onnx *m) {
    for (rs_onnx_external *next; m->external; m->external = next) {
        next = m->external->next;
        free(m->external->path);
        free(m->external->bytes);
        free(m->external);
    }
}

/* A path that stays below the model's folder. */
static bool stays_below(const char *location) {
    if (!*location || *location == '/' || strchr(location, '\\')) return false;
    for (const char *part = location; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (part[0] == '.' && part[1] == '.' && (part[2] == '/' || !part[2])) return false;
    }
    return true;
}

static rs_status read_external(const rs_onnx_external **out, rs_onnx *m, const char *location) {
    rs_status status = RS_OK;
    rs_onnx_external *external = NULL;
    char *path = NULL;
    RS_TRY(rs_file_beside(&path, m->file, location));
    for (external = m->external; external && strcmp(external->path, path) != 0;) external = external->next;
    if (external) {
        *out = external;
        goto cleanup;
    }
    RS_TRY_ALLOC(external = rs_alloc(1, sizeof *external));
    if ((status = rs_file_read(&external->bytes, &external->length, path, EXTERNAL_LIMIT - m->external_bytes)) !=
        RS_OK) {
        free(external);
        goto cleanup;
    }
    external->path = path;
    path = NULL;
    external->next = m->external;
    m->external = external;
    m->external_bytes += external->length;
    if (m->external_bytes < SIZE_MAX - m->budget) m->budget += m->external_bytes;
    *out = external;
cleanup:
    free(path);
    return status;
}

/* Decimal digits alone; false otherwise. */
static bool parse_size(size_t *out, const char *text) {
    size_t value = 0;
    if (!*text) return false;
    for (; *text; text++)
        if (*text < '0' || *text > '9' || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (size_t)(*text - '0'), &value))
            return false;
    *out = value;
    return true;
}

static rs_status external_bytes(const uint8_t **bytes, size_t *length, rs_onnx *m, const Onnx__TensorProto *tensor,
                                const char *what, size_t wanted) {
    rs_status status = RS_OK;
    const char *location = NULL;
    size_t offset = 0, size = wanted;
    const rs_onnx_external *external;
    for (size_t i = 0; i < tensor->n_external_data; i++) {
        const char *key = tensor->external_data[i]->key, *value = tensor->external_data[i]->value;
        if (!key || !value) continue;
        bool number = strcmp(key, "offset") == 0 || strcmp(key, "length") == 0;
        if (strcmp(key, "location") == 0) location = value;
        if (number && !parse_size(*key == 'o' ? &offset : &size, value))
            return rs_fail(RS_EINPUT,
                           "%s: tensor \"%.100s\": its %s in an external file is \"%.40s\", no number of bytes",
                           m->file, what, key, value);
    }
    if (!location)
        return rs_fail(RS_EINPUT, "%s: tensor \"%.100s\" is in an external file without a name", m->file, what);
    if (!stays_below(location))
        return rs_fail(
            RS_EINPUT,
            "%s: tensor \"%.100s\" is in the external file \"%.200s\", which is not below the model's folder", m->file,
            what, location);
    RS_TRY(read_external(&external, m, location));
    if (offset > external->length || size > external->length - offset) {
        status =
            rs_fail(RS_EINPUT, "%s: tensor \"%.100s\": bytes %zu to %zu + %zu are not in \"%.200s\", which has %zu",
                    m->file, what, offset, offset, size, location, external->length);
        goto cleanup;
    }
    *bytes = (const uint8_t *)external->bytes + offset;
    *length = size;
cleanup:
    return status;
}

/* ---- Values ---- */

/* An integer of the graph, kept apart from the symbols of sizes. */
static int64_t plain(int64_t value) {
    return rs_onnx_symbolic(value) ? RS_ONNX_SIZE(RS_ONNX_RANK) : value;
}

static int64_t raw_integer(const struct type *type, const uint8_t *bytes) {
    uint64_t bits = 0;
    for (size_t i = 0; i < type->size; i++) bits |= (uint64_t)bytes[i] << 8 * i;
    if (!type->is_signed) return bits > INT64_MAX ? INT64_MAX : (int64_t)bits;
    unsigned unused = 64 - 8 * (unsigned)type->size;
    return plain((int64_t)(bits << unused) >> unused);
}

static size_t field_count(const struct type *type, const Onnx__TensorProto *t) {
    switch (type->field) {
    case FLOATS:
        return t->n_float_data;
    case DOUBLES:
        return t->n_double_data;
    case INT32S:
        return t->n_int32_data;
    case INT64S:
        return t->n_int64_data;
    default:
        return t->n_uint64_data;
    }
}

static float field_real(const struct type *type, const rs_dtype *dtype, const Onnx__TensorProto *t, size_t i) {
    if (type->field == FLOATS) return t->float_data[i];
    if (type->field == DOUBLES) return (float)t->double_data[i];
    return dtype->value((uint16_t)t->int32_data[i]);
}

static int64_t field_integer(const struct type *type, const Onnx__TensorProto *t, size_t i) {
    if (type->field == INT32S) return t->int32_data[i];
    if (type->field == INT64S) return plain(t->int64_data[i]);
    return t->uint64_data[i] > INT64_MAX ? INT64_MAX : (int64_t)t->uint64_data[i];
}

static rs_status check_shape(rs_onnx_constant *c, const rs_onnx *m, const Onnx__TensorProto *t, const char *what) {
    if (t->n_dims > RS_ONNX_RANK)
        return rs_fail(RS_EINPUT, "%s: tensor \"%.100s\" has %zu dimensions, more than %d", m->file, what, t->n_dims,
                       RS_ONNX_RANK);
    c->rank = t->n_dims;
    c->count = 1;
    size_t bound = 1; /* the same without empty dimensions */
    for (size_t i = 0; i < t->n_dims; i++) {
        size_t size = (size_t)t->dims[i];
        c->shape[i] = t->dims[i];
        c->count *= size;
        if (size > RS_TENSORS_VALUES || (bound *= size ? size : 1) > RS_TENSORS_VALUES)
            return rs_fail(RS_EINPUT, "%s: tensor \"%.100s\": its size %lld in dimension %zu is negative or too large",
                           m->file, what, (long long)t->dims[i], i);
    }
    return RS_OK;
}

rs_status rs_onnx_tensor(const rs_onnx_constant **out, rs_onnx *m, const Onnx__TensorProto *tensor, const char *what) {
    rs_status status = RS_OK;
    const struct type *type = find_type(tensor->data_type);
    rs_onnx_constant *c = NULL;
    float *reals = NULL;
    int64_t *integers = NULL;
    if (!type)
        return rs_fail(RS_EINPUT, "%s: tensor \"%.100s\" has elements of type %d, which is not read", m->file, what,
                       (int)tensor->data_type);
    if (tensor->segment) return rs_fail(RS_EINPUT, "%s: tensor \"%.100s\" is a segment of one", m->file, what);
    const rs_dtype *dtype = type->real ? rs_dtype_safetensors(type->real) : NULL;
    bool external = tensor->has_data_location && tensor->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
    bool raw = external || tensor->has_raw_data;
    size_t field = field_count(type, tensor);
    const uint8_t *bytes = tensor->raw_data.data;
    size_t length = tensor->raw_data.len;
    RS_TRY_ALLOC(c = rs_onnx_alloc(m, 1, sizeof *c));
    RS_TRY(check_shape(c, m, tensor, what));
    if (external) RS_TRY(external_bytes(&bytes, &length, m, tensor, what, c->count * type->size));
    if (raw ? field || length != c->count * type->size : field != c->count) {
        status = rs_fail(RS_EINPUT, "%s: tensor \"%.100s\": its shape has %zu values of type %s, but its data do not",
                         m->file, what, c->count, type->name);
        goto cleanup;
    }
    RS_TRY(rs_onnx_spend(m, c->count));
    if (dtype) RS_TRY_ALLOC(c->reals = reals = rs_onnx_alloc(m, c->count, sizeof *reals));
    else RS_TRY_ALLOC(c->integers = integers = rs_onnx_alloc(m, c->count, sizeof *integers));
    for (size_t i = 0; i < c->count; i++) {
        if (dtype)
            reals[i] = raw ? rs_dtype_read(dtype, bytes + i * type->size, false) : field_real(type, dtype, tensor, i);
        else integers[i] = raw ? raw_integer(type, bytes + i * type->size) : field_integer(type, tensor, i);
    }
    m->halves = m->halves || (dtype && type->size == 2);
    *out = c;
cleanup:
    return status;
}
