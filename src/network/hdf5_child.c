#include "network/hdf5_child.h"

#include <fcntl.h>
#include <hdf5.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/alloc.h"
#include "network/tensors.h"

#define DEPTH 32                               /* groups within groups, at most */
#define OBJECTS 16384                          /* objects, at most: hard links can make circles */
#define TEXTS 65536                            /* of an attribute, at most */
#define TEXT_BYTES ((size_t)1 << 24)           /* of an attribute, at most */
#define DEFLATE_RATIO 1032                     /* bytes that one byte can stand for */
#define MEMORY ((rlim_t)1 << 30)               /* bytes besides those of the file, at most */
#define SECONDS(length) (2 + ((length) >> 24)) /* of processor time, at most */

const char *const rs_hdf5_types[RS_HDF5_TYPES] = {"FloatStorage", "DoubleStorage", "HalfStorage", "LongStorage"};

typedef struct child {
    int descriptor;
    size_t objects, values, value_limit;
    size_t depth;
    char path[1024];
} child;

/* ---- Writing; the child ends when nobody reads ---- */

static void put(const child *c, const void *bytes, size_t length) {
    for (const char *at = bytes; length;) {
        ssize_t n = write(c->descriptor, at, length);
        if (n <= 0) _exit(1);
        at += n;
        length -= (size_t)n;
    }
}

static void put_size(const child *c, size_t size) {
    put(c, &size, sizeof size);
}

static void put_text(const child *c, const char *text, size_t length) {
    put_size(c, length);
    put(c, text, length);
}

_Noreturn static void refuse(const child *c, const char *reason) {
    char message[512];
    int length = c->path[0] ? snprintf(message, sizeof message, "\"%.200s\": %s", c->path, reason)
                            : snprintf(message, sizeof message, "%s", reason);
    put(c, "F", 1);
    put_text(c, message, (size_t)length);
    _exit(1);
}

static void *take(const child *c, size_t count, size_t size) {
    void *block = rs_alloc(count, size);
    if (!block) {
        put(c, "M", 1);
        _exit(1);
    }
    return block;
}

/* What libhdf5 returns: negative when it failed. */
static hid_t good(const child *c, hid_t id) {
    if (id < 0) refuse(c, "libhdf5 cannot read it");
    return id;
}

/* ---- Attributes ---- */

static void put_fixed_texts(const child *c, hid_t attribute, hid_t type, size_t count) {
    size_t size = H5Tget_size(type);
    if (!size || size > TEXT_BYTES / count) refuse(c, "an attribute is too large");
    char *texts = take(c, count, size);
    good(c, H5Aread(attribute, type, texts));
    for (size_t i = 0; i < count; i++) put_text(c, texts + i * size, strnlen(texts + i * size, size));
    free(texts);
}

static void put_variable_texts(const child *c, hid_t attribute, hid_t type, size_t count) {
    char **texts = take(c, count, sizeof *texts);
    good(c, H5Aread(attribute, type, texts)); /* what it takes is freed with the process */
    for (size_t i = 0; i < count; i++) {
        size_t length = texts[i] ? strlen(texts[i]) : 0;
        if (length > TEXT_BYTES) refuse(c, "an attribute is too large");
        put_text(c, texts[i] ? texts[i] : "", length);
    }
    free(texts);
}

static herr_t visit_attribute(hid_t object, const char *name, const H5A_info_t *info, void *user) {
    const child *c = user;
    (void)info;
    hid_t attribute = good(c, H5Aopen(object, name, H5P_DEFAULT));
    hid_t type = good(c, H5Aget_type(attribute)), space = good(c, H5Aget_space(attribute));
    hssize_t count = H5Sget_simple_extent_npoints(space);
    if (H5Tget_class(type) == H5T_STRING && count > 0) {
        if (count > TEXTS) refuse(c, "an attribute has too many texts");
        put(c, "A", 1);
        put_text(c, c->path, strlen(c->path));
        put_text(c, name, strlen(name));
        put_size(c, (size_t)count);
        if (H5Tis_variable_str(type) > 0) put_variable_texts(c, attribute, type, (size_t)count);
        else put_fixed_texts(c, attribute, type, (size_t)count);
    }
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return 0;
}

static void visit_attributes(child *c, hid_t object) {
    hsize_t at = 0;
    good(c, H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &at, visit_attribute, c));
}

/* ---- Datasets ---- */

/* Data in other files is never read, and data that was never written is not taken for zeros. */
static void check_storage(const child *c, hid_t dataset, size_t count) {
    H5D_space_status_t stored;
    hid_t list = good(c, H5Dget_create_plist(dataset));
    H5D_layout_t layout = H5Pget_layout(list);
    if (layout < 0) refuse(c, "libhdf5 cannot read it");
    if (layout == H5D_VIRTUAL) refuse(c, "a virtual dataset, whose data is in other files");
    if (layout == H5D_CONTIGUOUS && H5Pget_external_count(list) != 0) refuse(c, "its data is in another file");
    good(c, H5Dget_space_status(dataset, &stored));
    bool packed = H5Pget_nfilters(list) > 0 && stored == H5D_SPACE_STATUS_PART_ALLOCATED; /* less than unpacked */
    if (count && stored != H5D_SPACE_STATUS_ALLOCATED && !packed) refuse(c, "its numbers are not in the file");
    H5Pclose(list);
}

