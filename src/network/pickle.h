/* A restricted reader of Python pickles: it builds plain values and never runs anything. Only the globals that
 * torch.save writes for a state_dict are known; calls of them are recorded, not made. All else is refused by name.
 * Format: Python's pickletools; protocols 2 to 5 as far as torch.save uses them. */
#ifndef RS_NETWORK_PICKLE_H
#define RS_NETWORK_PICKLE_H

#include "network/tensors.h"

typedef enum rs_pickle_kind {
    RS_PICKLE_NONE,
    RS_PICKLE_INTEGER, /* booleans too */
    RS_PICKLE_REAL,    /* its value is not kept */
    RS_PICKLE_TEXT,
    RS_PICKLE_TUPLE,
    RS_PICKLE_LIST,
    RS_PICKLE_DICT,              /* items: key, value, key, value ... */
    RS_PICKLE_ORDERED,           /* the class collections.OrderedDict; an instance of it is a DICT */
    RS_PICKLE_STORAGE,           /* a storage class of torch: dtype */
    RS_PICKLE_REBUILD_TENSOR,    /* torch._utils._rebuild_tensor_v2 */
    RS_PICKLE_REBUILD_PARAMETER, /* torch._utils._rebuild_parameter */
    RS_PICKLE_CALL,              /* items: function, tuple of arguments */
    RS_PICKLE_PERSISTENT,        /* items: the identifier */
} rs_pickle_kind;

typedef struct rs_pickle_value {
    rs_pickle_kind kind;
    int64_t integer;
    const char *text; /* [length], no 0 byte; in the bytes that were read, which must outlive it */
    size_t length;
    const rs_dtype *dtype;
    uint32_t *items; /* [count], indices into rs_pickle.values; may form cycles */
    size_t count, capacity;
} rs_pickle_value;

typedef struct rs_pickle {
    rs_pickle_value *values;
    size_t count, capacity;
    uint32_t top; /* what the pickle stands for */
} rs_pickle;

/* Reads one pickle. RS_EINPUT: truncated, inconsistent, an opcode or a global that is not allowed; the message begins
 * with "file: part: byte N". Memory is linear in `length`, and limited. */
rs_status rs_pickle_read(rs_pickle *out, const char *file, const char *part, const char *bytes, size_t length);
/* Frees what it holds, not `pickle` itself. */
void rs_pickle_free(rs_pickle *pickle);

/* The i-th item of a value. */
const rs_pickle_value *rs_pickle_item(const rs_pickle *pickle, const rs_pickle_value *value, size_t i);
/* For messages: "a dictionary", "an integer" ... */
const char *rs_pickle_kind_name(rs_pickle_kind kind);

#endif
