/* The recurrent layers by PyTorch's names: PREFIXweight_ih_lN, weight_hh_lN, bias_ih_lN, bias_hh_lN, without _lN for the one layer of a
 * torch.nn.RNNCell, GRUCell or LSTMCell, and by one of ours, weight_peephole_lN.
 * The cell follows from rows / hidden of weight_hh: 4 gates LSTM, with peepholes if there are any, 3 GRU, 1 Elman, whose activation
 * no weight tells. */
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "core/text.h"
#include "network/assemble.h"

enum { WEIGHT_IH, WEIGHT_HH, BIAS_IH, BIAS_HH, PEEPHOLE, WEIGHT_HR, PARTS };
static const char *const part_names[PARTS] = {"weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_peephole", "weight_hr"};

typedef struct role {
    size_t part, layer, prefix_length;
    bool bare, reverse; /* bare: of a cell, without _lN */
} role;

static bool parse_role(role *out, const char *name) {
    for (size_t part = 0; part < PARTS; part++) {
        const char *at = strstr(name, part_names[part]);
        if (!at) continue;
        const char *digits = at + strlen(part_names[part]);
        if (!*digits) {
            *out = (role){part, 0, (size_t)(at - name), true, false};
            return true;
        }
        if (strncmp(digits, "_l", 2) != 0) continue;
        digits += 2;
        size_t count = strspn(digits, "0123456789"), layer = 0;
        const char *rest = digits + count;
        if (!count || count > 4 || (count > 1 && digits[0] == '0') || (*rest && strcmp(rest, "_reverse") != 0))
            continue;
        for (size_t i = 0; i < count; i++) layer = layer * 10 + (size_t)(digits[i] - '0');
        *out = (role){part, layer, (size_t)(at - name), false, *rest != 0};
        return true;
    }
    return false;
}

/* The names of the tensors that are not used yet, a few of them. */
static rs_status fail_without_layers(const rs_assembly *a) {
    rs_text names = {0};
    for (size_t i = 0, shown = 0; i < a->tensors->count && shown < 8; i++)
        if (!a->used[i]) rs_text_add(&names, "%s%s", shown++ ? ", " : "", a->tensors->items[i].name);
    char *list = NULL;
    rs_status status = rs_text_take(&list, &names);
    if (status == RS_OK)
        status = rs_fail(RS_EINPUT,
                         "%s: no recurrent layer: no tensor is called ...weight_hh_l0, as torch.nn.RNN, GRU and LSTM "
                         "call them, or ...weight_hh, as their cells do; there are: %s",
                         a->file, list[0] ? list : "none");
    free(list);
    return status;
}

static rs_status fail_several(const rs_assembly *a, const char *first, size_t first_length, const char *second,
                              size_t second_length) {
    return rs_fail(
        RS_EINPUT,
        "%s: several recurrent networks, \"%.*s\" and \"%.*s\": one is checked at a time; list the tensors of the "
        "others in \"ignore\" of the card %s",
        a->file, (int)(first_length < 100 ? first_length : 100), first,
        (int)(second_length < 100 ? second_length : 100), second, a->card_path);
}

static bool ends(const char *name, const char *ending) {
    size_t length = strlen(name), wanted = strlen(ending);
    return length > wanted && strcmp(name + length - wanted, ending) == 0;
}

/* Weights that PyTorch computes from others: X_g and X_v of weight_norm, X_orig of spectral_norm and pruning, parametrizations.X. */
static rs_status refuse_computed(const rs_assembly *a) {
    const char *found = NULL;
    bool direction = false;
    for (size_t i = 0; i < a->tensors->count && !found; i++) {
        const char *name = a->tensors->items[i].name;
        size_t length = strlen(name);
        if (a->used[i]) continue;
        for (size_t k = 0; k < a->tensors->count && ends(name, "_g") && !direction; k++) {
            const char *other = a->tensors->items[k].name;
            direction = !a->used[k] && ends(other, "_v") && strlen(other) == length && memcmp(name, other, length - 1) == 0;
        }
        if (direction || ends(name, "_orig") || strstr(name, "parametrizations.")) found = name;
    }
    if (!found) return RS_OK;
    return rs_fail(RS_EINPUT,
                   "%s: tensor \"%s\": the weight is computed from this and others (weight_norm, spectral_norm, pruning or another "
                   "parametrization), which is not read: make it plain before saving, with torch.nn.utils.remove_weight_norm, "
                   "remove_spectral_norm, prune.remove or parametrize.remove_parametrizations",
                   a->file, found);
}

