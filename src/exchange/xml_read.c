/* Automata in our XML, as a stream of elements. States may be mentioned before they are declared; the machine is made
 * when all is read. */
#include <stdlib.h>
#include <string.h>

#include "automaton/collect.h"
#include "core/alloc.h"
#include "core/status.h"
#include "exchange/xml.h"
#include "exchange/xml_stream.h"

enum { OUTSIDE, AUTOMATON, ALPHABET, SYMBOL, OUTPUTS, OUTPUT, STATES, STATE, TRANSITION };

/* What may stand where. Children of <automaton> come in this order, each once. */
static const rs_xml_rule rules[] = {
    {"automaton", OUTSIDE, AUTOMATON, {"start"}, 1, false},
    {"alphabet", AUTOMATON, ALPHABET, {NULL}, 0, false},
    {"symbol", ALPHABET, SYMBOL, {"name"}, 1, false},
    {"outputs", AUTOMATON, OUTPUTS, {NULL}, 0, false},
    {"output", OUTPUTS, OUTPUT, {"name"}, 1, false},
    {"states", AUTOMATON, STATES, {NULL}, 0, false},
    {"state", STATES, STATE, {"name", "output"}, 2, false},
    {"transition", STATE, TRANSITION, {"symbol", "to", "support"}, 2, false},
};

/* Declared names with their indices among those that the caller wants. */
typedef struct declarations {
    const char *what;
    const rs_names *wanted; /* NULL: the declared ones */
    rs_collector found;
    uint32_t *index; /* [found.count] */
    size_t capacity;
} declarations;

/* A name of a state, declared or only mentioned. */
typedef struct mention {
    rs_place place;    /* the first */
    uint32_t position; /* among the declared states, or RS_NO_STATE */
} mention;

/* A declared state. */
typedef struct state {
    uint32_t name, output; /* index of the mention; of the output */
} state;

typedef struct reader {
    rs_xml_stream stream;
    int section; /* the last child of <automaton> that was opened, or OUTSIDE */
    declarations symbols, outputs;
    rs_collector state_names;
    mention *mentions;
    state *states;
    rs_edge *edges;
    size_t mention_capacity, state_count, state_capacity, edge_count, edge_capacity;
    uint32_t start;
    bool support;
} reader;

#define FAIL(r, ...) RS_XML_FAIL(&(r)->stream, __VA_ARGS__)
#define SHOWN RS_XML_SHOWN

/* ---- what elements mean ---- */

static rs_status declare(reader *r, declarations *d, rs_xml_slice name) {
    rs_status status = RS_OK;
    size_t before = d->found.count, wanted = before;
    uint32_t index;
    RS_TRY(rs_check_name(r->stream.name, r->stream.place, d->what, name.text, name.length));
    RS_TRY(rs_collect(&d->found, name.text, name.length, &index));
    if (d->found.count == before) return FAIL(r, "%s \"%.*s\" is declared twice", d->what, SHOWN(name));
    if (d->wanted) wanted = rs_names_find(d->wanted, name.text, name.length);
    if (wanted == SIZE_MAX) return FAIL(r, "%s \"%.*s\" is not one of those wanted", d->what, SHOWN(name));
    RS_TRY(rs_reserve((void **)&d->index, &d->capacity, d->found.count, sizeof *d->index));
    d->index[index] = (uint32_t)wanted;
cleanup:
    return status;
}

static rs_status refer(reader *r, const declarations *d, rs_xml_slice name, uint32_t *index) {
    size_t found = rs_collect_find(&d->found, name.text, name.length);
    if (found == SIZE_MAX) return FAIL(r, "%s \"%.*s\" is not declared", d->what, SHOWN(name));
    *index = d->index[found];
    return RS_OK;
}

/* The index of a state's name, which may be declared later. */
static rs_status mention_state(reader *r, rs_xml_slice name, uint32_t *index) {
    rs_status status = RS_OK;
    size_t before = r->state_names.count;
    RS_TRY(rs_check_name(r->stream.name, r->stream.place, "state", name.text, name.length));
    RS_TRY(rs_reserve((void **)&r->mentions, &r->mention_capacity, before + 1, sizeof *r->mentions));
    RS_TRY(rs_collect(&r->state_names, name.text, name.length, index));
    if (r->state_names.count > before) r->mentions[*index] = (mention){r->stream.place, RS_NO_STATE};
cleanup:
    return status;
}

static rs_status declare_state(reader *r, rs_xml_slice name, rs_xml_slice output) {
    rs_status status = RS_OK;
    state q;
    RS_TRY(mention_state(r, name, &q.name));
    if (r->mentions[q.name].position != RS_NO_STATE) return FAIL(r, "state \"%.*s\" is declared twice", SHOWN(name));
    if (r->state_count >= RS_STATES_LIMIT) return FAIL(r, "more than %zu states", RS_STATES_LIMIT);
    RS_TRY(refer(r, &r->outputs, output, &q.output));
    RS_TRY(rs_reserve((void **)&r->states, &r->state_capacity, r->state_count + 1, sizeof *r->states));
    r->mentions[q.name] = (mention){r->stream.place, (uint32_t)r->state_count};
    r->states[r->state_count++] = q;
cleanup:
    return status;
}

static rs_status read_count(reader *r, rs_xml_slice text, uint64_t *out) {
    uint64_t value = 0;
    size_t i = 0;
    for (; i < text.length && text.text[i] >= '0' && text.text[i] <= '9'; i++) {
        uint64_t digit = (uint64_t)(text.text[i] - '0');
        if (value > (UINT64_MAX - digit) / 10) break;
        value = 10 * value + digit;
    }
    if (!text.length || i < text.length) return FAIL(r, "support is a count, not \"%.*s\"", SHOWN(text));
    *out = value;
    return RS_OK;
}

