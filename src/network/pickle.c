/* A pickle is a program for a stack machine. This one has no instruction that does anything but build values: NEWOBJ,
 * REDUCE and BUILD, which call Python functions, record what they would call, and the attributes they would set. */
#include "network/pickle.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "network/pickle_machine.h"

/* ---- Numbers, texts and tuples ---- */

static rs_status push_integer(rs_machine *m, int64_t integer) {
    return rs_machine_push(m, (rs_pickle_value){.kind = RS_PICKLE_INTEGER, .integer = integer});
}

static rs_status push_tuple(rs_machine *m, size_t count) {
    const uint32_t *items = NULL;
    rs_status status = rs_machine_pop(&items, m, count);
    return status == RS_OK ? rs_machine_push_items(m, RS_PICKLE_TUPLE, items, count) : status;
}

static rs_status push_text(rs_machine *m, size_t size_bytes) {
    rs_status status = RS_OK;
    uint64_t length = 0;
    const char *text = NULL;
    RS_TRY(rs_machine_take_number(&length, m, size_bytes));
    RS_TRY(rs_machine_take(&text, m, length));
    RS_TRY(rs_machine_push(m, (rs_pickle_value){.kind = RS_PICKLE_TEXT, .text = text, .length = (size_t)length}));
cleanup:
    return status;
}

/* A two's-complement integer of any length, as far as it fits 64 bits. */
static rs_status push_long(rs_machine *m, size_t size_bytes) {
    rs_status status = RS_OK;
    uint64_t length = 0, number = 0;
    RS_TRY(rs_machine_take_number(&length, m, size_bytes));
    if (length > 8) {
        status = rs_machine_refuse(m, "an integer beyond 64 bits");
        goto cleanup;
    }
    RS_TRY(rs_machine_take_number(&number, m, (size_t)length));
    if (length && length < 8 && number >> (8 * length - 1)) number |= UINT64_MAX << 8 * length;
    RS_TRY(push_integer(m, (int64_t)number));
cleanup:
    return status;
}

/* ---- Globals and calls ---- */

static bool same(const char *text, size_t length, const char *wanted) {
    return length == strlen(wanted) && memcmp(text, wanted, length) == 0;
}

static rs_status push_global(rs_machine *m, const char *module, size_t module_length, const char *name,
                             size_t name_length) {
    if (same(module, module_length, "collections") && same(name, name_length, "OrderedDict"))
        return rs_machine_push(m, (rs_pickle_value){.kind = RS_PICKLE_ORDERED});
    if (same(module, module_length, "torch._utils")) {
        if (same(name, name_length, "_rebuild_tensor_v2") || same(name, name_length, "_rebuild_tensor"))
            return rs_machine_push(m, (rs_pickle_value){.kind = RS_PICKLE_REBUILD_TENSOR});
        if (same(name, name_length, "_rebuild_parameter") || same(name, name_length, "_rebuild_parameter_with_state"))
            return rs_machine_push(m, (rs_pickle_value){.kind = RS_PICKLE_REBUILD_PARAMETER});
    }
    char class[32];
    if (same(module, module_length, "torch") && name_length < sizeof class) {
        snprintf(class, sizeof class, "%.*s", (int)name_length, name);
        const rs_dtype *dtype = rs_dtype_pytorch(class);
        if (dtype) return rs_machine_push(m, (rs_pickle_value){.kind = RS_PICKLE_STORAGE, .dtype = dtype});
    }
    return rs_machine_push(m, (rs_pickle_value){.kind = RS_PICKLE_CLASS,
                                                .text = module,
                                                .length = module_length,
                                                .name = name,
                                                .name_length = name_length});
}

static rs_status global_line(rs_machine *m) {
    rs_status status = RS_OK;
    const char *module = NULL, *name = NULL;
    size_t module_length = 0, name_length = 0;
    RS_TRY(rs_machine_take_line(&module, &module_length, m));
    RS_TRY(rs_machine_take_line(&name, &name_length, m));
    RS_TRY(push_global(m, module, module_length, name, name_length));
cleanup:
    return status;
}

