/* `replay`: one word on the network, moment by moment, and what the properties say of it. */
#include "core/alloc.h"
#include "core/status.h"
#include "report/format.h"

typedef struct replay {
    uint32_t *outputs; /* [word length] */
    size_t count;      /* of properties */
    rs_mark *marks;    /* [count]; moment 0: not violated */
} replay;

static void free_replay(replay *r) {
    free(r->outputs);
    free(r->marks);
}

static rs_status run(replay *out, const rs_network *net, const rs_word *word, const rs_properties *properties,
                     const rs_context *ctx) {
    rs_status status = RS_OK;
    replay r = {.count = properties ? rs_properties_count(properties) : 0};
    RS_TRY_ALLOC(r.outputs = rs_alloc(word->length, sizeof *r.outputs));
    RS_TRY_ALLOC(r.marks = rs_alloc(r.count, sizeof *r.marks));
    RS_TRY(rs_network_run(net, word->symbols, word->length, r.outputs, NULL, ctx));
    for (size_t i = 0; i < r.count; i++) {
        const rs_property *p = rs_properties_get(properties, i);
        r.marks[i].name = rs_property_name(p);
        r.marks[i].moment = rs_monitor_violation(rs_property_monitor(p), word->symbols, r.outputs, word->length);
    }
    *out = r;
    r = (replay){0};
cleanup:
    free_replay(&r);
    return status;
}

static bool any_violated(const replay *r) {
    for (size_t i = 0; i < r->count; i++)
        if (r->marks[i].moment) return true;
    return false;
}

/* Where a word stops being one that the property is about. */
static void add_outside(rs_text *text, const rs_property *p, const rs_word *word) {
    const rs_assumption *a = rs_property_assumption(p);
    if (!a || rs_assumption_holds(a, word->symbols, word->length)) return;
    size_t moment = 1;
    while (rs_assumption_holds(a, word->symbols, moment)) moment++;
    rs_text_add(text, ": from moment %zu on it does not satisfy what is assumed, ", moment);
    rs_report_clean(text, rs_assumption_text(a));
}

rs_status rs_report_replay_text(char **out, bool *violated, const rs_network *net, const rs_word *word,
                                const rs_properties *properties, bool colour, const rs_context *ctx) {
    rs_status status = RS_OK;
    replay r = {0};
    rs_text text = {0};
    RS_TRY(run(&r, net, word, properties, ctx));
    rs_text_add(&text, "network  ");
    rs_report_network_line(&text, net);
    rs_text_add(&text, "\n\n");
    rs_report_moments(&text, net, word, r.outputs, r.count, r.marks, colour);
    if (r.count) rs_text_add(&text, "\n");
    for (size_t i = 0; i < r.count; i++) {
        rs_report_clean(&text, r.marks[i].name);
        rs_text_add(&text, ": ");
        if (r.marks[i].moment) {
            rs_report_colour(&text, colour, "31", "violated");
            rs_text_add(&text, " at moment %zu\n", r.marks[i].moment);
        } else {
            rs_text_add(&text, "not violated by this word");
            add_outside(&text, rs_properties_get(properties, i), word);
            rs_text_add(&text, "\n");
        }
    }
    RS_TRY(rs_text_take(out, &text));
    *violated = any_violated(&r);
cleanup:
    rs_text_free(&text);
    free_replay(&r);
    return status;
}

rs_status rs_report_replay_json(char **out, bool *violated, const rs_network *net, const rs_word *word,
                                const rs_properties *properties, const rs_context *ctx) {
    rs_status status = RS_OK;
    replay r = {0};
    RS_TRY(run(&r, net, word, properties, ctx));
    json_t *object = rs_json_head("replay"), *list = json_array();
    rs_json_put(&object, "network", rs_json_network(net));
    rs_json_put(&object, "word", rs_json_sequence(rs_network_alphabet(net), word->symbols, word->length));
    rs_json_put(&object, "outputs", rs_json_sequence(rs_network_outputs(net), r.outputs, word->length));
    for (size_t i = 0; i < r.count; i++) {
        json_t *entry = json_object();
        rs_json_put(&entry, "name", rs_json_text(r.marks[i].name));
        rs_json_put(&entry, "formula", rs_json_text(rs_property_formula(rs_properties_get(properties, i))));
        rs_json_put(&entry, "violated", json_boolean(r.marks[i].moment > 0));
        if (r.marks[i].moment) rs_json_put(&entry, "moment", rs_json_size(r.marks[i].moment));
        const rs_assumption *a = rs_property_assumption(rs_properties_get(properties, i));
        if (a) {
            rs_json_put(&entry, "assuming", rs_json_text(rs_assumption_text(a)));
            rs_json_put(&entry, "assumed", json_boolean(rs_assumption_holds(a, word->symbols, word->length)));
        }
        rs_json_append(&list, entry);
    }
    rs_json_put(&object, "properties", list);
    RS_TRY(rs_json_take(out, object));
    *violated = any_violated(&r);
cleanup:
    free_replay(&r);
    return status;
}
