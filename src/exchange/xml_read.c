/* Our XML, read as a stream of elements by libxml2, so that no tree grows with hostile input. A document type
 * declaration ends the reading before any entity of it is seen; nothing is fetched; text and foreign elements are
 * refused. */
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <stdlib.h>
#include <string.h>

#include "automaton/collect.h"
#include "automaton/moore.h"
#include "core/alloc.h"
#include "core/status.h"
#include "exchange/xml.h"

#define LENGTH_LIMIT ((size_t)64 << 20)
#define XSI_NAMESPACE "http://www.w3.org/2001/XMLSchema-instance"

typedef enum element { OUTSIDE, AUTOMATON, ALPHABET, SYMBOL, OUTPUTS, OUTPUT, STATES, STATE, TRANSITION } element;

/* What may stand where. Children of <automaton> come in this order, each once. */
static const struct rule {
    const char *name;
    element parent, element;
    const char *attribute[3]; /* without a namespace */
    size_t required;          /* the first of them */
} rules[] = {
    {"automaton", OUTSIDE, AUTOMATON, {"start"}, 1}, {"alphabet", AUTOMATON, ALPHABET, {NULL}, 0},
    {"symbol", ALPHABET, SYMBOL, {"name"}, 1},       {"outputs", AUTOMATON, OUTPUTS, {NULL}, 0},
    {"output", OUTPUTS, OUTPUT, {"name"}, 1},        {"states", AUTOMATON, STATES, {NULL}, 0},
    {"state", STATES, STATE, {"name", "output"}, 2}, {"transition", STATE, TRANSITION, {"symbol", "to", "support"}, 2},
};

/* A borrowed piece of the document. */
typedef struct slice {
    const char *text;
    size_t length;
} slice;

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
    xmlParserCtxtPtr xml;
    const char *name;
    rs_status status; /* the first failure, which ended the reading */
    rs_place place;   /* of the current element */
    element path[5];  /* open elements, OUTSIDE first */
    size_t depth;
    element section; /* the last child of <automaton> that was opened, or OUTSIDE */
    declarations symbols, outputs;
    rs_collector state_names;
    mention *mentions;
    state *states;
    rs_edge *edges;
    size_t mention_capacity, state_count, state_capacity, edge_count, edge_capacity;
    uint32_t start;
    bool support;
    char *plain[3]; /* attribute values with & resolved */
    size_t plain_capacity[3];
} reader;

#define FAIL(r, ...) rs_fail_at((r)->name, (r)->place.line, (r)->place.column, __VA_ARGS__)
#define SHOWN(s) (int)((s).length < 60 ? (s).length : 60), (s).text

/* ---- what elements mean ---- */

static rs_status declare(reader *r, declarations *d, slice name) {
    rs_status status = RS_OK;
    size_t before = d->found.count, wanted = before;
    uint32_t index;
    RS_TRY(rs_check_name(r->name, r->place, d->what, name.text, name.length));
    RS_TRY(rs_collect(&d->found, name.text, name.length, &index));
    if (d->found.count == before) return FAIL(r, "%s \"%.*s\" is declared twice", d->what, SHOWN(name));
    if (d->wanted) wanted = rs_names_find(d->wanted, name.text, name.length);
    if (wanted == SIZE_MAX) return FAIL(r, "%s \"%.*s\" is not one of those wanted", d->what, SHOWN(name));
    RS_TRY(rs_reserve((void **)&d->index, &d->capacity, d->found.count, sizeof *d->index));
    d->index[index] = (uint32_t)wanted;
cleanup:
    return status;
}

static rs_status refer(reader *r, const declarations *d, slice name, uint32_t *index) {
    size_t found = rs_collect_find(&d->found, name.text, name.length);
    if (found == SIZE_MAX) return FAIL(r, "%s \"%.*s\" is not declared", d->what, SHOWN(name));
    *index = d->index[found];
    return RS_OK;
}

/* The index of a state's name, which may be declared later. */
static rs_status mention_state(reader *r, slice name, uint32_t *index) {
    rs_status status = RS_OK;
    size_t before = r->state_names.count;
    RS_TRY(rs_check_name(r->name, r->place, "state", name.text, name.length));
    RS_TRY(rs_reserve((void **)&r->mentions, &r->mention_capacity, before + 1, sizeof *r->mentions));
    RS_TRY(rs_collect(&r->state_names, name.text, name.length, index));
    if (r->state_names.count > before) r->mentions[*index] = (mention){r->place, RS_NO_STATE};
cleanup:
    return status;
}

