#include "claims.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "job.h"

claim_level claim_level_of(const rs_property *p) {
    const rs_assumption *a = rs_property_assumption(p);
    return (claim_level){.monitor = rs_property_monitor(p),
                         .assuming = a ? rs_assumption_text(a) : NULL,
                         .names = a ? rs_assumption_names(a) : NULL};
}

/* What the file and --assume assume together; `own` may be NULL. */
static char *join(const char *own, const char *between, const char *given) {
    size_t size = (own ? strlen(own) + strlen(between) : 0) + strlen(given) + 1;
    char *text = malloc(size);
    if (text) snprintf(text, size, "%s%s%s", own ? own : "", own ? between : "", given);
    return text;
}

/* Claim i, which is `plain` without --assume, under each of its assumptions. */
static rs_status add_levels(claims *c, size_t i, claim_level plain) {
    claim_level *levels = c->levels + i * c->level_count;
    c->items[i].levels = levels;
    c->items[i].level_count = c->level_count;
    if (!c->assumptions) {
        levels[0] = plain;
        return RS_OK;
    }
    for (size_t l = 0; l < c->level_count; l++) {
        const rs_assumption *a = rs_properties_assumption(c->assumptions, l);
        size_t at = i * c->level_count + l;
        rs_status status = rs_monitor_assume(&c->made[at], plain.monitor, a);
        if (status == RS_EINPUT) c->refused = c->items[i].name;
        if (status != RS_OK) return status;
        char **text = c->texts + 2 * at;
        text[0] = join(plain.assuming, "; ", rs_assumption_text(a));
        text[1] = join(plain.names, ",", rs_assumption_names(a));
        if (!text[0] || !text[1]) return RS_EMEMORY;
        levels[l] = (claim_level){c->made[at], a, text[0], text[1]};
    }
    return RS_OK;
}

static rs_status make_room(claims *c, size_t count) {
    size_t all;
    c->level_count = c->assumptions ? rs_properties_assumptions(c->assumptions) : 1;
    all = count * c->level_count;
    c->count = count;
    c->items = calloc(count, sizeof *c->items);
    c->levels = calloc(all, sizeof *c->levels);
    c->made = calloc(all, sizeof *c->made);
    c->texts = calloc(all, 2 * sizeof *c->texts);
    return c->items && c->levels && c->made && c->texts ? RS_OK : RS_EMEMORY;
}

static rs_status read_equal(claims *c, const char *path, const rs_network *net) {
    const rs_names *alphabet = rs_network_alphabet(net);
    rs_status status = rs_automaton_read(&c->automaton, path, alphabet, NULL);
    if (status != RS_OK) return status;
    status = rs_monitor_equal(&c->equal, c->automaton, path, alphabet, rs_network_outputs(net));
    if (status == RS_OK) status = make_room(c, 1);
    if (status != RS_OK) return status;
    if (!(c->name = job_property_name(path))) return RS_EMEMORY;
    c->items[0] = (claim){.kind = RS_CLAIM_EQUAL, .name = c->name};
    return add_levels(c, 0, (claim_level){.monitor = c->equal});
}

static rs_status list_properties(claims *c) {
    rs_status status = make_room(c, rs_properties_count(c->properties));
    for (size_t i = 0; i < c->count && status == RS_OK; i++) {
        const rs_property *p = rs_properties_get(c->properties, i);
        c->items[i] = (claim){.kind = RS_CLAIM_PROPERTY,
                              .name = rs_property_name(p),
                              .formula = rs_property_formula(p),
                              .assumption = rs_property_assumption(p)};
        status = add_levels(c, i, claim_level_of(p));
    }
    return status;
}

int claims_read(claims *out, const settings *s, const rs_network *net, size_t count, char **paths) {
    claims c = {0};
    int code = EXIT_HOLDS;
    rs_status status = RS_OK;
    if ((s->equal != NULL) == (count > 0)) {
        console_error("files of properties or --equal FILE: one of the two is needed, not both");
        return EXIT_USAGE;
    }
    if (s->assume)
        status = rs_properties_load_assumptions(&c.assumptions, s->assume, rs_network_alphabet(net),
                                                rs_network_outputs(net));
    if (status == RS_OK && s->equal) status = read_equal(&c, s->equal, net);
    else if (status == RS_OK &&
             (code = job_properties(&c.properties, net, count, (const char *const *)paths)) == EXIT_HOLDS)
        status = list_properties(&c);
    if (status == RS_EINPUT && c.refused) {
        console_error("%s: \"%s\": %s", s->assume, c.refused, rs_error_message());
        code = EXIT_BAD_INPUT;
    } else if (status != RS_OK) code = console_fail(status);
    if (code == EXIT_HOLDS) *out = c;
    else claims_free(&c);
    return code;
}

void claims_free(claims *c) {
    for (size_t i = 0; i < c->count * c->level_count; i++) {
        if (c->made) rs_monitor_free(c->made[i]);
        if (c->texts) free(c->texts[2 * i]);
        if (c->texts) free(c->texts[2 * i + 1]);
    }
    free(c->made);
    free(c->texts);
    free(c->levels);
    free(c->items);
    free(c->name);
    rs_monitor_free(c->equal);
    rs_automaton_free(c->automaton);
    rs_properties_free(c->properties);
    rs_properties_free(c->assumptions);
    *c = (claims){0};
}
