#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */

#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/status.h"
#include "core/text.h"

/* A regular file of at most `limit` bytes. */
static rs_status open_regular(int *out, size_t *size, const char *path, size_t limit) {
    rs_status status = RS_OK;
    /* O_NONBLOCK: a FIFO is refused below instead of hanging in open. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info;
    if (fd < 0) return rs_fail(RS_EINPUT, "%s: cannot open: %s", path, strerror(errno));
    if (fstat(fd, &info) != 0) status = rs_fail(RS_EINPUT, "%s: cannot read: %s", path, strerror(errno));
    else if (!S_ISREG(info.st_mode)) status = rs_fail(RS_EINPUT, "%s: not a regular file", path);
    else if ((uintmax_t)info.st_size > limit)
        status = rs_fail(RS_EINPUT, "%s: %jd bytes, more than the %zu that are read", path, (intmax_t)info.st_size,
                         limit);
    if (status != RS_OK) {
        close(fd);
        return status;
    }
    *out = fd;
    *size = (size_t)info.st_size;
    return RS_OK;
}

static rs_status read_open(char **bytes, int fd, size_t size, const char *path) {
    rs_status status = RS_OK;
    size_t done = 0;
    char *content = rs_alloc(size + 1, 1);
    RS_TRY_ALLOC(content);
    while (done < size) {
        ssize_t got = read(fd, content + done, size - done);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) {
            status = rs_fail(RS_EINPUT, "%s: cannot read: %s", path, got < 0 ? strerror(errno) : "it became shorter");
            goto cleanup;
        }
        done += (size_t)got;
    }
    *bytes = content;
    content = NULL;
cleanup:
    free(content);
    return status;
}

rs_status rs_file_read(char **bytes, size_t *length, const char *path, size_t limit) {
    int fd = -1;
    size_t size = 0;
    rs_status status = open_regular(&fd, &size, path, limit);
    if (status != RS_OK) return status;
    status = read_open(bytes, fd, size, path);
    if (status == RS_OK) *length = size;
    close(fd);
    return status;
}

/* The file lies over the beginning of empty memory that is one byte longer, which gives the 0 byte after it. */
static rs_status map_open(char **bytes, int fd, size_t size, const char *path) {
    char *memory = mmap(NULL, size + 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return rs_fail(RS_EMEMORY, "%s: cannot map: %s", path, strerror(errno));
    if (mmap(memory, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED) {
        rs_status status = rs_fail(RS_EINPUT, "%s: cannot map: %s", path, strerror(errno));
        munmap(memory, size + 1);
        return status;
    }
    *bytes = memory;
    return RS_OK;
}

rs_status rs_file_map(rs_mapping *out, const char *path, size_t limit) {
    int fd = -1;
    size_t size = 0;
    char *bytes = NULL;
    rs_status status = open_regular(&fd, &size, path, limit);
    if (status != RS_OK) return status;
    bool mapped = size >= RS_FILE_MAPPED;
    status = mapped ? map_open(&bytes, fd, size, path) : read_open(&bytes, fd, size, path);
    if (status == RS_OK) *out = (rs_mapping){.bytes = bytes, .length = size, .mapped = mapped};
    close(fd);
    return status;
}

void rs_file_unmap(rs_mapping *mapping) {
    if (mapping->mapped) munmap(mapping->bytes, mapping->length + 1);
    else free(mapping->bytes);
    *mapping = (rs_mapping){0};
}

rs_status rs_file_beside(char **out, const char *path, const char *relative) {
    const char *slash = strrchr(path, '/');
    rs_text text = {0};
    if (slash && relative[0] != '/') rs_text_bytes(&text, path, (size_t)(slash - path) + 1);
    rs_text_add(&text, "%s", relative);
    return rs_text_take(out, &text);
}

static rs_status write_all(int fd, const char *path, const char *bytes, size_t length) {
    while (length) {
        ssize_t put = write(fd, bytes, length);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return rs_fail(RS_EINPUT, "%s: cannot write: %s", path, strerror(errno));
        bytes += put;
        length -= (size_t)put;
    }
    return RS_OK;
}

/* A device or a pipe cannot be replaced whole, and a rename over it would take it away: it is written to. */
static bool stream(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

static rs_status write_stream(const char *path, const void *bytes, size_t length) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return rs_fail(RS_EINPUT, "%s: cannot open: %s", path, strerror(errno));
    rs_status status = write_all(fd, path, bytes, length);
    if (close(fd) != 0 && status == RS_OK) status = rs_fail(RS_EINPUT, "%s: cannot write: %s", path, strerror(errno));
    return status;
}

rs_status rs_file_stage(char **out, const char *path, const void *bytes, size_t length) {
    rs_status status = RS_OK;
    char *temporary = NULL;
    rs_text text = {0};
    rs_text_add(&text, "%s.XXXXXX", path);
    RS_TRY(rs_text_take(&temporary, &text));
    int fd = mkstemp(temporary);
    if (fd < 0) {
        status = rs_fail(RS_EINPUT, "%s: cannot create: %s", path, strerror(errno));
        goto cleanup;
    }
    /* mkstemp's 0600 would surprise; what an ordinary open gives is 0666 without the umask. */
    mode_t mask = umask(0);
    umask(mask);
    status = write_all(fd, path, bytes, length);
    if (status == RS_OK && (fchmod(fd, 0666 & ~mask) != 0 || fsync(fd) != 0))
        status = rs_fail(RS_EINPUT, "%s: cannot write: %s", path, strerror(errno));
    if (close(fd) != 0 && status == RS_OK) status = rs_fail(RS_EINPUT, "%s: cannot write: %s", path, strerror(errno));
    if (status != RS_OK) {
        unlink(temporary);
        goto cleanup;
    }
    *out = temporary;
    temporary = NULL;
cleanup:
    free(temporary);
    return status;
}

rs_status rs_file_replace(const char *path, const char *temporary) {
    if (rename(temporary, path) == 0) return RS_OK;
    rs_status status = rs_fail(RS_EINPUT, "%s: cannot rename: %s", path, strerror(errno));
    unlink(temporary);
    return status;
}

rs_status rs_file_write(const char *path, const void *bytes, size_t length) {
    if (strcmp(path, "-") == 0) {
        /* Through stdio, in order with what the caller printed. */
        if (fwrite(bytes, 1, length, stdout) != length || fflush(stdout) != 0)
            return rs_fail(RS_EINPUT, "standard output: cannot write: %s", strerror(errno));
        return RS_OK;
    }
    if (stream(path)) return write_stream(path, bytes, length);
    char *temporary;
    rs_status status = rs_file_stage(&temporary, path, bytes, length);
    if (status != RS_OK) return status;
    status = rs_file_replace(path, temporary);
    free(temporary);
    return status;
}
