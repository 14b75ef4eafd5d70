/* DyNet's text files. A block is a line
 *     #Parameter# NAME {ROWS,COLUMNS} BYTES ZERO_GRAD
 * and a line of the values, column by column; without ZERO_GRAD a line of gradients follows. #LookupParameter# {WIDTH,
 * SYMBOLS} is an embedding, a column a symbol. BYTES only serves to skip a block, and is not needed.
 *
 * Names say nothing: a network is known by the order and shapes of its parameters. W x + U h + b of a gate stand as the
 * triple W {h,i}, U {h,h}, b {h}. Known layers, all of one kind, and before or after all of them the head {classes,h},
 * {classes}:
 *     GRU without reset   z, r, n, h0       h' = z * h + (1-z) * n,  n = tanh(W x + U h + b): r is stored and never
 * used LSTM                i, f, o, g, h0, c0 DyNet's GRUBuilder  z, r, n           h' = (1-z) * h + z * n,  n = tanh(W
 * x + U (r*h) + b) The first is our gru with r = 1, by a bias of 64 that no input moves: its logistic is 1 in float32.
 * The third is our gru-before with 1-z, the logistic of the negated sum, in the place of z. */
#include "network/dynet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"

#define RESET_OPEN 64.0f
#define TOKEN 64 /* bytes of a number, at most */

typedef struct reader {
    const char *file, *at, *end;
    size_t line;
    rs_tensors parameters, lookups; /* matrices are [rows, columns], row-major; lookups [symbols, width] */
} reader;

/* ---- The text ---- */

static rs_status fail(const reader *r, const char *text) {
    return rs_fail_at(r->file, r->line, 1, "%s", text);
}

/* The next word of this line; false: there is none. */
static bool next_word(const char **out, size_t *length, reader *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\r')) r->at++;
    *out = r->at;
    while (r->at < r->end && *r->at != ' ' && *r->at != '\n' && *r->at != '\r') r->at++;
    *length = (size_t)(r->at - *out);
    return *length > 0;
}

static bool is(const char *word, size_t length, const char *text) {
    return length == strlen(text) && memcmp(word, text, length) == 0;
}

static rs_status end_line(reader *r) {
    const char *word;
    size_t length;
    if (next_word(&word, &length, r)) return fail(r, "there are more words or numbers in this line than belong here");
    if (r->at < r->end) {
        r->at++;
        r->line++;
    }
    return RS_OK;
}

/* {rows} or {rows,columns}. */
static bool parse_dimensions(size_t shape[2], size_t *rank, const char *word, size_t length) {
    size_t i = 1;
    *rank = 0;
    if (length < 3 || word[0] != '{' || word[length - 1] != '}') return false;
    while (i < length && *rank < 2) {
        size_t size = 0, digits = 0;
        for (; word[i] >= '0' && word[i] <= '9'; i++, digits++)
            if (__builtin_mul_overflow(size, (size_t)10, &size) ||
                __builtin_add_overflow(size, (size_t)(word[i] - '0'), &size))
                return false;
        if (!digits || !size) return false;
        shape[(*rank)++] = size;
        if (word[i] != ',') return word[i] == '}' && i == length - 1;
        i++;
    }
    return false;
}

static rs_status read_number(float *out, reader *r) {
    const char *word;
    size_t length;
    char text[TOKEN], *end;
    if (!next_word(&word, &length, r)) return fail(r, "there are fewer numbers in this line than the block says");
    bool plain = length < sizeof text;
    for (size_t i = 0; i < length && plain; i++) plain = word[i] && strchr("0123456789+-.eEnaif", word[i]);
    if (plain) {
        memcpy(text, word, length);
        text[length] = 0;
        *out = strtof(text, &end);
        plain = !*end;
    }
    return plain ? RS_OK
                 : rs_fail_at(r->file, r->line, 1, "\"%.*s\" is no number", (int)(length < 40 ? length : 40), word);
}

/* Values of a block; gradients are read and dropped. */
static rs_status read_values(reader *r, rs_tensor *tensor, bool lookup, bool keep) {
    size_t rows = lookup || tensor->rank == 1 ? tensor->count : tensor->shape[0];
    size_t columns = lookup || tensor->rank == 1 ? 1 : tensor->shape[1];
    for (size_t i = 0; i < tensor->count; i++) {
        float value = 0;
        rs_status status = read_number(&value, r);
        if (status != RS_OK) return status;
        if (keep) tensor->values[i % rows * columns + i / rows] = value;
    }
    return end_line(r);
}