static rs_status global_stack(rs_machine *m) {
    const uint32_t *items = NULL;
    rs_status status = rs_machine_pop(&items, m, 2);
    if (status != RS_OK) return status;
    const rs_pickle_value *module = &m->pickle.values[items[0]], *name = &m->pickle.values[items[1]];
    if (module->kind != RS_PICKLE_TEXT || name->kind != RS_PICKLE_TEXT)
        return rs_machine_refuse(m, "a global is not named by texts");
    return push_global(m, module->text, module->length, name->text, name->length);
}

/* OrderedDict() or, from Python 2, OrderedDict([[key, value], ...]). */
static rs_status ordered(rs_machine *m, const rs_pickle_value *arguments) {
    rs_status status = RS_OK;
    const rs_pickle_value *pairs = arguments->count ? rs_pickle_item(&m->pickle, arguments, 0) : NULL;
    size_t count = pairs ? pairs->count : 0;
    if (arguments->count > 1 || (pairs && pairs->kind != RS_PICKLE_LIST))
        return rs_machine_refuse(m, "an OrderedDict that is not made from a list of pairs");
    const uint32_t *items = count ? pairs->items : NULL; /* `pairs` moves when a value is pushed */
    RS_TRY(rs_machine_push(m, (rs_pickle_value){.kind = RS_PICKLE_DICT}));
    for (size_t i = 0; i < count; i++) {
        const rs_pickle_value *pair = &m->pickle.values[items[i]];
        if ((pair->kind != RS_PICKLE_LIST && pair->kind != RS_PICKLE_TUPLE) || pair->count != 2)
            return rs_machine_refuse(m, "an OrderedDict that is not made from a list of pairs");
        RS_TRY(rs_machine_append(m, m->stack[m->depth - 1], pair->items, 2));
    }
cleanup:
    return status;
}

/* REDUCE and NEWOBJ: a call of a function or class, recorded. */
static rs_status call(rs_machine *m) {
    const uint32_t *items = NULL;
    rs_status status = rs_machine_pop(&items, m, 2);
    if (status != RS_OK) return status;
    const rs_pickle_value *function = &m->pickle.values[items[0]], *arguments = &m->pickle.values[items[1]];
    if (arguments->kind != RS_PICKLE_TUPLE) return rs_machine_refuse(m, "a call without a tuple of arguments");
    if (function->kind == RS_PICKLE_ORDERED) return ordered(m, arguments);
    if (function->kind != RS_PICKLE_REBUILD_TENSOR && function->kind != RS_PICKLE_REBUILD_PARAMETER &&
        function->kind != RS_PICKLE_CLASS)
        return rs_machine_refuse_value(m, "a call of", items[0]);
    return rs_machine_push_items(m, RS_PICKLE_OBJECT, items, 2);
}

/* NEWOBJ_EX: class, arguments, arguments by name, which are dropped. */
static rs_status call_by_name(rs_machine *m) {
    const uint32_t *items = NULL;
    rs_status status = rs_machine_pop(&items, m, 1);
    return status == RS_OK ? call(m) : status;
}

/* Attributes of an object: a dictionary, or a tuple of two, the second for __slots__; other states, as of NumPy arrays,
 * are dropped, and so are the attributes of an OrderedDict, as _metadata of a state_dict. */
static rs_status build(rs_machine *m) {
    const uint32_t *items = NULL;
    rs_status status = rs_machine_pop(&items, m, 2);
    if (status != RS_OK) return status;
    uint32_t object = items[0];
    const rs_pickle_value *state = &m->pickle.values[items[1]];
    if (m->pickle.values[object].kind == RS_PICKLE_OBJECT) {
        bool slots = state->kind == RS_PICKLE_TUPLE && state->count == 2;
        for (size_t i = 0; i < (slots ? 2 : 1) && status == RS_OK; i++) {
            const rs_pickle_value *part = slots ? rs_pickle_item(&m->pickle, state, i) : state;
            if (part->kind == RS_PICKLE_DICT) status = rs_machine_append(m, object, part->items, part->count);
        }
    } else if (m->pickle.values[object].kind != RS_PICKLE_DICT)
        return rs_machine_refuse_value(m, "attributes of", object);
    return status == RS_OK ? rs_machine_push_index(m, object) : status;
}

