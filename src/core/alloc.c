#define _DEFAULT_SOURCE
#include "core/alloc.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "core/status.h"

enum { LARGE_PAGE = 1 << 21 };

static _Thread_local size_t fail_countdown;
static _Thread_local bool fail_happened;

bool rs_alloc_fail_at(size_t n) {
    bool happened = fail_happened;
    fail_countdown = n;
    fail_happened = false;
    return happened;
}

/* Whether an allocation of count * size bytes may be tried; *bytes is at least 1. */
static bool admissible(size_t count, size_t size, size_t *bytes) {
    if (fail_countdown && --fail_countdown == 0) {
        fail_happened = true;
        rs_fail(RS_EMEMORY, "out of memory (injected)");
        return false;
    }
    /* Half of the address space, so that rounding up and pointer differences cannot overflow. */
    if (size && count > (SIZE_MAX / 2) / size) {
        rs_fail(RS_EMEMORY, "out of memory: %zu elements of %zu bytes", count, size);
        return false;
    }
    *bytes = count && size ? count * size : 1;
    return true;
}

static void *checked(void *block, size_t bytes) {
    if (!block) rs_fail(RS_EMEMORY, "out of memory: %zu bytes", bytes);
    return block;
}

/* Asks for large pages where a block has room for them: the first touch of small ones can cost more than the work. */
static void *in_large_pages(void *block, size_t bytes) {
#ifdef MADV_HUGEPAGE
    uintptr_t first = ((uintptr_t)block + LARGE_PAGE - 1) & ~(uintptr_t)(LARGE_PAGE - 1),
              end = (uintptr_t)block + bytes;
    if (block && end > first && end - first >= LARGE_PAGE)
        madvise((char *)block + (first - (uintptr_t)block), end - first, MADV_HUGEPAGE);
#endif
    return block;
}

void *rs_alloc(size_t count, size_t size) {
    size_t bytes;
    if (!admissible(count, size, &bytes)) return NULL;
    return checked(in_large_pages(calloc(bytes, 1), bytes), bytes);
}

void *rs_alloc_aligned(size_t count, size_t size) {
    size_t bytes;
    if (!admissible(count, size, &bytes)) return NULL;
    size_t alignment = bytes < LARGE_PAGE / 2 ? 64 : LARGE_PAGE;
    bytes = (bytes + alignment - 1) & ~(alignment - 1);
    return checked(in_large_pages(aligned_alloc(alignment, bytes), bytes), bytes);
}

void *rs_realloc(void *block, size_t count, size_t size) {
    size_t bytes;
    return admissible(count, size, &bytes) ? checked(realloc(block, bytes), bytes) : NULL;
}

rs_status rs_reserve(void **array, size_t *capacity, size_t needed, size_t size) {
    if (needed <= *capacity) return RS_OK;
    size_t wanted = *capacity < SIZE_MAX / 2 ? *capacity * 2 : SIZE_MAX;
    if (wanted < needed) wanted = needed;
    if (wanted < 16) wanted = 16;
    void *grown = rs_realloc(*array, wanted, size);
    if (!grown) return RS_EMEMORY;
    *array = grown;
    *capacity = wanted;
    return RS_OK;
}

char *rs_strndup(const char *text, size_t length) {
    char *copy = rs_alloc(length + 1, 1);
    if (copy && length) memcpy(copy, text, length);
    return copy;
}

char *rs_strdup(const char *text) {
    return rs_strndup(text, strlen(text));
}

void *rs_memdup(const void *bytes, size_t count, size_t size) {
    void *copy = rs_alloc(count, size);
    if (copy && count) memcpy(copy, bytes, count * size);
    return copy;
}
