/* Inside the reader of pickles: its stack, marks, memo and values. Every function refuses what the bytes cannot mean
 * with RS_EINPUT. */
#ifndef RS_NETWORK_PICKLE_MACHINE_H
#define RS_NETWORK_PICKLE_MACHINE_H

#include "network/pickle.h"

typedef struct rs_machine {
    const char *file, *part; /* for messages */
    const char *bytes;
    size_t length, at, opcode; /* opcode: where the current one is */
    rs_pickle pickle;
    uint32_t *stack; /* [depth]; never NULL once something was reserved */
    size_t depth, stack_capacity;
    size_t *marks; /* [mark_count] depths of the stack */
    size_t mark_count, mark_capacity;
    uint32_t *memo; /* [memo_count] */
    size_t memo_count, memo_capacity;
    size_t items; /* of all values together */
} rs_machine;

/* RS_EINPUT with the place of the current opcode. */
rs_status rs_machine_refuse(const rs_machine *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The next bytes; an unsigned little-endian number of 1 to 8 bytes (0 of 0 bytes); a text up to a line feed. */
rs_status rs_machine_take(const char **out, rs_machine *m, uint64_t size);
rs_status rs_machine_take_number(uint64_t *out, rs_machine *m, size_t size);
rs_status rs_machine_take_line(const char **out, size_t *length, rs_machine *m);

/* Pushes a value that exists, a new one, or a new one of items, which are copied. */
rs_status rs_machine_push_index(rs_machine *m, uint32_t index);
rs_status rs_machine_push(rs_machine *m, rs_pickle_value value);
rs_status rs_machine_push_items(rs_machine *m, rs_pickle_kind kind, const uint32_t *items, size_t count);
rs_status rs_machine_append(rs_machine *m, uint32_t index, const uint32_t *items, size_t count);
/* RS_EINPUT with what the value is: "... of an integer". */
rs_status rs_machine_refuse_value(const rs_machine *m, const char *what, uint32_t index);
/* Take values off the stack, `count` of them above the last mark, or all down to it with the mark. *out is valid until
 * the next push. */
rs_status rs_machine_pop(const uint32_t **out, rs_machine *m, size_t count);
rs_status rs_machine_pop_mark(const uint32_t **out, size_t *count, rs_machine *m);
rs_status rs_machine_mark(rs_machine *m);
rs_status rs_machine_memo_put(rs_machine *m, uint64_t index);
rs_status rs_machine_memo_get(rs_machine *m, uint64_t index);
void rs_machine_free(rs_machine *m);

#endif
