/* `info`. */
#include "report/format.h"

rs_status rs_report_network_text(char **out, const rs_network *net) {
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
    return rs_text_take(out, &text);
}

rs_status rs_report_network_json(char **out, const rs_network *net) {
    json_t *object = rs_json_head("info"), *network = rs_json_network(net), *notes = json_array();
    rs_json_put(&network, "input_size", rs_json_size(rs_network_input_size(net)));
    rs_json_put(&network, "state_size", rs_json_size(rs_network_state_size(net)));
    rs_json_put(&network, "head_layers", rs_json_size(rs_network_head_layers(net)));
    rs_json_put(&network, "logits", rs_json_size(rs_network_logits_size(net)));
    rs_json_put(&network, "parameters", rs_json_size(rs_network_parameters(net)));
    const char *note;
    for (size_t i = 0; (note = rs_network_note(net, i)); i++) rs_json_append(&notes, rs_json_text(note));
    rs_json_put(&network, "notes", notes);
    rs_json_put(&object, "network", network);
    return rs_json_take(out, object);
}
