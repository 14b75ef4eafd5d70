/* DOT: a tokenizer and a parser by recursive descent over https://graphviz.org/doc/info/lang.html, without subgraphs,
 * ports, HTML strings, joined strings and chains of edges. Nothing recurses on the input. */
#include "automaton/dot.h"

#include <string.h>
#include <strings.h>

#include "core/alloc.h"
#include "core/status.h"
#include "core/table.h"
#include "core/utf8.h"

typedef enum token_kind { TOKEN_END, TOKEN_ID, TOKEN_ARROW, TOKEN_SIGN } token_kind;

/* A node under its name. */
typedef struct entry {
    uint32_t index;
    UT_hash_handle hh;
} entry;

typedef struct parser {
    rs_dot_graph *graph;
    const char *text;
    size_t length, at;
    rs_place place; /* of `at` */
    /* The current token. */
    token_kind kind;
    char sign;   /* of TOKEN_SIGN */
    bool quoted; /* of TOKEN_ID */
    char *id;    /* of TOKEN_ID; owned */
    rs_place token;
    bool default_accepting;
    entry *table;
} parser;

#define FAIL(p, ...) rs_fail_at((p)->graph->name, (p)->token.line, (p)->token.column, __VA_ARGS__)

/* ---- tokens ---- */

/* The character `ahead` places on; 0 past the end. The text itself holds no 0. */
static char peek(const parser *p, size_t ahead) {
    return ahead < p->length - p->at ? p->text[p->at + ahead] : 0;
}

static void step(parser *p, size_t count) {
    while (count--) {
        if (p->text[p->at++] == '\n') p->place = (rs_place){p->place.line + 1, 1};
        else p->place.column++;
    }
}

static rs_status skip_blank(parser *p) {
    for (;;) {
        char c = peek(p, 0);
        if (c && strchr(" \t\r\n\f\v", c)) step(p, 1);
        else if ((c == '/' && peek(p, 1) == '/') || (c == '#' && p->place.column == 1))
            while (peek(p, 0) && peek(p, 0) != '\n') step(p, 1);
        else if (c == '/' && peek(p, 1) == '*') {
            p->token = p->place;
            step(p, 2);
            while (peek(p, 0) && !(peek(p, 0) == '*' && peek(p, 1) == '/')) step(p, 1);
            if (!peek(p, 0)) return FAIL(p, "a comment without its end");
            step(p, 2);
        } else return RS_OK;
    }
}

static bool bare(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           (c & 0x80);
}

static rs_status quoted_id(parser *p) {
    size_t length = 0, from = p->at + 1;
    step(p, 1);
    while (peek(p, 0) && peek(p, 0) != '"') step(p, peek(p, 0) == '\\' && peek(p, 1) ? 2 : 1);
    if (!peek(p, 0)) return FAIL(p, "a string without its closing quote");
    if (!(p->id = rs_alloc(p->at - from + 1, 1))) return RS_EMEMORY;
    for (size_t i = from; i < p->at; i++) {
        char c = p->text[i];
        if (c == '\\' && p->text[i + 1] == '"') c = p->text[++i];
        else if (c == '\\' && p->text[i + 1] == '\n') {
            i++;
            continue;
        } else if (c == '\\') p->id[length++] = p->text[i++];
        p->id[length++] = p->text[i];
    }
    step(p, 1);
    return RS_OK;
}

/* Reads the next token. */
static rs_status next(parser *p) {
    rs_status status = RS_OK;
    free(p->id);
    p->id = NULL;
    RS_TRY(skip_blank(p));
    p->token = p->place;
    p->quoted = false;
    char c = peek(p, 0);
    if (!c) p->kind = TOKEN_END;
    else if (c == '"') {
        p->kind = TOKEN_ID;
        p->quoted = true;
        RS_TRY(quoted_id(p));
    } else if (c == '-' && peek(p, 1) == '>') {
        p->kind = TOKEN_ARROW;
        step(p, 2);
    } else if (bare(c) || (c == '-' && bare(peek(p, 1)))) {
        size_t from = p->at;
        p->kind = TOKEN_ID;
        do step(p, 1);
        while (bare(peek(p, 0)));
        RS_TRY_ALLOC(p->id = rs_strndup(p->text + from, p->at - from));
    } else if (strchr("{}[];,=", c)) {
        p->kind = TOKEN_SIGN;
        p->sign = c;
        step(p, 1);
    } else if (c == '<') status = FAIL(p, "HTML strings are not read; write the text in quotes");
    else if (c == ':') status = FAIL(p, "ports are not read");
    else if (c == '+') status = FAIL(p, "joined strings are not read; write one");
    else if (c == '-') status = FAIL(p, "an edge of an automaton is directed: ->");
    else status = FAIL(p, "unexpected '%c'", c);
cleanup:
    return status;
}

static bool is_sign(const parser *p, char sign) {
    return p->kind == TOKEN_SIGN && p->sign == sign;
}

