#include <stdlib.h>

#include "console.h"
#include "job.h"

int cmd_info(const settings *s, size_t count, char **arguments) {
    (void)count;
    rs_network *net = NULL;
    rs_word words[OPTIONS_TEXTS] = {0};
    char *text = NULL, *json = NULL;
    size_t probes = s->probe.count;
    rs_context ctx = job_context(s, NULL);
    rs_status status = job_network(&net, s, arguments[0]);
    for (size_t i = 0; i < probes && status == RS_OK; i++)
        status = rs_word_parse(&words[i], rs_network_alphabet(net), s->probe.items[i]);
    if (status == RS_OK) status = rs_report_network_text(&text, net, probes, words, &ctx);
    if (status == RS_OK) status = rs_report_network_json(&json, net, probes, words, &ctx);
    if (status == RS_OK) status = job_write(s, json, text);
    free(text);
    free(json);
    for (size_t i = 0; i < probes; i++) rs_word_free(&words[i]);
    rs_network_free(net);
    return status == RS_OK ? EXIT_HOLDS : console_fail(status);
}
