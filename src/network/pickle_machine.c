/* The stack machine of a pickle: bytes in, values out. Values live in one array and refer to each other by index, so
 * that cycles and deep nesting cost nothing: nothing here recurses. Every array has a limit, and grows no faster than
 * the bytes are read. */
#include "network/pickle_machine.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

#define VALUES_LIMIT ((size_t)1 << 18) /* also of the stack, the marks and the memo; 4096 tensors take 2^17 */
#define ITEMS_LIMIT ((size_t)1 << 20)  /* of all values: an item may be taken from a value that many calls share */
#define UNSET UINT32_MAX

rs_status rs_machine_refuse(const rs_machine *m, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return rs_fail(RS_EINPUT, "%s: %s: byte %zu: %s", m->file, m->part, m->opcode, text);
}

rs_status rs_machine_refuse_value(const rs_machine *m, const char *what, uint32_t index) {
    char value[RS_PICKLE_DESCRIPTION];
    return rs_machine_refuse(m, "%s %s", what, rs_pickle_describe(value, &m->pickle, &m->pickle.values[index]));
}

/* ---- Bytes ---- */

rs_status rs_machine_take(const char **out, rs_machine *m, uint64_t size) {
    if (size > m->length - m->at) return rs_machine_refuse(m, "the pickle is truncated");
    *out = m->bytes + m->at;
    m->at += (size_t)size;
    return RS_OK;
}

/* An unsigned little-endian number of 1 to 8 bytes. */
rs_status rs_machine_take_number(uint64_t *out, rs_machine *m, size_t size) {
    const char *bytes = NULL;
    rs_status status = rs_machine_take(&bytes, m, size);
    if (status != RS_OK) return status;
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++) number |= (uint64_t)(unsigned char)bytes[i] << 8 * i;
    *out = number;
    return RS_OK;
}

/* A text up to a line feed. */
rs_status rs_machine_take_line(const char **out, size_t *length, rs_machine *m) {
    const char *end = memchr(m->bytes + m->at, '\n', m->length - m->at);
    if (!end) return rs_machine_refuse(m, "the pickle is truncated");
    *out = m->bytes + m->at;
    *length = (size_t)(end - *out);
    m->at += *length + 1;
    return RS_OK;
}

/* ---- Values and the stack ---- */

rs_status rs_machine_push_index(rs_machine *m, uint32_t index) {
    if (m->depth == VALUES_LIMIT) return rs_machine_refuse(m, "more than %zu values", VALUES_LIMIT);
    rs_status status = rs_reserve((void **)&m->stack, &m->stack_capacity, m->depth + 1, sizeof *m->stack);
    if (status == RS_OK) m->stack[m->depth++] = index;
    return status;
}

rs_status rs_machine_push(rs_machine *m, rs_pickle_value value) {
    rs_pickle *p = &m->pickle;
    if (p->count == VALUES_LIMIT) return rs_machine_refuse(m, "more than %zu values", VALUES_LIMIT);
    rs_status status = rs_reserve((void **)&p->values, &p->capacity, p->count + 1, sizeof *p->values);
    if (status != RS_OK) return status;
    p->values[p->count++] = value;
    return rs_machine_push_index(m, (uint32_t)(p->count - 1));
}

/* Takes `count` values off the stack; none of them may lie below the last mark. */
rs_status rs_machine_pop(const uint32_t **out, rs_machine *m, size_t count) {
    size_t floor = m->mark_count ? m->marks[m->mark_count - 1] : 0;
    if (count > m->depth - floor) return rs_machine_refuse(m, "the stack is empty (underflow)");
    m->depth -= count;
    *out = m->stack + m->depth;
    return RS_OK;
}

/* Takes everything above the last mark off the stack, and the mark. */
rs_status rs_machine_pop_mark(const uint32_t **out, size_t *count, rs_machine *m) {
    if (!m->mark_count) return rs_machine_refuse(m, "no mark on the stack (underflow)");
    size_t floor = m->marks[--m->mark_count];
    *count = m->depth - floor;
    m->depth = floor;
    *out = m->stack + floor;
    return RS_OK;
}

static rs_status count_items(rs_machine *m, size_t count) {
    if (count > ITEMS_LIMIT - m->items) return rs_machine_refuse(m, "more than %zu items", ITEMS_LIMIT);
    m->items += count;
    return RS_OK;
}

rs_status rs_machine_append(rs_machine *m, uint32_t index, const uint32_t *items, size_t count) {
    rs_pickle_value *value = &m->pickle.values[index];
    if (count_items(m, count) != RS_OK) return RS_EINPUT;
    rs_status status = rs_reserve((void **)&value->items, &value->capacity, value->count + count, sizeof *items);
    if (status != RS_OK) return status;
    if (count) memcpy(value->items + value->count, items, count * sizeof *items);
    value->count += count;
    return RS_OK;
}

/* A new value of these items, which have just been taken off the stack. */
rs_status rs_machine_push_items(rs_machine *m, rs_pickle_kind kind, const uint32_t *items, size_t count) {
    if (count_items(m, count) != RS_OK) return RS_EINPUT;
    uint32_t *copy = rs_memdup(items, count, sizeof *items);
    if (!copy) return RS_EMEMORY;
    size_t before = m->pickle.count;
    rs_status status =
        rs_machine_push(m, (rs_pickle_value){.kind = kind, .items = copy, .count = count, .capacity = count});
    if (m->pickle.count == before) free(copy);
    return status;
}