/* Layers and their common prefix; whether they are a cell's. */
static rs_status find_layers(size_t *layers, const char **prefix, size_t *prefix_length, bool *bare, const rs_assembly *a) {
    size_t count = 0, length = 0;
    const char *first = NULL;
    for (size_t i = 0; i < a->tensors->count; i++) {
        const char *name = a->tensors->items[i].name;
        role r;
        if (a->used[i] || !parse_role(&r, name)) continue;
        if (r.reverse)
            return rs_fail(RS_EINPUT, "%s: tensor \"%s\": bidirectional networks are not supported", a->file, name);
        if (r.part == WEIGHT_HR)
            return rs_fail(RS_EINPUT, "%s: tensor \"%s\": projections (proj_size) are not supported", a->file, name);
        if (first && (r.prefix_length != length || r.bare != *bare || memcmp(name, first, length) != 0))
            return fail_several(a, first, length, name, r.prefix_length);
        first = name;
        length = r.prefix_length;
        *bare = r.bare;
        if (r.layer + 1 > count) count = r.layer + 1;
    }
    if (!first) return fail_without_layers(a);
    *layers = count;
    *prefix = first;
    *prefix_length = length;
    return RS_OK;
}

/* A part of a layer; biases and peepholes may be absent. */
static rs_status take_part(const rs_tensor **out, rs_assembly *a, const char *prefix, size_t prefix_length, bool bare, size_t part,
                           size_t layer) {
    rs_status status = RS_OK;
    char *name = NULL;
    rs_text text = {0};
    rs_text_bytes(&text, prefix, prefix_length);
    rs_text_add(&text, "%s", part_names[part]);
    if (!bare) rs_text_add(&text, "_l%zu", layer);
    RS_TRY(rs_text_take(&name, &text));
    *out = NULL;
    bool optional = part == BIAS_IH || part == BIAS_HH || part == PEEPHOLE;
    const rs_tensor *tensor = rs_tensors_find(a->tensors, name);
    if (optional && (!tensor || a->used[tensor - a->tensors->items])) goto cleanup;
    RS_TRY(rs_assembly_take(out, a, name));
cleanup:
    free(name);
    return status;
}

static rs_status find_hidden(rs_assembly *a, size_t *gates, const rs_tensor *hh) {
    size_t hidden = hh->rank == 2 ? hh->shape[1] : 0;
    *gates = hidden && hh->shape[0] % hidden == 0 ? hh->shape[0] / hidden : 0;
    if (*gates != 1 && *gates != 3 && *gates != 4)
        return rs_fail(RS_EINPUT,
                       "%s: tensor \"%s\": its shape is of no cell: [4h, h] is an LSTM's, [3h, h] a GRU's, [h, h] an "
                       "Elman network's",
                       a->file, hh->name);
    a->weights.hidden = hidden;
    return RS_OK;
}

/* `peephole` may be NULL. */
static rs_status find_cell(rs_assembly *a, size_t gates, const rs_tensor *hh, const rs_tensor *peephole) {
    rs_cell lstm = peephole ? RS_CELL_PEEPHOLE : RS_CELL_LSTM;
    rs_cell cell = gates == 4 ? lstm : gates == 3 ? RS_CELL_GRU : RS_CELL_TANH;
    a->cell_unknown = gates == 1 && !a->cell;
    if (a->cell) {
        if (!rs_cell_parse(&cell, a->cell))
            return rs_fail(RS_EUSAGE, "--cell %s: there are " RS_CELL_NAMES, a->cell);
        if (rs_cell_gates(cell) != gates)
            return rs_fail(RS_EINPUT, "%s: cell %s contradicts tensor \"%s\", which has %zu gate%s", a->file, a->cell,
                           hh->name, gates, gates == 1 ? "" : "s");
    }
    a->weights.cell = cell;
    if (!a->cell && cell == RS_CELL_PEEPHOLE)
        return rs_reading_note(a->reading, "cell %s, as there is \"%s\"", rs_cell_name(cell), peephole->name);
    return a->cell || gates == 1
               ? RS_OK
               : rs_reading_note(a->reading, "cell %s, as \"%s\" has %zu gates", rs_cell_name(cell), hh->name, gates);
}

