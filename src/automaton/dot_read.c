/* DOT graphs as machines. What a graph is says its attribute `kind`, as rs_automaton_write_dot writes it, or else: with
 * a label "state|output" it is a Moore machine, with an accepting shape or without "in/out" on every edge it is a DFA,
 * and else a Mealy machine. A Mealy machine is read as its Moore machine: a state for each state and output that it is
 * entered with. */
#include <stdlib.h>
#include <string.h>

#include "automaton/collect.h"
#include "automaton/dot.h"
#include "automaton/pairs.h"
#include "core/alloc.h"
#include "core/file.h"
#include "core/status.h"
#include "core/text.h"

#define FILE_LIMIT ((size_t)64 << 20)

typedef enum kind { KIND_DFA, KIND_MOORE, KIND_MEALY } kind;

/* Names in the order of first appearance, or those that are given. */
typedef struct name_list {
    const char *what;      /* "symbol" or "output" */
    const rs_names *given; /* NULL: collect */
    rs_collector found;
} name_list;

typedef struct reader {
    rs_dot_graph graph;
    kind kind;
    name_list symbols, outputs;
    rs_names *declared_symbols, *declared_outputs; /* by attributes of the graph */
    rs_names *alphabet, *output_names, *states;
    uint32_t *state_of; /* [node_count] RS_NO_STATE for start markers */
    uint32_t *node_of;  /* [n] */
    rs_place *places;   /* [n] */
    size_t n, start;
    uint32_t *output; /* [n] */
    rs_edge *edges;   /* [edge_count] */
    size_t edge_count;
    bool support;
    uint32_t *edge_of; /* [n*m] */
} reader;

#define FAIL(r, place, ...) rs_fail_at((r)->graph.name, (place).line, (place).column, __VA_ARGS__)

/* ---- names ---- */

/* The index of a name of `length` bytes that stands at `place`. */
static rs_status find_name(reader *r, name_list *list, const char *name, size_t length, rs_place place,
                           uint32_t *index) {
    rs_status status = RS_OK;
    RS_TRY(rs_check_name(r->graph.name, place, list->what, name, length));
    if (!list->given) return rs_collect(&list->found, name, length, index);
    size_t i = rs_names_find(list->given, name, length);
    if (i == SIZE_MAX)
        return FAIL(r, place, "%s \"%.*s\" is not one of those wanted", list->what, (int)(length < 60 ? length : 60),
                    name);
    *index = (uint32_t)i;
cleanup:
    return status;
}

static rs_status all_names(rs_names **out, const name_list *list, const char *what) {
    return list->given ? rs_names_copy(out, list->given) : rs_collect_names(out, &list->found, what);
}

/* ---- labels ---- */

/* The part of a label up to the first `stop` without a backslash, or all of it; returns where it ends. */
static size_t part(const char *label, char stop) {
    size_t i = 0;
    while (label[i] && label[i] != stop) i += label[i] == '\\' && label[i + 1] ? 2 : 1;
    return i;
}

/* Where the last `stop` without a backslash is, or the end. */
static size_t last_part(const char *label, char stop) {
    size_t i = part(label, stop);
    while (label[i] && label[i + 1 + part(label + i + 1, stop)]) i += 1 + part(label + i + 1, stop);
    return i;
}

/* Resolves backslashes and drops blanks at both ends, in place; \n, \l and \r are line breaks. */
static void unescape(char *text) {
    size_t length = 0;
    for (size_t i = 0; text[i]; i++) {
        char c = text[i];
        if (c == '\\' && text[i + 1]) {
            c = text[++i];
            if (c == 'n' || c == 'l' || c == 'r') c = ' ';
        }
        text[length++] = c;
    }
    while (length && strchr(" \t\r\n", text[length - 1])) length--;
    size_t from = 0;
    while (from < length && strchr(" \t\r\n", text[from])) from++;
    memmove(text, text + from, length - from);
    text[length - from] = 0;
}

/* A name as an id spells it: only a doubled backslash is resolved. */
static void unescape_id(char *id) {
    size_t length = 0;
    for (size_t i = 0; id[i]; i++) {
        if (id[i] == '\\' && id[i + 1] == '\\') i++;
        id[length++] = id[i];
    }
    id[length] = 0;
}

/* ---- what the graph is ---- */

