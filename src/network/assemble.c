#include "network/assemble.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "core/text.h"
#include "network/network.h"

/* ---- What every step uses ---- */

rs_status rs_assembly_take(const rs_tensor **out, rs_assembly *a, const char *name) {
    const rs_tensor *found = rs_tensors_find(a->tensors, name);
    if (!found) return rs_fail(RS_EINPUT, "%s: there is no tensor \"%s\"", a->file, name);
    bool *used = &a->used[found - a->tensors->items];
    rs_tensor *tensor = &a->reading->tensors.items[found - a->tensors->items];
    if (*used)
        return rs_fail(RS_EINPUT, "%s: tensor \"%s\" is needed, but ignored or used for something else", a->file, name);
    if (!tensor->dtype->value)
        return rs_fail(RS_EINPUT, "%s: tensor \"%s\" holds %s, but weights are floating-point numbers", a->file, name,
                       tensor->dtype->name);
    rs_status status = rs_tensors_make(&a->reading->tensors, a->file, tensor);
    if (status != RS_OK) return status;
    for (size_t i = 0; i < tensor->count; i++)
        if (!isfinite(tensor->values[i]))
            return rs_fail(RS_EINPUT, "%s: tensor \"%s\": value %zu is not finite in float32", a->file, name, i);
    *used = true;
    *out = tensor;
    return RS_OK;
}

rs_status rs_assembly_shape(const rs_assembly *a, const rs_tensor *tensor, size_t rows, size_t columns) {
    bool any = rows == RS_ANY_ROWS;
    if (tensor->rank == (columns ? 2 : 1) && (any ? tensor->shape[0] > 0 : tensor->shape[0] == rows) &&
        (!columns || tensor->shape[1] == columns))
        return RS_OK;
    rs_text got = {0};
    for (size_t i = 0; i < tensor->rank; i++) rs_text_add(&got, "%s%zu", i ? ", " : "", tensor->shape[i]);
    char *shape = NULL, wanted[64];
    rs_status status = rs_text_take(&shape, &got);
    if (status != RS_OK) return status;
    if (any) snprintf(wanted, sizeof wanted, "[n, %zu]", columns);
    else if (columns) snprintf(wanted, sizeof wanted, "[%zu, %zu]", rows, columns);
    else snprintf(wanted, sizeof wanted, "[%zu]", rows);
    status = rs_fail(RS_EINPUT, "%s: tensor \"%s\" has the shape [%s], not %s", a->file, tensor->name, shape, wanted);
    free(shape);
    return status;
}

/* ---- Ignored and unused tensors ---- */

static rs_status ignore(rs_assembly *a) {
    for (size_t i = 0; i < a->card->ignore_count; i++) {
        const rs_tensor *tensor = rs_tensors_find(a->tensors, a->card->ignore[i]);
        if (!tensor) return rs_fail(RS_EINPUT, "%s: there is no tensor \"%s\" to ignore", a->file, a->card->ignore[i]);
        a->used[tensor - a->tensors->items] = true;
    }
    return RS_OK;
}

static rs_status check_unused(const rs_assembly *a) {
    rs_text names = {0};
    size_t count = 0;
    for (size_t i = 0; i < a->tensors->count; i++)
        if (!a->used[i]) rs_text_add(&names, "%s%s", count++ ? ", " : "", a->tensors->items[i].name);
    char *list = NULL;
    rs_status status = rs_text_take(&list, &names);
    if (status == RS_OK && count)
        status = rs_fail(
            RS_EINPUT,
            "%s: tensors that no part of the network uses: %s; if they may be left out, list them in \"ignore\" of the "
            "card %s",
            a->file, list, a->card_path);
    free(list);
    return status;
}

/* ---- The input ---- */

static bool contains_emb(const char *name) {
    for (; *name; name++)
        if (tolower((unsigned char)name[0]) == 'e' && tolower((unsigned char)name[1]) == 'm' &&
            tolower((unsigned char)name[2]) == 'b')
            return true;
    return false;
}

static rs_status find_embedding(const char **out, const rs_assembly *a) {
    *out = a->card->embedding;
    for (size_t i = 0; i < a->tensors->count && !a->card->embedding; i++) {
        const rs_tensor *tensor = &a->tensors->items[i];
        if (a->used[i] || tensor->rank != 2 || tensor->shape[1] != a->weights.input_size || !contains_emb(tensor->name))
            continue;
        if (*out)
            return rs_fail(
                RS_EINPUT,
                "%s: \"%s\" and \"%s\" could both be the embedding: the card %s must say which in \"embedding\"",
                a->file, *out, tensor->name, a->card_path);
        *out = tensor->name;
    }
    return RS_OK;
}

