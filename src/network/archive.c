/* libzip checks an entry's CRC only when it is read past its end, so every entry is. */
#include "network/archive.h"

#include <string.h>
#include <zip.h>

#include "core/alloc.h"
#include "core/status.h"

struct rs_archive {
    const char *file;
    zip_t *zip;
    size_t length; /* of the archive */
};

static rs_status failure(const char *file, const char *what, zip_error_t *error) {
    bool memory = zip_error_code_zip(error) == ZIP_ER_MEMORY;
    return rs_fail(memory ? RS_EMEMORY : RS_EINPUT, "%s: %s: %s", file, what, zip_error_strerror(error));
}

rs_status rs_archive_open(rs_archive **out, const char *file, const char *bytes, size_t length) {
    rs_status status = RS_OK;
    zip_error_t error;
    zip_source_t *source = NULL;
    zip_error_init(&error);
    rs_archive *archive = rs_alloc(1, sizeof *archive);
    RS_TRY_ALLOC(archive);
    archive->file = file;
    archive->length = length;
    source = zip_source_buffer_create(bytes, length, 0, &error);
    if (source) archive->zip = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (!archive->zip) {
        status = failure(file, "no readable zip archive", &error);
        if (source) zip_source_free(source);
        goto cleanup;
    }
    *out = archive;
    archive = NULL;
cleanup:
    rs_archive_free(archive);
    zip_error_fini(&error);
    return status;
}

void rs_archive_free(rs_archive *archive) {
    if (!archive) return;
    if (archive->zip) zip_discard(archive->zip);
    free(archive);
}

size_t rs_archive_count(const rs_archive *archive) {
    zip_int64_t entries = zip_get_num_entries(archive->zip, 0);
    return entries > 0 ? (size_t)entries : 0;
}

const char *rs_archive_name(const rs_archive *archive, size_t i) {
    const char *name = zip_get_name(archive->zip, i, ZIP_FL_ENC_RAW);
    return name ? name : "";
}

bool rs_archive_has(const rs_archive *archive, const char *name) {
    return zip_name_locate(archive->zip, name, ZIP_FL_ENC_RAW) >= 0;
}

rs_status rs_archive_read(char **out, size_t *length, const rs_archive *archive, const char *name, size_t limit,
                          bool stored) {
    rs_status status = RS_OK;
    zip_stat_t info;
    zip_file_t *entry = NULL;
    char *bytes = NULL;
    zip_stat_init(&info);
    if (zip_stat(archive->zip, name, ZIP_FL_ENC_RAW, &info) != 0) {
        status = rs_fail(RS_EINPUT, "%s: the archive has no entry %s", archive->file, name);
        goto cleanup;
    }
    bool compressed = info.comp_method != ZIP_CM_STORE || info.comp_size != info.size;
    if (stored && compressed) {
        status = rs_fail(RS_EINPUT, "%s: entry %s is compressed, which torch.save never does", archive->file, name);
        goto cleanup;
    }
    if (info.size > limit || (!compressed && info.size > archive->length)) {
        status = rs_fail(RS_EINPUT, "%s: entry %s claims %llu bytes, more than there can be", archive->file, name,
                         (unsigned long long)info.size);
        goto cleanup;
    }
    RS_TRY_ALLOC(bytes = rs_alloc((size_t)info.size + 1, 1));
    entry = zip_fopen_index(archive->zip, info.index, 0);
    if (!entry) {
        status = failure(archive->file, name, zip_get_error(archive->zip));
        goto cleanup;
    }
    zip_int64_t got = zip_fread(entry, bytes, info.size);
    if (got >= 0 && (zip_uint64_t)got == info.size && zip_fread(entry, bytes + got, 1) < 0) got = -1;
    if (got < 0 || (zip_uint64_t)got != info.size) {
        status = got < 0 ? failure(archive->file, name, zip_file_get_error(entry))
                         : rs_fail(RS_EINPUT, "%s: entry %s is truncated", archive->file, name);
        goto cleanup;
    }
    bytes[info.size] = 0;
    *out = bytes;
    *length = (size_t)info.size;
    bytes = NULL;
cleanup:
    if (entry) zip_fclose(entry);
    free(bytes);
    return status;
}
