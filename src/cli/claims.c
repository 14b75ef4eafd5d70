#include "claims.h"

#include <stdlib.h>

#include "console.h"
#include "job.h"

static rs_status read_equal(claims *c, const char *path, const rs_network *net) {
    const rs_names *alphabet = rs_network_alphabet(net);
    rs_status status = rs_automaton_read(&c->automaton, path, alphabet, NULL);
    if (status != RS_OK) return status;
    status = rs_monitor_equal(&c->equal, c->automaton, path, alphabet, rs_network_outputs(net));
    if (status != RS_OK) return status;
    c->name = job_property_name(path);
    c->items = calloc(1, sizeof *c->items);
    if (!c->name || !c->items) return RS_EMEMORY;
    c->items[0] = (claim){RS_CLAIM_EQUAL, c->name, NULL, c->equal};
    c->count = 1;
    return RS_OK;
}

static rs_status list_properties(claims *c) {
    size_t count = rs_properties_count(c->properties);
    if (!(c->items = calloc(count, sizeof *c->items))) return RS_EMEMORY;
    for (c->count = 0; c->count < count; c->count++) {
        const rs_property *p = rs_properties_get(c->properties, c->count);
        c->items[c->count] =
            (claim){RS_CLAIM_PROPERTY, rs_property_name(p), rs_property_formula(p), rs_property_monitor(p)};
    }
    return RS_OK;
}

int claims_read(claims *out, const settings *s, const rs_network *net, size_t count, char **paths) {
    claims c = {0};
    int code = EXIT_HOLDS;
    rs_status status = RS_OK;
    if ((s->equal != NULL) == (count > 0)) {
        console_error("files of properties or --equal FILE: one of the two is needed, not both");
        return EXIT_USAGE;
    }
    if (s->equal) status = read_equal(&c, s->equal, net);
    else if ((code = job_properties(&c.properties, net, count, (const char *const *)paths)) == EXIT_HOLDS)
        status = list_properties(&c);
    if (status != RS_OK) code = console_fail(status);
    if (code == EXIT_HOLDS) *out = c;
    else claims_free(&c);
    return code;
}

void claims_free(claims *c) {
    free(c->items);
    free(c->name);
    rs_monitor_free(c->equal);
    rs_automaton_free(c->automaton);
    rs_properties_free(c->properties);
    *c = (claims){0};
}
