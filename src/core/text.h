/* A growing text. Appending to a text that has failed does nothing, so that a writer checks once, at the end. */
#ifndef RS_CORE_TEXT_H
#define RS_CORE_TEXT_H

#include "rnnsafe/core.h"

typedef struct rs_text {
    char *bytes; /* ends in a 0 byte when not NULL */
    size_t length, capacity;
    bool failed;
} rs_text;

void rs_text_add(rs_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void rs_text_bytes(rs_text *text, const char *bytes, size_t length);
/* Gives the bytes away; the caller frees them. RS_EMEMORY when some append failed. Leaves `text` empty. */
rs_status rs_text_take(char **out, rs_text *text);
void rs_text_free(rs_text *text);

#endif