static rs_status take_layer(rs_assembly *a, const char *prefix, size_t prefix_length, bool bare, size_t layer, size_t *gates) {
    rs_status status = RS_OK;
    const rs_tensor *part[WEIGHT_HR] = {NULL};
    for (size_t i = 0; i < WEIGHT_HR; i++) RS_TRY(take_part(&part[i], a, prefix, prefix_length, bare, i, layer));
    rs_network_weights *w = &a->weights;
    if (layer == 0) {
        RS_TRY(find_hidden(a, gates, part[WEIGHT_HH]));
        RS_TRY(find_cell(a, *gates, part[WEIGHT_HH], part[PEEPHOLE]));
        w->input_size = part[WEIGHT_IH]->rank == 2 ? part[WEIGHT_IH]->shape[1] : 1;
        if (!w->input_size) {
            status = rs_fail(RS_EINPUT, "%s: tensor \"%s\" has no columns", a->file, part[WEIGHT_IH]->name);
            goto cleanup;
        }
    }
    if ((w->cell == RS_CELL_PEEPHOLE) != !!part[PEEPHOLE]) {
        status = part[PEEPHOLE] ? rs_fail(RS_EINPUT, "%s: tensor \"%s\" contradicts cell %s, which has no peepholes", a->file,
                                          part[PEEPHOLE]->name, rs_cell_name(w->cell))
                                : rs_fail(RS_EINPUT, "%s: cell %s needs a tensor \"%.*s%s_l%zu\"", a->file, rs_cell_name(w->cell),
                                          (int)(prefix_length < 100 ? prefix_length : 100), prefix, part_names[PEEPHOLE], layer);
        goto cleanup;
    }
    size_t rows = *gates * w->hidden;
    RS_TRY(rs_assembly_shape(a, part[WEIGHT_IH], rows, layer ? w->hidden : w->input_size));
    RS_TRY(rs_assembly_shape(a, part[WEIGHT_HH], rows, w->hidden));
    for (size_t i = BIAS_IH; i <= BIAS_HH; i++)
        if (part[i]) RS_TRY(rs_assembly_shape(a, part[i], rows, 0));
    if (part[PEEPHOLE]) RS_TRY(rs_assembly_shape(a, part[PEEPHOLE], 3 * w->hidden, 0));
    const float *values[WEIGHT_HR] = {NULL};
    for (size_t i = 0; i < WEIGHT_HR; i++) values[i] = part[i] ? part[i]->values : NULL;
    a->recurrent[layer] = (rs_recurrent){values[WEIGHT_IH], values[WEIGHT_HH], values[BIAS_IH], values[BIAS_HH], values[PEEPHOLE]};
cleanup:
    return status;
}

rs_status rs_assembly_recurrent(rs_assembly *a) {
    rs_status status = RS_OK;
    const char *prefix = NULL;
    size_t prefix_length = 0, gates = 0;
    bool bare = false;
    RS_TRY(refuse_computed(a));
    RS_TRY(find_layers(&a->weights.layers, &prefix, &prefix_length, &bare, a));
    RS_TRY_ALLOC(a->recurrent = rs_alloc(a->weights.layers, sizeof *a->recurrent));
    for (size_t i = 0; i < a->weights.layers; i++) RS_TRY(take_layer(a, prefix, prefix_length, bare, i, &gates));
    a->weights.recurrent = a->recurrent;
    a->weights.gate_slope = a->card->gate_slope;
cleanup:
    return status;
}
