/* A reader of Python pickles: it builds plain values and never runs anything. Classes and functions are names; calls of
 * them are recorded, not made, so that an object is its class, what it was made from, and its attributes.
 * Format: Python's pickletools; protocols 2 to 5 as far as torch.save uses them. */
#ifndef RS_NETWORK_PICKLE_H
#define RS_NETWORK_PICKLE_H

#include "network/tensors.h"

typedef enum rs_pickle_kind {
    RS_PICKLE_NONE,
    RS_PICKLE_INTEGER, /* booleans too */
    RS_PICKLE_REAL,    /* its value is not kept */
    RS_PICKLE_TEXT, /* bytes too */
    RS_PICKLE_TUPLE,
    RS_PICKLE_LIST,
    RS_PICKLE_SET,
    RS_PICKLE_DICT,              /* items: key, value, key, value ... */
    RS_PICKLE_ORDERED,           /* the class collections.OrderedDict; an instance of it is a DICT */
    RS_PICKLE_STORAGE,           /* a storage class of torch: dtype */
    RS_PICKLE_REBUILD_TENSOR,    /* torch._utils._rebuild_tensor and _rebuild_tensor_v2 */
    RS_PICKLE_REBUILD_PARAMETER, /* torch._utils._rebuild_parameter */
    RS_PICKLE_CLASS,             /* any other class or function: module `text`, name `name` */
    RS_PICKLE_OBJECT,            /* items: class or function, tuple of arguments, then attributes: key, value ... */
    RS_PICKLE_PERSISTENT,        /* items: the identifier */
} rs_pickle_kind;

typedef struct rs_pickle_value {
    rs_pickle_kind kind;
    int64_t integer;
    const char *text; /* [length], no 0 byte; in the bytes that were read, which must outlive it */
    size_t length;
    const char *name; /* [name_length], of a class */
    size_t name_length;
    const rs_dtype *dtype;
    uint32_t *items; /* [count], indices into rs_pickle.values; may form cycles */
    size_t count, capacity;
} rs_pickle_value;

typedef struct rs_pickle {
    rs_pickle_value *values;
    size_t count, capacity;
    uint32_t top;  /* what the pickle stands for */
    size_t length; /* bytes that it took */
} rs_pickle;

/* Reads the pickle that bytes[length] begin with. RS_EINPUT: truncated, inconsistent, an opcode or a call that is not
 * allowed; the message begins with "file: part: byte N". Memory is linear in `length`, and limited. */
rs_status rs_pickle_read(rs_pickle *out, const char *file, const char *part, const char *bytes, size_t length);
/* Frees what it holds, not `pickle` itself. */
void rs_pickle_free(rs_pickle *pickle);

/* The i-th item of a value. */
const rs_pickle_value *rs_pickle_item(const rs_pickle *pickle, const rs_pickle_value *value, size_t i);
/* Pairs of a dictionary, or attributes of an object; 0 of all else. */
size_t rs_pickle_pairs(const rs_pickle_value *value);
const rs_pickle_value *rs_pickle_key(const rs_pickle *pickle, const rs_pickle_value *value, size_t i);
const rs_pickle_value *rs_pickle_at(const rs_pickle *pickle, const rs_pickle_value *value, size_t i);
/* The value of the last pair with this key, as Python would have it; NULL: there is none. */
const rs_pickle_value *rs_pickle_find(const rs_pickle *pickle, const rs_pickle_value *value, const char *key);
/* Whether it is this text. */
bool rs_pickle_is(const rs_pickle_value *value, const char *text);
/* For messages: "a dictionary", "an integer", "an object of class __main__.Net" ... */
#define RS_PICKLE_DESCRIPTION 192
const char *rs_pickle_describe(char out[RS_PICKLE_DESCRIPTION], const rs_pickle *pickle, const rs_pickle_value *value);

#endif
