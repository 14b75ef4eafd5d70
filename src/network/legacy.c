/* Five pickles one after another - a magic number, the version 1001, the machine, the object, the keys of its storages
 * - and then the storages in the order of the keys: their number of values in 8 bytes, and the values. Everything is
 * little-endian, whatever the machine was. The size of a value is said by the persistent ids in the object, so that
 * these are gathered first. */
#include "network/legacy.h"

#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "network/torch_module.h"

#define PICKLE_LIMIT ((size_t)1 << 24) /* with the source code of a whole module's classes */
#define MAGIC "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19" /* a pickle of an integer of 10 bytes */
#define VERSION 1001

typedef struct storage {
    rs_torch_storage id;
    const char *bytes; /* in the file; NULL: not there yet */
    size_t length;
} storage;

typedef struct reader {
    const char *file, *bytes;
    size_t length, at;
    rs_pickle object, keys;
    storage *storages; /* [storage_count], by key */
    size_t storage_count, storage_capacity;
} reader;

bool rs_legacy_recognise(const char *bytes, size_t length) {
    return rs_starts(bytes, length, MAGIC);
}

/* The next pickle; positions in messages count from its first byte. */
static rs_status next_pickle(rs_pickle *out, reader *r, const char *part) {
    size_t left = r->length - r->at;
    rs_status status = rs_pickle_read(out, r->file, part, r->bytes + r->at, left < PICKLE_LIMIT ? left : PICKLE_LIMIT);
    if (status == RS_OK) r->at += out->length;
    return status;
}

static rs_status read_head(reader *r) {
    rs_status status = RS_OK;
    rs_pickle version = {0}, machine = {0};
    r->at = strlen(MAGIC) + 1; /* with the opcode that ends its pickle */
    if (r->length < r->at) return rs_fail(RS_EINPUT, "%s: truncated after its magic number", r->file);
    RS_TRY(next_pickle(&version, r, "protocol version"));
    const rs_pickle_value *number = &version.values[version.top];
    if (number->kind != RS_PICKLE_INTEGER || number->integer != VERSION) {
        status = rs_fail(RS_EINPUT, "%s: a PyTorch file of an unknown version: 1001 is read", r->file);
        goto cleanup;
    }
    RS_TRY(next_pickle(&machine, r, "system information"));
    RS_TRY(next_pickle(&r->object, r, "object"));
    RS_TRY(next_pickle(&r->keys, r, "storage keys"));
cleanup:
    rs_pickle_free(&version);
    rs_pickle_free(&machine);
    return status;
}

/* ---- Storages ---- */

static int compare_keys(const rs_pickle_value *a, const rs_pickle_value *b) {
    int order = memcmp(a->text, b->text, a->length < b->length ? a->length : b->length);
    return order ? order : (a->length > b->length) - (a->length < b->length);
}

static int by_key(const void *a, const void *b) {
    const storage *x = a, *y = b;
    return compare_keys(x->id.key, y->id.key);
}

static storage *find(const reader *r, const rs_pickle_value *key) {
    const storage wanted = {.id.key = key};
    return r->storage_count ? bsearch(&wanted, r->storages, r->storage_count, sizeof wanted, by_key) : NULL;
}

/* Every storage that the object names, once. Malformed ids are left to the tensors that use them. */
static rs_status gather(reader *r) {
    rs_status status = RS_OK;
    size_t kept = 0;
    for (size_t i = 0; i < r->object.count; i++) {
        storage s = {0};
        RS_TRY(rs_torch_check_storage(r->file, "a tensor", &r->object, &r->object.values[i]));
        if (!rs_torch_parse_storage(&s.id, &r->object, &r->object.values[i])) continue;
        RS_TRY(rs_reserve((void **)&r->storages, &r->storage_capacity, r->storage_count + 1, sizeof s));
        r->storages[r->storage_count++] = s;
    }
    if (r->storage_count) qsort(r->storages, r->storage_count, sizeof *r->storages, by_key);
    for (size_t i = 0; i < r->storage_count; i++) {
        storage *last = kept ? &r->storages[kept - 1] : NULL;
        if (!last || by_key(last, &r->storages[i]) != 0) r->storages[kept++] = r->storages[i];
        else if (last->id.dtype->size != r->storages[i].id.dtype->size) {
            const rs_pickle_value *key = last->id.key;
            status = rs_fail(RS_EINPUT, "%s: storage \"%.*s\" is of two types", r->file,
                             (int)(key->length < 60 ? key->length : 60), key->text);
            goto cleanup;
        }
    }
    r->storage_count = kept;
cleanup:
    return status;
}

static rs_status place(reader *r, const rs_pickle_value *key) {
    if (key->kind != RS_PICKLE_TEXT) return rs_fail(RS_EINPUT, "%s: a storage key is no text", r->file);
    storage *s = find(r, key);
    int shown = (int)(key->length < 60 ? key->length : 60);
    if (!s || s->bytes)
        return rs_fail(RS_EINPUT, "%s: storage key \"%.*s\" %s", r->file, shown, key->text,
                       s ? "appears twice" : "is of no storage");
    uint64_t numbers = 0;
    if (r->length - r->at < 8)
        return rs_fail(RS_EINPUT, "%s: truncated before storage \"%.*s\"", r->file, shown, key->text);
    for (size_t i = 0; i < 8; i++) numbers |= (uint64_t)(unsigned char)r->bytes[r->at + i] << 8 * i;
    r->at += 8;
    if (numbers > (r->length - r->at) / s->id.dtype->size)
        return rs_fail(RS_EINPUT, "%s: truncated: storage \"%.*s\" claims %llu values", r->file, shown, key->text,
                       (unsigned long long)numbers);
    s->bytes = r->bytes + r->at;
    s->length = (size_t)numbers * s->id.dtype->size;
    r->at += s->length;
    return RS_OK;
}

static rs_status place_all(reader *r) {
    const rs_pickle_value *keys = &r->keys.values[r->keys.top];
    if (keys->kind != RS_PICKLE_LIST) return rs_fail(RS_EINPUT, "%s: its storage keys are no list", r->file);
    for (size_t i = 0; i < keys->count; i++) {
        rs_status status = place(r, rs_pickle_item(&r->keys, keys, i));
        if (status != RS_OK) return status;
    }
    if (r->at != r->length)
        return rs_fail(RS_EINPUT, "%s: %zu bytes after the last storage", r->file, r->length - r->at);
    return RS_OK;
}

static rs_status find_storage(const char **bytes, size_t *length, void *user, const rs_pickle_value *key) {
    const reader *r = user;
    const storage *s = find(r, key);
    if (!s || !s->bytes)
        return rs_fail(RS_EINPUT, "%s: there is no storage \"%.*s\"", r->file,
                       (int)(key->length < 60 ? key->length : 60), key->text);
    *bytes = s->bytes;
    *length = s->length;
    return RS_OK;
}

rs_status rs_legacy_read(rs_reading *out, const char *file, const char *bytes, size_t length) {
    rs_status status = RS_OK;
    reader r = {.file = file, .bytes = bytes, .length = length};
    rs_reading read = {0};
    RS_TRY(read_head(&r));
    RS_TRY(gather(&r));
    RS_TRY(place_all(&r));
    rs_torch_source source = {
        .file = file, .length = length, .pickle = &r.object, .storage = find_storage, .user = &r};
    RS_TRY(rs_torch_module(&read, &source));
    *out = read;
    read = (rs_reading){0};
cleanup:
    rs_reading_free(&read);
    rs_pickle_free(&r.object);
    rs_pickle_free(&r.keys);
    free(r.storages);
    return status;
}