/* Sets the embedding; the alphabet's size comes out. */
static rs_status find_input(size_t *symbols, rs_assembly *a) {
    rs_status status = RS_OK;
    const char *name = NULL;
    const rs_tensor *embedding = NULL;
    rs_input input = RS_INPUT_ONEHOT;
    if (a->input && !rs_input_parse(&input, a->input))
        return rs_fail(RS_EUSAGE, "--input %s: there are onehot and embedding", a->input);
    if (!a->input || input == RS_INPUT_EMBEDDING) RS_TRY(find_embedding(&name, a));
    *symbols = a->weights.input_size;
    if (!name) {
        if (input == RS_INPUT_EMBEDDING)
            status = rs_fail(RS_EINPUT,
                             "%s: no tensor is an embedding of width %zu: the card %s can name one in \"embedding\"",
                             a->file, a->weights.input_size, a->card_path);
        else if (!a->input)
            status = rs_reading_note(a->reading, "the input is one-hot over %zu symbols, as there is no embedding",
                                     *symbols);
        goto cleanup;
    }
    RS_TRY(rs_assembly_take(&embedding, a, name));
    RS_TRY(rs_assembly_shape(a, embedding, RS_ANY_ROWS, a->weights.input_size));
    if (!a->card->embedding) RS_TRY(rs_reading_note(a->reading, "the embedding is \"%s\"", name));
    a->weights.embedding = embedding->values;
    *symbols = embedding->shape[0];
cleanup:
    return status;
}

/* ---- The initial state ---- */

/* A tensor called NAME or ....NAME that is not used. */
static const char *find_by_ending(const rs_assembly *a, const char *ending) {
    for (size_t i = 0; i < a->tensors->count; i++) {
        const char *name = a->tensors->items[i].name;
        size_t length = strlen(name), end = strlen(ending);
        if (!a->used[i] && length >= end && strcmp(name + length - end, ending) == 0 &&
            (length == end || name[length - end - 1] == '.'))
            return name;
    }
    return NULL;
}

static rs_status take_initial(float *out, rs_assembly *a, const char *name, bool inferred) {
    rs_status status = RS_OK;
    const rs_tensor *t = NULL;
    size_t layers = a->weights.layers, hidden = a->weights.hidden;
    RS_TRY(rs_assembly_take(&t, a, name));
    bool fits = (t->rank == 1 && layers == 1 && t->shape[0] == hidden) ||
                (t->rank == 2 && t->shape[0] == layers && t->shape[1] == hidden) ||
                (t->rank == 3 && t->shape[0] == layers && t->shape[1] == 1 && t->shape[2] == hidden);
    if (!fits) {
        status = rs_fail(RS_EINPUT, "%s: the initial state \"%s\" must have the shape [%zu, %zu] or [%zu, 1, %zu]",
                         a->file, name, layers, hidden, layers, hidden);
        goto cleanup;
    }
    memcpy(out, t->values, t->count * sizeof *out);
    if (inferred) RS_TRY(rs_reading_note(a->reading, "the initial state is \"%s\"", name));
cleanup:
    return status;
}

static rs_status find_initial(rs_assembly *a) {
    rs_status status = RS_OK;
    const rs_network_weights *w = &a->weights;
    bool memory = rs_cell_has_memory(w->cell);
    size_t size;
    const char *h = a->card->initial_h ? a->card->initial_h : find_by_ending(a, "h0");
    const char *c = a->card->initial_c || !memory ? a->card->initial_c : find_by_ending(a, "c0");
    if (c && !memory) return rs_fail(RS_EINPUT, "%s: an initial cell state \"%s\", but a %s has none", a->file, c,
                               rs_cell_name(w->cell));
    if (!h && !c) return RS_OK;
    if (__builtin_mul_overflow(w->layers, w->hidden, &size))
        return rs_fail(RS_EMEMORY, "%s: the state is too large", a->file);
    RS_TRY_ALLOC(a->initial = rs_alloc(size, 2 * sizeof *a->initial));
    if (h) RS_TRY(take_initial(a->initial, a, h, !a->card->initial_h));
    if (c) RS_TRY(take_initial(a->initial + size, a, c, !a->card->initial_c));
    a->weights.initial = a->initial;
cleanup:
    return status;
}

/* ---- Names ---- */

