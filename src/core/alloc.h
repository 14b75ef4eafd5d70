/* Allocation. Every allocation of the library goes through here: sizes are overflow-checked, failures set the message, and the
 * tests make each one fail in turn. Memory is freed with free. */
#ifndef RS_CORE_ALLOC_H
#define RS_CORE_ALLOC_H

#include <stdlib.h>

#include "rnnsafe/core.h"

/* count * size bytes, zeroed; a unique pointer for 0 bytes. NULL with the message set. */
void *rs_alloc(size_t count, size_t size);
/* The same without zeroing, aligned to 64 bytes: for matrices. */
void *rs_alloc_aligned(size_t count, size_t size);
/* Grows or shrinks; the old block stays valid on failure. */
void *rs_realloc(void *block, size_t count, size_t size);
/* Makes room for `needed` elements in an array of *capacity, at least doubling. RS_EMEMORY leaves both unchanged. */
rs_status rs_reserve(void **array, size_t *capacity, size_t needed, size_t size);
/* A copy of a string or of bytes (with a 0 byte added). */
char *rs_strdup(const char *text);
char *rs_strndup(const char *text, size_t length);
void *rs_memdup(const void *bytes, size_t count, size_t size);

/* For tests: the n-th allocation of this thread from now on fails (0: none). Returns whether one failed since the last
 * call. */
bool rs_alloc_fail_at(size_t n);

#endif
