/* The header is Python source, which numpy evaluates as a literal. Here exactly the dictionaries that numpy writes are
 * parsed: the keys descr, fortran_order and shape, each once, in any order. */
#include "network/npy.h"

#include <stdio.h>
#include <string.h>

#include "core/status.h"

typedef struct reader {
    const char *file, *name; /* name [name_length] */
    size_t name_length;
    const char *at, *end; /* what is left of the header */
    const rs_dtype *dtype;
    bool big_endian, fortran, has_fortran, has_shape;
    size_t rank, shape[RS_TENSOR_RANK];
} reader;

static rs_status fail(const reader *r, const char *reason) {
    int shown = (int)(r->name_length < 120 ? r->name_length : 120);
    return rs_fail(RS_EINPUT, "%s: array \"%.*s\": %s", r->file, shown, r->name, reason);
}

/* ---- Types ---- */

static const rs_dtype unsigned_dtypes[] = {
    {"uint16", "", "", 2, NULL},
    {"uint32", "", "", 4, NULL},
    {"uint64", "", "", 8, NULL},
};

/* Codes of numpy's array interface: kind and bytes. */
static const rs_dtype *find_dtype(const char *code, size_t length) {
    static const struct {
        char code[3], pytorch[16];
    } known[] = {
        {"f2", "HalfStorage"}, {"f4", "FloatStorage"}, {"f8", "DoubleStorage"},
        {"i1", "CharStorage"}, {"i2", "ShortStorage"}, {"i4", "IntStorage"},
        {"i8", "LongStorage"}, {"u1", "ByteStorage"},  {"b1", "BoolStorage"},
    };
    if (length != 2) return NULL;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (memcmp(code, known[i].code, 2) == 0) return rs_dtype_pytorch(known[i].pytorch);
    for (size_t i = 0; i < sizeof unsigned_dtypes / sizeof *unsigned_dtypes; i++)
        if (code[0] == 'u' && (size_t)(code[1] - '0') == unsigned_dtypes[i].size) return &unsigned_dtypes[i];
    return NULL;
}

static rs_status fail_dtype(const reader *r, const char *descr, size_t length) {
    char reason[128];
    char kind = length > 1 ? descr[1] : 0;
    const char *what = kind == 'O'                  ? " (Python objects, which only unpickling could read)"
                       : kind == 'c'                ? " (complex numbers)"
                       : kind == 'U' || kind == 'S' ? " (texts)"
                                                    : "";
    snprintf(reason, sizeof reason, "its type %.*s%s is not read: f2, f4 and f8 are", (int)(length < 20 ? length : 20),
             descr, what);
    return fail(r, reason);
}

/* ---- The dictionary ---- */

static void skip_blanks(reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n')) r->at++;
}

static bool accept(reader *r, char c) {
    skip_blanks(r);
    if (r->at == r->end || *r->at != c) return false;
    r->at++;
    return true;
}

static bool accept_word(reader *r, const char *word) {
    size_t length = strlen(word);
    skip_blanks(r);
    if ((size_t)(r->end - r->at) < length || memcmp(r->at, word, length) != 0) return false;
    r->at += length;
    return true;
}

/* A text in single or double quotes, without escapes. */
static bool read_text(const char **out, size_t *length, reader *r) {
    skip_blanks(r);
    if (r->at == r->end || (*r->at != '\'' && *r->at != '"')) return false;
    const char *close = memchr(r->at + 1, *r->at, (size_t)(r->end - r->at - 1));
    if (!close) return false;
    *out = r->at + 1;
    *length = (size_t)(close - *out);
    r->at = close + 1;
    return !memchr(*out, '\\', *length);
}

static rs_status read_descr(reader *r) {
    const char *descr;
    size_t length;
    skip_blanks(r);
    if (r->at < r->end && *r->at == '[') return fail(r, "it has fields, which are not read: f2, f4 and f8 are");
    if (!read_text(&descr, &length, r)) return fail(r, "the descr of its header is no text");
    if (length && memchr("<>|", descr[0], 3)) r->dtype = find_dtype(descr + 1, length - 1);
    if (!r->dtype) return fail_dtype(r, descr, length);
    r->big_endian = descr[0] == '>';
    return RS_OK;
}

static rs_status read_fortran(reader *r) {
    r->has_fortran = true;
    r->fortran = accept_word(r, "True");
    return r->fortran || accept_word(r, "False") ? RS_OK : fail(r, "fortran_order is neither True nor False");
}