static rs_status declare_state(reader *r, slice name, slice output) {
    rs_status status = RS_OK;
    state q;
    RS_TRY(mention_state(r, name, &q.name));
    if (r->mentions[q.name].position != RS_NO_STATE) return FAIL(r, "state \"%.*s\" is declared twice", SHOWN(name));
    if (r->state_count >= RS_STATES_LIMIT) return FAIL(r, "more than %zu states", RS_STATES_LIMIT);
    RS_TRY(refer(r, &r->outputs, output, &q.output));
    RS_TRY(rs_reserve((void **)&r->states, &r->state_capacity, r->state_count + 1, sizeof *r->states));
    r->mentions[q.name] = (mention){r->place, (uint32_t)r->state_count};
    r->states[r->state_count++] = q;
cleanup:
    return status;
}

static rs_status read_count(reader *r, slice text, uint64_t *out) {
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

static rs_status add_transition(reader *r, slice symbol, slice to, slice support) {
    rs_status status = RS_OK;
    rs_edge e = {.from = (uint32_t)r->state_count - 1, .place = r->place};
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

static rs_status meaning(reader *r, element what, const slice *attribute) {
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
    element before = what == ALPHABET ? OUTSIDE : what == OUTPUTS ? ALPHABET : OUTPUTS;
    if (r->section != before) return FAIL(r, "<automaton> holds <alphabet>, <outputs> and <states>, in this order");
    r->section = what;
    return RS_OK;
}

/* ---- the stream ---- */

static void stop(reader *r, rs_status status) {
    if (status == RS_OK || r->status != RS_OK) return;
    r->status = status;
    xmlStopParser(r->xml);
}

/* Where the tag begins that the parser has just read: no '<' is inside a tag. A tag on one line counts back, in
 * characters, from the parser's column, because lines may be as long as the file; one on several looks for its line's
 * beginning, and each is passed once. */
static rs_place tag_place(const reader *r) {
    const xmlParserInput *in = r->xml->input;
    const xmlChar *at = in->cur;
    size_t lines = 0, width = 0, column = 1, end = in->col > 0 ? (size_t)in->col : 1;
    while (at > in->base && *at != '<') {
        lines += *--at == '\n';
        width += (*at & 0xc0) != 0x80;
    }
    if (!lines) column = end > width ? end - width : 1;
    for (; lines && at > in->base && at[-1] != '\n'; at--) column += (at[-1] & 0xc0) != 0x80;
    return (rs_place){(size_t)in->line - lines, column};
}

/* libxml2 gives & as &#38;, for those who would replace entities later; so every & begins one. */
static rs_status resolve(reader *r, size_t k, slice *value) {
    rs_status status = RS_OK;
    static const char reference[] = "&#38;";
    size_t length = 0, skip = strlen(reference);
    if (!memchr(value->text, '&', value->length)) return RS_OK;
    RS_TRY(rs_reserve((void **)&r->plain[k], &r->plain_capacity[k], value->length, 1));
    for (size_t i = 0; i < value->length; i++) {
        char c = r->plain[k][length++] = value->text[i];
        if (c == '&' && value->length - i >= skip && memcmp(value->text + i, reference, skip) == 0) i += skip - 1;
    }
    *value = (slice){r->plain[k], length};
cleanup:
    return status;
}

static rs_status open_element(reader *r, const char *name, const char *uri, size_t count, const xmlChar **attributes) {
    const struct rule *rule = NULL;
    slice value[3] = {{NULL, 0}};
    if (!uri || strcmp(uri, RS_XML_NAMESPACE) != 0)
        return FAIL(r, "<%.60s> is not in the namespace \"" RS_XML_NAMESPACE "\"", name);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].parent == r->path[r->depth] && strcmp(rules[i].name, name) == 0) rule = &rules[i];
    if (!rule) return FAIL(r, "<%.60s> is out of place", name);
    for (size_t i = 0; i < count; i++) { /* five pointers each: name, prefix, URI, value, its end */
        const char *key = (const char *)attributes[5 * i], *space = (const char *)attributes[5 * i + 2];
        size_t k = 0;
        if (space && strcmp(space, XSI_NAMESPACE) == 0) continue; /* where the schema is */
        while (k < 3 && (space || !rule->attribute[k] || strcmp(rule->attribute[k], key) != 0)) k++;
        if (k == 3) return FAIL(r, "<%s> has no attribute \"%.60s\"", name, key);
        value[k].text = (const char *)attributes[5 * i + 3];
        value[k].length = (size_t)(attributes[5 * i + 4] - attributes[5 * i + 3]);
        rs_status status = resolve(r, k, &value[k]);
        if (status != RS_OK) return status;
    }
    for (size_t k = 0; k < rule->required; k++)
        if (!value[k].text) return FAIL(r, "<%s> needs the attribute \"%s\"", name, rule->attribute[k]);
    r->path[++r->depth] = rule->element;
    return meaning(r, rule->element, value);
}

