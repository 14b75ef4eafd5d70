/* rs_network_save: a safetensors file of float32 in PyTorch's names, and the card that says the rest. A file is 8 bytes
 * with the length of the header, the header, a JSON object padded with spaces to a multiple of 8, and the values in the
 * order of the header. The names are those of network/reading.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/file.h"
#include "core/status.h"
#include "core/text.h"
#include "network/card_write.h"
#include "network/load.h"
#include "rnnsafe/network.h"

#define ENDING ".safetensors"

typedef struct writer {
    rs_text header, values;
    size_t offset; /* of the next tensor */
} writer;

/* ---- Tensors ---- */

/* [rows, columns], or [rows] for 0 columns. */
static void add(writer *w, const char *name, size_t rows, size_t columns, const float *values) {
    size_t count = columns ? rows * columns : rows, end = w->offset + count * sizeof *values;
    rs_text_add(&w->header, "%c\"%s\":{\"dtype\":\"F32\",\"shape\":[%zu", w->header.length ? ',' : '{', name, rows);
    if (columns) rs_text_add(&w->header, ",%zu", columns);
    rs_text_add(&w->header, "],\"data_offsets\":[%zu,%zu]}", w->offset, end);
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        char little[sizeof bits];
        for (size_t k = 0; k < sizeof bits; k++) little[k] = (char)(bits >> 8 * k & 255);
        rs_text_bytes(&w->values, little, sizeof little);
    }
    w->offset = end;
}

static void add_numbered(writer *w, const char *format, size_t number, size_t rows, size_t columns,
                         const float *values) __attribute__((format(printf, 2, 0)));
static void add_numbered(writer *w, const char *format, size_t number, size_t rows, size_t columns,
                         const float *values) {
    char name[64];
    snprintf(name, sizeof name, format, number);
    add(w, name, rows, columns, values);
}

static bool all_zero(const float *values, size_t count) {
    static const float zero = 0;
    for (size_t i = 0; i < count; i++)
        if (memcmp(&values[i], &zero, sizeof zero) != 0) return false;
    return true;
}

static void add_tensors(writer *w, const rs_network_weights *n, bool h0, bool c0) {
    size_t rows = rs_cell_gates(n->cell) * n->hidden;
    if (n->embedding) add(w, "embedding.weight", rs_names_count(n->alphabet), n->input_size, n->embedding);
    for (size_t l = 0; l < n->layers; l++) {
        const rs_recurrent *r = &n->recurrent[l];
        add_numbered(w, "rnn.weight_ih_l%zu", l, rows, l ? n->hidden : n->input_size, r->weight_ih);
        add_numbered(w, "rnn.weight_hh_l%zu", l, rows, n->hidden, r->weight_hh);
        add_numbered(w, "rnn.bias_ih_l%zu", l, rows, 0, r->bias_ih);
        add_numbered(w, "rnn.bias_hh_l%zu", l, rows, 0, r->bias_hh);
        if (r->peephole) add_numbered(w, "rnn.weight_peephole_l%zu", l, 3 * n->hidden, 0, r->peephole);
    }
    for (size_t i = 0; i < n->head_layers; i++) {
        const rs_dense *d = &n->head[i];
        add_numbered(w, "head.%zu.weight", i, d->rows, d->columns, d->weight);
        add_numbered(w, "head.%zu.bias", i, d->rows, 0, d->bias);
    }
    if (h0) add(w, "h0", n->layers, n->hidden, n->initial);
    if (c0) add(w, "c0", n->layers, n->hidden, n->initial + n->layers * n->hidden);
}

static rs_status make_weights(char **out, size_t *length, const rs_network_weights *n, bool h0, bool c0) {
    rs_status status = RS_OK;
    writer w = {0};
    rs_text file = {0};
    add_tensors(&w, n, h0, c0);
    rs_text_add(&w.header, "}");
    while (!w.header.failed && w.header.length % 8) rs_text_add(&w.header, " ");
    char head[8] = {0};
    for (size_t i = 0; i < sizeof head; i++) head[i] = (char)((uint64_t)w.header.length >> 8 * i & 255);
    rs_text_bytes(&file, head, sizeof head);
    if (w.header.failed || w.values.failed) {
        status = RS_EMEMORY;
        goto cleanup;
    }
    rs_text_bytes(&file, w.header.bytes, w.header.length);
    rs_text_bytes(&file, w.values.bytes, w.values.length);
    size_t total = file.length;
    RS_TRY(rs_text_take(out, &file));
    *length = total;
cleanup:
    rs_text_free(&w.header);
    rs_text_free(&w.values);
    rs_text_free(&file);
    return status;
}

/* ---- The card ---- */