static rs_status read_block(reader *r) {
    rs_status status = RS_OK;
    const char *kind, *name, *word;
    size_t kind_length, name_length, length, rank = 0, shape[2] = {0}, count = 0;
    rs_tensor *tensor = NULL;
    bool zero_gradient = false;
    next_word(&kind, &kind_length, r);
    bool lookup = is(kind, kind_length, "#LookupParameter#");
    if (!lookup && !is(kind, kind_length, "#Parameter#"))
        return fail(r, "a block must begin with #Parameter# or #LookupParameter#");
    if (!next_word(&name, &name_length, r)) return fail(r, "the block has no name");
    if (!next_word(&word, &length, r) || !parse_dimensions(shape, &rank, word, length))
        return fail(r, "the dimensions of the block must be {ROWS} or {ROWS,COLUMNS}");
    if (lookup && rank != 2) return fail(r, "the dimensions of a lookup parameter must be {WIDTH,SYMBOLS}");
    if (next_word(&word, &length, r)) { /* bytes */
        for (size_t i = 0; i < length; i++)
            if (word[i] < '0' || word[i] > '9') return fail(r, "the number of bytes of the block is no number");
        if (next_word(&word, &length, r)) {
            zero_gradient = is(word, length, "ZERO_GRAD");
            if (!zero_gradient && !is(word, length, "FULL_GRAD"))
                return fail(r, "the block must end in ZERO_GRAD or FULL_GRAD");
        }
    }
    RS_TRY(end_line(r));
    if (lookup) {
        size_t width = shape[0];
        shape[0] = shape[1];
        shape[1] = width;
    }
    if (!rs_shape_count(&count, rank, shape) || count > (size_t)(r->end - r->at))
        return fail(r, "the file is too short for the numbers of this block");
    RS_TRY(rs_tensors_add(&tensor, lookup ? &r->lookups : &r->parameters, r->file, name, name_length,
                          rs_dtype_safetensors("F32"), rank, shape));
    RS_TRY(read_values(r, tensor, lookup, true));
    if (!zero_gradient) RS_TRY(read_values(r, tensor, lookup, false));
cleanup:
    return status;
}

/* ---- The layout ---- */

typedef enum builder { GRU_WITHOUT_RESET, LSTM, GRU_BUILDER, BUILDERS } builder;

static const struct {
    const char *cell;
    size_t gates, states;
    size_t order[4]; /* where in our order the file's gates go */
} builders[BUILDERS] = {
    {"gru", 3, 1, {1, 0, 2}},
    {"lstm", 4, 2, {0, 1, 3, 2}},
    {"gru-before", 3, 0, {1, 0, 2}},
};

typedef struct layout {
    builder builder;
    size_t first, head; /* parameters: of the first layer, of the head */
    size_t layers, hidden, input;
} layout;

static size_t layer_size(builder k) {
    return 3 * builders[k].gates + builders[k].states;
}

static bool is_matrix(const rs_tensor *t, size_t rows, size_t columns) {
    return t->rank == 2 && t->shape[0] == rows && t->shape[1] == columns;
}

static bool is_vector(const rs_tensor *t, size_t size) {
    return t->rank == 1 && t->shape[0] == size;
}

static bool is_layer(const rs_tensor *t, builder k, size_t hidden, size_t input) {
    for (size_t g = 0; g < builders[k].gates; g++, t += 3)
        if (!is_matrix(&t[0], hidden, input) || !is_matrix(&t[1], hidden, hidden) || !is_vector(&t[2], hidden))
            return false;
    for (size_t s = 0; s < builders[k].states; s++)
        if (!is_vector(&t[s], hidden)) return false;
    return true;
}

