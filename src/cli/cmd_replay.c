#include <stdlib.h>

#include "console.h"
#include "job.h"

int cmd_replay(const settings *s, size_t count, char **arguments) {
    (void)count;
    rs_network *net = NULL;
    rs_properties *properties = NULL;
    rs_word word = {0};
    char *text = NULL, *json = NULL;
    bool violated = false;
    int code = EXIT_HOLDS;
    rs_context ctx = job_context(s, NULL);
    rs_status status = job_network(&net, s, arguments[0]);
    if (status == RS_OK) status = rs_word_parse(&word, rs_network_alphabet(net), arguments[1]);
    if (status == RS_OK && s->properties) code = job_properties(&properties, net, 1, &s->properties);
    if (status == RS_OK && code == EXIT_HOLDS) {
        status = rs_report_replay_text(&text, &violated, net, &word, properties, console_colour(), &ctx);
        if (status == RS_OK) status = rs_report_replay_json(&json, &violated, net, &word, properties, &ctx);
        if (status == RS_OK) status = job_write(s, json, text);
    }
    free(text);
    free(json);
    rs_word_free(&word);
    rs_properties_free(properties);
    rs_network_free(net);
    if (status != RS_OK) return console_fail(status);
    return violated ? EXIT_VIOLATED : code;
}