static rs_status describe(rs_card *card, const rs_network_weights *n, bool h0, bool c0) {
    rs_status status = RS_OK;
    char name[64];
    RS_TRY_ALLOC(card->cell = rs_strdup(rs_cell_name(n->cell)));
    RS_TRY_ALLOC(card->input = rs_strdup(rs_input_name(n->embedding ? RS_INPUT_EMBEDDING : RS_INPUT_ONEHOT)));
    if (n->embedding) RS_TRY_ALLOC(card->embedding = rs_strdup("embedding.weight"));
    RS_TRY(rs_names_copy(&card->alphabet, n->alphabet));
    RS_TRY(rs_names_copy(&card->outputs, n->outputs));
    if (h0) RS_TRY_ALLOC(card->initial_h = rs_strdup("h0"));
    if (c0) RS_TRY_ALLOC(card->initial_c = rs_strdup("c0"));
    card->gate_slope = n->gate_slope;
    card->has_threshold = n->head[n->head_layers - 1].rows == 1;
    card->threshold = n->threshold;
    RS_TRY_ALLOC(card->head = rs_alloc(n->head_layers, sizeof *card->head));
    card->head_count = n->head_layers;
    for (size_t i = 0; i < n->head_layers; i++) {
        card->head[i].activation = n->head[i].activation;
        snprintf(name, sizeof name, "head.%zu.weight", i);
        RS_TRY_ALLOC(card->head[i].weight = rs_strdup(name));
        snprintf(name, sizeof name, "head.%zu.bias", i);
        RS_TRY_ALLOC(card->head[i].bias = rs_strdup(name));
    }
cleanup:
    return status;
}

/* ---- Files ---- */

static bool exists(const char *path) {
    struct stat info;
    return stat(path, &info) == 0;
}

static bool same_inode(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Also of files that are not there yet: the same name in the same folder. */
static rs_status same_file(bool *same, const char *a, const char *b) {
    rs_status status = RS_OK;
    char *x = NULL, *y = NULL;
    RS_TRY(rs_file_beside(&x, a, "."));
    RS_TRY(rs_file_beside(&y, b, "."));
    *same = same_inode(a, b) || (strcmp(base_name(a), base_name(b)) == 0 && same_inode(x, y));
cleanup:
    free(x);
    free(y);
    return status;
}

static bool is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Neither the network's own files nor the card of other weights may be written over. */
static rs_status check_files(const rs_network *net, const char *path, const char *card) {
    rs_status status = RS_OK;
    const char *own = rs_network_file(net);
    char *own_card = NULL;
    bool weights = false, by_card = false, cards = false;
    if (is_folder(path) || is_folder(card))
        return rs_fail(RS_EINPUT, "%s: a folder, which is not written over", is_folder(path) ? path : card);
    if (!*own) goto cleanup;
    RS_TRY(rs_card_path(&own_card, own));
    RS_TRY(same_file(&weights, own, path));
    RS_TRY(same_file(&by_card, own, card));
    RS_TRY(same_file(&cards, own_card, card));
    if (weights || by_card)
        status = rs_fail(RS_EINPUT, "%s: this is the network itself, which is not written over", path);
    else if (cards)
        status = rs_fail(RS_EINPUT, "%s: it would be the card of %s as well: give another name", card, own);
cleanup:
    free(own_card);
    if (status == RS_OK && exists(card) && !exists(path))
        status = rs_fail(RS_EINPUT, "%s: the card of some other weights, which is not written over: give another name",
                         card);
    return status;
}

/* Both or neither: whole files beside the two first. The old card goes before the new weights come, so that what ends between the
 * renames leaves weights without a card, for which a reader asks, and never weights with the card of others. */
static rs_status write_both(const char *path, const char *weights, size_t length, const char *card_path, const char *card) {
    rs_status status = RS_OK;
    char *new_path = NULL, *new_card = NULL;
    RS_TRY(rs_file_stage(&new_path, path, weights, length));
    RS_TRY(rs_file_stage(&new_card, card_path, card, strlen(card)));
    unlink(card_path);
    RS_TRY(rs_file_replace(path, new_path));
    RS_TRY(rs_file_replace(card_path, new_card));
cleanup:
    if (status != RS_OK && new_path) unlink(new_path);
    if (status != RS_OK && new_card) unlink(new_card);
    free(new_path);
    free(new_card);
    return status;
}

rs_status rs_network_save(const rs_network *net, const char *path) {
    rs_status status = RS_OK;
    const rs_network_weights *n = rs_network_arrays(net);
    char *weights = NULL, *text = NULL, *card_path = NULL;
    size_t length = 0, size = strlen(path), half = n->layers * n->hidden;
    rs_card card = {0};
    bool h0 = !all_zero(n->initial, half);
    bool c0 = rs_cell_has_memory(n->cell) && !all_zero(n->initial + half, half);
    if (size <= strlen(ENDING) || strcmp(path + size - strlen(ENDING), ENDING) != 0 ||
        path[size - strlen(ENDING) - 1] == '/')
        return rs_fail(RS_EUSAGE, "%s: a network is written as NAME" ENDING, path);
    if (n->head_layers > RS_CARD_HEAD)
        return rs_fail(RS_EINPUT, "%s: a head of %zu layers, more than the %d that a card holds", path, n->head_layers,
                       RS_CARD_HEAD);
    RS_TRY(rs_card_path(&card_path, path));
    RS_TRY(check_files(net, path, card_path));
    RS_TRY(make_weights(&weights, &length, n, h0, c0));
    RS_TRY(describe(&card, n, h0, c0));
    RS_TRY(rs_card_write(&text, &card));
    RS_TRY(write_both(path, weights, length, card_path, text));
cleanup:
    rs_card_free(&card);
    free(card_path);
    free(weights);
    free(text);
    return status;
}