static rs_status add_transition(reader *r, rs_xml_slice symbol, rs_xml_slice to, rs_xml_slice support) {
    rs_status status = RS_OK;
    rs_edge e = {.from = (uint32_t)r->state_count - 1, .place = r->stream.place};
    RS_TRY(refer(r, &r->symbols, symbol, &e.symbol));
    RS_TRY(mention_state(r, to, &e.to));
    if (support.text) {
        RS_TRY(read_count(r, support, &e.support));
        r->support = true;
    }
    RS_TRY(rs_reserve((void **)&r->edges, &r->edge_capacity, r->edge_count + 1, sizeof *r->edges));
    r->edges[r->edge_count++] = e;
cleanup:
    return status;
}

static rs_status meaning(void *user, int what, const rs_xml_slice *attribute) {
    reader *r = user;
    switch (what) {
    case AUTOMATON:
        return mention_state(r, attribute[0], &r->start);
    case SYMBOL:
        return declare(r, &r->symbols, attribute[0]);
    case OUTPUT:
        return declare(r, &r->outputs, attribute[0]);
    case STATE:
        return declare_state(r, attribute[0], attribute[1]);
    case TRANSITION:
        return add_transition(r, attribute[0], attribute[1], attribute[2]);
    default:
        break;
    }
    /* alphabet, outputs, states */
    int before = what == ALPHABET ? OUTSIDE : what == OUTPUTS ? ALPHABET : OUTPUTS;
    if (r->section != before) return FAIL(r, "<automaton> holds <alphabet>, <outputs> and <states>, in this order");
    r->section = what;
    return RS_OK;
}

/* ---- the machine ---- */

/* Names in the order of declaration; every mentioned state has one. */
static rs_status declared_states(rs_names **out, const reader *r) {
    rs_status status = RS_OK;
    rs_names *mentioned = NULL;
    const char **names = NULL;
    RS_TRY(rs_collect_names(&mentioned, &r->state_names, r->stream.name));
    for (size_t i = 0; i < r->state_names.count; i++) {
        const mention *m = &r->mentions[i];
        if (m->position != RS_NO_STATE) continue;
        status = rs_fail_at(r->stream.name, m->place.line, m->place.column, "state \"%s\" is not declared",
                            rs_names_get(mentioned, i));
        goto cleanup;
    }
    RS_TRY_ALLOC(names = rs_alloc(r->state_count, sizeof *names));
    for (size_t q = 0; q < r->state_count; q++) names[q] = rs_names_get(mentioned, r->states[q].name);
    RS_TRY(rs_names_new(out, r->stream.name, r->state_count, names));
cleanup:
    rs_names_free(mentioned);
    free(names);
    return status;
}

static rs_status names_of(rs_names **out, const reader *r, const declarations *d) {
    return d->wanted ? rs_names_copy(out, d->wanted) : rs_collect_names(out, &d->found, r->stream.name);
}

static rs_status build(rs_automaton **out, reader *r) {
    rs_status status = RS_OK;
    size_t n = r->state_count, cells = r->edge_count;
    rs_names *alphabet = NULL, *outputs = NULL, *states = NULL;
    rs_place *places = NULL;
    uint32_t *edge_of = NULL, *output = NULL, *next = NULL;
    uint64_t *support = NULL;
    RS_TRY(declared_states(&states, r));
    RS_TRY(names_of(&alphabet, r, &r->symbols));
    RS_TRY(names_of(&outputs, r, &r->outputs));
    RS_TRY_ALLOC(places = rs_alloc(n, sizeof *places));
    RS_TRY_ALLOC(output = rs_alloc(n, sizeof *output));
    for (size_t q = 0; q < n; q++) {
        places[q] = r->mentions[r->states[q].name].place;
        output[q] = r->states[q].output;
    }
    RS_TRY(rs_edges_table(&edge_of, r->stream.name, alphabet, states, places, r->edge_count, r->edges));
    RS_TRY_ALLOC(next = rs_alloc(cells, sizeof *next));
    if (r->support) RS_TRY_ALLOC(support = rs_alloc(cells, sizeof *support));
    for (size_t i = 0; i < cells; i++) {
        const rs_edge *e = &r->edges[edge_of[i]];
        next[i] = r->mentions[e->to].position;
        if (support) support[i] = e->support;
    }
    RS_TRY(rs_automaton_new(out, alphabet, outputs, n, r->mentions[r->start].position, output, next, support, states));
cleanup:
    rs_names_free(alphabet);
    rs_names_free(outputs);
    rs_names_free(states);
    free(places);
    free(edge_of);
    free(output);
    free(next);
    free(support);
    return status;
}

rs_status rs_automaton_parse_xml(rs_automaton **out, const char *text, size_t length, const char *name,
                                 const rs_names *alphabet, const rs_names *outputs) {
    rs_status status = RS_OK;
    reader r = {.stream = {.name = name,
                           .space = RS_XML_NAMESPACE,
                           .rules = rules,
                           .rule_count = sizeof rules / sizeof *rules,
                           .open = meaning,
                           .user = &r},
                .symbols = {.what = "symbol", .wanted = alphabet},
                .outputs = {.what = "output", .wanted = outputs}};
    RS_TRY(rs_xml_stream_read(&r.stream, text, length));
    if (r.section != STATES) {
        status = FAIL(&r, "<automaton> without <states>");
        goto cleanup;
    }
    RS_TRY(build(out, &r));
cleanup:
    rs_collector_free(&r.symbols.found);
    rs_collector_free(&r.outputs.found);
    rs_collector_free(&r.state_names);
    free(r.symbols.index);
    free(r.outputs.index);
    free(r.mentions);
    free(r.states);
    free(r.edges);
    return status;
}
