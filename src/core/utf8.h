/* UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, at most U+10FFFF. */
#ifndef RS_CORE_UTF8_H
#define RS_CORE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the code point at `text`; 1 where the bytes are no UTF-8; 0 iff length is 0. */
size_t rs_utf8_span(const char *text, size_t length);
bool rs_utf8_valid(const char *text, size_t length);
/* Number of code points of a valid text. */
size_t rs_utf8_length(const char *text, size_t length);

#endif