/* Whether the parameters are layers of builder k after or before the head. */
static bool fits(layout *out, const rs_tensors *p, builder k, bool head_first) {
    size_t size = layer_size(k), count = p->count;
    if (count < size + 2 || (count - 2) % size) return false;
    layout l = {
        .builder = k, .first = head_first ? 2 : 0, .head = head_first ? 0 : count - 2, .layers = (count - 2) / size};
    const rs_tensor *layer = &p->items[l.first], *head = &p->items[l.head];
    if (layer->rank != 2) return false;
    l.hidden = layer->shape[0];
    l.input = layer->shape[1];
    for (size_t i = 0; i < l.layers; i++)
        if (!is_layer(&layer[i * size], k, l.hidden, i ? l.hidden : l.input)) return false;
    if (head->rank != 2 || !is_matrix(head, head->shape[0], l.hidden) || !is_vector(head + 1, head->shape[0]))
        return false;
    *out = l;
    return true;
}

static rs_status find_layout(layout *out, const reader *r) {
    if (r->lookups.count > 1)
        return rs_fail(RS_EINPUT, "%s: %zu lookup parameters, but a network has one embedding", r->file,
                       r->lookups.count);
    for (builder k = 0; k < BUILDERS; k++)
        for (int head_first = 0; head_first < 2; head_first++)
            if (fits(out, &r->parameters, k, head_first)) return RS_OK;
    return rs_fail(
        RS_EINPUT,
        "%s: its %zu parameters are in the order of no network that is known: head {classes,h} {classes}, and "
        "for each layer W {h,i} U {h,h} b {h} of the gates z, r, n and h0 {h} of a GRU, of i, f, o, g and h0, "
        "c0 of an LSTM, or of z, r, n of DyNet's GRUBuilder",
        r->file, r->parameters.count);
}

/* ---- Into PyTorch's shapes ---- */

static rs_status add(rs_tensor **out, rs_reading *reading, const reader *r, const char *name, size_t rank, size_t rows,
                     size_t columns) {
    const size_t shape[2] = {rows, columns};
    return rs_tensors_add(out, &reading->tensors, r->file, name, strlen(name), rs_dtype_safetensors("F32"), rank,
                          shape);
}

/* One of W, U, b, which stand at `part` of each triple, all gates in our order. */
static rs_status add_part(rs_reading *out, const reader *r, const layout *l, const char *name, size_t layer,
                          size_t part) {
    rs_tensor *to = NULL;
    char full[64];
    size_t columns = part == 0 ? (layer ? l->hidden : l->input) : part == 1 ? l->hidden : 1;
    size_t size = l->hidden * columns;
    const rs_tensor *from = &r->parameters.items[l->first + layer * layer_size(l->builder)];
    snprintf(full, sizeof full, "rnn.%s_l%zu", name, layer);
    rs_status status = add(&to, out, r, full, part == 2 ? 1 : 2, builders[l->builder].gates * l->hidden, columns);
    if (status != RS_OK) return status;
    for (size_t g = 0; g < builders[l->builder].gates; g++) {
        float *at = to->values + builders[l->builder].order[g] * size;
        memcpy(at, from[3 * g + part].values, size * sizeof *at);
        if (l->builder == GRU_WITHOUT_RESET && g == 1)
            for (size_t i = 0; i < size; i++) at[i] = part == 2 ? RESET_OPEN : 0;
        if (l->builder == GRU_BUILDER && g == 0)
            for (size_t i = 0; i < size; i++) at[i] = -at[i];
    }
    return RS_OK;
}

/* [layers, hidden] of the vectors that follow the gates of each layer. */
static rs_status add_state(rs_reading *out, const reader *r, const layout *l, const char *name, size_t state) {
    rs_tensor *to = NULL;
    rs_status status = add(&to, out, r, name, 2, l->layers, l->hidden);
    if (status != RS_OK) return status;
    for (size_t i = 0; i < l->layers; i++) {
        size_t at = l->first + i * layer_size(l->builder) + 3 * builders[l->builder].gates + state;
        memcpy(to->values + i * l->hidden, r->parameters.items[at].values, l->hidden * sizeof *to->values);
    }
    return RS_OK;
}

static rs_status add_copy(rs_reading *out, const reader *r, const char *name, const rs_tensor *from) {
    rs_tensor *to = NULL;
    rs_status status = add(&to, out, r, name, from->rank, from->shape[0], from->rank == 2 ? from->shape[1] : 0);
    if (status == RS_OK) memcpy(to->values, from->values, from->count * sizeof *to->values);
    return status;
}

