#include "network/tensors.h"

#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "core/utf8.h"

static float from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float from_float32(uint64_t bits) {
    return from_bits((uint32_t)bits);
}

static float from_float64(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return (float)value;
}

static float from_bfloat16(uint64_t bits) {
    return from_bits((uint32_t)bits << 16);
}

/* IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. Subnormals are fraction * 2^-24. */
static float from_float16(uint64_t bits) {
    uint32_t sign = (uint32_t)(bits & 0x8000) << 16, exponent = (uint32_t)(bits >> 10) & 31, fraction = bits & 0x3ff;
    if (!exponent) {
        float value = (float)fraction * 0x1p-24f;
        return sign ? -value : value;
    }
    return from_bits(sign | (exponent == 31 ? 255u : exponent + 112) << 23 | fraction << 13);
}

static const rs_dtype dtypes[] = {
    {"float32", "FloatStorage", "F32", 4, from_float32},
    {"float64", "DoubleStorage", "F64", 8, from_float64},
    {"float16", "HalfStorage", "F16", 2, from_float16},
    {"bfloat16", "BFloat16Storage", "BF16", 2, from_bfloat16},
    {"int64", "LongStorage", "I64", 8, NULL},
    {"int32", "IntStorage", "I32", 4, NULL},
    {"int16", "ShortStorage", "I16", 2, NULL},
    {"int8", "CharStorage", "I8", 1, NULL},
    {"uint8", "ByteStorage", "U8", 1, NULL},
    {"bool", "BoolStorage", "BOOL", 1, NULL},
};
#define DTYPES (sizeof dtypes / sizeof *dtypes)

const rs_dtype *rs_dtype_pytorch(const char *storage) {
    for (size_t i = 0; i < DTYPES; i++)
        if (strcmp(dtypes[i].pytorch, storage) == 0) return &dtypes[i];
    return NULL;
}

const rs_dtype *rs_dtype_safetensors(const char *name) {
    for (size_t i = 0; i < DTYPES; i++)
        if (strcmp(dtypes[i].safetensors, name) == 0) return &dtypes[i];
    return NULL;
}

float rs_dtype_read(const rs_dtype *dtype, const unsigned char *bytes, bool big_endian) {
    uint64_t bits = 0;
    for (size_t i = 0; i < dtype->size; i++) bits |= (uint64_t)bytes[big_endian ? dtype->size - 1 - i : i] << 8 * i;
    return dtype->value(bits);
}

bool rs_shape_count(size_t *count, size_t rank, const size_t *shape) {
    size_t product = 1;
    for (size_t i = 0; i < rank; i++)
        if (__builtin_mul_overflow(product, shape[i], &product)) return false;
    *count = product;
    return true;
}

static rs_status check_name(const char *file, const char *name, size_t length) {
    if (!length) return rs_fail(RS_EINPUT, "%s: a tensor without a name", file);
    bool plain = rs_utf8_valid(name, length);
    for (size_t i = 0; i < length; i++) plain = plain && (unsigned char)name[i] >= 32 && name[i] != 127;
    return plain ? RS_OK : rs_fail(RS_EINPUT, "%s: a tensor's name is not UTF-8 or holds control characters", file);
}

rs_status rs_tensors_add_view(rs_tensor **out, rs_tensors *t, const char *file, const char *name, size_t name_length,
                              const rs_dtype *dtype, size_t rank, const size_t *shape, const unsigned char *bytes) {
    rs_status status = RS_OK;
    rs_tensor tensor = {.dtype = dtype, .rank = rank, .bytes = bytes};
    RS_TRY(check_name(file, name, name_length));
    RS_TRY_ALLOC(tensor.name = rs_strndup(name, name_length));
    if (rs_tensors_find(t, tensor.name)) {
        status = rs_fail(RS_EINPUT, "%s: tensor \"%s\" appears twice", file, tensor.name);
        goto cleanup;
    }
    if (t->count == RS_TENSORS_COUNT) {
        status = rs_fail(RS_EINPUT, "%s: more than %d tensors", file, RS_TENSORS_COUNT);
        goto cleanup;
    }
    if (rank > RS_TENSOR_RANK) {
        status = rs_fail(RS_EINPUT, "%s: tensor \"%s\" has %zu dimensions, more than %d", file, tensor.name, rank,
                         RS_TENSOR_RANK);
        goto cleanup;
    }
    if (rank) memcpy(tensor.shape, shape, rank * sizeof *shape);
    if (!rs_shape_count(&tensor.count, rank, shape)) {
        status = rs_fail(RS_EINPUT, "%s: tensor \"%s\" has more values than can be counted", file, tensor.name);
        goto cleanup;
    }
    RS_TRY(rs_reserve((void **)&t->items, &t->capacity, t->count + 1, sizeof *t->items));
    t->items[t->count] = tensor;
    *out = &t->items[t->count++];
    tensor = (rs_tensor){0};
cleanup:
    free(tensor.name);
    return status;
}

rs_status rs_tensors_make(rs_tensors *t, const char *file, rs_tensor *tensor) {
    if (tensor->values || !tensor->dtype->value) return RS_OK;
    if (tensor->count > RS_TENSORS_VALUES - t->values)
        return rs_fail(RS_EINPUT, "%s: with tensor \"%s\" the file has more than %zu values", file, tensor->name,
                       RS_TENSORS_VALUES);
    if (!(tensor->values = rs_alloc(tensor->count, sizeof *tensor->values))) return RS_EMEMORY;
    t->values += tensor->count;
    const rs_dtype *dtype = tensor->dtype;
    for (size_t i = 0; tensor->bytes && i < tensor->count; i++)
        tensor->values[i] = rs_dtype_read(dtype, tensor->bytes + i * dtype->size, false);
    return RS_OK;
}

rs_status rs_tensors_add(rs_tensor **out, rs_tensors *t, const char *file, const char *name, size_t name_length,
                         const rs_dtype *dtype, size_t rank, const size_t *shape) {
    rs_tensor *tensor = NULL;
    rs_status status = rs_tensors_add_view(&tensor, t, file, name, name_length, dtype, rank, shape, NULL);
    if (status != RS_OK) return status;
    status = rs_tensors_make(t, file, tensor);
    if (status == RS_OK) *out = tensor;
    else free(t->items[--t->count].name);
    return status;
}

const rs_tensor *rs_tensors_find(const rs_tensors *t, const char *name) {
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->items[i].name, name) == 0) return &t->items[i];
    return NULL;
}

void rs_tensors_free(rs_tensors *t) {
    if (!t) return;
    for (size_t i = 0; i < t->count; i++) {
        free(t->items[i].name);
        free(t->items[i].values);
    }
    free(t->items);
    *t = (rs_tensors){0};
}