static rs_status find_kind(reader *r) {
    rs_dot_graph *g = &r->graph;
    bool accepting = false, mealy = g->edge_count > 0;
    if (g->kind.text) {
        if (strcmp(g->kind.text, "dfa") == 0) r->kind = KIND_DFA;
        else if (strcmp(g->kind.text, "moore") == 0) r->kind = KIND_MOORE;
        else if (strcmp(g->kind.text, "mealy") == 0) r->kind = KIND_MEALY;
        else return FAIL(r, g->kind.place, "kind is one of dfa, moore, mealy");
        return RS_OK;
    }
    for (size_t i = 0; i < g->node_count; i++) {
        const char *label = g->nodes[i].label.text;
        if (r->state_of[i] == RS_NO_STATE) continue;
        if (label && label[part(label, '|')]) {
            r->kind = KIND_MOORE;
            return RS_OK;
        }
        accepting = accepting || g->nodes[i].accepting;
    }
    for (size_t i = 0; i < g->edge_count; i++) {
        const char *label = g->edges[i].label.text;
        if (r->state_of[g->edges[i].from] != RS_NO_STATE) mealy = mealy && label && label[part(label, '/')];
    }
    r->kind = mealy && !accepting ? KIND_MEALY : KIND_DFA;
    return RS_OK;
}

/* Nodes are states but for the start markers: __start0 and the like. */
static rs_status find_states(reader *r) {
    rs_status status = RS_OK;
    rs_dot_graph *g = &r->graph;
    const char **names = NULL;
    RS_TRY_ALLOC(r->state_of = rs_alloc(g->node_count, sizeof *r->state_of));
    RS_TRY_ALLOC(r->node_of = rs_alloc(g->node_count, sizeof *r->node_of));
    RS_TRY_ALLOC(r->places = rs_alloc(g->node_count, sizeof *r->places));
    RS_TRY_ALLOC(names = rs_alloc(g->node_count, sizeof *names));
    for (size_t i = 0; i < g->node_count; i++) {
        rs_dot_node *node = &g->nodes[i];
        r->state_of[i] = RS_NO_STATE;
        if (strncmp(node->id, "__start", 7) == 0) continue;
        unescape_id(node->id);
        RS_TRY(rs_check_name(g->name, node->place, "state", node->id, strlen(node->id)));
        r->state_of[i] = (uint32_t)r->n;
        r->node_of[r->n] = (uint32_t)i;
        r->places[r->n] = node->place;
        names[r->n++] = node->id;
    }
    if (!r->n) {
        status = rs_fail(RS_EINPUT, "%s: no states", g->name);
        goto cleanup;
    }
    RS_TRY(rs_names_new(&r->states, g->name, r->n, names));
cleanup:
    free(names);
    return status;
}

static rs_status find_start(reader *r) {
    const rs_dot_graph *g = &r->graph;
    bool found = false;
    for (size_t i = 0; i < g->edge_count; i++) {
        const rs_dot_edge *e = &g->edges[i];
        if (r->state_of[e->to] == RS_NO_STATE) return FAIL(r, e->place, "an edge leads to a start marker");
        if (r->state_of[e->from] != RS_NO_STATE) continue;
        if (found) return FAIL(r, e->place, "a second start; an automaton has one");
        found = true;
        r->start = r->state_of[e->to];
    }
    if (!found) return rs_fail(RS_EINPUT, "%s: no start; add __start0 -> state", g->name);
    return RS_OK;
}

static rs_status declare(reader *r, name_list *list, const char *what, const rs_names *given, const rs_dot_text *text,
                         rs_names **declared) {
    rs_status status = RS_OK;
    if (!given && text->text) {
        unescape(text->text);
        RS_TRY(rs_names_parse(declared, r->graph.name, text->text));
    }
    *list = (name_list){.what = what, .given = given ? given : *declared};
cleanup:
    return status;
}

static rs_status find_outputs(reader *r) {
    rs_status status = RS_OK;
    uint32_t index;
    RS_TRY_ALLOC(r->output = rs_alloc(r->n, sizeof *r->output));
    if (r->kind == KIND_DFA && !r->outputs.given) { /* both names, in this order, whether used or not */
        RS_TRY(find_name(r, &r->outputs, "reject", 6, r->places[0], &index));
        RS_TRY(find_name(r, &r->outputs, "accept", 6, r->places[0], &index));
    }
    for (size_t q = 0; q < r->n && r->kind != KIND_MEALY; q++) {
        rs_dot_node *node = &r->graph.nodes[r->node_of[q]];
        if (r->kind == KIND_DFA) {
            const char *name = node->accepting ? "accept" : "reject";
            RS_TRY(find_name(r, &r->outputs, name, 6, node->place, &r->output[q]));
            continue;
        }
        size_t bar = node->label.text ? part(node->label.text, '|') : 0;
        if (!node->label.text || !node->label.text[bar]) {
            status = FAIL(r, node->label.text ? node->label.place : node->place,
                          "state \"%s\" has no output; its label should be \"state|output\"", node->id);
            goto cleanup;
        }
        char *text = node->label.text + bar + 1;
        size_t end = part(text, '}'); /* {state|output} turns a record round */
        if (text[part(text, '|')]) {
            status = FAIL(r, node->label.place, "a label of three parts; it should be \"state|output\"");
            goto cleanup;
        }
        text[end] = 0;
        unescape(text);
        RS_TRY(find_name(r, &r->outputs, text, strlen(text), node->label.place, &r->output[q]));
    }
cleanup:
    return status;
}

