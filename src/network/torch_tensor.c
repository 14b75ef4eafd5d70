/* A tensor is a view of a storage: element (i_0, i_1, ...) is number offset + sum of i_k * stride_k of it. Several
 * tensors may share one storage. All sizes are checked against the storage, and the storages against the file, before
 * memory is taken. */
#include "network/torch_tensor.h"

#include <stdio.h>
#include <string.h>

#include "core/status.h"

/* The class of a storage that holds numbers of a kind that is not read, as complex ones; NULL: of one that is, or no storage. */
static const rs_pickle_value *foreign(const rs_pickle *p, const rs_pickle_value *v) {
    if (v->kind != RS_PICKLE_PERSISTENT) return NULL;
    const rs_pickle_value *id = rs_pickle_item(p, v, 0);
    if (id->kind != RS_PICKLE_TUPLE || id->count < 2) return NULL;
    const rs_pickle_value *class = rs_pickle_item(p, id, 1);
    return class->kind == RS_PICKLE_CLASS ? class : NULL;
}

rs_status rs_torch_check_storage(const char *file, const char *what, const rs_pickle *p, const rs_pickle_value *v) {
    const rs_pickle_value *class = foreign(p, v);
    if (!class) return RS_OK;
    return rs_fail(RS_EINPUT, "%s: %s is of class %.*s.%.*s, which is not read: convert it to float32 before saving", file, what,
                   (int)(class->length < 60 ? class->length : 60), class->text,
                   (int)(class->name_length < 60 ? class->name_length : 60), class->name);
}

static bool is_size(const rs_pickle_value *v) {
    return v->kind == RS_PICKLE_INTEGER && v->integer >= 0;
}

/* ("storage", class, key, location, numbers), in legacy files with a sixth: None or (key of the view, offset, numbers).
 */
bool rs_torch_parse_storage(rs_torch_storage *out, const rs_pickle *p, const rs_pickle_value *v) {
    if (v->kind != RS_PICKLE_PERSISTENT) return false;
    const rs_pickle_value *id = rs_pickle_item(p, v, 0);
    if (id->kind != RS_PICKLE_TUPLE || (id->count != 5 && id->count != 6)) return false;
    const rs_pickle_value *class = rs_pickle_item(p, id, 1), *key = rs_pickle_item(p, id, 2);
    const rs_pickle_value *numbers = rs_pickle_item(p, id, 4), *part = id->count == 6 ? rs_pickle_item(p, id, 5) : NULL;
    if (!rs_pickle_is(rs_pickle_item(p, id, 0), "storage") || class->kind != RS_PICKLE_STORAGE) return false;
    if (key->kind != RS_PICKLE_TEXT || !is_size(numbers) || memchr(key->text, 0, key->length)) return false;
    *out = (rs_torch_storage){
        .dtype = class->dtype, .key = key, .numbers = (size_t)numbers->integer, .end = (size_t)numbers->integer};
    if (!part || part->kind == RS_PICKLE_NONE) return true;
    if (part->kind != RS_PICKLE_TUPLE || part->count != 3) return false;
    const rs_pickle_value *first = rs_pickle_item(p, part, 1), *count = rs_pickle_item(p, part, 2);
    if (!is_size(first) || !is_size(count) || (size_t)first->integer > out->numbers ||
        (size_t)count->integer > out->numbers - (size_t)first->integer)
        return false;
    out->first = (size_t)first->integer;
    out->end = out->first + (size_t)count->integer;
    return true;
}

static bool parse_sizes(size_t out[RS_TENSOR_RANK], const rs_pickle *p, const rs_pickle_value *v) {
    if (v->kind != RS_PICKLE_TUPLE || v->count > RS_TENSOR_RANK) return false;
    for (size_t i = 0; i < v->count; i++) {
        if (!is_size(rs_pickle_item(p, v, i))) return false;
        out[i] = (size_t)rs_pickle_item(p, v, i)->integer;
    }
    return true;
}

bool rs_torch_is_tensor(const rs_pickle *p, const rs_pickle_value *v) {
    if (v->kind != RS_PICKLE_OBJECT) return false;
    rs_pickle_kind function = rs_pickle_item(p, v, 0)->kind;
    return function == RS_PICKLE_REBUILD_TENSOR || function == RS_PICKLE_REBUILD_PARAMETER;
}

/* The arguments of _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata]), of old versions
 * _rebuild_tensor with the first four, maybe within _rebuild_parameter(tensor, requires_grad, hooks); NULL: of nothing such. */
static const rs_pickle_value *arguments_of(const rs_pickle *p, const rs_pickle_value *v) {
    if (!rs_torch_is_tensor(p, v)) return NULL;
    if (rs_pickle_item(p, v, 0)->kind == RS_PICKLE_REBUILD_PARAMETER) {
        const rs_pickle_value *arguments = rs_pickle_item(p, v, 1);
        if (!arguments->count) return NULL;
        v = rs_pickle_item(p, arguments, 0);
    }
    if (v->kind != RS_PICKLE_OBJECT || rs_pickle_item(p, v, 0)->kind != RS_PICKLE_REBUILD_TENSOR) return NULL;
    const rs_pickle_value *a = rs_pickle_item(p, v, 1);
    return a->count == 4 || a->count == 6 || a->count == 7 ? a : NULL;
}