/* Names from the option, else from the card; *out stays NULL when neither says them. */
static rs_status find_names(rs_names **out, const rs_assembly *a, const char *what, const char *option,
                            const rs_names *card, size_t needed) {
    rs_status status = RS_OK;
    rs_names *names = NULL;
    if (option) RS_TRY(rs_names_parse(&names, what, option));
    else if (card) RS_TRY(rs_names_copy(&names, card));
    if (names && rs_names_count(names) != needed) {
        status = rs_fail(RS_EINPUT, "%s: %s has %zu name%s, but the network needs %zu", a->file, what,
                         rs_names_count(names), rs_names_count(names) == 1 ? "" : "s", needed);
        goto cleanup;
    }
    *out = names;
    names = NULL;
cleanup:
    rs_names_free(names);
    return status;
}

static rs_status find_all_names(rs_assembly *a, size_t symbols) {
    rs_status status = RS_OK;
    size_t logits = a->head[a->weights.head_layers - 1].rows, classes = logits == 1 ? 2 : logits;
    rs_text missing = {0};
    char *list = NULL;
    RS_TRY(find_names(&a->alphabet, a, "alphabet", a->options->alphabet, a->card->alphabet, symbols));
    RS_TRY(find_names(&a->outputs, a, "outputs", a->options->outputs, a->card->outputs, classes));
    if (!a->outputs && classes == 2) {
        RS_TRY(rs_names_parse(&a->outputs, "outputs", "reject accept"));
        RS_TRY(rs_reading_note(a->reading, "the outputs are assumed to be \"reject accept\", in this order"));
    }
    if (logits == 1) {
        if (!a->card->has_threshold)
            RS_TRY(rs_reading_note(a->reading, "the threshold of the one logit is assumed to be 0"));
        a->weights.threshold = a->card->threshold;
    } else if (a->card->has_threshold) {
        status = rs_fail(RS_EINPUT, "%s: the card %s has a threshold, but the network has %zu logits, not one", a->file,
                         a->card_path, logits);
        goto cleanup;
    }
    if (a->cell_unknown) rs_text_add(&missing, ", the cell (--cell relu or --cell tanh)");
    if (!a->alphabet) rs_text_add(&missing, ", the alphabet (--alphabet with %zu names)", symbols);
    if (!a->outputs) rs_text_add(&missing, ", the outputs (--outputs with %zu names)", classes);
    RS_TRY(rs_text_take(&list, &missing));
    if (list[0])
        status = rs_fail(RS_EINPUT, "%s: the weights do not say %s; give these options, or write the card %s", a->file,
                         list + 2, a->card_path);
    a->weights.alphabet = a->alphabet;
    a->weights.outputs = a->outputs;
cleanup:
    rs_text_free(&missing);
    free(list);
    return status;
}

/* ---- All together ---- */

rs_status rs_network_assemble(rs_network **out, const char *file, const char sha256[65], const char *format,
                              const char *card_path, rs_reading *reading, rs_card *card,
                              const rs_network_options *options) {
    rs_status status = RS_OK;
    const rs_tensors *tensors = &reading->tensors;
    rs_assembly a = {
        .file = file, .card_path = card_path, .tensors = tensors, .card = card, .options = options, .reading = reading};
    rs_network *net = NULL;
    char *origin = NULL;
    size_t symbols = 0;
    rs_reading_complete(card, reading);
    a.cell = options->cell ? options->cell : card->cell;
    a.input = options->input ? options->input : card->input;
    RS_TRY_ALLOC(a.used = rs_alloc(tensors->count, sizeof *a.used));
    RS_TRY(ignore(&a));
    RS_TRY(rs_assembly_recurrent(&a));
    RS_TRY(find_input(&symbols, &a));
    RS_TRY(find_initial(&a));
    RS_TRY(rs_assembly_head(&a));
    RS_TRY(check_unused(&a));
    RS_TRY(find_all_names(&a, symbols));
    RS_TRY_ALLOC(origin = rs_strdup(file));
    RS_TRY(rs_network_new(&net, &a.weights));
    rs_network_set_origin(net, origin, sha256, format, reading->notes, reading->note_count);
    *out = net;
    origin = NULL;
    reading->notes = NULL;
    reading->note_count = reading->note_capacity = 0;
cleanup:
    free(a.used);
    free(a.recurrent);
    free(a.head);
    free(a.initial);
    rs_names_free(a.alphabet);
    rs_names_free(a.outputs);
    free(origin);
    return status;
}