rs_status rs_machine_mark(rs_machine *m) {
    if (m->mark_count == VALUES_LIMIT) return rs_machine_refuse(m, "more than %zu marks", VALUES_LIMIT);
    rs_status status = rs_reserve((void **)&m->marks, &m->mark_capacity, m->mark_count + 1, sizeof *m->marks);
    if (status == RS_OK) m->marks[m->mark_count++] = m->depth;
    return status;
}

/* ---- The memo ---- */

rs_status rs_machine_memo_put(rs_machine *m, uint64_t index) {
    if (!m->depth) return rs_machine_refuse(m, "the stack is empty (underflow)");
    if (index >= VALUES_LIMIT) return rs_machine_refuse(m, "memo index beyond %zu", VALUES_LIMIT);
    size_t needed = (size_t)index + 1;
    rs_status status = rs_reserve((void **)&m->memo, &m->memo_capacity, needed, sizeof *m->memo);
    if (status != RS_OK) return status;
    while (m->memo_count < needed) m->memo[m->memo_count++] = UNSET;
    m->memo[index] = m->stack[m->depth - 1];
    return RS_OK;
}

rs_status rs_machine_memo_get(rs_machine *m, uint64_t index) {
    if (index >= m->memo_count || m->memo[index] == UNSET)
        return rs_machine_refuse(m, "memo %llu was never set", (unsigned long long)index);
    return rs_machine_push_index(m, m->memo[index]);
}

void rs_machine_free(rs_machine *m) {
    rs_pickle_free(&m->pickle);
    free(m->stack);
    free(m->marks);
    free(m->memo);
}

/* ---- Values ---- */

void rs_pickle_free(rs_pickle *pickle) {
    for (size_t i = 0; i < pickle->count; i++) free(pickle->values[i].items);
    free(pickle->values);
    *pickle = (rs_pickle){0};
}

const rs_pickle_value *rs_pickle_item(const rs_pickle *pickle, const rs_pickle_value *value, size_t i) {
    return &pickle->values[value->items[i]];
}

static size_t first_pair(const rs_pickle_value *value) {
    return value->kind == RS_PICKLE_OBJECT ? 2 : 0;
}

size_t rs_pickle_pairs(const rs_pickle_value *value) {
    bool has = value->kind == RS_PICKLE_DICT || value->kind == RS_PICKLE_OBJECT;
    return has ? (value->count - first_pair(value)) / 2 : 0;
}

const rs_pickle_value *rs_pickle_key(const rs_pickle *pickle, const rs_pickle_value *value, size_t i) {
    return rs_pickle_item(pickle, value, first_pair(value) + 2 * i);
}

const rs_pickle_value *rs_pickle_at(const rs_pickle *pickle, const rs_pickle_value *value, size_t i) {
    return rs_pickle_item(pickle, value, first_pair(value) + 2 * i + 1);
}

const rs_pickle_value *rs_pickle_find(const rs_pickle *pickle, const rs_pickle_value *value, const char *key) {
    for (size_t i = rs_pickle_pairs(value); i-- > 0;)
        if (rs_pickle_is(rs_pickle_key(pickle, value, i), key)) return rs_pickle_at(pickle, value, i);
    return NULL;
}

bool rs_pickle_is(const rs_pickle_value *value, const char *text) {
    return value->kind == RS_PICKLE_TEXT && value->length == strlen(text) &&
           memcmp(value->text, text, value->length) == 0;
}

const char *rs_pickle_describe(char out[RS_PICKLE_DESCRIPTION], const rs_pickle *pickle, const rs_pickle_value *value) {
    static const char *const names[] = {
        [RS_PICKLE_NONE] = "None",
        [RS_PICKLE_INTEGER] = "an integer",
        [RS_PICKLE_REAL] = "a number",
        [RS_PICKLE_TEXT] = "a text",
        [RS_PICKLE_TUPLE] = "a tuple",
        [RS_PICKLE_LIST] = "a list",
        [RS_PICKLE_SET] = "a set",
        [RS_PICKLE_DICT] = "a dictionary",
        [RS_PICKLE_ORDERED] = "a class",
        [RS_PICKLE_STORAGE] = "a class",
        [RS_PICKLE_REBUILD_TENSOR] = "a function",
        [RS_PICKLE_REBUILD_PARAMETER] = "a function",
        [RS_PICKLE_CLASS] = "a class",
        [RS_PICKLE_OBJECT] = "a tensor",
        [RS_PICKLE_PERSISTENT] = "a storage",
    };
    const rs_pickle_value *class = value->kind == RS_PICKLE_OBJECT ? rs_pickle_item(pickle, value, 0) : NULL;
    if (class && class->kind == RS_PICKLE_CLASS)
        snprintf(out, RS_PICKLE_DESCRIPTION, "an object of class %.*s.%.*s",
                 (int)(class->length < 80 ? class->length : 80), class->text,
                 (int)(class->name_length < 80 ? class->name_length : 80), class->name);
    else snprintf(out, RS_PICKLE_DESCRIPTION, "%s", names[value->kind]);
    return out;
}