/* Keywords are bare, in any case. */
static bool is_word(const parser *p, const char *word) {
    return p->kind == TOKEN_ID && !p->quoted && strcasecmp(p->id, word) == 0;
}

static rs_status expect_sign(parser *p, char sign, const char *after) {
    if (!is_sign(p, sign)) return FAIL(p, "'%c' expected after %s", sign, after);
    return next(p);
}

/* Takes the current token's text away, and reads on. */
static rs_status take_id(parser *p, rs_dot_text *out, const char *what) {
    if (p->kind != TOKEN_ID) return FAIL(p, "%s expected", what);
    *out = (rs_dot_text){p->id, p->token};
    p->id = NULL;
    return next(p);
}

/* ---- grammar ---- */

/* What the attributes of one statement say; others are passed over. */
typedef struct attributes {
    rs_dot_text label, shape, support, kind, alphabet, outputs;
} attributes;

static void attributes_free(attributes *a) {
    free(a->label.text);
    free(a->shape.text);
    free(a->support.text);
    free(a->kind.text);
    free(a->alphabet.text);
    free(a->outputs.text);
}

static void replace(rs_dot_text *to, rs_dot_text *from) {
    if (!from->text) return;
    free(to->text);
    *to = *from;
    *from = (rs_dot_text){0};
}

/* key "=" value, the key being taken already. */
static rs_status attribute(parser *p, attributes *a, const char *key) {
    rs_status status = RS_OK;
    rs_dot_text value = {0};
    RS_TRY(expect_sign(p, '=', "the name of an attribute"));
    RS_TRY(take_id(p, &value, "the value of an attribute"));
    if (strcmp(key, "label") == 0) replace(&a->label, &value);
    else if (strcmp(key, "shape") == 0) replace(&a->shape, &value);
    else if (strcmp(key, "support") == 0) replace(&a->support, &value);
    else if (strcmp(key, "kind") == 0) replace(&a->kind, &value);
    else if (strcmp(key, "alphabet") == 0) replace(&a->alphabet, &value);
    else if (strcmp(key, "outputs") == 0) replace(&a->outputs, &value);
cleanup:
    free(value.text);
    return status;
}

/* Any number of [key=value, ...]. */
static rs_status attribute_lists(parser *p, attributes *a) {
    rs_status status = RS_OK;
    rs_dot_text key = {0};
    while (is_sign(p, '[')) {
        RS_TRY(next(p));
        while (!is_sign(p, ']')) {
            RS_TRY(take_id(p, &key, "the name of an attribute or ']'"));
            RS_TRY(attribute(p, a, key.text));
            free(key.text);
            key = (rs_dot_text){0};
            if (is_sign(p, ',') || is_sign(p, ';')) RS_TRY(next(p));
        }
        RS_TRY(next(p));
    }
cleanup:
    free(key.text);
    return status;
}

/* The node called `id`, made when it is new; takes id->text. */
static rs_status find_node(parser *p, rs_dot_text *id, uint32_t *index) {
    rs_status status = RS_OK;
    rs_dot_graph *g = p->graph;
    entry *found, *new = NULL;
    HASH_FIND(hh, p->table, id->text, strlen(id->text), found);
    if (!found) {
        if (g->node_count >= RS_STATES_LIMIT) {
            status = FAIL(p, "more than %zu states", RS_STATES_LIMIT);
            goto cleanup;
        }
        RS_TRY(rs_reserve((void **)&g->nodes, &g->node_capacity, g->node_count + 1, sizeof *g->nodes));
        rs_dot_node *node = &g->nodes[g->node_count];
        *node = (rs_dot_node){.id = id->text, .place = id->place, .accepting = p->default_accepting};
        id->text = NULL;
        g->node_count++;
        RS_TRY_ALLOC(new = rs_alloc(1, sizeof *new));
        new->index = (uint32_t)g->node_count - 1;
        HASH_ADD_KEYPTR(hh, p->table, node->id, strlen(node->id), new);
        RS_TRY_ALLOC(RS_TABLE_ADDED(new) ? new : NULL);
        found = new;
        new = NULL;
    }
    *index = found->index;
cleanup:
    free(new);
    return status;
}

static bool accepting_shape(const rs_dot_text *shape) {
    return strcmp(shape->text, "doublecircle") == 0;
}

