/* A zip archive with the entries ROOT/data.pkl and, for each storage, ROOT/data/KEY. They are stored, not compressed,
 * so that an honest storage is never larger than the archive. Of a TorchScript program ROOT/code is never looked at. */
#include "network/pytorch.h"

#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "core/text.h"
#include "network/archive.h"
#include "network/torch_module.h"

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
} reader;

/* ---- The archive ---- */

static rs_status find_root(reader *r) {
    for (size_t i = 0; i < rs_archive_count(r->archive); i++) {
        const char *name = rs_archive_name(r->archive, i), *slash = strchr(name, '/');
        if (!slash) continue;
        if (strcmp(slash, "/data.pkl") != 0) continue;
        if (r->root) return rs_fail(RS_EINPUT, "%s: more than one data.pkl in the archive", r->file);
        if (!(r->root = rs_strndup(name, (size_t)(slash - name) + 1))) return RS_EMEMORY;
    }
    if (r->root) return RS_OK;
    return rs_fail(RS_EINPUT, "%s: a zip archive without data.pkl, not a PyTorch file; for PyTorch " SAVE_HINT,
                   r->file);
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

/* The storage of a key, read once. */
static rs_status find_storage(const char **bytes, size_t *length, void *user, const rs_pickle_value *key) {
    rs_status status = RS_OK;
    reader *r = user;
    storage s = {0};
    RS_TRY(join(&s.key, r, "data/", key->text, key->length));
    for (size_t i = 0; i < r->storage_count; i++)
        if (strcmp(r->storages[i].key, s.key) == 0) {
            *bytes = r->storages[i].bytes;
            *length = r->storages[i].length;
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
    r->storages[r->storage_count++] = s;
    *bytes = s.bytes;
    *length = s.length;
    s = (storage){0};
cleanup:
    free(s.key);
    free(s.bytes);
    return status;
}

bool rs_pytorch_recognise(const char *bytes, size_t length) {
    return rs_starts(bytes, length, "PK\3\4") || rs_starts(bytes, length, "PK\5\6");
}

/* Tensors that a program's code holds have no names, so that they cannot be read. */
static rs_status note_constants(rs_reading *out, const reader *r) {
    rs_status status = RS_OK;
    char *name = NULL, *program = NULL;
    size_t length = 0;
    rs_pickle pickle = {0};
    RS_TRY(join(&name, r, "constants.pkl", "", 0));
    if (!rs_archive_has(r->archive, name)) goto cleanup;
    RS_TRY(rs_archive_read(&program, &length, r->archive, name, PICKLE_LIMIT, false));
    RS_TRY(rs_pickle_read(&pickle, r->file, name, program, length));
    if (pickle.values[pickle.top].count)
        RS_TRY(rs_reading_note(out, "constants in the code of this TorchScript program are not read"));
cleanup:
    rs_pickle_free(&pickle);
    free(name);
    free(program);
    return status;
}

rs_status rs_pytorch_read(rs_reading *out, const char *file, const char *bytes, size_t length) {
    rs_status status = RS_OK;
    reader r = {.file = file, .length = length};
    rs_reading read = {0};
    rs_pickle pickle = {0};
    char *name = NULL, *program = NULL;
    size_t program_length = 0;
    RS_TRY(rs_archive_open(&r.archive, file, bytes, length));
    RS_TRY(find_root(&r));
    RS_TRY(read_byteorder(&r));
    RS_TRY(join(&name, &r, "data.pkl", "", 0));
    RS_TRY(rs_archive_read(&program, &program_length, r.archive, name, PICKLE_LIMIT, true));
    RS_TRY(rs_pickle_read(&pickle, file, name, program, program_length));
    rs_torch_source source = {.file = file,
                              .length = length,
                              .big_endian = r.big_endian,
                              .pickle = &pickle,
                              .storage = find_storage,
                              .user = &r};
    RS_TRY(rs_torch_module(&read, &source));
    RS_TRY(note_constants(&read, &r));
    *out = read;
    read = (rs_reading){0};
cleanup:
    rs_reading_free(&read);
    rs_pickle_free(&pickle);
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