/* A count in decimal digits. */
static rs_status read_support(reader *r, const rs_dot_text *text, uint64_t *out) {
    uint64_t value = 0;
    const char *c = text->text;
    for (; *c >= '0' && *c <= '9' && value <= (UINT64_MAX - (uint64_t)(*c - '0')) / 10; c++)
        value = 10 * value + (uint64_t)(*c - '0');
    if (*c || c == text->text) return FAIL(r, text->place, "support is a count, not \"%s\"", text->text);
    r->support = true;
    *out = value;
    return RS_OK;
}

static rs_status find_edges(reader *r) {
    rs_status status = RS_OK;
    RS_TRY_ALLOC(r->edges = rs_alloc(r->graph.edge_count, sizeof *r->edges));
    for (size_t i = 0; i < r->graph.edge_count; i++) {
        rs_dot_edge *e = &r->graph.edges[i];
        if (r->state_of[e->from] == RS_NO_STATE) continue;
        rs_edge edge = {.from = r->state_of[e->from], .to = r->state_of[e->to], .place = e->place};
        if (!e->label.text) {
            status = FAIL(r, e->place, "an edge without a label");
            goto cleanup;
        }
        if (r->kind == KIND_MEALY) {
            size_t slash = last_part(e->label.text, '/');
            if (!e->label.text[slash]) {
                status = FAIL(r, e->label.place, "an edge of a Mealy machine is labelled \"in/out\"");
                goto cleanup;
            }
            char *text = e->label.text + slash + 1;
            e->label.text[slash] = 0;
            unescape(text);
            RS_TRY(find_name(r, &r->outputs, text, strlen(text), e->label.place, &edge.output));
        }
        unescape(e->label.text);
        RS_TRY(find_name(r, &r->symbols, e->label.text, strlen(e->label.text), e->label.place, &edge.symbol));
        if (e->support.text) RS_TRY(read_support(r, &e->support, &edge.support));
        r->edges[r->edge_count++] = edge;
    }
    if (!r->edge_count && !r->symbols.given)
        status = FAIL(r, r->places[0], "state \"%s\" has no edges", rs_names_get(r->states, 0));
cleanup:
    return status;
}

/* ---- machines ---- */

static rs_status moore(rs_automaton **out, const reader *r) {
    rs_status status = RS_OK;
    size_t cells = r->edge_count; /* n*m */
    uint32_t *next = NULL;
    uint64_t *support = NULL;
    RS_TRY_ALLOC(next = rs_alloc(cells, sizeof *next));
    if (r->support) RS_TRY_ALLOC(support = rs_alloc(cells, sizeof *support));
    for (size_t i = 0; i < cells; i++) {
        next[i] = r->edges[r->edge_of[i]].to;
        if (support) support[i] = r->edges[r->edge_of[i]].support;
    }
    RS_TRY(rs_automaton_new(out, r->alphabet, r->output_names, r->n, r->start, r->output, next, support, r->states));
cleanup:
    free(next);
    free(support);
    return status;
}

/* "state/output" of each pair, which tells pairs apart: a label is split at its last slash, so that outputs hold none.
 */
static rs_status pair_names(rs_names **out, const reader *r, const rs_pairs *pairs) {
    rs_status status = RS_OK;
    char **names = NULL;
    RS_TRY_ALLOC(names = rs_alloc(pairs->count, sizeof *names));
    for (size_t i = 0; i < pairs->count; i++) {
        rs_text text = {0};
        rs_text_add(&text, "%s/%s", rs_names_get(r->states, pairs->pair[2 * i]),
                    rs_names_get(r->output_names, pairs->pair[2 * i + 1]));
        RS_TRY(rs_text_take(&names[i], &text));
    }
    RS_TRY(rs_names_new(out, r->graph.name, pairs->count, (const char *const *)names));
cleanup:
    for (size_t i = 0; names && i < pairs->count; i++) free(names[i]);
    free(names);
    return status;
}

