/* Names and words. Names are found through one hash table over the stored strings. */
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "core/table.h"
#include "core/text.h"
#include "core/utf8.h"

typedef struct name_entry {
    const char *text; /* inside rs_names.text */
    size_t index;
    UT_hash_handle hh;
} name_entry;

struct rs_names {
    size_t count;
    bool single;
    char **text;
    name_entry *entries; /* [count] */
    name_entry *table;
};

#define NAMES_LIMIT ((size_t)1 << 24) /* indices fit uint32_t, products with outputs fit too */

static bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static rs_status check_name(const char *what, const char *name) {
    size_t length = strlen(name);
    if (!length) return rs_fail(RS_EINPUT, "%s: an empty name", what);
    if (!rs_utf8_valid(name, length)) return rs_fail(RS_EINPUT, "%s: a name is not UTF-8", what);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)name[i] <= 32 || name[i] == 127)
            return rs_fail(RS_EINPUT, "%s: name \"%s\" holds white space or a control character", what, name);
    return RS_OK;
}

rs_status rs_names_new(rs_names **out, const char *what, size_t count, const char *const *names) {
    rs_status status = RS_OK;
    rs_names *n = NULL;
    if (!count) return rs_fail(RS_EINPUT, "%s: no names", what);
    if (count > NAMES_LIMIT) return rs_fail(RS_EINPUT, "%s: %zu names, more than %zu", what, count, NAMES_LIMIT);
    RS_TRY_ALLOC(n = rs_alloc(1, sizeof *n));
    RS_TRY_ALLOC(n->text = rs_alloc(count, sizeof *n->text));
    RS_TRY_ALLOC(n->entries = rs_alloc(count, sizeof *n->entries));
    n->single = true;
    for (size_t i = 0; i < count; i++) {
        name_entry *found, *entry = &n->entries[i];
        RS_TRY(check_name(what, names[i]));
        HASH_FIND(hh, n->table, names[i], strlen(names[i]), found);
        if (found) {
            status = rs_fail(RS_EINPUT, "%s: \"%s\" appears twice", what, names[i]);
            goto cleanup;
        }
        RS_TRY_ALLOC(n->text[i] = rs_strdup(names[i]));
        n->count = i + 1;
        *entry = (name_entry){.text = n->text[i], .index = i};
        HASH_ADD_KEYPTR(hh, n->table, entry->text, strlen(entry->text), entry);
        RS_TRY_ALLOC(RS_TABLE_ADDED(entry) ? entry : NULL);
        n->single = n->single && rs_utf8_length(n->text[i], strlen(n->text[i])) == 1;
    }
    *out = n;
    n = NULL;
cleanup:
    rs_names_free(n);
    return status;
}

rs_status rs_names_parse(rs_names **out, const char *what, const char *text) {
    rs_status status = RS_OK;
    char **names = NULL, *copy = NULL;
    size_t count = 0, capacity = 0;
    RS_TRY_ALLOC(copy = rs_strdup(text));
    for (char *p = copy; *p;) {
        while (blank(*p)) *p++ = 0;
        if (!*p) break;
        RS_TRY(rs_reserve((void **)&names, &capacity, count + 1, sizeof *names));
        names[count++] = p;
        while (*p && !blank(*p)) p++;
    }
    RS_TRY(rs_names_new(out, what, count, (const char *const *)names));
cleanup:
    free(names);
    free(copy);
    return status;
}

rs_status rs_names_copy(rs_names **out, const rs_names *names) {
    return rs_names_new(out, "names", names->count, (const char *const *)names->text);
}

void rs_names_free(rs_names *n) {
    if (!n) return;
    HASH_CLEAR(hh, n->table);
    for (size_t i = 0; i < n->count; i++) free(n->text[i]);
    free(n->text);
    free(n->entries);
    free(n);
}

size_t rs_names_count(const rs_names *n) {
    return n->count;
}

const char *rs_names_get(const rs_names *n, size_t index) {
    return n->text[index];
}

size_t rs_names_find(const rs_names *n, const char *name, size_t length) {
    name_entry *found;
    HASH_FIND(hh, n->table, name, length, found);
    return found ? found->index : SIZE_MAX;
}

bool rs_names_equal(const rs_names *a, const rs_names *b) {
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->text[i], b->text[i]) != 0) return false;
    return true;
}

bool rs_names_single(const rs_names *n) {
    return n->single;
}

rs_status rs_word_parse(rs_word *out, const rs_names *alphabet, const char *text) {
    rs_status status = RS_OK;
    uint32_t *symbols = NULL;
    size_t length = 0, capacity = 0;
    for (const char *p = text; *p;) {
        if (blank(*p)) {
            p++;
            continue;
        }
        size_t span = 0, most = alphabet->single ? 4 : SIZE_MAX; /* a character has at most 4 bytes */
        while (span < most && p[span] && !blank(p[span])) span++;
        if (alphabet->single) span = rs_utf8_span(p, span);
        size_t symbol = rs_names_find(alphabet, p, span);
        if (symbol == SIZE_MAX) {
            status = rs_fail(RS_EINPUT, "word, column %zu: \"%.*s\" is not in the alphabet", (size_t)(p - text) + 1,
                             (int)(span < 60 ? span : 60), p);
            goto cleanup;
        }
        RS_TRY(rs_reserve((void **)&symbols, &capacity, length + 1, sizeof *symbols));
        symbols[length++] = (uint32_t)symbol;
        p += span;
    }
    *out = (rs_word){symbols, length};
    symbols = NULL;
cleanup:
    free(symbols);
    return status;
}

rs_status rs_word_format(char **out, const rs_names *alphabet, const uint32_t *symbols, size_t length) {
    rs_text text = {0};
    for (size_t i = 0; i < length; i++) rs_text_add(&text, "%s%s", i ? " " : "", alphabet->text[symbols[i]]);
    return rs_text_take(out, &text);
}

rs_status rs_word_copy(rs_word *out, const uint32_t *symbols, size_t length) {
    uint32_t *copy = rs_memdup(symbols, length, sizeof *symbols);
    if (!copy) return RS_EMEMORY;
    *out = (rs_word){copy, length};
    return RS_OK;
}

void rs_word_free(rs_word *word) {
    free(word->symbols);
    *word = (rs_word){0};
}
