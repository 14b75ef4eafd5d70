/* Word files: one word a line, "#" starts a comment line, an empty line is the empty word. A carriage return before the line
 * feed is white space. */
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/status.h"
#include "core/utf8.h"
#include "trace/words.h"

/* A symbol takes a byte or more, so that no file holds more symbols than a list does. */
#define FILE_LIMIT RS_WORDS_LIMIT

static bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* The symbol at line[0..length), which starts with no white space: one character where words may be written without spaces,
 * else everything up to white space. SIZE_MAX when there is none; *span is what was looked at. */
static size_t symbol_at(const rs_names *alphabet, const char *line, size_t length, size_t *span) {
    size_t run = 0;
    if (rs_names_single(alphabet)) run = rs_utf8_span(line, length);
    else
        while (run < length && !blank(line[run])) run++;
    *span = run;
    return rs_names_find(alphabet, line, run);
}

/* One line, without its line feed, into `word` of *capacity symbols. */
static rs_status read_line(rs_words *words, uint32_t **word, size_t *capacity, const rs_names *alphabet, const char *path,
                           size_t number, const char *line, size_t length) {
    rs_status status = RS_OK;
    size_t count = 0, span;
    for (size_t i = 0; i < length; i += span) {
        span = 1;
        if (blank(line[i])) continue;
        size_t symbol = symbol_at(alphabet, line + i, length - i, &span);
        if (symbol == SIZE_MAX)
            return rs_fail_at(path, number, i + 1, "\"%.*s\" is not in the alphabet", (int)(span < 60 ? span : 60), line + i);
        if (count == RS_WORD_LIMIT)
            return rs_fail_at(path, number, i + 1, "a word has at most %zu symbols", RS_WORD_LIMIT);
        RS_TRY(rs_reserve((void **)word, capacity, count + 1, sizeof **word));
        (*word)[count++] = (uint32_t)symbol;
    }
    RS_TRY(rs_words_add(words, *word, count));
cleanup:
    return status;
}

rs_status rs_words_read(rs_words **out, const rs_names *alphabet, const char *path) {
    rs_status status = RS_OK;
    rs_words *words = NULL;
    char *bytes = NULL;
    uint32_t *word = NULL;
    size_t length = 0, capacity = 0, number = 1;
    RS_TRY(rs_file_read(&bytes, &length, path, FILE_LIMIT));
    RS_TRY(rs_words_new(&words));
    for (size_t start = 0; start < length; number++) {
        const char *end = memchr(bytes + start, '\n', length - start);
        size_t stop = end ? (size_t)(end - bytes) : length;
        if (bytes[start] != '#')
            RS_TRY(read_line(words, &word, &capacity, alphabet, path, number, bytes + start, stop - start));
        start = stop + 1;
    }
    *out = words;
    words = NULL;
cleanup:
    rs_words_free(words);
    free(bytes);
    free(word);
    return status;
}
