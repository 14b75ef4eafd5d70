#include "core/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

static bool room(rs_text *text, size_t more) {
    if (text->failed) return false;
    if (more >= SIZE_MAX - text->length ||
        rs_reserve((void **)&text->bytes, &text->capacity, text->length + more + 1, 1) != RS_OK) {
        text->failed = true;
        return false;
    }
    return true;
}

void rs_text_bytes(rs_text *text, const char *bytes, size_t length) {
    if (!room(text, length)) return;
    if (length) memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = 0;
}

void rs_text_add(rs_text *text, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) text->failed = true;
    else if (room(text, (size_t)length)) {
        vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

rs_status rs_text_take(char **out, rs_text *text) {
    rs_text_bytes(text, "", 0);
    if (text->failed) {
        rs_text_free(text);
        return rs_fail(RS_EMEMORY, "out of memory while writing a text");
    }
    *out = text->bytes;
    *text = (rs_text){0};
    return RS_OK;
}

void rs_text_free(rs_text *text) {
    free(text->bytes);
    *text = (rs_text){0};
}
