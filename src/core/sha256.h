/* SHA-256 (FIPS 180-4). */
#ifndef RS_CORE_SHA256_H
#define RS_CORE_SHA256_H

#include <stddef.h>

/* The digest of `length` bytes as 64 hex digits and a 0 byte. */
void rs_sha256_hex(char out[65], const void *bytes, size_t length);
/* The same without instructions of the processor's own: what tests compare with. */
void rs_sha256_hex_plain(char out[65], const void *bytes, size_t length);

#endif