bool rs_torch_parse_tensor(rs_torch_view *out, const rs_pickle *p, const rs_pickle_value *v) {
    const rs_pickle_value *a = arguments_of(p, v);
    if (!a) return false;
    const rs_pickle_value *offset = rs_pickle_item(p, a, 1), *size = rs_pickle_item(p, a, 2),
                          *stride = rs_pickle_item(p, a, 3);
    if (!rs_torch_parse_storage(&out->storage, p, rs_pickle_item(p, a, 0)) || !is_size(offset)) return false;
    if (!parse_sizes(out->shape, p, size) || !parse_sizes(out->stride, p, stride) || size->count != stride->count)
        return false;
    out->offset = (size_t)offset->integer;
    out->rank = size->count;
    return true;
}

bool rs_torch_same_view(const rs_torch_view *a, const rs_torch_view *b) {
    const rs_pickle_value *x = a->storage.key, *y = b->storage.key;
    return x->length == y->length && memcmp(x->text, y->text, x->length) == 0 && a->storage.dtype == b->storage.dtype &&
           a->storage.first == b->storage.first && a->offset == b->offset && a->rank == b->rank &&
           memcmp(a->shape, b->shape, a->rank * sizeof *a->shape) == 0 &&
           memcmp(a->stride, b->stride, a->rank * sizeof *a->stride) == 0;
}

/* Whether every element lies in its part of the storage, and there are no more elements than that has numbers. */
static bool view_fits(const rs_torch_view *v) {
    size_t count, last = v->offset, numbers = v->storage.end - v->storage.first;
    if (!rs_shape_count(&count, v->rank, v->shape) || count > numbers) return false;
    if (!count) return true;
    for (size_t i = 0; i < v->rank; i++) {
        size_t span;
        if (__builtin_mul_overflow(v->shape[i] - 1, v->stride[i], &span) || __builtin_add_overflow(last, span, &last))
            return false;
    }
    return last < numbers;
}

static void copy_view(float *out, const rs_torch_view *v, const char *bytes, size_t count, bool big_endian) {
    const rs_dtype *dtype = v->storage.dtype;
    size_t index[RS_TENSOR_RANK] = {0}, at = v->storage.first + v->offset;
    for (size_t n = 0; n < count; n++) {
        out[n] = rs_dtype_read(dtype, (const unsigned char *)bytes + at * dtype->size, big_endian);
        for (size_t i = v->rank; i-- > 0;) {
            at += v->stride[i];
            if (++index[i] < v->shape[i]) break;
            at -= v->shape[i] * v->stride[i];
            index[i] = 0;
        }
    }
}

/* Tensors may share a storage, as tied weights do, but not so often that a small file stands for a large network. */
static rs_status check_total(const rs_tensors *tensors, const rs_torch_source *s, const rs_torch_view *v) {
    size_t count = 0;
    if (rs_shape_count(&count, v->rank, v->shape) && count <= s->length && tensors->values <= s->length - count)
        return RS_OK;
    return rs_fail(RS_EINPUT, "%s: the tensors have more values than the file has bytes", s->file);
}

rs_status rs_torch_add(rs_tensors *tensors, const rs_torch_source *s, const char *name, size_t name_length,
                       const rs_pickle_value *value) {
    rs_status status = RS_OK;
    rs_torch_view v = {0};
    rs_tensor *tensor = NULL;
    const char *bytes = NULL;
    size_t length = 0;
    int shown = (int)(name_length < 120 ? name_length : 120);
    const rs_pickle_value *arguments = arguments_of(s->pickle, value);
    char what[160];
    snprintf(what, sizeof what, "tensor \"%.*s\"", shown, name);
    if (arguments) RS_TRY(rs_torch_check_storage(s->file, what, s->pickle, rs_pickle_item(s->pickle, arguments, 0)));
    if (!rs_torch_parse_tensor(&v, s->pickle, value))
        return rs_fail(RS_EINPUT, "%s: tensor \"%.*s\": malformed description (storage, offset, size or stride)",
                       s->file, shown, name);
    RS_TRY(s->storage(&bytes, &length, s->user, v.storage.key));
    if (v.storage.numbers > length / v.storage.dtype->size || !view_fits(&v)) {
        status = rs_fail(RS_EINPUT, "%s: tensor \"%.*s\" reaches beyond its storage of %zu bytes", s->file, shown, name,
                         length);
        goto cleanup;
    }
    RS_TRY(check_total(tensors, s, &v));
    RS_TRY(rs_tensors_add(&tensor, tensors, s->file, name, name_length, v.storage.dtype, v.rank, v.shape));
    if (tensor->values) copy_view(tensor->values, &v, bytes, tensor->count, s->big_endian);
cleanup:
    return status;
}
