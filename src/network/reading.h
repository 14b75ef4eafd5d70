/* What a reader of weights files delivers, whatever the format was.
 *
 * A reader is one function rs_NAME_read(out, file, bytes, length), which leaves `out` untouched when it fails, and one
 * that recognises the format by the file's bytes; load.c lists them. Formats whose tensors have PyTorch's names and
 * shapes deliver them as they are. A format with names, gate orders or shapes of its own delivers tensors in PyTorch's
 * shapes and gate orders under these names, and says in `said` what the file says about them: rnn.weight_ih_l0,
 * rnn.weight_hh_l0, rnn.bias_ih_l0, rnn.bias_hh_l0, rnn.weight_peephole_l0, and so on for l1 ... embedding.weight
 * [alphabet, width];  head.0.weight [rows, columns], head.0.bias ...;  h0, c0 [layers, hidden] */
#ifndef RS_NETWORK_READING_H
#define RS_NETWORK_READING_H

#include "network/card.h"
#include "network/tensors.h"

typedef struct rs_reading {
    rs_tensors tensors;
    rs_card said; /* what the file itself says; the card that the user writes wins over it, and options over both */
    char **notes; /* [note_count], what was inferred or is worth a warning, as sentences for people */
    size_t note_count, note_capacity;
} rs_reading;

rs_status rs_reading_note(rs_reading *reading, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Moves to `card` what the file said and the card leaves open. */
void rs_reading_complete(rs_card *card, rs_reading *reading);
/* Frees what it holds, not `reading` itself. */
void rs_reading_free(rs_reading *reading);

/* Whether the bytes of a file begin with this text, which may hold no 0. */
bool rs_starts(const char *bytes, size_t length, const char *text);

#endif
