#include "console.h"
#include "job.h"

int cmd_convert(const settings *s, size_t count, char **arguments) {
    (void)count;
    if (!s->output) {
        console_error("convert needs -o NAME.safetensors");
        return EXIT_USAGE;
    }
    rs_network *net = NULL;
    rs_status status = job_network(&net, s, arguments[0]);
    if (status == RS_OK) status = rs_network_save(net, s->output);
    rs_network_free(net);
    return status == RS_OK ? EXIT_HOLDS : console_fail(status);
}
