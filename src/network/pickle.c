/* A pickle is a program for a stack machine. This one has no instruction that does anything but build values: REDUCE
 * and BUILD, which call Python functions, record the call or drop the attributes. Values live in one array and refer to
 * each other by index, so that cycles and deep nesting cost nothing: nothing here recurses. */
#include "network/pickle.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

#define VALUES_LIMIT ((size_t)1 << 18) /* also of the stack, the marks and the memo; 4096 tensors take 2^17 */
#define UNSET UINT32_MAX

typedef struct machine {
    const char *file, *part;
    const char *bytes;
    size_t length, at, opcode; /* opcode: where the current one is */
    rs_pickle pickle;
    uint32_t *stack;
    size_t depth, stack_capacity;
    size_t *marks; /* depths of the stack */
    size_t mark_count, mark_capacity;
    uint32_t *memo;
    size_t memo_count, memo_capacity;
} machine;

static rs_status refuse(const machine *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
static rs_status refuse(const machine *m, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return rs_fail(RS_EINPUT, "%s: %s: byte %zu: %s", m->file, m->part, m->opcode, text);
}

/* ---- Bytes ---- */

static rs_status take(const char **out, machine *m, uint64_t size) {
    if (size > m->length - m->at) return refuse(m, "the pickle is truncated");
    *out = m->bytes + m->at;
    m->at += (size_t)size;
    return RS_OK;
}

/* An unsigned little-endian number of 1 to 8 bytes. */
static rs_status take_number(uint64_t *out, machine *m, size_t size) {
    const char *bytes = NULL;
    rs_status status = take(&bytes, m, size);
    if (status != RS_OK) return status;
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++) number |= (uint64_t)(unsigned char)bytes[i] << 8 * i;
    *out = number;
    return RS_OK;
}

/* A text up to a line feed. */
static rs_status take_line(const char **out, size_t *length, machine *m) {
    const char *end = memchr(m->bytes + m->at, '\n', m->length - m->at);
    if (!end) return refuse(m, "the pickle is truncated");
    *out = m->bytes + m->at;
    *length = (size_t)(end - *out);
    m->at += *length + 1;
    return RS_OK;
}

/* ---- Values and the stack ---- */

static rs_status push_index(machine *m, uint32_t index) {
    if (m->depth == VALUES_LIMIT) return refuse(m, "more than %zu values", VALUES_LIMIT);
    rs_status status = rs_reserve((void **)&m->stack, &m->stack_capacity, m->depth + 1, sizeof *m->stack);
    if (status == RS_OK) m->stack[m->depth++] = index;
    return status;
}

static rs_status push(machine *m, rs_pickle_value value) {
    rs_pickle *p = &m->pickle;
    if (p->count == VALUES_LIMIT) return refuse(m, "more than %zu values", VALUES_LIMIT);
    rs_status status = rs_reserve((void **)&p->values, &p->capacity, p->count + 1, sizeof *p->values);
    if (status != RS_OK) return status;
    p->values[p->count++] = value;
    return push_index(m, (uint32_t)(p->count - 1));
}

static rs_status push_integer(machine *m, int64_t integer) {
    return push(m, (rs_pickle_value){.kind = RS_PICKLE_INTEGER, .integer = integer});
}

/* Takes `count` values off the stack; none of them may lie below the last mark. */
static rs_status pop(const uint32_t **out, machine *m, size_t count) {
    size_t floor = m->mark_count ? m->marks[m->mark_count - 1] : 0;
    if (count > m->depth - floor) return refuse(m, "the stack is empty (underflow)");
    m->depth -= count;
    *out = m->stack + m->depth;
    return RS_OK;
}

/* Takes everything above the last mark off the stack, and the mark. */
static rs_status pop_mark(const uint32_t **out, size_t *count, machine *m) {
    if (!m->mark_count) return refuse(m, "no mark on the stack (underflow)");
    size_t floor = m->marks[--m->mark_count];
    *count = m->depth - floor;
    m->depth = floor;
    *out = m->stack + floor;
    return RS_OK;
}

