#include "network/reading.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

rs_status rs_reading_note(rs_reading *reading, const char *format, ...) {
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    rs_status status =
        rs_reserve((void **)&reading->notes, &reading->note_capacity, reading->note_count + 1, sizeof *reading->notes);
    if (status != RS_OK) return status;
    if (!(reading->notes[reading->note_count] = rs_strdup(line))) return RS_EMEMORY;
    reading->note_count++;
    return RS_OK;
}

/* `*to` keeps what it has. */
static void move_text(char **to, char **from) {
    if (*to) return;
    *to = *from;
    *from = NULL;
}

static void move_names(rs_names **to, rs_names **from) {
    if (*to) return;
    *to = *from;
    *from = NULL;
}

void rs_reading_complete(rs_card *card, rs_reading *reading) {
    rs_card *said = &reading->said;
    move_text(&card->cell, &said->cell);
    move_text(&card->input, &said->input);
    move_names(&card->alphabet, &said->alphabet);
    move_names(&card->outputs, &said->outputs);
    if (card->gate_slope == 0) card->gate_slope = said->gate_slope;
    if (!card->has_threshold && said->has_threshold) {
        card->has_threshold = true;
        card->threshold = said->threshold;
    }
    if (!card->head) {
        card->head = said->head;
        card->head_count = said->head_count;
        said->head = NULL;
        said->head_count = 0;
    }
    move_text(&card->initial_h, &said->initial_h);
    move_text(&card->initial_c, &said->initial_c);
    move_text(&card->embedding, &said->embedding);
    if (!card->ignore) {
        card->ignore = said->ignore;
        card->ignore_count = said->ignore_count;
        said->ignore = NULL;
        said->ignore_count = 0;
    }
}

void rs_reading_free(rs_reading *reading) {
    rs_tensors_free(&reading->tensors);
    rs_card_free(&reading->said);
    for (size_t i = 0; i < reading->note_count; i++) free(reading->notes[i]);
    free(reading->notes);
    *reading = (rs_reading){0};
}

bool rs_starts(const char *bytes, size_t length, const char *text) {
    size_t wanted = strlen(text);
    return length >= wanted && memcmp(bytes, text, wanted) == 0;
}