/* ---- Containers ---- */

/* Adds items that were just taken off the stack to the container that lies below them. Objects may be containers of a
 * class of their own: their pairs are taken as attributes, their list dropped. */
static rs_status extend(rs_machine *m, rs_pickle_kind kind, const uint32_t *items, size_t count) {
    size_t floor = m->mark_count ? m->marks[m->mark_count - 1] : 0;
    if (m->depth <= floor) return rs_machine_refuse(m, "the stack is empty (underflow)");
    uint32_t target = m->stack[m->depth - 1];
    bool object = m->pickle.values[target].kind == RS_PICKLE_OBJECT;
    if (m->pickle.values[target].kind != kind && !object)
        return rs_machine_refuse_value(m, "items are added to", target);
    if (object && kind != RS_PICKLE_DICT) return RS_OK;
    if (kind == RS_PICKLE_DICT && count % 2) return rs_machine_refuse(m, "a key without a value");
    return rs_machine_append(m, target, items, count);
}

static rs_status extend_mark(rs_machine *m, rs_pickle_kind kind) {
    const uint32_t *items = NULL;
    size_t count = 0;
    rs_status status = rs_machine_pop_mark(&items, &count, m);
    return status == RS_OK ? extend(m, kind, items, count) : status;
}

static rs_status extend_count(rs_machine *m, rs_pickle_kind kind, size_t count) {
    const uint32_t *items = NULL;
    rs_status status = rs_machine_pop(&items, m, count);
    return status == RS_OK ? extend(m, kind, items, count) : status;
}

static rs_status push_marked(rs_machine *m, rs_pickle_kind kind) {
    const uint32_t *items = NULL;
    size_t count = 0;
    rs_status status = rs_machine_pop_mark(&items, &count, m);
    if (status != RS_OK) return status;
    if (kind == RS_PICKLE_DICT && count % 2) return rs_machine_refuse(m, "a key without a value");
    return rs_machine_push_items(m, kind, items, count);
}

/* ---- The machine ---- */

static rs_status number_then(rs_machine *m, size_t size, rs_status (*then)(rs_machine *, uint64_t)) {
    uint64_t number = 0;
    rs_status status = rs_machine_take_number(&number, m, size);
    return status == RS_OK ? then(m, number) : status;
}

static rs_status push_unsigned(rs_machine *m, uint64_t number) {
    return push_integer(m, (int64_t)number);
}

static rs_status push_int32(rs_machine *m, uint64_t number) {
    return push_integer(m, (int32_t)(uint32_t)number);
}

static rs_status check_protocol(rs_machine *m, uint64_t number) {
    return number <= 5 ? RS_OK : rs_machine_refuse(m, "pickle protocol %llu is unknown", (unsigned long long)number);
}

static rs_status skip_number(rs_machine *m, uint64_t number) {
    (void)m, (void)number;
    return RS_OK;
}

static rs_status push_real(rs_machine *m, uint64_t number) {
    (void)number;
    return rs_machine_push(m, (rs_pickle_value){.kind = RS_PICKLE_REAL});
}

static rs_status drop(rs_machine *m) {
    const uint32_t *items = NULL;
    return rs_machine_pop(&items, m, 1);
}

static rs_status drop_mark(rs_machine *m) {
    const uint32_t *items = NULL;
    size_t count = 0;
    return rs_machine_pop_mark(&items, &count, m);
}

/* An object that lies outside of the pickle; ("module", class, file, source) of legacy files is the class. */
static rs_status persistent(rs_machine *m) {
    const uint32_t *items = NULL;
    rs_status status = rs_machine_pop(&items, m, 1);
    if (status != RS_OK) return status;
    const rs_pickle_value *id = &m->pickle.values[items[0]];
    if (id->kind == RS_PICKLE_TUPLE && id->count == 4 && rs_pickle_is(rs_pickle_item(&m->pickle, id, 0), "module"))
        return rs_machine_push_index(m, id->items[1]);
    return rs_machine_push_items(m, RS_PICKLE_PERSISTENT, items, 1);
}