/* What the order of the parameters says besides. */
static rs_status say(rs_reading *out, const reader *r, const layout *l) {
    rs_status status = RS_OK;
    rs_card *said = &out->said;
    RS_TRY_ALLOC(said->cell = rs_strdup(builders[l->builder].cell));
    RS_TRY_ALLOC(said->input = rs_strdup(r->lookups.count ? "embedding" : "onehot"));
    if (r->lookups.count) RS_TRY_ALLOC(said->embedding = rs_strdup("embedding.weight"));
    RS_TRY_ALLOC(said->head = rs_alloc(1, sizeof *said->head));
    said->head_count = 1;
    RS_TRY_ALLOC(said->head[0].weight = rs_strdup("head.0.weight"));
    RS_TRY_ALLOC(said->head[0].bias = rs_strdup("head.0.bias"));
    if (builders[l->builder].states > 0) RS_TRY_ALLOC(said->initial_h = rs_strdup("h0"));
    if (builders[l->builder].states > 1) RS_TRY_ALLOC(said->initial_c = rs_strdup("c0"));
cleanup:
    return status;
}

static rs_status note(rs_reading *out, const reader *r, const layout *l) {
    static const char *const what[BUILDERS] = {
        "a GRU whose reset gate is stored but not used: its weights are read as 0 and its bias as 64, so that it is 1",
        "an LSTM whose initial state is learned",
        "DyNet's GRUBuilder: z weighs the new state, so its weights are read with the other sign",
    };
    rs_status status = RS_OK;
    bool beyond = false;
    RS_TRY(rs_reading_note(out, "the order of the parameters is that of %s", what[l->builder]));
    for (size_t i = 0; builders[l->builder].states && i < l->layers; i++) {
        const rs_tensor *h0 =
            &r->parameters.items[l->first + i * layer_size(l->builder) + 3 * builders[l->builder].gates];
        for (size_t k = 0; k < h0->count; k++) beyond |= h0->values[k] < -1 || h0->values[k] > 1;
    }
    if (builders[l->builder].states && r->parameters.items[l->head + 1].count == 2)
        RS_TRY(rs_reading_note(out,
                               "programs that wrote such files took the first of two classes for the accepting one: "
                               "then --outputs \"accept reject\""));
    if (beyond)
        RS_TRY(rs_reading_note(out,
                               "h0 reaches beyond [-1, 1], to which the programs that wrote such files clip it: it "
                               "is read as it is"));
cleanup:
    return status;
}

static rs_status deliver(rs_reading *out, const reader *r) {
    static const char *const parts[] = {"weight_ih", "weight_hh", "bias_ih"};
    rs_status status = RS_OK;
    layout l = {0};
    RS_TRY(find_layout(&l, r));
    for (size_t i = 0; i < l.layers; i++)
        for (size_t part = 0; part < 3; part++) RS_TRY(add_part(out, r, &l, parts[part], i, part));
    for (size_t s = 0; s < builders[l.builder].states; s++) RS_TRY(add_state(out, r, &l, s ? "c0" : "h0", s));
    if (r->lookups.count) RS_TRY(add_copy(out, r, "embedding.weight", &r->lookups.items[0]));
    RS_TRY(add_copy(out, r, "head.0.weight", &r->parameters.items[l.head]));
    RS_TRY(add_copy(out, r, "head.0.bias", &r->parameters.items[l.head + 1]));
    RS_TRY(say(out, r, &l));
    RS_TRY(note(out, r, &l));
cleanup:
    return status;
}

bool rs_dynet_recognise(const char *bytes, size_t length) {
    return rs_starts(bytes, length, "#Parameter# ") || rs_starts(bytes, length, "#LookupParameter# ");
}

rs_status rs_dynet_read(rs_reading *out, const char *file, const char *bytes, size_t length) {
    rs_status status = RS_OK;
    reader r = {.file = file, .at = bytes, .end = bytes + length, .line = 1};
    rs_reading reading = {0};
    while (r.at < r.end) RS_TRY(read_block(&r));
    RS_TRY(deliver(&reading, &r));
    *out = reading;
    reading = (rs_reading){0};
cleanup:
    rs_tensors_free(&r.parameters);
    rs_tensors_free(&r.lookups);
    rs_reading_free(&reading);
    return status;
}