static void on_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces,
                     const xmlChar **declared, int count, int defaulted, const xmlChar **attributes) {
    reader *r = user;
    (void)prefix;
    (void)namespaces;
    (void)declared;
    (void)defaulted;
    if (r->status != RS_OK) return;
    r->place = tag_place(r);
    stop(r, open_element(r, (const char *)name, (const char *)uri, (size_t)count, attributes));
}

static void on_end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri) {
    reader *r = user;
    (void)name;
    (void)prefix;
    (void)uri;
    if (r->status == RS_OK) r->depth--;
}

static void on_text(void *user, const xmlChar *text, int length) {
    reader *r = user;
    if (r->status != RS_OK) return;
    for (int i = 0; i < length; i++) {
        if (strchr(" \t\r\n", text[i])) continue;
        r->place.line = (size_t)r->xml->input->line;
        r->place.column = (size_t)r->xml->input->col;
        stop(r, FAIL(r, "text between elements; everything is in attributes"));
        return;
    }
}

static void on_document_type(void *user, const xmlChar *name, const xmlChar *public, const xmlChar *system) {
    reader *r = user;
    (void)name;
    (void)public;
    (void)system;
    if (r->status != RS_OK) return;
    r->place = tag_place(r);
    stop(r, FAIL(r, "a document type declaration is not read; remove it"));
}

static void on_error(void *user, xmlErrorPtr error) {
    reader *r = user;
    if (r->status != RS_OK || error->level < XML_ERR_ERROR) return;
    if (error->code == XML_ERR_NO_MEMORY) {
        stop(r, rs_fail(RS_EMEMORY, "out of memory while reading XML"));
        return;
    }
    const char *text = error->message ? error->message : "not well-formed";
    r->place = (rs_place){error->line > 0 ? (size_t)error->line : 1, error->int2 > 0 ? (size_t)error->int2 : 1};
    stop(r, FAIL(r, "%.*s", (int)strcspn(text, "\n"), text));
}

static rs_status parse(reader *r, const char *text, size_t length) {
    if (length > LENGTH_LIMIT) return rs_fail(RS_EINPUT, "%s: more than %zu bytes of XML", r->name, LENGTH_LIMIT);
    r->place = (rs_place){1, 1};
    if (!length) return FAIL(r, "an empty file");
    xmlInitParser();
    if (!(r->xml = xmlCreateMemoryParserCtxt(text, (int)length))) return rs_fail(RS_EMEMORY, "out of memory for XML");
    *r->xml->sax = (xmlSAXHandler){.initialized = XML_SAX2_MAGIC,
                                   .startElementNs = on_start,
                                   .endElementNs = on_end,
                                   .characters = on_text,
                                   .internalSubset = on_document_type,
                                   .serror = on_error};
    r->xml->userData = r;
    xmlCtxtUseOptions(r->xml, XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES);
    int bad = xmlParseDocument(r->xml);
    if (r->status == RS_OK && (bad || !r->xml->wellFormed)) r->status = FAIL(r, "not well-formed XML");
    if (r->status == RS_OK && r->section != STATES) r->status = FAIL(r, "<automaton> without <states>");
    xmlFreeDoc(r->xml->myDoc);
    xmlFreeParserCtxt(r->xml);
    r->xml = NULL;
    return r->status;
}

/* ---- the machine ---- */

/* Names in the order of declaration; every mentioned state has one. */
static rs_status declared_states(rs_names **out, const reader *r) {
    rs_status status = RS_OK;
    rs_names *mentioned = NULL;
    const char **names = NULL;
    RS_TRY(rs_collect_names(&mentioned, &r->state_names, r->name));
    for (size_t i = 0; i < r->state_names.count; i++) {
        const mention *m = &r->mentions[i];
        if (m->position != RS_NO_STATE) continue;
        status = rs_fail_at(r->name, m->place.line, m->place.column, "state \"%s\" is not declared",
                            rs_names_get(mentioned, i));
        goto cleanup;
    }
    RS_TRY_ALLOC(names = rs_alloc(r->state_count, sizeof *names));
    for (size_t q = 0; q < r->state_count; q++) names[q] = rs_names_get(mentioned, r->states[q].name);
    RS_TRY(rs_names_new(out, r->name, r->state_count, names));
cleanup:
    rs_names_free(mentioned);
    free(names);
    return status;
}

static rs_status names_of(rs_names **out, const reader *r, const declarations *d) {
    return d->wanted ? rs_names_copy(out, d->wanted) : rs_collect_names(out, &d->found, r->name);
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
    RS_TRY(rs_edges_table(&edge_of, r->name, alphabet, states, places, r->edge_count, r->edges));
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
    reader r = {.name = name,
                .symbols = {.what = "symbol", .wanted = alphabet},
                .outputs = {.what = "output", .wanted = outputs}};
    RS_TRY(parse(&r, text, length));
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
    for (size_t k = 0; k < 3; k++) free(r.plain[k]);
    return status;
}
