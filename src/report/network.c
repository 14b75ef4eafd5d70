/* `info`. */
#include <string.h>

#include "core/alloc.h"
#include "core/status.h"
#include "report/format.h"

/* ---- Probes: nine digits tell every float32 from its neighbours ---- */

typedef struct probe {
    uint32_t *classes; /* [length] */
    float *logits;     /* [length * logits size] */
} probe;

static void free_probe(probe *p) {
    free(p->classes);
    free(p->logits);
}

static rs_status run(probe *out, const rs_network *net, const rs_word *word, const rs_context *ctx) {
    rs_status status = RS_OK;
    probe p = {0};
    float *states = NULL;
    RS_TRY_ALLOC(states = rs_alloc(word->length, rs_network_state_size(net) * sizeof *states));
    RS_TRY_ALLOC(p.classes = rs_alloc(word->length, sizeof *p.classes));
    RS_TRY_ALLOC(p.logits = rs_alloc(word->length, rs_network_logits_size(net) * sizeof *p.logits));
    RS_TRY(rs_network_run(net, word->symbols, word->length, p.classes, states, ctx));
    RS_TRY(rs_network_logits(net, word->length, states, p.logits, ctx));
    *out = p;
    p = (probe){0};
cleanup:
    free_probe(&p);
    free(states);
    return status;
}

static size_t widest(const rs_names *names) {
    size_t width = 0;
    for (size_t i = 0; i < rs_names_count(names); i++) {
        size_t length = strlen(rs_names_get(names, i));
        if (length > width) width = length;
    }
    return width < 24 ? width : 24;
}

static rs_status add_probe_text(rs_text *text, const rs_network *net, const rs_word *word, const rs_context *ctx) {
    probe p = {0};
    const rs_names *alphabet = rs_network_alphabet(net), *outputs = rs_network_outputs(net);
    size_t size = rs_network_logits_size(net);
    rs_status status = run(&p, net, word, ctx);
    if (status != RS_OK) return status;
    rs_text_add(text, "probe       %zu symbol%s: symbol, output, logits\n", word->length, word->length == 1 ? "" : "s");
    for (size_t i = 0; i < word->length; i++) {
        rs_text_add(text, "            ");
        rs_report_cell(text, rs_names_get(alphabet, word->symbols[i]), widest(alphabet));
        rs_text_add(text, "  ");
        rs_report_cell(text, rs_names_get(outputs, p.classes[i]), widest(outputs));
        for (size_t k = 0; k < size; k++) rs_text_add(text, "  %.9g", (double)p.logits[i * size + k]);
        rs_text_add(text, "\n");
    }
    free_probe(&p);
    return RS_OK;
}

static rs_status add_probe_json(json_t **array, const rs_network *net, const rs_word *word, const rs_context *ctx) {
    probe p = {0};
    size_t size = rs_network_logits_size(net);
    rs_status status = run(&p, net, word, ctx);
    if (status != RS_OK) return status;
    json_t *object = json_object(), *logits = json_array();
    for (size_t i = 0; i < word->length; i++) {
        json_t *row = json_array();
        for (size_t k = 0; k < size; k++) rs_json_append(&row, rs_json_real((double)p.logits[i * size + k]));
        rs_json_append(&logits, row);
    }
    rs_json_put(&object, "word", rs_json_sequence(rs_network_alphabet(net), word->symbols, word->length));
    rs_json_put(&object, "outputs", rs_json_sequence(rs_network_outputs(net), p.classes, word->length));
    rs_json_put(&object, "logits", logits);
    rs_json_append(array, object);
    free_probe(&p);
    return RS_OK;
}

/* ---- The network ---- */

rs_status rs_report_network_text(char **out, const rs_network *net, size_t count, const rs_word *probes,
                                 const rs_context *ctx) {
    rs_status status = RS_OK;
    rs_text text = {0};
    rs_text_add(&text, "network     ");
    rs_report_network_line(&text, net);
    rs_text_add(&text, "\nformat      %s\n", rs_network_format(net));
    if (*rs_network_sha256(net)) rs_text_add(&text, "sha256      %s\n", rs_network_sha256(net));
    rs_text_add(&text, "input       %s, %zu wide\n", rs_input_name(rs_network_input(net)), rs_network_input_size(net));
    rs_text_add(&text, "state       %zu numbers\n", rs_network_state_size(net));
    rs_text_add(&text, "head        %zu dense layer%s, %zu logit%s\n", rs_network_head_layers(net),
                rs_network_head_layers(net) == 1 ? "" : "s", rs_network_logits_size(net),
                rs_network_logits_size(net) == 1 ? "" : "s");
    rs_text_add(&text, "parameters  %zu\n", rs_network_parameters(net));
    rs_text_add(&text, "alphabet    ");
    rs_report_names(&text, rs_network_alphabet(net));
    rs_text_add(&text, "\noutputs     ");
    rs_report_names(&text, rs_network_outputs(net));
    rs_text_add(&text, "\n");
    const char *note;
    for (size_t i = 0; (note = rs_network_note(net, i)); i++) {
        rs_text_add(&text, "note        ");
        rs_report_clean(&text, note);
        rs_text_add(&text, "\n");
    }
    for (size_t i = 0; i < count; i++) RS_TRY(add_probe_text(&text, net, &probes[i], ctx));
    RS_TRY(rs_text_take(out, &text));
cleanup:
    rs_text_free(&text);
    return status;
}

rs_status rs_report_network_json(char **out, const rs_network *net, size_t count, const rs_word *probes,
                                 const rs_context *ctx) {
    rs_status status = RS_OK;
    json_t *object = rs_json_head("info"), *network = rs_json_network(net), *notes = json_array(), *list = NULL;
    rs_json_put(&network, "input_size", rs_json_size(rs_network_input_size(net)));
    rs_json_put(&network, "state_size", rs_json_size(rs_network_state_size(net)));
    rs_json_put(&network, "head_layers", rs_json_size(rs_network_head_layers(net)));
    rs_json_put(&network, "logits", rs_json_size(rs_network_logits_size(net)));
    rs_json_put(&network, "parameters", rs_json_size(rs_network_parameters(net)));
    const char *note;
    for (size_t i = 0; (note = rs_network_note(net, i)); i++) rs_json_append(&notes, rs_json_text(note));
    rs_json_put(&network, "notes", notes);
    rs_json_put(&object, "network", network);
    if (count) {
        list = json_array();
        for (size_t i = 0; i < count; i++) RS_TRY(add_probe_json(&list, net, &probes[i], ctx));
        rs_json_put(&object, "probe", list);
        list = NULL;
    }
    status = rs_json_take(out, object);
    object = NULL;
cleanup:
    json_decref(list);
    json_decref(object);
    return status;
}
