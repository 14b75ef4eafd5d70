/* Every byte after the header belongs to exactly one tensor: the format allows neither overlaps nor holes, so that no
 * file stands for more than it holds. Values stay where they are until a network takes them. */
#include "network/safetensors.h"

#include <jansson.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

#define HEADER_LIMIT ((uint64_t)1 << 20)

typedef struct span {
    size_t begin, end; /* in the bytes after the header */
} span;

typedef struct reader {
    const char *file;
    const unsigned char *data; /* [length], after the header */
    size_t length;
    rs_tensors tensors;
    span *spans; /* [tensors.count] */
    size_t span_capacity;
} reader;

static bool read_size(size_t *out, const json_t *value) {
    if (!json_is_integer(value) || json_integer_value(value) < 0) return false;
    *out = (size_t)json_integer_value(value);
    return true;
}

static bool read_sizes(size_t *out, size_t limit, size_t *count, const json_t *value) {
    *count = json_array_size(value);
    if (!json_is_array(value) || *count > limit) return false;
    for (size_t i = 0; i < *count; i++)
        if (!read_size(&out[i], json_array_get(value, i))) return false;
    return true;
}

static rs_status fail_tensor(const reader *r, const char *name, const char *reason) {
    return rs_fail(RS_EINPUT, "%s: tensor \"%.120s\": %s", r->file, name, reason);
}

static rs_status read_tensor(reader *r, const char *name, const json_t *entry) {
    rs_status status = RS_OK;
    rs_tensor *tensor = NULL;
    size_t shape[RS_TENSOR_RANK], rank, offsets[2], offset_count, count, size;
    if (!json_is_object(entry) || json_object_size(entry) != 3)
        return fail_tensor(r, name, "it must have dtype, shape and data_offsets, and nothing else");
    const char *type = json_string_value(json_object_get(entry, "dtype"));
    if (!type) return fail_tensor(r, name, "dtype must be a text");
    const rs_dtype *dtype = rs_dtype_safetensors(type);
    if (!dtype) return fail_tensor(r, name, "its dtype is unknown: F64, F32, F16 and BF16 are read");
    if (!read_sizes(shape, RS_TENSOR_RANK, &rank, json_object_get(entry, "shape")))
        return fail_tensor(r, name, "shape must be an array of at most 8 sizes");
    if (!read_sizes(offsets, 2, &offset_count, json_object_get(entry, "data_offsets")) || offset_count != 2)
        return fail_tensor(r, name, "data_offsets must be two sizes");
    if (offsets[0] > offsets[1] || offsets[1] > r->length)
        return fail_tensor(r, name, "data_offsets lie outside the file");
    if (!rs_shape_count(&count, rank, shape) || __builtin_mul_overflow(count, dtype->size, &size) ||
        size != offsets[1] - offsets[0])
        return fail_tensor(r, name, "data_offsets and shape contradict each other");
    RS_TRY(rs_reserve((void **)&r->spans, &r->span_capacity, r->tensors.count + 1, sizeof *r->spans));
    r->spans[r->tensors.count] = (span){offsets[0], offsets[1]};
    RS_TRY(rs_tensors_add_view(&tensor, &r->tensors, r->file, name, strlen(name), dtype, rank, shape,
                               r->data + offsets[0]));
cleanup:
    return status;
}

static int by_begin(const void *a, const void *b) {
    const span *x = a, *y = b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

static rs_status check_spans(reader *r) {
    size_t end = 0;
    if (r->tensors.count) qsort(r->spans, r->tensors.count, sizeof *r->spans, by_begin);
    for (size_t i = 0; i < r->tensors.count; end = r->spans[i++].end)
        if (r->spans[i].begin != end)
            return rs_fail(RS_EINPUT, "%s: the data_offsets of its tensors %s at byte %zu", r->file,
                           r->spans[i].begin < end ? "overlap" : "leave a hole", r->spans[i].begin);
    return end == r->length ? RS_OK
                            : rs_fail(RS_EINPUT, "%s: %zu bytes after the last tensor", r->file, r->length - end);
}

static rs_status parse_header(json_t **out, const char *file, const char *bytes, size_t length) {
    json_error_t error;
    json_t *root = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &error);
    if (!root && json_error_code(&error) == json_error_out_of_memory)
        return rs_fail(RS_EMEMORY, "%s: out of memory", file);
    if (!root)
        return rs_fail(RS_EINPUT, "%s: the header of this safetensors file is no JSON: byte %d: %s", file,
                       error.position + 8, error.text);
    if (!json_is_object(root)) {
        json_decref(root);
        return rs_fail(RS_EINPUT, "%s: the header of this safetensors file is no JSON object", file);
    }
    *out = root;
    return RS_OK;
}

bool rs_safetensors_recognise(const char *bytes, size_t length) {
    return length > 8 && bytes[8] == '{';
}

rs_status rs_safetensors_read(rs_reading *out, const char *file, const char *bytes, size_t length) {
    rs_status status = RS_OK;
    reader r = {.file = file};
    json_t *root = NULL, *entry;
    const char *name;
    uint64_t header = 0;
    if (length < 8) return rs_fail(RS_EINPUT, "%s: shorter than the header of a safetensors file", file);
    for (size_t i = 0; i < 8; i++) header |= (uint64_t)(unsigned char)bytes[i] << 8 * i;
    if (header > length - 8)
        return rs_fail(RS_EINPUT, "%s: truncated, or no safetensors file: its header claims %llu bytes of %zu", file,
                       (unsigned long long)header, length - 8);
    if (header > HEADER_LIMIT)
        return rs_fail(RS_EINPUT, "%s: a header of %llu bytes, more than %llu", file, (unsigned long long)header,
                       (unsigned long long)HEADER_LIMIT);
    r.data = (const unsigned char *)bytes + 8 + header;
    r.length = length - 8 - (size_t)header;
    RS_TRY(parse_header(&root, file, bytes + 8, (size_t)header));
    json_object_foreach(root, name, entry) {
        if (strcmp(name, "__metadata__") == 0) continue;
        RS_TRY(read_tensor(&r, name, entry));
    }
    RS_TRY(check_spans(&r));
    out->tensors = r.tensors;
    r.tensors = (rs_tensors){0};
cleanup:
    rs_tensors_free(&r.tensors);
    free(r.spans);
    json_decref(root);
    return status;
}