static rs_status append(machine *m, uint32_t index, const uint32_t *items, size_t count) {
    rs_pickle_value *value = &m->pickle.values[index];
    rs_status status = rs_reserve((void **)&value->items, &value->capacity, value->count + count, sizeof *items);
    if (status != RS_OK) return status;
    if (count) memcpy(value->items + value->count, items, count * sizeof *items);
    value->count += count;
    return RS_OK;
}

/* A new value of these items, which have just been taken off the stack. */
static rs_status push_items(machine *m, rs_pickle_kind kind, const uint32_t *items, size_t count) {
    uint32_t *copy = rs_memdup(items, count, sizeof *items);
    if (!copy) return RS_EMEMORY;
    size_t before = m->pickle.count;
    rs_status status = push(m, (rs_pickle_value){.kind = kind, .items = copy, .count = count, .capacity = count});
    if (m->pickle.count == before) free(copy);
    return status;
}

static rs_status push_tuple(machine *m, size_t count) {
    const uint32_t *items = NULL;
    rs_status status = pop(&items, m, count);
    return status == RS_OK ? push_items(m, RS_PICKLE_TUPLE, items, count) : status;
}

static rs_status push_text(machine *m, size_t size_bytes) {
    rs_status status = RS_OK;
    uint64_t length = 0;
    const char *text = NULL;
    RS_TRY(take_number(&length, m, size_bytes));
    RS_TRY(take(&text, m, length));
    RS_TRY(push(m, (rs_pickle_value){.kind = RS_PICKLE_TEXT, .text = text, .length = (size_t)length}));
cleanup:
    return status;
}

/* A two's-complement integer of any length, as far as it fits 64 bits. */
static rs_status push_long(machine *m, size_t size_bytes) {
    rs_status status = RS_OK;
    uint64_t length = 0, number = 0;
    RS_TRY(take_number(&length, m, size_bytes));
    if (length > 8) {
        status = refuse(m, "an integer beyond 64 bits");
        goto cleanup;
    }
    RS_TRY(take_number(&number, m, (size_t)length));
    if (length && length < 8 && number >> (8 * length - 1)) number |= UINT64_MAX << 8 * length;
    RS_TRY(push_integer(m, (int64_t)number));
cleanup:
    return status;
}

/* ---- The memo ---- */

static rs_status memo_put(machine *m, uint64_t index) {
    if (!m->depth) return refuse(m, "the stack is empty (underflow)");
    if (index >= VALUES_LIMIT) return refuse(m, "memo index beyond %zu", VALUES_LIMIT);
    size_t needed = (size_t)index + 1;
    rs_status status = rs_reserve((void **)&m->memo, &m->memo_capacity, needed, sizeof *m->memo);
    if (status != RS_OK) return status;
    while (m->memo_count < needed) m->memo[m->memo_count++] = UNSET;
    m->memo[index] = m->stack[m->depth - 1];
    return RS_OK;
}

static rs_status memo_get(machine *m, uint64_t index) {
    if (index >= m->memo_count || m->memo[index] == UNSET)
        return refuse(m, "memo %llu was never set", (unsigned long long)index);
    return push_index(m, m->memo[index]);
}

/* ---- Globals and calls ---- */

static bool same(const char *text, size_t length, const char *wanted) {
    return length == strlen(wanted) && memcmp(text, wanted, length) == 0;
}