/* node [..] or node -> node [..], the first id being taken already. */
static rs_status node_or_edge(parser *p, rs_dot_text *id) {
    rs_status status = RS_OK;
    rs_dot_graph *g = p->graph;
    rs_place place = id->place;
    rs_dot_text target = {0};
    attributes a = {0};
    uint32_t from, to;
    RS_TRY(find_node(p, id, &from));
    if (p->kind == TOKEN_ARROW) {
        RS_TRY(next(p));
        RS_TRY(take_id(p, &target, "the state that the edge goes to"));
        if (p->kind == TOKEN_ARROW) {
            status = FAIL(p, "chains of edges are not read; write one edge at a time");
            goto cleanup;
        }
        RS_TRY(find_node(p, &target, &to));
        RS_TRY(attribute_lists(p, &a));
        RS_TRY(rs_reserve((void **)&g->edges, &g->edge_capacity, g->edge_count + 1, sizeof *g->edges));
        g->edges[g->edge_count++] =
            (rs_dot_edge){.from = from, .to = to, .place = place, .label = a.label, .support = a.support};
        a.label.text = a.support.text = NULL;
    } else {
        RS_TRY(attribute_lists(p, &a));
        replace(&g->nodes[from].label, &a.label);
        if (a.shape.text) g->nodes[from].accepting = accepting_shape(&a.shape);
    }
cleanup:
    free(target.text);
    attributes_free(&a);
    return status;
}

/* Attributes of the graph, or the default shape of the nodes to come. */
static rs_status defaults(parser *p, attributes *a, bool of_graph, bool of_nodes) {
    rs_status status = RS_OK;
    RS_TRY(attribute_lists(p, a));
    if (of_graph) {
        replace(&p->graph->kind, &a->kind);
        replace(&p->graph->alphabet, &a->alphabet);
        replace(&p->graph->outputs, &a->outputs);
    }
    if (of_nodes && a->shape.text) p->default_accepting = accepting_shape(&a->shape);
cleanup:
    return status;
}

static rs_status statement(parser *p) {
    rs_status status = RS_OK;
    rs_dot_text id = {0};
    attributes a = {0};
    if (is_sign(p, '{') || is_word(p, "subgraph")) {
        status = FAIL(p, "subgraphs are not read");
        goto cleanup;
    }
    bool of_graph = is_word(p, "graph"), of_nodes = is_word(p, "node"), of_edges = is_word(p, "edge");
    RS_TRY(take_id(p, &id, "a state, an edge or '}'"));
    if (of_graph || of_nodes || of_edges) RS_TRY(defaults(p, &a, of_graph, of_nodes));
    else if (is_sign(p, '=')) {
        RS_TRY(attribute(p, &a, id.text));
        RS_TRY(defaults(p, &a, true, false));
    } else RS_TRY(node_or_edge(p, &id));
    if (is_sign(p, ';')) RS_TRY(next(p));
cleanup:
    free(id.text);
    attributes_free(&a);
    return status;
}

static rs_status graph(parser *p) {
    rs_status status = RS_OK;
    rs_dot_text name = {0};
    RS_TRY(next(p));
    if (is_word(p, "strict")) RS_TRY(next(p));
    if (!is_word(p, "digraph")) {
        status = FAIL(p, "\"digraph\" expected");
        goto cleanup;
    }
    RS_TRY(next(p));
    if (p->kind == TOKEN_ID) RS_TRY(take_id(p, &name, "a name"));
    RS_TRY(expect_sign(p, '{', "digraph"));
    while (!is_sign(p, '}')) RS_TRY(statement(p));
    RS_TRY(next(p));
    if (p->kind != TOKEN_END) status = FAIL(p, "text after the graph's end");
cleanup:
    free(name.text);
    return status;
}

/* Bytes that no token can hold are found once, before. */
static rs_status check_bytes(parser *p) {
    p->place = p->token = (rs_place){1, 1};
    while (p->at < p->length) {
        unsigned char c = (unsigned char)p->text[p->at];
        size_t span = rs_utf8_span(p->text + p->at, p->length - p->at);
        p->token = p->place;
        if (!rs_utf8_valid(p->text + p->at, span)) return FAIL(p, "not UTF-8");
        if ((c < 32 && !strchr("\t\r\n\f\v", c)) || c == 0 || c == 127)
            return FAIL(p, "control character 0x%02x", (unsigned)c);
        step(p, span);
    }
    p->at = 0;
    p->place = (rs_place){1, 1};
    return RS_OK;
}

rs_status rs_dot_parse(rs_dot_graph *out, const char *text, size_t length) {
    rs_status status = RS_OK;
    parser p = {.graph = out, .text = text, .length = length};
    entry *e, *following;
    RS_TRY(check_bytes(&p));
    RS_TRY(graph(&p));
cleanup:
    free(p.id);
    HASH_ITER(hh, p.table, e, following) {
        HASH_DEL(p.table, e);
        free(e);
    }
    return status;
}

void rs_dot_free(rs_dot_graph *g) {
    for (size_t i = 0; i < g->node_count; i++) {
        free(g->nodes[i].id);
        free(g->nodes[i].label.text);
    }
    for (size_t i = 0; i < g->edge_count; i++) {
        free(g->edges[i].label.text);
        free(g->edges[i].support.text);
    }
    free(g->nodes);
    free(g->edges);
    free(g->kind.text);
    free(g->alphabet.text);
    free(g->outputs.text);
    *g = (rs_dot_graph){0};
}
