/* What binds a proof to what it claims. The canonical text of a monitor is lines of
 *   symbols NAME...
 *   outputs NAME...
 *   STATE ok|bad NEXT...     for every state, NEXT by letter: symbol * |outputs| + output
 * Monitors are minimal and numbered by exploration in the order of letters: the text depends on nothing else. */
#include <stdlib.h>
#include <string.h>

#include "core/sha256.h"
#include "core/text.h"
#include "exchange/certificate.h"

const char *rs_claim_name(rs_claim claim) {
    return claim == RS_CLAIM_EQUAL ? "equal" : "property";
}

bool rs_is_sha256(const char *text, size_t length) {
    size_t i = 0;
    while (i < length && text[i] && strchr("0123456789abcdef", text[i])) i++;
    return length == 64 && i == length;
}

static void add_names(rs_text *text, const char *what, const rs_names *names) {
    rs_text_add(text, "%s", what);
    for (size_t i = 0; i < rs_names_count(names); i++) rs_text_add(text, " %s", rs_names_get(names, i));
    rs_text_add(text, "\n");
}

rs_status rs_monitor_sha256(char out[65], const rs_monitor *m) {
    rs_text text = {0};
    char *bytes;
    size_t symbols = rs_names_count(rs_monitor_alphabet(m)), outputs = rs_names_count(rs_monitor_outputs(m));
    add_names(&text, "symbols", rs_monitor_alphabet(m));
    add_names(&text, "outputs", rs_monitor_outputs(m));
    for (size_t q = 0; q < rs_monitor_states(m); q++) {
        rs_text_add(&text, "%zu %s", q, rs_monitor_bad(m, q) ? "bad" : "ok");
        for (uint32_t s = 0; s < symbols; s++)
            for (uint32_t o = 0; o < outputs; o++)
                rs_text_add(&text, " %lu", (unsigned long)rs_monitor_next(m, q, s, o));
        rs_text_add(&text, "\n");
    }
    size_t length = text.length;
    rs_status status = rs_text_take(&bytes, &text);
    if (status != RS_OK) return status;
    rs_sha256_hex(out, bytes, length);
    free(bytes);
    return RS_OK;
}

void rs_proof_network_of(rs_proof_network *out, const rs_network *net) {
    *out = (rs_proof_network){.cell = rs_network_cell(net),
                              .layers = rs_network_layers(net),
                              .hidden = rs_network_hidden(net),
                              .state_size = rs_network_state_size(net)};
    strncpy(out->sha256, rs_network_sha256(net), sizeof out->sha256 - 1);
}