static rs_status push_global(machine *m, const char *module, size_t module_length, const char *name,
                             size_t name_length) {
    if (same(module, module_length, "collections") && same(name, name_length, "OrderedDict"))
        return push(m, (rs_pickle_value){.kind = RS_PICKLE_ORDERED});
    if (same(module, module_length, "torch._utils") && same(name, name_length, "_rebuild_tensor_v2"))
        return push(m, (rs_pickle_value){.kind = RS_PICKLE_REBUILD_TENSOR});
    if (same(module, module_length, "torch._utils") && same(name, name_length, "_rebuild_parameter"))
        return push(m, (rs_pickle_value){.kind = RS_PICKLE_REBUILD_PARAMETER});
    char class[32];
    if (same(module, module_length, "torch") && name_length < sizeof class) {
        snprintf(class, sizeof class, "%.*s", (int)name_length, name);
        const rs_dtype *dtype = rs_dtype_pytorch(class);
        if (dtype) return push(m, (rs_pickle_value){.kind = RS_PICKLE_STORAGE, .dtype = dtype});
    }
    return refuse(
        m,
        "global %.*s.%.*s is not allowed: only the tensors of a state_dict are read; if this file holds a whole model, "
        "write torch.save(model.state_dict(), ...) instead",
        (int)(module_length < 80 ? module_length : 80), module, (int)(name_length < 80 ? name_length : 80), name);
}

static rs_status global_line(machine *m) {
    rs_status status = RS_OK;
    const char *module = NULL, *name = NULL;
    size_t module_length = 0, name_length = 0;
    RS_TRY(take_line(&module, &module_length, m));
    RS_TRY(take_line(&name, &name_length, m));
    RS_TRY(push_global(m, module, module_length, name, name_length));
cleanup:
    return status;
}

static rs_status global_stack(machine *m) {
    const uint32_t *items = NULL;
    rs_status status = pop(&items, m, 2);
    if (status != RS_OK) return status;
    const rs_pickle_value *module = &m->pickle.values[items[0]], *name = &m->pickle.values[items[1]];
    if (module->kind != RS_PICKLE_TEXT || name->kind != RS_PICKLE_TEXT)
        return refuse(m, "a global is not named by texts");
    return push_global(m, module->text, module->length, name->text, name->length);
}

static rs_status reduce(machine *m) {
    const uint32_t *items = NULL;
    rs_status status = pop(&items, m, 2);
    if (status != RS_OK) return status;
    const rs_pickle_value *function = &m->pickle.values[items[0]], *arguments = &m->pickle.values[items[1]];
    if (arguments->kind != RS_PICKLE_TUPLE) return refuse(m, "a call without a tuple of arguments");
    if (function->kind == RS_PICKLE_ORDERED) {
        if (arguments->count) return refuse(m, "an OrderedDict that is made from arguments");
        return push(m, (rs_pickle_value){.kind = RS_PICKLE_DICT});
    }
    if (function->kind != RS_PICKLE_REBUILD_TENSOR && function->kind != RS_PICKLE_REBUILD_PARAMETER)
        return refuse(m, "a call of %s", rs_pickle_kind_name(function->kind));
    return push_items(m, RS_PICKLE_CALL, items, 2);
}

/* Attributes of an OrderedDict, as _metadata of a state_dict: dropped. */
static rs_status build(machine *m) {
    const uint32_t *items = NULL;
    rs_status status = pop(&items, m, 2);
    if (status != RS_OK) return status;
    if (m->pickle.values[items[0]].kind != RS_PICKLE_DICT)
        return refuse(m, "attributes of %s", rs_pickle_kind_name(m->pickle.values[items[0]].kind));
    return push_index(m, items[0]);
}

/* ---- Containers ---- */

/* Adds items that were just taken off the stack to the container that lies below them. */
static rs_status extend(machine *m, rs_pickle_kind kind, const uint32_t *items, size_t count) {
    size_t floor = m->mark_count ? m->marks[m->mark_count - 1] : 0;
    if (m->depth <= floor) return refuse(m, "the stack is empty (underflow)");
    uint32_t target = m->stack[m->depth - 1];
    if (m->pickle.values[target].kind != kind)
        return refuse(m, "items are added to %s", rs_pickle_kind_name(m->pickle.values[target].kind));
    if (kind == RS_PICKLE_DICT && count % 2) return refuse(m, "a key without a value");
    return append(m, target, items, count);
}

