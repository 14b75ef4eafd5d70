/* Deflate makes at most 1032 bytes of one, so a small archive never asks for much memory; entries may overlap in an
 * archive, so what all of them make is bounded as well. */
#include "network/npz.h"

#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "network/archive.h"
#include "network/npy.h"

#define TOTAL_LIMIT (8 * RS_TENSORS_VALUES + ((size_t)1 << 20)) /* bytes of all arrays, unpacked */
#define DEFLATE_RATIO 1032

static bool is_array(const char *name, size_t length) {
    return length > 4 && memcmp(name + length - 4, ".npy", 4) == 0;
}

/* A zip archive begins with the header of its first entry: 26 bytes, the lengths of name and extra field, the name. */
bool rs_npz_recognise(const char *bytes, size_t length) {
    if (!rs_starts(bytes, length, "PK\3\4") || length < 30) return false;
    size_t name = (size_t)(unsigned char)bytes[26] | (size_t)(unsigned char)bytes[27] << 8;
    return name <= length - 30 && is_array(bytes + 30, name);
}

static rs_status read_entry(rs_tensors *tensors, size_t *left, const rs_archive *archive, const char *file,
                            const char *name) {
    rs_status status = RS_OK;
    char *bytes = NULL;
    size_t length = 0, name_length = strlen(name);
    if (!is_array(name, name_length)) return rs_fail(RS_EINPUT, "%s: entry \"%.120s\" is no array (.npy)", file, name);
    RS_TRY(rs_archive_read(&bytes, &length, archive, name, *left, false));
    *left -= length;
    RS_TRY(rs_npy_add(tensors, file, name, name_length - 4, bytes, length));
cleanup:
    free(bytes);
    return status;
}

rs_status rs_npz_read(rs_reading *out, const char *file, const char *bytes, size_t length) {
    rs_status status = RS_OK;
    rs_archive *archive = NULL;
    rs_tensors tensors = {0};
    size_t left = length < TOTAL_LIMIT / DEFLATE_RATIO ? length * DEFLATE_RATIO : TOTAL_LIMIT;
    RS_TRY(rs_archive_open(&archive, file, bytes, length));
    for (size_t i = 0; i < rs_archive_count(archive); i++)
        RS_TRY(read_entry(&tensors, &left, archive, file, rs_archive_name(archive, i)));
    out->tensors = tensors;
    tensors = (rs_tensors){0};
cleanup:
    rs_tensors_free(&tensors);
    rs_archive_free(archive);
    return status;
}