static rs_status duplicate(rs_machine *m) {
    const uint32_t *items = NULL;
    rs_status status = rs_machine_pop(&items, m, 1);
    if (status != RS_OK) return status;
    uint32_t top = *items;
    status = rs_machine_push_index(m, top);
    return status == RS_OK ? rs_machine_push_index(m, top) : status;
}

static rs_status run_opcode(rs_machine *m, unsigned char opcode) {
    switch (opcode) {
    case 0x80: return number_then(m, 1, check_protocol);
    case 0x95: return number_then(m, 8, skip_number); /* FRAME: a hint for buffers */
    case 'N': return rs_machine_push(m, (rs_pickle_value){.kind = RS_PICKLE_NONE});
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
    case 'T': return push_text(m, 4);  /* BINSTRING, from Python 2 */
    case 'C': return push_text(m, 1);  /* SHORT_BINBYTES */
    case 'B': return push_text(m, 4);  /* BINBYTES */
    case 0x8e: return push_text(m, 8); /* BINBYTES8 */
    case 0x96: return push_text(m, 8); /* BYTEARRAY8 */
    case ')': return push_tuple(m, 0);
    case 0x85: return push_tuple(m, 1);
    case 0x86: return push_tuple(m, 2);
    case 0x87: return push_tuple(m, 3);
    case 't': return push_marked(m, RS_PICKLE_TUPLE);
    case ']': return rs_machine_push(m, (rs_pickle_value){.kind = RS_PICKLE_LIST});
    case 'l': return push_marked(m, RS_PICKLE_LIST);
    case 'a': return extend_count(m, RS_PICKLE_LIST, 1);
    case 'e': return extend_mark(m, RS_PICKLE_LIST);
    case 0x8f: return rs_machine_push(m, (rs_pickle_value){.kind = RS_PICKLE_SET});
    case 0x90: return extend_mark(m, RS_PICKLE_SET);
    case 0x91: return push_marked(m, RS_PICKLE_SET); /* FROZENSET */
    case '}': return rs_machine_push(m, (rs_pickle_value){.kind = RS_PICKLE_DICT});
    case 'd': return push_marked(m, RS_PICKLE_DICT);
    case 's': return extend_count(m, RS_PICKLE_DICT, 2);
    case 'u': return extend_mark(m, RS_PICKLE_DICT);
    case '(': return rs_machine_mark(m);
    case '0': return drop(m);
    case '2': return duplicate(m);
    case '1': return drop_mark(m);
    case 'q': return number_then(m, 1, rs_machine_memo_put);
    case 'r': return number_then(m, 4, rs_machine_memo_put);
    case 0x94: return rs_machine_memo_put(m, m->memo_count); /* MEMOIZE */
    case 'h': return number_then(m, 1, rs_machine_memo_get);
    case 'j': return number_then(m, 4, rs_machine_memo_get);
    case 'c': return global_line(m);
    case 0x93: return global_stack(m);
    case 'R': return call(m);
    case 0x81: return call(m); /* NEWOBJ */
    case 0x92: return call_by_name(m);
    case 'b': return build(m);
    case 'Q': return persistent(m);
    default: return rs_machine_refuse(m, "pickle opcode 0x%02x is not allowed", opcode);
    }
}

rs_status rs_pickle_read(rs_pickle *out, const char *file, const char *part, const char *bytes, size_t length) {
    rs_status status = RS_OK;
    rs_machine m = {.file = file, .part = part, .bytes = bytes, .length = length};
    RS_TRY(rs_reserve((void **)&m.stack, &m.stack_capacity, 1, sizeof *m.stack)); /* never NULL: it is added to */
    for (;;) {
        const char *opcode = NULL;
        const uint32_t *top = NULL;
        m.opcode = m.at;
        RS_TRY(rs_machine_take(&opcode, &m, 1));
        if (*opcode != '.') {
            RS_TRY(run_opcode(&m, (unsigned char)*opcode));
            continue;
        }
        RS_TRY(rs_machine_pop(&top, &m, 1));
        m.pickle.top = *top;
        m.pickle.length = m.at;
        *out = m.pickle;
        m.pickle = (rs_pickle){0};
        break;
    }
cleanup:
    rs_machine_free(&m);
    return status;
}