static rs_status extend_mark(machine *m, rs_pickle_kind kind) {
    const uint32_t *items = NULL;
    size_t count = 0;
    rs_status status = pop_mark(&items, &count, m);
    return status == RS_OK ? extend(m, kind, items, count) : status;
}

static rs_status extend_count(machine *m, rs_pickle_kind kind, size_t count) {
    const uint32_t *items = NULL;
    rs_status status = pop(&items, m, count);
    return status == RS_OK ? extend(m, kind, items, count) : status;
}

static rs_status push_marked(machine *m, rs_pickle_kind kind) {
    const uint32_t *items = NULL;
    size_t count = 0;
    rs_status status = pop_mark(&items, &count, m);
    if (status != RS_OK) return status;
    if (kind == RS_PICKLE_DICT && count % 2) return refuse(m, "a key without a value");
    return push_items(m, kind, items, count);
}

static rs_status push_here(machine *m) {
    if (m->mark_count == VALUES_LIMIT) return refuse(m, "more than %zu marks", VALUES_LIMIT);
    rs_status status = rs_reserve((void **)&m->marks, &m->mark_capacity, m->mark_count + 1, sizeof *m->marks);
    if (status == RS_OK) m->marks[m->mark_count++] = m->depth;
    return status;
}

/* ---- The machine ---- */

static rs_status number_then(machine *m, size_t size, rs_status (*then)(machine *, uint64_t)) {
    uint64_t number = 0;
    rs_status status = take_number(&number, m, size);
    return status == RS_OK ? then(m, number) : status;
}

static rs_status push_unsigned(machine *m, uint64_t number) {
    return push_integer(m, (int64_t)number);
}

static rs_status push_int32(machine *m, uint64_t number) {
    return push_integer(m, (int32_t)(uint32_t)number);
}

static rs_status check_protocol(machine *m, uint64_t number) {
    return number <= 5 ? RS_OK : refuse(m, "pickle protocol %llu is unknown", (unsigned long long)number);
}

static rs_status skip_number(machine *m, uint64_t number) {
    (void)m, (void)number;
    return RS_OK;
}

static rs_status push_real(machine *m, uint64_t number) {
    (void)number;
    return push(m, (rs_pickle_value){.kind = RS_PICKLE_REAL});
}

static rs_status drop(machine *m) {
    const uint32_t *items = NULL;
    return pop(&items, m, 1);
}

static rs_status drop_mark(machine *m) {
    const uint32_t *items = NULL;
    size_t count = 0;
    return pop_mark(&items, &count, m);
}

static rs_status persistent(machine *m) {
    const uint32_t *items = NULL;
    rs_status status = pop(&items, m, 1);
    return status == RS_OK ? push_items(m, RS_PICKLE_PERSISTENT, items, 1) : status;
}

