#include "core/utf8.h"

/* Bytes of a well-formed code point, 0 for none. */
static size_t well_formed(const unsigned char *p, size_t length) {
    if (!length) return 0;
    if (p[0] < 0x80) return 1;
    size_t span = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || span > length) return 0;
    for (size_t i = 1; i < span; i++)
        if ((p[i] & 0xc0) != 0x80) return 0;
    if (p[0] == 0xe0 && p[1] < 0xa0) return 0; /* overlong */
    if (p[0] == 0xed && p[1] > 0x9f) return 0; /* surrogates */
    if (p[0] == 0xf0 && p[1] < 0x90) return 0; /* overlong */
    if (p[0] == 0xf4 && p[1] > 0x8f) return 0; /* above U+10FFFF */
    return span;
}

size_t rs_utf8_span(const char *text, size_t length) {
    size_t span = well_formed((const unsigned char *)text, length);
    return span ? span : length > 0;
}

bool rs_utf8_valid(const char *text, size_t length) {
    for (size_t i = 0, span; i < length; i += span)
        if (!(span = well_formed((const unsigned char *)text + i, length - i))) return false;
    return true;
}

size_t rs_utf8_length(const char *text, size_t length) {
    size_t points = 0;
    for (size_t i = 0; i < length; i += rs_utf8_span(text + i, length - i)) points++;
    return points;
}
