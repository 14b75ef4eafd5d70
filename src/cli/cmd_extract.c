#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "job.h"
#include "rnnsafe/exchange.h"

/* The automaton to -o by its extension, or as DOT to standard output. */
static rs_status write_automaton(const settings *s, const rs_automaton *a) {
    const char *path = s->output ? s->output : "-", *dot = strrchr(path, '.');
    char *text = NULL;
    bool xml = dot && strcmp(dot, ".xml") == 0;
    rs_status status = rs_exchange_write(&text, xml ? "xml" : "dot", a, NULL);
    if (status == RS_OK) status = rs_file_write(path, text, strlen(text));
    free(text);
    return status;
}

int cmd_extract(const settings *s, size_t count, char **arguments) {
    (void)count;
    if (s->output && strcmp(s->output, "-") != 0 && !job_is_automaton(s->output)) {
        console_error("-o %s: the name must end in .dot, .gv or .xml", s->output);
        return EXIT_USAGE;
    }
    job j = {0};
    int code = job_run(&j, "extract", s, arguments[0], 0, NULL);
    if (code != EXIT_HOLDS) return code;
    bool to_output = !s->output || strcmp(s->output, "-") == 0;
    rs_status status = RS_OK;
    if (!to_output || !job_json_only(s)) status = write_automaton(s, rs_refinement_automaton(j.refinement));
    if (status == RS_OK && s->json) status = rs_file_write(s->json, j.json, strlen(j.json));
    if (to_output) console_note(j.text);
    else if (status == RS_OK && !job_json_only(s)) status = rs_file_write("-", j.text, strlen(j.text));
    job_free(&j);
    return status == RS_OK ? EXIT_HOLDS : console_fail(status);
}