static rs_status run_opcode(machine *m, unsigned char opcode) {
    switch (opcode) {
    case 0x80: return number_then(m, 1, check_protocol);
    case 0x95: return number_then(m, 8, skip_number); /* FRAME: a hint for buffers */
    case 'N': return push(m, (rs_pickle_value){.kind = RS_PICKLE_NONE});
    case 0x88: return push_integer(m, 1); /* NEWTRUE */
    case 0x89: return push_integer(m, 0); /* NEWFALSE */
    case 'K': return number_then(m, 1, push_unsigned);
    case 'M': return number_then(m, 2, push_unsigned);
    case 'J': return number_then(m, 4, push_int32);
    case 0x8a: return push_long(m, 1);
    case 0x8b: return push_long(m, 4);
    case 'G': return number_then(m, 8, push_real);
    case 0x8c: return push_text(m, 1); /* SHORT_BINUNICODE */
    case 'X': return push_text(m, 4);  /* BINUNICODE */
    case 0x8d: return push_text(m, 8); /* BINUNICODE8 */
    case 'U': return push_text(m, 1);  /* SHORT_BINSTRING, from Python 2 */
    case ')': return push_tuple(m, 0);
    case 0x85: return push_tuple(m, 1);
    case 0x86: return push_tuple(m, 2);
    case 0x87: return push_tuple(m, 3);
    case 't': return push_marked(m, RS_PICKLE_TUPLE);
    case ']': return push(m, (rs_pickle_value){.kind = RS_PICKLE_LIST});
    case 'l': return push_marked(m, RS_PICKLE_LIST);
    case 'a': return extend_count(m, RS_PICKLE_LIST, 1);
    case 'e': return extend_mark(m, RS_PICKLE_LIST);
    case '}': return push(m, (rs_pickle_value){.kind = RS_PICKLE_DICT});
    case 'd': return push_marked(m, RS_PICKLE_DICT);
    case 's': return extend_count(m, RS_PICKLE_DICT, 2);
    case 'u': return extend_mark(m, RS_PICKLE_DICT);
    case '(': return push_here(m);
    case '0': return drop(m);
    case '1': return drop_mark(m);
    case 'q': return number_then(m, 1, memo_put);
    case 'r': return number_then(m, 4, memo_put);
    case 0x94: return memo_put(m, m->memo_count); /* MEMOIZE */
    case 'h': return number_then(m, 1, memo_get);
    case 'j': return number_then(m, 4, memo_get);
    case 'c': return global_line(m);
    case 0x93: return global_stack(m);
    case 'R': return reduce(m);
    case 'b': return build(m);
    case 'Q': return persistent(m);
    default: return refuse(m, "pickle opcode 0x%02x is not allowed in a state_dict", opcode);
    }
}

rs_status rs_pickle_read(rs_pickle *out, const char *file, const char *part, const char *bytes, size_t length) {
    rs_status status = RS_OK;
    machine m = {.file = file, .part = part, .bytes = bytes, .length = length};
    RS_TRY(rs_reserve((void **)&m.stack, &m.stack_capacity, 1, sizeof *m.stack)); /* never NULL: it is added to */
    for (;;) {
        const char *opcode = NULL;
        const uint32_t *top = NULL;
        m.opcode = m.at;
        RS_TRY(take(&opcode, &m, 1));
        if (*opcode != '.') {
            RS_TRY(run_opcode(&m, (unsigned char)*opcode));
            continue;
        }
        RS_TRY(pop(&top, &m, 1));
        m.pickle.top = *top;
        *out = m.pickle;
        m.pickle = (rs_pickle){0};
        break;
    }
cleanup:
    rs_pickle_free(&m.pickle);
    free(m.stack);
    free(m.marks);
    free(m.memo);
    return status;
}

void rs_pickle_free(rs_pickle *pickle) {
    for (size_t i = 0; i < pickle->count; i++) free(pickle->values[i].items);
    free(pickle->values);
    *pickle = (rs_pickle){0};
}

const rs_pickle_value *rs_pickle_item(const rs_pickle *pickle, const rs_pickle_value *value, size_t i) {
    return &pickle->values[value->items[i]];
}

const char *rs_pickle_kind_name(rs_pickle_kind kind) {
    static const char *const names[] = {
        [RS_PICKLE_NONE] = "None",
        [RS_PICKLE_INTEGER] = "an integer",
        [RS_PICKLE_REAL] = "a number",
        [RS_PICKLE_TEXT] = "a text",
        [RS_PICKLE_TUPLE] = "a tuple",
        [RS_PICKLE_LIST] = "a list",
        [RS_PICKLE_DICT] = "a dictionary",
        [RS_PICKLE_ORDERED] = "a class",
        [RS_PICKLE_STORAGE] = "a class",
        [RS_PICKLE_REBUILD_TENSOR] = "a function",
        [RS_PICKLE_REBUILD_PARAMETER] = "a function",
        [RS_PICKLE_CALL] = "a tensor",
        [RS_PICKLE_PERSISTENT] = "a storage",
    };
    return names[kind];
}
