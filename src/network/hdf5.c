#include "network/hdf5.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/status.h"
#include "network/hdf5_child.h"

#define STREAM_LIMIT (RS_TENSORS_VALUES * sizeof(float) + ((size_t)1 << 26)) /* bytes */
#define PATIENCE 60000                                                       /* milliseconds without a byte */

/* ---- The stream ---- */

typedef struct stream {
    const char *file, *at, *end;
} stream;

static rs_status broken(const char *file) {
    return rs_fail(RS_EINPUT, "%s: the HDF5 library could not read it: the file is damaged", file);
}

static bool get(void *out, stream *s, size_t length) {
    if ((size_t)(s->end - s->at) < length) return false;
    if (length) memcpy(out, s->at, length);
    s->at += length;
    return true;
}

static bool get_text(const char **out, size_t *length, stream *s) {
    if (!get(length, s, sizeof *length) || (size_t)(s->end - s->at) < *length) return false;
    *out = s->at;
    s->at += *length;
    return true;
}

static rs_status decode_dataset(rs_hdf5 *h, stream *s) {
    const char *name;
    size_t length, rank, shape[RS_TENSOR_RANK], count;
    unsigned char code;
    rs_tensor *tensor = NULL;
    if (!get_text(&name, &length, s) || !get(&code, s, 1) || code >= RS_HDF5_TYPES || !get(&rank, s, sizeof rank) ||
        rank > RS_TENSOR_RANK || !get(shape, s, rank * sizeof *shape) || !rs_shape_count(&count, rank, shape))
        return broken(s->file);
    const rs_dtype *dtype = rs_dtype_pytorch(rs_hdf5_types[code]);
    if (dtype->value && count > (size_t)(s->end - s->at) / sizeof(float)) return broken(s->file);
    rs_status status = rs_tensors_add(&tensor, &h->datasets, s->file, name, length, dtype, rank, shape);
    if (status != RS_OK || !tensor->values) return status;
    return get(tensor->values, s, count * sizeof *tensor->values) ? RS_OK : broken(s->file);
}

static rs_status decode_attribute(rs_hdf5 *h, stream *s) {
    rs_status status = RS_OK;
    const char *object, *name, *text;
    size_t object_length, name_length, length, count;
    if (!get_text(&object, &object_length, s) || !get_text(&name, &name_length, s) || !get(&count, s, sizeof count))
        return broken(s->file);
    RS_TRY(rs_reserve((void **)&h->attributes, &h->attribute_capacity, h->attribute_count + 1, sizeof *h->attributes));
    rs_hdf5_attribute *a = &h->attributes[h->attribute_count++];
    *a = (rs_hdf5_attribute){0};
    RS_TRY_ALLOC(a->object = rs_strndup(object, object_length));
    RS_TRY_ALLOC(a->name = rs_strndup(name, name_length));
    for (size_t i = 0; i < count; i++) {
        if (!get_text(&text, &length, s)) return broken(s->file);
        RS_TRY(rs_reserve((void **)&a->texts, &a->capacity, a->count + 1, sizeof *a->texts));
        RS_TRY_ALLOC(a->texts[a->count] = rs_strndup(text, length));
        a->count++;
    }
cleanup:
    return status;
}

static rs_status decode_refusal(stream *s) {
    const char *message;
    size_t length;
    if (!get_text(&message, &length, s)) return broken(s->file);
    return rs_fail(RS_EINPUT, "%s: %.*s", s->file, (int)(length < 1400 ? length : 1400), message);
}

rs_status rs_hdf5_decode(rs_hdf5 *out, const char *file, const char *bytes, size_t length) {
    rs_status status = RS_OK;
    stream s = {file, bytes, bytes + length};
    rs_hdf5 h = {0};
    for (char kind = 0; kind != 'E';) {
        if (!get(&kind, &s, 1)) status = broken(file);
        else if (kind == 'D') status = decode_dataset(&h, &s);
        else if (kind == 'A') status = decode_attribute(&h, &s);
        else if (kind == 'F') status = decode_refusal(&s);
        else if (kind == 'M') status = rs_fail(RS_EMEMORY, "%s: out of memory", file);
        else if (kind != 'E' || s.at != s.end) status = broken(file);
        if (status != RS_OK) goto cleanup;
    }
    *out = h;
    h = (rs_hdf5){0};
cleanup:
    rs_hdf5_free(&h);
    return status;
}

/* ---- The parent ---- */

/* Whether a byte or the end of the stream came in time. */
static bool wait_for(int descriptor) {
    struct pollfd poll_one = {.fd = descriptor, .events = POLLIN};
    int n;
    do n = poll(&poll_one, 1, PATIENCE);
    while (n < 0 && errno == EINTR);
    return n > 0;
}

/* All that the child writes; a child that goes on too long is cut off. */
static rs_status receive(char **bytes, size_t *length, int descriptor) {
    size_t capacity = 0;
    *length = 0;
    while (wait_for(descriptor)) {
        rs_status status = rs_reserve((void **)bytes, &capacity, *length + ((size_t)1 << 16), 1);
        if (status != RS_OK) return status;
        ssize_t n = read(descriptor, *bytes + *length, capacity - *length);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        *length += (size_t)n;
        if (*length > STREAM_LIMIT) break;
    }
    return RS_OK;
}

rs_status rs_hdf5_read(rs_hdf5 *out, const char *file, const char *bytes, size_t length) {
    rs_status status = RS_OK;
    char *received = NULL;
    size_t received_length = 0;
    int ends[2];
    if (pipe(ends) != 0) return rs_fail(RS_EMEMORY, "%s: no pipe: %s", file, strerror(errno));
    pid_t child = fork();
    if (child < 0) {
        close(ends[0]);
        close(ends[1]);
        return rs_fail(RS_EMEMORY, "%s: no process to read it in: %s", file, strerror(errno));
    }
    if (child == 0) { /* with _exit nothing of the parent is flushed, freed or checked */
        close(ends[0]);
        rs_alloc_fail_at(0);
        rs_hdf5_child(ends[1], bytes, length);
        _exit(0);
    }
    close(ends[1]);
    RS_TRY(receive(&received, &received_length, ends[0]));
cleanup:
    close(ends[0]);
    kill(child, SIGKILL); /* it has ended, or is to */
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) continue;
    if (status == RS_OK) status = rs_hdf5_decode(out, file, received, received_length);
    free(received);
    return status;
}

const rs_hdf5_attribute *rs_hdf5_find(const rs_hdf5 *h, const char *object, const char *name) {
    for (size_t i = 0; i < h->attribute_count; i++)
        if (strcmp(h->attributes[i].object, object) == 0 && strcmp(h->attributes[i].name, name) == 0)
            return &h->attributes[i];
    return NULL;
}

void rs_hdf5_free(rs_hdf5 *h) {
    rs_tensors_free(&h->datasets);
    for (size_t i = 0; i < h->attribute_count; i++) {
        rs_hdf5_attribute *a = &h->attributes[i];
        for (size_t k = 0; k < a->count; k++) free(a->texts[k]);
        free(a->texts);
        free(a->object);
        free(a->name);
    }
    free(h->attributes);
    *h = (rs_hdf5){0};
}
