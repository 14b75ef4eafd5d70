#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "job.h"
#include "rnnsafe/exchange.h"

/* Names that an option gives, or NULL: in the order of the file. */
static rs_status names(rs_names **out, const char *what, const char *text) {
    return text ? rs_names_parse(out, what, text) : RS_OK;
}

int cmd_export(const settings *s, size_t count, char **arguments) {
    (void)count;
    if (!s->to) {
        console_error("export needs --to FORMAT; \"rnnsafe help export\" lists the formats");
        return EXIT_USAGE;
    }
    rs_names *alphabet = NULL, *outputs = NULL;
    rs_automaton *a = NULL;
    rs_properties *properties = NULL;
    char *text = NULL;
    rs_status status = names(&alphabet, "alphabet", s->alphabet);
    if (status == RS_OK) status = names(&outputs, "outputs", s->outputs);
    if (status == RS_OK) status = rs_automaton_read(&a, arguments[0], alphabet, outputs);
    if (status == RS_OK && s->properties)
        status = rs_properties_load(&properties, s->properties, rs_automaton_alphabet(a), rs_automaton_outputs(a));
    if (status == RS_OK) status = rs_exchange_write(&text, s->to, a, properties);
    if (status == RS_OK) status = rs_file_write(s->output, text, strlen(text));
    free(text);
    rs_properties_free(properties);
    rs_automaton_free(a);
    rs_names_free(outputs);
    rs_names_free(alphabet);
    return status == RS_OK ? EXIT_HOLDS : console_fail(status);
}