static unsigned char find_type(const child *c, hid_t type) {
    size_t size = H5Tget_size(type);
    switch (H5Tget_class(type)) {
    case H5T_FLOAT:
        if (size == 4) return 0;
        if (size == 8) return 1;
        if (size == 2) return 2;
        break;
    case H5T_INTEGER:
    case H5T_ENUM:
        return 3; /* numpy's bool is an enumeration */
    default:
        break;
    }
    refuse(c, "its type is not read: float16, float32 and float64 are");
}

static void visit_dataset(child *c, hid_t dataset) {
    hid_t type = good(c, H5Dget_type(dataset)), space = good(c, H5Dget_space(dataset));
    hsize_t sizes[H5S_MAX_RANK];
    size_t shape[RS_TENSOR_RANK], count = 0;
    int rank = H5Sget_simple_extent_dims(space, sizes, NULL);
    if (rank < 0 || H5Sget_simple_extent_type(space) == H5S_NULL) refuse(c, "libhdf5 cannot read its shape");
    if (rank > RS_TENSOR_RANK) refuse(c, "it has more than 8 dimensions");
    for (int i = 0; i < rank; i++) shape[i] = (size_t)sizes[i];
    unsigned char code = find_type(c, type);
    if (!rs_shape_count(&count, (size_t)rank, shape) || count > c->value_limit - c->values)
        refuse(c, "the datasets have more values than the file can hold");
    check_storage(c, dataset, count);
    put(c, "D", 1);
    put_text(c, c->path, strlen(c->path));
    put(c, &code, 1);
    put_size(c, (size_t)rank);
    put(c, shape, (size_t)rank * sizeof *shape);
    if (code != 3) {
        float *values = take(c, count, sizeof *values);
        if (count) good(c, H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
        put(c, values, count * sizeof *values);
        c->values += count;
        free(values);
    }
    visit_attributes(c, dataset);
    H5Sclose(space);
    H5Tclose(type);
}

/* ---- Groups ---- */

static void visit_object(child *c, hid_t object);

static herr_t visit_link(hid_t group, const char *name, const H5L_info_t *info, void *user) {
    child *c = user;
    size_t length = strlen(c->path);
    int added = snprintf(c->path + length, sizeof c->path - length, "%s%s", length ? "/" : "", name);
    if (added < 0 || (size_t)added >= sizeof c->path - length) refuse(c, "its path is too long");
    if (info->type != H5L_TYPE_HARD) refuse(c, "a soft or external link, which is not followed");
    hid_t object = good(c, H5Oopen(group, name, H5P_DEFAULT));
    visit_object(c, object);
    H5Oclose(object);
    c->path[length] = 0;
    return 0;
}

static void visit_object(child *c, hid_t object) {
    hsize_t at = 0;
    if (++c->objects > OBJECTS) refuse(c, "the file has too many objects");
    switch (H5Iget_type(object)) {
    case H5I_GROUP:
        if (++c->depth > DEPTH) refuse(c, "groups within groups, too deep");
        visit_attributes(c, object);
        good(c, H5Literate(object, H5_INDEX_NAME, H5_ITER_INC, &at, visit_link, c));
        c->depth--;
        break;
    case H5I_DATASET:
        visit_dataset(c, object);
        break;
    default:
        refuse(c, "neither a group nor a dataset");
    }
}

/* ---- The process ---- */

static void limit(int resource, rlim_t value) {
    struct rlimit limits = {value, value};
    if (getrlimit(resource, &limits) == 0 && (limits.rlim_max == RLIM_INFINITY || limits.rlim_max > value))
        limits.rlim_max = value;
    limits.rlim_cur = limits.rlim_max;
    setrlimit(resource, &limits);
}

/* AddressSanitizer reserves more addresses than any limit. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

/* The addresses that the parent had in use are the child's too. */
static void limit_memory(size_t length) {
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file) return;
    if (fscanf(file, "%llu", &pages) == 1)
        limit(RLIMIT_AS, (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + MEMORY + 2 * (rlim_t)length);
    fclose(file);
}

/* A child that dies does so alone and in silence, whatever handlers the parent has. */
static void die_quietly(void) {
    static const int signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGXCPU, SIGXFSZ, SIGPIPE};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) signal(signals[i], SIG_DFL);
    int nowhere = open("/dev/null", O_WRONLY);
    if (nowhere >= 0) dup2(nowhere, STDERR_FILENO);
}

void rs_hdf5_child(int descriptor, const char *bytes, size_t length) {
    child c = {.descriptor = descriptor};
    c.value_limit = length < RS_TENSORS_VALUES / DEFLATE_RATIO ? length * DEFLATE_RATIO : RS_TENSORS_VALUES;
    die_quietly();
    if (!SANITIZED) limit_memory(length);
    limit(RLIMIT_CPU, SECONDS(length));
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_NOFILE, 0);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5PLset_loading_state(0); /* filters from plugins */
    hid_t access = good(&c, H5Pcreate(H5P_FILE_ACCESS));
    good(&c, H5Pset_fapl_core(access, 1 << 16, 0));
    void *image = take(&c, length, 1); /* libhdf5 wants it writable, and copies it */
    memcpy(image, bytes, length);
    good(&c, H5Pset_file_image(access, image, length));
    free(image);
    hid_t file = good(&c, H5Fopen("image", H5F_ACC_RDONLY, access));
    hid_t root = good(&c, H5Gopen2(file, "/", H5P_DEFAULT));
    visit_object(&c, root);
    put(&c, "E", 1);
}
