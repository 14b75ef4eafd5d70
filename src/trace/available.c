/* Linux gives memory before it has any, and ends a program that touches too much of it. So it is asked before: what is available
 * (/proc/meminfo), and what is left of the control group's share. */
#include "trace/available.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The number behind `key` in a file of the system. */
static bool number_in(size_t *out, const char *path, const char *key) {
    char text[4096];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0) return false;
    text[length] = 0;
    const char *at = strstr(text, key);
    if (!at) return false;
    at += strlen(key) + strspn(at + strlen(key), " ");
    if (*at < '0' || *at > '9') return false; /* "max" */
    *out = (size_t)strtoull(at, NULL, 10);
    return true;
}

bool rs_available(size_t *bytes) {
    size_t kibibytes, most, used;
    bool known = number_in(&kibibytes, "/proc/meminfo", "MemAvailable:") && kibibytes < SIZE_MAX / 1024;
    size_t least = known ? kibibytes * 1024 : SIZE_MAX;
    if (number_in(&most, "/sys/fs/cgroup/memory.max", "") && number_in(&used, "/sys/fs/cgroup/memory.current", "")) {
        size_t left = most > used ? most - used : 0;
        if (left < least) least = left;
        known = true;
    }
    if (known) *bytes = least;
    return known;
}
