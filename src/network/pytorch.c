/* A tensor is a view of a storage: element (i_0, i_1, ...) is number offset + sum of i_k * stride_k of it. Several
 * tensors may share one storage. Entries of the archive are stored, not compressed, so that an honest storage is never
 * larger than the archive; all sizes are checked against that before memory is taken. */
#include "network/pytorch.h"

#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "core/text.h"
#include "network/archive.h"
#include "network/pickle.h"

#define PICKLE_LIMIT ((size_t)1 << 22)
#define SAVE_HINT "write torch.save(model.state_dict(), ...) instead"

typedef struct storage {
    char *key; /* name of its entry in the archive */
    char *bytes;
    size_t length;
} storage;

typedef struct reader {
    const char *file;
    rs_archive *archive;
    size_t length; /* of the archive */
    char *root;    /* folder of data.pkl, with its slash */
    bool big_endian;
    storage *storages; /* [storage_count], those read so far */
    size_t storage_count, storage_capacity;
    size_t storage_bytes;
    rs_pickle pickle;
} reader;

/* ---- The archive ---- */

static bool ends_in(const char *text, const char *end) {
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* Says what an archive without data.pkl is. */
static rs_status other_archive(const reader *r) {
    const char *what = "a zip archive without data.pkl, not a PyTorch file";
    for (size_t i = 0; i < rs_archive_count(r->archive); i++) {
        const char *name = rs_archive_name(r->archive, i);
        if (ends_in(name, ".npy")) what = "a NumPy archive (.npz)";
        if (ends_in(name, ".weights.h5")) what = "a Keras archive (.keras)";
    }
    return rs_fail(RS_EINPUT, "%s: %s; for PyTorch " SAVE_HINT, r->file, what);
}

static rs_status find_root(reader *r) {
    for (size_t i = 0; i < rs_archive_count(r->archive); i++) {
        const char *name = rs_archive_name(r->archive, i), *slash = strchr(name, '/');
        if (!slash) continue;
        if (strcmp(slash, "/constants.pkl") == 0 || strncmp(slash, "/code/", 6) == 0)
            return rs_fail(RS_EINPUT, "%s: a TorchScript program; " SAVE_HINT, r->file);
        if (strcmp(slash, "/data.pkl") != 0) continue;
        if (r->root) return rs_fail(RS_EINPUT, "%s: more than one data.pkl in the archive", r->file);
        if (!(r->root = rs_strndup(name, (size_t)(slash - name) + 1))) return RS_EMEMORY;
    }
    return r->root ? RS_OK : other_archive(r);
}

static rs_status join(char **out, const reader *r, const char *middle, const char *text, size_t length) {
    rs_text name = {0};
    rs_text_add(&name, "%s%s", r->root, middle);
    rs_text_bytes(&name, text, length);
    return rs_text_take(out, &name);
}

/* The optional entry ROOT/byteorder of newer versions: "little" or "big". */
static rs_status read_byteorder(reader *r) {
    rs_status status = RS_OK;
    char *name = NULL, *text = NULL;
    size_t length = 0;
    RS_TRY(join(&name, r, "byteorder", "", 0));
    if (!rs_archive_has(r->archive, name)) goto cleanup;
    RS_TRY(rs_archive_read(&text, &length, r->archive, name, 64, true));
    r->big_endian = strcmp(text, "big") == 0;
    if (!r->big_endian && strcmp(text, "little") != 0)
        status = rs_fail(RS_EINPUT, "%s: entry %s is neither \"little\" nor \"big\"", r->file, name);
cleanup:
    free(name);
    free(text);
    return status;
}

/* ---- Storages ---- */

/* The storage of a key, read once. *out is valid until the next call. */
static rs_status find_storage(const storage **out, reader *r, const char *key, size_t key_length) {
    rs_status status = RS_OK;
    storage s = {0};
    RS_TRY(join(&s.key, r, "data/", key, key_length));
    for (size_t i = 0; i < r->storage_count; i++)
        if (strcmp(r->storages[i].key, s.key) == 0) {
            *out = &r->storages[i];
            goto cleanup;
        }
    RS_TRY(rs_reserve((void **)&r->storages, &r->storage_capacity, r->storage_count + 1, sizeof s));
    RS_TRY(rs_archive_read(&s.bytes, &s.length, r->archive, s.key, SIZE_MAX - 1, true));
    /* Entries that overlap in the archive could stand for more than it holds. */
    if (s.length > r->length - r->storage_bytes) {
        status = rs_fail(RS_EINPUT, "%s: the entries are larger than the archive", r->file);
        goto cleanup;
    }
    r->storage_bytes += s.length;
    r->storages[r->storage_count] = s;
    *out = &r->storages[r->storage_count++];
    s = (storage){0};
cleanup:
    free(s.key);
    free(s.bytes);
    return status;
}

/* ---- Tensors ---- */

typedef struct view {
    const rs_dtype *dtype;
    const rs_pickle_value *key;
    size_t numbers; /* in the storage */
    size_t offset, rank;
    size_t shape[RS_TENSOR_RANK], stride[RS_TENSOR_RANK];
} view;

static bool is_size(const rs_pickle_value *v) {
    return v->kind == RS_PICKLE_INTEGER && v->integer >= 0;
}

/* persistent id: ("storage", class, key, location, numbers). */
static bool parse_storage(view *out, const rs_pickle *p, const rs_pickle_value *v) {
    if (v->kind != RS_PICKLE_PERSISTENT) return false;
    const rs_pickle_value *id = rs_pickle_item(p, v, 0);
    if (id->kind != RS_PICKLE_TUPLE || id->count != 5) return false;
    const rs_pickle_value *tag = rs_pickle_item(p, id, 0), *class = rs_pickle_item(p, id, 1);
    const rs_pickle_value *key = rs_pickle_item(p, id, 2), *numbers = rs_pickle_item(p, id, 4);
    if (tag->kind != RS_PICKLE_TEXT || tag->length != 7 || memcmp(tag->text, "storage", 7) != 0) return false;
    if (class->kind != RS_PICKLE_STORAGE || key->kind != RS_PICKLE_TEXT || !is_size(numbers)) return false;
    if (memchr(key->text, 0, key->length)) return false;
    out->dtype = class->dtype;
    out->key = key;
    out->numbers = (size_t)numbers->integer;
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

/* _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata]), maybe within
 * _rebuild_parameter(tensor, requires_grad, hooks). */
static bool parse_tensor(view *out, const rs_pickle *p, const rs_pickle_value *v) {
    if (v->kind == RS_PICKLE_CALL && rs_pickle_item(p, v, 0)->kind == RS_PICKLE_REBUILD_PARAMETER) {
        const rs_pickle_value *arguments = rs_pickle_item(p, v, 1);
        if (!arguments->count) return false;
        v = rs_pickle_item(p, arguments, 0);
    }
    if (v->kind != RS_PICKLE_CALL || rs_pickle_item(p, v, 0)->kind != RS_PICKLE_REBUILD_TENSOR) return false;
    const rs_pickle_value *a = rs_pickle_item(p, v, 1);
    if (a->count != 6 && a->count != 7) return false;
    const rs_pickle_value *offset = rs_pickle_item(p, a, 1), *size = rs_pickle_item(p, a, 2),
                          *stride = rs_pickle_item(p, a, 3);
    if (!parse_storage(out, p, rs_pickle_item(p, a, 0)) || !is_size(offset)) return false;
    if (!parse_sizes(out->shape, p, size) || !parse_sizes(out->stride, p, stride) || size->count != stride->count)
        return false;
    out->offset = (size_t)offset->integer;
    out->rank = size->count;
    return true;
}

/* Whether every element lies in the storage, and there are no more elements than it has numbers. */
static bool view_fits(const view *v) {
    size_t count, last = v->offset;
    if (!rs_shape_count(&count, v->rank, v->shape) || count > v->numbers) return false;
    if (!count) return true;
    for (size_t i = 0; i < v->rank; i++) {
        size_t span;
        if (__builtin_mul_overflow(v->shape[i] - 1, v->stride[i], &span) || __builtin_add_overflow(last, span, &last))
            return false;
    }
    return last < v->numbers;
}

static void copy_view(float *out, const view *v, const unsigned char *bytes, size_t count, bool big_endian) {
    size_t index[RS_TENSOR_RANK] = {0}, at = v->offset;
    for (size_t n = 0; n < count; n++) {
        out[n] = rs_dtype_read(v->dtype, bytes + at * v->dtype->size, big_endian);
        for (size_t i = v->rank; i-- > 0;) {
            at += v->stride[i];
            if (++index[i] < v->shape[i]) break;
            at -= v->shape[i] * v->stride[i];
            index[i] = 0;
        }
    }
}

/* Tensors may share a storage, as tied weights do, but not so often that a small archive stands for a large network. */
static rs_status check_total(const rs_tensors *tensors, const reader *r, const view *v) {
    size_t count = 0;
    if (rs_shape_count(&count, v->rank, v->shape) && count <= r->length && tensors->values <= r->length - count)
        return RS_OK;
    return rs_fail(RS_EINPUT, "%s: the tensors have more values than the archive has bytes", r->file);
}

static rs_status read_tensor(rs_tensors *tensors, reader *r, const rs_pickle_value *key, const rs_pickle_value *value) {
    view v = {0};
    const storage *s = NULL;
    rs_tensor *tensor = NULL;
    rs_status status = RS_OK;
    if (key->kind != RS_PICKLE_TEXT)
        return rs_fail(RS_EINPUT, "%s: a key is %s, not a text", r->file, rs_pickle_kind_name(key->kind));
    int shown = (int)(key->length < 120 ? key->length : 120);
    if (value->kind != RS_PICKLE_CALL)
        return rs_fail(RS_EINPUT, "%s: \"%.*s\" is %s, not a tensor: if this is a checkpoint, " SAVE_HINT, r->file,
                       shown, key->text, rs_pickle_kind_name(value->kind));
    if (!parse_tensor(&v, &r->pickle, value))
        return rs_fail(RS_EINPUT, "%s: tensor \"%.*s\": malformed description (storage, offset, size or stride)",
                       r->file, shown, key->text);
    RS_TRY(find_storage(&s, r, v.key->text, v.key->length));
    if (v.numbers > s->length / v.dtype->size || !view_fits(&v)) {
        status = rs_fail(RS_EINPUT, "%s: tensor \"%.*s\" reaches beyond its storage of %zu bytes", r->file, shown,
                         key->text, s->length);
        goto cleanup;
    }
    RS_TRY(check_total(tensors, r, &v));
    RS_TRY(rs_tensors_add(&tensor, tensors, r->file, key->text, key->length, v.dtype, v.rank, v.shape));
    if (tensor->values) copy_view(tensor->values, &v, (const unsigned char *)s->bytes, tensor->count, r->big_endian);
cleanup:
    return status;
}

static rs_status read_tensors(rs_tensors *tensors, reader *r) {
    const rs_pickle_value *top = &r->pickle.values[r->pickle.top];
    if (top->kind != RS_PICKLE_DICT)
        return rs_fail(RS_EINPUT, "%s: the file holds %s, not a state_dict; " SAVE_HINT, r->file,
                       rs_pickle_kind_name(top->kind));
    for (size_t i = 0; i < top->count; i += 2) {
        rs_status status =
            read_tensor(tensors, r, rs_pickle_item(&r->pickle, top, i), rs_pickle_item(&r->pickle, top, i + 1));
        if (status != RS_OK) return status;
    }
    return RS_OK;
}

bool rs_pytorch_recognise(const char *bytes, size_t length) {
    return rs_starts(bytes, length, "PK\3\4") || rs_starts(bytes, length, "PK\5\6");
}

rs_status rs_pytorch_read(rs_reading *out, const char *file, const char *bytes, size_t length) {
    rs_status status = RS_OK;
    reader r = {.file = file, .length = length};
    rs_tensors read = {0};
    char *name = NULL, *program = NULL;
    size_t program_length = 0;
    RS_TRY(rs_archive_open(&r.archive, file, bytes, length));
    RS_TRY(find_root(&r));
    RS_TRY(read_byteorder(&r));
    RS_TRY(join(&name, &r, "data.pkl", "", 0));
    RS_TRY(rs_archive_read(&program, &program_length, r.archive, name, PICKLE_LIMIT, true));
    RS_TRY(rs_pickle_read(&r.pickle, file, name, program, program_length));
    RS_TRY(read_tensors(&read, &r));
    out->tensors = read;
    read = (rs_tensors){0};
cleanup:
    rs_tensors_free(&read);
    rs_pickle_free(&r.pickle);
    for (size_t i = 0; i < r.storage_count; i++) {
        free(r.storages[i].key);
        free(r.storages[i].bytes);
    }
    free(r.storages);
    free(r.root);
    free(name);
    free(program);
    rs_archive_free(r.archive);
    return status;
}
