#include <stdlib.h>

#include "console.h"
#include "job.h"

int cmd_info(const settings *s, size_t count, char **arguments) {
    (void)count;
    rs_network *net = NULL;
    char *text = NULL, *json = NULL;
    rs_status status = job_network(&net, s, arguments[0]);
    if (status == RS_OK) status = rs_report_network_text(&text, net);
    if (status == RS_OK) status = rs_report_network_json(&json, net);
    if (status == RS_OK) status = job_write(s, json, text);
    free(text);
    free(json);
    rs_network_free(net);
    return status == RS_OK ? EXIT_HOLDS : console_fail(status);
}