/* A tuple of sizes: (), (3,), (3, 4). Python 2 wrote 3L. */
static rs_status read_shape(reader *r) {
    static const char malformed[] = "its shape is no tuple of at most 8 sizes";
    if (!accept(r, '(')) return fail(r, malformed);
    bool comma = true;
    while (!accept(r, ')')) {
        size_t size = 0, digits = 0;
        for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++, digits++)
            if (__builtin_mul_overflow(size, (size_t)10, &size) ||
                __builtin_add_overflow(size, (size_t)(*r->at - '0'), &size))
                return fail(r, malformed);
        if (!digits || !comma || r->rank == RS_TENSOR_RANK) return fail(r, malformed);
        r->shape[r->rank++] = size;
        if (r->at < r->end && *r->at == 'L') r->at++;
        comma = accept(r, ',');
    }
    if (r->rank == 1 && !comma) return fail(r, malformed); /* (3) is an integer */
    r->has_shape = true;
    return RS_OK;
}

static rs_status read_member(reader *r) {
    const char *key;
    size_t length;
    if (!read_text(&key, &length, r) || !accept(r, ':')) return fail(r, "its header is no dictionary of texts");
    if (length == 5 && memcmp(key, "descr", 5) == 0 && !r->dtype) return read_descr(r);
    if (length == 13 && memcmp(key, "fortran_order", 13) == 0 && !r->has_fortran) return read_fortran(r);
    if (length == 5 && memcmp(key, "shape", 5) == 0 && !r->has_shape) return read_shape(r);
    return fail(r, "its header has a member that is unknown or appears twice");
}

static rs_status read_header(reader *r) {
    if (!accept(r, '{')) return fail(r, "its header is no dictionary");
    bool comma = true;
    while (!accept(r, '}')) {
        if (!comma) return fail(r, "its header is no dictionary");
        rs_status status = read_member(r);
        if (status != RS_OK) return status;
        comma = accept(r, ',');
    }
    skip_blanks(r);
    if (r->at != r->end) return fail(r, "its header goes on after the dictionary");
    if (!r->dtype || !r->has_fortran || !r->has_shape)
        return fail(r, "its header does not say descr, fortran_order and shape");
    return RS_OK;
}

/* ---- The numbers ---- */

/* The file has the first index running fastest; number n of the file goes to place `to`. */
static void copy_fortran(const reader *r, rs_tensor *tensor, const unsigned char *bytes) {
    size_t stride[RS_TENSOR_RANK], index[RS_TENSOR_RANK] = {0}, step = 1, to = 0;
    for (size_t i = tensor->rank; i-- > 0; step *= tensor->shape[i]) stride[i] = step;
    for (size_t n = 0; n < tensor->count; n++) {
        tensor->values[to] = rs_dtype_read(r->dtype, bytes + n * r->dtype->size, r->big_endian);
        for (size_t i = 0; i < tensor->rank; i++) {
            to += stride[i];
            if (++index[i] < tensor->shape[i]) break;
            to -= tensor->shape[i] * stride[i];
            index[i] = 0;
        }
    }
}

static rs_status read_numbers(rs_tensors *tensors, const reader *r, const char *bytes, size_t length) {
    rs_tensor *tensor = NULL;
    size_t count, size;
    if (!rs_shape_count(&count, r->rank, r->shape) || __builtin_mul_overflow(count, r->dtype->size, &size) ||
        size > length)
        return fail(r, "it is truncated: the shape needs more bytes than follow");
    if (size < length) return fail(r, "there are bytes after its last number");
    rs_status status = rs_tensors_add(&tensor, tensors, r->file, r->name, r->name_length, r->dtype, r->rank, r->shape);
    if (status != RS_OK || !tensor->values) return status;
    const unsigned char *from = (const unsigned char *)bytes;
    if (r->fortran) copy_fortran(r, tensor, from);
    else
        for (size_t i = 0; i < count; i++)
            tensor->values[i] = rs_dtype_read(r->dtype, from + i * r->dtype->size, r->big_endian);
    return RS_OK;
}

rs_status rs_npy_add(rs_tensors *tensors, const char *file, const char *name, size_t name_length, const char *bytes,
                     size_t length) {
    reader r = {.file = file, .name = name, .name_length = name_length};
    const unsigned char *b = (const unsigned char *)bytes;
    if (length < 10 || memcmp(bytes, "\x93NUMPY", 6) != 0) return fail(&r, "no array in NumPy's format .npy");
    if (b[6] < 1 || b[6] > 3 || b[7] != 0) return fail(&r, "an unknown version of .npy: 1.0, 2.0 and 3.0 are read");
    size_t prefix = b[6] == 1 ? 10 : 12, header = (size_t)b[8] | (size_t)b[9] << 8;
    if (b[6] > 1 && length >= prefix) header |= (size_t)b[10] << 16 | (size_t)b[11] << 24;
    if (length < prefix || header > length - prefix) return fail(&r, "its header is truncated");
    r.at = bytes + prefix;
    r.end = r.at + header;
    rs_status status = read_header(&r);
    return status == RS_OK ? read_numbers(tensors, &r, r.end, length - prefix - header) : status;
}