/* The Moore machine of the pairs (state, output it is entered with) that non-empty words reach. The start is one of its
 * state's pairs, that with the lowest output; without any it is one more, with output 0, which nobody sees. */
static rs_status mealy(rs_automaton **out, const reader *r) {
    rs_status status = RS_OK;
    size_t m = rs_names_count(r->alphabet), capacity = 0, start = SIZE_MAX;
    rs_pairs pairs = {0};
    rs_names *names = NULL;
    uint32_t *next = NULL, *output = NULL, index;
    for (size_t s = 0; s < m; s++) {
        const rs_edge *e = &r->edges[r->edge_of[r->start * m + s]];
        RS_TRY(rs_pairs_add(&pairs, e->to, e->output, &index));
    }
    for (size_t i = 0;; i++) {
        if (i == pairs.count && start == SIZE_MAX) {
            for (size_t j = 0; j < pairs.count; j++)
                if (pairs.pair[2 * j] == r->start &&
                    (start == SIZE_MAX || pairs.pair[2 * j + 1] < pairs.pair[2 * start + 1]))
                    start = j;
            if (start == SIZE_MAX) {
                RS_TRY(rs_pairs_add(&pairs, (uint32_t)r->start, 0, &index));
                start = index;
            }
        }
        if (i == pairs.count) break;
        RS_TRY(rs_reserve((void **)&next, &capacity, i + 1, m * sizeof *next));
        for (size_t s = 0; s < m; s++) {
            const rs_edge *e = &r->edges[r->edge_of[pairs.pair[2 * i] * m + s]];
            RS_TRY(rs_pairs_add(&pairs, e->to, e->output, &next[i * m + s]));
        }
    }
    RS_TRY_ALLOC(output = rs_alloc(pairs.count, sizeof *output));
    for (size_t i = 0; i < pairs.count; i++) output[i] = pairs.pair[2 * i + 1];
    RS_TRY(pair_names(&names, r, &pairs));
    RS_TRY(rs_automaton_new(out, r->alphabet, r->output_names, pairs.count, start, output, next, NULL, names));
cleanup:
    rs_pairs_free(&pairs);
    rs_names_free(names);
    free(next);
    free(output);
    return status;
}

rs_status rs_automaton_parse_dot(rs_automaton **out, const char *text, size_t length, const char *name,
                                 const rs_names *alphabet, const rs_names *outputs) {
    rs_status status = RS_OK;
    reader r = {.graph.name = name};
    RS_TRY(rs_dot_parse(&r.graph, text, length));
    RS_TRY(find_states(&r));
    RS_TRY(find_start(&r));
    RS_TRY(find_kind(&r));
    RS_TRY(declare(&r, &r.symbols, "symbol", alphabet, &r.graph.alphabet, &r.declared_symbols));
    RS_TRY(declare(&r, &r.outputs, "output", outputs, &r.graph.outputs, &r.declared_outputs));
    RS_TRY(find_outputs(&r));
    RS_TRY(find_edges(&r));
    RS_TRY(all_names(&r.alphabet, &r.symbols, name));
    RS_TRY(all_names(&r.output_names, &r.outputs, name));
    RS_TRY(rs_edges_table(&r.edge_of, name, r.alphabet, r.states, r.places, r.edge_count, r.edges));
    RS_TRY(r.kind == KIND_MEALY ? mealy(out, &r) : moore(out, &r));
cleanup:
    rs_dot_free(&r.graph);
    rs_collector_free(&r.symbols.found);
    rs_collector_free(&r.outputs.found);
    rs_names_free(r.declared_symbols);
    rs_names_free(r.declared_outputs);
    rs_names_free(r.alphabet);
    rs_names_free(r.output_names);
    rs_names_free(r.states);
    free(r.state_of);
    free(r.node_of);
    free(r.places);
    free(r.output);
    free(r.edges);
    free(r.edge_of);
    return status;
}

rs_status rs_automaton_read_dot(rs_automaton **out, const char *path, const rs_names *alphabet,
                                const rs_names *outputs) {
    char *text = NULL;
    size_t length = 0;
    rs_status status = rs_file_read(&text, &length, path, FILE_LIMIT);
    if (status == RS_OK) status = rs_automaton_parse_dot(out, text, length, path, alphabet, outputs);
    free(text);
    return status;
}
